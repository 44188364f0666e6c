//! From changed files to the nodes that may be built otherwise because of them.

use super::{Body, Graph, Node, NodeId};
use std::collections::BTreeSet;

/// Nodes that one of `changed` (project-relative paths) is an input of, and everything downstream of them. Files that
/// only document (descriptions, budgets) affect nothing. `requirements` is the file that Python models' packages come
/// from.
pub fn affected(graph: &Graph, changed: &BTreeSet<String>, requirements: Option<&str>) -> BTreeSet<NodeId> {
    let of_all = |path: &String| matches!(path.as_str(), "project.yml" | "profiles.yml") || path.starts_with(".env");
    if changed.iter().any(of_all) {
        return (0..graph.nodes.len()).collect();
    }
    let touched = |id: &NodeId| is_touched(&graph.nodes[*id], changed, requirements);
    let mut found: BTreeSet<NodeId> = (0..graph.nodes.len()).filter(touched).collect();
    found.extend(graph.descendants(&found));
    found
}

fn is_touched(node: &Node, changed: &BTreeSet<String>, requirements: Option<&str>) -> bool {
    let has = |path: &str| changed.contains(path);
    has(&node.path)
        || node.package.is_some() && has("packages.lock.yml")
        || !node.sources.is_empty() && has("sources.yml")
        || match &node.body {
            Body::Seed(_) => changed.iter().any(|path| path.ends_with("/schema.yml")),
            Body::Sql(body) => body.macros.values().any(|used| has(&used.at.path)),
            Body::Python(body) => body.model.modules.keys().any(|path| has(path)) || requirements.is_some_and(has),
        }
}
