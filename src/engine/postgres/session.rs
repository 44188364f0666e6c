//! One connection: what is in the database, and what a run needs there.

use super::dependent::{Left, sweep};
use super::error::Failure;
use super::interrupt::Handle;
use super::{claim, copy, digest, estimate, meta, source};
use crate::dialect::{Dialect, Postgres, RelationKind, SAFE_CAST};
use crate::digest::Digest;
use crate::engine::{
    Build, Built, CatalogRelation, Claim, Content, DataVersion, EngineError, Estimate, Interrupt, MetaRow, Relations,
    SchemaName, SeedContent, Session, parquet,
};
use crate::name::RelationName;
use crate::plan::Outline;
use crate::world::Stopwatch;
use ::arrow::array::RecordBatch;
use ::postgres::error::SqlState;
use ::postgres::types::{ToSql, Type};
use ::postgres::{Client, Statement, Transaction};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio_postgres_rustls::MakeRustlsConnect;

/// How often a transaction is tried again that the server ended for the sake of another one.
const ATTEMPTS: usize = 3;

/// What names without a catalog or schema stand for.
pub(super) struct Names {
    pub database: String,
    pub schema: String,
}

impl Names {
    /// A relation's full name as [`Relations::resolve`] gives it.
    pub fn resolve(&self, relation: &RelationName) -> RelationName {
        self.relations().resolve(relation)
    }

    /// A relation with its schema. Postgres takes the database's name in front and refuses any other.
    pub fn full(&self, relation: &RelationName) -> RelationName {
        RelationName { schema: Some(self.schema(relation.schema.as_ref()).into()), ..relation.clone() }
    }

    pub fn schema<'a>(&'a self, given: Option<&'a String>) -> &'a str {
        given.unwrap_or(&self.schema)
    }

    fn relations(&self) -> Relations {
        Relations {
            default_catalog: Some(self.database.clone()),
            default_schema: Some(self.schema.clone()),
            case_sensitive: true,
            ..Relations::default()
        }
    }
}

/// What all sessions of a database share.
#[derive(Clone)]
pub(super) struct Shared {
    pub names: Arc<Names>,
    /// Relations that were replaced and that others still read.
    pub left: Left,
    /// Times statements.
    pub stopwatch: Stopwatch,
}

/// How often relations are looked at again while other sessions drop some.
const LOOKS: usize = 20;

/// A connection of its own to the database.
pub(super) struct PostgresSession {
    pub client: Client,
    pub names: Arc<Names>,
    pub left: Left,
    pub stopwatch: Stopwatch,
    tls: MakeRustlsConnect,
    statements: Statements,
}

/// Statements that each build sends, prepared when they are first needed.
#[derive(Default)]
struct Statements {
    standing: Option<Statement>,
    upsert: Option<Statement>,
}

impl PostgresSession {
    pub fn new(client: Client, tls: MakeRustlsConnect, shared: Shared) -> PostgresSession {
        let Shared { names, left, stopwatch } = shared;
        PostgresSession { client, names, left, stopwatch, tls, statements: Statements::default() }
    }

    /// Runs `body` in a transaction that is committed if it succeeds, again where another one was in its way.
    pub fn transaction<T>(
        &mut self,
        mut body: impl FnMut(&mut Transaction<'_>, &Names) -> Result<T, Failure>,
    ) -> Result<T, EngineError> {
        for attempt in 1.. {
            let mut transaction = self.client.transaction()?;
            let result = body(&mut transaction, &self.names).and_then(|value| {
                transaction.commit()?;
                Ok(value)
            });
            match result {
                Err(failure) if failure.is_conflict() && attempt < ATTEMPTS => {}
                result => return Ok(result?),
            }
        }
        unreachable!("invariant: the last attempt gives its result")
    }

    /// What tells what stands under a name.
    pub fn standing(&mut self) -> Result<Statement, EngineError> {
        if self.statements.standing.is_none() {
            self.statements.standing = Some(self.client.prepare(super::build::STANDING)?);
        }
        Ok(self.statements.standing.clone().expect("invariant: just prepared"))
    }

    /// What replaces a row of `_ff_meta`.
    pub fn upsert(&mut self) -> Result<Statement, EngineError> {
        if self.statements.upsert.is_none() {
            self.statements.upsert = Some(self.client.prepare(&meta::upsert(&self.names))?);
        }
        Ok(self.statements.upsert.clone().expect("invariant: just prepared"))
    }

    /// The schemas, `_ff_meta` and the function of `ff_safe_cast`, as far as they are missing: who may only use them
    /// must not be asked for the right to make them.
    fn make(&mut self, schemas: &BTreeSet<String>) -> Result<(), EngineError> {
        self.transaction(|transaction, names| {
            // Two runs may want the same at the same time.
            transaction.batch_execute("select pg_advisory_xact_lock(hashtext('fft prepare'))")?;
            let found = transaction.query_typed("select nspname::text from pg_namespace", &[])?;
            let found: BTreeSet<String> = found.iter().map(|row| row.get(0)).collect();
            for schema in schemas.difference(&found) {
                transaction.batch_execute(&format!("create schema {}", Postgres.quote(schema)))?;
            }
            let function = Postgres.relation(&RelationName::new(None, Some(&names.schema), SAFE_CAST));
            let (table, signature) = (meta::table(names), format!("{function}(text, text, anyelement)"));
            let sql = "select to_regclass($1) is null, to_regprocedure($2) is null,
                              not exists (select from pg_attribute where attrelid = to_regclass($1) and attname = $3)";
            let values = [(&table, Type::TEXT), (&signature, Type::TEXT), (&meta::LAST.to_string(), Type::TEXT)];
            let values = values.each_ref().map(|(value, kind)| (*value as &(dyn ToSql + Sync), kind.clone()));
            let missing = transaction.query_typed(sql, &values)?;
            if missing[0].get(0) {
                transaction.batch_execute(&meta::create(names))?;
            } else if missing[0].get(2) {
                transaction.batch_execute(&meta::widen(names))?;
            }
            if missing[0].get(1) {
                transaction.batch_execute(&safe_cast(&function))?;
            }
            Ok(())
        })
    }
}

/// What the dialect's `safe_cast` calls: `value` as the type called `kind`, which is that of `result`; null where it
/// can't be cast.
fn safe_cast(function: &str) -> String {
    format!(
        "create function {function}(value text, kind text, result anyelement) returns anyelement
         language plpgsql stable as $$
         begin
             execute 'select cast($1 as ' || kind || ')' into result using value;
             return result;
         exception when others then return null;
         end $$"
    )
}

impl Session for PostgresSession {
    fn claim(&mut self, project: &str) -> Result<Claim, EngineError> {
        claim::claim(&mut self.client, &self.names, project)
    }

    fn prepare(&mut self, schemas: &BTreeSet<SchemaName>) -> Result<(), EngineError> {
        let given = schemas.iter().map(|schema| self.names.schema(schema.schema.as_ref()).to_string());
        let wanted: BTreeSet<String> = given.chain([self.names.schema.clone()]).collect();
        self.make(&wanted)?;
        self.left.find(&mut self.client)?;
        sweep(&mut self.client, &self.left)
    }

    fn relations(&mut self) -> Result<Relations, EngineError> {
        let mut relations = self.names.relations();
        let sql = "select n.nspname::text, c.relname::text, c.relkind in ('v', 'm'), {IDENTITY}
                   from pg_class c join pg_namespace n on n.oid = c.relnamespace
                   where c.relkind in ('r', 'p', 'f', 'v', 'm') and c.relpersistence <> 't'
                     and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')";
        let sql = sql.replace("{IDENTITY}", super::build::IDENTITY);
        // A view that another session drops meanwhile has a name and no definition: then what there is now is asked.
        let gone = |error: &::postgres::Error| error.code() == Some(&SqlState::INTERNAL_ERROR);
        let mut told = self.client.query_typed(&sql, &[]);
        for _ in 0..LOOKS {
            if told.as_ref().is_err_and(gone) {
                told = self.client.query_typed(&sql, &[]);
            }
        }
        for row in told? {
            let kind = if row.get(2) { RelationKind::View } else { RelationKind::Table };
            let name = RelationName::new(Some(&self.names.database), Some(row.get(0)), row.get(1));
            relations.identity.insert(name.clone(), super::build::identity(row.get(3)));
            relations.found.insert(name, kind);
        }
        Ok(relations)
    }

    fn meta(&mut self) -> Result<Vec<MetaRow>, EngineError> {
        meta::read(&mut self.client, &self.names, false)
    }

    fn ledger(&mut self) -> Result<Vec<MetaRow>, EngineError> {
        meta::read(&mut self.client, &self.names, true)
    }

    fn catalog(&mut self, schemas: &BTreeSet<SchemaName>) -> Result<Vec<CatalogRelation>, EngineError> {
        let wanted: Vec<&str> = schemas.iter().map(|schema| self.names.schema(schema.schema.as_ref())).collect();
        let sql = "select n.nspname::text, c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod),
                          c.relkind in ('v', 'm'), c.reltuples::bigint,
                          case when c.relkind in ('r', 'm') then pg_table_size(c.oid) end
                   from pg_class c join pg_namespace n on n.oid = c.relnamespace
                   join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                   where c.relkind in ('r', 'p', 'f', 'v', 'm') and n.nspname = any($1)
                   order by n.nspname collate \"C\", c.relname collate \"C\", a.attnum";
        let mut found: Vec<CatalogRelation> = Vec::new();
        for row in self.client.query_typed(sql, &[(&wanted, Type::TEXT_ARRAY)])? {
            let relation = RelationName::new(Some(&self.names.database), Some(row.get(0)), row.get(1));
            let column = (row.get(2), row.get(3));
            match found.last_mut() {
                Some(last) if last.relation == relation => last.columns.push(column),
                _ => {
                    let kind = if row.get(4) { RelationKind::View } else { RelationKind::Table };
                    let count = |at: usize| row.get::<_, Option<i64>>(at).and_then(|count| u64::try_from(count).ok());
                    // A view has no rows of its own, and says 0 or -1.
                    let rows = count(5).filter(|_| kind == RelationKind::Table);
                    found.push(CatalogRelation { relation, kind, columns: vec![column], rows, bytes: count(6) });
                }
            }
        }
        Ok(found)
    }

    fn build(&mut self, build: &Build<'_>) -> Result<Built, EngineError> {
        let built = self.replace(build)?;
        sweep(&mut self.client, &self.left)?;
        Ok(built)
    }

    fn estimate(&mut self, content: &Content<'_>) -> Result<Option<Estimate>, EngineError> {
        match content {
            Content::Query(query) => Ok(Some(estimate::query(&mut self.client, query)?)),
            Content::Seed(content) => estimate::seed(content).map(Some),
            Content::Arrow { .. } => Ok(None),
        }
    }

    fn row_digest(&mut self, relation: &RelationName, without: &[&str]) -> Result<Option<Digest>, EngineError> {
        digest::rows(&mut self.client, &self.names, relation, without).map(Some)
    }

    fn data_version(&mut self, relation: &RelationName) -> Result<DataVersion, EngineError> {
        source::version(&mut self.client, &self.names, relation)
    }

    fn parquet_outline(&mut self, content: &SeedContent<'_>) -> Result<Option<Outline>, EngineError> {
        parquet::outline(content).map(Some)
    }

    fn record(&mut self, row: &MetaRow) -> Result<(), EngineError> {
        let upsert = self.upsert()?;
        self.transaction(|transaction, names| meta::replace(transaction, &upsert, names, row, row.identity.as_ref()))
    }

    fn drop_relation(&mut self, relation: &RelationName) -> Result<(), EngineError> {
        let standing = self.standing()?;
        self.transaction(|transaction, names| {
            let full = names.full(relation);
            if let Some(standing) = super::build::standing(transaction, &standing, &full)? {
                transaction.batch_execute(&format!("drop {} {}", standing.keyword(), Postgres.relation(&full)))?;
            }
            meta::forget(transaction, names, relation)
        })
    }

    fn read(&mut self, sql: &str) -> Result<Vec<RecordBatch>, EngineError> {
        copy::read(&mut self.client, sql)
    }

    fn interrupt(&self) -> Arc<dyn Interrupt> {
        Arc::new(Handle::new(self.client.cancel_token(), self.tls.clone()))
    }
}
