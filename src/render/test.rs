//! Queries below `tests/`: templates, rendered once for each test that they are.
//!
//! A file that is a kind of test is told the table and the column that it is to look at, and the parameters that it
//! declares; what isn't given of those is none.

use super::function;
use super::macros::MacroIndex;
use super::record::{Recorder, Recording};
use super::scan::scan;
use super::{Origin, Template, environment, home};
use crate::diagnostic::{Diagnostic, Location};
use crate::dialect::Dialect;
use crate::project::{Project, TestFile};
use crate::syntax::depth::on_large_stack;
use litemap::LiteMap;
use minijinja::{Environment, OutputSpan, UndefinedBehavior};
use serde_json::{Map, Value};
use std::sync::Arc;

/// What the queries of a project are rendered with.
pub struct TestTemplates<'a> {
    project: &'a Project,
    dialect: Arc<dyn Dialect>,
    macros: MacroIndex,
}

/// SQL with marks for relations and secrets.
#[derive(Clone, Debug, Default)]
pub struct TestText {
    pub text: String,
    pub origin: Origin,
    /// What is read and has no value, each with its place.
    pub warnings: Vec<Diagnostic>,
}

impl<'a> TestTemplates<'a> {
    pub fn read(project: &'a Project, dialect: Arc<dyn Dialect>) -> Result<TestTemplates<'a>, Vec<Diagnostic>> {
        Ok(TestTemplates { project, dialect, macros: MacroIndex::of(project)? })
    }

    /// What a file says of itself by `config()`, with the place of that, as far as it comes to it.
    pub fn settings(&self, file: &TestFile) -> (LiteMap<String, Value>, Location) {
        let (_, recorded) = self.run(file, &Map::new(), UndefinedBehavior::Chainable);
        let at = scan(&file.path, &file.text).place("config", &[]).unwrap_or_else(|| Location::file(&file.path));
        (recorded.config, at)
    }

    /// The text of a test, which is told `context`.
    pub fn render(&self, file: &TestFile, context: &Map<String, Value>) -> Result<TestText, Vec<Diagnostic>> {
        let scan = scan(&file.path, &self.macros.plain(&file.text));
        let problems = scan.problems(&file.text);
        if !problems.is_empty() {
            return Err(problems);
        }
        let template = Template::new(&file.path, &file.text, &self.macros, &scan);
        let (rendered, recorded) = self.run(file, context, UndefinedBehavior::Strict);
        let (text, spans) = rendered.map_err(|error| vec![template.diagnose(&error, &self.macros)])?;
        let origin = Origin::new(&spans, template.prefix);
        let recorded = recorded.finish(&file.path, String::new(), &scan, &self.macros, Default::default());
        Ok(TestText { text, origin, warnings: recorded.warnings })
    }

    fn run(
        &self,
        file: &TestFile,
        context: &Map<String, Value>,
        undefined: UndefinedBehavior,
    ) -> (Result<(String, Vec<OutputSpan>), minijinja::Error>, Recorder) {
        let mut environment: Environment<'_> = environment(&self.macros);
        environment.set_undefined_behavior(undefined);
        let home = home(self.project, &*self.dialect);
        function::register(&mut environment, self.project, self.dialect.clone(), &home);
        let scan = scan(&file.path, &self.macros.plain(&file.text));
        let template = Template::new(&file.path, &file.text, &self.macros, &scan);
        let recording = Recording::default();
        let context = recording.context_with(context);
        let rendered = on_large_stack(|| {
            environment.template_from_named_str(&file.path, &template.source)?.render_with_spans(context)
        });
        (rendered, recording.take())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::DuckDb;
    use crate::project::testing::empty;
    use serde_json::json;

    fn file(text: &str) -> TestFile {
        TestFile { path: "tests/t.ff.sql".into(), text: text.into() }
    }

    #[test]
    fn a_kind_says_of_itself_what_it_takes() {
        let project = empty();
        let templates = TestTemplates::read(&project, Arc::new(DuckDb)).unwrap();
        let text =
            "{{ config(type='share', params=['least']) }}\nselect 1 from {{ table }} where {{ column }} < {{ least }}";
        let (settings, at) = templates.settings(&file(text));
        assert_eq!(settings.get("type"), Some(&json!("share")));
        assert_eq!((settings.get("params"), at.to_string().as_str()), (Some(&json!(["least"])), "tests/t.ff.sql:1:4"));
        let context = json!({"table": "t", "column": "a", "least": 0.5});
        let Value::Object(context) = context else { panic!("it is an object") };
        assert_eq!(templates.render(&file(text), &context).unwrap().text.trim(), "select 1 from t where a < 0.5");
        let problems = templates.render(&file(text), &Map::new()).unwrap_err();
        assert!(problems[0].to_string().contains("tests/t.ff.sql:2:"), "{}", problems[0]);
    }
}
