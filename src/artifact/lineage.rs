//! The lineage of every node, as the manifest tells it; answers are kept in `lineage.cache`.
//!
//! Takes the project, its graph and the catalog. What was answered before to the same text over the same upstream
//! columns is read from the file, a line for each node, instead of being found out again. Its last line is the SHA-256 of
//! the rest: a file in which a byte was changed counts as empty.

use super::Layout;
use super::catalog::Catalog;
use crate::dialect::Dialect;
use crate::digest::{Digest, Hashing};
use crate::graph::{Body, Graph, Node, NodeId};
use crate::lineage::Columns;
use crate::lineage::project::{Answers, Kept, Material, Traced, trace_all};
use crate::project::{Project, SeedFile};
use crate::world::World;
use std::io::{self, BufRead, BufReader, Write};

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
    let answers = world.open(&path).ok().and_then(|file| read(BufReader::new(file))).unwrap_or_default();
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
    let mut bytes = Vec::new();
    for answer in (0..traced.len()).filter_map(answer) {
        serde_json::to_writer(&mut bytes, &answer).expect("invariant: answers are JSON");
        bytes.push(b'\n');
    }
    let digest = Digest::of(&bytes);
    bytes.extend(format!("{digest}\n").into_bytes());
    bytes
}

/// The answers that a file holds; of many nodes it is larger than what is made of it, so that no more than a line of it is
/// in memory.
fn read(mut file: impl BufRead) -> Option<Answers> {
    let mut hashing = Hashing::new(io::sink());
    let mut answers = Vec::new();
    let mut line = Vec::new();
    while file.read_until(b'\n', &mut line).ok()? > 0 {
        match serde_json::from_slice::<(String, Kept)>(&line) {
            Ok(answer) => answers.push(answer),
            Err(_) => break,
        }
        hashing.write_all(&line).ok()?;
        line.clear();
    }
    let digest = Digest::parse(std::str::from_utf8(&line).ok()?.trim_end())?;
    let is_last = file.fill_buf().ok()?.is_empty();
    (is_last && hashing.finish().1 == digest).then(|| answers.into_iter().collect())
}

/// The columns that a CSV file names; its table may get others beside them.
fn header(world: &dyn World, seed: &SeedFile) -> Option<Columns> {
    let names = crate::execute::header(world, seed)?.into_iter().collect();
    Some(if seed.meta_columns { Columns::Some(names) } else { Columns::All(names) })
}
