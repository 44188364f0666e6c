//! A seed file's rows into the temporary table.
//!
//! The server reads the values of a text and checks them against their types, so that what is wrong is told in its
//! words; the line that it names is found again in the file. A Parquet file has types of its own, which are changed to
//! the declared ones once its rows are there.

use super::build::ROWS;
use super::copy;
use super::error::Failure;
use super::infer::{Seed, reader};
use crate::dialect::{Dialect, Postgres};
use crate::engine::seed_file::{declared, failed, shown};
use crate::engine::{EngineError, SeedContent, parquet};
use ::postgres::Transaction;
use csv::{QuoteStyle, StringRecord, WriterBuilder};
use std::io;

/// Makes the temporary table and fills it; the number of its rows.
pub(super) fn load(transaction: &mut Transaction<'_>, seed: &Seed<'_>) -> Result<u64, Failure> {
    copy::create(transaction, &columns(seed)).map_err(|failure| of_file(seed.content, failure))?;
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

/// A Parquet file that can be stored.
pub(super) struct Parquet<'a> {
    pub content: &'a SeedContent<'a>,
    rows: copy::Table,
    /// Declared types by column.
    types: Vec<(String, String)>,
}

impl<'a> Parquet<'a> {
    pub fn read(content: &'a SeedContent<'a>) -> Result<Parquet<'a>, EngineError> {
        let (schema, batches) = parquet::read(content)?;
        let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
        let types = declared(content, &names)?.into_iter();
        let types = types.map(|(name, sql_type)| (Postgres.folded(&name), Postgres.type_name(sql_type).into()));
        Ok(Parquet { content, rows: copy::Table::new(&schema, &batches)?, types: types.collect() })
    }

    /// Makes the temporary table and fills it; the number of its rows.
    pub fn load(&self, transaction: &mut Transaction<'_>) -> Result<u64, Failure> {
        let rows = self.rows.load(transaction)?;
        let casts = self.types.iter().map(|(name, sql_type)| {
            let column = Postgres.quote(name);
            format!("alter column {column} type {sql_type} using cast({column} as {sql_type})")
        });
        let added = added(self.content);
        let added = added.iter().map(|(name, kind)| format!("add column {} {kind}", Postgres.quote(name)));
        let changes: Vec<String> = casts.chain(added).collect();
        if !changes.is_empty() {
            let sql = format!("alter table {ROWS} {}", changes.join(", "));
            transaction.batch_execute(&sql).map_err(|error| of_file(self.content, error.into()))?;
        }
        Ok(rows)
    }
}

/// A failure as one of the seed file.
fn of_file(content: &SeedContent<'_>, failure: Failure) -> Failure {
    let message = format!("{}: {}", shown(content), failure.error.message);
    Failure { error: EngineError { message, ..failure.error }, ..failure }
}

/// The file's columns, then the added ones.
fn columns(seed: &Seed<'_>) -> Vec<(String, String)> {
    seed.columns.iter().cloned().chain(added(seed.content)).collect()
}

/// The added columns, with what is in them as their default.
fn added(content: &SeedContent<'_>) -> Vec<(String, String)> {
    let texts = content
        .text_columns
        .iter()
        .map(|(name, value)| (name.to_string(), format!("text default {}", Postgres.string_literal(value))));
    let loaded = content
        .loaded_at_column
        .iter()
        .map(|name| (name.to_string(), "timestamp default (current_timestamp at time zone 'UTC')".to_string()));
    texts.chain(loaded).collect()
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
