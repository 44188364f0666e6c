//! Digests of rows: what they tell apart and what they don't; and figures of statements.

use super::*;
use crate::digest::Digest;
use crate::engine::conformance::seed::content;

fn digest(session: &mut Session, query: &str) -> Digest {
    table(session, "t", query).unwrap();
    session.row_digest(&named("t"), &[]).unwrap().unwrap()
}

#[test]
fn order_is_no_difference_and_everything_else_is() {
    let fixture = Fixture::demo();
    let mut session = fixture.session();
    let base = "select * from (values (1, 'a'), (2, 'b'), (2, 'b')) v(id, name)";
    let first = digest(&mut session, base);
    assert_eq!(digest(&mut session, &format!("{base} order by id desc")), first);
    for other in [
        "select * from (values (1, 'a'), (2, 'b')) v(id, name)",
        "select * from (values (1, 'a'), (1, 'a'), (2, 'b')) v(id, name)",
        "select * from (values (1, 'b'), (2, 'a'), (2, 'b')) v(id, name)",
        "select * from (values (1, 'a'), (2, 'b'), (2, 'b')) v(id, title)",
        "select * from (values (1::bigint, 'a'), (2, 'b'), (2, 'b')) v(id, name)",
        "select name, id from (values (1, 'a'), (2, 'b'), (2, 'b')) v(id, name)",
        "select * from (values (1, 'a'), (2, 'b'), (2, null)) v(id, name)",
    ] {
        assert_ne!(digest(&mut session, other), first, "{other}");
    }
    let empty = digest(&mut session, &format!("{base} where id > 9"));
    assert_ne!(digest(&mut session, "select 1::bigint as id, 'a' as name where false"), empty);
}

/// Values that compare as equal and aren't the same; rows whose text is the same and that aren't.
#[test]
fn what_only_looks_the_same_is_told_apart() {
    let fixture = Fixture::demo();
    let mut session = fixture.session();
    for (one, other) in [
        ("0.0::double", "-0.0::double"),
        ("interval 1 month", "interval 30 days"),
        ("[0.0::double]", "[-0.0::double]"),
        ("'a' collate nocase", "'A' collate nocase"),
        ("null::varchar", "'NULL'"),
        ("''", "null::varchar"),
        ("['a, b']", "['a', 'b']"),
        ("timestamptz '2026-01-01 00:00:00+00'", "timestamptz '2026-01-01 00:00:01+00'"),
    ] {
        let [left, right] = [one, other].map(|value| digest(&mut session, &format!("select {value} as x")));
        assert_ne!(left, right, "{one} and {other}");
        assert_eq!(digest(&mut session, &format!("select {one} as x")), left, "{one}");
    }
}

#[test]
fn columns_may_be_left_out() {
    let fixture = Fixture::demo();
    let mut session = fixture.session();
    let mut without = |query: &str| {
        table(&mut session, "t", query).unwrap();
        session.row_digest(&named("t"), &["at"]).unwrap()
    };
    assert_eq!(without("select 1 as id, 1 as at"), without("select 1 as id, 2 as at"));
    assert_ne!(without("select 1 as id, 1 as at"), without("select 2 as id, 1 as at"));
    assert!(without("select 1 as at").is_some());
}

#[test]
fn a_statement_has_its_own_figures_and_estimate() {
    let fixture = Fixture::demo();
    let mut session = fixture.session();
    let made = table(&mut session, "Odd name", "select i as id, 'x' as \"A b\" from range(20000) t(i)").unwrap();
    assert_eq!(
        (made.measures.rows(), made.measures.bytes_scanned(), made.measures.bytes_estimated()),
        (Some(20_000), Some(0), false)
    );
    assert!(made.measures.peak_memory().is_some());
    let query = "select \"A b\" from \"Odd name\" where id % 2 = 0; -- half";
    let expected = session.estimate(&Content::Query(query)).unwrap().unwrap();
    assert_eq!(expected.scans.len(), 1);
    assert_eq!((expected.scans[0].rows, expected.bytes()), (Some(20_000), 20_000 * (16 + 1 + 8)));
    let built = table(&mut session, "half", query).unwrap();
    assert_eq!(built.measures.bytes_scanned(), Some(20_000 * 25));
    assert!(session.estimate(&Content::Query("select nothing from nowhere")).is_err());
    assert!(session.estimate(&Content::Query("select 1; drop table half")).is_err(), "one statement alone");
    assert_eq!(text(&mut session, "select count(*) from half"), "10000");
    assert_eq!(
        replace(&mut session, &named("v"), RelationKind::View, "select 1 as a").unwrap().measures.bytes_scanned(),
        None
    );
}

#[test]
fn a_seeds_file_is_outlined_without_being_loaded() {
    let fixture = Fixture::demo();
    let mut session = fixture.session();
    let file = fixture.root().join("s.csv");
    std::fs::write(&file, "id;name\n1;a\n2;b\n").unwrap();
    let typed = |columns: [(&str, &str); 2]| columns.map(|(name, kind)| (name.to_string(), Some(kind.to_string())));
    let outline = session.outline(&content(&file)).unwrap().unwrap();
    assert_eq!((outline.rows, outline.columns), (2, typed([("id", "bigint"), ("name", "text")]).to_vec()));
    let file = fixture.root().join("s.parquet");
    session.read(&format!("copy (select 1 as id, date '2026-01-01' as day) to '{}'", file.display())).unwrap();
    let outline = session.outline(&content(&file)).unwrap().unwrap();
    assert_eq!((outline.rows, outline.columns), (1, typed([("id", "INTEGER"), ("day", "DATE")]).to_vec()));
    // Of a file that is no longer what was hashed nothing is told.
    let other = crate::fingerprint::leaf("seed", content(&file).path, b"PAR1");
    let error = session.outline(&crate::engine::SeedContent { digest: Some(other), ..content(&file) }).unwrap_err();
    assert!(error.message.ends_with("changed while it was read"), "{error}");
}
