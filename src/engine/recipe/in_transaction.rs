//! For engines that change relations in transactions: nobody sees anything between the old and the new.

use super::{Action, Recipe, Replace};
use crate::engine::{RelationKind, Standing};

/// What stands is replaced where it stands.
pub struct InTransaction;

impl Recipe for InTransaction {
    fn stage(&self, _: &Replace<'_>, _: Option<RelationKind>) -> Vec<Action> {
        Vec::new()
    }

    fn place(&self, replace: &Replace<'_>, standing: Option<&Standing>) -> Vec<Action> {
        let other = standing.filter(|standing| standing.kind != replace.kind);
        let dropped = other.map(|other| Action::Run(replace.dialect.drop(other.kind, replace.relation)));
        let made = match replace.query() {
            Some(query) => Action::Make(replace.create(replace.kind, replace.relation, query, true)),
            None => Action::Load { into: replace.relation.clone(), temporary: false, layout: replace.layout.cloned() },
        };
        dropped.into_iter().chain([made, Action::Confirm]).chain(replace.keep()).collect()
    }
}
