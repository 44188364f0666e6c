//! Why a command ended without doing what it was asked.

use crate::diagnostic::Diagnostic;
use crate::engine::{EngineError, ErrorKind};
use crate::project::Project;
use std::io;

#[derive(Debug)]
pub enum Failure {
    /// The project is wrong; nothing was run.
    Project(Vec<Diagnostic>),
    /// A secret would have got into an artifact; nothing was run.
    Secret(Vec<Diagnostic>),
    Engine(EngineError),
    Io(String, io::Error),
    /// Records of a run that could not be written, each with why.
    Records(Vec<(&'static str, String)>),
    /// A sentence, with how to mend it.
    Usage(String, Vec<String>),
    /// Who holds what is needed, with what can be done.
    Busy(String, Vec<String>),
    /// A panic ended a run that was under way, and said why. What had come of the run is recorded.
    Panicked,
}

impl Failure {
    /// What is wrong, problem by problem, with codes that scripts may rely on; warnings of the project are among them.
    pub fn problems(&self) -> Vec<Diagnostic> {
        let one = |code, message: String, hints: Vec<String>| Diagnostic { hints, ..Diagnostic::new(code, message) };
        match self {
            Failure::Project(problems) | Failure::Secret(problems) => problems.clone(),
            Failure::Engine(error) => {
                let code = match error.kind {
                    ErrorKind::Settings => "settings",
                    ErrorKind::Locked => "busy",
                    ErrorKind::Statement | ErrorKind::Connection | ErrorKind::Interrupted => "engine",
                };
                vec![one(code, error.message.clone(), error.hint.iter().cloned().collect())]
            }
            Failure::Io(what, error) => vec![one("io", format!("{what}: {error}"), Vec::new())],
            Failure::Records(problems) => {
                let words = |(what, problem): &(&str, String)| format!("{what} could not be written: {problem}");
                problems.iter().map(|problem| one("io", words(problem), Vec::new())).collect()
            }
            Failure::Usage(message, hints) => vec![one("usage", message.clone(), hints.clone())],
            Failure::Busy(message, hints) => vec![one("busy", message.clone(), hints.clone())],
            // The process's hook has told it.
            Failure::Panicked => Vec::new(),
        }
    }
}

impl From<Vec<Diagnostic>> for Failure {
    fn from(problems: Vec<Diagnostic>) -> Failure {
        Failure::Project(problems)
    }
}

impl From<Diagnostic> for Failure {
    fn from(problem: Diagnostic) -> Failure {
        Failure::Project(vec![problem])
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Failure {
        Failure::Engine(error)
    }
}

/// An error of the engine without the secrets that a profile's settings or a driver's words may hold.
pub fn redacted(project: &Project, error: EngineError) -> Failure {
    let redact = |text: &str| project.env.redact(text);
    Failure::Engine(EngineError { message: redact(&error.message), hint: error.hint.as_deref().map(redact), ..error })
}
