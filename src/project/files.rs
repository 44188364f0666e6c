//! The project's files as text.
//!
//! Takes a [`World`] and a root, gives text and lists of files; what can't be read is a problem, and reading goes on.

use crate::diagnostic::{Diagnostic, Location};
use crate::world::{FileEntry, World};
use std::io::ErrorKind;
use std::path::Path;

/// The files below one root, and the problems found so far.
pub(super) struct Files<'a> {
    pub world: &'a dyn World,
    pub root: &'a Path,
    pub problems: Vec<Diagnostic>,
}

impl<'a> Files<'a> {
    pub fn new(world: &'a dyn World, root: &'a Path) -> Files<'a> {
        Files { world, root, problems: Vec::new() }
    }

    /// The text of a file by its project-relative path, without a byte-order mark. `None` where there is no such file,
    /// or where it can't be read, which is then among the problems.
    pub fn text(&mut self, path: &str) -> Option<String> {
        match self.world.read(&self.root.join(path)) {
            Ok(bytes) => self.decode(path, bytes),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => {
                let problem = Diagnostic::new("unreadable", format!("{path} can't be read: {error}"));
                self.problems.push(problem.at(Location::file(path)));
                None
            }
        }
    }

    fn decode(&mut self, path: &str, bytes: Vec<u8>) -> Option<String> {
        match String::from_utf8(bytes) {
            Ok(text) => Some(text.strip_prefix('\u{feff}').map(String::from).unwrap_or(text)),
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                let line = error.as_bytes()[..valid].iter().filter(|byte| **byte == b'\n').count() + 1;
                let problem = Diagnostic::new("not-utf-8", format!("{path} is not UTF-8 text"));
                let problem = problem.at(Location::new(path, line, 0));
                self.problems.push(problem.hint("save the file in the encoding UTF-8"));
                None
            }
        }
    }

    /// All files below a project-relative (or absolute) folder, sorted by path.
    pub fn walk(&mut self, dir: &str) -> Vec<FileEntry> {
        self.world.walk(&self.root.join(dir)).unwrap_or_else(|error| {
            let problem = Diagnostic::new("unreadable", format!("the folder {dir} can't be read: {error}"));
            self.problems.push(problem.at(Location::file(dir)));
            Vec::new()
        })
    }

    /// A path as it is shown: project-relative with `/` where it is inside the project.
    pub fn shown(&self, path: &Path) -> String {
        relative(self.root, path).unwrap_or_else(|| path.to_string_lossy().into_owned())
    }
}

/// `path` relative to `base`, with `/` between its parts.
pub(super) fn relative(base: &Path, path: &Path) -> Option<String> {
    let parts = path.strip_prefix(base).ok()?.components();
    Some(parts.map(|part| part.as_os_str().to_string_lossy().into_owned()).collect::<Vec<_>>().join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::MemoryWorld;

    #[test]
    fn what_is_no_text_is_a_problem_with_its_line() {
        let world = MemoryWorld::new().file("/p/a.sql", b"one\ntwo \xff\n").file("/p/b.sql", "\u{feff}x");
        let mut files = Files::new(&world, Path::new("/p"));
        assert_eq!(files.text("a.sql"), None);
        assert_eq!(files.text("none.sql"), None);
        assert_eq!(files.text("b.sql").as_deref(), Some("x"));
        let shown: Vec<_> = files.problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            ["error[not-utf-8]: a.sql is not UTF-8 text\n  --> a.sql:2\n  hint: save the file in the encoding UTF-8"]
        );
    }
}
