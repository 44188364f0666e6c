//! `catalog.json`: relations with columns and types as the engine has them.

use super::wire::Word;
use crate::engine::{CatalogRelation, RelationKind, Relations};
use crate::graph::Graph;
use crate::world::World;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Catalog {
    pub metadata: CatalogMetadata,
    /// By node name; nodes without a relation are left out.
    pub nodes: BTreeMap<String, CatalogNode>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CatalogMetadata {
    /// Which database it tells of: the name of that database's cache.
    #[serde(default)]
    pub database: String,
    pub engine: String,
    pub generated_at: String,
    #[serde(default)]
    pub profile: String,
    pub run_id: String,
    pub schema_version: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CatalogNode {
    /// Bytes, where the engine knows.
    pub bytes: Option<u64>,
    pub columns: Vec<CatalogColumn>,
    pub kind: Word<RelationKind>,
    /// `catalog.schema.name` as the engine resolves it.
    pub relation: String,
    /// Where the engine knows it without counting.
    pub rows: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CatalogColumn {
    pub name: String,
    #[serde(rename = "type")]
    pub data_type: String,
}

impl Catalog {
    pub fn new(
        graph: &Graph,
        relations: &Relations,
        found: Vec<CatalogRelation>,
        metadata: CatalogMetadata,
    ) -> Catalog {
        let by_name: BTreeMap<_, _> =
            found.into_iter().map(|relation| (relations.resolve(&relation.relation), relation)).collect();
        let node = |id: usize| {
            let node = &graph.nodes[id];
            let found = by_name.get(&relations.resolve(&node.relation)).filter(|_| graph.has_relation(id))?;
            let columns = found.columns.iter();
            let columns = columns.map(|(name, kind)| CatalogColumn { name: name.clone(), data_type: kind.clone() });
            let entry = CatalogNode {
                bytes: found.bytes,
                columns: columns.collect(),
                kind: found.kind.into(),
                relation: found.relation.to_string(),
                rows: found.rows,
            };
            Some((node.name.to_string(), entry))
        };
        Catalog { metadata, nodes: (0..graph.nodes.len()).filter_map(node).collect() }
    }

    /// What the file holds; empty when it isn't there or can't be read.
    pub fn read(world: &dyn World, path: &Path) -> Catalog {
        world.read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }
}
