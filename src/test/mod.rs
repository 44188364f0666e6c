//! Data tests as nodes beside the graph: each has a query, a fingerprint and a decision, and no relation.
//!
//! ```text
//!  Project.tests, tests/**.ff.sql ──suite──▶ [DataTest] ──fingerprint──▶ decide ◀── Record of the last result
//!                                      sql, own ◀┘                         │
//!                                                          queue ◀─────────┘ which test is next, and which nodes wait for it
//! ```
//!
//! A test reads the rows of relations that stand, so it is decided when what it reads has come to its end. Its query gives
//! the rows that are wrong, or their number. Nothing here does I/O.

mod clock;
mod decide;
mod fingerprint;
mod own;
mod queue;
mod record;
pub mod sql;
mod suite;

pub use decide::{Request, TestAction, TestDecision, decide};
pub use fingerprint::{Reads, fingerprint};
pub use queue::Queue;
pub use record::{ReadNode, Record, TestStatus};
pub use suite::{read, select};

use crate::diagnostic::Location;
use crate::fingerprint::Unwatched;
use crate::graph::{Graph, NodeId};
use crate::project::TestTerms;
use crate::render::Origin;
use std::sync::Arc;

/// A source by group and table.
pub type SourceKey = (String, String);

/// The tests of a project, by name.
#[derive(Clone, Debug, Default)]
pub struct Suite {
    pub tests: Vec<DataTest>,
}

/// One test.
#[derive(Clone, Debug)]
pub struct DataTest {
    pub name: String,
    /// `not_null`, `query` for a query of its own, or the word of a kind that a file defines.
    pub kind: String,
    /// What it is declared of.
    pub tables: Vec<Tested>,
    pub columns: Vec<String>,
    pub terms: TestTerms,
    pub tags: Vec<String>,
    /// Where it is declared.
    pub at: Location,
    pub query: TestQuery,
    /// Nodes below which nothing is built once it failed.
    pub guards: Vec<NodeId>,
    /// Nodes whose rows it sees, itself or through what stores none, ascending.
    pub nodes: Vec<NodeId>,
    /// Sources whose data it sees and that no seed provides.
    pub sources: Vec<SourceKey>,
    /// What it reads and nothing tells the state of.
    pub unwatched: Vec<Unwatched>,
    /// The word of its text by which it asks for the time, or for chance.
    pub clock: Option<String>,
}

/// A table that a test is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tested {
    Node(NodeId),
    Source(SourceKey),
}

/// What a test asks.
#[derive(Clone, Debug, Default)]
pub struct TestQuery {
    /// With marks for relations and secrets.
    pub marked: String,
    /// As it is fingerprinted: nodes and sources by their own names.
    pub logical: Arc<str>,
    /// It gives the number of failures in its one value, and not the rows.
    pub counts: bool,
    /// Of a query in a file: that file, and how its text became the query.
    pub file: Option<(String, Arc<str>, Origin)>,
}

impl DataTest {
    /// What it is of, as people read it: `users.id`, `orders, mart`.
    pub fn subject(&self, graph: &Graph) -> String {
        let name = |table: &Tested| match table {
            Tested::Node(id) => graph.nodes[*id].name.stem().to_string(),
            Tested::Source((group, table)) => format!("{group}.{table}"),
        };
        let tables = self.tables.iter().map(name).collect::<Vec<_>>().join(", ");
        match self.columns.as_slice() {
            [] => tables,
            [column] => format!("{tables}.{column}"),
            columns => format!("{tables} ({})", columns.join(", ")),
        }
    }

    /// The node that it is of, where it is of one.
    pub fn node(&self) -> Option<NodeId> {
        self.tables.iter().find_map(|table| match table {
            Tested::Node(id) => Some(*id),
            Tested::Source(_) => None,
        })
    }
}
