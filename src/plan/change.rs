//! What changed inside a component: lines of a text, rows of a seed.

use super::cause::is_zero;
use crate::syntax::csv::Kind;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Lines that one diff shows at most.
const DIFF_LINES: usize = 200;
/// Bytes that one diff shows at most.
const DIFF_BYTES: usize = 64 * 1024;

/// A unified diff, cut at a bound that it states.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TextDiff {
    pub added: usize,
    /// Lines of the diff that were cut.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub cut: usize,
    pub removed: usize,
    pub unified: String,
}

impl TextDiff {
    /// With three lines of context; `None` when either side is no text.
    pub fn between(before: &[u8], after: &[u8]) -> Option<TextDiff> {
        let (before, after) = (std::str::from_utf8(before).ok()?, std::str::from_utf8(after).ok()?);
        let changes = similar::TextDiff::from_lines(before, after);
        let count = |tag| changes.iter_all_changes().filter(|change| change.tag() == tag).count();
        let (added, removed) = (count(similar::ChangeTag::Insert), count(similar::ChangeTag::Delete));
        let whole = changes.unified_diff().context_radius(3).missing_newline_hint(false).to_string();
        let (unified, cut) = bounded(&whole);
        Some(TextDiff { unified, added, removed, cut })
    }
}

/// The first lines of a diff, as many as are shown, and how many are not.
fn bounded(whole: &str) -> (String, usize) {
    let mut end = 0;
    let mut shown = 0;
    for line in whole.split_inclusive('\n').take(DIFF_LINES) {
        if end + line.len() > DIFF_BYTES {
            break;
        }
        end += line.len();
        shown += 1;
    }
    (whole[..end].to_string(), whole.split_inclusive('\n').count() - shown)
}

/// What changed in a seed's data: rows matched by `key`, or counted as a multiset where it has none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DataChange {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns_added: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns_removed: Vec<String>,
    /// The same columns stand in another order.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub columns_reordered: bool,
    /// Columns whose values look like another type.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns_retyped: Vec<ColumnLook>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key: Vec<String>,
    pub rows_added: usize,
    pub rows_after: usize,
    pub rows_before: usize,
    /// Rows were counted on both sides and not compared: added and removed are the difference of the counts.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rows_counted: bool,
    /// Rows whose key is there on both sides and another value isn't the same.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rows_changed: usize,
    pub rows_removed: usize,
    /// Columns that the file declares with another type.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<ColumnType>,
}

/// A column that has another type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnType {
    pub after: String,
    pub before: String,
    pub name: String,
}

/// A column that looks like another type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnLook {
    pub after: Look,
    pub before: Look,
    pub name: String,
}

/// What the values of a column look like: the type that they are loaded as where none is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    Integer,
    /// With a point, or too long for an integer.
    Number,
    Boolean,
    Date,
    Time,
    Timestamp,
    /// A timestamp in UTC.
    Instant,
    Text,
}

impl From<Kind> for Look {
    fn from(kind: Kind) -> Look {
        match kind {
            Kind::Integer => Look::Integer,
            Kind::Decimal { .. } => Look::Number,
            Kind::Boolean => Look::Boolean,
            Kind::Date => Look::Date,
            Kind::Time => Look::Time,
            Kind::Timestamp => Look::Timestamp,
            Kind::Instant => Look::Instant,
            Kind::Text => Look::Text,
        }
    }
}

impl fmt::Display for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Look::Integer => "integer",
            Look::Number => "number",
            Look::Boolean => "boolean",
            Look::Date => "date",
            Look::Time => "time",
            Look::Timestamp => "timestamp",
            Look::Instant => "timestamp with zone",
            Look::Text => "text",
        })
    }
}

impl DataChange {
    /// `+1 row`, `+2 −1 rows, 3 changed by id`, `column +a`; `same rows` when only layout changed.
    pub fn words(&self) -> String {
        let mut parts = Vec::new();
        let counts: Vec<String> = [("+", self.rows_added), ("−", self.rows_removed)]
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(sign, count)| format!("{sign}{count}"))
            .collect();
        let rows = |count: usize| if count == 1 { "row" } else { "rows" };
        if self.rows_counted {
            let (before, after) = (self.rows_before, self.rows_after);
            let both = if before == after { after.to_string() } else { format!("{before} → {after}") };
            parts.push(format!("{both} {}, not compared", if both == "1" { "row" } else { "rows" }));
        } else if !counts.is_empty() {
            parts.push(format!("{} {}", counts.join(" "), rows(self.rows_added + self.rows_removed)));
        }
        if self.rows_changed > 0 {
            let unit = if counts.is_empty() { format!(" {}", rows(self.rows_changed)) } else { String::new() };
            parts.push(format!("{}{unit} changed by {}", self.rows_changed, self.key.join(" and ")));
        }
        for (sign, columns) in [("+", &self.columns_added), ("−", &self.columns_removed)] {
            parts.extend(columns.iter().map(|column| format!("column {sign}{column}")));
        }
        let retyped = self.columns_retyped.iter();
        parts.extend(retyped.map(|one| format!("column {} looks like {}, was {}", one.name, one.after, one.before)));
        parts.extend(self.types.iter().map(|one| format!("column {} is {}, was {}", one.name, one.after, one.before)));
        if self.columns_reordered {
            parts.push("columns in another order".into());
        }
        if parts.is_empty() { "same rows".into() } else { parts.join(", ") }
    }
}
