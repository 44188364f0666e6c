//! Rows of what is left as it is, for budgets on what relations hold.

use super::prepare::Prepared;
use crate::check::budget::counts_rows;
use crate::graph::NodeId;
use crate::watch::text_of;
use std::collections::BTreeMap;

/// The rows of each of `nodes` that a budget counts: as its build recorded them where the relation is what that build
/// left, else as the database counts them; `None` where neither tells.
pub fn standing_rows(prepared: &mut Prepared, nodes: impl Iterator<Item = NodeId>) -> BTreeMap<NodeId, Option<u64>> {
    let mut rows = BTreeMap::new();
    for id in nodes {
        let loaded = &prepared.loaded;
        if !counts_rows(&loaded.project, &loaded.graph, id) {
            continue;
        }
        let node = &loaded.graph.nodes[id];
        let held = prepared.found[id].meta.as_ref().map(|meta| &meta.run_id);
        let entry = prepared.state.entries.get(&node.name).filter(|entry| held == Some(&entry.run_id));
        let counted = match entry.and_then(|entry| entry.rows) {
            Some(rows) => Some(rows),
            None => {
                let relation = loaded.dialect.relation(&node.relation);
                let query = format!("select cast(count(*) as varchar(20)) as n from {relation}");
                let read = prepared.session.read(&query).ok();
                read.and_then(|batches| text_of(&batches).parse().ok())
            }
        };
        rows.insert(id, counted);
    }
    rows
}
