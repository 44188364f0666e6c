//! What goes wrong between fft and the service.

use super::{driver, project};
use crate::dialect::Statement;
use crate::engine::bigquery::handle::BigQueryConnection;
use crate::engine::rest::stub::{Reply, Seen, Stub};
use crate::engine::{Connection, Content, EngineError, ErrorKind, Load, Observe};
use crate::name::RelationName;
use arrow::array::{Int64Array, RecordBatch};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

const SECRETS: [&str; 3] = ["ya29", "hunter2", "1//refresh"];

/// A project behind a stub, whose credentials are a person's.
pub struct Behind {
    pub stub: Stub,
    folder: TempDir,
}

impl Behind {
    /// Answers each kind of request in turn, the last of its answers again and again.
    pub fn new(answers: Vec<(&'static str, Vec<Reply>)>) -> Behind {
        let answers =
            Mutex::new(answers.into_iter().map(|(ask, replies)| (ask, replies.into_iter(), None)).collect::<Vec<_>>());
        let tokens = Mutex::new(0);
        let stub = Stub::start(move |_, seen| {
            let mut answers = answers.lock().unwrap();
            let ask = asks(seen);
            let Some((_, replies, last)) = answers.iter_mut().find(|(of, ..)| *of == ask) else {
                if ask != "token" {
                    return Reply::head("404 Not Found");
                }
                let mut number = tokens.lock().unwrap();
                *number += 1;
                return Reply::json(&json!({"access_token": format!("ya29.{number}"), "expires_in": 3600}));
            };
            match replies.next() {
                Some(Reply::Answer(head, body)) => {
                    *last = Some((head.clone(), body.clone()));
                    Reply::Answer(head, body)
                }
                Some(other) => other,
                None => last.clone().map_or(Reply::Cut, |(head, body)| Reply::Answer(head, body)),
            }
        });
        Behind { stub, folder: tempfile::tempdir().unwrap() }
    }

    pub fn settings(&self) -> Value {
        let file = self.folder.path().join("credentials.json");
        let person = json!({
            "type": "authorized_user",
            "client_id": "me",
            "client_secret": "hunter2",
            "refresh_token": "1//refresh",
            "token_uri": self.stub.url("/token"),
        });
        std::fs::write(&file, person.to_string()).unwrap();
        json!({
            "endpoint": self.stub.url("/"),
            "credentials": file.display().to_string(),
            "project": "p",
            "dataset": "d",
            "location": "EU",
        })
    }

    fn connect(&self) -> BigQueryConnection {
        driver(&self.settings()).connect_to()
    }

    pub fn all(&self, ask: &str) -> Vec<Seen> {
        self.stub.seen().into_iter().filter(|seen| asks(seen) == ask).collect()
    }

    fn count(&self, ask: &str) -> usize {
        self.all(ask).len()
    }

    /// The names of the jobs that were begun, in order.
    fn names(&self, ask: &str) -> Vec<String> {
        let name = |seen: &Seen| {
            let text = String::from_utf8_lossy(&seen.body).into_owned();
            let (_, behind) = text.split_once("\"jobId\":\"").unwrap_or_default();
            behind.split('"').next().unwrap_or_default().to_string()
        };
        self.all(ask).iter().map(name).collect()
    }
}

fn asks(seen: &Seen) -> &'static str {
    let line = seen.line();
    match () {
        () if line.starts_with("POST /token") => "token",
        () if line.starts_with("POST /upload/") => "upload",
        () if line.contains("/cancel") => "cancel",
        () if line.starts_with("POST /bigquery/v2/projects/p/jobs ")
            && seen.json()["configuration"]["dryRun"] == true =>
        {
            "dry"
        }
        () if line.starts_with("POST /bigquery/v2/projects/p/jobs ") => "insert",
        () if line.contains("/jobs/") => "job",
        () if line.contains("/queries/") && line.contains("maxResults=0&") => "wait",
        () if line.contains("/queries/") => "page",
        () if line.starts_with("POST") && line.contains("/tables") => "make",
        () if line.starts_with("DELETE") => "drop",
        () if line.contains("/tables/") => "table",
        () if line.contains("/tables") => "tables",
        () if line.starts_with("POST") && line.contains("/datasets") => "make dataset",
        () if line.contains("/datasets/") => "dataset",
        () => "other",
    }
}

fn refused(status: &str, reason: &str, message: &str) -> Reply {
    let body = json!({"error": {"message": message, "errors": [{"reason": reason, "message": message}]}});
    Reply::Answer(status.into(), body.to_string().into_bytes())
}

fn put_off() -> Reply {
    Reply::head("429 Too Many Requests\r\nRetry-After: 0")
}

fn unavailable() -> Reply {
    Reply::head("503 Service Unavailable\r\nRetry-After: 0")
}

fn known() -> Reply {
    refused("409 Conflict", "duplicate", "Already Exists: Job p:EU.fft_1")
}

pub fn state(state: &str) -> Reply {
    Reply::json(&json!({"status": {"state": state}}))
}

pub fn done() -> Reply {
    state("DONE")
}

fn failed(reason: &str, message: &str) -> Reply {
    Reply::json(&json!({"status": {"state": "DONE", "errorResult": {"reason": reason, "message": message}}}))
}

fn page(numbers: &[i64], total: usize, next: Option<&str>) -> Reply {
    let rows: Vec<Value> = numbers.iter().map(|number| json!({"f": [{"v": number.to_string()}]})).collect();
    let mut page = json!({
        "jobComplete": true,
        "schema": {"fields": [{"name": "n", "type": "INTEGER"}]},
        "rows": rows,
        "totalRows": total.to_string(),
    });
    if let Some(next) = next {
        page["pageToken"] = next.into();
    }
    Reply::json(&page)
}

fn numbers(connection: &mut BigQueryConnection, query: &str) -> Result<Vec<i64>, EngineError> {
    let mut found = Vec::new();
    connection.rows(&Statement::query(query), false, &mut |batch| {
        let column = batch.column(0).as_any().downcast_ref::<Int64Array>().expect("numbers");
        found.extend(column.values());
        Ok(())
    })?;
    Ok(found)
}

fn told_nothing_secret(error: &EngineError) {
    assert!(!SECRETS.iter().any(|secret| format!("{error:?}").contains(secret)), "{error:?}");
}

fn create() -> Statement {
    "create or replace table t as (\nselect a + 1 as a from t\n)".into()
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
        let load = Load { content: &content, into: &into, temporary: false, mark: Some("fft {}".into()) };
        assert_eq!(behind.connect().load(&load).is_err(), fails);
        let names = behind.names("upload");
        assert_eq!((names.len(), names[0] == names[1]), (2, true));
        assert_eq!((behind.count("make"), behind.count("insert"), behind.count("drop")), (2, 1, 1));
        let table = behind.all("make")[0].json();
        let stage = table["tableReference"]["tableId"].as_str().unwrap().to_string();
        assert!(stage.starts_with("_ff_stage_") && table["expirationTime"].is_string(), "{table}");
        assert!(behind.all("drop")[0].line().contains(&stage));
    }
}

#[test]
fn the_service_holds_a_limit_as_well() {
    let told = json!({"statistics": {"totalBytesProcessed": "50", "query": {
        "referencedTables": [{"projectId": "p", "datasetId": "d", "tableId": "t"}]}}});
    let behind = Behind::new(vec![("dry", vec![Reply::json(&told)]), ("insert", vec![done()])]);
    let mut connection = behind.connect();
    connection.limit(Some(64));
    let estimate = connection.dry_run(&Content::Query("select a from t")).unwrap().unwrap();
    assert_eq!((estimate.bytes(), estimate.scans[0].name.as_str()), (50, "p.d.t"));
    let made = Statement { makes: Some(RelationName::new(Some("p"), Some("d"), "u")), ..create() };
    connection.run(&made).unwrap();
    connection.run(&made).unwrap();
    // What is billed is rounded up, and ten megabytes a table at least.
    let limits: Vec<Value> = behind
        .all("insert")
        .iter()
        .map(|seen| seen.json()["configuration"]["query"]["maximumBytesBilled"].clone())
        .collect();
    assert_eq!(limits, [json!((64 + (11 << 20)).to_string()), Value::Null]);
}

/// Outside of the two large regions the service finds a job only where it is.
#[test]
fn a_job_is_looked_for_where_it_was_begun() {
    let begun = json!({"jobReference": {"location": "europe-west3"}, "status": {"state": "RUNNING"}});
    let behind = Behind::new(vec![
        ("insert", vec![Reply::json(&begun), done()]),
        ("job", vec![done()]),
        ("wait", vec![Reply::json(&json!({"jobComplete": true}))]),
    ]);
    let mut settings = behind.settings();
    settings["location"] = json!("");
    let mut connection = driver(&settings).connect_to();
    connection.run(&create()).unwrap();
    connection.run(&create()).unwrap();
    for ask in ["wait", "job"] {
        assert!(behind.all(ask)[0].line().contains("location=europe-west3"), "{ask}");
    }
    let places: Vec<Value> =
        behind.all("insert").iter().map(|seen| seen.json()["jobReference"]["location"].clone()).collect();
    assert_eq!(places, [Value::Null, json!("europe-west3")]);
}

#[test]
fn a_dataset_is_made_only_where_that_is_allowed() {
    let schemas = [("p".to_string(), "d".to_string())].into();
    let behind = Behind::new(vec![]);
    let error = behind.connect().make_schemas(&schemas).unwrap_err();
    assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Settings, "there is no dataset p.d"));
    assert_eq!(behind.count("make dataset"), 0);
    let behind =
        Behind::new(vec![("make dataset", vec![Reply::Cut, refused("409 Conflict", "duplicate", "Already Exists")])]);
    let mut settings = behind.settings();
    settings["allow_create_dataset"] = "true".into();
    driver(&settings).connect_to().make_schemas(&schemas).unwrap();
    let body = behind.all("make dataset")[1].json();
    assert_eq!((&body["datasetReference"]["datasetId"], &body["location"]), (&json!("d"), &json!("EU")));
}

#[test]
fn what_stands_is_listed_page_by_page() {
    let list = |names: &[&str], next: Option<&str>| {
        let table = |name: &&str| json!({"tableReference": {"projectId": "p", "datasetId": "d", "tableId": name}, "type": "VIEW"});
        Reply::json(&json!({"tables": names.iter().map(table).collect::<Vec<_>>(), "nextPageToken": next}))
    };
    let behind = Behind::new(vec![("tables", vec![list(&["a"], Some("x")), unavailable(), list(&["b"], None)])]);
    let found = behind.connect().relations(&[("p".to_string(), "d".to_string())].into()).unwrap().found;
    assert_eq!(found.keys().map(|name| name.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(behind.connect().relations(&[("p".to_string(), "gone".to_string())].into()).unwrap().found.len(), 1);
}

#[test]
fn jobs_carry_the_run_and_the_node_as_labels() {
    let behind = Behind::new(vec![("insert", vec![done()])]);
    behind.connect().run(&create().commented("fft 20261122T101500Z-3fa9 stg_users.ff")).unwrap();
    let configuration = behind.all("insert")[0].json()["configuration"].clone();
    assert_eq!(configuration["labels"], json!({"fft_run": "20261122t101500z-3fa9", "fft_node": "stg_users_ff"}));
    assert_eq!(configuration["query"]["useLegacySql"], false);
    assert!(project(json!({})).profile.engine == "bigquery");
}
