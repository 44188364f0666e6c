//! `pre_hook` and `post_hook` of models: each text is a template of its own, rendered beside the model's.
//!
//! Takes a rendered model's config, or what project.yml declares, and gives the texts with their marks. What they read is
//! added to what the model reads: a relation that a hook names is upstream of the model. A place within such a text is
//! the place of the whole, where it is declared.

use super::{Rendered, Setting, Template, scan};
use crate::diagnostic::{Diagnostic, Location};
use crate::project::DeclaredHook;
use serde_json::Value;

/// The keys of `config()`.
pub const KEYS: [&str; 2] = ["pre_hook", "post_hook"];

/// Texts around a model's own statements; each may hold several statements.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hooks {
    pub pre: Vec<HookText>,
    pub post: Vec<HookText>,
}

impl Hooks {
    pub fn is_empty(&self) -> bool {
        self.pre.is_empty() && self.post.is_empty()
    }
}

/// SQL with marks for relations and secrets.
#[derive(Clone, Debug, PartialEq)]
pub struct HookText {
    pub text: String,
    /// Where it is declared.
    pub at: Location,
}

type Result<T> = std::result::Result<T, Vec<Diagnostic>>;

/// A rendered model with the hooks of its `config()` rendered. A value that can't be one stays in the config, whose check
/// tells it.
pub(super) fn of_config(mut rendered: Rendered, setting: &Setting<'_>) -> Result<Rendered> {
    let at = rendered.config_at.clone().unwrap_or_else(|| Location::file(&rendered.path));
    for key in KEYS {
        let Some(texts) = rendered.config.get(key).and_then(texts) else { continue };
        rendered.config.remove(key);
        let declared = |text: String| DeclaredHook { text, at: at.clone() };
        let hooks = add(&mut rendered, texts.into_iter().map(declared), setting)?;
        if key == KEYS[0] { rendered.hooks.pre = hooks } else { rendered.hooks.post = hooks }
    }
    Ok(rendered)
}

/// What project.yml declares, a model at a time.
pub(super) fn declared(setting: &Setting<'_>) -> Vec<Result<Rendered>> {
    let one = |(model, hooks): (&String, &crate::project::ModelHooks)| {
        let path = hooks.pre.iter().chain(&hooks.post).next().map_or(String::new(), |hook| hook.at.path.clone());
        let mut rendered = Rendered { path, declared_for: Some(model.clone()), ..Rendered::default() };
        rendered.hooks.pre = add(&mut rendered, hooks.pre.iter().cloned(), setting)?;
        rendered.hooks.post = add(&mut rendered, hooks.post.iter().cloned(), setting)?;
        Ok(rendered)
    };
    setting.project.settings.model_hooks.iter().map(one).collect()
}

/// A text, or a list of them.
fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => Some(vec![text.clone()]),
        Value::Array(items) => items.iter().map(|item| item.as_str().map(String::from)).collect(),
        _ => None,
    }
}

/// Renders texts; what they read is added to what `model` reads.
fn add(
    model: &mut Rendered,
    texts: impl Iterator<Item = DeclaredHook>,
    setting: &Setting<'_>,
) -> Result<Vec<HookText>> {
    let mut found = Vec::new();
    for DeclaredHook { text, at } in texts {
        let part = Part { text: &text, at: &at, is_file: false, new: false, what: "a hook" };
        let mut one = render(model, &part, setting)?;
        found.push(HookText { text: std::mem::take(&mut one.text), at });
        reads_too(model, one);
    }
    Ok(found)
}

/// Adds what a text reads that belongs to a model to what the model reads.
pub(super) fn reads_too(model: &mut Rendered, one: Rendered) {
    let known: Vec<String> = model.refs.iter().map(|reference| reference.name.clone()).collect();
    model.refs.extend(one.refs.into_iter().filter(|reference| !known.contains(&reference.name)));
    model.sources.extend(one.sources);
    model.warnings.extend(one.warnings);
    // What the model's own text reads has its place there.
    model.vars = one.vars.into_iter().chain(std::mem::take(&mut model.vars)).collect();
    model.env = one.env.into_iter().chain(std::mem::take(&mut model.env)).collect();
    model.macros.extend(one.macros);
}

/// A text that belongs to a model and is a template of its own.
pub(super) struct Part<'a> {
    pub text: &'a str,
    /// Where it is declared; of a whole file, the file.
    pub at: &'a Location,
    pub is_file: bool,
    /// It gives new rows alone.
    pub new: bool,
    /// What it is, for messages.
    pub what: &'a str,
}

/// Renders a part of a model. A place within a text that is no file is the place of the whole.
pub(super) fn render(model: &Rendered, part: &Part<'_>, setting: &Setting<'_>) -> Result<Rendered> {
    let Part { text, at, is_file, new, what } = *part;
    let placed = |problem: Diagnostic| {
        if is_file { problem } else { Diagnostic { excerpt: None, ..problem }.at(at.clone()) }
    };
    let scan = scan::scan(&at.path, &setting.macros.plain(text));
    let template = Template::new(&at.path, text, setting.macros, &scan);
    // `this` is the model with what it has said of itself; what project.yml declares knows its relation alone.
    let of = model.declared_for.is_none().then_some(model.path.as_str());
    let rendered = template.render(setting, &scan, &model.config, (of, new));
    let mut rendered = rendered.map_err(|problems| problems.into_iter().map(placed).collect::<Vec<_>>())?;
    if rendered.config != model.config {
        let problem = Diagnostic::new("bad-config", format!("{what} calls `config()`")).at(at.clone());
        return Err(vec![problem.hint("only a model's own text has settings")]);
    }
    if is_file {
        return Ok(rendered);
    }
    let refs = rendered.refs.iter_mut().map(|one| &mut one.at);
    refs.chain(rendered.sources.iter_mut().map(|one| &mut one.at)).for_each(|place| *place = at.clone());
    rendered.vars.values_mut().chain(rendered.env.values_mut()).for_each(|read| read.at = at.clone());
    rendered.warnings = rendered.warnings.into_iter().map(placed).collect();
    Ok(rendered)
}
