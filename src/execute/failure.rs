//! Why a node failed.

use crate::check::guard::Refusal;
use crate::engine::EngineError;
use crate::graph::NodeId;
use crate::python::PythonError;

/// Why a node failed.
pub enum Failure {
    Engine(EngineError),
    Python(PythonError),
    /// Reading the rows of an upstream node whose text stands in its readers.
    Reading(NodeId, EngineError),
    /// The guard in front of a query.
    Refused(Refusal),
    /// A sentence of our own.
    Other(String),
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Failure {
        Failure::Engine(error)
    }
}

impl From<PythonError> for Failure {
    fn from(error: PythonError) -> Failure {
        Failure::Python(error)
    }
}
