//! The cached HTTP client that Python models call back to.
//!
//! Takes a [`Request`], gives a [`Response`] from the disk cache, a recording or the network, and writes down in a
//! [`Telemetry`] what happened. Invariants:
//!
//! - No host is contacted that the allow-list doesn't name, whatever the verb and however many redirects lead there.
//! - Offline, nothing is sent at all.
//! - No credential is written to a file, shown in a message or put into telemetry, and two credentials never share an
//!   answer: what a credential adds to a cache key goes through an HMAC under a key that stays in the cache folder.

mod allow;
mod cache;
mod client;
mod error;
mod fetch;
mod key;
mod limit;
mod prepare;
mod recording;
mod redact;
mod redirect;
pub(crate) mod retry;
mod settings;
mod telemetry;

#[cfg(test)]
mod tests;

pub use client::Client;
pub use error::HttpError;
pub(crate) use fetch::{Answer, Failure, Fetcher};
pub(crate) use limit::{Cancel, SLICE};
pub(crate) use prepare::Prepared;
pub use settings::{Mode, Overrides, Settings};
pub use telemetry::{Entry, Telemetry};

use crate::digest::Digest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// What a model asks for.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// GET, POST, HEAD …, in any case.
    pub method: String,
    /// An absolute http or https URL.
    pub url: String,
    pub headers: Vec<(String, String)>,
    /// Appended to the URL's query, in this order.
    pub params: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
    /// For one exchange with one server; [`Settings::timeout`] where it is `None`.
    pub timeout: Option<Duration>,
}

/// A successful (2xx) answer.
#[derive(Clone, Debug)]
pub struct Response {
    pub status: u16,
    /// Names in lower case; values of a repeated header joined by `, `.
    pub headers: BTreeMap<String, String>,
    /// Decompressed.
    pub body: Vec<u8>,
    pub source: Source,
    /// The URL after redirects.
    pub url: String,
    /// What the request is known by in the cache.
    pub key: Digest,
}

/// Where an answer came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    Network,
    Cache,
    Recording,
}

impl Source {
    /// As it is written in artifacts.
    pub fn as_str(self) -> &'static str {
        match self {
            Source::Network => "network",
            Source::Cache => "cache",
            Source::Recording => "recording",
        }
    }
}
