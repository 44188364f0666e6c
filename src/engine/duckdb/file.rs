//! Files that a statement reads, and how much of them.

use super::handle::DuckDbConnection;
use crate::dialect::{Dialect, DuckDb};
use crate::engine::EngineError;
use crate::syntax::sql::{TokenKind, tokens};
use std::collections::BTreeSet;
use std::path::Path;

/// One file as a pattern of the readers, which matches no other.
pub(super) fn only(file: &Path) -> String {
    let mut pattern = String::new();
    for character in file.to_string_lossy().chars() {
        match character {
            '*' | '?' | '[' => pattern.extend(['[', character, ']']),
            _ => pattern.push(character),
        }
    }
    pattern
}

/// What a reader of files reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum FileKind {
    /// Text, which is read through: CSV and JSON.
    Text,
    Parquet,
}

impl FileKind {
    /// By the function's name, upper-cased.
    pub fn of(function: &str) -> Option<FileKind> {
        match function {
            _ if function.contains("PARQUET") => Some(FileKind::Parquet),
            _ if function.contains("CSV") || function.contains("JSON") || function == "READ_TEXT" => {
                Some(FileKind::Text)
            }
            _ => None,
        }
    }

    /// By a file's name or pattern.
    fn of_name(name: &str) -> Option<FileKind> {
        let name = name.to_lowercase();
        let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(&name);
        let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
        match () {
            () if ends(&[".parquet", ".parq"]) => Some(FileKind::Parquet),
            () if ends(&[".csv", ".tsv", ".txt", ".json", ".ndjson", ".jsonl"]) => Some(FileKind::Text),
            () => None,
        }
    }
}

/// Files of one kind that a text names as literals, each once.
pub(super) fn named(sql: &str, kind: FileKind) -> Vec<String> {
    let literal = |text: &str| Some(text.strip_prefix('\'')?.strip_suffix('\'')?.replace("''", "'"));
    let strings = tokens(sql).filter(|token| token.kind == TokenKind::String).filter_map(|token| literal(token.text));
    let found: BTreeSet<String> = strings.filter(|name| FileKind::of_name(name) == Some(kind)).collect();
    found.into_iter().collect()
}

impl DuckDbConnection {
    /// Bytes that reading `columns` of files takes: whole texts, and of Parquet files the columns as they are stored;
    /// without columns all of them.
    pub(super) fn file_bytes(&self, kind: FileKind, files: &[String], columns: &[String]) -> Result<u64, EngineError> {
        let list = |texts: &[String]| {
            let literals: Vec<_> = texts.iter().map(|text| DuckDb.string_literal(text)).collect();
            format!("[{}]", literals.join(", "))
        };
        let query = match kind {
            FileKind::Text => format!("select sum(size)::bigint from read_blob({})", list(files)),
            FileKind::Parquet if columns.is_empty() => {
                format!("select sum(total_compressed_size)::bigint from parquet_metadata({})", list(files))
            }
            FileKind::Parquet => format!(
                "select coalesce(sum(total_compressed_size), 0)::bigint from parquet_metadata({}) \
                 where list_contains({}, split_part(path_in_schema, ', ', 1))",
                list(files),
                list(columns)
            ),
        };
        let bytes: i64 = self.connection.query_row(&query, [], |row| row.get(0))?;
        Ok(bytes.try_into().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_name_is_no_pattern() {
        assert_eq!(only(Path::new("/p/a*b?[1]{x}.parquet")), "/p/a[*]b[?][[]1]{x}.parquet");
    }

    #[test]
    fn files_are_named_by_literals() {
        let sql =
            "select 'x' as a, \"b.csv\" from read_csv('data/a.csv') join 'it''s.csv' -- 'no.csv'\njoin 'c.parquet'";
        assert_eq!(named(sql, FileKind::Text), ["data/a.csv", "it's.csv"]);
        assert_eq!(named(sql, FileKind::Parquet), ["c.parquet"]);
        assert_eq!(FileKind::of("READ_CSV_AUTO"), Some(FileKind::Text));
        assert_eq!(FileKind::of("PARQUET_SCAN"), Some(FileKind::Parquet));
        assert_eq!(FileKind::of("RANGE"), None);
    }
}
