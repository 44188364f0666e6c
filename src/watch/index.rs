//! What is known of files that were read before, so that a large one that nobody touched isn't read again.
//!
//! A file whose size, times and number are those that it had is taken for the file that was read, unless it was touched
//! about when it was read: file systems tell times in steps, and what comes within one step can't be told apart. Such a
//! file is read again until its times lie behind.

use crate::digest::Digest;
use crate::world::{Stamp, World};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Nanoseconds that a file system's step may be long; the coarsest known takes two seconds.
const STEP: i64 = 2_000_000_000;

/// Files by the names that they are known by, as it is written to `files.json`.
#[derive(Debug, Default)]
pub struct Index {
    path: Option<PathBuf>,
    known: BTreeMap<String, Known>,
    changed: bool,
}

/// A file as it was when it was read. Times are nanoseconds since 1970.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Known {
    digest: Digest,
    modified: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    number: Option<u64>,
    read_at: i64,
    size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    touched: Option<i64>,
}

impl Known {
    fn of(stamp: &Stamp, digest: Digest, read_at: Timestamp) -> Known {
        Known {
            digest,
            modified: nanoseconds(stamp.modified),
            number: stamp.number,
            read_at: nanoseconds(read_at),
            size: stamp.size,
            touched: stamp.touched.map(nanoseconds),
        }
    }

    /// Whether a file with this stamp is, for certain, the file that was read.
    fn holds(&self, stamp: &Stamp) -> bool {
        let behind = |time: i64| time.saturating_add(STEP) < self.read_at;
        *self == Known { read_at: self.read_at, ..Known::of(stamp, self.digest, Timestamp::UNIX_EPOCH) }
            && behind(self.modified)
            && self.touched.is_none_or(behind)
    }
}

/// Times beyond what can be counted are never taken for past ones.
fn nanoseconds(time: Timestamp) -> i64 {
    i64::try_from(time.as_nanosecond()).unwrap_or(i64::MAX)
}

impl Index {
    /// What the file holds; nothing where it isn't there or can't be read: then files are read again.
    pub fn read(world: &dyn World, path: PathBuf) -> Index {
        let known = world.read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        Index { path: Some(path), known, changed: false }
    }

    /// The digest of a file's content, where it need not be read for it.
    pub(super) fn digest(&self, name: &str, stamp: &Stamp) -> Option<Digest> {
        self.known.get(name).filter(|known| known.holds(stamp)).map(|known| known.digest)
    }

    /// Takes note of a file that was read, begun at `read_at`.
    pub(super) fn note(&mut self, name: &str, stamp: &Stamp, digest: Digest, read_at: Timestamp) {
        self.known.insert(name.to_string(), Known::of(stamp, digest, read_at));
        self.changed = true;
    }

    /// Writes down what was learnt. Where that isn't possible, files are read again the next time.
    pub(super) fn settle(&mut self, world: &dyn World) {
        if let Some(path) = self.path.as_ref().filter(|_| self.changed) {
            let bytes = serde_json::to_vec(&self.known).expect("invariant: an index is JSON");
            let _ = world.store(path, &bytes);
            self.changed = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::MemoryWorld;

    fn stamp(size: u64, modified: i64, touched: i64, number: u64) -> Stamp {
        let time = |seconds| Timestamp::from_second(seconds).unwrap();
        Stamp { size, modified: time(modified), touched: Some(time(touched)), number: Some(number), regular: true }
    }

    #[test]
    fn a_file_is_known_by_all_that_is_told_of_it_and_only_when_it_rests() {
        let digest = Digest::of(b"x");
        let mut index = Index::default();
        index.note("a", &stamp(3, 100, 110, 7), digest, Timestamp::from_second(200).unwrap());
        assert_eq!(index.digest("a", &stamp(3, 100, 110, 7)), Some(digest));
        for other in [stamp(4, 100, 110, 7), stamp(3, 101, 110, 7), stamp(3, 100, 111, 7), stamp(3, 100, 110, 8)] {
            assert_eq!(index.digest("a", &other), None, "{other:?}");
        }
        assert_eq!(index.digest("b", &stamp(3, 100, 110, 7)), None);
        // Read in the very moment in which it was written, or within the same step of a coarse clock.
        for read_at in [110, 111, 112, 90] {
            index.note("a", &stamp(3, 100, 110, 7), digest, Timestamp::from_second(read_at).unwrap());
            assert_eq!(index.digest("a", &stamp(3, 100, 110, 7)), None, "{read_at}");
        }
    }

    #[test]
    fn it_is_read_back_and_damage_is_no_knowledge() {
        let world = MemoryWorld::new();
        let path = PathBuf::from("/p/files.json");
        let mut index = Index::read(&world, path.clone());
        index.note("a", &stamp(3, 100, 110, 7), Digest::of(b"x"), Timestamp::from_second(200).unwrap());
        index.settle(&world);
        let again = Index::read(&world, path.clone());
        assert_eq!(again.digest("a", &stamp(3, 100, 110, 7)), Some(Digest::of(b"x")));
        let bytes = world.read(&path).unwrap();
        world.write(&path, &bytes[..bytes.len() - 1]).unwrap();
        assert_eq!(Index::read(&world, path).digest("a", &stamp(3, 100, 110, 7)), None);
    }
}
