//! Rows that come as JSON, their values as text, into Arrow batches of the declared types.

use crate::engine::exact::exact;
use crate::engine::{EngineError, ErrorKind};
use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, RecordBatch, RecordBatchOptions, StringArray, new_null_array,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, SchemaRef};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::sync::Arc;

/// The rows as a batch; each has a value a column. Bytes are in base64.
pub fn batch(schema: &SchemaRef, rows: &[Vec<Option<String>>]) -> Result<RecordBatch, EngineError> {
    let column = |(at, field): (usize, &Arc<Field>)| {
        let texts = rows.iter().map(|row| row.get(at).and_then(Option::as_deref));
        array(texts, field.data_type())
            .map_err(|words| unreadable(format!("a value of the column `{}`: {words}", field.name())))
    };
    let columns = schema.fields().iter().enumerate().map(column).collect::<Result<Vec<_>, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    RecordBatch::try_new_with_options(schema.clone(), columns, &options).map_err(unreadable)
}

/// Texts as values of a type that holds no others; why one isn't, in words.
pub fn array<'a>(texts: impl Iterator<Item = Option<&'a str>>, kind: &DataType) -> Result<ArrayRef, String> {
    match kind {
        DataType::Binary => {
            let bytes = texts.map(|text| text.map(|text| STANDARD.decode(text)).transpose());
            let bytes = bytes.collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
            Ok(Arc::new(bytes.into_iter().collect::<BinaryArray>()))
        }
        kind if kind.is_nested() => Err(format!("{kind} isn't read from JSON")),
        kind => {
            let texts: ArrayRef = Arc::new(texts.collect::<StringArray>());
            // Texts are read by offsets; the names of zones are only labels.
            let offset = match kind {
                DataType::Timestamp(unit, Some(_)) => &DataType::Timestamp(*unit, Some("+00:00".into())),
                other => other,
            };
            exact(&texts, offset).and_then(|array| cast(&array, kind)).map_err(|error| error.to_string())
        }
    }
}

/// A row's texts.
pub type Texts = Vec<Option<String>>;

/// A row's texts, empty for nulls.
pub fn parts<const N: usize>(row: Texts) -> [String; N] {
    let mut row = row.into_iter();
    std::array::from_fn(|_| row.next().flatten().unwrap_or_default())
}

/// The rows of a batch as texts. Of what Arrow writes no text of, none is asked for.
pub fn texts(batch: &RecordBatch) -> Vec<Texts> {
    let text = |column: &ArrayRef| {
        let column = match column.data_type() {
            // The names of zones are only labels, which Arrow doesn't know.
            DataType::Timestamp(unit, Some(_)) => &cast(column, &DataType::Timestamp(*unit, Some("+00:00".into())))?,
            _ => column,
        };
        cast(column, &DataType::Utf8)
    };
    let text = |column: &ArrayRef| text(column).unwrap_or_else(|_| new_null_array(&DataType::Utf8, column.len()));
    let columns: Vec<ArrayRef> = batch.columns().iter().map(text).collect();
    let value =
        |column: &ArrayRef, row: usize| column.is_valid(row).then(|| column.as_string::<i32>().value(row).to_string());
    (0..batch.num_rows()).map(|row| columns.iter().map(|column| value(column, row)).collect()).collect()
}

/// The error of an answer that isn't what the server's interface has.
pub fn unreadable(words: impl std::fmt::Display) -> EngineError {
    EngineError::new(ErrorKind::Connection, format!("the server's answer can't be read: {words}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::datatypes::{Schema, TimeUnit};
    use arrow::util::display::array_value_to_string;

    #[test]
    fn texts_become_values_of_their_types() {
        let moment = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        let cases = [
            (DataType::Int64, "-9223372036854775808", "-9223372036854775808"),
            (DataType::Boolean, "true", "true"),
            (DataType::Decimal128(38, 2), "12.5", "12.50"),
            (DataType::Float64, "1.0E-5", "0.00001"),
            (DataType::Date32, "2024-02-29", "2024-02-29"),
            (DataType::Utf8, "é", "é"),
            (DataType::Binary, "AP8=", "00ff"),
            (moment, "2024-02-29T10:00:00.123+01:00", "2024-02-29T09:00:00.123"),
        ];
        let fields = cases.iter().enumerate().map(|(at, (kind, ..))| Field::new(format!("c{at}"), kind.clone(), true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let row = cases.iter().map(|(_, text, _)| Some(text.to_string())).collect();
        let found = batch(&schema, &[row, vec![None; cases.len()]]).unwrap();
        for (column, (kind, _, shown)) in found.columns().iter().zip(&cases) {
            let column = match kind {
                DataType::Timestamp(unit, _) => &cast(column, &DataType::Timestamp(*unit, None)).unwrap(),
                _ => column,
            };
            assert_eq!(array_value_to_string(column, 0).unwrap(), *shown, "{kind}");
            assert!(column.is_null(1), "{kind}");
        }
        assert_eq!(batch(&Arc::new(Schema::empty()), &[vec![], vec![]]).unwrap().num_rows(), 2);
        let one = Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, true)]));
        let error = batch(&one, &[vec![Some("x".into())]]).unwrap_err();
        assert!(error.message.contains("the column `n`"), "{error}");
    }
}
