//! Template errors as people read them.

use super::mark::replace;
use crate::diagnostic::{Diagnostic, Location, did_you_mean};
use crate::project::foreign;
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
    let message = if detail.is_empty() { error.kind().to_string() } else { format!("{}: {detail}", error.kind()) };
    let problem = Diagnostic::new(code, message);
    if detail.starts_with("tried to use % operator on unsupported types string") {
        problem.hint("fill a text in with a filter or a method: `'%s' | format(x)`, `'{}'.format(x)`")
    } else {
        problem
    }
}

/// What a template may call, for names that are near to one.
const FUNCTIONS: [&str; 15] = [
    "ref",
    "source",
    "var",
    "env",
    "config",
    "engine_family",
    "is_engine",
    "normalize_engine",
    "ff_engine",
    "ff_is_engine",
    "ff_date_trunc",
    "ff_date_add",
    "ff_safe_cast",
    "ff_partition_filter",
    "ff_partition_in",
];

/// How to mend what stands at a template error's place in its file's text: what another tool's word is here, or the
/// nearest name.
pub fn hint<'a>(error: &Error, at: &Location, text: &str, macros: impl Iterator<Item = &'a str>) -> Option<String> {
    let line = text.lines().nth(at.line.checked_sub(1)?)?;
    let is_name = |character: &char| character.is_alphanumeric() || *character == '_';
    let before: Vec<char> = line.chars().take(at.column.checked_sub(1)?).collect();
    let word: String = line.chars().skip(before.len()).take_while(is_name).collect();
    // An error in what follows a dot stands at the dot.
    let word = if word.is_empty() {
        before.iter().rev().copied().take_while(is_name).collect::<Vec<_>>().iter().rev().collect()
    } else {
        word
    };
    match (error.kind(), word.as_str()) {
        (ErrorKind::TooManyArguments, "ref") => {
            return Some("`ref` takes a model, or a package and a model; models have no versions".into());
        }
        (ErrorKind::UndefinedError | ErrorKind::UnknownMethod | ErrorKind::InvalidOperation, "this") => {
            let parts = "`this` has `name`, `relation`, `materialized`, `schema` and `database`";
            return Some(format!("{parts}; a macro knows the relation alone, unless it is given `this`"));
        }
        (ErrorKind::UnknownMethod | ErrorKind::UndefinedError, "config") => {
            return Some("`config(…)` sets; what is set can't be read".into());
        }
        (ErrorKind::UnknownMethod | ErrorKind::UndefinedError, "var") => {
            return Some("a var may have a default: `var('name', …)`".into());
        }
        _ => {}
    }
    foreign::word(&word).or_else(|| match error.kind() {
        ErrorKind::UnknownFunction | ErrorKind::UndefinedError => {
            did_you_mean(&word, FUNCTIONS.into_iter().chain(macros))
        }
        _ => None,
    })
}

const CODES: [&str; 4] = ["unknown-source", "bad-config", "bad-env", "python-macro"];
