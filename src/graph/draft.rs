//! A node on its way into the graph: its edges are still names.

use super::{Body, Edge, Materialization, Node, NodeKind};
use crate::diagnostic::{Diagnostic, Location};
use crate::dialect::Settings;
use crate::name::{NodeName, RelationName};
use crate::project::{Properties, SeedFile};
use crate::render::Hooks;
use litemap::LiteMap;
use serde_json::Value;
use std::collections::BTreeSet;

/// A node whose edges are still names.
pub struct Draft {
    pub node: Node,
    pub edges: Vec<Edge>,
    pub sources: Vec<(String, String)>,
    /// A SQL model's text with its marks.
    pub marked: String,
    /// The same as it extends what stands, where that is another one.
    pub increment: Option<String>,
    /// The texts of its hooks with theirs.
    pub hooks: Hooks,
    pub at: Location,
    /// What it reads and nothing gives a value.
    pub warnings: Vec<Diagnostic>,
    /// What `config()` says of what is set at the relation, and where.
    pub settings: LiteMap<String, Value>,
    pub config_at: Location,
}

impl Draft {
    pub fn new(name: &str, kind: NodeKind, path: &str, config: LiteMap<String, Value>, body: Body) -> Draft {
        let name = NodeName::new(name);
        let text = |key: &str| config.get(key).and_then(Value::as_str);
        let relation = RelationName::new(text("catalog"), text("schema"), text("alias").unwrap_or(name.stem()));
        let node = Node {
            relation,
            name,
            kind,
            path: path.into(),
            package: None,
            materialization: Materialization::default(),
            config,
            tags: Vec::new(),
            description: None,
            meta: None,
            volatile: false,
            upstream: Vec::new(),
            downstream: Vec::new(),
            level: 1,
            sources: BTreeSet::new(),
            external_sources: BTreeSet::new(),
            files: Vec::new(),
            named: Vec::new(),
            storage_at: None,
            incremental: None,
            hooks: Default::default(),
            settings: Settings::default(),
            body,
        };
        Draft {
            node,
            edges: Vec::new(),
            sources: Vec::new(),
            marked: String::new(),
            increment: None,
            hooks: Hooks::default(),
            at: Location::file(path),
            warnings: Vec::new(),
            settings: LiteMap::new(),
            config_at: Location::file(path),
        }
    }

    pub fn seed(seed: &SeedFile) -> Draft {
        let mut config = LiteMap::new();
        for (key, value) in [("schema", &seed.schema), ("alias", &seed.alias)] {
            if let Some(value) = value {
                config.insert(key.to_string(), Value::from(value.clone()));
            }
        }
        let mut draft = Draft::new(&seed.name, NodeKind::Seed, &seed.path, config, Body::Seed(Box::new(seed.clone())));
        draft.node.description = seed.description.clone();
        draft
    }

    pub fn describe(&mut self, properties: Option<&Properties>) {
        let Some(properties) = properties else { return };
        let node = &mut self.node;
        node.description = properties.description.clone().or(node.description.take());
        node.meta = node.meta.take().or(properties.meta.clone());
        node.tags.extend(properties.tags.iter().cloned());
        node.tags.sort();
        node.tags.dedup();
    }
}
