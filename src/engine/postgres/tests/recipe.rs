//! What the recipe of this engine does, written out.

use super::super::recipe::InPlaceOrSwap;
use crate::dialect::Postgres;
use crate::engine::recipe::tests::{Case, called, change, written};
use crate::engine::{Reader, RelationKind, Standing};
use crate::name::RelationName;

const TABLE: RelationKind = RelationKind::Table;
const VIEW: RelationKind = RelationKind::View;

fn actions(kind: RelationKind, query: bool, standing: Option<Standing>) -> Vec<String> {
    let case = Case { dialect: &Postgres, ..Case::new(kind, query, standing) };
    written(&InPlaceOrSwap, &case).lines().map(String::from).collect()
}

/// What every build ends with, behind `first`.
fn table(first: &[&str]) -> Vec<String> {
    let end = ["fill analyze s.t", "confirm", "identify", "record built"];
    first.iter().chain(&end).map(|line| line.to_string()).collect()
}

#[test]
fn what_is_new_is_made_at_once() {
    assert_eq!(actions(TABLE, true, None), table(&["make create table s.t as ( select 1 as a )"]));
    let loaded = ["load for now pg_temp._ff_rows", "fill create table s.t as ( select * from pg_temp._ff_rows )"];
    assert_eq!(actions(TABLE, false, None), table(&loaded));
    let view = ["make create or replace view s.t as ( select 1 as a )", "confirm", "identify", "record built"];
    assert_eq!(actions(VIEW, true, None), view);
}

#[test]
fn a_table_of_the_same_columns_stays_the_table_that_it_is() {
    let standing = Standing { same_columns: true, ..Standing::plain(TABLE) };
    let placed = ["fill delete from s.t", "fill insert into s.t select * from pg_temp._ff_rows"];
    let staged = "make create temp table _ff_rows on commit drop as ( select 1 as a )";
    assert_eq!(actions(TABLE, true, Some(standing.clone())), table(&[staged, placed[0], placed[1]]));
    let loaded = "load for now pg_temp._ff_rows";
    assert_eq!(actions(TABLE, false, Some(standing)), table(&[loaded, placed[0], placed[1]]));
}

#[test]
fn other_columns_are_swapped_and_readers_come_along() {
    let reader = |name: &str, rebind| Reader { relation: RelationName::new(Some("db"), Some("s"), name), rebind };
    let standing = Standing {
        grants: vec!["grant select on s.t to reader".into()],
        readers: vec![
            reader("pending", Ok("create or replace view s.pending as select 1".into())),
            reader("other", Ok("create or replace view s.other as select 1".into())),
            reader("stored", Err("it is a materialized view".into())),
        ],
        ..Standing::plain(TABLE)
    };
    let refused = |name: &str, why: &str| {
        format!(
            "view s.{name} reads s.t and can't be kept over its new columns{why} (build it in the same run, or change or \
             drop it)"
        )
    };
    let expected = [
        "make create temp table _ff_rows on commit drop as ( select 1 as a )".to_string(),
        "fill create table s.‹new› as ( select * from pg_temp._ff_rows )".into(),
        "run alter table s.t rename to ‹old›".into(),
        "run alter table s.‹new› rename to t".into(),
        "run grant select on s.t to reader".into(),
        "try".into(),
        "  run create or replace view s.pending as select 1".into(),
        "unless refused".into(),
        "  forget db.s.pending".into(),
        "  keep".into(),
        "try".into(),
        "  run create or replace view s.other as select 1".into(),
        "unless refused".into(),
        format!("  refuse {}", refused("other", "")),
        format!("refuse {}", refused("stored", ": it is a materialized view")),
        "drop replaced table s.‹old›, or comment on table s.‹old› is 'fft: replaced, and kept for views that are yet to be \
         built over the new one'"
            .into(),
    ];
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    assert_eq!(actions(TABLE, true, Some(standing)), table(&expected));
}

#[test]
fn indexes_that_new_rows_may_break_go_before_them_and_names_are_free_for_a_swap() {
    let change = change();
    let actions = |standing| {
        let case = Case { dialect: &Postgres, settings: Some(&change), ..Case::new(TABLE, true, Some(standing)) };
        called(&written(&InPlaceOrSwap, &case)).lines().map(String::from).collect::<Vec<_>>()
    };
    let set = [
        "fill analyze s.t",
        "confirm",
        "settle create unique index if not exists ‹a› on s.t (a)",
        "settle do 'begin revoke select on table s.t from old; exception when undefined_object then null; end'",
        "settle grant select on table s.t to new",
        "describe {\"a\": \"new\"} {}",
        "identify",
        "record built",
    ];
    let staged = "make create temp table _ff_rows on commit drop as ( select 1 as a )";
    let in_place = actions(Standing { same_columns: true, ..Standing::plain(TABLE) });
    let rows = ["fill delete from s.t", "fill insert into s.t select * from pg_temp._ff_rows"];
    let expected = [staged, "run drop index if exists s.‹b›", rows[0], rows[1]];
    assert_eq!(in_place, expected.iter().chain(&set).map(ToString::to_string).collect::<Vec<_>>());
    let swapped = actions(Standing::plain(TABLE));
    let freed =
        ["run drop index if exists s.‹a›", "run drop index if exists s.‹b›", "run alter table s.t rename to ‹old›"];
    assert_eq!(swapped[2..5], freed);
    assert_eq!(swapped[swapped.len() - set.len()..], set);
}

#[test]
fn a_view_is_replaced_in_place_where_its_columns_allow_it() {
    let made = actions(VIEW, true, Some(Standing::plain(VIEW)));
    let expected = [
        "try",
        "  make create or replace view s.t as ( select 1 as a )",
        "unless ColumnsDiffer",
        "  make create view s.‹new› as ( select 1 as a )",
        "  run alter table s.t rename to ‹old›",
        "  run alter table s.‹new› rename to t",
    ];
    assert_eq!(made[..6], expected);
    assert!(made[6].starts_with("  drop replaced view s.‹old›"), "{made:?}");
    assert_eq!(made[7..], ["confirm", "identify", "record built"]);
    // A table in its place is swapped at once.
    assert_eq!(actions(VIEW, true, Some(Standing::plain(TABLE)))[0], "make create view s.‹new› as ( select 1 as a )");
}
