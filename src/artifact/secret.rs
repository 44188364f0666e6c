//! The final scan: no file below `.fastflowtransform/` is written with the value of a secret variable in it.
//!
//! [`Guarded`] is the world as a project may write to it: what it would put below the project's own folder is looked
//! through first, for each value in every form that [`Secrets`] knows.

use crate::secret::Secrets;
use crate::world::{Clock, Entry, Fill, Lock, Seekable, Stamp, Stopwatch, World};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
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
        let name = below.to_string_lossy();
        refuse(self.secrets.leak(bytes).or_else(|| self.secrets.leak(name.as_bytes())))
    }
}

/// The refusal to write the value of this variable.
fn refuse(variable: Option<&str>) -> io::Result<()> {
    match variable {
        Some(name) => Err(io::Error::other(format!("the value of {name} is in it, so nothing was written"))),
        None => Ok(()),
    }
}

/// Bytes that are looked through at one time.
const BLOCK: usize = 1 << 16;

/// Looks through what is written before any of it goes on, a block at a time. What may begin in one block and end in the
/// next is held back, and what stands in front of it too, which decides whether it means something.
struct Checked<'a> {
    to: &'a mut dyn Write,
    secrets: &'a Secrets,
    reach: usize,
    block: usize,
    held: Vec<u8>,
    /// Where a value in `held` may begin that wasn't looked for yet.
    from: usize,
}

impl<'a> Checked<'a> {
    fn new(to: &'a mut dyn Write, secrets: &'a Secrets, block: usize) -> Checked<'a> {
        Checked { to, secrets, reach: secrets.reach(), block, held: Vec::new(), from: 0 }
    }

    fn look(&self) -> io::Result<()> {
        refuse(self.secrets.leak_from(&self.held, self.from))
    }

    fn finish(self) -> io::Result<()> {
        self.look()?;
        self.to.write_all(&self.held)
    }
}

impl Write for Checked<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        if self.held.len() >= self.block + 2 * self.reach {
            self.look()?;
            let end = self.held.len() - 2 * self.reach;
            self.to.write_all(&self.held[..end])?;
            self.held.drain(..end);
            self.from = self.reach;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
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

    fn write_with(&self, path: &Path, fill: &mut Fill<'_>) -> io::Result<()> {
        self.check(path, b"")?;
        if self.secrets.is_empty() || !path.starts_with(&self.folder) {
            return self.world.write_with(path, fill);
        }
        self.world.write_with(path, &mut |file| {
            let mut checked = Checked::new(file, &self.secrets, BLOCK);
            fill(&mut checked)?;
            checked.finish()
        })
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

    fn clock(&self) -> Clock {
        self.world.clock()
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
        let with = world.write_with(path, &mut |file| file.write_all(text));
        for result in [world.write(path, text), with, world.append(path, text), world.store(path, text)] {
            assert_eq!(result.unwrap_err().to_string(), "the value of FF_TOKEN is in it, so nothing was written");
        }
        assert!(world.write(Path::new("/p/.fastflowtransform/q7Zp2vXw9K"), b"").is_err());
        assert_eq!(memory.read(path).unwrap(), b"old");
        world.write(path, b"new").unwrap();
        world.write(Path::new("/p/other"), text).unwrap();
        assert_eq!(memory.read(path).unwrap(), b"new");
    }

    /// A value is seen wherever one block ends and the next begins, and a number within a longer one nowhere.
    #[test]
    fn a_block_is_looked_through_with_the_end_of_the_one_before() {
        const BLOCK: usize = 64;
        let secrets = Secrets::new([("q7Zp2v", "FF_TOKEN"), ("123456", "FF_PIN_TOKEN")]);
        let length = 2 * BLOCK + 5 * secrets.reach();
        let write = |at: usize, what: &str, piece: usize| {
            let mut text = ".".repeat(at) + what;
            text += &".".repeat(length - text.len());
            let mut written = Vec::new();
            let mut checked = Checked::new(&mut written, &secrets, BLOCK);
            let result = text.as_bytes().chunks(piece).try_for_each(|bytes| checked.write_all(bytes));
            let result = result.and_then(|()| checked.finish());
            (result.is_ok(), written.windows(6).any(|bytes| bytes == b"q7Zp2v"), written.len())
        };
        let coded: String = "q7Zp2v".bytes().map(|byte| format!("%25{byte:02x}")).collect();
        for at in 0..length - coded.len() {
            for what in ["q7Zp2v", &coded, "123456"] {
                let (went, shown, _) = write(at, what, 7 + at % 90);
                assert!(!went && !shown, "{what} at {at}");
            }
            assert_eq!(write(at, "9123456a", 7 + at % 90), (true, false, length), "at {at}");
        }
    }
}
