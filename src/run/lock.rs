//! One run at a time: the lock of a checkout, and the claim on a database that other machines build in too.

use super::{Failure, Tell};
use crate::engine::{Claim, EngineError, ErrorKind, Session};
use crate::project::Project;
use crate::world::{Lock, World};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long one waits before one asks again.
const PAUSE: Duration = Duration::from_millis(100);

/// How often one asks again for a database without a word, and how soon: who only looks at it is done within a moment.
const MOMENT: (u32, Duration) = (12, Duration::from_millis(50));

/// Why a command doesn't wait.
const NO_WAIT: &str = "--no-wait was given; without it fft waits";

/// What a lock's file says of its holder: `process 4711, since 2026-11-27T10:15:00Z`.
fn words(text: &str) -> String {
    match text.trim().split_once(' ') {
        Some((process, since)) => format!("process {process}, since {since}"),
        None => format!("process {}", text.trim()),
    }
}

/// The lock of a checkout. Waits for another run with a message, or fails at once.
pub fn lock(world: &dyn World, tell: &dyn Tell, path: &Path, no_wait: bool) -> Result<Box<dyn Lock>, Failure> {
    let mut told = false;
    loop {
        let taken = world.try_lock(path).map_err(|error| Failure::Io(format!("the lock {}", path.display()), error))?;
        if let Some(lock) = taken {
            return Ok(lock);
        }
        let holder = world.read(path).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let holder = holder.map_or(String::new(), |text| format!(" ({})", words(&text)));
        if no_wait {
            return Err(Failure::Busy(format!("another run holds this project{holder}"), vec![NO_WAIT.into()]));
        }
        if !told {
            tell.waiting(&format!("waiting for another run of this project{holder} …"));
            told = true;
        }
        std::thread::sleep(PAUSE);
    }
}

/// How a command comes to a database that others use.
pub struct Hold<'a> {
    tell: &'a dyn Tell,
    /// Fail at once where somebody has it.
    no_wait: bool,
    told: AtomicBool,
    given_up: AtomicBool,
}

impl Hold<'_> {
    pub fn new(tell: &dyn Tell, no_wait: bool) -> Hold<'_> {
        Hold { tell, no_wait, told: AtomicBool::new(false), given_up: AtomicBool::new(false) }
    }

    /// Ends a wait from another thread: the database is no longer wanted.
    pub fn give_up(&self) {
        self.given_up.store(true, Ordering::Relaxed);
    }

    /// Whether there was anything to wait for.
    pub fn waited(&self) -> bool {
        self.told.load(Ordering::Relaxed)
    }

    /// What opening the database gives, once no other process holds it. Waits a moment, then with a message, or fails.
    pub fn open<T>(&self, project: &Project, open: impl Fn() -> Result<T, EngineError>) -> Result<T, EngineError> {
        let (mut left, soon) = MOMENT;
        loop {
            match open() {
                Err(error) if error.kind == ErrorKind::Locked && left > 0 => {
                    left -= 1;
                    std::thread::sleep(soon);
                }
                Err(error) if error.kind == ErrorKind::Locked => {
                    let words = project.env.redact(&error.message);
                    self.wait(&format!("waiting: {words} …"), error)?;
                }
                done => return done,
            }
        }
    }

    /// The claim on the project's database, held until the session ends. Waits for another run with a message, or fails
    /// at once.
    pub fn claim(&self, session: &mut Session, project: &Project) -> Result<(), EngineError> {
        while let Claim::Taken(holder) = session.claim(&project.settings.name)? {
            let message = format!("another run of this project holds {holder}");
            let error = EngineError::new(ErrorKind::Locked, message);
            self.wait(&format!("waiting for another run of this project, which holds {holder} …"), error)?;
        }
        Ok(())
    }

    /// Waits a little, the first time with `words`, or gives `error` where nobody waits.
    fn wait(&self, words: &str, error: EngineError) -> Result<(), EngineError> {
        if self.no_wait {
            return Err(EngineError { hint: Some(NO_WAIT.into()), ..error });
        }
        if self.given_up.load(Ordering::Relaxed) {
            return Err(error);
        }
        if !self.told.swap(true, Ordering::Relaxed) {
            self.tell.waiting(words);
        }
        std::thread::sleep(PAUSE);
        Ok(())
    }
}
