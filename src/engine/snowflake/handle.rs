//! A connection as the parts of this engine share it.

use super::answer::Done;
use super::api::Api;
use super::explain::{explain, explained};
use super::statement::execute;
use super::{error, rows};
use crate::dialect::{Dialect, Snowflake, Statement};
use crate::engine::claim::{Hold, Lost};
use crate::engine::rest::{Stop, Texts, texts};
use crate::engine::{EngineError, Estimate, Home, Measures, TakeBatch};
use crate::name::RelationName;
use serde_json::Value;
use std::sync::Arc;

/// What the connections to an account share.
pub(super) struct Shared {
    pub api: Arc<Api>,
    pub home: Home,
    pub lost: Lost,
    /// Whether schemas that are missing may be made.
    pub makes_schemas: bool,
}

pub(super) struct SnowflakeConnection {
    pub shared: Arc<Shared>,
    pub stop: Stop,
    /// The claim, as long as this connection lives.
    pub hold: Option<Hold>,
    /// The last statement that made rows.
    pub last: Option<Last>,
    /// The table beside that rows were loaded into: what brings them to their place reads nothing else.
    pub loaded: Option<RelationName>,
}

pub(super) struct Last {
    pub handle: String,
    pub query: Option<String>,
}

impl SnowflakeConnection {
    pub fn new(shared: Arc<Shared>) -> SnowflakeConnection {
        SnowflakeConnection { shared, stop: Stop::default(), hold: None, last: None, loaded: None }
    }

    pub fn execute(&self, statement: &Statement) -> Result<Done, EngineError> {
        execute(&self.shared.api, statement, &self.stop)
    }

    /// Runs a statement. One that makes a table is measured.
    pub fn send(&mut self, statement: &Statement) -> Result<Measures, EngineError> {
        self.shared.lost.check()?;
        if statement.query.is_some() {
            // What a statement before has read is nothing to the one of this node.
            self.last = None;
        }
        let done = self.execute(statement)?;
        let Some(table) = statement.makes.clone() else { return Ok(Measures::default()) };
        let is_of = |beside: RelationName| statement.text.contains(&Snowflake.relation(&beside));
        if self.loaded.take().is_some_and(is_of) {
            // The rows were counted when they were loaded.
            self.last = None;
            return Ok(Measures::default());
        }
        let inserted = done.stats.map(|stats| stats.num_rows_inserted).filter(|rows| *rows > 0);
        let rows = inserted.or_else(|| self.rows_of(&table).ok());
        let query = statement.query.clone().map(|query| statement.text[query].to_string());
        self.last = Some(Last { handle: done.statement_handle.clone(), query });
        let measures = rows.map_or_else(Measures::default, |rows| Measures::default().with_rows(rows));
        Ok(measures.with("statement_id", Value::from(done.statement_handle)))
    }

    /// Gives `take` the rows of a query.
    pub fn take(&mut self, query: &Statement, exactly: bool, take: TakeBatch<'_>) -> Result<(), EngineError> {
        let done = self.execute(query)?;
        rows::take_all(&self.shared.api, &done, exactly, &self.stop, take)
    }

    /// The rows of one of fft's own queries, as texts.
    pub fn texts(&mut self, query: &str) -> Result<Vec<Texts>, EngineError> {
        self.texts_of(&query.into())
    }

    pub fn texts_of(&mut self, query: &Statement) -> Result<Vec<Texts>, EngineError> {
        let mut found = Vec::new();
        self.take(query, false, &mut |batch| {
            found.extend(texts(&batch));
            Ok(())
        })?;
        Ok(found)
    }

    /// What a query would read, from the account's plan.
    pub fn estimate(&mut self, query: &str) -> Result<Option<Estimate>, EngineError> {
        let statement = explain(&Snowflake.without_terminator(query));
        let plan = self.texts_of(&statement)?.into_iter().flatten().flatten().next().unwrap_or_default();
        explained(&plan).map_err(error::unreadable)
    }

    /// The bytes that a statement has read, by its number; `None` where the account tells nothing of use.
    pub fn read_bytes(&mut self, handle: &str) -> Option<u64> {
        let query = format!(
            "select sum(operator_statistics:io.bytes_scanned::number) as bytes from table(get_query_operator_stats({}))",
            Snowflake.string_literal(handle)
        );
        self.number(&query).ok()
    }

    /// How many rows a table has: the account knows that without counting.
    pub fn rows_of(&mut self, relation: &RelationName) -> Result<u64, EngineError> {
        self.number(&format!("select count(*) as n from {}", Snowflake.relation(relation)))
    }

    fn number(&mut self, query: &str) -> Result<u64, EngineError> {
        let text = self.texts(query)?.into_iter().flatten().flatten().next();
        text.and_then(|text| text.parse().ok()).ok_or_else(|| error::unreadable("a number is missing"))
    }
}
