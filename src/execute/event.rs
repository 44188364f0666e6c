//! What happens in a run, as it happens.

use super::{HookOutcome, Outcome, TestOutcome};
use crate::graph::NodeId;

/// One happening.
#[derive(Clone, Debug)]
pub enum Event {
    /// A worker has begun to build a node.
    Started(NodeId),
    /// A node has come to its end; each node once.
    Ended(Outcome),
    /// A test has come to its end; each of the run once.
    Tested(Box<TestOutcome>),
    /// A hook has come to its end.
    Hook(HookOutcome),
    /// A line that a Python model wrote.
    Output(NodeId, String),
    /// Something of the run as a whole: an environment being made, an answer that came from a recording.
    Note(String),
    /// What a node waits for.
    Waiting(String),
}
