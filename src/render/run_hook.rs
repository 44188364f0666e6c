//! Templates of hooks, rendered when they run: what they tell of a run is known only then.
//!
//! [`HookTemplates::read`] looks at all of them before a run begins; [`HookTemplates::render`] gives one's text with its
//! marks. A place within a text is one of the file that holds it.

use super::function::{self, RECORDING};
use super::macros::MacroIndex;
use super::record::Recording;
use super::scan::{Scan, scan};
use super::{Origin, Template, environment, home};
use crate::diagnostic::{Diagnostic, Location, did_you_mean};
use crate::dialect::Dialect;
use crate::project::{HookBody, HookSql, Project};
use crate::syntax::depth::on_large_stack;
use crate::syntax::moves::Moves;
use minijinja::{Environment, Value};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Nodes that texts name, each with its place.
type Named = Vec<(String, Location)>;

/// What the hooks of a project are rendered with.
#[derive(Debug, Default)]
pub struct HookTemplates {
    macros: MacroIndex,
}

/// A hook's SQL with marks for relations and secrets.
pub struct RenderedHook {
    pub text: String,
    origin: Origin,
}

impl RenderedHook {
    /// Where a byte of the text comes from, once its marks were filled in with these moves.
    pub fn place(self, sql: &HookSql, moves: [Moves; 3], offset: usize) -> Location {
        let origin = moves.into_iter().fold(self.origin, Origin::edited);
        let found = origin.source(offset, &sql.path, &sql.text);
        sql.place(&found.map_or(Location::file(&sql.path), |source| source.at))
    }
}

impl HookTemplates {
    /// Reads the macros and looks at each text: what is no template, and sources that aren't declared. With the nodes that
    /// the texts name, each with its place.
    pub fn read(project: &Project) -> Result<(HookTemplates, Named), Vec<Diagnostic>> {
        if project.hooks.is_empty() {
            return Ok(Default::default());
        }
        let templates = HookTemplates { macros: MacroIndex::of(project)? };
        let (mut problems, mut named) = (Vec::new(), Vec::new());
        for hook in &project.hooks {
            let HookBody::Sql(sql) = &hook.body else { continue };
            let found = scan(&sql.path, &sql.text);
            problems.extend(problems_of(sql, &found, project));
            named.extend(found.references().map(|(name, at)| (name.to_string(), sql.place(at))));
        }
        if problems.is_empty() { Ok((templates, named)) } else { Err(problems) }
    }

    /// The text of a hook, given what there is to know.
    pub fn render(
        &self,
        project: &Project,
        dialect: Arc<dyn Dialect>,
        sql: &HookSql,
        context: &Map<String, Json>,
    ) -> Result<RenderedHook, Diagnostic> {
        let home = home(project, &*dialect);
        let mut environment = environment(&self.macros);
        function::register(&mut environment, project, dialect, &home);
        let scan = scan(&sql.path, &self.macros.plain(&sql.text));
        let template = Template::new(&sql.path, &sql.text, &self.macros, &scan);
        let recording = Recording::default();
        let context = recording.context_with(context);
        let rendered = on_large_stack(|| {
            environment.template_from_named_str(&sql.path, &template.source)?.render_with_spans(context)
        });
        let (text, spans) = rendered.map_err(|error| placed(sql, template.diagnose(&error, &self.macros)))?;
        Ok(RenderedHook { text, origin: Origin::new(&spans, template.prefix) })
    }
}

/// A problem within a text, with its place in the file.
fn placed(sql: &HookSql, problem: Diagnostic) -> Diagnostic {
    match &problem.at {
        // In a macro it is where the macro is.
        Some(at) if at.path != sql.path => problem,
        Some(at) => {
            let at = sql.place(at);
            let excerpt = problem.excerpt.clone().filter(|_| sql.is_file());
            Diagnostic { excerpt, ..problem }.at(at)
        }
        None => problem.at(sql.place(&Location::file(&sql.path))),
    }
}

fn problems_of(sql: &HookSql, found: &Scan, project: &Project) -> Vec<Diagnostic> {
    let mut problems = found.problems(&sql.text);
    let plain = Environment::new();
    if let Err(error) = on_large_stack(|| plain.template_from_named_str(&sql.path, &sql.text).map(drop)) {
        let at = error.range().map(|range| Location::at_offset(&sql.path, &sql.text, range.start));
        let at = at.unwrap_or_else(|| Location::new(&sql.path, error.line().unwrap_or(0), 0));
        problems.push(super::problem::diagnostic(&error).at(at).excerpt(&sql.text));
    }
    let undeclared = found
        .sources()
        .filter(|(group, table, _)| !project.sources.contains_key(&(group.to_string(), table.to_string())));
    problems.extend(undeclared.map(|(group, table, at)| {
        let wanted = format!("{group}.{table}");
        let names: Vec<String> = project.sources.keys().map(|(group, table)| format!("{group}.{table}")).collect();
        let hint = did_you_mean(&wanted, names.iter().map(String::as_str));
        let problem = Diagnostic::new("unknown-source", format!("unknown source `{wanted}`")).at(at.clone());
        problem.excerpt(&sql.text).hint(hint.unwrap_or_else(|| "declare it in sources.yml".into()))
    }));
    problems.into_iter().map(|problem| placed(sql, problem)).collect()
}

impl Recording {
    /// What a text is rendered with that is told this.
    pub(super) fn context_with(&self, told: &Map<String, Json>) -> Value {
        let told = told.iter().map(|(name, value)| (name.clone(), Value::from(minijinja::value::Serde(value))));
        let own = (format!("{RECORDING}_of_this"), Value::from_object(self.clone()));
        Value::from(told.chain([own]).collect::<BTreeMap<String, Value>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::DuckDb;
    use crate::project::testing::empty;
    use serde_json::json;

    fn rendered(text: &str, context: Json) -> Result<String, String> {
        let Json::Object(context) = context else { panic!("it is an object") };
        let project = empty().var("who", "ops").secret("FF_PIN", "1234");
        let sql = HookSql::of_file("hooks/h.sql", text.into());
        let told = HookTemplates::default().render(&project, Arc::new(DuckDb), &sql, &context);
        told.map(|hook| hook.text).map_err(|problem| problem.to_string())
    }

    #[test]
    fn values_become_literals_of_the_engine() {
        let told = json!({"run": {"a": null, "b": true, "n": 3, "t": "it's", "l": [1, "x"]}});
        let text = "{{ run.a | sql_literal }} {{ run.b | sql_literal }} {{ run.n | sql_literal }} {{ run.t | sql_literal }} \
                    {{ run.l | sql_literal }} {{ var('who') | sql_literal }}";
        assert_eq!(rendered(text, told).unwrap(), "null true 3 'it''s' '[1,\"x\"]' 'ops'");
    }

    #[test]
    fn a_secret_is_a_mark_and_a_slip_has_its_place() {
        let text = rendered("x {{ env('FF_PIN') }}", json!({})).unwrap();
        assert!(!text.contains("1234") && crate::render::mark::is_marked(&text), "{text}");
        let problem = rendered("one\n  {{ run.id }}", json!({})).unwrap_err();
        assert!(problem.contains("  --> hooks/h.sql:2:6"), "{problem}");
    }
}
