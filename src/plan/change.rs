//! What changed inside a component: lines of a text, rows of a seed.

use super::cause::is_zero;
use serde::{Deserialize, Serialize};

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

/// What changed in a seed's data, counted as rows of a multiset.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DataChange {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns_added: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns_removed: Vec<String>,
    pub rows_added: usize,
    pub rows_after: usize,
    pub rows_before: usize,
    pub rows_removed: usize,
}

impl DataChange {
    /// `+1 row`, `+2 −1 rows`, `columns +a`; empty when only layout changed.
    pub fn words(&self) -> String {
        let mut parts = Vec::new();
        let counts: Vec<String> = [("+", self.rows_added), ("−", self.rows_removed)]
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(sign, count)| format!("{sign}{count}"))
            .collect();
        if !counts.is_empty() {
            let one = self.rows_added + self.rows_removed == 1;
            parts.push(format!("{} {}", counts.join(" "), if one { "row" } else { "rows" }));
        }
        for (sign, columns) in [("+", &self.columns_added), ("−", &self.columns_removed)] {
            parts.extend(columns.iter().map(|column| format!("column {sign}{column}")));
        }
        if parts.is_empty() { "same rows".into() } else { parts.join(", ") }
    }
}
