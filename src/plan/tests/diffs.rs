//! What contents behind digests add to a plan.

use super::town::{Town, said};
use crate::artifact::wire;
use crate::fingerprint::{Change, Content, Fingerprint, InputKind};
use crate::plan::attribution::{Contents, attribute, wanted};
use crate::plan::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The contents that a fingerprint has at hand.
fn keep(contents: &mut Contents, fingerprint: &Fingerprint) {
    for component in &fingerprint.components {
        if let Content::Text(text) = &component.content {
            contents.insert(component.digest, text.as_bytes().into());
        }
    }
    for input in fingerprint.inputs.iter() {
        if let Some(text) = &input.content {
            contents.insert(input.digest, text.as_bytes().into());
        }
    }
}

/// Runs, edits and plans one SQL model; gives its first cause with contents filled in, and all that was wanted.
fn edited(before: &str, after: &str) -> Cause {
    let mut town = Town::new(&[("s", ""), ("m.ff", "s")]);
    town.node("m.ff").text = before.into();
    town.run_all();
    town.node("m.ff").text = after.into();
    let mut plan = town.plan(&town.all());
    let old: BTreeMap<usize, Fingerprint> = BTreeMap::from([(1, town.entry("m.ff").fingerprint.clone())]);
    let mut contents = Contents::new();
    keep(&mut contents, &old[&1]);
    keep(&mut contents, &plan.decisions[1].fingerprint);
    let digests = wanted(&plan, |id| old.get(&id));
    assert_eq!(digests, contents.keys().copied().collect());
    attribute(&mut plan, &contents, |id| old.get(&id), |_| About::default());
    plan.decisions[1].primary().clone()
}

#[test]
fn a_changed_template_has_both_diffs() {
    let cause = edited("select 1\nfrom a\n", "select 2\nfrom a\n");
    let diff = cause.diff.unwrap();
    assert_eq!((diff.unified.as_str(), diff.cut), ("@@ -1,2 +1,2 @@\n-select 1\n+select 2\n from a\n", 0));
    assert_eq!((diff.added, diff.removed), (1, 1));
    let [by] = cause.attributed_to.as_slice() else { panic!("{:?}", cause.attributed_to) };
    assert_eq!((by.kind, by.change), (InputKind::Template, Change::Modified));
    assert!(by.diff.as_ref().unwrap().unified.contains("+select 2"));
}

#[test]
fn a_diff_ends_at_its_bound_and_says_so() {
    let lines = |letter: &str| (0..500).map(|line| format!("{letter}{line}\n")).collect::<String>();
    let diff = edited(&lines("a"), &lines("b")).diff.unwrap();
    assert_eq!((diff.unified.lines().count(), diff.cut, diff.added), (200, 801, 500));
    let wide = "x".repeat(70_000);
    let diff = edited("a\nb\n", &format!("a\n{wide}\nc\n")).diff.unwrap();
    assert!(diff.unified.len() <= 64 * 1024 && diff.cut > 0 && !diff.unified.contains("+c"), "no hole");
}

fn seed(before: &str, after: &str, key: &[String]) -> (Cause, Root) {
    let mut town = Town::new(&[("s", ""), ("m.ff", "s")]);
    town.node("s").text = before.into();
    town.run_all();
    town.node("s").text = after.into();
    let mut plan = town.plan(&town.all());
    let side = |side: &Option<Side>| side.as_ref().unwrap().digest;
    let cause = plan.decisions[0].primary().clone();
    let bytes = |text: &str| Arc::from(text.as_bytes());
    let contents = Contents::from([(side(&cause.before), bytes(before)), (side(&cause.after), bytes(after))]);
    attribute(&mut plan, &contents, |_| None, |_| About { name: "s", key, ..About::default() });
    (plan.decisions[0].primary().clone(), plan.roots[0].clone())
}

#[test]
fn seeds_tell_rows_and_columns() {
    let (cause, root) = seed("id,n\n1,a\n2,b\n", "id,n\n1,a\n2,b\n3,c\n", &[]);
    assert_eq!(said(&cause), "seed changed: seeds/s.csv (+1 row)");
    assert_eq!(root.why, Why::Cause(Box::new(cause)));
    let words = |before: &str, after: &str| {
        seed(before, after, &[]).0.data.as_deref().map(|data| wire::DataChange::from(data).words()).unwrap()
    };
    assert_eq!(words("id\n1\n1\n", "id\n1\n2\n"), "+1 −1 rows");
    assert_eq!(words("id\n1\n2\n", "id\n2\n1\n"), "same rows");
    assert_eq!(words("id\n1\n", "id,n\n1,a\n"), "column +n");
    assert_eq!(words("id,n\n1,a\n", "id\n1\n2\n"), "+1 row, column −n");
}

#[test]
fn rows_are_matched_by_a_key() {
    let data = |before: &str, after: &str, key: &[&str]| {
        let key: Vec<String> = key.iter().map(ToString::to_string).collect();
        seed(before, after, &key).0.data.map(|data| *data).unwrap()
    };
    let words = |before: &str, after: &str, key: &[&str]| wire::DataChange::from(&data(before, after, key)).words();
    let before = "id,n\n1,a\n2,b\n3,c\n4,d\n5,e\n";
    assert_eq!(words(before, "id,n\n1,A\n2,B\n3,C\n5,e\n6,f\n7,g\n", &[]), "+2 −1 rows, 3 changed by id");
    assert_eq!(words(before, "id,n\n1,A\n2,b\n3,c\n4,d\n5,e\n", &[]), "1 row changed by id");
    assert_eq!(words("n,user_id\na,1\na,2\n", "n,user_id\na,1\nb,2\n", &[]), "1 row changed by user_id");
    assert_eq!(words("day,n\nmon,1\n", "day,n\nmon,2\ntue,1\n", &[]), "+1 row, 1 changed by day");
    // No column alone is unique, those called like identifiers are together.
    let pairs = "order_id,item_id,n\n1,1,a\n1,2,b\n2,1,c\n";
    assert_eq!(words(pairs, &pairs.replace('b', "x"), &[]), "1 row changed by order_id and item_id");
    // Declared beats inferred; one that isn't unique is no key.
    assert_eq!(words(before, "id,n\n9,a\n2,b\n3,c\n4,d\n5,e\n", &["n"]), "1 row changed by n");
    assert_eq!(data(before, "id,n\n9,a\n2,b\n3,c\n4,d\n5,e\n", &["n"]).key, ["n"]);
    assert_eq!(words("id,n\n1,a\n2,a\n", "id,n\n1,a\n2,b\n", &["n"]), "+1 −1 rows");
    // Values that are missing are no key, and a column more is no change of a row.
    assert_eq!(words("id,n\n,a\n", "id,n\n,b\n", &[]), "+1 −1 rows");
    assert_eq!(words("id,n\n1,a\n2,b\n", "id,m,n\n1,z,a\n2,z,c\n", &[]), "1 row changed by id, column +m");
}

#[test]
fn columns_that_look_otherwise_are_told() {
    let words = |before: &str, after: &str| {
        seed(before, after, &[]).0.data.as_deref().map(|data| wire::DataChange::from(data).words()).unwrap()
    };
    assert_eq!(
        words("id,n\n1,5\n2,6\n", "id,n\n1,5\n2,six\n"),
        "1 row changed by id, column n looks like text, was integer"
    );
    assert_eq!(words("id,n\n1,5\n", "id,n\n1,5.5\n"), "1 row changed by id, column n looks like number, was integer");
    assert_eq!(
        words("id,n\n1,2026-01-01\n", "id,n\n1,2026-01-01 10:00:00\n"),
        "1 row changed by id, column n looks like timestamp, was date"
    );
    assert_eq!(words("id,n\n1,\n", "id,n\n1,5\n"), "1 row changed by id");
    assert_eq!(words("id,n\n1,a\n", "n,id\na,1\n"), "columns in another order");
}

#[test]
fn a_changed_rendering_is_told_by_the_macro_and_var_that_did_it() {
    let at = crate::diagnostic::Location::new("models/macros/m.sql", 4, 1);
    let input = |text: &str| {
        let used = crate::render::MacroUse { at: at.clone(), text: text.into(), constant: false };
        crate::fingerprint::Input::macros(&BTreeMap::from([("clean".to_string(), used)])).next().unwrap()
    };
    let limit = |value: i32| {
        let read = crate::render::Read { value: value.into(), at: at.clone() };
        crate::fingerprint::Input::vars(&BTreeMap::from([("limit".to_string(), read)])).next().unwrap()
    };
    let mut town = Town::new(&[("s", ""), ("m.ff", "s")]);
    town.run_all();
    let mut old = town.entry("m.ff").fingerprint.clone();
    town.edit("m.ff");
    let mut plan = town.plan(&town.all());
    let template = old.inputs[0].clone();
    old.inputs = vec![template.clone(), input("{% macro clean() %}a{% endmacro %}"), limit(1)].into();
    plan.decisions[1].fingerprint.inputs = vec![template, input("{% macro clean() %}b{% endmacro %}"), limit(2)].into();
    let mut contents = Contents::new();
    keep(&mut contents, &old);
    keep(&mut contents, &plan.decisions[1].fingerprint);
    attribute(&mut plan, &contents, |id| (id == 1).then_some(&old), |_| About::default());
    let cause = plan.decisions[1].primary();
    let words = "by macro clean in models/macros/m.sql and var limit: 1 → 2, in models/macros/m.sql";
    assert_eq!(said(cause), format!("SQL changed: models/m.ff.sql ({words})"));
    assert!(cause.diff.is_some() && cause.attributed_to[0].diff.is_some());
    assert_eq!(cause.attributed_to[0].line, 4);
}
