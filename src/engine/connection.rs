//! What a driver does, and what an engine tells of its database: the two traits that each engine has an answer to.

use super::seed::Parquet;
use super::{
    CatalogRelation, Content, DataVersion, EngineError, ErrorKind, Estimate, JustBuilt, Measures, RelationKind,
    Relations, Said, SchemaName, SeedContent,
};
use crate::dialect::{Layout, Statement};
use crate::digest::Digest;
use crate::name::RelationName;
use crate::plan::{Column, Identity, Outline};
use arrow::array::RecordBatch;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Takes rows, a batch at a time.
pub type TakeBatch<'a> = &'a mut dyn FnMut(RecordBatch) -> Result<(), EngineError>;

/// A connection as its driver has it. A method that fails leaves the connection usable, and an open transaction open
/// only for [`Connection::rollback`].
pub trait Connection: Send {
    /// Runs a statement. One with a model's query in it is measured.
    fn run(&mut self, statement: &Statement) -> Result<Measures, EngineError>;

    /// The rows of a query, one batch at least, for the sake of its columns. `exactly`: each value as it is, or an error
    /// that names the column.
    fn rows(&mut self, query: &Statement, exactly: bool, take: TakeBatch<'_>) -> Result<(), EngineError>;

    /// Makes a table of rows that no query of the engine gives.
    fn load(&mut self, load: &Load<'_>) -> Result<Measures, EngineError>;

    /// What building from `content` would read, from the engine's own plan; nothing is run. `None` where this content
    /// can't be estimated.
    fn dry_run(&mut self, content: &Content<'_>) -> Result<Option<Estimate>, EngineError>;

    /// Takes note of how many bytes a query of a model may read, for engines whose servers hold a limit as well.
    fn limit(&mut self, _bytes: Option<u64>) {}

    /// Begins a transaction. An engine that keeps each statement at once has none, nor any of what follows.
    fn begin(&mut self) -> Result<(), EngineError> {
        Ok(())
    }

    fn commit(&mut self) -> Result<(), EngineError> {
        Ok(())
    }

    /// Ends the open transaction, if there is one; nothing of it is kept.
    fn rollback(&mut self) {}

    /// Marks a place in the open transaction to come back to.
    fn set_savepoint(&mut self) -> Result<(), EngineError> {
        Ok(())
    }

    /// Goes back to the last such place, or takes what was done since for good.
    fn end_savepoint(&mut self, _keep: bool) -> Result<(), EngineError> {
        Ok(())
    }

    /// Ends the running statement of this connection from another thread.
    fn interrupt(&self) -> Arc<dyn Interrupt>;
}

/// Holds the rows that a server says it has got against those that it was sent.
pub fn all_came(sent: u64, came: u64) -> Result<(), EngineError> {
    if sent == came {
        return Ok(());
    }
    let message = format!("{came} rows are in the table on its way to which {sent} were sent");
    Err(EngineError::new(ErrorKind::Connection, message).hint("nothing was replaced; run it again"))
}

/// Rows that are to become a table.
pub struct Load<'a> {
    pub content: &'a Content<'a>,
    pub into: &'a RelationName,
    /// The table goes when the transaction ends.
    pub temporary: bool,
    /// What the table is to say of itself.
    pub mark: Option<String>,
    /// How its rows are to be stored, where something is declared.
    pub layout: Option<&'a Layout>,
    /// What its statements say in a comment that they are for.
    pub comment: Option<&'a str>,
}

impl Load<'_> {
    /// A statement of it, as it is sent.
    pub fn commented(&self, statement: Statement) -> Statement {
        match self.comment {
            Some(words) => statement.commented(words),
            None => statement,
        }
    }
}

/// Ends a connection's running statement, which then fails with [`ErrorKind::Interrupted`](super::ErrorKind).
pub trait Interrupt: Send + Sync {
    fn interrupt(&self);
}

/// What came of [`Observe::claim`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    Held,
    /// Another run holds it: the schema and who that is, in words.
    Taken(String),
}

/// What an engine tells of its database, and what it keeps in order there.
pub trait Observe: Connection {
    /// Keeps other runs of `project` off this database until the connection ends, or tells who does so now. An engine
    /// whose database belongs to one process at a time has nothing to do.
    fn claim(&mut self, _project: &str) -> Result<Claim, EngineError> {
        Ok(Claim::Held)
    }

    /// Makes the schemas, and what else the engine needs to build, as far as they are missing. Each catalog and schema is
    /// named in full.
    fn make_schemas(&mut self, schemas: &BTreeSet<(String, String)>) -> Result<(), EngineError>;

    /// Every relation of the database with its kind, identity and mark; where the engine tells of them by schema, every one
    /// of these, each given with its catalog. A schema that isn't there has none.
    fn relations(&mut self, schemas: &BTreeSet<(String, String)>) -> Result<Relations, EngineError>;

    /// What stands under a full name now.
    fn stands(&mut self, relation: &RelationName) -> Result<Option<RelationKind>, EngineError> {
        Ok(self.standing(relation)?.map(|standing| standing.kind))
    }

    /// The words that `drop` has for it.
    fn keyword(&mut self, relation: &RelationName) -> Result<Option<&'static str>, EngineError> {
        Ok(self.standing(relation)?.map(|standing| standing.keyword))
    }

    /// The same as recipes must know it, once the new rows are staged.
    fn standing(&mut self, relation: &RelationName) -> Result<Option<Standing>, EngineError>;

    /// Names and types of a relation's columns, in order, as they are within an open transaction; none where it isn't
    /// there. Asked only of an engine with [`Traits::increments`](super::Traits).
    fn columns(&mut self, _relation: &RelationName) -> Result<Vec<Column>, EngineError> {
        Err(EngineError::new(ErrorKind::Statement, "this engine isn't asked for the columns of a relation"))
    }

    /// Finds, or leaves on the relation, what tells it from another one in its place; `None` where the engine doesn't say.
    fn identify(&mut self, _built: &JustBuilt<'_>) -> Result<Option<Identity>, EngineError> {
        Ok(None)
    }

    /// Columns of every relation in `schemas`, with row counts and sizes where the engine knows them.
    fn catalog(&mut self, schemas: &BTreeSet<SchemaName>) -> Result<Vec<CatalogRelation>, EngineError>;

    /// What the engine tells of a build once it is kept, beside what its statements told.
    fn measured(&mut self, _relation: &RelationName) -> Measures {
        Measures::default()
    }

    /// Over the rows of a table, given by its full name, as [`identify`](Observe::identify) has them of one that is extended;
    /// `None` where nothing is looked at.
    fn content(&mut self, _relation: &RelationName) -> Result<Option<Digest>, EngineError> {
        Ok(None)
    }

    /// The comments of a relation, given by its full name, and of its columns; `None` where they aren't read here.
    fn said(&mut self, _relation: &RelationName) -> Result<Option<Said>, EngineError> {
        Ok(None)
    }

    /// Takes note of what a replacement left, for [`Observe::sweep`].
    fn leave(&mut self, _relation: &RelationName, _keyword: &'static str) {}

    /// Drops what replacements left and nobody reads any more.
    fn sweep(&mut self) -> Result<(), EngineError> {
        Ok(())
    }

    /// A digest of a table's columns, their types and its rows, whatever their order; equal rows count each. Columns
    /// named in `without` are left out. Asked only of an engine with [`Traits::row_digest`](super::Traits), of a table
    /// that this connection has just built.
    fn row_digest(&mut self, _relation: &RelationName, _without: &[&str]) -> Result<Option<Digest>, EngineError> {
        Ok(None)
    }

    /// Lends this connection's own session of the database to a Python model, which may leave anything there: after that
    /// model's build the connection is done with. `None` where frames of the engine's own can't be had.
    fn lend(&mut self) -> Result<Option<Lent>, EngineError> {
        Ok(None)
    }

    /// What tells one state of a relation that fft doesn't build from another.
    fn data_version(&mut self, _relation: &RelationName) -> Result<DataVersion, EngineError> {
        Ok(DataVersion::Unknown("this engine doesn't tell which data a relation holds".into()))
    }

    /// The files that a path or pattern of a query means, as paths of this machine in no order; `None` where the engine
    /// reads no files of this machine.
    fn files(&mut self, _pattern: &str) -> Result<Option<Vec<String>>, EngineError> {
        Ok(None)
    }

    /// Columns and rows of a Parquet file, without loading it; `None` where the engine can't tell.
    fn parquet_outline(&mut self, seed: &SeedContent<'_>) -> Result<Option<Outline>, EngineError> {
        Ok(Some(Parquet::open(seed)?.outline()))
    }
}

/// A session of the database, as a client in another language is let into it.
pub struct Lent {
    /// A secret where it holds a token.
    pub address: String,
    /// The view of that session which holds what a model gave.
    pub view: &'static str,
}

/// What stands under a relation's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub kind: RelationKind,
    /// The words that `drop` has for it.
    pub keyword: &'static str,
    /// The format of a table's files, in lower case, where the engine has several.
    pub format: Option<String>,
    /// It is a plain table of just the columns that are staged.
    pub same_columns: bool,
    /// Who holds on to it, by name.
    pub readers: Vec<Reader>,
    /// What gives others the rights that they have on it, once another one has its name.
    pub grants: Vec<Statement>,
}

impl Standing {
    /// Of a relation to which nobody holds on.
    pub fn plain(kind: RelationKind) -> Standing {
        let keyword = kind.keyword();
        Standing { kind, keyword, format: None, same_columns: false, readers: Vec::new(), grants: Vec::new() }
    }

    /// Whether it is plainly of that kind, as fft makes them: not a materialized view, for one.
    pub fn is(&self, kind: RelationKind) -> bool {
        self.kind == kind && self.keyword == kind.keyword()
    }
}

/// A view that reads a relation directly and holds on to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// Its full name.
    pub relation: RelationName,
    /// What makes it anew over what now has the names in its definition; or why that can't be, in words.
    pub rebind: Result<Statement, String>,
}
