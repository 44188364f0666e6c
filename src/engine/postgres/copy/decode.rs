//! A binary copy as Arrow batches.

use super::encode::{EPOCH_DAYS, EPOCH_MICROS};
use super::{HEADER, element, invalid, numeric};
use crate::engine::{EngineError, TakeBatch};
use ::arrow::array::*;
use ::arrow::buffer::{NullBuffer, OffsetBuffer};
use ::arrow::datatypes::*;
use ::postgres::types::Type;
use std::io::{BufRead, Read};
use std::sync::Arc;

/// Rows that a batch has at most.
const LARGE: usize = 122_880;
/// The most digits of Arrow's decimal numbers of 16 and of 32 bytes.
const DIGITS: (u8, u8) = (38, 76);

/// A column as it is to be read.
pub(super) struct Column {
    name: String,
    kind: Type,
    /// Precision and scale of a number that declares them.
    declared: Option<(u8, i8)>,
    /// What the column is to be cast to so that it can be read.
    pub cast: Option<&'static str>,
}

impl Column {
    pub fn new(column: &::postgres::Column) -> Column {
        let kind = column.type_().clone();
        let known = Builder::new(&kind).is_some();
        let (kind, cast) = match kind {
            Type::OID => (Type::INT8, Some("bigint")),
            kind if known => (kind, None),
            _ => (Type::TEXT, Some("text")),
        };
        Column { name: column.name().into(), kind, declared: declared(column.type_modifier()), cast }
    }
}

/// Precision and scale as a type modifier packs them, where Arrow has room for them.
fn declared(modifier: i32) -> Option<(u8, i8)> {
    let packed = modifier.checked_sub(4).filter(|packed| *packed >= 0)?;
    let precision = u8::try_from(packed >> 16 & 0xffff).ok()?;
    // Eleven bits with a sign.
    let scale = i8::try_from((packed & 0x7ff ^ 0x400) - 0x400).ok()?;
    let fits = precision <= DIGITS.1 && scale >= 0 && scale.unsigned_abs() <= precision;
    fits.then_some((precision, scale))
}

/// All rows of the stream, a batch at a time; at once where only all of them tell how a column is to be read.
pub(super) fn rows(mut reader: impl BufRead, columns: Vec<Column>, take: TakeBatch<'_>) -> Result<(), EngineError> {
    let mut header = [0; HEADER.len()];
    read(&mut reader, &mut header)?;
    let waits = columns.iter().any(|column| column.kind == Type::NUMERIC && column.declared.is_none());
    let mut full: Vec<Part> = Vec::new();
    let mut current = Part::new(&columns);
    let mut given = false;
    let mut field = Vec::new();
    loop {
        let mut width = [0; 2];
        read(&mut reader, &mut width)?;
        if i16::from_be_bytes(width) < 0 {
            break;
        }
        for (builder, column) in current.builders.iter_mut().zip(&columns) {
            let value = next(&mut reader, &mut field)?;
            builder.push(value).map_err(|words| unreadable(column, words))?;
        }
        current.rows += 1;
        if current.rows == LARGE {
            full.push(std::mem::replace(&mut current, Part::new(&columns)));
            if !waits {
                given = true;
                assemble(std::mem::take(&mut full), &columns)?.into_iter().try_for_each(&mut *take)?;
            }
        }
    }
    if current.rows > 0 || full.is_empty() && !given {
        full.push(current);
    }
    assemble(full, &columns)?.into_iter().try_for_each(take)
}

/// Rows that become one batch.
struct Part {
    builders: Vec<Builder>,
    rows: usize,
}

impl Part {
    fn new(columns: &[Column]) -> Part {
        Part { builders: builders(columns), rows: 0 }
    }
}

fn builders(columns: &[Column]) -> Vec<Builder> {
    columns.iter().map(|column| Builder::new(&column.kind).expect("invariant: others are text")).collect()
}

fn read(reader: &mut impl Read, bytes: &mut [u8]) -> Result<(), EngineError> {
    reader.read_exact(bytes).map_err(super::sending)
}

/// One field: its bytes, or `None` for a null.
fn next<'a>(reader: &mut impl Read, field: &'a mut Vec<u8>) -> Result<Option<&'a [u8]>, EngineError> {
    let mut length = [0; 4];
    read(reader, &mut length)?;
    let Ok(length) = usize::try_from(i32::from_be_bytes(length)) else { return Ok(None) };
    field.resize(length, 0);
    read(reader, field)?;
    Ok(Some(field))
}

fn unreadable(column: &Column, words: &str) -> EngineError {
    let hint = "cast the column to text or to double precision".to_string();
    EngineError { hint: Some(hint), ..invalid(format!("column `{}` can't be read: {words}", column.name)) }
}

/// Numbers without a declared size get the one that all their values need.
fn assemble(mut parts: Vec<Part>, columns: &[Column]) -> Result<Vec<RecordBatch>, EngineError> {
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    let sizes: Vec<_> = (0..columns.len())
        .map(|at| match (&columns[at].kind, columns[at].declared) {
            (&Type::NUMERIC, None) => needed(parts.iter().map(|part| &part.builders[at])),
            (_, declared) => declared.unwrap_or((DIGITS.0, 0)),
        })
        .collect();
    let mut fields: Vec<Field> = Vec::new();
    let mut arrays: Vec<Vec<ArrayRef>> = parts.iter().map(|_| Vec::new()).collect();
    for (at, column) in columns.iter().enumerate() {
        for (part, arrays) in parts.iter_mut().zip(&mut arrays) {
            let array = part.builders[at].finish(sizes[at]).map_err(|words| unreadable(column, words))?;
            arrays.push(array);
        }
        fields.push(Field::new(&column.name, arrays[0][at].data_type().clone(), true));
    }
    let schema = Arc::new(Schema::new(fields));
    let batch = |(arrays, part): (Vec<ArrayRef>, &Part)| {
        let options = RecordBatchOptions::new().with_row_count(Some(part.rows));
        RecordBatch::try_new_with_options(schema.clone(), arrays, &options).map_err(|error| invalid(error.to_string()))
    };
    arrays.into_iter().zip(&parts).map(batch).collect()
}

/// Precision and scale that hold every value of a column of numbers.
fn needed<'a>(parts: impl Iterator<Item = &'a Builder>) -> (u8, i8) {
    let (mut scale, mut digits) = (0_i16, 0);
    let values: Vec<&BinaryBuilderValues> = parts.filter_map(Builder::numbers).collect();
    for value in values.iter().flat_map(|values| values.iter().flatten()) {
        scale = scale.max(numeric::scale(value).unwrap_or(0));
    }
    for value in values.iter().flat_map(|values| values.iter().flatten()) {
        digits = digits.max(numeric::decode(value, scale).map_or(0, |digits| digits.trim_start_matches('-').len()));
    }
    let precision = if digits > usize::from(DIGITS.0) { DIGITS.1 } else { DIGITS.0 };
    (precision, i8::try_from(scale).unwrap_or(i8::MAX).min(precision as i8))
}

/// The bytes of each number.
type BinaryBuilderValues = Vec<Option<Box<[u8]>>>;

/// A column of one batch while it is read.
enum Builder {
    Bool(BooleanBuilder),
    Int2(Int16Builder),
    Int4(Int32Builder),
    Int8(Int64Builder),
    Float4(Float32Builder),
    Float8(Float64Builder),
    Text(StringBuilder),
    Bytes(BinaryBuilder),
    Date(Date32Builder),
    Time(Time64MicrosecondBuilder),
    Timestamp(TimestampMicrosecondBuilder),
    Interval(IntervalMonthDayNanoBuilder),
    /// As they come: their common scale is known at the end.
    Numeric(BinaryBuilderValues),
    List {
        items: Box<Builder>,
        lengths: Vec<usize>,
        valid: Vec<bool>,
    },
}

impl Builder {
    fn new(kind: &Type) -> Option<Builder> {
        Some(match *kind {
            Type::BOOL => Builder::Bool(Default::default()),
            Type::INT2 => Builder::Int2(Default::default()),
            Type::INT4 => Builder::Int4(Default::default()),
            Type::INT8 => Builder::Int8(Default::default()),
            Type::FLOAT4 => Builder::Float4(Default::default()),
            Type::FLOAT8 => Builder::Float8(Default::default()),
            Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME => Builder::Text(Default::default()),
            Type::BYTEA => Builder::Bytes(Default::default()),
            Type::DATE => Builder::Date(Default::default()),
            Type::TIME => Builder::Time(Default::default()),
            Type::TIMESTAMP => Builder::Timestamp(Default::default()),
            Type::TIMESTAMPTZ => Builder::Timestamp(TimestampMicrosecondBuilder::new().with_timezone("UTC")),
            Type::INTERVAL => Builder::Interval(Default::default()),
            Type::NUMERIC => Builder::Numeric(Vec::new()),
            _ => {
                let items = Box::new(Builder::new(&element(kind)?)?);
                Builder::List { items, lengths: Vec::new(), valid: Vec::new() }
            }
        })
    }

    fn numbers(&self) -> Option<&BinaryBuilderValues> {
        if let Builder::Numeric(values) = self { Some(values) } else { None }
    }

    /// Adds a value, or says why it can't be one.
    fn push(&mut self, value: Option<&[u8]>) -> Result<(), &'static str> {
        match self {
            Builder::Bool(builder) => builder.append_option(value.map(|bytes| bytes.first() == Some(&1))),
            Builder::Int2(builder) => builder.append_option(number(value)?.map(i16::from_be_bytes)),
            Builder::Int4(builder) => builder.append_option(number(value)?.map(i32::from_be_bytes)),
            Builder::Int8(builder) => builder.append_option(number(value)?.map(i64::from_be_bytes)),
            Builder::Float4(builder) => builder.append_option(number(value)?.map(f32::from_be_bytes)),
            Builder::Float8(builder) => builder.append_option(number(value)?.map(f64::from_be_bytes)),
            Builder::Text(builder) => {
                let text = value.map(|bytes| std::str::from_utf8(bytes).map_err(|_| "it isn't Unicode"));
                builder.append_option(text.transpose()?);
            }
            Builder::Bytes(builder) => builder.append_option(value),
            Builder::Date(builder) => {
                let days = number(value)?.map(i32::from_be_bytes);
                builder.append_option(
                    days.map(|days| finite(days.checked_add(EPOCH_DAYS), days == i32::MIN)).transpose()?,
                );
            }
            Builder::Time(builder) => builder.append_option(number(value)?.map(i64::from_be_bytes)),
            Builder::Timestamp(builder) => {
                let time = number(value)?.map(i64::from_be_bytes);
                builder.append_option(
                    time.map(|time| finite(time.checked_add(EPOCH_MICROS), time == i64::MIN)).transpose()?,
                );
            }
            Builder::Interval(builder) => builder.append_option(value.map(interval).transpose()?),
            Builder::Numeric(values) => values.push(value.map(Box::from)),
            Builder::List { items, lengths, valid } => {
                lengths.push(value.map_or(Ok(0), |bytes| elements(bytes, items))?);
                valid.push(value.is_some());
            }
        }
        Ok(())
    }

    /// The array; numbers in the given precision and scale.
    fn finish(&mut self, (precision, scale): (u8, i8)) -> Result<ArrayRef, &'static str> {
        Ok(match self {
            Builder::Bool(builder) => Arc::new(builder.finish()),
            Builder::Int2(builder) => Arc::new(builder.finish()),
            Builder::Int4(builder) => Arc::new(builder.finish()),
            Builder::Int8(builder) => Arc::new(builder.finish()),
            Builder::Float4(builder) => Arc::new(builder.finish()),
            Builder::Float8(builder) => Arc::new(builder.finish()),
            Builder::Text(builder) => Arc::new(builder.finish()),
            Builder::Bytes(builder) => Arc::new(builder.finish()),
            Builder::Date(builder) => Arc::new(builder.finish()),
            Builder::Time(builder) => Arc::new(builder.finish()),
            Builder::Timestamp(builder) => Arc::new(builder.finish()),
            Builder::Interval(builder) => Arc::new(builder.finish()),
            Builder::Numeric(values) => decimals(values, precision, scale)?,
            Builder::List { items, lengths, valid } => {
                let values = items.finish((precision, scale))?;
                let field = Arc::new(Field::new("item", values.data_type().clone(), true));
                let offsets = OffsetBuffer::from_lengths(lengths.iter().copied());
                let nulls = NullBuffer::from(std::mem::take(valid));
                Arc::new(ListArray::new(field, offsets, values, Some(nulls)))
            }
        })
    }
}

/// The bytes of a value of a fixed size.
fn number<const SIZE: usize>(value: Option<&[u8]>) -> Result<Option<[u8; SIZE]>, &'static str> {
    value.map(|bytes| bytes.try_into().map_err(|_| "it has another size than its type")).transpose()
}

/// A time that isn't infinite. Positive infinity overflows when it is counted from 1970.
fn finite<T>(value: Option<T>, negative_infinity: bool) -> Result<T, &'static str> {
    value.filter(|_| !negative_infinity).ok_or("Arrow has no infinite times")
}

fn interval(bytes: &[u8]) -> Result<IntervalMonthDayNano, &'static str> {
    let bytes: &[u8; 16] = bytes.try_into().map_err(|_| "it has another size than its type")?;
    let part = |at: usize| i32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    let micros = i64::from_be_bytes(bytes[..8].try_into().expect("invariant: eight bytes"));
    let nanoseconds = micros.checked_mul(1000).ok_or("Arrow has no interval as long")?;
    Ok(IntervalMonthDayNano::new(part(12), part(8), nanoseconds))
}

/// Adds the elements of an array; their number.
fn elements(bytes: &[u8], items: &mut Builder) -> Result<usize, &'static str> {
    let cut = "it is cut";
    let at = |start: usize| -> Result<i32, &'static str> {
        let four = bytes.get(start..start + 4).ok_or(cut)?;
        Ok(i32::from_be_bytes(four.try_into().expect("invariant: four bytes")))
    };
    match at(0)? {
        0 => return Ok(0),
        1 => {}
        _ => return Err("it holds arrays of several dimensions"),
    }
    let count = usize::try_from(at(12)?).map_err(|_| cut)?;
    let mut start = 20;
    for _ in 0..count {
        let length = at(start)?;
        start += 4;
        match usize::try_from(length) {
            Err(_) => items.push(None)?,
            Ok(length) => {
                items.push(Some(bytes.get(start..start + length).ok_or(cut)?))?;
                start += length;
            }
        }
    }
    Ok(count)
}

fn decimals(values: &BinaryBuilderValues, precision: u8, scale: i8) -> Result<ArrayRef, &'static str> {
    let special = "Arrow has no decimal number that is infinite or none";
    let digits = |bytes: &[u8]| numeric::decode(bytes, scale.into()).ok_or(special);
    let too_long = "it has more digits than Arrow's decimal numbers";
    if precision <= DIGITS.0 {
        let value = |digits: String| digits.parse::<i128>().map_err(|_| too_long);
        let parsed = values.iter().map(|one| one.as_deref().map(digits).transpose()?.map(value).transpose());
        let parsed = parsed.collect::<Result<Vec<_>, _>>()?;
        let array = Decimal128Array::from(parsed).with_precision_and_scale(precision, scale);
        return Ok(Arc::new(array.map_err(|_| too_long)?));
    }
    let value = |digits: String| i256::from_string(&digits).ok_or(too_long);
    let parsed = values.iter().map(|one| one.as_deref().map(digits).transpose()?.map(value).transpose());
    let parsed = parsed.collect::<Result<Vec<_>, _>>()?;
    let array = Decimal256Array::from(parsed).with_precision_and_scale(precision, scale);
    Ok(Arc::new(array.map_err(|_| too_long)?))
}
