//! A worker thread: a session and, once a Python model comes, a Python process of its own.

use super::node::Workplace;
use super::{Execution, Outcome};
use crate::engine::Interrupt;
use crate::graph::NodeId;
use crate::python::KillHandle;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::Scope;

/// What a worker tells the scheduler.
pub enum Message {
    Ended { worker: usize, outcome: Outcome },
    Output(NodeId, String),
    Note(String),
}

/// What can be ended from outside while a node is built.
#[derive(Clone, Default)]
pub struct Running {
    pub statement: Arc<Mutex<Option<Arc<dyn Interrupt>>>>,
    pub process: Arc<Mutex<Option<KillHandle>>>,
}

/// The scheduler's end of a worker thread; the thread ends when this is dropped.
pub struct Worker {
    tasks: Sender<NodeId>,
    running: Running,
}

impl Worker {
    pub fn start<'scope>(
        scope: &'scope Scope<'scope, '_>,
        execution: &'scope Execution<'_>,
        slot: usize,
        messages: Sender<Message>,
    ) -> Worker {
        let (tasks, receiver) = channel::<NodeId>();
        let running = Running::default();
        let shared = running.clone();
        scope.spawn(move || {
            let mut workplace = Workplace::new(execution, shared, messages.clone());
            for id in receiver {
                let outcome = workplace.build(id);
                if messages.send(Message::Ended { worker: slot, outcome }).is_err() {
                    break;
                }
            }
        });
        Worker { tasks, running }
    }

    pub fn send(&self, id: NodeId) {
        self.tasks.send(id).expect("invariant: a worker lives as long as its sender");
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
