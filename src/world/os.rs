//! The machine fft runs on.

#![expect(clippy::disallowed_methods, reason = "the one door to the operating system")]

use super::{Clock, Entry, EntryKind, Fill, Lock, Seekable, Stamp, Stopwatch, World};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Real files, the process environment and the system's clocks.
pub struct OsWorld {
    started: Instant,
    /// Where the process was started: what paths of the command line count from. None where that folder is gone.
    place: Option<PathBuf>,
}

impl OsWorld {
    pub fn new() -> OsWorld {
        OsWorld { started: Instant::now(), place: std::env::current_dir().ok() }
    }
}

impl Default for OsWorld {
    fn default() -> OsWorld {
        OsWorld::new()
    }
}

/// Held as long as the file stays open; the operating system lets go of it when the process ends, however it ends.
struct FileLock(#[expect(dead_code, reason = "kept open for its lock")] File);

impl Lock for FileLock {}

impl World for OsWorld {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        regular(path)?;
        fs::read(path)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn io::Read>> {
        regular(path)?;
        Ok(Box::new(File::open(path)?))
    }

    fn seekable(&self, path: &Path) -> io::Result<Box<dyn Seekable>> {
        regular(path)?;
        Ok(Box::new(File::open(path)?))
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        replace(path, &mut |file| file.write_all(bytes), true)
    }

    fn write_with(&self, path: &Path, fill: &mut Fill<'_>) -> io::Result<()> {
        replace(path, fill, true)
    }

    fn store(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        replace(path, &mut |file| file.write_all(bytes), false)
    }

    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if let Some(dir) = path.parent() {
            fs::create_dir_all(dir)?;
        }
        OpenOptions::new().create(true).append(true).open(path)?.write_all(bytes)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let result = match fs::symlink_metadata(path) {
            Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
            Ok(_) => fs::remove_file(path),
            Err(error) => Err(error),
        };
        match result {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        match &self.place {
            Some(place) => std::path::absolute(place.join(path)),
            None => std::path::absolute(path),
        }
    }

    fn enter(&self, folder: &Path) -> io::Result<()> {
        std::env::set_current_dir(folder)
    }

    fn stamp(&self, path: &Path) -> io::Result<Stamp> {
        let metadata = fs::metadata(path)?;
        let modified = Timestamp::try_from(metadata.modified()?).map_err(io::Error::other)?;
        let (touched, number) = identity(&metadata);
        Ok(Stamp { size: metadata.len(), modified, touched, number, regular: metadata.is_file() })
    }

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        let mut out = PathBuf::new();
        for component in self.absolute(path)?.components() {
            match component {
                Component::CurDir => {}
                // Behind a link, `..` leads to where the link leads, not to where it stands.
                Component::ParentDir => drop(out.pop()),
                other => {
                    out.push(other);
                    if fs::symlink_metadata(&out).is_ok_and(|found| found.is_symlink()) {
                        out = fs::canonicalize(&out).unwrap_or(out);
                    }
                }
            }
        }
        Ok(out)
    }

    fn entries(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        if !dir.exists() {
            return Ok(Vec::new());
        }
        let visible = |entry: &walkdir::DirEntry| {
            entry.depth() == 0 || !entry.file_type().is_dir() || !entry.file_name().to_string_lossy().starts_with('.')
        };
        let mut found = Vec::new();
        for entry in walkdir::WalkDir::new(dir).follow_links(true).into_iter().filter_entry(visible) {
            match entry {
                Ok(entry) if entry.depth() == 0 && entry.file_type().is_dir() => {}
                Ok(entry) => {
                    let kind = kind(entry.file_type(), || Ok(entry.metadata()?.len()))?;
                    found.push(Entry { path: entry.into_path(), kind });
                }
                Err(error) => found.extend(unreadable(error)?),
            }
        }
        found.sort_by(|left, right| left.path.cmp(&right.path));
        Ok(found)
    }

    fn names(&self, dir: &Path) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let names: io::Result<BTreeSet<String>> =
            entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect();
        Ok(names?.into_iter().collect())
    }

    fn env(&self) -> BTreeMap<String, String> {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    fn unreadable_env(&self) -> BTreeSet<String> {
        let unreadable = std::env::vars_os().filter(|(_, value)| value.to_str().is_none());
        unreadable.filter_map(|(name, _)| name.into_string().ok()).collect()
    }

    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn clock(&self) -> Clock {
        Arc::new(Timestamp::now)
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn stopwatch(&self) -> Stopwatch {
        let started = self.started;
        Arc::new(move || started.elapsed())
    }

    fn try_lock(&self, path: &Path) -> io::Result<Option<Box<dyn Lock>>> {
        if let Some(dir) = path.parent() {
            fs::create_dir_all(dir)?;
        }
        let file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path)?;
        match file.try_lock() {
            // What was locked may have been removed by the one who held it: then the lock is another file by now.
            Ok(()) if !is_at(&file, path) => Ok(None),
            Ok(()) => {
                file.set_len(0)?;
                writeln!(&file, "{} {}", std::process::id(), self.now().strftime("%Y-%m-%dT%H:%M:%SZ"))?;
                Ok(Some(Box::new(FileLock(file))))
            }
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// Whether `path` leads to this file and no other.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let same = |own: fs::Metadata, there: fs::Metadata| (own.dev(), own.ino()) == (there.dev(), there.ino());
    file.metadata().and_then(|own| Ok(same(own, fs::metadata(path)?))).unwrap_or(false)
}

#[cfg(not(unix))]
fn is_at(_file: &File, path: &Path) -> bool {
    path.exists()
}

/// Refuses what is no regular file, without opening it.
fn regular(path: &Path) -> io::Result<()> {
    let found = fs::metadata(path)?.file_type();
    let refused = |kind, what: &str| Err(io::Error::new(kind, format!("it is {what} and no file")));
    match () {
        () if found.is_file() => Ok(()),
        () if found.is_dir() => refused(io::ErrorKind::IsADirectory, "a folder"),
        () => refused(io::ErrorKind::InvalidInput, special(found)),
    }
}

fn kind(found: fs::FileType, size: impl FnOnce() -> io::Result<u64>) -> io::Result<EntryKind> {
    Ok(match () {
        () if found.is_file() => EntryKind::File(size()?),
        () if found.is_dir() => EntryKind::Folder,
        () => EntryKind::Special(special(found)),
    })
}

#[cfg(unix)]
fn special(found: fs::FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    match () {
        () if found.is_fifo() => "a named pipe",
        () if found.is_socket() => "a socket",
        () => "a device",
    }
}

#[cfg(not(unix))]
fn special(_found: fs::FileType) -> &'static str {
    "a device"
}

/// What stands where the walk met an error. The error's own words would hold an absolute path.
fn unreadable(error: walkdir::Error) -> io::Result<Option<Entry>> {
    let words = |error: &walkdir::Error| match error.io_error() {
        Some(inner) => io::Error::new(inner.kind(), inner.to_string()),
        None => io::Error::other("a link leads back to a folder above it"),
    };
    let Some(path) = error.path().filter(|_| error.depth() > 0) else { return Err(words(&error)) };
    let kind = match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => EntryKind::Dangling,
        Ok(_) => EntryKind::Unreadable(words(&error).to_string()),
        // Gone since it was listed.
        Err(_) => return Ok(None),
    };
    Ok(Some(Entry { path: path.to_path_buf(), kind }))
}

/// Writes a temporary file and renames it to `path`.
fn replace(path: &Path, fill: &mut Fill<'_>, sync: bool) -> io::Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    let make = || tempfile::Builder::new().prefix(super::TEMPORARY).permissions(permissions()).tempfile_in(dir);
    let mut file = match make() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(dir)?;
            make()?
        }
        made => made?,
    };
    fill(&mut file)?;
    if sync {
        file.as_file().sync_all()?;
    }
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// When anything of a file last changed, and its number.
#[cfg(unix)]
fn identity(metadata: &fs::Metadata) -> (Option<Timestamp>, Option<u64>) {
    use std::os::unix::fs::MetadataExt;
    let nanoseconds = i32::try_from(metadata.ctime_nsec()).ok();
    let touched = nanoseconds.and_then(|nanoseconds| Timestamp::new(metadata.ctime(), nanoseconds).ok());
    (touched, Some(metadata.ino()))
}

#[cfg(not(unix))]
fn identity(_: &fs::Metadata) -> (Option<Timestamp>, Option<u64>) {
    (None, None)
}

/// What a new file may be: as the user's umask has it, not the owner-only mode of temporary files.
#[cfg(unix)]
fn permissions() -> fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o666)
}

#[cfg(not(unix))]
fn permissions() -> fs::Permissions {
    tempfile::tempfile().and_then(|file| file.metadata()).expect("a temporary file").permissions()
}
