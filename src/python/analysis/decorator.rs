//! Finds the decorators that declare models, under whatever name the file imported them.

use super::import::{Import, Names, PACKAGE};
use ruff_python_ast::visitor::{Visitor, walk_stmt};
use ruff_python_ast::{Decorator, Expr, Stmt, StmtFunctionDef};
use std::collections::{BTreeMap, BTreeSet};

/// Which of the two decorators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Model,
    EngineModel,
}

impl Kind {
    fn named(name: &str) -> Option<Kind> {
        match name {
            "model" => Some(Kind::Model),
            "engine_model" => Some(Kind::EngineModel),
            _ => None,
        }
    }

    /// As the package calls it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Model => "model",
            Kind::EngineModel => "engine_model",
        }
    }
}

/// What a file calls the package and its decorators.
#[derive(Default)]
pub struct Aliases {
    decorators: BTreeMap<String, Kind>,
    packages: BTreeSet<String>,
}

impl Aliases {
    pub fn of(body: &[Stmt]) -> Aliases {
        let mut aliases = Aliases::default();
        aliases.visit_body(body);
        aliases
    }

    /// The kind of a decorator of this package; `None` for any other.
    pub fn kind(&self, decorator: &Decorator) -> Option<Kind> {
        let expression = match &decorator.expression {
            Expr::Call(call) => &*call.func,
            other => other,
        };
        match expression {
            Expr::Name(name) => self.decorators.get(name.id.as_str()).copied(),
            Expr::Attribute(attribute) => match &*attribute.value {
                Expr::Name(base) if self.packages.contains(base.id.as_str()) => Kind::named(attribute.attr.as_str()),
                _ => None,
            },
            _ => None,
        }
    }

    fn add(&mut self, import: &Import) {
        if !import.is_package() {
            return;
        }
        match &import.names {
            Names::Module { bound } if import.module == PACKAGE || bound == PACKAGE => {
                self.packages.insert(bound.clone());
            }
            Names::From(names) => {
                let known = names.iter().filter_map(|(name, bound)| Some((bound.clone(), Kind::named(name)?)));
                self.decorators.extend(known);
            }
            Names::Star => {
                self.decorators.extend([Kind::Model, Kind::EngineModel].map(|kind| (kind.name().to_string(), kind)));
            }
            Names::Module { .. } => {}
        }
    }
}

impl<'a> Visitor<'a> for Aliases {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        for import in Import::of(statement) {
            self.add(&import);
        }
        walk_stmt(self, statement);
    }
}

/// Functions with a model decorator that don't stand at the top level of the file.
pub fn nested<'a>(body: &'a [Stmt], aliases: &Aliases) -> Vec<&'a StmtFunctionDef> {
    struct Nested<'a, 'b> {
        aliases: &'b Aliases,
        depth: usize,
        found: Vec<&'a StmtFunctionDef>,
    }
    impl<'a> Visitor<'a> for Nested<'a, '_> {
        fn visit_stmt(&mut self, statement: &'a Stmt) {
            if let (Stmt::FunctionDef(function), true) = (statement, self.depth > 0)
                && function.decorator_list.iter().any(|decorator| self.aliases.kind(decorator).is_some())
            {
                self.found.push(function);
            }
            self.depth += 1;
            walk_stmt(self, statement);
            self.depth -= 1;
        }
    }
    let mut visitor = Nested { aliases, depth: 0, found: Vec::new() };
    visitor.visit_body(body);
    visitor.found
}
