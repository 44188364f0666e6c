//! The machine with one thing changed, for tests that run fft in their own process.

use crate::project::KEPT;
use fft::world::{Entry, Lock, OsWorld, Stamp, Stopwatch, World};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What is otherwise; all of it is as on the machine unless told.
pub trait Change: Send + Sync {
    fn read(&self, machine: &OsWorld, path: &Path) -> io::Result<Vec<u8>> {
        machine.read(path)
    }

    fn write(&self, machine: &OsWorld, path: &Path, bytes: &[u8]) -> io::Result<()> {
        machine.write(path, bytes)
    }

    fn append(&self, machine: &OsWorld, path: &Path, bytes: &[u8]) -> io::Result<()> {
        machine.append(path, bytes)
    }

    fn env(&self, machine: &OsWorld) -> BTreeMap<String, String> {
        kept(machine)
    }

    fn now(&self, machine: &OsWorld) -> Timestamp {
        machine.now()
    }

    fn stopwatch(&self, machine: &OsWorld) -> Stopwatch {
        machine.stopwatch()
    }
}

/// The machine's environment as fft gets it from [`crate::project::Sandbox::command`].
pub fn kept(machine: &OsWorld) -> BTreeMap<String, String> {
    machine.env().into_iter().filter(|(name, _)| KEPT.contains(&name.as_str())).collect()
}

/// The machine with that change. It stays in the folder that the tests run in, whatever project is read.
pub struct Altered<C> {
    machine: OsWorld,
    change: C,
}

impl<C: Change> Altered<C> {
    pub fn new(change: C) -> Altered<C> {
        Altered { machine: OsWorld::new(), change }
    }
}

impl<C: Change> World for Altered<C> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.change.read(&self.machine, path)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn io::Read>> {
        self.machine.open(path)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.change.write(&self.machine, path, bytes)
    }

    fn store(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.machine.store(path, bytes)
    }

    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.change.append(&self.machine, path, bytes)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.machine.remove(path)
    }

    fn exists(&self, path: &Path) -> bool {
        self.machine.exists(path)
    }

    fn stamp(&self, path: &Path) -> io::Result<Stamp> {
        self.machine.stamp(path)
    }

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        self.machine.resolve(path)
    }

    fn entries(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        self.machine.entries(dir)
    }

    fn env(&self) -> BTreeMap<String, String> {
        self.change.env(&self.machine)
    }

    fn now(&self) -> Timestamp {
        self.change.now(&self.machine)
    }

    fn elapsed(&self) -> Duration {
        (self.stopwatch())()
    }

    fn stopwatch(&self) -> Stopwatch {
        self.change.stopwatch(&self.machine)
    }

    fn try_lock(&self, path: &Path) -> io::Result<Option<Box<dyn Lock>>> {
        self.machine.try_lock(path)
    }
}
