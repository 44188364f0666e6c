//! Arrow's types as Spark stores them: those of its own, or the nearest that holds every value.

use arrow::datatypes::{DataType, Field, Fields, TimeUnit};
use std::sync::Arc;

/// The type that a column's values are cast to before they are sent, and Spark's word for it; why there is none, in words.
pub fn stored(kind: &DataType) -> Result<(DataType, String), String> {
    use DataType::*;
    let plain = |kind: DataType, word: &str| Ok((kind, word.to_string()));
    match kind {
        Boolean => plain(Boolean, "boolean"),
        Int8 => plain(Int8, "tinyint"),
        Int16 | UInt8 => plain(Int16, "smallint"),
        Int32 | UInt16 => plain(Int32, "int"),
        Int64 | UInt32 => plain(Int64, "bigint"),
        UInt64 => plain(Decimal128(20, 0), "decimal(20,0)"),
        Float16 | Float32 => plain(Float32, "float"),
        Float64 => plain(Float64, "double"),
        Decimal32(precision, scale) | Decimal64(precision, scale) | Decimal128(precision, scale) => {
            decimal(*precision, *scale)
        }
        Decimal256(precision, scale) => decimal((*precision).min(38), *scale),
        // There is no time of day; a text tells each.
        Null | Utf8 | LargeUtf8 | Utf8View | Time32(_) | Time64(_) => plain(Utf8, "string"),
        Binary | LargeBinary | BinaryView | FixedSizeBinary(_) => plain(Binary, "binary"),
        Date32 | Date64 => plain(Date32, "date"),
        Timestamp(_, None) => plain(Timestamp(TimeUnit::Microsecond, None), "timestamp_ntz"),
        Timestamp(_, Some(_)) => plain(Timestamp(TimeUnit::Microsecond, Some("UTC".into())), "timestamp"),
        List(field) | LargeList(field) | FixedSizeList(field, _) | ListView(field) | LargeListView(field) => {
            let (kind, word) = stored(field.data_type())?;
            Ok((List(Arc::new(Field::new("element", kind, true))), format!("array<{word}>")))
        }
        Struct(fields) => structure(fields),
        Map(entries, sorted) => map(entries, *sorted),
        Dictionary(_, values) => stored(values),
        RunEndEncoded(_, values) => stored(values.data_type()),
        Duration(_) | Interval(_) | Union(..) => Err(format!("Spark stores no {kind}")),
    }
}

/// A decimal number with no digits in front of those that Spark counts.
fn decimal(precision: u8, scale: i8) -> Result<(DataType, String), String> {
    let (precision, scale) = if scale < 0 { (38, 0) } else { (precision, scale) };
    Ok((DataType::Decimal128(precision, scale), format!("decimal({precision},{scale})")))
}

fn structure(fields: &Fields) -> Result<(DataType, String), String> {
    let one = |field: &Arc<Field>| {
        let (kind, word) = stored(field.data_type())?;
        let name = field.name().replace('`', "``");
        Ok((Arc::new(Field::new(field.name(), kind, true)), format!("`{name}`: {word}")))
    };
    let (fields, words): (Vec<_>, Vec<_>) =
        fields.iter().map(one).collect::<Result<Vec<_>, String>>()?.into_iter().unzip();
    Ok((DataType::Struct(fields.into()), format!("struct<{}>", words.join(", "))))
}

fn map(entries: &Field, sorted: bool) -> Result<(DataType, String), String> {
    let DataType::Struct(fields) = entries.data_type() else { return Err("Spark stores no such map".into()) };
    let [key, value] = fields.as_ref() else { return Err("Spark stores no such map".into()) };
    let ((key, key_word), (value, value_word)) = (stored(key.data_type())?, stored(value.data_type())?);
    let fields = vec![Field::new("key", key, false), Field::new("value", value, true)];
    let entries = Field::new("entries", DataType::Struct(fields.into()), false);
    Ok((DataType::Map(Arc::new(entries), sorted), format!("map<{key_word}, {value_word}>")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_stored_as_one_that_holds_its_values() {
        let list = |kind| DataType::LargeList(Arc::new(Field::new("item", kind, true)));
        let fields = Fields::from(vec![
            Field::new("a`b", DataType::UInt8, true),
            Field::new("c", list(DataType::Utf8View), false),
        ]);
        for (kind, expected) in [
            (DataType::UInt64, "decimal(20,0)"),
            (DataType::Time64(TimeUnit::Microsecond), "string"),
            (DataType::Timestamp(TimeUnit::Nanosecond, None), "timestamp_ntz"),
            (DataType::Timestamp(TimeUnit::Second, Some("+01:00".into())), "timestamp"),
            (DataType::Decimal256(50, 10), "decimal(38,10)"),
            (DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::LargeUtf8)), "string"),
            (DataType::Struct(fields), "struct<`a``b`: smallint, `c`: array<string>>"),
        ] {
            assert_eq!(stored(&kind).unwrap().1, expected, "{kind}");
        }
        assert!(stored(&DataType::Duration(TimeUnit::Second)).unwrap_err().contains("Duration"));
    }
}
