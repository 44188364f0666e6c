//! What each recipe does, written out.

use super::*;
use crate::dialect::{Comments, DuckDb, Index, Settings};
use crate::digest::Digest;
use crate::name::NodeName;

/// A recipe's actions, a line each; what is beside is called by its part.
pub fn written(recipe: &dyn Recipe, case: &Case) -> String {
    let relation = RelationName::new(None, Some("s"), "t");
    let query = Content::Query("select 1 as a");
    let rows = Content::Arrow { schema: arrow::datatypes::Schema::empty().into(), batches: &[] };
    let pending = |relation: &RelationName| relation.name == "pending";
    let mark = case.marked.then(|| Mark {
        node: NodeName::new("t.ff"),
        project: "shop".into(),
        fingerprint: Digest([7; 32]),
        built_at: "now".into(),
        run_id: "r".into(),
        before: None,
    });
    let replace = Replace {
        dialect: case.dialect,
        relation: &relation,
        kind: case.kind,
        content: if case.query { &query } else { &rows },
        run_id: "r",
        mark: mark.clone(),
        layout: case.layout,
        settings: case.settings,
        bracketed: case.bracketed,
        post_hooks: &case.post_hooks,
        pending: &pending,
    };
    let staged = recipe.stage(&replace, case.standing.as_ref().map(|standing| standing.kind));
    let placed = recipe.place(&replace, case.standing.as_ref());
    let lines = staged.iter().chain(&placed).flat_map(|action| lines(action, ""));
    let mut text = lines.collect::<Vec<_>>().join("\n");
    for what in ["new", "old"] {
        text = text.replace(&beside(&relation, what, "r").name, &format!("‹{what}›"));
    }
    let of_mark = |mark: Mark| text.replace(&mark.text(), "‹mark›").replace(&mark.unfinished().text(), "‹unfinished›");
    mark.map_or(text.clone(), of_mark)
}

/// What a recipe is asked.
pub struct Case<'a> {
    pub dialect: &'a dyn Dialect,
    pub kind: RelationKind,
    pub query: bool,
    pub standing: Option<Standing>,
    pub marked: bool,
    pub bracketed: bool,
    pub layout: Option<&'a crate::dialect::Layout>,
    pub post_hooks: Vec<(usize, String)>,
    pub settings: Option<&'a Change>,
}

impl Case<'_> {
    pub fn new(kind: RelationKind, query: bool, standing: Option<Standing>) -> Case<'static> {
        Case {
            dialect: &DuckDb,
            kind,
            query,
            standing,
            marked: false,
            bracketed: false,
            layout: None,
            settings: None,
            post_hooks: Vec::new(),
        }
    }
}

/// Actions, a line each.
pub fn listed(actions: &[Action]) -> Vec<String> {
    actions.iter().flat_map(|action| lines(action, "")).collect()
}

fn lines(action: &Action, indent: &str) -> Vec<String> {
    let one =
        |words: &str, text: &str| vec![format!("{indent}{words} {}", text.replace('\n', " ")).trim_end().to_string()];
    match action {
        Action::Make(statement) => one("make", &statement.text),
        Action::Load { into, temporary, .. } => {
            one(if *temporary { "load for now" } else { "load" }, &into.to_string())
        }
        Action::Fill(statement) => one("fill", &statement.text),
        Action::Run(statement) => one("run", &statement.text),
        Action::Tell { told, query } => one(&format!("tell {told:?}"), &query.text),
        Action::Refute { query, message, .. } => one("refute", &format!("{}: {message}", query.text)),
        Action::Hook(number, text) => one(&format!("hook {number}"), text),
        Action::Mark(mark) => one("mark", &mark.text()),
        Action::Settle(Settle::Run(statement)) => one("settle", &statement.text),
        Action::Settle(Settle::Describe { words, gone }) => one("describe", &format!("{words:?} {gone:?}")),
        Action::Confirm => one("confirm", ""),
        Action::Identify => one("identify", ""),
        Action::Record(state) => one("record", state.as_str()),
        Action::Forget(relation) => one("forget", &relation.to_string()),
        Action::Attempt(attempt) => {
            let unless = attempt.unless.map_or("refused".into(), |unless| format!("{unless:?}"));
            let inner = format!("{indent}  ");
            let mut all = one("try", "");
            all.extend(attempt.actions.iter().flat_map(|action| lines(action, &inner)));
            all.extend(one("unless", &unless));
            all.extend(attempt.otherwise.iter().flat_map(|action| lines(action, &inner)));
            all
        }
        Action::Keep => one("keep", ""),
        Action::Refuse { message, hint } => one("refuse", &format!("{message} ({hint})")),
        Action::DropReplaced { replaced, keyword, kept } => {
            one("drop replaced", &format!("{keyword} {replaced}, or {}", kept.text))
        }
    }
}

fn standing(kind: RelationKind) -> Option<Standing> {
    Some(Standing::plain(kind))
}

const TABLE: RelationKind = RelationKind::Table;
const VIEW: RelationKind = RelationKind::View;

#[test]
fn in_a_transaction_what_stands_is_replaced_where_it_stands() {
    let written = |case: &Case| written(&in_transaction::InTransaction, case);
    let table = "make create or replace table s.t as ( select 1 as a )\nconfirm\nidentify\nrecord built";
    assert_eq!(written(&Case::new(TABLE, true, None)), table);
    assert_eq!(written(&Case::new(TABLE, true, standing(TABLE))), table);
    assert_eq!(written(&Case::new(TABLE, true, standing(VIEW))), format!("run drop view if exists s.t\n{table}"));
    assert_eq!(
        written(&Case::new(VIEW, true, standing(TABLE))),
        "run drop table if exists s.t\nmake create or replace view s.t as ( select 1 as a )\nconfirm\nidentify\nrecord built"
    );
    assert_eq!(written(&Case::new(TABLE, false, standing(TABLE))), "load s.t\nconfirm\nidentify\nrecord built");
}

#[test]
fn a_relation_counts_as_built_behind_the_last_statement_of_its_hooks() {
    let case = || Case { post_hooks: vec![(1, "grant it".into())], ..Case::new(TABLE, true, None) };
    assert_eq!(
        written(&in_transaction::InTransaction, &case()),
        "make create or replace table s.t as ( select 1 as a )\nconfirm\nhook 1 grant it\nidentify\nrecord built"
    );
    // Else a failure would leave a mark that says too much, or none of whose it is.
    assert_eq!(
        written(&by_statement::ByStatement, &Case { marked: true, ..case() }),
        "confirm\nmake create or replace table s.t comment '‹unfinished›' as ( select 1 as a )\nhook 1 grant it\nmark ‹mark›\nidentify\n\
         record built"
    );
}

#[test]
fn by_statement_the_mark_goes_with_what_it_marks() {
    let written = |case: &Case| written(&by_statement::ByStatement, case);
    let marked = |kind, query, standing| Case { marked: true, ..Case::new(kind, query, standing) };
    assert_eq!(
        written(&marked(TABLE, true, standing(TABLE))),
        "confirm\nmake create or replace table s.t comment '‹mark›' as ( select 1 as a )\nidentify\nrecord built"
    );
    assert_eq!(
        written(&marked(TABLE, true, standing(VIEW))),
        "make create or replace table s.‹new› comment '‹mark›' as ( select 1 as a )\nconfirm\n\
         run drop view if exists s.t\nrun alter table s.‹new› rename to t\nidentify\nrecord built"
    );
    assert_eq!(
        written(&marked(TABLE, false, None)),
        "load s.‹new›\nconfirm\nfill create or replace table s.t comment '‹mark›' as ( select * from s.‹new› )\n\
         run drop table if exists s.‹new›\nidentify\nrecord built"
    );
    // Without marks, the ledger says first that something begins.
    assert_eq!(
        written(&Case { bracketed: true, ..Case::new(VIEW, true, standing(TABLE)) }),
        "run create or replace view s.‹new› as ( select 1 as a )\nrecord building\nconfirm\n\
         run drop table if exists s.t\nmake create or replace view s.t as ( select 1 as a )\n\
         run drop view if exists s.‹new›\nidentify\nrecord built"
    );
}

#[test]
fn a_swap_never_has_new_rows_under_an_old_row_of_the_ledger() {
    let written = |case: &Case| written(&swap::Swap, case);
    assert_eq!(
        written(&Case { marked: true, ..Case::new(TABLE, true, standing(TABLE)) }),
        "make create table s.‹new› comment '‹mark›' as ( select 1 as a )\nconfirm\nrun drop table if exists s.t\n\
         run alter table s.‹new› rename to t\nidentify\nrecord built"
    );
    assert_eq!(
        written(&Case { bracketed: true, ..Case::new(TABLE, false, standing(VIEW)) }),
        "load s.‹new›\nrecord building\nconfirm\nrun drop view if exists s.t\nrun alter table s.‹new› rename to t\nidentify\n\
         record built"
    );
    assert_eq!(
        written(&Case::new(VIEW, true, standing(VIEW))),
        "confirm\nmake create or replace view s.t as ( select 1 as a )\nidentify\nrecord built"
    );
    // What is wrong with a view shows before the table is gone.
    assert_eq!(
        written(&Case { marked: true, ..Case::new(VIEW, true, standing(TABLE)) }),
        "run create or replace view s.‹new› comment '‹mark›' as ( select 1 as a )\nconfirm\n\
         run drop table if exists s.t\nmake create or replace view s.t comment '‹mark›' as ( select 1 as a )\n\
         run drop view if exists s.‹new›\nidentify\nrecord built"
    );
}

/// An index on `a`, of which there was one on `b`, rights of `new`, which `old` had, and words on the column `a`.
pub fn change() -> Change {
    let settings = |column: &str, role: &str| Settings {
        indexes: vec![Index { columns: vec![column.into()], unique: true, method: None }],
        grants: [("select".to_string(), [role.to_string()].into())].into(),
        comments: Comments { columns: [("a".to_string(), role.to_string())].into(), relation: None },
    };
    Change { before: settings("b", "old"), after: settings("a", "new") }
}

/// A text in which the indexes of [`change`] are called by their columns.
pub fn called(text: &str) -> String {
    let change = change();
    let all = change.before.indexes.iter().chain(&change.after.indexes);
    all.fold(text.to_string(), |text, index| text.replace(&index.name("t"), &format!("‹{}›", index.columns[0])))
}

#[test]
fn a_relation_that_is_built_has_all_that_is_set_at_it_before_it_counts_as_built() {
    let change = change();
    let set = "settle create unique index if not exists ‹a› on s.t (a)\nsettle revoke select on table s.t from old\n\
               settle grant select on table s.t to new\ndescribe {\"a\": \"new\"} {}\n";
    let case = Case { settings: Some(&change), ..Case::new(TABLE, true, standing(TABLE)) };
    assert_eq!(
        called(&written(&in_transaction::InTransaction, &case)),
        format!("make create or replace table s.t as ( select 1 as a )\nconfirm\n{set}identify\nrecord built")
    );
    // A mark says of it first that it isn't what its fingerprint says.
    let marked = Case { marked: true, ..case };
    let text = called(&written(&by_statement::ByStatement, &marked));
    let (first, rest) = text.split_once("settle").unwrap();
    assert!(first.contains("comment '‹unfinished›'"), "{text}");
    assert!(rest.ends_with("mark ‹mark›\nidentify\nrecord built"), "{text}");
}

#[test]
fn what_is_not_plainly_of_a_kind_is_dropped_by_its_own_words() {
    use super::{by_statement::ByStatement, swap::Swap};
    let named = |kind, keyword| Some(Standing { keyword, ..Standing::plain(kind) });
    for recipe in [&ByStatement as &dyn Recipe, &Swap] {
        for kind in [RelationKind::Table, RelationKind::View] {
            let materialized = named(RelationKind::View, "materialized view");
            let text = written(recipe, &Case::new(kind, true, materialized));
            assert!(text.contains("run drop materialized view if exists s.t"), "{text}");
        }
    }
    let text =
        written(&ByStatement, &Case::new(RelationKind::Table, true, named(RelationKind::Table, "external table")));
    assert!(text.contains("run drop external table if exists s.t"), "{text}");
    assert!(!text.contains("rename"), "nothing was made beside: {text}");
}
