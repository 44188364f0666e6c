//! Runs that were: `runs/<run_id>.json`, each holding the digest of the one before.
//!
//! The order of the ids is the order of the chain, whatever the clock says: an id is made once the run has the project to
//! itself, from the time or, where that isn't later, from the newest id ([`History::next_id`]).

use super::wire::{self, RunResults};
use super::write_hashed;
use crate::digest::Digest;
use crate::world::World;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub use super::wire::{Previous, Record, RecordedFingerprint};

/// SHA-256 of the files of removed runs, by run: of those that a kept run names as the one before.
pub type Pruned = BTreeMap<String, Digest>;

/// The folder of kept runs.
pub struct History<'a> {
    world: &'a dyn World,
    dir: PathBuf,
}

impl History<'_> {
    pub fn new(world: &dyn World, dir: PathBuf) -> History<'_> {
        History { world, dir }
    }

    /// Run ids, oldest first.
    pub fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.files()?.into_iter().map(|(run, _)| run).collect())
    }

    /// Run ids with the bytes of each record, oldest first.
    pub fn files(&self) -> io::Result<Vec<(String, u64)>> {
        let files = self.world.walk(&self.dir)?;
        let id = |path: &Path| Some(path.file_name()?.to_str()?.strip_suffix(".json")?.to_string());
        Ok(files.iter().filter_map(|file| Some((id(&file.path)?, file.size))).collect())
    }

    /// The id of a run that begins now, behind those that are kept and those that were pruned, and none of `taken`: ids
    /// that other checkouts gave. Called while no other run of the project can begin.
    pub fn next_id(&self, now: Timestamp, pruned: &Path, taken: &BTreeSet<&str>) -> io::Result<String> {
        let pruned: Option<Pruned> = self.world.read(pruned).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let pruned = pruned.unwrap_or_default();
        let kept = self.list()?;
        let newest = kept.iter().chain(pruned.keys()).filter_map(|run| ticks(run)).max();
        let first = ticks_at(now).max(newest.map_or(i64::MIN, |newest| newest + 1));
        let mut ids = (first..).map(run_id);
        Ok(ids.find(|id| !taken.contains(id.as_str())).expect("invariant: ids don't end"))
    }

    /// A kept run; an error says what is wrong with it.
    pub fn read(&self, run_id: &str) -> io::Result<Record> {
        Ok(self.read_with_bytes(run_id)?.1)
    }

    /// A kept run with the bytes of its file.
    ///
    /// # Errors
    /// As [`History::read`].
    pub fn read_with_bytes(&self, run_id: &str) -> io::Result<(Vec<u8>, Record)> {
        let bytes = self.world.read(&self.path(run_id))?;
        let record = wire::read(&bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        Ok((bytes, record))
    }

    /// The profile of a kept run.
    pub fn profile(&self, run_id: &str) -> io::Result<String> {
        #[derive(Deserialize)]
        struct Head {
            results: Profile,
        }
        #[derive(Deserialize)]
        struct Profile {
            profile: String,
        }
        let bytes = self.world.read(&self.path(run_id))?;
        let head = serde_json::from_slice::<Head>(&bytes);
        head.map(|head| head.results.profile).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }

    /// Adds a run behind the newest one; gives the digest of its record.
    pub fn add<Rows: Serialize>(&self, results: &RunResults<Rows>, fingerprints: impl Serialize) -> io::Result<Digest> {
        let newest = self.list()?.pop();
        let previous = match newest {
            None => None,
            Some(run_id) => Some(Previous { digest: Digest::read(self.world.open(&self.path(&run_id))?)?, run_id }),
        };
        let path = self.path(&results.metadata.run_id);
        let record = Record { fingerprints, previous, results };
        write_hashed(self.world, &path, |file| {
            serde_json::to_writer(&mut *file, &record)?;
            file.write_all(b"\n")
        })
    }

    /// Where a run is kept.
    pub fn path(&self, run_id: &str) -> PathBuf {
        self.dir.join(format!("{run_id}.json"))
    }
}

/// Parts of a second that an id tells.
const TICKS: i64 = 1 << 16;

/// Seconds and their parts since 1970.
fn ticks_at(time: Timestamp) -> i64 {
    time.as_second() * TICKS + i64::from(time.subsec_nanosecond()) * TICKS / 1_000_000_000
}

/// `20261122T101500Z-3fa9`: a time in UTC and the part of its second in four hexadecimal digits.
fn run_id(ticks: i64) -> String {
    let second = Timestamp::from_second(ticks.div_euclid(TICKS)).unwrap_or(Timestamp::MAX);
    format!("{}-{:04x}", second.strftime("%Y%m%dT%H%M%SZ"), ticks.rem_euclid(TICKS))
}

/// What [`run_id`] was made from; `None` for a name that it didn't make.
fn ticks(run: &str) -> Option<i64> {
    let (second, part) = run.split_once('-')?;
    let second = DateTime::strptime("%Y%m%dT%H%M%SZ", second).ok()?.to_zoned(TimeZone::UTC).ok()?;
    let ticks = second.timestamp().as_second() * TICKS + i64::from(u16::from_str_radix(part, 16).ok()?);
    (run_id(ticks) == run).then_some(ticks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;
    use crate::world::MemoryWorld;

    #[test]
    fn ids_go_up_whatever_the_clock_says() {
        let world = MemoryWorld::new();
        let id = |now: &str, taken: &[&str]| {
            let history = History::new(&world, "runs".into());
            let taken = taken.iter().copied().collect();
            history.next_id(now.parse().unwrap(), Path::new("pruned.json"), &taken).unwrap()
        };
        assert_eq!(id("2026-11-22T10:15:00.25Z", &[]), "20261122T101500Z-4000");
        let others = ["20261122T101500Z-4000", "20261122T101500Z-4001"];
        assert_eq!(id("2026-11-22T10:15:00.25Z", &others), "20261122T101500Z-4002");
        world.put("runs/20261122T101500Z-ffff.json", "{}");
        world.put("runs/notes.json", "{}");
        for (now, expected) in [
            ("2026-11-22T10:15:00Z", "20261122T101501Z-0000"),
            ("2025-01-01T00:00:00Z", "20261122T101501Z-0000"),
            ("2026-11-22T10:15:01.5Z", "20261122T101501Z-8000"),
        ] {
            assert_eq!(id(now, &[]), expected);
        }
        let pruned: Pruned = [("20271122T101500Z-0000".to_string(), Digest::of(b""))].into();
        world.put("pruned.json", serde_json::to_vec(&pruned).unwrap());
        assert_eq!(id("2026-12-01T00:00:00Z", &[]), "20271122T101500Z-0001");
    }

    proptest::proptest! {
        #[test]
        fn an_id_says_what_it_was_made_from(ticks_of in 0..4_000_000_000i64 * TICKS) {
            proptest::prop_assert_eq!(ticks(&run_id(ticks_of)), Some(ticks_of));
            proptest::prop_assert!(run_id(ticks_of) < run_id(ticks_of + 1));
        }
    }
}
