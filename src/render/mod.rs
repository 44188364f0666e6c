//! Templates to text, and what each text was made from.
//!
//! [`render`] takes a [`Project`] and its engine's [`Dialect`] and gives one [`Rendered`] a SQL model, or every problem
//! of every template. Relations are left as marks ([`mark`]): where a relation lives is known only when all models'
//! `config()` has been read, and the graph fills them in. A secret variable renders as a placeholder
//! (`‹env:FF_X›`); its value enters only the text that is sent to an engine ([`Concealed`]).

mod concealed;
mod delta;
mod engine;
mod function;
mod hook;
mod macros;
pub mod mark;
mod method;
mod origin;
mod package;
mod problem;
mod python;
mod record;
mod run_hook;
mod scan;
mod test;
mod this;

use crate::diagnostic::{Diagnostic, Location};
use crate::dialect::Dialect;
use crate::project::{Language, ModelFile, Project};
use crate::syntax::audience::Audience;
use crate::syntax::depth::on_large_stack;
pub use concealed::{Concealed, Hidden, Sent};
use function::RECORDING;
pub use hook::{HookText, Hooks};
use litemap::LiteMap;
use macros::MacroIndex;
use minijinja::{Environment, OutputSpan, UndefinedBehavior};
pub use origin::{Origin, Source};
pub use python::PythonMacros;
use rayon::prelude::*;
use record::{Recorder, Recording};
pub use run_hook::{HookTemplates, RenderedHook};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
pub use test::{TestTemplates, TestText};
use this::Home;

/// A SQL model's text with what it was made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rendered {
    /// The model file's path.
    pub path: String,
    /// SQL with marks for relations and secrets.
    pub text: String,
    /// From that text back to the file.
    pub origin: Origin,
    /// What it renders to where `is_incremental()` is true; none of a template that never asks.
    pub increment: Option<Increment>,
    /// What `config()` was given.
    pub config: LiteMap<String, Value>,
    /// Where `config()` is first called, else the file.
    pub config_at: Option<Location>,
    pub refs: Vec<Reference>,
    pub sources: Vec<SourceReference>,
    /// Vars read, with the value that each gave.
    pub vars: BTreeMap<String, Read>,
    /// Environment variables read; a secret's value is its placeholder.
    pub env: BTreeMap<String, Read>,
    /// What is read and has no value, each with its place.
    pub warnings: Vec<Diagnostic>,
    /// Macros used, with those that they use, and the values that macro files give names to.
    pub macros: BTreeMap<String, MacroUse>,
    /// What runs in front of the model's own statements and behind them; what those texts read is among what the model's
    /// own text reads.
    pub hooks: Hooks,
    /// The model that project.yml declares these hooks for, where this is the text of no model.
    pub declared_for: Option<String>,
}

/// What a template gives for rows that are new alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Increment {
    /// SQL with marks, as [`Rendered::text`].
    pub text: String,
    pub origin: Origin,
    /// Where it is written, if that isn't the model's own text.
    pub written: Option<Written>,
}

/// Where a text is written that isn't its model's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Where it is declared; of a whole file, the file.
    pub at: Location,
    /// The template, of a whole file.
    pub file: Option<Arc<str>>,
}

impl Written {
    /// Where the byte at `offset` of the text comes from.
    pub fn source(&self, origin: &Origin, offset: usize) -> Option<Source> {
        match &self.file {
            Some(text) => origin.source(offset, &self.at.path, text),
            None => Some(Source { at: self.at.clone(), copied: true }),
        }
    }
}

/// A `ref()` in a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    pub name: String,
    /// The package that it must be of, where one is named: `ref('shared', 'users')`.
    pub package: Option<String>,
    pub at: Location,
}

/// A `source()` in a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceReference {
    pub group: String,
    pub table: String,
    pub at: Location,
}

/// A value that a template read, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    pub value: Value,
    pub at: Location,
}

/// A macro that a template uses, or a name that a macro file gives a value to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MacroUse {
    /// Where it is defined.
    pub at: Location,
    /// Its source, from `{% macro` to `endmacro %}`; of a value the tag, or all of the block that it stands in.
    pub text: Arc<str>,
    /// It is a value (`{% set … %}`), not a macro.
    pub constant: bool,
}

/// The most that one template may do: instructions, and pieces of 64 bytes of what it makes.
const FUEL: u64 = 2_000_000;

/// Renders every SQL model, in the order of `project.models`.
pub fn render(project: &Project, dialect: Arc<dyn Dialect>) -> Result<Vec<Rendered>, Vec<Diagnostic>> {
    let (rendered, problems) = render_all(project, dialect);
    if problems.is_empty() { Ok(rendered) } else { Err(problems) }
}

/// The models that can be rendered, and the problems of the others.
pub fn render_all(project: &Project, dialect: Arc<dyn Dialect>) -> (Vec<Rendered>, Vec<Diagnostic>) {
    render_with(project, dialect, None)
}

/// The same with macros in Python.
pub fn render_with(
    project: &Project,
    dialect: Arc<dyn Dialect>,
    python: Option<Arc<dyn PythonMacros>>,
) -> (Vec<Rendered>, Vec<Diagnostic>) {
    let macros = match MacroIndex::of(project) {
        Ok(macros) => macros,
        Err(problems) => return (Vec::new(), problems),
    };
    let models: Vec<_> = project.models.iter().filter(|model| model.language == Language::Sql).collect();
    let codes: Vec<_> = models.iter().map(|model| macros.plain(&model.text)).collect();
    let read = |(model, code): (&&ModelFile, &Cow<'_, str>)| scan::scan(&model.path, code);
    let scans: Vec<_> = models.par_iter().zip(&codes).map(read).collect();
    let templates: Vec<Template> =
        models.iter().zip(&scans).map(|(model, scan)| Template::new(&model.path, &model.text, &macros, scan)).collect();
    let home = home(project, &*dialect);
    let mut environment = environment(&macros);
    python.iter().for_each(|python| python::register(&mut environment, python));
    // What every template has no function takes the place of.
    function::register(&mut environment, project, dialect, &home);
    let setting = Setting { environment: &environment, macros: &macros, home: &home, project };
    let render = |(template, scan): (&Template, &scan::Scan)| {
        let rendered = template.render(&setting, scan, &LiteMap::new(), (Some(template.path), false))?;
        hook::of_config(delta::of_model(rendered, &setting)?, &setting)
    };
    let mut results: Vec<_> = templates.par_iter().zip(&scans).map(render).collect();
    results.extend(hook::declared(&setting));
    let mut rendered = Vec::with_capacity(results.len());
    let mut problems = Vec::new();
    for result in results {
        match result {
            Ok(one) => rendered.push(one),
            // What is wrong with a macro is so in each model that uses it.
            Err(found) => found.into_iter().for_each(|problem| {
                if !problems.contains(&problem) {
                    problems.push(problem);
                }
            }),
        }
    }
    (rendered, problems)
}

fn environment(macros: &MacroIndex) -> Environment<'_> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.set_fuel(Some(FUEL));
    environment.set_unknown_method_callback(method::call);
    minijinja_contrib::add_to_environment(&mut environment);
    if !macros.module().is_empty() {
        on_large_stack(|| environment.add_template(macros::MODULE, macros.module()))
            .expect("invariant: every macro file was compiled on its own");
    }
    environment
}

/// Where relations of the project are that say nothing else.
fn home(project: &Project, dialect: &dyn Dialect) -> Arc<Home> {
    Arc::new(Home {
        schema: project.default_schema().unwrap_or(dialect.default_schema()).into(),
        database: project.default_catalog().map(String::from),
    })
}

/// What templates are rendered with.
struct Setting<'a> {
    environment: &'a Environment<'a>,
    macros: &'a MacroIndex,
    home: &'a Arc<Home>,
    project: &'a Project,
}

/// A model's template behind the beginning of its record and the import of the macros that it uses. Both stand on the
/// first line, so lines are those of the file.
struct Template<'project> {
    path: &'project str,
    text: &'project str,
    source: String,
    prefix: usize,
    macros: Vec<String>,
}

impl<'project> Template<'project> {
    /// `scan` is of the text as [`MacroIndex::plain`] has it.
    fn new(path: &'project str, text: &'project str, index: &MacroIndex, scan: &scan::Scan) -> Template<'project> {
        let macros = index.used_by(scan);
        let mut prefix = format!("{{% do {RECORDING}({RECORDING}_of_this) %}}");
        if !macros.is_empty() {
            prefix.push_str(&format!("{{% from \"{}\" import {} %}}", macros::MODULE, macros.join(", ")));
        }
        let length = prefix.len();
        let source = prefix + &engine::callable(&index.plain(text));
        Template { path, text, source, prefix: length, macros }
    }

    /// `model` is the path of the model that it is of, if it is of one; `config` what that has said of itself. `new`: it is
    /// for new rows alone.
    fn render(
        &self,
        setting: &Setting<'_>,
        scan: &scan::Scan,
        config: &LiteMap<String, Value>,
        (model, new): (Option<&str>, bool),
    ) -> Result<Rendered, Vec<Diagnostic>> {
        let Setting { macros, project, .. } = *setting;
        let mut problems = scan.problems(self.text);
        problems.extend(macros.problems(&self.macros, scan));
        let ran = (!scan.is_too_deep()).then(|| self.run(setting, config, model, new));
        let (rendered, mut recorded) = ran.unzip();
        if let (Some(Ok((text, spans))), true) = (&rendered, problems.is_empty()) {
            let mut increment = None;
            // What each of both reads is read by the model.
            if !new && recorded.as_ref().is_some_and(Recorder::asks_incremental) {
                let (also, more) = self.run(setting, config, model, true);
                let (text, spans) = also.map_err(|error| vec![self.diagnose(&error, macros)])?;
                increment = Some(Increment { text, origin: Origin::new(&spans, self.prefix), written: None });
                recorded.iter_mut().for_each(|recorded| recorded.add(more.clone()));
            }
            let uses = macros.closure(&self.macros, scan);
            let origin = Origin::new(spans, self.prefix);
            let recorded = recorded.unwrap_or_default().finish(self.path, text.clone(), scan, macros, uses);
            return Ok(Rendered { origin, increment, ..recorded });
        }
        let recorded = recorded.unwrap_or_default();
        // What is wrong with a model of others is theirs to mend.
        let audience = Audience::of(|key| recorded.config().get(key));
        if !project.sees(&audience) {
            return Ok(recorded.finish(self.path, String::new(), scan, macros, BTreeMap::new()));
        }
        if let (Some(Err(error)), true) = (&rendered, problems.is_empty()) {
            problems.push(self.diagnose(error, macros));
        }
        Err(problems)
    }

    /// What it gives where `is_incremental()` is `incremental`, and what it read until it did or failed.
    fn run(
        &self,
        setting: &Setting<'_>,
        config: &LiteMap<String, Value>,
        model: Option<&str>,
        incremental: bool,
    ) -> (Result<(String, Vec<OutputSpan>), minijinja::Error>, Recorder) {
        let Setting { environment, home, .. } = *setting;
        let package = model.and_then(|path| setting.project.package_of(path));
        let recording = Recording::new(incremental, package.map(|package| package.name.clone()));
        recording.lock().config = config.clone();
        let rendered = on_large_stack(|| {
            let template = environment.template_from_named_str(self.path, &self.source)?;
            template.render_with_spans(function::context(&recording, model, home))
        });
        (rendered, recording.take())
    }

    fn diagnose(&self, error: &minijinja::Error, macros: &MacroIndex) -> Diagnostic {
        let mut deepest = error;
        let mut next: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(error);
        while let Some(cause) = next {
            if let Some(inner) = cause.downcast_ref::<minijinja::Error>() {
                deepest = inner;
            }
            next = cause.source();
        }
        let (at, text) = match deepest.range() {
            Some(range) if deepest.name() == Some(macros::MODULE) => macros.place(range.start),
            Some(range) if range.start >= self.prefix => {
                (Location::at_offset(self.path, self.text, range.start - self.prefix), self.text)
            }
            _ => (Location::new(self.path, deepest.line().unwrap_or(0), 0), self.text),
        };
        let hint = problem::hint(deepest, &at, text, macros.names());
        let problem = problem::diagnostic(deepest).at(at).excerpt(text);
        match hint {
            Some(hint) if problem.hints.is_empty() => problem.hint(hint),
            _ => problem,
        }
    }
}

#[cfg(test)]
mod tests;
