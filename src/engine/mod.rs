//! Databases behind two traits: an [`Engine`] opens sessions, a [`Session`] does the work of one worker thread.
//!
//! An engine is one file here and one in `dialect/`; nothing else names one. What an engine can do is data
//! ([`Capabilities`]), asked and never guessed from a name.

mod column;
#[cfg(test)]
mod conformance;
#[cfg(feature = "duckdb")]
mod duckdb;
mod exact;
mod full_name;
mod open;
mod parquet;
mod postgres;
mod section;
mod seed;

pub use crate::dialect::RelationKind;
pub use open::{Access, features, open, versions};
pub use seed::header;

use crate::digest::Digest;
use crate::name::{NodeName, RelationName};
use crate::plan::{Identity, Outline};
use crate::world::World;
use arrow::array::RecordBatch;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// A database as one profile names it.
pub trait Engine: Send + Sync {
    /// `duckdb`, `postgres` …
    fn name(&self) -> &'static str;

    /// Which database this is, without secrets and independent of the checkout's path: what a cache entry belongs to.
    fn target(&self) -> String;

    fn capabilities(&self) -> Capabilities;

    /// Opens a session of its own for one thread.
    fn session(&self) -> Result<Box<dyn Session>, EngineError>;
}

/// What an engine can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// A view holds on to the relations that it was made over, whatever becomes of their names: one that an upstream
    /// relation's absence has left behind must be made anew.
    pub bound_views: bool,
    /// [`Session::estimate`] tells what a statement would read before it runs.
    pub estimates: bool,
    /// [`Session::row_digest`] tells whether two relations hold the same rows.
    pub row_digest: bool,
}

/// One connection. A method that fails leaves no transaction open and the session usable.
pub trait Session: Send {
    /// Keeps other runs of `project` off this database until the session ends, or tells who does so now. An engine whose
    /// database belongs to one process at a time has nothing to do.
    fn claim(&mut self, _project: &str) -> Result<Claim, EngineError> {
        Ok(Claim::Held)
    }

    /// Makes the schemas and the `_ff_meta` table that a run needs. Called once, before the first node, on one session.
    fn prepare(&mut self, schemas: &BTreeSet<SchemaName>) -> Result<(), EngineError>;

    /// Every relation of the database with its kind, in one query.
    fn relations(&mut self) -> Result<Relations, EngineError>;

    /// Every row of `_ff_meta` without its record, in one query; empty when the table isn't there.
    fn meta(&mut self) -> Result<Vec<MetaRow>, EngineError>;

    /// Every row of `_ff_meta` with its record and identity: for a checkout that doesn't know these builds.
    fn ledger(&mut self) -> Result<Vec<MetaRow>, EngineError>;

    /// Columns of every relation in `schemas`, in one query; with row counts and sizes where the engine knows them.
    fn catalog(&mut self, schemas: &BTreeSet<SchemaName>) -> Result<Vec<CatalogRelation>, EngineError>;

    /// Replaces a relation and its `_ff_meta` row together, or changes nothing. Rows that other nodes have of the
    /// relation go.
    fn build(&mut self, build: &Build<'_>) -> Result<Built, EngineError>;

    /// What building from `content` would read, from the engine's own plan; nothing is run. Asked only of an engine with
    /// [`Capabilities::estimates`]; `None` where this content can't be estimated.
    fn estimate(&mut self, content: &Content<'_>) -> Result<Option<Estimate>, EngineError> {
        let _ = content;
        Ok(None)
    }

    /// A digest of a table's columns, their types and its rows, whatever their order; equal rows count each. Columns
    /// named in `without` are left out. Asked only of an engine with [`Capabilities::row_digest`], of a table that this
    /// session has just built.
    fn row_digest(&mut self, relation: &RelationName, without: &[&str]) -> Result<Option<Digest>, EngineError> {
        let _ = (relation, without);
        Ok(None)
    }

    /// What tells one state of a relation that fft doesn't build from another.
    fn data_version(&mut self, relation: &RelationName) -> Result<DataVersion, EngineError> {
        let _ = relation;
        Ok(DataVersion::Unknown("this engine doesn't tell which data a relation holds".into()))
    }

    /// The files that a path or pattern of a query means, as paths of this machine in no order; `None` where the engine
    /// reads no files of this machine.
    fn files(&mut self, pattern: &str) -> Result<Option<Vec<String>>, EngineError> {
        let _ = pattern;
        Ok(None)
    }

    /// Columns and rows of a Parquet file, without loading it; `None` where the engine can't tell.
    fn parquet_outline(&mut self, seed: &SeedContent<'_>) -> Result<Option<Outline>, EngineError> {
        let _ = seed;
        Ok(None)
    }

    /// Columns and rows of a seed file, without loading it.
    fn outline(&mut self, seed: &SeedContent<'_>) -> Result<Option<Outline>, EngineError> {
        match seed.parquet {
            // What is told of the file is told of the bytes that were hashed.
            true => seed::unchanged(seed, || self.parquet_outline(seed)),
            false => seed::outline(seed).map(Some),
        }
    }

    /// Replaces only the `_ff_meta` row: for a skip that takes a new fingerprint.
    fn record(&mut self, meta: &MetaRow) -> Result<(), EngineError>;

    /// Drops a relation, whatever its kind, and its `_ff_meta` row; a missing one is no error.
    fn drop_relation(&mut self, relation: &RelationName) -> Result<(), EngineError>;

    /// All rows of a query.
    fn read(&mut self, sql: &str) -> Result<Vec<RecordBatch>, EngineError>;

    /// All rows of a query, each value as it is, or an error that names the column.
    fn read_exactly(&mut self, sql: &str) -> Result<Vec<RecordBatch>, EngineError> {
        self.read(sql)
    }

    /// Ends the running statement of this session from another thread.
    fn interrupt(&self) -> Arc<dyn Interrupt>;
}

/// What came of [`Session::claim`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    Held,
    /// Another run holds it: the schema and who that is, in words.
    Taken(String),
}

/// Ends a session's running statement, which then fails with [`ErrorKind::Interrupted`].
pub trait Interrupt: Send + Sync {
    fn interrupt(&self);
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SchemaName {
    pub catalog: Option<String>,
    pub schema: Option<String>,
}

/// What exists, under fully resolved names: an engine fills in the session's own catalog and schema.
#[derive(Clone, Debug, Default)]
pub struct Relations {
    pub found: BTreeMap<RelationName, RelationKind>,
    /// What tells each from another one in its place, as far as the engine knows.
    pub identity: BTreeMap<RelationName, Identity>,
    /// What `None` parts of a [`RelationName`] stand for.
    pub default_catalog: Option<String>,
    pub default_schema: Option<String>,
    /// Whether names that differ in case alone are different names.
    pub case_sensitive: bool,
}

impl Relations {
    /// The relation's kind, where it exists.
    pub fn kind(&self, relation: &RelationName) -> Option<RelationKind> {
        self.found.get(&self.resolve(relation)).copied()
    }

    /// The full name that a relation is found under; lower-cased where case makes no difference.
    pub fn resolve(&self, relation: &RelationName) -> RelationName {
        let folded = |name: &String| if self.case_sensitive { name.clone() } else { name.to_lowercase() };
        let part = |given: &Option<String>, default: &Option<String>| given.as_ref().or(default.as_ref()).map(folded);
        RelationName {
            catalog: part(&relation.catalog, &self.default_catalog),
            schema: part(&relation.schema, &self.default_schema),
            name: folded(&relation.name),
        }
    }
}

/// What [`Session::data_version`] says of a relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataVersion {
    /// Equal rows of equal columns have the same text; it begins with their count.
    Known(String),
    /// Why it can't be told, in words.
    Unknown(String),
}

impl DataVersion {
    /// The version that a count and a digest of rows make.
    fn of_rows(count: &str, digest: &Digest) -> DataVersion {
        DataVersion::Known(format!("{count} rows, {digest}"))
    }

    fn unreadable() -> DataVersion {
        DataVersion::Unknown("it isn't there, or can't be read".into())
    }

    /// Of what each build changes: the database's own tables of what is in it.
    fn of_the_database() -> DataVersion {
        DataVersion::Unknown("it tells what is in the database, which each build changes".into())
    }

    fn too_large() -> DataVersion {
        let rows = ROWS_WATCHED;
        DataVersion::Unknown(format!(
            "it has more than {rows} rows or {VALUES_WATCHED} values, too many to be read through each time"
        ))
    }
}

/// Rows that a relation has at most of which all are read to tell its state.
const ROWS_WATCHED: u64 = 1_000_000;
/// Values of them.
const VALUES_WATCHED: u64 = 20_000_000;

/// A row of `_ff_meta`: what a relation holds. A relation has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetaRow {
    pub node: NodeName,
    pub relation: RelationName,
    pub fingerprint: Digest,
    pub engine: String,
    /// RFC 3339, UTC.
    pub built_at: String,
    pub run_id: String,
    /// The run that had built each upstream relation, by node, when this one was made from them. `None` in a row of an
    /// earlier version, and in that of a build that was to be recorded nowhere.
    pub upstream_builds: Option<BTreeMap<String, String>>,
    /// The project that built it; `None` in a row of an earlier version.
    pub project: Option<String>,
    /// The build as `execute::ledger` writes it, for checkouts that have no record of it. `None` in a row of an earlier
    /// version, and in that of a build that was to be recorded nowhere.
    pub record: Option<String>,
    /// What told the relation from another one in its place when it was built; [`Session::build`] finds it itself.
    pub identity: Option<Identity>,
}

/// One relation to replace.
pub struct Build<'a> {
    pub relation: &'a RelationName,
    pub kind: RelationKind,
    pub content: Content<'a>,
    /// What stands in its place now: another kind is dropped in the same transaction.
    pub existing: Option<RelationKind>,
    pub meta: MetaRow,
    /// Whether this run will yet build the relation of that full name: it need not be kept in step with this one.
    pub pending: &'a dyn Fn(&RelationName) -> bool,
    /// Asked when the relation stands and before anything of it is kept: whether what was read is what was hashed.
    pub confirm: Confirm<'a>,
}

/// Refuses a build whose files changed since they were hashed; it is given what tells which files a pattern means.
pub type Confirm<'a> = &'a dyn Fn(ListFiles<'_>) -> Result<(), EngineError>;

/// The files of this machine that a pattern means.
pub type ListFiles<'a> = &'a dyn Fn(&str) -> Result<Vec<String>, EngineError>;

/// Where a relation's rows come from.
pub enum Content<'a> {
    /// A query in the engine's SQL.
    Query(&'a str),
    /// Rows in memory. Empty `batches` make an empty table of the schema.
    Arrow { schema: arrow::datatypes::SchemaRef, batches: &'a [RecordBatch] },
    /// A seed file: CSV as `engine::seed` reads it, Parquet by a reader of its own.
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
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Built {
    /// Rows of the relation built; `None` for a view.
    pub rows: Option<u64>,
    /// Time the engine spent on the statement that makes the rows.
    pub query_duration: Duration,
    /// What the statement read of relations and files; `None` where the engine doesn't say.
    pub bytes_scanned: Option<u64>,
    /// `bytes_scanned` is what the engine's plan expected, not what was measured.
    pub bytes_estimated: bool,
    /// What tells the relation from another one in its place; `None` where the engine doesn't say.
    pub identity: Option<Identity>,
    /// Most memory that the statement held, in bytes; `None` where the engine doesn't say.
    pub peak_memory: Option<u64>,
}

/// What a statement would read, told before it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// In the plan's order; a relation that is read twice is there twice.
    pub scans: Vec<Scan>,
}

impl Estimate {
    /// Bytes of all scans.
    pub fn bytes(&self) -> u64 {
        self.scans.iter().fold(0, |sum, scan| sum.saturating_add(scan.bytes))
    }
}

/// One relation or file that a statement reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// As the engine names it, free of secrets.
    pub name: String,
    /// `None` where the plan doesn't say.
    pub rows: Option<u64>,
    /// Of the columns that are read.
    pub bytes: u64,
}

/// A relation as the engine describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct CatalogRelation {
    pub relation: RelationName,
    pub kind: RelationKind,
    /// Name and type, in order.
    pub columns: Vec<(String, String)>,
    /// Where the engine knows it without counting.
    pub rows: Option<u64>,
    pub bytes: Option<u64>,
}

impl SchemaName {
    /// The schema that a relation lives in.
    pub fn of(relation: &RelationName) -> SchemaName {
        SchemaName { catalog: relation.catalog.clone(), schema: relation.schema.clone() }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The statement is wrong: syntax, a missing relation or column, a failed cast.
    Statement,
    /// The profile's settings are wrong.
    Settings,
    /// The database can't be opened or was lost.
    Connection,
    /// Another process holds the database.
    Locked,
    Interrupted,
}

/// A failure of the engine, its message free of secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineError {
    pub kind: ErrorKind,
    pub message: String,
    /// Character offset in the model's query, where the engine names one.
    pub position: Option<usize>,
    pub hint: Option<String>,
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "\n  hint: {}", hint.replace('\n', "\n        ")),
            None => Ok(()),
        }
    }
}

impl std::error::Error for EngineError {}
