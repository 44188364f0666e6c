//! What a Python model file declares and what each of its models depends on, found without starting Python.
//!
//! [`analyse`] takes the file's text and a way to look up the project's own modules, and gives one [`PythonModel`] a
//! decorator or every problem it found. The slice of a model is conservative: it may hold more than the function needs,
//! never less, and where that can't be known the whole file stands in for it.

mod callable;
mod declaration;
mod decorator;
mod depth;
mod dynamic;
mod effect;
mod facts;
mod frame;
mod harmless;
mod hook;
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

pub use callable::{Callable, callables};
pub use frame::Frame;
pub use hook::{PythonHook, hooks};
pub use outside::Outside;
pub use part::{Part, PartKind, parts};
pub use reads::{Reads, VarsRead};
pub use semantic::semantic_digest;

use super::audience::{Audience, Sees};
use super::depth::on_large_stack;
use crate::diagnostic::Diagnostic;
use declaration::Declaration;
use litemap::LiteMap;
use local::Locals;
use serde_json::Value;
use slice::{File, Reached};
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
    /// For whom it is. Of a model that this run doesn't see, nothing else is read but its name.
    pub audience: Audience,
    /// How many models of the file that are functions of this name stand in front of it.
    pub ordinal: usize,
    /// Columns the function needs: a list, or lists by dependency. Sets are sorted lists.
    pub requires: Option<Value>,
    pub materialized: Option<String>,
    pub tags: Vec<String>,
    pub meta: Option<Value>,
    pub schema: Option<String>,
    pub alias: Option<String>,
    /// What the decorator says beside these: how an incremental model is extended.
    pub settings: LiteMap<String, Value>,
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
    analyse_for(path, source, modules, &|_| true)
}

/// The same for a run that may not see all of its models.
pub fn analyse_for(
    path: &str,
    source: &str,
    modules: &dyn Modules,
    sees: Sees<'_>,
) -> Result<Vec<PythonModel>, Vec<Diagnostic>> {
    on_large_stack(|| read(path, source, modules, sees))
}

fn read(path: &str, source: &str, modules: &dyn Modules, sees: Sees<'_>) -> Result<Vec<PythonModel>, Vec<Diagnostic>> {
    let source = Source::new(path, source);
    let module = source.parse().map_err(|problem| vec![*problem])?;
    let body = module.suite();
    let declarations = declaration::read(&source, body, sees)?;
    let locals = Locals::new(modules);
    let mut models = Vec::new();
    let mut problems = Vec::new();
    // Nothing is asked of a file whose models are all for others.
    let any = declarations.iter().any(|declaration| declaration.seen);
    let file = any.then(|| File::new(&source, body, &locals, &declarations)).transpose()?;
    let mut ordinals: BTreeMap<&str, usize> = BTreeMap::new();
    for declaration in &declarations {
        let ordinal = ordinals.entry(declaration.function.name.as_str()).or_default();
        match model(file.as_ref().filter(|_| declaration.seen), declaration, *ordinal) {
            Ok(model) => models.push(model),
            Err(found) => problems.extend(found),
        }
        *ordinal += 1;
    }
    if problems.is_empty() { Ok(models) } else { Err(problems) }
}

/// A model with its slice of the file, where one is asked for.
fn model(
    file: Option<&File<'_>>,
    declaration: &Declaration<'_>,
    ordinal: usize,
) -> Result<PythonModel, Vec<Diagnostic>> {
    let arguments = &declaration.arguments;
    let reached = file.map(|file| file.slice(declaration.statement, declaration.dynamic.clone())).transpose()?;
    let slice = match (&reached, file) {
        (Some(Reached { whole_file: None, statements, .. }), Some(file)) => file.text(statements),
        (_, file) => file.map(|file| file.source.text.clone()).unwrap_or_default(),
    };
    let reached = reached.unwrap_or_default();
    Ok(PythonModel {
        name: arguments.name.clone().unwrap_or_else(|| declaration.function.name.to_string()),
        function: declaration.function.name.to_string(),
        ordinal,
        line: declaration.line,
        dependencies: arguments.dependencies.clone(),
        audience: arguments.audience.clone(),
        requires: arguments.requires.clone(),
        materialized: arguments.materialized.clone(),
        tags: arguments.tags.clone(),
        meta: arguments.meta.clone(),
        schema: arguments.schema.clone(),
        alias: arguments.alias.clone(),
        settings: arguments.settings.clone(),
        volatile: arguments.volatile,
        description: arguments.description.clone().or_else(|| declaration::docstring(declaration.function)),
        frame: arguments.frame,
        slice,
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
