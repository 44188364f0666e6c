//! Queries into relations: transactions, kinds, names, errors.

use super::*;
use crate::engine::{ErrorKind, SchemaName};

#[test]
fn a_table_and_its_row_are_built_together() {
    let fixture = Fixture::demo();
    let mut session = fixture.session();
    let built = table(&mut *session, "t", "select range as a from range(3); -- three").unwrap();
    assert_eq!((built.rows, built.bytes_scanned), (Some(3), Some(0)));
    let relations = session.relations().unwrap();
    assert_eq!(relations.kind(&named("T")), Some(RelationKind::Table));
    let meta = session.meta().unwrap();
    assert_eq!(meta.len(), 1);
    assert_eq!(meta[0].relation, relations.resolve(&named("t")));
    assert_eq!(
        MetaRow { relation: named("t"), ..meta[0].clone() },
        row(&named("t"), "select range as a from range(3); -- three")
    );
    drop(session);
    let mut again = fixture.engine().session().unwrap();
    assert_eq!((text(&mut *again, "select count(*) from t"), again.meta().unwrap()), ("3".into(), meta));
}

#[test]
fn a_failed_build_changes_nothing() {
    let fixture = Fixture::demo();
    let mut session = fixture.session();
    table(&mut *session, "t", "select 1 as a").unwrap();
    let before = session.meta().unwrap();
    let error = table(&mut *session, "t", "select error('boom') as a").unwrap_err();
    assert!(error.message.contains("boom"), "{error}");
    let error = build(&mut *session, &named("t"), RelationKind::View, "select nope").unwrap_err();
    assert_eq!(error.kind, ErrorKind::Statement);
    assert_eq!((text(&mut *session, "select a from t"), session.meta().unwrap()), ("1".into(), before));
    assert_eq!(session.relations().unwrap().kind(&named("t")), Some(RelationKind::Table));
    table(&mut *session, "t", "select 2 as a").unwrap();
    assert_eq!(text(&mut *session, "select a from t"), "2");
}

#[test]
fn a_failing_meta_row_takes_the_relation_back() {
    let fixture = Fixture::demo();
    let mut session = fixture.engine().session().unwrap();
    session.prepare(&BTreeSet::new()).unwrap();
    session.read("drop table _ff_meta").unwrap();
    assert!(table(&mut *session, "t", "select 1 as a").is_err());
    assert_eq!(session.relations().unwrap().kind(&named("t")), None);
}

#[test]
fn a_relation_changes_its_kind() {
    let fixture = Fixture::demo();
    let mut session = fixture.session();
    for kind in [RelationKind::Table, RelationKind::View, RelationKind::View, RelationKind::Table] {
        let built = build(&mut *session, &named("t"), kind, "select 1 as a").unwrap();
        assert_eq!(built.rows, (kind == RelationKind::Table).then_some(1));
        assert_eq!(session.relations().unwrap().kind(&named("t")), Some(kind));
    }
    assert_eq!(session.meta().unwrap().len(), 1);
}

#[test]
fn relations_of_every_schema_are_seen() {
    let fixture =
        Fixture::new(json!({"db_schema": "cache_demo", "attach": [{"path": "other.duckdb", "alias": "other"}]}));
    let mut session = fixture.engine().session().unwrap();
    let elsewhere = [
        RelationName::new(None, Some("raw"), "t"),
        RelationName::new(Some("other"), Some("Odd Schema"), "t"),
        RelationName::new(Some("other"), None, "t"),
        named("t"),
    ];
    let schemas =
        elsewhere.iter().map(|name| SchemaName { catalog: name.catalog.clone(), schema: name.schema.clone() });
    session.prepare(&schemas.collect()).unwrap();
    for relation in &elsewhere {
        let meta = MetaRow { node: NodeName::new(relation.to_string()), ..row(relation, "") };
        let build = Build {
            relation,
            kind: RelationKind::Table,
            content: Content::Query("select 1 as a"),
            existing: None,
            meta,
        };
        session.build(&build).unwrap();
    }
    let relations = session.relations().unwrap();
    let mut recorded: Vec<_> = session.meta().unwrap().into_iter().map(|row| row.relation).collect();
    recorded.sort();
    let mut expected: Vec<_> = elsewhere.iter().map(|relation| relations.resolve(relation)).collect();
    expected.sort();
    assert_eq!(recorded, expected);
    assert!(elsewhere.iter().all(|relation| relations.kind(relation) == Some(RelationKind::Table)));
}

#[test]
fn odd_names_are_quoted() {
    let fixture = Fixture::new(json!({"db_schema": "My \"Schema\""}));
    let mut session = fixture.session();
    for name in ["a b", "qu\"ote", "it's", "größe", "select", "left", "Upper", "a.b", "🦆"] {
        for kind in [RelationKind::Table, RelationKind::View] {
            build(&mut *session, &named(name), kind, "select 1 as a").unwrap();
            assert_eq!(session.relations().unwrap().kind(&named(name)), Some(kind), "{name}");
        }
        let meta = session.meta().unwrap();
        assert_eq!(meta.len(), 1, "{name}");
        assert_eq!(meta[0].relation.name, name.to_lowercase());
        session.drop_relation(&named(name)).unwrap();
        assert_eq!(session.relations().unwrap().kind(&named(name)), None);
        assert_eq!(session.meta().unwrap(), []);
    }
}

#[test]
fn dropping_what_is_not_there_is_no_error() {
    let fixture = Fixture::demo();
    let mut session = fixture.engine().session().unwrap();
    session.drop_relation(&named("nothing")).unwrap();
    session.drop_relation(&RelationName::new(None, Some("nowhere"), "nothing")).unwrap();
    assert_eq!(session.meta().unwrap(), []);
}

#[test]
fn a_record_replaces_only_the_row() {
    let fixture = Fixture::demo();
    let mut session = fixture.session();
    table(&mut *session, "t", "select 1 as a").unwrap();
    let taken = row(&named("t"), "another");
    session.record(&taken).unwrap();
    let meta = session.meta().unwrap();
    assert_eq!((meta.len(), meta[0].fingerprint), (1, taken.fingerprint));
}

#[test]
fn errors_say_where_in_the_query() {
    let fixture = Fixture::demo();
    let mut session = fixture.session();
    table(&mut *session, "users", "select 1 as id").unwrap();
    for (query, message, position, hint) in [
        (
            "select 'é',\n  nope from users",
            "Binder Error: Referenced column \"nope\" not found",
            Some(14),
            Some("Candidate bindings: \"id\""),
        ),
        ("select id frm users u v", "Parser Error: syntax error at or near \"users\"", Some(14), None),
        (
            "select * from user_s",
            "Catalog Error: Table with name user_s does not exist!",
            Some(14),
            Some("Did you mean \"users\"?"),
        ),
        ("select 1; drop table users", "Parser Error: syntax error at or near \";\"", Some(8), None),
        ("select cast('x' as int)", "Conversion Error: Could not convert string 'x'", Some(7), None),
        ("select 'open", "Parser Error: unterminated", Some(7), None),
    ] {
        for kind in [RelationKind::Table, RelationKind::View] {
            let result = build(&mut *session, &named("broken"), kind, query);
            let Err(error) = result else { continue };
            assert!(error.message.starts_with(message), "{query}: {error:?}");
            assert!(!error.message.contains("create or replace") && !error.message.contains("LINE"), "{error:?}");
            if let Some(position) = position {
                assert_eq!(error.position, Some(position), "{query}: {error:?}");
            }
            if let Some(hint) = hint {
                assert_eq!(error.hint.as_deref(), Some(hint), "{query}");
            }
        }
        assert!(table(&mut *session, "broken", query).is_err(), "{query}");
    }
}

#[test]
fn the_catalog_has_columns_and_counts() {
    let fixture = Fixture::demo();
    let mut session = fixture.session();
    table(&mut *session, "t", "select range::int as a, 'x' as \"B c\" from range(7)").unwrap();
    build(&mut *session, &named("v"), RelationKind::View, "select a + 1.5 as d from t").unwrap();
    build(&mut *session, &named("gone"), RelationKind::Table, "select 1 as a").unwrap();
    build(&mut *session, &named("broken"), RelationKind::View, "select a from gone").unwrap();
    session.drop_relation(&named("gone")).unwrap();
    let found = session.catalog(&BTreeSet::from([SchemaName { catalog: None, schema: None }])).unwrap();
    let shown: Vec<_> = found
        .iter()
        .filter(|relation| !["_ff_meta", "broken"].contains(&relation.relation.name.as_str()))
        .map(|relation| (relation.relation.name.as_str(), relation.kind, relation.columns.clone(), relation.rows))
        .collect();
    let pair = |name: &str, sql_type: &str| (name.to_string(), sql_type.to_string());
    assert_eq!(
        shown,
        [
            ("t", RelationKind::Table, vec![pair("a", "INTEGER"), pair("B c", "VARCHAR")], Some(7)),
            ("v", RelationKind::View, vec![pair("d", "DECIMAL(12,1)")], None),
        ]
    );
}

#[test]
fn a_view_in_another_schema_reads_what_the_default_one_has() {
    let fixture = Fixture::demo();
    let project = crate::project::testing::empty()
        .settings(fixture.settings.clone())
        .sql("base", "select 1 as id")
        .sql("passed", "{{ config(materialized='ephemeral') }}select * from {{ ref('base') }}")
        .sql("v", "{{ config(materialized='view', schema='own') }}select * from {{ ref('passed') }} join {{ ref('base') }} using (id)");
    let graph = crate::graph::tests::build(&project).unwrap();
    let mut session = fixture.engine().session().unwrap();
    session.prepare(&BTreeSet::from([SchemaName { catalog: None, schema: Some("own".into()) }])).unwrap();
    for node in &graph.nodes {
        let crate::graph::Body::Sql(body) = &node.body else { panic!("{:?}", node.body) };
        let kind = if node.name.stem() == "v" { RelationKind::View } else { RelationKind::Table };
        if node.name.stem() != "passed" {
            build(&mut *session, &node.relation, kind, &body.compiled).unwrap();
        }
    }
    assert_eq!(text(&mut *session, "select id from own.v"), "1");
    drop(session);
    assert_eq!(text(&mut *fixture.engine().session().unwrap(), "select id from own.v"), "1");
}
