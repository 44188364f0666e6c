//! Lineage that a project's YAML declares for columns.
//!
//! It counts where fft can't tell by itself: for Python models, and for columns of SQL models that are unknown. The
//! graph has checked that every node named is one that the model reads; here the columns are, where they are known.

use super::{ColumnLineage, Columns, Edge, Kind, Relation, Status};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::name::look_up;
use crate::project::{ColumnProperties, DeclaredColumn};
use std::collections::BTreeMap;

/// What is declared for a column; `relations` holds what its model reads, by the names that YAML may use.
pub(super) fn declared(
    column: &ColumnProperties,
    relations: &BTreeMap<String, Relation>,
    problems: &mut Vec<Diagnostic>,
) -> Option<ColumnLineage> {
    let said = column.lineage.as_ref()?;
    let kinds = [
        (Kind::Direct, &said.direct),
        (Kind::Derived, &said.derived),
        (Kind::Aggregate, &said.aggregate),
        (Kind::Filter, &said.filter),
    ];
    let mut edges: BTreeMap<(String, String), Edge> = BTreeMap::new();
    let mut reason = None;
    for (kind, named) in kinds.iter().flat_map(|(kind, columns)| columns.iter().map(move |column| (*kind, column))) {
        match edge(kind, named, relations) {
            Ok(edge) => {
                let found = edges.entry((edge.node.clone(), edge.column.clone())).or_insert(edge);
                found.kind = found.kind.max(kind);
            }
            Err(problem) => {
                reason.get_or_insert_with(|| problem.message.clone());
                problems.push(problem);
            }
        }
    }
    let status = if reason.is_none() { Status::Known } else { Status::Unknown };
    let reason = reason.or_else(|| Some("declared in YAML".into()));
    Some(ColumnLineage { from: edges.into_values().collect(), reason, status })
}

fn edge(kind: Kind, named: &DeclaredColumn, relations: &BTreeMap<String, Relation>) -> Result<Edge, Diagnostic> {
    let found = look_up(&named.node, |name| relations.get(name));
    let Some(relation) = found else {
        let message = format!("the declared lineage names `{}`, which the model doesn't read", named.node);
        return Err(Diagnostic::warning("unknown-column", message).at(named.at.clone()));
    };
    let (Columns::All(names) | Columns::Some(names)) = &relation.columns;
    let same = names.iter().find(|name| **name == named.column);
    let column = same.or_else(|| names.iter().find(|name| name.eq_ignore_ascii_case(&named.column)));
    if column.is_none() && matches!(relation.columns, Columns::All(_)) {
        let message = format!("`{}` has no column `{}`", relation.node, named.column);
        let problem = Diagnostic::warning("unknown-column", message).at(named.at.clone());
        let hint = did_you_mean(&named.column, names.iter().map(String::as_str));
        return Err(hint.into_iter().fold(problem, Diagnostic::hint));
    }
    let column = column.unwrap_or(&named.column).clone();
    Ok(Edge { column, kind, node: relation.node.to_string(), span: None })
}
