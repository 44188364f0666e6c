//! Parquet seeds for engines without a reader of their own: Arrow batches, one after the other.
//!
//! Columns have the names and types that DuckDB's reader gives them, so that a seed is the same table on every engine.
//! What Arrow notes of its own in a file is left unread, as DuckDB does.

mod pages;
mod schema;
#[cfg(test)]
pub mod testing;
#[cfg(test)]
mod tests;
mod values;

use super::failed;
use super::limit::Limit;
use super::source::unreadable;
use crate::engine::{EngineError, SeedContent};
use crate::plan::Outline;
use crate::syntax::csv::shown;
use ::parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use ::parquet::arrow::parquet_to_arrow_schema;
use ::parquet::basic::Compression;
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::{FileMetaData, ParquetMetaData, ParquetMetaDataReader};
use ::parquet::schema::types::SchemaDescPtr;
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef};
use pages::SeedFile;
use schema::Leaf;
use std::io;
use std::sync::Arc;

/// Rows of a batch: few, since all columns of a batch are held together.
const ROWS: usize = 8_192;
/// What a file begins and ends with.
const MAGIC: &[u8] = b"PAR1";
/// What one ends with whose directory is encrypted.
const ENCRYPTED: &[u8] = b"PARE";
/// Bytes of a file without columns and rows.
const SHORTEST: u64 = 12;

/// A Parquet file that can be read.
pub(in crate::engine) struct Parquet<'a> {
    content: &'a SeedContent<'a>,
    file: SeedFile,
    metadata: ParquetMetaData,
    /// The columns, without what fft reads itself of them.
    descriptor: SchemaDescPtr,
    /// Those that hold values, the ones of nested types one by one.
    leaves: Vec<Leaf>,
    /// As the reader gives the columns.
    stored: SchemaRef,
    /// As batches have them.
    pub schema: SchemaRef,
    /// What values are held to whose type is declared, by the column.
    limits: Vec<(usize, &'a str, Limit)>,
}

impl<'a> Parquet<'a> {
    /// Reads the directory at the file's end.
    pub fn open(content: &'a SeedContent<'a>) -> Result<Parquet<'a>, EngineError> {
        let file = content.world.seekable(content.file).map_err(|error| unreadable(content, &error))?;
        let file = SeedFile::new(file).map_err(|error| unreadable(content, &error))?;
        recognized(content, &file)?;
        let told = |error: ParquetError| broken(content, error);
        let metadata = ParquetMetaDataReader::new().parse_and_finish(&file).map_err(told)?;
        packed(content, &metadata)?;
        let root = metadata.file_metadata().schema_descr().root_schema();
        let refused = |words| failed(format!("{}: {words}", content.path), None);
        let (descriptor, leaves) = schema::adapted(root).map_err(refused)?;
        let stored = parquet_to_arrow_schema(&descriptor, None).map_err(told)?.fields;
        let mut each = leaves.iter();
        let stored: Fields = stored.iter().map(|field| schema::stored_field(field, &mut each)).collect();
        let mut each = leaves.iter();
        let wanted = |field| schema::wanted_field(field, &mut each).as_ref().clone().with_nullable(true);
        let schema = Arc::new(Schema::new(stored.iter().map(wanted).collect::<Vec<_>>()));
        let (descriptor, stored) = (Arc::new(descriptor), Arc::new(Schema::new(stored)));
        let limits = limits(content, &schema);
        Ok(Parquet { content, file, metadata, descriptor, leaves, stored, schema, limits })
    }

    /// Its columns with their types in SQL's words, and the number of its rows.
    pub fn outline(&self) -> Outline {
        let mut leaves = self.leaves.iter();
        let word = |field: &Arc<Field>| (field.name().clone(), Some(schema::words(field.data_type(), &mut leaves)));
        let columns = self.stored.fields().iter().map(word).collect();
        let rows = self.metadata.file_metadata().num_rows();
        Outline { columns, rows: rows.try_into().unwrap_or_default() }
    }

    /// Its rows.
    pub fn batches(&self) -> Batches<'_> {
        Batches { seed: self, group: 0, reader: None, rows: 0 }
    }

    /// A reader of one row group.
    fn group(&self, at: usize) -> Result<ParquetRecordBatchReader, ParquetError> {
        let (file, group) = self.file.readable(self.metadata.row_group(at))?;
        let told = FileMetaData::new(0, group.num_rows(), None, None, self.descriptor.clone(), None);
        let metadata = Arc::new(ParquetMetaData::new(told, vec![group]));
        let options = ArrowReaderOptions::new().with_schema(self.stored.clone());
        let metadata = ArrowReaderMetadata::try_new(metadata, options)?;
        ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata).with_batch_size(ROWS).build()
    }

    /// The batch as [`Parquet::schema`] says.
    fn values(&self, batch: &RecordBatch) -> Result<RecordBatch, EngineError> {
        let mut leaves = self.leaves.iter();
        let column = |(field, array): (&Arc<Field>, _)| {
            values::values(array, &mut leaves)
                .map_err(|error| failed(format!("{}: column `{}`: {error}", self.content.path, field.name()), None))
        };
        let columns = self.schema.fields().iter().zip(batch.columns()).map(column).collect::<Result<Vec<_>, _>>()?;
        RecordBatch::try_new(self.schema.clone(), columns).map_err(|error| broken(self.content, error.into()))
    }

    /// The batch, whose first row is the one of that number, unless a declared type doesn't hold a value of it.
    fn held(&self, batch: RecordBatch, first: u64) -> Result<RecordBatch, EngineError> {
        for (at, declared, limit) in &self.limits {
            // What has no text is no number and no text, which alone are held to something.
            let Ok(texts) = cast(batch.column(*at), &DataType::Utf8) else { continue };
            let texts = texts.as_string::<i32>();
            let is_beyond = |row: &usize| texts.is_valid(*row) && !limit.holds(texts.value(*row));
            if let Some(row) = (0..texts.len()).find(is_beyond) {
                let (row, name, value) = (first + row as u64 + 1, self.schema.field(*at).name(), texts.value(row));
                let message = format!(
                    "{}: row {row}, column \"{name}\": \"{}\" is no value of type {declared}",
                    self.content.path,
                    shown(value)
                );
                return Err(failed(message, Some("correct it, or the declared type".into())));
            }
        }
        Ok(batch)
    }
}

/// The limits of declared types, in the order of the columns.
fn limits<'a>(content: &SeedContent<'a>, schema: &Schema) -> Vec<(usize, &'a str, Limit)> {
    let column = |(at, field): (usize, &Arc<Field>)| {
        let (_, sql_type) =
            content.types.iter().find(|(name, _)| name.to_lowercase() == field.name().to_lowercase())?;
        Some((at, sql_type.as_str(), Limit::of(sql_type)?))
    };
    schema.fields().iter().enumerate().filter_map(column).collect()
}

/// The batches of a file, a row group after the other.
pub(in crate::engine) struct Batches<'a> {
    seed: &'a Parquet<'a>,
    /// The next row group.
    group: usize,
    reader: Option<ParquetRecordBatchReader>,
    /// Rows given so far.
    rows: u64,
}

impl Iterator for Batches<'_> {
    type Item = Result<RecordBatch, EngineError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(batch) = self.reader.as_mut().and_then(Iterator::next) {
                let batch = batch.map_err(|error| broken(self.seed.content, error.into()));
                let batch = batch.and_then(|batch| self.seed.held(self.seed.values(&batch)?, self.rows));
                self.rows += batch.as_ref().map_or(0, RecordBatch::num_rows) as u64;
                return Some(batch);
            }
            if self.group == self.seed.metadata.num_row_groups() {
                return None;
            }
            self.group += 1;
            match self.seed.group(self.group - 1) {
                Ok(reader) => self.reader = Some(reader),
                Err(error) => return Some(Err(broken(self.seed.content, error))),
            }
        }
    }
}

/// Tells what the file is if it is no Parquet.
fn recognized(content: &SeedContent<'_>, file: &SeedFile) -> Result<(), EngineError> {
    let edge = |at| file.bytes(at, MAGIC.len()).map_err(|error| unreadable(content, &error));
    let size = file.size();
    if size == 0 {
        return Err(failed(format!("{} is empty", content.path), None));
    }
    let first = if size < MAGIC.len() as u64 { Vec::new() } else { edge(0)? };
    let last = if size < SHORTEST { Vec::new() } else { edge(size - MAGIC.len() as u64)? };
    if first == ENCRYPTED || last == ENCRYPTED {
        return Err(encrypted(content));
    }
    if first != MAGIC {
        let hint = "a Parquet file begins with the letters PAR1; save it as one, or name it by what it is";
        return Err(failed(format!("{} is no Parquet file", content.path), Some(hint.into())));
    }
    if last != MAGIC {
        let hint = "a Parquet file ends with the letters PAR1; copy or write it anew";
        return Err(failed(format!("{} is cut off", content.path), Some(hint.into())));
    }
    Ok(())
}

/// Refuses columns that nothing here unpacks.
fn packed(content: &SeedContent<'_>, metadata: &ParquetMetaData) -> Result<(), EngineError> {
    let mut columns = metadata.row_groups().iter().flat_map(|group| group.columns());
    match columns.find(|column| column.compression() == Compression::LZO) {
        None => Ok(()),
        Some(column) => {
            let message =
                format!("{}: column `{}` is compressed with LZO", content.path, column.column_path().string());
            Err(failed(message, Some("write it with Snappy, Zstandard, gzip, Brotli or LZ4".into())))
        }
    }
}

fn encrypted(content: &SeedContent<'_>) -> EngineError {
    failed(format!("{} is encrypted", content.path), Some("write the seed without encryption".into()))
}

/// What the reader says of a file, as an error of the seed.
fn broken(content: &SeedContent<'_>, error: ParquetError) -> EngineError {
    let text = match error {
        ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => return unreadable(content, &error),
            Err(error) => error.to_string(),
        },
        other => other.to_string(),
    };
    if text.contains("encrypt") {
        return encrypted(content);
    }
    let hint = "it is damaged, or written in a way that fft doesn't know; write it anew";
    failed(format!("{} can't be read: {text}", content.path), Some(hint.into()))
}
