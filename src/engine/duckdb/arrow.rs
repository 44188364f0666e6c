//! Arrow batches into DuckDB and out of it.
//!
//! In: types that DuckDB's reader doesn't take are cast first (dictionaries to their values, untyped nulls to integers
//! as DuckDB itself has them). Out: the 2,048 rows a time that DuckDB gives are put together into large batches; what
//! Arrow has no type for comes as text, or is an error of its column.

use super::error::Failure;
use crate::dialect::{Dialect, DuckDb};
use crate::engine::exact::exact;
use crate::engine::{EngineError, ErrorKind, TakeBatch};
use ::arrow::array::{ArrayRef, AsArray, RecordBatch, StringArray};
use ::arrow::compute::concat_batches;
use ::arrow::datatypes::{
    DataType, Decimal128Type, Decimal256Type, Field, FieldRef, IntervalMonthDayNano, IntervalMonthDayNanoType,
    IntervalUnit, Schema, SchemaRef, TimeUnit, i256,
};
use ::arrow::error::ArrowError;
use ::duckdb::ArrowStream;
use std::sync::Arc;

/// Rows that an outgoing batch has at least, where there are as many.
const LARGE: usize = 122_880;
/// The most digits of DuckDB's decimal numbers.
const DIGITS: u8 = 38;

/// How the values of a column leave DuckDB.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    AsTheyAre,
    /// Arrow has room for them, its type hasn't: checked when they are there.
    Hugeint,
    /// As text that is made a number of 39 digits.
    Uhugeint,
    /// As text, since Arrow has no such type.
    Text,
}

/// How the columns of a query are read so that each value arrives as it is.
pub(super) struct Reading {
    columns: Vec<(String, String, Way)>,
}

impl Reading {
    /// Of columns with their DuckDB types.
    pub fn new(columns: Vec<(String, String)>) -> Result<Reading, EngineError> {
        let way = |(name, kind): (String, String)| {
            let way = match kind.as_str() {
                "HUGEINT" => Way::Hugeint,
                "UHUGEINT" => Way::Uhugeint,
                "BIT" | "TIME WITH TIME ZONE" | "BIGNUM" => Way::Text,
                other if is_unreadable(other) => {
                    let message = format!("column `{name}` of type {other} can't be handed to Python");
                    let hint = "cast it to text, or to numbers of at most 38 digits, in the model that it comes from";
                    return Err(EngineError { hint: Some(hint.into()), ..invalid(message) });
                }
                _ => Way::AsTheyAre,
            };
            Ok((name, kind, way))
        };
        Ok(Reading { columns: columns.into_iter().map(way).collect::<Result<_, _>>()? })
    }

    /// The query that reads the rows of `sql`.
    pub fn query(&self, sql: &str) -> String {
        let texts = self.columns.iter().filter(|(_, _, way)| matches!(way, Way::Uhugeint | Way::Text));
        let texts = texts.map(|(name, _, _)| {
            let name = DuckDb.quote(name);
            format!("cast({name} as varchar) as {name}")
        });
        let texts = texts.collect::<Vec<_>>();
        if texts.is_empty() {
            sql.to_string()
        } else {
            format!("select * replace ({}) from ({}\n)", texts.join(", "), DuckDb.without_terminator(sql))
        }
    }

    /// The rows, texts of numbers made numbers.
    pub fn finish(&self, batch: &RecordBatch) -> Result<RecordBatch, EngineError> {
        let (mut fields, mut arrays) = (Vec::new(), Vec::new());
        for ((name, kind, way), (field, array)) in
            self.columns.iter().zip(batch.schema().fields().iter().zip(batch.columns()))
        {
            let array = match way {
                Way::Uhugeint => exact(array, &DataType::Decimal256(DIGITS + 1, 0))
                    .map_err(|error| invalid(format!("column `{name}` of type {kind} can't be read: {error}")))?,
                _ => array.clone(),
            };
            if *way == Way::Hugeint {
                let most = 10_i128.pow(DIGITS.into());
                let long = |value: i128| value >= most || value <= -most;
                if array.as_primitive::<Decimal128Type>().iter().flatten().any(long) {
                    let message = format!("column `{name}` of type {kind} holds a number of more than {DIGITS} digits");
                    let hint = "cast it to text or to uhugeint in the model that it comes from".to_string();
                    return Err(EngineError { hint: Some(hint), ..invalid(message) });
                }
            }
            fields.push(Arc::new(Field::new(field.name(), array.data_type().clone(), true)));
            arrays.push(array);
        }
        let schema = Arc::new(Schema::new(fields));
        RecordBatch::try_new(schema, arrays).map_err(|error| invalid(error.to_string()))
    }
}

/// Whether a type has parts that Arrow can't hold: what stands in quotes are names.
fn is_unreadable(kind: &str) -> bool {
    let mut quote = None;
    let mut bare = String::new();
    for letter in kind.chars() {
        match quote {
            Some(open) if letter == open => quote = None,
            Some(_) => {}
            None if ['"', '\''].contains(&letter) => quote = Some(letter),
            None => bare.push(letter),
        }
    }
    let mut words = bare.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    bare.contains("TIME WITH TIME ZONE")
        || words.any(|word| ["UHUGEINT", "BIT", "BIGNUM", "UNION", "VARIANT"].contains(&word))
}

/// Gives what a query gives, in large batches; one empty batch where it gives no row, for the sake of its columns.
pub(super) fn stream(
    stream: ArrowStream<'_>,
    failed: &dyn Fn(Failure) -> EngineError,
    take: TakeBatch<'_>,
) -> Result<(), EngineError> {
    let schema = stream.get_schema();
    let (mut small, mut rows, mut given) = (Vec::new(), 0, false);
    for batch in stream {
        let batch = batch.map_err(|error| failed(error.into()))?;
        rows += batch.num_rows();
        small.push(batch);
        if rows >= LARGE {
            take(concat(&schema, &std::mem::take(&mut small)).map_err(failed)?)?;
            (rows, given) = (0, true);
        }
    }
    if rows > 0 || !given {
        take(concat(&schema, &small).map_err(failed)?)?;
    }
    Ok(())
}

fn concat(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<RecordBatch, Failure> {
    concat_batches(schema, batches).map_err(|error| Failure { text: error.to_string(), ..Failure::default() })
}

/// The query that reads a registered batch of `schema`, whose rows are `batches`.
///
/// DuckDB's reader forgets which intervals are null, so durations come as microseconds, other intervals as texts, and
/// are made intervals here. So do whole numbers of more digits than its decimals have.
pub(super) fn query(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<String, EngineError> {
    let mut made = Vec::new();
    for (at, field) in schema.fields().iter().enumerate() {
        let name = DuckDb.quote(field.name());
        match field.data_type() {
            DataType::Duration(_) => made.push(format!("to_microseconds({name}) as {name}")),
            DataType::Interval(_) => made.push(format!("cast({name} as interval) as {name}")),
            DataType::Decimal256(precision, 0) if *precision > DIGITS => {
                let negative = batches.iter().any(|batch| {
                    batch.column(at).as_primitive::<Decimal256Type>().iter().flatten().any(|value| value < i256::ZERO)
                });
                let whole = if negative { "hugeint" } else { "uhugeint" };
                made.push(format!("cast({name} as {whole}) as {name}"));
            }
            other if has_interval(other) => {
                let message = format!("column `{}` of type {other} can't be stored", field.name());
                let hint = "give a column of durations, numbers or text in its place".to_string();
                return Err(EngineError { hint: Some(hint), ..invalid(message) });
            }
            _ => {}
        }
    }
    Ok(if made.is_empty() {
        "select * from arrow(?)".into()
    } else {
        format!("select * replace ({}) from arrow(?)", made.join(", "))
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
            if column.data_type() == field.data_type() {
                Ok(column.clone())
            } else {
                recast(column, field.data_type()).map_err(unfit)
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
        DataType::Duration(_) => exact(&exact(column, &DataType::Duration(TimeUnit::Microsecond))?, wanted),
        DataType::Interval(_) => interval_texts(column),
        _ => exact(column, wanted),
    }
}

/// Each interval as DuckDB reads it.
fn interval_texts(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let column = exact(column, &DataType::Interval(IntervalUnit::MonthDayNano))?;
    let text = |value: IntervalMonthDayNano| match value.nanoseconds % 1000 {
        0 => Ok(format!("{} months {} days {} microseconds", value.months, value.days, value.nanoseconds / 1000)),
        _ => Err(ArrowError::CastError("an interval is more exact than a microsecond".into())),
    };
    let texts = column.as_primitive::<IntervalMonthDayNanoType>().iter().map(|value| value.map(text).transpose());
    Ok(Arc::new(texts.collect::<Result<StringArray, _>>()?))
}

fn unfit(column: &str, from: &DataType, error: &ArrowError) -> EngineError {
    invalid(format!("column `{column}` of type {from} can't be stored: {error}"))
}

fn invalid(message: String) -> EngineError {
    EngineError::new(ErrorKind::Statement, message)
}

fn storable_field(field: &FieldRef) -> FieldRef {
    let data_type = storable_type(field.data_type());
    if data_type == *field.data_type() {
        field.clone()
    } else {
        Arc::new(Field::new(field.name(), data_type, true).with_metadata(field.metadata().clone()))
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
        DataType::Interval(_) => DataType::Utf8,
        DataType::Decimal256(precision, 0) if *precision > DIGITS => DataType::Utf8,
        DataType::Decimal256(_, scale) => DataType::Decimal128(DIGITS, *scale),
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
