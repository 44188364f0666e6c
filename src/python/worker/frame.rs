//! The control frames between host and worker: one JSON object a line.

use crate::python::exchange::{HttpAnswer, HttpCall};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Bodies above this many bytes travel in a file.
const INLINE_BYTES: usize = 1 << 20;

/// What the worker sends.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FromWorker {
    Ready(Ready),
    Http(HttpRequest),
    Unusable(String),
    Done(Done),
    Failed(Failed),
}

#[derive(Debug, Deserialize)]
pub struct Ready {
    /// `3.11`
    pub version: String,
    pub pyarrow: bool,
}

#[derive(Debug, Deserialize)]
pub struct HttpRequest {
    method: String,
    url: String,
    params: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: Option<String>,
    timeout: Option<f64>,
}

/// Where the rows are, and what the model loaded that wasn't seen by reading it.
#[derive(Debug, Deserialize)]
pub struct Done {
    #[serde(flatten)]
    pub rows: Rows,
    /// Files of the project.
    pub unwatched: Vec<String>,
}

/// Arrow IPC, JSON lines with the kind of each column, or a view of the session that was lent.
#[derive(Debug, Deserialize)]
#[serde(tag = "format", rename_all = "lowercase")]
pub enum Rows {
    Arrow,
    Json {
        columns: Vec<(String, String)>,
    },
    View {
        columns: Vec<String>,
    },
    /// Of a hook.
    Nothing,
}

#[derive(Debug, Deserialize)]
pub struct Failed {
    pub kind: String,
    pub message: String,
    pub traceback: Option<String>,
    pub path: Option<String>,
    pub line: Option<usize>,
    pub package: Option<String>,
}

/// One model to run.
#[derive(Serialize)]
pub struct JobFrame<'a> {
    pub number: u64,
    pub node: &'a str,
    pub path: &'a str,
    pub source: &'a str,
    pub function: &'a str,
    pub ordinal: usize,
    pub project_root: &'a Path,
    pub imports: &'a Path,
    pub modules: &'a BTreeMap<String, String>,
    pub env: &'a BTreeSet<String>,
    /// Of a model whose table is extended: the greatest value of each column that it asks for.
    pub incremental: Option<&'a BTreeMap<String, Option<String>>>,
    pub inputs: Vec<InputFrame<'a>>,
    pub output: &'a Path,
    pub vars: &'a BTreeMap<String, Value>,
    pub engine: &'a str,
    pub profile: &'a str,
    pub requires: Option<&'a Value>,
    /// `arrow` or `json`.
    pub format: &'static str,
    /// The form that the model declares to take rows in.
    pub frame: Option<&'static str>,
    /// What a hook is told.
    pub hook: Option<&'a Value>,
    pub lent: Option<LentFrame<'a>>,
}

/// A session of the database.
#[derive(Serialize)]
pub struct LentFrame<'a> {
    pub address: &'a str,
    /// What the model's DataFrame is left as.
    pub view: &'a str,
}

#[derive(Serialize)]
#[serde(untagged)]
pub enum InputFrame<'a> {
    File {
        name: &'a str,
        file: std::path::PathBuf,
        /// Name, and how to read it from JSON lines.
        columns: Vec<(String, &'static str)>,
    },
    Query {
        name: &'a str,
        query: &'a str,
    },
}

impl HttpRequest {
    pub fn into_call(self) -> Result<HttpCall, base64::DecodeError> {
        let body = self.body.map(|body| STANDARD.decode(body)).transpose()?;
        let HttpRequest { method, url, params, headers, timeout, .. } = self;
        Ok(HttpCall { method, url, params, headers, body, timeout })
    }
}

/// The frame that answers a request; a large body is put into a new file in `folder`.
pub fn answer(answer: HttpAnswer, folder: &Path) -> Value {
    let reply = match answer {
        Ok(reply) => reply,
        Err(sentence) => return json!({ "error": sentence }),
    };
    let mut frame = json!({ "status": reply.status, "headers": reply.headers, "url": reply.url, "key": reply.key });
    if reply.body.len() <= INLINE_BYTES {
        frame["body"] = Value::from(STANDARD.encode(&reply.body));
        return json!({ "reply": frame });
    }
    match large(&reply.body, folder) {
        Ok(file) => frame["file"] = json!(file),
        Err(error) => return json!({ "error": format!("the answer can't be handed to the model: {error}") }),
    }
    json!({ "reply": frame })
}

#[expect(clippy::disallowed_methods, reason = "the worker reads the file, and removes it")]
fn large(body: &[u8], folder: &Path) -> std::io::Result<std::path::PathBuf> {
    let mut file = tempfile::Builder::new().prefix("body-").tempfile_in(folder)?;
    std::io::Write::write_all(&mut file, body)?;
    Ok(file.into_temp_path().keep()?)
}
