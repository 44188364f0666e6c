//! For engines that keep each statement at once and can't replace a table by one: the new one is made beside, what stands
//! is dropped, the name is given. Old rows under the old row of the ledger, nothing, new rows under the new one.

use super::{Action, NEXT, Recipe, Replace};
use crate::engine::{RelationKind, Standing};

pub struct Swap;

impl Recipe for Swap {
    fn stage(&self, replace: &Replace<'_>, stands: Option<RelationKind>) -> Vec<Action> {
        let next = replace.beside(NEXT);
        match (replace.kind, replace.query()) {
            (RelationKind::View, Some(query)) if stands == Some(RelationKind::Table) => vec![replace.trial(query)],
            (RelationKind::View, _) => Vec::new(),
            (RelationKind::Table, None) => {
                vec![Action::Load { into: next, temporary: false, layout: replace.layout.cloned() }]
            }
            (RelationKind::Table, Some(query)) => {
                vec![Action::Make(replace.create(RelationKind::Table, &next, query, false))]
            }
        }
    }

    fn place(&self, replace: &Replace<'_>, standing: Option<&Standing>) -> Vec<Action> {
        let Replace { dialect, relation, kind, .. } = *replace;
        let mut actions = replace.open();
        let gone = standing.filter(|standing| !standing.is(kind) || kind == RelationKind::Table);
        actions.extend(gone.map(|gone| replace.drop(gone)));
        match (kind, replace.query()) {
            (RelationKind::View, Some(query)) => {
                actions.push(Action::Make(replace.create(kind, relation, query, true)));
                actions.extend(gone.map(|_| replace.end_trial()));
            }
            _ => actions.push(Action::Run(dialect.rename(kind, &replace.beside(NEXT), &relation.name))),
        }
        actions.into_iter().chain(replace.keep()).collect()
    }
}
