//! The build of one relation: its rows and its `_ff_meta` row in one transaction.
//!
//! The rows are made first, in a temporary table that only this session sees, without a lock on what stands. Then:
//!
//! *A table of the same columns stays the table that it is.* Its rows are deleted and the new ones put in. Readers see
//! the old rows until the commit, whatever their isolation, and nobody waits for anybody; views over it, grants,
//! indexes and comments stay. `truncate` would be faster, but waits for every reader, holds up those behind it, and
//! shows a reader with an older snapshot an empty table; a swap of names does the same and leaves views behind on the
//! old one. The price: about three times a swap's time for a million rows, and the old rows' space until vacuum.
//!
//! *Anything else is swapped.* The new relation is made under another name, and the names change in one moment. Direct
//! readers of the old one are made anew over the new one in the same transaction: see [`super::dependent`].
//!
//! *A view of the same columns is replaced in place,* which its readers don't notice.

use super::dependent::{self, Old};
use super::error::Failure;
use super::session::{Names, PostgresSession};
use super::{copy, estimate, meta, seed};
use crate::dialect::{Dialect, Postgres, RelationKind};
use crate::digest::Digest;
use crate::engine::seed::Seed;
use crate::engine::{Build, Built, Content, EngineError};
use crate::name::RelationName;
use crate::plan::Identity;
use crate::world::Stopwatch;
use ::postgres::error::SqlState;
use ::postgres::types::Type;
use ::postgres::{Statement, Transaction};
use std::time::Duration;

/// The temporary table that rows wait in; it goes when the transaction ends.
pub(super) const ROWS: &str = "pg_temp._ff_rows";

/// What the database has under a name.
pub(super) struct Standing {
    pub oid: u32,
    /// As `pg_class` calls it: `r` a table, `v` a view …
    pub kind: String,
}

impl Standing {
    /// The words that `drop` has for it.
    pub fn keyword(&self) -> &'static str {
        match self.kind.as_str() {
            "v" => "view",
            "m" => "materialized view",
            "f" => "foreign table",
            _ => "table",
        }
    }
}

/// What stands under a schema's and a relation's name.
pub(super) const STANDING: &str = "select c.oid, c.relkind::text
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p', 'f', 'v', 'm')";

/// What tells a relation `c` of `pg_class` from another one in its place. A table goes by its number and that of its file,
/// which `truncate` and `vacuum full` replace; a view by its definition, since it is made anew over a table that is.
pub(super) const IDENTITY: &str = "case when c.relkind = 'v' then coalesce(pg_get_viewdef(c.oid), '')
    else concat_ws(' ', c.oid, c.relfilenode) end";

/// The identity that [`IDENTITY`] tells.
pub(super) fn identity(told: &str) -> Identity {
    Identity { rows: None, token: Some(Digest::of(told.as_bytes())) }
}

/// What stands under the full name `relation`, by the statement [`STANDING`].
pub(super) fn standing(
    transaction: &mut Transaction<'_>,
    statement: &Statement,
    relation: &RelationName,
) -> Result<Option<Standing>, Failure> {
    let schema = relation.schema.as_deref().unwrap_or_default();
    let found = transaction.query_opt(statement, &[&schema, &relation.name])?;
    Ok(found.map(|row| Standing { oid: row.get(0), kind: row.get(1) }))
}

impl PostgresSession {
    /// Replaces the relation, or changes nothing.
    pub(super) fn replace(&mut self, build: &Build<'_>) -> Result<Built, EngineError> {
        // What can be told without the server is told first.
        let supply = Supply::new(&build.content)?;
        let (standing, upsert, stopwatch) = (self.standing()?, self.upsert()?, self.stopwatch.clone());
        let (built, old) = self.transaction(|transaction, names| {
            let read = supply.reads(transaction, build.kind)?;
            let relation = names.full(build.relation);
            let mut step = Step { relation, names, build, stopwatch: &stopwatch, took: Duration::ZERO };
            let (rows, old) = step.run(transaction, &standing, &supply)?;
            // The server's own files are none of this machine.
            (build.confirm)(&|_| Ok(Vec::new()))?;
            let rows = (build.kind == RelationKind::Table).then_some(rows);
            let sql = format!("select {IDENTITY} from pg_class c where c.oid = $1::text::regclass");
            let name = Postgres.relation(&names.full(build.relation));
            let identity = identity(transaction.query_typed(&sql, &[(&name, Type::TEXT)])?[0].get(0));
            meta::replace(transaction, &upsert, names, &build.meta, Some(&identity))?;
            Ok((Built { rows, query_duration: step.took, identity: Some(identity), ..read }, old))
        })?;
        self.left.extend(old);
        Ok(built)
    }
}

/// Where rows come from, ready to be sent.
enum Supply<'a> {
    Query(&'a str),
    Rows(copy::Table),
    Seed(Seed<'a>),
    Parquet(seed::Parquet<'a>),
}

impl<'a> Supply<'a> {
    fn new(content: &'a Content<'a>) -> Result<Supply<'a>, EngineError> {
        match content {
            Content::Query(query) => Ok(Supply::Query(query)),
            Content::Arrow { schema, batches } => Ok(Supply::Rows(copy::Table::new(schema, batches)?)),
            Content::Seed(content) if content.parquet => Ok(Supply::Parquet(seed::Parquet::read(content)?)),
            Content::Seed(content) => Ok(Supply::Seed(Seed::read(content)?)),
        }
    }
}

impl Supply<'_> {
    /// What making a table reads: of a query what the server's plan expects, of a seed its file.
    fn reads(&self, transaction: &mut Transaction<'_>, kind: RelationKind) -> Result<Built, Failure> {
        let (estimate, bytes_estimated) = match self {
            Supply::Query(query) if kind == RelationKind::Table => (estimate::query(transaction, query)?, true),
            Supply::Seed(seed) => (estimate::seed(seed.content)?, false),
            Supply::Parquet(seed) => (estimate::seed(seed.content)?, false),
            Supply::Query(_) | Supply::Rows(_) => return Ok(Built::default()),
        };
        Ok(Built { bytes_scanned: Some(estimate.bytes()), bytes_estimated, ..Built::default() })
    }
}

/// One build in its transaction.
struct Step<'a> {
    /// The full name.
    relation: RelationName,
    names: &'a Names,
    build: &'a Build<'a>,
    stopwatch: &'a Stopwatch,
    /// Time of the statements that make the rows.
    took: Duration,
}

impl Step<'_> {
    /// Puts the relation in its place: its rows, and what the swap left behind.
    fn run(
        &mut self,
        transaction: &mut Transaction<'_>,
        statement: &Statement,
        supply: &Supply<'_>,
    ) -> Result<(u64, Option<Old>), Failure> {
        let found = standing(transaction, statement, &self.relation)?;
        match (self.build.kind, supply, found) {
            (kind, Supply::Query(query), None) => Ok((self.create(transaction, kind, query)?, None)),
            (RelationKind::View, Supply::Query(query), Some(found)) => self.replace_view(transaction, query, found),
            (_, supply, found) => {
                let rows = self.stage(transaction, supply)?;
                let old = self.place(transaction, found)?;
                Ok((rows, old))
            }
        }
    }

    /// The relation from a query, where there is none yet.
    fn create(&mut self, transaction: &mut Transaction<'_>, kind: RelationKind, query: &str) -> Result<u64, Failure> {
        let statement = Postgres.create_or_replace(kind, &self.relation, query);
        let rows = self.timed(transaction, &statement, query)?;
        if kind == RelationKind::Table {
            transaction.batch_execute(&format!("analyze {}", self.target()))?;
        }
        Ok(rows)
    }

    /// In place where the columns allow it, else by a swap.
    fn replace_view(
        &mut self,
        transaction: &mut Transaction<'_>,
        query: &str,
        found: Standing,
    ) -> Result<(u64, Option<Old>), Failure> {
        if found.kind == "v" {
            let mut savepoint = transaction.transaction()?;
            let statement = Postgres.create_or_replace(RelationKind::View, &self.relation, query);
            match self.timed(&mut savepoint, &statement, query) {
                Ok(rows) => {
                    savepoint.commit()?;
                    return Ok((rows, None));
                }
                Err(failure) if failure.is(&SqlState::INVALID_TABLE_DEFINITION) => savepoint.rollback()?,
                Err(failure) => return Err(failure),
            }
        }
        let next = self.beside("new");
        let statement = Postgres.create_or_replace(RelationKind::View, &next, query);
        self.timed(transaction, &statement, query)?;
        Ok((0, self.swap(transaction, &next, found)?))
    }

    /// The new rows in the temporary table.
    fn stage(&mut self, transaction: &mut Transaction<'_>, supply: &Supply<'_>) -> Result<u64, Failure> {
        let started = (self.stopwatch)();
        let rows = match supply {
            Supply::Query(query) => {
                let query_text = Postgres.without_terminator(query);
                let statement = format!("create temp table _ff_rows on commit drop as (\n{query_text}\n)");
                return self.timed(transaction, &statement, query);
            }
            Supply::Rows(table) => table.load(transaction)?,
            Supply::Seed(seed) => seed::load(transaction, seed)?,
            Supply::Parquet(seed) => seed.load(transaction)?,
        };
        self.took += (self.stopwatch)().saturating_sub(started);
        Ok(rows)
    }

    /// The staged rows into the relation's place.
    fn place(&mut self, transaction: &mut Transaction<'_>, found: Option<Standing>) -> Result<Option<Old>, Failure> {
        let started = (self.stopwatch)();
        let target = self.target();
        let old = match found {
            None => {
                transaction.batch_execute(&format!("create table {target} as select * from {ROWS}"))?;
                None
            }
            Some(found) if found.kind == "r" && same_columns(transaction, found.oid)? => {
                let sql = format!("delete from {target}; insert into {target} select * from {ROWS}");
                transaction.batch_execute(&sql)?;
                None
            }
            Some(found) => {
                let next = self.beside("new");
                let create = format!("create table {} as select * from {ROWS}", Postgres.relation(&next));
                transaction.batch_execute(&create)?;
                self.swap(transaction, &next, found)?
            }
        };
        // The planner knows nothing of new rows until somebody counts them, and what reads them comes next.
        transaction.batch_execute(&format!("analyze {target}"))?;
        self.took += (self.stopwatch)().saturating_sub(started);
        Ok(old)
    }

    /// Gives `next` the relation's name, and its readers the new relation.
    fn swap(
        &self,
        transaction: &mut Transaction<'_>,
        next: &RelationName,
        found: Standing,
    ) -> Result<Option<Old>, Failure> {
        let readers = dependent::readers(transaction, found.oid)?;
        let old = Old { relation: self.beside("old"), keyword: found.keyword() };
        let (target, name) = (self.target(), |relation: &RelationName| Postgres.quote(&relation.name));
        transaction.batch_execute(&format!(
            "alter table {target} rename to {}; alter table {} rename to {}",
            name(&old.relation),
            Postgres.relation(next),
            name(&self.relation)
        ))?;
        dependent::grant(transaction, found.oid, &target)?;
        let swap = dependent::Swap { relation: &self.relation, old, names: self.names, pending: self.build.pending };
        swap.finish(transaction, readers)
    }

    /// One statement with the query in it: its rows.
    fn timed(&mut self, transaction: &mut Transaction<'_>, statement: &str, query: &str) -> Result<u64, Failure> {
        let started = (self.stopwatch)();
        // Positions are told in the query, which stands behind the bracket and line break.
        let head = statement.find("(\n").map_or(0, |bracket| bracket + 2);
        let start = statement[..head].chars().count();
        let rows = transaction.execute_typed(statement, &[]);
        self.took += (self.stopwatch)().saturating_sub(started);
        rows.map_err(|error| Failure::within(error, query, start))
    }

    fn target(&self) -> String {
        Postgres.relation(&self.relation)
    }

    /// A name of the same schema that belongs to this build alone.
    fn beside(&self, what: &str) -> RelationName {
        dependent::beside(&self.relation, what, &self.build.meta.run_id)
    }
}

/// Whether the staged rows have just the columns of a table: names, types with their sizes, collations, in order.
fn same_columns(transaction: &mut Transaction<'_>, table: u32) -> Result<bool, Failure> {
    let columns = |of: &str| {
        format!(
            "(select string_agg(concat_ws(' ', quote_ident(attname), atttypid, atttypmod, attcollation, attidentity,
                                          attgenerated), ', ' order by attnum)
              from pg_attribute where attrelid = {of} and attnum > 0 and not attisdropped)"
        )
    };
    let staged = columns(&format!("'{ROWS}'::regclass"));
    let sql = format!("select {} is not distinct from {staged}", columns("$1"));
    Ok(transaction.query_typed(&sql, &[(&table, Type::OID)])?[0].get(0))
}
