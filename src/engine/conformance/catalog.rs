//! What the database says that it has.

use super::*;

pub fn relations_of_every_schema_are_seen(subject: &dyn Subject) {
    let mut session = subject.engine().session().unwrap();
    let odd = match (subject.expects().odd_names, subject.expects().odd_schemas) {
        (true, true) => "Odd \"Schema\"",
        (true, false) => "Odd Schema",
        (false, _) => "odd_schema",
    };
    let elsewhere = [RelationName::new(None, Some("raw"), "t"), RelationName::new(None, Some(odd), "t"), named("t")];
    session.prepare(&elsewhere.iter().map(SchemaName::of).collect()).unwrap();
    session.prepare(&elsewhere.iter().map(SchemaName::of).collect()).unwrap();
    for relation in &elsewhere {
        let meta = Row { node: NodeName::new(relation.to_string()), ..row(relation, "") };
        put(&mut session, relation, RelationKind::Table, Content::Query("select 1 as a"), meta).unwrap();
    }
    let relations = session.relations().unwrap();
    let recorded: BTreeSet<_> = session.held().unwrap().into_iter().map(|row| row.relation).collect();
    let expected: BTreeSet<_> = elsewhere.iter().map(|relation| relations.resolve(relation)).collect();
    assert_eq!(recorded, expected);
    assert!(elsewhere.iter().all(|relation| relations.kind(relation) == Some(RelationKind::Table)));
    assert_eq!(relations.kind(&RelationName::new(None, Some("raw"), "u")), None);
}

pub fn the_catalog_has_columns_and_counts(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    let (odd, text) = (dialect(subject).quoted("B c"), dialect(subject).text_type());
    let rows = format!("select cast(i as integer) as a, cast('x' as {text}) as {odd} from {}", numbers(subject, 7));
    table(&mut session, "t", &rows).unwrap();
    view(&mut session, "v", "select cast(a as bigint) as d from t").unwrap();
    let found = session.catalog(&BTreeSet::from([SchemaName { catalog: None, schema: None }])).unwrap();
    let shown: Vec<_> = found
        .iter()
        .filter(|relation| relation.relation.name != "_ff_meta")
        .map(|relation| {
            (relation.relation.name.as_str(), relation.kind, common(subject, &relation.columns), relation.rows)
        })
        .collect();
    let pair = |name: &str, kind: &str| (name.to_string(), kept(subject, kind));
    let rows = subject.expects().counts.then_some(7);
    assert_eq!(
        shown,
        [
            ("t", RelationKind::Table, vec![pair("a", "integer"), pair("B c", "varchar")], rows),
            ("v", RelationKind::View, vec![pair("d", "bigint")], None),
        ]
    );
}

pub fn dropping_what_is_not_there_is_no_error(subject: &dyn Subject) {
    let mut session = subject.engine().session().unwrap();
    session.drop_relation(&named("nothing")).unwrap();
    session.drop_relation(&RelationName::new(None, Some("nowhere"), "nothing")).unwrap();
    assert_eq!(session.held().unwrap(), []);
    session.prepare(&BTreeSet::new()).unwrap();
    for kind in [RelationKind::Table, RelationKind::View] {
        replace(&mut session, &named("t"), kind, "select 1 as a").unwrap();
        session.drop_relation(&named("t")).unwrap();
        assert_eq!((session.relations().unwrap().kind(&named("t")), session.held().unwrap()), (None, vec![]));
    }
}

pub fn a_record_replaces_only_the_row(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    table(&mut session, "t", "select 1 as a").unwrap();
    let taken = row(&named("t"), "another");
    session.record(&taken, RelationKind::Table, None).unwrap();
    let meta = session.held().unwrap();
    assert_eq!((meta.len(), meta[0].fingerprint), (1, taken.fingerprint));
    assert_eq!(text(&mut session, "select a from t"), "1");
}

pub fn a_view_in_another_schema_reads_what_the_default_one_has(subject: &dyn Subject) {
    let mut project = crate::project::testing::empty()
        .settings(serde_json::json!({"db_schema": subject.engine().session().unwrap().relations().unwrap().home.schema}))
        .sql("base", "select 1 as id")
        .sql("passed", "{{ config(materialized='ephemeral') }}select * from {{ ref('base') }}")
        .sql("v", "{{ config(materialized='view', schema='own') }}select * from {{ ref('passed') }} join {{ ref('base') }} using (id)");
    project.profile.engine = subject.engine().name().into();
    let graph = crate::graph::tests::build(&project).unwrap();
    let mut session = subject.engine().session().unwrap();
    session.prepare(&BTreeSet::from([SchemaName { catalog: None, schema: Some("own".into()) }])).unwrap();
    for (id, node) in graph.nodes.iter().enumerate() {
        let kind = if node.name.stem() == "v" { RelationKind::View } else { RelationKind::Table };
        if node.name.stem() != "passed" {
            replace(&mut session, &node.relation, kind, graph.compiled(id).text.shown()).unwrap();
        }
    }
    assert_eq!(text(&mut session, "select id from own.v"), "1");
    drop(session);
    assert_eq!(text(&mut subject.engine().session().unwrap(), "select id from own.v"), "1");
}
