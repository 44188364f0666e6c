//! A preview of the last run alone: the nodes that it built, failed or didn't reach, without those that it left.
//!
//! Takes artifacts and makes them smaller. The site is made of them as of any, so that no link leads to what isn't there; a
//! run's record is as it was.

use super::word;
use crate::artifact::manifest::Manifest;
use crate::artifact::results::{ResultRow, RunResults};
use crate::execute::Status;
use std::collections::BTreeSet;

/// Leaves the nodes that the last run took up. Gives in words what was left out; no words where nothing was.
pub fn alone(manifest: &mut Manifest, results: &mut RunResults) -> String {
    let all = manifest.nodes.len();
    let mut kept: BTreeSet<String> =
        results.results.iter().filter(|row| is_taken_up(row)).map(|row| row.name.clone()).collect();
    kept.retain(|name| manifest.nodes.contains_key(name));
    let read: BTreeSet<String> = kept.iter().flat_map(|name| manifest.nodes[name].sources.iter().cloned()).collect();
    manifest.sources.retain(|name, _| read.contains(name));
    // The seed that provides a source is named wherever the source is.
    kept.extend(manifest.sources.values().filter_map(|source| source.provided_by.clone()));
    manifest.nodes.retain(|name, _| kept.contains(name));
    for edges in [&mut manifest.parents, &mut manifest.children] {
        edges.retain(|name, _| kept.contains(name));
        edges.values_mut().for_each(|others| others.retain(|name| kept.contains(name)));
    }
    manifest.levels.iter_mut().for_each(|names| names.retain(|name| kept.contains(name)));
    for node in manifest.nodes.values_mut() {
        node.deps.retain(|name| kept.contains(name));
        for column in &mut node.columns {
            let source = |owner: &str| owner.strip_prefix("source:").is_some_and(|name| read.contains(name));
            column.lineage.from.retain(|edge| kept.contains(&edge.node) || source(&edge.node));
        }
    }
    results.results.retain(|row| kept.contains(&row.name));
    let left = all - manifest.nodes.len();
    if left == 0 {
        return String::new();
    }
    format!("{} that the last run left alone, and earlier runs", word::count(left, "node"))
}

/// Whether the run did something about it, or would have.
fn is_taken_up(row: &ResultRow) -> bool {
    !matches!(row.status.known(), Some(Status::Skipped | Status::NotSelected))
}
