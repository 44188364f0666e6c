//! Postgres's errors, put as ours.

use crate::dialect::Statement;
use crate::engine::{Condition, EngineError, ErrorKind};
use ::postgres::Error;
use ::postgres::error::{DbError, ErrorPosition, SqlState};
use std::time::Duration;

/// The error of a statement, with its place in the query that stands in it.
pub(super) fn located(error: Error, statement: &Statement) -> EngineError {
    let told = error.as_db_error().and_then(DbError::position).and_then(|position| match position {
        ErrorPosition::Original(position) => Some(*position as usize),
        // Of a statement within a function, which the model doesn't hold.
        ErrorPosition::Internal { .. } => None,
    });
    let character = told.and_then(|position| position.checked_sub(1));
    let position = character.and_then(|character| statement.in_query(statement.byte_of(character)));
    EngineError { position, ..error.into() }
}

/// An error of a statement, or of the connection it was sent over.
impl From<Error> for EngineError {
    fn from(error: Error) -> EngineError {
        match error.as_db_error() {
            Some(told) => EngineError {
                hint: remedy(told),
                condition: (kind(told) == ErrorKind::Statement).then(|| condition(told.code())),
                // The server ended the transaction for the sake of another one.
                retry: is_conflict(told.code()).then_some(Duration::ZERO),
                ..EngineError::new(kind(told), words(told))
            },
            None if lost(&error) => {
                let message = format!("the connection to the database was lost: {}", chain(&error));
                EngineError::new(ErrorKind::Connection, message)
            }
            None => EngineError::new(ErrorKind::Statement, chain(&error)),
        }
    }
}

/// Why no connection came about, to the database that is `shown` like this.
pub(super) fn unreachable(shown: &str, error: &Error) -> EngineError {
    let (words, hint) = match error.as_db_error() {
        Some(told) => (words(told), remedy(told)),
        None => (chain(error), Some("check that the server runs and that `dsn` of the profile names it".to_string())),
    };
    let message = format!("can't connect to the database {shown}: {words}");
    EngineError { hint, ..EngineError::new(ErrorKind::Connection, message) }
}

/// `message; detail (SQLSTATE code)`
fn words(told: &DbError) -> String {
    let detail = told.detail().map_or(String::new(), |detail| format!("; {}", detail.trim_end_matches('.')));
    format!("{}{detail} (SQLSTATE {})", told.message(), told.code().code())
}

fn kind(told: &DbError) -> ErrorKind {
    let code = told.code();
    let endings = [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::TOO_MANY_CONNECTIONS,
        SqlState::IDLE_SESSION_TIMEOUT,
    ];
    // A statement that takes longer than the server allows is cancelled too, in other words.
    if *code == SqlState::QUERY_CANCELED && told.message().contains("user request") {
        return ErrorKind::Interrupted;
    }
    if endings.contains(code) || code.code().starts_with("08") { ErrorKind::Connection } else { ErrorKind::Statement }
}

fn is_conflict(code: &SqlState) -> bool {
    [SqlState::T_R_DEADLOCK_DETECTED, SqlState::T_R_SERIALIZATION_FAILURE].contains(code)
}

fn condition(code: &SqlState) -> Condition {
    let known = [
        (SqlState::UNDEFINED_TABLE, Condition::NoSuchRelation),
        (SqlState::INVALID_SCHEMA_NAME, Condition::NoSuchRelation),
        (SqlState::UNDEFINED_COLUMN, Condition::NoSuchColumn),
        (SqlState::INVALID_TABLE_DEFINITION, Condition::ColumnsDiffer),
        (SqlState::UNIQUE_VIOLATION, Condition::NotUnique),
        (SqlState::DEPENDENT_OBJECTS_STILL_EXIST, Condition::StillRead),
    ];
    known.iter().find(|(of, _)| of == code).map_or(Condition::Refused, |(_, condition)| *condition)
}

/// The server's own advice, or what is to be done where it gives none.
fn remedy(told: &DbError) -> Option<String> {
    if let Some(hint) = told.hint() {
        return Some(hint.to_string());
    }
    let code = told.code();
    let advice = match code.code() {
        "42501" => "grant that to the role that `dsn` of the profile names",
        "3D000" => "create the database, or name another in `dsn`",
        "53300" => "use fewer `--jobs`: each takes a connection of its own",
        login if login.starts_with("28") => "check user and password of `dsn`, or set PGPASSWORD",
        _ => return None,
    };
    Some(advice.into())
}

fn lost(error: &Error) -> bool {
    let source = std::error::Error::source(error);
    error.is_closed() || source.is_some_and(|source| source.is::<std::io::Error>())
}

/// The error with what it comes from.
fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        let words = inner.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        source = inner.source();
    }
    text
}
