//! A SQL model's text is one query: not none, not two, and nothing in it is left open.

use super::Node;
use crate::diagnostic::{Diagnostic, Location};
use crate::render::Source;
use crate::syntax::sql::{Lexicon, outline};

/// What is wrong with a text of a model; `source` says where its bytes come from, and `template` is the text of that file.
pub fn problem(
    node: &Node,
    text: &str,
    source: &dyn Fn(usize) -> Option<Source>,
    template: Option<&str>,
    lexicon: Lexicon,
) -> Option<Diagnostic> {
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
    let problem = Diagnostic::new(code, message).hint(hint);
    let Some(found) = offset.and_then(source) else { return Some(problem.at(Location::file(&node.path))) };
    let problem = problem.at(found.at);
    Some(template.map_or(problem.clone(), |template| problem.excerpt(template)))
}
