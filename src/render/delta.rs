//! `delta_sql` and `delta_config` of incremental models: the query for new rows, a template of its own beside the model's.
//!
//! Takes a rendered model, gives it with that query in the place of what its own text would give where `is_incremental()`
//! is true. What the query reads is added to what the model reads.

use super::hook::{Part, reads_too, render};
use super::{Increment, Rendered, Setting, Written};
use crate::diagnostic::{Diagnostic, Location};
use crate::name::look_up;
use crate::project::Delta;
use crate::syntax::audience::Audience;

/// A rendered model with its query for new rows, where `config()` or project.yml says one: the nearest.
pub(super) fn of_model(mut rendered: Rendered, setting: &Setting<'_>) -> Result<Rendered, Vec<Diagnostic>> {
    let found = declared(&rendered, setting).map_err(|problem| vec![problem])?;
    let Some(Delta { text, at, is_file }) = found else { return Ok(rendered) };
    let part = Part { text: &text, at: &at, is_file, new: true, what: "the query for new rows" };
    let mut one = render(&rendered, &part, setting)?;
    let (sql, origin) = (std::mem::take(&mut one.text), std::mem::take(&mut one.origin));
    rendered.increment =
        Some(Increment { text: sql, origin, written: Some(Written { at, file: is_file.then_some(text) }) });
    reads_too(&mut rendered, one);
    Ok(rendered)
}

fn declared(rendered: &Rendered, setting: &Setting<'_>) -> Result<Option<Delta>, Diagnostic> {
    let project = setting.project;
    // What is wrong with a model of others is theirs to mend.
    if !project.sees(&Audience::of(|key| rendered.config.get(key))) {
        return Ok(None);
    }
    let at = rendered.config_at.clone().unwrap_or_else(|| Location::file(&rendered.path));
    if let Some(found) = project.deltas.query_of_config(&rendered.config, &at)? {
        return Ok(Some(found));
    }
    let file = rendered.path.rsplit('/').next().unwrap_or(&rendered.path);
    let name = file.strip_suffix(".sql").unwrap_or(file);
    let declared = look_up(name, |name| project.settings.model_incremental.get(name));
    let entries = declared.and_then(|declared| Some((declared.value.as_object()?, &declared.at)));
    entries.map_or(Ok(None), |(entries, at)| project.deltas.query_of_entries(entries, at))
}
