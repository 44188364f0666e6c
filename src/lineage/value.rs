//! What one value is made from: edges that add up.

use super::{ColumnLineage, Edge, Kind, Span, Status};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The columns that a value comes from, each with the strongest kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Trace {
    /// By node and column.
    edges: BTreeMap<(Arc<str>, String), (Kind, Span)>,
    /// Why the value may come from others too.
    pub unknown: Option<String>,
    /// Why others may be filters too.
    doubt: Option<String>,
}

impl Kind {
    /// What comes from a column through two steps.
    pub(super) fn then(self, next: Kind) -> Kind {
        if self == Kind::Filter || next == Kind::Filter { Kind::Filter } else { self.max(next) }
    }
}

impl Trace {
    /// The value of a column itself.
    pub fn column(node: &Arc<str>, column: impl Into<String>, span: Span) -> Trace {
        let edges = BTreeMap::from([((node.clone(), column.into()), (Kind::Direct, span))]);
        Trace { edges, ..Trace::default() }
    }

    pub fn unknown(reason: impl Into<String>) -> Trace {
        Trace { unknown: Some(reason.into()), ..Trace::default() }
    }

    /// Adds what `other` is made from, each edge through one more step of `kind`.
    pub fn add(&mut self, other: &Trace, kind: Kind) {
        for (column, (own, span)) in &other.edges {
            self.put(column, own.then(kind), *span);
        }
        let (unknown, doubt) = match kind {
            Kind::Filter => (&None, other.unknown.as_ref().or(other.doubt.as_ref())),
            _ => (&other.unknown, other.doubt.as_ref()),
        };
        self.unknown = self.unknown.take().or_else(|| unknown.clone());
        self.doubt = self.doubt.take().or_else(|| doubt.cloned());
    }

    /// Adds what `other` is made from, its filters too, as what a value is derived from.
    pub fn add_all_as(&mut self, other: &Trace, kind: Kind) {
        for (column, (own, span)) in &other.edges {
            self.put(column, kind.then((*own).max(Kind::Direct)), *span);
        }
        let unknown = Trace { unknown: other.unknown.clone().or_else(|| other.doubt.clone()), ..Trace::default() };
        self.add(&unknown, kind);
    }

    /// Adds the edges of `other` as they are.
    pub fn merge(&mut self, other: &Trace) {
        self.add(other, Kind::Direct);
    }

    /// The same, named at `span`: a condition is cited where it stands, not where its column came in.
    pub fn at(mut self, span: Span) -> Trace {
        if span.length > 0 {
            self.edges.values_mut().for_each(|(_, place)| *place = span);
        }
        self
    }

    /// Forgets whatever is only a filter and satisfies `test`.
    pub fn without(mut self, test: impl Fn(&(Arc<str>, String)) -> bool) -> Trace {
        self.edges.retain(|column, _| !test(column));
        self
    }

    /// The columns that this is nothing but.
    pub fn direct(&self) -> impl Iterator<Item = &(Arc<str>, String)> {
        self.edges.iter().filter(|(_, (kind, _))| *kind == Kind::Direct).map(|(column, _)| column)
    }

    /// Whether both are made from the same columns, however.
    pub fn has_columns_of(&self, other: &Trace) -> bool {
        self.edges.keys().eq(other.edges.keys()) && (&self.unknown, &self.doubt) == (&other.unknown, &other.doubt)
    }

    fn put(&mut self, column: &(Arc<str>, String), kind: Kind, span: Span) {
        match self.edges.get_mut(column) {
            None => drop(self.edges.insert(column.clone(), (kind, span))),
            Some(found) if kind > found.0 => *found = (kind, span),
            Some(found) if kind == found.0 => found.1 = found.1.min_by_place(span),
            Some(_) => {}
        }
    }

    /// The lineage of a column of this value in rows that `rows` decides on.
    pub fn lineage(&self, rows: &Trace) -> ColumnLineage {
        let mut all = self.clone();
        all.add(rows, Kind::Filter);
        let edge = |((node, column), (kind, span)): ((Arc<str>, String), (Kind, Span))| Edge {
            column,
            kind,
            node: node.to_string(),
            span: (span.length > 0).then_some(span),
        };
        let from = all.edges.into_iter().map(edge).collect();
        match (all.unknown, all.doubt) {
            (Some(reason), _) => ColumnLineage { from, reason: Some(reason), status: Status::Unknown },
            (None, Some(filter)) => {
                let reason = Some(format!("a filter of its rows is unknown: {filter}"));
                ColumnLineage { from, reason, status: Status::Known }
            }
            (None, None) => ColumnLineage { from, reason: None, status: Status::Known },
        }
    }
}

impl Span {
    fn min_by_place(self, other: Span) -> Span {
        if (other.offset, other.length) < (self.offset, self.length) { other } else { self }
    }
}
