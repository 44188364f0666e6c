//! The columns of a Parquet file as DuckDB's reader takes them: their names, their types in SQL's words, and how values
//! come to be of these types.

use crate::dialect::{Dialect, DuckDb};
use ::parquet::basic::{ConvertedType, LogicalType, Repetition, TimeUnit as Unit, Type as Physical};
use ::parquet::schema::types::{SchemaDescriptor, Type, TypePtr};
use arrow::datatypes::{DECIMAL128_MAX_PRECISION, DataType, Field, IntervalUnit, TimeUnit};
use std::collections::BTreeMap;
use std::slice::Iter;
use std::sync::Arc;

/// A column that holds values.
pub(super) struct Leaf {
    /// Its type in DuckDB's words.
    word: String,
    pub way: Way,
}

/// How the values that are read become those of the type.
pub(super) enum Way {
    AsTheyAre,
    /// Each value kept.
    To(DataType),
    /// Less exact than they may be.
    Cut(DataType),
    /// Bytes that are text.
    Text,
    Uuid,
    /// Months, days and milliseconds.
    Interval,
    /// A decimal number of more digits than decimal types have, with so many of them behind the point.
    Real(i32),
}

/// The schema as it is read, and its columns in order.
pub(super) fn adapted(root: &Type) -> Result<(SchemaDescriptor, Vec<Leaf>), String> {
    let mut leaves = Vec::new();
    let fields = children(root, Within::Other, &mut leaves)?;
    let root = Type::group_type_builder(root.name()).with_fields(fields).build().map_err(|error| error.to_string())?;
    Ok((SchemaDescriptor::new(Arc::new(root)), leaves))
}

/// What a group belongs to, which says how it is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    List,
    Map,
    Other,
}

/// What the group holds, names that differ in case alone told apart.
fn children(group: &Type, within: Within, leaves: &mut Vec<Leaf>) -> Result<Vec<TypePtr>, String> {
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    let mut child = |field: &TypePtr| {
        let mut name = field.name().to_string();
        while let Some(count) = taken.get_mut(&name.to_ascii_lowercase()) {
            *count += 1;
            name = format!("{name}_{count}");
        }
        taken.insert(name.to_ascii_lowercase(), 0);
        if field.is_group() { inner(field, &name, within, leaves) } else { primitive(field, &name, leaves) }
    };
    group.get_fields().iter().map(&mut child).collect()
}

fn inner(group: &Type, name: &str, within: Within, leaves: &mut Vec<Leaf>) -> Result<TypePtr, String> {
    let info = group.get_basic_info();
    let (logical, converted) = (info.logical_type_ref(), info.converted_type());
    if matches!(logical, Some(LogicalType::Variant(_))) {
        return Err(format!("column `{name}` is of type VARIANT, which can't be stored"));
    }
    let holds = match (logical, converted) {
        (Some(LogicalType::List), _) | (_, ConvertedType::LIST) => Within::List,
        (Some(LogicalType::Map), _) | (_, ConvertedType::MAP | ConvertedType::MAP_KEY_VALUE) => Within::Map,
        _ => Within::Other,
    };
    let fields = children(group, holds, leaves)?;
    let repeated = info.has_repetition() && info.repetition() == Repetition::REPEATED;
    let single = repeated && fields.len() == 1 && holds == Within::Other;
    let build = |name: &str, fields| {
        let builder = Type::group_type_builder(name).with_repetition(info.repetition()).with_fields(fields);
        let builder = builder.with_converted_type(converted).with_logical_type(logical.cloned());
        builder.build().map(Arc::new).map_err(|error| error.to_string())
    };
    match within {
        // A group of one column is that column, whatever older writers call it.
        Within::List if single => build("list", fields),
        Within::Other if single => {
            let list = Type::group_type_builder(name).with_repetition(Repetition::REQUIRED);
            let list = list.with_converted_type(ConvertedType::LIST).with_logical_type(Some(LogicalType::List));
            list.with_fields(vec![build("list", fields)?]).build().map(Arc::new).map_err(|error| error.to_string())
        }
        _ => build(name, fields),
    }
}

/// A column that holds values; without what it is annotated with where fft reads its bytes itself.
fn primitive(column: &TypePtr, name: &str, leaves: &mut Vec<Leaf>) -> Result<TypePtr, String> {
    let leaf = leaf(column);
    let bare = matches!(leaf.way, Way::Interval | Way::Real(_));
    leaves.push(leaf);
    if !bare && column.name() == name {
        return Ok(column.clone());
    }
    let Type::PrimitiveType { basic_info, physical_type, type_length, scale, precision } = column.as_ref() else {
        unreachable!("invariant: groups are read elsewhere")
    };
    let builder = Type::primitive_type_builder(name, *physical_type).with_length(*type_length);
    let mut builder = builder.with_repetition(basic_info.repetition());
    if !bare {
        let logical = basic_info.logical_type_ref().cloned();
        builder = builder.with_converted_type(basic_info.converted_type()).with_logical_type(logical);
        builder = builder.with_precision(*precision).with_scale(*scale);
    }
    builder.build().map(Arc::new).map_err(|error| error.to_string())
}

fn leaf(column: &Type) -> Leaf {
    let info = column.get_basic_info();
    let as_it_is = |word: &str| Leaf { word: word.into(), way: Way::AsTheyAre };
    let to = |word: &str, kind| Leaf { word: word.into(), way: Way::To(kind) };
    let micros = DataType::Timestamp(TimeUnit::Microsecond, None);
    let time = DataType::Time64(TimeUnit::Microsecond);
    let fixed = column.get_physical_type() == Physical::FIXED_LEN_BYTE_ARRAY;
    match (info.logical_type_ref(), info.converted_type()) {
        (Some(LogicalType::Unknown), _) => as_it_is("\"NULL\""),
        (Some(LogicalType::Uuid), _) if fixed => Leaf { word: "UUID".into(), way: Way::Uuid },
        (Some(LogicalType::Float16), _) => to("FLOAT", DataType::Float32),
        (Some(LogicalType::Timestamp(kind)), _) => match (kind.unit, kind.is_adjusted_to_u_t_c) {
            (Unit::NANOS, true) => as_it_is("TIMESTAMPTZ_NS"),
            (Unit::NANOS, false) => as_it_is("TIMESTAMP_NS"),
            (_, true) => to("TIMESTAMP WITH TIME ZONE", DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))),
            (_, false) => to("TIMESTAMP", micros),
        },
        (Some(LogicalType::Time(kind)), _) => match (kind.unit, kind.is_adjusted_to_u_t_c) {
            (_, true) => Leaf { word: "TIME WITH TIME ZONE".into(), way: Way::Cut(time) },
            (Unit::NANOS, false) => as_it_is("TIME_NS"),
            (_, false) => to("TIME", time),
        },
        (_, ConvertedType::TIMESTAMP_MILLIS | ConvertedType::TIMESTAMP_MICROS) => to("TIMESTAMP", micros),
        (_, ConvertedType::TIME_MILLIS | ConvertedType::TIME_MICROS) => to("TIME", time),
        (Some(LogicalType::Decimal(_)), _) | (_, ConvertedType::DECIMAL) => decimal(column),
        (Some(LogicalType::Integer(kind)), _) => as_it_is(integer(kind.bit_width, kind.is_signed)),
        (Some(LogicalType::Date), _) | (_, ConvertedType::DATE) => as_it_is("DATE"),
        (Some(LogicalType::Json), _) | (_, ConvertedType::JSON) => as_it_is("JSON"),
        (Some(LogicalType::String | LogicalType::Enum), _) | (_, ConvertedType::UTF8 | ConvertedType::ENUM) => {
            Leaf { word: "VARCHAR".into(), way: Way::Text }
        }
        (Some(LogicalType::Geometry(_) | LogicalType::Geography(_)), _) => as_it_is("GEOMETRY"),
        (_, ConvertedType::INTERVAL) => Leaf { word: "INTERVAL".into(), way: Way::Interval },
        (_, ConvertedType::INT_8) => as_it_is("TINYINT"),
        (_, ConvertedType::INT_16) => as_it_is("SMALLINT"),
        (_, ConvertedType::UINT_8) => as_it_is("UTINYINT"),
        (_, ConvertedType::UINT_16) => as_it_is("USMALLINT"),
        (_, ConvertedType::UINT_32) => as_it_is("UINTEGER"),
        (_, ConvertedType::UINT_64) => as_it_is("UBIGINT"),
        _ => match column.get_physical_type() {
            Physical::BOOLEAN => as_it_is("BOOLEAN"),
            Physical::INT32 => as_it_is("INTEGER"),
            Physical::INT64 => as_it_is("BIGINT"),
            Physical::INT96 => to("TIMESTAMP", micros),
            Physical::FLOAT => as_it_is("FLOAT"),
            Physical::DOUBLE => as_it_is("DOUBLE"),
            Physical::BYTE_ARRAY | Physical::FIXED_LEN_BYTE_ARRAY => to("BLOB", DataType::Binary),
        },
    }
}

fn integer(bits: i8, signed: bool) -> &'static str {
    match (bits, signed) {
        (8, true) => "TINYINT",
        (16, true) => "SMALLINT",
        (32, true) => "INTEGER",
        (_, true) => "BIGINT",
        (8, false) => "UTINYINT",
        (16, false) => "USMALLINT",
        (32, false) => "UINTEGER",
        (_, false) => "UBIGINT",
    }
}

fn decimal(column: &Type) -> Leaf {
    let (precision, scale) = (column.get_precision(), column.get_scale());
    match (u8::try_from(precision), i8::try_from(scale)) {
        (Ok(digits), Ok(behind)) if digits <= DECIMAL128_MAX_PRECISION => {
            Leaf { word: format!("DECIMAL({precision},{scale})"), way: Way::To(DataType::Decimal128(digits, behind)) }
        }
        _ => Leaf { word: "DOUBLE".into(), way: Way::Real(scale) },
    }
}

/// The field as it is to be read, of the next columns: times of 96 bits reach further than Arrow's own choice for them.
pub(super) fn stored_field(stored: &Arc<Field>, leaves: &mut Iter<'_, Leaf>) -> Arc<Field> {
    let kind = stored.data_type();
    let nanos = DataType::Timestamp(TimeUnit::Nanosecond, None);
    let read = nested(kind, &mut |field| stored_field(field, leaves)).unwrap_or_else(|| match &next(leaves).way {
        Way::To(wanted) if *kind == nanos => wanted.clone(),
        _ => kind.clone(),
    });
    Arc::new(stored.as_ref().clone().with_data_type(read))
}

/// The field as it is to be, of the next columns.
pub(super) fn wanted_field(stored: &Arc<Field>, leaves: &mut Iter<'_, Leaf>) -> Arc<Field> {
    let kind = stored.data_type();
    let wanted = nested(kind, &mut |field| wanted_field(field, leaves)).unwrap_or_else(|| match &next(leaves).way {
        Way::AsTheyAre => kind.clone(),
        Way::To(wanted) | Way::Cut(wanted) => wanted.clone(),
        Way::Text | Way::Uuid => DataType::Utf8,
        Way::Interval => DataType::Interval(IntervalUnit::MonthDayNano),
        Way::Real(_) => DataType::Float64,
    });
    Arc::new(stored.as_ref().clone().with_data_type(wanted))
}

/// A type as DuckDB says it, of the next columns.
pub(super) fn words(stored: &DataType, leaves: &mut Iter<'_, Leaf>) -> String {
    match stored {
        DataType::List(item) => format!("{}[]", words(item.data_type(), leaves)),
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(pair) => {
                let pair: Vec<String> = pair.iter().map(|field| words(field.data_type(), leaves)).collect();
                format!("MAP({})", pair.join(", "))
            }
            other => words(other, leaves),
        },
        DataType::Struct(fields) => {
            let field = |field: &Arc<Field>| format!("{} {}", name(field.name()), words(field.data_type(), leaves));
            let fields: Vec<String> = fields.iter().map(field).collect();
            format!("STRUCT({})", fields.join(", "))
        }
        _ => next(leaves).word.clone(),
    }
}

/// A name inside a type: capitals need no quotes there.
fn name(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    if DuckDb.quote(&lower) == lower { name.into() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

pub(super) fn next<'a>(leaves: &mut Iter<'a, Leaf>) -> &'a Leaf {
    leaves.next().expect("invariant: Arrow has a leaf for each of Parquet's")
}

/// The types of what a nested type holds, with other ones in their place.
fn nested(data_type: &DataType, inner: &mut dyn FnMut(&Arc<Field>) -> Arc<Field>) -> Option<DataType> {
    Some(match data_type {
        DataType::List(item) => DataType::List(inner(item)),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(inner).collect()),
        DataType::Map(entries, sorted) => DataType::Map(inner(entries), *sorted),
        _ => return None,
    })
}
