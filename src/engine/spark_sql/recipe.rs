//! How a table is replaced whose files may be in one of several formats: by one statement where the format can be, else
//! beside what stands.

use crate::engine::recipe::{self, Action, Recipe, Replace, or_anew};
use crate::engine::{RelationKind, Replaces, Standing};
use std::sync::Arc;

pub struct Stored {
    at_once: Arc<dyn Recipe>,
    swap: Arc<dyn Recipe>,
}

impl Default for Stored {
    fn default() -> Stored {
        Stored { at_once: recipe::by(Replaces::Statement), swap: recipe::by(Replaces::Swap) }
    }
}

impl Stored {
    fn recipe(&self, replace: &Replace<'_>) -> &dyn Recipe {
        let format = replace.dialect.table_format(replace.layout);
        if format.is_none_or(|format| replace.dialect.is_replaceable(format)) { &*self.at_once } else { &*self.swap }
    }
}

impl Recipe for Stored {
    fn stage(&self, replace: &Replace<'_>, stands: Option<RelationKind>) -> Vec<Action> {
        let storage = replace.layout.and_then(|layout| layout.storage.as_ref());
        match storage.and_then(|storage| replace.dialect.storage_problem(storage)) {
            Some(problem) => vec![Action::Refuse { message: problem.message, hint: problem.hint }],
            None => self.recipe(replace).stage(replace, stands),
        }
    }

    fn place(&self, replace: &Replace<'_>, standing: Option<&Standing>) -> Vec<Action> {
        let actions = self.recipe(replace).place(replace, standing);
        let wanted = replace.dialect.table_format(replace.layout);
        let other = |standing: &Standing| {
            let both_tables = standing.kind == RelationKind::Table && replace.kind == RelationKind::Table;
            both_tables && standing.format.as_deref().is_some_and(|format| Some(format) != wanted)
        };
        // Which words an engine has for that isn't known: whatever it refuses is tried the other way.
        if standing.is_some_and(other) { or_anew(replace, actions, None) } else { actions }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::{Layout, Spark, Storage};
    use crate::engine::recipe::tests::{Case, written};

    fn layout(path: Option<&str>, format: &str) -> Layout {
        let storage = Storage { path: path.map(String::from), format: Some(format.into()), ..Storage::default() };
        Layout { storage: Some(storage), ..Layout::default() }
    }

    fn done(spark: &Spark, layout: &Layout, query: bool, stands: &str) -> String {
        let standing = Standing { format: Some(stands.into()), ..Standing::plain(RelationKind::Table) };
        let case = Case::new(RelationKind::Table, query, Some(standing));
        let text = written(&Stored::default(), &Case { dialect: spark, layout: Some(layout), ..case });
        text.replace("`", "")
    }

    #[test]
    fn a_tables_own_format_says_how_it_is_replaced() {
        let (spark, lake) = (Spark::default(), Spark { table_format: "delta".into(), ..Spark::default() });
        let csv = done(&lake, &layout(None, "csv"), true, "csv");
        assert!(csv.starts_with("make create table s.‹new› using csv as ( select 1 as a )\nconfirm"), "{csv}");
        assert!(csv.contains("run drop table if exists s.t\nrun alter table s.‹new› rename to t"), "{csv}");
        let delta = done(&spark, &layout(Some("/d/t"), "delta"), true, "delta");
        let made =
            "confirm\nmake create or replace table s.t using delta location '/d/t' as ( select 1 as a )\nidentify";
        assert!(delta.starts_with(made), "{delta}");
        // Rows that are only on their way are nowhere else.
        let rows = done(&spark, &layout(Some("/d/t"), "delta"), false, "delta");
        assert_eq!(rows.matches("/d/t").count(), 1, "{rows}");
        assert!(rows.contains("fill create or replace table s.t using delta location '/d/t' as"), "{rows}");
    }

    #[test]
    fn what_a_statement_refuses_over_another_format_is_made_beside() {
        let text = done(&Spark::default(), &layout(None, "delta"), true, "parquet");
        assert!(text.contains("try\n  make create or replace table s.t using delta as"), "{text}");
        assert!(text.contains("unless refused\n  make create or replace table s._ff_laid_"), "{text}");
        assert!(text.contains("  run drop table if exists s.t\n  run alter table s._ff_laid_"), "{text}");
    }

    #[test]
    fn what_cannot_be_stored_so_is_refused_before_anything_is_made() {
        let text = done(&Spark::default(), &layout(Some("/d/t"), "orc"), true, "orc");
        assert!(text.starts_with("refuse declares a storage at a path"), "{text}");
    }
}
