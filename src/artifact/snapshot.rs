//! A recorded state of a project: what a run or a manifest says that each node was made of.
//!
//! Takes a run's record or a manifest; gives a [`Snapshot`]. A run keeps components for what it built, so those of a
//! skipped node are looked for in the run that its baseline names; where they can't be had, the snapshot says why.

use super::history::{History, Record, RecordedFingerprint};
use super::manifest::Manifest;
use super::wire::{self, ResultRow, Root, Word, commit_words};
use crate::digest::Digest;
use crate::execute::Status;
use crate::fingerprint::Fingerprint;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io;

/// Each node's fingerprint at one time.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    pub nodes: BTreeMap<String, SnapshotNode>,
    pub origin: Origin,
    /// What a run rebuilt, by impact; none for a manifest.
    pub roots: Vec<Root>,
    /// Of what it was read from.
    pub schema_version: String,
}

/// Where a snapshot is from.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Origin {
    /// When the run ended or the manifest was made; RFC 3339, UTC.
    pub at: String,
    pub git_commit: Option<String>,
    /// Whether files of the project differed from that commit; null where it isn't known.
    pub git_dirty: Option<bool>,
    pub kind: OriginKind,
    pub profile: String,
    pub run_id: String,
    /// Files of the project that weren't those of the commit, where they were counted: for people alone.
    #[serde(skip)]
    pub uncommitted: Option<usize>,
}

impl Origin {
    /// `run 20261122T101500Z-3fa9 (commit 0123456789ab)`.
    pub fn words(&self) -> String {
        let commit = self.git_commit.as_deref().map(|commit| commit_words(commit, self.git_dirty, self.uncommitted));
        let commit = commit.map_or(String::new(), |commit| format!(" (commit {commit})"));
        match self.kind {
            OriginKind::Run => format!("run {}{commit}", self.run_id),
            OriginKind::Manifest => format!("manifest of run {}{commit}", self.run_id),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OriginKind {
    Manifest,
    #[default]
    Run,
}

#[derive(Clone, Debug)]
pub struct SnapshotNode {
    pub fingerprint: Components,
    /// How the run ended for it; a manifest doesn't tell.
    pub status: Option<Word<Status>>,
    /// The run's decision in one line.
    pub summary: Option<String>,
}

/// A fingerprint with its components, or the value and why they aren't there.
#[derive(Clone, Debug)]
pub enum Components {
    Kept(Box<Fingerprint>),
    Missing(Digest, String),
}

impl Components {
    /// As it was recorded, or why nothing can be made of it here.
    fn of(recorded: wire::Fingerprint) -> Components {
        match recorded {
            wire::Fingerprint::Known(known) => Components::Kept(Box::new(known)),
            wire::Fingerprint::Newer(newer) => Components::Missing(newer.value, newer.why()),
        }
    }

    pub fn value(&self) -> Digest {
        match self {
            Components::Kept(fingerprint) => fingerprint.value,
            Components::Missing(value, _) => *value,
        }
    }

    pub fn kept(&self) -> Option<&Fingerprint> {
        match self {
            Components::Kept(fingerprint) => Some(fingerprint),
            Components::Missing(..) => None,
        }
    }
}

/// Why components aren't there, in the sentence that is told of a node.
pub fn not_kept(why: &str) -> String {
    format!("components not kept: {why}")
}

/// That there was never a build.
pub const UNBUILT: &str = "no run built it";
/// That the run which built the node built another state of it.
pub const OTHER_STATE: &str = "no run built this state of it";

/// That the run which built the node isn't kept.
pub fn gone(run: &str) -> String {
    format!("run {run}, which built it, is no longer kept")
}

impl Snapshot {
    /// What a run's record says, with the components that earlier records of `history` hold.
    pub fn of_run(history: &History<'_>, record: Record) -> Snapshot {
        let Record { fingerprints, results, .. } = record;
        let rows: BTreeMap<&str, &ResultRow> = results.results.iter().map(|row| (row.name.as_str(), row)).collect();
        let mut earlier = Earlier { history, records: BTreeMap::new() };
        let node = |(name, recorded): (String, RecordedFingerprint)| {
            let row = rows.get(name.as_str());
            let baseline = row.and_then(|row| row.decision.baseline.as_ref()).map(|baseline| baseline.run_id.as_str());
            let node = SnapshotNode {
                fingerprint: earlier.components(&name, recorded, baseline),
                status: row.map(|row| row.status.clone()),
                summary: row.map(|row| row.decision.summary.clone()),
            };
            (name, node)
        };
        let nodes = fingerprints.into_iter().map(node).collect();
        let origin = Origin {
            at: results.run_finished_at,
            uncommitted: results.metadata.git.uncommitted(),
            git_commit: results.metadata.git.commit,
            git_dirty: results.metadata.git.dirty,
            kind: OriginKind::Run,
            profile: results.profile,
            run_id: results.metadata.run_id,
        };
        Snapshot { nodes, origin, roots: results.roots, schema_version: results.metadata.schema_version }
    }

    pub fn of_manifest(manifest: Manifest) -> Snapshot {
        let node = |(name, node): (String, super::manifest::ManifestNode)| {
            let fingerprint = Components::of(node.fingerprint);
            (name, SnapshotNode { fingerprint, status: None, summary: None })
        };
        let metadata = manifest.metadata;
        let origin = Origin {
            at: metadata.generated_at,
            uncommitted: metadata.git.uncommitted(),
            git_commit: metadata.git.commit,
            git_dirty: metadata.git.dirty,
            kind: OriginKind::Manifest,
            profile: metadata.profile,
            run_id: metadata.run_id,
        };
        Snapshot {
            nodes: manifest.nodes.into_iter().map(node).collect(),
            origin,
            roots: Vec::new(),
            schema_version: metadata.schema_version,
        }
    }
}

/// Records of earlier runs, each read once, as fingerprints or as why there are none.
struct Earlier<'a> {
    history: &'a History<'a>,
    records: BTreeMap<String, Result<BTreeMap<String, RecordedFingerprint>, String>>,
}

impl Earlier<'_> {
    fn components(&mut self, name: &str, recorded: RecordedFingerprint, baseline: Option<&str>) -> Components {
        let value = recorded.value;
        let missing = |why: String| Components::Missing(value, not_kept(&why));
        if let Some(full) = recorded.full {
            return Components::of(full);
        }
        let Some(run) = baseline else { return missing(UNBUILT.into()) };
        match self.record(run) {
            Err(why) => missing(why.clone()),
            Ok(fingerprints) => {
                let full =
                    fingerprints.get(name).and_then(|one| one.full.as_ref()).filter(|full| full.value() == value);
                let kept = full.map(|full| Components::of(full.clone()));
                kept.unwrap_or_else(|| missing(OTHER_STATE.into()))
            }
        }
    }

    fn record(&mut self, run: &str) -> &Result<BTreeMap<String, RecordedFingerprint>, String> {
        let history = self.history;
        self.records.entry(run.to_string()).or_insert_with(|| match history.read(run) {
            Ok(record) => Ok(record.fingerprints),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(gone(run)),
            Err(error) => Err(format!("the record of run {run}, which built it, can't be read: {error}")),
        })
    }
}
