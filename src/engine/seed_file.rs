//! What is told of a seed file whatever the engine: its name, its delimiter, its declared columns, and where it isn't a
//! table: no header, or a line with another number of values.

use super::{EngineError, ErrorKind, SEED_FILE_COLUMN, SeedContent};
use std::path::Path;

/// The file as the project calls it, where the caller has said so.
pub(super) fn shown(content: &SeedContent<'_>) -> String {
    let named = content.text_columns.iter().find(|(name, _)| *name == SEED_FILE_COLUMN);
    named.map_or_else(|| content.file.to_string_lossy().into_owned(), |(_, path)| path.to_string())
}

/// The delimiter of a file whose header has no comma, where it has another one.
pub(super) fn other_delimiter(header: &str) -> Option<char> {
    [';', '\t', '|'].into_iter().find(|delimiter| header.contains(*delimiter))
}

/// Declared types by the names that the file has for the columns.
pub(super) fn declared<'a>(
    content: &SeedContent<'a>,
    columns: &[String],
) -> Result<Vec<(String, &'a str)>, EngineError> {
    let find = |(name, sql_type): &'a (String, String)| {
        let column = columns.iter().find(|column| column.to_lowercase() == name.to_lowercase());
        match column {
            Some(column) => Ok((column.clone(), sql_type.as_str())),
            None => {
                let message = format!("{} has no column `{name}`, for which a type is declared", shown(content));
                Err(failed(message, Some(format!("its columns are {}", columns.join(", ")))))
            }
        }
    };
    content.types.iter().map(find).collect()
}

/// The error of a file without a line.
pub(super) fn empty(content: &SeedContent<'_>) -> EngineError {
    failed(format!("{} is empty", shown(content)), Some("a seed begins with a line of column names".into()))
}

/// The error of a file whose lines can't be told apart into values.
pub(super) fn uneven(content: &SeedContent<'_>, delimiter: char) -> EngineError {
    match first_uneven(content.file, delimiter) {
        Some(Uneven { line, expected, found }) => {
            let message =
                format!("{}:{line}: {found} values, where the header names {expected} columns", shown(content));
            failed(message, Some("quote a value that holds the delimiter".into()))
        }
        None => {
            let message = format!("{} can't be read as CSV", shown(content));
            failed(message, Some("look for a quote that is never closed".into()))
        }
    }
}

pub(super) fn failed(message: String, hint: Option<String>) -> EngineError {
    EngineError { kind: ErrorKind::Statement, message, position: None, hint }
}

/// A line whose number of values isn't that of the header.
struct Uneven {
    /// Counted from 1.
    line: u64,
    expected: u64,
    found: u64,
}

/// The first uneven line; `None` where there is none or the file can't be read.
fn first_uneven(file: &Path, delimiter: char) -> Option<Uneven> {
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter as u8).from_path(file).ok()?;
    let error = reader.byte_records().find_map(Result::err)?;
    match error.kind() {
        csv::ErrorKind::UnequalLengths { pos: Some(pos), expected_len, len } => {
            Some(Uneven { line: pos.line(), expected: *expected_len, found: *len })
        }
        _ => None,
    }
}

/// Whether the file has a line that could name columns.
#[cfg(feature = "duckdb")]
pub(super) fn has_header(file: &Path) -> bool {
    let reader = csv::ReaderBuilder::new().from_path(file);
    reader.is_ok_and(|mut reader| reader.byte_headers().is_ok_and(|header| !header.is_empty()))
}
