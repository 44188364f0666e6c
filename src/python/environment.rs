//! The Python environment that a project's requirements ask for: made once, in the user's cache folder.
//!
//! An environment can't be moved, so it is made where it stays, under a lock; a marker written last says that it is
//! whole. What an interrupted run left is removed and made anew.

use super::error::{ErrorKind, PythonError};
use super::interpreter::{Interpreter, Managed, Origin, on_path};
use crate::project::Project;
use crate::world::{Lock, World};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

/// Makes the interpreter's environment where it is managed and not there yet; else does nothing. `progress` gets the
/// lines of the tools that make it.
pub fn ensure(
    world: &dyn World,
    project: &Project,
    interpreter: &Interpreter,
    progress: &mut dyn FnMut(&str),
) -> Result<(), PythonError> {
    let Origin::Managed(managed) = &interpreter.origin else { return Ok(()) };
    let marker = managed.folder.join("complete");
    if world.exists(&marker) {
        return Ok(());
    }
    let _lock = lock(world, managed, progress)?;
    // Somebody else may have made it meanwhile.
    if world.exists(&marker) {
        return Ok(());
    }
    world.remove(&managed.folder).map_err(|error| cannot(managed, &error.to_string()))?;
    let requirements = project.root.join(&managed.requirements);
    let text = world.read(&requirements).map_err(|error| cannot(managed, &error.to_string()))?;
    for name in unpinned(&String::from_utf8_lossy(&text)) {
        progress(&format!("warning: {}: `{name}` is not pinned with `==`", managed.requirements));
    }
    for mut command in commands(world, managed, &requirements) {
        run(managed, &mut command, progress)?;
    }
    world.write(&marker, b"").map_err(|error| cannot(managed, &error.to_string()))
}

fn lock(world: &dyn World, managed: &Managed, progress: &mut dyn FnMut(&str)) -> Result<Box<dyn Lock>, PythonError> {
    let path = managed.folder.with_extension("lock");
    let mut told = false;
    loop {
        match world.try_lock(&path) {
            Ok(Some(lock)) => return Ok(lock),
            Ok(None) if told => {}
            Ok(None) => progress("waiting for another fft that makes the same Python environment"),
            Err(error) => return Err(cannot(managed, &error.to_string())),
        }
        told = true;
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// With uv where it is installed, else with Python's own tools.
fn commands(world: &dyn World, managed: &Managed, requirements: &Path) -> Vec<Command> {
    let python = managed.folder.join("bin/python");
    let command = |program: &Path, first: &[&str]| {
        let mut command = Command::new(program);
        command.args(first);
        command
    };
    let mut commands = match on_path(world, "uv") {
        Some(uv) => {
            let mut venv = command(&uv, &["venv", "--python"]);
            venv.arg(&managed.base);
            let mut install = command(&uv, &["pip", "install", "--python"]);
            install.arg(&python).arg("-r");
            [venv, install]
        }
        None => {
            let venv = command(&managed.base, &["-m", "venv"]);
            let install = command(&python, &["-m", "pip", "install", "--disable-pip-version-check", "-r"]);
            [venv, install]
        }
    };
    commands[0].arg(&managed.folder);
    commands[1].arg(requirements);
    commands.into()
}

fn run(managed: &Managed, command: &mut Command, progress: &mut dyn FnMut(&str)) -> Result<(), PythonError> {
    let told = |error: std::io::Error| cannot(managed, &error.to_string());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(told)?;
    let (sender, lines) = channel();
    let output = child.stdout.take().map(|stream| Box::new(stream) as Box<dyn Read + Send>);
    let errors = child.stderr.take().map(|stream| Box::new(stream) as Box<dyn Read + Send>);
    for stream in output.into_iter().chain(errors) {
        let sender = sender.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
    }
    drop(sender);
    let mut last = VecDeque::new();
    for line in lines {
        progress(&line);
        last.push_back(line);
        if last.len() > 20 {
            last.pop_front();
        }
    }
    if child.wait().map_err(told)?.success() {
        return Ok(());
    }
    let failure = last.iter().rev().find(|line| line.to_lowercase().contains("error")).or(last.back());
    Err(cannot(managed, failure.map_or("the tool said nothing", String::as_str)))
}

fn cannot(managed: &Managed, why: &str) -> PythonError {
    let message = format!("the Python environment of {} can't be made: {}", managed.requirements, why.trim());
    PythonError::new(ErrorKind::Interpreter, message).hint(format!(
        "check {}; what was made so far is in {}",
        managed.requirements,
        managed.folder.display()
    ))
}

/// Requirements that leave the version open.
fn unpinned(text: &str) -> Vec<&str> {
    let lines = text.lines().map(|line| line.split(" #").next().unwrap_or(line).trim());
    let named = lines.filter(|line| line.starts_with(|first: char| first.is_ascii_alphanumeric()));
    named.filter(|line| !line.contains("==") && !line.contains('@')).collect()
}

#[cfg(test)]
mod tests {
    use super::unpinned;

    #[test]
    fn open_versions_are_told() {
        let text =
            "# head\npandas==2.2.3 \\\n    --hash=sha256:00\nnumpy>=1 # why\n\npkg @ file:///x.whl\n-r other.txt\n";
        assert_eq!(unpinned(text), ["numpy>=1"]);
    }
}
