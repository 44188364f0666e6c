//! Template errors as people read them.

use super::mark::replace;
use crate::diagnostic::Diagnostic;
use minijinja::{Error, ErrorKind};

/// Codes travel in an error's text behind this, since a template error has no field for them.
const CODE: char = '\u{1f}';

/// An error that carries a code and a hint.
pub fn failure(code: &str, message: &str, hint: &str) -> Error {
    failure_of(ErrorKind::InvalidOperation, code, message, hint)
}

/// The same for an error that the template engine acts upon.
pub fn failure_of(kind: ErrorKind, code: &str, message: &str, hint: &str) -> Error {
    Error::new(kind, format!("{code}{CODE}{message}{CODE}{hint}"))
}

/// A template error as people read it, still without a place.
pub fn diagnostic(error: &Error) -> Diagnostic {
    // What a message tells of a relation or a secret is its name.
    let detail = replace(error.detail().unwrap_or_default(), |mark| mark.logical());
    let mut parts = detail.splitn(3, CODE);
    if matches!(error.kind(), ErrorKind::OutOfFuel) {
        return Diagnostic::new("template-limit", "the template does more than a template may")
            .hint("it loops too often, or makes a text too large: take the work to SQL, or split the model");
    }
    if let (Some(code), Some(message), Some(hint)) = (parts.next(), parts.next(), parts.next()) {
        let code = CODES.iter().find(|known| **known == code).copied().unwrap_or("template");
        let problem = Diagnostic::new(code, message);
        return if hint.is_empty() { problem } else { problem.hint(hint) };
    }
    let code = if matches!(error.kind(), ErrorKind::SyntaxError) { "template-syntax" } else { "template" };
    let message = match detail.is_empty() {
        true => error.kind().to_string(),
        false => format!("{}: {detail}", error.kind()),
    };
    let problem = Diagnostic::new(code, message);
    match detail.starts_with("tried to use % operator on unsupported types string") {
        true => problem.hint("fill a text in with a filter or a method: `'%s' | format(x)`, `'{}'.format(x)`"),
        false => problem,
    }
}

const CODES: [&str; 4] = ["unknown-source", "unknown-var", "unknown-env", "bad-config"];
