//! Arrow batches into DuckDB and out of it.
//!
//! In: types that DuckDB's reader doesn't take are cast first (dictionaries to their values, untyped nulls to integers
//! as DuckDB itself has them). Out: the 2,048 rows a time that DuckDB gives are put together into large batches.

use super::error::Failure;
use crate::dialect::{Dialect, DuckDb};
use crate::engine::{EngineError, ErrorKind};
use ::arrow::array::{ArrayRef, RecordBatch};
use ::arrow::compute::{cast, concat_batches};
use ::arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef, TimeUnit};
use ::arrow::error::ArrowError;
use ::duckdb::ArrowStream;
use std::sync::Arc;

/// Rows that an outgoing batch has at least, where there are as many.
const LARGE: usize = 122_880;

/// Everything a query gives; one empty batch where it gives no row, for the sake of its columns.
pub(super) fn collect(stream: ArrowStream<'_>) -> Result<Vec<RecordBatch>, Failure> {
    let schema = stream.get_schema();
    let (mut large, mut small, mut rows) = (Vec::new(), Vec::new(), 0);
    for batch in stream {
        let batch = batch?;
        rows += batch.num_rows();
        small.push(batch);
        if rows >= LARGE {
            large.push(concat(&schema, &std::mem::take(&mut small))?);
            rows = 0;
        }
    }
    if rows > 0 || large.is_empty() {
        large.push(concat(&schema, &small)?);
    }
    Ok(large)
}

fn concat(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<RecordBatch, Failure> {
    concat_batches(schema, batches).map_err(|error| Failure { text: error.to_string(), ..Failure::default() })
}

/// The query that reads a registered batch of `schema`.
///
/// DuckDB's reader forgets which intervals are null, so durations come as microseconds and are made intervals here.
pub(super) fn query(schema: &SchemaRef) -> Result<String, EngineError> {
    let mut spans = Vec::new();
    for field in schema.fields() {
        let name = DuckDb.quote(field.name());
        match field.data_type() {
            DataType::Duration(_) => spans.push(format!("to_microseconds({name}) as {name}")),
            other if has_interval(other) => {
                let message = format!("column `{}` of type {other} can't be stored", field.name());
                let hint = "give a column of durations, numbers or text in its place".to_string();
                return Err(EngineError { hint: Some(hint), ..invalid(message) });
            }
            _ => {}
        }
    }
    Ok(match spans.is_empty() {
        true => "select * from arrow(?)".into(),
        false => format!("select * replace ({}) from arrow(?)", spans.join(", ")),
    })
}

fn has_interval(data_type: &DataType) -> bool {
    let inner = |field: &FieldRef| has_interval(field.data_type());
    match data_type {
        DataType::Interval(_) | DataType::Duration(_) => true,
        DataType::Dictionary(_, values) => has_interval(values),
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => inner(item),
        DataType::ListView(item) | DataType::LargeListView(item) | DataType::RunEndEncoded(_, item) => inner(item),
        DataType::Map(entries, _) => inner(entries),
        DataType::Struct(fields) => fields.iter().any(inner),
        _ => false,
    }
}

/// All batches as one, of types that DuckDB takes.
pub(super) fn storable(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<RecordBatch, EngineError> {
    let fields: Vec<FieldRef> = schema.fields().iter().map(storable_field).collect();
    let wanted: SchemaRef = Arc::new(Schema::new(fields));
    let cast_batch = |batch: &RecordBatch| -> Result<RecordBatch, EngineError> {
        let columns = wanted.fields().iter().zip(batch.columns()).map(|(field, column)| {
            let unfit = |error| unfit(field.name(), column.data_type(), &error);
            match column.data_type() == field.data_type() {
                true => Ok(column.clone()),
                false => recast(column, field.data_type()).map_err(unfit),
            }
        });
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        RecordBatch::try_new(wanted.clone(), columns).map_err(|error| invalid(error.to_string()))
    };
    let batches = batches.iter().map(cast_batch).collect::<Result<Vec<_>, _>>()?;
    match batches.as_slice() {
        [batch] => Ok(batch.clone()),
        batches => concat_batches(&wanted, batches).map_err(|error| invalid(error.to_string())),
    }
}

fn recast(column: &ArrayRef, wanted: &DataType) -> Result<ArrayRef, ArrowError> {
    match column.data_type() {
        DataType::Duration(_) => cast(&cast(column, &DataType::Duration(TimeUnit::Microsecond))?, wanted),
        _ => cast(column, wanted),
    }
}

fn unfit(column: &str, from: &DataType, error: &ArrowError) -> EngineError {
    invalid(format!("column `{column}` of type {from} can't be stored: {error}"))
}

fn invalid(message: String) -> EngineError {
    EngineError { kind: ErrorKind::Statement, message, position: None, hint: None }
}

fn storable_field(field: &FieldRef) -> FieldRef {
    let data_type = storable_type(field.data_type());
    match data_type == *field.data_type() {
        true => field.clone(),
        false => Arc::new(Field::new(field.name(), data_type, true).with_metadata(field.metadata().clone())),
    }
}

/// The type that DuckDB's reader takes in the place of `given`.
fn storable_type(given: &DataType) -> DataType {
    match given {
        DataType::Null => DataType::Int32,
        DataType::Dictionary(_, values) => storable_type(values),
        DataType::RunEndEncoded(_, values) => storable_type(values.data_type()),
        DataType::Duration(_) => DataType::Int64,
        DataType::Float16 => DataType::Float32,
        DataType::Date64 => DataType::Date32,
        DataType::Time32(_) | DataType::Time64(_) => DataType::Time64(TimeUnit::Microsecond),
        DataType::Decimal256(_, scale) => DataType::Decimal128(38, *scale),
        DataType::List(item) => DataType::List(storable_field(item)),
        DataType::LargeList(item) => DataType::LargeList(storable_field(item)),
        DataType::ListView(item) => DataType::List(storable_field(item)),
        DataType::LargeListView(item) => DataType::LargeList(storable_field(item)),
        DataType::FixedSizeList(item, size) => DataType::FixedSizeList(storable_field(item), *size),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(storable_field).collect()),
        DataType::Map(entries, sorted) => DataType::Map(storable_field(entries), *sorted),
        other => other.clone(),
    }
}
