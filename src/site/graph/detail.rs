//! What the panel beside the graph says of a node, in pieces of [`PIECE`] nodes: each is loaded when one of them is
//! selected. And why a root was built, with its differences: a shard each. The node's page says more.

use super::{Dag, Item, Of};
use crate::artifact::results::ResultRow;
use crate::execute::Status;
use crate::site::cause::CauseView;
use crate::site::reached::Reached;
use crate::site::{Page, data, markdown};
use askama::Template;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Nodes in a shard.
const PIECE: usize = 100;
/// Of a long text, and of a long list, what the panel shows.
const LETTERS: usize = 600;
const LISTED: usize = 20;
/// Letters of a description, as it was written.
const DESCRIPTION: usize = 4000;
/// Nodes whose own causes have a shard, and bytes of differences in each.
const ROOTS: usize = 200;
const DIFFS: usize = 32 * 1024;

pub(super) fn shards(dag: &Dag<'_>) -> Vec<Page> {
    let pieces = dag.items.chunks(PIECE).enumerate();
    pieces
        .map(|(at, items)| data::shard(&format!("detail-{at}"), &items.iter().map(detail).collect::<Vec<_>>()))
        .collect()
}

fn detail(item: &Item<'_>) -> Value {
    let mut found = json!({});
    if let Of::Source(source) = item.of {
        found["description"] = source.description.as_deref().map(described).into();
        return found;
    }
    if let Some(node) = item.node() {
        found["description"] = node.description.as_deref().map(described).into();
        found["relation"] = node.relation_name.clone().into();
    }
    let Some(row) = item.row() else { return found };
    let decision = &row.decision;
    let causes = decision.causes.iter().take(LISTED).map(|cause| json!([cause.code, cut(&cause.sentence, LETTERS)]));
    found["causes"] = causes.collect();
    found["more"] = decision.causes.len().saturating_sub(LISTED).into();
    let checks = decision.checks.iter().map(|check| json!([check.name, check.ok, cut(&check.evidence, LETTERS)]));
    found["checks"] = checks.collect();
    found["roots"] = decision.roots.iter().take(LISTED).cloned().collect();
    found["more_roots"] = decision.roots.len().saturating_sub(LISTED).into();
    found["path"] = decision.path.clone().into();
    found["elided"] = decision.path_elided.into();
    found["message"] = row.message.as_deref().map(|message| cut(message, LETTERS)).into();
    found["at"] = row.at.clone().into();
    found["details"] = row.details.iter().take(LISTED).map(|line| cut(line, LETTERS)).collect();
    found["baseline"] = decision.baseline.as_ref().map(|one| json!([one.run_id, one.built_at])).into();
    found
}

/// A description as HTML, made and made safe like the one on the node's page.
fn described(text: &str) -> String {
    markdown::html(&cut(text, DESCRIPTION))
}

fn cut(text: &str, letters: usize) -> String {
    match text.char_indices().nth(letters) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_string(),
    }
}

/// A node's own causes, as its page tells them.
#[derive(Template)]
#[template(path = "causes.html")]
struct Causes<'a> {
    causes: Vec<CauseView<'a>>,
    /// What an edit changed of columns, and who reads them.
    reached: Reached<'a>,
}

/// `cause-<number>` for each node that the run took up for causes of its own that have more to show than a sentence:
/// failures first, then by impact. Beyond a bound the node's page alone has them.
pub(super) fn causes(dag: &Dag<'_>) -> Vec<Page> {
    let impact: BTreeMap<&str, usize> =
        dag.results.roots.iter().map(|root| (root.name.as_str(), root.impact)).collect();
    let mut found = Vec::new();
    for (at, item) in dag.items.iter().enumerate() {
        let Some(row) = item.row() else { continue };
        let causes = shown(row);
        if !causes.is_empty() {
            found.push((row.status != Status::Error, impact.get(item.name).copied(), at, causes));
        }
    }
    found.sort_by_key(|(well, impact, at, _)| (*well, std::cmp::Reverse(*impact), *at));
    found.into_iter().take(ROOTS).map(|(.., at, causes)| page(dag, at, causes)).collect()
}

fn page(dag: &Dag<'_>, at: usize, causes: Vec<CauseView<'_>>) -> Page {
    let reached = Reached::of_node(&dag.results.roots, dag.items[at].name);
    let html = Causes { causes, reached }.render().expect("invariant: writing to memory doesn't fail");
    data::shard(&format!("cause-{at}"), &html)
}

/// The causes of a node's own, where one of them has a difference to show.
fn shown(row: &ResultRow) -> Vec<CauseView<'_>> {
    if !matches!(row.status.known(), Some(Status::Success | Status::Error | Status::Blocked)) {
        return Vec::new();
    }
    let mut left = DIFFS;
    let own = row.decision.causes.iter().filter(|cause| !cause.code.is_upstream());
    let views: Vec<CauseView<'_>> = own
        .map(|cause| {
            let diffs = cause.attributed_to.iter().filter_map(|found| found.diff.as_ref()).chain(&cause.diff);
            let bytes: usize = diffs.map(|diff| diff.unified.len()).sum();
            let fits = bytes <= left;
            left -= if fits { bytes } else { 0 };
            CauseView::new(cause, fits)
        })
        .collect();
    let tells = |view: &CauseView<'_>| {
        view.diff.is_some() || view.data.is_some() || view.has_values() || !view.origins.is_empty()
    };
    if views.iter().any(tells) { views } else { Vec::new() }
}
