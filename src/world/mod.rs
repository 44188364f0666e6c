//! The only door to files, environment variables and clocks.
//!
//! Everything above takes a [`World`]; [`OsWorld`] is the machine, [`MemoryWorld`] a fixed one for tests with faults
//! on order. Nowhere else do `std::fs`, `std::env` or a clock appear (clippy's `disallowed-methods` says so).

mod looking;
mod memory;
mod os;

pub use looking::{LookingWorld, Sight};
pub use memory::MemoryWorld;
pub use os::OsWorld;

use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Tells the time of day, for those who take nothing that is signed at another time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How the name of a file begins that is yet to be renamed to its own.
const TEMPORARY: &str = ".fft-";

/// Whether a file is one that a write which was killed left behind: `.fft-` and six letters or digits.
pub fn is_left_behind(path: &Path) -> bool {
    let rest = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_prefix(TEMPORARY));
    rest.is_some_and(|rest| rest.len() == 6 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// A time as records have it: RFC 3339, UTC, to the millisecond.
pub fn instant(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// A regular file found by [`World::walk`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEntry {
    pub path: PathBuf,
    /// Size in bytes.
    pub size: u64,
}

/// Whatever stands below a folder, found by [`World::entries`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub path: PathBuf,
    pub kind: EntryKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file, or a link to one, of so many bytes.
    File(u64),
    /// A folder; what is in it has entries of its own.
    Folder,
    /// A link that leads nowhere or back to itself.
    Dangling,
    /// A named pipe, a socket, a device: what it is, in words.
    Special(&'static str),
    /// A folder that can't be looked into: why.
    Unreadable(String),
}

/// What tells one state of a file from another without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Size in bytes.
    pub size: u64,
    /// When the content last changed, as the file system has it. Whoever writes a file may set it back.
    pub modified: Timestamp,
    /// When anything of the file last changed, which nobody can set, where the file system has that.
    pub touched: Option<Timestamp>,
    /// The number of the file itself, where the file system has one: another file in its place has another.
    pub number: Option<u64>,
    /// It is a file with a content: no folder, pipe or device.
    pub regular: bool,
}

/// The clock of [`World::elapsed`], for where the world itself can't go.
pub type Stopwatch = Arc<dyn Fn() -> Duration + Send + Sync>;

/// Writes what a file is to hold.
pub type Fill<'a> = dyn FnMut(&mut dyn io::Write) -> io::Result<()> + 'a;

/// An exclusive lock, released when dropped.
pub trait Lock: Send {}

/// A file that is read from any place.
pub trait Seekable: io::Read + io::Seek + Send {}

impl<File: io::Read + io::Seek + Send> Seekable for File {}

/// Files, environment and clocks.
pub trait World: Send + Sync {
    /// The bytes of a regular file. Anything else is refused unopened: opening a pipe waits for its other end.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// The file from its beginning, a part at a time: for files that may be larger than memory.
    fn open(&self, path: &Path) -> io::Result<Box<dyn io::Read>> {
        Ok(Box::new(io::Cursor::new(self.read(path)?)))
    }

    /// The file, to be read from any place: for formats whose directory stands at their end.
    fn seekable(&self, path: &Path) -> io::Result<Box<dyn Seekable>> {
        Ok(Box::new(io::Cursor::new(self.read(path)?)))
    }

    /// Replaces the file as a whole or not at all: temporary file, fsync, rename. Makes the folders it needs.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;

    /// Like [`World::write`], of what `fill` writes piece by piece: for files larger than what they are made from.
    fn write_with(&self, path: &Path, fill: &mut Fill<'_>) -> io::Result<()> {
        let mut bytes = Vec::new();
        fill(&mut bytes)?;
        self.write(path, &bytes)
    }

    /// Like [`World::write`] but without fsync: for content that is checked when it is read.
    fn store(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;

    /// Adds to the end of the file in one write, without fsync. Makes the file and the folders it needs.
    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;

    /// Removes a file or a folder with all that is in it; a missing one is no error.
    fn remove(&self, path: &Path) -> io::Result<()>;

    fn exists(&self, path: &Path) -> bool;

    /// The path as it is meant where this process was started, wherever it has gone since; `..` is left in it.
    #[expect(clippy::disallowed_methods, reason = "for a world that stands nowhere itself")]
    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        std::path::absolute(path)
    }

    /// Makes `folder` the one that relative paths count from in everything that this process calls: a database's own
    /// readers of files know no other. A world that isn't the machine has no such place.
    fn enter(&self, _folder: &Path) -> io::Result<()> {
        Ok(())
    }

    /// Size and time of change of what `path` leads to, symbolic links followed.
    fn stamp(&self, path: &Path) -> io::Result<Stamp>;

    /// `path` as an absolute one without `.`, `..` and symbolic links, as far as it exists: every way to one place gives
    /// the same.
    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        Ok(without_dots(path))
    }

    /// All that stands below `dir`, sorted by path, folders that begin with a dot left out; a missing `dir` has nothing.
    fn entries(&self, dir: &Path) -> io::Result<Vec<Entry>>;

    /// The names of what stands in `dir` itself, sorted; a missing `dir` has nothing.
    fn names(&self, dir: &Path) -> io::Result<Vec<String>> {
        let below = self.entries(dir)?.into_iter();
        let first = |path: PathBuf| Some(path.strip_prefix(dir).ok()?.iter().next()?.to_string_lossy().into_owned());
        let names: BTreeSet<String> = below.filter_map(|entry| first(entry.path)).collect();
        Ok(names.into_iter().collect())
    }

    /// The regular files among [`World::entries`].
    fn walk(&self, dir: &Path) -> io::Result<Vec<FileEntry>> {
        let file = |entry: Entry| match entry.kind {
            EntryKind::File(size) => Some(Ok(FileEntry { path: entry.path, size })),
            EntryKind::Unreadable(why) => Some(Err(io::Error::new(io::ErrorKind::PermissionDenied, why))),
            EntryKind::Folder | EntryKind::Dangling | EntryKind::Special(_) => None,
        };
        self.entries(dir)?.into_iter().filter_map(file).collect()
    }

    /// The process environment; names and values that aren't Unicode are left out.
    fn env(&self) -> BTreeMap<String, String>;

    /// The variables that [`World::env`] leaves out since their values aren't Unicode.
    fn unreadable_env(&self) -> BTreeSet<String> {
        BTreeSet::new()
    }

    /// The time of day, for records; never for decisions.
    fn now(&self) -> Timestamp;

    /// The time of day by itself. It goes on while the machine sleeps, and is set right by whoever sets clocks.
    fn clock(&self) -> Clock {
        let (begun, running) = (self.now(), self.stopwatch());
        let before = running();
        Arc::new(move || begun + running().saturating_sub(before))
    }

    /// Time since this world began; never runs backwards.
    fn elapsed(&self) -> Duration;

    /// The same clock by itself.
    fn stopwatch(&self) -> Stopwatch;

    /// Takes the lock at `path`, `None` when another process holds it.
    fn try_lock(&self, path: &Path) -> io::Result<Option<Box<dyn Lock>>>;
}

/// An absolute path without `.` and `..`.
pub fn without_dots(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => drop(out.pop()),
            other => out.push(other),
        }
    }
    out
}
