//! Nodes, edges, relations and levels from a project's files and its rendered models.

use super::compile::Compiler;
use super::config;
use super::draft::Draft;
use super::incremental::Place;
use super::order::levels;
use super::{Body, Edge, Elsewhere, Graph, Materialization, Node, NodeKind, SqlBody};
use crate::diagnostic::{Diagnostic, Location};
use crate::dialect::Dialect;
use crate::name::look_up;
use crate::project::{Language, ModelFile, Project, SETTING_KEYS, SourceTable};
use crate::render::mark::{Mark, replace};
use crate::render::{Concealed, Rendered};
use crate::syntax::audience::Audience;
use crate::syntax::python::PythonModel;
use crate::syntax::sql::normalized;
use rayon::prelude::*;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Builds the graph of the nodes that the profile's engine has, or gives every problem of it. `python` holds each
/// Python model with its file.
pub fn build(
    project: &Project,
    rendered: Vec<Rendered>,
    python: Vec<(&ModelFile, PythonModel)>,
    dialect: &dyn Dialect,
) -> Result<Graph, Vec<Diagnostic>> {
    build_spelled(project, rendered, python, dialect, Spelling::Short)
}

/// How texts name relations that have no schema of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling<'a> {
    /// By their bare names, which a session of fft finds.
    Short,
    /// With the schema that they are in, for any session.
    Qualified,
    /// As if every relation, those of sources too, were in this schema, whose names are as [`Graph::moved`] has them.
    Moved(&'a str),
}

/// The same, with relations named as `spelling` says.
pub fn build_spelled(
    project: &Project,
    rendered: Vec<Rendered>,
    python: Vec<(&ModelFile, PythonModel)>,
    dialect: &dyn Dialect,
    spelling: Spelling<'_>,
) -> Result<Graph, Vec<Diagnostic>> {
    Builder::new(project, rendered, python, spelling).finish(dialect)
}

/// The problems of a project some of whose models can't be read: all that the readable ones show.
pub fn problems(project: &Project, rendered: Vec<Rendered>, python: Vec<(&ModelFile, PythonModel)>) -> Vec<Diagnostic> {
    let read: BTreeSet<&str> = rendered.iter().map(|one| one.path.as_str()).collect();
    let read: BTreeSet<&str> = read.into_iter().chain(python.iter().map(|(file, _)| file.path.as_str())).collect();
    let unread: Vec<_> = project.models.iter().filter(|model| !read.contains(model.path.as_str())).collect();
    let stem = |model: &&ModelFile| {
        let name = model.path.rsplit('/').next().unwrap_or(&model.path);
        name.strip_suffix(".sql").unwrap_or(name).to_string()
    };
    let names: BTreeSet<String> = unread.iter().map(stem).collect();
    // A Python model's name is in its file.
    let unnamed = unread.iter().any(|model| model.language == Language::Python);
    let mut builder = Builder::new(project, rendered, python, Spelling::Short);
    builder.unread = names;
    if !unnamed {
        let providers = builder.providers();
        builder.resolve(&providers);
    }
    builder.problems
}

/// A model on its way, or one that is for others.
type Drafted = Result<Draft, Elsewhere>;

pub(super) struct Builder<'a> {
    pub(super) project: &'a Project,
    /// Model files by path.
    pub(super) templates: BTreeMap<&'a str, &'a ModelFile>,
    pub(super) spelling: Spelling<'a>,
    pub(super) drafts: Vec<Draft>,
    /// Models that are for others.
    pub(super) elsewhere: Vec<Elsewhere>,
    /// Models that couldn't be read, by name.
    pub(super) unread: BTreeSet<String>,
    pub(super) problems: Vec<Diagnostic>,
}

impl<'a> Builder<'a> {
    fn new(
        project: &'a Project,
        rendered: Vec<Rendered>,
        python: Vec<(&ModelFile, PythonModel)>,
        spelling: Spelling<'a>,
    ) -> Builder<'a> {
        let templates = project.models.iter().map(|model| (model.path.as_str(), model)).collect();
        let mut builder = Builder {
            project,
            templates,
            spelling,
            drafts: project.seeds.iter().map(Draft::seed).collect(),
            elsewhere: Vec::new(),
            unread: BTreeSet::new(),
            problems: Vec::new(),
        };
        let (declared, rendered): (Vec<_>, Vec<_>) = rendered.into_iter().partition(|one| one.declared_for.is_some());
        let drafted: Vec<_> = rendered.into_par_iter().map(|one| builder.sql(one)).collect();
        for (drafted, problems) in drafted {
            builder.problems.extend(problems);
            match drafted {
                Ok(draft) => builder.drafts.push(draft),
                Err(other) => builder.elsewhere.push(other),
            }
        }
        for (file, model) in python {
            builder.python(file, model);
        }
        for node in builder.drafts.iter_mut().map(|draft| &mut draft.node) {
            node.package = project.package_of(&node.path).map(|package| package.name.as_str().into());
        }
        let by_name = |left: &Draft, right: &Draft| left.node.name.cmp(&right.node.name);
        builder.drafts.sort_by(|left, right| by_name(left, right).then_with(|| left.node.path.cmp(&right.node.path)));
        builder.elsewhere.sort_by(|left, right| (&left.name, &left.path).cmp(&(&right.name, &right.path)));
        let declared = declared.into_iter().filter_map(|one| Some((one.declared_for.clone()?, one))).collect();
        builder.declare_hooks(&declared);
        builder.check_names();
        builder
    }

    /// A SQL model, or what is to be known of one that is for others; with what is wrong with its settings.
    fn sql(&self, rendered: Rendered) -> (Drafted, Vec<Diagnostic>) {
        let stem = rendered.path.rsplit('/').next().unwrap_or(&rendered.path);
        let name = stem.strip_suffix(".sql").unwrap_or(stem).to_string();
        let at = rendered.config_at.clone().unwrap_or_else(|| Location::file(&rendered.path));
        let audience = Audience::of(|key| rendered.config.get(key));
        if !self.project.sees(&audience) {
            return (Err(Elsewhere { name, path: rendered.path, audience }), Vec::new());
        }
        let mut problems = config::problems(&rendered.config, &at);
        let template = self.templates.get(rendered.path.as_str());
        let body = SqlBody {
            template: template.map(|model| model.text.clone()).unwrap_or_default(),
            logical: replace(&rendered.text, |mark| mark.logical()).into(),
            rendered: Concealed::default(),
            origin: rendered.origin,
            increment: None,
            inlined_as: "".into(),
            holds_paths: false,
            vars: rendered.vars,
            env: rendered.env,
            macros: rendered.macros,
        };
        let declared = Place::config(&rendered.config, &at).map(|place| vec![place]);
        let named = rendered.config.contains_key("materialized");
        let mut draft = Draft::new(&name, NodeKind::Sql, &rendered.path, rendered.config, Body::Sql(body));
        draft.node.storage_at = draft.node.config.contains_key(config::STORAGE).then_some(at.clone());
        draft.config_at = at.clone();
        draft.marked = rendered.text;
        draft.warnings = rendered.warnings;
        draft.hooks = rendered.hooks;
        draft.edges = rendered.refs.into_iter().map(Edge::from).collect();
        draft.sources = rendered.sources.into_iter().map(|found| (found.group, found.table)).collect();
        let mut draft = self.completed(draft);
        problems.extend(self.extend(&mut draft, declared, rendered.increment.is_some(), (named, &at)));
        Builder::vary(&mut draft, rendered.increment);
        (Ok(draft), problems)
    }

    /// Takes documentation out of the config and completes what is left.
    pub(super) fn completed(&self, mut draft: Draft) -> Draft {
        let node = &mut draft.node;
        node.tags.extend(config::strings(node.config.get("tags")));
        node.meta = node.config.get("meta").cloned().or(node.meta.take());
        node.volatile |= node.config.get("volatile").and_then(Value::as_bool).unwrap_or(false);
        let described = node.config.get("description").and_then(Value::as_str).map(String::from);
        node.description = described.or(node.description.take());
        draft.settings =
            SETTING_KEYS.into_iter().filter_map(|key| Some((key.into(), node.config.remove(key)?))).collect();
        node.config.retain(|key, _| config::BUILD_KEYS.contains(&key.as_str()));
        let asked = node.config.get("materialized").and_then(Value::as_str);
        node.materialization = asked.and_then(Materialization::called).unwrap_or_default();
        node.config.entry("materialized".into()).or_insert_with(|| Materialization::default().word().into());
        let described = self.project.properties_of(&node.name);
        draft.describe(described);
        draft.node.tags.sort();
        draft.node.tags.dedup();
        draft
    }

    /// What each draft's edges lead to, by mark text; `providers` as [`Builder::providers`] gives them.
    fn resolve(&mut self, providers: &BTreeMap<(String, String), usize>) -> Vec<BTreeMap<String, usize>> {
        self.drafts.par_iter_mut().for_each(|draft| {
            draft.node.sources = draft.sources.iter().cloned().collect();
            let external = draft.node.sources.iter().filter(|key| !providers.contains_key(key));
            draft.node.external_sources = external.cloned().collect();
        });
        let names = self.drafts.iter().enumerate();
        let index: BTreeMap<&str, usize> = names.map(|(at, draft)| (draft.node.name.as_str(), at)).collect();
        let resolve = |draft: &Draft| {
            let (edges, mut problems) = self.edges(draft, &index, providers);
            problems.extend(self.check_marks(draft));
            problems.extend(self.check_lineage(draft, &edges));
            (edges, problems)
        };
        let (resolved, problems): (Vec<_>, Vec<_>) = self.drafts.par_iter().map(resolve).unzip();
        self.problems.extend(problems.into_iter().flatten());
        resolved
    }

    fn finish(mut self, dialect: &dyn Dialect) -> Result<Graph, Vec<Diagnostic>> {
        let layout = dialect.grammar().layout;
        self.drafts.par_iter_mut().for_each(|draft| {
            if let Body::Sql(body) = &mut draft.node.body {
                body.logical = normalized(&body.logical, layout).into();
                if let Some(increment) = &mut body.increment {
                    increment.logical = normalized(&increment.logical, layout).into();
                }
            }
        });
        let providers = self.providers();
        let resolved = self.resolve(&providers);
        self.check_statements(dialect);
        self.check_hooks(&resolved, dialect.grammar().lexicon);
        self.check_snapshots(dialect);
        self.check_layouts(dialect);
        self.check_settings(dialect);
        self.check_frames(dialect);
        self.check_files(dialect);
        // A model may read a node by two names, as a source and by `ref()`: it is one edge.
        let unique = |edges: &BTreeMap<String, usize>| edges.values().copied().collect::<BTreeSet<_>>();
        let upstream: Vec<Vec<usize>> = resolved.iter().map(|edges| unique(edges).into_iter().collect()).collect();
        let levels = match levels(&upstream) {
            Ok(levels) => levels,
            Err(path) => {
                self.problems.push(self.cycle(&path));
                return Err(self.problems);
            }
        };
        if !self.problems.is_empty() {
            return Err(self.problems);
        }
        Ok(self.assemble(&resolved, &upstream, &levels, &providers, dialect))
    }

    /// Seeds by the source that they provide: those of its schema, and for a source that names no schema any.
    fn providers(&self) -> BTreeMap<(String, String), usize> {
        let default = self.project.default_schema();
        let schema = |given: Option<&str>| given.or(default).map(str::to_lowercase);
        let mut seeds: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, draft) in self.drafts.iter().enumerate().filter(|(_, draft)| draft.node.kind == NodeKind::Seed) {
            seeds.entry(draft.node.relation.name.to_lowercase()).or_default().push(at);
        }
        // The seed of the source's own schema comes first: two seeds may have one name in different schemas.
        let provider = |source: &SourceTable| -> Option<usize> {
            let candidates = seeds.get(&source.identifier.to_lowercase()).filter(|_| source.location.is_empty())?;
            let mut candidates = candidates.iter().copied().filter(|_| source.catalog.is_none());
            let wanted = schema(source.schema.as_deref());
            let same = |at: &usize| schema(self.drafts[*at].node.relation.schema.as_deref()) == wanted;
            candidates.clone().find(same).or_else(|| candidates.next().filter(|_| source.schema.is_none()))
        };
        let pairs = self.project.sources.iter();
        pairs.filter_map(|(key, source)| Some((key.clone(), provider(source)?))).collect()
    }

    /// What each name of a draft's edges stands for, by mark text; with the names that stand for nothing.
    fn edges(
        &self,
        draft: &Draft,
        index: &BTreeMap<&str, usize>,
        providers: &BTreeMap<(String, String), usize>,
    ) -> (BTreeMap<String, usize>, Vec<Diagnostic>) {
        let mut found = BTreeMap::new();
        let mut problems = Vec::new();
        for edge in &draft.edges {
            match look_up(&edge.name, |name| index.get(name)) {
                Some(up) => {
                    problems.extend(self.misplaced(edge, &draft.node, &self.drafts[*up].node));
                    found.insert(Mark::Reference(&edge.name).to_string(), *up);
                }
                None if self.is_unread(&edge.name) => {}
                None => problems.push(self.unknown(edge, &draft.node)),
            }
        }
        for key in &draft.sources {
            if let Some(up) = providers.get(key) {
                found.insert(Mark::Source(&key.0, &key.1).to_string(), *up);
            }
        }
        (found, problems)
    }

    fn is_unread(&self, name: &str) -> bool {
        look_up(name, |name| self.unread.get(name)).is_some()
    }

    /// Which texts name the default schema: those that are stored in another one, of views with a schema of their own,
    /// and those of the ephemeral nodes in them; all of them where that is asked for.
    fn read_elsewhere(&self, order: &[usize], upstream: &[Vec<usize>]) -> Vec<bool> {
        if self.spelling == Spelling::Qualified {
            return vec![true; self.drafts.len()];
        }
        let asked = |at: usize| self.drafts[at].node.materialization;
        let own = |at: usize| asked(at).reads_when_queried() && self.drafts[at].node.relation.schema.is_some();
        let mut elsewhere: Vec<bool> = (0..self.drafts.len()).map(own).collect();
        // Readers come first: what a text names is decided by the outermost text that it stands in.
        for at in order.iter().rev() {
            if elsewhere[*at] {
                let inlined = upstream[*at].iter().filter(|up| asked(**up).is_inlined());
                inlined.for_each(|up| elsewhere[*up] = true);
            }
        }
        elsewhere
    }

    fn assemble(
        mut self,
        resolved: &[BTreeMap<String, usize>],
        upstream: &[Vec<usize>],
        levels: &[usize],
        providers: &BTreeMap<(String, String), usize>,
        dialect: &dyn Dialect,
    ) -> Graph {
        let mut order: Vec<usize> = (0..self.drafts.len()).collect();
        order.sort_by_key(|at| (levels[*at], *at));
        let mut place = vec![0; order.len()];
        for (id, at) in order.iter().enumerate() {
            place[*at] = id;
        }
        let (moved, sources) = self.moved().unzip();
        let sources = sources.as_ref().unwrap_or(&self.project.sources);
        let schema = self.project.default_schema().unwrap_or(dialect.default_schema());
        let elsewhere = self.read_elsewhere(&order, upstream);
        let compiler = Compiler { drafts: &self.drafts, sources, dialect };
        let compile = |at: usize| compiler.with_hooks(at, &resolved[at], elsewhere[at].then_some(schema));
        let compiled: Vec<_> = (0..self.drafts.len()).into_par_iter().map(compile).collect();
        for (draft, (compiled, hooks)) in self.drafts.iter_mut().zip(compiled) {
            draft.node.hooks = hooks;
            if let (Body::Sql(body), Some(compiled)) = (&mut draft.node.body, compiled) {
                compiled.put(body);
            }
        }
        let mut drafts: Vec<Option<Draft>> = self.drafts.into_iter().map(Some).collect();
        let providers = providers.iter().map(|(key, at)| (key.clone(), place[*at])).collect();
        let mut graph = Graph {
            nodes: Vec::with_capacity(order.len()),
            providers,
            exposures: BTreeMap::new(),
            moved: moved.unwrap_or_default(),
            index: BTreeMap::new(),
            project: self.project.settings.name.clone(),
            elsewhere: self.elsewhere,
            warnings: drafts.iter_mut().flatten().flat_map(|draft| std::mem::take(&mut draft.warnings)).collect(),
            lexicon: dialect.grammar().lexicon,
            layout: dialect.grammar().layout,
        };
        // Upstream nodes are placed first: what is written in an inlined text is in those that it stands in.
        for at in order {
            let Draft { mut node, .. } = drafts[at].take().expect("invariant: each draft is placed once");
            node.level = levels[at];
            node.upstream = upstream[at].iter().map(|up| place[*up]).collect();
            node.upstream.sort_unstable();
            if let Body::Sql(body) = &mut node.body {
                body.holds_paths |=
                    node.upstream.iter().any(|up| graph.is_inlined(*up) && holds_paths(&graph.nodes[*up]));
            }
            for up in &node.upstream {
                let id = graph.nodes.len();
                graph.nodes[*up].downstream.push(id);
            }
            graph.index.insert(node.name.clone(), graph.nodes.len());
            graph.nodes.push(node);
        }
        graph
    }
}

/// Whether paths of sources that count from the project stand in a node's text.
fn holds_paths(node: &Node) -> bool {
    matches!(&node.body, Body::Sql(SqlBody { holds_paths: true, .. }))
}
