//! One connection: what is in the database, and the frame of transactions.
//!
//! Names without a catalog or schema mean the profile's own, which the session enters as soon as the schema exists.

use super::error::Failure;
use super::meta::Recorded;
use super::settings::Settings;
use super::width::KnownWidths;
use crate::dialect::{Dialect, DuckDb, RelationKind};
use crate::digest::Digest;
use crate::engine::{
    Build, Built, CatalogRelation, Content, DataVersion, EngineError, ErrorKind, Estimate, Interrupt, MetaRow,
    Relations, SchemaName, SeedContent, Session,
};
use crate::name::RelationName;
use crate::plan::Outline;
use crate::world::Stopwatch;
use ::arrow::array::RecordBatch;
use ::duckdb::{Connection, InterruptHandle};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What all sessions of a database share.
#[derive(Clone)]
pub(super) struct Shared {
    pub settings: Arc<Settings>,
    pub recorded: Recorded,
    pub known_widths: KnownWidths,
    /// Times statements.
    pub stopwatch: Stopwatch,
}

/// A connection of its own to the database.
pub(super) struct DuckDbSession {
    pub connection: Connection,
    pub settings: Arc<Settings>,
    pub recorded: Recorded,
    pub known_widths: KnownWidths,
    /// Whether statements are profiled.
    pub profiled: bool,
    /// Times statements.
    pub stopwatch: Stopwatch,
    /// Whether unqualified names mean the default schema already.
    entered: bool,
}

impl DuckDbSession {
    pub fn new(connection: Connection, shared: Shared) -> DuckDbSession {
        let Shared { settings, recorded, known_widths, stopwatch } = shared;
        let mut session =
            DuckDbSession { connection, settings, recorded, known_widths, profiled: false, stopwatch, entered: false };
        session.enter();
        session
    }

    /// Makes the default schema the one of unqualified names, where it exists: a fresh database has none yet.
    pub fn enter(&mut self) {
        if !self.entered {
            let (catalog, schema) = (&self.settings.default_catalog, &self.settings.default_schema);
            let sql = format!("use {}.{}", DuckDb.quote(catalog), DuckDb.quote(schema));
            self.entered = self.connection.execute_batch(&sql).is_ok();
        }
    }

    /// A relation's full name as [`Relations::resolve`] gives it.
    pub fn resolve(&self, relation: &RelationName) -> RelationName {
        self.empty_relations().resolve(relation)
    }

    /// A relation with all three parts, its case as given.
    pub fn full(&self, relation: &RelationName) -> RelationName {
        RelationName {
            catalog: Some(relation.catalog.as_ref().unwrap_or(&self.settings.default_catalog).clone()),
            schema: Some(relation.schema.as_ref().unwrap_or(&self.settings.default_schema).clone()),
            name: relation.name.clone(),
        }
    }

    /// Names and types of the columns of a relation or query that is written as SQL has it.
    pub fn columns(&self, relation: &str) -> Result<Vec<(String, String)>, EngineError> {
        Ok(self.described(relation)?)
    }

    fn described(&self, relation: &str) -> Result<Vec<(String, String)>, Failure> {
        let mut statement = self.connection.prepare(&format!("describe {relation}"))?;
        let columns = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(columns.collect::<Result<_, _>>()?)
    }

    fn empty_relations(&self) -> Relations {
        Relations {
            default_catalog: Some(self.settings.default_catalog.clone()),
            default_schema: Some(self.settings.default_schema.clone()),
            ..Relations::default()
        }
    }

    /// Runs `body` in a transaction that is committed if it succeeds. A failed one is rolled back by name, since
    /// DuckDB's `commit` after a failed statement reports success and keeps nothing.
    pub fn transaction<T>(
        &self,
        body: impl FnOnce(&DuckDbSession) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        self.connection.execute_batch("begin")?;
        let result = body(self).and_then(|value| {
            self.connection.execute_batch("commit")?;
            Ok(value)
        });
        if result.is_err() {
            self.roll_back();
        }
        result
    }

    /// Ends the open transaction. That fails where DuckDB has ended it itself, which is as well; an interrupt that was
    /// meant for the statement before must not keep it open.
    fn roll_back(&self) {
        for _ in 0..3 {
            let ended = self.connection.execute_batch("rollback").map_err(EngineError::from);
            if !ended.is_err_and(|error| error.kind == ErrorKind::Interrupted) {
                break;
            }
        }
    }

    fn schema_parts(&self, schema: &SchemaName) -> (String, String) {
        let name = RelationName { catalog: schema.catalog.clone(), schema: schema.schema.clone(), name: String::new() };
        let full = self.full(&name);
        (full.catalog.unwrap_or_default(), full.schema.unwrap_or_default())
    }
}

impl Session for DuckDbSession {
    fn prepare(&mut self, schemas: &BTreeSet<SchemaName>) -> Result<(), EngineError> {
        let own = SchemaName { catalog: None, schema: None };
        let wanted: BTreeSet<_> = schemas.iter().chain([&own]).map(|schema| self.schema_parts(schema)).collect();
        let catalogs: BTreeSet<_> = wanted.iter().map(|(catalog, _)| catalog.clone()).collect();
        for catalog in catalogs {
            let default = &self.settings.default_schema;
            let mut sql = String::new();
            let schemas = wanted.iter().filter(|(of, _)| *of == catalog).map(|(_, schema)| schema);
            for schema in schemas.chain([default]).collect::<BTreeSet<_>>() {
                sql += &format!("create schema if not exists {}.{};", DuckDb.quote(&catalog), DuckDb.quote(schema));
            }
            sql += &self.create_meta(&catalog);
            self.transaction(|session| Ok(session.connection.execute_batch(&sql)?))?;
            self.widen_meta(&catalog)?;
        }
        if !self.recorded.known() {
            self.read_meta(false)?;
        }
        self.enter();
        Ok(())
    }

    fn relations(&mut self) -> Result<Relations, EngineError> {
        let mut relations = self.empty_relations();
        let sql = "select database_name, schema_name, table_name, false, comment, estimated_size from duckdb_tables()
                   where not internal and not temporary
                   union all
                   select database_name, schema_name, view_name, true, comment, null from duckdb_views()
                   where not internal and not temporary";
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let part = |index: usize| row.get::<_, String>(index);
            let name = relations.resolve(&RelationName::new(Some(&part(0)?), Some(&part(1)?), &part(2)?));
            let identity = super::identity::found(row.get(4)?, row.get(5)?);
            relations.identity.insert(name.clone(), identity);
            relations.found.insert(name, if row.get(3)? { RelationKind::View } else { RelationKind::Table });
        }
        Ok(relations)
    }

    fn meta(&mut self) -> Result<Vec<MetaRow>, EngineError> {
        self.read_meta(false)
    }

    fn ledger(&mut self) -> Result<Vec<MetaRow>, EngineError> {
        self.read_meta(true)
    }

    fn catalog(&mut self, schemas: &BTreeSet<SchemaName>) -> Result<Vec<CatalogRelation>, EngineError> {
        let lower = |(catalog, schema): (String, String)| (catalog.to_lowercase(), schema.to_lowercase());
        let wanted: BTreeSet<_> = schemas.iter().map(|schema| lower(self.schema_parts(schema))).collect();
        let sql = "select c.database_name, c.schema_name, c.table_name, c.column_name, c.data_type,
                          t.table_name is null, t.estimated_size
                   from duckdb_columns() c
                   left join duckdb_tables() t using (database_oid, schema_oid, table_oid)
                   where not c.internal and c.database_name not in ('system', 'temp')
                   order by c.database_name, c.schema_name, c.table_name, c.column_index";
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        let mut found: Vec<CatalogRelation> = Vec::new();
        while let Some(row) = rows.next()? {
            let text = |index: usize| row.get::<_, String>(index);
            let relation = RelationName::new(Some(&text(0)?), Some(&text(1)?), &text(2)?);
            if !wanted.contains(&lower((text(0)?, text(1)?))) {
                continue;
            }
            let column = (text(3)?, text(4)?);
            match found.last_mut() {
                Some(last) if last.relation == relation => last.columns.push(column),
                _ => {
                    let kind = if row.get(5)? { RelationKind::View } else { RelationKind::Table };
                    let rows = row.get::<_, Option<i64>>(6)?.and_then(|rows| rows.try_into().ok());
                    found.push(CatalogRelation { relation, kind, columns: vec![column], rows, bytes: None });
                }
            }
        }
        Ok(found)
    }

    fn build(&mut self, build: &Build<'_>) -> Result<Built, EngineError> {
        self.enter();
        self.replace(build)
    }

    fn estimate(&mut self, content: &Content<'_>) -> Result<Option<Estimate>, EngineError> {
        self.enter();
        self.estimate_scans(content)
    }

    fn row_digest(&mut self, relation: &RelationName, without: &[&str]) -> Result<Option<Digest>, EngineError> {
        self.digest_rows(relation, without).map(Some)
    }

    fn data_version(&mut self, relation: &RelationName) -> Result<DataVersion, EngineError> {
        self.enter();
        self.relation_version(relation)
    }

    fn files(&mut self, pattern: &str) -> Result<Option<Vec<String>>, EngineError> {
        self.globbed(pattern).map(Some)
    }

    fn parquet_outline(&mut self, seed: &SeedContent<'_>) -> Result<Option<Outline>, EngineError> {
        super::parquet::describe(&self.connection, seed).map(Some)
    }

    fn record(&mut self, meta: &MetaRow) -> Result<(), EngineError> {
        self.transaction(|session| Ok(session.replace_meta(meta, meta.identity.as_ref())?))
            .inspect_err(|_| self.recorded.forget())
    }

    fn drop_relation(&mut self, relation: &RelationName) -> Result<(), EngineError> {
        let kind = self.relations()?.kind(relation);
        let full = self.resolve(relation);
        let recorded = self.has_meta(full.catalog.as_deref().unwrap_or_default())?;
        let mut sql = kind.map(|kind| format!("{};", DuckDb.drop(kind, &full))).unwrap_or_default();
        if recorded {
            sql += &self.forget_meta(relation);
        }
        match sql.is_empty() {
            true => Ok(()),
            false => self.transaction(|session| Ok(session.connection.execute_batch(&sql)?)),
        }
    }

    fn read(&mut self, sql: &str) -> Result<Vec<RecordBatch>, EngineError> {
        self.enter();
        let run = || -> Result<Vec<RecordBatch>, Failure> {
            let mut statement = self.connection.prepare(sql)?;
            super::arrow::collect(statement.stream_arrow([])?)
        };
        run().map_err(|failure| failure.within(sql, 0))
    }

    fn read_exactly(&mut self, sql: &str) -> Result<Vec<RecordBatch>, EngineError> {
        self.enter();
        let query = DuckDb.without_terminator(sql);
        let columns = self.described(&query).map_err(|failure| failure.within(&query, "describe ".len()))?;
        let reading = super::arrow::Reading::new(columns)?;
        self.read(&reading.query(sql))?.iter().map(|batch| reading.finish(batch)).collect()
    }

    fn interrupt(&self) -> Arc<dyn Interrupt> {
        Arc::new(Handle(self.connection.interrupt_handle()))
    }
}

struct Handle(Arc<InterruptHandle>);

impl Interrupt for Handle {
    fn interrupt(&self) {
        self.0.interrupt();
    }
}
