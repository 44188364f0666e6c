//! Settings, schemas, rights, the claim, and connections that are lost.

use super::*;
use crate::engine::{Claim, SchemaName};
use std::collections::BTreeSet;

fn refusal(settings: Value) -> EngineError {
    try_open(&project(settings)).err().unwrap()
}

#[test]
fn wrong_settings_are_told_with_their_place_and_without_secrets() {
    for (settings, message) in [
        (json!({}), "the profile has no `dsn` (profiles.yml)"),
        (json!({"dsn": ""}), "the profile has no `dsn` (profiles.yml)"),
        (json!({"dns": "postgresql://u:hunter2@h/d"}), "unknown key `dns` in `postgres` (profiles.yml)"),
        (json!({"dsn": "hunter2"}), "`dsn` can't be read: it is neither a URL nor `key=value` pairs (profiles.yml)"),
        (
            json!({"dsn": "host=h password=hunter2 sslmode=verify-full sslrootcert=none.pem"}),
            "the `sslrootcert` of `dsn`, none.pem, can't be read: ",
        ),
    ] {
        let error = refusal(settings);
        assert_eq!(error.kind, ErrorKind::Settings);
        assert!(error.message.starts_with(message), "{error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let error = refusal(json!({"dsn": "postgresql://u:hunter2@127.0.0.1:1/shop"}));
    assert_eq!(error.kind, ErrorKind::Connection);
    assert!(error.message.starts_with("can't connect to the database 127.0.0.1:1/shop: "), "{error}");
    assert!(error.message.contains("refused") && error.hint.is_some(), "{error}");
    assert!(!error.to_string().contains("hunter2"), "{error}");
}

#[test]
fn what_the_server_refuses_is_told() {
    let Some(database) = Database::new() else { return };
    let error = open(&database.dsn.replace("/test", "/no_test"), "x").err().unwrap();
    assert!(error.message.contains("does not exist (SQLSTATE 3D000)"), "{error}");
    assert_eq!(error.hint.as_deref(), Some("create the database, or name another in `dsn`"));
    let error = open(&database.dsn.replace("user=postgres", "user=nobody_here"), "x").err().unwrap();
    assert!(error.message.contains("nobody_here") && error.hint.is_some(), "{error}");
    let target = database.engine.target();
    assert!(target.starts_with("postgres:/tmp/") && target.ends_with("/cache_demo"), "{target}");
}

#[test]
fn who_may_not_make_a_schema_may_use_one() {
    let Some(database) = Database::new() else { return };
    let mut own = database.session();
    table(&mut own, "given", "select 1 as a").unwrap();
    let role = format!("builder_{}", std::process::id());
    let dsn = database.role(&role);
    let mut other = open(&dsn, "elsewhere").unwrap().session().unwrap();
    let error = other.prepare(&BTreeSet::new()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Statement);
    assert!(error.message.starts_with("permission denied for database"), "{error}");
    assert_eq!(error.hint.as_deref(), Some("grant that to the role that `dsn` of the profile names"));
    database.execute(&format!(
        "grant usage, create on schema cache_demo to {role};
         grant select, insert, update, delete on _ff_meta, given to {role}"
    ));
    let mut other = open(&dsn, "cache_demo").unwrap().session().unwrap();
    other.prepare(&BTreeSet::from([SchemaName { catalog: None, schema: None }])).unwrap();
    table(&mut other, "mine", "select 2 as a").unwrap();
    // Rows may be replaced by who may delete and insert; another relation in its place is the owner's matter.
    table(&mut other, "given", "select 3 as a").unwrap();
    let error = table(&mut other, "given", "select 3 as b").unwrap_err();
    assert!(error.message.starts_with("must be owner of table given"), "{error}");
    assert_eq!(text(&mut own, "select a from given"), "3");
    database.execute("create table closed (a int)");
    let error = table(&mut other, "mine", "select a from closed").unwrap_err();
    assert!(error.message.starts_with("permission denied for table closed"), "{error}");
}

#[test]
fn one_run_of_a_project_and_schema_at_a_time() {
    let Some(database) = Database::new() else { return };
    let claim = |session: &mut Session, project: &str| session.claim(project).unwrap();
    let (mut first, mut second) = (database.session(), database.session());
    assert_eq!(claim(&mut first, "shop"), Claim::Held);
    assert_eq!(claim(&mut second, "another"), Claim::Held);
    let Claim::Taken(words) = claim(&mut second, "shop") else { panic!("two at once") };
    assert!(words.starts_with("the schema cache_demo (server process "), "{words}");
    assert!(words.contains(", on the server's machine, connected since 20"), "{words}");
    let mut elsewhere = open(&database.dsn, "other").unwrap().session().unwrap();
    assert_eq!(claim(&mut elsewhere, "shop"), Claim::Held);
    drop(first);
    for _ in 0..100 {
        if claim(&mut second, "shop") == Claim::Held {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    panic!("the claim outlived its session");
}

#[test]
fn a_lost_connection_is_told_and_a_new_session_works() {
    let Some(mut server) = server::Server::start("") else { return };
    let engine = open(&server.dsn("postgres"), "cache_demo").unwrap();
    let mut session = session(&engine);
    table(&mut session, "t", "select 1 as a").unwrap();
    let waiting = std::thread::spawn(move || {
        let error = table(&mut session, "t", "select 2 as a from pg_sleep(600)").unwrap_err();
        (error, session.relations().unwrap_err())
    });
    let mut watcher = server::connect(&server.dsn("postgres"));
    let asleep = "select count(*) from pg_stat_activity where wait_event = 'PgSleep'";
    while watcher.query_one(asleep, &[]).unwrap().get::<_, i64>(0) == 0 {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    server.tell("restart");
    let (first, second) = waiting.join().unwrap();
    assert_eq!((first.kind, second.kind), (ErrorKind::Connection, ErrorKind::Connection), "{first}\n{second}");
    let mut again = engine.session().unwrap();
    assert_eq!(text(&mut again, "select a from t"), "1");
    assert_eq!(again.held().unwrap().len(), 1);
    table(&mut again, "t", "select 4 as a").unwrap();
}

#[test]
fn a_statement_that_takes_longer_than_the_server_allows_is_no_interrupt() {
    let Some(database) = Database::new() else { return };
    let dsn = format!("{}&options=-c%20statement_timeout%3D50", database.dsn);
    let mut session = session(&open(&dsn, "cache_demo").unwrap());
    let error = table(&mut session, "t", "select 1 as a from pg_sleep(60)").unwrap_err();
    assert_eq!(error.kind, ErrorKind::Statement);
    assert!(error.message.contains("statement timeout"), "{error}");
}
