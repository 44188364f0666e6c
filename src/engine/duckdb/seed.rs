//! A seed file's rows into its table.
//!
//! DuckDB makes values of the text of a CSV file, a batch at a time, in the build's transaction. What a declared type
//! doesn't hold is looked for once a batch was refused, and told with its place in the file.

use super::error::Failure;
use super::handle::{DuckDbConnection, peak};
use super::load::statement;
use super::parquet::{self, explain};
use crate::dialect::{Dialect, DuckDb};
use crate::engine::seed::{Column, Seed, declared, size, unchanged};
use crate::engine::{EngineError, ErrorKind, Measures, SeedContent};
use crate::name::RelationName;
use ::arrow::array::RecordBatch;
use ::duckdb::vtab::arrow::ArrowBatchRegistration;

impl DuckDbConnection {
    /// Makes the table of a seed.
    pub(super) fn load_seed(
        &mut self,
        into: &RelationName,
        content: &SeedContent<'_>,
    ) -> Result<Measures, EngineError> {
        if content.parquet {
            unchanged(content, || self.load_parquet(into, content))
        } else {
            self.load_csv(into, &Seed::read(content)?)
        }
    }

    fn load_parquet(&mut self, into: &RelationName, content: &SeedContent<'_>) -> Result<Measures, EngineError> {
        let names: Vec<String> =
            parquet::columns(&self.connection, content)?.into_iter().map(|(name, _)| name).collect();
        let cast = |(name, sql_type): (String, &str)| {
            let column = DuckDb.quote(&name);
            format!("cast({column} as {sql_type}) as {column}")
        };
        let casts: Vec<String> = declared(content, &names)?.into_iter().map(cast).collect();
        let replaced = if casts.is_empty() { String::new() } else { format!(" replace ({})", casts.join(", ")) };
        let query = format!("select *{replaced}{} from {}", added(content), parquet::reader(content));
        let run = || -> Result<usize, Failure> { Ok(self.connection.prepare(&statement(into, &query))?.execute([])?) };
        let rows = run().map_err(|failure| explain(content, failure))?;
        self.made = self.profile();
        Ok(peak(Measures::default().with_rows(rows as u64), self.made.as_ref()))
    }

    fn load_csv(&mut self, into: &RelationName, seed: &Seed<'_>) -> Result<Measures, EngineError> {
        let values: Vec<String> = seed.columns.iter().map(value).collect();
        let query = format!("select {}{} from arrow(?)", values.join(", "), added(seed.content));
        let mut statement = statement(into, &query);
        let mut measures = Measures::default().with_bytes(size(seed.content)?);
        let mut batches = seed.batches()?;
        loop {
            let first = batches.rows;
            let Some(batch) = batches.next()? else { return Ok(measures) };
            let made = self.insert(&statement, batch.clone());
            measures = measures.and(made.map_err(|failure| self.refused(seed, first, batch, failure))?);
            statement = format!("insert into {} {query}", DuckDb.relation(into));
        }
    }

    /// Why a batch that begins with the row `first` was refused.
    fn refused(&self, seed: &Seed<'_>, first: u64, batch: RecordBatch, failure: Failure) -> EngineError {
        let error = explain(seed.content, failure);
        if error.kind != ErrorKind::Statement {
            return error;
        }
        // A transaction in which a statement failed takes no other.
        let Ok(aside) = self.connection.try_clone() else { return error };
        let registered = ArrowBatchRegistration::new(batch);
        let unfit = |(at, column): (usize, &Column)| {
            let sql = format!(
                "select min(place) from (select row_number() over () - 1, {} from arrow(?)) as t(place, value) \
                 where value is not null and try_cast(value as {}) is null",
                DuckDb.quote(&column.name),
                column.sql_type
            );
            let row = aside.query_row(&sql, [&registered], |row| row.get::<_, Option<i64>>(0));
            Some((u64::try_from(row.ok()??).ok()?, at))
        };
        let declared = seed.columns.iter().enumerate().filter(|(_, column)| column.declared);
        match declared.filter_map(unfit).min() {
            Some((row, column)) => seed.unfit(first + row, column),
            None => error,
        }
    }
}

/// A column's value from its text.
fn value(column: &Column) -> String {
    let name = DuckDb.quote(&column.name);
    if column.sql_type == "text" { name } else { format!("cast({name} as {}) as {name}", column.sql_type) }
}

fn added(content: &SeedContent<'_>) -> String {
    let texts = content.text_columns.iter().map(|(name, value)| (*name, DuckDb.string_literal(value)));
    // The cast needs no `icu`, and a timestamp without zone is UTC.
    let loaded = content.loaded_at_column.map(|name| (name, "current_timestamp::timestamp".to_string()));
    texts.chain(loaded).map(|(name, value)| format!(", {value} as {}", DuckDb.quote(name))).collect()
}
