//! Every kind of data test on a real engine: its query gives just the rows that are wrong.

use super::*;
use crate::diagnostic::Location;
use crate::project::{Amount, DeclaredTest, KeySide, TableName, TestCheck, TestTable, TestTerms, ValueSide};
use crate::test::sql::Writer;

fn known(name: &str) -> TestTable {
    TestTable { name: TableName::Plain(name.into()), at: Location::file("project.yml") }
}

fn value(name: &str, expression: &str) -> ValueSide {
    ValueSide { table: known(name), expression: expression.into(), filter: None }
}

fn key(name: &str, column: &str, filter: Option<&str>) -> KeySide {
    KeySide { table: known(name), key: column.into(), filter: filter.map(String::from) }
}

fn amount(text: &str) -> Amount {
    Amount(text.into())
}

/// How many rows a test finds in the table `tested`, by counting them and by reading the first.
fn found(
    subject: &dyn Subject,
    session: &mut Session,
    check: TestCheck,
    columns: &[&str],
    filter: Option<&str>,
) -> u64 {
    let dialect = subject.engine().dialect();
    let word = check.word().to_string();
    let test = DeclaredTest {
        name: None,
        table: Some(known("tested")),
        columns: columns.iter().map(|column| column.to_string()).collect(),
        filter: filter.map(String::from),
        check,
        terms: TestTerms::default(),
        tags: Vec::new(),
        at: Location::file("project.yml"),
    };
    let mark = |table: &TestTable| dialect.relation(&named(&table.name.to_string()));
    let query = Writer { dialect, mark: &mark }.query(&test).unwrap();
    let kind = dialect.text_type();
    let count = text(session, &format!("select cast(count(*) as {kind}) as n from (\n{query}\n) as failing"));
    let count: u64 = count.parse().unwrap();
    let first = session.read(&format!("select * from (\n{query}\n) as failing limit 5")).unwrap();
    let first: usize = first.iter().map(|batch| batch.num_rows()).sum();
    assert_eq!(first as u64, count.min(5), "{word}: {query}");
    count
}

pub fn each_kind_of_test_gives_what_is_wrong(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    let kind = subject.engine().dialect().text_type();
    let rows = format!(
        "select 1 as id, 10 as amount, cast('a' as {kind}) as word, cast('2024-01-01 00:00:00' as timestamp) as seen \
         union all select 1, -5, cast('b' as {kind}), cast('2024-01-02 00:00:00' as timestamp) \
         union all select 2, 0, cast(null as {kind}), cast('2024-01-03 00:00:00' as timestamp)"
    );
    table(&mut session, "tested", &rows).unwrap();
    table(&mut session, "known", "select 1 as k, 7 as x union all select 3, 8").unwrap();
    let mut count = |check: TestCheck, columns: &[&str], filter| found(subject, &mut session, check, columns, filter);
    assert_eq!(count(TestCheck::NotNull, &["word"], None), 1);
    assert_eq!(count(TestCheck::NotNull, &["word"], Some("id = 1 -- those")), 0);
    assert_eq!(count(TestCheck::Unique, &["id"], None), 1);
    assert_eq!(count(TestCheck::Unique, &["id", "word"], None), 0);
    let values = || TestCheck::AcceptedValues { values: vec!["a".into()], quote: None };
    assert_eq!(count(values(), &["word"], None), 1, "a null is no value");
    assert_eq!(count(TestCheck::GreaterEqual { threshold: amount("0") }, &["amount"], None), 1);
    assert_eq!(count(TestCheck::NonNegativeSum, &["amount"], None), 0);
    assert_eq!(count(TestCheck::NonNegativeSum, &["amount"], Some("amount < 0")), 1);
    assert_eq!(count(TestCheck::RowCountBetween { min: 1, max: Some(2) }, &[], None), 1);
    assert_eq!(count(TestCheck::RowCountBetween { min: 3, max: None }, &[], None), 0);
    let positive = || TestCheck::ExpressionIsTrue { expression: "amount >= 0 or word = 'c'".into() };
    assert_eq!(count(positive(), &[], None), 1);
    let fresh = |minutes| TestCheck::Freshness { max_delay_minutes: minutes };
    assert_eq!([count(fresh(1), &["seen"], None), count(fresh(100_000_000), &["seen"], None)], [1, 0]);
    assert_eq!(count(fresh(100_000_000), &["seen"], Some("id = 9")), 1, "nothing is never fresh");
    let related = |filter| TestCheck::Relationships { to: key("known", "k", filter) };
    assert_eq!(count(related(None), &["id"], None), 1);
    assert_eq!(count(related(Some("k = 3")), &["id"], None), 3);
}

pub fn reconciliations_compare_two_tables(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    let rows = "select 1 as id, 10 as amount union all select 1, -5 union all select 2, 0";
    table(&mut session, "tested", rows).unwrap();
    table(&mut session, "known", "select 1 as k, 4 as x union all select 3, 6").unwrap();
    let mut count = |check: TestCheck| found(subject, &mut session, check, &[], None);
    // 5 on the left, 10 on the right.
    let sides = || [value("tested", "sum(amount)"), value("known", "sum(x)")];
    let equal = |abs: Option<&str>, percent: Option<&str>| TestCheck::ReconcileEqual {
        sides: sides(),
        abs_tolerance: abs.map(amount),
        rel_tolerance_pct: percent.map(amount),
    };
    assert_eq!([count(equal(None, None)), count(equal(Some("5"), None)), count(equal(Some("4.9"), None))], [1, 0, 1]);
    assert_eq!([count(equal(None, Some("50"))), count(equal(Some("1"), Some("49")))], [0, 1]);
    let same = [value("tested", "count(*)"), value("tested", "count(*)")];
    assert_eq!(count(TestCheck::ReconcileEqual { sides: same, abs_tolerance: None, rel_tolerance_pct: None }), 0);
    let ratio = |min: &str, max: &str| TestCheck::ReconcileRatioWithin {
        sides: sides(),
        min_ratio: amount(min),
        max_ratio: amount(max),
    };
    assert_eq!([count(ratio("0.4", "0.6")), count(ratio("0.6", "1.1"))], [0, 1]);
    let within = |most: &str| TestCheck::ReconcileDiffWithin { sides: sides(), max_abs_diff: amount(most) };
    assert_eq!([count(within("5")), count(within("4"))], [0, 1]);
    let nothing = [value("tested", "sum(amount)"), value("known", "max(case when k = 9 then x end)")];
    assert_eq!(
        count(TestCheck::ReconcileDiffWithin { sides: nothing, max_abs_diff: amount("99") }),
        1,
        "null on a side"
    );
    let covered =
        |filter| TestCheck::ReconcileCoverage { source: key("tested", "id", filter), target: key("known", "k", None) };
    assert_eq!([count(covered(None)), count(covered(Some("id = 1")))], [1, 0]);
}
