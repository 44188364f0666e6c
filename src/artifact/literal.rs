//! Secrets that stand in a project's files as they are, found before anything is built or written.
//!
//! Takes the graph, the plan's fingerprints and the [`Secrets`] of the environment; gives a problem for each place that
//! would get a secret's value into an artifact: texts and seeds that are kept as evidence, values of components,
//! descriptions. Seeds are read only where they are to be recorded.

use super::evidence::LARGEST;
use crate::diagnostic::{Diagnostic, Location};
use crate::fingerprint::{Content, Fingerprint};
use crate::graph::{Body, Graph, Node};
use crate::plan::{Action, Decision, Plan};
use crate::project::Project;
use crate::secret::{Secrets, is_variable};
use crate::test::Suite;
use crate::world::World;
use serde_json::json;
use std::collections::BTreeSet;

/// Every place that holds a secret, each told once.
pub fn literals(
    project: &Project,
    (graph, suite): (&Graph, &Suite),
    plan: &Plan,
    secrets: &Secrets,
    world: &dyn World,
) -> Vec<Diagnostic> {
    if secrets.is_empty() {
        return Vec::new();
    }
    let mut search = Search { secrets, told: BTreeSet::new(), found: Vec::new() };
    for decision in &plan.decisions {
        let node = &graph.nodes[decision.node];
        search.texts(node);
        search.hooks(node);
        search.files(node, decision, world);
        search.documentation(node, project);
        search.values(node, &decision.fingerprint);
    }
    for source in project.sources.values() {
        let what = format!("source {}.{}", source.group, source.table);
        search.words(&what, &json!(source).to_string(), Some(source.at.clone()));
    }
    let nodes = project.documents.nodes.iter().map(|(name, text)| (format!("docs/models/{name}.md"), text));
    let columns = project.documents.columns.values().flatten();
    let columns = columns.map(|((relation, column), text)| (format!("docs/columns/{relation}/{column}.md"), text));
    for (path, text) in nodes.chain(columns) {
        search.document(&path, text);
    }
    for test in &suite.tests {
        let what = format!("the test {}", test.name);
        let text = format!("{}\n{}\n{}", test.name, test.query.logical, test.tags.join("\n"));
        search.words(&what, &text, Some(test.at.clone()));
    }
    search.words("`tests`", &json!(project.settings.tests).to_string(), Some(Location::file("project.yml")));
    let named = [&project.settings.name, &project.settings.version].map(String::as_str).join("\n");
    search.words("the project's name or version", &named, Some(Location::file("project.yml")));
    search.found
}

const WRITTEN: &str = "take it out: this is written to artifacts as it is";

struct Search<'a> {
    secrets: &'a Secrets,
    /// Places or subjects, with the variable.
    told: BTreeSet<(String, String)>,
    found: Vec<Diagnostic>,
}

impl Search<'_> {
    /// A text of the project that begins on `line` of the file `path`; tells whether it holds a secret.
    fn text(&mut self, node: &Node, path: &str, line: usize, text: &str) -> bool {
        let Some((variable, at)) = self.secrets.find(text.as_bytes()) else { return false };
        let mut place = Location::at_offset(path, text, at);
        if line > 1 {
            place = Location::new(path, place.line + line - 1, 0);
        }
        let variable = variable.to_string();
        let hint = if is_variable(&variable) {
            format!("read it with env('{variable}')")
        } else {
            "put it into a variable of the environment, and read that with env('…') here and there".into()
        };
        self.tell(&node.name.to_string(), &variable, Some(place), hint);
        true
    }

    fn texts(&mut self, node: &Node) {
        match &node.body {
            Body::Seed(_) => {}
            Body::Sql(body) => {
                let mut told = self.text(node, &node.path, 1, &body.template);
                for used in body.macros.values() {
                    told |= self.text(node, &used.at.path, used.at.line, &used.text);
                }
                // What rendering alone brought in: the value of a var, say.
                if !told {
                    self.words(&format!("the compiled SQL of {}", node.name), body.rendered.shown(), None);
                }
            }
            Body::Python(body) => {
                for (path, text) in &body.model.modules {
                    self.text(node, path, 1, text);
                }
                // What the model doesn't reach is recorded nowhere.
                if self.secrets.find(body.model.slice.as_bytes()).is_some()
                    && !self.text(node, &node.path, 1, &body.source)
                {
                    self.text(node, &node.path, 1, &body.model.slice);
                }
            }
        }
    }

    /// What runs around a model's statements is kept as evidence like its text.
    fn hooks(&mut self, node: &Node) {
        for (key, hooks) in node.hooks.by_key() {
            for hook in hooks {
                self.words(&format!("the {key} of {}", node.name), &hook.logical, Some(hook.at.clone()));
            }
        }
    }

    fn files(&mut self, node: &Node, decision: &Decision, world: &dyn World) {
        if decision.action != Action::Build {
            return;
        }
        for component in &decision.fingerprint.components {
            let Content::File(file) = &component.content else { continue };
            let bytes = if component.size <= LARGEST { world.read(file).unwrap_or_default() } else { Vec::new() };
            let Some((variable, at)) = self.secrets.find(&bytes) else { continue };
            let line = bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
            let place = Location::new(&component.name, line, 0);
            let hint = "take it out: a seed's rows are recorded as they are";
            self.tell(&node.name.to_string(), variable, Some(place), hint.into());
        }
    }

    fn documentation(&mut self, node: &Node, project: &Project) {
        let name = node.name.as_str();
        let properties = project.properties_of(&node.name);
        let at = properties.and_then(|properties| properties.at.clone());
        let what = format!("the documentation of {name}");
        let columns = properties.map(|properties| properties.columns.as_slice()).unwrap_or_default();
        let said = columns.iter().map(|column| column.description.as_deref().unwrap_or_default());
        let said: Vec<&str> =
            said.chain(node.description.as_deref()).chain(node.tags.iter().map(String::as_str)).collect();
        self.words(&what, &said.join("\n"), at.clone());
        let tests: Vec<_> = columns.iter().map(|column| &column.tests).collect();
        if node.meta.is_some() || !columns.is_empty() {
            self.words(&what, &json!([node.meta, tests]).to_string(), at);
        }
    }

    /// A description in Markdown.
    fn document(&mut self, path: &str, text: &str) {
        if let Some((variable, at)) = self.secrets.find(text.as_bytes()) {
            let variable = variable.to_string();
            let place = Location::at_offset(path, text, at);
            self.tell(path, &variable, Some(place), WRITTEN.into());
        }
    }

    fn values(&mut self, node: &Node, fingerprint: &Fingerprint) {
        for component in &fingerprint.components {
            let what = || format!("{} {} of {}", component.kind, component.name, node.name);
            if let Some(value) = &component.value
                && self.secrets.find(value.as_bytes()).is_some()
            {
                self.words(&what(), value, None);
            }
        }
        for input in fingerprint.inputs.iter() {
            if let Some(value) = &input.value {
                self.words(&format!("{} {}", input.kind.as_str(), input.name), value, None);
            }
        }
    }

    fn words(&mut self, what: &str, text: &str, at: Option<Location>) {
        if let Some((variable, _)) = self.secrets.find(text.as_bytes()) {
            let variable = variable.to_string();
            self.tell(what, &variable, at, WRITTEN.into());
        }
    }

    fn tell(&mut self, what: &str, variable: &str, at: Option<Location>, hint: String) {
        let place = at.as_ref().map_or_else(|| what.to_string(), ToString::to_string);
        if self.told.insert((place, variable.to_string())) {
            let message = format!("{what} holds the value of {variable} literally");
            let problem = Diagnostic::new("literal-secret", message).hint(hint);
            self.found.push(match at {
                Some(at) => problem.at(at),
                None => problem,
            });
        }
    }
}
