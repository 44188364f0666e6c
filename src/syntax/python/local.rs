//! The project's own modules that a model imports, transitively.

use super::Modules;
use super::facts::Facts;
use super::import::{Import, Names};
use super::source::Source;
use crate::diagnostic::Diagnostic;
use ruff_python_ast::ModModule;
use ruff_python_parser::Parsed;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A module of the project, parsed.
pub struct Local {
    pub source: Source,
    pub module: Parsed<ModModule>,
    /// The file as a whole.
    pub facts: Facts,
    /// What its relative imports start from.
    pub package: String,
    /// Importing it does more than bind names.
    effects: bool,
}

type Found = Option<Result<Rc<Local>, Box<Diagnostic>>>;

/// The project's modules, each looked up and parsed once.
pub struct Locals<'a> {
    modules: &'a Modules<'a>,
    known: RefCell<BTreeMap<String, Found>>,
}

impl<'a> Locals<'a> {
    pub fn new(modules: &'a Modules<'a>) -> Locals<'a> {
        Locals { modules, known: RefCell::default() }
    }

    /// The module of this dotted name, where the project has one; a syntax error in it is the `Err`.
    pub fn get(&self, name: &str) -> Found {
        if let Some(found) = self.known.borrow().get(name) {
            return found.clone();
        }
        let found = (self.modules)(name).map(|module| {
            let source = Source::new(&module.path, &module.text);
            let parsed = source.parse()?;
            let facts = Facts::of_file(parsed.suite());
            let effects = parsed.suite().iter().any(|statement| Facts::of(statement).always);
            let parent = || name.rsplit_once('.').map_or("", |(parent, _)| parent);
            let package = if module.path.ends_with("__init__.py") { name } else { parent() }.to_string();
            Ok(Rc::new(Local { source, module: parsed, facts, package, effects }))
        });
        self.known.borrow_mut().insert(name.to_string(), found.clone());
        found
    }

    /// Whether an import of a file in `package` loads a module of the project.
    pub fn is_local(&self, import: &Import, package: Option<&str>) -> bool {
        !import.is_package() && import.candidates(package).iter().any(|name| self.get(name).is_some())
    }

    /// Every module of the project that `imports` load, by dotted name. The importing file is in no package.
    pub fn closure<'i>(
        &self,
        imports: impl IntoIterator<Item = &'i Import>,
    ) -> Result<BTreeMap<String, Rc<Local>>, Vec<Diagnostic>> {
        let top = |import: &Import| if import.is_package() { Vec::new() } else { import.candidates(None) };
        let mut open = imports.into_iter().flat_map(top).collect::<Vec<_>>();
        let mut found = BTreeMap::new();
        let mut problems = Vec::new();
        while let Some(name) = open.pop() {
            if found.contains_key(&name) {
                continue;
            }
            match self.get(&name) {
                Some(Ok(local)) => {
                    let inner = local.facts.imports.iter().filter(|import| !import.is_package());
                    open.extend(inner.flat_map(|import| import.candidates(Some(&local.package))));
                    found.insert(name, local);
                }
                Some(Err(problem)) if !problems.contains(&*problem) => problems.push(*problem),
                _ => {}
            }
        }
        if problems.is_empty() { Ok(found) } else { Err(problems) }
    }

    /// Whether the import runs statements of the project that do more than bind names.
    pub fn has_effects(&self, import: &Import) -> bool {
        self.closure([import]).map_or(true, |found| found.values().any(|local| local.effects))
    }

    /// Why the names that this import of a model file binds can't be told, where they can't.
    pub fn unknown_names(&self, import: &Import) -> Option<String> {
        match &import.names {
            _ if import.level > 0 => Some("a relative import".into()),
            Names::Star if self.is_local(import, None) => Some(format!("`from {} import *`", import.module)),
            _ => None,
        }
    }
}
