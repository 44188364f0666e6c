//! Queries into relations: transactions, kinds, columns, errors.

use super::*;
use crate::engine::ErrorKind;

pub fn a_table_and_its_row_are_built_together(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    let query = format!("select i as a from {}; -- three", numbers(subject, 3));
    let built = table(&mut session, "t", &query).unwrap();
    assert_eq!(built.measures.rows(), Some(3));
    let relations = session.relations().unwrap();
    assert_eq!(relations.kind(&named("t")), Some(RelationKind::Table));
    let meta = session.held().unwrap();
    assert_eq!(meta.len(), 1);
    assert_eq!(meta[0].relation, relations.resolve(&named("t")));
    let expected = Row { identity: meta[0].identity, ..row(&named("t"), &query) };
    assert_eq!(Row { relation: named("t"), ..meta[0].clone() }, expected);
    drop(session);
    let mut again = subject.engine().session().unwrap();
    assert_eq!((text(&mut again, "select count(*) from t"), again.held().unwrap()), ("3".into(), meta));
}

pub fn a_failed_build_changes_nothing(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    table(&mut session, "t", "select 1 as a").unwrap();
    let before = session.held().unwrap();
    let late = format!(
        "select cast(case when i < 90 then '1' else 'boom' end as integer) as a from {}",
        numbers(subject, 100)
    );
    let error = table(&mut session, "t", &late).unwrap_err();
    assert!(error.message.contains("boom"), "{error}");
    let error = view(&mut session, "t", "select nope").unwrap_err();
    assert_eq!(error.kind, ErrorKind::Statement);
    assert_eq!((text(&mut session, "select a from t"), session.held().unwrap()), ("1".into(), before));
    assert_eq!(session.relations().unwrap().kind(&named("t")), Some(RelationKind::Table));
    table(&mut session, "t", "select 2 as a").unwrap();
    assert_eq!(text(&mut session, "select a from t"), "2");
}

pub fn a_failing_ledger_takes_the_relation_back(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    table(&mut session, "standing", "select 1 as a").unwrap();
    subject.execute("drop table _ff_meta");
    let mut session = subject.engine().session().unwrap();
    table(&mut session, "t", "select 1 as a").unwrap_err();
    table(&mut session, "standing", "select 2 as a").unwrap_err();
    assert_eq!(session.relations().unwrap().kind(&named("t")), None);
    assert_eq!(text(&mut session, "select a from standing"), "1");
}

pub fn a_ledger_that_fails_is_told_and_harms_nothing(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    table(&mut session, "standing", "select 1 as a").unwrap();
    subject.execute("drop table _ff_meta");
    let built = table(&mut session, "standing", "select 2 as a").unwrap();
    assert!(built.note.is_some_and(|note| note.contains("_ff_meta")));
    assert_eq!(text(&mut session, "select a from standing"), "2");
    // Who looks next knows what it holds, and puts the row right when it builds.
    let mut session = super::session(subject.engine());
    let held = session.held().unwrap();
    assert_eq!((held.len(), held[0].fingerprint), (1, Digest::of(b"select 2 as a")));
    assert_eq!((held[0].upstream_builds.as_ref(), held[0].identity), (None, None));
    let built = table(&mut session, "standing", "select 3 as a").unwrap();
    assert_eq!((built.note, session.held().unwrap()[0].upstream_builds.is_some()), (None, true));
}

pub fn a_relation_changes_its_kind(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    for kind in [RelationKind::Table, RelationKind::View, RelationKind::View, RelationKind::Table] {
        let built = replace(&mut session, &named("t"), kind, "select 1 as a").unwrap();
        assert_eq!(built.measures.rows(), (kind == RelationKind::Table).then_some(1));
        assert_eq!(session.relations().unwrap().kind(&named("t")), Some(kind));
        assert_eq!(text(&mut session, "select a from t"), "1");
    }
    assert_eq!(session.held().unwrap().len(), 1);
}

/// What reads the relation finds it as it is now, whatever its columns were.
pub fn columns_may_change(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    for kind in [RelationKind::Table, RelationKind::View] {
        for (query, seen) in [
            ("select 1 as a", "1"),
            ("select 2 as a", "2"),
            ("select 3 as a, 'x' as b", "3"),
            ("select 'y' as b, 4 as a", "4"),
            ("select 'z' as a", "z"),
            ("select cast(5 as bigint) as a", "5"),
        ] {
            replace(&mut session, &named("t"), kind, query).unwrap_or_else(|error| panic!("{query}: {error}"));
            if query == "select 1 as a" {
                view(&mut session, "reader", "select 1 as one from t").unwrap();
            }
            assert_eq!(text(&mut session, "select a from t"), seen);
            assert_eq!(text(&mut session, "select one from reader"), "1", "{query}");
        }
    }
}

pub fn a_query_may_read_what_it_replaces(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    table(&mut session, "t", "select 1 as a").unwrap();
    table(&mut session, "t", "select a + 1 as a from t").unwrap();
    assert_eq!(text(&mut session, "select a from t"), "2");
    table(&mut session, "t", "select a + 1 as a, 'more' as b from t").unwrap();
    assert_eq!(text(&mut session, "select a from t"), "3");
}

pub fn errors_say_where_in_the_query(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    table(&mut session, "users", "select 1 as id").unwrap();
    for (query, part, position) in [
        ("select 'é',\n  nope from users", "nope", 14),
        ("select id frm users u v", "users", 14),
        ("select * from user_s", "user_s", 14),
        ("select 1; drop table users", ";", 8),
        ("select 'open", subject.expects().open_text, 7),
    ] {
        for kind in [RelationKind::Table, RelationKind::View] {
            let error = replace(&mut session, &named("broken"), kind, query).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Statement);
            assert!(error.message.to_lowercase().contains(&part.to_lowercase()), "{query}: {error:?}");
            assert!(!error.message.contains("create") && !error.message.contains("LINE"), "{error:?}");
            assert_eq!(error.position, Some(position), "{query}: {error:?}");
        }
        // The same where something stands already.
        let error = table(&mut session, "users", query).unwrap_err();
        assert_eq!(error.position, Some(position), "{query}: {error:?}");
    }
    assert_eq!(session.read("select 1,\n nope from users").unwrap_err().position, Some(11));
}

pub fn a_relation_has_one_row_whoever_built_it(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    let mut built = |node: &str, relation: &str, kind: RelationKind| {
        let meta = Row { node: NodeName::new(node), ..row(&named(relation), node) };
        put(&mut session, &named(relation), kind, Content::Query("select 1 as a"), meta).unwrap();
        let rows = session.held().unwrap();
        rows.iter().map(|row| format!("{} {}", row.node, row.relation.name)).collect::<Vec<_>>()
    };
    let table = RelationKind::Table;
    assert_eq!(built("seed", "t", table), ["seed t"]);
    assert_eq!(built("model.ff", "t", RelationKind::View), ["model.ff t"]);
    assert_eq!(built("seed", "t", table), ["seed t"]);
    // Two nodes change their relations with each other.
    assert_eq!(built("model.ff", "u", table), ["model.ff u", "seed t"]);
    assert_eq!(built("seed", "u", table), ["seed t", "seed u"]);
    assert_eq!(built("model.ff", "t", table), ["model.ff t", "seed u"]);
    // Of another process, which has read the table anew.
    let mut again = subject.engine().session().unwrap();
    again.prepare(&BTreeSet::new()).unwrap();
    again.record(&Row { node: NodeName::new("third"), ..row(&named("t"), "") }, table, None).unwrap();
    let rows = again.held().unwrap();
    assert_eq!(rows.iter().map(|row| row.node.as_str()).collect::<Vec<_>>(), ["seed", "third"]);
}

pub fn tables_of_earlier_versions_are_read_and_renewed(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    table(&mut session, "t", "select 1 as a").unwrap();
    let now = session.held().unwrap().remove(0);
    let identity = now.identity.map(|identity| serde_json::to_string(&identity).unwrap()).unwrap();
    let (relation, fingerprint) = (dialect(subject).relation(&now.relation), now.fingerprint.to_string());
    // Each version has what came to those before it.
    let added = [
        ("upstream_builds", "{\"up.ff\": \"run-0\"}"),
        ("project", "shop"),
        ("record", "1:x"),
        ("identity", &identity),
    ];
    for count in [0, 1, 4] {
        let old: Vec<(&str, &str)> = [
            ("node_name", "t.ff"),
            ("relation", &relation),
            ("fingerprint", &fingerprint),
            ("engine", "one"),
            ("built_at", &now.built_at),
            ("run_id", "run-1"),
        ]
        .into_iter()
        .chain(added.iter().copied().take(count))
        .collect();
        let columns: Vec<String> =
            old.iter().map(|(name, _)| format!("{name} {}", dialect(subject).text_type())).collect();
        let values: Vec<String> = old.iter().map(|(_, value)| dialect(subject).string_literal(value)).collect();
        subject.execute("drop table _ff_meta");
        subject.execute(&format!("create table _ff_meta ({})", columns.join(", ")));
        subject.execute(&format!("insert into _ff_meta values ({})", values.join(", ")));
        let expected = Row {
            git_commit: None,
            upstream_builds: now.upstream_builds.clone().filter(|_| count > 0),
            project: now.project.clone().filter(|_| count > 1),
            record: (count > 1).then(|| "1:x".into()),
            identity: now.identity.filter(|_| count > 1),
            ..now.clone()
        };
        let mut session = subject.engine().session().unwrap();
        assert_eq!(session.recorded().unwrap(), std::slice::from_ref(&expected), "as it is");
        assert_eq!(session.held().unwrap(), [Row { record: None, ..expected.clone() }]);
        let notes = session.prepare(&BTreeSet::new()).unwrap();
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert_eq!(session.recorded().unwrap(), [expected], "brought to its present form");
        assert!(session.prepare(&BTreeSet::new()).unwrap().is_empty());
        table(&mut session, "t", "select 2 as a").unwrap();
        assert_eq!(session.held().unwrap().len(), 1);
    }
    // Somebody's own table of that name is left alone.
    subject.execute("drop table _ff_meta");
    subject.execute("create table _ff_meta (mine integer)");
    let error = subject.engine().session().unwrap().prepare(&BTreeSet::new()).unwrap_err();
    assert!(error.message.contains("_ff_meta") && error.hint.is_some(), "{error}");
}

pub fn a_row_keeps_what_a_checkout_records_of_its_build(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    let kept = |text: &str| Row { record: Some(text.into()), ..row(&named("t"), text) };
    let content = || Content::Query("select 1 as a union all select 2");
    put(&mut session, &named("t"), RelationKind::Table, content(), kept("1:é'\"")).unwrap();
    let found = session.recorded().unwrap();
    assert_eq!(found[0].record.as_deref(), Some("1:é'\""));
    let relations = session.relations().unwrap();
    let stands = relations.identity.get(&relations.resolve(&named("t"))).copied();
    let identity = found[0].identity;
    assert_eq!((identity.is_some(), stands.is_some()), [subject.expects().identities; 2].into(), "{found:?}");
    assert!(
        !stands.zip(identity).is_some_and(|(stands, identity)| stands.differs(&identity)),
        "{stands:?} {identity:?}"
    );
    assert_eq!(session.held().unwrap()[0].record, None, "what isn't asked for isn't read");
    // A row that is recorded alone holds what it is given.
    session.record(&Row { identity, ..kept("2") }, RelationKind::Table, None).unwrap();
    let again = session.recorded().unwrap();
    assert_eq!((again[0].record.as_deref(), again[0].identity), (Some("2"), identity));
}
