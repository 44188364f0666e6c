//! What a model reads beside its rows: vars and environment variables by the names that are written out, and what fft
//! can't watch.

use super::import::{Import, Names, PACKAGE};
use super::local::{Closure, Locals};
use super::outside::{self, Outside};
use super::source::Source;
use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{Expr, ExprCall, Stmt};
use std::collections::BTreeSet;

/// The variables a model reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VarsRead {
    /// These and no other.
    Names(BTreeSet<String>),
    /// Which ones is only known when it runs.
    All,
}

impl Default for VarsRead {
    fn default() -> VarsRead {
        VarsRead::Names(BTreeSet::new())
    }
}

/// What a model reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    pub vars: VarsRead,
    /// Environment variables whose names are written out.
    pub env: BTreeSet<String>,
    /// Columns of its own table whose greatest value it asks for; which ones must be written out.
    pub watermarks: VarsRead,
    /// Whether it asks if its table is extended.
    pub asks_incremental: bool,
    /// What it may read that fft doesn't watch.
    pub outside: Vec<Outside>,
}

impl Reads {
    /// What is read can't be told.
    pub fn hide(&mut self) {
        self.vars = VarsRead::All;
    }
}

/// Reads `own`, the model's statements, and the modules they import.
pub fn read(source: &Source, own: &[&Stmt], imports: &[&Import], modules: &Closure, locals: &Locals<'_>) -> Reads {
    let inner = modules.values().flat_map(|local| {
        local.facts.imports.iter().map(|import| (import, locals.is_local(import, Some(&local.package))))
    });
    let outer = imports.iter().map(|import| (*import, locals.is_local(import, None)));
    let imports = outer.chain(inner).collect::<Vec<_>>();
    let named = |function: &'static str| {
        let mut scan = Scan::new(function);
        scan.bind(&imports);
        own.iter().for_each(|statement| scan.visit_stmt(statement));
        modules.values().for_each(|local| scan.visit_body(local.module.suite()));
        scan
    };
    let (vars, env) = (named("var"), named("env"));
    let (watermarks, asked) = (named("watermark"), named("is_incremental"));
    let found = outside::look(source, own, modules, &imports);
    Reads {
        vars: if vars.unknown { VarsRead::All } else { VarsRead::Names(vars.names) },
        // A name that isn't written out is refused when the model runs, unless every node reads the variable.
        env: env.names.into_iter().chain(found.env).collect(),
        asks_incremental: asked.is_called() || watermarks.is_called(),
        watermarks: if watermarks.unknown { VarsRead::All } else { VarsRead::Names(watermarks.names) },
        outside: found.outside,
    }
}

struct Scan {
    /// As the package calls the function.
    function: &'static str,
    /// What files call the function.
    functions: BTreeSet<String>,
    /// What files call the package.
    packages: BTreeSet<String>,
    /// What files call the project's modules, which may hand the function on.
    locals: BTreeSet<String>,
    names: BTreeSet<String>,
    unknown: bool,
}

impl Scan {
    fn new(function: &'static str) -> Scan {
        let (functions, packages, locals, names) = Default::default();
        Scan { function, functions, packages, locals, names, unknown: false }
    }

    fn bind(&mut self, imports: &[(&Import, bool)]) {
        for (import, _) in imports.iter().filter(|(import, _)| import.is_package()) {
            match &import.names {
                Names::Module { bound } if import.module == PACKAGE || bound == PACKAGE => {
                    self.packages.insert(bound.clone());
                }
                Names::From(names) if import.module == PACKAGE => {
                    self.take(names, &BTreeSet::from([self.function.to_string()]));
                }
                Names::Star => drop(self.functions.insert(self.function.into())),
                _ => {}
            }
        }
        let local = || imports.iter().filter(|(_, local)| *local).map(|(import, _)| import);
        for import in local() {
            self.locals.extend(import.bound().into_iter().map(String::from));
        }
        // A module may hand the function on under another name, and so may the next.
        loop {
            let known = self.functions.clone();
            for import in local() {
                if let Names::From(names) = &import.names {
                    self.take(names, &known);
                }
            }
            if self.functions == known {
                break;
            }
        }
    }

    /// Whether the function is called or handed on.
    fn is_called(&self) -> bool {
        self.unknown || !self.names.is_empty()
    }

    fn take(&mut self, names: &[(String, String)], known: &BTreeSet<String>) {
        self.functions.extend(names.iter().filter(|(name, _)| known.contains(name)).map(|(_, bound)| bound.clone()));
    }

    fn is_function(&self, expression: &Expr) -> bool {
        match expression {
            Expr::Name(name) => self.functions.contains(name.id.as_str()) && name.ctx.is_load(),
            Expr::Attribute(attribute) => {
                let Some(root) = root(&attribute.value) else { return false };
                let of_package = attribute.attr.as_str() == self.function && self.packages.contains(root);
                of_package || (self.functions.contains(attribute.attr.as_str()) && self.locals.contains(root))
            }
            _ => false,
        }
    }

    fn call(&mut self, call: &ExprCall) {
        let name = call.arguments.args.first().or_else(|| Some(&call.arguments.find_keyword("name")?.value));
        match name.and_then(|name| name.as_string_literal_expr()) {
            Some(text) => drop(self.names.insert(text.value.to_str().to_string())),
            None => self.unknown = true,
        }
    }
}

fn root(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Name(name) => Some(name.id.as_str()),
        Expr::Attribute(attribute) => root(&attribute.value),
        _ => None,
    }
}

impl<'a> Visitor<'a> for Scan {
    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Call(call) if self.is_function(&call.func) => {
                self.call(call);
                self.visit_arguments(&call.arguments);
            }
            // Handed on, so who calls it with what isn't known.
            _ if self.is_function(expression) => self.unknown = true,
            Expr::Attribute(attribute) if attribute.value.is_name_expr() => {}
            Expr::Name(name) if self.packages.contains(name.id.as_str()) => self.unknown = true,
            _ => walk_expr(self, expression),
        }
    }
}
