//! What building a node would read, and what a seed's file holds, told without building anything.

use super::sent::{input_query, seed_content, sent, sent_increment};
use crate::dialect::Dialect;
use crate::engine::{Content, EngineError, Estimate, Session};
use crate::fingerprint::Fingerprint;
use crate::graph::{Body, Graph, NodeId};
use crate::plan::Outline;
use crate::plan::attribution::LARGEST_SEED;
use crate::project::{Project, SeedFile, SeedFormat};
use crate::world::World;

/// Whether a seed's rows aren't kept for comparison: they are too many, or in a file that only the engine reads.
pub fn is_outlined(seed: &SeedFile) -> bool {
    seed.format == SeedFormat::Parquet || seed.size > LARGEST_SEED
}

/// What a seed's file holds, but for its rows.
pub fn outline(
    world: &dyn World,
    session: &mut Session,
    seed: &SeedFile,
    fingerprint: &Fingerprint,
) -> Result<Option<Outline>, EngineError> {
    session.outline(&seed_content(world, seed, Some(fingerprint)))
}

/// The columns that a CSV seed's file names; `None` of other files, and of one that can't be read.
pub fn header(world: &dyn World, seed: &SeedFile) -> Option<Vec<String>> {
    match seed.format {
        SeedFormat::Csv => crate::engine::header(&seed_content(world, seed, None)).ok(),
        SeedFormat::Parquet => None,
    }
}

/// What the engine's plan says of a node's build, or of the query that extends it: of a Python model, of the rows that it is given. `None` for what reads
/// nothing when it is made, a view, and where the engine can't tell.
///
/// # Errors
/// The engine's, where the node's query is wrong or reads what isn't there yet.
pub fn estimate(
    world: &dyn World,
    session: &mut Session,
    project: &Project,
    graph: &Graph,
    dialect: &dyn Dialect,
    (id, extends): (NodeId, bool),
) -> Result<Option<Estimate>, EngineError> {
    let node = &graph.nodes[id];
    match &node.body {
        _ if !node.materialization.stores_rows() => Ok(None),
        Body::Seed(seed) => session.estimate(&Content::Seed(seed_content(world, seed, None))),
        Body::Sql(_) if extends => session.estimate(&Content::Query(&sent_increment(graph, project, dialect, id))),
        Body::Sql(_) => session.estimate(&Content::Query(&sent(graph, project, dialect, id))),
        Body::Python(body) => {
            let mut all = Estimate::default();
            for dependency in &body.model.dependencies {
                let up = graph.find(&dependency.name).expect("invariant: the graph resolved every dependency");
                let read = session.estimate(&Content::Query(&input_query(graph, project, dialect, up)))?;
                all.scans.extend(read.unwrap_or_default().scans);
            }
            Ok(Some(all))
        }
    }
}
