//! What the engine is sent of a node: the file of a seed, or a text as it is run.

use crate::dialect::Dialect;
use crate::engine::SeedContent;
use crate::fingerprint::{Fingerprint, Kind};
use crate::graph::{Graph, NodeId};
use crate::project::{Project, SeedFile, SeedFormat};
use crate::render::Sent;
use crate::world::World;

/// A seed's file with its own columns alone, held to the bytes of the `fingerprint` where there is one.
pub(super) fn seed_content<'a>(
    world: &'a dyn World,
    seed: &'a SeedFile,
    fingerprint: Option<&Fingerprint>,
) -> SeedContent<'a> {
    let mut components = fingerprint.iter().flat_map(|fingerprint| &fingerprint.components);
    SeedContent {
        world,
        file: &seed.file,
        path: &seed.path,
        digest: components.find(|component| component.kind == Kind::Seed).map(|component| component.digest),
        parquet: seed.format == SeedFormat::Parquet,
        delimiter: seed.delimiter,
        types: &seed.columns,
        text_columns: &[],
        loaded_at_column: None,
    }
}

/// A node's text for the engine: secrets in the place of their placeholders, and paths of sources from the root of the
/// machine.
pub(super) fn sent(graph: &Graph, project: &Project, dialect: &dyn Dialect, id: NodeId) -> String {
    graph.compiled(id).text.reveal(&Sent { env: &project.env, folder: &folder(project, dialect) })
}

/// The same of the text that gives what is new, to extend what stands.
pub(super) fn sent_increment(graph: &Graph, project: &Project, dialect: &dyn Dialect, id: NodeId) -> String {
    graph.compiled_increment(id).text.reveal(&Sent { env: &project.env, folder: &folder(project, dialect) })
}

/// The query that reads an upstream node's rows, as the engine is sent it.
pub(super) fn input_query(graph: &Graph, project: &Project, dialect: &dyn Dialect, up: NodeId) -> String {
    if graph.has_relation(up) {
        format!("select * from {}", dialect.relation(&graph.nodes[up].relation))
    } else {
        sent(graph, project, dialect, up)
    }
}

/// The project's folder as it stands in a literal in front of a path.
pub(super) fn folder(project: &Project, dialect: &dyn Dialect) -> String {
    let literal = dialect.string_literal(&dialect.folder(&crate::watch::folder(&project.root)));
    literal[1..literal.len() - 1].to_string()
}
