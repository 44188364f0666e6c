//! The requirements file and the files that it includes: all of them are what an environment is made from.
//!
//! Takes the project's folder and the file's path in it, gives a [`Requirements`] whose content is hashed and keyed.

use super::error::{ErrorKind, PythonError};
use crate::digest::Digest;
use crate::world::World;
use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};

/// What a project asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirements {
    /// The file's text, line ends as `\n`; behind it, a line for each included file with its digest.
    pub content: String,
    /// What is asked for that may change under the same words, and is what it was when the environment was made: code in a
    /// folder, something behind an address.
    pub unwatched: Vec<String>,
    /// Folders whose code is run as it is now: editable packages of this machine.
    pub live: Vec<String>,
}

/// Endings of packages that are files.
const PACKAGES: [&str; 4] = [".whl", ".tar.gz", ".zip", ".tgz"];

/// Reads `path`, relative to `root`, and what it includes, whatever the depth.
pub fn read(world: &dyn World, root: &Path, path: &str) -> Result<Requirements, PythonError> {
    let main = world.read(&root.join(path)).map_err(|error| {
        let message = format!("`python.requirements` of project.yml: {path} can't be read: {error}");
        PythonError::new(ErrorKind::Interpreter, message).hint("name a pinned requirements file of the project")
    })?;
    let text = String::from_utf8_lossy(&main).replace("\r\n", "\n");
    let (included, unwatched, live) = Default::default();
    let mut reader = Reader { world, root, included, unwatched, live };
    reader.lines(path, &text)?;
    let included = reader.included.iter().map(|(path, digest)| format!("\n\0{path} sha256:{digest}"));
    let content = text.clone() + &included.collect::<String>();
    Ok(Requirements { content, unwatched: reader.unwatched, live: reader.live })
}

struct Reader<'a> {
    world: &'a dyn World,
    root: &'a Path,
    /// Files beside the first, by their paths.
    included: BTreeMap<String, Digest>,
    unwatched: Vec<String>,
    live: Vec<String>,
}

impl Reader<'_> {
    fn lines(&mut self, path: &str, text: &str) -> Result<(), PythonError> {
        let text = text.replace("\\\n", " ");
        for line in text.lines() {
            let line = line.split(" #").next().unwrap_or(line).trim();
            if let Some(other) = option(line, &["-r", "--requirement", "-c", "--constraint"]) {
                self.include(path, other)?;
            } else if let Some(code) = option(line, &["-e", "--editable"]) {
                let list = if code.contains("://") { &mut self.unwatched } else { &mut self.live };
                list.push(code.to_string());
            } else if !line.starts_with(['#', '-']) {
                self.package(path, line)?;
            }
        }
        Ok(())
    }

    fn include(&mut self, from: &str, path: &str) -> Result<(), PythonError> {
        if path.contains("://") || path.contains("${") {
            self.unwatched.push(path.to_string());
            return Ok(());
        }
        let beside = Path::new(from).parent().unwrap_or(Path::new("")).join(path);
        let name = plain(&beside).to_string_lossy().into_owned();
        if self.included.contains_key(&name) {
            return Ok(());
        }
        let bytes = self.world.read(&self.root.join(&name)).map_err(|error| unreadable(from, path, &error))?;
        self.included.insert(name.clone(), Digest::of(&bytes));
        self.lines(&name, &String::from_utf8_lossy(&bytes).replace("\r\n", "\n"))
    }

    /// A package that stands in a file or a folder, or behind an address.
    fn package(&mut self, from: &str, line: &str) -> Result<(), PythonError> {
        let given = line.split_once(" @ ").map_or(line, |(_, place)| place);
        let place = given.split([' ', ';', '#']).next().unwrap_or_default();
        let local = place.strip_prefix("file://").or_else(|| place.strip_prefix("file:"));
        if local.is_none() && place.contains("://") {
            // Pinned by what it holds.
            if !line.contains("sha256") {
                self.unwatched.push(place.to_string());
            }
            return Ok(());
        }
        let path = local.unwrap_or(place);
        if local.is_none() && !path.starts_with(['.', '/']) && !PACKAGES.iter().any(|end| path.ends_with(end)) {
            return Ok(());
        }
        match self.world.read(&self.root.join(path)) {
            Ok(bytes) => drop(self.included.insert(path.to_string(), Digest::of(&bytes))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(unreadable(from, path, &error)),
            // A folder with code.
            Err(_) => self.unwatched.push(path.to_string()),
        }
        Ok(())
    }
}

fn unreadable(from: &str, path: &str, error: &io::Error) -> PythonError {
    let message = format!("{from} names {path}, which can't be read: {error}");
    PythonError::new(ErrorKind::Interpreter, message).hint("paths of packages count from the project's folder")
}

/// What stands behind one of the options: `-r other.txt`, `-rother.txt`, `--requirement=other.txt`.
fn option<'a>(line: &'a str, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| {
        let rest = line.strip_prefix(name)?;
        let long = name.starts_with("--");
        let value = rest.strip_prefix(['=', ' ']).or_else(|| Some(rest).filter(|_| !long))?.trim();
        (!value.is_empty()).then_some(value)
    })
}

/// `path` without `.` and, where that can be told, `..`.
fn plain(path: &Path) -> PathBuf {
    let mut found = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(found.components().next_back(), Some(Component::Normal(_))) => {
                found.pop();
            }
            other => found.push(other),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::MemoryWorld;

    fn world() -> MemoryWorld {
        MemoryWorld::new()
            .file("/p/requirements.txt", "pandas==2\n-r more/base.txt # why\n--constraint=pins.txt\n")
            .file("/p/more/base.txt", "-r./deep.txt\r\n-r ../pins.txt\n")
            .file("/p/more/deep.txt", "numpy==1\n-r base.txt\n")
            .file("/p/pins.txt", "numpy==1\n./lib.whl\n")
            .file("/p/lib.whl", "zip")
    }

    fn content(world: &MemoryWorld) -> String {
        read(world, Path::new("/p"), "requirements.txt").expect("read").content
    }

    #[test]
    fn what_is_included_counts_at_any_depth() {
        let first = content(&world());
        assert_eq!(content(&world()), first);
        //: | `python_env` | `requirements` | the requirements file, one that it includes, or the interpreter's minor version changes | Python |
        for (path, text) in [
            ("/p/requirements.txt", "pandas==3\n-r more/base.txt\n-c pins.txt\n"),
            ("/p/more/base.txt", "-r deep.txt\n-r ../pins.txt\nx==1\n"),
            ("/p/more/deep.txt", "numpy==2\n"),
            ("/p/pins.txt", "numpy==2\n./lib.whl\n"),
            ("/p/lib.whl", "other"),
        ] {
            assert_ne!(content(&world().file(path, text)), first, "{path}");
        }
        let one = MemoryWorld::new().file("/p/requirements.txt", "pandas==2\r\n");
        assert_eq!(content(&one), "pandas==2\n");
    }

    #[test]
    fn what_cannot_be_watched_is_named_and_what_is_missing_told() {
        let text = "-e ./code\n--editable=git+https://a/g.git\nx @ https://a/x.whl\ny @ https://a/y.whl#sha256=00\n-r https://a/r.txt\nz==1; python_version > '3'\n";
        let world = MemoryWorld::new().file("/p/r.txt", text);
        let found = read(&world, Path::new("/p"), "r.txt").expect("read");
        assert_eq!(found.live, ["./code"]);
        assert_eq!(found.unwatched, ["git+https://a/g.git", "https://a/x.whl", "https://a/r.txt"]);
        let missing = MemoryWorld::new().file("/p/r.txt", "-r gone.txt\n");
        let error = read(&missing, Path::new("/p"), "r.txt").expect_err("none").to_string();
        assert!(error.contains("r.txt names gone.txt, which can't be read"), "{error}");
    }
}
