//! What the service tells, as its interface has it.

use super::error::Refusal;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A job as the service tells of it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Job {
    job_reference: JobReference,
    pub status: Status,
    pub statistics: Statistics,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct JobReference {
    location: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Status {
    pub state: String,
    pub error_result: Option<Problem>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Problem {
    pub reason: String,
    pub message: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Statistics {
    pub total_bytes_processed: Option<String>,
    pub total_slot_ms: Option<String>,
    pub query: Query,
    pub load: Loaded,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Loaded {
    pub output_rows: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Query {
    pub total_bytes_billed: Option<String>,
    pub total_slot_ms: Option<String>,
    pub referenced_tables: Vec<TableName>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct TableName {
    pub project_id: String,
    pub dataset_id: String,
    pub table_id: String,
}

/// A page of a result.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Page {
    pub job_complete: bool,
    pub schema: Schema,
    pub rows: Vec<Value>,
    pub total_rows: Option<String>,
    pub page_token: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Schema {
    pub fields: Vec<Field>,
}

/// A column, or a part of one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Field {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub mode: String,
    pub fields: Vec<Field>,
    pub precision: Option<String>,
    pub scale: Option<String>,
}

/// A relation as a list or its own description has it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Table {
    pub table_reference: TableName,
    #[serde(rename = "type")]
    pub kind: String,
    pub labels: BTreeMap<String, String>,
    pub schema: Value,
    pub num_rows: Option<String>,
    pub num_bytes: Option<String>,
    pub last_modified_time: Option<String>,
    /// Rows that came one by one and aren't in the table's own storage yet.
    pub streaming_buffer: Option<Value>,
}

/// A part of a list of relations.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Tables {
    pub tables: Vec<Table>,
    pub next_page_token: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Dataset {
    pub location: Option<String>,
}

impl Job {
    pub fn is_done(&self) -> bool {
        self.status.state == "DONE"
    }

    /// Where it runs.
    pub fn location(&self) -> Option<String> {
        self.job_reference.location.clone()
    }

    /// How the job failed, if it did.
    pub fn refusal(&self) -> Option<Refusal> {
        let Problem { reason, message } = self.status.error_result.clone()?;
        Some(Refusal { status: 0, reason, message })
    }
}

/// A number as the service writes one.
pub fn number(text: Option<&String>) -> Option<u64> {
    text?.parse().ok()
}
