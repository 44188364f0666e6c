//! What a run used of its budgets, as it is written and in words.

use super::Word;
use crate::check::budget::{self, BudgetStatus, Scope};
use crate::diagnostic::grouped;
use crate::project::{Metric, shown_duration, shown_size};
use serde::{Deserialize, Serialize};

/// All budgets of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BudgetReport {
    /// Total, models, tags; each by name and metric.
    pub checks: Vec<BudgetCheck>,
    /// The worst of all.
    pub status: Word<BudgetStatus>,
}

/// One metric of one budget.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BudgetCheck {
    /// Bytes, rows or milliseconds of what ran; `None` where nothing ran or no figure is known.
    pub actual: Option<u64>,
    pub error: Option<u64>,
    /// A part of it was expected, not measured.
    pub estimated: bool,
    pub metric: Word<Metric>,
    /// The model or the tag.
    pub name: Option<String>,
    pub scope: Word<Scope>,
    pub status: Word<BudgetStatus>,
    /// Nodes whose figure isn't known.
    pub unknown: usize,
    pub warn: Option<u64>,
}

impl Default for BudgetReport {
    fn default() -> BudgetReport {
        budget::BudgetReport::default().into()
    }
}

impl From<budget::BudgetReport> for BudgetReport {
    fn from(report: budget::BudgetReport) -> BudgetReport {
        let check = |check: budget::BudgetCheck| BudgetCheck {
            actual: check.actual,
            error: check.error,
            estimated: check.estimated,
            metric: check.metric.into(),
            name: check.name,
            scope: check.scope.into(),
            status: check.status.into(),
            unknown: check.unknown,
            warn: check.warn,
        };
        BudgetReport { checks: report.checks.into_iter().map(check).collect(), status: report.status.into() }
    }
}

impl BudgetReport {
    /// `1 OVER, 3 OK`, the worst first.
    pub fn words(&self) -> String {
        let count = |status: BudgetStatus| self.checks.iter().filter(|check| check.status == status).count();
        let worst_first = [BudgetStatus::Error, BudgetStatus::Warn, BudgetStatus::Unknown, BudgetStatus::Ok];
        let words = worst_first.map(|status| (count(status), status));
        let words = words.iter().filter(|(count, _)| *count > 0);
        let words: Vec<String> = words.map(|(count, status)| format!("{count} {}", status.word())).collect();
        if words.is_empty() { "nothing ran under one".into() } else { words.join(", ") }
    }

    /// The finding over all, in a word.
    pub fn word(&self) -> String {
        match &self.status {
            Word::Known(status) => status.word().into(),
            Word::Unknown(word) => word.to_uppercase(),
        }
    }

    /// Whether there is more to say than that all of them are kept.
    pub fn is_told(&self) -> bool {
        let kept = |check: &BudgetCheck| matches!(check.status.known(), Some(BudgetStatus::Ok | BudgetStatus::Idle));
        !self.checks.iter().all(kept)
    }
}

impl BudgetCheck {
    /// Whether anything that it is about ran.
    pub fn is_told(&self) -> bool {
        self.actual.is_some() || self.unknown > 0
    }

    /// The finding in a word.
    pub fn word(&self) -> String {
        match &self.status {
            Word::Known(status) => status.word().into(),
            Word::Unknown(word) => word.to_uppercase(),
        }
    }

    /// `total bytes_scanned`, `model mart.ff rows`.
    pub fn subject(&self) -> String {
        let metric = &self.metric;
        let name = self.name.as_deref().unwrap_or_default();
        match &self.scope {
            Word::Known(Scope::Total) => format!("total {metric}"),
            Word::Known(Scope::Model) => format!("model {name} {metric}"),
            Word::Known(Scope::Tag) => format!("tag {name} {metric}"),
            Word::Unknown(scope) => format!("{scope} {name} {metric}"),
        }
    }

    /// What was used, in the metric's unit.
    pub fn used(&self) -> String {
        self.actual.map_or("unknown".to_string(), |actual| self.amount(actual))
    }

    /// Above which it warns, in the metric's unit; a dash where there is no such limit.
    pub fn warns_above(&self) -> String {
        self.warn.map_or("–".to_string(), |limit| self.amount(limit))
    }

    /// Above which it fails.
    pub fn fails_above(&self) -> String {
        self.error.map_or("–".to_string(), |limit| self.amount(limit))
    }

    fn amount(&self, amount: u64) -> String {
        match self.metric.known() {
            Some(Metric::BytesScanned) => shown_size(amount),
            Some(Metric::QueryDurationMs) => shown_duration(amount),
            Some(Metric::Rows) | None => grouped(amount as usize),
        }
    }

    /// What is to be known of the figure.
    pub fn notes(&self) -> String {
        let estimated = self.estimated.then(|| "estimated".to_string());
        let left_out = self.unknown > 0 && self.actual.is_some();
        let unknown = left_out.then(|| format!("without {} of which it isn't known", self.unknown));
        estimated.into_iter().chain(unknown).collect::<Vec<_>>().join(", ")
    }
}
