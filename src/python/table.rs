//! Tables in the files between host and worker: Arrow IPC, and JSON lines for a Python without pyarrow.

#![expect(
    clippy::disallowed_methods,
    reason = "rows between two processes are in files of their own, made and gone with a build"
)]

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef, TimeUnit};
use arrow::error::ArrowError;
use arrow::ipc::{reader::FileReader, writer::FileWriter};
use arrow::json::{ReaderBuilder, WriterBuilder, writer::LineDelimited};
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

/// The zone of instants in JSON lines.
const ZONE: &str = "+00:00";

/// Rows in memory. Empty `batches` are a table without rows.
#[derive(Clone, Debug)]
pub struct Table {
    pub schema: SchemaRef,
    pub batches: Vec<RecordBatch>,
}

impl Table {
    /// Number of rows.
    pub fn rows(&self) -> u64 {
        self.batches.iter().map(|batch| batch.num_rows() as u64).sum()
    }
}

/// Rows that a batch written or read has at least, the last one excepted.
const BATCH_ROWS: usize = 122_880;

/// An Arrow IPC file that is written a batch at a time, small ones put together.
pub struct IpcFile {
    writer: FileWriter<BufWriter<File>>,
    schema: SchemaRef,
    /// What isn't written yet, and its rows.
    waiting: Vec<RecordBatch>,
    rows: usize,
}

impl IpcFile {
    pub fn create(path: &Path, schema: &SchemaRef) -> Result<IpcFile, ArrowError> {
        let writer = FileWriter::try_new(BufWriter::new(File::create(path)?), schema)?;
        Ok(IpcFile { writer, schema: schema.clone(), waiting: Vec::new(), rows: 0 })
    }

    pub fn add(&mut self, batch: RecordBatch) -> Result<(), ArrowError> {
        self.rows += batch.num_rows();
        self.waiting.push(batch);
        if self.rows >= BATCH_ROWS { self.write() } else { Ok(()) }
    }

    pub fn finish(mut self) -> Result<(), ArrowError> {
        if self.rows > 0 {
            self.write()?;
        }
        self.writer.finish()?;
        Ok(self.writer.get_mut().flush()?)
    }

    fn write(&mut self) -> Result<(), ArrowError> {
        let waiting = std::mem::take(&mut self.waiting);
        self.rows = 0;
        self.writer.write(&together(&self.schema, &waiting.iter().collect::<Vec<_>>())?)
    }
}

/// Writes `batches` of `schema` as an Arrow IPC file.
#[cfg(test)]
pub fn write_ipc(path: &Path, schema: &SchemaRef, batches: &[RecordBatch]) -> Result<(), ArrowError> {
    let mut file = IpcFile::create(path, schema)?;
    batches.iter().try_for_each(|batch| file.add(batch.clone()))?;
    file.finish()
}

/// Reads an Arrow IPC file, small batches put together.
pub fn read_ipc(path: &Path) -> Result<Table, ArrowError> {
    let reader = FileReader::try_new(BufReader::new(File::open(path)?), None)?;
    let schema = reader.schema();
    let batches = reader.collect::<Result<Vec<_>, _>>()?;
    Ok(Table { batches: joined(&schema, &batches)?, schema })
}

/// The schema of an Arrow IPC file.
pub(super) fn schema_of(path: &Path) -> Result<SchemaRef, ArrowError> {
    Ok(FileReader::try_new(BufReader::new(File::open(path)?), None)?.schema())
}

/// A column, or a field within one, whose name no database takes.
pub(super) fn unnameable(schema: &SchemaRef) -> Option<&str> {
    fn inside(field: &Field) -> bool {
        let nested = match field.data_type() {
            DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => inside(item),
            DataType::ListView(item) | DataType::LargeListView(item) | DataType::Map(item, _) => inside(item),
            DataType::Struct(fields) => fields.iter().any(|field| inside(field)),
            _ => false,
        };
        nested || field.name().contains('\0')
    }
    schema.fields().iter().find(|field| inside(field)).map(|field| field.name().as_str())
}

fn joined(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<Vec<RecordBatch>, ArrowError> {
    let mut joined = Vec::new();
    let mut open: Vec<&RecordBatch> = Vec::new();
    let mut rows = 0;
    for batch in batches {
        open.push(batch);
        rows += batch.num_rows();
        if rows >= BATCH_ROWS {
            joined.push(together(schema, &open)?);
            open.clear();
            rows = 0;
        }
    }
    if rows > 0 {
        joined.push(together(schema, &open)?);
    }
    Ok(joined)
}

fn together(schema: &SchemaRef, batches: &[&RecordBatch]) -> Result<RecordBatch, ArrowError> {
    match batches {
        [one] => Ok((*one).clone()),
        many => concat_batches(schema, many.iter().copied()),
    }
}

/// Writes the rows of an Arrow IPC file as JSON lines.
pub(super) fn write_lines(ipc: &Path, lines: &Path) -> Result<(), ArrowError> {
    let table = read_ipc(ipc)?;
    let mut writer = WriterBuilder::new()
        .with_explicit_nulls(true)
        .with_timestamp_format("%Y-%m-%dT%H:%M:%S%.6f".into())
        .with_timestamp_tz_format("%Y-%m-%dT%H:%M:%S%.6f%:z".into())
        .build::<_, LineDelimited>(BufWriter::new(File::create(lines)?));
    for batch in &table.batches {
        writer.write(&spelled(batch)?)?;
    }
    writer.finish()?;
    writer.get_mut().flush()?;
    Ok(())
}

/// The batch with numbers that JSON has no room for as texts.
fn spelled(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let text = |array: &ArrayRef| match array.data_type() {
        // The writer knows zones by their distance from UTC alone; an instant is the same in each.
        DataType::Timestamp(unit, Some(_)) => cast(array, &DataType::Timestamp(*unit, Some(ZONE.into()))),
        other if matches!(kind(other), "float" | "decimal") => cast(array, &DataType::Utf8),
        _ => Ok(array.clone()),
    };
    let columns = batch.columns().iter().map(text).collect::<Result<Vec<_>, _>>()?;
    let given = batch.schema();
    let field = |(field, column): (&FieldRef, &ArrayRef)| Field::new(field.name(), column.data_type().clone(), true);
    let fields = given.fields().iter().zip(&columns).map(field);
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(schema, columns, &options)
}

/// Reads JSON lines whose columns are of the given kinds.
pub(super) fn read_lines(path: &Path, columns: &[(String, String)]) -> Result<Table, ArrowError> {
    let field = |(name, kind): &(String, String)| Field::new(name, data_type(kind), true);
    let schema: SchemaRef = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
    let file = BufReader::new(File::open(path)?);
    let batches = ReaderBuilder::new(schema.clone()).build(file)?.collect::<Result<Vec<_>, _>>()?;
    Ok(Table { batches: joined(&schema, &batches)?, schema })
}

/// The Arrow type of a kind of column that the worker's Python code names.
fn data_type(kind: &str) -> DataType {
    match kind {
        "bool" => DataType::Boolean,
        "int" => DataType::Int64,
        "float" => DataType::Float64,
        "date" => DataType::Date32,
        "time" => DataType::Time64(TimeUnit::Microsecond),
        "bytes" => DataType::Binary,
        "whole" => DataType::Decimal256(39, 0),
        "datetime" => DataType::Timestamp(TimeUnit::Microsecond, None),
        "instant" => DataType::Timestamp(TimeUnit::Microsecond, Some(ZONE.into())),
        _ => match kind.strip_prefix("decimal(").and_then(|scale| scale.strip_suffix(')')?.parse().ok()) {
            Some(scale) => DataType::Decimal128(38, scale),
            None => DataType::Utf8,
        },
    }
}

/// How the worker's Python code reads a column of this type from JSON lines.
pub(super) fn kind(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Timestamp(_, None) => "datetime",
        DataType::Timestamp(_, Some(_)) => "instant",
        DataType::Date32 | DataType::Date64 => "date",
        DataType::Time32(_) | DataType::Time64(_) => "time",
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => "bytes",
        other if other.is_floating() => "float",
        other if other.is_decimal() => "decimal",
        _ => "plain",
    }
}
