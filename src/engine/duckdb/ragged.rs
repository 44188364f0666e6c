//! Where a CSV file isn't a table: no header, or a line with another number of values.
//!
//! DuckDB's reader says only that it finds no way to read such a file, or counts an empty one as a table without rows.

use std::path::Path;

/// A line whose number of values isn't that of the header.
#[derive(Debug, PartialEq)]
pub(super) struct Uneven {
    /// Counted from 1.
    pub line: u64,
    pub expected: u64,
    pub found: u64,
}

/// The first uneven line; `None` where there is none or the file can't be read.
pub(super) fn first_uneven(file: &Path, delimiter: char) -> Option<Uneven> {
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
pub(super) fn has_header(file: &Path) -> bool {
    let reader = csv::ReaderBuilder::new().from_path(file);
    reader.is_ok_and(|mut reader| reader.byte_headers().is_ok_and(|header| !header.is_empty()))
}
