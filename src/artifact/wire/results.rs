//! `run_results.json` and the record that is kept of a run.

use super::{
    BudgetReport, Cause, Check, Fingerprint, Git, HookResult, Root, RootGroup, Telemetry, TestResult, Versions, Word,
};
use crate::diagnostic::{counted, grouped};
use crate::digest::Digest;
use crate::execute::Status;
use crate::fingerprint::Unwatched;
use crate::plan::{Action, Baseline, ByColumn, Code, Increment, Mode, Role};
use crate::project::shown_size;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The last run, a row for every node of the project; what is written may make its rows one by one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunResults<Rows = Vec<ResultRow>> {
    #[serde(default)]
    pub budgets: BudgetReport,
    pub cache_mode: String,
    pub duration_ms: u64,
    pub engine: String,
    /// Edits that made several of the roots.
    #[serde(default)]
    pub groups: Vec<RootGroup>,
    /// Those that ran: at its beginning, around models, at its end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hooks: Vec<HookResult>,
    pub interrupted: bool,
    pub metadata: ResultsMetadata,
    pub profile: String,
    pub results: Rows,
    /// By impact, largest first.
    pub roots: Vec<Root>,
    pub run_finished_at: String,
    pub run_started_at: String,
    /// What it did and why, in one sentence.
    #[serde(default)]
    pub sentence: String,
    /// Tests of the run, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<TestResult>,
    pub totals: Totals,
    /// Nodes that could be built at one time; not known of runs of an older fft, nor where none was to be built.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workers: Option<usize>,
}

/// What a run came to as a whole.
pub type Summary = RunResults<()>;

impl Summary {
    /// The same with the rows of its nodes.
    pub fn with<Rows>(&self, results: Rows) -> RunResults<Rows> {
        let all = self.clone();
        RunResults {
            budgets: all.budgets,
            cache_mode: all.cache_mode,
            duration_ms: all.duration_ms,
            engine: all.engine,
            groups: all.groups,
            hooks: all.hooks,
            interrupted: all.interrupted,
            metadata: all.metadata,
            profile: all.profile,
            results,
            roots: all.roots,
            run_finished_at: all.run_finished_at,
            run_started_at: all.run_started_at,
            sentence: all.sentence,
            tests: all.tests,
            totals: all.totals,
            workers: all.workers,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResultsMetadata {
    /// What was asked for, without values that may be secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    pub git: Git,
    pub project: String,
    /// Variables that `docs.provenance` names, as far as they were set.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub provenance: BTreeMap<String, String>,
    pub run_id: String,
    pub schema_version: String,
    pub tool_version: String,
}

fn is_none(count: &usize) -> bool {
    *count == 0
}

/// Counts of nodes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    pub blocked: usize,
    pub built: usize,
    pub cascading: usize,
    /// Of those built, tables that were extended by what is new.
    #[serde(default, skip_serializing_if = "is_none")]
    pub extended: usize,
    pub failed: usize,
    /// Hooks that failed.
    #[serde(default, skip_serializing_if = "is_none")]
    pub hooks_failed: usize,
    /// Skipped in spite of another fingerprint, which changes no row.
    #[serde(default)]
    pub kept: usize,
    /// Built for causes of their own and of upstream nodes.
    #[serde(default)]
    pub mixed: usize,
    /// Of those built, nodes that no build was recorded of before.
    #[serde(default)]
    pub new: usize,
    pub nodes: usize,
    pub not_selected: usize,
    /// Built for causes of their own only.
    pub roots: usize,
    pub skipped: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResultRow {
    /// Of a failure, its place: `path:line:column`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// With `run.columns`: what the node gives and what it reads of each upstream node, column by column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_column: Option<ByColumn>,
    /// `bytes_scanned` is what the engine's plan expected.
    #[serde(default)]
    pub bytes_estimated: bool,
    pub bytes_scanned: Option<u64>,
    pub decision: ResultDecision,
    /// What follows the message of a failure: a traceback, an excerpt, a hint.
    pub details: Vec<String>,
    pub duration_ms: Option<u64>,
    pub finished_at: Option<String>,
    pub http: Option<Telemetry>,
    /// What extending the table did, of an incremental model that was extended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub increment: Option<Increment>,
    /// What else the engine counts: a job's number and address, bytes billed …
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub measures: BTreeMap<String, Value>,
    pub message: Option<String>,
    pub name: String,
    /// What is to be known of a Python model's inputs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// With early cutoff: the digest of what the node gives to those that read it.
    pub output: Option<Digest>,
    /// Bytes.
    pub peak_memory: Option<u64>,
    pub query_duration_ms: Option<u64>,
    pub rows: Option<u64>,
    pub started_at: Option<String>,
    pub status: Word<Status>,
    /// Of a snapshot: what became of its versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub versions: Option<Versions>,
    /// Which of the run's workers it was given to, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<usize>,
}

impl<Rows> RunResults<Rows> {
    /// How the cache was used: `read and write`.
    pub fn cache_words(&self) -> &str {
        match self.cache_mode.as_str() {
            "rw" => "read and write",
            "ro" => "read only",
            "wo" => "write only",
            other => other,
        }
    }
}

impl RunResults {
    /// How many incremental models were extended.
    pub fn extended(&self) -> usize {
        self.results.iter().filter(|row| row.is_extended()).count()
    }
}

impl ResultRow {
    /// Whether it was built by extending what stood.
    pub fn is_extended(&self) -> bool {
        self.status == Status::Success && self.decision.mode.as_ref().is_some_and(|mode| *mode == Mode::Incremental)
    }

    /// What only some engines count, in words: `slot ms`, `1200`; bytes as people read them.
    pub fn other_measures(&self) -> impl Iterator<Item = (String, String)> {
        let words = |(name, value): (&String, &Value)| match value.as_u64().filter(|_| name.starts_with("bytes_")) {
            Some(bytes) => shown_size(bytes),
            None => value.as_str().map_or_else(|| value.to_string(), String::from),
        };
        self.measures.iter().map(move |one| (one.0.replace('_', " "), words(one)))
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResultDecision {
    pub action: Word<Action>,
    pub baseline: Option<Baseline>,
    pub causes: Vec<Cause>,
    pub checks: Vec<Check>,
    /// Nodes rebuilt because of this node, where it is a root.
    pub impact: Option<usize>,
    /// Whether an incremental model that was to be built was extended or built in full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<Word<Mode>>,
    /// From the nearest root to this node.
    pub path: Vec<String>,
    /// Names left out in the middle of a long path.
    pub path_elided: usize,
    pub primary_code: Word<Code>,
    pub role: Option<Word<Role>>,
    /// What began it, in words, for a node built for what is upstream; left out where there are many.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub root_sentences: Vec<String>,
    /// Names of the roots that this node was rebuilt for.
    pub roots: Vec<String>,
    pub sole_impact: Option<usize>,
    pub summary: String,
    /// Data that the node reads and of which nothing tells whether it changed.
    #[serde(default)]
    pub unwatched: Vec<Unwatched>,
}

impl Totals {
    /// What became of nodes that weren't left alone: `3 rebuilt, 1 failed`.
    pub fn news(&self) -> String {
        let counts = [(self.built, "rebuilt"), (self.failed, "failed"), (self.blocked, "blocked")];
        let counts = counts.iter().filter(|(count, _)| *count > 0);
        let parts: Vec<String> = counts.map(|(count, word)| format!("{} {word}", grouped(*count))).collect();
        if parts.is_empty() { "nothing to rebuild".into() } else { parts.join(", ") }
    }

    /// Nodes by what became of them: `3 built: 1 changed, 2 followed · 4 skipped`; `3 built (2 extended): …`.
    pub fn words(&self) -> String {
        self.words_with("")
    }

    /// The same with what the skips rest on: `4 skipped: all inputs equal`.
    pub fn words_with(&self, proof: &str) -> String {
        let mut parts = vec![match self.built {
            0 => "0 built".to_string(),
            built => format!("{} built{}: {}", grouped(built), self.extended_words(), self.by_origin()),
        }];
        let counts = [
            (self.skipped, "skipped"),
            (self.failed, "failed"),
            (self.blocked, "blocked"),
            (self.not_selected, "not selected"),
        ];
        let counts = counts.iter().filter(|(count, _)| *count > 0);
        parts.extend(counts.map(|(count, word)| match *word {
            "skipped" if !proof.is_empty() => format!("{} {word}: {proof}", grouped(*count)),
            _ => format!("{} {word}", grouped(*count)),
        }));
        parts.extend((self.hooks_failed > 0).then(|| format!("{} failed", counted(self.hooks_failed, "hook"))));
        parts.join(" · ")
    }

    /// ` (2 extended)`; nothing where none was.
    fn extended_words(&self) -> String {
        if self.extended == 0 { String::new() } else { format!(" ({} extended)", grouped(self.extended)) }
    }

    /// Built for a reason of their own, though a build of them was recorded.
    pub fn changed(&self) -> usize {
        self.built.saturating_sub(self.cascading + self.new)
    }

    /// `1 new, 2 changed, 3 followed`: nodes built by where their reasons lie.
    pub fn by_origin(&self) -> String {
        by_origin(self.new, self.changed(), self.cascading, "followed")
    }
}

/// `1 new, 2 changed, 3 followed`, without what there is none of. `follows` is the word for the last.
pub fn by_origin(new: usize, changed: usize, followed: usize, follows: &str) -> String {
    let counts = [(new, "new"), (changed, "changed"), (followed, follows)];
    let told = counts.iter().filter(|(count, _)| *count > 0);
    told.map(|(count, word)| format!("{} {word}", grouped(*count))).collect::<Vec<_>>().join(", ")
}

/// A run as it is kept; what is written may only borrow what it is made from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Record<Results = RunResults, Fingerprints = BTreeMap<String, RecordedFingerprint>> {
    /// Each node's fingerprint. Components are written for nodes that the run built or tried to; a skipped node's are
    /// those of the run that its baseline names.
    pub fingerprints: Fingerprints,
    pub previous: Option<Previous>,
    pub results: Results,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Previous {
    /// SHA-256 of the file as it stands.
    pub digest: Digest,
    pub run_id: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound(deserialize = "Full: Deserialize<'de>"))]
pub struct RecordedFingerprint<Full = Fingerprint> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full: Option<Full>,
    pub value: Digest,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_that_only_some_engines_have_are_told_in_words() {
        let measures = serde_json::json!({"bytes_billed": 10_485_760, "job_id": "j-1", "slot_ms": 1200});
        let row: ResultRow = serde_json::from_value(serde_json::json!({
            "bytes_scanned": null, "decision": {
                "action": "build", "baseline": null, "causes": [], "checks": [], "impact": null, "path": [],
                "path_elided": 0, "primary_code": "first_build", "role": null, "roots": [], "sole_impact": null,
                "summary": "first build"
            },
            "details": [], "duration_ms": 1, "finished_at": null, "http": null, "measures": measures, "message": null,
            "name": "m", "output": null, "peak_memory": null, "query_duration_ms": 1, "rows": 1, "started_at": null,
            "status": "success"
        }))
        .unwrap();
        let told: Vec<(String, String)> = row.other_measures().collect();
        let expected = [("bytes billed", "10.0 MB"), ("job id", "j-1"), ("slot ms", "1200")];
        assert_eq!(told, expected.map(|(name, value)| (name.into(), value.into())));
    }
}
