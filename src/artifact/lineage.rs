//! The lineage of every node, as the manifest tells it; answers are kept in `lineage.cache`.
//!
//! Takes the project, its graph and the catalog. What was answered before to the same text over the same upstream
//! columns is read from the file instead of being found out again. Its first line is the SHA-256 of the rest: a file in
//! which a byte was changed counts as empty.

use super::Layout;
use super::catalog::Catalog;
use crate::dialect::Dialect;
use crate::digest::Digest;
use crate::graph::{Body, Graph, Node, NodeId};
use crate::lineage::Columns;
use crate::lineage::project::{Answers, Material, Traced, trace_all};
use crate::project::{Project, SeedFile};
use crate::world::World;
use std::collections::BTreeMap;
use std::io;

/// Traces every node, in the graph's order, and keeps the answers; with the error where they couldn't be kept.
pub fn trace(
    world: &dyn World,
    layout: &Layout,
    project: &Project,
    graph: &Graph,
    dialect: &dyn Dialect,
    catalog: &Catalog,
) -> (Vec<Traced>, io::Result<()>) {
    let path = layout.lineage();
    let answers = world.read(&path).ok().and_then(|bytes| read(&bytes)).unwrap_or_default();
    let columns = |node: &Node| {
        let found = catalog.nodes.get(node.name.as_str());
        let built = found.map(|found| Columns::All(found.columns.iter().map(|column| column.name.clone()).collect()));
        match &node.body {
            Body::Seed(seed) => built.or_else(|| header(world, seed)),
            _ => built,
        }
    };
    let is_sql = |name: &String| graph.id(name).is_some_and(|id| matches!(graph.nodes[id].body, Body::Sql(_)));
    let left = !answers.keys().all(is_sql);
    let traced = trace_all(&Material { project, graph, dialect, columns: &columns }, answers);
    let changed = left || traced.iter().any(Traced::is_new);
    let kept = if changed { world.store(&path, &file(graph, &traced)) } else { Ok(()) };
    (traced, kept)
}

/// What the file is to hold.
fn file(graph: &Graph, traced: &[Traced]) -> Vec<u8> {
    let answer = |id: NodeId| Some((graph.nodes[id].name.as_str(), traced[id].kept()?));
    let answers: BTreeMap<&str, _> = (0..traced.len()).filter_map(answer).collect();
    let head = |digest: Digest| format!("{digest}\n").into_bytes();
    let mut bytes = head(Digest([0; 32]));
    let start = bytes.len();
    serde_json::to_writer(&mut bytes, &answers).expect("invariant: answers are JSON");
    let head = head(Digest::of(&bytes[start..]));
    bytes[..start].copy_from_slice(&head);
    bytes.push(b'\n');
    bytes
}

fn read(bytes: &[u8]) -> Option<Answers> {
    let (digest, json) = std::str::from_utf8(bytes).ok()?.trim_end().split_once('\n')?;
    (Digest::parse(digest)? == Digest::of(json.as_bytes())).then(|| serde_json::from_str(json).ok())?
}

/// The columns that a CSV file names; its table may get others beside them.
fn header(world: &dyn World, seed: &SeedFile) -> Option<Columns> {
    let names = crate::execute::header(world, seed)?.into_iter().collect();
    Some(if seed.meta_columns { Columns::Some(names) } else { Columns::All(names) })
}
