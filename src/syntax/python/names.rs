//! What binds the names of a module while it is imported: imports, definitions and assignments at its top level and in
//! the bodies of its classes, never what functions do.

use super::import::{Import, Names as Imported};
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_pattern, walk_stmt};
use ruff_python_ast::{Expr, Pattern, Stmt, StmtClassDef};
use std::collections::BTreeMap;

/// What binds a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Binding {
    /// A class, with its bases as they are written.
    Class(Vec<String>),
    /// What an import loads, as a dotted name from the top.
    Import(String),
    Other,
}

/// The names of one module that one thing binds.
#[derive(Default)]
pub struct Names {
    bound: BTreeMap<String, Binding>,
    package: Option<String>,
}

impl Names {
    /// `package` is what the module's relative imports start from.
    pub fn of(body: &[Stmt], package: Option<&str>) -> Names {
        let mut names = Names { bound: BTreeMap::new(), package: package.map(String::from) };
        names.visit_body(body);
        names
    }

    pub fn package(&self) -> Option<&str> {
        self.package.as_deref()
    }

    /// What binds `name`.
    pub fn binding(&self, name: &str) -> Option<&Binding> {
        self.bound.get(name)
    }

    fn bind(&mut self, name: &str, binding: Binding) {
        let same = self.bound.get(name).is_none_or(|known| *known == binding);
        self.bound.insert(name.into(), if same { binding } else { Binding::Other });
    }

    fn import(&mut self, import: &Import) {
        let base = import.absolute(self.package.as_deref());
        match &import.names {
            Imported::Module { bound } => {
                // `import a.b` binds `a`, `import a.b as c` what `a.b` is.
                let first = import.module.split('.').next().unwrap_or_default();
                let loaded = if bound == first { first } else { &import.module };
                self.bind(bound, Binding::Import(loaded.into()));
            }
            Imported::From(names) => {
                for (name, bound) in names {
                    let binding =
                        base.as_ref().map_or(Binding::Other, |base| Binding::Import(format!("{base}.{name}")));
                    self.bind(bound, binding);
                }
            }
            Imported::Star => {}
        }
    }

    fn class(&mut self, class: &StmtClassDef) {
        let bases = class.bases().iter().map(|base| dotted(without_index(base)).unwrap_or_else(|| "?".into()));
        let bases = bases.collect();
        self.bind(&class.name, Binding::Class(bases));
    }
}

/// `base` of `base[...]`.
pub fn without_index(expression: &Expr) -> &Expr {
    match expression {
        Expr::Subscript(subscript) => &subscript.value,
        other => other,
    }
}

/// `a.b.c` as it is written; `None` where it is more than names.
pub fn dotted(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Name(name) => Some(name.id.to_string()),
        Expr::Attribute(attribute) => Some(format!("{}.{}", dotted(&attribute.value)?, attribute.attr)),
        _ => None,
    }
}

impl<'a> Visitor<'a> for Names {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        for import in Import::of(statement) {
            self.import(&import);
        }
        match statement {
            Stmt::FunctionDef(function) => return self.bind(&function.name, Binding::Other),
            Stmt::ClassDef(class) => self.class(class),
            Stmt::Try(attempt) => {
                for ruff_python_ast::ExceptHandler::ExceptHandler(handler) in &attempt.handlers {
                    if let Some(name) = &handler.name {
                        self.bind(name, Binding::Other);
                    }
                }
            }
            _ => {}
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Name(name) if !name.ctx.is_load() => self.bind(&name.id, Binding::Other),
            Expr::Lambda(_) => return,
            _ => {}
        }
        walk_expr(self, expression);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        if let Pattern::MatchAs(capture) = pattern
            && let Some(name) = &capture.name
        {
            self.bind(name, Binding::Other);
        }
        walk_pattern(self, pattern);
    }
}
