//! Databases as a whole: settings, locks, threads, dates without `icu`.

use super::*;
use crate::dialect::{Dialect, DuckDb};
use std::process::Command;
use std::time::Duration;

#[test]
fn the_default_database_is_in_the_project() {
    let fixture = Fixture::demo();
    assert_eq!(fixture.engine().target(), "duckdb:.local/cache_demo.duckdb");
    assert!(fixture.root().join(".local/cache_demo.duckdb").is_file());
    let memory = Fixture::new(json!({"path": ":memory:"}));
    assert_eq!(memory.engine().target(), "duckdb::memory:");
    table(&mut memory.session(), "t", "select 1 as a").unwrap();
}

#[test]
fn a_schema_may_have_the_name_of_the_file() {
    let fixture = Fixture::demo();
    let mut session = fixture.session();
    table(&mut session, "t", "select 1 as a").unwrap();
    replace(&mut session, &named("v"), RelationKind::View, "select a from cache_demo.t").unwrap();
    assert_eq!(text(&mut session, "select a from cache_demo.v"), "1");
    let settings = json!({"db_schema": "x", "catalog": "X"});
    let error = Fixture::new(settings).try_open().err().unwrap();
    assert_eq!(error.kind, ErrorKind::Settings);
}

#[test]
fn wrong_settings_are_told_with_their_place() {
    for (settings, message, hint) in [
        (json!({"pth": "x"}), "unknown key `pth` in `duckdb` (profiles.yml:3:5)", Some("did you mean `path`?")),
        (
            json!({"attach": [{"paht": "x"}]}),
            "unknown key `paht` in `attach` (profiles.yml:3:5)",
            Some("did you mean `path`?"),
        ),
        (json!({"attach": "x"}), "`attach` is to be a list of databases (profiles.yml:3:5)", None),
        (json!({"memory_limit": "lots"}), "DuckDB refuses the profile's settings: ", None),
        (
            json!({"autoinstall_known_extensions": "perhaps"}),
            "`autoinstall_known_extensions` is to be true or false, not `perhaps`",
            None,
        ),
        (json!({"storage_version": "v0.0.0"}), "can't open the database", None),
        (json!({"catalog": "temp"}), "DuckDB has a database `temp` of its own", None),
    ] {
        let error = Fixture::new(settings.clone()).try_open().err().unwrap();
        assert_eq!(error.kind, ErrorKind::Settings, "{settings}: {error}");
        assert!(error.message.starts_with(message), "{error}");
        assert!(hint.is_none() || error.hint.as_deref() == hint, "{error:?}");
    }
}

#[test]
fn settings_reach_duckdb() {
    let settings = json!({
        "path": "data/../data/x.db", "threads": "3", "memory_limit": "123MB", "storage_version": "v1.4.0",
        "temp_directory": "spill", "catalog": "lake", "schema": "",
    });
    let fixture = Fixture::new(settings);
    let mut session = fixture.session();
    assert_eq!(text(&mut session, "select current_setting('threads')"), "3");
    assert_eq!(text(&mut session, "select current_catalog() || '.' || current_schema()"), "lake.main");
    let spill = text(&mut session, "select current_setting('temp_directory')");
    assert_eq!(Path::new(&spill), fixture.root().join("spill"));
    let sql = "select tags['storage_version'] from duckdb_databases() where database_name = 'lake'";
    assert!(text(&mut session, sql).starts_with("v1.4.0"));
}

/// Not a test of its own: what [`another_process_is_named`] runs in a second process.
#[test]
fn hold_the_database() {
    let Ok(root) = std::env::var("FFT_TEST_HOLD") else { return };
    let engine = try_open(&project(Path::new(&root), &json!({}))).unwrap();
    std::fs::write(Path::new(&root).join("held"), "").unwrap();
    while Path::new(&root).join("held").exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    drop(engine);
}

#[test]
fn another_process_is_named() {
    let fixture = Fixture::new(json!({}));
    let test = concat!(module_path!(), "::hold_the_database");
    let test = test.split_once("::").unwrap().1;
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test])
        .env("FFT_TEST_HOLD", fixture.root())
        .spawn()
        .unwrap();
    let held = fixture.root().join("held");
    while !held.exists() {
        assert!(holder.try_wait().unwrap().is_none(), "the holder ended early");
        std::thread::sleep(Duration::from_millis(5));
    }
    let error = fixture.try_open().err();
    std::fs::remove_file(held).unwrap();
    assert!(holder.wait().unwrap().success());
    let error = error.unwrap();
    assert_eq!(error.kind, ErrorKind::Locked);
    assert!(error.message.contains(&format!("PID {}", holder.id())), "{error}");
    assert!(!error.message.contains(&*fixture.root().to_string_lossy()), "{error}");
    fixture.session();
}

#[test]
fn a_file_of_another_kind_is_refused() {
    let fixture = Fixture::new(json!({"path": "x.duckdb"}));
    std::fs::write(fixture.root().join("x.duckdb"), "hello".repeat(5000)).unwrap();
    let error = fixture.try_open().err().unwrap();
    assert_eq!(error.kind, ErrorKind::Connection);
    assert!(error.message.ends_with("the file isn't a DuckDB database (25000 bytes)"), "{error}");
    let settings = json!({"attach": [{"path": "other.db", "alias": "other"}], "catalog": "OTHER"});
    let fixture = Fixture::new(settings);
    assert_eq!(fixture.engine().target(), "duckdb:other.db");
    std::fs::write(fixture.root().join("other.db"), "hello".repeat(5000)).unwrap();
    let error = fixture.try_open().err().unwrap();
    assert!(error.message.starts_with("can't open the database other.db: "), "{error}");
}

#[test]
fn dates_work_in_utc_without_icu() {
    let fixture = Fixture::new(json!({"extension_directory": "extensions"}));
    let engine = fixture.engine();
    let mut first = engine.session().unwrap();
    first.prepare(&BTreeSet::new()).unwrap();
    let query = "select current_date as a, current_date() as b, today() as c, current_timestamp::timestamp as d,
                        current_date - interval 1 day as e";
    replace(&mut first, &named("days"), RelationKind::View, query).unwrap();
    let mut second = engine.session().unwrap();
    let sql = "select a = b and b = c and typeof(a) = 'DATE' and a = d::date from days";
    assert_eq!(text(&mut second, sql), "true");
    for query in [
        "select now()::date",
        "select now() + interval 1 day",
        "select now() at time zone 'Europe/Berlin'",
        "set TimeZone = 'UTC'",
        "select date_trunc('day', now())",
    ] {
        let error = second.read(query).unwrap_err();
        assert!(error.hint.as_deref().is_some_and(|hint| hint.contains("extension_directory")), "{query}: {error:?}");
    }
}

#[test]
fn template_helpers_run_without_icu() {
    let fixture = Fixture::new(json!({"path": ":memory:", "extension_directory": "none"}));
    let mut session = fixture.session();
    for expr in ["date '2024-03-31'", "'2024-03-31 10:00:00'", "timestamptz '2024-03-31 10:00:00+00'"] {
        assert_eq!(
            text(&mut session, &format!("select {}::text", DuckDb.date_trunc("month", expr))),
            "2024-03-01 00:00:00"
        );
        let sum = DuckDb.date_trunc("day", &DuckDb.date_add("month", -1, expr));
        assert_eq!(text(&mut session, &format!("select {sum}::text")), "2024-02-29 00:00:00");
    }
    let cast = DuckDb.safe_cast("'x'", "integer", Some("-1"));
    assert_eq!(text(&mut session, &format!("select {cast}")), "-1");
    let filter = DuckDb.partition_filter("date '2024-01-31'", Some(&json!("2024-01-01")), Some(&json!("2024-01-31")));
    let within = DuckDb.partition_in("2", &[json!(1), json!(2)]);
    assert_eq!(text(&mut session, &format!("select {filter} and {within}")), "true");
}
