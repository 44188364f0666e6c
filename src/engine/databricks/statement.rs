//! One statement to its end: sent, asked after, ended where that is asked for.

use super::api::{Api, Form, Told};
use crate::dialect::Statement;
use crate::engine::rest::{Again, Fares, Served, Stop, to_its_end};
use crate::engine::{EngineError, ErrorKind, spark_sql};
use crate::syntax::sql::{TokenKind, tokens};
use std::sync::Arc;

/// The state of a statement that has done what it was sent for.
const SUCCEEDED: &str = "SUCCEEDED";

/// How often a statement is sent again that another one's transaction was in the way of.
const ATTEMPTS: u32 = 6;

/// What a statement gave, once it is done. The error is one of the statement, with its place in the query, or of what
/// lies between.
pub(super) fn execute(api: &Arc<Api>, statement: &Statement, form: Form, stop: &Stop) -> Result<Told, EngineError> {
    for attempt in 1.. {
        match once(api, statement, form, stop) {
            // Nothing of it was kept.
            Err(EngineError { retry: Some(pause), .. }) if attempt < ATTEMPTS => stop.sleep(pause * attempt)?,
            done => return done,
        }
    }
    unreachable!("invariant: the last attempt gives its result")
}

fn once(api: &Arc<Api>, statement: &Statement, form: Form, stop: &Stop) -> Result<Told, EngineError> {
    stop.reset();
    let again = if is_repeatable(&statement.text) { Again::Always } else { Again::Untaken };
    let told = api.submit(statement, form, again, stop)?;
    let mut sent = Sent { api, id: told.statement_id.clone() };
    let told = to_its_end(&mut sent, fares(told), stop)?;
    match told.status.state.as_str() {
        SUCCEEDED => Ok(told),
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

fn fares(told: Told) -> Fares<Told> {
    if ["PENDING", "RUNNING"].contains(&told.status.state.as_str()) { Fares::UnderWay } else { Fares::Ended(told) }
}

/// A statement that is under way.
struct Sent<'a> {
    api: &'a Api,
    id: String,
}

impl Served for Sent<'_> {
    type End = Told;

    fn words(&self) -> String {
        format!("the statement {}", self.id)
    }

    fn look(&mut self, stop: &Stop) -> Result<Fares<Told>, EngineError> {
        self.api.look(&self.id, stop).map(fares)
    }

    fn cancel(&self, stop: &Stop) -> Result<(), EngineError> {
        self.api.cancel(&self.id, stop)
    }

    fn is_done(told: &Told) -> bool {
        told.status.state == SUCCEEDED
    }
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
