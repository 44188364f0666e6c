//! `manifest.json`: the project as it is, made from the graph and from what was found beside it.

use super::catalog::Catalog;
pub use super::wire::{
    Column, Git, MacroFile, Manifest, ManifestNode, ManifestPackage, ManifestSource, ManifestTest, Metadata,
    SCHEMA_VERSION, SourceWatch,
};
use super::wire::{Word, exposures};
use crate::dialect::Dialect;
use crate::digest::Digest;
use crate::fingerprint::Fingerprint;
use crate::graph::{Body, Graph, Node, NodeId};
use crate::lineage::project::Traced;
use crate::plan::Plan;
use crate::project::package::Source;
use crate::project::{ColumnProperties, Package, Project, SourceTable, without_passwords};
use crate::test::Suite;
use crate::watch::{How, Observed, Watch};
use crate::world::World;
use serde::{Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, BufReader};
use std::path::Path;

/// What a manifest is made from: the project as it is, and what was found beside its files.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    pub project: &'a Project,
    pub graph: &'a Graph,
    pub dialect: &'a dyn Dialect,
    /// It has each node's fingerprint.
    pub plan: &'a Plan,
    pub catalog: &'a Catalog,
    /// In the graph's order.
    pub lineage: &'a [Traced],
    pub observed: &'a Observed,
    pub suite: &'a Suite,
}

impl<'a> Facts<'a> {
    pub fn manifest(&self, metadata: Metadata) -> Manifest {
        let nodes = self.nodes(|fingerprint| fingerprint.into()).map(|(name, node)| (name.to_string(), node)).collect();
        let Manifest { children, exposures, levels, macros, metadata, nodes: _, packages, parents, sources, tests } =
            self.around((), metadata);
        Manifest { children, exposures, levels, macros, metadata, nodes, packages, parents, sources, tests }
    }

    /// Writes the manifest unless nothing but time, run and commit would change; gives the metadata that the file is to
    /// have, and its digest or why it couldn't be written. Nodes are made one by one, as each is written.
    pub fn write(&self, metadata: Metadata, world: &dyn World, path: &Path) -> (Metadata, io::Result<Digest>) {
        let mut manifest = self.around(Nodes(self), metadata);
        if let Some(kept) = standing(world, path) {
            let fresh = manifest.metadata.clone();
            let (generated_at, run_id, git) = (kept.generated_at, kept.run_id, kept.git);
            manifest.metadata = Metadata { generated_at, run_id, git, ..fresh.clone() };
            if let Some(digest) = super::written(world, path, &manifest) {
                return (manifest.metadata, Ok(digest));
            }
            manifest.metadata = fresh;
        }
        let written = super::write_json(world, path, &manifest);
        (manifest.metadata, written)
    }

    /// A manifest with `nodes` in it.
    fn around<Nodes>(&self, nodes: Nodes, metadata: Metadata) -> Manifest<Nodes> {
        let Facts { project, graph, .. } = self;
        let macro_file = |text: &str, path: &String| {
            (path.clone(), MacroFile { digest: Digest::of(text.as_bytes()), path: path.clone() })
        };
        let mut levels: Vec<Vec<String>> = Vec::new();
        for node in &graph.nodes {
            if levels.len() < node.level {
                levels.push(Vec::new());
            }
            levels[node.level - 1].push(node.name.to_string());
        }
        let all = |next: fn(&Node) -> &[NodeId]| {
            graph.nodes.iter().map(|node| (node.name.to_string(), names(graph, next(node)))).collect()
        };
        Manifest {
            children: all(|node| &node.downstream),
            exposures: exposures(project, graph),
            levels,
            macros: project.macros.iter().map(|file| macro_file(&file.text, &file.path)).collect(),
            metadata,
            nodes,
            packages: project.packages.iter().map(package).collect(),
            parents: all(|node| &node.upstream),
            sources: sources(project, graph, self.observed),
            tests: self.suite.tests.iter().map(|test| (test.name.clone(), ManifestTest::of(graph, test))).collect(),
        }
    }

    /// By name, with what `full` makes of a fingerprint.
    fn nodes<Full>(
        &self,
        full: impl Fn(&'a Fingerprint) -> Full,
    ) -> impl Iterator<Item = (&'a str, ManifestNode<Full>)> {
        let Facts { graph, plan, .. } = *self;
        let node = move |id: NodeId| self.node(id, full(&plan.decisions[id].fingerprint));
        graph.by_name().map(move |id| (graph.nodes[id].name.as_str(), node(id)))
    }

    fn node<Full>(&self, id: NodeId, fingerprint: Full) -> ManifestNode<Full> {
        let Facts { project, graph, .. } = self;
        let node = &graph.nodes[id];
        let name = node.name.to_string();
        ManifestNode {
            columns: columns(project, node, self.catalog, &self.lineage[id]),
            compiled: compiled(graph, id),
            deps: names(graph, &node.upstream),
            description: project.documents.node(&name).map(String::from).or_else(|| node.description.clone()),
            fingerprint,
            kind: node.kind.into(),
            level: node.level,
            materialized: node.materialization.into(),
            meta: node.meta.clone(),
            name,
            package: node.package.as_deref().map(String::from),
            path: node.path.clone(),
            relation: node.relation.clone(),
            relation_name: graph.has_relation(id).then(|| self.dialect.relation(&node.relation)),
            sources: node.sources.iter().map(|(group, table)| format!("{group}.{table}")).collect(),
            tags: node.tags.clone(),
        }
    }
}

fn package(package: &Package) -> (String, ManifestPackage) {
    let Package { name, version, dir, source, .. } = package;
    let (from, commit) = match source {
        Source::Path { path, within: None } => (path.clone(), None),
        Source::Path { path, within: Some(name) } => (format!("{path} of the repository of {name}"), None),
        Source::Git { asked, commit } => (asked.to_string(), Some(commit.clone())),
    };
    (name.clone(), ManifestPackage { commit, dir: dir.clone(), from, version: version.clone() })
}

/// Nodes that are made as they are written.
struct Nodes<'a>(&'a Facts<'a>);

impl Serialize for Nodes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.nodes(|fingerprint| fingerprint))
    }
}

fn names(graph: &Graph, ids: &[NodeId]) -> Vec<String> {
    let mut names: Vec<String> = ids.iter().map(|id| graph.nodes[*id].name.to_string()).collect();
    names.sort();
    names
}

/// What stands in a manifest as it is written: the lines of its metadata alone are read as JSON.
fn standing(world: &dyn World, path: &Path) -> Option<Metadata> {
    let lines = BufReader::new(world.open(path).ok()?).lines().map_while(Result::ok);
    let lines = lines.skip_while(|line| line != "  \"metadata\": {").skip(1).take_while(|line| line != "  },");
    serde_json::from_str(&format!("{{{}}}", lines.collect::<String>())).ok()
}

/// What a node's engine, or Python, is given. An ephemeral node's text stands in those of others: its own names what it
/// reads, so that a long chain of them isn't written out for each.
fn compiled(graph: &Graph, id: NodeId) -> Option<String> {
    match &graph.nodes[id].body {
        Body::Seed(_) => None,
        Body::Sql(body) if graph.is_inlined(id) => Some(body.rendered.shown().to_string()),
        Body::Sql(_) => Some(graph.compiled(id).text.shown().to_string()),
        Body::Python(body) => Some(body.model.slice.clone()),
    }
}

/// The engine's columns in its order, or those that the node's text gives, with what Markdown and YAML say of them; then
/// those that only YAML has.
fn columns(project: &Project, node: &Node, catalog: &Catalog, lineage: &Traced) -> Vec<Column> {
    let said = project.properties_of(&node.name).map(|properties| properties.columns.as_slice()).unwrap_or_default();
    let mut columns: Vec<(&str, Option<&str>)> = match catalog.nodes.get(node.name.as_str()) {
        Some(found) => found.columns.iter().map(|column| (&*column.name, Some(&*column.data_type))).collect(),
        None => lineage.names().map(|name| (name, None)).collect(),
    };
    if !said.is_empty() {
        let known: BTreeSet<String> = columns.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
        let only_said = said.iter().map(|column| column.name.as_str());
        columns.extend(only_said.filter(|name| !known.contains(&name.to_ascii_lowercase())).map(|name| (name, None)));
    }
    let mut documentation: BTreeMap<String, &ColumnProperties> = BTreeMap::new();
    for column in said {
        documentation.entry(column.name.to_ascii_lowercase()).or_insert(column);
    }
    let written = project.documents.columns_of(&node.relation.name);
    let column = |(name, data_type): (&str, Option<&str>)| {
        let documented = documentation.get(&name.to_ascii_lowercase()).copied();
        let written = written.get(&name.to_ascii_lowercase()).map(|text| text.to_string());
        Column {
            description: written.or_else(|| documented.and_then(|column| column.description.clone())),
            lineage: lineage.column(name).into(),
            name: name.into(),
            tests: documented.map(|column| column.tests.clone()).unwrap_or_default(),
            data_type: data_type.map(String::from),
        }
    };
    columns.into_iter().map(column).collect()
}

/// Every source by `group.table`.
fn sources(project: &Project, graph: &Graph, observed: &Observed) -> BTreeMap<String, ManifestSource> {
    project.sources.values().map(|source| (source.name(), manifest_source(source, graph, observed))).collect()
}

fn manifest_source(source: &SourceTable, graph: &Graph, observed: &Observed) -> ManifestSource {
    let key = (source.group.clone(), source.table.clone());
    let watch = observed.sources.get(&key).map(|watch| match watch {
        Watch::Seen { how, .. } => SourceWatch { how: Some(Word::Known(*how)), why: None },
        Watch::Missing => SourceWatch { how: Some(Word::Known(How::Files)), why: None },
        Watch::Unseen(why) => SourceWatch { how: None, why: Some(why.clone()) },
    });
    ManifestSource {
        catalog: source.catalog.clone(),
        columns: source.columns.iter().cloned().collect(),
        description: source.description.clone(),
        format: source.format.clone(),
        freshness: source.freshness.as_ref().map(Into::into),
        group: source.group.clone(),
        identifier: source.identifier.clone(),
        location: source.location.iter().map(|place| without_passwords(place)).collect(),
        meta: source.meta.clone(),
        provided_by: graph.providers.get(&key).map(|seed| graph.nodes[*seed].name.to_string()),
        schema: source.schema.clone(),
        table: source.table.clone(),
        watch,
    }
}
