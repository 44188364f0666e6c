//! What the next run is expected to scan, from the engine's plans of what would be built.

use super::{Checkout, Decided};
use crate::artifact::wire::BudgetReport;
use crate::check::budget::{self, Cost};
use crate::check::guard::refuse;
use crate::execute;
use crate::plan::Action;
use crate::project::{Budgets, Metric, QueryLimit};
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

impl Decided {
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
            let estimate = execute::estimate(&**world, session, project, graph, &**dialect, id).ok().flatten();
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
