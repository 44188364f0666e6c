//! The client: which of cache, recording and network answers a request.

use super::allow::AllowList;
use super::cache::{self, Stored};
use super::fetch::{Answer, Failure, Fetcher};
use super::key::LocalKey;
use super::limit::{Cancel, Limiter};
use super::prepare::Prepared;
use super::recording::{Recording, Recordings};
use super::redact::Redaction;
use super::redirect::follow;
use super::settings::{Mode, Settings};
use super::telemetry::{Entry, Telemetry};
use super::{HttpError, Request, Response, Source, retry};
use crate::digest::Digest;
use crate::world::World;
use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// A wait from which on it is told.
const TOLD: Duration = Duration::from_secs(1);

/// Answers the requests of all nodes of a run; shared by its threads.
pub struct Client {
    world: Arc<dyn World>,
    settings: Settings,
    allow: AllowList,
    redaction: Redaction,
    local_key: LocalKey,
    recordings: OnceLock<Recordings>,
    fetcher: Fetcher,
    limiter: Limiter,
    cancel: Cancel,
    /// One lock a request under way, so that nodes that ask for the same thing at once fetch it once.
    under_way: Mutex<BTreeMap<Digest, Arc<Mutex<()>>>>,
}

/// What happened while a request was answered.
struct Trace<'a> {
    attempts: u32,
    used_offline: bool,
    notes: Vec<String>,
    /// Takes a line on a wait that begins.
    waiting: &'a dyn Fn(String),
}

/// One request and what goes with it.
struct Call<'a> {
    node: &'a str,
    request: &'a Prepared,
    key: Digest,
    /// The URL as it may be shown.
    shown: String,
}

impl Client {
    /// A client that stops, with [`HttpError::Cancelled`], once `cancelled` is set. Proxies are those of the process
    /// environment: `ALL_PROXY`, `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`.
    pub fn new(world: Arc<dyn World>, settings: Settings, cancelled: Arc<AtomicBool>) -> Client {
        Client::with_proxy(world, settings, cancelled, ureq::Proxy::try_from_env())
    }

    pub(super) fn with_proxy(
        world: Arc<dyn World>,
        settings: Settings,
        cancelled: Arc<AtomicBool>,
        proxy: Option<ureq::Proxy>,
    ) -> Client {
        Client {
            allow: AllowList::new(&settings.allowed_domains),
            redaction: Redaction::new(&settings.secrets),
            local_key: LocalKey::default(),
            recordings: OnceLock::new(),
            fetcher: Fetcher::new(proxy),
            limiter: Limiter::new(settings.max_rps),
            cancel: Cancel(cancelled),
            under_way: Mutex::default(),
            world,
            settings,
        }
    }

    /// Answers `request` of `node` and adds what happened to `telemetry`. An answer other than 2xx is an error.
    pub fn send(&self, node: &str, request: &Request, telemetry: &mut Telemetry) -> Result<Response, HttpError> {
        self.send_telling(node, request, telemetry, &drop)
    }

    /// The same, with each wait before a server is asked again told as it begins.
    pub fn send_telling(
        &self,
        node: &str,
        request: &Request,
        telemetry: &mut Telemetry,
        waiting: &dyn Fn(String),
    ) -> Result<Response, HttpError> {
        self.cancel.check()?;
        let request = Prepared::new(request, self.settings.timeout)?;
        let key = self.local_key.key(&request, &self.redaction, &*self.world, &self.settings);
        let call = Call { node, request: &request, key, shown: self.redaction.url(&request.url) };
        let mut trace = Trace { attempts: 0, used_offline: false, notes: Vec::new(), waiting };
        let result = self.answer(&call, &mut trace);
        if !matches!(result, Err(HttpError::Cancelled)) {
            telemetry.record(entry(&call, &result, trace.attempts));
            telemetry.used_offline |= trace.used_offline;
        }
        trace.notes.into_iter().for_each(|note| telemetry.note(note));
        result
    }

    fn answer(&self, call: &Call, trace: &mut Trace<'_>) -> Result<Response, HttpError> {
        self.allow.check(&call.request.url, None, &self.redaction)?;
        let caches = call.request.is_cacheable() && self.settings.mode != Mode::Off;
        let lock = caches.then(|| self.lock_of(&call.key));
        let _guard = lock.as_ref().map(|lock| lock.lock().unwrap_or_else(PoisonError::into_inner));
        let stored = if caches { self.stored(call, trace) } else { None };
        if self.settings.offline {
            return self.offline(call, stored, trace);
        }
        match stored {
            Some(stored) if stored.is_fresh(self.settings.ttl, self.world.now()) => Ok(from_cache(call, stored)),
            stale => self.online(call, stale, trace),
        }
    }

    fn lock_of(&self, key: &Digest) -> Arc<Mutex<()>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner).entry(*key).or_default().clone()
    }

    /// The cache's entry, fresh or stale; a damaged one is noted and counts as none.
    fn stored(&self, call: &Call, trace: &mut Trace<'_>) -> Option<Stored> {
        cache::read(&*self.world, &self.settings.cache_dir, &call.key).unwrap_or_else(|problem| {
            trace.notes.push(format!("{}: the cache entry {} {problem} and isn't used", call.shown, call.key.short()));
            None
        })
    }

    fn offline(&self, call: &Call, stored: Option<Stored>, trace: &mut Trace<'_>) -> Result<Response, HttpError> {
        if let Some(stored) = stored {
            if !stored.is_fresh(self.settings.ttl, self.world.now()) {
                trace.notes.push(format!(
                    "{}: offline, answered from the cache though older than FF_HTTP_TTL (stored {})",
                    call.shown, stored.stored_at
                ));
            }
            trace.used_offline = true;
            return Ok(from_cache(call, stored));
        }
        if let Some(recording) = self.recording(call) {
            trace.used_offline = true;
            return from_recording(call, recording);
        }
        let folder = self.settings.cache_dir.strip_prefix(&self.settings.root).unwrap_or(&self.settings.cache_dir);
        Err(HttpError::Offline {
            method: call.request.method.clone(),
            url: call.shown.clone(),
            folder: (self.settings.mode != Mode::Off).then(|| folder.display().to_string()),
            problems: self.recordings().problems.clone(),
        })
    }

    fn online(&self, call: &Call, stale: Option<Stored>, trace: &mut Trace<'_>) -> Result<Response, HttpError> {
        let has_stand_in = stale.is_some() || self.recording(call).is_some();
        let answer = match self.fetch(call, has_stand_in, trace) {
            Err(HttpError::Unreachable { cause, .. }) if has_stand_in => {
                return self.stand_in(call, stale, &cause, trace);
            }
            other => other?,
        };
        if call.request.is_cacheable() && self.settings.mode == Mode::ReadWrite {
            self.keep(call, &answer, trace);
        }
        let Answer { status, headers, body, url } = answer;
        Ok(Response { status, headers, body, source: Source::Network, url: url.into(), key: call.key })
    }

    /// The network's 2xx answer. Retries what may be retried; an unreachable server only where nothing stands in.
    fn fetch(&self, call: &Call, has_stand_in: bool, trace: &mut Trace<'_>) -> Result<Answer, HttpError> {
        let most = if retry::is_idempotent(&call.request.method) { self.settings.max_retries } else { 0 };
        let mut retries = 0;
        loop {
            trace.attempts += 1;
            let attempt = follow(call.request, &self.allow, &self.redaction, |hop| {
                self.limiter.wait(&*self.world, &self.cancel)?;
                self.fetcher.exchange(hop, &self.cancel)
            });
            let (error, retry_after, passing) = match attempt {
                Ok(answer) if (200..300).contains(&answer.status) => return Ok(answer),
                Ok(Answer { status, headers, .. }) => {
                    let error = HttpError::Status { status, url: call.shown.clone(), retries, source: Source::Network };
                    (error, headers.get("retry-after").cloned(), retry::is_passing(status))
                }
                Err(Failure::Unreachable { cause, .. }) => {
                    let cause = self.redaction.text(&cause);
                    (HttpError::Unreachable { url: call.shown.clone(), cause, retries }, None, !has_stand_in)
                }
                Err(Failure::Final(error)) => return Err(error),
            };
            if !passing || retries >= most {
                return Err(error);
            }
            let wait = retry::wait(retries, retry_after.as_deref(), self.world.now());
            if let Some(asked) = wait.asked {
                let (shown, asked, length) = (&call.shown, asked.as_secs(), wait.length.as_secs());
                trace.notes.push(format!(
                    "{shown}: the server asks to wait {asked} s (Retry-After); the next attempt comes after {length} s, \
                     the longest that is waited"
                ));
            }
            if wait.length >= TOLD {
                let seconds = wait.length.as_secs_f64().ceil();
                (trace.waiting)(format!("{}: {error}; asking again in {seconds} s", call.node));
            }
            self.cancel.sleep(wait.length)?;
            retries += 1;
        }
    }

    /// Answers in the place of a server that can't be reached, and says so.
    fn stand_in(
        &self,
        call: &Call,
        stale: Option<Stored>,
        cause: &str,
        trace: &mut Trace<'_>,
    ) -> Result<Response, HttpError> {
        trace.used_offline = true;
        let front = format!("{}: network unreachable ({cause}), answered from", call.shown);
        if let Some(stored) = stale {
            trace.notes.push(format!("{front} the cache entry stored {}", stored.stored_at));
            return Ok(from_cache(call, stored));
        }
        let recording = self.recording(call).expect("invariant: a stand-in is an entry or a recording");
        trace.notes.push(format!("{front} recording {}", recording.path));
        from_recording(call, recording)
    }

    /// Stores an answer; one that can't be stored is noted and no error.
    fn keep(&self, call: &Call, answer: &Answer, trace: &mut Trace<'_>) {
        let (world, folder) = (&*self.world, &self.settings.cache_dir);
        let kept = cache::write(world, folder, &call.key, call.node, call.request, answer, &self.redaction);
        if let Err(problem) = kept {
            trace.notes.push(format!("{}: the answer wasn't kept in the cache: {problem}", call.shown));
        }
    }

    /// Takes note that the answer known by `key` is none that its model can use: it isn't kept, so that it isn't what
    /// every later run gets. Gives what a message has to say of that; empty where nothing was kept.
    pub fn unusable(&self, key: &str) -> String {
        let (folder, mode) = (&self.settings.cache_dir, self.settings.mode);
        let Some(key) = Digest::parse(key).filter(|_| mode != Mode::Off) else { return String::new() };
        let path = cache::path(folder, &key);
        if !self.world.exists(&path) {
            return String::new();
        }
        let shown = path.strip_prefix(&self.settings.root).unwrap_or(&path).display().to_string();
        // Offline there is nothing that could take its place.
        if mode == Mode::ReadWrite && !self.settings.offline && cache::remove(&*self.world, folder, &key).is_ok() {
            return "it isn't kept in the HTTP cache any longer: the next run asks again".into();
        }
        format!("it is in the HTTP cache: remove {shown}, and a run that may send and store asks again")
    }

    fn recordings(&self) -> &Recordings {
        self.recordings.get_or_init(|| Recordings::load(&*self.world, &self.settings, &self.redaction))
    }

    fn recording(&self, call: &Call) -> Option<&Recording> {
        self.recordings().find(call.request, &self.redaction)
    }
}

fn from_cache(call: &Call, stored: Stored) -> Response {
    let Stored { status, headers, body, final_url, .. } = stored;
    let url = final_url.unwrap_or_else(|| call.request.url.to_string());
    Response { status, headers, body, source: Source::Cache, url, key: call.key }
}

fn from_recording(call: &Call, recording: &Recording) -> Result<Response, HttpError> {
    let status = recording.status;
    if !(200..300).contains(&status) {
        let url = call.shown.clone();
        return Err(HttpError::Status { status, url, retries: 0, source: Source::Recording });
    }
    Ok(Response {
        status,
        headers: recording.headers.clone(),
        body: recording.body.clone(),
        source: Source::Recording,
        url: call.request.url.to_string(),
        key: call.key,
    })
}

fn entry(call: &Call, result: &Result<Response, HttpError>, attempts: u32) -> Entry {
    let (status, source, bytes) = match result {
        Ok(response) => (Some(response.status), Some(response.source), response.body.len() as u64),
        Err(HttpError::Status { status, source, .. }) => (Some(*status), Some(*source), 0),
        Err(_) => (None, None, 0),
    };
    let (method, url, key) = (call.request.method.clone(), call.shown.clone(), call.key.to_string());
    Entry { method, url, status, source, bytes, attempts, key }
}

#[cfg(test)]
mod tests {
    use super::super::tests::server::Server;
    use super::*;
    use crate::world::MemoryWorld;

    #[test]
    fn retries_and_redirects_take_their_turn_at_the_rate() {
        let server =
            Server::in_turn(&["503 Service Unavailable\r\nRetry-After: 0", "302 Found\r\nLocation: /next", "200 OK"]);
        let world = Arc::new(MemoryWorld::new());
        let settings = Settings { max_rps: Some(100.0), ..Settings::new("/p".into()) };
        let client = Client::with_proxy(world.clone(), settings, Arc::default(), None);
        let request = Request { method: "GET".into(), url: server.url("/"), ..Request::default() };
        for _ in 0..2 {
            client.send("node", &request, &mut Telemetry::default()).unwrap();
        }
        // The clock stands still, so the next wait counts the turns taken: three, and none for the cache's answer.
        assert_eq!((client.limiter.reserve(&*world), server.count()), (Duration::from_millis(30), 3));
    }
}
