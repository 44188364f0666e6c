//! A SQL model's text is one query: not none, not two, and nothing in it is left open.

use super::{Node, SqlBody};
use crate::diagnostic::{Diagnostic, Location};
use crate::render::Origin;
use crate::syntax::sql::{Lexicon, outline};

/// What is wrong with a text that a model's template gave, which comes from there by `origin`.
pub fn problem(node: &Node, body: &SqlBody, text: &str, origin: &Origin, lexicon: Lexicon) -> Option<Diagnostic> {
    let found = outline(text, lexicon);
    let (code, message, offset, hint) = match (found.open, found.second, found.first) {
        (Some(open), ..) => {
            let what = if text[open..].starts_with("/*") { "comment" } else { "quote" };
            let message = format!("`{}` opens a {what} that nothing closes", node.name);
            ("unclosed-text", message, Some(open), "close it")
        }
        (None, Some(second), _) => {
            let message = format!("`{}` holds more than one statement", node.name);
            ("several-statements", message, Some(second), "a model is one query: make a model of each")
        }
        (None, None, None) => {
            let message = format!("`{}` renders to no query", node.name);
            ("empty-model", message, None, "write a `select`, or take the file away")
        }
        (None, None, Some(_)) => return None,
    };
    let source = offset.and_then(|offset| origin.source(offset, &node.path, &body.template));
    let problem = Diagnostic::new(code, message).hint(hint);
    Some(match source {
        Some(source) => problem.at(source.at).excerpt(&body.template),
        None => problem.at(Location::file(&node.path)),
    })
}
