//! A world that is looked at and left as it is: what was looked at is remembered, so that one can tell whether it still
//! is so.
//!
//! Takes a [`World`], gives a [`Sight`] of all that was read through it. What a command would write for itself alone, to
//! be quicker the next time, is kept in memory; everything else is refused, and so is every lock.

use super::{Clock, Entry, Fill, Lock, Seekable, Stamp, Stopwatch, World};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A world behind which nothing changes.
pub struct LookingWorld {
    world: Arc<dyn World>,
    /// Names of files that are kept in memory.
    own: &'static [&'static str],
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    seen: Sight,
    kept: BTreeMap<PathBuf, Vec<u8>>,
}

/// What stood where somebody looked. Files are told by their stamps, folders by what is in them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    files: BTreeMap<PathBuf, Option<Stamp>>,
    /// Whether anything was there, where no more was asked.
    there: BTreeMap<PathBuf, bool>,
    names: BTreeMap<PathBuf, Vec<String>>,
    below: BTreeMap<PathBuf, Vec<Entry>>,
}

impl LookingWorld {
    /// `own` are names of files that may be written, into memory.
    pub fn new(world: Arc<dyn World>, own: &'static [&'static str]) -> LookingWorld {
        LookingWorld { world, own, state: Mutex::default() }
    }

    /// Forgets what was looked at; gives it.
    pub fn forget(&self) -> Sight {
        std::mem::take(&mut self.state().seen)
    }

    /// The same places as they are now.
    pub fn again(&self, seen: &Sight) -> Sight {
        let world = &*self.world;
        Sight {
            files: seen.files.keys().map(|path| (path.clone(), world.stamp(path).ok())).collect(),
            there: seen.there.keys().map(|path| (path.clone(), world.exists(path))).collect(),
            names: seen.names.keys().map(|dir| (dir.clone(), world.names(dir).unwrap_or_default())).collect(),
            below: seen.below.keys().map(|dir| (dir.clone(), world.entries(dir).unwrap_or_default())).collect(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of a file before it is read: what changes meanwhile is then another one. The first look counts.
    fn note(&self, path: &Path) {
        if !self.state().seen.files.contains_key(path) {
            let stamp = self.world.stamp(path).ok();
            self.state().seen.files.entry(path.into()).or_insert(stamp);
        }
    }

    fn kept(&self, path: &Path) -> Option<Vec<u8>> {
        self.state().kept.get(path).cloned()
    }

    fn keep(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let own = path.file_name().is_some_and(|name| self.own.iter().any(|own| name == *own));
        if !own {
            return Err(refused());
        }
        self.state().kept.insert(path.into(), bytes.to_vec());
        Ok(())
    }
}

fn refused() -> io::Error {
    io::Error::new(ErrorKind::PermissionDenied, "nothing is written where one only looks")
}

impl World for LookingWorld {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if let Some(kept) = self.kept(path) {
            return Ok(kept);
        }
        self.note(path);
        self.world.read(path)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn io::Read>> {
        self.note(path);
        self.world.open(path)
    }

    fn seekable(&self, path: &Path) -> io::Result<Box<dyn Seekable>> {
        self.note(path);
        self.world.seekable(path)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.keep(path, bytes)
    }

    fn write_with(&self, path: &Path, fill: &mut Fill<'_>) -> io::Result<()> {
        let mut bytes = Vec::new();
        fill(&mut bytes)?;
        self.keep(path, &bytes)
    }

    fn store(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.keep(path, bytes)
    }

    fn append(&self, _path: &Path, _bytes: &[u8]) -> io::Result<()> {
        Err(refused())
    }

    fn remove(&self, _path: &Path) -> io::Result<()> {
        Err(refused())
    }

    fn exists(&self, path: &Path) -> bool {
        let there = self.world.exists(path);
        self.state().seen.there.entry(path.into()).or_insert(there);
        there
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        self.world.absolute(path)
    }

    fn enter(&self, folder: &Path) -> io::Result<()> {
        self.world.enter(folder)
    }

    fn stamp(&self, path: &Path) -> io::Result<Stamp> {
        let stamp = self.world.stamp(path);
        self.state().seen.files.entry(path.into()).or_insert(stamp.as_ref().ok().copied());
        stamp
    }

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        self.world.resolve(path)
    }

    fn names(&self, dir: &Path) -> io::Result<Vec<String>> {
        let names = self.world.names(dir);
        let seen = names.as_ref().ok().cloned().unwrap_or_default();
        self.state().seen.names.entry(dir.into()).or_insert(seen);
        names
    }

    fn entries(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        let entries = self.world.entries(dir);
        let seen = entries.as_ref().ok().cloned().unwrap_or_default();
        self.state().seen.below.entry(dir.into()).or_insert(seen);
        entries
    }

    fn env(&self) -> BTreeMap<String, String> {
        self.world.env()
    }

    fn unreadable_env(&self) -> BTreeSet<String> {
        self.world.unreadable_env()
    }

    fn now(&self) -> Timestamp {
        self.world.now()
    }

    fn clock(&self) -> Clock {
        self.world.clock()
    }

    fn elapsed(&self) -> Duration {
        self.world.elapsed()
    }

    fn stopwatch(&self) -> Stopwatch {
        self.world.stopwatch()
    }

    fn try_lock(&self, _path: &Path) -> io::Result<Option<Box<dyn Lock>>> {
        Err(refused())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::OsWorld;
    use std::fs;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a folder of the test's own, changed behind the world's back")]
    fn what_was_looked_at_is_seen_to_change_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("models")).unwrap();
        fs::write(at("models/a.sql"), "1").unwrap();
        fs::write(at("beside.txt"), "1").unwrap();
        let world = LookingWorld::new(Arc::new(OsWorld::new()), &[]);
        let look = || {
            world.forget();
            world.entries(&at("models")).unwrap();
            world.read(&at("models/a.sql")).unwrap();
            assert!(world.read(&at("absent.yml")).is_err());
            assert!(!world.exists(&at("database")));
            world.forget()
        };
        let seen = look();
        assert_eq!(world.again(&seen), seen);
        fs::write(at("beside.txt"), "another").unwrap();
        assert_eq!(world.again(&seen), seen, "nobody looked there");
        fs::write(at("models/a.sql"), "22").unwrap();
        assert_ne!(world.again(&seen), seen);
        let seen = look();
        fs::write(at("models/b.sql"), "").unwrap();
        assert_ne!(world.again(&seen), seen, "a file came");
        let seen = look();
        fs::write(at("absent.yml"), "").unwrap();
        assert_ne!(world.again(&seen), seen, "what was missed is there");
        let seen = world.again(&seen);
        fs::write(at("database"), "").unwrap();
        assert_ne!(world.again(&seen), seen);
        let seen = world.again(&seen);
        fs::write(at("database"), "more").unwrap();
        assert_eq!(world.again(&seen), seen, "that it is there was all that was asked");
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a folder of the test's own")]
    fn nothing_is_written_but_into_memory() {
        let folder = tempfile::tempdir().unwrap();
        let world = LookingWorld::new(Arc::new(OsWorld::new()), &["files.json"]);
        let (own, other) = (folder.path().join("s/files.json"), folder.path().join("s/cache.jsonl"));
        world.store(&own, b"{}").unwrap();
        assert_eq!(world.read(&own).unwrap(), b"{}");
        assert!(world.write(&other, b"").is_err() && world.append(&own, b"").is_err() && world.remove(&own).is_err());
        assert!(world.try_lock(&folder.path().join("lock")).is_err());
        assert_eq!(OsWorld::new().names(folder.path()).unwrap(), [""; 0]);
    }
}
