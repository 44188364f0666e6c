//! What the graph may be coloured by besides what the graph itself says: when a node was built, what its last build took and
//! gave. Loaded when somebody asks for it; `static/lens.js` reads it.

use super::{Dag, Item};
use crate::execute::Status;
use crate::site::{Page, data};
use serde_json::json;

/// Only nodes have a place in the lists. Times are minutes before the newest build; -1 stands for unknown.
pub(super) fn shards(dag: &Dag<'_>) -> Vec<Page> {
    let nodes = &dag.items[..dag.nodes];
    let built: Vec<Option<i64>> = nodes.iter().map(|item| built(dag, item)).collect();
    let newest = built.iter().flatten().max().copied();
    let ages: Vec<i64> = built.iter().map(|one| one.zip(newest).map_or(-1, |(one, newest)| newest - one)).collect();
    let known = |of: &dyn Fn(&Item<'_>) -> Option<u64>| -> Vec<i64> {
        nodes.iter().map(|item| of(item).and_then(|one| i64::try_from(one).ok()).unwrap_or(-1)).collect()
    };
    let value = json!({
        "newest": newest,
        "ages": ages,
        "milliseconds": known(&|item| item.past.milliseconds),
        "rows": known(&|item| item.past.rows),
    });
    vec![data::shard("lens", &value)]
}

/// The minute in which what it holds was built.
fn built(dag: &Dag<'_>, item: &Item<'_>) -> Option<i64> {
    let row = item.row()?;
    let now =
        (row.status == Status::Success).then(|| row.finished_at.as_deref().unwrap_or(&dag.results.run_finished_at));
    let then = row.decision.baseline.as_ref().map(|baseline| baseline.built_at.as_str());
    let at: jiff::Timestamp = now.or(then)?.parse().ok()?;
    Some(at.as_second().div_euclid(60))
}
