//! A Python file's text with its path: parses, and turns offsets into places.

use super::depth::too_deep;
use crate::diagnostic::{Diagnostic, Location};
use crate::syntax::depth::MOST;
use ruff_python_ast::ModModule;
use ruff_python_parser::{Parsed, parse_module};
use ruff_text_size::{Ranged, TextRange};

/// Text without byte order mark and with `\n` line ends, which is how Python itself reads it.
pub struct Source {
    pub path: String,
    pub text: String,
}

impl Source {
    pub fn new(path: &str, text: &str) -> Source {
        Source { path: path.into(), text: normalised(text) }
    }

    /// The syntax tree, or the first syntax error.
    pub fn parse(&self) -> Result<Parsed<ModModule>, Box<Diagnostic>> {
        if let Some(at) = too_deep(&self.text) {
            let problem =
                self.problem("too-deep", format!("the text nests more than {MOST} levels deep"), TextRange::empty(at));
            return Err(Box::new(problem.hint("split the expression: give parts of it names")));
        }
        parse_module(&self.text).map_err(|error| {
            let message = format!("Python can't read this file: {}", error.error);
            Box::new(self.problem("python-syntax", message, error.location))
        })
    }

    /// A problem at `range`, with the offending line.
    pub fn problem(&self, code: &'static str, message: impl Into<String>, range: TextRange) -> Diagnostic {
        let at = Location::at_offset(&self.path, &self.text, range.start().to_usize());
        Diagnostic::new(code, message).at(at).excerpt(&self.text)
    }

    /// The text of a node.
    pub fn slice(&self, node: &impl Ranged) -> &str {
        &self.text[node.range()]
    }

    /// The line a node begins on, from 1.
    pub fn line(&self, node: &impl Ranged) -> usize {
        Location::at_offset("", &self.text, node.range().start().to_usize()).line
    }
}

/// `text` without byte order mark and with `\n` line ends.
pub fn normalised(text: &str) -> String {
    text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n")
}
