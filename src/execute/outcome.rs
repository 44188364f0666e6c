//! What came of a run: one outcome a node, in the graph's order. A failing model is an outcome, never an `Err`.

use super::{HookOutcome, TestOutcome};
use crate::diagnostic::Location;
use crate::digest::Digest;
use crate::engine::{Measures, Versions};
use crate::graph::NodeId;
use crate::http::Telemetry;
use crate::plan::{CacheMode, Decision, Identity, Increment, Outline, Plan, Step};
use crate::test::Suite;
use jiff::Timestamp;
use litemap::LiteMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A run that has ended.
#[derive(Clone, Debug)]
pub struct Run {
    /// `20261122T101500Z-3fa9`: start in UTC and four hexadecimal digits.
    pub run_id: String,
    pub started_at: Timestamp,
    pub finished_at: Timestamp,
    /// Seconds between those by a clock that never runs backwards.
    pub duration_ms: u64,
    pub cache_mode: CacheMode,
    pub git_commit: Option<String>,
    /// Whether files of the project differed from that commit, where it is known.
    pub git_dirty: Option<bool>,
    /// One for each node of the graph, in its order.
    pub outcomes: Vec<Outcome>,
    /// Those that ran: at its beginning, around models in the graph's order, at its end.
    pub hooks: Vec<HookOutcome>,
    /// One for each test of the run, in the order of the suite.
    pub tests: Vec<TestOutcome>,
    /// The tests of the project.
    pub suite: Arc<Suite>,
    /// Rows of tables that were left as they are, where a budget counts them; `None` where that can't be told.
    pub standing: BTreeMap<NodeId, Option<u64>>,
    /// Ended before all was done: by the user, or by a bug.
    pub interrupted: bool,
    /// Nodes that could be built at one time; none before that is known.
    pub workers: Option<usize>,
    pub origin: Origin,
}

/// Who asked for a run, and from which state of the files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The command line, without values that may be secret.
    pub command: Option<String>,
    /// `git describe` of the commit.
    pub describe: Option<String>,
    /// The project's folder in the repository; none at its top.
    pub folder: Option<String>,
    /// Files of the project that differ from the commit, and files that git doesn't know.
    pub changed: Option<usize>,
    pub untracked: Option<usize>,
    /// Variables that the project names for this.
    pub variables: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Success,
    Error,
    Skipped,
    /// Not tried, because an upstream node failed or the run ended before its turn.
    Blocked,
    NotSelected,
}

/// What came of one node.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub node: NodeId,
    /// The step that it is the outcome of; none where the node needed none, or none was begun.
    pub step: Option<Step>,
    pub status: Status,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub duration_ms: Option<u64>,
    /// What the engine tells of the build.
    pub measures: Measures,
    /// Of a snapshot: what became of its versions.
    pub versions: Option<Versions>,
    /// What tells the relation built from another one in its place.
    pub identity: Option<Identity>,
    /// Of a table that was extended: what came of that.
    pub increment: Option<Increment>,
    /// Of a seed whose rows aren't kept for comparison: what its file holds.
    pub outline: Option<Outline>,
    /// With early cutoff: the digest of what the node gives to those that read it, where that is known.
    pub output: Option<Digest>,
    /// The run that had built each upstream relation when this node read it.
    pub upstream_builds: LiteMap<String, String>,
    /// With early cutoff: the decision that the node ended with, where it isn't the plan's.
    pub revised: Option<Box<Decision>>,
    /// Of a failure, in one line.
    pub message: Option<String>,
    /// What follows the message: a traceback, the engine's excerpt, a hint.
    pub details: Vec<String>,
    pub at: Option<Location>,
    pub http: Option<Telemetry>,
    /// It failed by a bug of fft, not by anything of its own.
    pub panicked: bool,
    /// For a blocked node: the failed node nearest upstream; none when the run was interrupted.
    pub blocked_by: Option<NodeId>,
    /// The hook whose failure kept it from being begun.
    pub blocked_by_hook: Option<String>,
    /// The test above it that failed.
    pub blocked_by_test: Option<String>,
    /// The worker that the node was handed out to, from 0.
    pub worker: Option<usize>,
}

impl Outcome {
    /// A node that took no time.
    pub fn instant(node: NodeId, status: Status) -> Outcome {
        Outcome {
            node,
            step: None,
            status,
            started_at: None,
            finished_at: None,
            duration_ms: None,
            measures: Measures::default(),
            versions: None,
            identity: None,
            increment: None,
            outline: None,
            output: None,
            upstream_builds: LiteMap::new(),
            revised: None,
            message: None,
            details: Vec::new(),
            at: None,
            http: None,
            panicked: false,
            blocked_by: None,
            blocked_by_hook: None,
            blocked_by_test: None,
            worker: None,
        }
    }

    /// A node whose build ended in a panic that said `words`.
    pub fn panicked(node: NodeId, words: &str) -> Outcome {
        Outcome {
            message: Some(format!("internal error: {words}")),
            details: vec!["hint: this is a bug in fft; the run went on without the node".into()],
            panicked: true,
            ..Outcome::instant(node, Status::Error)
        }
    }

    /// Whether a step of this run has left its mark: the node's row in the database is of this run.
    pub fn is_done(&self) -> bool {
        self.step.is_some() && matches!(self.status, Status::Success | Status::Skipped)
    }

    /// Whether the node was left as it is, and nothing is to be told of that but its decision.
    pub fn is_left(&self) -> bool {
        let left = matches!(self.status, Status::Skipped | Status::NotSelected);
        left && self.step.is_none() && self.output.is_none() && self.revised.is_none()
    }

    /// Time of the engine alone.
    pub fn query_duration_ms(&self) -> Option<u64> {
        self.measures.time().map(|time| time.as_millis() as u64)
    }

    /// The decision that the node ended with.
    pub fn decision<'a>(&'a self, plan: &'a Plan) -> &'a Decision {
        self.revised.as_deref().unwrap_or(&plan.decisions[self.node])
    }
}
