//! The disk cache: one file an answer.
//!
//! A file is a line of JSON and then the body. It is written as a whole or not at all, names the digest of its body,
//! and counts as missing when that or its key doesn't fit. No `Set-Cookie`, no header that carries or repeats a
//! credential, be it in a URL, and no body that repeats one is stored, in whatever form.

use super::fetch::Answer;
use super::prepare::{Prepared, is_credential};
use super::redact::{MASK, Redaction, has_secret_in_url};
use crate::digest::Digest;
use crate::secret::Secrets;
use crate::world::World;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

const FORMAT: u32 = 1;

/// The first line of an entry.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Header {
    format: u32,
    key: Digest,
    /// The node that asked first.
    node: String,
    method: String,
    /// As asked for, redacted.
    url: String,
    /// After redirects, redacted.
    final_url: String,
    status: u16,
    headers: BTreeMap<String, String>,
    /// RFC 3339.
    stored_at: String,
    body_bytes: u64,
    body_sha256: Digest,
}

/// An answer that was kept.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
    /// `None` where it is the URL that was asked for.
    pub final_url: Option<String>,
    pub stored_at: Timestamp,
}

impl Stored {
    /// Whether it may be used without asking again; one from the future may.
    pub fn is_fresh(&self, ttl: Option<Duration>, now: Timestamp) -> bool {
        let age = Duration::try_from(now.duration_since(self.stored_at)).unwrap_or(Duration::ZERO);
        ttl.is_none_or(|ttl| age < ttl)
    }
}

/// The file of an entry.
pub(super) fn path(cache_dir: &Path, key: &Digest) -> PathBuf {
    let key = key.to_string();
    cache_dir.join(&key[..2]).join(format!("{key}.http"))
}

/// Reads an entry: `None` when there is none, an error that says what is wrong with a damaged one.
pub(super) fn read(world: &dyn World, cache_dir: &Path, key: &Digest) -> Result<Option<Stored>, String> {
    let bytes = match world.read(&path(cache_dir, key)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("can't be read ({error})")),
    };
    let (header, body) = parse(bytes)?;
    if header.key != *key || header.body_bytes != body.len() as u64 || header.body_sha256 != Digest::of(&body) {
        return Err("is damaged (its digest doesn't fit)".into());
    }
    let stored_at = header.stored_at.parse().map_err(|_| "is damaged (its time can't be read)".to_string())?;
    let final_url = Some(header.final_url).filter(|url| *url != header.url);
    Ok(Some(Stored { status: header.status, headers: header.headers, body, final_url, stored_at }))
}

fn parse(mut bytes: Vec<u8>) -> Result<(Header, Vec<u8>), String> {
    let end = bytes.iter().position(|byte| *byte == b'\n').ok_or("is damaged (cut short)")?;
    let body = bytes.split_off(end + 1);
    let header: Header = serde_json::from_slice(&bytes).map_err(|_| "is damaged (its first line can't be read)")?;
    match header.format {
        FORMAT => Ok((header, body)),
        other => Err(format!("has format {other}, which this version doesn't read")),
    }
}

/// Keeps an answer; an error says why it wasn't kept.
pub(super) fn write(
    world: &dyn World,
    cache_dir: &Path,
    key: &Digest,
    node: &str,
    request: &Prepared,
    answer: &Answer,
    redaction: &Redaction,
) -> Result<(), String> {
    let credentials = request.credentials(redaction);
    let forms = Secrets::new(credentials.iter().map(|secret| (secret.as_str(), "")));
    let repeats =
        |text: &[u8]| forms.leak(text).is_some() || credentials.iter().any(|secret| contains(text, secret.as_bytes()));
    if repeats(&answer.body) {
        return Err("it repeats a credential".into());
    }
    let kept = |(name, value): &(&String, &String)| {
        !is_credential(name) && !has_secret_in_url(value) && !repeats(value.as_bytes())
    };
    let masked = |url: String| forms.redact(&url, |_| MASK.into());
    let header = Header {
        format: FORMAT,
        key: *key,
        node: node.into(),
        method: request.method.clone(),
        url: masked(redaction.url(&request.url)),
        final_url: masked(redaction.url(&answer.url)),
        status: answer.status,
        headers: answer.headers.iter().filter(kept).map(|(name, value)| (name.clone(), value.clone())).collect(),
        stored_at: world.now().to_string(),
        body_bytes: answer.body.len() as u64,
        body_sha256: Digest::of(&answer.body),
    };
    let mut bytes = serde_json::to_vec(&header).expect("invariant: a header is JSON");
    bytes.push(b'\n');
    bytes.extend_from_slice(&answer.body);
    world.write(&path(cache_dir, key), &bytes).map_err(|error| error.to_string())
}

/// Forgets an entry.
pub(super) fn remove(world: &dyn World, cache_dir: &Path, key: &Digest) -> io::Result<()> {
    world.remove(&path(cache_dir, key))
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn freshness_goes_by_the_stored_time() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let stored_at = at("2026-01-01T00:00:00Z");
        let stored = Stored { status: 200, headers: BTreeMap::new(), body: Vec::new(), final_url: None, stored_at };
        let ttl = Some(Duration::from_secs(60));
        assert!(stored.is_fresh(ttl, at("2026-01-01T00:00:59Z")));
        assert!(!stored.is_fresh(ttl, at("2026-01-01T00:01:00Z")));
        assert!(stored.is_fresh(ttl, at("2025-01-01T00:00:00Z")));
        assert!(stored.is_fresh(None, at("2030-01-01T00:00:00Z")));
    }
}
