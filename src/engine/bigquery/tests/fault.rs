//! What goes wrong between fft and the service.

use super::behind::{Behind, create, done, failed, known, numbers, page, put_off, refused, state, unavailable};
use crate::engine::rest::stub::{Reply, Seen};
use crate::engine::{Connection, Content, EngineError, ErrorKind, Load};
use crate::name::RelationName;
use arrow::array::{Int64Array, RecordBatch};
use serde_json::json;
use std::sync::Arc;

const SECRETS: [&str; 3] = ["ya29", "hunter2", "1//refresh"];

fn told_nothing_secret(error: &EngineError) {
    assert!(!SECRETS.iter().any(|secret| format!("{error:?}").contains(secret)), "{error:?}");
}

#[test]
fn a_throttled_statement_is_sent_again_and_run_once() {
    let slow = refused("403 Forbidden", "rateLimitExceeded", "Exceeded rate limits: too many api requests");
    let behind = Behind::new(vec![("insert", vec![put_off(), unavailable(), slow, done()])]);
    behind.connect().run(&create()).unwrap();
    let names = behind.names("insert");
    assert_eq!(names.len(), 4);
    assert!(names.iter().all(|name| *name == names[0] && name.starts_with("fft_")), "{names:?}");
    // What doesn't pass is told at once.
    let none = refused("403 Forbidden", "quotaExceeded", "Quota exceeded: Your project exceeded quota for queries");
    let behind = Behind::new(vec![("insert", vec![none])]);
    let error = behind.connect().run(&create()).unwrap_err();
    assert_eq!((error.kind, behind.count("insert")), (ErrorKind::Statement, 1));
    assert!(error.message.contains("Quota exceeded") && error.hint.unwrap().contains("quota"), "{}", error.message);
}

#[test]
fn a_token_that_ends_within_a_run_is_renewed() {
    let ended = || refused("401 Unauthorized", "authError", "Request had invalid authentication credentials.");
    let behind = Behind::new(vec![("insert", vec![done(), ended(), done()]), ("page", vec![page(&[1], 1, None)])]);
    let mut connection = behind.connect();
    assert_eq!(numbers(&mut connection, "select 1").unwrap(), [1]);
    assert_eq!(numbers(&mut connection, "select 2").unwrap(), [1]);
    let bearers: Vec<String> = behind.all("insert").iter().map(bearer).collect();
    assert_eq!(bearers, ["ya29.1", "ya29.1", "ya29.2"]);
    assert_eq!((behind.count("token"), behind.names("insert")[1] == behind.names("insert")[2]), (2, true));
    // Who may really not is told so, once and without a secret.
    let behind = Behind::new(vec![("insert", vec![ended()])]);
    let error = behind.connect().run(&create()).unwrap_err();
    assert_eq!((error.kind, behind.count("insert")), (ErrorKind::Settings, 2));
    told_nothing_secret(&error);
    // A right that is missing has nothing to do with the token.
    let denied = refused("403 Forbidden", "accessDenied", "Access Denied: Project p: no bigquery.jobs.create");
    let behind = Behind::new(vec![("insert", vec![denied])]);
    let error = behind.connect().run(&create()).unwrap_err();
    assert_eq!((behind.count("insert"), behind.count("token")), (1, 1));
    assert!(error.message.contains("Access Denied"), "{error}");
    // None is issued.
    let behind = Behind::new(vec![("token", vec![refused("400 Bad Request", "", "hunter2")])]);
    let error = behind.connect().run(&create()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Settings);
    told_nothing_secret(&error);
}

fn bearer(seen: &Seen) -> String {
    let line = seen.head.lines().find(|line| line.to_lowercase().starts_with("authorization:")).unwrap();
    line.rsplit(' ').next().unwrap().to_string()
}

#[test]
fn a_statement_whose_answer_is_lost_is_one_job() {
    // Before it took effect: the second request begins it.
    let behind = Behind::new(vec![("insert", vec![Reply::Cut, done()])]);
    behind.connect().run(&create()).unwrap();
    assert_eq!((behind.count("insert"), behind.count("job")), (2, 0));
    // After: the second finds it begun, and it is read.
    for lost in [Reply::Cut, Reply::head("500 Broken\r\nRetry-After: 0")] {
        let behind = Behind::new(vec![("insert", vec![lost, known()]), ("job", vec![state("RUNNING"), done()])]);
        behind.connect().run(&create()).unwrap();
        let names = behind.names("insert");
        assert_eq!((names.len(), names[0] == names[1]), (2, true));
        assert!(behind.all("job").iter().all(|seen| seen.line().contains(&names[0])));
        assert!(behind.all("job")[0].line().contains("location=EU"));
    }
    // Gone for good.
    let behind = Behind::new(vec![("insert", vec![Reply::Cut])]);
    let error = behind.connect().run(&create()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Connection);
    told_nothing_secret(&error);
}

#[test]
fn a_job_that_the_service_could_not_finish_is_begun_anew_and_no_other_is() {
    let concurrent = "Could not serialize access to table p:d._ff_meta due to concurrent update";
    for (reason, message) in
        [("backendError", "try again"), ("jobRateLimitExceeded", "slow"), ("invalidQuery", concurrent)]
    {
        let behind = Behind::new(vec![("insert", vec![failed(reason, message), done()])]);
        behind.connect().run(&create()).unwrap();
        let names = behind.names("insert");
        assert_eq!((names.len(), names[0] == names[1]), (2, false), "{reason}");
    }
    for (reason, message) in
        [("invalidQuery", "Division by zero"), ("quotaExceeded", "no more"), ("resourcesExceeded", "big")]
    {
        let behind = Behind::new(vec![("insert", vec![failed(reason, message), done()])]);
        let error = behind.connect().run(&create()).unwrap_err();
        assert_eq!((error.kind, behind.count("insert")), (ErrorKind::Statement, 1), "{reason}");
    }
}

#[test]
fn a_server_that_fails_or_is_slow_while_a_job_runs_is_asked_again() {
    let behind = Behind::new(vec![
        ("insert", vec![state("PENDING")]),
        (
            "wait",
            vec![Reply::head("500 Broken\r\nRetry-After: 0"), Reply::Cut, Reply::json(&json!({"jobComplete": false}))],
        ),
        ("job", vec![unavailable(), state("RUNNING"), Reply::Cut, state("RUNNING"), done()]),
        ("page", vec![page(&[7], 1, None)]),
    ]);
    assert_eq!(numbers(&mut behind.connect(), "select 7").unwrap(), [7]);
    assert_eq!(behind.count("insert"), 1);
}

#[test]
fn a_page_that_is_lost_is_asked_for_anew_and_rows_that_are_missing_are_an_error() {
    let broken = Reply::head("500 Broken\r\nRetry-After: 0");
    let pages = vec![page(&[1, 2], 3, Some("next")), broken, Reply::Cut, page(&[3], 3, None)];
    let behind = Behind::new(vec![("insert", vec![done()]), ("page", pages)]);
    assert_eq!(numbers(&mut behind.connect(), "select 1").unwrap(), [1, 2, 3]);
    let lines: Vec<bool> = behind.all("page").iter().map(|seen| seen.line().contains("pageToken=next")).collect();
    assert_eq!(lines, [false, true, true, true]);
    let late = vec![Reply::json(&json!({"jobComplete": false})), page(&[4], 1, None)];
    let behind = Behind::new(vec![("insert", vec![done()]), ("page", late)]);
    assert_eq!(numbers(&mut behind.connect(), "select 1").unwrap(), [4]);
    let behind = Behind::new(vec![("insert", vec![done()]), ("page", vec![page(&[1, 2], 3, None)])]);
    let error = numbers(&mut behind.connect(), "select 1").unwrap_err();
    assert!(error.message.contains("2 of 3 rows"), "{error}");
    let behind = Behind::new(vec![
        ("insert", vec![done()]),
        ("page", vec![page(&[1, 2], 3, Some("next")), refused("404 Not Found", "notFound", "Not found: Job")]),
    ]);
    numbers(&mut behind.connect(), "select 1").unwrap_err();
}

#[test]
fn a_running_job_is_cancelled_and_waited_for() {
    let ended = |last: Reply| {
        let behind = Behind::new(vec![
            ("insert", vec![state("PENDING")]),
            ("wait", vec![Reply::json(&json!({"jobComplete": false}))]),
            ("job", vec![state("RUNNING"), state("RUNNING"), last]),
            ("cancel", vec![Reply::json(&json!({}))]),
        ]);
        let mut connection = behind.connect();
        let handle = connection.interrupt();
        let result = std::thread::scope(|scope| {
            let running = scope.spawn(|| connection.run(&create()));
            // A token, the job, and a look at it.
            behind.stub.asked(3);
            handle.interrupt();
            running.join().unwrap()
        });
        (result, behind.count("cancel"))
    };
    let (result, cancels) = ended(failed("stopped", "Job execution was cancelled: User requested cancellation"));
    assert_eq!((result.unwrap_err().kind, cancels), (ErrorKind::Interrupted, 1));
    // One that was done before it could be cancelled is done.
    let (result, _) = ended(done());
    result.unwrap();
    // Somebody else's end of it is no interrupt.
    let behind = Behind::new(vec![("insert", vec![failed("stopped", "Job execution was cancelled")])]);
    assert_eq!(behind.connect().run(&create()).unwrap_err().kind, ErrorKind::Statement);
}

#[test]
fn a_job_that_is_known_too_late_is_cancelled_all_the_same() {
    let (go, held) = Reply::held("200 OK");
    let behind = Behind::new(vec![
        ("insert", vec![held]),
        ("cancel", vec![Reply::head("404 Not Found"), Reply::head("200 OK")]),
    ]);
    let mut connection = behind.connect();
    let handle = connection.interrupt();
    let error = std::thread::scope(|scope| {
        let running = scope.spawn(|| connection.run(&create()).unwrap_err());
        behind.stub.asked(2);
        handle.interrupt();
        running.join().unwrap()
    });
    assert_eq!(error.kind, ErrorKind::Interrupted);
    go.send(()).unwrap();
    behind.stub.asked(4);
    assert_eq!(behind.count("cancel"), 2);
}

/// Files are added once each, and nothing is left of the table that they go through.
#[test]
fn rows_are_loaded_once_and_leave_nothing() {
    for fails in [false, true] {
        let made = if fails { failed("invalidQuery", "no") } else { done() };
        let behind = Behind::new(vec![
            ("make", vec![Reply::Cut, refused("409 Conflict", "duplicate", "Already Exists: Table p:d.t")]),
            ("upload", vec![Reply::Cut, known()]),
            ("job", vec![done()]),
            ("insert", vec![made]),
            ("drop", vec![Reply::head("204 No Content")]),
        ]);
        let batch = RecordBatch::try_from_iter([("id", Arc::new(Int64Array::from(vec![1])) as _)]).unwrap();
        let content = Content::Arrow { schema: batch.schema(), batches: &[batch] };
        let into = RelationName::new(Some("p"), Some("d"), "_ff_new_1");
        let load = Load {
            content: &content,
            into: &into,
            temporary: false,
            mark: Some("fft {}".into()),
            comment: Some("fft run-1 stg_users.ff"),
            layout: None,
        };
        assert_eq!(behind.connect().load(&load).is_err(), fails);
        let names = behind.names("upload");
        assert_eq!((names.len(), names[0] == names[1]), (2, true));
        assert_eq!((behind.count("make"), behind.count("insert"), behind.count("drop")), (2, 1, 1));
        // Each job says what it is for.
        let labels = json!({"fft_run": "run-1", "fft_node": "stg_users_ff"});
        assert_eq!(behind.all("insert")[0].json()["configuration"]["labels"], labels);
        let uploaded = String::from_utf8_lossy(&behind.all("upload")[0].body).into_owned();
        assert!(uploaded.contains(&format!("\"labels\":{labels}")), "{uploaded}");
        let table = behind.all("make")[0].json();
        let stage = table["tableReference"]["tableId"].as_str().unwrap().to_string();
        assert!(stage.starts_with("_ff_stage_") && table["expirationTime"].is_string(), "{table}");
        assert!(behind.all("drop")[0].line().contains(&stage));
    }
}

/// What the service says that came is held against what was sent, before a relation gets its name.
#[test]
fn a_table_of_other_rows_than_were_sent_is_none() {
    let numbers = Int64Array::from_iter_values((0..400_000).map(|number| number * 7_919 % 1_000_003));
    let batch = RecordBatch::try_from_iter([("id", Arc::new(numbers) as _)]).unwrap();
    let batches: Vec<RecordBatch> = (0..4).map(|part| batch.slice(part * 100_000, 100_000)).collect();
    let content = Content::Arrow { schema: batch.schema(), batches: &batches };
    let into = RelationName::new(Some("p"), Some("d"), "_ff_new_1");
    let load = Load { content: &content, into: &into, temporary: false, mark: None, comment: None, layout: None };
    let loaded = |rows: Option<u64>, table: u64| {
        let job = json!({
            "status": {"state": "DONE"},
            "statistics": {"load": {"outputRows": rows.map(|rows| rows.to_string())}},
        });
        let behind = Behind::new(vec![
            ("make", vec![Reply::json(&json!({}))]),
            ("upload", vec![Reply::json(&job)]),
            ("insert", vec![done()]),
            ("table", vec![Reply::json(&json!({"type": "TABLE", "numRows": table.to_string()}))]),
            ("drop", vec![Reply::head("204 No Content")]),
        ]);
        let loaded = behind.connect().load(&load);
        assert_eq!(behind.count("drop"), 1, "the stage is gone");
        (loaded.map(|measures| measures.rows()), behind.count("upload"), behind.count("insert"))
    };
    let (rows, uploads, _) = loaded(None, 400_000);
    assert_eq!(rows.unwrap(), Some(400_000));
    assert!(uploads > 1, "there are several files");
    for (came, table, made) in [(Some(7), 400_000, 0), (None, 399_999, 1), (None, 0, 1)] {
        let (rows, _, inserts) = loaded(came, table);
        let error = rows.unwrap_err();
        assert_eq!((error.kind, inserts), (ErrorKind::Connection, made));
        assert!(error.message.contains("rows are in the table on its way to which"), "{error}");
    }
}
