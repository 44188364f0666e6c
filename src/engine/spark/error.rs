//! The server's failures in fft's words.

use crate::dialect::Statement;
use crate::engine::spark_sql::told;
use crate::engine::{EngineError, ErrorKind};
use spark_connect_core::SparkError;

/// Codes of gRPC: no answer in time, not allowed, no connection, no or wrong credentials.
const DEADLINE: i32 = 4;
const FORBIDDEN: i32 = 7;
const UNAVAILABLE: i32 = 14;
const UNAUTHENTICATED: i32 = 16;

/// What Spark says of a session or a statement that it doesn't know any more: it was started anew, or has forgotten it.
const FORGOTTEN: [&str; 3] = ["[INVALID_HANDLE", "[SESSION_CHANGED", "[INVALID_CURSOR"];

/// What it says of a session before it does anything that it is asked for. That a session isn't found is also the answer to
/// who comes back for a statement that was under way when the server ended.
const OF_THE_SESSION: [&str; 2] = ["[INVALID_HANDLE.SESSION_CHANGED", "[INVALID_HANDLE.SESSION_CLOSED"];

/// Why a call came to nothing.
pub enum Failure {
    Server(Box<SparkError>),
    /// Of who takes what it gives.
    Own(EngineError),
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Failure {
        Failure::Own(error)
    }
}

impl From<SparkError> for Failure {
    fn from(error: SparkError) -> Failure {
        Failure::Server(Box::new(error))
    }
}

impl Failure {
    /// Whether the server doesn't know the session any more.
    pub fn is_of_the_session(&self) -> bool {
        let Failure::Server(error) = self else { return false };
        OF_THE_SESSION.iter().any(|known| words(error).starts_with(known))
    }

    /// As that of a statement, part of which may be a model's.
    pub fn of(self, statement: &Statement) -> EngineError {
        let error = match self {
            Failure::Server(error) => error,
            Failure::Own(error) => return error,
        };
        let words = words(&error);
        let plain = |kind| EngineError::new(kind, words.lines().next().unwrap_or_default());
        match error.grpc_code() {
            Some(FORBIDDEN | UNAUTHENTICATED) => plain(ErrorKind::Settings).hint("look at the token in `master`"),
            Some(UNAVAILABLE | DEADLINE) => plain(ErrorKind::Connection),
            _ if FORGOTTEN.iter().any(|known| words.starts_with(known)) => plain(ErrorKind::Connection),
            _ => told(&words, error.sql_state.as_deref(), statement),
        }
    }

    /// As that of a call without a model's text.
    pub fn of_ours(self) -> EngineError {
        self.of(&Statement::default())
    }
}

fn words(error: &SparkError) -> String {
    if error.message.is_empty() { error.message() } else { error.message.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_session_is_no_fault_of_the_statement() {
        for (message, kind) in [
            ("[INVALID_HANDLE.SESSION_NOT_FOUND] The handle is invalid. SQLSTATE: HY000", ErrorKind::Connection),
            ("[OPERATION_CANCELED] Operation has been canceled. SQLSTATE: HY008", ErrorKind::Interrupted),
            ("[Odd words] of a server", ErrorKind::Statement),
        ] {
            let error = Failure::from(SparkError::connect_msg(message)).of_ours();
            assert_eq!((error.kind, error.retry), (kind, None));
            assert_eq!(error.condition.is_some(), kind == ErrorKind::Statement);
        }
    }
}
