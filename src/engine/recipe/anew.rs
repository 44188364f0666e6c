//! Tables that no statement puts in the place of what stands, because their rows are stored in another way.

use super::{Action, Attempt, Replace};
use crate::engine::{Condition, RelationKind};

/// What a table is called that is made anew because of how its rows are stored.
const LAID: &str = "laid";

/// The statements that put a table in the place of another one, each with a way out where the engine refuses it, for the
/// reason `unless` or for any: the new table is made beside, what stands is dropped, and the name given.
pub fn or_anew(replace: &Replace<'_>, actions: Vec<Action>, unless: Option<Condition>) -> Vec<Action> {
    let way_out = |action: Action| {
        let query = match &action {
            Action::Make(statement) | Action::Fill(statement) => {
                statement.query.clone().map(|query| statement.text[query].to_string())
            }
            _ => None,
        };
        let Some(query) = query else { return action };
        let (dialect, laid) = (replace.dialect, replace.beside(LAID));
        let create = replace.create(RelationKind::Table, &laid, &query, true);
        let make = if matches!(action, Action::Make(_)) { Action::Make(create) } else { Action::Fill(create) };
        let otherwise = vec![
            make,
            Action::Run(dialect.drop(RelationKind::Table, replace.relation)),
            Action::Run(dialect.rename(RelationKind::Table, &laid, &replace.relation.name)),
        ];
        Action::Attempt(Box::new(Attempt { actions: vec![action], unless, otherwise }))
    };
    actions.into_iter().map(way_out).collect()
}
