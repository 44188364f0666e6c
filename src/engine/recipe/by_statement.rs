//! For engines that keep each statement at once and replace a relation by one.
//!
//! No engine of these replaces a relation by one of another kind: the old one is dropped first, once the new rows are there.

use super::{Action, NEXT, Recipe, Replace};
use crate::engine::{RelationKind, Standing};

pub struct ByStatement;

impl Recipe for ByStatement {
    /// Rows that no query gives, in a table beside.
    fn stage(&self, replace: &Replace<'_>, stands: Option<RelationKind>) -> Vec<Action> {
        let next = replace.beside(NEXT);
        match replace.query() {
            None => vec![Action::Load { into: next, temporary: false, layout: None }],
            // What takes long comes before what stands is gone.
            Some(query) if replace.kind == RelationKind::Table && stands == Some(RelationKind::View) => {
                vec![Action::Make(replace.create(RelationKind::Table, &next, query, true))]
            }
            Some(query) if stands == Some(RelationKind::Table) && replace.kind == RelationKind::View => {
                vec![replace.trial(query)]
            }
            Some(_) => Vec::new(),
        }
    }

    fn place(&self, replace: &Replace<'_>, standing: Option<&Standing>) -> Vec<Action> {
        let Replace { dialect, relation, kind, .. } = *replace;
        let mut actions = replace.open();
        let other = standing.filter(|standing| !standing.is(kind));
        actions.extend(other.map(|other| replace.drop(other)));
        let next = replace.beside(NEXT);
        match replace.query() {
            // It was made beside where that was seen when the work began.
            Some(_) if kind == RelationKind::Table && other.is_some_and(|other| other.kind != kind) => {
                actions.push(Action::Run(dialect.rename(kind, &next, &relation.name)));
            }
            Some(query) => {
                actions.push(Action::Make(replace.create(kind, relation, query, true)));
                actions.extend(other.filter(|_| kind == RelationKind::View).map(|_| replace.end_trial()));
            }
            None => {
                let query = replace.all_of(&next);
                actions.push(Action::Fill(replace.create(kind, relation, &query, true)));
                actions.push(Action::Run(dialect.drop(RelationKind::Table, &next)));
            }
        }
        actions.into_iter().chain(replace.keep()).collect()
    }
}
