//! The state of files: what each holds, by its digest.

use super::Index;
use crate::digest::Digest;
use crate::world::{Stamp, World};
use jiff::Timestamp;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

/// Files that a state lists one by one; of more, their number and a digest of the list.
const LISTED: usize = 1_000;
/// How often a file is read again that changes meanwhile.
const ATTEMPTS: usize = 3;

/// A file as it was when it was looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct FileState {
    /// Where it is: from the project's folder, where it lies in it; `~/…` where it was declared so.
    pub name: String,
    pub path: PathBuf,
    pub stamp: Stamp,
    pub digest: Digest,
}

/// The folders that names of files count from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Base<'a> {
    pub root: &'a Path,
    /// The user's own folder, where the files are declared to be in it: another machine has it elsewhere.
    pub home: Option<&'a Path>,
}

/// The state of each of `files`, or why one's can't be told.
pub(super) fn states(
    world: &dyn World,
    base: Base<'_>,
    files: &[String],
    index: &mut Index,
) -> Result<Vec<FileState>, String> {
    let known = &*index;
    let look = |file: &String| -> Result<(FileState, Option<Timestamp>), String> {
        let path = PathBuf::from(file);
        let name = shown(&path, base);
        let failed = |error: io::Error| format!("{name} can't be read: {error}");
        let stamp = world.stamp(&path).map_err(failed)?;
        if !stamp.regular {
            return Err(format!("{name} is no regular file"));
        }
        if let Some(digest) = known.digest(&name, &stamp) {
            return Ok((FileState { name, path, stamp, digest }, None));
        }
        let read_at = world.now();
        let (stamp, digest) = read(world, &path).map_err(failed)?;
        Ok((FileState { name, path, stamp, digest }, Some(read_at)))
    };
    let mut found: Vec<_> = files.par_iter().map(look).collect::<Result<_, _>>()?;
    for (state, read_at) in &found {
        if let Some(read_at) = read_at {
            index.note(&state.name, &state.stamp, state.digest, *read_at);
        }
    }
    found.sort_by(|(left, _), (right, _)| left.name.cmp(&right.name));
    Ok(found.into_iter().map(|(state, _)| state).collect())
}

/// A file's digest with the stamp that it had before, while and after it was read.
fn read(world: &dyn World, path: &Path) -> io::Result<(Stamp, Digest)> {
    let mut stamp = world.stamp(path)?;
    for _ in 0..ATTEMPTS {
        let digest = Digest::read(world.open(path)?)?;
        let after = world.stamp(path)?;
        if stamp == after {
            return Ok((stamp, digest));
        }
        stamp = after;
    }
    Err(io::Error::other("it changes while it is read"))
}

/// The path from the project's folder, or from the user's, where it lies in one.
fn shown(path: &Path, base: Base<'_>) -> String {
    let of_home = |home: &Path| Some(Path::new("~").join(path.strip_prefix(home).ok()?));
    let path = match path.strip_prefix(base.root) {
        Ok(path) => path.to_path_buf(),
        Err(_) => base.home.and_then(of_home).unwrap_or_else(|| path.to_path_buf()),
    };
    path.to_string_lossy().replace(['\n', '\r'], "\u{fffd}")
}

/// A line a file: digest, size, name. It is what is hashed.
pub(super) fn listed(files: &[FileState]) -> String {
    let line = |file: &FileState| format!("{} {} {}\n", file.digest, file.stamp.size, file.name);
    let list: String = files.iter().map(line).collect();
    if files.len() <= LISTED {
        return list;
    }
    let bytes: u64 = files.iter().map(|file| file.stamp.size).sum();
    format!("{} files, {bytes} bytes, {}", files.len(), Digest::of(list.as_bytes()))
}

/// The first of the files that isn't what it was: gone, new, or of another content.
pub(super) fn changed(
    world: &dyn World,
    base: Base<'_>,
    before: &[FileState],
    now: &BTreeSet<String>,
) -> Option<String> {
    let new = now.iter().find(|path| !before.iter().any(|file| file.path == Path::new(path)));
    if let Some(path) = new {
        return Some(shown(Path::new(path), base));
    }
    let same = |file: &&FileState| {
        let there = now.iter().any(|path| Path::new(path) == file.path);
        let untouched = |stamp: Stamp| {
            stamp == file.stamp || read(world, &file.path).is_ok_and(|(_, digest)| digest == file.digest)
        };
        there && world.stamp(&file.path).is_ok_and(untouched)
    };
    before.iter().find(|file| !same(file)).map(|file| file.name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::MemoryWorld;

    fn base() -> Base<'static> {
        Base { root: Path::new("/p"), home: None }
    }

    fn look(world: &MemoryWorld, files: &[&str]) -> Result<Vec<FileState>, String> {
        let files: Vec<String> = files.iter().map(|file| file.to_string()).collect();
        states(world, base(), &files, &mut Index::default())
    }

    #[test]
    fn the_state_is_each_files_name_size_and_digest() {
        let world = MemoryWorld::new().file("/p/raw/b.csv", "id\n1\n").file("/lake/a.csv", "");
        let found = look(&world, &["/p/raw/b.csv", "/lake/a.csv"]).unwrap();
        let (empty, one) = (Digest::of(b""), Digest::of(b"id\n1\n"));
        assert_eq!(listed(&found), format!("{empty} 0 /lake/a.csv\n{one} 5 raw/b.csv\n"));
        let error = look(&world, &["/p/raw/b.csv", "/p/raw/c.csv"]).unwrap_err();
        assert_eq!(error, "raw/c.csv can't be read: no such file");
    }

    #[test]
    fn names_count_from_the_project_or_from_the_users_folder() {
        let world = MemoryWorld::new().file("/home/u/p/a", "1").file("/home/u/raw/b", "2").file("/home/user/c", "3");
        let files = ["/home/u/p/a", "/home/u/raw/b", "/home/user/c"].map(String::from);
        let names = |home: Option<&str>| -> Vec<String> {
            let base = Base { root: Path::new("/home/u/p"), home: home.map(Path::new) };
            let found = states(&world, base, &files, &mut Index::default()).unwrap();
            found.into_iter().map(|file| file.name).collect()
        };
        assert_eq!(names(Some("/home/u")), ["/home/user/c", "a", "~/raw/b"]);
        assert_eq!(names(None), ["/home/u/raw/b", "/home/user/c", "a"]);
    }

    #[test]
    fn many_files_are_a_number_and_a_digest() {
        let mut world = MemoryWorld::new();
        let names: Vec<String> = (0..=LISTED).map(|number| format!("/p/{number:04}")).collect();
        for name in &names {
            world = world.file(name, "x");
        }
        let files: Vec<&str> = names.iter().map(String::as_str).collect();
        let found = look(&world, &files).unwrap();
        let text = listed(&found);
        assert!(text.starts_with("1001 files, 1001 bytes, ") && !text.contains('\n'), "{text}");
        world.put("/p/0500", "y");
        assert_ne!(listed(&look(&world, &files).unwrap()), text);
    }

    #[test]
    fn what_changed_since_is_named() {
        let world = MemoryWorld::new().file("/p/a", "1").file("/p/b", "2");
        let before = look(&world, &["/p/a", "/p/b"]).unwrap();
        let changed = |now: &[&str]| {
            let now = now.iter().map(|path| path.to_string()).collect();
            changed(&world, base(), &before, &now)
        };
        assert_eq!(changed(&["/p/a", "/p/b"]), None);
        assert_eq!(changed(&["/p/a", "/p/b", "/p/c"]).as_deref(), Some("c"));
        assert_eq!(changed(&["/p/a"]).as_deref(), Some("b"));
        world.put("/p/b", "22");
        assert_eq!(changed(&["/p/a", "/p/b"]).as_deref(), Some("b"));
    }
}
