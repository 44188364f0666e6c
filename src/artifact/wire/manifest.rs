//! `manifest.json`: the project as it is.

use super::{ColumnLineage, Fingerprint, Limits, ManifestExposure, Word};
use crate::diagnostic::counted;
use crate::digest::Digest;
use crate::graph::{Materialization, NodeKind};
use crate::name::RelationName;
use crate::project::TestSeverity;
use crate::watch::How;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// What is written may make its nodes only then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest<Nodes = BTreeMap<String, ManifestNode>> {
    pub children: BTreeMap<String, Vec<String>>,
    /// Who uses what the project builds, by name; left out where nobody is named.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub exposures: BTreeMap<String, ManifestExposure>,
    /// Node names by level, the first level first.
    pub levels: Vec<Vec<String>>,
    pub macros: BTreeMap<String, MacroFile>,
    pub metadata: Metadata,
    pub nodes: Nodes,
    /// By name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub packages: BTreeMap<String, ManifestPackage>,
    pub parents: BTreeMap<String, Vec<String>>,
    /// By `group.table`.
    pub sources: BTreeMap<String, ManifestSource>,
    /// Data tests, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tests: BTreeMap<String, ManifestTest>,
}

/// What wrote the file. Time, run and commit are those of the last run that changed anything else in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    pub engine: String,
    pub generated_at: String,
    pub git: Git,
    pub profile: String,
    pub project: String,
    pub project_version: String,
    /// Where its commits and files can be looked at, ending without a `/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    pub run_id: String,
    pub schema_version: String,
    pub tool_version: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Git {
    /// Files of the project that git knows and that differed from the commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<usize>,
    pub commit: Option<String>,
    /// The nearest tag, as `git describe` names the commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub describe: Option<String>,
    /// Whether files of the project differed from it; null where that isn't known.
    #[serde(default)]
    pub dirty: Option<bool>,
    /// The project's folder in the repository; left out at its top.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// Files of the project that git didn't know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub untracked: Option<usize>,
}

impl Git {
    /// The commit as people are told of it: `0123456789ab + 2 files not committed`.
    pub fn words(&self) -> Option<String> {
        Some(commit_words(self.commit.as_deref()?, self.dirty, self.uncommitted()))
    }

    /// Files of the project that weren't those of the commit, where they were counted.
    pub fn uncommitted(&self) -> Option<usize> {
        Some(self.changed? + self.untracked?)
    }
}

/// A commit as people are told of it: `0123456789ab + 2 files not committed`, `0123456789ab (with uncommitted changes)`
/// where those weren't counted.
pub fn commit_words(commit: &str, dirty: Option<bool>, uncommitted: Option<usize>) -> String {
    let commit = commit.get(..12).unwrap_or(commit);
    match uncommitted {
        Some(files) if files > 0 => format!("{commit} + {} not committed", counted(files, "file")),
        None if dirty == Some(true) => format!("{commit} (with uncommitted changes)"),
        _ => commit.to_string(),
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ManifestNode<Full = Fingerprint> {
    pub columns: Vec<Column>,
    /// The SQL sent to the engine, secrets as placeholders; the slice of a Python model; null for a seed.
    pub compiled: Option<String>,
    pub deps: Vec<String>,
    pub description: Option<String>,
    pub fingerprint: Full,
    pub kind: Word<NodeKind>,
    pub level: usize,
    pub materialized: Word<Materialization>,
    pub meta: Option<Value>,
    pub name: String,
    /// The package that it is of; left out for the project's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    pub path: String,
    pub relation: RelationName,
    /// As it is written in SQL; null for an ephemeral node.
    pub relation_name: Option<String>,
    /// `group.table` of each source read.
    pub sources: Vec<String>,
    pub tags: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    pub description: Option<String>,
    #[serde(default)]
    pub lineage: ColumnLineage,
    pub name: String,
    pub tests: Vec<Value>,
    /// As the engine has it; null before the first build.
    #[serde(rename = "type")]
    pub data_type: Option<String>,
}

/// A package of the project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ManifestPackage {
    /// Of a package that was fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// How paths of its files begin.
    pub dir: String,
    /// The folder, or the repository without what lets in to it.
    pub from: String,
    /// As its project.yml says.
    pub version: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MacroFile {
    pub digest: Digest,
    pub path: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ManifestSource {
    #[serde(default)]
    pub catalog: Option<String>,
    /// Descriptions of columns, by name; null where there is none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, Option<String>>,
    pub description: Option<String>,
    #[serde(default)]
    pub format: Option<String>,
    /// How old its data may get, where that is declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freshness: Option<Limits>,
    pub group: String,
    pub identifier: String,
    /// Files that are read in place of a relation.
    #[serde(default)]
    pub location: Vec<String>,
    /// As declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Value>,
    /// The seed that provides it.
    pub provided_by: Option<String>,
    pub schema: Option<String>,
    pub table: String,
    /// How it is told whether its data changed; null where nothing reads it or a seed provides it.
    #[serde(default)]
    pub watch: Option<SourceWatch>,
}

/// A data test as it is declared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ManifestTest {
    /// Where: `path:line:column`.
    pub at: String,
    pub columns: Vec<String>,
    /// `not_null`, `query`, or the word of a kind of the project's own.
    pub kind: String,
    /// The nodes that it is of.
    pub nodes: Vec<String>,
    /// Its query, nodes and sources by their own names; null where it is withheld.
    pub query: Option<String>,
    pub severity: Word<TestSeverity>,
    /// What it tests: `users.id`.
    pub subject: String,
    pub tags: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceWatch {
    /// Null where nothing tells.
    pub how: Option<Word<How>>,
    /// Why nothing tells.
    pub why: Option<String>,
}
