//! Columns that YAML or Markdown describes and the relation doesn't have: known once the relation stands.

use super::catalog::Catalog;
use crate::diagnostic::{Diagnostic, Location, did_you_mean, grouped};
use crate::graph::{Graph, Node};
use crate::project::Project;

/// Columns that are told one by one.
const SHOWN: usize = 20;

/// A warning for each, in the order of the nodes.
pub fn unknown_columns(project: &Project, graph: &Graph, catalog: &Catalog) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = graph.nodes.iter().flat_map(|node| of_node(project, node, catalog)).collect();
    if found.len() > SHOWN {
        let more = grouped(found.len() - SHOWN);
        found.truncate(SHOWN);
        found.push(Diagnostic::warning(
            "unknown-column",
            format!("and {more} more columns are described and aren't there"),
        ));
    }
    found
}

fn of_node(project: &Project, node: &Node, catalog: &Catalog) -> Vec<Diagnostic> {
    let Some(relation) = catalog.nodes.get(node.name.as_str()) else { return Vec::new() };
    let has = |name: &str| relation.columns.iter().any(|column| column.name.eq_ignore_ascii_case(name));
    let warning = |name: &str, at: Option<Location>| {
        let message = format!("column `{name}` of `{}` is described, and its relation has no such column", node.name);
        let hint = did_you_mean(name, relation.columns.iter().map(|column| column.name.as_str()));
        let problem = hint.into_iter().fold(Diagnostic::warning("unknown-column", message), Diagnostic::hint);
        match at {
            Some(at) => problem.at(at),
            None => problem,
        }
    };
    let said = project.properties_of(&node.name).map(|properties| properties.columns.as_slice()).unwrap_or_default();
    let said = said.iter().filter(|column| !has(&column.name)).map(|column| warning(&column.name, column.at.clone()));
    let written = project.documents.files_of(&node.relation.name).map(|(of, _)| of).filter(|(_, name)| !has(name));
    let written = written.map(|(of, name)| warning(name, Some(Location::file(format!("docs/columns/{of}/{name}.md")))));
    said.chain(written).collect()
}
