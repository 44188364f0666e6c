//! The lineage of every node, as the manifest tells it; answers are kept in `lineage.cache`.
//!
//! Takes the project, its graph and the catalog. What was answered before to the same text over the same upstream
//! columns is read from the file instead of being found out again. Its first line is the SHA-256 of the rest: a file in
//! which a byte was changed counts as empty.

use super::Layout;
use super::catalog::Catalog;
use crate::dialect::Dialect;
use crate::digest::Digest;
use crate::graph::{Body, Graph, Node};
use crate::lineage::Columns;
use crate::lineage::project::{Answers, Material, Traced, trace_all};
use crate::project::{Project, SeedFile};
use crate::world::World;
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
    let mut answers = world.read(&path).ok().and_then(|bytes| read(&bytes)).unwrap_or_default();
    let columns = |node: &Node| {
        let found = catalog.nodes.get(node.name.as_str());
        let built = found.map(|found| Columns::All(found.columns.iter().map(|column| column.name.clone()).collect()));
        match &node.body {
            Body::Seed(seed) => built.or_else(|| header(world, seed)),
            _ => built,
        }
    };
    let mut traced = trace_all(&Material { project, graph, dialect, columns: &columns, before: &answers });
    let before = answers.len();
    answers.retain(|name, _| graph.id(name).is_some_and(|id| matches!(graph.nodes[id].body, Body::Sql(_))));
    let mut changed = answers.len() != before;
    for (node, one) in graph.nodes.iter().zip(&mut traced) {
        if let Some(new) = one.kept.take() {
            answers.insert(node.name.to_string(), new);
            changed = true;
        }
    }
    let kept = if changed {
        let json = serde_json::to_string(&answers).expect("invariant: answers are JSON");
        world.store(&path, format!("{}\n{json}\n", Digest::of(json.as_bytes())).as_bytes())
    } else {
        Ok(())
    };
    (traced, kept)
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
