//! One statement to its end: sent, asked after, ended where that is asked for.

use super::answer::{Done, Failure, Told};
use super::api::Api;
use super::error::{CANCELLED, failed};
use crate::dialect::Statement;
use crate::engine::rest::{Pace, Stop};
use crate::engine::{EngineError, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

/// Before a statement is asked after, at first and at most.
const FIRST: Duration = Duration::from_millis(100);
const MOST: Duration = Duration::from_secs(5);

/// How often it is looked whether a statement that is to end has ended.
const LOOKS: usize = 20;

/// How often a statement is sent again that others were in the way of.
const ATTEMPTS: u32 = 6;

/// What a statement gave, once it is done. The error is one of the statement, with its place in the query, or of what
/// lies between.
pub(super) fn execute(api: &Arc<Api>, statement: &Statement, stop: &Stop) -> Result<Done, EngineError> {
    for attempt in 1.. {
        match to_its_end(api, statement, stop) {
            // Nothing of it was kept.
            Err(EngineError { retry: Some(pause), .. }) if attempt < ATTEMPTS => stop.sleep(pause * attempt)?,
            done => return done,
        }
    }
    unreachable!("invariant: the last attempt gives its result")
}

fn to_its_end(api: &Arc<Api>, statement: &Statement, stop: &Stop) -> Result<Done, EngineError> {
    stop.reset();
    let mut told = api.submit(statement, stop)?;
    let mut pace = Pace::new(FIRST, MOST);
    loop {
        let handle = match told {
            Told::Done(done) => return Ok(done),
            Told::Failed(failure) => return Err(ended(&failure, statement, stop)),
            Told::Running(handle) => handle,
        };
        let waited = stop.sleep(pace.next().unwrap_or(MOST));
        told = match waited.and_then(|()| api.look(&handle, stop)) {
            Ok(told) => told,
            Err(error) => end(api, &handle, error)?,
        };
    }
}

fn ended(failure: &Failure, statement: &Statement, stop: &Stop) -> EngineError {
    match (failure.code.as_str(), stop.is_asked()) {
        (CANCELLED, true) => EngineError::new(ErrorKind::Interrupted, "interrupted"),
        (CANCELLED, false) => EngineError::new(ErrorKind::Statement, "the statement was cancelled in the account"),
        _ => failed(failure, statement),
    }
}

/// Ends a statement that nobody waits for any longer because of `error`, and gives how it ended; the error where that
/// can't be told.
fn end(api: &Arc<Api>, handle: &str, error: EngineError) -> Result<Told, EngineError> {
    // What was asked for is the end, not that this be left alone.
    let stop = Stop::default();
    if api.cancel(handle, &stop).is_err() {
        return Err(error);
    }
    for pause in Pace::new(FIRST, MOST / 10).take(LOOKS) {
        match api.look(handle, &stop) {
            Ok(Told::Running(_)) => stop.sleep(pause)?,
            // It may have been done before it could be cancelled.
            Ok(told) if error.kind == ErrorKind::Interrupted || matches!(told, Told::Done(_)) => return Ok(told),
            Ok(_) | Err(_) => break,
        }
    }
    Err(error)
}
