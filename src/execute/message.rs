//! What passes between the scheduler and its worker threads.

use super::{HookOutcome, Outcome, TestOutcome};
use crate::engine::Interrupt;
use crate::graph::NodeId;
use crate::python::KillHandle;
use std::sync::{Arc, Mutex};

/// What a worker tells the scheduler.
pub enum Message {
    Ended {
        worker: usize,
        outcome: Outcome,
    },
    Tested {
        worker: usize,
        outcome: Box<TestOutcome>,
    },
    Hook(HookOutcome),
    /// The hooks of the run have come to their end; the first one that failed.
    Hooked(Option<HookOutcome>),
    Output(NodeId, String),
    Note(String),
    Waiting(String),
}

/// What can be ended from outside while a node is built.
#[derive(Clone, Default)]
pub struct Running {
    pub statement: Arc<Mutex<Option<Arc<dyn Interrupt>>>>,
    pub process: Arc<Mutex<Option<KillHandle>>>,
}
