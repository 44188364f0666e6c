//! Cache keys, and the local key that keeps credentials apart without telling them.
//!
//! A key covers the method, the URL and the headers that choose a representation as they are, and everything that is
//! or might be secret (credentials, the body, headers of unknown meaning) through an HMAC. So a request without any of
//! the latter has the same key on every machine.

use super::prepare::Prepared;
use super::redact::Redaction;
use super::settings::{Mode, Settings};
use crate::digest::{Digest, Tagged};
use crate::world::World;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

/// Headers that choose a representation and are never secret.
const OPEN_HEADERS: [&str; 4] = ["accept", "accept-language", "content-type", "range"];

/// Headers that don't change what a server answers with, or differ by nature from call to call.
const IGNORED_HEADERS: [&str; 8] =
    ["cache-control", "date", "pragma", "traceparent", "tracestate", "user-agent", "x-correlation-id", "x-request-id"];

/// The random key of a cache folder: `.key` in it, made once.
#[derive(Default)]
pub(super) struct LocalKey(OnceLock<Digest>);

impl LocalKey {
    /// Reads the key, or makes it where the mode allows writing; where it can't be kept it lasts as long as the run.
    fn get(&self, world: &dyn World, settings: &Settings) -> Digest {
        *self.0.get_or_init(|| match settings.mode {
            Mode::Off => random(),
            Mode::ReadOnly => read(world, &settings.cache_dir).unwrap_or_else(random),
            Mode::ReadWrite => read(world, &settings.cache_dir).unwrap_or_else(|| make(world, &settings.cache_dir)),
        })
    }

    /// What `request` is known by in the cache.
    pub fn key(&self, request: &Prepared, redaction: &Redaction, world: &dyn World, settings: &Settings) -> Digest {
        let url = redaction.url(&request.url);
        let mut open = Tagged::new("fft-http-key-v1").part(request.method.as_bytes()).part(url.as_bytes());
        let mut closed = Tagged::new("fft-http-credentials-v1");
        let mut has_closed = false;
        let mut close = |name: &str, value: &[u8]| {
            has_closed = true;
            closed = std::mem::replace(&mut closed, Tagged::new("")).part(name.as_bytes()).part(value);
        };
        if url != request.url.as_str() {
            close(":url", request.url.as_str().as_bytes());
        }
        let mut headers: Vec<&(String, String)> = request.headers.iter().collect();
        headers.sort_by(|left, right| left.0.cmp(&right.0));
        for (name, value) in headers {
            match name.as_str() {
                name if IGNORED_HEADERS.contains(&name) => {}
                name if OPEN_HEADERS.contains(&name) => open = open.part(name.as_bytes()).part(value.as_bytes()),
                name => close(name, value.as_bytes()),
            }
        }
        if let Some(body) = &request.body {
            close(":body", body);
        }
        let mac = has_closed.then(|| mac(&self.get(world, settings), &closed.finish()));
        open.part(b"").part(mac.as_ref().map_or(&[], |mac| &mac.0)).finish()
    }
}

fn mac(key: &Digest, message: &Digest) -> Digest {
    let mut mac = Hmac::<Sha256>::new_from_slice(&key.0).expect("invariant: HMAC takes a key of any length");
    mac.update(&message.0);
    Digest(mac.finalize().into_bytes().into())
}

fn read(world: &dyn World, cache_dir: &Path) -> Option<Digest> {
    let bytes = world.read(&cache_dir.join(".key")).ok()?;
    Digest::parse(std::str::from_utf8(&bytes).ok()?.trim())
}

/// Makes the key under a lock, so that runs that start together agree on one.
fn make(world: &dyn World, cache_dir: &Path) -> Digest {
    const TRIES: u32 = 100;
    let mut lock = None;
    for _ in 0..TRIES {
        match world.try_lock(&cache_dir.join(".key.lock")) {
            Ok(None) => std::thread::sleep(Duration::from_millis(20)),
            Ok(taken) => {
                lock = taken;
                break;
            }
            Err(_) => break,
        }
    }
    let key = read(world, cache_dir).unwrap_or_else(|| {
        let key = random();
        // A key that can't be kept is only less useful: answers to credentials are fetched anew by the next run.
        let _ = world.write(&cache_dir.join(".key"), format!("{key}\n").as_bytes());
        key
    });
    drop(lock);
    key
}

/// 256 bits from the operating system.
fn random() -> Digest {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("invariant: the operating system gives random bytes");
    Tagged::new("fft-http-local-key-v1").part(&bytes).finish()
}

#[cfg(test)]
mod tests {
    use super::super::Request;
    use super::*;
    use crate::world::MemoryWorld;

    fn key_in(world: &MemoryWorld, request: &Request) -> Digest {
        let prepared = Prepared::new(request, Duration::from_secs(1)).unwrap();
        let settings = Settings::new("/p".into());
        LocalKey::default().key(&prepared, &Redaction::new(&["s3cr3t".into()]), world, &settings)
    }

    fn request(url: &str, headers: &[(&str, &str)]) -> Request {
        let headers = headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        Request { method: "GET".into(), url: url.into(), headers, ..Request::default() }
    }

    #[test]
    fn each_part_that_matters_makes_another_key() {
        let world = MemoryWorld::new();
        let mut posted = request("http://h/a", &[]);
        posted.method = "POST".into();
        let mut with_body = request("http://h/a", &[]);
        with_body.body = Some(b"x".to_vec());
        let requests = [
            request("http://h/a", &[]),
            posted,
            with_body,
            request("http://h/a?x=1", &[]),
            request("http://h/a?token=1", &[]),
            request("http://h/a?token=2", &[]),
            request("http://h/s3cr3t", &[]),
            request("http://u:1@h/a", &[]),
            request("http://u:2@h/a", &[]),
            request("http://h/a", &[("Accept", "text/csv")]),
            request("http://h/a", &[("Authorization", "Bearer 1")]),
            request("http://h/a", &[("Authorization", "Bearer 2")]),
            request("http://h/a", &[("X-Api-Key", "1")]),
            request("http://h/a", &[("X-Tenant", "1")]),
        ];
        let mut keys: Vec<Digest> = requests.iter().map(|request| key_in(&world, request)).collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), requests.len());
    }

    #[test]
    fn a_key_is_stable_within_a_cache_folder_and_secret_parts_differ_between_two() {
        let (here, there) = (MemoryWorld::new(), MemoryWorld::new());
        let open = request("http://h/a?x=1", &[("Accept", "*/*"), ("User-Agent", "a")]);
        let same = request("HTTP://H:80/a?x=1", &[("user-agent", "b"), ("accept", "*/*")]);
        assert_eq!(key_in(&here, &open), key_in(&there, &same));
        let closed = request("http://h/a", &[("Authorization", "Bearer 1")]);
        assert_eq!(key_in(&here, &closed), key_in(&here, &closed));
        assert_ne!(key_in(&here, &closed), key_in(&there, &closed));
    }

    #[test]
    fn random_keys_differ() {
        assert_ne!(random(), random());
    }
}
