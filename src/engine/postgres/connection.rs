//! What one connection does, and what it tells of the database.

use super::error::located;
use super::handle::PostgresConnection;
use super::interrupt::Handle;
use super::left::sweep;
use super::{claim, copy, digest, estimate, seed, source, standing};
use crate::dialect::{Dialect, Postgres, RelationKind, SAFE_CAST, Statement};
use crate::digest::Digest;
use crate::engine::seed::Seed;
use crate::engine::{
    CatalogRelation, Claim, Connection, Content, DataVersion, EngineError, Estimate, Interrupt, JustBuilt, Load,
    Measures, Observe, Relations, Said, SchemaName, Standing, TakeBatch,
};
use crate::name::RelationName;
use crate::plan::{Column, Identity};
use ::postgres::error::SqlState;
use ::postgres::types::{ToSql, Type};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How often relations are looked at again while other sessions drop some.
const LOOKS: usize = 20;

/// The place in a transaction to come back to.
const SAVEPOINT: &str = "_ff_attempt";

impl PostgresConnection {
    fn schema<'a>(&'a self, schema: &'a SchemaName) -> &'a str {
        schema.schema.as_deref().unwrap_or(&self.home.schema)
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

impl Connection for PostgresConnection {
    fn run(&mut self, statement: &Statement) -> Result<Measures, EngineError> {
        let ran = if statement.values.is_empty() {
            self.client.execute_typed(&statement.text, &[])
        } else {
            let prepared = self.prepared(&statement.text)?;
            let values: Vec<&(dyn ToSql + Sync)> = statement.values.iter().map(|value| value as _).collect();
            self.client.execute(&prepared, &values)
        };
        let rows = ran.map_err(|error| located(error, statement))?;
        Ok(Measures::default().with_rows(rows))
    }

    // Every value comes as it is, or not at all.
    fn rows(&mut self, query: &Statement, _exactly: bool, take: TakeBatch<'_>) -> Result<(), EngineError> {
        copy::read(&mut self.client, query, take)
    }

    fn load(&mut self, load: &Load<'_>) -> Result<Measures, EngineError> {
        let client = &mut self.client;
        let into = copy::Target { name: Postgres.relation(load.into), temporary: load.temporary };
        let (rows, read) = match load.content {
            Content::Query(_) => unreachable!("invariant: a query isn't loaded"),
            Content::Arrow { schema, batches } => {
                (copy::Table::new(schema)?.load(client, &into, batches.iter().cloned().map(Ok))?, None)
            }
            Content::Seed(content) if content.parquet => (seed::load_parquet(client, &into, content)?, Some(content)),
            Content::Seed(content) => (seed::load(client, &into, &Seed::read(content)?)?, Some(content)),
        };
        let measures = Measures::default().with_rows(rows);
        Ok(match read {
            Some(content) => measures.with_bytes(estimate::seed(content)?.bytes()),
            None => measures,
        })
    }

    fn dry_run(&mut self, content: &Content<'_>) -> Result<Option<Estimate>, EngineError> {
        match content {
            Content::Query(query) => estimate::query(&mut self.client, query).map(Some),
            Content::Seed(content) => estimate::seed(content).map(Some),
            Content::Arrow { .. } => Ok(None),
        }
    }

    fn begin(&mut self) -> Result<(), EngineError> {
        Ok(self.client.batch_execute("begin")?)
    }

    fn commit(&mut self) -> Result<(), EngineError> {
        Ok(self.client.batch_execute("commit")?)
    }

    // One that can't be ended ends with the connection.
    fn rollback(&mut self) {
        drop(self.client.batch_execute("rollback"));
    }

    fn set_savepoint(&mut self) -> Result<(), EngineError> {
        Ok(self.client.batch_execute(&format!("savepoint {SAVEPOINT}"))?)
    }

    fn end_savepoint(&mut self, keep: bool) -> Result<(), EngineError> {
        if !keep {
            self.client.batch_execute(&format!("rollback to {SAVEPOINT}"))?;
        }
        Ok(self.client.batch_execute(&format!("release {SAVEPOINT}"))?)
    }

    fn interrupt(&self) -> Arc<dyn Interrupt> {
        Arc::new(Handle::new(self.client.cancel_token(), self.tls.clone()))
    }
}

impl Observe for PostgresConnection {
    fn claim(&mut self, project: &str) -> Result<Claim, EngineError> {
        claim::claim(&mut self.client, &self.home, project)
    }

    /// The schemas and the function of `ff_safe_cast`: who may only use them must not be asked for the right to make them.
    fn make_schemas(&mut self, schemas: &BTreeSet<(String, String)>) -> Result<(), EngineError> {
        // Two runs may want the same at the same time.
        self.client.batch_execute("select pg_advisory_xact_lock(hashtext('fft prepare'))")?;
        let found = self.client.query_typed("select nspname::text from pg_namespace", &[])?;
        let found: BTreeSet<String> = found.iter().map(|row| row.get(0)).collect();
        for (_, schema) in schemas.iter().filter(|(_, schema)| !found.contains(schema)) {
            self.client.batch_execute(&format!("create schema {}", Postgres.quote(schema)))?;
        }
        let function = Postgres.relation(&RelationName::new(None, Some(&self.home.schema), SAFE_CAST));
        let signature = format!("{function}(text, text, anyelement)");
        let missing = "select to_regprocedure($1) is null";
        if self.client.query_typed(missing, &[(&signature, Type::TEXT)])?[0].get(0) {
            self.client.batch_execute(&safe_cast(&function))?;
        }
        self.left.find(&mut self.client)
    }

    fn relations(&mut self, _schemas: &BTreeSet<(String, String)>) -> Result<Relations, EngineError> {
        let mut relations = Relations { home: (*self.home).clone(), ..Relations::default() };
        let sql = format!(
            "select n.nspname::text, c.relname::text, c.relkind in ('v', 'm'), {}
             from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where c.relkind in ('r', 'p', 'f', 'v', 'm') and c.relpersistence <> 't'
               and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')",
            standing::IDENTITY
        );
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
            let name = RelationName::new(Some(&self.home.catalog), Some(row.get(0)), row.get(1));
            relations.identity.insert(name.clone(), standing::identity(row.get(3)));
            relations.found.insert(name, kind);
        }
        Ok(relations)
    }

    fn stands(&mut self, relation: &RelationName) -> Result<Option<RelationKind>, EngineError> {
        Ok(standing::found(self, relation)?.map(|found| found.kind()))
    }

    fn keyword(&mut self, relation: &RelationName) -> Result<Option<&'static str>, EngineError> {
        Ok(standing::found(self, relation)?.map(|found| found.keyword()))
    }

    fn standing(&mut self, relation: &RelationName) -> Result<Option<Standing>, EngineError> {
        standing::standing(self, relation)
    }

    fn columns(&mut self, relation: &RelationName) -> Result<Vec<Column>, EngineError> {
        standing::columns(self, relation)
    }

    fn identify(&mut self, built: &JustBuilt<'_>) -> Result<Option<Identity>, EngineError> {
        let sql = format!("select {} from pg_class c where c.oid = $1::text::regclass", standing::IDENTITY);
        let name = Postgres.relation(built.relation);
        let statement = self.prepared(&sql)?;
        Ok(Some(standing::identity(self.client.query_one(&statement, &[&name])?.get(0))))
    }

    fn said(&mut self, relation: &RelationName) -> Result<Option<Said>, EngineError> {
        let sql = "select null, obj_description(c.oid, 'pg_class') from pg_class c where c.oid = $1::text::regclass
                   union all
                   select a.attname::text, col_description(a.attrelid, a.attnum) from pg_attribute a
                   where a.attrelid = $1::text::regclass and a.attnum > 0 and not a.attisdropped";
        let rows = self.client.query_typed(sql, &[(&Postgres.relation(relation), Type::TEXT)])?;
        let (own, columns): (Vec<_>, Vec<_>) =
            rows.iter().map(|row| (row.get::<_, Option<String>>(0), row.get(1))).partition(|(name, _)| name.is_none());
        let columns = columns.into_iter().filter_map(|(name, text)| Some((name?, text))).collect();
        Ok(Some(Said::new(own.into_iter().find_map(|(_, text)| text), columns, |_| false)))
    }

    fn catalog(&mut self, schemas: &BTreeSet<SchemaName>) -> Result<Vec<CatalogRelation>, EngineError> {
        let wanted: Vec<String> = schemas.iter().map(|schema| self.schema(schema).to_string()).collect();
        let sql = "select n.nspname::text, c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod),
                          c.relkind in ('v', 'm'), c.reltuples::bigint,
                          case when c.relkind in ('r', 'm') then pg_table_size(c.oid) end
                   from pg_class c join pg_namespace n on n.oid = c.relnamespace
                   join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                   where c.relkind in ('r', 'p', 'f', 'v', 'm') and n.nspname = any($1)
                   order by n.nspname collate \"C\", c.relname collate \"C\", a.attnum";
        let mut found: Vec<CatalogRelation> = Vec::new();
        for row in self.client.query_typed(sql, &[(&wanted, Type::TEXT_ARRAY)])? {
            let relation = RelationName::new(Some(&self.home.catalog), Some(row.get(0)), row.get(1));
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

    fn leave(&mut self, relation: &RelationName, keyword: &'static str) {
        self.left.add(relation.clone(), keyword);
    }

    fn sweep(&mut self) -> Result<(), EngineError> {
        sweep(&mut self.client, &self.left)
    }

    fn row_digest(&mut self, relation: &RelationName, without: &[&str]) -> Result<Option<Digest>, EngineError> {
        let full = self.home.full(relation);
        digest::counted(&mut self.client, &full, without).map(|(digest, _)| Some(digest))
    }

    fn data_version(&mut self, relation: &RelationName) -> Result<DataVersion, EngineError> {
        let full = self.home.full(relation);
        source::version(&mut self.client, &full)
    }
}
