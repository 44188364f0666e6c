//! Queries into relations of several databases, and DuckDB's own words for errors.

use super::*;
use crate::engine::{Row, SchemaName};
use crate::name::NodeName;

#[test]
fn relations_of_every_database_are_seen() {
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
        let meta = Row { node: NodeName::new(relation.to_string()), ..row(relation, "") };
        put(&mut session, relation, RelationKind::Table, Content::Query("select 1 as a"), meta).unwrap();
    }
    let relations = session.relations().unwrap();
    let mut recorded: Vec<_> = session.held().unwrap().into_iter().map(|row| row.relation).collect();
    recorded.sort();
    let mut expected: Vec<_> = elsewhere.iter().map(|relation| relations.resolve(relation)).collect();
    expected.sort();
    assert_eq!(recorded, expected);
    assert!(elsewhere.iter().all(|relation| relations.kind(relation) == Some(RelationKind::Table)));
}

#[test]
fn errors_say_where_in_the_query() {
    let fixture = Fixture::demo();
    let mut session = fixture.session();
    table(&mut session, "users", "select 1 as id").unwrap();
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
            let result = replace(&mut session, &named("broken"), kind, query);
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
        assert!(table(&mut session, "broken", query).is_err(), "{query}");
    }
}
