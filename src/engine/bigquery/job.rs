//! One job to its end: begun under a name of its own, waited for, ended where that is asked for.
//!
//! A job that is sent twice is one job by its name, whatever became of the first request; one that failed for the
//! service's own sake did nothing, and is begun anew under another name.

use super::api::{Api, Failure, Job, is_interrupt};
use crate::dialect::Statement;
use crate::engine::rest::{Pace, Stop};
use crate::engine::{EngineError, ErrorKind};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// Between two looks at a job, at first and at most.
const FIRST: Duration = Duration::from_millis(100);
const MOST: Duration = Duration::from_secs(5);
/// How often it is looked whether a job that is to end has ended.
const LOOKS: usize = 20;
/// How often a job is begun anew that the service couldn't finish.
const ATTEMPTS: u32 = 5;

/// What a job is to do.
pub struct Asked<'a> {
    pub configuration: Value,
    /// The file that it loads.
    pub file: Option<&'a [u8]>,
    /// What it runs, for the places of errors.
    pub statement: Option<&'a Statement>,
}

/// A job that is done.
pub struct Done {
    pub id: String,
    pub job: Job,
}

pub fn run(api: &Arc<Api>, asked: &Asked<'_>, stop: &Stop) -> Result<Done, EngineError> {
    for attempt in 1.. {
        match to_its_end(api, asked, stop) {
            // Nothing of it was kept.
            Err(EngineError { retry: Some(pause), .. }) if attempt < ATTEMPTS => stop.sleep(pause * attempt)?,
            done => return done,
        }
    }
    unreachable!("invariant: the last attempt gives its result")
}

fn to_its_end(api: &Arc<Api>, asked: &Asked<'_>, stop: &Stop) -> Result<Done, EngineError> {
    stop.reset();
    let id = name();
    let begun = match asked.file {
        Some(file) => api.upload(&id, &asked.configuration, file, stop),
        None => api.insert(&id, &asked.configuration, stop),
    };
    let mut pace = Pace::new(FIRST, MOST);
    let mut looked = begun;
    let job = loop {
        match looked {
            Ok(job) if job.is_done() => break job,
            Ok(_) => looked = wait(api, &id, asked, &mut pace, stop),
            Err(failure) if is_interrupt(&failure) => break end(api, &id, failure.into())?,
            Err(Failure::Refused(refusal)) => return Err(refusal.told(asked.statement)),
            Err(Failure::Lost(error)) => return Err(error),
        }
    };
    match job.refusal() {
        None => Ok(Done { id, job }),
        Some(refusal) => {
            let error = refusal.told(asked.statement);
            let by_others = error.kind == ErrorKind::Interrupted && !stop.is_asked();
            let kind = if by_others { ErrorKind::Statement } else { error.kind };
            Err(EngineError { kind, ..error })
        }
    }
}

/// Waits for a moment, and looks again.
fn wait(api: &Arc<Api>, id: &str, asked: &Asked<'_>, pace: &mut Pace, stop: &Stop) -> Result<Job, Failure> {
    if asked.statement.is_some() {
        match api.wait(id, stop) {
            Err(failure) if is_interrupt(&failure) => return Err(failure),
            Ok(page) if page.job_complete => return api.job(id, stop),
            // The job itself says how it failed.
            Ok(_) | Err(_) => {}
        }
    }
    stop.sleep(pace.next().unwrap_or(MOST))?;
    api.job(id, stop)
}

/// Ends a job that nobody waits for any longer because of `error`, and gives how it ended; the error where that can't be
/// told.
fn end(api: &Arc<Api>, id: &str, error: EngineError) -> Result<Job, EngineError> {
    // What was asked for is the end, not that this be left alone.
    let stop = Stop::default();
    if api.cancel(id, &stop).is_err() {
        return Err(error);
    }
    for pause in Pace::new(FIRST, MOST / 10).take(LOOKS) {
        match api.job(id, &stop) {
            Ok(job) if job.is_done() => return Ok(job),
            Ok(_) => stop.sleep(pause)?,
            Err(_) => break,
        }
    }
    Err(error)
}

/// What no other job is called.
pub fn name() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("invariant: the operating system gives random bytes");
    bytes.iter().fold("fft_".into(), |name, byte| format!("{name}{byte:02x}"))
}
