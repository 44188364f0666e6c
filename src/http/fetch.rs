//! One exchange with one server: no redirects, no retries, no rules. The only place that opens connections, for models as
//! for engines that are spoken to over HTTP.

use super::HttpError;
use super::limit::{Cancel, SLICE};
use super::prepare::Prepared;
use std::collections::BTreeMap;
use std::sync::mpsc::{RecvTimeoutError, SendError, channel};
use ureq::http;
use url::Url;

/// The most bytes of body that are taken in.
const LARGEST_BODY: u64 = 1 << 30;

/// What a server said, whatever the status.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
    pub url: Url,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Failure {
    /// No complete answer came; another attempt may fare better.
    Unreachable {
        cause: String,
        /// No connection came about: the server has heard nothing of the request.
        unheard: bool,
    },
    /// Another attempt would end the same.
    Final(HttpError),
}

impl From<HttpError> for Failure {
    fn from(error: HttpError) -> Failure {
        Failure::Final(error)
    }
}

/// Connections to servers, kept open between exchanges.
pub struct Fetcher {
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
        self.exchange_unless(request, &mut || cancel.check().is_err(), drop)
    }

    /// The same until `given_up`, which is asked again and again, says that nobody waits any longer. An answer that comes
    /// after that is given to `late`, on a thread of its own.
    pub fn exchange_unless(
        &self,
        request: &Prepared,
        given_up: &mut dyn FnMut() -> bool,
        late: impl FnOnce(Answer) + Send + 'static,
    ) -> Result<Answer, Failure> {
        let (sender, receiver) = channel();
        let (agent, request) = (self.agent.clone(), request.clone());
        // On its own thread because a blocking read can't be interrupted; an interrupted run leaves it behind.
        let exchange = move || {
            if let Err(SendError(Ok(answer))) = sender.send(exchange(&agent, request)) {
                late(answer);
            }
        };
        let thread = std::thread::Builder::new().name("http".into());
        let unsent =
            |error| Failure::Unreachable { cause: format!("no thread to send it from: {error}"), unheard: true };
        thread.spawn(exchange).map_err(unsent)?;
        loop {
            match receiver.recv_timeout(SLICE) {
                Ok(result) => return result,
                Err(RecvTimeoutError::Timeout) if given_up() => return Err(HttpError::Cancelled.into()),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Failure::Unreachable { cause: "the exchange broke off".into(), unheard: false });
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
    let unheard = is_unheard(&error);
    let cause = match error {
        ureq::Error::Http(_) | ureq::Error::BadUri(_) => return invalid("the request can't be put into HTTP"),
        ureq::Error::BodyExceedsLimit(limit) => return invalid(&format!("the answer's body is over {limit} bytes")),
        ureq::Error::LargeResponseHeader(..) => return invalid("the answer's header is too large"),
        ureq::Error::Timeout(_) => format!("no answer within {} s", timeout.as_secs_f64()),
        ureq::Error::HostNotFound => "its host isn't found".into(),
        ureq::Error::ConnectProxyFailed(_) => "the proxy doesn't connect".into(),
        ureq::Error::Io(error) => error.to_string(),
        other => other.to_string(),
    };
    Failure::Unreachable { cause, unheard }
}

/// Whether an error is one of making a connection.
fn is_unheard(error: &ureq::Error) -> bool {
    use ureq::Timeout;
    match error {
        ureq::Error::HostNotFound
        | ureq::Error::ConnectionFailed
        | ureq::Error::ConnectProxyFailed(_)
        | ureq::Error::Tls(_)
        | ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => true,
        ureq::Error::Io(error) => error.kind() == std::io::ErrorKind::ConnectionRefused,
        _ => false,
    }
}
