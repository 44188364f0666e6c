//! The Python environment that a project's requirements ask for: made once, in the user's cache folder.
//!
//! An environment can't be moved, so each attempt is made where it stays, in a folder of its own, under a lock; a marker
//! written last names the attempt that is whole. What an interrupted run left is removed; a tool that it left running
//! goes on in its own folder and disturbs nobody.

use super::error::{ErrorKind, PythonError};
use super::interpreter::{Interpreter, MARKER, Managed, Origin, made, on_path};
use super::requirements;
use crate::project::Project;
use crate::world::{Lock, World};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

/// The interpreter, its environment made where it is managed and not there yet. `progress` gets the lines of the tools
/// that make it.
pub fn ensure(
    world: &dyn World,
    project: &Project,
    interpreter: &Interpreter,
    progress: &mut dyn FnMut(&str),
) -> Result<Interpreter, PythonError> {
    let Origin::Managed(managed) = &interpreter.origin else { return Ok(interpreter.clone()) };
    let found = || made(world, &managed.folder).map(|path| Interpreter { path, origin: interpreter.origin.clone() });
    if let Some(ready) = found() {
        return Ok(ready);
    }
    let _lock = lock(world, managed, progress)?;
    // Somebody else may have made it meanwhile.
    if let Some(ready) = found() {
        return Ok(ready);
    }
    let read = || requirements::read(world, &project.root, &managed.requirements);
    let asked = read()?;
    for name in unpinned(&asked.content) {
        progress(&format!("warning: {}: `{name}` is not pinned with `==`", managed.requirements));
    }
    let attempt = attempt(world, &managed.folder);
    for mut command in commands(world, managed, &managed.folder.join(&attempt), &project.root) {
        run(managed, command.current_dir(&project.root), progress)?;
    }
    if read()? != asked {
        return Err(cannot(managed, "it changed meanwhile"));
    }
    let marked = world.write(&managed.folder.join(MARKER), attempt.as_bytes());
    marked.map_err(|error| cannot(managed, &error.to_string()))?;
    found().ok_or_else(|| cannot(managed, "there is no bin/python in what was made"))
}

/// The name of a folder that is free; what earlier attempts left is removed where that is possible.
fn attempt(world: &dyn World, folder: &Path) -> String {
    let mut number = 1_u32;
    loop {
        let name = number.to_string();
        let _ = world.remove(&folder.join(&name));
        if !world.exists(&folder.join(&name)) {
            return name;
        }
        number += 1;
    }
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
#[expect(clippy::disallowed_methods, reason = "Python's own tools make an environment")]
fn commands(world: &dyn World, managed: &Managed, folder: &Path, root: &Path) -> Vec<Command> {
    let python = folder.join("bin/python");
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
    commands[0].arg(folder);
    commands[1].arg(root.join(&managed.requirements));
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
