//! What can go wrong with Python, as people read it.

use crate::diagnostic::Location;
use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// No interpreter, or one that doesn't start.
    Interpreter,
    /// The model imports a package that the interpreter doesn't have.
    MissingPackage,
    /// The model raised an error, or gave or wanted something it can't.
    Model,
    /// The worker process ended while the model ran.
    Crashed,
    Timeout,
    Cancelled,
}

/// A failure that belongs to one model, or to the interpreter that all of them need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PythonError {
    pub kind: ErrorKind,
    /// One line.
    pub message: String,
    /// Only the frames of the project's own files, the error's own lines at the end.
    pub traceback: Option<String>,
    /// The last place in the project's own files.
    pub at: Option<Location>,
    pub hint: Option<String>,
}

impl PythonError {
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> PythonError {
        PythonError { kind, message: message.into(), traceback: None, at: None, hint: None }
    }

    pub fn hint(mut self, hint: impl Into<String>) -> PythonError {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for PythonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(at) = &self.at {
            write!(f, "\n  --> {at}")?;
        }
        match &self.hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for PythonError {}
