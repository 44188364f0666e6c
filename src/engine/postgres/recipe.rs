//! How a relation is replaced so that nobody who reads it at the same time sees it missing, half-filled or mixed.
//!
//! The rows are made first, in a temporary table that only this session sees, without a lock on what stands. Then:
//!
//! *A table of the same columns stays the table that it is.* Its rows are deleted and the new ones put in. Readers see
//! the old rows until the commit, whatever their isolation, and nobody waits for anybody; views over it, grants,
//! indexes and comments stay. `truncate` would be faster, but waits for every reader, holds up those behind it, and
//! shows a reader with an older snapshot an empty table; a swap of names does the same and leaves views behind on the
//! old one. The price: about three times a swap's time for a million rows, and the old rows' space until vacuum.
//!
//! *A view of the same columns is replaced in place,* which its readers don't notice.
//!
//! *Anything else is swapped.* The new relation is made under another name, and the names change in one moment. Each view
//! that reads the old one directly is made anew over the new one, from its own definition: it stays the view that it is,
//! with its grants, and its readers notice nothing. Where the new columns don't allow that, a view that this run has yet to
//! build stays over the old relation, which is kept under another name until then, and its row of the ledger goes, so that
//! it counts as out of date whatever becomes of the run. Any other view is an error: nothing is dropped that somebody else
//! may read.

use super::left::MARK;
use crate::dialect::{Index, RelationKind, Statement};
use crate::engine::recipe::{Action, Attempt, Recipe, Replace};
use crate::engine::{Condition, Reader, Standing};
use crate::name::RelationName;
use std::collections::BTreeSet;

/// The temporary table that rows wait in; it goes when the transaction ends.
pub(super) const ROWS: &str = "pg_temp._ff_rows";

/// The same as a name.
fn rows() -> RelationName {
    RelationName::new(None, Some("pg_temp"), "_ff_rows")
}

pub(super) struct InPlaceOrSwap;

impl Recipe for InPlaceOrSwap {
    fn stage(&self, replace: &Replace<'_>, stands: Option<RelationKind>) -> Vec<Action> {
        match (replace.query(), replace.kind, stands) {
            (Some(_), _, None) | (Some(_), RelationKind::View, _) => Vec::new(),
            (Some(query), RelationKind::Table, Some(_)) => {
                let query = replace.dialect.without_terminator(query);
                let head = "create temp table _ff_rows on commit drop as (\n";
                vec![Action::Make(Statement::around(head, &query, "\n)"))]
            }
            (None, ..) => vec![Action::Load { into: rows(), temporary: true, layout: None }],
        }
    }

    fn place(&self, replace: &Replace<'_>, standing: Option<&Standing>) -> Vec<Action> {
        let Replace { kind, relation, .. } = *replace;
        let mut actions = match (replace.query(), kind, standing) {
            (Some(query), RelationKind::View, Some(standing)) => view(replace, query, standing),
            (Some(query), _, None) => {
                vec![Action::Make(replace.create(kind, relation, query, kind == RelationKind::View))]
            }
            (_, _, Some(standing)) if standing.same_columns => {
                let (before, behind) = outgrown(replace);
                before.into_iter().chain(in_place(replace)).chain(behind).collect()
            }
            (_, _, Some(standing)) => {
                let next = replace.beside("new");
                let filled = Action::Fill(replace.create(RelationKind::Table, &next, &staged(), false));
                [filled].into_iter().chain(swap(replace, &next, standing)).collect()
            }
            (None, _, None) => vec![Action::Fill(replace.create(RelationKind::Table, relation, &staged(), false))],
        };
        if kind == RelationKind::Table {
            // The planner knows nothing of new rows until somebody counts them, and what reads them comes next.
            actions.push(Action::Fill(format!("analyze {}", replace.dialect.relation(relation)).into()));
        }
        // The server's own files are none of this machine; those of seeds are.
        actions.push(Action::Confirm);
        actions.into_iter().chain(replace.keep()).collect()
    }
}

/// The rows that wait.
fn staged() -> String {
    format!("select * from {ROWS}")
}

fn in_place(replace: &Replace<'_>) -> Vec<Action> {
    let target = replace.dialect.relation(replace.relation);
    let statements = [format!("delete from {target}"), format!("insert into {target} {}", staged())];
    statements.map(|text| Action::Fill(text.into())).into()
}

fn view(replace: &Replace<'_>, query: &str, standing: &Standing) -> Vec<Action> {
    let next = replace.beside("new");
    let made = Action::Make(replace.create(RelationKind::View, &next, query, false));
    let swapped = [made].into_iter().chain(swap(replace, &next, standing)).collect();
    if standing.keyword != RelationKind::View.keyword() {
        return swapped;
    }
    let replaced = Action::Make(replace.create(RelationKind::View, replace.relation, query, true));
    let attempt = Attempt { actions: vec![replaced], unless: Some(Condition::ColumnsDiffer), otherwise: swapped };
    vec![Action::Attempt(Box::new(attempt))]
}

/// What drops the indexes of a table that are no longer wanted: those that its new rows may break before those come; the
/// others behind them, so that nobody who reads it waits for longer than that takes.
fn outgrown(replace: &Replace<'_>) -> (Vec<Action>, Vec<Action>) {
    let Some(settled) = replace.settled() else { return Default::default() };
    let drop = |index: &Index| Action::Run(replace.dialect.drop_index(replace.relation, index));
    let (unique, others): (Vec<_>, Vec<_>) = settled.change.outgrown().partition(|index| index.unique);
    (unique.into_iter().map(drop).collect(), others.into_iter().map(drop).collect())
}

/// Frees the names of the indexes of what is to be replaced: they belong to the schema.
fn freed(replace: &Replace<'_>) -> Vec<Action> {
    let Some(change) = replace.settings else { return Vec::new() };
    let all: BTreeSet<&Index> = change.before.indexes.iter().chain(&change.after.indexes).collect();
    all.into_iter().map(|index| Action::Run(replace.dialect.drop_index(replace.relation, index))).collect()
}

/// Gives `next` the relation's name, its readers and its grants.
fn swap(replace: &Replace<'_>, next: &RelationName, standing: &Standing) -> Vec<Action> {
    let Replace { dialect, relation, .. } = *replace;
    let old = replace.beside("old");
    let renamed = |from: &RelationName, to: &RelationName| {
        // What `alter table` renames may be a view.
        Action::Run(dialect.rename(RelationKind::Table, from, &to.name))
    };
    let mut actions = freed(replace);
    actions.extend([renamed(relation, &old), renamed(next, relation)]);
    actions.extend(standing.grants.iter().cloned().map(Action::Run));
    actions.extend(standing.readers.iter().flat_map(|reader| rebind(replace, reader)));
    let (name, mark) = (dialect.relation(&old), dialect.string_literal(MARK));
    let kept = format!("comment on {} {name} is {mark}", standing.keyword).into();
    actions.push(Action::DropReplaced { replaced: old, keyword: standing.keyword, kept });
    actions
}

/// Brings a reader to the new relation, or lets it stay with the old one.
fn rebind(replace: &Replace<'_>, reader: &Reader) -> Vec<Action> {
    let refuse = |why: &str| Action::Refuse {
        message: format!(
            "view {} reads {} and can't be kept over its new columns{why}",
            short(&reader.relation),
            short(replace.relation)
        ),
        hint: "build it in the same run, or change or drop it".into(),
    };
    let stays = |why: &str| {
        if (replace.pending)(&reader.relation) {
            vec![Action::Forget(reader.relation.clone()), Action::Keep]
        } else {
            vec![refuse(why)]
        }
    };
    match &reader.rebind {
        Ok(statement) => {
            let actions = vec![Action::Run(statement.clone())];
            vec![Action::Attempt(Box::new(Attempt { actions, unless: None, otherwise: stays("") }))]
        }
        Err(why) => stays(&format!(": {why}")),
    }
}

/// A relation's name within its database.
fn short(relation: &RelationName) -> RelationName {
    RelationName { catalog: None, ..relation.clone() }
}
