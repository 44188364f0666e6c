//! Each node's own components, and its fingerprint once those of its upstream nodes are known.

use super::rules::Rules;
use super::settings;
use super::{Component, Content, Fingerprint, Input, Key, Kind};
use crate::dialect::FileRead;
use crate::digest::{Digest, Tagged, canonical_json};
use crate::graph::{Body, Graph, Node, NodeId, PythonBody, SqlBody, joined_hooks};
use crate::name::RelationName;
use crate::project::{Project, SourceTable, without_passwords, without_tokens};
use crate::syntax::python::VarsRead;
use crate::syntax::sql::{Lexicon, Token, TokenKind, semantic_digest, tokens};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What stands behind a model's path in the name of its text for what is new.
pub const INCREMENT: &str = " (incremental)";

/// What was read for fingerprints beside the project's texts.
#[derive(Clone, Debug, Default)]
pub struct Material {
    /// Leaf and size of each seed file, by its path in the project.
    pub seeds: BTreeMap<String, SeedDigest>,
    /// `python 3.11`, then on lines of their own the requirements file's text; empty when the project has no Python
    /// model. Of the requirements only the digest is recorded.
    pub python_env: String,
    /// Packages whose code is run as it is now, whatever the requirements say.
    pub python_live: Vec<Unwatched>,
    /// The data of sources, by group and table.
    pub source_data: BTreeMap<(String, String), Data>,
    /// Files that queries name themselves, by what stands there.
    pub files: BTreeMap<String, Data>,
    /// Relations that are there and that queries name themselves, by the name that stands there.
    pub relations: BTreeMap<RelationName, Data>,
    pub rules: Rules,
    pub key: Key,
}

impl Material {
    /// Whether nothing comes from outside.
    pub fn is_inside(&self) -> bool {
        self.source_data.is_empty() && self.files.is_empty() && self.relations.is_empty()
    }
}

/// What is known of data that fft doesn't build.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// Its state as a text.
    Version(String),
    /// It isn't there.
    Missing,
    /// Why its state can't be told.
    Unknown(String),
}

/// Data that a node reads and of which nothing tells whether it changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unwatched {
    /// `group.table` of a source, or what a query calls.
    pub name: String,
    /// The view or ephemeral node that reads it for this node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<String>,
    /// Why its state can't be told.
    pub why: String,
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
    unwatched: Vec<Unwatched>,
    inputs: Arc<[Input]>,
    semantic: Option<Digest>,
}

impl Components {
    pub fn of(graph: &Graph, project: &Project, material: &Material) -> Components {
        let shared = Shared::new(project, graph.layout(), &material.key);
        let own = graph.nodes.par_iter().map(|node| shared.own(node, project, material)).collect();
        Components { own, key: material.key.clone() }
    }

    /// What a node reads itself and no component tells of.
    pub fn unwatched(&self, id: NodeId) -> &[Unwatched] {
        &self.own[id].unwatched
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
    /// Databases that the profile opens beside its own: alias and path.
    attached: Vec<(String, String)>,
    /// How what counts in a text is told from its layout.
    layout: Lexicon,
}

impl<'a> Shared<'a> {
    fn new(project: &'a Project, layout: Lexicon, key: &Key) -> Shared<'a> {
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
        Shared { all, env, attached: attached(project), layout }
    }

    fn own(&self, node: &Node, project: &Project, material: &Material) -> Own {
        let (mut components, mut unwatched) = (self.all.clone(), Vec::new());
        let mut add = |component| components.push(Arc::new(component));
        for (key, value) in &node.config {
            add(Component::shown(Kind::Config, key, &canonical_json(value)));
        }
        hook_components(node).for_each(&mut add);
        settings::components(&node.settings).for_each(&mut add);
        for key in &node.sources {
            let name = format!("{}.{}", key.0, key.1);
            if let Some(source) = project.sources.get(key) {
                add(source_component(&name, source));
            }
            // A seed's data is told by its node.
            if !node.external_sources.contains(key) {
                continue;
            }
            match material.source_data.get(key) {
                Some(Data::Version(version)) => add(Component::shown(Kind::SourceData, &name, version)),
                Some(Data::Missing) => add(Component::absent(Kind::SourceData, &name)),
                Some(Data::Unknown(why)) => unwatched.push(Unwatched { name, through: None, why: why.clone() }),
                None => unwatched.push(Unwatched { name, through: None, why: "nobody looked".into() }),
            }
        }
        for relation in &node.named {
            let name = format!("relation {relation}");
            match material.relations.get(relation) {
                Some(Data::Version(version)) => add(Component::shown(Kind::SourceData, &name, version)),
                Some(Data::Unknown(why)) => unwatched.push(Unwatched { name, through: None, why: why.clone() }),
                Some(Data::Missing) | None => {}
            }
        }
        for (alias, path) in &self.attached {
            if may_read(node, project, alias) {
                add(Component::shown(Kind::Profile, &format!("attach.{alias}"), path));
            }
        }
        for read in &node.files {
            let (component, unknown) = named_file(read, material);
            component.into_iter().for_each(&mut add);
            unwatched.extend(unknown);
        }
        material.rules.component(&node.body).into_iter().for_each(&mut add);
        let (more, inputs, semantic) = match &node.body {
            Body::Seed(seed) => (seed_components(seed, material), Vec::new(), None),
            Body::Sql(body) => self.sql(node, body, project, &material.key),
            Body::Python(body) => {
                let mut components = python_components(body, project.vars_of(&node.path), material);
                components.extend(body.model.reads.env.iter().filter_map(|name| self.named(name, project, material)));
                unwatched.extend(material.python_live.iter().cloned());
                unwatched.extend(body.model.reads.outside.iter().filter_map(|found| {
                    let why = format!("as {} shows", found.at);
                    Some(Unwatched { name: found.data()?, through: None, why })
                }));
                (components, Vec::new(), crate::syntax::python::semantic_digest(&body.model.slice))
            }
        };
        more.into_iter().for_each(add);
        Own { components, unwatched, inputs: inputs.into(), semantic }
    }

    /// A variable that code reads by its name, where it isn't among those that every node has.
    fn named(&self, name: &str, project: &Project, material: &Material) -> Option<Component> {
        let Some(var) = project.env.vars.get(name) else { return Some(Component::absent(Kind::Env, name)) };
        let known = var.secret || var.ignored || self.env.contains_key(name);
        let value = without_passwords(&var.value);
        (!known).then(|| Component::env(name, Some(&value), var.exposed, &material.key))
    }

    fn sql(
        &self,
        node: &Node,
        body: &SqlBody,
        project: &Project,
        key: &Key,
    ) -> (Vec<Component>, Vec<Input>, Option<Digest>) {
        let text = body.logical.clone();
        let mut semantic = semantic_digest(&text, self.layout);
        let mut components = vec![Component::text(Kind::Sql, &node.path, text)];
        if let Some(increment) = &body.increment {
            let also = semantic_digest(&increment.logical, self.layout);
            semantic = Tagged::new("fft-semantic-pair-v1").fixed(&semantic.0).fixed(&also.0).finish();
            let name = format!("{}{INCREMENT}", node.path);
            components.push(Component::text(Kind::Sql, &name, increment.logical.clone()));
        }
        // What a template asks for and doesn't find is a component too.
        let unset = |name: &&String| name.starts_with("FF_") && !project.env.vars.contains_key(name.as_str());
        components.extend(body.env.keys().filter(unset).map(|name| Component::absent(Kind::Env, name)));
        let exposed = |name: &str| project.env.vars.get(name).is_some_and(|var| var.exposed && !var.secret);
        let mut inputs = vec![Input::template(&node.path, &body.template)];
        let written = body.increment.as_ref().and_then(|increment| increment.written.as_ref());
        let file = written.and_then(|written| Some((&written.at.path, written.file.as_ref()?)));
        inputs.extend(file.map(|(path, text)| Input::template(path, text)));
        inputs.extend(Input::macros(&body.macros));
        inputs.extend(Input::vars(&body.vars));
        // Of a variable that isn't among those of every node, the text alone would not tell that it was the one.
        let digest = |name: &str| {
            let var = project.env.vars.get(name).filter(|var| !var.secret)?;
            Some(Component::env(name, Some(&without_passwords(&var.value)), var.exposed, key).digest)
        };
        inputs.extend(Input::env(&body.env, exposed, digest));
        (components, inputs, Some(semantic))
    }
}

/// `attach` of the profile. Paths within the project count from it, however they are written.
fn attached(project: &Project) -> Vec<(String, String)> {
    let list = project.profile.settings.get("attach").and_then(Value::as_array);
    let entry = |entry: &Value| {
        let path = entry.get("path")?.as_str()?;
        let stem = || Some(Path::new(path).file_stem()?.to_string_lossy().into_owned());
        let alias = entry.get("alias").and_then(Value::as_str).map(String::from).or_else(stem)?;
        Some((alias, without_passwords(&within(&project.root, path))))
    };
    list.into_iter().flatten().filter_map(entry).collect()
}

/// A path from the project's folder, without `.` and without `..` where that says nothing.
fn within(root: &Path, path: &str) -> String {
    if path.contains("://") || path == ":memory:" {
        return path.into();
    }
    let given = Path::new(path);
    let mut parts: Vec<std::path::Component<'_>> = Vec::new();
    for part in given.strip_prefix(root).unwrap_or(given).components() {
        match (part, parts.last()) {
            (std::path::Component::CurDir, _) => {}
            (std::path::Component::ParentDir, Some(std::path::Component::Normal(_))) => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    parts.iter().collect::<PathBuf>().to_string_lossy().into_owned()
}

/// Whether a node reads, or is built in, the database attached as `alias`, as far as that can be seen.
fn may_read(node: &Node, project: &Project, alias: &str) -> bool {
    let is = |catalog: &Option<String>| catalog.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(alias));
    let sources = node.sources.iter().filter_map(|key| project.sources.get(key));
    is(&node.relation.catalog) || sources.into_iter().any(|source| is(&source.catalog)) || names_itself(node, alias)
}

/// Whether a query has the alias in its own text, where sources stand by their names.
fn names_itself(node: &Node, alias: &str) -> bool {
    let Body::Sql(body) = &node.body else { return false };
    let tokens: Vec<_> = tokens(&body.logical).filter(|token| token.kind != TokenKind::Trivia).collect();
    let is = |text: &str| text.trim_matches('"').eq_ignore_ascii_case(alias);
    let called = |pair: &[Token<'_>]| {
        let name = matches!(pair[0].kind, TokenKind::Word | TokenKind::Quoted);
        name && is(pair[0].text) && pair[1].text == "."
    };
    tokens.windows(2).any(called)
}

/// A file that a query names, or why nothing tells what it holds. What only looks like a file's name and isn't one says
/// nothing.
fn named_file(read: &FileRead, material: &Material) -> (Option<Component>, Option<Unwatched>) {
    let (name, certain) = match read {
        FileRead::Named(name) => (name, true),
        FileRead::Perhaps(name) => (name, false),
        FileRead::Unknown(call) => {
            let why = "which file it reads isn't known before it runs".into();
            return (None, Some(Unwatched { name: call.clone(), through: None, why }));
        }
    };
    match material.files.get(name) {
        Some(Data::Version(version)) => (Some(Component::shown(Kind::File, name, version)), None),
        Some(Data::Unknown(why)) => (None, Some(Unwatched { name: name.clone(), through: None, why: why.clone() })),
        Some(Data::Missing) | None => (certain.then(|| Component::absent(Kind::File, name)), None),
    }
}

fn hook_components(node: &Node) -> impl Iterator<Item = Component> {
    let keyed = node.hooks.by_key().into_iter().filter(|(_, hooks)| !hooks.is_empty());
    keyed.map(|(key, hooks)| Component::text(Kind::Hook, key, joined_hooks(hooks)))
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
    if let Some(delimiter) = seed.delimiter {
        components.push(Component::shown(Kind::Config, "delimiter", &char::from(delimiter).to_string()));
    }
    if !seed.meta_columns {
        components.push(Component::shown(Kind::Config, "meta_columns", "false"));
    }
    components
}

fn python_components(body: &PythonBody, vars: &BTreeMap<String, Value>, material: &Material) -> Vec<Component> {
    let model = &body.model;
    let mut components = vec![
        Component::text(Kind::Python, &model.function, newlines(&model.slice).into()),
        Component::python_env(&material.python_env),
    ];
    for (path, text) in &model.modules {
        components.push(Component::text(Kind::PythonModule, path, newlines(text).into()));
    }
    let read = vars.iter().filter(|(name, _)| match &model.reads.vars {
        VarsRead::All => true,
        VarsRead::Names(names) => names.contains(*name),
    });
    components.extend(read.map(|(name, value)| Component::shown(Kind::Var, name, &canonical_json(value))));
    if let VarsRead::Names(names) = &model.reads.vars {
        let unset = names.iter().filter(|name| !vars.contains_key(*name));
        components.extend(unset.map(|name| Component::absent(Kind::Var, name)));
    }
    components
}

/// The entry of a source in sources.yml.
pub fn source_component(name: &str, source: &SourceTable) -> Component {
    Component::shown(Kind::Source, name, &source_content(source))
}

/// The entry without its documentation.
fn source_content(source: &SourceTable) -> String {
    let mut value = serde_json::to_value(source).expect("invariant: a source is JSON");
    if let Value::Object(entry) = &mut value {
        entry.retain(|key, value| key != "description" && !value.is_null());
        let hide = |location: &mut Value| {
            if let Some(place) = location.as_str() {
                *location = without_tokens(&without_password(place).unwrap_or_else(|| place.into())).into();
            }
        };
        match entry.get_mut("location") {
            Some(Value::Array(all)) => all.iter_mut().for_each(hide),
            Some(location) => hide(location),
            None => {}
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
