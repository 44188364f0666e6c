//! What the ledger sends, and what it makes of what it finds.

use super::*;
use crate::dialect::{DuckDb, LetterCase, Postgres};
use crate::digest::Digest;
use crate::engine::State;
use crate::engine::{Mark, Relations};
use crate::name::NodeName;
use litemap::LiteMap;

fn home() -> Home {
    Home { catalog: "db".into(), schema: "main".into(), letter_case: LetterCase::Lowered, catalogs: vec!["db".into()] }
}

fn traits(keeping: Keeping, exclusive: bool) -> Traits {
    let traits = *crate::engine::fake::Fake::new(crate::engine::Replaces::Statement, keeping).engine().traits();
    Traits { exclusive, ..traits }
}

fn row(name: &str, run: &str) -> Row {
    Row {
        relation: RelationName::new(Some("db"), Some("main"), name),
        node: NodeName::new(format!("{name}.ff")),
        project: Some("shop".into()),
        fingerprint: Digest::of(run.as_bytes()),
        state: State::Built,
        engine: "fake".into(),
        built_at: "2026-01-02T03:04:05Z".into(),
        run_id: run.into(),
        git_commit: None,
        upstream_builds: Some(LiteMap::new()),
        identity: None,
        record: None,
    }
}

fn texts(statements: &[Statement]) -> Vec<&str> {
    statements.iter().map(|statement| statement.text.split(" (").next().unwrap()).collect()
}

#[test]
fn a_row_takes_the_place_of_others_as_the_engine_allows() {
    let ledger = |keeping, exclusive| Ledger::new(Arc::new(DuckDb), home(), &traits(keeping, exclusive));
    let key = "catalog_name = ? and schema_name = ? and relation_name = ?";
    let (insert, delete) = ("insert into db.main._ff_meta", format!("delete from db.main._ff_meta where {key}"));
    let replaced = ledger(Keeping::InTransaction, false).replace(&row("t", "r1"));
    assert_eq!(texts(&replaced), [delete.as_str(), insert]);
    // Where statements are kept at once, the old row goes when the new one stands.
    for keeping in [Keeping::OnRelation, Keeping::Bracketed] {
        let replaced = ledger(keeping, false).replace(&row("t", "r1"));
        assert_eq!(replaced[1].text, format!("{delete} and not (run_id = ? and state = ? and fingerprint = ?)"));
        assert_eq!(texts(&replaced)[0], insert);
        assert_eq!(replaced[1].values.len(), 6);
    }
    // A process that has the database to itself knows where there is nothing to delete.
    let alone = ledger(Keeping::InTransaction, true);
    assert!(!alone.is_known());
    assert_eq!(alone.replace(&row("t", "r1")).len(), 2, "nothing is known yet");
    alone.known.as_ref().unwrap().fill([row("t", "r1").relation].into_iter());
    assert!(alone.is_known());
    assert_eq!(
        [("t", 2), ("u", 1), ("u", 2)].map(|(name, count)| (name, alone.replace(&row(name, "r2")).len() == count)),
        [("t", true), ("u", true), ("u", true)]
    );
    alone.known.as_ref().unwrap().remove(&row("u", "").relation);
    assert_eq!(alone.replace(&row("u", "r3")).len(), 1);
    alone.failed();
    assert!(!alone.is_known());
    assert_eq!(alone.replace(&row("new", "r3")).len(), 2);
}

#[test]
fn values_go_to_places_of_the_dialect() {
    let ledger = Ledger::new(Arc::new(Postgres), home(), &traits(Keeping::InTransaction, false));
    let insert = &ledger.replace(&row("t", "r1"))[1];
    assert!(insert.text.ends_with("$13, $14)"), "{}", insert.text);
    assert_eq!(insert.values.len(), 14);
    assert_eq!(insert.values[..4], ["db", "main", "t", "t.ff"].map(|text| Some(text.to_string())));
}

#[test]
fn the_newest_row_counts_and_of_one_time_the_one_that_tells_more() {
    let building =
        |run: &str, built_at: &str| Row { state: State::Building, built_at: built_at.into(), ..row("t", run) };
    let built = |run: &str, built_at: &str| Row { built_at: built_at.into(), ..row("t", run) };
    for (rows, expected) in [
        (vec![built("r1", "1"), building("r2", "2")], building("r2", "2")),
        (vec![building("r2", "2"), built("r2", "2")], built("r2", "2")),
        (vec![built("r2", "2"), building("r2", "2")], built("r2", "2")),
        (vec![building("r2", "2"), built("r1", "1")], building("r2", "2")),
    ] {
        assert_eq!(reconcile::newest([rows, vec![row("u", "r1")]].concat()), [expected, row("u", "r1")]);
    }
}

#[test]
fn a_mark_counts_and_not_what_a_row_says() {
    let relations = |row: Option<&Row>| Relations {
        marks: row.iter().map(|row| (row.relation.clone(), Mark::of(row))).collect(),
        home: home(),
        ..Relations::default()
    };
    let whole = Row { record: Some("1:x".into()), ..row("t", "r1") };
    assert_eq!(reconcile(vec![whole.clone()], &relations(Some(&whole)), "fake"), std::slice::from_ref(&whole));
    // Another build has overtaken the row.
    let newer = row("t", "r2");
    let told = Row { upstream_builds: None, ..newer.clone() };
    assert_eq!(reconcile(vec![whole.clone()], &relations(Some(&newer)), "fake"), std::slice::from_ref(&told));
    assert_eq!(reconcile(Vec::new(), &relations(Some(&newer)), "fake"), [told]);
    // The relation that it told of is no more.
    assert_eq!(reconcile(vec![whole], &relations(None), "fake"), []);
}

#[test]
fn of_a_table_that_is_being_extended_the_row_of_the_extension_counts_or_what_it_was() {
    let (before, extension) = (row("t", "r1"), row("t", "r2"));
    let mark = Mark::of(&extension).extending(&Mark::of(&before).build());
    assert_eq!(Mark::parse(&mark.text()), Some(mark.clone()));
    let relations = Relations { marks: [(before.relation.clone(), mark)].into(), home: home(), ..Relations::default() };
    let extending = Row { state: State::Extending, ..before.clone() };
    assert_eq!(reconcile(vec![before.clone()], &relations, "fake"), std::slice::from_ref(&extending));
    assert_eq!(reconcile(vec![extension.clone()], &relations, "fake"), [extension]);
    // Of neither a row is there, or only that of another build.
    let told = Row { upstream_builds: None, ..extending };
    assert_eq!(reconcile(Vec::new(), &relations, "fake"), std::slice::from_ref(&told));
    assert_eq!(reconcile(vec![row("t", "r0")], &relations, "fake"), [told]);
}

#[test]
fn marks_are_read_back_from_comments() {
    let mark = Mark::of(&row("it's \"odd\"\n", "r1"));
    assert_eq!(Mark::parse(&mark.text()), Some(mark.clone()));
    assert_eq!(Mark::parse(&format!("What a user says of it.\n{}", mark.text())), Some(mark));
    for other in ["", "fft", "fft {}", "a comment", "fft \nlast"] {
        assert_eq!(Mark::parse(other), None);
    }
}
