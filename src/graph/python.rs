//! Python models on their way into the graph.

use super::build::Builder;
use super::draft::Draft;
use super::{Body, Edge, Elsewhere, Materialization, NodeKind, PythonBody};
use crate::diagnostic::{Diagnostic, Location};
use crate::project::ModelFile;
use crate::syntax::python::PythonModel;
use litemap::LiteMap;
use serde_json::Value;

impl Builder<'_> {
    /// A Python model on its way, or who alone has it.
    pub(super) fn python(&mut self, file: &ModelFile, mut model: PythonModel) {
        if !self.project.sees(&model.audience) {
            let PythonModel { name, audience, .. } = model;
            return self.elsewhere.push(Elsewhere { name, path: file.path.clone(), audience });
        }
        let at = Location::new(&file.path, model.line, 0);
        let queried = model
            .materialized
            .take_if(|word| Materialization::called(word).is_some_and(Materialization::reads_when_queried));
        let mut config = LiteMap::new();
        let named = model.materialized.is_some() || queried.is_some();
        let settings = [("materialized", &model.materialized), ("schema", &model.schema), ("alias", &model.alias)];
        for (key, value) in settings {
            if let Some(value) = value {
                config.insert(key.to_string(), Value::from(value.clone()));
            }
        }
        let suits = |word: &str| Materialization::called(word).is_some_and(|asked| asked.suits(NodeKind::Python));
        if !model.materialized.as_deref().is_none_or(suits) {
            let message = format!("Python model `{}` can only be materialized as a table or `incremental`", model.name);
            self.problems.push(Diagnostic::new("bad-config", message).at(at.clone()).hint("leave `materialized` out"));
        }
        let places = Builder::python_places(&model, &at);
        let says_itself = model.reads.asks_incremental;
        let name = model.name.clone();
        let edges = model.dependencies.iter();
        let edges = edges.map(|found| Edge {
            name: found.name.clone(),
            package: None,
            at: Location::new(&file.path, found.line, 0),
        });
        let edges = edges.collect();
        let (tags, meta, volatile) = (model.tags.clone(), model.meta.clone(), model.volatile);
        let description = model.description.clone();
        let body = Body::Python(Box::new(PythonBody { source: file.text.clone(), model }));
        let mut draft = Draft::new(&name, NodeKind::Python, &file.path, config, body);
        (draft.edges, draft.at, draft.config_at) = (edges, at.clone(), at);
        (draft.node.tags, draft.node.meta, draft.node.volatile) = (tags, meta, volatile);
        draft.node.description = description;
        draft.warnings.extend(queried.map(|word| {
            let message = format!("Python model `{name}` is a table and no {word}: its rows have to be kept");
            Diagnostic::warning("kept-rows", message).at(draft.at.clone()).hint("leave `materialized` out")
        }));
        let at = draft.at.clone();
        let mut draft = self.completed(draft);
        let problems = self.extend(&mut draft, places, says_itself, (named, &at));
        self.problems.extend(problems);
        self.drafts.push(draft);
    }
}
