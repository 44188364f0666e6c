//! What extending a table did, as facts: evidence of a build, and never a part of a fingerprint.

use super::{Cause, Code};
use serde::{Deserialize, Serialize};

/// What came of an extension.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Increment {
    /// Columns that the table got; null in rows from before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns_added: Vec<Column>,
    /// Columns that new rows have and the table didn't get.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns_left_out: Vec<Column>,
    /// Columns that the table lost.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns_removed: Vec<Column>,
    /// Columns that the table has in another type since, which is this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns_retyped: Vec<Column>,
    pub rows_new: u64,
    /// Rows that stood there and are others now.
    pub rows_updated: u64,
    /// From where on rows were read, where fft itself looked for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub since: Vec<Watermark>,
}

impl Increment {
    /// What became of the table's columns, as reasons that stand beside those of the build.
    pub fn causes(&self) -> Vec<Cause> {
        let all = [
            (Code::ColumnsAdded, &self.columns_added),
            (Code::ColumnsRemoved, &self.columns_removed),
            (Code::ColumnsRetyped, &self.columns_retyped),
        ];
        let told = all.into_iter().filter(|(_, columns)| !columns.is_empty());
        told.map(|(code, columns)| Cause::named(code, Column::list(columns))).collect()
    }
}

impl Column {
    /// `note text, n bigint`
    pub fn list(columns: &[Column]) -> String {
        columns.iter().map(|column| format!("{} {}", column.name, column.r#type)).collect::<Vec<_>>().join(", ")
    }
}

/// A column as the engine describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    pub name: String,
    /// In the engine's words.
    pub r#type: String,
}

/// The greatest value of a column that the table had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watermark {
    pub column: String,
    /// As the engine writes it; none where the table had no value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}
