//! Postgres's errors, put as ours.

use crate::engine::{EngineError, ErrorKind};
use ::postgres::Error;
use ::postgres::error::{DbError, ErrorPosition, SqlState};

/// What went wrong, with the server's code where it comes from there.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub code: Option<SqlState>,
    pub error: EngineError,
}

impl Failure {
    pub fn is(&self, code: &SqlState) -> bool {
        self.code.as_ref() == Some(code)
    }

    /// Whether the server ended the transaction for the sake of another one, so that it may be tried again.
    pub fn is_conflict(&self) -> bool {
        self.is(&SqlState::T_R_DEADLOCK_DETECTED) || self.is(&SqlState::T_R_SERIALIZATION_FAILURE)
    }

    /// Of a model whose `query` begins behind `start` characters of the statement sent.
    pub fn within(error: Error, query: &str, start: usize) -> Failure {
        let told = error.as_db_error().and_then(DbError::position).and_then(|position| match position {
            ErrorPosition::Original(position) => Some(*position as usize),
            // Of a statement within a function, which the model doesn't hold.
            ErrorPosition::Internal { .. } => None,
        });
        let position = told.and_then(|position| position.checked_sub(start + 1));
        let mut failure = Failure::from(error);
        failure.error.position = position.filter(|position| *position <= query.chars().count());
        failure
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure { code: error.code().cloned(), error: error.into() }
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Failure {
        Failure { code: None, error }
    }
}

impl From<Failure> for EngineError {
    fn from(failure: Failure) -> EngineError {
        failure.error
    }
}

/// An error of a statement, or of the connection it was sent over.
impl From<Error> for EngineError {
    fn from(error: Error) -> EngineError {
        let plain = |kind, message| EngineError { kind, message, position: None, hint: None };
        match error.as_db_error() {
            Some(told) => EngineError { kind: kind(told), message: words(told), position: None, hint: remedy(told) },
            None if lost(&error) => {
                plain(ErrorKind::Connection, format!("the connection to the database was lost: {}", chain(&error)))
            }
            None => plain(ErrorKind::Statement, chain(&error)),
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
    EngineError { kind: ErrorKind::Connection, message, position: None, hint }
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
    match endings.contains(code) || code.code().starts_with("08") {
        true => ErrorKind::Connection,
        false => ErrorKind::Statement,
    }
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
