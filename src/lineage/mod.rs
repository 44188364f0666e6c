//! Column lineage: where each output column of a query comes from.
//!
//! [`trace`] takes a query's text, the engine's [`Grammar`], the relations that the query may read and, where they are
//! known, the names of the query's own columns; it gives for each column the columns of those relations that it is made
//! from. Pure, and never fails: what can't be told is [`Status::Unknown`] with its reason. [`project::trace_all`] does
//! so for every node of a graph.
//!
//! # What an edge says
//!
//! A column has one edge to each column that it depends on, of the strongest kind that applies, and the place in the SQL
//! where that column is named (or the `*` that stands for it); of a filter that is the place in its condition:
//!
//! - `direct`: the value itself, through renaming, joins, unions, subqueries.
//! - `derived`: made from it: expressions, casts, fields of a struct, conditions of a `case`, what `in` and `exists`
//!   look at; for ranking functions (`row_number()` …) what their window is partitioned and ordered by.
//! - `aggregate`: it went through an aggregate function.
//! - `filter`: it decides which rows there are, or which of them count, but no value comes from it.
//!
//! What decides which rows a `select` gives is an edge of *every* column of that `select`, since each of them would be
//! another column with other rows: `where`, `having`, `qualify`, conditions of joins of any kind (both sides of
//! `using`), `distinct on` with the order that goes with it, `order by` where a limit follows, and keys of `group by`
//! that are no output column themselves. The right-hand columns of `except` and `intersect` filter all columns too. What
//! decides for one expression is an edge of that column alone: `filter (where …)`, a window's partition and order, an
//! aggregate's own order, conditions inside a scalar subquery.
//!
//! # What is unknown
//!
//! A column is `known` when no value can come from anywhere else than its edges say. Where only a *filter* can't be
//! resolved the column stays known and its reason tells so. An unknown column keeps the edges that are certain.
//! Never is an edge a guess: a name that may belong to one of two relations belongs to neither.

mod child;
mod declared;
mod expression;
mod from;
mod function;
mod history;
mod join;
mod parse;
mod pivot;
pub mod project;
mod query;
mod reference;
mod scope;
mod select;
pub mod shape;
mod span;
mod star;
mod table;
#[cfg(test)]
pub(crate) mod tests;
mod value;

use crate::dialect::Grammar;
use crate::digest::{Digest, Tagged};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::sync::Arc;

/// What a column does with another; the later one is the stronger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Filter,
    Direct,
    Derived,
    Aggregate,
}

/// A piece of a text, in bytes of UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    pub length: usize,
    pub offset: usize,
}

/// One column that another depends on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edge {
    pub column: String,
    pub kind: Kind,
    /// A node's name, or `source:group.table` for a source that no seed provides.
    pub node: String,
    /// Where the SQL names it; null for a declared one.
    pub span: Option<Span>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Known,
    Unknown,
}

/// Where one column comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnLineage {
    /// By node and column.
    #[serde(deserialize_with = "tight")]
    pub from: Vec<Edge>,
    /// Why the column is unknown, or which filter is; or who told it.
    pub reason: Option<String>,
    pub status: Status,
}

/// A list without room for more: as it is read it gets room for four, and most columns come from one.
fn tight<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Edge>, D::Error> {
    let mut edges = Vec::deserialize(deserializer)?;
    edges.shrink_to_fit();
    Ok(edges)
}

/// Of an artifact that was written before there was lineage.
impl Default for ColumnLineage {
    fn default() -> ColumnLineage {
        ColumnLineage::unknown("it was not recorded")
    }
}

impl ColumnLineage {
    pub fn unknown(reason: impl Into<String>) -> ColumnLineage {
        ColumnLineage { from: Vec::new(), reason: Some(reason.into()), status: Status::Unknown }
    }
}

/// A relation that a query may read.
#[derive(Clone, Debug, PartialEq)]
pub struct Relation {
    /// As [`Edge::node`] tells it.
    pub node: Arc<str>,
    pub columns: Columns,
}

/// What is known of a relation's columns.
#[derive(Clone, Debug, PartialEq)]
pub enum Columns {
    /// These, in this order, and no others.
    All(Vec<String>),
    /// These, and perhaps others.
    Some(Vec<String>),
}

/// Relations by the parts of their names in the form in which the grammar compares them.
pub type Relations = BTreeMap<Vec<String>, Relation>;

/// What is asked.
pub struct Question<'a> {
    pub text: &'a str,
    pub grammar: &'a Grammar,
    pub relations: &'a Relations,
    /// The names of the query's columns as the engine has them.
    pub columns: Option<&'a [String]>,
}

impl Question<'_> {
    /// Equal for two questions that have one answer.
    pub fn digest(&self) -> Digest {
        let mut hash = Tagged::new("fft-lineage-v2").part(env!("CARGO_PKG_VERSION").as_bytes());
        let mut words = String::new();
        let mut part = |hash: Tagged, part: fmt::Arguments<'_>| {
            words.clear();
            // Writing to a text doesn't fail.
            let _ = words.write_fmt(part);
            hash.part(words.as_bytes())
        };
        hash = part(hash, format_args!("{:?}", (self.grammar.letter_case, self.grammar.reuses_aliases)));
        hash = hash.part(self.text.as_bytes());
        hash = part(hash, format_args!("{:?}", self.columns));
        for (name, relation) in self.relations {
            hash = part(hash, format_args!("{name:?} {relation:?}"));
        }
        hash.finish()
    }
}

/// The columns of one query.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Answer<Columns = Vec<(String, ColumnLineage)>> {
    pub columns: Columns,
    /// Whether these are all columns, each with its certain name.
    pub complete: bool,
    /// Why not.
    pub reason: Option<String>,
}

/// Traces every column of a query.
pub fn trace(question: &Question<'_>) -> Answer {
    let found = parse::with_query(question.text, question.grammar, |query| {
        query::Tracer::new(question).answer(query, question.columns)
    });
    found.unwrap_or_else(|reason| Answer::unknown(reason, question.columns))
}

impl Answer {
    /// An answer that tells nothing of any column.
    fn unknown(reason: String, columns: Option<&[String]>) -> Answer {
        let names = columns.unwrap_or_default().iter();
        let columns = names.map(|name| (name.clone(), ColumnLineage::unknown(&reason))).collect();
        Answer { columns, complete: false, reason: Some(reason) }
    }

    /// The lineage of a column by its name, whatever its letter case.
    pub fn column(&self, name: &str) -> Option<&ColumnLineage> {
        let exact = self.columns.iter().find(|(column, _)| column == name);
        exact
            .or_else(|| self.columns.iter().find(|(column, _)| column.eq_ignore_ascii_case(name)))
            .map(|(_, found)| found)
    }
}
