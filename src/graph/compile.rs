//! A rendered model's marks filled in, and its ephemeral upstream nodes put into its text.
//!
//! Every mark was checked before: it is a resolved reference, a declared source or `this`. A database looks for the bare
//! names of a stored view in the view's own schema: what such a view reads is written with the default schema.

use super::inline::inline;
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

/// Fills in the relations of a rendered text, and puts ephemeral upstream nodes into it. Relations without a schema are
/// written with `schema`, where that is given.
#[expect(clippy::too_many_arguments, reason = "each is read in one place, and a struct of them would have no meaning")]
pub fn compile(
    body: &mut SqlBody,
    this: &RelationName,
    upstream: &[NodeId],
    targets: &BTreeMap<&str, NodeId>,
    schema: Option<&str>,
    graph: &Graph,
    sources: &Sources,
    dialect: &dyn Dialect,
) {
    let placed = |relation: &RelationName| {
        let schema = relation.schema.clone().or(schema.map(String::from));
        dialect.relation(&RelationName { schema, ..relation.clone() })
    };
    let named = |id: NodeId| match graph.nodes[id].materialized {
        Materialized::Ephemeral => dialect.quote(&graph.nodes[id].inlined_name()),
        _ => placed(&graph.nodes[id].relation),
    };
    let text = replace(&body.rendered, |mark| match (targets.get(mark.to_string().as_str()), mark) {
        (Some(id), _) => named(*id),
        (None, Mark::This) => placed(this),
        (None, Mark::Source(group, table)) => {
            let source = &sources[&(group.to_string(), table.to_string())];
            let schema = source.schema.clone().or(schema.map(String::from));
            dialect.source(&SourceTable { schema, ..source.clone() })
        }
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
