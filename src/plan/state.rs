//! What is known of earlier builds and of the engine, as the planner takes it.

use super::{ByColumn, Code, Detail, Outline};
use crate::dialect::RelationKind;
use crate::digest::{Digest, Tagged};
use crate::fingerprint::{Fingerprint, Kind};
use crate::graph::Materialization;
use crate::name::{NodeName, RelationName};
use litemap::LiteMap;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Records of earlier builds on one database.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub entries: BTreeMap<NodeName, Entry>,
    /// Nodes whose last build failed.
    pub failures: BTreeMap<NodeName, Failure>,
    /// Nodes whose entries come from the database's own ledger: this checkout has no record of those builds.
    pub ledger: BTreeSet<NodeName>,
    /// Why records could not be read; those that could be are still used.
    pub unreadable: Option<String>,
    /// The same of records that a newer fft wrote, which aren't damaged.
    pub newer: Option<String>,
}

/// What tells a relation from another one that was put in its place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Rows, where the database knows them without counting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// What the database has of this relation and of no other one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Digest>,
    /// Over the rows of a table that is extended, where nothing else tells that somebody changed them in place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Digest>,
}

impl Identity {
    /// Whether a relation with the one is for certain not that with the other; what isn't known says nothing.
    pub fn differs(&self, other: &Identity) -> bool {
        let rows = self.rows.zip(other.rows).is_some_and(|(left, right)| left != right);
        let other_one = |left: Option<Digest>, right| left.zip(right).is_some_and(|(left, right)| left != right);
        rows || other_one(self.token, other.token) || other_one(self.content, other.content)
    }
}

/// Fingerprints of the same rows that are recorded at most.
const ROWS_UNDER: usize = 16;

/// A node's last successful build.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub node: NodeName,
    pub relation: RelationName,
    pub fingerprint: Fingerprint,
    pub run_id: String,
    /// RFC 3339, UTC.
    pub built_at: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git_commit: Option<String>,
    /// Whether files of the project differed from that commit, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git_dirty: Option<bool>,
    /// Whether the build itself was a function of its fingerprinted inputs: it made no HTTP request.
    pub hermetic: bool,
    /// The run that had built each upstream relation when this node read it.
    pub upstream_builds: LiteMap<String, String>,
    /// Of a seed whose rows aren't kept as evidence: what its file held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outline: Option<Outline>,
    /// The digest of the rows that were built, where early cutoff was on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Digest>,
    /// The digest of what each upstream node gave when this node read it, as far as it was known.
    #[serde(default, skip_serializing_if = "LiteMap::is_empty")]
    pub upstream_outputs: LiteMap<String, Digest>,
    /// With `run.columns`: what it gives, and what it reads of each upstream node, column by column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_column: Option<ByColumn>,
    /// What the node made of data, where that counts for an incremental model: see `plan::growth`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logic: Option<Digest>,
    /// Of a view that holds paths of the project: the folder that they are in, as a digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<Digest>,
    /// The relation that was built.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// Rows of the table that was built.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Where the fingerprint was taken without a build: those that the relation has had with the same rows, the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows_under: Vec<Digest>,
    /// What the build was for, by impact; the first few.
    #[serde(default, deserialize_with = "known_roots", skip_serializing_if = "Vec::is_empty")]
    pub roots: Vec<RecordedRoot>,
    /// Why the fingerprint was taken without a build.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Entry {
    /// Every fingerprint that the relation has had with the rows that it has, as far as they are recorded.
    pub fn rows_under(&self) -> impl Iterator<Item = Digest> {
        self.rows_under.iter().copied().chain([self.fingerprint.value])
    }

    /// What an entry of the same rows under another fingerprint records of those before.
    pub fn rows_under_before(&self) -> Vec<Digest> {
        let all: Vec<Digest> = self.rows_under().collect();
        all[all.len().saturating_sub(ROWS_UNDER)..].to_vec()
    }

    /// What was asked of the node, where that is recorded; a word that isn't known here stands for the usual one.
    pub fn materialization(&self) -> Option<Materialization> {
        let config = self.fingerprint.components.iter().find(|one| one.id() == (Kind::Config, "materialized"))?;
        config.value.as_deref().map(|word| serde_json::from_str(word).unwrap_or_default())
    }
}

impl Entry {
    /// Whether its relation holds versions that nothing can compute again.
    pub fn is_history(&self) -> bool {
        self.materialization().is_some_and(Materialization::keeps_history)
    }
}

/// What a build was for, kept for those that go on from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordedRoot {
    pub code: Code,
    pub name: String,
    /// As it was written: the cause, with the run that it was built by.
    pub sentence: String,
}

/// Roots that a record keeps of a build at most.
pub const RECORDED_ROOTS: usize = 3;

/// Those with codes that are known here: a newer fft may have recorded others.
fn known_roots<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<RecordedRoot>, D::Error> {
    let all = Vec::<serde_json::Value>::deserialize(deserializer)?;
    Ok(all.into_iter().filter_map(|root| serde_json::from_value(root).ok()).collect())
}

/// A failed build.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    pub node: NodeName,
    pub run_id: String,
    pub message: String,
}

/// What the engine has for one node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// The relation's kind, where it exists.
    pub kind: Option<RelationKind>,
    /// What tells the relation from another one.
    pub identity: Option<Identity>,
    /// Its row of `_ff_meta`.
    pub meta: Option<MetaFact>,
    /// The nodes that have a row for it, where there are several: nothing tells what it holds.
    pub contested: Vec<NodeName>,
}

impl Found {
    /// Whether the relation isn't the one that an entry's build left, though the database's record says so: something
    /// else was put in its place, or rows into it.
    pub fn is_replaced(&self, entry: &Entry) -> bool {
        let same_build = self.meta.as_ref().is_some_and(|meta| meta.run_id == entry.run_id);
        let other = entry.identity.zip(self.identity).is_some_and(|(built, found)| built.differs(&found));
        same_build && other
    }

    /// Whether another project has built the relation since the entry's build.
    pub fn is_of_another_project(&self, entry: &Entry) -> bool {
        self.kind.is_some()
            && self.meta.as_ref().is_some_and(|meta| meta.other_project.is_some() && meta.run_id != entry.run_id)
    }

    /// Whose a relation is that this project didn't build.
    pub fn owner(&self, relation: &RelationName) -> Detail {
        let relation = relation.clone();
        match self.meta.as_ref().and_then(|meta| Some((meta.other_project.clone()?, meta.run_id.clone()))) {
            Some((project, run)) => Detail::OfProject { relation, project, run },
            None => Detail::Unowned(relation),
        }
    }

    /// Whether an extension of it was begun, and nothing says that it came to its end.
    pub fn is_extending(&self) -> bool {
        self.meta.as_ref().is_some_and(|meta| meta.progress == Progress::Extending)
    }

    /// The fingerprint that the relation holds.
    pub fn held(&self) -> Option<Digest> {
        self.kind.and(self.meta.as_ref()).filter(|meta| meta.progress == Progress::Built).map(|meta| meta.fingerprint)
    }
}

/// What `_ff_meta` says of a relation.
#[derive(Clone, Debug, PartialEq)]
pub struct MetaFact {
    /// The node that it was built as.
    pub node: NodeName,
    pub fingerprint: Digest,
    pub run_id: String,
    pub built_at: String,
    /// The run that had built each upstream relation when this one was made; `None` where that isn't recorded.
    pub upstream_builds: Option<LiteMap<String, String>>,
    /// The project that built it, where that is another one.
    pub other_project: Option<String>,
    pub progress: Progress,
}

/// How far the build of a relation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// A build of it was begun, and nothing says that it came to its end.
    Begun,
    /// It was built; then an extension was begun, and nothing says that this came to its end. It holds what was built, or
    /// what the extension made of that.
    Extending,
    Built,
}

/// A folder's path, without telling it.
pub fn folder_digest(root: &Path) -> Digest {
    Tagged::new("fft-folder-v1").part(root.to_string_lossy().as_bytes()).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_relation_is_told_by_what_is_known_of_both() {
        let known = |rows: u64, token: &[u8]| Identity {
            rows: Some(rows),
            token: Some(Digest::of(token)),
            content: Some(Digest::of(b"rows")),
        };
        let one = known(1, b"a");
        assert!(!one.differs(&one) && one.differs(&known(2, b"a")) && one.differs(&known(1, b"b")));
        for part in [Identity::default(), Identity { token: None, ..one }, Identity { rows: None, ..one }] {
            assert!(!one.differs(&part) && !part.differs(&one), "{part:?}");
        }
    }
}
