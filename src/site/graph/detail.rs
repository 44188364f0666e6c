//! What the panel beside the graph says of a node, in pieces of [`PIECE`] nodes: each is loaded when one of them is
//! selected. The node's page says more.

use super::{Dag, Item};
use crate::site::{Page, data};
use serde_json::{Value, json};

/// Nodes in a shard.
const PIECE: usize = 100;
/// Of a long text, and of a long list, what the panel shows.
const LETTERS: usize = 600;
const LISTED: usize = 20;

pub(super) fn shards(dag: &Dag<'_>) -> Vec<Page> {
    let pieces = dag.items.chunks(PIECE).enumerate();
    pieces
        .map(|(at, items)| data::shard(&format!("detail-{at}"), &items.iter().map(detail).collect::<Vec<_>>()))
        .collect()
}

fn detail(item: &Item<'_>) -> Value {
    let mut found = json!({});
    if let super::Of::Source(source) = item.of {
        found["description"] = source.description.as_deref().map(cut).into();
        return found;
    }
    if let Some(node) = item.node() {
        found["description"] = node.description.as_deref().map(cut).into();
        found["relation"] = node.relation_name.clone().into();
    }
    let Some(row) = item.row() else { return found };
    let decision = &row.decision;
    let causes = decision.causes.iter().take(LISTED).map(|cause| json!([cause.code, cut(&cause.sentence)]));
    found["causes"] = causes.collect();
    found["more"] = decision.causes.len().saturating_sub(LISTED).into();
    found["checks"] = decision.checks.iter().map(|check| json!([check.name, check.ok, cut(&check.evidence)])).collect();
    found["roots"] = decision.roots.iter().take(LISTED).cloned().collect();
    found["path"] = decision.path.clone().into();
    found["elided"] = decision.path_elided.into();
    found["message"] = row.message.as_deref().map(cut).into();
    found["baseline"] = decision.baseline.as_ref().map(|one| json!([one.run_id, one.built_at])).into();
    found
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LETTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_string(),
    }
}
