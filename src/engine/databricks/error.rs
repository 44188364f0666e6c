//! What the workspace says when it doesn't do what it is asked, put as ours.

use crate::engine::rest::Answer;
use crate::engine::{EngineError, ErrorKind};
use serde::Deserialize;

/// The error of a request that wasn't answered with what was asked for.
pub(super) fn refused(answer: &Answer) -> EngineError {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Body {
        message: String,
    }
    let body: Body = serde_json::from_slice(&answer.body).unwrap_or_default();
    let words = body.message.split(" [ReqId").next().unwrap_or_default().trim_end_matches('.').trim();
    let words = if words.is_empty() { String::new() } else { format!(": {words}") };
    let (kind, what, hint) = match answer.status {
        401 => (
            ErrorKind::Settings,
            "doesn't know who asks",
            "check `token`, or `client_id` and `client_secret`, of the profile",
        ),
        403 => (ErrorKind::Settings, "doesn't allow that", "check the token of the profile, and what its owner may do"),
        404 => (ErrorKind::Settings, "has no such thing", "check `host` and `warehouse_id` of the profile"),
        400 => (ErrorKind::Settings, "refuses what it was asked", "check `warehouse_id` and `catalog` of the profile"),
        429 => (ErrorKind::Connection, "has too much to do", "use fewer `--jobs`, or a larger warehouse"),
        _ => (ErrorKind::Connection, "failed", "try again later"),
    };
    let message = format!("the workspace {what} (HTTP {}){words}", answer.status);
    EngineError::new(kind, message).hint(hint)
}

/// No access token was issued.
pub(super) fn no_token(status: u16) -> EngineError {
    let message = format!("the workspace gives no access token (HTTP {status})");
    match status {
        400..=499 => {
            EngineError::new(ErrorKind::Settings, message).hint("check `client_id` and `client_secret` of the profile")
        }
        _ => EngineError::new(ErrorKind::Connection, message).hint("try again later"),
    }
}

/// An answer that isn't what the workspace's interface has.
pub(super) fn unreadable(what: impl std::fmt::Display) -> EngineError {
    EngineError::new(ErrorKind::Connection, format!("the workspace's answer can't be read: {what}"))
}
