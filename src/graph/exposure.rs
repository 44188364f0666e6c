//! The nodes that exposures read.

use super::{Graph, NodeId};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::project::{Project, Used};
use std::collections::{BTreeMap, BTreeSet};

/// The nodes that each exposure reads itself; a source that a seed provides is that seed.
///
/// # Errors
/// Each name that stands for nothing, with its place.
pub fn exposures(project: &Project, graph: &Graph) -> Result<BTreeMap<String, BTreeSet<NodeId>>, Vec<Diagnostic>> {
    let mut found = BTreeMap::new();
    let mut problems = Vec::new();
    for (name, exposure) in &project.exposures {
        let mut nodes = BTreeSet::new();
        for one in &exposure.depends_on {
            match &one.of {
                Used::Node(node) => match graph.find(node) {
                    Some(id) => drop(nodes.insert(id)),
                    None => {
                        let names: Vec<&str> = graph.nodes.iter().map(|node| node.name.stem()).collect();
                        let message = format!("exposure `{name}` depends on `{node}`, which isn't a node");
                        let problem = Diagnostic::new("unknown-ref", message).at(one.at.clone());
                        problems.push(did_you_mean(node, names).into_iter().fold(problem, Diagnostic::hint));
                    }
                },
                Used::Source(group, table) => {
                    let key = (group.clone(), table.clone());
                    nodes.extend(graph.providers.get(&key));
                    if !project.sources.contains_key(&key) {
                        let names: Vec<String> = project.sources.values().map(|source| source.name()).collect();
                        let message =
                            format!("exposure `{name}` depends on the source `{group}.{table}`, which isn't one");
                        let problem = Diagnostic::new("unknown-source", message).at(one.at.clone());
                        let near = did_you_mean(&format!("{group}.{table}"), names.iter().map(String::as_str));
                        problems.push(near.into_iter().fold(problem, Diagnostic::hint));
                    }
                }
            }
        }
        found.insert(name.clone(), nodes);
    }
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}
