//! What counts as the same, and how rows find each other.

use super::*;
use crate::diagnostic::Location;
use crate::project::CellTable;

fn at() -> Location {
    Location::new("t.yml", 1, 1)
}

/// Rows of cells between blanks: `'x'` is in quotes, `-` is null.
fn expected(columns: &str, rows: &[&str]) -> Expected {
    let cell = |text: &str| match text {
        "-" => Cell::Null,
        text => match text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
            Some(text) => Cell::Text(text.into()),
            None => Cell::Plain(text.into()),
        },
    };
    let columns = columns.split(' ').filter(|name| !name.is_empty()).map(|name| (name.to_string(), at())).collect();
    let rows = rows.iter().map(|row| row.split(' ').map(cell).collect()).collect();
    Expected {
        at: at(),
        relation: None,
        table: CellTable { columns, rows },
        order_by: Vec::new(),
        any_order: true,
        approx: Default::default(),
        ignore_columns: Vec::new(),
        subset: false,
    }
}

/// Numbers, `'texts'`, booleans, dates and `-`.
fn given(columns: &str, rows: &[&str]) -> SeenTable {
    let cell = |text: &str| match text {
        "-" => Seen::Null,
        "true" | "false" => Seen::Bool(text == "true"),
        text if text.starts_with('\'') => Seen::Text(text.trim_matches('\'').into()),
        text if text.parse::<f64>().is_ok() => Seen::Number(text.into()),
        text => Seen::Moment(text.into()),
    };
    let columns = columns.split(' ').map(String::from).collect();
    SeenTable { columns, rows: rows.iter().map(|row| row.split(' ').map(cell).collect()).collect() }
}

#[test]
fn values_are_compared_and_not_their_spelling() {
    for (wanted, seen) in [
        ("1", "1.0"),
        ("19.9", "19.90"),
        ("1e3", "1000"),
        ("true", "true"),
        ("True", "true"),
        ("2024-01-01", "2024-01-01T00:00:00"),
        ("'2024-01-01T10:00:00+02:00'", "2024-01-01T08:00:00Z"),
        ("10:00", "10:00:00"),
        ("word", "'word'"),
        ("'1'", "'1'"),
        ("-", "-"),
        ("170141183460469231731687303715884105727", "170141183460469231731687303715884105727"),
    ] {
        let found = compare(&expected("a", &[wanted]), &given("A", &[seen])).unwrap();
        assert!(found.holds(), "{wanted} {seen}: {found:?}");
    }
    for (wanted, seen) in [
        ("1", "'1'"),
        ("'1'", "1"),
        ("0.3", "0.30000000000000004"),
        ("9007199254740993", "9007199254740992"),
        ("-", "0"),
        ("'null'", "-"),
        ("1", "true"),
        ("2024-01-02", "2024-01-01"),
        ("Word", "'word'"),
    ] {
        let found = compare(&expected("a", &[wanted]), &given("a", &[seen])).unwrap();
        assert!(!found.holds(), "{wanted} {seen}");
    }
}

#[test]
fn rows_find_each_other_in_any_order() {
    let mut wanted = expected("id n", &["1 5", "2 6", "2 6"]);
    let found = compare(&wanted, &given("n id", &["6 2", "5 1", "6 2"])).unwrap();
    assert!(found.holds(), "{found:?}");
    wanted.any_order = false;
    assert!(!compare(&wanted, &given("n id", &["6 2", "5 1", "6 2"])).unwrap().holds());
    wanted.any_order = true;
    let found = compare(&wanted, &given("n id", &["6 2", "7 1", "9 9"])).unwrap();
    let text = |text: &str| text.to_string();
    let expected = [
        Line::Changed(vec![(text("1"), None), (text("5"), Some(text("7")))]),
        Line::Same(vec![text("2"), text("6")]),
        Line::Missing(vec![text("2"), text("6")]),
        Line::Extra(vec![text("9"), text("9")]),
    ];
    assert_eq!(found.lines, expected);
    assert_eq!(found.words(), "1 row with other values, 1 row missing, 1 row too many");
    wanted.subset = true;
    assert!(compare(&wanted, &given("n id x", &["6 2 1", "5 1 1", "6 2 1", "9 9 1"])).unwrap().holds());
}

#[test]
fn a_key_says_which_row_is_which() {
    let mut wanted = expected("id a b", &["1 5 5", "2 6 6"]);
    wanted.order_by = vec![("id".into(), at())];
    let found = compare(&wanted, &given("id a b", &["2 7 7", "3 5 5"])).unwrap();
    assert!(matches!(&found.lines[0], Line::Missing(_)), "{found:?}");
    assert!(matches!(&found.lines[1], Line::Changed(_)), "{found:?}");
    assert!(matches!(&found.lines[2], Line::Extra(_)), "{found:?}");
}

#[test]
fn numbers_that_are_near_count_as_the_same_and_rows_are_shared_out_well() {
    let mut wanted = expected("a", &["1.0", "1.4"]);
    wanted.approx = [("a".to_string(), 0.5)].into();
    // The first fits both, the second only one.
    assert!(compare(&wanted, &given("a", &["1.2", "0.6"])).unwrap().holds());
    assert!(!compare(&wanted, &given("a", &["1.2", "0.4"])).unwrap().holds());
}

#[test]
fn columns_are_what_they_are_expected_to_be() {
    let mut wanted = expected("id total", &["1 2"]);
    let problems = compare(&wanted, &given("id totl", &["1 2"])).unwrap_err();
    assert_eq!(problems[0].message, "the model gives no column `total`");
    assert_eq!(problems[0].hints, ["did you mean `totl`?"]);
    let found = compare(&wanted, &given("id total at", &["1 2 3"])).unwrap();
    assert_eq!(found.words(), "column that nobody expects: `at`");
    wanted.ignore_columns = vec!["AT".into(), "id".into()];
    assert!(compare(&wanted, &given("id total at", &["7 2 3"])).unwrap().holds());
    assert!(compare(&expected("", &[]), &given("id", &[])).unwrap().holds());
    assert!(!compare(&expected("", &[]), &given("id", &["1"])).unwrap().holds());
}
