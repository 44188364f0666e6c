//! A seed file's rows into a table.
//!
//! The server makes values of their text, whose types hold them exactly or are declared; what a declared type doesn't
//! hold is told with its place in the file. A Parquet file has types of its own, which are changed to the declared ones
//! once its rows are there.

use super::copy::{self, Target};
use crate::dialect::{Dialect, Postgres};
use crate::engine::seed::{Column, Parquet, Seed, declared, failed, of_file, unchanged};
use crate::engine::{EngineError, SeedContent};
use ::postgres::Client;
use csv::StringRecord;
use std::io::{self, Write};

/// Bytes that the server keeps of a name.
const LONGEST_NAME: usize = 63;
/// Bytes that are sent at a time.
const CHUNK: usize = 1 << 16;

/// Makes the table and fills it; the number of its rows.
pub(super) fn load(client: &mut Client, into: &Target, seed: &Seed<'_>) -> Result<u64, EngineError> {
    if let Some(column) = seed.columns.iter().find(|column| column.name.len() > LONGEST_NAME) {
        let message = format!("{}: the server cuts the column name `{}`", seed.content.path, column.name);
        return Err(failed(message, Some(format!("a name has {LONGEST_NAME} bytes at most"))));
    }
    let columns = |column: &Column| (Postgres.folded(&column.name), Postgres.type_name(&column.sql_type).to_string());
    let columns: Vec<(String, String)> = seed.columns.iter().map(columns).chain(added(seed.content)).collect();
    copy::create(client, into, &columns).map_err(|error| of_file(seed.content, error))?;
    let names: Vec<String> = columns[..seed.columns.len()].iter().map(|(name, _)| Postgres.quote(name)).collect();
    let mut writer = client.copy_in(&format!("copy {} ({}) from stdin", into.name, names.join(", ")))?;
    let mut reader = seed.records()?;
    let (mut record, mut chunk) = (StringRecord::new(), Vec::with_capacity(2 * CHUNK));
    let mut rows = 0..;
    while reader.read_record(&mut record).map_err(|error| seed.broken(error))? {
        let row = rows.next().unwrap_or_default();
        if let Some(column) = seed.beyond(&record) {
            return Err(seed.unfit(row, column));
        }
        encode(&record, &mut chunk);
        if chunk.len() > CHUNK {
            writer.write_all(&chunk).map_err(|error| refused(seed, error))?;
            chunk.clear();
        }
    }
    writer.write_all(&chunk).map_err(|error| refused(seed, error))?;
    writer.finish().map_err(|error| explain(seed, error))
}

/// A row in the text form of `COPY`, in which a row is a line whatever is in its values.
fn encode(record: &StringRecord, line: &mut Vec<u8>) {
    for (at, value) in record.iter().enumerate() {
        if at > 0 {
            line.push(b'\t');
        }
        if value.is_empty() {
            line.extend(b"\\N");
        }
        for byte in value.bytes() {
            match byte {
                b'\\' => line.extend(b"\\\\"),
                b'\t' => line.extend(b"\\t"),
                b'\n' => line.extend(b"\\n"),
                b'\r' => line.extend(b"\\r"),
                other => line.push(other),
            }
        }
    }
    line.push(b'\n');
}

/// The same of a Parquet file.
pub(super) fn load_parquet(client: &mut Client, into: &Target, content: &SeedContent<'_>) -> Result<u64, EngineError> {
    unchanged(content, || {
        let file = Parquet::open(content)?;
        let names: Vec<String> = file.schema.fields().iter().map(|field| field.name().clone()).collect();
        let types = declared(content, &names)?;
        let table = copy::Table::new(&file.schema).map_err(|error| of_file(content, error))?;
        // An error of the reader says the file itself.
        let mut unread = None;
        let batches = file.batches().map(|batch| batch.inspect_err(|error| unread = Some(error.clone())));
        let rows = table.load(client, into, batches);
        let rows = rows.map_err(|error| unread.unwrap_or_else(|| of_file(content, error)))?;
        let casts = types.iter().map(|(name, sql_type)| {
            let (column, sql_type) = (Postgres.quote(&Postgres.folded(name)), Postgres.type_name(sql_type));
            format!("alter column {column} type {sql_type} using cast({column} as {sql_type})")
        });
        let added = added(content);
        let added = added.iter().map(|(name, kind)| format!("add column {} {kind}", Postgres.quote(name)));
        let changes: Vec<String> = casts.chain(added).collect();
        if !changes.is_empty() {
            let sql = format!("alter table {} {}", into.name, changes.join(", "));
            client.batch_execute(&sql).map_err(|error| of_file(content, error.into()))?;
        }
        Ok(rows)
    })
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

fn refused(seed: &Seed<'_>, error: io::Error) -> EngineError {
    match error.downcast::<::postgres::Error>() {
        Ok(error) => explain(seed, error),
        Err(error) => copy::sending(error),
    }
}

/// The server's error as one of the seed file.
fn explain(seed: &Seed<'_>, error: ::postgres::Error) -> EngineError {
    let place = error.as_db_error().and_then(|told| {
        // `COPY _ff_rows, line 3, column id: "x"`
        let (_, rest) = told.where_()?.split_once(", line ")?;
        let (line, rest) = rest.split_once(", column ")?;
        let named = |column: &&Column| {
            rest.strip_prefix(&Postgres.folded(&column.name)).is_some_and(|rest| rest.starts_with(':'))
        };
        let column = seed.columns.iter().position(|column| named(&column)).filter(|at| seed.columns[*at].declared)?;
        Some((line.parse::<u64>().ok()?.checked_sub(1)?, column))
    });
    match place {
        Some((row, column)) => seed.unfit(row, column),
        None => of_file(seed.content, error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_one_line_whatever_its_values_hold() {
        let mut line = Vec::new();
        encode(&StringRecord::from(vec!["a\tb", "", "two\r\nlines", "\\N", "é"]), &mut line);
        assert_eq!(String::from_utf8(line).unwrap(), "a\\tb\t\\N\ttwo\\r\\nlines\t\\\\N\té\n");
    }
}
