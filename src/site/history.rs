//! Kept runs as pages need them: a summary of each, made from its record once, and the records themselves for pages
//! that show more.
//!
//! Takes the folder of records through a `World`, gives values. A record that can't be read is told, and its run has
//! no page.

use super::redact::Redaction;
use crate::artifact::Layout;
use crate::artifact::advice::Facts;
use crate::artifact::evidence::Reading;
use crate::artifact::history::{History, Record};
use crate::artifact::results::{ResultRow, RunResults, Totals};
use crate::artifact::wire::{BudgetCheck, Root, Versions, Word};
use crate::digest::Digest;
use crate::execute::Status;
use crate::plan::{Code, Mode, Role};
use crate::world::World;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};

/// A kept run, of skipped nodes no more than their names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunSummary {
    /// Nodes that it didn't get to.
    pub blocked: Vec<String>,
    /// What it used of its budgets, in words; none where nothing ran under one.
    pub budgets: Option<String>,
    /// Of all that it built, where that is known of any.
    pub bytes_scanned: Option<u64>,
    pub cache_mode: String,
    /// What was asked for, where it is recorded.
    pub command: Option<String>,
    pub duration_ms: u64,
    pub engine: String,
    /// What advice rests on.
    pub facts: Facts,
    pub finished_at: String,
    pub git_commit: Option<String>,
    pub git_dirty: Option<bool>,
    /// Whether it had tests.
    #[serde(default)]
    pub has_tests: bool,
    pub interrupted: bool,
    /// Nodes that it built or tried to.
    pub nodes: BTreeMap<String, NodeBuild>,
    /// Nodes that weren't asked for.
    pub not_selected: Vec<String>,
    /// The run before it, kept or not.
    pub previous: Option<String>,
    pub profile: String,
    pub record: RecordFile,
    pub roots: Vec<Root>,
    pub run_id: String,
    /// What it did and why.
    pub sentence: String,
    /// Nodes that it skipped, by the run whose build each rests on.
    pub skipped: BTreeMap<String, Vec<String>>,
    pub started_at: String,
    pub totals: Totals,
    /// Files of the project that weren't those of the commit, where they were counted.
    pub uncommitted: Option<usize>,
}

/// A run's record as a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordFile {
    /// Of the file that is kept.
    pub bytes: u64,
    /// SHA-256 of the copy that a site has, where something is withheld in it.
    pub copy: Option<Digest>,
    /// SHA-256 of the file that is kept: what the next run's record holds.
    pub digest: Digest,
    /// SHA-256 of the record of the run before, as this one holds it.
    pub previous: Option<Digest>,
}

impl RecordFile {
    /// Of the bytes that are kept of `record`; `copy` is the digest of what a site has in their place.
    pub fn of(bytes: &[u8], record: &Record, copy: Option<Digest>) -> RecordFile {
        let previous = record.previous.as_ref().map(|previous| previous.digest);
        RecordFile { bytes: bytes.len() as u64, copy, digest: Digest::of(bytes), previous }
    }

    /// SHA-256 of the file that a site has.
    pub fn shown(&self) -> Digest {
        self.copy.unwrap_or(self.digest)
    }
}

/// A run whose page is all that there is of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Frozen {
    pub run_id: String,
    /// Null where the site has no record of it, here and below.
    pub at: Option<String>,
    pub commit: Option<String>,
    pub dirty: Option<bool>,
    pub totals: Option<String>,
}

/// A build, or one that failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NodeBuild {
    /// The run whose build it was compared with.
    pub baseline: Option<String>,
    /// Where the engine bills by bytes.
    pub bytes_billed: Option<u64>,
    pub bytes_scanned: Option<u64>,
    pub code: Word<Code>,
    /// Bytes of the diffs that its causes hold.
    pub diff_bytes: usize,
    pub duration_ms: Option<u64>,
    /// Of an incremental model: whether it was extended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<Word<Mode>>,
    pub role: Option<Word<Role>>,
    pub rows: Option<u64>,
    pub status: Word<Status>,
    /// The decision in a line.
    pub summary: String,
    /// Of a snapshot: what became of its versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub versions: Option<Versions>,
}

impl RunSummary {
    /// Whether something was done about the node, or would have been.
    pub fn took_up(&self, name: &str) -> bool {
        self.nodes.contains_key(name) || self.blocked.iter().any(|blocked| blocked == name)
    }

    /// What tells one record from another: records don't change.
    pub fn identity(&self) -> impl Serialize {
        (&self.run_id, &self.finished_at, self.duration_ms, &self.totals, &self.roots)
    }

    /// Of a record, and of its file.
    pub fn of(record: &Record, file: RecordFile) -> RunSummary {
        let results = &record.results;
        let tried = |row: &&ResultRow| matches!(row.status.known(), Some(Status::Success | Status::Error));
        let names = |status: Status| {
            let rows = results.results.iter().filter(move |row| row.status == status);
            rows.map(|row| row.name.clone()).collect()
        };
        RunSummary {
            blocked: names(Status::Blocked),
            budgets: results.budgets.checks.iter().any(BudgetCheck::is_told).then(|| results.budgets.words()),
            bytes_scanned: results.results.iter().filter_map(|row| row.bytes_scanned).reduce(|sum, bytes| sum + bytes),
            cache_mode: results.cache_mode.clone(),
            command: results.metadata.command.clone(),
            duration_ms: results.duration_ms,
            engine: results.engine.clone(),
            facts: Facts::of(record),
            finished_at: results.run_finished_at.clone(),
            git_commit: results.metadata.git.commit.clone(),
            git_dirty: results.metadata.git.dirty,
            has_tests: !results.tests.is_empty(),
            interrupted: results.interrupted,
            nodes: results.results.iter().filter(tried).map(|row| (row.name.clone(), NodeBuild::of(row))).collect(),
            not_selected: names(Status::NotSelected),
            previous: record.previous.as_ref().map(|previous| previous.run_id.clone()),
            profile: results.profile.clone(),
            record: file,
            roots: results.roots.clone(),
            run_id: results.metadata.run_id.clone(),
            sentence: results.sentence.clone(),
            skipped: skipped(results),
            started_at: results.run_started_at.clone(),
            totals: results.totals.clone(),
            uncommitted: results.metadata.git.uncommitted(),
        }
    }
}

fn skipped(results: &RunResults) -> BTreeMap<String, Vec<String>> {
    let mut skipped: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in results.results.iter().filter(|row| row.status == Status::Skipped) {
        let rests_on = row.decision.baseline.as_ref().map(|baseline| baseline.run_id.clone());
        skipped.entry(rests_on.unwrap_or_default()).or_default().push(row.name.clone());
    }
    skipped
}

impl NodeBuild {
    fn of(row: &ResultRow) -> NodeBuild {
        let diffs = row.decision.causes.iter().flat_map(|cause| {
            cause.attributed_to.iter().map(|found| found.diff.as_ref()).chain([cause.diff.as_ref()]).flatten()
        });
        NodeBuild {
            baseline: row.decision.baseline.as_ref().map(|one| one.run_id.clone()),
            bytes_billed: row.measures.get("bytes_billed").and_then(Value::as_u64),
            bytes_scanned: row.bytes_scanned,
            code: row.decision.primary_code.clone(),
            diff_bytes: diffs.map(|diff| diff.unified.len()).sum(),
            duration_ms: row.duration_ms,
            mode: row.decision.mode.clone(),
            role: row.decision.role.clone(),
            rows: row.rows,
            status: row.status.clone(),
            summary: row.decision.summary.clone(),
            versions: row.versions.clone(),
        }
    }
}

/// Records of runs.
pub trait Archive: Sync {
    /// As far as it may be shown; `None` for a run that isn't kept or can't be read.
    fn record(&self, run_id: &str) -> Option<Arc<Record>>;

    /// As it was recorded: for what is computed from it, and never for what is shown.
    fn whole(&self, run_id: &str) -> Option<Arc<Record>> {
        self.record(run_id)
    }

    /// The bytes of its file, as far as they may be shown.
    fn file(&self, _run_id: &str) -> Option<Vec<u8>> {
        None
    }

    /// A content that is kept as evidence: for what is computed from it.
    fn content(&self, _digest: &Digest) -> Option<Arc<[u8]>> {
        None
    }

    /// What is withheld of records.
    fn redaction(&self) -> Redaction {
        Redaction::default()
    }
}

/// An archive without records.
#[cfg(test)]
pub struct Nothing;

#[cfg(test)]
impl Archive for Nothing {
    fn record(&self, _run_id: &str) -> Option<Arc<Record>> {
        None
    }
}

/// A record as it was made, and as it may be shown.
#[derive(Clone)]
struct Read {
    whole: Arc<Record>,
    shown: Arc<Record>,
}

type Slot = Arc<OnceLock<Option<Read>>>;

/// The records of a project, each read at most once.
pub struct Records<'a> {
    world: &'a dyn World,
    history: History<'a>,
    redaction: Redaction,
    read: Mutex<BTreeMap<String, Slot>>,
    evidence: PathBuf,
    contents: OnceLock<Reading>,
}

impl<'a> Records<'a> {
    pub fn new(world: &'a dyn World, layout: &Layout, redaction: Redaction) -> Records<'a> {
        let history = History::new(world, layout.runs());
        let (read, contents) = Default::default();
        Records { world, history, redaction, read, evidence: layout.evidence(), contents }
    }

    /// Summaries of all kept runs, oldest first, and the runs whose records can't be read. `known` has those that were
    /// made before, with the bytes of the record each was made from, and gets those that are made now.
    pub fn summaries(&self, known: &mut BTreeMap<String, Known>) -> io::Result<(Vec<RunSummary>, Vec<String>)> {
        let files = self.history.files()?;
        known.retain(|run, one| files.iter().any(|(name, size)| name == run && *size == one.bytes));
        let mut unreadable = Vec::new();
        for (run, bytes) in files {
            if known.contains_key(&run) {
                continue;
            }
            match self.summary(&run) {
                Some(summary) => drop(known.insert(run, Known { bytes, summary })),
                None => unreadable.push(run),
            }
        }
        Ok((known.values().map(|known| known.summary.clone()).collect(), unreadable))
    }

    fn summary(&self, run_id: &str) -> Option<RunSummary> {
        let (bytes, read) = self.look(run_id)?;
        let copy = (!self.redaction.is_none()).then(|| Digest::of(&written(&read.shown)));
        let file = RecordFile::of(&bytes, &read.whole, copy);
        let summary = RunSummary::of(&read.shown, file);
        // Read by another thread meanwhile, it is the same.
        let _ = self.slot(run_id).set(Some(read));
        Some(summary)
    }

    fn look(&self, run_id: &str) -> Option<(Vec<u8>, Read)> {
        let (bytes, record) = self.history.read_with_bytes(run_id).ok()?;
        let whole = Arc::new(record);
        let shown =
            if self.redaction.is_none() { whole.clone() } else { Arc::new(self.redaction.record((*whole).clone())) };
        Some((bytes, Read { whole, shown }))
    }

    fn slot(&self, run_id: &str) -> Slot {
        self.read.lock().expect("unpoisoned").entry(run_id.to_string()).or_default().clone()
    }

    fn read(&self, run_id: &str) -> Option<Read> {
        self.slot(run_id).get_or_init(|| Some(self.look(run_id)?.1)).clone()
    }
}

/// A record as its file has it.
fn written(record: &Record) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(record).expect("invariant: a record is JSON");
    bytes.push(b'\n');
    bytes
}

/// A summary with the size of the record that it was made from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Known {
    pub bytes: u64,
    pub summary: RunSummary,
}

impl Archive for Records<'_> {
    fn record(&self, run_id: &str) -> Option<Arc<Record>> {
        Some(self.read(run_id)?.shown)
    }

    fn whole(&self, run_id: &str) -> Option<Arc<Record>> {
        Some(self.read(run_id)?.whole)
    }

    fn file(&self, run_id: &str) -> Option<Vec<u8>> {
        let (bytes, read) = self.look(run_id)?;
        Some(if self.redaction.is_none() { bytes } else { written(&read.shown) })
    }

    fn content(&self, digest: &Digest) -> Option<Arc<[u8]>> {
        self.contents.get_or_init(|| Reading::of(self.world, &self.evidence)).content(digest)
    }

    fn redaction(&self) -> Redaction {
        self.redaction
    }
}
