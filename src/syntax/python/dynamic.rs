//! What makes a file's meaning depend on more than its text shows: code, imports and names that are made at run time.

use super::import::{Import, Names};
use ruff_python_ast::{Expr, ExprCall};
use ruff_text_size::TextRange;

/// Something that can't be followed without running it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dynamic {
    /// `` `exec` ``
    pub what: String,
    pub at: TextRange,
    /// It may load any module of the project.
    pub loads: bool,
}

/// Names of Python that run texts as code.
const CODE: [&str; 6] = ["exec", "eval", "compile", "execfile", "__import__", "__builtins__"];

/// Packages that run code, load modules by name, or find objects by other ways than names.
const PACKAGES: [&str; 20] = [
    "builtins",
    "cloudpickle",
    "code",
    "codeop",
    "ctypes",
    "dill",
    "gc",
    "imp",
    "importlib",
    "joblib",
    "marshal",
    "mock",
    "pickle",
    "pkgutil",
    "pydoc",
    "runpy",
    "shelve",
    "timeit",
    "unittest",
    "zipimport",
];

const SYSTEM: [&str; 8] =
    ["path", "modules", "meta_path", "path_hooks", "_getframe", "settrace", "setprofile", "path_importer_cache"];

/// Attributes by which an object's surroundings are found.
const ATTRIBUTES: [&str; 8] =
    ["__globals__", "__dict__", "__subclasses__", "__builtins__", "f_globals", "f_back", "__loader__", "__path__"];

/// Functions that find names at run time.
const FINDERS: [&str; 6] = ["attrgetter", "methodcaller", "getmembers", "currentframe", "getmodule", "stack"];

/// What in `expression` itself can't be followed, its place left open.
pub fn expression(expression: &Expr) -> Option<Dynamic> {
    match expression {
        Expr::Name(name) if CODE.contains(&name.id.as_str()) => Some(code(&name.id)),
        Expr::Name(name) if ["globals", "attrgetter", "getmembers"].contains(&name.id.as_str()) => {
            Some(finder(&name.id))
        }
        Expr::Call(call) => names(call),
        Expr::Attribute(attribute) => match (&*attribute.value, attribute.attr.as_str()) {
            (Expr::Name(name), attr) if name.id.as_str() == "sys" && SYSTEM.contains(&attr) => {
                Some(code(&format!("sys.{attr}")))
            }
            (_, "import_module") => Some(code("import_module")),
            (_, attr) if ATTRIBUTES.contains(&attr) || FINDERS.contains(&attr) => Some(finder(attr)),
            _ => None,
        },
        _ => None,
    }
}

/// What can't be followed of an import, its place left open.
pub fn import(import: &Import) -> Option<Dynamic> {
    let top = import.module.split('.').next().unwrap_or_default();
    if import.level == 0 && PACKAGES.contains(&top) {
        return Some(code(&import.module));
    }
    match &import.names {
        Names::From(names) if import.module == "sys" => {
            let name = names.iter().find(|(name, _)| SYSTEM.contains(&name.as_str()))?;
            Some(code(&format!("sys.{}", name.0)))
        }
        _ => None,
    }
}

/// `vars()`, `locals()`, `dir(x)`, `getattr(x, name)` name what they find at run time.
fn names(call: &ExprCall) -> Option<Dynamic> {
    let Expr::Name(name) = &*call.func else { return None };
    let name = name.id.as_str();
    let computed = |at: usize| !call.arguments.args.get(at).is_some_and(Expr::is_string_literal_expr);
    let found = match name {
        "locals" | "vars" | "dir" => true,
        "getattr" | "hasattr" => computed(1),
        _ => false,
    };
    found.then(|| finder(name))
}

fn code(what: &str) -> Dynamic {
    Dynamic { what: format!("`{what}`"), loads: true, ..Dynamic::default() }
}

fn finder(what: &str) -> Dynamic {
    Dynamic { what: format!("`{what}`"), ..Dynamic::default() }
}
