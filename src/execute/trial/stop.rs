//! The end of trials, asked for from another thread.

use crate::engine::Interrupt;
use crate::python::KillHandle;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What runs, and whether it is to end.
#[derive(Default)]
pub struct Stop {
    asked: Arc<AtomicBool>,
    statement: Mutex<Option<Arc<dyn Interrupt>>>,
    process: Mutex<Option<KillHandle>>,
}

impl Stop {
    /// Ends what runs; nothing more is to be begun.
    pub fn stop(&self) {
        self.asked.store(true, Ordering::Relaxed);
        if let Some(statement) = &*self.statement.lock().unwrap_or_else(PoisonError::into_inner) {
            statement.interrupt();
        }
        if let Some(process) = &*self.process.lock().unwrap_or_else(PoisonError::into_inner) {
            process.kill();
        }
    }

    pub fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// The same for who looks now and then.
    pub fn asked(&self) -> Arc<AtomicBool> {
        self.asked.clone()
    }

    /// From now on, this ends the running statement.
    pub fn statement(&self, interrupt: Arc<dyn Interrupt>) {
        *self.statement.lock().unwrap_or_else(PoisonError::into_inner) = Some(interrupt);
    }

    /// From now on, this ends the Python that runs.
    pub fn process(&self, handle: KillHandle) {
        *self.process.lock().unwrap_or_else(PoisonError::into_inner) = Some(handle);
    }
}
