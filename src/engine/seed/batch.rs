//! A seed's rows as Arrow batches of text, for engines that take those.

use super::Seed;
use super::limit::is_moment;
use crate::engine::EngineError;
use ::csv::{Reader, StringRecord};
use arrow::array::{ArrayRef, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use std::borrow::Cow;
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
    /// Which columns are of moments.
    moments: Vec<bool>,
    /// Rows given so far.
    pub rows: u64,
    ended: bool,
}

impl<'a> Seed<'a> {
    pub fn batches(&'a self) -> Result<Batches<'a>, EngineError> {
        let fields = self.columns.iter().map(|column| Field::new(&column.name, DataType::Utf8, true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let moments = self.columns.iter().map(|column| is_moment(&column.sql_type)).collect();
        Ok(Batches { seed: self, reader: self.records()?, schema, moments, rows: 0, ended: false })
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
            if let Some(column) = self.seed.beyond(&record) {
                return Err(self.seed.unfit(self.rows + rows as u64, column));
            }
            for ((column, value), is_moment) in columns.iter_mut().zip(&record).zip(&self.moments) {
                let value = if *is_moment { with_seconds(value) } else { value.into() };
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

/// A moment or a time of day with its seconds, which not every engine adds by itself.
fn with_seconds(text: &str) -> Cow<'_, str> {
    let is_minute = |time: &str| {
        let bytes = time.as_bytes();
        let two = |at: usize| bytes.get(at..at + 2).is_some_and(|two| two.iter().all(u8::is_ascii_digit));
        two(0) && bytes.get(2) == Some(&b':') && two(3) && bytes.get(5) != Some(&b':')
    };
    let starts = [0, "2024-01-01 ".len()];
    let start = starts.into_iter().find(|start| text.get(*start..).is_some_and(is_minute));
    match start.and_then(|start| text.split_at_checked(start + "10:00".len())) {
        Some((minute, behind)) => format!("{minute}:00{behind}").into(),
        None => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_written_where_they_are_left_out() {
        for (text, expected) in [
            ("2024-02-29 10:00", "2024-02-29 10:00:00"),
            ("2024-02-29T10:00Z", "2024-02-29T10:00:00Z"),
            ("2024-02-29 10:00+01:00", "2024-02-29 10:00:00+01:00"),
            ("10:00", "10:00:00"),
            ("2024-02-29 10:00:01", "2024-02-29 10:00:01"),
            ("10:00:01.5", "10:00:01.5"),
            ("2024-02-29", "2024-02-29"),
            ("soon", "soon"),
            ("é0:00 ü ö ä 10:00", "é0:00 ü ö ä 10:00"),
            ("", ""),
        ] {
            assert_eq!(with_seconds(text), expected);
        }
    }
}
