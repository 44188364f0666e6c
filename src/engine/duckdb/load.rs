//! Rows in memory into their table.

use super::arrow;
use super::error::Failure;
use super::handle::{DuckDbConnection, peak};
use crate::dialect::{Create, Dialect, DuckDb, RelationKind};
use crate::engine::{EngineError, Load, Measures};
use crate::name::RelationName;
use ::arrow::array::RecordBatch;
use ::arrow::datatypes::SchemaRef;
use ::duckdb::vtab::arrow::ArrowBatchRegistration;

/// The statement that puts the rows of a query in the place of a table.
pub(super) fn statement(relation: &RelationName, query: &str) -> String {
    DuckDb.create(&Create::new(RelationKind::Table, relation, query).replacing()).text
}

impl DuckDbConnection {
    pub(super) fn load_rows(
        &mut self,
        load: &Load<'_>,
        schema: &SchemaRef,
        batches: &[RecordBatch],
    ) -> Result<Measures, EngineError> {
        let query = arrow::query(schema, batches)?;
        let statement = if load.temporary {
            format!("create temporary table {} as (\n{query}\n)", DuckDb.relation(load.into))
        } else {
            statement(load.into, &query)
        };
        Ok(self.insert(&statement, arrow::storable(schema, batches)?)?)
    }

    /// Runs one statement over rows in memory.
    pub(super) fn insert(&mut self, statement: &str, rows: RecordBatch) -> Result<Measures, Failure> {
        let registered = ArrowBatchRegistration::new(rows);
        let rows = self.connection.prepare(statement)?.execute([&registered])?;
        Ok(peak(Measures::default().with_rows(rows as u64), self.profile().as_ref()))
    }
}
