//! A CSV file looked through: its delimiter, its columns, and the type of each.
//!
//! Declared types are taken as they are. The rest is told from every value of the file, by the rules that DuckDB's
//! reader has, so that a project gets the same types on both: the first of boolean, bigint, double precision, time,
//! date, timestamp and timestamptz that all values fit, else text. An empty value is null and fits everything.

use crate::dialect::Postgres;
use crate::engine::parquet;
use crate::engine::seed_file::{declared, empty, failed, other_delimiter, shown, uneven};
use crate::engine::{EngineError, SeedContent};
use crate::plan::Outline;
use csv::{Reader, ReaderBuilder, StringRecord};
use std::collections::BTreeSet;
use std::fs::File;

/// A file that is known to be a table.
pub(super) struct Seed<'a> {
    pub content: &'a SeedContent<'a>,
    pub delimiter: u8,
    /// Name and type of each column, in order.
    pub columns: Vec<(String, String)>,
}

impl<'a> Seed<'a> {
    pub fn read(content: &'a SeedContent<'a>) -> Result<Seed<'a>, EngineError> {
        let (delimiter, names) = delimited(content)?;
        let types = declared(content, &names)?;
        let looks = looks(content, delimiter, names.len())?;
        let column = |(name, look): (&String, Look)| {
            let given = types.iter().find(|(declared, _)| declared == name);
            let sql_type = given.map_or(look.sql_type(), |(_, declared)| Postgres.type_name(declared));
            (Postgres.folded(name), sql_type.to_string())
        };
        let columns: Vec<_> = names.iter().zip(looks).map(column).collect();
        let mut seen = BTreeSet::new();
        match columns.iter().find(|(name, _)| !seen.insert(name)) {
            None => Ok(Seed { content, delimiter, columns }),
            Some((name, _)) => {
                let hint = "column names that differ in case alone are one name".to_string();
                Err(failed(format!("{}:1: the header names `{name}` twice", shown(content)), Some(hint)))
            }
        }
    }
}

/// Bytes of the file.
pub(super) fn size(content: &SeedContent<'_>) -> Result<u64, EngineError> {
    let file = reader(content, b',', false)?.into_inner();
    file.metadata().map(|found| found.len()).map_err(|error| failed(format!("{}: {error}", shown(content)), None))
}

/// The file's columns and the number of its rows.
pub(super) fn outline(content: &SeedContent<'_>) -> Result<Outline, EngineError> {
    if content.parquet {
        return parquet::outline(content);
    }
    let (delimiter, names) = delimited(content)?;
    let mut rows = 0;
    for record in reader(content, delimiter, true)?.byte_records() {
        record.map_err(|error| malformed(content, delimiter, &error))?;
        rows += 1;
    }
    Ok(Outline { columns: names.into_iter().map(|name| (name, None)).collect(), rows })
}

/// The delimiter, and the names of the first line.
fn delimited(content: &SeedContent<'_>) -> Result<(u8, Vec<String>), EngineError> {
    let names = header(content, b',')?;
    let other = if let [only] = names.as_slice() { other_delimiter(only) } else { None };
    match other {
        Some(other) => Ok((other as u8, header(content, other as u8)?)),
        None => Ok((b',', names)),
    }
}

/// The file's lines as values.
pub(super) fn reader(content: &SeedContent<'_>, delimiter: u8, headers: bool) -> Result<Reader<File>, EngineError> {
    let reader = ReaderBuilder::new().delimiter(delimiter).has_headers(headers).from_path(content.file);
    reader.map_err(|error| {
        let words = match error.into_kind() {
            csv::ErrorKind::Io(error) => error.to_string(),
            other => format!("{other:?}"),
        };
        failed(format!("{} can't be read: {words}", shown(content)), None)
    })
}

/// The names of the first line; a column without one is called after its place.
fn header(content: &SeedContent<'_>, delimiter: u8) -> Result<Vec<String>, EngineError> {
    let mut first = StringRecord::new();
    let read = reader(content, delimiter, false)?.read_record(&mut first);
    if !read.map_err(|error| malformed(content, delimiter, &error))? {
        return Err(empty(content));
    }
    let name = |(at, name): (usize, &str)| match name.trim_start_matches('\u{feff}') {
        "" => format!("column{at}"),
        name => name.to_string(),
    };
    Ok(first.iter().enumerate().map(name).collect())
}

/// What the values of each column look like.
fn looks(content: &SeedContent<'_>, delimiter: u8, columns: usize) -> Result<Vec<Look>, EngineError> {
    let mut fits: Vec<Vec<Look>> = vec![Look::ALL.to_vec(); columns];
    let mut filled = vec![false; columns];
    let mut open = false;
    for record in reader(content, delimiter, true)?.records() {
        let record = record.map_err(|error| malformed(content, delimiter, &error))?;
        for (at, value) in record.iter().enumerate().filter(|(_, value)| !value.is_empty()) {
            filled[at] = true;
            fits[at].retain(|look| look.fits(value));
        }
        open = record.iter().any(|value| value.contains('\n'));
    }
    // A quote that is never closed takes the rest of the file for one value.
    if open && odd_quotes(content)? {
        return Err(uneven(content, delimiter.into()));
    }
    let first = |(fits, filled): (Vec<Look>, bool)| match filled {
        true => fits.first().copied().unwrap_or(Look::Text),
        false => Look::Text,
    };
    Ok(fits.into_iter().zip(filled).map(first).collect())
}

fn odd_quotes(content: &SeedContent<'_>) -> Result<bool, EngineError> {
    // As one value a line, quotes meaning themselves.
    let mut lines = ReaderBuilder::new()
        .quoting(false)
        .has_headers(false)
        .flexible(true)
        .from_reader(reader(content, b',', false)?.into_inner());
    let mut quotes = 0;
    for record in lines.byte_records().flatten() {
        quotes += record.iter().flatten().filter(|byte| **byte == b'"').count();
    }
    Ok(quotes % 2 == 1)
}

fn malformed(content: &SeedContent<'_>, delimiter: u8, error: &csv::Error) -> EngineError {
    match error.kind() {
        csv::ErrorKind::Utf8 { pos, .. } => {
            let line = pos.as_ref().map_or(String::new(), |pos| format!(":{}", pos.line()));
            failed(format!("{}{line}: it isn't in UTF-8", shown(content)), None)
        }
        _ => uneven(content, delimiter.into()),
    }
}

/// A type that a column's values may have, the narrowest first.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Look {
    Boolean,
    Integer,
    Number,
    Time,
    Date,
    Timestamp,
    Zoned,
    Text,
}

impl Look {
    const ALL: [Look; 8] =
        [Look::Boolean, Look::Integer, Look::Number, Look::Time, Look::Date, Look::Timestamp, Look::Zoned, Look::Text];

    fn sql_type(self) -> &'static str {
        match self {
            Look::Boolean => "boolean",
            Look::Integer => "bigint",
            Look::Number => "double precision",
            Look::Time => "time",
            Look::Date => "date",
            Look::Timestamp => "timestamp",
            Look::Zoned => "timestamptz",
            Look::Text => "text",
        }
    }

    fn fits(self, value: &str) -> bool {
        let trimmed = value.trim_matches(' ');
        match self {
            Look::Boolean => ["true", "false", "t", "f"].iter().any(|word| value.eq_ignore_ascii_case(word)),
            Look::Integer => !trimmed.starts_with('+') && trimmed.parse::<i64>().is_ok(),
            Look::Number => trimmed.parse::<f64>().is_ok(),
            // A parser of times would take the date in front of one.
            Look::Time => {
                value.find(':') == Some(2)
                    && value.matches(':').count() == 2
                    && value.parse::<jiff::civil::Time>().is_ok()
            }
            Look::Date => value.len() == 10 && value.parse::<jiff::civil::Date>().is_ok(),
            Look::Timestamp => !zoned(value) && value.parse::<jiff::civil::DateTime>().is_ok(),
            Look::Zoned => value.parse::<jiff::Timestamp>().is_ok(),
            Look::Text => true,
        }
    }
}

/// Whether a zone stands behind the date.
fn zoned(value: &str) -> bool {
    value.get(10..).is_some_and(|rest| rest.contains(['+', '-', 'Z', 'z', '[']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_the_narrowest_type() {
        let narrowest = |value: &str| Look::ALL.into_iter().find(|look| look.fits(value)).unwrap();
        for (value, look) in [
            ("true", Look::Boolean),
            ("F", Look::Boolean),
            ("01", Look::Integer),
            (" -7", Look::Integer),
            ("9223372036854775808", Look::Number),
            ("1.5e3", Look::Number),
            ("10:00:00", Look::Time),
            ("10:00", Look::Text),
            ("2024-02-29", Look::Date),
            ("2023-02-29", Look::Text),
            ("2024-02-29 10:00:00", Look::Timestamp),
            ("2024-02-29T10:00:00.5", Look::Timestamp),
            ("2024-02-29 10:00:00+01", Look::Zoned),
            ("2024-02-29T10:00:00Z", Look::Zoned),
            ("é", Look::Text),
        ] {
            assert_eq!(narrowest(value), look, "{value}");
        }
    }
}
