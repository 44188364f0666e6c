//! A rendered model's marks filled in, and its ephemeral upstream nodes put into its text.
//!
//! Every mark was checked before: it is a resolved reference, a declared source or `this`.

use super::inline::{inline, table_name};
use super::{Body, Graph, Materialized, NodeId, SqlBody};
use crate::dialect::Dialect;
use crate::name::RelationName;
use crate::project::SourceTable;
use crate::render::mark::{Mark, replace};
use crate::syntax::sql::normalized;
use std::collections::BTreeMap;
use std::sync::Arc;

/// By group and table.
type Sources = BTreeMap<(String, String), SourceTable>;

/// Fills in the relations of a rendered text, and puts ephemeral upstream nodes into it.
pub fn compile(
    body: &mut SqlBody,
    this: &RelationName,
    upstream: &[NodeId],
    targets: &BTreeMap<&str, NodeId>,
    graph: &Graph,
    sources: &Sources,
    dialect: &dyn Dialect,
) {
    let named = |id: NodeId| match graph.nodes[id].materialized {
        Materialized::Ephemeral => dialect.quote(&table_name(graph.nodes[id].name.stem())),
        _ => dialect.relation(&graph.nodes[id].relation),
    };
    let text = replace(&body.rendered, |mark| match (targets.get(mark.to_string().as_str()), mark) {
        (Some(id), _) => named(*id),
        (None, Mark::This) => dialect.relation(this),
        (None, Mark::Source(group, table)) => dialect.source(&sources[&(group.to_string(), table.to_string())]),
        (None, Mark::Reference(name)) => unreachable!("invariant: every reference was resolved: {name}"),
    });
    let ephemeral: Vec<(String, &str)> = graph
        .ephemeral(upstream)
        .into_iter()
        .filter_map(|id| match &graph.nodes[id].body {
            Body::Sql(body) => Some((named(id), &*body.rendered)),
            _ => None,
        })
        .collect();
    let text = normalized(&text);
    let (compiled, offset) = inline(&text, &ephemeral);
    body.rendered = Arc::from(text);
    body.compiled = Arc::from(compiled);
    body.offset = offset;
}
