//! One job to its end: begun under a name of its own, waited for, ended where that is asked for.
//!
//! A job that is sent twice is one job by its name, whatever became of the first request; one that failed for the
//! service's own sake did nothing, and is begun anew under another name.

use super::answer::Job;
use super::api::{Api, Failure, Name, is_interrupt};
use crate::dialect::Statement;
use crate::engine::rest::{Fares, Served, Stop, end, to_its_end};
use crate::engine::{EngineError, ErrorKind};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// Before a job is looked at that the service didn't say the end of.
const PAUSE: Duration = Duration::from_millis(100);
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
    pub name: Name,
    pub job: Job,
}

pub fn run(api: &Arc<Api>, asked: &Asked<'_>, stop: &Stop) -> Result<Done, EngineError> {
    for attempt in 1.. {
        match once(api, asked, stop) {
            // Nothing of it was kept.
            Err(EngineError { retry: Some(pause), .. }) if attempt < ATTEMPTS => stop.sleep(pause * attempt)?,
            done => return done,
        }
    }
    unreachable!("invariant: the last attempt gives its result")
}

fn once(api: &Arc<Api>, asked: &Asked<'_>, stop: &Stop) -> Result<Done, EngineError> {
    stop.reset();
    let told = |refusal: super::error::Refusal| refusal.told(asked.statement);
    let mut begun = Begun { api, name: Name { id: name(), location: api.location(stop)? }, asked };
    let inserted = match asked.file {
        Some(file) => api.upload(&begun.name, &asked.configuration, file, stop),
        None => api.insert(&begun.name, &asked.configuration, stop),
    };
    let job = match inserted {
        Ok(job) => {
            begun.name.location = job.location().or(begun.name.location);
            to_its_end(&mut begun, fares(job), stop)?
        }
        Err(failure) if is_interrupt(&failure) => end(&mut begun, failure.into())?,
        Err(Failure::Refused(refusal)) => return Err(told(refusal)),
        Err(Failure::Lost(error)) => return Err(error),
    };
    match job.refusal() {
        None => Ok(Done { name: begun.name, job }),
        Some(refusal) => {
            let error = told(refusal);
            let by_others = error.kind == ErrorKind::Interrupted && !stop.is_asked();
            let kind = if by_others { ErrorKind::Statement } else { error.kind };
            Err(EngineError { kind, ..error })
        }
    }
}

fn fares(job: Job) -> Fares<Job> {
    if job.is_done() { Fares::Ended(job) } else { Fares::UnderWay }
}

/// A job that was begun, or may have been.
struct Begun<'a> {
    api: &'a Api,
    name: Name,
    asked: &'a Asked<'a>,
}

impl Served for Begun<'_> {
    type End = Job;

    fn words(&self) -> String {
        format!("the job {}", self.name.id)
    }

    fn waits(&self) -> bool {
        self.asked.statement.is_some()
    }

    fn look(&mut self, stop: &Stop) -> Result<Fares<Job>, EngineError> {
        if self.waits() {
            match self.api.wait(&self.name, stop) {
                Err(failure) if is_interrupt(&failure) => return Err(failure.into()),
                Ok(page) if page.job_complete => {}
                // The job itself says how it failed.
                Ok(_) | Err(_) => stop.sleep(PAUSE)?,
            }
        }
        match self.api.job(&self.name, stop) {
            Err(Failure::Refused(refusal)) => Err(refusal.told(self.asked.statement)),
            told => Ok(fares(told?)),
        }
    }

    fn cancel(&self, stop: &Stop) -> Result<(), EngineError> {
        Ok(self.api.cancel(&self.name, stop)?)
    }

    fn is_done(job: &Job) -> bool {
        job.refusal().is_none()
    }
}

/// What no other job is called.
pub fn name() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("invariant: the operating system gives random bytes");
    bytes.iter().fold("fft_".into(), |name, byte| format!("{name}{byte:02x}"))
}
