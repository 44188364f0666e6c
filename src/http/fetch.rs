//! One exchange with one server: no redirects, no retries, no rules. The only place that opens connections.

use super::HttpError;
use super::limit::{Cancel, SLICE};
use super::prepare::Prepared;
use std::collections::BTreeMap;
use std::sync::mpsc::{RecvTimeoutError, channel};
use ureq::http;
use url::Url;

/// The most bytes of body that are taken in.
const LARGEST_BODY: u64 = 1 << 30;

/// What a server said, whatever the status.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
    pub url: Url,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// No complete answer came; another attempt may fare better.
    Unreachable(String),
    /// Another attempt would end the same.
    Final(HttpError),
}

impl From<HttpError> for Failure {
    fn from(error: HttpError) -> Failure {
        Failure::Final(error)
    }
}

/// Connections to servers, kept open between exchanges.
pub(super) struct Fetcher {
    agent: ureq::Agent,
}

impl Fetcher {
    pub fn new(proxy: Option<ureq::Proxy>) -> Fetcher {
        let config = ureq::Agent::config_builder()
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .user_agent(concat!("fft/", env!("CARGO_PKG_VERSION")))
            .proxy(proxy)
            .build();
        Fetcher { agent: config.new_agent() }
    }

    /// Sends `request` and waits for all of the answer, at most `request.timeout`, or until the run is interrupted.
    pub fn exchange(&self, request: &Prepared, cancel: &Cancel) -> Result<Answer, Failure> {
        cancel.check()?;
        let (sender, receiver) = channel();
        let (agent, request) = (self.agent.clone(), request.clone());
        // On its own thread because a blocking read can't be interrupted; an interrupted run leaves it behind.
        let exchange = move || {
            let _ = sender.send(exchange(&agent, request));
        };
        let thread = std::thread::Builder::new().name("http".into());
        thread.spawn(exchange).map_err(|error| Failure::Unreachable(format!("no thread to send it from: {error}")))?;
        loop {
            match receiver.recv_timeout(SLICE) {
                Ok(result) => return result,
                Err(RecvTimeoutError::Timeout) => cancel.check()?,
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Failure::Unreachable("the exchange broke off".into()));
                }
            }
        }
    }
}

fn exchange(agent: &ureq::Agent, request: Prepared) -> Result<Answer, Failure> {
    let timeout = request.timeout;
    let mut builder = http::Request::builder().method(request.method.as_str()).uri(request.url.as_str());
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    let needs_body = matches!(request.method.as_str(), "POST" | "PUT" | "PATCH");
    let result = match request.body.or(needs_body.then(Vec::new)) {
        Some(body) => builder
            .body(body)
            .map_err(ureq::Error::Http)
            .and_then(|request| agent.run(agent.configure_request(request).timeout_global(Some(timeout)).build())),
        None => builder
            .body(())
            .map_err(ureq::Error::Http)
            .and_then(|request| agent.run(agent.configure_request(request).timeout_global(Some(timeout)).build())),
    };
    let read = result.and_then(|mut response| {
        let body = response.body_mut().with_config().limit(LARGEST_BODY).read_to_vec()?;
        Ok(Answer { status: response.status().as_u16(), headers: joined(response.headers()), body, url: request.url })
    });
    read.map_err(|error| failure(error, timeout))
}

fn joined(headers: &http::HeaderMap) -> BTreeMap<String, String> {
    let mut joined: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        joined
            .entry(name.as_str().to_string())
            .and_modify(|text| {
                text.push_str(", ");
                text.push_str(&value);
            })
            .or_insert_with(|| value.to_string());
    }
    joined
}

/// Puts an error into words of our own where the library's might carry a URL with a credential.
fn failure(error: ureq::Error, timeout: std::time::Duration) -> Failure {
    let invalid = |message: &str| Failure::Final(HttpError::Invalid { message: message.into() });
    match error {
        ureq::Error::Http(_) | ureq::Error::BadUri(_) => invalid("the request can't be put into HTTP"),
        ureq::Error::BodyExceedsLimit(limit) => invalid(&format!("the answer's body is over {limit} bytes")),
        ureq::Error::LargeResponseHeader(..) => invalid("the answer's header is too large"),
        ureq::Error::Timeout(_) => Failure::Unreachable(format!("no answer within {} s", timeout.as_secs_f64())),
        ureq::Error::HostNotFound => Failure::Unreachable("its host isn't found".into()),
        ureq::Error::ConnectProxyFailed(_) => Failure::Unreachable("the proxy doesn't connect".into()),
        ureq::Error::Io(error) => Failure::Unreachable(error.to_string()),
        other => Failure::Unreachable(other.to_string()),
    }
}
