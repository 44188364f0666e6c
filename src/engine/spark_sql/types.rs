//! Spark's types as it writes them, and as Arrow has them.

use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit};
use std::sync::Arc;

/// The schema of columns, each with its type in Spark's words.
pub fn arrow_schema<'a>(columns: impl IntoIterator<Item = (&'a str, &'a str)>) -> SchemaRef {
    let fields = columns.into_iter().map(|(name, kind)| Field::new(name, arrow_type(kind), true));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// A type in Arrow's words; text for one that Arrow has no word for.
pub fn arrow_type(told: &str) -> DataType {
    let told = told.trim();
    // Behind the name comes one pair of brackets.
    let (name, inner) = match told.find(['<', '(']) {
        Some(at) => (told[..at].trim(), told.get(at + 1..told.len() - 1).unwrap_or_default()),
        None => (told, ""),
    };
    match name.to_ascii_uppercase().as_str() {
        "BOOLEAN" => DataType::Boolean,
        "TINYINT" | "BYTE" => DataType::Int8,
        "SMALLINT" | "SHORT" => DataType::Int16,
        "INT" | "INTEGER" => DataType::Int32,
        "BIGINT" | "LONG" => DataType::Int64,
        "FLOAT" | "REAL" => DataType::Float32,
        "DOUBLE" => DataType::Float64,
        "DECIMAL" | "DEC" | "NUMERIC" => decimal(inner),
        "BINARY" => DataType::Binary,
        "DATE" => DataType::Date32,
        "TIMESTAMP" | "TIMESTAMP_LTZ" => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        "TIMESTAMP_NTZ" => DataType::Timestamp(TimeUnit::Microsecond, None),
        "VOID" | "NULL" => DataType::Null,
        "ARRAY" => DataType::List(Arc::new(Field::new("element", arrow_type(inner), true))),
        "MAP" => map(inner),
        "STRUCT" => DataType::Struct(fields(inner)),
        _ => DataType::Utf8,
    }
}

fn decimal(inner: &str) -> DataType {
    let mut numbers = inner.split(',').map(|number| number.trim().parse::<u8>().ok());
    let precision = numbers.next().flatten().unwrap_or(10);
    DataType::Decimal128(precision, numbers.next().flatten().unwrap_or(0) as i8)
}

fn map(inner: &str) -> DataType {
    let parts = parts(inner);
    let [key, value] = parts.as_slice() else { return DataType::Utf8 };
    let fields = [Field::new("key", arrow_type(key), false), Field::new("value", arrow_type(value), true)];
    let entries = Field::new("entries", DataType::Struct(Fields::from(fields.to_vec())), false);
    DataType::Map(Arc::new(entries), false)
}

fn fields(inner: &str) -> Fields {
    let field = |part: &&str| {
        let (name, kind) = field_name(part.trim_start());
        let kind = kind.trim_start().trim_start_matches(':');
        let kind = kind.split(" COMMENT ").next().unwrap_or(kind).trim_end().trim_end_matches(" NOT NULL");
        Field::new(name, arrow_type(kind), true)
    };
    parts(inner).iter().map(field).collect()
}

/// A field's name, with or without backticks, and what comes behind it.
fn field_name(part: &str) -> (String, &str) {
    let Some(quoted) = part.strip_prefix('`') else {
        let end = part.find([':', ' ']).unwrap_or(part.len());
        return (part[..end].into(), &part[end..]);
    };
    let mut end = 0;
    while let Some(next) = quoted[end..].find('`') {
        end += next;
        if !quoted[end + 1..].starts_with('`') {
            return (quoted[..end].replace("``", "`"), &quoted[end + 1..]);
        }
        end += 2;
    }
    (quoted.into(), "")
}

/// What commas part that no bracket or backtick encloses.
fn parts(text: &str) -> Vec<&str> {
    let (mut found, mut start, mut depth, mut quoted) = (Vec::new(), 0, 0, false);
    for (at, letter) in text.char_indices() {
        match letter {
            '`' => quoted = !quoted,
            '<' | '(' if !quoted => depth += 1,
            '>' | ')' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                found.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    if !text.trim().is_empty() {
        found.push(&text[start..]);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_as_spark_writes_them() {
        let list = |kind| DataType::List(Arc::new(Field::new("element", kind, true)));
        for (told, expected) in [
            ("BIGINT", DataType::Int64),
            ("int", DataType::Int32),
            ("DECIMAL(12,2)", DataType::Decimal128(12, 2)),
            ("DECIMAL(38, 0)", DataType::Decimal128(38, 0)),
            ("VARCHAR(10)", DataType::Utf8),
            ("TIMESTAMP", DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))),
            ("TIMESTAMP_NTZ", DataType::Timestamp(TimeUnit::Microsecond, None)),
            ("INTERVAL DAY TO SECOND", DataType::Utf8),
            ("ARRAY<ARRAY<DECIMAL(9,1)>>", list(list(DataType::Decimal128(9, 1)))),
            (
                "STRUCT<A: INT, `b,>``c`: ARRAY<STRING> NOT NULL, c: STRUCT<>>",
                DataType::Struct(Fields::from(vec![
                    Field::new("A", DataType::Int32, true),
                    Field::new("b,>`c", list(DataType::Utf8), true),
                    Field::new("c", DataType::Struct(Fields::empty()), true),
                ])),
            ),
        ] {
            assert_eq!(arrow_type(told), expected, "{told}");
        }
        assert!(matches!(arrow_type("MAP<STRING,ARRAY<INT>>"), DataType::Map(..)));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(told in "[A-Za-z<>(),:` ]{0,24}") {
            drop(arrow_type(&told));
        }
    }
}
