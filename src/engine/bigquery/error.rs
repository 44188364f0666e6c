//! What the service says when it doesn't do what it is asked, put as ours.

use crate::dialect::{BigQuery, Dialect, Statement};
use crate::engine::rest::Answer;
use crate::engine::{Condition, EngineError, ErrorKind};
use crate::syntax::sql::{TokenKind, outline, tokens_in};
use serde::Deserialize;
use std::time::Duration;

/// Reasons of requests that weren't looked at: too many came at once.
const PUT_OFF: [&str; 2] = ["rateLimitExceeded", "jobRateLimitExceeded"];
/// Reasons of jobs that failed for the service's own sake, and did nothing.
const PASSING: [&str; 7] = [
    "backendError",
    "internalError",
    "jobBackendError",
    "jobInternalError",
    "jobRateLimitExceeded",
    "rateLimitExceeded",
    "tableUnavailable",
];
/// What is said of a statement that another one was in the way of.
const CONFLICTS: [&str; 2] = ["Could not serialize access", "due to concurrent update"];
/// Before a job is tried again.
const PAUSE: Duration = Duration::from_millis(500);

/// Columns between tabs, as the service counts them.
const TAB: usize = 8;

/// Why the service doesn't do something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Of the answer; 0 of a job.
    pub status: u16,
    /// The service's own word for it.
    pub reason: String,
    pub message: String,
}

impl Refusal {
    /// Of an answer other than 2xx.
    pub fn of(answer: &Answer) -> Refusal {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Body {
            error: Told,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Told {
            message: String,
            errors: Vec<One>,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct One {
            reason: String,
        }
        let Body { error: Told { message, errors } } = serde_json::from_slice(&answer.body).unwrap_or_default();
        let reason = errors.into_iter().next().unwrap_or_default().reason;
        Refusal { status: answer.status, reason, message }
    }

    fn is(&self, reasons: &[&str]) -> bool {
        reasons.contains(&self.reason.as_str())
    }

    /// Whether the same request may well be taken a little later. Statuses that say so themselves were waited for already.
    pub fn is_put_off(&self) -> bool {
        (400..=409).contains(&self.status) && self.is(&PUT_OFF)
    }

    /// The credentials lack a right to what was asked for.
    pub fn is_forbidden(&self) -> bool {
        self.status == 403 && self.is(&["accessDenied"])
    }

    pub fn is_absent(&self) -> bool {
        self.status == 404
    }

    /// Something of that name is there already.
    pub fn is_duplicate(&self) -> bool {
        self.status == 409
    }

    /// The job was begun by a request before.
    pub fn is_known_job(&self) -> bool {
        self.is_duplicate() && self.message.starts_with("Already Exists: Job ")
    }

    /// No job of the project may be begun, whatever it does.
    fn is_of_the_project(&self) -> bool {
        self.is(&["accessDenied"]) && self.message.contains("bigquery.jobs.create")
    }

    /// As an error, with its place in the query of `statement`.
    pub fn told(&self, statement: Option<&Statement>) -> EngineError {
        let (words, place) = placed(&self.message);
        let conflict = CONFLICTS.iter().any(|conflict| words.contains(conflict));
        let passing = self.is(&PASSING) || self.status >= 500 || self.status == 429;
        let kind = match () {
            () if self.is(&["stopped"]) => ErrorKind::Interrupted,
            () if passing => ErrorKind::Connection,
            () if self.status == 401 || self.is(&["authError"]) => ErrorKind::Settings,
            () if self.status == 403 && (statement.is_none() || self.is_of_the_project()) => ErrorKind::Settings,
            () => ErrorKind::Statement,
        };
        let position = statement.and_then(|statement| match place {
            Some(place) => position(place, statement),
            None => named(&words, statement),
        });
        EngineError {
            position,
            hint: self.hint(),
            condition: (kind == ErrorKind::Statement).then(|| condition(&self.reason, &words)),
            retry: (conflict || self.status == 0 && self.is(&PASSING)).then_some(PAUSE),
            ..EngineError::new(kind, self.words(words))
        }
    }

    /// What is said, behind who says it where nothing else tells.
    fn words(&self, words: String) -> String {
        let status = if self.status == 0 { String::new() } else { format!(" (HTTP {})", self.status) };
        match (words.is_empty(), self.status) {
            (true, _) => format!("BigQuery gives no reason{status}"),
            (false, 401 | 403 | 429 | 500..) => format!("BigQuery refuses{status}: {words}"),
            (false, _) => words,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self.reason.as_str() {
            "accessDenied" => "grant whoever the credentials belong to what is missing, or check `project`",
            "quotaExceeded" => "a quota of the project is used up: wait until it is renewed, or have it raised",
            "rateLimitExceeded" | "jobRateLimitExceeded" => "use fewer `--jobs`",
            "resourcesExceeded" => "the query takes more than one machine has: sort, group or join less at once",
            "bytesBilledLimitExceeded" => "it is the limit of budgets.yml or FF_BQ_MAX_BYTES, held by BigQuery as well",
            "responseTooLarge" => "select fewer rows",
            "authError" => "check GOOGLE_APPLICATION_CREDENTIALS or `credentials` of the profile",
            "notFound" if self.message.contains("Dataset") => {
                "make the dataset, or set `allow_create_dataset: true`; check `location` of the profile"
            }
            _ => return None,
        };
        Some(hint.into())
    }
}

fn condition(reason: &str, words: &str) -> Condition {
    let missing = ["Not found: Table", "Not found: Dataset", "Not found: View"];
    match () {
        () if reason == "notFound" && missing.iter().any(|words_of| words.contains(words_of)) => {
            Condition::NoSuchRelation
        }
        () if words.starts_with("Cannot replace a table with a different") => Condition::LayoutDiffers,
        () if words.starts_with("Unrecognized name") || words.contains(" not found inside ") => Condition::NoSuchColumn,
        () => Condition::Refused,
    }
}

/// Words without their place, and that: line and column, both from 1.
fn placed(message: &str) -> (String, Option<(usize, usize)>) {
    let message = message.trim();
    let found = message.rmatch_indices(" at [").find_map(|(at, mark)| {
        let inner = message[at + mark.len()..].split(']').next()?;
        let (line, column) = inner.split_once(':')?;
        Some((at, at + mark.len() + inner.len() + 1, (line.parse().ok()?, column.parse().ok()?)))
    });
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    match found {
        Some((at, end, place)) => {
            (one_line(&format!("{}{}", &message[..at], message.get(end..).unwrap_or_default())), Some(place))
        }
        None => (one_line(message), None),
    }
}

/// Characters from the start of the statement's query to a place in its text; `None` outside of the query.
fn position((line, column): (usize, usize), statement: &Statement) -> Option<usize> {
    let start: usize = statement.text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    let line = statement.text.get(start..)?.split('\n').next()?;
    let mut at = 1;
    let byte = line.char_indices().find_map(|(byte, character)| {
        let here = at;
        at = if character == '\t' { (at - 1) / TAB * TAB + TAB + 1 } else { at + 1 };
        (here >= column).then_some(byte)
    });
    statement.in_query(start + byte.unwrap_or(line.len()))
}

/// The place of a relation of which no place is told: where its name stands in the query.
fn named(words: &str, statement: &Statement) -> Option<usize> {
    let name = words.strip_prefix("Not found: Table ")?.split(' ').next()?;
    let name = name.rsplit('.').next()?;
    let query = statement.query.clone()?;
    let tokens = tokens_in(&statement.text[query.clone()], BigQuery.grammar().lexicon);
    let is_name = |text: &str| text.trim_matches('`').rsplit('.').next() == Some(name);
    let found = tokens
        .filter(|token| matches!(token.kind, TokenKind::Word | TokenKind::Quoted))
        .find(|token| is_name(token.text))?;
    statement.in_query(query.start + found.start)
}

/// What is wrong with a text that is more than one statement, with the place of the second.
pub fn second_statement(statement: &Statement) -> Option<EngineError> {
    let query = statement.query.clone()?;
    let (text, lexicon) = (&statement.text[query.clone()], BigQuery.grammar().lexicon);
    let second = outline(text, lexicon).second?;
    let ends = tokens_in(text, lexicon).take_while(|token| token.start < second).filter(|token| token.text == ";");
    let at = ends.last()?.start;
    let message = "a query is one statement, and another one follows behind `;`";
    Some(EngineError {
        position: statement.in_query(query.start + at),
        condition: Some(Condition::Refused),
        ..EngineError::new(ErrorKind::Statement, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(reason: &str, message: &str) -> Refusal {
        Refusal { status: 0, reason: reason.into(), message: message.into() }
    }

    #[test]
    fn errors_are_told_with_their_place() {
        let query = "select 'é',\n\tnope from `p.s.user_s`";
        let statement = Statement::around("create or replace table x as (\n", query, "\n)");
        for (reason, message, expected, position, condition) in [
            (
                "invalidQuery",
                "Unrecognized name: nope at [3:9]",
                "Unrecognized name: nope",
                Some(13),
                Condition::NoSuchColumn,
            ),
            (
                "invalidQuery",
                "Syntax error: Unexpected \"x\" at [2:8]",
                "Syntax error: Unexpected \"x\"",
                Some(7),
                Condition::Refused,
            ),
            (
                "notFound",
                "Not found: Table p:s.user_s was not found in location US",
                "Not found: Table p:s.user_s was not found in location US",
                Some(23),
                Condition::NoSuchRelation,
            ),
            ("invalidQuery", "at [1:1] no", "at [1:1] no", None, Condition::Refused),
            ("invalidQuery", "Division by zero", "Division by zero", None, Condition::Refused),
        ] {
            let error = refusal(reason, message).told(Some(&statement));
            assert_eq!((error.message.as_str(), error.position), (expected, position), "{message}");
            assert_eq!((error.kind, error.condition), (ErrorKind::Statement, Some(condition)), "{message}");
        }
    }

    #[test]
    fn what_passes_is_told_from_what_does_not() {
        for (status, reason, message, put_off, retried, kind) in [
            (403, "rateLimitExceeded", "slow down", true, false, ErrorKind::Connection),
            (403, "quotaExceeded", "no more", false, false, ErrorKind::Settings),
            (403, "accessDenied", "no", false, false, ErrorKind::Settings),
            (0, "jobRateLimitExceeded", "slow down", false, true, ErrorKind::Connection),
            (0, "backendError", "sorry", false, true, ErrorKind::Connection),
            (
                0,
                "invalidQuery",
                "Could not serialize access to table t due to concurrent update",
                false,
                true,
                ErrorKind::Statement,
            ),
            (0, "quotaExceeded", "no more", false, false, ErrorKind::Statement),
            (0, "stopped", "Job execution was cancelled", false, false, ErrorKind::Interrupted),
            (503, "backendError", "sorry", false, false, ErrorKind::Connection),
            (401, "authError", "who?", false, false, ErrorKind::Settings),
        ] {
            let refusal = Refusal { status, reason: reason.into(), message: message.into() };
            let error = refusal.told(None);
            assert_eq!((refusal.is_put_off(), error.retry.is_some(), error.kind), (put_off, retried, kind), "{reason}");
        }
    }

    #[test]
    fn a_job_that_was_begun_before_is_told_from_a_table_of_such_a_name() {
        let known =
            |message: &str| Refusal { status: 409, reason: "duplicate".into(), message: message.into() }.is_known_job();
        assert!(known("Already Exists: Job my-project:EU.fft_0815"));
        assert!(!known("Already Exists: Table my-project:d.Job Listings"));
    }

    #[test]
    fn a_second_statement_is_told_before_it_is_sent() {
        let error = second_statement(&Statement::around("create table t as (\n", "select 1; drop table t", "\n)"));
        assert_eq!(error.and_then(|error| error.position), Some(8));
        for text in ["select ';'", "select 1; -- done", "select r'\\'"] {
            assert_eq!(second_statement(&Statement::query(text)), None, "{text}");
        }
    }
}
