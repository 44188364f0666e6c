//! What `show table extended` tells of a relation, as text a field a line.

use crate::dialect::{MARK_PROPERTY, RelationKind, from_hexadecimal};
use crate::digest::Tagged;
use crate::engine::Mark;
use crate::plan::Identity;

/// A relation as Spark describes it.
#[derive(Debug, Default, PartialEq)]
pub struct Described {
    pub is_view: bool,
    pub mark: Option<Mark>,
    pub rows: Option<u64>,
    pub bytes: Option<u64>,
    /// Name and type, in order.
    pub columns: Vec<(String, String)>,
    /// The format of its files, in lower case.
    pub format: Option<String>,
    created: Option<String>,
    location: Option<String>,
}

impl Described {
    pub fn kind(&self) -> RelationKind {
        if self.is_view { RelationKind::View } else { RelationKind::Table }
    }

    /// What tells a table from another one in its place, and from itself with other rows: a change of its rows that isn't
    /// fft's takes its statistics away, or changes them.
    pub fn identity(&self) -> Option<Identity> {
        if self.is_view {
            return None;
        }
        let bytes = self.bytes.map(|bytes| bytes.to_string());
        let parts = [&self.created, &self.location, &bytes];
        let token = parts.into_iter().fold(Tagged::new("fft-spark-table-v1"), |hash, part| {
            hash.part(part.as_deref().unwrap_or_default().as_bytes())
        });
        Some(Identity { rows: self.rows, token: Some(token.finish()), content: None })
    }
}

/// Reads what is told. Texts of users (a view's query, a comment) may hold lines that look like fields: fields that fft
/// relies on stand behind them, and count where they stand last.
pub fn read(information: &str) -> Described {
    let (fields, schema) = information.rsplit_once("\nSchema: root\n").unwrap_or((information, ""));
    let last = |name: &str| fields.lines().rev().find_map(|line| line.strip_prefix(name));
    // The type stands in front of all texts of users.
    let kind = fields.lines().find_map(|line| line.strip_prefix("Type: "));
    let properties = last("Table Properties: [").unwrap_or_default();
    let statistics = last("Statistics: ").unwrap_or_default();
    Described {
        is_view: kind.is_some_and(|kind| kind != "MANAGED" && kind != "EXTERNAL"),
        mark: mark(properties),
        rows: number(statistics, " rows"),
        bytes: number(statistics, " bytes"),
        columns: columns(schema),
        format: fields.lines().find_map(|line| line.strip_prefix("Provider: ")).map(str::to_lowercase),
        created: fields.lines().find_map(|line| line.strip_prefix("Created Time: ")).map(String::from),
        location: last("Location: ").map(String::from),
    }
}

/// The value of fft's property: hexadecimal, so that it ends where that ends.
fn mark(properties: &str) -> Option<Mark> {
    let (_, value) = properties.split_once(&format!("{MARK_PROPERTY}="))?;
    let end = value.find(|character: char| !character.is_ascii_hexdigit()).unwrap_or(value.len());
    Mark::parse(&from_hexadecimal(&value[..end])?)
}

/// The number in front of a word: `2474 bytes, 10 rows`.
fn number(text: &str, word: &str) -> Option<u64> {
    let (before, _) = text.split_once(word)?;
    before.rsplit(' ').next()?.parse().ok()
}

/// What stands behind a type, whether there may be nulls.
const NOTES: [&str; 3] = [" (nullable = ", " (containsNull = ", " (valueContainsNull = "];

/// A line of the schema's tree: how deep it stands, name and type.
struct Line<'a> {
    depth: usize,
    name: &'a str,
    sql_type: &'a str,
}

fn columns(tree: &str) -> Vec<(String, String)> {
    let lines: Vec<Line<'_>> = tree.lines().filter_map(line).collect();
    let mut at = 0;
    let mut found = Vec::new();
    while at < lines.len() {
        let name = lines[at].name.to_string();
        found.push((name, type_at(&lines, &mut at)));
    }
    found
}

/// ` |    |-- name: type (nullable = true)`
fn line(text: &str) -> Option<Line<'_>> {
    let (indent, rest) = text.split_once("|-- ")?;
    let end = NOTES.iter().filter_map(|note| rest.rfind(note)).max().unwrap_or(rest.len());
    let rest = &rest[..end];
    let (name, sql_type) = rest.rsplit_once(": ")?;
    Some(Line { depth: indent.matches('|').count(), name, sql_type })
}

/// The type of the line at `at`, with those of the lines below it, which are passed.
fn type_at(lines: &[Line<'_>], at: &mut usize) -> String {
    let Line { depth, sql_type, .. } = lines[*at];
    *at += 1;
    let mut below = Vec::new();
    while *at < lines.len() && lines[*at].depth > depth {
        let name = lines[*at].name;
        below.push((name, type_at(lines, at)));
    }
    let types = || below.iter().map(|(_, sql_type)| sql_type.as_str()).collect::<Vec<_>>().join(",");
    match sql_type {
        "array" | "map" => format!("{sql_type}<{}>", types()),
        "struct" => {
            let fields: Vec<String> = below.iter().map(|(name, sql_type)| format!("{name}:{sql_type}")).collect();
            format!("struct<{}>", fields.join(","))
        }
        "long" => "bigint".into(),
        "integer" => "int".into(),
        "short" => "smallint".into(),
        "byte" => "tinyint".into(),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::hexadecimal;
    use crate::digest::Digest;
    use crate::name::NodeName;

    fn mark() -> Mark {
        Mark {
            node: NodeName::new("user_tokens.ff"),
            project: "shop".into(),
            fingerprint: Digest::of(b"x"),
            built_at: "2026-01-02T03:04:05Z".into(),
            run_id: "r1".into(),
            before: None,
        }
    }

    #[test]
    fn a_table_tells_its_mark_its_size_and_its_columns() {
        let hex = hexadecimal(&mark().text());
        let text = format!(
            "Catalog: spark_catalog\nDatabase: cd\nTable: a\nCreated Time: Fri Nov 27 16:31:24 UTC 2026\nType: \
             MANAGED\nProvider: parquet\nComment: x\nTable Properties: [fft.mark=00]\nTable Properties: [a=b, \
             fft.mark={hex}, z=1]\nStatistics: 2474 bytes, 10 rows\nLocation: file:/w/a\nSchema: root\n |-- a: integer \
             (nullable = true)\n |-- b: array (nullable = true)\n |    |-- element: long (containsNull = true)\n |-- c: \
             struct (nullable = true)\n |    |-- x: integer (nullable = true)\n |    |-- y: array (nullable = true)\n |    \
             |    |-- element: integer (containsNull = true)\n |-- d: map (nullable = true)\n |    |-- key: string\n |    \
             |-- value: decimal(2,1) (valueContainsNull = true)\n |-- f: g (x): decimal(10,2) (nullable = true)\n\n"
        );
        let found = read(&text);
        assert_eq!((found.kind(), found.mark.as_ref()), (RelationKind::Table, Some(&mark())));
        assert_eq!((found.rows, found.bytes), (Some(10), Some(2474)));
        let columns: Vec<String> = found.columns.iter().map(|(name, kind)| format!("{name} {kind}")).collect();
        assert_eq!(
            columns,
            [
                "a int",
                "b array<bigint>",
                "c struct<x:int,y:array<int>>",
                "d map<string,decimal(2,1)>",
                "f: g (x) decimal(10,2)"
            ]
        );
        // Rows that somebody else added have taken the statistics away.
        let other = read(&text.replace("Statistics: 2474 bytes, 10 rows\n", ""));
        assert!(other.identity().unwrap().differs(&found.identity().unwrap()));
    }

    #[test]
    fn a_views_text_is_no_field() {
        let hex = hexadecimal(&mark().text());
        let text = format!(
            "Catalog: c\nType: VIEW\nView Text: (\nselect 1 as x -- \nType: MANAGED\nTable Properties: \
             [fft.mark=00]\nSchema: root\n |-- y: long (nullable = true)\n)\nView Catalog and Namespace: c.d\nTable \
             Properties: [fft.mark={hex}]\nSchema: root\n |-- x: integer (nullable = false)\n\n"
        );
        let found = read(&text);
        assert_eq!((found.kind(), found.mark.as_ref()), (RelationKind::View, Some(&mark())));
        assert_eq!(found.columns, [("x".to_string(), "int".to_string())]);
        assert_eq!(found.identity(), None);
    }
}
