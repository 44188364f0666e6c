//! Why a node failed.

use super::{Execution, HookOutcome};
use crate::check::guard::Refusal;
use crate::engine::EngineError;
use crate::graph::NodeId;
use crate::python::PythonError;
use std::any::Any;

/// Why a node failed.
pub enum Failure {
    Engine(EngineError),
    Python(PythonError),
    /// Reading the rows of an upstream node whose text stands in its readers.
    Reading(NodeId, EngineError),
    /// The guard in front of a query.
    Refused(Refusal),
    /// A hook in front of the build.
    Hook(Box<HookOutcome>),
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

/// What a panic says, fit to be recorded.
pub fn said(panic: &(dyn Any + Send), execution: &Execution<'_>) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| text.to_string());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    let text = text.unwrap_or_else(|| "a panic without words".into());
    crate::project::redact(&text, execution.secrets)
}
