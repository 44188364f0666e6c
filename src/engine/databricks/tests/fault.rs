//! What goes wrong between fft and a workspace.

use super::{driver, stubbed};
use crate::dialect::Statement;
use crate::engine::databricks::handle::DatabricksConnection;
use crate::engine::rest::stub::{Reply, Seen, Stub};
use crate::engine::{Connection, EngineError, ErrorKind, Observe};
use crate::name::RelationName;
use arrow::array::{Int64Array, RecordBatch};
use arrow::ipc::writer::StreamWriter;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

const SECRETS: [&str; 4] = ["dapi-secret-0815", "hunter2", "signature", "oauth-"];

fn connect(stub: &Stub) -> DatabricksConnection {
    driver(&stubbed(&stub.url("/"))).connect_to()
}

fn put_off() -> Reply {
    Reply::head("429 Too Many Requests\r\nRetry-After: 0")
}

fn state(state: &str) -> Value {
    json!({"statement_id": "s-1", "status": {"state": state}})
}

/// A statement that is done and gave these numbers in the answer.
fn done(numbers: &[i64]) -> Value {
    let rows: Vec<Vec<String>> = numbers.iter().map(|number| vec![number.to_string()]).collect();
    let manifest =
        json!({"schema": {"columns": [{"name": "n", "type_text": "BIGINT"}]}, "total_row_count": numbers.len()});
    json!({"statement_id": "s-1", "status": {"state": "SUCCEEDED"}, "manifest": manifest, "result": {"data_array": rows}})
}

fn asks(seen: &Seen) -> &'static str {
    let line = seen.line();
    match () {
        () if line.starts_with("POST /api/2.0/sql/statements ") => "submit",
        () if line.contains("/cancel ") => "cancel",
        () if line.contains("/result/chunks/") => "chunk",
        () if line.starts_with("GET /api/2.0/sql/statements/") => "look",
        () if line.contains("/history/") => "history",
        () if line.contains("/oidc/") => "token",
        () if line.contains("/rows/") => "rows",
        () => "other",
    }
}

/// A workspace that answers each kind of request in turn, the last of its answers again and again.
fn workspace(answers: Vec<(&'static str, Vec<Reply>)>) -> Stub {
    Stub::by_kind(asks, answers, |_| Reply::head("404 Not Found"))
}

fn count(stub: &Stub, ask: &str) -> usize {
    stub.seen().iter().filter(|seen| asks(seen) == ask).count()
}

fn numbers(connection: &mut DatabricksConnection, query: &Statement) -> Result<Vec<i64>, EngineError> {
    let mut found = Vec::new();
    connection.rows(query, false, &mut |batch| {
        let column = batch.column(0).as_any().downcast_ref::<Int64Array>().expect("numbers");
        found.extend(column.values());
        Ok(())
    })?;
    Ok(found)
}

fn told_nothing_secret(error: &EngineError) {
    assert!(!SECRETS.iter().any(|secret| format!("{error:?}").contains(secret)), "{error:?}");
}

#[test]
fn a_throttled_statement_is_sent_again_and_run_once() {
    let unavailable = Reply::head("503 Service Unavailable\r\nRetry-After: 0");
    let stub = workspace(vec![("submit", vec![put_off(), unavailable, Reply::json(&done(&[]))])]);
    connect(&stub).run(&"create or replace table t as (\nselect 1\n)".into()).unwrap();
    assert_eq!(count(&stub, "submit"), 3);
    // One that has too much to do for long says so.
    let stub = workspace(vec![("submit", vec![put_off()])]);
    let error = connect(&stub).run(&"select 1".into()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Connection);
    assert!(error.message.contains("HTTP 429"), "{error}");
}

#[test]
fn a_token_that_ends_within_a_run_is_renewed() {
    let refused =
        || Reply::Answer("403 Forbidden".into(), br#"{"message": "Invalid access token. [ReqId: 1]"}"#.to_vec());
    let token = |number: usize| Reply::json(&json!({"access_token": format!("oauth-{number}"), "expires_in": 3600}));
    let answers = || vec![Reply::json(&done(&[1])), refused(), Reply::json(&done(&[2]))];
    let stub = workspace(vec![("submit", answers()), ("token", vec![token(1), token(2)])]);
    let settings = json!({"host": stub.url("/"), "client_id": "me", "client_secret": "hunter2", "warehouse_id": "w"});
    let mut connection = driver(&settings).connect_to();
    assert_eq!(numbers(&mut connection, &"select 1".into()).unwrap(), [1]);
    assert_eq!(numbers(&mut connection, &"select 2".into()).unwrap(), [2]);
    let bearers: Vec<String> = stub
        .seen()
        .iter()
        .filter(|seen| asks(seen) == "submit")
        .map(|seen| {
            let line = seen.head.lines().find(|line| line.to_lowercase().starts_with("authorization:")).unwrap();
            line.rsplit(' ').next().unwrap().to_string()
        })
        .collect();
    assert_eq!(bearers, ["oauth-1", "oauth-1", "oauth-2"]);
    assert_eq!(count(&stub, "token"), 2);
    // One who may really not: told once, and nothing of the token.
    let stub = workspace(vec![("submit", vec![refused()]), ("token", vec![token(1), token(2)])]);
    let settings = json!({"host": stub.url("/"), "client_id": "me", "client_secret": "hunter2", "warehouse_id": "w"});
    let error = driver(&settings).connect_to().run(&"select 1".into()).unwrap_err();
    assert_eq!((error.kind, count(&stub, "submit")), (ErrorKind::Settings, 2));
    assert_eq!(error.message, "the workspace doesn't allow that (HTTP 403): Invalid access token");
    told_nothing_secret(&error);
    let stub = workspace(vec![("token", vec![Reply::head("401 Unauthorized")])]);
    let settings = json!({"host": stub.url("/"), "client_id": "me", "client_secret": "hunter2", "warehouse_id": "w"});
    let error = driver(&settings).connect_to().run(&"select 1".into()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Settings);
    told_nothing_secret(&error);
}

#[test]
fn a_statement_whose_answer_is_lost_is_sent_again_only_where_twice_does_no_more_than_once() {
    let stub = workspace(vec![("submit", vec![Reply::Cut, Reply::json(&done(&[7]))])]);
    assert_eq!(numbers(&mut connect(&stub), &"select 7".into()).unwrap(), [7]);
    // It may have taken effect, and what reads what it replaces would do so twice.
    let stub = workspace(vec![("submit", vec![Reply::Cut, Reply::json(&done(&[]))])]);
    let error = connect(&stub).run(&"create or replace table t as (\nselect a + 1 as a from t\n)".into()).unwrap_err();
    assert_eq!((error.kind, count(&stub, "submit")), (ErrorKind::Connection, 1));
    assert!(error.message.contains("isn't known"), "{error}");
    told_nothing_secret(&error);
}

#[test]
fn a_server_that_fails_while_a_statement_runs_is_asked_again() {
    let query = Statement::query("select 1");
    let look = vec![
        Reply::head("500 Broken\r\nRetry-After: 0"),
        Reply::Cut,
        Reply::json(&state("RUNNING")),
        Reply::json(&linked(&stub_free(), 0)),
    ];
    let stub = workspace(vec![("submit", vec![Reply::json(&state("PENDING"))]), ("look", look)]);
    assert_eq!(numbers(&mut connect(&stub), &query).unwrap(), Vec::<i64>::new());
    assert_eq!((count(&stub, "submit"), count(&stub, "look")), (1, 4));
}

fn stub_free() -> String {
    "http://127.0.0.1:9/rows/1?signature=x".into()
}

/// A statement that is done and has `rows` rows behind a link.
fn linked(link: &str, rows: usize) -> Value {
    let mut told = done(&[]);
    told["manifest"]["total_row_count"] = rows.into();
    told["result"] = if rows == 0 { json!({}) } else { links(link, rows) };
    told
}

fn links(link: &str, rows: usize) -> Value {
    json!({"external_links": [{"external_link": link, "chunk_index": 0, "row_count": rows}]})
}

fn arrow(numbers: &[i64]) -> Reply {
    let column = Arc::new(Int64Array::from(numbers.to_vec())) as _;
    let batch = RecordBatch::try_from_iter([("n", column)]).unwrap();
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    Reply::Answer("200 OK".into(), writer.into_inner().unwrap())
}

#[test]
fn a_part_of_a_result_that_is_lost_is_asked_for_anew_and_never_with_the_token() {
    let storage = workspace(vec![(
        "rows",
        vec![
            Reply::head("403 Forbidden"),
            Reply::Answer("200 OK".into(), b"not arrow".to_vec()),
            arrow(&[1]),
            arrow(&[1, 2]),
        ],
    )]);
    let link = storage.url("/rows/1?signature=x");
    let stub = workspace(vec![
        ("submit", vec![Reply::json(&linked(&link, 2))]),
        ("chunk", vec![Reply::json(&links(&link, 2))]),
    ]);
    assert_eq!(numbers(&mut connect(&stub), &Statement::query("select 1")).unwrap(), [1, 2]);
    assert_eq!((storage.count(), count(&stub, "chunk")), (4, 3));
    assert!(storage.seen().iter().all(|seen| !seen.is_authorized()), "a link says itself who may read");
    // Gone for good.
    let storage = workspace(vec![("rows", vec![Reply::head("404 Not Found")])]);
    let link = storage.url("/rows/1?signature=x");
    let stub = workspace(vec![
        ("submit", vec![Reply::json(&linked(&link, 2))]),
        ("chunk", vec![Reply::json(&links(&link, 2))]),
    ]);
    let error = numbers(&mut connect(&stub), &Statement::query("select 1")).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Connection);
    told_nothing_secret(&error);
}

#[test]
fn rows_that_are_missing_are_an_error() {
    let mut told = done(&[1, 2]);
    told["manifest"]["total_row_count"] = 3.into();
    let stub = workspace(vec![("submit", vec![Reply::json(&told)])]);
    let error = numbers(&mut connect(&stub), &"select 1".into()).unwrap_err();
    assert!(error.message.contains("2 of 3 rows"), "{error}");
    told["manifest"]["truncated"] = true.into();
    let stub = workspace(vec![("submit", vec![Reply::json(&told)])]);
    numbers(&mut connect(&stub), &"select 1".into()).unwrap_err();
    // Nobody else gets the token.
    let mut told = done(&[1]);
    told["result"]["next_chunk_internal_link"] = "https://elsewhere.example/api/".into();
    let stub = workspace(vec![("submit", vec![Reply::json(&told)])]);
    let error = numbers(&mut connect(&stub), &"select 1".into()).unwrap_err();
    assert!(error.message.contains("elsewhere"), "{error}");
}

#[test]
fn a_result_that_is_too_large_for_the_answer_comes_behind_links() {
    let storage = workspace(vec![("rows", vec![arrow(&[5])])]);
    let message = "Inline byte limit exceeded. Statements executed with disposition=INLINE can have a result size of …";
    let failed = json!({"statement_id": "s-1", "status": {"state": "FAILED", "error": {"message": message}}});
    let stub =
        workspace(vec![("submit", vec![Reply::json(&failed), Reply::json(&linked(&storage.url("/rows/1"), 1))])]);
    assert_eq!(numbers(&mut connect(&stub), &"select n from _ff_meta".into()).unwrap(), [5]);
}

#[test]
fn a_running_statement_is_cancelled_and_waited_for() {
    let ended = |last: Value| {
        let stub = workspace(vec![
            ("submit", vec![Reply::json(&state("PENDING"))]),
            ("look", vec![Reply::json(&state("RUNNING")), Reply::json(&state("RUNNING")), Reply::json(&last)]),
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
    let (result, cancels) = ended(state("CANCELED"));
    assert_eq!((result.unwrap_err().kind, cancels), (ErrorKind::Interrupted, 1));
    // One that was done before it could be cancelled is done.
    let (result, _) = ended(linked(&stub_free(), 0));
    assert_eq!(result.unwrap(), Vec::<i64>::new());
    // Somebody else's end of it is no interrupt.
    let stub = workspace(vec![("submit", vec![Reply::json(&state("CANCELED"))])]);
    let error = connect(&stub).run(&"select 1".into()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Statement);
}

#[test]
fn a_statement_that_is_known_too_late_is_cancelled_all_the_same() {
    let (go, held) = Reply::held_json(&state("PENDING"));
    let stub = workspace(vec![("submit", vec![held]), ("cancel", vec![Reply::json(&json!({}))])]);
    let mut connection = connect(&stub);
    let handle = connection.interrupt();
    let error = std::thread::scope(|scope| {
        let running = scope.spawn(|| connection.run(&Statement::query("create table t as select 1")).unwrap_err());
        stub.asked(1);
        handle.interrupt();
        running.join().unwrap()
    });
    assert_eq!(error.kind, ErrorKind::Interrupted);
    go.send(()).unwrap();
    stub.asked(2);
    assert_eq!(count(&stub, "cancel"), 1);
}

#[test]
fn a_conflict_with_another_transaction_is_tried_again() {
    let message = "[DELTA_CONCURRENT_APPEND] ConcurrentAppendException: Files were added. SQLSTATE: 2D521";
    let failed = json!({"statement_id": "s-1", "status": {"state": "FAILED", "error": {"message": message}, "sql_state": "2D521"}});
    let stub = workspace(vec![("submit", vec![Reply::json(&failed), Reply::json(&done(&[]))])]);
    connect(&stub).run(&"delete from _ff_meta where run_id = 'r'".into()).unwrap();
    assert_eq!(count(&stub, "submit"), 2);
}

#[test]
fn what_the_history_does_not_tell_is_left_out() {
    let metrics = json!({"res": [{"metrics": {"read_bytes": 4096, "rows_produced_count": 3}}]});
    for (history, expected) in
        [(Reply::json(&metrics), Some(4096)), (Reply::head("403 Forbidden"), None), (Reply::json(&json!({})), None)]
    {
        let submits = AtomicUsize::new(0);
        let history = Mutex::new(Some(history));
        let stub = Stub::start(move |_, seen| match asks(seen) {
            "submit" if submits.fetch_add(1, Ordering::SeqCst) == 0 => Reply::json(&made(3)),
            // The plan, which says nothing of use.
            "submit" => Reply::json(&done(&[])),
            _ => history.lock().unwrap().take().unwrap_or(Reply::head("404 Not Found")),
        });
        let mut connection = connect(&stub);
        let relation = RelationName::new(Some("main"), Some("s"), "t");
        let statement = Statement::around("create or replace table main.s.t as (\n", "select 1", "\n)");
        let built = connection.run(&Statement { makes: Some(relation.clone()), ..statement }).unwrap();
        let built = built.and(connection.measured(&relation));
        assert_eq!((built.rows(), built.bytes_scanned()), (Some(3), expected));
        assert_eq!(built.others()["statement_id"], "s-1");
    }
}

/// A statement that has put so many rows into a table, as the workspace tells it.
fn made(rows: u64) -> Value {
    let columns = json!([{"name": "num_affected_rows", "type_text": "BIGINT"}, {"name": "num_inserted_rows", "type_text": "BIGINT"}]);
    json!({
        "statement_id": "s-1",
        "status": {"state": "SUCCEEDED"},
        "manifest": {"schema": {"columns": columns}, "total_row_count": 1},
        "result": {"data_array": [[rows.to_string(), rows.to_string()]]},
    })
}

#[test]
fn a_request_says_what_it_needs_and_no_more() {
    let stub = workspace(vec![("submit", vec![Reply::json(&done(&[]))])]);
    let mut connection = connect(&stub);
    connection.run(&Statement::from("insert into t values (:p1, :p2)").with(vec![Some("a".into()), None])).unwrap();
    numbers(&mut connection, &Statement::query("select 1")).unwrap();
    let bodies: Vec<Value> = stub.seen().iter().map(Seen::json).collect();
    assert_eq!(
        bodies[0]["parameters"],
        json!([{"name": "p1", "type": "STRING", "value": "a"}, {"name": "p2", "type": "STRING"}])
    );
    assert_eq!(
        (&bodies[0]["schema"], &bodies[0]["wait_timeout"], &bodies[0]["catalog"]),
        (&Value::Null, &json!("30s"), &json!("main"))
    );
    assert_eq!(
        (&bodies[1]["schema"], &bodies[1]["wait_timeout"], &bodies[1]["format"]),
        (&json!("s"), &json!("0s"), &json!("ARROW_STREAM"))
    );
    assert!(stub.seen()[0].head.to_lowercase().contains("user-agent: fft/"), "{}", stub.seen()[0].head);
}
