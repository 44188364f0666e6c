//! What one top-level statement of a file that only defines names reads, binds and imports.
//!
//! Scopes are ignored on purpose: a local variable named like a module-level one makes the slice larger, never smaller.

use super::dynamic::{self, Dynamic};
use super::import::Import;
use ruff_python_ast::visitor::{Visitor, walk_annotation, walk_expr, walk_pattern, walk_stmt};
use ruff_python_ast::{Expr, ExprCall, ExprContext, InterpolatedStringElement, Pattern, Stmt};
use ruff_text_size::{Ranged, TextRange};
use std::collections::BTreeSet;

/// One top-level statement of a file, or a file as a whole.
#[derive(Default)]
pub struct Facts {
    pub range: TextRange,
    /// Names it may look up, when it runs or when the function it defines is called.
    pub mentions: BTreeSet<String>,
    /// Names of attributes in it.
    pub attributes: BTreeSet<String>,
    /// Names it binds when it runs.
    pub binds: BTreeSet<String>,
    /// Imports at any depth.
    pub imports: Vec<Import>,
    /// Those of them that run when the file is imported.
    pub at_import: Vec<Import>,
    /// What in it can't be followed.
    pub dynamic: Option<Dynamic>,
}

impl Facts {
    pub fn of(statement: &Stmt) -> Facts {
        let mut walk = Walk::default();
        walk.visit_stmt(statement);
        Facts { range: statement.range(), ..walk.facts }
    }

    /// A file taken as one statement.
    pub fn of_file(body: &[Stmt]) -> Facts {
        let mut walk = Walk::default();
        walk.visit_body(body);
        walk.facts
    }

    /// Whether it imports something that changes how the rest of the file is read, or may change what others do.
    pub fn import_has_effects(&self, is_harmless: impl Fn(&Import) -> bool) -> bool {
        self.at_import.iter().any(|import| !is_harmless(import))
    }
}

/// Calls of these names look up names of their caller in the texts that they are given.
const READERS: [&str; 8] = ["eval", "evaluate", "execute", "from_query", "query", "query_df", "sql", "sqldf"];

#[derive(Default)]
struct Walk {
    facts: Facts,
    /// Functions around; their bodies don't run at import.
    functions: usize,
    /// Classes and functions around: what they bind are names of their own.
    scopes: usize,
    /// Calls of [`READERS`] around.
    readers: usize,
}

impl Walk {
    fn bind(&mut self, name: &str) {
        if self.scopes == 0 {
            self.facts.binds.insert(name.to_string());
        }
    }

    fn mention(&mut self, name: &str) {
        self.facts.mentions.insert(name.to_string());
    }

    fn import(&mut self, import: Import, at: TextRange) {
        for name in import.bound() {
            self.bind(name);
        }
        let dynamic = || dynamic::import(&import).map(|what| Dynamic { at, ..what });
        self.facts.dynamic = self.facts.dynamic.take().or_else(dynamic);
        if self.functions == 0 {
            self.facts.at_import.push(import.clone());
        }
        self.facts.imports.push(import);
    }

    /// Names in a text that something may look up: all in one that is run as code or SQL, else those behind `@`, as
    /// pandas has it, and those of a query.
    fn text(&mut self, text: &str) {
        let lower = text.to_ascii_lowercase();
        let query = ["from", "join"].iter().any(|word| lower.split_whitespace().any(|part| part == *word));
        let mut marked = false;
        for part in text.split_inclusive(|letter: char| !letter.is_alphanumeric() && letter != '_') {
            let word = part.trim_end_matches(|letter: char| !letter.is_alphanumeric() && letter != '_');
            if !word.is_empty() && (query || marked || self.readers > 0) {
                self.mention(word);
            }
            marked = part.ends_with('@');
        }
    }

    fn call(&mut self, call: &ExprCall) {
        let Some(import) = Import::of_call(call) else { return };
        if self.functions == 0 {
            self.facts.at_import.push(import.clone());
        }
        self.facts.imports.push(import);
    }

    fn is_reader(call: &ExprCall) -> bool {
        match &*call.func {
            Expr::Name(name) => READERS.contains(&name.id.as_str()),
            Expr::Attribute(attribute) => READERS.contains(&attribute.attr.as_str()),
            _ => false,
        }
    }
}

impl<'a> Visitor<'a> for Walk {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        for import in Import::of(statement) {
            self.import(import, statement.range());
        }
        match statement {
            Stmt::FunctionDef(function) => {
                self.bind(&function.name);
                self.functions += 1;
                self.scopes += 1;
                walk_stmt(self, statement);
                self.functions -= 1;
                self.scopes -= 1;
                return;
            }
            Stmt::ClassDef(class) => {
                self.bind(&class.name);
                self.scopes += 1;
                walk_stmt(self, statement);
                self.scopes -= 1;
                return;
            }
            Stmt::Global(global) => global.names.iter().for_each(|name| self.mention(name)),
            Stmt::AugAssign(assign) => {
                if let Expr::Name(name) = &*assign.target {
                    self.mention(&name.id);
                }
            }
            Stmt::Try(attempt) => {
                for ruff_python_ast::ExceptHandler::ExceptHandler(handler) in &attempt.handlers {
                    if let Some(name) = &handler.name {
                        self.bind(name);
                    }
                }
            }
            // A text that stands by itself is for readers.
            Stmt::Expr(expression) if expression.value.is_string_literal_expr() => return,
            _ => {}
        }
        walk_stmt(self, statement);
    }

    fn visit_annotation(&mut self, annotation: &'a Expr) {
        self.readers += 1;
        walk_annotation(self, annotation);
        self.readers -= 1;
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        let dynamic = || dynamic::expression(expression).map(|what| Dynamic { at: expression.range(), ..what });
        self.facts.dynamic = self.facts.dynamic.take().or_else(dynamic);
        match expression {
            Expr::Name(name) => {
                if name.ctx != ExprContext::Load {
                    self.bind(&name.id);
                }
                if name.ctx != ExprContext::Store {
                    self.mention(&name.id);
                }
            }
            Expr::Attribute(attribute) => drop(self.facts.attributes.insert(attribute.attr.to_string())),
            Expr::StringLiteral(text) => self.text(text.value.to_str()),
            Expr::FString(text) => {
                for element in text.value.elements() {
                    if let InterpolatedStringElement::Literal(literal) = element {
                        self.text(&literal.value);
                    }
                }
            }
            Expr::Call(call) => {
                self.call(call);
                if let (Expr::Name(name), [_, Expr::StringLiteral(text), ..]) = (&*call.func, &*call.arguments.args)
                    && name.id.as_str() == "getattr"
                {
                    self.facts.attributes.insert(text.value.to_str().to_string());
                }
                let reader = usize::from(Walk::is_reader(call));
                self.readers += reader;
                walk_expr(self, expression);
                self.readers -= reader;
                return;
            }
            // What it binds are names of its own.
            Expr::Lambda(_) => {
                self.functions += 1;
                self.scopes += 1;
                walk_expr(self, expression);
                self.functions -= 1;
                self.scopes -= 1;
                return;
            }
            _ => {}
        }
        walk_expr(self, expression);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        let captured = match pattern {
            Pattern::MatchAs(capture) => capture.name.as_ref(),
            Pattern::MatchStar(star) => star.name.as_ref(),
            Pattern::MatchMapping(mapping) => mapping.rest.as_ref(),
            _ => None,
        };
        if let Some(name) = captured {
            self.bind(name);
        }
        walk_pattern(self, pattern);
    }
}
