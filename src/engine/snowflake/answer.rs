//! What the account tells of a statement, as its interface has it.

use serde::Deserialize;
use serde_json::Value;

/// A row's values, as texts; null, or a text, or what isn't one.
pub type Row = Vec<Option<String>>;

/// A statement as the account tells of it.
#[derive(Debug)]
pub enum Told {
    Done(Done),
    /// It is under way, and goes by this number.
    Running(String),
    Failed(Failure),
}

/// A statement that is done.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Done {
    pub statement_handle: String,
    /// Missing of a statement without rows.
    pub result_set_meta_data: Option<MetaData>,
    /// The rows of the first part.
    pub data: Vec<Row>,
    pub stats: Option<Stats>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct MetaData {
    pub num_rows: u64,
    pub row_type: Vec<Column>,
    pub partition_info: Vec<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Column {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub precision: Option<u8>,
    pub scale: Option<i8>,
}

/// Rows that a statement changed.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Stats {
    pub num_rows_inserted: u64,
}

/// Why a statement wasn't done.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Failure {
    pub code: String,
    pub sql_state: Option<String>,
    pub message: String,
    pub statement_handle: Option<String>,
}
