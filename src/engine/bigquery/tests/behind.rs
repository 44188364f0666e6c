//! A service for tests that answers each kind of request as it is told.

use super::driver;
use crate::dialect::Statement;
use crate::engine::bigquery::handle::BigQueryConnection;
use crate::engine::rest::stub::{Reply, Seen, Stub};
use crate::engine::{Connection, EngineError};
use arrow::array::Int64Array;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;

/// A project behind a stub, whose credentials are a person's.
pub struct Behind {
    pub stub: Stub,
    folder: TempDir,
}

impl Behind {
    /// Answers each kind of request in turn, the last of its answers again and again.
    pub fn new(answers: Vec<(&'static str, Vec<Reply>)>) -> Behind {
        let tokens = AtomicUsize::new(0);
        let stub = Stub::by_kind(asks, answers, move |ask| {
            if ask != "token" {
                return Reply::head("404 Not Found");
            }
            let number = tokens.fetch_add(1, Ordering::Relaxed) + 1;
            Reply::json(&json!({"access_token": format!("ya29.{number}"), "expires_in": 3600}))
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

    pub fn connect(&self) -> BigQueryConnection {
        driver(&self.settings()).connect_to()
    }

    pub fn all(&self, ask: &str) -> Vec<Seen> {
        self.stub.seen().into_iter().filter(|seen| asks(seen) == ask).collect()
    }

    pub fn count(&self, ask: &str) -> usize {
        self.all(ask).len()
    }

    /// The names of the jobs that were begun, in order.
    pub fn names(&self, ask: &str) -> Vec<String> {
        let name = |seen: &Seen| {
            let text = String::from_utf8_lossy(&seen.body).into_owned();
            let (_, behind) = text.split_once("\"jobId\":\"").unwrap_or_default();
            behind.split('"').next().unwrap_or_default().to_string()
        };
        self.all(ask).iter().map(name).collect()
    }
}

pub fn asks(seen: &Seen) -> &'static str {
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

pub fn refused(status: &str, reason: &str, message: &str) -> Reply {
    let body = json!({"error": {"message": message, "errors": [{"reason": reason, "message": message}]}});
    Reply::Answer(status.into(), body.to_string().into_bytes())
}

pub fn put_off() -> Reply {
    Reply::head("429 Too Many Requests\r\nRetry-After: 0")
}

pub fn unavailable() -> Reply {
    Reply::head("503 Service Unavailable\r\nRetry-After: 0")
}

pub fn known() -> Reply {
    refused("409 Conflict", "duplicate", "Already Exists: Job p:EU.fft_1")
}

pub fn state(state: &str) -> Reply {
    Reply::json(&json!({"status": {"state": state}}))
}

pub fn done() -> Reply {
    state("DONE")
}

pub fn failed(reason: &str, message: &str) -> Reply {
    Reply::json(&json!({"status": {"state": "DONE", "errorResult": {"reason": reason, "message": message}}}))
}

pub fn page(numbers: &[i64], total: usize, next: Option<&str>) -> Reply {
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

pub fn numbers(connection: &mut BigQueryConnection, query: &str) -> Result<Vec<i64>, EngineError> {
    let mut found = Vec::new();
    connection.rows(&Statement::query(query), false, &mut |batch| {
        let column = batch.column(0).as_any().downcast_ref::<Int64Array>().expect("numbers");
        found.extend(column.values());
        Ok(())
    })?;
    Ok(found)
}

pub fn create() -> Statement {
    "create or replace table t as (\nselect a + 1 as a from t\n)".into()
}
