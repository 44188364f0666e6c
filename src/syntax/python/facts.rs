//! What one top-level statement reads, binds, alters and imports.
//!
//! Scopes are ignored on purpose: a local variable named like a module-level one makes the slice larger, never smaller.

use super::dynamic;
use super::import::Import;
use super::literal::is_immutable;
use ruff_python_ast::visitor::{Visitor, walk_annotation, walk_expr, walk_pattern, walk_stmt};
use ruff_python_ast::{Expr, ExprContext, Pattern, Stmt, StmtFunctionDef};
use ruff_text_size::{Ranged, TextRange};
use std::collections::BTreeSet;

/// What a statement is to the names it binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A function without state of its own.
    Function,
    /// A class, or a function that may keep something between calls: in a default or behind a decorator.
    Stateful,
    Import,
    /// An assignment of a value that nobody can alter in place.
    Constant,
    /// Text that does nothing: a docstring, a literal, `pass`.
    Inert,
    Other,
}

/// One top-level statement of a file.
pub struct Facts {
    pub range: TextRange,
    pub shape: Shape,
    /// Names it may look up, when it runs or when the function it defines is called.
    pub mentions: BTreeSet<String>,
    /// Names it binds, deletes or assigns into, when it runs.
    pub binds: BTreeSet<String>,
    /// Names that functions in it rebind with `global`.
    pub globals: BTreeSet<String>,
    /// Names looked up in what runs at import time, where something is called there.
    pub runs: BTreeSet<String>,
    /// It has effects beyond the names it binds, so it belongs to every slice.
    pub always: bool,
    /// Imports at any depth.
    pub imports: Vec<Import>,
    /// What in it can't be followed.
    pub dynamic: Option<String>,
}

impl Facts {
    pub fn of(statement: &Stmt) -> Facts {
        let mut all = Walk::default();
        all.visit_stmt(statement);
        let shape = shape(statement);
        let runs = at_import(statement, shape);
        let idle = matches!(shape, Shape::Function | Shape::Stateful | Shape::Import | Shape::Constant | Shape::Inert);
        let assigns =
            matches!(statement, Stmt::Assign(_) | Stmt::AnnAssign(_) | Stmt::AugAssign(_) | Stmt::TypeAlias(_));
        let calls = matches!(statement, Stmt::Expr(_)) || runs.calls;
        Facts {
            range: statement.range(),
            shape,
            binds: runs.binds,
            runs: if runs.calls { runs.mentions } else { BTreeSet::new() },
            always: !idle && !assigns && calls,
            mentions: all.mentions,
            globals: all.globals,
            imports: all.imports,
            dynamic: all.dynamic,
        }
    }

    /// A file taken as one statement.
    pub fn of_file(body: &[Stmt]) -> Facts {
        let mut all = Walk::default();
        all.visit_body(body);
        let shape = Shape::Other;
        let (range, runs) = (TextRange::default(), BTreeSet::new());
        let Walk { mentions, binds, globals, imports, dynamic, .. } = all;
        Facts { range, shape, mentions, binds, globals, runs, always: true, imports, dynamic }
    }
}

fn shape(statement: &Stmt) -> Shape {
    match statement {
        Stmt::FunctionDef(function) if is_stateless(function) => Shape::Function,
        Stmt::FunctionDef(_) | Stmt::ClassDef(_) => Shape::Stateful,
        Stmt::Import(_) | Stmt::ImportFrom(_) => Shape::Import,
        Stmt::Assign(assign) if is_immutable(&assign.value) && assign.targets.iter().all(Expr::is_name_expr) => {
            Shape::Constant
        }
        Stmt::AnnAssign(assign) if assign.target.is_name_expr() && assign.value.as_deref().is_none_or(is_immutable) => {
            Shape::Constant
        }
        Stmt::Expr(expression) if expression.value.is_literal_expr() => Shape::Inert,
        Stmt::Pass(_) => Shape::Inert,
        Stmt::If(branch) if branch.elif_else_clauses.is_empty() && is_main_guard(&branch.test) => Shape::Inert,
        _ => Shape::Other,
    }
}

fn is_stateless(function: &StmtFunctionDef) -> bool {
    let mut defaults = function.parameters.iter_non_variadic_params().filter_map(|parameter| parameter.default());
    function.decorator_list.is_empty() && defaults.all(is_immutable)
}

/// `__name__ == "__main__"`: never so where fft runs a model.
fn is_main_guard(test: &Expr) -> bool {
    let Expr::Compare(compare) = test else { return false };
    let sides = [Some(&*compare.left), compare.comparators.first()];
    let name = |side: &&Expr| side.as_name_expr().is_some_and(|name| name.id.as_str() == "__name__");
    let main = |side: &&Expr| side.as_string_literal_expr().is_some_and(|text| text.value.to_str() == "__main__");
    compare.ops.as_ref() == [ruff_python_ast::CmpOp::Eq]
        && sides.into_iter().flatten().any(|side| name(&side))
        && sides.into_iter().flatten().any(|side| main(&side))
}

/// What runs when the module is imported: not the bodies of functions.
fn at_import(statement: &Stmt, shape: Shape) -> Walk {
    let mut walk = Walk { import_time: true, ..Walk::default() };
    match statement {
        _ if shape == Shape::Inert => {}
        // A class runs its body, its bases' hooks and its decorators; its methods may run in them.
        Stmt::ClassDef(class) => {
            let mut inner = Walk::default();
            inner.visit_stmt(statement);
            walk.mentions = inner.mentions;
            walk.calls = inner.calls || !class.decorator_list.is_empty() || class.arguments.is_some();
            walk.binds.insert(class.name.to_string());
        }
        other => walk.visit_stmt(other),
    }
    walk
}

#[derive(Default)]
struct Walk {
    /// Leave out the bodies of functions.
    import_time: bool,
    mentions: BTreeSet<String>,
    binds: BTreeSet<String>,
    globals: BTreeSet<String>,
    calls: bool,
    imports: Vec<Import>,
    dynamic: Option<String>,
}

impl Walk {
    fn bind(&mut self, name: &str) {
        self.binds.insert(name.to_string());
    }

    /// The name at the root of `X.a[1]`, which an assignment to it alters.
    fn alter(&mut self, target: &Expr) {
        let mut root = target;
        loop {
            root = match root {
                Expr::Attribute(attribute) => &attribute.value,
                Expr::Subscript(subscript) => &subscript.value,
                Expr::Call(call) => &call.func,
                _ => break,
            };
        }
        if let Expr::Name(name) = root {
            self.bind(name.id.as_str());
        }
    }

    fn import(&mut self, import: Import) {
        for name in import.bound() {
            self.bind(name);
        }
        self.dynamic = self.dynamic.take().or_else(|| dynamic::import(&import));
        self.imports.push(import);
    }

    fn function_head(&mut self, function: &StmtFunctionDef) {
        self.bind(function.name.as_str());
        self.calls |= !function.decorator_list.is_empty();
        for decorator in &function.decorator_list {
            self.visit_expr(&decorator.expression);
        }
        for parameter in function.parameters.iter_non_variadic_params() {
            if let Some(default) = parameter.default() {
                self.visit_expr(default);
            }
        }
    }
}

impl<'a> Visitor<'a> for Walk {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        for import in Import::of(statement) {
            self.import(import);
        }
        match statement {
            Stmt::FunctionDef(function) if self.import_time => return self.function_head(function),
            Stmt::FunctionDef(function) => self.bind(function.name.as_str()),
            Stmt::ClassDef(class) => {
                self.bind(class.name.as_str());
                self.calls |= !class.decorator_list.is_empty() || class.arguments.is_some();
            }
            Stmt::Global(global) => {
                let names = global.names.iter().map(ToString::to_string);
                self.globals.extend(names.clone());
                self.mentions.extend(names);
            }
            Stmt::AugAssign(assign) => {
                self.alter(&assign.target);
                if let Expr::Name(name) = &*assign.target {
                    self.mentions.insert(name.id.to_string());
                }
            }
            Stmt::Try(attempt) => {
                for handler in &attempt.handlers {
                    let ruff_python_ast::ExceptHandler::ExceptHandler(handler) = handler;
                    if let Some(name) = &handler.name {
                        self.bind(name.as_str());
                    }
                }
            }
            // These end an import or steer it without a call in sight.
            Stmt::Raise(_) | Stmt::Assert(_) | Stmt::With(_) => self.calls = true,
            _ => {}
        }
        walk_stmt(self, statement);
    }

    fn visit_annotation(&mut self, annotation: &'a Expr) {
        if let Expr::StringLiteral(text) = annotation {
            let words = text.value.to_str().split(|letter: char| !letter.is_alphanumeric() && letter != '_');
            self.mentions.extend(words.filter(|word| !word.is_empty()).map(String::from));
        }
        walk_annotation(self, annotation);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        self.dynamic = self.dynamic.take().or_else(|| dynamic::expression(expression));
        match expression {
            Expr::Name(name) => match name.ctx {
                ExprContext::Store => self.bind(name.id.as_str()),
                ExprContext::Del => {
                    self.bind(name.id.as_str());
                    self.mentions.insert(name.id.to_string());
                }
                _ => {
                    self.mentions.insert(name.id.to_string());
                }
            },
            Expr::Attribute(attribute) if attribute.ctx != ExprContext::Load => self.alter(expression),
            Expr::Subscript(subscript) if subscript.ctx != ExprContext::Load => self.alter(expression),
            Expr::Call(call) => {
                self.calls = true;
                self.imports.extend(Import::of_call(call));
            }
            Expr::Await(_) => self.calls = true,
            // Its body runs only when it is called.
            Expr::Lambda(_) if self.import_time => {
                let calls = self.calls;
                walk_expr(self, expression);
                self.calls = calls;
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
            self.bind(name.as_str());
        }
        walk_pattern(self, pattern);
    }
}
