//! Parquet files, which only DuckDB reads: for its own tables, and in an empty database in memory for other engines.

use super::error::Failure;
use super::file::only;
use super::{arrow, calendar};
use crate::dialect::{Dialect, DuckDb};
use crate::engine::{EngineError, SeedContent};
use crate::plan::Outline;
use ::arrow::array::RecordBatch;
use ::arrow::datatypes::SchemaRef;
use ::duckdb::Connection;

fn connection() -> Result<Connection, EngineError> {
    let connection = Connection::open_in_memory()?;
    connection.execute_batch(&calendar::session_statements(false))?;
    Ok(connection)
}

/// The reader's call for the file.
pub(super) fn reader(content: &SeedContent<'_>) -> String {
    format!("read_parquet({})", DuckDb.string_literal(&only(content.file)))
}

/// All rows of the file.
pub(in crate::engine) fn read(content: &SeedContent<'_>) -> Result<(SchemaRef, Vec<RecordBatch>), EngineError> {
    let connection = connection()?;
    let explained = |error: ::duckdb::Error| explain(content, error.into());
    let mut statement = connection.prepare(&format!("select * from {}", reader(content))).map_err(explained)?;
    let stream = statement.stream_arrow([]).map_err(explained)?;
    let mut batches = Vec::new();
    arrow::stream(stream, &|failure| explain(content, failure), &mut |batch| {
        batches.push(batch);
        Ok(())
    })?;
    Ok((batches[0].schema(), batches))
}

/// Its columns with their types, and the number of its rows.
pub(in crate::engine) fn outline(content: &SeedContent<'_>) -> Result<Outline, EngineError> {
    describe(&connection()?, content)
}

/// The same on a connection that is there.
pub(super) fn describe(connection: &Connection, content: &SeedContent<'_>) -> Result<Outline, EngineError> {
    let explained = |error: ::duckdb::Error| explain(content, error.into());
    let counted = format!("select count(*) from {}", reader(content));
    let rows: i64 = connection.query_row(&counted, [], |row| row.get(0)).map_err(explained)?;
    let columns = columns(connection, content)?.into_iter().map(|(name, kind)| (name, Some(kind))).collect();
    Ok(Outline { columns, rows: rows.try_into().unwrap_or_default() })
}

/// Names and types of the file's columns.
pub(super) fn columns(
    connection: &Connection,
    content: &SeedContent<'_>,
) -> Result<Vec<(String, String)>, EngineError> {
    let explained = |error: ::duckdb::Error| explain(content, error.into());
    let described = format!("describe select * from {}", reader(content));
    let mut statement = connection.prepare(&described).map_err(explained)?;
    let pair = |row: &::duckdb::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    statement.query_map([], pair).map_err(explained)?.collect::<Result<_, _>>().map_err(explained)
}

/// An error as one of the seed file.
pub(super) fn explain(content: &SeedContent<'_>, failure: Failure) -> EngineError {
    let error = EngineError::from(failure);
    EngineError { message: format!("{}: {}", content.path, error.message), position: None, ..error }
}
