//! What a node's requests did, as it is written.

use super::Word;
use crate::http::{self, Source};
use serde::{Deserialize, Serialize};

/// All requests of one node.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Telemetry {
    /// Bytes of body that the model got.
    pub bytes: u64,
    /// Those that the disk cache answered.
    pub cache_hits: u64,
    /// In order of request.
    pub entries: Vec<Request>,
    /// Cache keys in order of request.
    pub keys: Vec<String>,
    /// Sentences that the run's output must show.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Requests that the model made, whatever came of them.
    pub requests: u64,
    /// Something was answered without the network because it was switched off or out of reach.
    pub used_offline: bool,
}

/// One request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// How often the network was tried.
    pub attempts: u32,
    /// Of the body.
    pub bytes: u64,
    pub key: String,
    pub method: String,
    /// `None` when nothing answered.
    pub source: Option<Word<Source>>,
    /// `None` when no server answered.
    pub status: Option<u16>,
    /// As asked for, credentials replaced by `***`.
    pub url: String,
}

impl From<&http::Telemetry> for Telemetry {
    fn from(found: &http::Telemetry) -> Telemetry {
        let request = |entry: &http::Entry| Request {
            attempts: entry.attempts,
            bytes: entry.bytes,
            key: entry.key.clone(),
            method: entry.method.clone(),
            source: entry.source.map(Word::Known),
            status: entry.status,
            url: entry.url.clone(),
        };
        Telemetry {
            bytes: found.bytes,
            cache_hits: found.cache_hits,
            entries: found.entries.iter().map(request).collect(),
            keys: found.keys.clone(),
            notes: found.notes.clone(),
            requests: found.requests,
            used_offline: found.used_offline,
        }
    }
}
