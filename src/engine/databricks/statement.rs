//! One statement to its end: sent, asked after, ended where that is asked for.

use super::api::{Api, Form, Told};
use crate::dialect::Statement;
use crate::engine::rest::{Again, Pace, Stop};
use crate::engine::{EngineError, ErrorKind, spark_sql};
use crate::syntax::sql::{TokenKind, tokens};
use std::sync::Arc;
use std::time::Duration;

/// Before a statement is asked after, at first and at most.
const FIRST: Duration = Duration::from_millis(100);
const MOST: Duration = Duration::from_secs(5);

/// How often it is looked whether a statement that is to end has ended.
const LOOKS: usize = 20;

/// How often a statement is sent again that another one's transaction was in the way of.
const ATTEMPTS: u32 = 6;

/// What a statement gave, once it is done. The error is one of the statement, with its place in the query, or of what
/// lies between.
pub(super) fn execute(api: &Arc<Api>, statement: &Statement, form: Form, stop: &Stop) -> Result<Told, EngineError> {
    for attempt in 1.. {
        match to_its_end(api, statement, form, stop) {
            // Nothing of it was kept.
            Err(EngineError { retry: Some(pause), .. }) if attempt < ATTEMPTS => stop.sleep(pause * attempt)?,
            done => return done,
        }
    }
    unreachable!("invariant: the last attempt gives its result")
}

fn to_its_end(api: &Arc<Api>, statement: &Statement, form: Form, stop: &Stop) -> Result<Told, EngineError> {
    stop.reset();
    let again = if is_repeatable(&statement.text) { Again::Always } else { Again::Untaken };
    let mut told = api.submit(statement, form, again, stop)?;
    let mut pace = Pace::new(FIRST, MOST);
    while is_under_way(&told) {
        let waited = stop.sleep(pace.next().unwrap_or(MOST));
        let looked = waited.and_then(|()| api.look(&told.statement_id, stop));
        told = match looked {
            Ok(told) => told,
            Err(error) => end(api, &told.statement_id, error)?,
        };
    }
    match told.status.state.as_str() {
        "SUCCEEDED" => Ok(told),
        "CANCELED" if stop.is_asked() => Err(EngineError::new(ErrorKind::Interrupted, "interrupted")),
        "CANCELED" => Err(EngineError::new(ErrorKind::Statement, "the statement was cancelled in the workspace")),
        "CLOSED" => {
            Err(EngineError::new(ErrorKind::Connection, "the workspace keeps the statement's result no longer"))
        }
        _ => {
            let failure = told.status.error.unwrap_or_default();
            let words = if failure.message.is_empty() { failure.error_code } else { failure.message };
            Err(spark_sql::told(&words, told.status.sql_state.as_deref(), statement))
        }
    }
}

fn is_under_way(told: &Told) -> bool {
    ["PENDING", "RUNNING"].contains(&told.status.state.as_str())
}

/// Ends a statement that nobody waits for any longer because of `error`, and gives how it ended; the error where that
/// can't be told.
fn end(api: &Arc<Api>, statement: &str, error: EngineError) -> Result<Told, EngineError> {
    // What was asked for is the end, not that this be left alone.
    let stop = Stop::default();
    if api.cancel(statement, &stop).is_err() {
        return Err(error);
    }
    for pause in Pace::new(FIRST, MOST / 10).take(LOOKS) {
        match api.look(statement, &stop) {
            Ok(told) if is_under_way(&told) => stop.sleep(pause)?,
            Ok(told) if error.kind == ErrorKind::Interrupted => return Ok(told),
            // It may have been done before it could be cancelled.
            Ok(told) if told.status.state == "SUCCEEDED" => return Ok(told),
            Ok(_) | Err(_) => break,
        }
    }
    Err(error)
}

/// Whether a statement that is done twice does no more than once.
fn is_repeatable(text: &str) -> bool {
    let counts = tokens(text).filter(|token| !matches!(token.kind, TokenKind::Trivia | TokenKind::Hint));
    let words: Vec<String> = counts.take(6).map(|token| token.text.to_lowercase()).collect();
    let first = words.first().map(String::as_str).unwrap_or_default();
    let asks = ["select", "with", "values", "show", "describe", "explain", "("].contains(&first);
    asks || ["create", "drop"].contains(&first) && words.iter().any(|word| word == "if") || first == "comment"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_sent_twice_is_told_by_its_first_words() {
        for text in [
            "select 1",
            "/* fft r t.ff */ with a as (select 1) select * from a",
            "drop table if exists a.b.c",
            "create schema if not exists a.b",
            "comment on table a is 'x'",
        ] {
            assert!(is_repeatable(text), "{text}");
        }
        for text in [
            "create or replace table a as (\nselect 1 as a -- if\n)",
            "insert into a values (1)",
            "alter table a rename to b",
            "create table a (if_there int)",
            "",
        ] {
            assert!(!is_repeatable(text), "{text}");
        }
    }
}
