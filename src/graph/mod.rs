//! The project as a graph: nodes in topological order, with edges, levels and compiled text.
//!
//! [`build`] takes the project, its rendered SQL models and its Python models; it gives the graph or every
//! problem of it (unknown names, cycles, two nodes for one relation). Nothing here knows what was built before.

mod affected;
mod build;
mod check;
mod compile;
mod config;
mod declared;
mod draft;
mod elsewhere;
mod exposure;
mod extend;
mod hook;
mod incremental;
mod inline;
mod materialization;
mod moved;
mod order;
mod python;
mod run_hook;
mod select;
mod setting;
mod settings;
mod snapshot;
mod statement;
mod unused;
pub mod version;

pub use affected::affected;
pub use build::{Spelling, build, build_spelled, problems};
pub use config::{layout, storage_problem};
pub use elsewhere::{Elsewhere, audiences};
pub use exposure::exposures;
pub use hook::{NodeHook, NodeHooks, joined as joined_hooks};
pub use incremental::{Incremental, OnCodeChange, OnSchemaChange, Strategy};
pub use inline::Compiled;
pub use materialization::Materialization;
pub use moved::Moved;
pub use run_hook::{fill_hook, hook_problems};
pub use select::{Facts, exclude, select};
pub use settings::said;
pub use snapshot::{Checked, HardDeletes, Snapshot, SnapshotStrategy, snapshot};
pub use unused::unused;

use crate::diagnostic::{Diagnostic, Location};
use crate::dialect::{FileRead, Settings};
use crate::name::{NodeName, RelationName, look_up};
use crate::project::SeedFile;
use crate::render::{Concealed, MacroUse, Origin, Read, Reference, Source, Written};
use crate::syntax::python::{Outside, PythonModel};
use crate::syntax::sql::Lexicon;
use litemap::LiteMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Nodes sorted by level, then by name: every upstream node stands before its downstream nodes.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    pub nodes: Vec<Node>,
    /// The seed that each source is which a seed provides, by group and table.
    pub providers: BTreeMap<(String, String), NodeId>,
    /// The nodes that each exposure reads itself.
    pub exposures: BTreeMap<String, BTreeSet<NodeId>>,
    /// What a graph over relations elsewhere has moved there.
    pub moved: Moved,
    index: BTreeMap<NodeName, usize>,
    /// The project's name: what its own nodes are called as those of a package are.
    pub project: String,
    /// Models that are for others, by name and file.
    pub elsewhere: Vec<Elsewhere>,
    /// What models read and nothing gives a value, each with its place.
    pub warnings: Vec<Diagnostic>,
    /// How the engine reads the nodes' texts.
    lexicon: Lexicon,
    /// How their layout is told from what counts.
    layout: Lexicon,
}

/// A node's place in [`Graph::nodes`].
pub type NodeId = usize;

/// A seed, SQL model or Python model.
#[derive(Clone, Debug)]
pub struct Node {
    pub name: NodeName,
    pub kind: NodeKind,
    /// Project-relative path of the file that defines it.
    pub path: String,
    /// The package that it is of; none of the project's own.
    pub package: Option<Arc<str>>,
    pub relation: RelationName,
    pub materialization: Materialization,
    /// The settings that change what is built; documentation (tags, meta, description) is left out.
    pub config: LiteMap<String, Value>,
    pub tags: Vec<String>,
    pub description: Option<String>,
    pub meta: Option<Value>,
    /// Declared never to be trusted: downstream rows may change under an equal fingerprint.
    pub volatile: bool,
    /// Direct upstream nodes, ascending.
    pub upstream: Vec<NodeId>,
    /// Direct downstream nodes, ascending.
    pub downstream: Vec<NodeId>,
    /// Length of the longest path from a node without upstream, counted from 1.
    pub level: usize,
    /// Sources read, by group and table.
    pub sources: BTreeSet<(String, String)>,
    /// Those of them that no seed of the project provides.
    pub external_sources: BTreeSet<(String, String)>,
    /// Files that its text names itself.
    pub files: Vec<FileRead>,
    /// Relations that its text may name itself.
    pub named: Vec<RelationName>,
    /// Where it is declared how its table's files are kept, if it is.
    pub storage_at: Option<Location>,
    /// How its table is extended, of an incremental model.
    pub incremental: Option<Incremental>,
    /// What runs in front of its statements and behind them.
    pub hooks: NodeHooks,
    /// What is set at its relation beside its rows.
    pub settings: Settings,
    pub body: Body,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NodeKind {
    Seed,
    Sql,
    Python,
}

/// What a node is built from.
#[derive(Clone, Debug)]
pub enum Body {
    Seed(Box<SeedFile>),
    Sql(SqlBody),
    Python(Box<PythonBody>),
}

/// A SQL model's text and what it was made from.
#[derive(Clone, Debug, Default)]
pub struct SqlBody {
    /// The template as its file has it.
    pub template: Arc<str>,
    /// The rendered text as it is fingerprinted: nodes and sources by their own names (`‹ref:stg_users›`), whatever
    /// their relations are called, since that is told by components of its own; secrets as placeholders.
    pub logical: Arc<str>,
    /// The same with relations named and ephemeral upstream nodes by name. [`Graph::compiled`] puts those into it.
    pub rendered: Concealed,
    /// From `rendered` back to the template.
    pub origin: Origin,
    /// What it is where `is_incremental()` is true, of an incremental model that asks.
    pub increment: Option<Box<Variant>>,
    /// What the text of an ephemeral node is called inside others, as it is written there.
    pub inlined_as: Arc<str>,
    /// Paths of sources that count from the project stand in it, or in the ephemeral texts that it reads.
    pub holds_paths: bool,
    pub vars: BTreeMap<String, Read>,
    pub env: BTreeMap<String, Read>,
    pub macros: BTreeMap<String, MacroUse>,
}

/// A text beside a SQL model's own, with the same meaning of its parts.
#[derive(Clone, Debug, Default)]
pub struct Variant {
    pub logical: Arc<str>,
    pub rendered: Concealed,
    pub origin: Origin,
    /// Where it is written, if that isn't the model's template.
    pub written: Option<Written>,
}

impl Variant {
    /// Where the byte at `offset` of its text comes from, of a model at `path` with `template`.
    pub fn source(&self, offset: usize, path: &str, template: &str) -> Option<Source> {
        let own = || self.origin.source(offset, path, template);
        self.written.as_ref().map_or_else(own, |written| written.source(&self.origin, offset))
    }
}

/// A Python model: its file's text and what was found in it.
#[derive(Clone, Debug)]
pub struct PythonBody {
    pub source: Arc<str>,
    pub model: PythonModel,
}

impl Node {
    /// Whether its code asks the network for something in a way that fft can't see.
    pub fn asks_unseen(&self) -> bool {
        match &self.body {
            Body::Python(body) => body.model.reads.outside.iter().any(Outside::is_network),
            Body::Seed(_) | Body::Sql(_) => false,
        }
    }

    /// Whether its relation goes on reading files of sources by paths that begin at the root of this machine.
    pub fn holds_paths(&self) -> bool {
        let placed = matches!(&self.body, Body::Sql(SqlBody { holds_paths: true, .. }));
        placed && self.materialization.reads_when_queried()
    }

    /// Whether its table may be extended.
    pub fn may_be_extended(&self) -> bool {
        self.incremental.as_ref().is_some_and(|how| how.strategy != Strategy::FullRefresh)
    }

    /// What an ephemeral node is called in the texts that it stands in.
    pub fn inlined_name(&self) -> String {
        inline::table_name(self.name.stem())
    }
}

impl Graph {
    /// A graph of nodes that are in order already and whose `upstream` is filled in.
    #[cfg(test)]
    pub(crate) fn from_nodes(mut nodes: Vec<Node>) -> Graph {
        for id in 0..nodes.len() {
            let upstream = nodes[id].upstream.clone();
            nodes[id].level = 1 + upstream.iter().map(|up| nodes[*up].level).max().unwrap_or(0);
            for up in upstream {
                assert!(up < id, "node {id} stands before its upstream node {up}");
                nodes[up].downstream.push(id);
            }
        }
        let index = nodes.iter().enumerate().map(|(id, node)| (node.name.clone(), id)).collect();
        Graph { nodes, index, ..Graph::default() }
    }

    pub fn id(&self, name: &str) -> Option<NodeId> {
        self.index.get(name).copied()
    }

    /// A node by its name, with or without `.ff`.
    pub fn find(&self, name: &str) -> Option<NodeId> {
        look_up(name, |name| self.id(name))
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.nodes.iter().map(|node| node.name.as_str())
    }

    /// Every node, in the order of names.
    pub fn by_name(&self) -> impl Iterator<Item = NodeId> {
        self.index.values().copied()
    }

    /// Whether a relation stands for this node on the engine.
    pub fn has_relation(&self, id: NodeId) -> bool {
        self.nodes[id].materialization.has_relation()
    }

    /// Whether a node's text stands inside the texts that read it.
    pub fn is_inlined(&self, id: NodeId) -> bool {
        self.nodes[id].materialization.is_inlined()
    }

    /// How what counts in the nodes' texts is told from their layout.
    pub fn layout(&self) -> Lexicon {
        self.layout
    }

    /// A SQL model's text with its ephemeral upstream nodes inside: what the engine is sent once secrets are revealed.
    pub fn compiled(&self, id: NodeId) -> Compiled {
        let Some(own) = self.sql(id) else { return Compiled::default() };
        self.inlined(id, &own.rendered)
    }

    /// The same of the text that gives what is new, to extend what stands: its own where that doesn't tell.
    pub fn compiled_increment(&self, id: NodeId) -> Compiled {
        let Some(own) = self.sql(id) else { return Compiled::default() };
        self.inlined(id, own.increment.as_ref().map_or(&own.rendered, |increment| &increment.rendered))
    }

    fn sql(&self, id: NodeId) -> Option<&SqlBody> {
        match &self.nodes[id].body {
            Body::Sql(body) => Some(body),
            Body::Seed(_) | Body::Python(_) => None,
        }
    }

    fn inlined(&self, id: NodeId, text: &Concealed) -> Compiled {
        let ephemeral = self.ephemeral(&self.nodes[id].upstream).into_iter();
        let expressions: Vec<_> = ephemeral.filter_map(|up| Some((up, self.sql(up)?))).collect();
        inline::inline(id, text, &expressions, self.lexicon)
    }

    /// Those of `start`, and of what they are made from, that stand inside the text of a node: ascending, each once.
    fn ephemeral(&self, start: &[NodeId]) -> BTreeSet<NodeId> {
        let mut found = BTreeSet::new();
        let mut open = start.to_vec();
        while let Some(id) = open.pop() {
            if self.is_inlined(id) && found.insert(id) {
                open.extend(&self.nodes[id].upstream);
            }
        }
        found
    }

    /// The ephemeral nodes whose texts stand in what a node is built from, or in what it is given: ascending.
    pub fn inside(&self, id: NodeId) -> BTreeSet<NodeId> {
        self.ephemeral(&self.nodes[id].upstream)
    }

    /// Nodes from which a path leads to any of `start`, without those.
    pub fn ancestors(&self, start: &BTreeSet<NodeId>) -> BTreeSet<NodeId> {
        self.reach(start, usize::MAX, |node| &node.upstream)
    }

    /// Nodes that a path from any of `start` leads to, without those.
    pub fn descendants(&self, start: &BTreeSet<NodeId>) -> BTreeSet<NodeId> {
        self.reach(start, usize::MAX, |node| &node.downstream)
    }

    /// Nodes at most `depth` edges away from `start` along `next`, without those of `start`.
    pub fn reach(
        &self,
        start: &BTreeSet<NodeId>,
        depth: usize,
        next: impl Fn(&Node) -> &Vec<NodeId>,
    ) -> BTreeSet<NodeId> {
        let mut seen = start.clone();
        let mut front: Vec<NodeId> = start.iter().copied().collect();
        let mut steps = 0;
        while !front.is_empty() && steps < depth {
            front = front.iter().flat_map(|id| next(&self.nodes[*id])).copied().filter(|id| seen.insert(*id)).collect();
            steps += 1;
        }
        seen.difference(start).copied().collect()
    }
}

/// A name that a node gives as its upstream, and where.
#[derive(Clone, Debug)]
pub(crate) struct Edge {
    pub name: String,
    /// The package that the node must be of, where one is named.
    pub package: Option<String>,
    pub at: Location,
}

impl From<Reference> for Edge {
    fn from(Reference { name, package, at }: Reference) -> Edge {
        Edge { name, package, at }
    }
}

#[cfg(test)]
pub(crate) mod tests;
