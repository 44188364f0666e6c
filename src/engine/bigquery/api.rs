//! The service's interface, request by request.

use super::error::Refusal;
use super::settings::Settings;
use crate::engine::rest::{Again, Answer, Ask, Client, Late, Stop, unreadable};
use crate::engine::{EngineError, ErrorKind};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use url::Url;

/// How long the answer to a job is waited for once it is to end.
const GRACE: Duration = Duration::from_secs(1);
/// For a request that is answered at once.
const QUICK: Duration = Duration::from_secs(60);
/// How long the service waits for a job's end before it answers.
const HELD: Duration = Duration::from_secs(10);
/// For a file.
const TRANSFER: Duration = Duration::from_secs(600);
/// Rows of a page at most; the service gives fewer where they are large.
const PAGE: u32 = 50_000;
/// Relations of a page.
const LISTED: u32 = 1000;
/// How often a request is sent again that the service puts off in words.
const MOST: u32 = 6;

/// A job as the service tells of it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Job {
    job_reference: JobReference,
    pub status: Status,
    pub statistics: Statistics,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct JobReference {
    location: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Status {
    pub state: String,
    pub error_result: Option<Problem>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Problem {
    pub reason: String,
    pub message: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Statistics {
    pub total_bytes_processed: Option<String>,
    pub total_slot_ms: Option<String>,
    pub query: Query,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Query {
    pub total_bytes_billed: Option<String>,
    pub total_slot_ms: Option<String>,
    pub referenced_tables: Vec<TableName>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct TableName {
    pub project_id: String,
    pub dataset_id: String,
    pub table_id: String,
}

/// A page of a result.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Page {
    pub job_complete: bool,
    pub schema: Schema,
    pub rows: Vec<Value>,
    pub total_rows: Option<String>,
    pub page_token: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Schema {
    pub fields: Vec<Field>,
}

/// A column, or a part of one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Field {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub mode: String,
    pub fields: Vec<Field>,
    pub precision: Option<String>,
    pub scale: Option<String>,
}

/// A relation as a list or its own description has it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Table {
    pub table_reference: TableName,
    #[serde(rename = "type")]
    pub kind: String,
    pub labels: BTreeMap<String, String>,
    pub schema: Value,
    pub num_rows: Option<String>,
    pub num_bytes: Option<String>,
    pub last_modified_time: Option<String>,
    /// Rows that came one by one and aren't in the table's own storage yet.
    pub streaming_buffer: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Tables {
    tables: Vec<Table>,
    next_page_token: Option<String>,
}

/// Why a request gave nothing.
#[derive(Debug)]
pub enum Failure {
    /// The service says why.
    Refused(Refusal),
    /// It wasn't heard, or nobody waits any longer.
    Lost(EngineError),
}

impl From<Failure> for EngineError {
    fn from(failure: Failure) -> EngineError {
        match failure {
            Failure::Refused(refusal) => refusal.told(None),
            Failure::Lost(error) => error,
        }
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Failure {
        Failure::Lost(error)
    }
}

/// One project, shared by the connections to it.
pub struct Api {
    client: Client,
    endpoint: Url,
    pub project: String,
    /// Where datasets are; where the profile doesn't say it, that of the first job.
    location: OnceLock<String>,
}

impl Api {
    pub fn new(settings: &mut Settings) -> Api {
        let none = crate::engine::rest::Credentials::Fixed(String::new());
        let credentials = std::mem::replace(&mut settings.credentials, none);
        Api {
            client: Client::new(credentials).refusing_with(&[401]),
            endpoint: settings.endpoint.clone(),
            project: settings.project.clone(),
            location: settings.location.clone().map_or_else(OnceLock::new, OnceLock::from),
        }
    }

    /// The address of something of a project.
    fn url(&self, front: &[&str], project: &str, path: &[&str]) -> Result<Url, EngineError> {
        let mut url = self.endpoint.clone();
        let mut segments = url.path_segments_mut().map_err(|()| unreadable("the address has no path"))?;
        segments.clear().extend(front).extend(["bigquery", "v2", "projects", project]).extend(path);
        drop(segments);
        Ok(url)
    }

    fn own(&self, path: &[&str]) -> Result<Url, EngineError> {
        self.url(&[], &self.project, path)
    }

    /// The same for a job, which is where its data are.
    fn of_job(&self, path: &[&str]) -> Result<Url, EngineError> {
        let mut url = self.own(path)?;
        if let Some(location) = self.location.get() {
            url.query_pairs_mut().append_pair("location", location);
        }
        Ok(url)
    }

    /// What a job is called: sent again, it is known to be the same.
    fn reference(&self, id: &str) -> Value {
        let mut reference = json!({"projectId": self.project, "jobId": id});
        if let Some(location) = self.location.get() {
            reference["location"] = location.as_str().into();
        }
        reference
    }

    /// Begins a job, or finds it begun.
    pub fn insert(self: &Arc<Api>, id: &str, configuration: &Value, stop: &Stop) -> Result<Job, Failure> {
        let body = json!({"jobReference": self.reference(id), "configuration": configuration});
        let ask = Ask { timeout: QUICK, ..Ask::get(self.own(&["jobs"])?) };
        let ask = ask.with_body("POST", "application/json", body.to_string().into_bytes());
        self.begun(id, self.ended_late(id, ask), stop)
    }

    /// Begins a job that loads a file, or finds it begun.
    pub fn upload(self: &Arc<Api>, id: &str, configuration: &Value, file: &[u8], stop: &Stop) -> Result<Job, Failure> {
        let body = json!({"jobReference": self.reference(id), "configuration": configuration});
        let mut url = self.url(&["upload"], &self.project, &["jobs"])?;
        url.set_query(Some("uploadType=multipart"));
        // Its own name is in no file by chance.
        let boundary = format!("part-{id}");
        let head = format!(
            "--{boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{body}\r\n--{boundary}\r\n\
             Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        );
        let tail = format!("\r\n--{boundary}--\r\n");
        let whole = [head.as_bytes(), file, tail.as_bytes()].concat();
        let ask = Ask { timeout: TRANSFER, ..Ask::get(url) };
        let ask = ask.with_body("POST", &format!("multipart/related; boundary={boundary}"), whole);
        self.begun(id, self.ended_late(id, ask), stop)
    }

    /// A request whose job is cancelled where nobody waits for it any longer.
    fn ended_late(self: &Arc<Api>, id: &str, ask: Ask) -> Ask {
        let (api, id) = (self.clone(), id.to_string());
        let late: Late = Arc::new(move |_| drop(api.cancel(&id, &Stop::default())));
        Ask { again: Again::Always, late: Some((GRACE, late)), ..ask }
    }

    fn begun(&self, id: &str, ask: Ask, stop: &Stop) -> Result<Job, Failure> {
        let begun = match self.json(&ask, stop) {
            // The answer to the first was lost.
            Err(Failure::Refused(refusal)) if refusal.is_known_job() => self.job(id, stop),
            told => told,
        };
        if let Some(location) = begun.as_ref().ok().and_then(|job: &Job| job.job_reference.location.clone()) {
            self.location.get_or_init(|| location);
        }
        begun
    }

    /// What a query would read; nothing is run.
    pub fn dry_run(&self, configuration: &Value, stop: &Stop) -> Result<Job, Failure> {
        let mut configuration = configuration.clone();
        configuration["dryRun"] = true.into();
        // What a cache would give costs nothing here, and all of it where a table is made.
        configuration["query"]["useQueryCache"] = false.into();
        let mut body = json!({"configuration": configuration});
        if let Some(location) = self.location.get() {
            body["jobReference"] = json!({"projectId": self.project, "location": location});
        }
        let ask = Ask { timeout: QUICK, ..Ask::get(self.own(&["jobs"])?) };
        self.json(&ask.with_body("POST", "application/json", body.to_string().into_bytes()), stop)
    }

    /// How a job fares.
    pub fn job(&self, id: &str, stop: &Stop) -> Result<Job, Failure> {
        self.json(&Ask::get(self.of_job(&["jobs", id])?), stop)
    }

    pub fn cancel(&self, id: &str, stop: &Stop) -> Result<(), Failure> {
        let ask = Ask::get(self.of_job(&["jobs", id, "cancel"])?);
        self.done(&ask.with_body("POST", "application/json", b"{}".to_vec()), stop).map(drop)
    }

    /// Waits for a query's end for a while.
    pub fn wait(&self, id: &str, stop: &Stop) -> Result<Page, Failure> {
        self.results(
            id,
            |query| {
                query.append_pair("maxResults", "0").append_pair("timeoutMs", &HELD.as_millis().to_string());
            },
            stop,
        )
    }

    /// A page of a query's rows; the first where `token` is none.
    pub fn page(&self, id: &str, token: Option<&str>, stop: &Stop) -> Result<Page, Failure> {
        self.results(
            id,
            |query| {
                query.append_pair("maxResults", &PAGE.to_string());
                if let Some(token) = token {
                    query.append_pair("pageToken", token);
                }
            },
            stop,
        )
    }

    fn results(
        &self,
        id: &str,
        asked: impl FnOnce(&mut url::form_urlencoded::Serializer<'_, url::UrlQuery<'_>>),
        stop: &Stop,
    ) -> Result<Page, Failure> {
        let mut url = self.of_job(&["queries", id])?;
        asked(url.query_pairs_mut().append_pair("formatOptions.useInt64Timestamp", "true"));
        self.json(&Ask { timeout: QUICK, ..Ask::get(url) }, stop)
    }

    /// All relations of a dataset; `None` where there is no such dataset.
    pub fn tables(&self, project: &str, dataset: &str, stop: &Stop) -> Result<Option<Vec<Table>>, EngineError> {
        let mut found = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let mut url = self.url(&[], project, &["datasets", dataset, "tables"])?;
            url.query_pairs_mut().append_pair("maxResults", &LISTED.to_string());
            if let Some(token) = &next {
                url.query_pairs_mut().append_pair("pageToken", token);
            }
            let page: Tables = match absent(self.json(&Ask::get(url), stop))? {
                Some(page) => page,
                None => return Ok(None),
            };
            found.extend(page.tables);
            match page.next_page_token.filter(|token| !token.is_empty()) {
                Some(token) => next = Some(token),
                None => return Ok(Some(found)),
            }
        }
    }

    /// A relation; `None` where there is none of that name.
    pub fn table(&self, name: &TableName, stop: &Stop) -> Result<Option<Table>, EngineError> {
        let TableName { project_id, dataset_id, table_id } = name;
        let url = self.url(&[], project_id, &["datasets", dataset_id, "tables", table_id])?;
        absent(self.json(&Ask::get(url), stop))
    }

    /// Makes an empty table, or finds it made: nobody else has its name.
    pub fn make_table(&self, name: &TableName, table: &Value, stop: &Stop) -> Result<(), EngineError> {
        let url = self.url(&[], &name.project_id, &["datasets", &name.dataset_id, "tables"])?;
        let mut body = table.clone();
        body["tableReference"] =
            json!({"projectId": name.project_id, "datasetId": name.dataset_id, "tableId": name.table_id});
        self.made(url, &body, stop)
    }

    pub fn drop_table(&self, name: &TableName, stop: &Stop) -> Result<(), EngineError> {
        let TableName { project_id, dataset_id, table_id } = name;
        let url = self.url(&[], project_id, &["datasets", dataset_id, "tables", table_id])?;
        absent(self.done(&Ask { method: "DELETE", ..Ask::get(url) }, stop)).map(drop)
    }

    pub fn has_dataset(&self, project: &str, dataset: &str, stop: &Stop) -> Result<bool, EngineError> {
        let url = self.url(&[], project, &["datasets", dataset])?;
        Ok(absent(self.done(&Ask::get(url), stop))?.is_some())
    }

    /// Makes a dataset, or finds it made.
    pub fn make_dataset(&self, project: &str, dataset: &str, stop: &Stop) -> Result<(), EngineError> {
        let url = self.url(&[], project, &["datasets"])?;
        let mut body = json!({"datasetReference": {"projectId": project, "datasetId": dataset}});
        if let Some(location) = self.location.get() {
            body["location"] = location.as_str().into();
        }
        self.made(url, &body, stop)
    }

    fn made(&self, url: Url, body: &Value, stop: &Stop) -> Result<(), EngineError> {
        let ask = Ask::get(url).with_body("POST", "application/json", body.to_string().into_bytes());
        match self.done(&ask, stop) {
            Err(Failure::Refused(refusal)) if refusal.is_duplicate() => Ok(()),
            made => Ok(made.map(drop)?),
        }
    }

    fn json<T: DeserializeOwned>(&self, ask: &Ask, stop: &Stop) -> Result<T, Failure> {
        let answer = self.done(ask, stop)?;
        serde_json::from_slice(&answer.body).map_err(|error| Failure::Lost(unreadable(error)))
    }

    /// The answer to a request that may be sent twice: each of these may.
    fn done(&self, ask: &Ask, stop: &Stop) -> Result<Answer, Failure> {
        for retries in 0.. {
            let answer = self.client.call(ask, stop)?;
            if (200..300).contains(&answer.status) {
                return Ok(answer);
            }
            let refusal = Refusal::of(&answer);
            if retries == MOST || !refusal.is_put_off() {
                return Err(Failure::Refused(refusal));
            }
            stop.sleep(crate::http::retry::wait(retries, None, jiff::Timestamp::MAX).length)?;
        }
        unreachable!("invariant: the last attempt gives its result")
    }
}

/// What isn't there is no error.
fn absent<T>(told: Result<T, Failure>) -> Result<Option<T>, EngineError> {
    match told {
        Err(Failure::Refused(refusal)) if refusal.is_absent() => Ok(None),
        told => Ok(Some(told?)),
    }
}

impl Job {
    pub fn is_done(&self) -> bool {
        self.status.state == "DONE"
    }

    /// How the job failed, if it did.
    pub fn refusal(&self) -> Option<Refusal> {
        let Problem { reason, message } = self.status.error_result.clone()?;
        Some(Refusal { status: 0, reason, message })
    }
}

/// A number as the service writes one.
pub fn number(text: Option<&String>) -> Option<u64> {
    text?.parse().ok()
}

/// Whether nobody waits for it any longer.
pub fn is_interrupt(failure: &Failure) -> bool {
    matches!(failure, Failure::Lost(error) if error.kind == ErrorKind::Interrupted)
}
