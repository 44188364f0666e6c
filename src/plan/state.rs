//! What is known of earlier builds and of the engine, as the planner takes it.

use super::Outline;
use crate::digest::Digest;
use crate::fingerprint::Fingerprint;
use crate::graph::Materialized;
use crate::name::{NodeName, RelationName};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Records of earlier builds on one database.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub entries: BTreeMap<NodeName, Entry>,
    /// Nodes whose last build failed.
    pub failures: BTreeMap<NodeName, Failure>,
    /// Why records could not be read; those that could be are still used.
    pub unreadable: Option<String>,
}

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
    /// Whether the build itself was a function of its fingerprinted inputs: it made no HTTP request.
    pub hermetic: bool,
    /// The run that had built each upstream relation when this node read it.
    pub upstream_builds: BTreeMap<String, String>,
    /// Of a seed whose rows aren't kept as evidence: what its file held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outline: Option<Outline>,
    /// The digest of the rows that were built, where early cutoff was on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Digest>,
    /// The digest of what each upstream node gave when this node read it, as far as it was known.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub upstream_outputs: BTreeMap<String, Digest>,
    /// Of a view that holds paths of the project: the folder that they are in, as a digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<Digest>,
    /// Why the fingerprint was taken without a build.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
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
    pub kind: Option<Materialized>,
    /// Its row of `_ff_meta`.
    pub meta: Option<MetaFact>,
}

impl Found {
    /// The fingerprint that the relation holds.
    pub fn held(&self) -> Option<Digest> {
        self.kind.and(self.meta.as_ref()).map(|meta| meta.fingerprint)
    }
}

/// What `_ff_meta` says of a relation.
#[derive(Clone, Debug, PartialEq)]
pub struct MetaFact {
    pub fingerprint: Digest,
    pub run_id: String,
    pub built_at: String,
}
