//! One statement to its end: sent, asked after, ended where that is asked for.

use super::answer::{Done, Failure, Told};
use super::api::Api;
use super::error::{CANCELLED, failed};
use crate::dialect::Statement;
use crate::engine::rest::{Fares, Served, Stop, to_its_end};
use crate::engine::{EngineError, ErrorKind};
use std::sync::Arc;

/// How often a statement is sent again that others were in the way of.
const ATTEMPTS: u32 = 6;

/// What a statement gave, once it is done. The error is one of the statement, with its place in the query, or of what
/// lies between.
pub(super) fn execute(api: &Arc<Api>, statement: &Statement, stop: &Stop) -> Result<Done, EngineError> {
    for attempt in 1.. {
        match once(api, statement, stop) {
            // Nothing of it was kept.
            Err(EngineError { retry: Some(pause), .. }) if attempt < ATTEMPTS => stop.sleep(pause * attempt)?,
            done => return done,
        }
    }
    unreachable!("invariant: the last attempt gives its result")
}

fn once(api: &Arc<Api>, statement: &Statement, stop: &Stop) -> Result<Done, EngineError> {
    stop.reset();
    let ended = match api.submit(statement, stop)? {
        Told::Running(handle) => to_its_end(&mut Sent { api, handle }, Fares::UnderWay, stop)?,
        Told::Done(done) => Ok(done),
        Told::Failed(failure) => Err(failure),
    };
    ended.map_err(|failure| refused(&failure, statement, stop))
}

fn refused(failure: &Failure, statement: &Statement, stop: &Stop) -> EngineError {
    match (failure.code.as_str(), stop.is_asked()) {
        (CANCELLED, true) => EngineError::new(ErrorKind::Interrupted, "interrupted"),
        (CANCELLED, false) => EngineError::new(ErrorKind::Statement, "the statement was cancelled in the account"),
        _ => failed(failure, statement),
    }
}

/// A statement that is under way.
struct Sent<'a> {
    api: &'a Api,
    handle: String,
}

impl Served for Sent<'_> {
    type End = Result<Done, Failure>;

    fn words(&self) -> String {
        format!("the statement {}", self.handle)
    }

    fn look(&mut self, stop: &Stop) -> Result<Fares<Self::End>, EngineError> {
        Ok(match self.api.look(&self.handle, stop)? {
            Told::Running(_) => Fares::UnderWay,
            Told::Done(done) => Fares::Ended(Ok(done)),
            Told::Failed(failure) => Fares::Ended(Err(failure)),
        })
    }

    fn cancel(&self, stop: &Stop) -> Result<(), EngineError> {
        self.api.cancel(&self.handle, stop)
    }

    fn is_done(end: &Self::End) -> bool {
        end.is_ok()
    }
}
