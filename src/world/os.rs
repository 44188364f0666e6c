//! The machine fft runs on.

#![expect(clippy::disallowed_methods, reason = "the one door to the operating system")]

use super::{FileEntry, Lock, Stamp, Stopwatch, World};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
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
        fs::read(path)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn io::Read>> {
        Ok(Box::new(File::open(path)?))
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        replace(path, bytes, true)
    }

    fn store(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        replace(path, bytes, false)
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

    fn walk(&self, dir: &Path) -> io::Result<Vec<FileEntry>> {
        if !dir.exists() {
            return Ok(Vec::new());
        }
        let visible = |entry: &walkdir::DirEntry| {
            entry.depth() == 0 || !entry.file_type().is_dir() || !entry.file_name().to_string_lossy().starts_with('.')
        };
        let mut files = Vec::new();
        for entry in walkdir::WalkDir::new(dir).follow_links(true).sort_by_file_name().into_iter().filter_entry(visible)
        {
            let entry = match entry {
                // A link that leads nowhere or back to itself is no file.
                Err(error) if leads_nowhere(&error) => continue,
                entry => entry?,
            };
            if entry.file_type().is_file() {
                let size = entry.metadata()?.len();
                files.push(FileEntry { path: entry.into_path(), size });
            }
        }
        files.sort_by(|left, right| left.path.cmp(&right.path));
        Ok(files)
    }

    fn env(&self) -> BTreeMap<String, String> {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    fn now(&self) -> Timestamp {
        Timestamp::now()
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

/// Whether an error is that of a symbolic link to nothing or to itself.
fn leads_nowhere(error: &walkdir::Error) -> bool {
    let link = error.path().is_some_and(|path| fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink()));
    let nowhere = error
        .io_error()
        .is_none_or(|error| matches!(error.kind(), io::ErrorKind::NotFound) || error.raw_os_error() == Some(LOOP));
    link && (error.loop_ancestor().is_some() || nowhere)
}

/// `ELOOP`.
const LOOP: i32 = if cfg!(target_os = "linux") { 40 } else { 62 };

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

/// Writes a temporary file and renames it to `path`.
fn replace(path: &Path, bytes: &[u8], sync: bool) -> io::Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    let make = || tempfile::Builder::new().prefix(super::TEMPORARY).permissions(permissions()).tempfile_in(dir);
    let mut file = match make() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(dir)?;
            make()?
        }
        made => made?,
    };
    file.write_all(bytes)?;
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
