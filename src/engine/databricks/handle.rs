//! A connection as the parts of this engine share it.

use super::api::{Api, Form, Told};
use super::rows;
use super::statement::execute;
use crate::dialect::{Databricks, Dialect, Statement};
use crate::engine::claim::{Hold, Lost};
use crate::engine::rest::{Stop, Texts, texts};
use crate::engine::spark_sql::{explain, explained, told};
use crate::engine::{EngineError, Estimate, Home, Measures, TakeBatch};
use crate::name::RelationName;
use serde_json::Value;
use std::sync::{Arc, Mutex};

/// What the workspace says of a result that is too large to come with the answer.
const TOO_LARGE: &str = "Inline byte limit exceeded";

/// What the connections to a warehouse share.
pub(super) struct Shared {
    pub api: Arc<Api>,
    pub dialect: Databricks,
    pub home: Home,
    pub lost: Lost,
    /// Whether the volume for rows on their way was made.
    pub staged: Mutex<bool>,
}

impl Shared {
    pub fn new(api: Api, dialect: Databricks, home: Home, lost: Lost) -> Shared {
        Shared { api: Arc::new(api), dialect, home, lost, staged: Mutex::default() }
    }
}

pub(super) struct DatabricksConnection {
    pub shared: Arc<Shared>,
    pub stop: Stop,
    /// The claim, as long as this connection lives.
    pub hold: Option<Hold>,
    /// The last statement that made rows.
    pub last: Option<Last>,
}

pub(super) struct Last {
    pub statement: String,
    pub query: Option<String>,
}

impl DatabricksConnection {
    pub fn new(shared: Arc<Shared>) -> DatabricksConnection {
        DatabricksConnection { shared, stop: Stop::default(), hold: None, last: None }
    }

    pub fn execute(&self, statement: &Statement, form: Form) -> Result<Told, EngineError> {
        execute(&self.shared.api, statement, form, &self.stop)
    }

    /// Runs a statement. One that makes a table is measured.
    pub fn send(&mut self, statement: &Statement) -> Result<Measures, EngineError> {
        self.shared.lost.check()?;
        if statement.query.is_some() {
            // What a statement before has read is nothing to the one of this node.
            self.last = None;
        }
        let told = self.execute(statement, Form::Inline)?;
        let Some(table) = statement.makes.clone() else { return Ok(Measures::default()) };
        let rows = affected(&told).or_else(|| self.count(&table));
        let query = statement.query.clone().map(|query| statement.text[query].to_string());
        self.last = Some(Last { statement: told.statement_id.clone(), query });
        let measures = rows.map_or_else(Measures::default, |rows| Measures::default().with_rows(rows));
        Ok(measures.with("statement_id", Value::from(told.statement_id)))
    }

    /// Gives `take` the rows of a query.
    pub fn take(&mut self, query: &Statement, take: TakeBatch<'_>) -> Result<(), EngineError> {
        let mut form = if query.query.is_some() { Form::Links } else { Form::Inline };
        let mut told = self.execute(query, form);
        if told.as_ref().is_err_and(|error| error.message.contains(TOO_LARGE)) {
            form = Form::Links;
            told = self.execute(query, form);
        }
        rows::take_all(&self.shared.api, told?, form, &self.stop, take)
    }

    /// The rows of one of fft's own queries, as texts.
    pub fn texts(&mut self, query: &str) -> Result<Vec<Texts>, EngineError> {
        self.texts_of(&query.into())
    }

    fn texts_of(&mut self, query: &Statement) -> Result<Vec<Texts>, EngineError> {
        let mut found = Vec::new();
        self.take(query, &mut |batch| {
            found.extend(texts(&batch));
            Ok(())
        })?;
        Ok(found)
    }

    /// What a query would read, from the warehouse's plan.
    pub fn estimate(&mut self, query: &str) -> Result<Option<Estimate>, EngineError> {
        let statement = explain(&Databricks::DELTA.without_terminator(query));
        let plan: Vec<String> = self.texts_of(&statement)?.into_iter().flatten().flatten().collect();
        explained(&plan.join("\n")).map_err(|words| told(&words, None, &statement))
    }

    /// What the history of queries tells of the bytes that a statement read; `None` where it tells nothing of use.
    pub fn read_bytes(&self, statement: &str) -> Option<u64> {
        let metrics = self.shared.api.history(statement, &self.stop).ok()?;
        metrics["read_bytes"].as_u64().filter(|bytes| *bytes > 0)
    }

    fn count(&mut self, relation: &RelationName) -> Option<u64> {
        let query = format!("select cast(count(*) as string) as n from {}", Databricks::DELTA.relation(relation));
        self.texts(&query).ok()?.into_iter().flatten().flatten().next()?.parse().ok()
    }
}

/// How many rows a statement says that it put into a table.
fn affected(told: &Told) -> Option<u64> {
    let columns = &told.manifest.as_ref()?.schema.columns;
    let at = ["num_inserted_rows", "num_affected_rows"]
        .iter()
        .find_map(|name| columns.iter().position(|column| column.name == *name))?;
    told.result.as_ref()?.data_array.as_ref()?.first()?.get(at)?.as_deref()?.parse().ok()
}
