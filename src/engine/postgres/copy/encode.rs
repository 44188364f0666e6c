//! Arrow arrays as fields of a binary copy.

use super::numeric;
use crate::engine::exact::exact;
use ::arrow::array::*;
use ::arrow::datatypes::*;
use ::arrow::error::ArrowError;
use ::arrow::json::writer::{LineDelimited, WriterBuilder};
use ::postgres::types::Type;
use std::sync::Arc;

/// Days from 1970-01-01 to 2000-01-01, where Postgres begins to count.
pub(super) const EPOCH_DAYS: i32 = 10_957;
/// The same in microseconds.
pub(super) const EPOCH_MICROS: i64 = EPOCH_DAYS as i64 * 86_400_000_000;

/// Appends the bytes of one value that isn't null.
type Write = Box<dyn Fn(usize, &mut Vec<u8>) + Send + Sync>;

/// One column of a batch, ready to be written row by row.
pub(super) struct Column {
    array: ArrayRef,
    write: Write,
}

impl Column {
    pub fn new(array: &ArrayRef) -> Result<Column, ArrowError> {
        let array = storable(array)?;
        Ok(Column { write: writer(&array)?, array })
    }

    /// Appends one field: its length, then its bytes; a null has only the length -1.
    pub fn write(&self, row: usize, bytes: &mut Vec<u8>) {
        if self.array.is_null(row) {
            return bytes.extend_from_slice(&(-1_i32).to_be_bytes());
        }
        sized(bytes, |bytes| (self.write)(row, bytes));
    }
}

/// What `write` appends, behind its length.
fn sized(bytes: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = bytes.len();
    bytes.extend_from_slice(&[0; 4]);
    write(bytes);
    let length = i32::try_from(bytes.len() - start - 4).unwrap_or(i32::MAX);
    bytes[start..start + 4].copy_from_slice(&length.to_be_bytes());
}

/// The Postgres type that holds values of an Arrow type, or why there is none.
pub(super) fn sql_type(data_type: &DataType) -> Result<String, String> {
    Ok(match data_type {
        DataType::Dictionary(_, values) => return sql_type(values),
        DataType::RunEndEncoded(_, values) => return sql_type(values.data_type()),
        DataType::Boolean => "boolean".into(),
        DataType::Int8 | DataType::UInt8 | DataType::Int16 => "smallint".into(),
        DataType::Null | DataType::UInt16 | DataType::Int32 => "integer".into(),
        DataType::UInt32 | DataType::Int64 => "bigint".into(),
        DataType::UInt64 => "numeric(20,0)".into(),
        DataType::Float16 | DataType::Float32 => "real".into(),
        DataType::Float64 => "double precision".into(),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "text".into(),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            "bytea".into()
        }
        DataType::Date32 | DataType::Date64 => "date".into(),
        DataType::Time32(_) | DataType::Time64(_) => "time".into(),
        DataType::Timestamp(_, None) => "timestamp".into(),
        DataType::Timestamp(_, Some(_)) => "timestamptz".into(),
        DataType::Duration(_) | DataType::Interval(_) => "interval".into(),
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale)
        | DataType::Decimal256(precision, scale) => {
            let more = scale.min(&0).unsigned_abs();
            format!("numeric({},{})", precision + more, scale.max(&0))
        }
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            match element(item.data_type()) {
                Some(_) => format!("{}[]", sql_type(item.data_type())?),
                None => "jsonb".into(),
            }
        }
        DataType::Struct(_) | DataType::Map(..) => "jsonb".into(),
        other => return Err(format!("Postgres has nothing like {other}")),
    })
}

/// The Postgres type of a list's elements, where it is simple enough for an array.
fn element(item: &DataType) -> Option<Type> {
    Some(match sql_type(item).ok()?.as_str() {
        "boolean" => Type::BOOL,
        "smallint" => Type::INT2,
        "integer" => Type::INT4,
        "bigint" => Type::INT8,
        "real" => Type::FLOAT4,
        "double precision" => Type::FLOAT8,
        "text" => Type::TEXT,
        "bytea" => Type::BYTEA,
        "date" => Type::DATE,
        "time" => Type::TIME,
        "timestamp" => Type::TIMESTAMP,
        "timestamptz" => Type::TIMESTAMPTZ,
        _ => return None,
    })
}

/// The array as one of the types that [`writer`] knows.
fn storable(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let to = |wanted: &DataType| exact(array, wanted);
    match array.data_type() {
        DataType::Dictionary(_, values) => storable(&to(values)?),
        DataType::RunEndEncoded(_, values) => storable(&to(values.data_type())?),
        DataType::Null => to(&DataType::Int32),
        DataType::Int8 | DataType::UInt8 => to(&DataType::Int16),
        DataType::UInt16 => to(&DataType::Int32),
        DataType::UInt32 => to(&DataType::Int64),
        DataType::UInt64 => to(&DataType::Decimal128(20, 0)),
        DataType::Float16 => to(&DataType::Float32),
        DataType::Utf8View => to(&DataType::Utf8),
        DataType::BinaryView | DataType::FixedSizeBinary(_) => to(&DataType::Binary),
        DataType::Date64 => to(&DataType::Date32),
        DataType::Time32(_) | DataType::Time64(_) => to(&DataType::Time64(TimeUnit::Microsecond)),
        DataType::Timestamp(_, zone) => to(&DataType::Timestamp(TimeUnit::Microsecond, zone.clone())),
        DataType::Duration(_) => to(&DataType::Duration(TimeUnit::Microsecond)),
        DataType::Interval(_) => {
            let array = to(&DataType::Interval(IntervalUnit::MonthDayNano))?;
            let finer = |value: IntervalMonthDayNano| value.nanoseconds % 1000 != 0;
            if array.as_primitive::<IntervalMonthDayNanoType>().iter().flatten().any(finer) {
                Err(ArrowError::CastError("an interval is more exact than a microsecond".into()))
            } else {
                Ok(array)
            }
        }
        DataType::Decimal32(precision, scale) | DataType::Decimal64(precision, scale) => {
            to(&DataType::Decimal128(*precision, *scale))
        }
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            match element(item.data_type()) {
                Some(_) => to(&DataType::LargeList(item.clone())),
                None => json(array),
            }
        }
        DataType::Struct(_) | DataType::Map(..) => json(array),
        _ => Ok(array.clone()),
    }
}

/// Each value as `jsonb` is sent: the version of the form, then the text.
fn json(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let field = Field::new("v", array.data_type().clone(), true);
    let batch = RecordBatch::try_new(Arc::new(Schema::new(vec![field])), vec![array.clone()])?;
    let mut lines = Vec::new();
    let mut writer = WriterBuilder::new().with_explicit_nulls(true).build::<_, LineDelimited>(&mut lines);
    writer.write(&batch)?;
    writer.finish()?;
    drop(writer);
    let text = String::from_utf8_lossy(&lines);
    let value = |(row, line): (usize, &str)| {
        let value = line.strip_prefix("{\"v\":").and_then(|line| line.strip_suffix('}'));
        value.filter(|_| array.is_valid(row)).map(|value| format!("\u{1}{value}").into_bytes())
    };
    Ok(Arc::new(LargeBinaryArray::from_iter(text.lines().enumerate().map(value))))
}

fn writer(array: &ArrayRef) -> Result<Write, ArrowError> {
    macro_rules! primitive {
        ($kind:ty, $value:ident => $bytes:expr) => {{
            let array = array.as_primitive::<$kind>().clone();
            Box::new(move |row, bytes: &mut Vec<u8>| {
                let $value = array.value(row);
                bytes.extend_from_slice(&$bytes)
            })
        }};
    }
    macro_rules! text {
        ($array:expr) => {{
            let array = $array.clone();
            Box::new(move |row, bytes: &mut Vec<u8>| bytes.extend_from_slice(array.value(row).as_ref()))
        }};
    }
    Ok(match array.data_type() {
        DataType::Boolean => {
            let array = array.as_boolean().clone();
            Box::new(move |row, bytes| bytes.push(array.value(row).into()))
        }
        DataType::Int16 => primitive!(Int16Type, value => value.to_be_bytes()),
        DataType::Int32 => primitive!(Int32Type, value => value.to_be_bytes()),
        DataType::Int64 => primitive!(Int64Type, value => value.to_be_bytes()),
        DataType::Float32 => primitive!(Float32Type, value => value.to_be_bytes()),
        DataType::Float64 => primitive!(Float64Type, value => value.to_be_bytes()),
        DataType::Date32 => primitive!(Date32Type, value => value.saturating_sub(EPOCH_DAYS).to_be_bytes()),
        DataType::Time64(_) => primitive!(Time64MicrosecondType, value => value.to_be_bytes()),
        DataType::Timestamp(..) => {
            primitive!(TimestampMicrosecondType, value => value.saturating_sub(EPOCH_MICROS).to_be_bytes())
        }
        DataType::Duration(_) => {
            primitive!(DurationMicrosecondType, value => [&value.to_be_bytes()[..], &[0; 8]].concat())
        }
        DataType::Interval(_) => primitive!(IntervalMonthDayNanoType, value => {
            let micros = (value.nanoseconds / 1000).to_be_bytes();
            [&micros[..], &value.days.to_be_bytes(), &value.months.to_be_bytes()].concat()
        }),
        DataType::Decimal128(_, scale) => {
            let scale = *scale;
            primitive!(Decimal128Type, value => numeric::encode(&value.to_string(), scale))
        }
        DataType::Decimal256(_, scale) => {
            let scale = *scale;
            primitive!(Decimal256Type, value => numeric::encode(&value.to_string(), scale))
        }
        DataType::Utf8 => text!(array.as_string::<i32>()),
        DataType::LargeUtf8 => text!(array.as_string::<i64>()),
        DataType::Binary => text!(array.as_binary::<i32>()),
        DataType::LargeBinary => text!(array.as_binary::<i64>()),
        DataType::LargeList(item) => list(array, item)?,
        other => return Err(ArrowError::NotYetImplemented(format!("Postgres has nothing like {other}"))),
    })
}

/// One-dimensional arrays.
fn list(array: &ArrayRef, item: &FieldRef) -> Result<Write, ArrowError> {
    let array = array.as_list::<i64>().clone();
    let oid = element(item.data_type()).expect("invariant: others are JSON").oid();
    let items = Column::new(array.values())?;
    Ok(Box::new(move |row, bytes| {
        let (start, end) = (array.value_offsets()[row] as usize, array.value_offsets()[row + 1] as usize);
        let dimensions = i32::from(end > start);
        let nulls = i32::from((start..end).any(|at| items.array.is_null(at)));
        for number in [dimensions, nulls, oid as i32] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        if dimensions > 0 {
            let length = i32::try_from(end - start).unwrap_or(i32::MAX);
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(&1_i32.to_be_bytes());
        }
        (start..end).for_each(|at| items.write(at, bytes));
    }))
}
