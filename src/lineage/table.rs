//! A table inside a query: its columns, what is known of others, and what decides on its rows.

use super::value::Trace;
use super::{Columns, Relation, Span};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// What a subquery, a common table expression or a relation gives.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Table {
    pub columns: Vec<Column>,
    pub rest: Rest,
    /// What decides which rows there are, as filters.
    pub rows: Trace,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Column {
    /// Its name in the form that is compared; none where the engine makes one up.
    pub key: Option<String>,
    pub name: String,
    pub source: Source,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Source {
    /// A column of the relation of this node, by its name there.
    Relation(Arc<str>, String),
    Made(Rc<Trace>),
}

/// What is known of columns beside the listed ones.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Rest {
    /// There are none.
    #[default]
    None,
    /// Every other name but these is a column of the relation of this node; it came in at that `*`.
    Open { node: Arc<str>, without: Vec<String>, star: Option<Span> },
    /// Every other column is this.
    Made(Rc<Trace>),
    /// Nothing, for this reason.
    Unknown(String),
}

/// What a name finds.
pub(super) enum Found {
    /// Certainly this.
    One(Trace),
    /// More than one column.
    Several,
    /// If it is there, it is this.
    Perhaps(Trace),
    None,
}

/// The columns of a table by their names, so that looking for one needn't go through all.
#[derive(Debug, Default)]
pub(super) struct Index {
    named: BTreeMap<String, Places>,
    unnamed: Option<Places>,
}

/// The first of some columns, and how many they are.
#[derive(Clone, Copy, Debug)]
struct Places {
    first: usize,
    count: usize,
}

impl Index {
    /// How many columns have the name.
    pub fn count(&self, key: &str) -> usize {
        self.named.get(key).map_or(0, |places| places.count)
    }

    /// The first column of the name.
    pub fn first(&self, key: &str) -> Option<usize> {
        self.named.get(key).map(|places| places.first)
    }

    pub fn has_unnamed(&self) -> bool {
        self.unnamed.is_some()
    }
}

impl Column {
    pub fn made(key: Option<String>, name: impl Into<String>, trace: Trace) -> Column {
        Column { key, name: name.into(), source: Source::Made(Rc::new(trace)) }
    }

    /// What the column is, named at `span`.
    pub fn trace(&self, span: Span) -> Trace {
        match &self.source {
            Source::Relation(node, column) => Trace::column(node, column, span),
            Source::Made(trace) => (**trace).clone(),
        }
    }
}

impl Table {
    /// A relation that the project knows; `key` gives the form of a name that is compared.
    pub fn relation(relation: &Relation, key: impl Fn(&str) -> String) -> Table {
        let (names, rest) = match &relation.columns {
            Columns::All(names) => (names, Rest::None),
            Columns::Some(names) => {
                (names, Rest::Open { node: relation.node.clone(), without: Vec::new(), star: None })
            }
        };
        let source = |name: &String| Source::Relation(relation.node.clone(), name.clone());
        let column = |name: &String| Column { key: Some(key(name)), name: name.clone(), source: source(name) };
        Table { columns: names.iter().map(column).collect(), rest, rows: Trace::default() }
    }

    /// A table of which nothing is known.
    pub fn unknown(reason: impl Into<String>) -> Table {
        Table { columns: Vec::new(), rest: Rest::Unknown(reason.into()), rows: Trace::default() }
    }

    /// Whether every column is listed.
    pub fn is_complete(&self) -> bool {
        self.rest == Rest::None
    }

    /// Its columns by name, as it is now.
    pub fn index(&self) -> Index {
        let mut index = Index::default();
        for (at, column) in self.columns.iter().enumerate() {
            match &column.key {
                Some(key) => index.named.entry(key.clone()).or_insert(Places { first: at, count: 0 }).count += 1,
                None => index.unnamed.get_or_insert(Places { first: at, count: 0 }).count += 1,
            }
        }
        index
    }

    /// The column called `key`, named at `span`.
    pub fn find(&self, index: &Index, key: &str, span: Span) -> Found {
        match index.named.get(key) {
            Some(Places { first, count: 1 }) => return Found::One(self.columns[*first].trace(span)),
            Some(_) => return Found::Several,
            None => {}
        }
        match (index.unnamed, self.rest.find(key, span)) {
            (None, rest) => rest,
            (Some(Places { first, count: 1 }), Found::None) => Found::Perhaps(self.columns[first].trace(span)),
            _ => Found::Perhaps(Trace::unknown(format!("`{key}` may be a column that has no name in the SQL"))),
        }
    }

    /// Renames columns by their place; columns whose place isn't known become unknown.
    pub fn rename(mut self, names: impl ExactSizeIterator<Item = (String, String)>) -> Table {
        let count = names.len();
        if count == 0 {
            return self;
        }
        for (at, (key, name)) in names.enumerate() {
            match self.columns.get_mut(at) {
                Some(column) if self.rest == Rest::None => {
                    (column.key, column.name) = (Some(key), name);
                }
                _ => {
                    let reason = format!("`{name}` is a column by its place, and the columns there aren't known");
                    let found = self.rest.any().unwrap_or_else(|| Trace::unknown(reason));
                    let column = Column::made(Some(key), name, found);
                    if at < self.columns.len() { self.columns[at] = column } else { self.columns.push(column) }
                }
            }
        }
        if !self.is_complete() {
            self.columns.truncate(count);
            self.rest = Rest::Unknown("columns were renamed by their places, which aren't known".into());
        }
        self
    }
}

impl Rest {
    fn find(&self, key: &str, span: Span) -> Found {
        match self {
            Rest::None => Found::None,
            Rest::Open { without, .. } if without.iter().any(|name| name == key) => Found::None,
            Rest::Open { node, star, .. } => Found::Perhaps(Trace::column(node, key, star.unwrap_or(span))),
            Rest::Made(trace) => Found::Perhaps((**trace).clone()),
            Rest::Unknown(reason) => Found::Perhaps(Trace::unknown(reason)),
        }
    }

    /// What any other column is.
    pub fn any(&self) -> Option<Trace> {
        match self {
            Rest::Made(trace) => Some((**trace).clone()),
            Rest::Unknown(reason) => Some(Trace::unknown(reason)),
            Rest::None | Rest::Open { .. } => None,
        }
    }

    /// Both: which of them a further column comes from isn't known.
    pub fn and(self, other: Rest) -> Rest {
        match (self, other) {
            (Rest::None, one) | (one, Rest::None) => one,
            (Rest::Unknown(reason), _) | (_, Rest::Unknown(reason)) => Rest::Unknown(reason),
            (left, right) => {
                let names: Vec<String> = [&left, &right].iter().filter_map(|rest| rest.owner()).collect();
                Rest::Unknown(format!(
                    "`*` takes columns of several relations whose columns aren't known: {}",
                    names.join(", ")
                ))
            }
        }
    }

    fn owner(&self) -> Option<String> {
        match self {
            Rest::Open { node, .. } => Some(node.to_string()),
            _ => None,
        }
    }
}
