//! What a Python model file declares and what each of its models depends on, found without starting Python.
//!
//! [`analyse`] takes the file's text and a way to look up the project's own modules, and gives one [`PythonModel`] a
//! decorator or every problem it found. The slice of a model is conservative: it may hold more than the function needs,
//! never less, and where that can't be known the whole file stands in for it.

mod declaration;
mod decorator;
mod depth;
mod dynamic;
mod effect;
mod facts;
mod frame;
mod harmless;
mod import;
mod literal;
mod local;
mod names;
mod outside;
mod part;
mod plain;
mod reads;
mod semantic;
mod slice;
mod source;
mod target;

pub use frame::Frame;
pub use outside::Outside;
pub use part::{Part, PartKind, parts};
pub use reads::{Reads, VarsRead};
pub use semantic::semantic_digest;

use super::depth::on_large_stack;
use crate::diagnostic::Diagnostic;
use declaration::Declaration;
use local::Locals;
use serde_json::Value;
use slice::File;
use source::Source;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A module of the project itself, as opposed to an installed package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalModule {
    /// Project-relative path with `/` separators.
    pub path: String,
    pub text: Arc<str>,
}

/// The project's own modules. A file that is there and can't be read is an `Err`.
pub trait Modules {
    /// The module of this dotted name, where the project has one.
    fn get(&self, name: &str) -> Option<Result<LocalModule, Diagnostic>>;

    /// Every Python file of the project.
    fn all(&self) -> Result<Vec<LocalModule>, Diagnostic>;
}

/// A name in `deps=[…]` and the line it stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    pub name: String,
    pub line: usize,
}

/// One model that a decorator declares.
#[derive(Clone, Debug, PartialEq)]
pub struct PythonModel {
    pub name: String,
    pub function: String,
    /// Line of the `def`.
    pub line: usize,
    pub dependencies: Vec<Dependency>,
    /// Engines the model is for; empty means all.
    pub only: Vec<String>,
    /// Columns the function needs: a list, or lists by dependency. Sets are sorted lists.
    pub requires: Option<Value>,
    pub materialized: Option<String>,
    pub tags: Vec<String>,
    pub meta: Option<Value>,
    pub schema: Option<String>,
    pub alias: Option<String>,
    pub volatile: bool,
    /// `description=` of the decorator, else the docstring.
    pub description: Option<String>,
    /// In which form the function takes rows: as the decorator says, or as an annotation does that is Spark's DataFrame.
    /// `None` leaves it to the annotations of parameters and to what is installed.
    pub frame: Option<Frame>,
    /// The function and what it reaches in its own file, in file order, with `\n` line ends. Of the model decorator
    /// only `deps`, `requires` and `frame` are kept: the rest is configuration or documentation, told elsewhere.
    pub slice: String,
    /// Path → content of the project's own modules that the slice imports, transitively, with `\n` line ends.
    pub modules: BTreeMap<String, String>,
    pub reads: Reads,
    /// Why the whole file stands in for the slice, where it does: what was found and where.
    pub whole_file: Option<String>,
}

impl PythonModel {
    /// What is to be known of its inputs: why the whole file counts, and what isn't watched.
    pub fn notes(&self) -> Vec<String> {
        let whole = self.whole_file.iter().map(|why| format!("the whole file counts, because of {why}"));
        let outside = self.reads.outside.iter().map(|found| format!("not watched: {} ({})", found.what, found.at));
        whole.chain(outside).collect()
    }
}

/// Reads the model file `path` (project-relative) whose text is `source`.
pub fn analyse(path: &str, source: &str, modules: &dyn Modules) -> Result<Vec<PythonModel>, Vec<Diagnostic>> {
    on_large_stack(|| read(path, source, modules))
}

fn read(path: &str, source: &str, modules: &dyn Modules) -> Result<Vec<PythonModel>, Vec<Diagnostic>> {
    let source = Source::new(path, source);
    let module = source.parse().map_err(|problem| vec![*problem])?;
    let body = module.suite();
    let declarations = declaration::read(&source, body)?;
    let locals = Locals::new(modules);
    let file = File::new(&source, body, &locals, &declarations)?;
    let mut models = Vec::new();
    let mut problems = Vec::new();
    for declaration in declarations {
        match model(&file, &declaration) {
            Ok(model) => models.push(model),
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(models) } else { Err(problems) }
}

fn model(file: &File<'_>, declaration: &Declaration<'_>) -> Result<PythonModel, Vec<Diagnostic>> {
    let reached = file.slice(declaration.statement, declaration.dynamic.clone())?;
    let arguments = &declaration.arguments;
    Ok(PythonModel {
        name: arguments.name.clone().unwrap_or_else(|| declaration.function.name.to_string()),
        function: declaration.function.name.to_string(),
        line: declaration.line,
        dependencies: arguments.dependencies.clone(),
        only: arguments.only.clone(),
        requires: arguments.requires.clone(),
        materialized: arguments.materialized.clone(),
        tags: arguments.tags.clone(),
        meta: arguments.meta.clone(),
        schema: arguments.schema.clone(),
        alias: arguments.alias.clone(),
        volatile: arguments.volatile,
        description: arguments.description.clone().or_else(|| declaration::docstring(declaration.function)),
        frame: arguments.frame,
        slice: match reached.whole_file {
            Some(_) => file.source.text.clone(),
            None => file.text(&reached.statements),
        },
        modules: reached.modules,
        reads: reached.reads,
        whole_file: reached.whole_file,
    })
}

/// A project without modules of its own.
#[cfg(test)]
pub struct NoModules;

#[cfg(test)]
impl Modules for NoModules {
    fn get(&self, _: &str) -> Option<Result<LocalModule, Diagnostic>> {
        None
    }

    fn all(&self) -> Result<Vec<LocalModule>, Diagnostic> {
        Ok(Vec::new())
    }
}

#[cfg(test)]
mod tests;
