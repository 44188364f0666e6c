//! Parquet files for other engines, read in an empty database in memory.

use super::{arrow, calendar, seed};
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

/// All rows of the file.
pub(in crate::engine) fn read(content: &SeedContent<'_>) -> Result<(SchemaRef, Vec<RecordBatch>), EngineError> {
    let connection = connection()?;
    let file = DuckDb.string_literal(&content.file.to_string_lossy());
    let explained = |error: ::duckdb::Error| seed::explain(content, error.into());
    let mut statement = connection.prepare(&format!("select * from read_parquet({file})")).map_err(explained)?;
    let batches = arrow::collect(statement.stream_arrow([]).map_err(explained)?)
        .map_err(|failure| seed::explain(content, failure))?;
    Ok((batches[0].schema(), batches))
}

/// Its columns with their types, and the number of its rows.
pub(in crate::engine) fn outline(content: &SeedContent<'_>) -> Result<Outline, EngineError> {
    seed::outline(&connection()?, content)
}
