//! The part of a file that one model reaches.
//!
//! A name reaches every statement that binds it, and every statement that may alter what it holds: one that calls
//! something with access to it while the module is imported. Statements with effects of their own are always in.

use super::declaration::Declaration;
use super::facts::{Facts, Shape};
use super::import::{Import, Names};
use super::local::Locals;
use super::source::Source;
use super::variable::{self, VarsRead};
use crate::diagnostic::Diagnostic;
use ruff_python_ast::Stmt;
use ruff_text_size::TextRange;
use std::collections::{BTreeMap, BTreeSet};

/// A model file and who binds what in it.
pub struct File<'a> {
    pub source: &'a Source,
    body: &'a [Stmt],
    facts: Vec<Facts>,
    locals: &'a Locals<'a>,
    binders: BTreeMap<String, Vec<usize>>,
    /// Name → statements that may alter what it holds.
    altering: BTreeMap<String, Vec<usize>>,
    always: Vec<usize>,
    /// Model decorators and what slices keep of them.
    decorators: Vec<(TextRange, String)>,
}

/// What a model reaches.
pub struct Reached {
    /// Indices of statements, in file order.
    pub statements: BTreeSet<usize>,
    pub modules: BTreeMap<String, String>,
    pub vars: VarsRead,
    pub whole_file: Option<String>,
}

impl<'a> File<'a> {
    pub fn new(
        source: &'a Source,
        body: &'a [Stmt],
        locals: &'a Locals<'a>,
        declarations: &[Declaration<'_>],
    ) -> File<'a> {
        let facts = body.iter().map(Facts::of).collect::<Vec<_>>();
        let mut binders: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (statement, facts) in facts.iter().enumerate() {
            for name in &facts.binds {
                binders.entry(name.clone()).or_default().push(statement);
            }
        }
        let effects = |import: &Import| import.names == Names::Star || locals.has_effects(import);
        let imported = |name: &String| binders[name].iter().any(|other| facts[*other].shape == Shape::Import);
        let always = facts.iter().enumerate().filter(|(_, facts)| match facts.shape {
            Shape::Import => facts.imports.iter().any(effects),
            // Assigning into an imported module changes it for everybody who imports it.
            Shape::Other => facts.always || facts.binds.iter().any(imported),
            _ => facts.always,
        });
        let always = always.map(|(statement, _)| statement).collect();
        let decorators = declarations.iter().flat_map(|declaration| declaration.decorators.clone()).collect();
        let altering = BTreeMap::new();
        let mut file = File { source, body, facts, locals, binders, altering, always, decorators };
        file.altering = file.find_altering();
        file
    }

    /// What the model function at `root` reaches; `dynamic` says why the whole file is asked for.
    pub fn slice(&self, root: usize, dynamic: Option<String>) -> Result<Reached, Vec<Diagnostic>> {
        let mut statements = self.reach(root);
        let mut modules = self.locals.closure(self.imports(&statements))?;
        let untold = self.untold(&statements).or_else(|| {
            let reason = |found: &str, path: &str| format!("{path} uses {found}");
            modules.values().find_map(|local| Some(reason(local.facts.dynamic.as_deref()?, &local.source.path)))
        });
        let whole_file = untold.clone().or(dynamic);
        if whole_file.is_some() {
            statements = (0..self.facts.len()).collect();
            modules = self.locals.closure(self.imports(&statements))?;
        }
        let own = statements.iter().map(|statement| &self.body[*statement]).collect::<Vec<_>>();
        let vars = match untold {
            Some(_) => VarsRead::All,
            None => variable::read(&own, &self.imports(&statements), &modules, self.locals),
        };
        let content = |local: &std::rc::Rc<super::local::Local>| (local.source.path.clone(), local.source.text.clone());
        Ok(Reached { statements, modules: modules.values().map(content).collect(), vars, whole_file })
    }

    /// The source of `statements`, a line end behind each.
    pub fn text(&self, statements: &BTreeSet<usize>) -> String {
        statements.iter().map(|statement| self.statement(self.facts[*statement].range) + "\n").collect()
    }

    fn statement(&self, range: TextRange) -> String {
        let mut inside = self.decorators.iter().filter(|(place, _)| range.contains_range(*place)).collect::<Vec<_>>();
        inside.sort_by_key(|(place, _)| place.start());
        inside.dedup();
        let mut text = String::new();
        let mut end = range.start();
        for (place, kept) in inside {
            text += &self.source.text[TextRange::new(end, place.start())];
            text += kept;
            end = place.end();
        }
        text + &self.source.text[TextRange::new(end, range.end())] + self.comment_behind(range)
    }

    /// A comment on the statement's last line: it is read as part of it.
    fn comment_behind(&self, range: TextRange) -> &str {
        let rest = self.source.text[range.end().to_usize()..].split('\n').next().unwrap_or_default();
        if rest.trim_start().starts_with('#') { rest.trim_end() } else { "" }
    }

    fn imports(&self, statements: &BTreeSet<usize>) -> Vec<&Import> {
        statements.iter().flat_map(|statement| &self.facts[*statement].imports).collect()
    }

    /// Why the slice made of `statements` isn't all that the function may reach.
    fn untold(&self, statements: &BTreeSet<usize>) -> Option<String> {
        statements.iter().find_map(|statement| {
            let facts = &self.facts[*statement];
            let unknown = || facts.imports.iter().find_map(|import| self.locals.unknown_names(import));
            let found = facts.dynamic.clone().or_else(unknown)?;
            Some(format!("the statement on line {} uses {found}", self.source.line(&facts.range)))
        })
    }

    fn reach(&self, root: usize) -> BTreeSet<usize> {
        let mut statements = BTreeSet::new();
        let mut open = self.always.clone();
        open.push(root);
        while let Some(statement) = open.pop() {
            if statements.insert(statement) {
                for name in &self.facts[statement].mentions {
                    open.extend(self.binders.get(name).into_iter().chain(self.altering.get(name)).flatten());
                }
            }
        }
        statements
    }

    fn find_altering(&self) -> BTreeMap<String, Vec<usize>> {
        let mut altering: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (statement, facts) in self.facts.iter().enumerate().filter(|(_, facts)| !facts.runs.is_empty()) {
            for name in self.accessible(&facts.runs).into_iter().filter(|name| self.is_alterable(name)) {
                altering.entry(name).or_default().push(statement);
            }
        }
        altering
    }

    /// Names that something which looks up `names` can get at.
    fn accessible(&self, names: &BTreeSet<String>) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut open = names.iter().collect::<Vec<_>>();
        while let Some(name) = open.pop() {
            if let Some(binders) = self.binders.get(name)
                && found.insert(name.clone())
            {
                open.extend(binders.iter().flat_map(|statement| &self.facts[*statement].mentions));
            }
        }
        found
    }

    /// Whether what `name` holds may change without the name being bound anew where it stands.
    fn is_alterable(&self, name: &str) -> bool {
        let rebound = self.facts.iter().any(|facts| facts.globals.contains(name));
        let mutable = |statement: &usize| match self.facts[*statement].shape {
            Shape::Function | Shape::Constant | Shape::Inert => false,
            Shape::Import => self.facts[*statement].imports.iter().any(|import| self.locals.is_local(import, None)),
            Shape::Stateful | Shape::Other => true,
        };
        rebound || self.binders.get(name).into_iter().flatten().any(mutable)
    }
}
