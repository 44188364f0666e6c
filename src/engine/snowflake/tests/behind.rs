//! An account for tests that answers each kind of request as it is told.

use super::{driver, stubbed};
use crate::dialect::Statement;
use crate::engine::rest::stub::{Reply, Seen, Stub};
use crate::engine::snowflake::handle::SnowflakeConnection;
use crate::engine::{Connection, EngineError};
use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use serde_json::{Value, json};

pub fn connect(stub: &Stub) -> SnowflakeConnection {
    driver(&stubbed(&stub.url("/"))).connect_to()
}

pub fn now(status: &str) -> Reply {
    Reply::head(&format!("{status}\r\nRetry-After: 0"))
}

pub fn answer(status: &str, body: &Value) -> Reply {
    Reply::Answer(status.into(), body.to_string().into_bytes())
}

pub fn running() -> Reply {
    answer("202 Accepted", &json!({"code": "333334", "message": "under way", "statementHandle": "h-1"}))
}

pub fn failed(code: &str, message: &str) -> Reply {
    answer("422 Unprocessable Entity", &json!({"code": code, "message": message, "sqlState": "42000"}))
}

/// A statement that is done, and gave these numbers of `all` in its first of `parts`.
pub fn part(numbers: &[i64], all: usize, parts: usize) -> Value {
    let rows: Vec<Vec<String>> = numbers.iter().map(|number| vec![number.to_string()]).collect();
    let column = json!({"name": "N", "type": "fixed", "precision": 18, "scale": 0});
    let data = json!({"numRows": all, "rowType": [column], "partitionInfo": vec![json!({}); parts]});
    json!({"resultSetMetaData": data, "data": rows, "code": "090001", "statementHandle": "h-1"})
}

pub fn done(numbers: &[i64]) -> Reply {
    Reply::json(&part(numbers, numbers.len(), 1))
}

pub fn asks(seen: &Seen) -> &'static str {
    let line = seen.line();
    match () {
        () if line.starts_with("POST /api/v2/statements?") => "submit",
        () if line.contains("/cancel ") => "cancel",
        () if line.contains("?partition=") => "part",
        () if line.starts_with("GET /api/v2/statements/") => "look",
        () => "other",
    }
}

/// An account that answers each kind of request in turn, the last of its answers again and again.
pub fn account(answers: Vec<(&'static str, Vec<Reply>)>) -> Stub {
    Stub::by_kind(asks, answers, |_| Reply::head("404 Not Found"))
}

pub fn count(stub: &Stub, ask: &str) -> usize {
    stub.seen().iter().filter(|seen| asks(seen) == ask).count()
}

/// The numbers and the rest of the addresses of what was submitted.
pub fn named(stub: &Stub) -> Vec<(String, bool)> {
    let one = |seen: &Seen| {
        let query = seen.line().split(['?', ' ']).nth(2)?.to_string();
        let id = query.split('&').next()?.strip_prefix("requestId=")?.to_string();
        Some((id, query.ends_with("&retry=true")))
    };
    stub.seen().iter().filter(|seen| asks(seen) == "submit").filter_map(one).collect()
}

pub fn numbers(connection: &mut SnowflakeConnection, query: &Statement) -> Result<Vec<i64>, EngineError> {
    let mut found = Vec::new();
    connection.rows(query, false, &mut |batch| {
        found.extend(batch.column(0).as_primitive::<Int64Type>().values());
        Ok(())
    })?;
    Ok(found)
}

pub fn create() -> Statement {
    Statement::around("create or replace table t as (\n", "select a + 1 as a from t", "\n)")
}
