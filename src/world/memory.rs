//! A world in memory for tests: files in a map, a fixed clock, and writes that fail on order.

use super::{Entry, EntryKind, Lock, Stamp, Stopwatch, World};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Files, environment and a clock that stands still.
#[derive(Default)]
pub struct MemoryWorld {
    files: Mutex<BTreeMap<PathBuf, Vec<u8>>>,
    env: BTreeMap<String, String>,
    unreadable_env: BTreeSet<String>,
    /// Paths whose writing fails.
    faults: Mutex<Vec<PathBuf>>,
}

impl MemoryWorld {
    pub fn new() -> MemoryWorld {
        MemoryWorld::default()
    }

    /// Puts a file into the world.
    pub fn file(self, path: impl Into<PathBuf>, text: impl AsRef<[u8]>) -> MemoryWorld {
        self.put(path, text);
        self
    }

    /// Sets an environment variable.
    pub fn var(mut self, name: &str, value: &str) -> MemoryWorld {
        self.env.insert(name.into(), value.into());
        self
    }

    /// Sets an environment variable to a value that isn't Unicode.
    pub fn unreadable_var(mut self, name: &str) -> MemoryWorld {
        self.unreadable_env.insert(name.into());
        self
    }

    /// Writes or replaces a file of a world in use.
    pub fn put(&self, path: impl Into<PathBuf>, text: impl AsRef<[u8]>) {
        self.files.lock().expect("unpoisoned").insert(path.into(), text.as_ref().to_vec());
    }

    /// Makes every later write below `path` fail.
    pub fn fail_writes(&self, path: impl Into<PathBuf>) {
        self.faults.lock().expect("unpoisoned").push(path.into());
    }

    fn check(&self, path: &Path) -> io::Result<()> {
        if self.faults.lock().expect("unpoisoned").iter().any(|fault| path.starts_with(fault)) {
            Err(io::Error::other("no space left on device (injected)"))
        } else {
            Ok(())
        }
    }
}

struct NoLock;

impl Lock for NoLock {}

impl World for MemoryWorld {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let files = self.files.lock().expect("unpoisoned");
        files.get(path).cloned().ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no such file"))
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.check(path)?;
        self.put(path, bytes);
        Ok(())
    }

    fn store(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.write(path, bytes)
    }

    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.check(path)?;
        self.files.lock().expect("unpoisoned").entry(path.to_path_buf()).or_default().extend_from_slice(bytes);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.files.lock().expect("unpoisoned").retain(|file, _| !file.starts_with(path));
        Ok(())
    }

    fn exists(&self, path: &Path) -> bool {
        self.files.lock().expect("unpoisoned").keys().any(|file| file.starts_with(path))
    }

    fn stamp(&self, path: &Path) -> io::Result<Stamp> {
        Ok(Stamp {
            size: self.read(path)?.len() as u64,
            modified: Timestamp::UNIX_EPOCH,
            touched: None,
            number: None,
            regular: true,
        })
    }

    fn entries(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        let files = self.files.lock().expect("unpoisoned");
        let hidden = |path: &Path| {
            let below = path.strip_prefix(dir).unwrap_or(path).parent().unwrap_or(Path::new(""));
            below.components().any(|part| part.as_os_str().to_string_lossy().starts_with('.'))
        };
        Ok(files
            .iter()
            .filter(|(path, _)| path.starts_with(dir) && !hidden(path))
            .map(|(path, bytes)| Entry { path: path.clone(), kind: EntryKind::File(bytes.len() as u64) })
            .collect())
    }

    fn env(&self) -> BTreeMap<String, String> {
        self.env.clone()
    }

    fn unreadable_env(&self) -> BTreeSet<String> {
        self.unreadable_env.clone()
    }

    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    fn stopwatch(&self) -> Stopwatch {
        Arc::new(|| Duration::ZERO)
    }

    fn try_lock(&self, _path: &Path) -> io::Result<Option<Box<dyn Lock>>> {
        Ok(Some(Box::new(NoLock)))
    }
}
