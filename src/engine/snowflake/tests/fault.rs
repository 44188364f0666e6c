//! What goes wrong between fft and an account.

use super::behind::{account, answer, connect, count, create, done, failed, named, now, numbers, part, running};
use super::driver;
use crate::dialect::Statement;
use crate::engine::rest::stub::{Reply, Stub};
use crate::engine::{Connection, EngineError, ErrorKind, Observe};
use crate::name::RelationName;
use arrow::datatypes::DataType;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

const SECRETS: [&str; 3] = ["pat-secret-0815", "hunter2", "BEGIN"];

fn told_nothing_secret(error: &EngineError) {
    assert!(!SECRETS.iter().any(|secret| format!("{error:?}").contains(secret)), "{error:?}");
}

#[test]
fn each_request_says_who_asks_and_where() {
    let stub = account(vec![("submit", vec![done(&[]), done(&[])])]);
    let mut connection = connect(&stub);
    connection.run(&create().commented("fft run-1 t.ff")).unwrap();
    connection.run(&Statement::from("insert into m values (?, ?)").with(vec![Some("x".into()), None])).unwrap();
    let seen = stub.seen();
    let parameters = |tag: &str| json!({"TIMEZONE": "UTC", "QUERY_TAG": tag, "BINARY_OUTPUT_FORMAT": "HEX", "ROWS_PER_RESULTSET": 0});
    assert_eq!(
        seen[0].json(),
        json!({
            "statement": "/* fft run-1 t.ff */ create or replace table t as (\nselect a + 1 as a from t\n)",
            "database": "D", "schema": "S", "warehouse": "W", "role": "R", "parameters": parameters("fft run-1 t.ff")
        })
    );
    let text = |value: Value| json!({"type": "TEXT", "value": value});
    let mut of_texts = parameters("fft");
    for format in ["DATE_INPUT_FORMAT", "TIME_INPUT_FORMAT", "TIMESTAMP_INPUT_FORMAT"] {
        of_texts[format] = json!("AUTO");
    }
    let bindings = json!({"1": text(json!("x")), "2": text(Value::Null)});
    assert_eq!(
        seen[1].json(),
        json!({
            "statement": "insert into m values (?, ?)", "database": "D", "warehouse": "W", "role": "R",
            "parameters": of_texts, "bindings": bindings
        })
    );
    for seen in &seen {
        let head = seen.head.to_lowercase();
        assert!(head.contains("x-snowflake-authorization-token-type: programmatic_access_token"), "{head}");
        assert!(head.contains("authorization: bearer pat-secret-0815"), "{head}");
        assert!(head.contains("user-agent: fft/"), "{head}");
    }
    assert!(seen[0].line().contains("&async=true") && !seen[1].line().contains("async"));
}

#[test]
fn a_throttled_statement_is_sent_again_and_run_once() {
    let stub = account(vec![("submit", vec![now("429 Too Many Requests"), now("503 Unavailable"), done(&[])])]);
    connect(&stub).run(&create()).unwrap();
    let named = named(&stub);
    assert_eq!(named.iter().map(|(_, again)| *again).collect::<Vec<_>>(), [false, true, true]);
    assert!(named.iter().all(|(id, _)| *id == named[0].0), "one number: {named:?}");
    // One that has too much to do for long says so.
    let stub = account(vec![("submit", vec![now("429 Too Many Requests")])]);
    let error = connect(&stub).run(&"select 1".into()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Connection);
    assert!(error.message.contains("HTTP 429"), "{error}");
}

/// An account that does what it is asked, once a number: whatever becomes of the answers.
struct Ledger {
    stub: Stub,
    effects: Arc<Mutex<BTreeMap<String, usize>>>,
}

impl Ledger {
    /// `lost`: which of the requests are cut off, before or behind what they do.
    fn new(lost: fn(usize) -> Option<bool>) -> Ledger {
        let effects: Arc<Mutex<BTreeMap<String, usize>>> = Arc::default();
        let of_stub = effects.clone();
        let stub = Stub::start(move |number, seen| {
            let query = seen.line().split(['?', ' ']).nth(2).unwrap_or_default().to_string();
            let id = query.split('&').next().unwrap_or_default().to_string();
            let again = query.ends_with("&retry=true");
            let mut effects = of_stub.lock().unwrap();
            if lost(number) != Some(false) {
                let times = effects.entry(id).or_default();
                // Without the word that it is sent again, the service does it again.
                *times += usize::from(*times == 0 || !again);
            }
            if lost(number).is_some() { Reply::Cut } else { done(&[]) }
        });
        Ledger { stub, effects }
    }
}

#[test]
fn a_statement_takes_effect_once_though_its_answer_is_lost() {
    for lost in [
        // Before it takes effect, behind that, one after the other.
        (|number| (number == 0).then_some(false)) as fn(usize) -> Option<bool>,
        |number| (number == 0).then_some(true),
        |number| (number < 3).then_some(number % 2 == 0),
    ] {
        let ledger = Ledger::new(lost);
        let mut connection = connect(&ledger.stub);
        connection.run(&"insert into t select 1".into()).unwrap();
        connection.run(&create()).unwrap();
        let effects = ledger.effects.lock().unwrap();
        assert_eq!(effects.values().copied().collect::<Vec<_>>(), [1, 1], "two statements, each once");
    }
}

#[test]
fn a_server_that_breaks_behind_a_statement_is_asked_by_its_number() {
    let stub = account(vec![("submit", vec![now("500 Broken"), now("504 Late"), done(&[])])]);
    connect(&stub).run(&create()).unwrap();
    assert_eq!(named(&stub).iter().map(|(_, again)| *again).collect::<Vec<_>>(), [false, true, true]);
}

#[test]
fn a_token_that_ends_within_a_run_is_signed_anew() {
    let gone = || answer("401 Unauthorized", &json!({"code": "390144", "message": "JWT token is invalid. [1-2-3]"}));
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key.p8");
    std::fs::write(&key, crate::engine::rest::key::tests::PEM).unwrap();
    let settings = |stub: &Stub| {
        json!({
            "account": "org-acct", "host": stub.url("/"), "user": "ada", "private_key_path": key.to_str(), "database": "d"
        })
    };
    let stub = account(vec![("submit", vec![gone(), done(&[1])])]);
    assert_eq!(numbers(&mut driver(&settings(&stub)).connect_to(), &"select 1".into()).unwrap(), [1]);
    assert_eq!(count(&stub, "submit"), 2);
    let head = stub.seen()[0].head.to_lowercase();
    assert!(head.contains("x-snowflake-authorization-token-type: keypair_jwt"), "{head}");
    // While a statement runs.
    let stub = account(vec![("submit", vec![running()]), ("look", vec![gone(), done(&[2])])]);
    assert_eq!(numbers(&mut driver(&settings(&stub)).connect_to(), &Statement::query("select 2")).unwrap(), [2]);
    assert_eq!((count(&stub, "submit"), count(&stub, "look")), (1, 2));
    // One who may really not: told once, and nothing of the token.
    let stub = account(vec![("submit", vec![gone()])]);
    let error = driver(&settings(&stub)).connect_to().run(&"select 1".into()).unwrap_err();
    assert_eq!((error.kind, count(&stub, "submit")), (ErrorKind::Settings, 2));
    assert_eq!(error.message, "the account doesn't know who asks (HTTP 401): JWT token is invalid");
    told_nothing_secret(&error);
}

#[test]
fn a_server_that_fails_while_a_statement_runs_is_asked_again() {
    let look = vec![now("500 Broken"), Reply::Cut, running(), now("429 Too Many Requests"), done(&[3])];
    let stub = account(vec![("submit", vec![running()]), ("look", look)]);
    assert_eq!(numbers(&mut connect(&stub), &Statement::query("select 3")).unwrap(), [3]);
    assert_eq!((count(&stub, "submit"), count(&stub, "look")), (1, 5));
}

#[test]
fn a_part_of_a_result_that_is_lost_is_asked_for_anew() {
    let rest = Reply::json(&json!({"data": [["3"], ["4"]]}));
    let stub = account(vec![
        ("submit", vec![Reply::json(&part(&[1, 2], 4, 2))]),
        ("part", vec![now("503 Unavailable"), Reply::Cut, rest]),
    ]);
    assert_eq!(numbers(&mut connect(&stub), &Statement::query("select n")).unwrap(), [1, 2, 3, 4]);
    assert_eq!((count(&stub, "submit"), count(&stub, "part")), (1, 3));
    // Gone for good.
    let stub = account(vec![
        ("submit", vec![Reply::json(&part(&[1, 2], 4, 2))]),
        ("part", vec![answer("400 Bad Request", &json!({"code": "391907", "message": "Partition 1 doesn't exist."}))]),
    ]);
    let error = numbers(&mut connect(&stub), &Statement::query("select n")).unwrap_err();
    assert!(error.message.contains("Partition 1"), "{error}");
    told_nothing_secret(&error);
}

#[test]
fn rows_that_are_missing_are_an_error() {
    let stub = account(vec![("submit", vec![Reply::json(&part(&[1, 2], 3, 1))])]);
    let error = numbers(&mut connect(&stub), &"select 1".into()).unwrap_err();
    assert!(error.message.contains("2 of 3 rows"), "{error}");
    let broken = Reply::Answer("200 OK".into(), b"{\"resultSetMetaData\": {\"numRows\": 1".to_vec());
    let stub = account(vec![("submit", vec![broken])]);
    let error = numbers(&mut connect(&stub), &"select 1".into()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Connection);
}

#[test]
fn whole_numbers_are_of_64_bits_where_all_of_a_result_fit_them() {
    let kind = |values: [&str; 2]| {
        let column = json!({"name": "N", "type": "fixed", "precision": 38, "scale": 0});
        let data = json!({"numRows": 2, "rowType": [column], "partitionInfo": [{}, {}]});
        let first = json!({"resultSetMetaData": data, "data": [[values[0]]], "statementHandle": "h-1"});
        let second = Reply::json(&json!([[values[1]]]));
        let stub = account(vec![("submit", vec![Reply::json(&first)]), ("part", vec![second])]);
        let mut found = Vec::new();
        let taken = connect(&stub).rows(&Statement::query("select n"), false, &mut |batch| {
            found.push((batch.column(0).data_type().clone(), batch.num_rows()));
            Ok(())
        });
        taken.unwrap();
        found
    };
    assert_eq!(kind(["1", "9223372036854775807"]), [(DataType::Int64, 2)]);
    assert_eq!(kind(["1", "9223372036854775808"]), [(DataType::Decimal128(38, 0), 2)]);
}

#[test]
fn a_running_statement_is_cancelled_and_waited_for() {
    let cancelled = || failed("000604", "SQL execution canceled");
    let ended = |last: Reply| {
        let stub = account(vec![
            ("submit", vec![running()]),
            ("look", vec![running(), running(), last]),
            ("cancel", vec![Reply::json(&json!({}))]),
        ]);
        let mut connection = connect(&stub);
        let handle = connection.interrupt();
        let result = std::thread::scope(|scope| {
            let running = scope.spawn(|| numbers(&mut connection, &Statement::query("select 1")));
            stub.asked(2);
            handle.interrupt();
            running.join().unwrap()
        });
        (result, count(&stub, "cancel"))
    };
    let (result, cancels) = ended(cancelled());
    assert_eq!((result.unwrap_err().kind, cancels), (ErrorKind::Interrupted, 1));
    // One that was done before it could be cancelled is done.
    let (result, _) = ended(done(&[]));
    assert_eq!(result.unwrap(), Vec::<i64>::new());
    // Somebody else's end of it is no interrupt.
    let stub = account(vec![("submit", vec![cancelled()])]);
    let error = connect(&stub).run(&"select 1".into()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Statement);
    // The account's own end, since it took too long.
    let slow = answer("408 Request Timeout", &json!({"code": "000630", "message": "Statement reached its timeout."}));
    let stub = account(vec![("submit", vec![running()]), ("look", vec![slow])]);
    let error = connect(&stub).run(&Statement::query("select 1")).unwrap_err();
    assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Statement, "Statement reached its timeout (000630)"));
}

#[test]
fn a_statement_that_is_known_too_late_is_cancelled_all_the_same() {
    let (go, wait) = std::sync::mpsc::channel();
    let body = json!({"code": "333334", "message": "under way", "statementHandle": "h-1"}).to_string().into_bytes();
    let held = Reply::Held("202 Accepted".into(), body, wait);
    let stub = account(vec![("submit", vec![held]), ("cancel", vec![Reply::json(&json!({}))])]);
    let mut connection = connect(&stub);
    let handle = connection.interrupt();
    let error = std::thread::scope(|scope| {
        let running = scope.spawn(|| connection.run(&create()).unwrap_err());
        stub.asked(1);
        handle.interrupt();
        running.join().unwrap()
    });
    assert_eq!(error.kind, ErrorKind::Interrupted);
    assert_eq!(error.left.as_deref(), Some("the statement that was just sent"));
    go.send(()).unwrap();
    stub.asked(2);
    assert_eq!(count(&stub, "cancel"), 1);
}

/// Whatever the network does, an end that is asked for comes within seconds, and what may still run is told.
#[test]
fn what_cannot_be_cancelled_in_time_is_told() {
    let unanswered = || Reply::held("200 OK");
    let (_held, cancel) = unanswered();
    let stub = account(vec![("submit", vec![running()]), ("look", vec![running()]), ("cancel", vec![cancel])]);
    let mut connection = connect(&stub);
    let handle = connection.interrupt();
    let error = std::thread::scope(|scope| {
        let running = scope.spawn(|| connection.run(&create()).unwrap_err());
        stub.asked(2);
        handle.interrupt();
        running.join().unwrap()
    });
    assert_eq!((error.kind, error.left.as_deref()), (ErrorKind::Interrupted, Some("the statement h-1")));
    // It was asked for once: there was no answer to ask again after.
    assert_eq!(count(&stub, "cancel"), 1);
}

/// What a build of a view reads isn't told by the number of the table before it.
#[test]
fn a_number_is_told_of_its_own_statement_alone() {
    let stub = account(vec![("submit", vec![done(&[]), done(&[3]), done(&[])])]);
    let mut connection = connect(&stub);
    let relation = |name| RelationName::new(Some("d"), Some("s"), name);
    // The table was made, and what came behind it failed: nobody asked what it had read.
    connection.run(&Statement { makes: Some(relation("t")), ..create() }).unwrap();
    connection.run(&Statement::around("create or replace view v as (\n", "select 1 as a", "\n)")).unwrap();
    let asked = count(&stub, "submit");
    assert_eq!(connection.measured(&relation("v")).bytes_scanned(), None);
    assert_eq!(count(&stub, "submit"), asked, "nothing is asked of a statement that isn't its own");
}

#[test]
fn what_others_are_in_the_way_of_is_tried_again() {
    let busy =
        failed("000625", "Statement 'x' has locked table 'T' in transaction and this lock has not yet been released.");
    let stub = account(vec![("submit", vec![busy, done(&[])])]);
    connect(&stub).run(&"delete from m where r = 'r'".into()).unwrap();
    // It is another statement: the first one has ended.
    let named = named(&stub);
    assert!(named.len() == 2 && named[0].0 != named[1].0 && !named[1].1, "{named:?}");
}

#[test]
fn what_the_account_does_not_tell_of_a_statement_is_left_out() {
    let plan = |bytes: u64| {
        let plan = json!({"GlobalStats": {"bytesAssigned": bytes}, "Operations": [[
            {"operation": "TableScan", "objects": ["D.S.U"], "bytesAssigned": bytes}]]});
        let column = json!({"name": "content", "type": "text"});
        let data = json!({"numRows": 1, "rowType": [column], "partitionInfo": [{}]});
        Reply::json(&json!({"resultSetMetaData": data, "data": [[plan.to_string()]]}))
    };
    for (bytes, then, expected) in [
        (done(&[4096]), vec![], (Some(4096), false)),
        (failed("002140", "Unknown table function"), vec![plan(512)], (Some(512), true)),
        (failed("002140", "Unknown table function"), vec![failed("x", "y")], (None, false)),
    ] {
        let submits = [done(&[]), done(&[3]), bytes].into_iter().chain(then);
        let stub = account(vec![("submit", submits.collect())]);
        let mut connection = connect(&stub);
        let relation = RelationName::new(Some("d"), Some("s"), "t");
        let built = connection.run(&Statement { makes: Some(relation.clone()), ..create() }).unwrap();
        let built = built.and(connection.measured(&relation));
        assert_eq!((built.rows(), (built.bytes_scanned(), built.bytes_estimated())), (Some(3), expected));
        assert_eq!(built.others()["statement_id"], "h-1");
    }
}
