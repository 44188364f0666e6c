//! Rows that a case gives, as a table.

use crate::engine::{Aside, Content, EngineError, ErrorKind, SeedContent};
use crate::project::{Cell, CellTable, Given, Rows};
use crate::syntax::csv::{Guess, Kind};
use crate::world::World;
use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use std::sync::Arc;

/// Makes the table `relation` of the rows.
pub fn make(world: &dyn World, aside: &mut Aside<'_>, relation: &str, given: &Given) -> Result<(), EngineError> {
    match &given.rows {
        Rows::Csv { path, file, .. } => {
            let content = Content::Seed(SeedContent {
                world,
                file,
                path,
                digest: None,
                parquet: false,
                delimiter: None,
                types: &given.types,
                text_columns: &[],
                loaded_at_column: None,
            });
            aside.make(relation, &content, &[])
        }
        Rows::Inline(table) => {
            let (batch, casts) = batch(table, &given.types)?;
            let content = Content::Arrow { schema: batch.schema(), batches: std::slice::from_ref(&batch) };
            aside.make(relation, &content, &casts)
        }
    }
}

/// Columns with what the engine is to cast each to.
type Casts = Vec<(String, Option<String>)>;

/// The rows with the types that hold all values of each column, as seeds have them; with what is declared of each column
/// that the engine is to cast it to.
fn batch(table: &CellTable, declared: &[(String, String)]) -> Result<(RecordBatch, Casts), EngineError> {
    let declared_of = |name: &str| declared.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    let mut fields = Vec::new();
    let mut arrays: Vec<ArrayRef> = Vec::new();
    let mut casts = Vec::new();
    for (at, (name, _)) in table.columns.iter().enumerate() {
        let cells: Vec<&Cell> = table.rows.iter().map(|row| &row[at]).collect();
        let kind = declared_of(name).map(|(_, kind)| kind.clone());
        // What is cast by the engine it gets as text.
        let data_type = if kind.is_some() { DataType::Utf8 } else { data_type(&cells) };
        arrays.push(array(name, &cells, &data_type)?);
        fields.push(Field::new(name, data_type, true));
        casts.push((name.clone(), kind));
    }
    for (name, kind) in declared.iter().filter(|(name, _)| table.find(name).is_none()) {
        arrays.push(array(name, &vec![&Cell::Null; table.rows.len()], &DataType::Utf8)?);
        fields.push(Field::new(name, DataType::Utf8, true));
        casts.push((name.clone(), Some(kind.clone())));
    }
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays);
    Ok((batch.expect("invariant: every column has a value a row"), casts))
}

/// The type of a column's values: text where one of them is in quotes.
fn data_type(cells: &[&Cell]) -> DataType {
    let mut guess = Guess::default();
    for cell in cells {
        match cell {
            Cell::Null => {}
            Cell::Plain(text) | Cell::Csv(text) => guess.see(text.as_bytes()),
            Cell::Text(_) => return DataType::Utf8,
        }
    }
    match guess.kind() {
        Some(Kind::Boolean) => DataType::Boolean,
        Some(Kind::Integer) => DataType::Int64,
        Some(Kind::Decimal { precision, scale }) => DataType::Decimal128(precision as u8, scale as i8),
        Some(Kind::Date) => DataType::Date32,
        Some(Kind::Time) => DataType::Time64(TimeUnit::Microsecond),
        Some(Kind::Timestamp) => DataType::Timestamp(TimeUnit::Microsecond, None),
        Some(Kind::Instant) => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        Some(Kind::Text) | None => {
            let numbers = cells.iter().all(|cell| match cell {
                Cell::Plain(text) => text.parse::<f64>().is_ok_and(|number| number.is_finite()),
                Cell::Null => true,
                Cell::Text(_) | Cell::Csv(_) => false,
            });
            // As `1e6` is written; of no value at all nothing is known.
            let any = cells.iter().any(|cell| **cell != Cell::Null);
            if numbers && any { DataType::Float64 } else { DataType::Utf8 }
        }
    }
}

fn array(name: &str, cells: &[&Cell], data_type: &DataType) -> Result<ArrayRef, EngineError> {
    let text = |cell: &&Cell| match cell {
        Cell::Null => None,
        Cell::Plain(text) | Cell::Text(text) | Cell::Csv(text) => Some(text.clone()),
    };
    let texts: ArrayRef = Arc::new(StringArray::from(cells.iter().map(text).collect::<Vec<_>>()));
    let options = CastOptions { safe: false, ..CastOptions::default() };
    cast_with_options(&texts, data_type, &options).map_err(|error| {
        EngineError::new(ErrorKind::Statement, format!("the column `{name}` holds no {data_type}: {error}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(cells: &[Cell]) -> String {
        data_type(&cells.iter().collect::<Vec<_>>()).to_string()
    }

    #[test]
    fn a_columns_type_holds_all_its_values() {
        let plain = |texts: &[&str]| texts.iter().map(|text| Cell::Plain(text.to_string())).collect::<Vec<_>>();
        assert_eq!(told(&plain(&["1", "-2"])), "Int64");
        assert_eq!(told(&plain(&["1", "19.95"])), "Decimal128(18, 2)");
        assert_eq!(told(&plain(&["1e6", "2"])), "Float64");
        assert_eq!(told(&plain(&["true", "false"])), "Boolean");
        assert_eq!(told(&plain(&["2024-01-01"])), "Date32");
        assert_eq!(told(&plain(&["2024-01-01 10:00:00"])), "Timestamp(µs)");
        assert_eq!(told(&plain(&["1", "x"])), "Utf8");
        assert_eq!(told(&[Cell::Null, Cell::Text("1".into())]), "Utf8");
        assert_eq!(told(&[Cell::Null]), "Utf8");
        let mut mixed = plain(&["1"]);
        mixed.push(Cell::Null);
        assert_eq!(told(&mixed), "Int64");
    }

    #[test]
    fn declared_columns_are_there_even_without_a_row() {
        let declared = [("id".to_string(), "integer".to_string()), ("at".to_string(), "date".to_string())];
        let (batch, casts) = batch(&CellTable::default(), &declared).unwrap();
        assert_eq!((batch.num_rows(), batch.num_columns()), (0, 2));
        assert_eq!(casts[1], ("at".to_string(), Some("date".to_string())));
    }
}
