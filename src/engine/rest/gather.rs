//! Small batches on their way to becoming larger ones.

use super::rows::unreadable;
use crate::engine::{EngineError, TakeBatch};
use arrow::array::RecordBatch;
use arrow::compute::BatchCoalescer;
use arrow::datatypes::SchemaRef;

/// Rows of a batch.
const ROWS: usize = 122_880;

/// Gives batches on in larger ones; one of none where no row came.
pub struct Gather<'a> {
    /// As the server declares the columns.
    pub schema: SchemaRef,
    /// Of the schema that the rows have.
    batches: Option<BatchCoalescer>,
    given: usize,
    rows: u64,
    take: TakeBatch<'a>,
}

impl<'a> Gather<'a> {
    pub fn new(schema: SchemaRef, take: TakeBatch<'a>) -> Gather<'a> {
        Gather { schema, batches: None, given: 0, rows: 0, take }
    }

    pub fn add(&mut self, batch: RecordBatch) -> Result<(), EngineError> {
        // Nothing tells the columns of no rows but what is declared.
        if batch.num_rows() == 0 {
            return Ok(());
        }
        self.rows += batch.num_rows() as u64;
        let gather = self.batches.get_or_insert_with(|| BatchCoalescer::new(batch.schema(), ROWS));
        gather.push_batch(batch).map_err(unreadable)?;
        self.give()
    }

    fn give(&mut self) -> Result<(), EngineError> {
        while let Some(batch) = self.batches.as_mut().and_then(BatchCoalescer::next_completed_batch) {
            self.given += 1;
            (self.take)(batch)?;
        }
        Ok(())
    }

    /// Gives what is left. An error where other than the `expected` rows came.
    pub fn finish(mut self, expected: u64) -> Result<(), EngineError> {
        if let Some(gather) = &mut self.batches {
            gather.finish_buffered_batch().map_err(unreadable)?;
        }
        self.give()?;
        if self.given == 0 {
            (self.take)(RecordBatch::new_empty(self.schema))?;
        }
        let rows = self.rows;
        if rows == expected { Ok(()) } else { Err(unreadable(format!("{rows} of {expected} rows came"))) }
    }
}
