//! What the next run is expected to scan, from the engine's plans of what would be built.

use super::{Checkout, Decided};
use crate::artifact::wire::BudgetReport;
use crate::check::budget::{self, Cost};
use crate::check::guard::refuse;
use crate::execute;
use crate::plan::Action;
use crate::project::{Budgets, Metric, QueryLimit, shown_size};
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

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

/// What building would scan, as far as the engine told it within some time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Scans {
    pub bytes: u64,
    /// By node, where it is known.
    pub nodes: BTreeMap<String, u64>,
    /// Nodes that would be built and of which it isn't known.
    pub unknown: usize,
}

impl Scans {
    /// `1.2 MB`, or where not all of it is known `at least 1.2 MB`.
    pub fn words(&self) -> String {
        let least = if self.unknown > 0 { "at least " } else { "" };
        format!("{least}{}", shown_size(self.bytes))
    }
}

impl Decided {
    /// Asks the engine of the nodes that would be built, one after the other for as long as `patience` is; `None` where it
    /// can't tell, or of none of them.
    pub fn scans(&mut self, patience: Duration) -> Option<Scans> {
        let Decided { standing, plan, .. } = self;
        let Checkout { world, project, dialect, .. } = &standing.checkout;
        let (graph, end) = (&standing.graph, world.elapsed() + patience);
        if standing.database.engine().traits().estimates.lacking().is_some() {
            return None;
        }
        let mut scans = Scans::default();
        let built = plan.decisions.iter().filter(|one| one.action == Action::Build).map(|one| one.node);
        for id in built.filter(|id| graph.nodes[*id].materialization.stores_rows()) {
            let session = standing.database.session();
            let ask = || {
                execute::estimate(&**world, session, project, graph, &**dialect, (id, plan.extends(id))).ok().flatten()
            };
            match (world.elapsed() < end).then(ask).flatten() {
                Some(estimate) => {
                    scans.bytes = scans.bytes.saturating_add(estimate.bytes());
                    scans.nodes.insert(graph.nodes[id].name.to_string(), estimate.bytes());
                }
                None => scans.unknown += 1,
            }
        }
        (!scans.nodes.is_empty()).then_some(scans)
    }

    /// Asks the engine, where the project has budgets or a limit and the engine can tell.
    pub fn expected(&mut self, limit: Option<&QueryLimit>) -> Option<Expected> {
        let Decided { standing, plan, .. } = self;
        let wanted = standing.checkout.project.budgets != Budgets::default() || limit.is_some();
        if !wanted || standing.database.engine().traits().estimates.lacking().is_some() {
            return None;
        }
        let of = |action| plan.decisions.iter().filter(move |one| one.action == action).map(|one| one.node);
        let rows = standing.rows(of(Action::Skip));
        let mut costs: Vec<Cost> = rows.into_iter().map(|(node, rows)| Cost::standing(node, rows)).collect();
        let Checkout { world, project, dialect, .. } = &standing.checkout;
        let graph = &standing.graph;
        let mut nodes = BTreeMap::new();
        let mut refused = BTreeMap::new();
        for id in of(Action::Build).filter(|id| graph.nodes[*id].materialization.stores_rows()) {
            let session = standing.database.session();
            let estimate =
                execute::estimate(&**world, session, project, graph, &**dialect, (id, plan.extends(id))).ok().flatten();
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
}
