//! What is set at a relation beside its rows: it comes with a build, is set alone where the relation stands, and stays.

use super::*;
use crate::dialect::{Change, Comments, Index, Settings};
use crate::engine::Condition;

/// Comments alone.
fn said(relation: &str, column: &str) -> Settings {
    let columns = [("id".to_string(), column.to_string())].into();
    Settings { comments: Comments { relation: Some(relation.into()), columns }, ..Settings::default() }
}

fn indexed(column: &str, unique: bool) -> Settings {
    Settings { indexes: vec![Index { columns: vec![column.into()], unique, method: None }], ..Settings::default() }
}

fn build(
    session: &mut Session,
    relation: &RelationName,
    kind: RelationKind,
    query: &str,
    settings: &Change,
) -> Result<Built, EngineError> {
    let existing = session.relations().unwrap().kind(relation);
    let (pending, confirm) = (&|_: &RelationName| false, &|_: crate::engine::ListFiles<'_>| Ok(()));
    let (content, row, settings) = (Content::Query(query), row(relation, query), Some(settings));
    session.build(&Build {
        relation,
        kind,
        content,
        growth: None,
        lasting: false,
        hooks: Default::default(),
        layout: None,
        settings,
        history: None,
        discards: false,
        existing,
        row,
        pending,
        confirm,
    })
}

/// The fingerprint that the ledger has of a relation.
fn holds(session: &mut Session, relation: &RelationName) -> Digest {
    let relations = session.relations().unwrap();
    let held = session.ledger(&relations, false).unwrap();
    let name = relations.resolve(relation);
    held.iter().find(|row| relations.resolve(&row.relation) == name).expect("it has a row").fingerprint
}

pub fn comments_come_with_a_build_and_without_one(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    if dialect(subject).settable().comments.is_err() {
        return;
    }
    for kind in [RelationKind::Table, RelationKind::View] {
        let relation = named(&format!("described_{}", kind.keyword()));
        let change = Change { before: Settings::default(), after: said("It's one.", "Number.") };
        for query in ["select 1 as id", "select 2 as id"] {
            build(&mut session, &relation, kind, query, &change).unwrap();
            assert_eq!(holds(&mut session, &relation), Digest::of(query.as_bytes()), "{kind:?}");
        }
        let told = session.said(&relation).unwrap();
        if let Some(told) = &told {
            assert_eq!(told.lacks(&change.after.comments), Comments::default(), "{kind:?} {told:?}");
        }
        let change = Change { before: change.after, after: said("Two\nlines.", "Key.") };
        let applied = row(&relation, "applied");
        session.apply(&applied, kind, &change, (None, false)).unwrap();
        assert_eq!(holds(&mut session, &relation), applied.fingerprint);
        let recorded = row(&relation, "recorded");
        session.record(&recorded, kind, change.after.comments.relation.as_deref()).unwrap();
        assert_eq!(holds(&mut session, &relation), recorded.fingerprint);
        if let Some(told) = session.said(&relation).unwrap() {
            assert_eq!(told.lacks(&change.after.comments), Comments::default(), "{kind:?} {told:?}");
            let wanted = said("Three.", "Three.").comments;
            session.say(&relation, kind, &told, &told.lacks(&wanted)).unwrap();
            assert_eq!(session.said(&relation).unwrap().unwrap().lacks(&wanted), Comments::default());
            assert_eq!(holds(&mut session, &relation), recorded.fingerprint);
        }
        let name = dialect(subject).relation(&relation);
        assert_eq!(text(&mut session, &format!("select id from {name}")), "2", "its rows are what they were");
        let none = Change { before: change.after, after: Settings::default() };
        session.apply(&row(&relation, "none"), kind, &none, (None, false)).unwrap();
    }
}

pub fn indexes_are_made_and_dropped_and_hold_rows_to_what_is_unique(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    if dialect(subject).settable().indexes.is_err() {
        return;
    }
    let (relation, table) = (named("indexed"), RelationKind::Table);
    let none = Settings::default();
    let change = |before: &Settings, after: &Settings| Change { before: before.clone(), after: after.clone() };
    let unique = indexed("id", true);
    build(&mut session, &relation, table, "select 1 as id, 1 as n", &change(&none, &unique)).unwrap();
    let twice = "select 2 as id, 1 as n union all select 2, 2";
    for query in [twice, "select 2 as id, 1 as n, 3 as more union all select 2, 2, 3"] {
        let error = build(&mut session, &relation, table, query, &change(&unique, &unique)).unwrap_err();
        assert!(error.is(Condition::NotUnique), "{error:?}");
        assert!(error.message.contains("break its unique index on (id)"), "{error}");
        assert_eq!(text(&mut session, "select id from indexed"), "1", "what stood is left");
    }
    let plain = indexed("id", false);
    build(&mut session, &relation, table, twice, &change(&unique, &plain)).unwrap();
    let error = session.apply(&row(&relation, "x"), table, &change(&plain, &unique), (None, false)).unwrap_err();
    assert!(error.is(Condition::NotUnique), "{error:?}");
    assert_eq!(holds(&mut session, &relation), Digest::of(twice.as_bytes()));
    session.apply(&row(&relation, "y"), table, &change(&plain, &none), (None, false)).unwrap();
    session.apply(&row(&relation, "z"), table, &change(&none, &indexed("n", true)), (None, false)).unwrap();
    assert_eq!(holds(&mut session, &relation), Digest::of(b"z"));
    // Other columns in its place, which no index of before is of.
    build(&mut session, &relation, table, "select 1 as other", &change(&indexed("n", true), &none)).unwrap();
    assert_eq!(text(&mut session, "select other from indexed"), "1");
}
