//! A worker thread: a session and, once a Python model comes, a Python process of its own.
//!
//! A panic within a build is that node's failure: the thread goes on with a new workplace, and the run with the rest.

use super::message::{Message, Running};
use super::node::{Assignment, Workplace};
use super::{Execution, Outcome};
use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::PoisonError;
use std::sync::mpsc::{Sender, channel};
use std::thread::{Builder, Scope};

/// The scheduler's end of a worker thread; the thread ends when this is dropped.
pub struct Worker {
    steps: Sender<Assignment>,
    running: Running,
}

impl Worker {
    /// Starts a thread; an error where the system gives none.
    pub fn start<'scope>(
        scope: &'scope Scope<'scope, '_>,
        execution: &'scope Execution<'_>,
        slot: usize,
        messages: Sender<Message>,
    ) -> io::Result<Worker> {
        let (steps, receiver) = channel::<Assignment>();
        let running = Running::default();
        let shared = running.clone();
        let work = move || {
            let workplace = || Workplace::new(execution, shared.clone(), messages.clone());
            let mut place = workplace();
            for assignment in receiver {
                let id = assignment.step.node();
                // What the panic left half done is the workplace, which goes.
                let built = catch_unwind(AssertUnwindSafe(|| place.carry_out(assignment)));
                let outcome = built.unwrap_or_else(|panic| {
                    let outcome = Outcome::panicked(id, &said(&*panic, execution));
                    let left = std::mem::replace(&mut place, workplace());
                    drop(catch_unwind(AssertUnwindSafe(move || drop(left))));
                    outcome
                });
                if messages.send(Message::Ended { worker: slot, outcome }).is_err() {
                    break;
                }
            }
        };
        Builder::new().name(format!("worker {slot}")).spawn_scoped(scope, work)?;
        Ok(Worker { steps, running })
    }

    /// Hands a step over; false where the thread is gone.
    pub fn send(&self, assignment: Assignment) -> bool {
        self.steps.send(assignment).is_ok()
    }

    /// Ends the statement and the Python process in work, if any.
    pub fn interrupt(&self) {
        if let Some(statement) = self.running.statement.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            statement.interrupt();
        }
        if let Some(process) = self.running.process.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            process.kill();
        }
    }
}

/// What a panic says, fit to be recorded.
fn said(panic: &(dyn Any + Send), execution: &Execution<'_>) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| text.to_string());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    let text = text.unwrap_or_else(|| "a panic without words".into());
    crate::project::redact(&text, execution.secrets)
}
