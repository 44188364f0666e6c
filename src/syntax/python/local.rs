//! The project's own modules that a model imports, transitively.

use super::Modules;
use super::effect::Effect;
use super::facts::Facts;
use super::harmless;
use super::import::Import;
use super::names::Names;
use super::source::Source;
use crate::diagnostic::Diagnostic;
use ruff_python_ast::ModModule;
use ruff_python_parser::Parsed;
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// A module of the project, parsed.
pub struct Local {
    pub source: Source,
    pub module: Parsed<ModModule>,
    /// The file as a whole.
    pub facts: Facts,
    pub names: Names,
    /// What its relative imports start from.
    pub package: String,
    /// What importing it does beyond binding names, once that was looked at.
    pub effect: OnceCell<Option<Effect>>,
}

type Found = Option<Result<Rc<Local>, Box<Diagnostic>>>;

/// Modules by their paths.
pub type Closure = BTreeMap<String, Rc<Local>>;

/// The project's modules, each looked up and parsed once.
pub struct Locals<'a> {
    modules: &'a dyn Modules,
    known: RefCell<BTreeMap<String, Found>>,
}

impl Local {
    fn new(name: &str, path: &str, text: &str) -> Result<Rc<Local>, Box<Diagnostic>> {
        let source = Source::new(path, text);
        let module = source.parse()?;
        let parent = || name.rsplit_once('.').map_or("", |(parent, _)| parent);
        let package = if path.ends_with("__init__.py") { name } else { parent() }.to_string();
        let facts = Facts::of_file(module.suite());
        let names = Names::of(module.suite(), Some(&package));
        Ok(Rc::new(Local { source, module, facts, names, package, effect: OnceCell::new() }))
    }
}

impl<'a> Locals<'a> {
    pub fn new(modules: &'a dyn Modules) -> Locals<'a> {
        Locals { modules, known: RefCell::default() }
    }

    /// The module of this dotted name, where the project has one; a syntax error in it is the `Err`.
    pub fn get(&self, name: &str) -> Found {
        if let Some(found) = self.known.borrow().get(name) {
            return found.clone();
        }
        let read = |found: Result<super::LocalModule, Diagnostic>| {
            let module = found.map_err(Box::new)?;
            Local::new(name, &module.path, &module.text)
        };
        let found = self.modules.get(name).map(read);
        self.known.borrow_mut().insert(name.to_string(), found.clone());
        found
    }

    /// Whether an import of a file in `package` loads a module of the project.
    pub fn is_local(&self, import: &Import, package: Option<&str>) -> bool {
        !import.is_package() && import.candidates(package).iter().any(|name| self.get(name).is_some())
    }

    /// Every module of the project that `imports` load, the packages around them included. The importing file is in no
    /// package.
    pub fn closure<'i>(&self, imports: impl IntoIterator<Item = &'i Import>) -> Result<Closure, Vec<Diagnostic>> {
        let top = |import: &Import| if import.is_package() { Vec::new() } else { import.candidates(None) };
        let mut open = imports.into_iter().flat_map(top).collect::<Vec<_>>();
        let mut seen = BTreeMap::new();
        let mut problems = Vec::new();
        while let Some(name) = open.pop() {
            if seen.contains_key(&name) {
                continue;
            }
            match self.get(&name) {
                Some(Ok(local)) => {
                    let inner = local.facts.imports.iter().filter(|import| !import.is_package());
                    open.extend(inner.flat_map(|import| import.candidates(Some(&local.package))));
                    seen.insert(name, local);
                }
                Some(Err(problem)) if !problems.contains(&*problem) => problems.push(*problem),
                _ => {}
            }
        }
        let closure = seen.into_values().map(|local| (local.source.path.clone(), local)).collect();
        if problems.is_empty() { Ok(closure) } else { Err(problems) }
    }

    /// Every module of the project, but the file at `path`.
    pub fn all(&self, path: &str) -> Result<Closure, Vec<Diagnostic>> {
        let mut found = Closure::new();
        for module in self.modules.all().map_err(|problem| vec![problem])? {
            let stem = module.path.strip_suffix(".py").unwrap_or(&module.path);
            let name = stem.strip_suffix("/__init__").unwrap_or(stem).replace('/', ".");
            // One that can't be parsed can't be imported either.
            if module.path != path
                && let Ok(local) = Local::new(&name, &module.path, &module.text)
            {
                found.insert(module.path, local);
            }
        }
        Ok(found)
    }

    /// Whether the import changes nothing but the names that it binds, the project's modules being known to do no more.
    pub fn is_harmless(&self, import: &Import, package: Option<&str>) -> bool {
        if import.is_package() {
            return true;
        }
        let outside = |import: &Import| harmless::is_package(&import.module);
        if !self.is_local(import, package) {
            return import.module != "__future__" && (import.level > 0 || outside(import));
        }
        let Ok(closure) = self.closure([import]) else { return false };
        closure.values().all(|local| {
            local.facts.at_import.iter().all(|import| {
                import.is_package()
                    || import.module == "__future__"
                    || self.is_local(import, Some(&local.package))
                    || outside(import)
            })
        })
    }
}
