//! What makes a file's meaning depend on more than its text shows: code and imports that are made at run time.

use super::import::{Import, Names};
use ruff_python_ast::{Expr, ExprCall};

/// Why `expression` can't be followed, where it can't.
pub fn expression(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Name(name) if ["exec", "eval", "globals", "__import__", "__builtins__"].contains(&name.id.as_str()) => {
            Some(format!("`{}`", name.id))
        }
        Expr::Call(call) => bare_namespace(call),
        Expr::Attribute(attribute) => match (&*attribute.value, attribute.attr.as_str()) {
            (Expr::Name(name), attr) if name.id.as_str() == "sys" && SYSTEM.contains(&attr) => {
                Some(format!("`sys.{attr}`"))
            }
            (_, "__globals__") => Some("`__globals__`".into()),
            _ => None,
        },
        _ => None,
    }
}

const SYSTEM: [&str; 4] = ["path", "modules", "meta_path", "path_hooks"];

/// Why an import can't be followed, where it can't.
pub fn import(import: &Import) -> Option<String> {
    let top = import.module.split('.').next().unwrap_or_default();
    if import.level == 0 && ["importlib", "runpy", "imp", "builtins", "pkgutil", "zipimport"].contains(&top) {
        return Some(format!("`{}`", import.module));
    }
    match &import.names {
        Names::From(names) if import.module == "sys" => {
            let name = names.iter().find(|(name, _)| SYSTEM.contains(&name.as_str()))?;
            Some(format!("`sys.{}`", name.0))
        }
        _ => None,
    }
}

/// `vars()` and `locals()` without argument name what they find at run time.
fn bare_namespace(call: &ExprCall) -> Option<String> {
    match &*call.func {
        Expr::Name(name) if ["vars", "locals"].contains(&name.id.as_str()) && call.arguments.is_empty() => {
            Some(format!("`{}()`", name.id))
        }
        _ => None,
    }
}
