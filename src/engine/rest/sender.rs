//! One request and its answer: sent again where that is safe, and waited for until somebody asks for an end.

use super::stop::{Stop, interrupted};
use crate::engine::{EngineError, ErrorKind};
use crate::http::{Answer, Failure, Fetcher, HttpError, Prepared, SLICE, retry};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// How often a request is sent again that the server puts off, or whose answer was lost.
const MOST: u32 = 6;
/// How often it is tried to reach a server at all.
const MOST_UNHEARD: u32 = 3;

/// When a request may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// Whatever became of the first: twice does no more than once.
    Always,
    /// Only where the server has told, or can't but have left, it alone.
    Untaken,
    /// Whatever became of the first: it has a name, by which the server knows that it is the same. Only so does it no
    /// more than once.
    ByName,
}

impl Again {
    /// Whether it may be sent again though its answer was lost.
    fn though_lost(self) -> bool {
        self != Again::Untaken
    }
}

/// Takes an answer for which nobody waits any longer.
pub type Late = Arc<dyn Fn(Answer) + Send + Sync>;

/// What a server is asked.
#[derive(Clone)]
pub struct Ask {
    pub method: &'static str,
    pub url: Url,
    /// Names in lower case.
    pub headers: Vec<(&'static str, String)>,
    pub body: Option<Vec<u8>>,
    /// For one exchange.
    pub timeout: Duration,
    pub again: Again,
    /// What is in the address behind its query once it is sent again: by which the server knows that.
    pub repeated: Option<&'static str>,
    /// How long the answer is waited for once an end is asked for, and who is given it after that.
    pub late: Option<(Duration, Late)>,
}

impl Ask {
    /// Asks for what is there, for half a minute at most.
    pub fn get(url: Url) -> Ask {
        let timeout = Duration::from_secs(30);
        Ask {
            method: "GET",
            url,
            headers: Vec::new(),
            body: None,
            timeout,
            again: Again::Always,
            repeated: None,
            late: None,
        }
    }

    /// Sends a body of a type.
    pub fn with_body(self, method: &'static str, kind: &str, body: Vec<u8>) -> Ask {
        Ask { method, body: Some(body), ..self }.with_header("content-type", kind.into())
    }

    pub fn with_header(mut self, name: &'static str, value: String) -> Ask {
        self.headers.push((name, value));
        self
    }

    /// How people know the server.
    fn server(&self) -> String {
        let port = self.url.port().map_or(String::new(), |port| format!(":{port}"));
        format!("{}{port}", self.url.host_str().unwrap_or_default())
    }
}

/// Sends requests to servers, over connections that are kept.
pub struct Sender {
    fetcher: Fetcher,
}

impl Sender {
    /// Proxies are those of the process's environment: `ALL_PROXY`, `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`.
    pub fn new() -> Sender {
        Sender { fetcher: Fetcher::new(ureq::Proxy::try_from_env()) }
    }

    /// The server's answer, whatever its status, once it is none that a later attempt may better.
    pub fn send(&self, ask: &Ask, stop: &Stop) -> Result<Answer, EngineError> {
        let headers = ask.headers.iter().map(|(name, value)| (name.to_string(), value.clone())).collect();
        let (method, url, timeout) = (ask.method.to_string(), ask.url.clone(), ask.timeout);
        let mut request = Prepared { method, url, headers, body: ask.body.clone(), timeout };
        for retries in 0.. {
            let told = match self.exchange(ask, &request, stop) {
                Ok(answer) if retries < MOST && is_put_off(answer.status, ask.again) => Some(answer),
                Ok(answer) => return Ok(answer),
                Err(Failure::Final(HttpError::Cancelled)) => return Err(interrupted()),
                Err(Failure::Final(error)) => {
                    let message = format!("{} can't be asked: {error}", ask.server());
                    return Err(EngineError::new(ErrorKind::Connection, message));
                }
                Err(Failure::Unreachable { unheard: true, .. }) if retries < MOST_UNHEARD => None,
                Err(Failure::Unreachable { unheard: false, .. }) if retries < MOST && ask.again.though_lost() => None,
                Err(Failure::Unreachable { cause, unheard }) => return Err(unreachable(ask, &cause, unheard, retries)),
            };
            stop.sleep(pause(retries, told.as_ref()))?;
            if retries == 0
                && let Some(repeated) = ask.repeated
            {
                let query = request.url.query().map_or(repeated.into(), |query| format!("{query}&{repeated}"));
                request.url.set_query(Some(&query));
            }
        }
        unreachable!("invariant: the last attempt gives its result")
    }

    fn exchange(&self, ask: &Ask, request: &Prepared, stop: &Stop) -> Result<Answer, Failure> {
        let Some((grace, late)) = ask.late.clone() else {
            return self.fetcher.exchange_unless(request, &mut || stop.is_asked(), drop);
        };
        let mut left = grace;
        let given_up = &mut || {
            left = if stop.is_asked() { left.saturating_sub(SLICE) } else { grace };
            left.is_zero()
        };
        self.fetcher.exchange_unless(request, given_up, move |answer| late(answer))
    }
}

/// Whether the server may well do later what it was asked.
fn is_put_off(status: u16, again: Again) -> bool {
    // These two say that nothing was done; behind the others something may have been.
    [429, 503].contains(&status) || again.though_lost() && retry::is_passing(status)
}

/// How long to wait, as the server says, by its own clock where that is a date.
fn pause(retries: u32, told: Option<&Answer>) -> Duration {
    let header = |name: &str| told.and_then(|answer| answer.headers.get(name)).map(String::as_str);
    let date = header("date").and_then(|text| DateTimeParser::new().parse_timestamp(text.trim()).ok());
    let wait = retry::wait(retries, header("retry-after"), date.unwrap_or(Timestamp::MAX));
    // A date that nothing says the distance to would be in the past.
    let unsaid = date.is_none() && header("retry-after").is_some_and(|text| text.contains(':'));
    if unsaid { retry::wait(retries, None, Timestamp::MAX).length } else { wait.length }
}

fn unreachable(ask: &Ask, cause: &str, unheard: bool, retries: u32) -> EngineError {
    let after = if retries > 0 { format!(", tried {} times", retries + 1) } else { String::new() };
    let (verb, hint) = match (unheard, ask.again) {
        (true, _) => ("can't be reached", "check the network, and that the profile names the server"),
        (false, Again::Always) => ("gave no answer", "check the network"),
        (false, Again::Untaken | Again::ByName) => {
            let hint = "the next run looks at what stands and builds what is missing";
            ("gave no answer, and whether it did what it was asked isn't known", hint)
        }
    };
    let message = format!("{} {verb}: {cause}{after}", ask.server());
    EngineError::new(ErrorKind::Connection, message).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::super::stub::{Reply, Stub};
    use super::*;
    use crate::engine::Interrupt;
    use std::sync::mpsc::channel;

    fn ask(url: &str, again: Again) -> Ask {
        Ask { again, ..Ask::get(url.parse().unwrap()) }
    }

    fn sent(replies: Vec<Reply>, again: Again) -> (Result<Answer, EngineError>, usize) {
        let stub = Stub::in_turn(replies);
        (Sender::new().send(&ask(&stub.url("/x?secret=1"), again), &Stop::default()), stub.count())
    }

    #[test]
    fn what_a_server_puts_off_is_sent_again() {
        let now = |status: &str| Reply::head(&format!("{status}\r\nRetry-After: 0"));
        for (replies, again, status, count) in [
            (vec![now("429 Too Many Requests"), now("503 Unavailable"), now("200 OK")], Again::Untaken, 200, 3),
            (vec![now("500 Broken"), now("200 OK")], Again::Untaken, 500, 1),
            (vec![now("500 Broken"), now("502 Bad Gateway"), now("504 Late"), now("200 OK")], Again::Always, 200, 4),
            (vec![now("429 Too Many Requests")], Again::Always, 429, 7),
            (vec![now("404 Not Found")], Again::Always, 404, 1),
        ] {
            let (answer, asked) = sent(replies, again);
            assert_eq!((answer.unwrap().status, asked), (status, count));
        }
    }

    #[test]
    fn a_lost_answer_is_asked_for_again_only_where_twice_does_no_more_than_once() {
        let (answer, asked) = sent(vec![Reply::Cut, Reply::head("200 OK")], Again::Always);
        assert_eq!((answer.unwrap().status, asked), (200, 2));
        let (answer, asked) = sent(vec![Reply::Cut, Reply::head("200 OK")], Again::Untaken);
        let error = answer.unwrap_err();
        assert_eq!((error.kind, asked), (ErrorKind::Connection, 1));
        assert!(error.message.contains("whether it did what it was asked isn't known"), "{error}");
        assert!(!format!("{error:?}").contains("secret"), "{error:?}");
    }

    #[test]
    fn what_has_a_name_is_sent_again_by_it() {
        let stub =
            Stub::in_turn(vec![Reply::Cut, Reply::head("503 Unavailable\r\nRetry-After: 0"), Reply::head("200 OK")]);
        let named = Ask { repeated: Some("retry=true"), ..ask(&stub.url("/x?id=7"), Again::ByName) };
        assert_eq!(Sender::new().send(&named, &Stop::default()).unwrap().status, 200);
        let lines: Vec<String> = stub.seen().iter().map(|seen| seen.line().replace(" HTTP/1.1", "")).collect();
        assert_eq!(lines, ["GET /x?id=7", "GET /x?id=7&retry=true", "GET /x?id=7&retry=true"]);
        // Lost for good: nobody knows.
        let error = super::unreachable(&named, "cut", false, 6);
        assert!(error.message.contains("whether it did what it was asked isn't known"), "{error}");
    }

    #[test]
    fn an_end_that_is_asked_for_ends_waits_and_takes_what_comes_late() {
        let stub = Stub::in_turn(vec![Reply::head("503 Unavailable\r\nRetry-After: 60")]);
        let stop = Stop::default();
        let error = std::thread::scope(|scope| {
            let waiting = scope.spawn(|| Sender::new().send(&ask(&stub.url("/"), Again::Untaken), &stop));
            stub.asked(1);
            stop.interrupt();
            waiting.join().unwrap().unwrap_err()
        });
        assert_eq!(error.kind, ErrorKind::Interrupted);
        // A request under way: its answer isn't lost.
        stop.reset();
        let (sender, late) = channel();
        let (go, held) = Reply::held("200 OK");
        let stub = Stub::in_turn(vec![held]);
        let give = move |answer: Answer| sender.send(answer.status).unwrap();
        let ask = Ask { late: Some((SLICE, Arc::new(give))), ..ask(&stub.url("/"), Again::Untaken) };
        let error = std::thread::scope(|scope| {
            let waiting = scope.spawn(|| Sender::new().send(&ask, &stop));
            stub.asked(1);
            stop.interrupt();
            waiting.join().unwrap().unwrap_err()
        });
        assert_eq!(error.kind, ErrorKind::Interrupted);
        go.send(()).unwrap();
        assert_eq!(late.recv(), Ok(200));
    }

    #[test]
    fn the_server_says_how_long_to_wait() {
        let answer = |headers: &[(&str, &str)]| Answer {
            status: 503,
            headers: headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
            body: Vec::new(),
            url: "http://h".parse().unwrap(),
        };
        let seconds = |retries, headers: &[(&str, &str)]| pause(retries, Some(&answer(headers))).as_secs_f64();
        assert_eq!(pause(1, None), Duration::from_secs(1));
        assert_eq!(seconds(0, &[("retry-after", "7")]), 7.0);
        let until = ("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT");
        assert_eq!(seconds(0, &[until, ("date", "Wed, 21 Oct 2015 07:27:50 GMT")]), 10.0);
        assert_eq!(seconds(0, &[until]), 0.5);
    }
}
