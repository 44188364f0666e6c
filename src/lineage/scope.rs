//! What names stand for at one place of a query.
//!
//! A scope holds the tables behind `from`, the columns that `using` merged and the aliases given so far; what it doesn't
//! have is looked for in the scope around it. Where an inner scope *may* have a name and an outer one has it too, the
//! answer is that it isn't known.

use super::table::{Found, Index, Table};
use super::value::Trace;
use super::{Kind, Span};
use sqlparser::ast::NamedWindowDefinition;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

/// Names that are visible in a `select`.
#[derive(Default)]
pub(super) struct Scope<'p> {
    pub tables: Vec<Bound>,
    /// Columns of `using`, by the form that is compared.
    pub merged: Vec<Merged>,
    /// Output columns so far; of one name the first.
    pub aliases: BTreeMap<String, Rc<Trace>>,
    /// Names of which it isn't told whether they are an output column or another one.
    pub unsure: BTreeSet<String>,
    pub windows: &'p [NamedWindowDefinition],
    /// What decides on the rows.
    pub rows: Trace,
    pub outer: Option<&'p Scope<'p>>,
}

/// A table under its name.
pub(super) struct Bound {
    /// Its alias, or the parts of its relation's name; empty where it has no name.
    pub names: Vec<String>,
    pub table: Rc<Table>,
    index: OnceCell<Index>,
}

/// A column that several tables share.
pub(super) struct Merged {
    pub key: String,
    pub name: String,
    pub trace: Trace,
    /// The place of the first of those tables.
    pub first: usize,
}

impl Bound {
    pub fn new(names: Vec<String>, table: Rc<Table>) -> Bound {
        Bound { names, table, index: OnceCell::new() }
    }

    /// Its column called `key`, named at `span`.
    pub fn find(&self, key: &str, span: Span) -> Found {
        self.table.find(self.index.get_or_init(|| self.table.index()), key, span)
    }

    pub fn answers_to(&self, name: &[String]) -> bool {
        !name.is_empty() && self.names.ends_with(name)
    }

    fn shown(&self) -> String {
        if self.names.is_empty() { "a subquery".into() } else { format!("`{}`", self.names.join(".")) }
    }
}

impl<'p> Scope<'p> {
    pub fn new(outer: Option<&'p Scope<'p>>, windows: &'p [NamedWindowDefinition]) -> Scope<'p> {
        Scope { windows, outer, ..Scope::default() }
    }

    /// Takes a table in, and what decides on its rows.
    pub fn bind(&mut self, bound: Bound) {
        self.rows.add(&bound.table.rows, Kind::Filter);
        self.tables.push(bound);
    }

    /// This scope and those around it.
    pub fn chain(&self) -> impl Iterator<Item = &Scope<'p>> {
        std::iter::successors(Some(self), |scope| scope.outer)
    }

    /// An unqualified column, named at `span`.
    pub fn column(&self, key: &str, span: Span) -> Option<Trace> {
        let mut perhaps: Option<Trace> = None;
        for scope in self.chain() {
            if scope.unsure.contains(key) {
                return Some(Trace::unknown(format!("`{key}` is both an output column and a column of a relation")));
            }
            let own = scope.own(key, span, 0..scope.tables.len());
            let alias = || scope.aliases.get(key).map(|trace| (**trace).clone());
            let certain = match own {
                Found::One(trace) => Some(trace),
                Found::Several => Some(Trace::unknown(format!("`{key}` may be a column of several relations"))),
                Found::None => alias(),
                Found::Perhaps(trace) => {
                    if perhaps.is_some() {
                        return Some(doubtful(key));
                    }
                    perhaps = Some(trace);
                    alias()
                }
            };
            match (certain, &perhaps) {
                (Some(trace), None) => return Some(trace),
                (Some(_), Some(_)) => return Some(doubtful(key)),
                (None, _) => {}
            }
        }
        perhaps
    }

    /// A column of the tables in `range`.
    pub fn own(&self, key: &str, span: Span, range: Range<usize>) -> Found {
        let merged = self.merged.iter().rev().find(|merged| merged.key == key && range.contains(&merged.first));
        if let Some(merged) = merged {
            return Found::One(merged.trace.clone());
        }
        let mut certain = Vec::new();
        let mut perhaps: Vec<(&Bound, Trace)> = Vec::new();
        for bound in &self.tables[range] {
            match bound.find(key, span) {
                Found::One(trace) => certain.push(trace),
                Found::Several => return Found::Several,
                Found::Perhaps(trace) => perhaps.push((bound, trace)),
                Found::None => {}
            }
        }
        match (certain.len(), perhaps.len()) {
            (1, _) => Found::One(certain.remove(0)),
            (0, 0) => Found::None,
            (0, 1) => Found::Perhaps(perhaps.remove(0).1),
            (0, _) => {
                let names: Vec<String> = perhaps.iter().map(|(bound, _)| bound.shown()).collect();
                let reason =
                    format!("`{key}` may be a column of {}, whose columns aren't all known", names.join(" or "));
                Found::Perhaps(Trace::unknown(reason))
            }
            _ => Found::Several,
        }
    }

    /// The tables that a qualifier means, in the nearest scope that has one.
    pub fn qualified(&self, name: &[String]) -> Option<&Bound> {
        self.chain().find_map(|scope| scope.tables.iter().find(|bound| bound.answers_to(name)))
    }

    /// A named window, here or around.
    pub fn window(&self, same: impl Fn(&NamedWindowDefinition) -> bool) -> Option<&'p NamedWindowDefinition> {
        self.chain().find_map(|scope| scope.windows.iter().find(|window| same(window)))
    }
}

fn doubtful(key: &str) -> Trace {
    Trace::unknown(format!(
        "`{key}` may be a column of a relation whose columns aren't all known, or stand for something else"
    ))
}
