//! Why a request gave no answer. Every URL in here is redacted before it gets in.

use std::fmt;

/// A request's failure. [`fmt::Display`] is one sentence without credentials; [`HttpError::hint`] says how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HttpError {
    /// The request itself can't be sent.
    Invalid {
        message: String,
    },
    /// The allow-list doesn't name the host. `redirected_from` is the URL that led there.
    NotAllowed {
        url: String,
        host: String,
        redirected_from: Option<String>,
    },
    /// Offline, and nothing stored answers the request. `folder` is the cache's, `None` when the cache is off.
    Offline {
        method: String,
        url: String,
        folder: Option<String>,
        problems: Vec<String>,
    },
    /// A server answered, but not with 2xx.
    Status {
        status: u16,
        url: String,
        retries: u32,
        source: super::Source,
    },
    /// No server answered: name lookup, connection, TLS, a timeout or a broken exchange.
    Unreachable {
        url: String,
        cause: String,
        retries: u32,
    },
    TooManyRedirects {
        url: String,
    },
    /// The run was interrupted.
    Cancelled,
}

impl HttpError {
    /// The status that a server answered with.
    pub fn status(&self) -> Option<u16> {
        match self {
            HttpError::Status { status, .. } => Some(*status),
            _ => None,
        }
    }

    pub fn hint(&self) -> Option<String> {
        match self {
            HttpError::NotAllowed { host, .. } => {
                Some(format!("add `{host}` to `http.allowed_domains` in project.yml or to FF_HTTP_ALLOWED_DOMAINS"))
            }
            HttpError::Offline { folder: Some(_), .. } => {
                Some("run once with FF_HTTP_OFFLINE=0 and FF_HTTP_CACHE_MODE=rw to fill the cache".into())
            }
            HttpError::Offline { folder: None, .. } => {
                Some("run with FF_HTTP_OFFLINE=0, or with FF_HTTP_CACHE_MODE=ro to use what the cache holds".into())
            }
            HttpError::Unreachable { .. } => {
                Some("check the network, or record an answer in the folder that `http.recordings` names".into())
            }
            _ => None,
        }
    }
}

/// ` (after 2 retries)`, or nothing where none was made.
fn after(retries: u32) -> String {
    match retries {
        0 => String::new(),
        1 => " (after 1 retry)".into(),
        more => format!(" (after {more} retries)"),
    }
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HttpError::Invalid { message } => f.write_str(message),
            HttpError::NotAllowed { url, host, redirected_from } => {
                write!(f, "`{host}` is not an allowed domain: {url}")?;
                redirected_from.iter().try_for_each(|from| write!(f, " (redirected from {from})"))
            }
            HttpError::Offline { method, url, folder, problems } => {
                write!(f, "offline, and no stored answer for {method} {url}")?;
                match folder {
                    Some(folder) => write!(f, " in the cache {folder}")?,
                    None => f.write_str(": the HTTP cache is off")?,
                }
                problems.iter().try_for_each(|problem| write!(f, "; {problem}"))
            }
            HttpError::Status { status, url, retries, source: super::Source::Recording } => {
                write!(f, "HTTP {status} for {url}{}, recorded", after(*retries))
            }
            HttpError::Status { status, url, retries, .. } => write!(f, "HTTP {status} for {url}{}", after(*retries)),
            HttpError::Unreachable { url, cause, retries } => {
                write!(f, "{url} can't be reached: {cause}{}", after(*retries))
            }
            HttpError::TooManyRedirects { url } => write!(f, "{url} redirects more than 10 times"),
            HttpError::Cancelled => f.write_str("interrupted"),
        }
    }
}

impl std::error::Error for HttpError {}
