//! Import statements as data.

use ruff_python_ast::{Expr, ExprCall, Stmt, StmtImport, StmtImportFrom};

/// The package that workers serve from memory.
pub const PACKAGE: &str = "fastflowtransform";

/// One imported module, with the names taken from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Leading dots of a relative import.
    pub level: u32,
    /// Dotted name; empty for `from . import x`.
    pub module: String,
    pub names: Names,
}

/// What an import binds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Names {
    /// `import a.b` binds `a`, `import a.b as c` binds `c`.
    Module { bound: String },
    /// `from m import a as b`: `a` and `b`.
    From(Vec<(String, String)>),
    /// `from m import *`.
    Star,
}

impl Import {
    /// The imports of one statement; none where it isn't an import.
    pub fn of(statement: &Stmt) -> Vec<Import> {
        match statement {
            Stmt::Import(import) => plain(import),
            Stmt::ImportFrom(import) => vec![from(import)],
            _ => Vec::new(),
        }
    }

    /// `importlib.import_module("m")`, `__import__("m")` with a literal name.
    pub fn of_call(call: &ExprCall) -> Option<Import> {
        let called = match &*call.func {
            Expr::Name(name) => name.id.as_str(),
            Expr::Attribute(attribute) => attribute.attr.as_str(),
            _ => return None,
        };
        let Some(Expr::StringLiteral(text)) = call.arguments.args.first() else { return None };
        let module = text.value.to_str().to_string();
        matches!(called, "import_module" | "__import__").then(|| Import {
            level: 0,
            names: Names::Module { bound: String::new() },
            module,
        })
    }

    /// Names bound in the importing scope; a star binds names unknown.
    pub fn bound(&self) -> Vec<&str> {
        match &self.names {
            Names::Module { bound } => vec![bound],
            Names::From(names) => names.iter().map(|(_, bound)| bound.as_str()).collect(),
            Names::Star => Vec::new(),
        }
    }

    /// Every dotted name that Python may load for this import, seen from `package` (the importing file's own).
    pub fn candidates(&self, package: Option<&str>) -> Vec<String> {
        let Some(base) = self.absolute(package) else { return Vec::new() };
        let mut found = Vec::new();
        for (end, _) in base.match_indices('.') {
            found.push(base[..end].to_string());
        }
        if !base.is_empty() {
            found.push(base.clone());
        }
        if let Names::From(names) = &self.names {
            let below = |name: &String| if base.is_empty() { name.clone() } else { format!("{base}.{name}") };
            found.extend(names.iter().map(|(name, _)| below(name)));
        }
        found
    }

    /// Whether this is the package that fft serves itself, or a part of it.
    pub fn is_package(&self) -> bool {
        self.level == 0 && (self.module == PACKAGE || self.module.starts_with("fastflowtransform."))
    }

    /// The module's dotted name from the top; `None` where a relative one can't be told.
    pub fn absolute(&self, package: Option<&str>) -> Option<String> {
        if self.level == 0 {
            return Some(self.module.clone());
        }
        let mut base = package?;
        for _ in 1..self.level {
            base = base.rsplit_once('.').map_or("", |(parent, _)| parent);
        }
        Some(match (base.is_empty(), self.module.is_empty()) {
            (true, _) => self.module.clone(),
            (false, true) => base.to_string(),
            (false, false) => format!("{base}.{}", self.module),
        })
    }
}

fn plain(import: &StmtImport) -> Vec<Import> {
    let one = |alias: &ruff_python_ast::Alias| {
        let module = alias.name.to_string();
        let first = || module.split('.').next().unwrap_or_default().to_string();
        let bound = alias.asname.as_ref().map_or_else(first, ToString::to_string);
        Import { level: 0, names: Names::Module { bound }, module }
    };
    import.names.iter().map(one).collect()
}

fn from(import: &StmtImportFrom) -> Import {
    let pair = |alias: &ruff_python_ast::Alias| {
        (alias.name.to_string(), alias.asname.as_ref().unwrap_or(&alias.name).to_string())
    };
    let names = if import.names.iter().any(|alias| alias.name.as_str() == "*") {
        Names::Star
    } else {
        Names::From(import.names.iter().map(pair).collect())
    };
    let module = import.module.as_ref().map(ToString::to_string).unwrap_or_default();
    Import { level: import.level, module, names }
}
