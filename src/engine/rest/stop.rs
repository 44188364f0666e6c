//! The end of what a connection does, asked for by another thread.

use crate::engine::{EngineError, ErrorKind, Interrupt};
use crate::http::Cancel;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Whether what a connection does is to end; all clones see it.
#[derive(Clone, Debug, Default)]
pub struct Stop(Cancel);

impl Stop {
    /// One that is asked for by itself once that time is over.
    pub fn after(time: Duration) -> Stop {
        let stop = Stop::default();
        let late = stop.clone();
        // Without such a thread it is waited for as long as it takes.
        drop(std::thread::Builder::new().name("deadline".into()).spawn(move || {
            std::thread::sleep(time);
            late.interrupt();
        }));
        stop
    }

    /// What begins now isn't meant by what was asked before.
    pub fn reset(&self) {
        self.0.0.store(false, Ordering::SeqCst);
    }

    pub fn is_asked(&self) -> bool {
        self.0.0.load(Ordering::SeqCst)
    }

    /// Waits for `pause`; the error is that of an interrupt, which ends it.
    pub fn sleep(&self, pause: Duration) -> Result<(), EngineError> {
        self.0.sleep(pause).map_err(|_| interrupted())
    }
}

impl Interrupt for Stop {
    // The thread that waits for the statement is never away for long, and has it ended.
    fn interrupt(&self) {
        self.0.0.store(true, Ordering::SeqCst);
    }
}

/// The error of what was ended.
pub fn interrupted() -> EngineError {
    EngineError::new(ErrorKind::Interrupted, "interrupted")
}
