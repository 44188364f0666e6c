//! A rendered model's marks filled in, and its ephemeral upstream nodes put into its text.
//!
//! Every mark was checked before: it is a resolved reference, a declared source or `this`. The text is made twice where it
//! reads files of sources: as it is shown, with paths that count from the project, and as it is placed, with a
//! [`Mark::Project`] in front of each of them, since a view is read from anywhere. A database looks for the bare
//! names of a stored view in the view's own schema: what such a view reads is written with the default schema.

use super::inline::inline;
use super::{Body, Graph, Materialized, NodeId, Placed, SqlBody};
use crate::dialect::Dialect;
use crate::name::RelationName;
use crate::project::{SourceTable, without_passwords};
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
    let mut located = false;
    let mut fill = |root: &str| {
        let text = replace(&body.rendered, |mark| match (targets.get(mark.to_string().as_str()), mark) {
            (Some(id), _) => named(*id),
            (None, Mark::This) => placed(this),
            (None, Mark::Source(group, table)) => {
                let source = &sources[&(group.to_string(), table.to_string())];
                located |= !source.location.is_empty();
                let schema = source.schema.clone().or(schema.map(String::from));
                // What is shown and recorded has no password in it; what is placed is sent to the engine alone.
                let shown = |place: &String| if root.is_empty() { without_passwords(place) } else { place.clone() };
                let location = source.location.iter().map(shown).collect();
                dialect.source(&SourceTable { schema, location, ..source.clone() }, root)
            }
            (None, Mark::Reference(name)) => unreachable!("invariant: every reference was resolved: {name}"),
            (None, Mark::Project) => unreachable!("invariant: no template gives this mark"),
        });
        normalized(&text)
    };
    let (rendered, with_places) = (fill(""), fill(&Mark::Project.to_string()));
    let inlined: Vec<(String, &SqlBody)> = graph
        .ephemeral(upstream)
        .into_iter()
        .filter_map(|id| match &graph.nodes[id].body {
            Body::Sql(body) => Some((named(id), body)),
            _ => None,
        })
        .collect();
    located |= inlined.iter().any(|(_, one)| one.placed.is_some());
    let texts = |text: fn(&SqlBody) -> &str| -> Vec<(String, &str)> {
        inlined.iter().map(|(name, body)| (name.clone(), text(body))).collect()
    };
    let (compiled, offset) = inline(&rendered, &texts(|body| &body.rendered));
    if located {
        let (compiled, _) = inline(&with_places, &texts(SqlBody::placed_alone));
        body.placed = Some(Placed { rendered: with_places.into(), compiled: compiled.into() });
    }
    body.rendered = Arc::from(rendered);
    body.compiled = Arc::from(compiled);
    body.offset = offset;
}
