//! A seed's rows as Arrow batches of text, for engines that take those.

use super::Seed;
use crate::engine::EngineError;
use ::csv::{Reader, StringRecord};
use arrow::array::{ArrayRef, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use std::io::Read;
use std::sync::Arc;

/// Rows of a batch: as many as the engine stores together.
const ROWS: usize = 122_880;
/// Bytes of values in a batch, beyond which no row is added.
const BYTES: usize = 64 << 20;

/// The batches of a file, one after the other; the first is there even if there is no row.
pub(in crate::engine) struct Batches<'a> {
    seed: &'a Seed<'a>,
    reader: Reader<Box<dyn Read + 'a>>,
    schema: SchemaRef,
    /// Rows given so far.
    pub rows: u64,
    ended: bool,
}

impl<'a> Seed<'a> {
    pub fn batches(&'a self) -> Result<Batches<'a>, EngineError> {
        let fields = self.columns.iter().map(|column| Field::new(&column.name, DataType::Utf8, true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        Ok(Batches { seed: self, reader: self.records()?, schema, rows: 0, ended: false })
    }
}

impl Batches<'_> {
    /// The next batch; `None` behind the last.
    pub fn next(&mut self) -> Result<Option<RecordBatch>, EngineError> {
        if self.ended {
            return Ok(None);
        }
        let mut columns: Vec<StringBuilder> = self.seed.columns.iter().map(|_| StringBuilder::new()).collect();
        let mut record = StringRecord::new();
        let (mut rows, mut bytes) = (0, 0);
        while rows < ROWS && bytes < BYTES {
            if !self.reader.read_record(&mut record).map_err(|error| self.seed.broken(error))? {
                self.ended = true;
                break;
            }
            for (column, value) in columns.iter_mut().zip(&record) {
                column.append_option((!value.is_empty()).then_some(value));
            }
            bytes += record.as_slice().len();
            rows += 1;
        }
        if rows == 0 && self.rows > 0 {
            return Ok(None);
        }
        self.rows += rows as u64;
        let columns = columns.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef).collect();
        let batch = RecordBatch::try_new(self.schema.clone(), columns);
        Ok(Some(batch.expect("invariant: every column has a value a row")))
    }
}
