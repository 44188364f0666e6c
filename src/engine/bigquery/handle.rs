//! A connection as the parts of this engine share it.

use super::answer::{Job, TableName, number};
use super::api::{Api, Failure};
use super::error::second_statement;
use super::job::{Asked, Done, run};
use super::{rows, settings::Settings};
use crate::dialect::{BigQuery, Dialect, Statement};
use crate::engine::claim::{Hold, Lost};
use crate::engine::rest::{Stop, Texts, texts};
use crate::engine::{EngineError, Estimate, Home, Measures, Scan, TakeBatch};
use crate::name::RelationName;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// Bytes that count of each relation that a query reads, at least, where it is billed; and to which all are rounded up.
const LEAST_BILLED: u64 = 10 << 20;
const ROUNDED: u64 = 1 << 20;
/// Characters of a label.
const LABEL: usize = 63;

/// What the connections to a project share.
pub(super) struct Shared {
    pub api: Arc<Api>,
    pub home: Home,
    pub lost: Lost,
    pub allow_create_dataset: bool,
    pub now: crate::world::Clock,
}

impl Shared {
    pub fn new(settings: &mut Settings, home: Home) -> Shared {
        Shared {
            api: Arc::new(Api::new(settings)),
            home,
            lost: Lost::default(),
            allow_create_dataset: settings.allow_create_dataset,
            now: settings.now.clone(),
        }
    }
}

pub(super) struct BigQueryConnection {
    pub shared: Arc<Shared>,
    pub stop: Stop,
    /// The claim, as long as this connection lives.
    pub hold: Option<Hold>,
    /// Bytes that a node's query may read.
    pub most: Option<u64>,
    /// The query that was planned last, and the bytes that it may be billed, however it is run.
    pub planned: Option<(String, u64)>,
}

impl BigQueryConnection {
    pub fn new(shared: Arc<Shared>) -> BigQueryConnection {
        BigQueryConnection { shared, stop: Stop::default(), hold: None, most: None, planned: None }
    }

    /// What a job for a statement is to do.
    fn configuration(&self, statement: &Statement) -> Value {
        let mut query = json!({"query": statement.text, "useLegacySql": false});
        // fft's own statements name everything in full, before there is a dataset too.
        if statement.query.is_some() {
            let home = &self.shared.home;
            query["defaultDataset"] = json!({"projectId": home.catalog, "datasetId": home.schema});
        }
        if !statement.values.is_empty() {
            let one = |value: &Option<String>| {
                let value = value.as_ref().map_or_else(|| json!({}), |value| json!({"value": value}));
                json!({"parameterType": {"type": "STRING"}, "parameterValue": value})
            };
            query["parameterMode"] = "POSITIONAL".into();
            query["queryParameters"] = statement.values.iter().map(one).collect();
        }
        labelled(json!({"query": query}), commented(&statement.text))
    }

    /// The bytes that a statement may be billed, where its query is the one that was planned.
    fn billable(&self, statement: &Statement) -> Option<u64> {
        let query = statement.text.get(statement.query.clone()?)?;
        let (planned, bytes) = self.planned.as_ref()?;
        (BigQuery.without_terminator(query) == *planned).then_some(*bytes)
    }

    fn execute(&self, statement: &Statement) -> Result<Done, EngineError> {
        self.shared.lost.check()?;
        if let Some(error) = second_statement(statement) {
            return Err(error);
        }
        let mut configuration = self.configuration(statement);
        if let Some(bytes) = self.billable(statement) {
            configuration["query"]["maximumBytesBilled"] = bytes.to_string().into();
        }
        let asked = Asked { configuration, file: None, statement: Some(statement) };
        run(&self.shared.api, &asked, &self.stop)
    }

    /// Runs a statement. One that makes a table is measured.
    pub fn send(&mut self, statement: &Statement) -> Result<Measures, EngineError> {
        let Some(table) = statement.makes.clone() else {
            return self.execute(statement).map(|_| Measures::default());
        };
        let done = self.execute(statement)?;
        let measures = measures(&done);
        Ok(match self.rows_of(&table) {
            Ok(Some(rows)) => measures.with_rows(rows),
            Ok(None) | Err(_) => measures,
        })
    }

    /// Gives `take` the rows of a query.
    pub fn take(&mut self, query: &Statement, take: TakeBatch<'_>) -> Result<(), EngineError> {
        let done = self.execute(query)?;
        rows::take_all(&self.shared.api, &done.name, &self.stop, take)
    }

    /// The rows of one of fft's own queries, as texts.
    pub fn texts(&mut self, query: &str) -> Result<Vec<Texts>, EngineError> {
        let mut found = Vec::new();
        self.take(&query.into(), &mut |batch| {
            found.extend(texts(&batch));
            Ok(())
        })?;
        Ok(found)
    }

    /// What a query would read. The service tells all bytes together.
    pub fn estimate(&mut self, query: &str) -> Result<Estimate, EngineError> {
        let statement = Statement::query(BigQuery.without_terminator(query));
        if let Some(error) = second_statement(&statement) {
            return Err(error);
        }
        self.stop.reset();
        let told = self.shared.api.dry_run(&self.configuration(&statement), &self.stop);
        let told = told.map_err(|failure| match failure {
            Failure::Refused(refusal) => refusal.told(Some(&statement)),
            Failure::Lost(error) => error,
        })?;
        let tables = &told.statistics.query.referenced_tables;
        // The service holds the limit by what it bills, which is never less than this.
        self.planned = self.most.map(|most| {
            let least = LEAST_BILLED.saturating_mul(tables.len() as u64);
            (statement.text.clone(), most.saturating_add(least).saturating_add(ROUNDED))
        });
        Ok(estimate(&told))
    }

    /// How many rows a table has; `None` where that isn't told. It costs nothing.
    pub fn rows_of(&self, table: &RelationName) -> Result<Option<u64>, EngineError> {
        let table = self.shared.api.table(&self.table_name(table), &self.stop)?;
        Ok(table.and_then(|table| number(table.num_rows.as_ref())))
    }

    pub fn table_name(&self, relation: &RelationName) -> TableName {
        let RelationName { catalog, schema, name } = self.shared.home.full(relation);
        TableName { project_id: catalog.unwrap_or_default(), dataset_id: schema.unwrap_or_default(), table_id: name }
    }
}

/// What a job tells of what it took.
pub(super) fn measures(done: &Done) -> Measures {
    let statistics = &done.job.statistics;
    let slots = statistics.total_slot_ms.as_ref().or(statistics.query.total_slot_ms.as_ref());
    let mut measures = Measures::default().with("job_id", done.name.id.as_str());
    if let Some(bytes) = number(statistics.total_bytes_processed.as_ref()) {
        measures = measures.with_bytes(bytes);
    }
    if let Some(bytes) = number(statistics.query.total_bytes_billed.as_ref()) {
        measures = measures.with_billed_bytes(bytes);
    }
    match number(slots) {
        Some(slots) => measures.with_slot_time(Duration::from_millis(slots)),
        None => measures,
    }
}

fn estimate(told: &Job) -> Estimate {
    let bytes = number(told.statistics.total_bytes_processed.as_ref()).unwrap_or_default();
    let name = |table: &TableName| format!("{}.{}.{}", table.project_id, table.dataset_id, table.table_id);
    let names: Vec<String> = told.statistics.query.referenced_tables.iter().map(name).collect();
    if names.is_empty() && bytes == 0 {
        return Estimate::default();
    }
    let name = if names.is_empty() { "the query".to_string() } else { names.join(", ") };
    Estimate { scans: vec![Scan { name, rows: None, bytes }] }
}

/// What a statement says in a comment that it is for.
fn commented(text: &str) -> Option<&str> {
    Some(text.strip_prefix("/* ")?.split_once(" */")?.0)
}

/// What a job is to do, with the run and the node of such words as its labels.
pub(super) fn labelled(mut configuration: Value, words: Option<&str>) -> Value {
    if let Some((run, node)) = words.and_then(|words| words.strip_prefix("fft ")?.split_once(' ')) {
        configuration["labels"] = json!({"fft_run": label(run), "fft_node": label(node)});
    }
    configuration
}

/// A text as the value of a label, as near as that comes.
fn label(text: &str) -> String {
    let fits = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c.to_ascii_lowercase() } else { '_' };
    text.chars().take(LABEL).map(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_say_what_they_are_for() {
        let statement = Statement::from("select 1").commented("fft 20261122T101500Z-3fa9 marts/Ä.ff");
        assert_eq!(
            labelled(json!({}), commented(&statement.text)),
            json!({"labels": {"fft_run": "20261122t101500z-3fa9", "fft_node": "marts___ff"}})
        );
        assert_eq!(label(&"x".repeat(99)).len(), LABEL);
        assert_eq!(commented("select 1 /* fft a b */"), None);
    }
}
