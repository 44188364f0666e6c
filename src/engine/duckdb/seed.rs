//! A seed file's rows into its table.
//!
//! DuckDB makes values of the text of a CSV file, a batch at a time, in the build's transaction. What a declared type
//! doesn't hold is looked for once a batch was refused, and told with its place in the file.

use super::build::Filled;
use super::error::Failure;
use super::parquet::{self, explain};
use super::session::DuckDbSession;
use crate::dialect::{Dialect, DuckDb, RelationKind};
use crate::engine::seed::{Column, Seed, declared, size, unchanged};
use crate::engine::{EngineError, ErrorKind, SeedContent};
use crate::name::RelationName;
use ::arrow::array::RecordBatch;
use ::duckdb::vtab::arrow::ArrowBatchRegistration;

impl DuckDbSession {
    /// Makes the table of a seed.
    pub(super) fn fill_seed(&self, relation: &RelationName, content: &SeedContent<'_>) -> Result<Filled, EngineError> {
        match content.parquet {
            true => unchanged(content, || self.fill_parquet(relation, content)),
            false => self.fill_csv(relation, &Seed::read(content)?),
        }
    }

    fn fill_parquet(&self, relation: &RelationName, content: &SeedContent<'_>) -> Result<Filled, EngineError> {
        let names: Vec<String> =
            parquet::columns(&self.connection, content)?.into_iter().map(|(name, _)| name).collect();
        let cast = |(name, sql_type): (String, &str)| {
            let column = DuckDb.quote(&name);
            format!("cast({column} as {sql_type}) as {column}")
        };
        let casts: Vec<String> = declared(content, &names)?.into_iter().map(cast).collect();
        let replaced = if casts.is_empty() { String::new() } else { format!(" replace ({})", casts.join(", ")) };
        let query = format!("select *{replaced}{} from {}", added(content), parquet::reader(content));
        let statement = DuckDb.create_or_replace(RelationKind::Table, relation, &query);
        let (rows, duration) =
            self.timed(RelationKind::Table, &statement, None).map_err(|failure| explain(content, failure))?;
        Ok(Filled { rows, duration, profile: self.profile(), bytes: None })
    }

    fn fill_csv(&self, relation: &RelationName, seed: &Seed<'_>) -> Result<Filled, EngineError> {
        let values: Vec<String> = seed.columns.iter().map(value).collect();
        let query = format!("select {}{} from arrow(?)", values.join(", "), added(seed.content));
        let mut statement = DuckDb.create_or_replace(RelationKind::Table, relation, &query);
        let mut filled = Filled { bytes: Some(size(seed.content)?), ..Filled::default() };
        let mut batches = seed.batches()?;
        loop {
            let first = batches.rows;
            let Some(batch) = batches.next()? else { return Ok(filled) };
            let registered = ArrowBatchRegistration::new(batch.clone());
            let made = self.timed(RelationKind::Table, &statement, Some(&registered));
            let (rows, duration) = made.map_err(|failure| self.refused(seed, first, batch, failure))?;
            filled.add(rows, duration, self.profile());
            statement = format!("insert into {} {query}", DuckDb.relation(relation));
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
    match column.sql_type == "text" {
        true => name,
        false => format!("cast({name} as {}) as {name}", column.sql_type),
    }
}

fn added(content: &SeedContent<'_>) -> String {
    let texts = content.text_columns.iter().map(|(name, value)| (*name, DuckDb.string_literal(value)));
    // The cast needs no `icu`, and a timestamp without zone is UTC.
    let loaded = content.loaded_at_column.map(|name| (name, "current_timestamp::timestamp".to_string()));
    texts.chain(loaded).map(|(name, value)| format!(", {value} as {}", DuckDb.quote(name))).collect()
}
