//! Rows as a model gave them.

use crate::project::quoted;
use arrow::array::{Array, RecordBatch};
use arrow::datatypes::{DataType, Schema};
use arrow::util::display::array_value_to_string;
use std::fmt;

/// A value by what it is.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    Null,
    Bool(bool),
    /// In digits.
    Number(String),
    /// A date, a time of day or an instant, in ISO 8601.
    Moment(String),
    Text(String),
}

/// Columns and rows, each row with a value a column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SeenTable {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Seen>>,
}

impl SeenTable {
    /// Without a row.
    pub fn of_columns(schema: &Schema) -> SeenTable {
        let columns = schema.fields().iter().map(|field| field.name().clone()).collect();
        SeenTable { columns, rows: Vec::new() }
    }

    /// Adds rows. The first of them say which columns there are.
    pub fn add(&mut self, batch: &RecordBatch) {
        if self.columns.is_empty() {
            *self = SeenTable::of_columns(&batch.schema());
        }
        for row in 0..batch.num_rows() {
            self.rows.push(batch.columns().iter().map(|column| Seen::of(&**column, row)).collect());
        }
    }

    /// A column's number. Names that differ in case alone are one.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|known| known.eq_ignore_ascii_case(name))
    }
}

impl Seen {
    fn of(column: &dyn Array, row: usize) -> Seen {
        if column.is_null(row) || column.data_type() == &DataType::Null {
            return Seen::Null;
        }
        let text = array_value_to_string(column, row).unwrap_or_else(|error| format!("‹{error}›"));
        match column.data_type() {
            DataType::Boolean => Seen::Bool(text == "true"),
            kind if kind.is_numeric() => Seen::Number(text),
            DataType::Date32
            | DataType::Date64
            | DataType::Time32(_)
            | DataType::Time64(_)
            | DataType::Timestamp(..) => Seen::Moment(text),
            _ => Seen::Text(text),
        }
    }
}

/// As it would be written to be expected: text that could be taken for something else in quotes.
impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Seen::Null => f.write_str("null"),
            Seen::Bool(value) => write!(f, "{value}"),
            Seen::Number(text) | Seen::Moment(text) => f.write_str(text),
            Seen::Text(text) => f.write_str(&quoted(text)),
        }
    }
}
