//! Nodes that the declared lineage of columns names: each must be one that the model reads.

use super::Node;
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::project::Properties;

/// What is wrong with the lineage that `properties` declares for a node that reads `upstream`.
pub fn problems(node: &Node, upstream: &[&Node], properties: &Properties) -> Vec<Diagnostic> {
    let sources: Vec<String> = node.sources.iter().map(|(group, table)| format!("source:{group}.{table}")).collect();
    let named = properties.columns.iter().filter_map(|column| Some((&column.name, column.lineage.as_ref()?)));
    let mut found = Vec::new();
    for (column, declared) in named.flat_map(|(column, lineage)| lineage.all().map(move |one| (column, one))) {
        let is_read = |up: &&Node| up.name.is_called(&declared.node);
        if upstream.iter().any(is_read) || sources.contains(&declared.node) {
            continue;
        }
        let node_name = &node.name;
        let message =
            format!("lineage of column `{column}` names `{}`, which `{node_name}` doesn't read", declared.node);
        let names = upstream.iter().flat_map(|up| [up.name.as_str(), up.name.stem()]);
        let hint = did_you_mean(&declared.node, names.chain(sources.iter().map(String::as_str)));
        let problem = Diagnostic::new("unknown-lineage", message).at(declared.at.clone());
        found.push(hint.into_iter().fold(problem, Diagnostic::hint));
    }
    found
}
