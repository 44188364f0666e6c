//! Tables whose rows are stored in another way than before: no statement puts one in the place of the other.
//!
//! The usual statement is tried first. Where the service says that the way differs, the new table is made beside, what
//! stands is dropped, and the name given.

use crate::engine::recipe::{Action, Recipe, Replace, or_anew};
use crate::engine::{Condition, RelationKind, Standing};
use std::sync::Arc;

/// The recipe of the engine's traits, with that way out.
pub struct Laid(pub Arc<dyn Recipe>);

impl Recipe for Laid {
    fn stage(&self, replace: &Replace<'_>, stands: Option<RelationKind>) -> Vec<Action> {
        self.0.stage(replace, stands)
    }

    fn place(&self, replace: &Replace<'_>, standing: Option<&Standing>) -> Vec<Action> {
        let actions = self.0.place(replace, standing);
        if !standing.is_some_and(|standing| standing.kind == RelationKind::Table && replace.kind == standing.kind) {
            return actions;
        }
        or_anew(replace, actions, Some(Condition::LayoutDiffers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::{BigQuery, Layout};
    use crate::engine::Replaces;
    use crate::engine::recipe::by_traits;
    use crate::engine::recipe::tests::{Case, written};

    #[test]
    fn a_table_that_is_stored_otherwise_is_made_beside() {
        let traits =
            *crate::engine::fake::Fake::new(Replaces::Statement, crate::engine::Keeping::OnRelation).engine().traits();
        let recipe = Laid(by_traits(&traits));
        let layout = Layout { partition_by: Some("at".into()), ..Layout::default() };
        let table = || Some(Standing::plain(RelationKind::Table));
        let case = |query, standing| {
            let case = Case::new(RelationKind::Table, query, standing);
            written(&recipe, &Case { dialect: &BigQuery, layout: Some(&layout), ..case })
        };
        let tried = "create or replace table s.t partition by at as (";
        let laid = "create or replace table s._ff_laid_c61c7e7a1503 partition by at as (";
        let way_out = "run drop table if exists s.t\n  run alter table s._ff_laid_c61c7e7a1503 rename to t";
        let end = "identify\nrecord built";
        assert_eq!(
            case(true, table()),
            format!(
                "confirm\ntry\n  make {tried} select 1 as a )\nunless LayoutDiffers\n  make {laid} select 1 as a )\n  \
                 {way_out}\n{end}"
            )
        );
        let rows = "select * from s.‹new›";
        assert_eq!(
            case(false, table()),
            format!(
                "load s.‹new›\nconfirm\ntry\n  fill {tried} {rows} )\nunless LayoutDiffers\n  fill {laid} {rows} )\n  \
                 {way_out}\nrun drop table if exists s.‹new›\n{end}"
            )
        );
        for standing in [None, Some(Standing::plain(RelationKind::View))] {
            assert!(!case(true, standing).contains("try"));
        }
    }
}
