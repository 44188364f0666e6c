//! How many bytes a row of some columns of a relation has.
//!
//! Numbers, dates and times have what DuckDB holds them in. A text, a blob or a nested value has a header of 16 bytes and
//! its content, whose mean length is taken from the relation's first rows where there are many rows. Where there are
//! few, the header alone counts, as it does in DuckDB's own profile.

use super::handle::DuckDbConnection;
use super::known_width::Widths;
use crate::dialect::{Dialect, DuckDb};
use crate::engine::EngineError;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Bytes in front of a content, and of a column whose type isn't known.
const HEADER: f64 = 16.0;
/// Rows from which on contents are looked at.
pub(super) const MANY: u64 = 10_000;
/// Rows that are looked at.
const SAMPLE: usize = 2_048;

/// Bytes of a row of `columns`, and of the other columns that `filters` names.
pub(super) fn row_width(widths: &Widths, columns: &[String], filters: &str) -> f64 {
    let read: BTreeSet<String> = columns.iter().map(|column| column.to_lowercase()).collect();
    let asked: f64 = read.iter().map(|column| widths.get(column).copied().unwrap_or(HEADER)).sum();
    let named = words(&filters.to_lowercase());
    let filtered =
        widths.iter().filter(|(column, _)| !read.contains(column.as_str()) && named.contains(column.as_str()));
    let width = asked + filtered.map(|(_, width)| width).sum::<f64>();
    // A scan that only counts looks at row numbers.
    if width > 0.0 { width } else { 8.0 }
}

fn words(text: &str) -> BTreeSet<String> {
    text.split(|character: char| !(character.is_alphanumeric() || character == '_')).map(String::from).collect()
}

impl DuckDbConnection {
    /// Widths of a relation of `rows` rows, by its name as plans write it.
    pub(super) fn widths(&self, relation: &str, rows: u64) -> Result<Arc<Widths>, EngineError> {
        if let Some(known) = self.shared.known_widths.get(relation) {
            return Ok(known);
        }
        let columns = self.columns(relation)?;
        let open: Vec<&(String, String)> = columns.iter().filter(|(_, kind)| fixed(kind).is_none()).collect();
        let guessed = !open.is_empty() && rows < MANY;
        let contents =
            if guessed || open.is_empty() { vec![0.0; open.len()] } else { self.mean_contents(relation, &open)? };
        let mut contents = contents.into_iter();
        let width = |(name, kind): &(String, String)| {
            let bytes = fixed(kind).unwrap_or_else(|| HEADER + contents.next().unwrap_or_default());
            (name.to_lowercase(), bytes)
        };
        let widths = Arc::new(columns.iter().map(width).collect::<Widths>());
        if !guessed {
            self.shared.known_widths.put(relation, widths.clone());
        }
        Ok(widths)
    }

    /// Mean lengths of contents in the first rows.
    fn mean_contents(&self, relation: &str, columns: &[&(String, String)]) -> Result<Vec<f64>, EngineError> {
        let mean = |(name, kind): &&(String, String)| {
            let (name, blob) = (DuckDb.quote(name), kind == "BLOB");
            let length = if blob { format!("octet_length({name})") } else { format!("strlen({name}::varchar)") };
            format!("coalesce(avg({length}), 0)::double")
        };
        let means = columns.iter().map(mean).collect::<Vec<_>>().join(", ");
        let names = columns.iter().map(|(name, _)| DuckDb.quote(name)).collect::<Vec<_>>().join(", ");
        let query = format!("select {means} from (select {names} from {relation} limit {SAMPLE})");
        let count = columns.len();
        Ok(self.connection.query_row(&query, [], |row| (0..count).map(|at| row.get(at)).collect())?)
    }
}

/// Bytes of a value whose type fixes them.
fn fixed(kind: &str) -> Option<f64> {
    let bare = kind.split('(').next().unwrap_or(kind);
    Some(match bare {
        _ if kind.ends_with(']') => return None,
        "BOOLEAN" | "TINYINT" | "UTINYINT" => 1.0,
        "SMALLINT" | "USMALLINT" => 2.0,
        "INTEGER" | "UINTEGER" | "FLOAT" | "DATE" | "ENUM" => 4.0,
        "HUGEINT" | "UHUGEINT" | "UUID" | "INTERVAL" => 16.0,
        "DECIMAL" => {
            let digits = kind.split(['(', ',']).nth(1).and_then(|digits| digits.trim().parse().ok());
            match digits.unwrap_or(18) {
                0..=4 => 2.0,
                5..=9 => 4.0,
                10..=18 => 8.0,
                _ => 16.0,
            }
        }
        "VARCHAR" | "BLOB" | "BIT" | "STRUCT" | "MAP" | "UNION" | "JSON" | "VARIANT" | "BIGNUM" | "GEOMETRY" => {
            return None;
        }
        _ => 8.0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_have_the_bytes_that_they_are_held_in() {
        let known = [
            ("BOOLEAN", 1.0),
            ("INTEGER", 4.0),
            ("BIGINT", 8.0),
            ("TIMESTAMP WITH TIME ZONE", 8.0),
            ("DECIMAL(4,1)", 2.0),
            ("DECIMAL(18,3)", 8.0),
            ("DECIMAL(38,0)", 16.0),
            ("ENUM('a', 'b')", 4.0),
        ];
        for (kind, bytes) in known {
            assert_eq!(fixed(kind), Some(bytes), "{kind}");
        }
        for kind in ["VARCHAR", "BLOB", "INTEGER[]", "INTEGER[3]", "STRUCT(a INTEGER)", "MAP(INTEGER, VARCHAR)"] {
            assert_eq!(fixed(kind), None, "{kind}");
        }
    }

    #[test]
    fn a_row_has_what_is_asked_for_and_what_filters_need() {
        let widths = Widths::from([("id".into(), 8.0), ("name".into(), 30.0), ("g".into(), 4.0)]);
        let columns = |names: &[&str]| names.iter().map(|name| name.to_string()).collect::<Vec<_>>();
        assert_eq!(row_width(&widths, &columns(&["id", "NAME"]), ""), 38.0);
        assert_eq!(row_width(&widths, &columns(&["id"]), "(g = 3)"), 12.0);
        assert_eq!(row_width(&widths, &columns(&["id"]), "(id = 3)"), 8.0);
        assert_eq!(row_width(&widths, &columns(&["other"]), ""), 16.0);
        assert_eq!(row_width(&widths, &[], ""), 8.0);
    }
}
