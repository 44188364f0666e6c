//! How far the edit of a model's columns reaches: which of the nodes that it rebuilds read what is different.
//!
//! Takes the run's roots whose texts differ in columns alone (`Cause::columns` of the plan) and the lineage of every node;
//! adds to each such root what it reaches. Pure. A node reads an edit where one of its columns comes from a changed one,
//! or where a changed one decides on its rows: then all that reads its rows does too. Where it isn't known what a column
//! comes from, its node may read it.

use super::wire::{ColumnEdit, ColumnLineage, ColumnReach, Manifest, Root, Word};
use crate::graph::Graph;
use crate::lineage::project::Traced;
use crate::lineage::{Kind, Status};
use crate::plan::{Plan, RootKind};
use std::collections::{BTreeMap, BTreeSet};

/// The lineage of each column of a node, by the node's name.
pub type Lineage<'a> = dyn Fn(&str) -> Vec<(String, ColumnLineage)> + 'a;

/// Lineage as it was traced.
pub fn traced<'a>(graph: &'a Graph, traced: &'a [Traced]) -> impl Fn(&str) -> Vec<(String, ColumnLineage)> + 'a {
    move |name| {
        let found = graph.id(name).and_then(|id| traced.get(id));
        let column = |found: &Traced, name: &str| (name.to_string(), ColumnLineage::from(found.column(name)));
        found.map(|found| found.names().map(|name| column(found, name)).collect()).unwrap_or_default()
    }
}

/// Lineage as it was written.
pub fn written(manifest: &Manifest) -> impl Fn(&str) -> Vec<(String, ColumnLineage)> + '_ {
    |name| {
        let columns = manifest.nodes.get(name).map(|node| node.columns.as_slice()).unwrap_or_default();
        columns.iter().map(|column| (column.name.clone(), column.lineage.clone())).collect()
    }
}

/// Whether a plan has roots that are edits of columns alone.
pub fn has_edits(plan: &Plan) -> bool {
    plan.decisions.iter().any(|decision| decision.causes().iter().any(|cause| cause.columns.is_some()))
}

/// Adds to the roots of a run what their edits reach.
pub fn add(roots: &mut [Root], graph: &Graph, plan: &Plan, lineage: &Lineage<'_>) {
    for root in roots.iter_mut().filter(|root| root.kind == RootKind::Node) {
        let Some(id) = graph.id(&root.name) else { continue };
        let edit = plan.decisions[id].causes().iter().find_map(|cause| cause.columns.as_deref());
        let Some(edit) = edit.map(ColumnEdit::from) else { continue };
        let place = plan.roots.iter().position(|one| one.kind == RootKind::Node && one.name == root.name);
        let rebuilt = |id: &usize| place.is_some_and(|place| plan.decisions[*id].roots.contains(&place));
        let rebuilt: BTreeSet<usize> = (0..graph.nodes.len()).filter(rebuilt).collect();
        root.columns = reach(edit, graph, id, &rebuilt, lineage);
    }
}

/// How sure it is that something is different.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Differs {
    #[default]
    No,
    Perhaps,
    Yes,
}

/// What is different of a node.
#[derive(Default)]
struct Touched {
    rows: Differs,
    columns: BTreeMap<String, Differs>,
}

impl Touched {
    fn most(&self) -> Differs {
        self.columns.values().copied().max().unwrap_or_default().max(self.rows)
    }
}

fn reach(
    edit: ColumnEdit,
    graph: &Graph,
    root: usize,
    rebuilt: &BTreeSet<usize>,
    lineage: &Lineage<'_>,
) -> Option<ColumnReach> {
    if edit.rows.is_some() {
        return None;
    }
    let names = [&edit.added, &edit.changed, &edit.removed].into_iter().flatten();
    let start = Touched { rows: Differs::No, columns: names.map(|name| (name.to_lowercase(), Differs::Yes)).collect() };
    let mut touched: BTreeMap<usize, Touched> = BTreeMap::from([(root, start)]);
    for id in rebuilt.iter().copied().filter(|id| *id != root) {
        let upstream: Vec<(&str, &Touched)> = graph.nodes[id]
            .upstream
            .iter()
            .filter_map(|up| Some((graph.nodes[*up].name.as_str(), touched.get(up)?)))
            .collect();
        if !upstream.is_empty() {
            let found = below(&upstream, lineage(graph.nodes[id].name.as_str()));
            touched.insert(id, found);
        }
    }
    touched.remove(&root);
    let of = |wanted: Differs| {
        let ids = touched.iter().filter(move |(_, found)| found.most() == wanted);
        ids.map(|(id, _)| graph.nodes[*id].name.to_string()).collect::<Vec<String>>()
    };
    let columns = touched.values().flat_map(|found| found.columns.values()).filter(|one| **one == Differs::Yes).count();
    let rebuilt = rebuilt.len().saturating_sub(1);
    Some(
        ColumnReach {
            columns,
            edit,
            perhaps: of(Differs::Perhaps),
            readers: of(Differs::Yes),
            rebuilt,
            sentence: String::new(),
        }
        .worded(),
    )
}

/// What is different of a node that reads these.
fn below(upstream: &[(&str, &Touched)], columns: Vec<(String, ColumnLineage)>) -> Touched {
    let of = |node: &str, column: &str| {
        let found = upstream.iter().find(|(name, _)| *name == node).map(|(_, touched)| touched);
        found.and_then(|touched| touched.columns.get(&column.to_lowercase())).copied().unwrap_or_default()
    };
    let any = upstream.iter().map(|(_, touched)| touched.most()).max().unwrap_or_default();
    let mut rows = upstream.iter().map(|(_, touched)| touched.rows).max().unwrap_or_default();
    let mut found = BTreeMap::new();
    for (name, lineage) in &columns {
        let mut own = Differs::No;
        for edge in &lineage.from {
            let differs = of(&edge.node, &edge.column);
            match edge.kind {
                Word::Known(Kind::Filter) => rows = rows.max(differs),
                _ => own = own.max(differs),
            }
        }
        // What isn't followed may come from whatever is different upstream.
        let followed = lineage.status == Status::Known;
        own = if followed { own } else { own.max(any.min(Differs::Perhaps)) };
        rows = if lineage.reason.is_none() || !followed { rows } else { rows.max(doubt(lineage, any)) };
        found.insert(name.to_lowercase(), own);
    }
    if columns.is_empty() {
        rows = rows.max(any.min(Differs::Perhaps));
    }
    for own in found.values_mut() {
        *own = (*own).max(rows);
    }
    Touched { rows, columns: found }
}

/// A filter that isn't followed; what YAML declares is believed.
fn doubt(lineage: &ColumnLineage, any: Differs) -> Differs {
    let filter = lineage.reason.as_deref().is_some_and(|reason| reason.starts_with("a filter"));
    if filter { any.min(Differs::Perhaps) } else { Differs::No }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::wire::Edge;

    fn lineage(from: &[(&str, &str, Kind)], status: Status) -> ColumnLineage {
        let edge = |(node, column, kind): &(&str, &str, Kind)| Edge {
            column: column.to_string(),
            kind: (*kind).into(),
            node: node.to_string(),
            span: None,
        };
        ColumnLineage { from: from.iter().map(edge).collect(), reason: None, status: status.into() }
    }

    #[test]
    fn values_filters_and_what_is_not_known_are_told_apart() {
        let start = Touched { rows: Differs::No, columns: BTreeMap::from([("name".into(), Differs::Yes)]) };
        let up = [("stg", &start)];
        let one = |column: &str, found: ColumnLineage| (column.to_string(), found);
        let known = |from: &[(&str, &str, Kind)]| lineage(from, Status::Known);
        let value = below(
            &up,
            vec![
                one("id", known(&[("stg", "id", Kind::Direct)])),
                one("shown", known(&[("stg", "NAME", Kind::Derived)])),
            ],
        );
        assert_eq!((value.rows, value.columns["id"], value.columns["shown"]), (Differs::No, Differs::No, Differs::Yes));
        let filter = below(&up, vec![one("id", known(&[("stg", "id", Kind::Direct), ("stg", "name", Kind::Filter)]))]);
        assert_eq!((filter.rows, filter.columns["id"]), (Differs::Yes, Differs::Yes));
        let none = below(&up, vec![one("id", known(&[("stg", "id", Kind::Direct)]))]);
        assert_eq!(none.most(), Differs::No);
        let unknown = below(&up, vec![one("id", lineage(&[], Status::Unknown))]);
        assert_eq!(unknown.most(), Differs::Perhaps);
        assert_eq!(below(&up, vec![]).most(), Differs::Perhaps);
        // Further down it stays what it is.
        let further = below(&[("mart", &filter)], vec![one("n", known(&[]))]);
        assert_eq!(further.most(), Differs::Yes);
        assert_eq!(below(&[("mart", &value)], vec![one("n", known(&[]))]).most(), Differs::No);
    }
}
