//! The account's interface for statements, request by request.

use super::answer::{Failure, Row, Told};
use super::error::{refused, unreadable};
use super::names::own;
use super::settings::Settings;
use crate::dialect::Statement;
use crate::engine::rest::{Again, Answer, Ask, Client, Late, Stop};
use crate::engine::{EngineError, ErrorKind};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// How long the answer to a statement is waited for once it is to end: by its number alone it can be ended.
const GRACE: Duration = Duration::from_secs(if cfg!(test) { 1 } else { 5 });
/// How a statement is called that was sent, and whose number wasn't told.
const UNNUMBERED: &str = "the statement that was just sent";
/// For a statement that is waited for in the request itself: the account answers after 45 seconds, whatever it does.
const WAITING: Duration = Duration::from_secs(90);
/// For a part of a result.
const TRANSFER: Duration = Duration::from_secs(600);

/// What is in the address of a statement that is sent again: the account then does nothing twice.
const REPEATED: &str = "retry=true";

/// One account, shared by the connections to its database.
pub struct Api {
    client: Client,
    host: Url,
    /// What the account calls the kind of credentials.
    kind: &'static str,
    database: String,
    schema: String,
    warehouse: Option<String>,
    role: Option<String>,
}

impl Api {
    pub fn new(settings: Settings) -> Api {
        let Settings { host, identity, database, schema, warehouse, role, .. } = settings;
        let client = Client::new(identity.credentials);
        Api { client, host, kind: identity.kind, database: own(&database), schema: own(&schema), warehouse, role }
    }

    fn url(&self, behind: &str) -> Result<Url, EngineError> {
        self.host.join(&format!("/api/v2/statements{behind}")).map_err(unreadable)
    }

    /// Sends a statement. One of fft's own is waited for; a model's is known by its number at once, so that it can be
    /// ended. Its number of our own makes of several requests one.
    pub fn submit(self: &Arc<Api>, statement: &Statement, stop: &Stop) -> Result<Told, EngineError> {
        let waits = if statement.query.is_some() { "&async=true" } else { "" };
        let url = self.url(&format!("?requestId={}{waits}", identifier()))?;
        let body = self.body(statement).to_string().into_bytes();
        let ask = Ask { again: Again::ByName, repeated: Some(REPEATED), timeout: WAITING, ..Ask::get(url) };
        let ask = self.headed(ask.with_body("POST", "application/json", body));
        let api = self.clone();
        // Nobody waits any longer for what it would give.
        let late: Late = Arc::new(move |answer| {
            if let Ok(Told::Running(handle)) = told(&answer) {
                drop(api.cancel(&handle, &Stop::default()));
            }
        });
        let answer = self.client.call(&Ask { late: Some((GRACE, late)), ..ask }, stop).map_err(|error| {
            let left = (error.kind == ErrorKind::Interrupted).then(|| UNNUMBERED.to_string());
            EngineError { left, ..error }
        })?;
        told(&answer)
    }

    fn body(&self, statement: &Statement) -> Value {
        let mut body = json!({
            "statement": statement.text,
            "database": self.database,
            "parameters": {
                "TIMEZONE": "UTC",
                "QUERY_TAG": tag(&statement.text),
                // Whatever the account or the user has set: all rows, and bytes as they are read here.
                "BINARY_OUTPUT_FORMAT": "HEX",
                "ROWS_PER_RESULTSET": 0,
            },
        });
        let others = [("warehouse", &self.warehouse), ("role", &self.role)];
        for (name, value) in others.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?))) {
            body[name] = value.as_str().into();
        }
        // fft's own statements name everything in full, before there is a schema too.
        if statement.query.is_some() {
            body["schema"] = self.schema.as_str().into();
        }
        if !statement.values.is_empty() {
            // fft's own texts of dates and times, whatever form the account has others in.
            for format in ["DATE_INPUT_FORMAT", "TIME_INPUT_FORMAT", "TIMESTAMP_INPUT_FORMAT"] {
                body["parameters"][format] = "AUTO".into();
            }
            let values = statement.values.iter().enumerate();
            let one =
                |(at, value): (usize, &Option<String>)| ((at + 1).to_string(), json!({"type": "TEXT", "value": value}));
            body["bindings"] = values.map(one).collect::<serde_json::Map<_, _>>().into();
        }
        body
    }

    fn headed(&self, ask: Ask) -> Ask {
        ask.with_header("accept", "application/json".into())
            .with_header("x-snowflake-authorization-token-type", self.kind.into())
    }

    /// How a statement fares.
    pub fn look(&self, handle: &str, stop: &Stop) -> Result<Told, EngineError> {
        told(&self.client.call(&self.headed(Ask::get(self.url(&format!("/{handle}"))?)), stop)?)
    }

    pub fn cancel(&self, handle: &str, stop: &Stop) -> Result<(), EngineError> {
        let ask = Ask::get(self.url(&format!("/{handle}/cancel"))?);
        let ask = self.headed(ask.with_body("POST", "application/json", b"{}".to_vec()));
        let answer = self.client.call(&ask, stop)?;
        // One that has ended already can't be cancelled.
        if [200, 422].contains(&answer.status) { Ok(()) } else { Err(refused(&answer)) }
    }

    /// The rows of a part of a result; the first is part 0.
    pub fn part(&self, handle: &str, number: usize, stop: &Stop) -> Result<Vec<Row>, EngineError> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Part {
            Named { data: Vec<Row> },
            Plain(Vec<Row>),
        }
        let ask = Ask { timeout: TRANSFER, ..Ask::get(self.url(&format!("/{handle}?partition={number}"))?) };
        let answer = self.client.call(&self.headed(ask), stop)?;
        if answer.status != 200 {
            return Err(refused(&answer));
        }
        let part = serde_json::from_slice(&answer.body).map_err(unreadable)?;
        let (Part::Named { data } | Part::Plain(data)) = part;
        Ok(data)
    }
}

/// What the history of queries shows a statement as: the words of the comment in front of it, where it has one.
fn tag(text: &str) -> &str {
    let words = text.strip_prefix("/* ").and_then(|rest| rest.split_once(" */")).map(|(words, _)| words);
    words.filter(|words| words.starts_with("fft ")).unwrap_or("fft")
}

/// A number that no other request has (UUID, version 4).
fn identifier() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("invariant: the operating system gives random bytes");
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| &digits[part]);
    parts.join("-")
}

/// What an answer says of a statement.
fn told(answer: &Answer) -> Result<Told, EngineError> {
    let read = |body: &[u8]| serde_json::from_slice::<Failure>(body).map_err(unreadable);
    match answer.status {
        200 => serde_json::from_slice(&answer.body).map(Told::Done).map_err(unreadable),
        202 => {
            let handle = read(&answer.body)?.statement_handle;
            handle.map(Told::Running).ok_or_else(|| unreadable("a statement has no number"))
        }
        // The second is that of one which the account has ended since it took too long.
        422 | 408 => read(&answer.body).map(Told::Failed),
        _ => Err(refused(answer)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_shown_as_what_it_is_for() {
        assert_eq!(tag("/* fft run-1 stg_users.ff */ create table t"), "fft run-1 stg_users.ff");
        assert_eq!(tag("/* mine */ select 1"), "fft");
        assert_eq!(tag("select 1"), "fft");
        let (one, two) = (identifier(), identifier());
        assert!(one.len() == 36 && one != two && one.as_bytes()[14] == b'4', "{one}");
    }
}
