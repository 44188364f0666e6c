//! What a run does beside building, and what came of it: data that the scheduler, its workers and records share.

use crate::diagnostic::Location;
use crate::graph::NodeId;
use crate::project::{Hook, HookTime};
use crate::render::HookTemplates;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The hooks of a run; none by default.
#[derive(Debug, Default)]
pub struct Hooks {
    pub templates: HookTemplates,
    /// The models that each hook of the project is for, in the project's order.
    pub selected: Vec<BTreeSet<NodeId>>,
}

impl Hooks {
    /// The project's hooks of a time, with the models that each is for.
    pub fn at<'a>(
        &'a self,
        hooks: &'a [Hook],
        when: HookTime,
    ) -> impl Iterator<Item = (&'a Hook, &'a BTreeSet<NodeId>)> {
        hooks.iter().zip(&self.selected).filter(move |(hook, _)| hook.when == when)
    }

    pub fn is_empty(&self) -> bool {
        self.selected.is_empty()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HookStatus {
    Success,
    Error,
}

/// What came of a hook.
#[derive(Clone, Debug)]
pub struct HookOutcome {
    pub name: String,
    pub when: HookTime,
    /// The model that it ran for.
    pub node: Option<NodeId>,
    pub status: HookStatus,
    pub started_at: Timestamp,
    pub elapsed_ms: u64,
    /// Rows that its statements changed, as far as the engine tells it; none where no statement of it changes rows.
    pub rows_affected: Option<u64>,
    pub message: Option<String>,
    pub details: Vec<String>,
    /// Of a failure.
    pub at: Option<Location>,
    /// It failed by a bug of fft.
    pub panicked: bool,
}

impl HookOutcome {
    /// What came of the hooks of a time that ended in a panic which said `words`.
    pub fn panicked(when: HookTime, started_at: Timestamp, words: &str) -> HookOutcome {
        HookOutcome {
            name: when.as_str().into(),
            when,
            node: None,
            status: HookStatus::Error,
            started_at,
            elapsed_ms: 0,
            rows_affected: None,
            message: Some(format!("internal error: {words}")),
            details: vec!["hint: this is a bug in fft".into()],
            at: None,
            panicked: true,
        }
    }
}

/// What came of a run.
#[derive(Clone, Debug, Default)]
pub struct RunEnd {
    pub built: usize,
    pub skipped: usize,
    pub failed: usize,
    pub blocked: usize,
    /// Of the tables that it built.
    pub rows: u64,
    /// The first failure in words.
    pub error: Option<String>,
}

impl RunEnd {
    /// In a word.
    pub fn status(&self) -> &'static str {
        if self.error.is_some() { "error" } else { "success" }
    }
}
