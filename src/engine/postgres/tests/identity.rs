//! What readers and dependents see while a relation is replaced.

use super::*;
use crate::engine::conformance::{put, row};
use crate::engine::{Build, Content, RelationKind};
use crate::name::RelationName;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

fn oid(session: &mut Session, name: &str) -> String {
    text(session, &format!("select 'cache_demo.{name}'::regclass::oid::text"))
}

/// Builds a table while `later` is still to be built by the same run.
fn build_before(session: &mut Session, name: &str, query: &str, later: &str) -> Result<(), EngineError> {
    let relation = named(name);
    let later = session.relations().unwrap().resolve(&named(later));
    let pending = |asked: &RelationName| *asked == later;
    let (kind, content) = (RelationKind::Table, Content::Query(query));
    let meta = row(&relation, query);
    session
        .build(&Build {
            growth: None,
            lasting: false,
            relation: &relation,
            kind,
            content,
            hooks: Default::default(),
            layout: None,
            settings: None,
            history: None,
            discards: false,
            existing: None,
            row: meta,
            pending: &pending,
            confirm: &|_| Ok(()),
        })
        .map(drop)
}

#[test]
fn a_table_of_the_same_columns_stays_the_table_that_it_is() {
    let Some(database) = Database::new() else { return };
    let mut session = database.session();
    table(&mut session, "t", "select 1 as a, cast('x' as varchar(5)) as b").unwrap();
    database.execute("create index on t (a); comment on table t is 'mine'; create role same_reader; grant select on t to same_reader");
    let before = oid(&mut session, "t");
    table(&mut session, "t", "select 2 as a, cast('y' as varchar(5)) as b").unwrap();
    assert_eq!(oid(&mut session, "t"), before);
    let kept = "select obj_description('cache_demo.t'::regclass) || has_table_privilege('same_reader', 'cache_demo.t', 'select')
                || (select count(*) from pg_indexes where tablename = 't')";
    assert_eq!(text(&mut session, kept), "minetrue1");
    // Another length, name, order or number of columns is another table.
    for query in ["select 2 as a, cast('y' as varchar(6)) as b", "select 2 as a", "select cast(2 as bigint) as a"] {
        let before = oid(&mut session, "t");
        table(&mut session, "t", query).unwrap();
        assert_ne!(oid(&mut session, "t"), before, "{query}");
        let readable = "select has_table_privilege('same_reader', 'cache_demo.t', 'select')";
        assert_eq!(text(&mut session, readable), "true", "grants go with the name");
    }
    database.execute("revoke all on t from same_reader; drop role same_reader");
}

/// Readers of every isolation, while rows, columns and kind change under them.
#[test]
fn readers_never_see_a_missing_or_half_filled_table() {
    let Some(database) = Database::new() else { return };
    let mut session = database.session();
    let rows = |marker: usize| format!("select {marker} as marker from generate_series(1, 500)");
    table(&mut session, "t", &rows(0)).unwrap();
    view(&mut session, "v", "select marker from t").unwrap();
    let (done, seen) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for (source, isolation) in [("t", "read committed"), ("v", "read committed"), ("t", "repeatable read")] {
            let (done, seen, dsn) = (&done, &seen, &database.dsn);
            scope.spawn(move || {
                let mut client = server::connect(dsn);
                client.batch_execute("set search_path = cache_demo").unwrap();
                let whole = format!("select count(*), count(distinct marker) from {source}");
                while !done.load(Ordering::SeqCst) {
                    let mut transaction = client.transaction().unwrap();
                    transaction.batch_execute(&format!("set transaction isolation level {isolation}")).unwrap();
                    for _ in 0..3 {
                        let row = transaction.query_one(&whole, &[]).unwrap();
                        assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (500, 1), "{source} {isolation}");
                        seen.fetch_add(1, Ordering::SeqCst);
                    }
                }
            });
        }
        for marker in 1..40 {
            table(&mut session, "t", &rows(marker)).unwrap();
        }
        while seen.load(Ordering::SeqCst) < 100 {
            std::thread::yield_now();
        }
        done.store(true, Ordering::SeqCst);
    });
    // With other columns each time: nobody who reads what is committed finds it missing.
    done.store(false, Ordering::SeqCst);
    std::thread::scope(|scope| {
        for source in ["t", "v"] {
            let (done, dsn) = (&done, &database.dsn);
            scope.spawn(move || {
                let mut client = server::connect(dsn);
                client.batch_execute("set search_path = cache_demo").unwrap();
                while !done.load(Ordering::SeqCst) {
                    let row = client.query_one(&format!("select count(marker) from {source}"), &[]);
                    match row {
                        Ok(row) => assert_eq!(row.get::<_, i64>(0), 500),
                        // A reader and the swap may wait for each other: one of them is told so, and asks again.
                        Err(error) => assert_eq!(error.code().unwrap().code(), "40P01", "{error}"),
                    }
                }
            });
        }
        for marker in 1..30 {
            let more = format!("select marker, 'x' as c{marker} from ({}) as q", rows(marker));
            table(&mut session, "t", &more).unwrap();
        }
        done.store(true, Ordering::SeqCst);
    });
}

#[test]
fn views_over_a_swapped_table_read_the_new_one() {
    let Some(database) = Database::new() else { return };
    let mut session = database.session();
    table(&mut session, "t", "select 1 as a").unwrap();
    view(&mut session, "v", "select a from t").unwrap();
    database.execute("create schema apart; create view apart.\"Odd\" with (security_barrier = true) as select a from cache_demo.t where a > 0;
        create role view_reader; grant select on apart.\"Odd\" to view_reader; create view apart.above as select * from apart.\"Odd\"");
    let before = (oid(&mut session, "v"), session.held().unwrap());
    table(&mut session, "t", "select 'new' as b, 2 as a").unwrap();
    assert_eq!(text(&mut session, "select (select a from v) || '' || (select a from apart.above)"), "22");
    let options = "select array_to_string(reloptions, ',') || has_table_privilege('view_reader', oid, 'select')
                   from pg_class where relname = 'Odd'";
    assert_eq!(text(&mut session, options), "security_barrier=truetrue");
    assert_eq!(oid(&mut session, "v"), before.0);
    assert_eq!(
        session.held().unwrap().iter().find(|row| row.relation.name == "v"),
        before.1.iter().find(|row| row.relation.name == "v")
    );
    // A view in the table's place, and back.
    view(&mut session, "t", "select 3 as a").unwrap();
    assert_eq!(text(&mut session, "select a from apart.above"), "3");
    table(&mut session, "t", "select 4 as a").unwrap();
    assert_eq!(text(&mut session, "select a from v"), "4");
    assert_eq!(leftovers(&mut session), "0");
    database.execute("drop schema apart cascade; drop role view_reader");
}

fn leftovers(session: &mut Session) -> String {
    text(
        session,
        "select count(*)::int from pg_class where relname like '\\_ff\\_%' and relname not like '\\_ff\\_meta%' and relkind in ('r', 'v')",
    )
}

#[test]
fn a_view_that_cannot_be_kept_is_an_error_that_changes_nothing() {
    let Some(database) = Database::new() else { return };
    let mut session = database.session();
    table(&mut session, "t", "select 1 as a, 2 as b").unwrap();
    view(&mut session, "v", "select b from t").unwrap();
    for (query, part) in [
        ("select 3 as a", "column t.b does not exist"),
        ("select 3 as a, 'x' as b", "cannot change data type of view column"),
    ] {
        let error = table(&mut session, "t", query).unwrap_err();
        let message = "view cache_demo.v reads cache_demo.t and can't be kept over its new columns: ";
        assert!(error.message.starts_with(message) && error.message.contains(part), "{error}");
        assert_eq!(error.hint.as_deref(), Some("build it in the same run, or change or drop it"));
        assert_eq!(text(&mut session, "select b from v"), "2");
    }
    database.execute("drop view v; create materialized view m as select a from t");
    let error = table(&mut session, "t", "select 3 as a").unwrap_err();
    assert!(error.message.contains("view cache_demo.m") && error.message.contains("materialized"), "{error}");
    database.execute(
        "drop materialized view m; alter table t add primary key (a); create table child (a int references t)",
    );
    let error = table(&mut session, "t", "select 3 as a").unwrap_err();
    assert!(error.message.starts_with("cache_demo.t has other columns than before: "), "{error}");
    assert!(error.message.contains("child") && !error.message.contains("_ff_old"), "{error}");
    assert_eq!(leftovers(&mut session), "0");
}

/// A view that the same run will build again stays readable until then, over the rows that it had.
#[test]
fn a_view_that_is_still_to_be_built_stays_valid_until_it_is() {
    let Some(database) = Database::new() else { return };
    let mut session = database.session();
    table(&mut session, "t", "select 1 as a, 2 as b").unwrap();
    view(&mut session, "v", "select b from t").unwrap();
    view(&mut session, "w", "select b from v").unwrap();
    build_before(&mut session, "t", "select 3 as a", "v").unwrap();
    assert_eq!(
        (text(&mut session, "select a from t"), text(&mut session, "select b from w")),
        ("3".into(), "2".into())
    );
    // It counts as out of date, should the run end here.
    let recorded: Vec<String> = session.held().unwrap().into_iter().map(|row| row.relation.name).collect();
    assert_eq!(recorded, ["t", "w"]);
    assert_eq!(leftovers(&mut session), "1");
    // A later run finds what is left, and builds the view.
    let engine = open(&database.dsn, "cache_demo").unwrap();
    let mut later = super::session(&engine);
    assert_eq!(leftovers(&mut later), "1");
    view(&mut later, "v", "select a as b from t").unwrap();
    assert_eq!((text(&mut later, "select b from w"), leftovers(&mut later)), ("3".into(), "0".into()));
}

#[test]
fn what_depends_on_dropped_relations_is_named() {
    let Some(database) = Database::new() else { return };
    let mut session = database.session();
    table(&mut session, "t", "select 1 as a").unwrap();
    view(&mut session, "v", "select a from t").unwrap();
    let error = session.drop_relation(&named("t")).unwrap_err();
    assert!(error.message.contains("view v depends on table t"), "{error}");
    session.drop_relation(&named("v")).unwrap();
    session.drop_relation(&named("t")).unwrap();
}

#[test]
fn case_tells_names_apart() {
    let Some(database) = Database::new() else { return };
    let mut session = database.session();
    for (name, value) in [("users", "1"), ("Users", "2")] {
        let meta = crate::engine::Row { node: crate::name::NodeName::new(name), ..row(&named(name), name) };
        let query = format!("select {value} as a");
        put(&mut session, &named(name), RelationKind::Table, Content::Query(&query), meta).unwrap();
    }
    assert_eq!(text(&mut session, "select users.a || '' || u.a from users, \"Users\" u"), "12");
    assert_eq!(session.held().unwrap().len(), 2);
}
