//! A worker thread: a session and, once a Python model comes, a Python process of its own.
//!
//! A panic within a build is that node's failure: the thread goes on with a new workplace, and the run with the rest.

use super::ask::TestTask;
use super::failure::said;
use super::hook::Subject;
use super::message::{Message, Running};
use super::node::{Assignment, Workplace};
use super::{Execution, HookOutcome, Outcome, RunEnd, TestOutcome};
use crate::project::HookTime;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::PoisonError;
use std::sync::mpsc::{Sender, channel};
use std::thread::{Builder, Scope};

/// What the scheduler asks of a worker.
pub enum Task {
    Step(Assignment),
    Test(Box<TestTask>),
    /// The hooks of the run at this time, with what it has come to at its end.
    Hooks(HookTime, Option<RunEnd>),
}

/// The scheduler's end of a worker thread; the thread ends when this is dropped.
pub struct Worker {
    tasks: Sender<Task>,
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
        let (tasks, receiver) = channel::<Task>();
        let running = Running::default();
        let shared = running.clone();
        let work = move || {
            let workplace = || Workplace::new(execution, shared.clone(), messages.clone());
            let mut place = workplace();
            for task in receiver {
                let message = match task {
                    Task::Test(task) => {
                        let (test, decision) = (task.test, task.decision.clone());
                        let ran = catch_unwind(AssertUnwindSafe(|| place.test(*task)));
                        let outcome = ran.unwrap_or_else(|panic| {
                            place.end_session();
                            TestOutcome::panicked(test, decision, &said(&*panic, execution))
                        });
                        Message::Tested { worker: slot, outcome: Box::new(outcome) }
                    }
                    Task::Hooks(when, end) => {
                        let began = execution.world.now();
                        let ran = catch_unwind(AssertUnwindSafe(|| place.hooks_at(when, Subject::Run(end.as_ref()))));
                        Message::Hooked(ran.unwrap_or_else(|panic| {
                            place.end_session();
                            Some(HookOutcome::panicked(when, began, &said(&*panic, execution)))
                        }))
                    }
                    Task::Step(assignment) => {
                        let id = assignment.step.node();
                        // What the panic left half done is the workplace, which goes.
                        let built = catch_unwind(AssertUnwindSafe(|| place.carry_out(assignment)));
                        let outcome = built.unwrap_or_else(|panic| {
                            let outcome = Outcome::panicked(id, &said(&*panic, execution));
                            let left = std::mem::replace(&mut place, workplace());
                            drop(catch_unwind(AssertUnwindSafe(move || drop(left))));
                            outcome
                        });
                        Message::Ended { worker: slot, outcome }
                    }
                };
                if messages.send(message).is_err() {
                    break;
                }
            }
        };
        Builder::new().name(format!("worker {slot}")).spawn_scoped(scope, work)?;
        Ok(Worker { tasks, running })
    }

    /// Hands a task over; false where the thread is gone.
    pub fn send(&self, task: Task) -> bool {
        self.tasks.send(task).is_ok()
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
