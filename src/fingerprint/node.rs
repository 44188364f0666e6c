//! Each node's own components, and its fingerprint once those of its upstream nodes are known.

use super::{Component, Content, Fingerprint, Input, Key, Kind};
use crate::digest::{Digest, canonical_json};
use crate::graph::{Body, Graph, Node, NodeId, PythonBody, SqlBody};
use crate::project::{Project, SourceTable, without_passwords};
use crate::syntax::python::VarsRead;
use rayon::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// What was read for fingerprints beside the project's texts.
#[derive(Clone, Debug, Default)]
pub struct Material {
    /// Leaf and size of each seed file, by its path in the project.
    pub seeds: BTreeMap<String, SeedDigest>,
    /// `python 3.11`, then on lines of their own the requirements file's text; empty when the project has no Python
    /// model. Of the requirements only the digest is recorded.
    pub python_env: String,
    /// Data versions of sources that declare one, by group and table.
    pub source_data: BTreeMap<(String, String), String>,
    pub key: Key,
}

/// A seed file's leaf, `leaf("seed", path, bytes)`.
#[derive(Clone, Debug)]
pub struct SeedDigest {
    pub leaf: Digest,
    pub size: u64,
    pub file: PathBuf,
}

/// The components of every node that don't depend on other nodes.
pub struct Components {
    own: Vec<Own>,
    key: Key,
}

struct Own {
    components: Vec<Arc<Component>>,
    inputs: Vec<Input>,
    semantic: Option<Digest>,
}

impl Components {
    pub fn of(graph: &Graph, project: &Project, material: &Material) -> Components {
        let shared = Shared::new(project, &material.key);
        let own = graph.nodes.par_iter().map(|node| shared.own(node, project, material)).collect();
        Components { own, key: material.key.clone() }
    }

    /// Whether a node has a component of its own by that kind and name.
    pub fn has(&self, id: NodeId, kind: Kind, name: &str) -> bool {
        self.own[id].components.iter().any(|component| component.id() == (kind, name))
    }

    /// The fingerprint of a node over `upstream`: name and fingerprint value of each direct upstream node, `None` where
    /// nothing is there to hold one.
    pub fn fingerprint(&self, id: NodeId, upstream: &[(&str, Option<Digest>)]) -> Fingerprint {
        let own = &self.own[id];
        let mut components = own.components.clone();
        components.extend(upstream.iter().map(|(name, value)| {
            Arc::new(match value {
                Some(value) => Component::shown(Kind::Upstream, name, &value.to_string()),
                None => Component::absent(Kind::Upstream, name),
            })
        }));
        Fingerprint::new(components, own.inputs.clone(), own.semantic, &self.key)
    }
}

/// Components that every node has alike, made once.
struct Shared<'a> {
    all: Vec<Arc<Component>>,
    env: BTreeMap<&'a str, Arc<Component>>,
}

impl<'a> Shared<'a> {
    fn new(project: &'a Project, key: &Key) -> Shared<'a> {
        let env: BTreeMap<&str, Arc<Component>> = project
            .env
            .vars
            .iter()
            .filter(|(name, var)| name.starts_with("FF_") && !var.secret && !var.ignored)
            .map(|(name, var)| {
                // Another password is the same database.
                let value = without_passwords(&var.value);
                (name.as_str(), Arc::new(Component::env(name, Some(&value), var.exposed, key)))
            })
            .collect();
        let mut all: Vec<_> = env.values().cloned().collect();
        all.push(Arc::new(Component::shown(Kind::Engine, "engine", &project.profile.engine)));
        all.push(Arc::new(Component::shown(Kind::Profile, "profile", &project.profile.name)));
        Shared { all, env }
    }

    fn own(&self, node: &Node, project: &Project, material: &Material) -> Own {
        let mut components = self.all.clone();
        let mut add = |component| components.push(Arc::new(component));
        for (key, value) in &node.config {
            add(Component::shown(Kind::Config, key, &canonical_json(value)));
        }
        for key in &node.sources {
            let name = format!("{}.{}", key.0, key.1);
            if let Some(source) = project.sources.get(key) {
                add(Component::shown(Kind::Source, &name, &source_content(source)));
            }
            if let Some(version) = material.source_data.get(key) {
                add(Component::shown(Kind::SourceData, &name, version));
            }
        }
        let (more, inputs, semantic) = match &node.body {
            Body::Seed(seed) => (seed_components(seed, material), Vec::new(), None),
            Body::Sql(body) => self.sql(node, body, project),
            Body::Python(body) => (
                python_components(body, project, material),
                Vec::new(),
                crate::syntax::python::semantic_digest(&body.model.slice),
            ),
        };
        more.into_iter().for_each(add);
        Own { components, inputs, semantic }
    }

    fn sql(&self, node: &Node, body: &SqlBody, project: &Project) -> (Vec<Component>, Vec<Input>, Option<Digest>) {
        let text = body.logical.clone();
        let semantic = crate::syntax::sql::semantic_digest(&text);
        let mut components = vec![Component::text(Kind::Sql, &node.path, text)];
        // What a template asks for and doesn't find is a component too.
        let unset = |name: &&String| name.starts_with("FF_") && !project.env.vars.contains_key(name.as_str());
        components.extend(body.env.keys().filter(unset).map(|name| Component::absent(Kind::Env, name)));
        let exposed = |name: &str| project.env.vars.get(name).is_some_and(|var| var.exposed && !var.secret);
        let mut inputs = vec![Input::template(&node.path, &body.template)];
        inputs.extend(Input::macros(&body.macros));
        inputs.extend(Input::vars(&body.vars));
        inputs.extend(Input::env(&body.env, exposed, |name| self.env.get(name).map(|component| component.digest)));
        (components, inputs, Some(semantic))
    }
}

fn seed_components(seed: &crate::project::SeedFile, material: &Material) -> Vec<Component> {
    let mut components = Vec::new();
    if let Some(found) = material.seeds.get(&seed.path) {
        components.push(Component {
            digest: found.leaf,
            size: found.size,
            content: Content::File(found.file.clone()),
            ..Component::bare(Kind::Seed, &seed.path, b"")
        });
    }
    if !seed.columns.is_empty() {
        let columns: BTreeMap<&str, &str> =
            seed.columns.iter().map(|(name, kind)| (name.as_str(), kind.as_str())).collect();
        let columns = canonical_json(&serde_json::to_value(columns).expect("invariant: a map of texts is JSON"));
        components.push(Component::shown(Kind::Config, "columns", &columns));
    }
    components
}

fn python_components(body: &PythonBody, project: &Project, material: &Material) -> Vec<Component> {
    let model = &body.model;
    let mut components = vec![
        Component::text(Kind::Python, &model.function, newlines(&model.slice).into()),
        Component::shown(Kind::PythonEnv, "requirements", &python_env(&material.python_env)),
    ];
    for (path, text) in &model.modules {
        components.push(Component::text(Kind::PythonModule, path, newlines(text).into()));
    }
    let vars = project.vars.iter().filter(|(name, _)| match &model.vars {
        VarsRead::All => true,
        VarsRead::Names(names) => names.contains(*name),
    });
    components.extend(vars.map(|(name, value)| Component::shown(Kind::Var, name, &canonical_json(value))));
    if let VarsRead::Names(names) = &model.vars {
        let unset = names.iter().filter(|name| !project.vars.contains_key(*name));
        components.extend(unset.map(|name| Component::absent(Kind::Var, name)));
    }
    components
}

/// The interpreter, and of the requirements their digest alone: their text may name an index with its password.
fn python_env(text: &str) -> String {
    match text.split_once('\n') {
        Some((interpreter, requirements)) => {
            let requirements = Digest::of(newlines(requirements).as_bytes());
            format!("{}\nrequirements sha256:{requirements}", interpreter.trim_end())
        }
        None => text.to_string(),
    }
}

/// The entry without its documentation.
fn source_content(source: &SourceTable) -> String {
    let mut value = serde_json::to_value(source).expect("invariant: a source is JSON");
    if let Value::Object(entry) = &mut value {
        entry.retain(|key, value| !["description", "freshness"].contains(&key.as_str()) && !value.is_null());
        if let Some(location) = entry.get("location").and_then(Value::as_str).and_then(without_password) {
            entry.insert("location".into(), location.into());
        }
    }
    canonical_json(&value)
}

/// A URL that has a password, without it.
fn without_password(location: &str) -> Option<String> {
    let mut url = url::Url::parse(location).ok().filter(|url| url.password().is_some())?;
    url.set_password(None).ok()?;
    Some(url.to_string())
}

/// Newlines as `\n`, as Python reads them.
fn newlines(text: &str) -> String {
    text.replace("\r\n", "\n")
}
