//! Budgets of a run: what its nodes have cost, or are expected to, against what budgets.yml allows.
//!
//! Takes the budgets, the graph and the [`Cost`] of each node that ran, with what is left as it is; gives a
//! [`BudgetReport`]. Bytes and time are about the run alone; rows are what a relation is, whoever built it and when. A
//! figure that an engine doesn't tell is left out of a sum, and said to be: it never counts as nothing.

use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::graph::{Graph, NodeId};
use crate::name::stem;
use crate::project::{Metric, Project, Threshold};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What one node cost, or is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    pub node: NodeId,
    pub bytes_scanned: Option<u64>,
    /// `bytes_scanned` was expected, not measured.
    pub estimated: bool,
    pub rows: Option<u64>,
    pub query_duration_ms: Option<u64>,
    /// Nothing was done: `rows` are those that its relation has.
    pub standing: bool,
}

impl Cost {
    /// What is left as it is, a table of so many rows.
    pub fn standing(node: NodeId, rows: Option<u64>) -> Cost {
        Cost { node, rows, standing: true, ..Cost::default() }
    }

    fn of(&self, metric: Metric) -> Option<u64> {
        match metric {
            Metric::BytesScanned => self.bytes_scanned,
            Metric::Rows => self.rows,
            Metric::QueryDurationMs => self.query_duration_ms,
        }
    }
}

/// All budgets of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BudgetReport {
    /// Total, models, tags; each by name and metric.
    pub checks: Vec<BudgetCheck>,
    /// The worst of all.
    pub status: BudgetStatus,
}

/// One metric of one budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetCheck {
    /// Bytes, rows or milliseconds of what ran; `None` where nothing ran or no figure is known.
    pub actual: Option<u64>,
    pub error: Option<u64>,
    /// A part of it was expected, not measured.
    pub estimated: bool,
    pub metric: Metric,
    /// The model or the tag.
    pub name: Option<String>,
    pub scope: Scope,
    pub status: BudgetStatus,
    /// Nodes whose figure isn't known.
    pub unknown: usize,
    pub warn: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    Total,
    Model,
    Tag,
}

/// From good to bad.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BudgetStatus {
    /// Nothing ran that it is about, or nothing is known of what did.
    #[default]
    Idle,
    Ok,
    /// What is known is within the limits, and something isn't known.
    Unknown,
    Warn,
    Error,
}

impl BudgetStatus {
    /// The finding in a word.
    pub fn word(self) -> &'static str {
        match self {
            BudgetStatus::Idle => "–",
            BudgetStatus::Ok => "OK",
            BudgetStatus::Unknown => "UNKNOWN",
            BudgetStatus::Warn => "WARN",
            BudgetStatus::Error => "OVER",
        }
    }
}

/// Holds every budget of the project against what its nodes cost.
pub fn evaluate(project: &Project, graph: &Graph, costs: &[Cost]) -> BudgetReport {
    let budgets = &project.budgets;
    let mut checks = Vec::new();
    let all: Vec<&Cost> = costs.iter().collect();
    let stored = |id: NodeId| graph.nodes[id].materialization.stores_rows();
    add(&mut checks, (Scope::Total, None), &budgets.total, &all, &stored);
    for (name, budget) in &budgets.models {
        let node = graph.find(name);
        let own: Vec<&Cost> = costs.iter().filter(|cost| Some(cost.node) == node).collect();
        add(&mut checks, (Scope::Model, Some(name)), &budget.thresholds, &own, &stored);
    }
    for (tag, budget) in &budgets.tags {
        let tagged = |cost: &&Cost| graph.nodes[cost.node].tags.contains(tag);
        let own: Vec<&Cost> = costs.iter().filter(tagged).collect();
        add(&mut checks, (Scope::Tag, Some(tag)), &budget.thresholds, &own, &stored);
    }
    let status = checks.iter().map(|check| check.status).max().unwrap_or_default();
    BudgetReport { checks, status }
}

fn add(
    checks: &mut Vec<BudgetCheck>,
    (scope, name): (Scope, Option<&String>),
    thresholds: &BTreeMap<Metric, Threshold>,
    costs: &[&Cost],
    stored: &dyn Fn(NodeId) -> bool,
) {
    for (metric, threshold) in thresholds {
        let about = |cost: &&&Cost| match metric {
            // A view has no rows of its own, which is worth a word only where it is asked for by name.
            Metric::Rows => scope == Scope::Model || stored(cost.node),
            Metric::BytesScanned | Metric::QueryDurationMs => !cost.standing,
        };
        let costs: Vec<&Cost> = costs.iter().filter(about).copied().collect();
        let figures: Vec<Option<u64>> = costs.iter().map(|cost| cost.of(*metric)).collect();
        let known: Vec<u64> = figures.iter().copied().flatten().collect();
        let actual = (!known.is_empty()).then(|| known.iter().fold(0, |sum: u64, one| sum.saturating_add(*one)));
        checks.push(BudgetCheck {
            actual,
            error: threshold.error,
            estimated: *metric == Metric::BytesScanned && costs.iter().any(|cost| cost.estimated),
            metric: *metric,
            name: name.cloned(),
            scope,
            status: status(actual, known.len() == figures.len(), threshold),
            unknown: figures.len() - known.len(),
            warn: threshold.warn,
        });
    }
}

fn status(actual: Option<u64>, complete: bool, threshold: &Threshold) -> BudgetStatus {
    let Some(actual) = actual else { return BudgetStatus::Idle };
    let over = |limit: Option<u64>| limit.is_some_and(|limit| actual > limit);
    match () {
        () if over(threshold.error) => BudgetStatus::Error,
        () if over(threshold.warn) => BudgetStatus::Warn,
        () if !complete => BudgetStatus::Unknown,
        () => BudgetStatus::Ok,
    }
}

/// Whether a budget is about the rows of a node.
pub fn counts_rows(project: &Project, graph: &Graph, id: NodeId) -> bool {
    let (budgets, node) = (&project.budgets, &graph.nodes[id]);
    let rows = |thresholds: &BTreeMap<Metric, Threshold>| thresholds.contains_key(&Metric::Rows);
    node.materialization.stores_rows()
        && (rows(&budgets.total)
            || budgets.models.iter().any(|(name, budget)| rows(&budget.thresholds) && graph.find(name) == Some(id))
            || budgets.tags.iter().any(|(tag, budget)| rows(&budget.thresholds) && node.tags.contains(tag)))
}

/// Models that budgets.yml names and the project doesn't have.
pub fn unknown_models(project: &Project, graph: &Graph) -> Vec<Diagnostic> {
    // A model of another engine is no node here, and still one of the project.
    let name_of = |path: &str| {
        let file = path.rsplit('/').next().unwrap_or(path);
        file.rsplit_once('.').map_or(file, |(stem, _)| stem).to_string()
    };
    let files: Vec<String> = project.models.iter().map(|model| name_of(&model.path)).collect();
    let known = |name: &str| graph.find(name).is_some() || files.iter().any(|file| stem(file) == stem(name));
    let unknown = project.budgets.models.iter().filter(|(name, _)| !known(name));
    let problem = |(name, budget): (&String, &crate::project::Budget)| {
        let mut problem = Diagnostic::new("unknown-model", format!("there is no model `{name}`")).at(budget.at.clone());
        problem.hints.extend(did_you_mean(name, graph.names()));
        problem
    };
    unknown.map(problem).collect()
}
