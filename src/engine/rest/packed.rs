//! Rows on their way to a server, as Parquet files of a size that one request takes.

use crate::engine::{EngineError, ErrorKind};
use ::parquet::arrow::ArrowWriter;
use ::parquet::arrow::arrow_writer::ArrowWriterOptions;
use ::parquet::basic::Compression;
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::WriterProperties;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

/// Bytes of a file, beyond which another one is begun; few where tests are to see several.
const FILE: usize = if cfg!(test) { 1 << 20 } else { 64 << 20 };
/// Bytes that wait for their row group at most.
const GROUP: usize = FILE / 4;

/// Makes files of batches of one schema.
pub struct Packed {
    schema: SchemaRef,
    /// What each file says of itself.
    words: Option<(&'static str, &'static str)>,
    writer: Option<ArrowWriter<Vec<u8>>>,
}

impl Packed {
    pub fn new(schema: SchemaRef, words: Option<(&'static str, &'static str)>) -> Packed {
        Packed { schema, words, writer: None }
    }

    /// Adds a batch; a file, where that is full.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<Option<Vec<u8>>, EngineError> {
        let writer = self.writer()?;
        writer.write(batch).map_err(unwritten)?;
        if writer.in_progress_size() > GROUP {
            writer.flush().map_err(unwritten)?;
        }
        if writer.bytes_written() > FILE { self.rest() } else { Ok(None) }
    }

    /// Begins a file, if none is.
    pub fn begin(&mut self) -> Result<(), EngineError> {
        self.writer().map(drop)
    }

    /// The file that has begun.
    pub fn rest(&mut self) -> Result<Option<Vec<u8>>, EngineError> {
        self.writer.take().map(ArrowWriter::into_inner).transpose().map_err(unwritten)
    }

    fn writer(&mut self) -> Result<&mut ArrowWriter<Vec<u8>>, EngineError> {
        if self.writer.is_none() {
            let words = self.words.map(|(name, value)| vec![KeyValue::new(name.into(), Some(value.into()))]);
            let properties =
                WriterProperties::builder().set_compression(Compression::SNAPPY).set_key_value_metadata(words).build();
            let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
            let writer = ArrowWriter::try_new_with_options(Vec::new(), self.schema.clone(), options);
            self.writer = Some(writer.map_err(unwritten)?);
        }
        Ok(self.writer.as_mut().expect("invariant: it was just made"))
    }
}

/// The error of rows that Parquet doesn't take.
pub fn unwritten(error: impl std::fmt::Display) -> EngineError {
    EngineError::new(ErrorKind::Statement, format!("the rows can't be written as Parquet: {error}"))
}
