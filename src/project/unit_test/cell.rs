//! Rows as a file of unit tests gives them.

use crate::diagnostic::Location;
use serde::Serialize;

/// A value as it is written.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Cell {
    Null,
    /// Without quotes in YAML: a number, a boolean, a date, a word.
    Plain(String),
    /// In quotes.
    Text(String),
    /// Of a CSV file, where quotes say nothing.
    Csv(String),
}

/// Columns and rows, each row with a value a column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CellTable {
    /// In the order in which they come first, each with where that is.
    pub columns: Vec<(String, Location)>,
    pub rows: Vec<Vec<Cell>>,
}

impl CellTable {
    /// The table of rows that name their values; one that a row doesn't name is null.
    pub fn of(rows: Vec<Vec<(String, Location, Cell)>>) -> CellTable {
        let mut table = CellTable::default();
        for (name, at, _) in rows.iter().flatten() {
            if table.find(name).is_none() {
                table.columns.push((name.clone(), at.clone()));
            }
        }
        for row in rows {
            let mut cells = vec![Cell::Null; table.columns.len()];
            for (name, _, cell) in row {
                let column = table.find(&name).expect("invariant: each name is a column");
                cells[column] = cell;
            }
            table.rows.push(cells);
        }
        table
    }

    pub fn names(&self) -> Vec<&str> {
        self.columns.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// A column's number. Names that differ in case alone are one.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|(known, _)| known.eq_ignore_ascii_case(name))
    }
}

impl Cell {
    /// As it is shown beside what is given.
    pub fn shown(&self) -> String {
        match self {
            Cell::Null => "null".into(),
            Cell::Plain(text) | Cell::Csv(text) => text.clone(),
            Cell::Text(text) => quoted(text),
        }
    }
}

/// Whether YAML takes this for a number or a boolean where it isn't in quotes.
pub fn is_other(text: &str) -> bool {
    matches!(text, "true" | "false" | "True" | "False" | "TRUE" | "FALSE")
        || text.parse::<f64>().is_ok_and(f64::is_finite)
}

/// Text as it is written to be text: in quotes where it could be taken for something else.
pub fn quoted(text: &str) -> String {
    let odd = text.is_empty() || text.trim() != text || text.chars().any(char::is_control);
    if odd || is_other(text) || text == "null" { format!("'{}'", text.escape_debug()) } else { text.to_string() }
}
