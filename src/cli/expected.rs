//! What the next run is expected to scan, from the engine's plans of what would be built.

use super::budget::print_budgets;
use super::prepare::Prepared;
use super::standing::standing_rows;
use super::terminal::{Style, Terminal, clean};
use crate::artifact::wire::BudgetReport;
use crate::check::budget::{self, Cost};
use crate::check::guard::refuse;
use crate::execute;
use crate::plan::{Action, Plan};
use crate::project::{Budgets, Metric, QueryLimit, shown_size};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
pub struct Expected {
    pub budgets: BudgetReport,
    pub bytes_scanned: u64,
    /// By node; null where it can't be told: what the node reads may not be built yet.
    pub nodes: BTreeMap<String, Option<u64>>,
    /// Nodes that the limit of a query would stop, with why.
    pub refused: BTreeMap<String, String>,
    pub unknown: usize,
}

/// Asks the engine, where the project has budgets or a limit and the engine can tell.
pub fn expected(prepared: &mut Prepared, plan: &Plan, limit: Option<&QueryLimit>) -> Option<Expected> {
    let wanted = prepared.loaded.project.budgets != Budgets::default() || limit.is_some();
    if !wanted || !prepared.engine.capabilities().estimates {
        return None;
    }
    let skips = plan.decisions.iter().filter(|decision| decision.action == Action::Skip).map(|decision| decision.node);
    let standing = standing_rows(prepared, skips);
    let (project, graph, dialect) = (&prepared.loaded.project, &prepared.loaded.graph, &prepared.loaded.dialect);
    let mut costs: Vec<Cost> = standing.into_iter().map(|(node, rows)| Cost::standing(node, rows)).collect();
    let mut nodes = BTreeMap::new();
    let mut refused = BTreeMap::new();
    let builds = plan.decisions.iter().filter(|decision| decision.action == Action::Build);
    for id in builds.map(|decision| decision.node) {
        if !graph.nodes[id].materialization.stores_rows() {
            continue;
        }
        let estimate =
            execute::estimate(&*prepared.loaded.world, &mut *prepared.session, project, graph, &**dialect, id)
                .ok()
                .flatten();
        let name = graph.nodes[id].name.to_string();
        let bytes = estimate.as_ref().map(|estimate| estimate.bytes());
        let refusal = estimate.zip(limit).and_then(|(estimate, limit)| refuse(&estimate, limit));
        refused.extend(refusal.map(|refusal| (name.clone(), refusal.message)));
        costs.push(Cost { node: id, bytes_scanned: bytes, estimated: true, ..Cost::default() });
        nodes.insert(name, bytes);
    }
    let mut budgets = budget::evaluate(project, graph, &costs);
    // How long something takes isn't told before it runs.
    budgets.checks.retain(|check| check.metric != Metric::QueryDurationMs);
    budgets.status = budgets.checks.iter().map(|check| check.status).max().unwrap_or_default();
    let bytes_scanned = nodes.values().flatten().fold(0, |sum: u64, bytes| sum.saturating_add(*bytes));
    let unknown = nodes.values().filter(|bytes| bytes.is_none()).count();
    Some(Expected { budgets: budgets.into(), bytes_scanned, nodes, refused, unknown })
}

impl Expected {
    pub fn print(&self, terminal: &Terminal) {
        if self.nodes.is_empty() {
            return print_budgets(terminal, &self.budgets, false);
        }
        let unknown = match self.unknown {
            0 => String::new(),
            1 => ", without 1 node whose query can't be planned before what it reads is built".into(),
            count => format!(", without {count} nodes whose queries can't be planned before what they read is built"),
        };
        terminal.say(&format!("  expected to scan {}{unknown}", shown_size(self.bytes_scanned)));
        for (node, message) in &self.refused {
            terminal.say(&terminal.paint(Style::Bad, &clean(&format!("  ✗ {node}: {message}"))));
        }
        print_budgets(terminal, &self.budgets, true);
    }
}
