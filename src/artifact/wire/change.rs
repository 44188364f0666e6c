//! What changed in a seed's rows, as it is written and in words.

use super::{Word, is_false, is_zero};
use crate::plan::{self, Look};
pub use crate::plan::{ColumnType, TextDiff};
use serde::{Deserialize, Serialize};

/// What changed in a seed's data: rows matched by `key`, or counted as a multiset where it has none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DataChange {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns_added: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns_removed: Vec<String>,
    /// The same columns stand in another order.
    #[serde(default, skip_serializing_if = "is_false")]
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
    #[serde(default, skip_serializing_if = "is_false")]
    pub rows_counted: bool,
    /// Rows whose key is there on both sides and another value isn't the same.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rows_changed: usize,
    pub rows_removed: usize,
    /// Columns that the file declares with another type.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<ColumnType>,
}

/// A column that looks like another type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnLook {
    pub after: Word<Look>,
    pub before: Word<Look>,
    pub name: String,
}

impl From<&plan::DataChange> for DataChange {
    fn from(change: &plan::DataChange) -> DataChange {
        let retyped = change.columns_retyped.iter().map(|one| ColumnLook {
            after: one.after.into(),
            before: one.before.into(),
            name: one.name.clone(),
        });
        DataChange {
            columns_added: change.columns_added.clone(),
            columns_removed: change.columns_removed.clone(),
            columns_reordered: change.columns_reordered,
            columns_retyped: retyped.collect(),
            key: change.key.clone(),
            rows_added: change.rows_added,
            rows_after: change.rows_after,
            rows_before: change.rows_before,
            rows_counted: change.rows_counted,
            rows_changed: change.rows_changed,
            rows_removed: change.rows_removed,
            types: change.types.clone(),
        }
    }
}

/// What a column looks like, in words.
pub fn look(look: &Word<Look>) -> String {
    match look {
        Word::Known(look) => look.to_string(),
        Word::Unknown(word) => word.clone(),
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
        parts.extend(
            retyped
                .map(|one| format!("column {} looks like {}, was {}", one.name, look(&one.after), look(&one.before))),
        );
        parts.extend(self.types.iter().map(|one| format!("column {} is {}, was {}", one.name, one.after, one.before)));
        if self.columns_reordered {
            parts.push("columns in another order".into());
        }
        if parts.is_empty() { "same rows".into() } else { parts.join(", ") }
    }
}
