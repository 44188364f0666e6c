//! The final scan: no file below `.fastflowtransform/` is written with the value of a secret variable in it.
//!
//! [`Guarded`] is the world as a project may write to it: what it would put below the project's own folder is looked
//! through first, for each value in every form that [`Secrets`] knows.

use crate::secret::Secrets;
use crate::world::{Entry, Lock, Seekable, Stamp, Stopwatch, World};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// A world that refuses to write a secret below `.fastflowtransform/` of a project.
pub struct Guarded {
    world: Arc<dyn World>,
    folder: PathBuf,
    secrets: Arc<Secrets>,
}

impl Guarded {
    /// `folder` is [`super::Layout::root`].
    pub fn new(world: Arc<dyn World>, folder: &Path, secrets: Arc<Secrets>) -> Guarded {
        Guarded { world, folder: folder.into(), secrets }
    }

    fn check(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let Ok(below) = path.strip_prefix(&self.folder) else { return Ok(()) };
        match self.secrets.leak(bytes).or_else(|| self.secrets.leak(below.to_string_lossy().as_bytes())) {
            Some(name) => Err(io::Error::other(format!("the value of {name} is in it, so nothing was written"))),
            None => Ok(()),
        }
    }
}

impl World for Guarded {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.world.read(path)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn io::Read>> {
        self.world.open(path)
    }

    fn seekable(&self, path: &Path) -> io::Result<Box<dyn Seekable>> {
        self.world.seekable(path)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.check(path, bytes)?;
        self.world.write(path, bytes)
    }

    fn store(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.check(path, bytes)?;
        self.world.store(path, bytes)
    }

    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.check(path, bytes)?;
        self.world.append(path, bytes)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.world.remove(path)
    }

    fn exists(&self, path: &Path) -> bool {
        self.world.exists(path)
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        self.world.absolute(path)
    }

    fn enter(&self, folder: &Path) -> io::Result<()> {
        self.world.enter(folder)
    }

    fn stamp(&self, path: &Path) -> io::Result<Stamp> {
        self.world.stamp(path)
    }

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        self.world.resolve(path)
    }

    fn names(&self, dir: &Path) -> io::Result<Vec<String>> {
        self.world.names(dir)
    }

    fn entries(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        self.world.entries(dir)
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

    fn elapsed(&self) -> Duration {
        self.world.elapsed()
    }

    fn stopwatch(&self) -> Stopwatch {
        self.world.stopwatch()
    }

    fn try_lock(&self, path: &Path) -> io::Result<Option<Box<dyn Lock>>> {
        self.world.try_lock(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::MemoryWorld;

    #[test]
    fn nothing_is_written_with_a_secret_in_it() {
        let memory = Arc::new(MemoryWorld::new().file("/p/.fastflowtransform/a", "old"));
        let secrets = Arc::new(Secrets::new([("q7Zp2vXw9K", "FF_TOKEN")]));
        let world = Guarded::new(memory.clone(), Path::new("/p/.fastflowtransform"), secrets);
        let path = Path::new("/p/.fastflowtransform/a");
        let text = b"{\"x\": \"q7Zp2vXw9K\"}";
        for result in [world.write(path, text), world.append(path, text), world.store(path, text)] {
            assert_eq!(result.unwrap_err().to_string(), "the value of FF_TOKEN is in it, so nothing was written");
        }
        assert!(world.write(Path::new("/p/.fastflowtransform/q7Zp2vXw9K"), b"").is_err());
        assert_eq!(memory.read(path).unwrap(), b"old");
        world.write(path, b"new").unwrap();
        world.write(Path::new("/p/other"), text).unwrap();
        assert_eq!(memory.read(path).unwrap(), b"new");
    }
}
