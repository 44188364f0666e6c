//! What a relation is built from.

use super::{EngineError, RelationKind};
use crate::dialect::{Change, Layout};
use crate::digest::Digest;
use crate::graph::{Incremental, Snapshot};
use crate::name::RelationName;
use crate::plan::{Identity, Increment};
use crate::world::World;
use arrow::array::RecordBatch;
use jiff::Timestamp;
use std::path::Path;

use super::{Before, Measures, Row};

/// One relation to replace.
pub struct Build<'a> {
    pub relation: &'a RelationName,
    pub kind: RelationKind,
    pub content: Content<'a>,
    /// How what stands is extended by the content; none where that takes its place.
    pub growth: Option<Growth<'a>>,
    /// Its rows come of its past too: what somebody does to them lasts.
    pub lasting: bool,
    /// How a table's rows are to be stored, where something is declared.
    pub layout: Option<&'a Layout>,
    /// What is set at it beside its rows, where something is or was.
    pub settings: Option<&'a Change>,
    /// Versions of rows are added to those that stand; without it the relation is replaced.
    pub history: Option<History<'a>>,
    /// Whether a table of a snapshot may be replaced, whose rows nothing can compute again.
    pub discards: bool,
    /// What stood in its place when it was looked for.
    pub existing: Option<RelationKind>,
    /// Statements that run in front of what makes it, and behind it before it counts as built.
    pub hooks: BuildHooks<'a>,
    /// What the ledger is to say of it; the engine's own identity of the relation is put in.
    pub row: Row,
    /// Whether this run will yet build the relation of that full name: it need not be kept in step with this one.
    pub pending: &'a dyn Fn(&RelationName) -> bool,
    /// Asked when the relation stands and before anything of it is kept: whether what was read is what was hashed. Where
    /// an engine keeps each statement at once, it is asked just before the one that counts.
    pub confirm: Confirm<'a>,
}

/// How a table is extended.
#[derive(Clone, Copy)]
pub struct Growth<'a> {
    pub how: &'a Incremental,
    /// The content gives all rows: those are new that are as young as the youngest that stand, or younger.
    pub filters: bool,
    /// The build that what stands is of.
    pub before: &'a Before,
}

/// Statements around a build, in the order in which they run.
#[derive(Clone, Copy, Debug, Default)]
pub struct BuildHooks<'a> {
    pub pre: &'a [String],
    pub post: &'a [String],
}

/// How the versions of rows are kept.
#[derive(Clone, Copy)]
pub struct History<'a> {
    pub snapshot: &'a Snapshot,
    /// When the run began.
    pub moment: Timestamp,
    /// What stands is given up, and the history begins again.
    pub anew: bool,
    /// Versions of each row that are kept, where older ones are to go.
    pub keep_last: Option<usize>,
}

/// What became of the versions of a snapshot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Versions {
    /// Added.
    pub new: u64,
    /// Ended.
    pub closed: u64,
    /// Rows of the query of which no version was added.
    pub unchanged: u64,
    /// Old ones that were deleted, as was asked for.
    pub pruned: u64,
}

/// Refuses a build whose files changed since they were hashed; it is given what tells which files a pattern means.
pub type Confirm<'a> = &'a dyn Fn(ListFiles<'_>) -> Result<(), EngineError>;

/// The files of this machine that a pattern means.
pub type ListFiles<'a> = &'a mut dyn FnMut(&str) -> Result<Vec<String>, EngineError>;

/// Where a relation's rows come from.
pub enum Content<'a> {
    /// A query in the engine's SQL.
    Query(&'a str),
    /// Rows in memory. Empty `batches` make an empty table of the schema.
    Arrow { schema: arrow::datatypes::SchemaRef, batches: &'a [RecordBatch] },
    /// A seed file, as `engine::seed` reads it or the engine itself.
    Seed(SeedContent<'a>),
}

/// A seed file and how to read it.
#[derive(Clone, Copy)]
pub struct SeedContent<'a> {
    pub world: &'a dyn World,
    pub file: &'a Path,
    /// The file as the project calls it.
    pub path: &'a str,
    /// The leaf of the seed's component: other bytes aren't loaded.
    pub digest: Option<Digest>,
    pub parquet: bool,
    /// What stands between values, where it is declared.
    pub delimiter: Option<u8>,
    /// Declared column types, in any order; the rest is inferred.
    pub types: &'a [(String, String)],
    /// Literal text columns added behind the file's own: `_ff_seed_id`, `_ff_seed_file`.
    pub text_columns: &'a [(&'a str, &'a str)],
    /// Timestamp column added behind those, filled with the time of loading: `_ff_loaded_at`.
    pub loaded_at_column: Option<&'a str>,
}

/// What a build did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Built {
    /// Without rows for a view.
    pub measures: Measures,
    /// What tells the relation from another one in its place; `None` where the engine doesn't say.
    pub identity: Option<Identity>,
    /// What extending did.
    pub increment: Option<Increment>,
    /// Of a snapshot.
    pub versions: Option<Versions>,
    /// What is to be told of it, though it is built.
    pub note: Option<String>,
}

/// A relation that was just built, as the engine is asked what tells it from another one.
pub struct JustBuilt<'a> {
    /// The full name.
    pub relation: &'a RelationName,
    pub kind: RelationKind,
    pub row: &'a Row,
    /// Of a table.
    pub rows: Option<u64>,
    /// Its rows come of its past too.
    pub lasting: bool,
    /// What is to be said of it; an empty text where something was, and is no longer.
    pub description: Option<&'a str>,
}
