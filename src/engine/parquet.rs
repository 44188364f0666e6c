//! Parquet seeds for engines without a reader of them: read by the DuckDB inside, where this build has it.

use super::{EngineError, SeedContent};
use crate::plan::Outline;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

/// All rows of the file.
#[cfg(feature = "duckdb")]
pub(super) fn read(content: &SeedContent<'_>) -> Result<(SchemaRef, Vec<RecordBatch>), EngineError> {
    super::duckdb::parquet::read(content)
}

/// Its columns with their types, and the number of its rows.
#[cfg(feature = "duckdb")]
pub(super) fn outline(content: &SeedContent<'_>) -> Result<Outline, EngineError> {
    super::duckdb::parquet::outline(content)
}

#[cfg(not(feature = "duckdb"))]
pub(super) fn read(content: &SeedContent<'_>) -> Result<(SchemaRef, Vec<RecordBatch>), EngineError> {
    Err(unreadable(content))
}

#[cfg(not(feature = "duckdb"))]
pub(super) fn outline(content: &SeedContent<'_>) -> Result<Outline, EngineError> {
    Err(unreadable(content))
}

#[cfg(not(feature = "duckdb"))]
fn unreadable(content: &SeedContent<'_>) -> EngineError {
    let message = format!("{}: this build of fft can't read Parquet", content.path);
    super::seed::failed(message, Some("build fft with its default features, or write the seed as CSV".into()))
}
