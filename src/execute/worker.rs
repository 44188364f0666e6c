//! A worker thread: a session and, once a Python model comes, a Python process of its own.

use super::Execution;
use super::message::{Message, Running};
use super::node::{Task, Workplace};
use std::sync::mpsc::{Sender, channel};
use std::thread::Scope;

/// The scheduler's end of a worker thread; the thread ends when this is dropped.
pub struct Worker {
    tasks: Sender<Task>,
    running: Running,
}

impl Worker {
    pub fn start<'scope>(
        scope: &'scope Scope<'scope, '_>,
        execution: &'scope Execution<'_>,
        slot: usize,
        messages: Sender<Message>,
    ) -> Worker {
        let (tasks, receiver) = channel::<Task>();
        let running = Running::default();
        let shared = running.clone();
        scope.spawn(move || {
            let mut workplace = Workplace::new(execution, shared, messages.clone());
            for task in receiver {
                let outcome = workplace.carry_out(task);
                if messages.send(Message::Ended { worker: slot, outcome }).is_err() {
                    break;
                }
            }
        });
        Worker { tasks, running }
    }

    pub fn send(&self, task: Task) {
        self.tasks.send(task).expect("invariant: a worker lives as long as its sender");
    }

    /// Ends the statement and the Python process in work, if any.
    pub fn interrupt(&self) {
        if let Some(statement) = self.running.statement.lock().expect("invariant: no panic under this lock").as_ref() {
            statement.interrupt();
        }
        if let Some(process) = self.running.process.lock().expect("invariant: no panic under this lock").as_ref() {
            process.kill();
        }
    }
}
