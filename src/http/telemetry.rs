//! What a node's requests did; `artifact::wire` writes it. Holds no credential.

use super::Source;

/// All requests of one node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Telemetry {
    /// Bytes of body that the model got.
    pub bytes: u64,
    /// Those that the disk cache answered.
    pub cache_hits: u64,
    /// In order of request.
    pub entries: Vec<Entry>,
    /// Cache keys in order of request.
    pub keys: Vec<String>,
    /// Sentences that the run's output must show.
    pub notes: Vec<String>,
    /// Requests that the model made, whatever came of them.
    pub requests: u64,
    /// Something was answered without the network because it was switched off or out of reach.
    pub used_offline: bool,
}

/// One request.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// How often the network was tried.
    pub attempts: u32,
    /// Of the body.
    pub bytes: u64,
    pub key: String,
    pub method: String,
    /// `None` when nothing answered.
    pub source: Option<Source>,
    /// `None` when no server answered.
    pub status: Option<u16>,
    /// As asked for, credentials replaced by `***`.
    pub url: String,
}

impl Telemetry {
    pub(super) fn record(&mut self, entry: Entry) {
        self.requests += 1;
        self.cache_hits += u64::from(entry.source == Some(Source::Cache));
        self.bytes += entry.bytes;
        self.keys.push(entry.key.clone());
        self.entries.push(entry);
    }

    pub(super) fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}
