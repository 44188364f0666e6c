//! The workspace's interface for statements, files and the history of queries, request by request.

use super::error::{refused, unreadable};
use super::settings::Settings;
use crate::dialect::Statement;
use crate::engine::EngineError;
use crate::engine::rest::{Again, Answer, Ask, Client, Late, Stop};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// How long the answer to a statement is waited for once it is to end: then it is known by its number, or not at all.
const GRACE: Duration = Duration::from_secs(1);
/// For a statement that is waited for in the request itself.
const WAITING: Duration = Duration::from_secs(60);
/// For a file, or a part of a result.
const TRANSFER: Duration = Duration::from_secs(600);

/// How a statement's rows are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// In the answer, as JSON: for few and of plain types.
    Inline,
    /// Behind links, as Arrow.
    Links,
}

/// A statement as the workspace tells of it.
#[derive(Debug, Deserialize)]
pub struct Told {
    pub statement_id: String,
    pub status: Status,
    pub manifest: Option<Manifest>,
    pub result: Option<Chunk>,
}

#[derive(Debug, Deserialize)]
pub struct Status {
    pub state: String,
    pub error: Option<Failure>,
    pub sql_state: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Failure {
    pub error_code: String,
    pub message: String,
}

#[derive(Debug, Deserialize)]
pub struct Manifest {
    pub schema: Schema,
    #[serde(default)]
    pub total_row_count: u64,
    #[serde(default)]
    pub truncated: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Schema {
    pub columns: Vec<Column>,
}

#[derive(Debug, Deserialize)]
pub struct Column {
    pub name: String,
    pub type_text: String,
}

/// A part of a result.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Chunk {
    pub data_array: Option<Vec<Vec<Option<String>>>>,
    pub external_links: Option<Vec<Link>>,
    /// The next part, where it is known in front of the rows.
    pub next_chunk_internal_link: Option<String>,
}

/// Where a part's rows are, for some minutes. Whoever has it can read them: it is shown nowhere.
#[derive(Deserialize)]
pub struct Link {
    pub external_link: String,
    #[serde(default)]
    pub chunk_index: u64,
    pub row_count: Option<u64>,
    pub next_chunk_internal_link: Option<String>,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Link {{ chunk_index: {} }}", self.chunk_index)
    }
}

/// One workspace, shared by the connections to its warehouse.
pub struct Api {
    client: Client,
    host: Url,
    warehouse: String,
    catalog: String,
    schema: String,
}

impl Api {
    pub fn new(settings: Settings) -> Api {
        let Settings { host, credentials, warehouse, catalog, schema, .. } = settings;
        Api { client: Client::new(credentials), host, warehouse, catalog, schema }
    }

    fn url(&self, path: &str) -> Result<Url, EngineError> {
        self.host.join(path).map_err(unreadable)
    }

    fn statement_url(&self, behind: &str) -> Result<Url, EngineError> {
        self.url(&format!("/api/2.0/sql/statements{behind}"))
    }

    /// Sends a statement. One of fft's own is waited for; a model's is known by its number at once, so that it can be
    /// ended. `again`: whether it may be sent twice.
    pub fn submit(
        self: &Arc<Api>,
        statement: &Statement,
        form: Form,
        again: Again,
        stop: &Stop,
    ) -> Result<Told, EngineError> {
        let (format, disposition) = match form {
            Form::Inline => ("JSON_ARRAY", "INLINE"),
            Form::Links => ("ARROW_STREAM", "EXTERNAL_LINKS"),
        };
        let mut body = json!({
            "warehouse_id": self.warehouse,
            "catalog": self.catalog,
            "statement": statement.text,
            "wait_timeout": if statement.query.is_some() { "0s" } else { "30s" },
            "on_wait_timeout": "CONTINUE",
            "format": format,
            "disposition": disposition,
        });
        // fft's own statements name everything in full, before there is a schema too.
        if statement.query.is_some() {
            body["schema"] = self.schema.as_str().into();
        }
        if !statement.values.is_empty() {
            let one = |(at, value): (usize, &Option<String>)| {
                let mut parameter = json!({"name": format!("p{}", at + 1), "type": "STRING"});
                if let Some(value) = value {
                    parameter["value"] = value.as_str().into();
                }
                parameter
            };
            body["parameters"] = statement.values.iter().enumerate().map(one).collect::<Value>();
        }
        let ask = Ask { again, timeout: WAITING, ..Ask::get(self.statement_url("")?) };
        let ask = ask.with_body("POST", "application/json", body.to_string().into_bytes());
        let api = self.clone();
        // Nobody waits any longer for what it would give.
        let late: Late = Arc::new(move |answer| {
            if let Ok(told) = read::<Told>(&answer) {
                drop(api.cancel(&told.statement_id, &Stop::default()));
            }
        });
        self.json(&Ask { late: Some((GRACE, late)), ..ask }, stop)
    }

    /// How a statement fares.
    pub fn look(&self, statement: &str, stop: &Stop) -> Result<Told, EngineError> {
        self.json(&Ask::get(self.statement_url(&format!("/{statement}"))?), stop)
    }

    pub fn cancel(&self, statement: &str, stop: &Stop) -> Result<(), EngineError> {
        let ask = Ask::get(self.statement_url(&format!("/{statement}/cancel"))?);
        self.done(&ask.with_body("POST", "application/json", b"{}".to_vec()), stop).map(drop)
    }

    /// The part of a result that another one names as the next.
    pub fn next(&self, link: &str, stop: &Stop) -> Result<Chunk, EngineError> {
        // Elsewhere nobody is to get the token.
        if !link.starts_with("/api/") {
            return Err(unreadable("the next part of the result is elsewhere"));
        }
        self.json(&Ask::get(self.url(link)?), stop)
    }

    /// A part of a result anew: its link may have ended.
    pub fn chunk(&self, statement: &str, number: u64, stop: &Stop) -> Result<Chunk, EngineError> {
        self.json(&Ask::get(self.statement_url(&format!("/{statement}/result/chunks/{number}"))?), stop)
    }

    /// The bytes behind a link, which says itself who may read them.
    pub fn external(&self, link: &Link, stop: &Stop) -> Result<Answer, EngineError> {
        // Its own words would show it.
        let url = Url::parse(&link.external_link).map_err(|_| unreadable("a part of the result has no address"))?;
        self.client.call_without(&Ask { timeout: TRANSFER, ..Ask::get(url) }, stop)
    }

    /// Writes a file of a volume.
    pub fn put(&self, path: &str, bytes: Vec<u8>, stop: &Stop) -> Result<(), EngineError> {
        let mut url = self.file(path)?;
        url.set_query(Some("overwrite=true"));
        let ask = Ask { timeout: TRANSFER, ..Ask::get(url) };
        self.done(&ask.with_body("PUT", "application/octet-stream", bytes), stop).map(drop)
    }

    pub fn delete(&self, path: &str, stop: &Stop) -> Result<(), EngineError> {
        let ask = Ask { method: "DELETE", ..Ask::get(self.file(path)?) };
        let answer = self.client.call(&ask, stop)?;
        // A repeated request finds it gone.
        if answer.status == 404 { Ok(()) } else { told(answer).map(drop) }
    }

    fn file(&self, path: &str) -> Result<Url, EngineError> {
        let mut url = self.host.clone();
        let mut segments = url.path_segments_mut().map_err(|()| unreadable("the address has no path"))?;
        segments.clear().extend(["api", "2.0", "fs", "files"]).extend(path.split('/').filter(|part| !part.is_empty()));
        drop(segments);
        Ok(url)
    }

    /// What the history of queries tells of a statement.
    pub fn history(&self, statement: &str, stop: &Stop) -> Result<Value, EngineError> {
        let mut url = self.url("/api/2.0/sql/history/queries")?;
        url.query_pairs_mut().append_pair("include_metrics", "true").append_pair("filter_by.statement_ids", statement);
        let told: Value = self.json(&Ask { timeout: Duration::from_secs(10), ..Ask::get(url) }, stop)?;
        Ok(told["res"][0]["metrics"].clone())
    }

    fn json<T: DeserializeOwned>(&self, ask: &Ask, stop: &Stop) -> Result<T, EngineError> {
        read(&self.done(ask, stop)?)
    }

    fn done(&self, ask: &Ask, stop: &Stop) -> Result<Answer, EngineError> {
        told(self.client.call(ask, stop)?)
    }
}

fn told(answer: Answer) -> Result<Answer, EngineError> {
    if (200..300).contains(&answer.status) { Ok(answer) } else { Err(refused(&answer)) }
}

fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, EngineError> {
    serde_json::from_slice(&answer.body).map_err(unreadable)
}
