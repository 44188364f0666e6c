//! Queries into relations of several databases, and DuckDB's own words for errors.

use super::*;
use crate::engine::{Row, SchemaName};
use crate::name::NodeName;
use ::arrow::array::AsArray;
use ::arrow::datatypes::UInt64Type;

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

/// Each row counts once, whichever steps DuckDB's plan ends with.
#[test]
fn rows_are_counted_whatever_makes_them() {
    let fixture = Fixture::demo();
    let mut session = fixture.session();
    table(&mut session, "t", "select i as id, i % 7 as g, if(i % 3 = 0, null, i) as n from range(100) r(i)").unwrap();
    table(&mut session, "large", "select i as id, i % 1000 as k from range(300000) r(i)").unwrap();
    for query in [
        "select * from t",
        "select * from t where id > 50",
        "select * from t where false",
        "select 1 as a",
        "values (1), (2)",
        "select * from t union all select * from t",
        "select * from t union select * from t",
        "select id + 1 as i from (select id from t union all select g from t)",
        "select * from t intersect select * from t where id < 7",
        "select g, count(*) as c from t group by g",
        "select g, n, count(*) as c from t group by grouping sets ((g), (n), ())",
        "select count(*) as c from large",
        "select count(*) as c from large where k = 7",
        "select distinct k from large",
        "select * from large order by k, id",
        "select * from large order by k, id limit 10",
        "select * from large limit 10",
        "select * from large limit 100000 offset 5000",
        "select * from large limit 20%",
        "select * from large using sample 10 rows",
        "select a.id from large a join large b on a.id = b.k",
        "select a.id, b.id as j from t a full join t b on a.id = b.id + 50",
        "select a.id from t a where exists (select 1 from t b where b.id = a.n)",
        "select a.id, (select count(*) from t b where b.id < a.id) as c from t a",
        "select a.id, x.* from t a, lateral (select b.g from t b where b.id < a.id limit 2) x",
        "select a.id, b.id as j from t a join t b on a.id < b.id",
        "with recursive r(n) as (select 1 union all select n + 1 from r where n < 100) select * from r",
        "with c as materialized (select * from t) select a.id from c a join c b on a.id = b.id",
        "select id, max(n) over (partition by g) as m from t",
        "select * from large qualify row_number() over (partition by k order by id) = 1",
        "pivot t on g using sum(id)",
        "unpivot (select id, g, n from t) on g, n into name k value v",
        "select unnest([1, 2, 3]) as u, id from t",
        "select * from range(1000)",
    ] {
        let built = table(&mut session, "made", query).unwrap();
        let read = session.read("select count(*)::ubigint as c from made").unwrap();
        assert_eq!(built.measures.rows(), Some(read[0].column(0).as_primitive::<UInt64Type>().value(0)), "{query}");
    }
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
