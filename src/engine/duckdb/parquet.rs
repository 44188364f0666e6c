//! Parquet files, which DuckDB reads for its tables itself.

use super::error::Failure;
use super::file::only;
use crate::dialect::{Dialect, DuckDb};
use crate::engine::{EngineError, SeedContent};
use crate::plan::Outline;
use ::duckdb::Connection;

/// The reader's call for the file.
pub(super) fn reader(content: &SeedContent<'_>) -> String {
    format!("read_parquet({})", DuckDb.string_literal(&only(content.file)))
}

/// Its columns with their types, and the number of its rows.
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
