//! `manifest.json`: the project as it is, made from the graph and from what was found beside it.

use super::catalog::Catalog;
use super::wire::Word;
pub use super::wire::{
    Column, Git, MacroFile, Manifest, ManifestNode, ManifestSource, Metadata, SCHEMA_VERSION, SourceWatch,
};
use crate::digest::Digest;
use crate::fingerprint::Fingerprint;
use crate::graph::{Body, Graph, Node, NodeId};
use crate::lineage::project::Traced;
use crate::name::RelationName;
use crate::project::{ColumnProperties, Project, SourceTable, without_passwords};
use crate::watch::{How, Observed, Watch};
use crate::world::World;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

/// What was found of a project beside its files.
pub struct Facts<'a> {
    pub catalog: &'a Catalog,
    /// In the graph's order.
    pub lineage: &'a [Traced],
    pub observed: &'a Observed,
}

impl Manifest {
    /// `fingerprints` in the graph's order; `relation_text` writes a relation as SQL.
    pub fn new<'a>(
        project: &Project,
        graph: &Graph,
        fingerprints: impl Iterator<Item = &'a Fingerprint>,
        found: &Facts<'_>,
        relation_text: impl Fn(&RelationName) -> String,
        metadata: Metadata,
    ) -> Manifest {
        let names = |ids: &[usize]| -> Vec<String> {
            let mut names: Vec<String> = ids.iter().map(|id| graph.nodes[*id].name.to_string()).collect();
            names.sort();
            names
        };
        let macro_file = |text: &str, path: &String| {
            (path.clone(), MacroFile { digest: Digest::of(text.as_bytes()), path: path.clone() })
        };
        let mut manifest = Manifest {
            children: BTreeMap::new(),
            levels: Vec::new(),
            macros: project.macros.iter().map(|file| macro_file(&file.text, &file.path)).collect(),
            metadata,
            nodes: BTreeMap::new(),
            parents: BTreeMap::new(),
            sources: sources(project, graph, found.observed),
        };
        for (id, (fingerprint, lineage)) in fingerprints.zip(found.lineage).enumerate() {
            let node = &graph.nodes[id];
            let name = node.name.to_string();
            if manifest.levels.len() < node.level {
                manifest.levels.push(Vec::new());
            }
            manifest.levels[node.level - 1].push(name.clone());
            manifest.parents.insert(name.clone(), names(&node.upstream));
            manifest.children.insert(name.clone(), names(&node.downstream));
            let relation_name = graph.has_relation(id).then(|| relation_text(&node.relation));
            let entry = ManifestNode {
                columns: columns(project, node, found.catalog, lineage),
                compiled: compiled(graph, id),
                deps: names(&node.upstream),
                description: project.documents.node(&name).map(String::from).or_else(|| node.description.clone()),
                fingerprint: fingerprint.into(),
                kind: node.kind.into(),
                level: node.level,
                materialized: node.materialization.into(),
                meta: node.meta.clone(),
                name: name.clone(),
                path: node.path.clone(),
                relation: node.relation.clone(),
                relation_name,
                sources: node.sources.iter().map(|(group, table)| format!("{group}.{table}")).collect(),
                tags: node.tags.clone(),
            };
            manifest.nodes.insert(name, entry);
        }
        manifest
    }

    /// Writes the manifest unless nothing but time, run and commit would change; gives what the file is to hold, with the
    /// error where it couldn't be written.
    pub fn write(mut self, world: &dyn World, path: &Path) -> (Manifest, io::Result<()>) {
        let fresh = self.metadata.clone();
        if let Some(old) = world.read(path).ok().and_then(|bytes| Some((metadata(&bytes)?, bytes))) {
            let (metadata, bytes) = old;
            self.metadata = Metadata {
                generated_at: metadata.generated_at,
                run_id: metadata.run_id,
                git: metadata.git,
                ..fresh.clone()
            };
            if super::json(&self) == bytes {
                return (self, Ok(()));
            }
        }
        self.metadata = fresh;
        let written = world.write(path, &super::json(&self));
        (self, written)
    }
}

fn metadata(bytes: &[u8]) -> Option<Metadata> {
    #[derive(Deserialize)]
    struct Head {
        metadata: Metadata,
    }
    serde_json::from_slice::<Head>(bytes).ok().map(|head| head.metadata)
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
    let known: BTreeSet<String> = columns.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
    let only_said = said.iter().map(|column| column.name.as_str());
    columns.extend(only_said.filter(|name| !known.contains(&name.to_ascii_lowercase())).map(|name| (name, None)));
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
        description: source.description.clone(),
        format: source.format.clone(),
        group: source.group.clone(),
        identifier: source.identifier.clone(),
        location: source.location.iter().map(|place| without_passwords(place)).collect(),
        provided_by: graph.providers.get(&key).map(|seed| graph.nodes[*seed].name.to_string()),
        schema: source.schema.clone(),
        table: source.table.clone(),
        watch,
    }
}
