//! Runs that were: `runs/<run_id>.json`, each holding the digest of the one before.

use super::results::RunResults;
use crate::digest::Digest;
use crate::fingerprint::Fingerprint;
use crate::world::World;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// A run as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Record {
    /// Each node's fingerprint. Components are written for nodes that the run built or tried to; a skipped node's are
    /// those of the run that its baseline names.
    pub fingerprints: BTreeMap<String, RecordedFingerprint>,
    pub previous: Option<Previous>,
    pub results: RunResults,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Previous {
    /// SHA-256 of the file as it stands.
    pub digest: Digest,
    pub run_id: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecordedFingerprint {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full: Option<Fingerprint>,
    pub value: Digest,
}

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

    /// A kept run; an error says what is wrong with it.
    pub fn read(&self, run_id: &str) -> io::Result<Record> {
        let bytes = self.world.read(&self.path(run_id))?;
        serde_json::from_slice(&bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }

    /// Adds a run behind the newest one.
    pub fn add(&self, results: RunResults, fingerprints: BTreeMap<String, RecordedFingerprint>) -> io::Result<()> {
        let newest = self.list()?.pop();
        let previous = match newest {
            None => None,
            Some(run_id) => Some(Previous { digest: Digest::of(&self.world.read(&self.path(&run_id))?), run_id }),
        };
        let path = self.path(&results.metadata.run_id.clone());
        let record = Record { fingerprints, previous, results };
        let mut bytes = serde_json::to_vec(&record).expect("invariant: a record is JSON");
        bytes.push(b'\n');
        self.world.write(&path, &bytes)
    }

    /// Where a run is kept.
    pub fn path(&self, run_id: &str) -> PathBuf {
        self.dir.join(format!("{run_id}.json"))
    }
}
