//! A rendered model's marks filled in.
//!
//! Every mark was checked before: it is a resolved reference, a declared source, `this` or a secret. In front of a source's
//! path that counts from the project a [`Mark::Project`] is put, since a view is read from anywhere. A database looks for
//! the bare names of a stored view in the view's own schema: what such a view reads is written with the default schema.

use super::{Body, Graph, NodeId, SqlBody};
use crate::dialect::Dialect;
use crate::name::RelationName;
use crate::project::{SourceTable, without_passwords};
use crate::render::mark::{Mark, replace_moved};
use crate::render::{Concealed, Hidden};
use crate::syntax::sql::normalize;
use std::collections::BTreeMap;

/// By group and table.
type Sources = BTreeMap<(String, String), SourceTable>;

/// Fills in the relations of a rendered text. Relations without a schema are written with `schema`, where that is given.
#[expect(clippy::too_many_arguments, reason = "each is read in one place, and a struct of them would have no meaning")]
pub fn compile(
    body: &mut SqlBody,
    marked: &str,
    name: &str,
    this: &RelationName,
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
    let named = |id: NodeId| {
        let node = &graph.nodes[id];
        if graph.is_inlined(id) { dialect.quote(&node.inlined_name()) } else { placed(&node.relation) }
    };
    let mut hidden = Vec::new();
    let (text, filled) = replace_moved(marked, |mark, _| match (targets.get(mark.to_string().as_str()), mark) {
        (Some(id), _) => named(*id),
        (None, Mark::This) => placed(this),
        // Left for what alone may put a secret in.
        (None, Mark::Secret(_)) => mark.to_string(),
        (None, Mark::Source(group, table)) => {
            let source = &sources[&(group.to_string(), table.to_string())];
            let schema = source.schema.clone().or(schema.map(String::from));
            let location = source.location.iter().map(|place| hide(place, &mut hidden, dialect)).collect();
            dialect.source(&SourceTable { schema, location, ..source.clone() }, &Mark::Project.to_string())
        }
        (None, Mark::Reference(name)) => unreachable!("invariant: every reference was resolved: {name}"),
        (None, Mark::Project | Mark::Hidden(_)) => unreachable!("invariant: no template gives this mark"),
    });
    let (text, trimmed) = normalize(&text);
    let (rendered, concealed) = Concealed::of_marked(&text, &hidden);
    let inlined = |id: &NodeId| match &graph.nodes[*id].body {
        Body::Sql(up) => graph.is_inlined(*id) && up.holds_paths,
        Body::Seed(_) | Body::Python(_) => false,
    };
    body.holds_paths = rendered.has_folder() || targets.values().any(inlined);
    body.rendered = rendered;
    body.inlined_as = dialect.quote(name).into();
    body.origin = std::mem::take(&mut body.origin).edited(filled).edited(trimmed).edited(concealed);
}

/// A source's place with a mark where a password is. What is shown and recorded has none in it; what is sent to the
/// engine, as it stands in a literal, has.
fn hide(place: &str, hidden: &mut Vec<Hidden>, dialect: &dyn Dialect) -> String {
    let shown = without_passwords(place);
    if shown == place {
        return shown;
    }
    let same = |left: &mut dyn Iterator<Item = (char, char)>| -> usize {
        left.take_while(|(left, right)| left == right).map(|(left, _)| left.len_utf8()).sum()
    };
    let before = same(&mut place.chars().zip(shown.chars()));
    let behind = same(&mut place[before..].chars().rev().zip(shown[before..].chars().rev()));
    let literal = dialect.string_literal(&place[before..place.len() - behind]);
    let mark = Mark::Hidden(hidden.len()).to_string();
    hidden
        .push(Hidden { shown: shown[before..shown.len() - behind].into(), sent: literal[1..literal.len() - 1].into() });
    format!("{}{mark}{}", &place[..before], &place[place.len() - behind..])
}
