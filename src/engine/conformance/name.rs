//! Identifiers, and the SQL that templates ask the dialect for.

use super::*;
use crate::engine::ErrorKind;
use serde_json::json;

pub fn odd_names_are_quoted(subject: &dyn Subject) {
    if !subject.expects().odd_names {
        return odd_names_are_refused(subject);
    }
    let engine = subject.with_schema(if subject.expects().odd_schemas { "My \"Schema\"" } else { "My Schema" });
    let mut session = session(&engine);
    for name in ["a b", "qu\"ote", "it's", "größe", "select", "left", "Upper", "a.b", "🦆"] {
        for kind in [RelationKind::Table, RelationKind::View] {
            replace(&mut session, &named(name), kind, "select 1 as a").unwrap();
            assert_eq!(session.relations().unwrap().kind(&named(name)), Some(kind), "{name}");
        }
        let meta = session.held().unwrap();
        assert_eq!(meta.len(), 1, "{name}");
        assert_eq!(meta[0].relation, session.relations().unwrap().resolve(&named(name)));
        session.drop_relation(&named(name)).unwrap();
        assert_eq!(session.relations().unwrap().kind(&named(name)), None);
        assert_eq!(session.held().unwrap(), []);
    }
}

/// Whoever uses one is told which it is, and nothing comes of it.
fn odd_names_are_refused(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    for name in subject.expects().refused_names {
        let error = table(&mut session, name, "select 1 as a").unwrap_err();
        assert!(error.message.replace("`.`", ".").contains(name), "{error}");
        assert_eq!((session.held().unwrap(), error.kind), (Vec::new(), ErrorKind::Statement), "{name}");
    }
    for name in ["select", "left", "upper"] {
        table(&mut session, name, "select 1 as a").unwrap();
        assert_eq!(session.relations().unwrap().kind(&named(name)), Some(RelationKind::Table), "{name}");
    }
}

pub fn every_keyword_may_be_a_name(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    let dialect = dialect(subject);
    let keywords = texts(&mut session, subject.keywords());
    assert!(keywords.len() > 100);
    let query = |quoted: &str| format!("select x.{quoted} from (select 1 as {quoted}) as x");
    if !subject.expects().quick {
        // All in one statement, whose error says the place.
        let all = keywords.iter().map(|row| {
            let quoted = dialect.quote(&row[0]);
            format!("select {quoted} from ({}) as {quoted}", query(&quoted))
        });
        let all = all.collect::<Vec<_>>().join("\nunion all ");
        assert_eq!(text(&mut session, &format!("select count(*) from (\n{all}\n) as q")), keywords.len().to_string());
        return;
    }
    for keyword in keywords.iter().map(|row| row[0].as_str()) {
        let quoted = dialect.quote(keyword);
        table(&mut session, keyword, &query(&quoted)).unwrap_or_else(|error| panic!("{keyword}: {error}"));
        assert_eq!(text(&mut session, &format!("select {quoted} from {quoted}")), "1");
    }
}

pub fn template_helpers_run(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    let dialect = dialect(subject);
    let shown = |expr: &str| format!("select cast({expr} as {})", dialect.text_type());
    let instant = format!("{} '2024-03-31 10:00:00+00'", subject.expects().instant.0);
    for expr in ["date '2024-03-31'", "'2024-03-31 10:00:00'", &instant] {
        let month = dialect.date_trunc("month", expr);
        assert_eq!(text(&mut session, &shown(&month)), "2024-03-01 00:00:00");
        let sum = dialect.date_trunc("day", &dialect.date_add("month", -1, expr));
        assert_eq!(text(&mut session, &shown(&sum)), "2024-02-29 00:00:00");
    }
    for (expr, sql_type, default, result) in [
        ("'x'", "integer", Some("-1"), "-1"),
        ("'7'", "integer", Some("-1"), "7"),
        ("'2024-02-30'", "date", Some("date '2024-02-29'"), "2024-02-29"),
        ("12345.678", "decimal(7, 2)", None, "12345.68"),
        ("123456.7", "decimal(7, 2)", Some("0"), "0.00"),
        ("1.5", "double", None, "1.5"),
    ] {
        let cast = dialect.safe_cast(expr, sql_type, default);
        let found = text(&mut session, &shown(&cast));
        let short = |text| if subject.expects().exact_decimals { text } else { super::seed::shortest(text) };
        assert_eq!(short(&found), short(result), "{cast}");
    }
    let none = dialect.safe_cast("'x'", "integer", None);
    assert_eq!(text(&mut session, &format!("select count({none})")), "0");
    view(&mut session, "cautious", &format!("select {none} as a")).unwrap();
    let filter = dialect.partition_filter("date '2024-01-31'", Some(&json!("2024-01-01")), Some(&json!("2024-01-31")));
    let within = dialect.partition_in("2", &[json!(1), json!(2)]);
    assert_eq!(text(&mut session, &format!("select {filter} and {within}")), "true");
}
