//! The rows of a result: pages of JSON, into Arrow batches of the types that the service declares.

use super::answer::{Field, Page, Schema, number};
use super::api::{Api, Name};
use crate::engine::rest::{Gather, Pace, Stop, array, unreadable};
use crate::engine::{EngineError, TakeBatch};
use arrow::array::{
    Array, ArrayRef, Int64Array, ListArray, RecordBatch, RecordBatchOptions, StructArray, new_null_array,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field as ArrowField, Fields, Schema as ArrowSchema, SchemaRef, TimeUnit};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// How often it is asked for rows that aren't told yet.
const ASKED: usize = 8;

/// Digits of the two decimal types: all, and those behind the point.
const NUMERIC: (u8, i8) = (38, 9);
const BIGNUMERIC: (u8, i8) = (76, 38);

/// Gives `take` all rows of a query that is done, a batch at a time; one empty batch of none.
pub(super) fn take_all(api: &Api, name: &Name, stop: &Stop, take: TakeBatch<'_>) -> Result<(), EngineError> {
    let mut page = complete(api, name, stop)?;
    let schema = schema(&page.schema);
    let told = number(page.total_rows.as_ref());
    let expected = told.ok_or_else(|| unreadable("a result doesn't say how many rows it has"))?;
    let mut gather = Gather::new(schema.clone(), take);
    loop {
        gather.add(batch(&schema, &page.rows)?)?;
        match page.page_token.take().filter(|token| !token.is_empty()) {
            Some(token) => page = api.page(name, Some(&token), stop)?,
            None => break,
        }
    }
    gather.finish(expected)
}

/// The first page. One that isn't complete says nothing of columns and rows, though the job is done.
fn complete(api: &Api, name: &Name, stop: &Stop) -> Result<Page, EngineError> {
    for pause in Pace::new(Duration::from_millis(200), Duration::from_secs(5)).take(ASKED) {
        let page = api.page(name, None, stop)?;
        if page.job_complete {
            return Ok(page);
        }
        stop.sleep(pause)?;
    }
    Err(unreadable("the rows of a query that is done aren't told"))
}

/// The columns as Arrow has them.
pub(super) fn schema(told: &Schema) -> SchemaRef {
    Arc::new(ArrowSchema::new(told.fields.iter().map(field).collect::<Vec<_>>()))
}

fn field(told: &Field) -> ArrowField {
    let kind = kind(told);
    if told.mode == "REPEATED" {
        let element = Arc::new(ArrowField::new("item", kind, true));
        return ArrowField::new(&told.name, DataType::List(element), true);
    }
    ArrowField::new(&told.name, kind, true)
}

/// The type of a column, or of what it holds several of. What Arrow has nothing for comes as its text.
fn kind(told: &Field) -> DataType {
    match told.kind.as_str() {
        "INTEGER" | "INT64" => DataType::Int64,
        "FLOAT" | "FLOAT64" => DataType::Float64,
        "BOOLEAN" | "BOOL" => DataType::Boolean,
        "BYTES" => DataType::Binary,
        "DATE" => DataType::Date32,
        "TIME" => DataType::Time64(TimeUnit::Microsecond),
        "DATETIME" => DataType::Timestamp(TimeUnit::Microsecond, None),
        "TIMESTAMP" => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        "NUMERIC" => decimal(told, NUMERIC),
        "BIGNUMERIC" => decimal(told, BIGNUMERIC),
        "RECORD" | "STRUCT" => DataType::Struct(told.fields.iter().map(field).collect::<Fields>()),
        _ => DataType::Utf8,
    }
}

fn decimal(told: &Field, (most, behind): (u8, i8)) -> DataType {
    let digits = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<u8>().ok());
    let precision = digits(&told.precision).filter(|precision| (1..=most).contains(precision));
    let scale = digits(&told.scale).map_or(if precision.is_some() { 0 } else { behind }, |scale| scale as i8);
    match precision.unwrap_or(most) {
        precision @ ..=38 => DataType::Decimal128(precision, scale),
        precision => DataType::Decimal256(precision, scale),
    }
}

/// Rows as `{"f": [{"v": …}, …]}`.
fn batch(schema: &SchemaRef, rows: &[Value]) -> Result<RecordBatch, EngineError> {
    let column = |(at, field): (usize, &Arc<ArrowField>)| {
        let values = rows.iter().map(|row| &row["f"][at]["v"]).collect();
        values_of(values, field.data_type())
            .map_err(|words| unreadable(format!("a value of the column `{}`: {words}", field.name())))
    };
    let columns = schema.fields().iter().enumerate().map(column).collect::<Result<Vec<_>, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    RecordBatch::try_new_with_options(schema.clone(), columns, &options).map_err(unreadable)
}

fn values_of(values: Vec<&Value>, kind: &DataType) -> Result<ArrayRef, String> {
    match kind {
        DataType::List(element) => list(&values, element),
        DataType::Struct(fields) => structure(&values, fields),
        DataType::Timestamp(_, Some(_)) => {
            let micros = values.iter().map(|value| text(value).map(micros).transpose());
            let micros = Int64Array::from(micros.collect::<Result<Vec<_>, _>>()?);
            cast(&micros, kind).map_err(|error| error.to_string())
        }
        DataType::Float64 => {
            let numbers = values.iter().map(|value| text(value).map(|text| text.parse::<f64>()).transpose());
            let numbers = numbers.collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
            Ok(Arc::new(arrow::array::Float64Array::from(numbers)))
        }
        kind => array(values.iter().map(|value| text(value)), kind),
    }
}

fn text(value: &Value) -> Option<&str> {
    value.as_str()
}

/// Microseconds since 1970; of a server that doesn't know how they are asked for, seconds with digits behind the point.
fn micros(text: &str) -> Result<i64, String> {
    if let Ok(micros) = text.parse() {
        return Ok(micros);
    }
    let seconds: f64 = text.parse().map_err(|_| format!("`{text}` is no time"))?;
    Ok((seconds * 1e6).round() as i64)
}

/// A null list is an empty one here.
fn list(values: &[&Value], element: &Arc<ArrowField>) -> Result<ArrayRef, String> {
    let lists: Vec<&[Value]> = values.iter().map(|value| value.as_array().map_or(&[][..], Vec::as_slice)).collect();
    let offsets = OffsetBuffer::from_lengths(lists.iter().map(|list| list.len()));
    let all = lists.into_iter().flatten().map(|value| &value["v"]).collect();
    let values = values_of(all, element.data_type())?;
    Ok(Arc::new(ListArray::try_new(element.clone(), offsets, values, None).map_err(|error| error.to_string())?))
}

fn structure(values: &[&Value], fields: &Fields) -> Result<ArrayRef, String> {
    let nulls = NullBuffer::from(values.iter().map(|value| !value.is_null()).collect::<Vec<bool>>());
    if fields.is_empty() {
        return Ok(new_null_array(&DataType::Struct(fields.clone()), values.len()));
    }
    let part = |(at, field): (usize, &Arc<ArrowField>)| {
        values_of(values.iter().map(|value| &value["f"][at]["v"]).collect(), field.data_type())
    };
    let parts = fields.iter().enumerate().map(part).collect::<Result<Vec<_>, _>>()?;
    let array = StructArray::try_new(fields.clone(), parts, Some(nulls)).map_err(|error| error.to_string())?;
    debug_assert_eq!(array.len(), values.len());
    Ok(Arc::new(array))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::util::display::array_value_to_string;
    use serde_json::json;

    #[test]
    fn every_type_is_read_as_what_it_is() {
        let cases = [
            ("INTEGER", json!("-9223372036854775808"), "-9223372036854775808", "Int64"),
            ("FLOAT", json!("1e-300"), "1e-300", "Float64"),
            ("FLOAT", json!("-Infinity"), "-inf", "Float64"),
            ("FLOAT", json!("NaN"), "NaN", "Float64"),
            ("BOOLEAN", json!("true"), "true", "Boolean"),
            ("STRING", json!("é🦆"), "é🦆", "Utf8"),
            ("BYTES", json!("AP8="), "00ff", "Binary"),
            ("DATE", json!("0001-01-01"), "0001-01-01", "Date32"),
            ("TIME", json!("10:00:00.500000"), "10:00:00.500", "Time64(µs)"),
            ("DATETIME", json!("2024-02-29T10:00:00.123456"), "2024-02-29T10:00:00.123456", "Timestamp(µs)"),
            ("TIMESTAMP", json!("1704099600000001"), "2024-01-01T09:00:00.000001Z", "Timestamp(µs, \"UTC\")"),
            ("TIMESTAMP", json!("1.7040996E9"), "2024-01-01T09:00:00Z", "Timestamp(µs, \"UTC\")"),
            ("NUMERIC", json!("-12.5"), "-12.500000000", "Decimal128(38, 9)"),
            (
                "BIGNUMERIC",
                json!("99999999999999999999999999999999999999.5"),
                "99999999999999999999999999999999999999.50000000000000000000000000000000000000",
                "Decimal256(76, 38)",
            ),
            ("JSON", json!("{\"a\":1}"), "{\"a\":1}", "Utf8"),
            ("GEOGRAPHY", json!("POINT(1 2)"), "POINT(1 2)", "Utf8"),
            ("INTERVAL", json!("0-0 1 0:0:0"), "0-0 1 0:0:0", "Utf8"),
        ];
        for (kind, value, shown, expected) in cases {
            let field = Field { name: "c".into(), kind: kind.into(), ..Field::default() };
            let schema = schema(&Schema { fields: vec![field] });
            let rows = [json!({"f": [{"v": value}]}), json!({"f": [{"v": null}]})];
            let found = batch(&schema, &rows).unwrap();
            let column = found.column(0);
            assert_eq!(column.data_type().to_string(), expected, "{kind}");
            let shown_as = match column.data_type() {
                // Without tables of zones Arrow shows none.
                DataType::Timestamp(unit, Some(_)) => {
                    array_value_to_string(&cast(column, &DataType::Timestamp(*unit, None)).unwrap(), 0).unwrap() + "Z"
                }
                _ => array_value_to_string(column, 0).unwrap(),
            };
            assert_eq!(shown_as, shown, "{kind}");
            assert!(column.is_null(1), "{kind}");
        }
    }

    #[test]
    fn nested_values_are_read() {
        let part = |name: &str, kind: &str| Field { name: name.into(), kind: kind.into(), ..Field::default() };
        let record = Field { fields: vec![part("x", "INTEGER"), part("y", "STRING")], ..part("r", "RECORD") };
        let several = Field { mode: "REPEATED".into(), ..Field { name: "rs".into(), ..record.clone() } };
        let list = Field { mode: "REPEATED".into(), ..part("ns", "INTEGER") };
        let schema = schema(&Schema { fields: vec![record, several, list] });
        let one = json!({"f": [{"v": "1"}, {"v": null}]});
        let rows = [
            json!({"f": [{"v": one}, {"v": [{"v": one}, {"v": one}]}, {"v": [{"v": "1"}, {"v": "2"}]}]}),
            json!({"f": [{"v": null}, {"v": []}, {"v": []}]}),
        ];
        let found = batch(&schema, &rows).unwrap();
        let shown: Vec<String> =
            found.columns().iter().map(|column| array_value_to_string(column, 0).unwrap()).collect();
        assert_eq!(shown, ["{x: 1, y: }", "[{x: 1, y: }, {x: 1, y: }]", "[1, 2]"]);
        assert!(found.column(0).is_null(1));
        assert_eq!(array_value_to_string(found.column(1), 1).unwrap(), "[]");
        let error = batch(&schema, &[json!({"f": [{"v": {"f": [{"v": "x"}]}}, {"v": []}, {"v": []}]})]).unwrap_err();
        assert!(error.message.contains("the column `r`"), "{error}");
    }
}
