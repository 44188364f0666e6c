//! What changed inside a component: lines of a text, rows of a seed.

use crate::diagnostic::visible::clean;
use crate::syntax::csv::Kind;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Lines that one diff shows at most.
const DIFF_LINES: usize = 200;
/// Bytes that one diff shows at most.
const DIFF_BYTES: usize = 64 * 1024;

fn is_zero(number: &usize) -> bool {
    *number == 0
}

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
    /// The lines that tell something, without those of file names, fit to be shown.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        let names = |line: &&str| line.starts_with("---") || line.starts_with("+++");
        self.unified.lines().skip_while(names).map(clean)
    }

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
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DataChange {
    pub columns_added: Vec<String>,
    pub columns_removed: Vec<String>,
    /// The same columns stand in another order.
    pub columns_reordered: bool,
    /// Columns whose values look like another type.
    pub columns_retyped: Vec<ColumnLook>,
    pub key: Vec<String>,
    pub rows_added: usize,
    pub rows_after: usize,
    pub rows_before: usize,
    /// Rows were counted on both sides and not compared: added and removed are the difference of the counts.
    pub rows_counted: bool,
    /// Rows whose key is there on both sides and another value isn't the same.
    pub rows_changed: usize,
    pub rows_removed: usize,
    /// Columns that the file declares with another type.
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
#[derive(Clone, Debug, PartialEq)]
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
