//! What a statement would read, and what tells equal rows.

use super::*;

pub fn equal_rows_have_one_digest_in_any_order(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    let mut digest = |rows: &str| {
        table(&mut session, "t", &format!("select * from (values {rows}) as v(a, b)")).unwrap();
        session.row_digest(&named("t"), &[]).unwrap().unwrap()
    };
    let first = digest("(1, 'x'), (2, null), (3, 'z')");
    assert_eq!(digest("(3, 'z'), (1, 'x'), (2, null)"), first);
    for other in [
        "(1, 'x'), (2, ''), (3, 'z')",
        "(1, 'x'), (2, null)",
        "(1, 'x'), (2, null), (3, 'z'), (3, 'z')",
        "(1, 'z'), (2, null), (3, 'x')",
        "('1', 'x'), ('2', null), ('3', 'z')",
        "(1.0, 'x'), (2.0, null), (3.0, 'z')",
    ] {
        assert_ne!(digest(other), first, "{other}");
    }
    assert_ne!(digest("(1, 'x'), (1, 'x'), (2, 'y')"), digest("(1, 'x'), (2, 'y'), (2, 'y')"));
    table(&mut session, "t", "select 1 as a, 'x' as b").unwrap();
    let alone = session.row_digest(&named("t"), &["b"]).unwrap();
    table(&mut session, "t", "select 1 as a, 'y' as b").unwrap();
    assert_eq!(session.row_digest(&named("t"), &["b"]).unwrap(), alone);
    table(&mut session, "t", "select 1 as c, 'y' as b").unwrap();
    assert_ne!(session.row_digest(&named("t"), &["b"]).unwrap(), alone);
    table(&mut session, "t", "select 1 as a where false").unwrap();
    session.row_digest(&named("t"), &["a"]).unwrap().unwrap();
}

pub fn what_a_query_would_read_is_told_before_it_runs(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    let texts = dialect(subject).text_type();
    let rows = format!("select i as a, cast('a text of some length' as {texts}) as b from {}", numbers(subject, 500));
    table(&mut session, "many", &rows).unwrap();
    view(&mut session, "seen", "select a, b from many where a % 2 = 0").unwrap();
    let (schema, exact) = (session.relations().unwrap().home.schema, subject.expects().exact_estimates);
    let mut estimate = |query: &str| session.estimate(&Content::Query(query)).unwrap().unwrap();
    let whole = estimate("select * from many; -- all");
    assert_eq!(whole.scans.len(), 1);
    assert!(whole.scans[0].name.ends_with(&format!("{schema}.many")), "{whole:?}");
    assert_eq!(whole.scans[0].rows, exact.then_some(500));
    assert!(whole.bytes() > 500, "{whole:?}");
    // A filter reads all rows, a column less; a view is what it reads.
    assert_eq!(estimate("select * from many where a > 100").bytes(), whole.bytes());
    let part = estimate("select a from many").bytes();
    assert!(if exact { part < whole.bytes() } else { part == whole.bytes() });
    assert_eq!(estimate("select * from seen").scans[0].rows, exact.then_some(500));
    let both = estimate("select l.a from many l join many r on l.b = r.b");
    assert_eq!(both.scans.len(), if subject.expects().scans { 2 } else { 1 });
    assert_eq!(estimate("select 1 as a").bytes(), 0);
    // Nothing is run, and what is wrong is told with its place.
    let error = session.estimate(&Content::Query("select nope\nfrom many")).unwrap_err();
    assert!(error.message.to_lowercase().contains("nope"), "{error}");
    let built = table(&mut session, "copied", "select * from many").unwrap();
    assert!(built.measures.bytes_scanned().is_some_and(|bytes| bytes > 500), "{built:?}");
    assert_eq!(view(&mut session, "shown", "select * from many").unwrap().measures.bytes_scanned(), None);
}
