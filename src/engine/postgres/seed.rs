//! A seed file's rows into the temporary table.
//!
//! The server reads the values and checks them against their types, so that what is wrong is told in its words; the
//! line that it names is found again in the file.

use super::build::ROWS;
use super::copy;
use super::error::Failure;
use super::infer::{Seed, reader};
use crate::dialect::{Dialect, Postgres};
use crate::engine::EngineError;
use crate::engine::seed_file::{failed, shown};
use ::postgres::Transaction;
use csv::{QuoteStyle, StringRecord, WriterBuilder};
use std::io;

/// Makes the temporary table and fills it; the number of its rows.
pub(super) fn load(transaction: &mut Transaction<'_>, seed: &Seed<'_>) -> Result<u64, Failure> {
    let told = |failure: Failure| {
        let error =
            EngineError { message: format!("{}: {}", shown(seed.content), failure.error.message), ..failure.error };
        Failure { error, ..failure }
    };
    copy::create(transaction, &columns(seed)).map_err(told)?;
    let names: Vec<String> = seed.columns.iter().map(|(name, _)| Postgres.quote(name)).collect();
    let names = names.join(", ");
    // An empty value is null, quoted or not.
    let sql = format!("copy {ROWS} ({names}) from stdin (format csv, null '', force_null ({names}))");
    let writer = transaction.copy_in(&sql)?;
    let mut lines = WriterBuilder::new().quote_style(QuoteStyle::Always).from_writer(writer);
    for record in reader(seed.content, seed.delimiter, true)?.records() {
        let record = record.map_err(|error| failed(format!("{}: {error}", shown(seed.content)), None))?;
        lines.write_record(&record).map_err(|error| refused(seed, unwrapped(error)))?;
    }
    let writer = lines.into_inner().map_err(|error| refused(seed, error.into_error()))?;
    writer.finish().map_err(|error| explain(seed, error))
}

/// The file's columns, then the added ones with what is in them as their default.
fn columns(seed: &Seed<'_>) -> Vec<(String, String)> {
    let content = seed.content;
    let texts = content
        .text_columns
        .iter()
        .map(|(name, value)| (name.to_string(), format!("text default {}", Postgres.string_literal(value))));
    let loaded = content
        .loaded_at_column
        .iter()
        .map(|name| (name.to_string(), "timestamp default (current_timestamp at time zone 'UTC')".to_string()));
    seed.columns.iter().cloned().chain(texts).chain(loaded).collect()
}

fn unwrapped(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

fn refused(seed: &Seed<'_>, error: io::Error) -> Failure {
    match error.downcast::<::postgres::Error>() {
        Ok(error) => explain(seed, error),
        Err(error) => copy::sending(error),
    }
}

/// The server's error as one of the seed file.
fn explain(seed: &Seed<'_>, error: ::postgres::Error) -> Failure {
    let place = error.as_db_error().and_then(|told| {
        // `COPY _ff_rows, line 3, column id: "x"`
        let (_, rest) = told.where_()?.split_once(", line ")?;
        let line = rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
        let column = rest.split_once("column ").map(|(_, column)| column.split(": ").next().unwrap_or(column));
        Some((line, column.map(String::from), told.message().to_string()))
    });
    let Some((line, column, words)) = place else { return error.into() };
    let mut failure = Failure::from(error);
    if let Some((line, text)) = line_of_file(seed, line) {
        let column = column.map_or(String::new(), |column| format!(" column \"{column}\":"));
        failure.error.message = format!("{}:{line}:{column} {words}", shown(seed.content));
        let text: String = text.chars().take(200).collect();
        failure.error.hint = Some(format!("the line is `{text}`; correct it, or the declared type"));
    }
    failure
}

/// The line of the file, and its text, that was sent as line `sent`.
fn line_of_file(seed: &Seed<'_>, sent: usize) -> Option<(u64, String)> {
    let mut line = 1;
    for record in reader(seed.content, seed.delimiter, true).ok()?.records() {
        let record: StringRecord = record.ok()?;
        line += 1 + record.iter().map(|value| value.matches('\n').count()).sum::<usize>();
        if line > sent {
            let text = record.iter().collect::<Vec<_>>().join(&char::from(seed.delimiter).to_string());
            return Some((record.position()?.line(), text));
        }
    }
    None
}
