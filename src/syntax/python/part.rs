//! The parts of a Python text that a change can be told by: its top-level functions, classes, constants and imports.
//!
//! Takes a text (a model's slice, or a module), gives its [`Part`]s in order. A name that an import binds is a part of
//! its own, so that one more name in a list of imports is one more part.

use super::import::{Import, Names};
use super::semantic_digest;
use super::source::Source;
use crate::digest::Digest;
use crate::syntax::depth::on_large_stack;
use ruff_python_ast::{Alias, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};

/// Letters of a statement without a name of its own that stand for its name.
const HEAD: usize = 40;

/// What a part is to its reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PartKind {
    Function,
    Class,
    /// A name assigned at the top level.
    Constant,
    Import,
    /// Anything else, named by its first line.
    Statement,
}

/// One part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub kind: PartKind,
    pub name: String,
    /// Line in the text given, from 1: of a function that of its `def`.
    pub line: usize,
    pub text: String,
    /// Of its tokens without comments and layout.
    pub semantic: Option<Digest>,
}

/// The parts of `text` in their order; none where the syntax is wrong.
pub fn parts(text: &str) -> Vec<Part> {
    let source = Source::new("", text);
    on_large_stack(|| match source.parse() {
        Ok(module) => module.suite().iter().flat_map(|statement| of_statement(&source, statement)).collect(),
        Err(_) => Vec::new(),
    })
}

fn of_statement(source: &Source, statement: &Stmt) -> Vec<Part> {
    let one = |kind, name: &str, place: TextRange| vec![part(source, kind, name, &place, text(source, statement))];
    match statement {
        Stmt::Import(import) => import.names.iter().flat_map(|name| imported(source, statement, name)).collect(),
        Stmt::ImportFrom(import) => import.names.iter().flat_map(|name| imported(source, statement, name)).collect(),
        Stmt::FunctionDef(function) => one(PartKind::Function, &function.name, function.name.range()),
        Stmt::ClassDef(class) => one(PartKind::Class, &class.name, class.name.range()),
        Stmt::Assign(assign) if assign.targets.iter().all(Expr::is_name_expr) => {
            let names: Vec<&str> = assign.targets.iter().map(|target| source.slice(target)).collect();
            one(PartKind::Constant, &names.join(", "), statement.range())
        }
        Stmt::AnnAssign(assign) if assign.target.is_name_expr() => {
            one(PartKind::Constant, source.slice(&*assign.target), statement.range())
        }
        // Text that does nothing has no name worth telling; the diff shows it.
        Stmt::Expr(expression) if expression.value.is_literal_expr() => {
            one(PartKind::Statement, "text", statement.range())
        }
        other => one(PartKind::Statement, &head(source.slice(other)), other.range()),
    }
}

/// The part that one name of an import statement is, written as a statement of its own.
fn imported(source: &Source, statement: &Stmt, alias: &Alias) -> Option<Part> {
    let import = Import::of(statement).into_iter().next()?;
    let bound = alias.asname.as_ref().unwrap_or(&alias.name).to_string();
    let (name, text) = match (&import.names, statement) {
        (_, Stmt::Import(_)) => (bound, format!("import {}\n", source.slice(alias))),
        (names, _) => {
            let from = format!("{}{}", ".".repeat(import.level as usize), import.module);
            let name = if *names == Names::Star { format!("{from}.*") } else { bound };
            (name, format!("from {from} import {}\n", source.slice(alias)))
        }
    };
    Some(part(source, PartKind::Import, &name, alias, text))
}

fn part(source: &Source, kind: PartKind, name: &str, place: &impl Ranged, text: String) -> Part {
    Part { kind, name: name.into(), line: source.line(place), semantic: semantic_digest(&text), text }
}

/// The statement with a comment on its last line.
fn text(source: &Source, statement: &Stmt) -> String {
    let rest = source.text[statement.end().to_usize()..].split('\n').next().unwrap_or_default();
    let comment = if rest.trim_start().starts_with('#') { rest.trim_end() } else { "" };
    format!("{}{comment}\n", source.slice(statement))
}

fn head(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default().trim_end();
    match line.char_indices().nth(HEAD) {
        Some((end, _)) => format!("{} …", line[..end].trim_end()),
        None => line.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_statement_is_a_part_with_its_line() {
        let text = "import os.path\nfrom m import (\n    a,\n    b as c,\n)\nfrom . import *\n\n@cached\ndef f():\n    \
            X = 1\n    return X\n\nclass C: pass\nLIMIT: int = 5  # rows\nA = B = 1\nif LIMIT > 3:\n    f()\n'text'\nfor a_long_name in the_other_long_name(of_many): pass\n";
        let found: Vec<_> = parts(text).into_iter().map(|part| (part.kind, part.name, part.line)).collect();
        let expected = [
            (PartKind::Import, "os.path", 1),
            (PartKind::Import, "a", 3),
            (PartKind::Import, "c", 4),
            (PartKind::Import, "..*", 6),
            (PartKind::Function, "f", 9),
            (PartKind::Class, "C", 13),
            (PartKind::Constant, "LIMIT", 14),
            (PartKind::Constant, "A, B", 15),
            (PartKind::Statement, "if LIMIT > 3:", 16),
            (PartKind::Statement, "text", 18),
            (PartKind::Statement, "for a_long_name in the_other_long_name(o …", 19),
        ];
        assert_eq!(found, expected.map(|(kind, name, line)| (kind, name.to_string(), line)));
    }

    #[test]
    fn comments_are_text_but_no_meaning() {
        let (old, new) = (parts("X = 1  # one\n"), parts("X = 1  # two\n"));
        assert_ne!(old[0].text, new[0].text);
        assert_eq!(old[0].semantic, new[0].semantic);
        assert_ne!(old[0].semantic, parts("X = 2  # one\n")[0].semantic);
        assert_eq!(parts("from m import (a, b)\n"), {
            let mut split = parts("from m import a, b\n");
            split.iter_mut().for_each(|part| part.line = 1);
            split
        });
        assert_eq!(parts("def f(:\n"), []);
    }
}
