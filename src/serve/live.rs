//! Open pages follow the project: they come again when the site changed, and tell of the run under way, of the run that
//! ended, and of what a run now would do.
//!
//! A page's policy lets in scripts of its own origin and nothing else. So the page asks by a script whose answer waits
//! until the version is another than the one it knows, or for a while. One question waits for all of it: a browser holds
//! few connections to one host. What is large, the plan, is a script of its own, asked for when it is another.

use super::Stop;
use crate::world::World;
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How often artifacts and site are looked at.
const POLL: Duration = Duration::from_millis(400);

/// How long an answer waits for a change.
const PATIENCE: Duration = Duration::from_secs(25);

const SCRIPT: &str = include_str!("live.js");
const STYLE: &str = include_str!("live.css");

/// What a served page has beside what is in its file.
pub const ELEMENTS: &str =
    "<link rel=\"stylesheet\" href=\"/__fft/live.css\">\n<script defer src=\"/__fft/live.js\"></script>\n";

/// Looks after the site while it is served.
pub trait Refresh: Send {
    /// Brings the site up to date where what it is made from changed, and tells whether the site is another than at the
    /// last call.
    fn refresh(&mut self) -> bool;

    /// What pages are told of runs: the one under way, and the last that ended.
    fn runs(&mut self) -> Value;
}

/// Tells what a run now would do.
pub trait Plans: Send {
    /// How long to wait between two calls.
    fn pause(&self) -> Duration;

    /// What pages are told, where it is another than at the last call.
    fn look(&mut self) -> Option<Value>;
}

/// All that pages are told; the version is other than every one before, of this server and of those that ran here
/// earlier.
#[derive(Clone)]
struct State {
    version: i64,
    /// The version that the site came with.
    site: i64,
    /// The version that the plan came with; 0 before the first.
    planned: i64,
    runs: Value,
    plan: Value,
}

/// The state, and whoever waits for another.
#[derive(Clone)]
pub struct Changes {
    state: Arc<watch::Sender<State>>,
}

impl Changes {
    /// `runs` is what is to be told of runs at first.
    pub fn new(world: &dyn World, runs: Value) -> Changes {
        let version = world.now().as_millisecond();
        let state = State { version, site: version, planned: 0, runs, plan: Value::Null };
        Changes { state: Arc::new(watch::Sender::new(state)) }
    }

    fn runs(&self, site: bool, runs: Value) {
        self.state.send_if_modified(|state| {
            let changed = site || state.runs != runs;
            if changed {
                state.version += 1;
                state.runs = runs;
            }
            if site {
                state.site = state.version;
            }
            changed
        });
    }

    fn plan(&self, plan: Value) {
        self.state.send_if_modified(|state| {
            let changed = state.plan != plan;
            if changed {
                state.version += 1;
                (state.planned, state.plan) = (state.version, plan);
            }
            changed
        });
    }
}

/// The page with the elements before the end of its body, else behind all.
pub fn with_elements(page: Vec<u8>) -> Vec<u8> {
    const END: &[u8] = b"</body>";
    let at = page.windows(END.len()).rposition(|part| part == END).unwrap_or(page.len());
    [&page[..at], ELEMENTS.as_bytes(), &page[at..]].concat()
}

/// Looks after the site again and again until the server stops.
pub async fn watch(refresh: Box<dyn Refresh>, changes: Changes, stop: Stop) {
    repeat(refresh, stop, |_| POLL, move |refresh| changes.runs(refresh.refresh(), refresh.runs())).await;
}

/// Plans again and again until the server stops.
pub async fn plan(plans: Box<dyn Plans>, changes: Changes, stop: Stop) {
    let look = move |plans: &mut Box<dyn Plans>| {
        if let Some(plan) = plans.look() {
            changes.plan(plan);
        }
    };
    repeat(plans, stop, |plans| plans.pause(), look).await;
}

/// Does `work` away from the thread that answers, then waits, until the server stops.
async fn repeat<T: Send + 'static>(
    mut with: T,
    stop: Stop,
    pause: impl Fn(&T) -> Duration,
    work: impl Fn(&mut T) + Clone + Send + 'static,
) {
    while tokio::time::timeout(pause(&with), stop.wished()).await.is_err() {
        let work = work.clone();
        let done = tokio::task::spawn_blocking(move || {
            work(&mut with);
            with
        });
        let Ok(kept) = done.await else { return };
        with = kept;
    }
}

pub async fn script() -> Response {
    javascript(SCRIPT.to_string())
}

pub async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "no-store")], STYLE).into_response()
}

/// Answers with the version and what goes with it, at once unless the asker knows it.
pub async fn wait(uri: Uri, changes: Changes, stop: Stop) -> Response {
    let query = uri.query().unwrap_or_default();
    let since = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "since");
    let known: Option<i64> = since.and_then(|(_, value)| value.parse().ok());
    let mut state = changes.state.subscribe();
    let other = async {
        let ended = stop.wished();
        let changed = state.wait_for(|state| Some(state.version) != known);
        either(ended, changed).await;
    };
    // No answer in time is an answer: nothing changed.
    let _ = tokio::time::timeout(PATIENCE, other).await;
    let State { version, site, planned, runs, .. } = changes.state.borrow().clone();
    javascript(format!("fftServed({version},{});\n", json!({ "plan": planned, "runs": runs, "site": site })))
}

/// What a run now would do.
pub async fn planned(changes: Changes) -> Response {
    let plan = changes.state.borrow().plan.clone();
    javascript(format!("fftPlanned({plan});\n"))
}

/// Returns when the first of two does.
async fn either<A, B>(first: impl Future<Output = A>, second: impl Future<Output = B>) {
    let (mut first, mut second) = (std::pin::pin!(first), std::pin::pin!(second));
    std::future::poll_fn(|context| {
        if first.as_mut().poll(context).is_ready() || second.as_mut().poll(context).is_ready() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await
}

fn javascript(text: String) -> Response {
    let headers = [(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    (headers, text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::MemoryWorld;

    #[test]
    fn only_what_changed_is_a_new_version() {
        let changes = Changes::new(&MemoryWorld::new(), Value::Null);
        let now = || changes.state.borrow().clone();
        let first = now();
        changes.runs(false, Value::Null);
        changes.plan(Value::Null);
        assert_eq!(now().version, first.version, "nothing happened");
        changes.runs(false, json!({ "under_way": { "done": 1 } }));
        assert!(now().version > first.version && now().site == first.site, "pages stay as they are");
        changes.plan(json!({ "problems": [] }));
        assert_eq!(now().planned, now().version);
        let before = now();
        changes.runs(true, before.runs.clone());
        assert!(now().site > before.site && now().planned == before.planned);
    }
}
