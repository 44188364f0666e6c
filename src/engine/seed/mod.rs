//! Seed files as every engine loads them: one reader, one set of types, one wording of what is wrong.
//!
//! Takes a [`SeedContent`], gives the columns of its table with their types, and its rows as text that the engine makes
//! values of: by construction of the types that is exact. A file of any size is read in bounded memory, and what was
//! read is what was hashed, or an error. Parquet files have types of their own, and come as Arrow batches.

mod batch;
mod limit;
pub(super) mod parquet;
mod source;
#[cfg(test)]
mod tests;
mod unfit;

pub(super) use parquet::Parquet;
pub(super) use source::{size, unchanged};
pub(super) use unfit::Texts;

use super::{EngineError, ErrorKind, SeedContent};
use crate::plan::Outline;
use crate::syntax::csv::{Kind, Layout, shown, unexpected};
use ::csv::{Reader, StringRecord};
use limit::{Digits, Limit, says_no_digits};
use source::{HELD, SeedBytes, refused, unreadable};
use std::io::Read;

/// Names that a message lists at most.
const LISTED: usize = 10;

/// A CSV file that is known to be a table.
pub(super) struct Seed<'a> {
    pub content: &'a SeedContent<'a>,
    pub columns: Vec<Column>,
    bytes: SeedBytes<'a>,
    layout: Layout,
}

/// A column of the file.
pub(super) struct Column {
    pub name: String,
    /// As declared, in whatever words, or as SQL has the inferred one.
    pub sql_type: String,
    pub declared: bool,
    /// What a value is held to, however the engine would take it.
    limit: Option<Limit>,
}

impl Column {
    fn declared(name: &str, sql_type: &str) -> Column {
        Column { name: name.into(), sql_type: sql_type.into(), declared: true, limit: Limit::of(sql_type) }
    }

    fn inferred(name: &str, kind: Kind) -> Column {
        Column { name: name.into(), sql_type: kind.to_string(), declared: false, limit: None }
    }
}

impl<'a> Seed<'a> {
    /// Reads the file through: for its delimiter, and for the types that aren't declared.
    pub fn read(content: &'a SeedContent<'a>) -> Result<Seed<'a>, EngineError> {
        Seed::read_holding(content, HELD)
    }

    /// The same, holding a file of up to `most` bytes; a larger one is read anew for each purpose.
    fn read_holding(content: &'a SeedContent<'a>, most: u64) -> Result<Seed<'a>, EngineError> {
        let (bytes, layout) = layout(content, most)?;
        let types = declared(content, &layout.columns)?;
        if let Some(name) = layout.columns.iter().find(|name| content.adds(name)) {
            let hint = "rename it, or set `meta_columns: false` for the seed in schema.yml";
            return Err(failed(
                format!("{}:1: the header names `{name}`, a column that fft adds", content.path),
                Some(hint.into()),
            ));
        }
        let kinds = layout.kinds(&bytes).map_err(|problem| refused(content, problem))?;
        let column = |(name, kind): (&String, Option<_>)| match types.iter().find(|(declared, _)| declared == name) {
            Some((_, sql_type)) => Column::declared(name, sql_type),
            None => Column::inferred(name, kind.unwrap_or(Kind::Text)),
        };
        let columns = layout.columns.iter().zip(kinds).map(column).collect();
        let mut seed = Seed { content, columns, bytes, layout };
        seed.find_digits()?;
        Ok(seed)
    }

    /// Gives declared decimal numbers that don't say how many digits those that their values have: what an engine takes by
    /// itself it would round others to.
    fn find_digits(&mut self) -> Result<(), EngineError> {
        let without = self.columns.iter().enumerate().filter(|(_, column)| column.declared);
        let without = without.filter(|(_, column)| says_no_digits(&column.sql_type));
        let mut found: Vec<(usize, Digits)> = without.map(|(at, _)| (at, Digits::default())).collect();
        if found.is_empty() {
            return Ok(());
        }
        for record in self.records()?.into_records() {
            let record = record.map_err(|error| self.broken(error))?;
            found.iter_mut().for_each(|(at, digits)| *digits = digits.and(&record[*at]));
        }
        for (at, digits) in found {
            let column = &mut self.columns[at];
            *column = Column::declared(&column.name, &digits.sql_type());
        }
        Ok(())
    }

    /// The rows, an empty value being null.
    pub fn records(&self) -> Result<Reader<Box<dyn Read + '_>>, EngineError> {
        self.layout.records(&self.bytes).map_err(|error| unreadable(self.content, &error))
    }

    /// An error of the reader of [`Seed::records`].
    pub fn broken(&self, error: ::csv::Error) -> EngineError {
        unreadable(self.content, &unexpected(error))
    }

    /// The first column of a row whose declared type doesn't hold its value, whatever the engine would make of it.
    pub fn beyond(&self, record: &StringRecord) -> Option<usize> {
        let is_beyond = |(column, value): (&Column, &str)| column.limit.is_some_and(|limit| !limit.holds(value));
        self.columns.iter().zip(record).position(is_beyond)
    }

    /// The error of a value that its declared type doesn't hold. Rows and columns count from 0.
    pub fn unfit(&self, row: u64, column: usize) -> EngineError {
        let Column { name, sql_type, .. } = &self.columns[column];
        let mut record = StringRecord::new();
        let found = self
            .records()
            .is_ok_and(|mut reader| (0..=row).all(|_| reader.read_record(&mut record).is_ok_and(|is_there| is_there)));
        let value = if found { record.get(column).unwrap_or_default() } else { "" };
        let place = self.layout.place(&self.bytes, row, column);
        let at = place.as_ref().map_or(String::new(), |place| format!(":{}:{}", place.line, place.column));
        let message = format!(
            "{}{at}: column \"{name}\": \"{}\" is no value of type {sql_type}",
            self.content.path,
            shown(value)
        );
        let hint = place.map(|place| format!("the line is `{}`; correct it, or the declared type", place.text));
        failed(message, hint)
    }
}

/// The file's columns and the number of its rows.
pub(super) fn outline(content: &SeedContent<'_>) -> Result<Outline, EngineError> {
    let (bytes, layout) = layout(content, HELD)?;
    let kinds = layout.kinds(&bytes).map_err(|problem| refused(content, problem))?;
    let is_declared =
        |name: &String| content.types.iter().any(|(declared, _)| declared.to_lowercase() == name.to_lowercase());
    let told = |(name, kind): (String, Option<Kind>)| {
        let kind = kind.filter(|_| !is_declared(&name)).map(|kind| kind.to_string());
        (name, kind)
    };
    Ok(Outline { columns: layout.columns.into_iter().zip(kinds).map(told).collect(), rows: layout.rows })
}

/// The names of the columns of a CSV file.
pub fn header(content: &SeedContent<'_>) -> Result<Vec<String>, EngineError> {
    Ok(layout(content, HELD)?.1.columns)
}

fn layout<'a>(content: &'a SeedContent<'a>, most: u64) -> Result<(SeedBytes<'a>, Layout), EngineError> {
    let bytes = SeedBytes::new(content, most)?;
    let layout = Layout::of(&bytes, content.delimiter).map_err(|problem| refused(content, problem))?;
    Ok((bytes, layout))
}

impl SeedContent<'_> {
    /// Whether the table gets a column of that name beside the file's own.
    fn adds(&self, name: &str) -> bool {
        let mut added = self.text_columns.iter().map(|(name, _)| *name).chain(self.loaded_at_column);
        added.any(|other| other.eq_ignore_ascii_case(name))
    }
}

/// Declared types by the names that the file has for the columns.
pub(super) fn declared<'a>(
    content: &SeedContent<'a>,
    columns: &[String],
) -> Result<Vec<(String, &'a str)>, EngineError> {
    let find = |(name, sql_type): &'a (String, String)| {
        let column = columns.iter().find(|column| column.to_lowercase() == name.to_lowercase());
        match column {
            Some(_) if content.parquet && says_no_digits(sql_type) => {
                let message = format!("{}: the type `{sql_type}` of column `{name}` says no digits", content.path);
                Err(failed(message, Some(format!("say how many, as `{sql_type}(18, 2)` does, or leave the type out"))))
            }
            Some(column) => Ok((column.clone(), sql_type.as_str())),
            None => {
                let message = format!("{} has no column `{name}`, for which a type is declared", content.path);
                Err(failed(message, Some(format!("its columns are {}", listed(columns)))))
            }
        }
    };
    content.types.iter().map(find).collect()
}

/// Names in a sentence, as many as can be read.
fn listed(names: &[String]) -> String {
    let told: Vec<String> = names.iter().take(LISTED).map(|name| shown(name)).collect();
    let more = names.len() - told.len();
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest}", told.join(", "))
}

/// An error as one of the seed file, where it is one and doesn't say so itself.
pub(super) fn of_file(content: &SeedContent<'_>, error: EngineError) -> EngineError {
    if error.kind != ErrorKind::Statement || error.message.starts_with(content.path) {
        return error;
    }
    EngineError { message: format!("{}: {}", content.path, error.message), ..error }
}

pub(super) fn failed(message: String, hint: Option<String>) -> EngineError {
    EngineError { hint, ..EngineError::new(ErrorKind::Statement, message) }
}
