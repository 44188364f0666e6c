//! The project's files as text.
//!
//! Takes a [`World`] and a root, gives text and lists of files; what can't be read is a problem, and reading goes on.
//! Files that editors and systems leave behind are none of the project's.

use crate::diagnostic::{Diagnostic, Location};
use crate::world::{EntryKind, World};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The files below one root, and the problems found so far.
pub(super) struct Files<'a> {
    pub world: &'a dyn World,
    pub root: &'a Path,
    pub problems: Vec<Diagnostic>,
    /// Folders whose files are shown in another place than the one where they are: as paths begin, and the folder.
    mounts: Vec<(String, PathBuf)>,
    /// Folders that were listed, so that what is odd in one is told once.
    listed: BTreeMap<PathBuf, Arc<[Listed]>>,
}

/// A file of a folder.
pub(super) struct Listed {
    pub path: PathBuf,
    /// Size in bytes.
    pub size: u64,
    /// The path as it is shown.
    pub shown: String,
}

impl<'a> Files<'a> {
    pub fn new(world: &'a dyn World, root: &'a Path) -> Files<'a> {
        Files { world, root, problems: Vec::new(), mounts: Vec::new(), listed: BTreeMap::new() }
    }

    /// From now on, paths that begin with `dir` are of files in `folder`.
    pub fn mount(&mut self, dir: &str, folder: &Path) {
        self.mounts.retain(|(known, _)| known != dir);
        self.mounts.push((dir.into(), folder.into()));
    }

    /// Where a file is, by its path as it is shown.
    pub fn place(&self, path: &str) -> PathBuf {
        let of = |(dir, folder): &(String, PathBuf)| {
            let rest = path.strip_prefix(dir.as_str())?;
            let rest = rest.strip_prefix('/').or_else(|| rest.is_empty().then_some(rest))?;
            Some((dir.len(), if rest.is_empty() { folder.clone() } else { folder.join(rest) }))
        };
        let found = self.mounts.iter().filter_map(of).max_by_key(|(length, _)| *length);
        found.map_or_else(|| self.root.join(path), |(_, place)| place)
    }

    /// The text of a file by its project-relative path, without a byte-order mark. `None` where there is no such file,
    /// or where it can't be read, which is then among the problems.
    pub fn text(&mut self, path: &str) -> Option<String> {
        let read = self.world.read(&self.place(path));
        self.taken(path, read)
    }

    /// The same of several files, which are read side by side.
    pub fn texts(&mut self, paths: &[&str]) -> Vec<Option<String>> {
        let world = self.world;
        let places: Vec<PathBuf> = paths.iter().map(|path| self.place(path)).collect();
        let read: Vec<_> = places.par_iter().map(|place| world.read(place)).collect();
        paths.iter().zip(read).map(|(path, read)| self.taken(path, read)).collect()
    }

    fn taken(&mut self, path: &str, read: io::Result<Vec<u8>>) -> Option<String> {
        match read {
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

    /// All files below a project-relative (or absolute) folder, sorted by path. What is there and can't be read as a file
    /// is told.
    pub fn walk(&mut self, dir: &str) -> Arc<[Listed]> {
        let folder = self.place(dir);
        if let Some(files) = self.listed.get(&folder) {
            return files.clone();
        }
        let entries = self.world.entries(&folder).unwrap_or_else(|error| {
            let problem = Diagnostic::new("unreadable", format!("the folder {dir} can't be read: {error}"));
            self.problems.push(problem.at(Location::file(dir)));
            Vec::new()
        });
        let mut files = Vec::new();
        for entry in entries.into_iter().filter(|entry| !is_litter(&entry.path)) {
            let shown = self.shown(&entry.path);
            let odd = match entry.kind {
                EntryKind::File(size) => {
                    files.push(Listed { path: entry.path, size, shown });
                    continue;
                }
                EntryKind::Folder if !is_named_like_a_file(&entry.path) => continue,
                EntryKind::Folder => {
                    let problem = Diagnostic::warning("no-file", format!("{shown} is a folder and no file"));
                    problem.hint("name the folder without the ending")
                }
                EntryKind::Dangling => {
                    let problem = Diagnostic::new("no-file", format!("{shown} is a link that leads to no file"));
                    problem.hint("remove it, or put back what it leads to")
                }
                EntryKind::Special(what) => {
                    Diagnostic::new("no-file", format!("{shown} is {what} and no file")).hint("remove it")
                }
                EntryKind::Unreadable(why) => {
                    Diagnostic::new("unreadable", format!("the folder {shown} can't be read: {why}"))
                }
            };
            self.problems.push(odd.at(Location::file(shown)));
        }
        let files: Arc<[Listed]> = files.into();
        self.listed.insert(folder, files.clone());
        files
    }

    /// A path as it is shown: project-relative with `/` where it is inside the project.
    pub fn shown(&self, path: &Path) -> String {
        let of = |(dir, folder): &(String, PathBuf)| {
            let below = relative(folder, path).filter(|below| !below.is_empty())?;
            Some((folder.as_os_str().len(), format!("{dir}/{below}")))
        };
        let found = self.mounts.iter().filter_map(of).max_by_key(|(length, _)| *length);
        found
            .map(|(_, shown)| shown)
            .or_else(|| relative(self.root, path))
            .unwrap_or_else(|| path.to_string_lossy().into_owned())
    }
}

/// Endings of files that projects are made of.
const ENDINGS: [&str; 7] = ["sql", "py", "yml", "yaml", "csv", "tsv", "parquet"];

fn is_named_like_a_file(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

/// Whether a name is one that editors, version control and operating systems give to files of their own.
pub(super) fn is_litter(path: &Path) -> bool {
    const NAMES: [&str; 4] = ["thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r"];
    const ENDINGS: [&str; 8] = [".swp", ".swo", ".swx", ".bak", ".orig", ".rej", ".tmp", ".pyc"];
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    name.starts_with('.')
        || name.starts_with("~$")
        || name.ends_with('~')
        || (name.len() > 1 && name.starts_with('#') && name.ends_with('#'))
        || NAMES.contains(&name.as_str())
        || ENDINGS.iter().any(|ending| name.ends_with(ending))
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
    fn what_editors_and_systems_leave_behind_is_known() {
        for name in [
            ".#m.ff.sql",
            "._m.ff.sql",
            "#m.ff.sql#",
            "m.ff.sql~",
            ".m.ff.sql.swp",
            "Thumbs.db",
            "~$s.csv",
            "m.sql.orig",
        ] {
            assert!(is_litter(&Path::new("models").join(name)), "{name}");
        }
        for name in ["m.ff.sql", "#.csv", "a#b.csv", "s.csv", "tmp.ff.sql", "#1 places.csv"] {
            assert!(!is_litter(&Path::new("models/.hidden").join(name)), "{name}");
        }
    }

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
