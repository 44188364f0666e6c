//! What files of unit tests say, and what is said of slips in them.

use super::*;
use crate::world::MemoryWorld;

fn read(files: &[(&str, &str)]) -> Result<Vec<UnitCase>, Vec<String>> {
    let world = files.iter().fold(MemoryWorld::new(), |world, (path, text)| world.file(format!("/p/{path}"), text));
    let found = unit_tests(&world, Path::new("/p"), None);
    found.map_err(|problems| problems.iter().map(|problem| problem.to_string()).collect())
}

const USERS: &str = "model: users_enriched
defaults:
  inputs:
    users:
      rows:
        - {id: 1, email: \"a@example.com\"}
        - {id: 2, born: 2020-01-01}
  expect: {relation: users_enriched, order_by: [id], approx: {share: 0.5}}
cases:
  - name: one
    expect:
      approx: {rate: 1}
      rows: [{id: 1}]
  - name: two
    inputs: {users: {csv: users.csv, columns: {id: integer}}}
    expect: {csv: expected/two.csv, any_order: false, subset: true, ignore_columns: at}
";

#[test]
fn a_case_says_what_its_defaults_do_not() {
    let files = [
        ("tests/unit/users.yml", USERS),
        ("tests/unit/users.csv", "id\n1\n"),
        ("expected/two.csv", "id,name\n1,\n2,x\n"),
        ("tests/other.yml", "no: test"),
    ];
    let cases = read(&files).unwrap();
    let [one, two] = cases.as_slice() else { panic!("{cases:#?}") };
    assert_eq!(
        (one.name.as_str(), one.model.as_str(), one.at.line, one.model_at.column),
        ("one", "users_enriched", 10, 8)
    );
    let Rows::Inline(users) = &one.inputs["users"].rows else { panic!("{one:#?}") };
    let names: Vec<&str> = users.columns.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["id", "email", "born"]);
    let plain = |text: &str| Cell::Plain(text.into());
    let expected = [
        vec![plain("1"), Cell::Text("a@example.com".into()), Cell::Null],
        vec![plain("2"), Cell::Null, plain("2020-01-01")],
    ];
    assert_eq!(users.rows, expected);
    assert_eq!(one.expect.approx, BTreeMap::from([("rate".to_string(), 1.0), ("share".to_string(), 0.5)]));
    assert!(one.expect.any_order && !one.expect.subset && one.expect.order_by[0].0 == "id");
    let Rows::Csv { path, text, .. } = &two.inputs["users"].rows else { panic!("{two:#?}") };
    assert_eq!((path.as_str(), text.as_str()), ("tests/unit/users.csv", "id\n1\n"));
    assert_eq!(two.inputs["users"].types, [("id".to_string(), "integer".to_string())]);
    let csv = |text: &str| Cell::Csv(text.into());
    assert_eq!(two.expect.table.rows, [vec![csv("1"), Cell::Null], vec![csv("2"), csv("x")]]);
    assert!(two.expect.subset && !two.expect.any_order);
    assert_eq!(two.expect.ignore_columns, ["at"]);
}

#[test]
fn slips_are_told_with_their_places() {
    let text = "model: m
cases:
  - name: a
    inputs:
      users: {rowz: []}
      orders: {rows: []}
      both: {rows: [{id: 1}], csv: nowhere.csv}
      odd: {rows: [5, {id: [1]}]}
    expect: {rows: [], approx: {id: wide}}
  - name: a
";
    let problems = read(&[("tests/unit/m.yml", text)]).unwrap_err();
    let first: Vec<(String, String)> = problems
        .iter()
        .map(|problem| {
            let mut lines = problem.lines();
            let message = lines.next().unwrap().to_string();
            (message, lines.next().unwrap().trim().trim_start_matches("--> tests/unit/m.yml:").to_string())
        })
        .collect();
    let expected = [
        ("error[missing-key]: the input `users` of the case `a` has neither `rows` nor `csv`", "5:7"),
        ("error[unknown-key]: unknown key `rowz` in the input `users`", "5:15"),
        ("error[missing-key]: the input `orders` has no row, and nothing tells its columns", "6:7"),
        ("error[missing-file]: there is no file `nowhere.csv`", "7:36"),
        ("error[wrong-type]: a row of the input `odd` must be a mapping of columns to values, found a number", "8:20"),
        ("error[wrong-type]: a value must be text, a number, true, false or null: `id` is a list", "8:28"),
        ("error[wrong-type]: `approx` of `id` must be a number, 0 or more", "9:37"),
        ("error[duplicate-name]: there are two cases `a`", "10:5"),
        ("error[missing-key]: the case `a` expects neither `rows` nor `csv`", "10:5"),
    ];
    assert_eq!(first, expected.map(|(message, place)| (message.to_string(), place.to_string())));
}
