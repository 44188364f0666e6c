//! Seed files, read by DuckDB's own readers.
//!
//! The whole file is looked at before types are inferred, so that a column's type doesn't depend on where in the file
//! its odd value stands. Quoting is that of RFC 4180; the delimiter is a comma unless the header has none.

use super::error::Failure;
use crate::dialect::{Dialect, DuckDb};
use crate::engine::seed_file::{declared, empty, failed, has_header, other_delimiter, shown, uneven};
use crate::engine::{EngineError, SeedContent};
use crate::plan::Outline;
use ::duckdb::Connection;

/// The query that reads the file, with the added columns behind the file's own.
pub(super) fn query(connection: &Connection, content: &SeedContent<'_>) -> Result<String, EngineError> {
    let (source, columns) = delimited(connection, content)?;
    let types = declared(content, &columns)?;
    Ok(match content.parquet {
        true => format!("select *{}{} from {source}", casts(&types), added(content)),
        false => format!("select *{} from {}", added(content), typed(&source, &types)),
    })
}

/// The reader's call with the delimiter that the header has, and the columns.
fn delimited(connection: &Connection, content: &SeedContent<'_>) -> Result<(String, Vec<String>), EngineError> {
    let (source, columns) = described(connection, content, ',')?;
    match (columns.as_slice(), content.parquet) {
        ([header], false) => match other_delimiter(header) {
            Some(delimiter) => described(connection, content, delimiter),
            None => Ok((source, columns)),
        },
        _ => Ok((source, columns)),
    }
}

/// The file's columns, with the types that a Parquet file has, and its rows. A text is read through once.
pub(super) fn outline(connection: &Connection, content: &SeedContent<'_>) -> Result<Outline, EngineError> {
    let (source, names) = delimited(connection, content)?;
    let source = source.replace("sample_size = -1", "all_varchar = true");
    let explained = |error: ::duckdb::Error| explain(content, error.into());
    let rows: i64 =
        connection.query_row(&format!("select count(*) from {source}"), [], |row| row.get(0)).map_err(explained)?;
    let columns = match content.parquet {
        false => names.into_iter().map(|name| (name, None)).collect(),
        true => {
            let mut statement = connection.prepare(&format!("describe select * from {source}")).map_err(explained)?;
            let pair = |row: &::duckdb::Row<'_>| Ok((row.get(0)?, Some(row.get(1)?)));
            statement.query_map([], pair).map_err(explained)?.collect::<Result<_, _>>().map_err(explained)?
        }
    };
    Ok(Outline { columns, rows: rows.try_into().unwrap_or_default() })
}

/// The reader's call for the file, and the columns that the file has.
fn described(
    connection: &Connection,
    content: &SeedContent<'_>,
    delimiter: char,
) -> Result<(String, Vec<String>), EngineError> {
    let file = DuckDb.string_literal(&content.file.to_string_lossy());
    let source = match content.parquet {
        true => format!("read_parquet({file})"),
        false => {
            // Without the last two, lines that don't fit are skipped and lines with `#` taken for comments.
            format!(
                "read_csv({file}, header = true, delim = {}, quote = '\"', escape = '\"', sample_size = -1, skip = 0, \
                 comment = '')",
                DuckDb.string_literal(&delimiter.to_string())
            )
        }
    };
    let explained = |error: ::duckdb::Error| unreadable(content, delimiter, error.into());
    // The names alone, without reading the file through to infer types.
    let names = source.replace("sample_size = -1", "all_varchar = true");
    let mut statement = connection.prepare(&format!("describe select * from {names}")).map_err(explained)?;
    let names = statement.query_map([], |row| row.get(0)).map_err(explained)?;
    let names = names.collect::<Result<Vec<String>, _>>().map_err(explained)?;
    match !content.parquet && names == ["column0"] && !has_header(content.file) {
        true => Err(empty(content)),
        false => Ok((source, names)),
    }
}

/// Why the columns of a file couldn't be told.
fn unreadable(content: &SeedContent<'_>, delimiter: char, failure: Failure) -> EngineError {
    match content.parquet || !failure.text.contains("sniffing") {
        true => explain(content, failure),
        false => uneven(content, delimiter),
    }
}

/// `read_csv(…)` with the declared types.
fn typed(source: &str, types: &[(String, &str)]) -> String {
    if types.is_empty() {
        return source.to_string();
    }
    let pair = |(name, sql_type): &(String, &str)| {
        format!("{}: {}", DuckDb.string_literal(name), DuckDb.string_literal(sql_type))
    };
    let pairs: Vec<_> = types.iter().map(pair).collect();
    let open = source.strip_suffix(')').unwrap_or(source);
    format!("{open}, types = {{{}}})", pairs.join(", "))
}

/// ` replace (cast(…) …)` for a file that has types of its own.
fn casts(types: &[(String, &str)]) -> String {
    if types.is_empty() {
        return String::new();
    }
    let cast = |(name, sql_type): &(String, &str)| {
        let column = DuckDb.quote(name);
        format!("cast({column} as {sql_type}) as {column}")
    };
    format!(" replace ({})", types.iter().map(cast).collect::<Vec<_>>().join(", "))
}

fn added(content: &SeedContent<'_>) -> String {
    let texts = content.text_columns.iter().map(|(name, value)| (*name, DuckDb.string_literal(value)));
    // The cast needs no `icu`, and a timestamp without zone is UTC.
    let loaded = content.loaded_at_column.map(|name| (name, "current_timestamp::timestamp".to_string()));
    texts.chain(loaded).map(|(name, value)| format!(", {value} as {}", DuckDb.quote(name))).collect()
}

/// A reader's error as one of the seed file.
pub(super) fn explain(content: &SeedContent<'_>, failure: Failure) -> EngineError {
    let bad_line = bad_line(&failure.text);
    let hint = bad_line.as_ref().and_then(|bad| bad.hint.clone());
    let error = EngineError::from(failure);
    match bad_line {
        Some(bad) => EngineError { hint, ..failed(format!("{}:{}: {}", shown(content), bad.line, bad.message), None) },
        None => EngineError { message: format!("{}: {}", shown(content), error.message), position: None, ..error },
    }
}

struct BadLine {
    line: String,
    message: String,
    hint: Option<String>,
}

/// What `CSV Error on Line: 4 / Original Line: … / Error when converting column …` says.
fn bad_line(text: &str) -> Option<BadLine> {
    let mut lines = text.lines().map(str::trim);
    let line = lines.find_map(|line| line.strip_prefix("CSV Error on Line: "))?.to_string();
    let original = lines.clone().find_map(|line| line.strip_prefix("Original Line: "));
    let message = lines.find(|line| !line.is_empty() && !line.starts_with("Original Line: "))?;
    let message = message.replace("Error when converting column", "column").replace("\". Could", "\" could");
    let shown: String = original.unwrap_or_default().chars().take(200).collect();
    Some(BadLine { line, message, hint: Some(format!("the line is `{shown}`; correct it, or the declared type")) })
}
