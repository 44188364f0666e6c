//! The service's interface, request by request.

use super::answer::{Dataset, Job, Page, Table, TableName, Tables};
use super::error::Refusal;
use super::settings::Settings;
use crate::engine::rest::{Again, Answer, Ask, Client, Late, Stop, unreadable};
use crate::engine::{EngineError, ErrorKind};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
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

/// What a job is called, and where it is: outside of the two large regions the service finds it only there.
#[derive(Clone, Debug)]
pub struct Name {
    pub id: String,
    pub location: Option<String>,
}

/// One project, shared by the connections to it.
pub struct Api {
    client: Client,
    endpoint: Url,
    pub project: String,
    /// The profile's dataset.
    dataset: String,
    /// Where that is; as the profile says it, or else as the service does once it is there.
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
            dataset: settings.dataset.clone(),
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

    /// Where jobs run that read and write the profile's dataset; `None` while that isn't there, or isn't told.
    pub fn location(&self, stop: &Stop) -> Result<Option<String>, Failure> {
        if let Some(location) = self.location.get() {
            return Ok(Some(location.clone()));
        }
        let told = match self.json::<Dataset>(&Ask::get(self.own(&["datasets", &self.dataset])?), stop) {
            Err(Failure::Refused(refusal)) if refusal.is_absent() || refusal.is_forbidden() => None,
            told => told?.location,
        };
        Ok(told.map(|location| self.location.get_or_init(|| location).clone()))
    }

    /// The same for a job.
    fn of_job(&self, name: &Name, front: &str, behind: &[&str]) -> Result<Url, EngineError> {
        let mut url = self.own(&[&[front, name.id.as_str()][..], behind].concat())?;
        if let Some(location) = &name.location {
            url.query_pairs_mut().append_pair("location", location);
        }
        Ok(url)
    }

    /// What a job is called: sent again, it is known to be the same.
    fn reference(&self, name: &Name) -> Value {
        let mut reference = json!({"projectId": self.project, "jobId": name.id});
        if let Some(location) = &name.location {
            reference["location"] = location.as_str().into();
        }
        reference
    }

    /// Begins a job, or finds it begun.
    pub fn insert(self: &Arc<Api>, name: &Name, configuration: &Value, stop: &Stop) -> Result<Job, Failure> {
        let body = json!({"jobReference": self.reference(name), "configuration": configuration});
        let ask = Ask { timeout: QUICK, ..Ask::get(self.own(&["jobs"])?) };
        let ask = ask.with_body("POST", "application/json", body.to_string().into_bytes());
        self.begun(name, self.ended_late(name, ask), stop)
    }

    /// Begins a job that loads a file, or finds it begun.
    pub fn upload(
        self: &Arc<Api>,
        name: &Name,
        configuration: &Value,
        file: &[u8],
        stop: &Stop,
    ) -> Result<Job, Failure> {
        let body = json!({"jobReference": self.reference(name), "configuration": configuration});
        let mut url = self.url(&["upload"], &self.project, &["jobs"])?;
        url.set_query(Some("uploadType=multipart"));
        // Its own name is in no file by chance.
        let boundary = format!("part-{}", name.id);
        let head = format!(
            "--{boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{body}\r\n--{boundary}\r\n\
             Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        );
        let tail = format!("\r\n--{boundary}--\r\n");
        let whole = [head.as_bytes(), file, tail.as_bytes()].concat();
        let ask = Ask { timeout: TRANSFER, ..Ask::get(url) };
        let ask = ask.with_body("POST", &format!("multipart/related; boundary={boundary}"), whole);
        self.begun(name, self.ended_late(name, ask), stop)
    }

    /// A request whose job is cancelled where nobody waits for it any longer.
    fn ended_late(self: &Arc<Api>, name: &Name, ask: Ask) -> Ask {
        let (api, name) = (self.clone(), name.clone());
        let late: Late = Arc::new(move |_| drop(api.cancel(&name, &Stop::default())));
        Ask { again: Again::Always, late: Some((GRACE, late)), ..ask }
    }

    fn begun(&self, name: &Name, ask: Ask, stop: &Stop) -> Result<Job, Failure> {
        match self.json(&ask, stop) {
            // The answer to the first was lost.
            Err(Failure::Refused(refusal)) if refusal.is_known_job() => self.job(name, stop),
            told => told,
        }
    }

    /// What a query would read; nothing is run.
    pub fn dry_run(&self, configuration: &Value, stop: &Stop) -> Result<Job, Failure> {
        let mut configuration = configuration.clone();
        configuration["dryRun"] = true.into();
        // What a cache would give costs nothing here, and all of it where a table is made.
        configuration["query"]["useQueryCache"] = false.into();
        let mut body = json!({"configuration": configuration});
        if let Some(location) = self.location(stop)? {
            body["jobReference"] = json!({"projectId": self.project, "location": location});
        }
        let ask = Ask { timeout: QUICK, ..Ask::get(self.own(&["jobs"])?) };
        self.json(&ask.with_body("POST", "application/json", body.to_string().into_bytes()), stop)
    }

    /// How a job fares.
    pub fn job(&self, name: &Name, stop: &Stop) -> Result<Job, Failure> {
        self.json(&Ask::get(self.of_job(name, "jobs", &[])?), stop)
    }

    pub fn cancel(&self, name: &Name, stop: &Stop) -> Result<(), Failure> {
        let ask = Ask::get(self.of_job(name, "jobs", &["cancel"])?);
        self.done(&ask.with_body("POST", "application/json", b"{}".to_vec()), stop).map(drop)
    }

    /// Waits for a query's end for a while.
    pub fn wait(&self, name: &Name, stop: &Stop) -> Result<Page, Failure> {
        self.results(
            name,
            |query| {
                query.append_pair("maxResults", "0").append_pair("timeoutMs", &HELD.as_millis().to_string());
            },
            stop,
        )
    }

    /// A page of a query's rows; the first where `token` is none.
    pub fn page(&self, name: &Name, token: Option<&str>, stop: &Stop) -> Result<Page, Failure> {
        self.results(
            name,
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
        name: &Name,
        asked: impl FnOnce(&mut url::form_urlencoded::Serializer<'_, url::UrlQuery<'_>>),
        stop: &Stop,
    ) -> Result<Page, Failure> {
        let mut url = self.of_job(name, "queries", &[])?;
        asked(url.query_pairs_mut().append_pair("formatOptions.useInt64Timestamp", "true"));
        self.json(&Ask { timeout: QUICK, ..Ask::get(url) }, stop)
    }

    /// All relations of a dataset; `None` where there is no such dataset.
    pub fn tables(&self, project: &str, dataset: &str, stop: &Stop) -> Result<Option<Vec<Table>>, Failure> {
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
    pub fn table(&self, name: &TableName, stop: &Stop) -> Result<Option<Table>, Failure> {
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
        Ok(absent(self.done(&Ask { method: "DELETE", ..Ask::get(url) }, stop)).map(drop)?)
    }

    pub fn has_dataset(&self, project: &str, dataset: &str, stop: &Stop) -> Result<bool, EngineError> {
        let url = self.url(&[], project, &["datasets", dataset])?;
        Ok(absent(self.done(&Ask::get(url), stop))?.is_some())
    }

    /// Makes a dataset, or finds it made.
    pub fn make_dataset(&self, project: &str, dataset: &str, stop: &Stop) -> Result<(), EngineError> {
        let url = self.url(&[], project, &["datasets"])?;
        let mut body = json!({"datasetReference": {"projectId": project, "datasetId": dataset}});
        // Where the profile's own is, since queries read and write in one place.
        if let Some(location) = self.location(stop)? {
            body["location"] = location.into();
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
fn absent<T>(told: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match told {
        Err(Failure::Refused(refusal)) if refusal.is_absent() => Ok(None),
        told => told.map(Some),
    }
}

/// Whether nobody waits for it any longer.
pub fn is_interrupt(failure: &Failure) -> bool {
    matches!(failure, Failure::Lost(error) if error.kind == ErrorKind::Interrupted)
}
