//! Which requests are answered at all: those that name this machine, not one that a stranger's name was bent to.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::IpAddr;

/// The host names that are answered.
///
/// A page of another site can have its own name resolve to the loopback address and then read what is served here. It
/// can't do so with an address or with `localhost`, so those are always right; beside them only the name that the user
/// gave is.
#[derive(Clone, Debug)]
pub struct Guard {
    host: String,
}

impl Guard {
    pub fn new(host: &str) -> Guard {
        Guard { host: host.to_ascii_lowercase() }
    }

    /// Whether a `Host` names this machine; its port doesn't count, since a tunnel may have another.
    fn knows(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((address, port)) if port.is_empty() || port.starts_with(':') => address,
            Some(_) => return false,
            None => host.split_once(':').map_or(host.as_str(), |(name, _)| name),
        };
        name.parse::<IpAddr>().is_ok() || name == "localhost" || name.ends_with(".localhost") || name == self.host
    }

    /// One `Host`, and where the target has a host too, that one.
    fn allows(&self, headers: &HeaderMap, uri: &Uri) -> bool {
        let mut hosts = headers.get_all(header::HOST).iter();
        let (first, second) = (hosts.next(), hosts.next());
        let named = first.and_then(|host| host.to_str().ok()).is_some_and(|host| self.knows(host));
        named && second.is_none() && uri.host().is_none_or(|host| self.knows(host))
    }
}

/// Turns away what names another host, and paths whose beginning a browser could take for a host's name.
pub async fn guard(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    if !guard.allows(request.headers(), request.uri()) {
        let words = "This server answers to its address and to localhost. Another name is allowed with --host NAME.\n";
        return (StatusCode::MISDIRECTED_REQUEST, words).into_response();
    }
    if request.uri().path().contains("//") {
        return not_found().await.into_response();
    }
    next.run(request).await
}

pub async fn not_found() -> (StatusCode, &'static str) {
    (StatusCode::NOT_FOUND, "Nothing is here. The site begins at /\n")
}

/// Text is UTF-8, and says so.
pub async fn with_charset(mut response: Response) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if let Some(kind) = kind.filter(|kind| kind.starts_with("text/") && !kind.contains("charset")) {
        let kind = format!("{kind}; charset=utf-8");
        if let Ok(value) = HeaderValue::from_str(&kind) {
            response.headers_mut().insert(header::CONTENT_TYPE, value);
        }
    }
    response
}
