//! Rows as texts that a statement takes in a binding, and what makes values of them again.

use crate::dialect::Snowflake;
use crate::engine::EngineError;
use crate::engine::ErrorKind;
use crate::engine::exact::exact;
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Float64Type, Schema, TimeUnit};
use arrow::json::writer::{LineDelimited, WriterBuilder};
use std::sync::Arc;

/// How a column's values go, and come back as what they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// What they are cast to first: that of which the text is exact.
    pub kind: DataType,
    /// The type in the table.
    pub word: String,
    /// They go as JSON, not as the text of a value.
    pub nested: bool,
}

/// The way of a type; why there is none, in words.
pub fn way(kind: &DataType) -> Result<Way, String> {
    use DataType::*;
    let plain = |kind: DataType, word: &str| Ok(Way { kind, word: word.into(), nested: false });
    match kind {
        Boolean => plain(Boolean, "boolean"),
        Int8 | Int16 | Int32 | Int64 | UInt8 | UInt16 | UInt32 => plain(Int64, "number(38, 0)"),
        UInt64 => plain(UInt64, "number(38, 0)"),
        Float16 | Float32 | Float64 => plain(Float64, "double"),
        Decimal32(precision, scale) | Decimal64(precision, scale) | Decimal128(precision, scale) => {
            decimal(*precision, *scale)
        }
        Decimal256(precision, scale) => decimal((*precision).min(38), *scale),
        Null | Utf8 | LargeUtf8 | Utf8View => plain(Utf8, "varchar"),
        Binary | LargeBinary | BinaryView | FixedSizeBinary(_) => plain(Binary, "binary"),
        Date32 | Date64 => plain(Date32, "date"),
        Time32(_) | Time64(_) => plain(Time64(TimeUnit::Microsecond), "time"),
        Timestamp(_, None) => plain(Timestamp(TimeUnit::Microsecond, None), "timestamp_ntz"),
        Timestamp(_, Some(_)) => plain(Timestamp(TimeUnit::Microsecond, Some("+00:00".into())), "timestamp_tz"),
        List(_) | LargeList(_) | FixedSizeList(..) => nested(kind, "array"),
        Struct(_) | Map(..) => nested(kind, "object"),
        Dictionary(_, values) => way(values),
        RunEndEncoded(_, values) => way(values.data_type()),
        other => Err(format!("Snowflake stores no {other}")),
    }
}

fn nested(kind: &DataType, word: &str) -> Result<Way, String> {
    within(kind)?;
    Ok(Way { kind: kind.clone(), word: word.into(), nested: true })
}

/// Whether all that is in a nested type has a way.
fn within(kind: &DataType) -> Result<(), String> {
    match kind {
        DataType::List(field) | DataType::LargeList(field) | DataType::FixedSizeList(field, _) => {
            within(field.data_type())
        }
        DataType::Map(entries, _) => within(entries.data_type()),
        DataType::Struct(fields) => fields.iter().try_for_each(|field| within(field.data_type())),
        other => way(other).map(drop),
    }
}

/// A decimal number with no digits in front of those that are counted.
fn decimal(precision: u8, scale: i8) -> Result<Way, String> {
    let (precision, scale) = if scale < 0 { (38, 0) } else { (precision, scale) };
    let kind = DataType::Decimal128(precision, scale);
    Ok(Way { kind, word: format!("number({precision}, {scale})"), nested: false })
}

/// What makes a value of `element`, which is the text or the JSON of one.
pub fn value(element: &str, word: &str, nested: bool) -> String {
    let text = format!("cast({element} as varchar)");
    match word {
        word if nested => format!("cast({element} as {word})"),
        "varchar" => text,
        "binary" => format!("to_binary({text}, 'HEX')"),
        word => format!("cast({text} as {})", Snowflake.type_name(word)),
    }
}

/// A column's values as JSON, one a row.
pub fn texts(name: &str, array: &ArrayRef, way: &Way) -> Result<Vec<Option<String>>, EngineError> {
    let failed = |words: String| EngineError::new(ErrorKind::Statement, format!("column `{name}`: {words}"));
    if way.nested {
        return json(array).map_err(failed);
    }
    let values = exact(array, &way.kind).map_err(|error| failed(error.to_string()))?;
    let values = match &way.kind {
        DataType::Binary => hexadecimal(&values),
        // Instants in UTC, with its sign behind them.
        _ => cast(&values, &DataType::Utf8).map_err(|error| failed(error.to_string()))?,
    };
    let texts = values.as_string::<i32>();
    Ok(texts.iter().map(|text| text.map(raw)).collect())
}

/// A text as JSON.
pub fn raw(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn hexadecimal(values: &ArrayRef) -> ArrayRef {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    Arc::new(values.as_binary::<i32>().iter().map(|bytes| bytes.map(hex)).collect::<StringArray>())
}

/// Nested values as JSON; an error where there is something that JSON has no way to write, and which would be null.
fn json(array: &ArrayRef) -> Result<Vec<Option<String>>, String> {
    if is_unwritable(array) {
        return Err("NaN or an infinity stands within a list, a struct or a map, which JSON has no way to write".into());
    }
    let schema = Arc::new(Schema::new(vec![Field::new("v", array.data_type().clone(), true)]));
    let batch = RecordBatch::try_new(schema, vec![array.clone()]).map_err(|error| error.to_string())?;
    let mut writer = WriterBuilder::new().with_explicit_nulls(true).build::<_, LineDelimited>(Vec::new());
    writer.write(&batch).and_then(|()| writer.finish()).map_err(|error| error.to_string())?;
    let lines = String::from_utf8(writer.into_inner()).map_err(|error| error.to_string())?;
    // Each line is an object of one value, which a reader of JSON might take some digits from.
    let one = |line: &str| {
        let value = line.strip_prefix("{\"v\":").and_then(|rest| rest.strip_suffix('}')).ok_or("it is no JSON")?;
        Ok((value != "null").then(|| value.to_string()))
    };
    lines.lines().map(one).collect()
}

/// Whether a number that isn't finite is among the values, however deep. What stands behind a null doesn't count.
fn is_unwritable(array: &ArrayRef) -> bool {
    let each = |value: &dyn Fn(usize) -> ArrayRef| {
        (0..array.len()).filter(|row| array.is_valid(*row)).any(|row| is_unwritable(&value(row)))
    };
    match array.data_type() {
        DataType::Float16 | DataType::Float32 | DataType::Float64 => {
            let numbers = cast(array, &DataType::Float64).unwrap_or_else(|_| array.clone());
            numbers.as_primitive_opt::<Float64Type>().is_some_and(|all| all.iter().flatten().any(|n| !n.is_finite()))
        }
        DataType::List(_) => each(&|row| array.as_list::<i32>().value(row)),
        DataType::LargeList(_) => each(&|row| array.as_list::<i64>().value(row)),
        DataType::FixedSizeList(..) => each(&|row| array.as_fixed_size_list().value(row)),
        DataType::Map(..) => each(&|row| Arc::new(array.as_map().value(row))),
        DataType::Struct(_) => {
            let parts = array.as_struct().columns();
            (0..array.len())
                .filter(|row| array.is_valid(*row))
                .any(|row| parts.iter().any(|part| is_unwritable(&part.slice(row, 1))))
        }
        DataType::Dictionary(_, values) if values.is_floating() => {
            cast(array, values).is_ok_and(|values| is_unwritable(&values))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::*;
    use arrow::datatypes::Int32Type;

    fn written(array: impl Array + 'static) -> (String, String) {
        let array: ArrayRef = Arc::new(array);
        let way = way(array.data_type()).unwrap();
        let texts = texts("c", &array, &way).unwrap();
        let shown: Vec<&str> = texts.iter().map(|text| text.as_deref().unwrap_or("null")).collect();
        (shown.join(" "), value("v", &way.word, way.nested))
    }

    #[test]
    fn values_go_as_exact_texts() {
        let cast = |word: &str| format!("cast(cast(v as varchar) as {word})");
        for ((texts, sql), expected, word) in [
            (written(Int8Array::from(vec![Some(-1), None])), "\"-1\" null", cast("number(38, 0)")),
            (written(UInt64Array::from(vec![u64::MAX])), "\"18446744073709551615\"", cast("number(38, 0)")),
            (written(Float32Array::from(vec![0.1, f32::INFINITY])), "\"0.10000000149011612\" \"inf\"", cast("double")),
            (written(StringArray::from(vec!["é\"\n"])), "\"é\\\"\\n\"", "cast(v as varchar)".into()),
            (
                written(BinaryArray::from(vec![&b"a\x00\xff"[..]])),
                "\"6100ff\"",
                "to_binary(cast(v as varchar), 'HEX')".into(),
            ),
            (written(Date32Array::from(vec![-719_162])), "\"0001-01-01\"", cast("date")),
            (written(Time64MicrosecondArray::from(vec![1])), "\"00:00:00.000001\"", cast("time")),
            (
                written(TimestampMicrosecondArray::from(vec![-1])),
                "\"1969-12-31T23:59:59.999999\"",
                cast("timestamp_ntz"),
            ),
            (
                written(TimestampSecondArray::from(vec![0]).with_timezone("Europe/Paris")),
                "\"1970-01-01T00:00:00Z\"",
                cast("timestamp_tz"),
            ),
            (
                written(ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1), None]), None])),
                "[1,null] null",
                "cast(v as array)".into(),
            ),
        ] {
            assert_eq!((texts.as_str(), sql.as_str()), (expected, word.as_str()));
        }
        assert!(way(&DataType::Duration(TimeUnit::Second)).unwrap_err().starts_with("Snowflake stores no Duration"));
    }

    #[test]
    fn a_number_within_a_list_that_json_has_no_way_to_write_is_told() {
        let told = |array: ArrayRef| {
            let way = way(array.data_type()).unwrap();
            texts("c", &array, &way).map(|texts| texts.into_iter().flatten().collect::<String>())
        };
        let list = |values: Vec<Option<f64>>| -> ArrayRef {
            Arc::new(ListArray::from_iter_primitive::<Float64Type, _, _>([Some(vec![Some(1.5)]), None, Some(values)]))
        };
        assert_eq!(told(list(vec![Some(2.5), None])).unwrap(), "[1.5][2.5,null]");
        let part = |values: Vec<f32>| -> ArrayRef { Arc::new(Float32Array::from(values)) };
        let field = |array: &ArrayRef| Arc::new(Field::new("x", array.data_type().clone(), true));
        let structure = |array: ArrayRef| -> ArrayRef { Arc::new(StructArray::from(vec![(field(&array), array)])) };
        for array in [
            list(vec![Some(f64::NAN)]),
            structure(part(vec![0.0, f32::INFINITY])),
            structure(list(vec![None, Some(f64::NEG_INFINITY)])),
        ] {
            let error = told(array).unwrap_err();
            assert!(error.message.starts_with("column `c`: NaN or an infinity stands within a list"), "{error}");
        }
        // Behind a null stands nothing.
        let hidden = StructArray::new(
            vec![field(&part(vec![]))].into(),
            vec![part(vec![f32::NAN, 1.0])],
            Some(vec![false, true].into()),
        );
        assert_eq!(told(Arc::new(hidden)).unwrap(), "{\"x\":1.0}");
    }
}
