//! What one connection does, and what it tells of the database.

use super::arrow::{self, Reading};
use super::error::Failure;
use super::handle::{DuckDbConnection, peak};
use crate::dialect::{Dialect, DuckDb, RelationKind, Statement};
use crate::digest::Digest;
use crate::engine::{
    CatalogRelation, Connection, Content, DataVersion, EngineError, ErrorKind, Estimate, Interrupt, JustBuilt, Load,
    Measures, Observe, Relations, Said, SchemaName, SeedContent, Standing, TakeBatch,
};
use crate::name::RelationName;
use crate::plan::{Column, Identity, Outline};
use ::duckdb::InterruptHandle;
use std::collections::BTreeSet;
use std::sync::Arc;

impl DuckDbConnection {
    /// Runs a statement that makes a table: how many rows, and what its profile tells.
    fn measured_run(&mut self, statement: &Statement, table: &RelationName) -> Result<Measures, EngineError> {
        self.enable_profile()?;
        // A prepared statement would count its rows, but DuckDB plans that twice: a seventh of a small build.
        let ran = self.connection.execute_batch(&statement.text);
        ran.map_err(|error| Failure::from(error).within(statement))?;
        let profile = self.profile();
        let rows = match profile.as_ref().and_then(|profile| profile.rows) {
            Some(rows) => rows,
            None => self.rows_of(&DuckDb.relation(table))?,
        };
        let measures = peak(Measures::default().with_rows(rows), profile.as_ref());
        self.made = profile;
        Ok(measures)
    }
}

impl Connection for DuckDbConnection {
    fn run(&mut self, statement: &Statement) -> Result<Measures, EngineError> {
        self.enter();
        if let Some(table) = &statement.makes {
            return self.measured_run(statement, table);
        }
        if statement.changes {
            let ran = self.connection.execute(&statement.text, []);
            let rows = ran.map_err(|error| Failure::from(error).within(statement))?;
            return Ok(Measures::default().with_rows(rows as u64));
        }
        let ran = if statement.values.is_empty() {
            self.connection.execute_batch(&statement.text).map_err(Failure::from)
        } else {
            let values = ::duckdb::params_from_iter(statement.values.iter());
            let prepared = self.connection.prepare_cached(&statement.text);
            prepared.and_then(|mut prepared| prepared.execute(values).map(drop)).map_err(Failure::from)
        };
        ran.map(|()| Measures::default()).map_err(|failure| failure.within(statement))
    }

    fn rows(&mut self, query: &Statement, exactly: bool, take: TakeBatch<'_>) -> Result<(), EngineError> {
        self.enter();
        let reading = if exactly {
            let plain = DuckDb.without_terminator(&query.text);
            let described = Statement::around("", &plain, "");
            let columns = self.described(&plain).map_err(|failure| failure.behind("describe ", &described))?;
            Some(Reading::new(columns)?)
        } else {
            None
        };
        let text = reading.as_ref().map_or_else(|| query.text.clone(), |reading| reading.query(&query.text));
        let failed = |error: ::duckdb::Error| Failure::from(error).within(query);
        let mut statement = self.connection.prepare(&text).map_err(failed)?;
        let stream = statement.stream_arrow([]).map_err(failed)?;
        let mut finished = |batch| match &reading {
            Some(reading) => take(reading.finish(&batch)?),
            None => take(batch),
        };
        arrow::stream(stream, &|failure| failure.within(query), &mut finished)
    }

    fn load(&mut self, load: &Load<'_>) -> Result<Measures, EngineError> {
        self.enter();
        self.enable_profile()?;
        match load.content {
            Content::Query(_) => unreachable!("invariant: a query isn't loaded"),
            Content::Arrow { schema, batches } => self.load_rows(load, schema, batches),
            Content::Seed(content) => self.load_seed(load.into, content),
        }
    }

    fn dry_run(&mut self, content: &Content<'_>) -> Result<Option<Estimate>, EngineError> {
        self.enter();
        self.estimate_scans(content)
    }

    fn begin(&mut self) -> Result<(), EngineError> {
        self.enter();
        Ok(self.connection.execute_batch("begin")?)
    }

    fn commit(&mut self) -> Result<(), EngineError> {
        Ok(self.connection.execute_batch("commit")?)
    }

    /// By name, since DuckDB's `commit` after a failed statement reports success and keeps nothing. It fails where DuckDB
    /// has ended the transaction itself, which is as well; an interrupt that was meant for the statement before must not
    /// keep it open.
    fn rollback(&mut self) {
        self.made = None;
        for _ in 0..3 {
            let ended = self.connection.execute_batch("rollback").map_err(EngineError::from);
            if !ended.is_err_and(|error| error.kind == ErrorKind::Interrupted) {
                break;
            }
        }
    }

    // No recipe of this engine comes back to a place within a transaction: DuckDB has none.
    fn set_savepoint(&mut self) -> Result<(), EngineError> {
        Err(EngineError::new(ErrorKind::Statement, "DuckDB has no savepoints"))
    }

    fn end_savepoint(&mut self, _keep: bool) -> Result<(), EngineError> {
        self.set_savepoint()
    }

    fn interrupt(&self) -> Arc<dyn Interrupt> {
        Arc::new(Handle(self.connection.interrupt_handle()))
    }
}

impl Observe for DuckDbConnection {
    fn make_schemas(&mut self, schemas: &BTreeSet<(String, String)>) -> Result<(), EngineError> {
        let create = |(catalog, schema): &(String, String)| {
            format!("create schema if not exists {}.{};", DuckDb.quote(catalog), DuckDb.quote(schema))
        };
        Ok(self.connection.execute_batch(&schemas.iter().map(create).collect::<String>())?)
    }

    fn relations(&mut self, _schemas: &BTreeSet<(String, String)>) -> Result<Relations, EngineError> {
        let mut relations = Relations { home: (*self.shared.home).clone(), ..Relations::default() };
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

    fn standing(&mut self, relation: &RelationName) -> Result<Option<Standing>, EngineError> {
        let named = |name: &str| {
            // Letters beyond ASCII have other small ones there than here.
            let named = format!("(lower({name}) = $3 or strlen({name}) <> length({name}))");
            format!("not internal and lower(database_name) = $1 and lower(schema_name) = $2 and {named}")
        };
        let (table, view) = (named("table_name"), named("view_name"));
        let sql = format!(
            "select false, table_name from duckdb_tables() where {table}
             union all select true, view_name from duckdb_views() where {view}"
        );
        let RelationName { catalog, schema, name } = self.shared.home.resolve(relation);
        let mut statement = self.connection.prepare(&sql)?;
        let mut rows = statement.query(::duckdb::params![catalog, schema, name])?;
        while let Some(row) = rows.next()? {
            if row.get::<_, String>(1)?.to_lowercase() == name {
                return Ok(Some(Standing::plain(if row.get(0)? { RelationKind::View } else { RelationKind::Table })));
            }
        }
        Ok(None)
    }

    fn columns(&mut self, relation: &RelationName) -> Result<Vec<Column>, EngineError> {
        let found = DuckDbConnection::columns(self, &DuckDb.relation(relation))?;
        Ok(found.into_iter().map(|(name, r#type)| Column { name, r#type }).collect())
    }

    fn identify(&mut self, built: &JustBuilt<'_>) -> Result<Option<Identity>, EngineError> {
        self.mark(built)
    }

    fn content(&mut self, relation: &RelationName) -> Result<Option<Digest>, EngineError> {
        self.rows_content(relation).map(Some)
    }

    fn said(&mut self, relation: &RelationName) -> Result<Option<Said>, EngineError> {
        let own = "lower(database_name) = lower(?) and lower(schema_name) = lower(?)";
        let sql = format!(
            "select comment, null from duckdb_tables() where {own} and lower(table_name) = lower(?)
             union all select comment, null from duckdb_views() where {own} and lower(view_name) = lower(?)
             union all select comment, column_name from duckdb_columns() where {own} and lower(table_name) = lower(?)"
        );
        let name = [
            &relation.catalog.clone().unwrap_or_default(),
            &relation.schema.clone().unwrap_or_default(),
            &relation.name,
        ];
        let mut statement = self.connection.prepare(&sql)?;
        let mut rows = statement.query(::duckdb::params_from_iter([name, name, name].concat()))?;
        let (mut comment, mut columns) = (None, Vec::new());
        while let Some(row) = rows.next()? {
            let text: Option<String> = row.get(0)?;
            match row.get::<_, Option<String>>(1)? {
                Some(column) => columns.push((column, text)),
                None => comment = text,
            }
        }
        Ok(Some(Said::new(comment, columns, super::identity::is_mark)))
    }

    fn catalog(&mut self, schemas: &BTreeSet<SchemaName>) -> Result<Vec<CatalogRelation>, EngineError> {
        let lower = |(catalog, schema): (String, String)| (catalog.to_lowercase(), schema.to_lowercase());
        let wanted: BTreeSet<_> = schemas.iter().map(|schema| lower(self.shared.home.schema(schema))).collect();
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

    fn measured(&mut self, relation: &RelationName) -> Measures {
        self.shared.known_widths.forget(&DuckDb.relation(relation));
        let read = self.made.take().and_then(|profile| self.bytes_scanned(&profile));
        read.map_or_else(Measures::default, |bytes| Measures::default().with_bytes(bytes))
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
}

struct Handle(Arc<InterruptHandle>);

impl Interrupt for Handle {
    fn interrupt(&self) {
        self.0.interrupt();
    }
}
