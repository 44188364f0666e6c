//! A rendered model's marks filled in.
//!
//! Every mark was checked before: it is a resolved reference, a declared source, `this` or a secret. In front of a source's
//! path that counts from the project a [`Mark::Project`] is put, since a view is read from anywhere. A database looks for
//! the bare names of a stored view in the view's own schema: what such a view reads is written with the default schema.

use super::draft::Draft;
use super::{Body, SqlBody};
use crate::dialect::Dialect;
use crate::name::RelationName;
use crate::project::{SourceTable, without_passwords};
use crate::render::mark::{Mark, replace_moved};
use crate::render::{Concealed, Hidden, Origin};
use crate::syntax::moves::Moves;
use crate::syntax::sql::normalize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What texts are filled in from.
#[derive(Clone, Copy)]
pub struct Compiler<'a> {
    pub drafts: &'a [Draft],
    /// By group and table.
    pub sources: &'a BTreeMap<(String, String), SourceTable>,
    pub dialect: &'a dyn Dialect,
}

/// The texts of a model with their marks filled in.
pub struct Texts {
    own: Filled,
    increment: Option<Filled>,
}

/// A text with its marks filled in, and what it is called inside others.
struct Filled {
    rendered: Concealed,
    inlined_as: Arc<str>,
    /// What was done for that, in order.
    moves: [Moves; 3],
}

impl Compiler<'_> {
    /// Fills in the relations of a draft's text; `targets` holds what its marks lead to, by mark text. Relations without a
    /// schema are written with `schema`, where that is given. `None` for what is no SQL model.
    pub fn compile(&self, at: usize, targets: &BTreeMap<String, usize>, schema: Option<&str>) -> Option<Texts> {
        let Draft { node, marked, increment, .. } = &self.drafts[at];
        let Body::Sql(_) = &node.body else { return None };
        let fill = |marked: &str| self.fill(at, marked, targets, schema);
        Some(Texts { own: fill(marked), increment: increment.as_deref().map(fill) })
    }

    /// The same of any text of a draft.
    pub fn filled(
        &self,
        at: usize,
        marked: &str,
        targets: &BTreeMap<String, usize>,
        schema: Option<&str>,
    ) -> Concealed {
        self.fill(at, marked, targets, schema).rendered
    }

    fn fill(&self, at: usize, marked: &str, targets: &BTreeMap<String, usize>, schema: Option<&str>) -> Filled {
        let Compiler { drafts, sources, dialect } = *self;
        let node = &drafts[at].node;
        let placed = |relation: &RelationName| {
            let schema = relation.schema.clone().or(schema.map(String::from));
            dialect.relation(&RelationName { schema, ..relation.clone() })
        };
        let named = |at: usize| {
            let node = &drafts[at].node;
            if node.materialization.is_inlined() { dialect.quote(&node.inlined_name()) } else { placed(&node.relation) }
        };
        let mut hidden = Vec::new();
        let (text, filled) = replace_moved(marked, |mark, _| match (targets.get(mark.to_string().as_str()), mark) {
            (Some(up), _) => named(*up),
            (None, Mark::This) => placed(&node.relation),
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
        let (text, trimmed) = normalize(&text, dialect.grammar().layout);
        let (rendered, concealed) = Concealed::of_marked(&text, &hidden);
        let inlined_as = dialect.quote(&node.inlined_name()).into();
        Filled { rendered, inlined_as, moves: [filled, trimmed, concealed] }
    }
}

impl Filled {
    /// Where it comes from, by where the text with its marks does.
    fn origin(self, marked: Origin) -> (Concealed, Origin) {
        (self.rendered, self.moves.into_iter().fold(marked, |origin, moves| origin.edited(moves)))
    }
}

impl Texts {
    /// Puts the texts into their body.
    pub fn put(self, body: &mut SqlBody) {
        body.holds_paths = self.own.rendered.has_folder();
        body.inlined_as = self.own.inlined_as.clone();
        (body.rendered, body.origin) = self.own.origin(std::mem::take(&mut body.origin));
        if let (Some(increment), Some(filled)) = (&mut body.increment, self.increment) {
            (increment.rendered, increment.origin) = filled.origin(std::mem::take(&mut increment.origin));
        }
    }
}

/// A source's place with a mark where a password is. What is shown and recorded has none in it; what is sent to the
/// engine, as it stands in a literal, has.
pub(super) fn hide(place: &str, hidden: &mut Vec<Hidden>, dialect: &dyn Dialect) -> String {
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
