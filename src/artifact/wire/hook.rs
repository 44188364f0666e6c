//! Hooks, as what came of them is written, and as the next run would run them.

use super::Word;
use crate::execute::{HookOutcome, HookStatus};
use crate::graph::Graph;
use crate::project::HookTime;
use crate::world::instant;
use serde::{Deserialize, Serialize};

/// What came of a hook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HookResult {
    /// Of a failure, its place: `path:line:column`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// What follows the message of a failure: a traceback, the statement, a hint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
    pub elapsed_ms: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    pub name: String,
    /// The model that it ran for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// Rows that its statements changed, as far as the engine tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_affected: Option<u64>,
    pub started_at: String,
    pub status: Word<HookStatus>,
    pub when: Word<HookTime>,
}

impl HookResult {
    pub fn of(graph: &Graph, outcome: &HookOutcome) -> HookResult {
        HookResult {
            at: outcome.at.as_ref().map(ToString::to_string),
            details: outcome.details.clone(),
            elapsed_ms: outcome.elapsed_ms,
            error: outcome.message.clone(),
            name: outcome.name.clone(),
            node: outcome.node.map(|id| graph.nodes[id].name.to_string()),
            rows_affected: outcome.rows_affected,
            started_at: instant(outcome.started_at),
            status: outcome.status.into(),
            when: outcome.when.into(),
        }
    }

    pub fn has_failed(&self) -> bool {
        self.status == HookStatus::Error
    }

    /// When it ran: `on_run_end`, `after_model of a.ff`.
    pub fn occasion(&self) -> String {
        match &self.node {
            Some(node) => format!("{} of {node}", self.when),
            None => self.when.to_string(),
        }
    }

    /// What is told of it where it failed: `The hook audit (on_run_end) failed: no such table (hooks/audit.sql:3:1).`
    pub fn failure(&self) -> String {
        let place = self.at.as_ref().map(|at| format!(" ({at})")).unwrap_or_default();
        let message = self.error.as_deref().unwrap_or_default();
        let message = message.lines().next().unwrap_or_default().trim().trim_end_matches('.');
        let separator = if message.is_empty() { "" } else { ": " };
        format!("The hook {} ({}) failed{separator}{message}{place}.", self.name, self.occasion())
    }
}

/// A hook of the next run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlannedHook {
    pub name: String,
    /// The models that it would run for, where it is one of models.
    pub nodes: Vec<String>,
    pub when: Word<HookTime>,
}

impl PlannedHook {
    /// `audit`, `audit (2 models)`.
    fn words(&self) -> String {
        match self.nodes.len() {
            0 => self.name.clone(),
            count => format!("{} ({})", self.name, crate::diagnostic::counted(count, "model")),
        }
    }
}

/// What a run would run beside building: `on_run_start make, tell · after_model audit (2 models)`.
pub fn words_of_hooks(hooks: &[PlannedHook]) -> String {
    let names = |hooks: &[PlannedHook]| hooks.iter().map(PlannedHook::words).collect::<Vec<_>>().join(", ");
    let times = hooks.chunk_by(|left, right| left.when == right.when);
    times.map(|hooks| format!("{} {}", hooks[0].when, names(hooks))).collect::<Vec<_>>().join(" · ")
}

/// What the hooks of a run that failed are told by: those in front of a model are told by its failure.
pub fn failures(hooks: &[HookResult]) -> impl Iterator<Item = &HookResult> {
    hooks.iter().filter(|hook| hook.has_failed() && hook.when != HookTime::BeforeModel)
}
