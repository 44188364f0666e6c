//! Open pages come again when the site changed.
//!
//! A page's policy lets in scripts of its own origin and nothing else. So the page asks by a script whose answer waits
//! until the version is another than the one it knows, or for a while.

use super::Stop;
use crate::world::World;
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How often artifacts and site are looked at.
const POLL: Duration = Duration::from_millis(400);

/// How long an answer waits for a change.
const PATIENCE: Duration = Duration::from_secs(25);

const SCRIPT: &str = include_str!("reload.js");

/// What a served page has beside what is in its file.
pub const ELEMENT: &str = "<script defer src=\"/__fft/reload.js\"></script>\n";

/// Looks after the site while it is served.
pub trait Refresh: Send {
    /// Brings the site up to date where what it is made from changed, and tells whether the site is another than at the
    /// last call.
    fn refresh(&mut self) -> bool;
}

/// The site's version: other than every one before, of this server and of those that ran here earlier.
#[derive(Clone)]
pub struct Changes {
    version: Arc<watch::Sender<i64>>,
}

impl Changes {
    pub fn new(world: &dyn World) -> Changes {
        Changes { version: Arc::new(watch::Sender::new(world.now().as_millisecond())) }
    }
}

/// The page with the element before the end of its body, else behind all.
pub fn with_element(page: Vec<u8>) -> Vec<u8> {
    const END: &[u8] = b"</body>";
    let at = page.windows(END.len()).rposition(|part| part == END).unwrap_or(page.len());
    [&page[..at], ELEMENT.as_bytes(), &page[at..]].concat()
}

/// Looks again and again until the server stops.
pub async fn watch(mut refresh: Box<dyn Refresh>, changes: Changes, stop: Stop) {
    while tokio::time::timeout(POLL, stop.wished()).await.is_err() {
        let looked = tokio::task::spawn_blocking(move || {
            let changed = refresh.refresh();
            (refresh, changed)
        });
        let Ok((kept, changed)) = looked.await else { return };
        refresh = kept;
        if changed {
            changes.version.send_modify(|version| *version += 1);
        }
    }
}

pub async fn script() -> Response {
    javascript(SCRIPT.to_string())
}

/// Answers with the version, at once unless the asker knows it.
pub async fn wait(uri: Uri, changes: Changes, stop: Stop) -> Response {
    let query = uri.query().unwrap_or_default();
    let since = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "since");
    let known: Option<i64> = since.and_then(|(_, value)| value.parse().ok());
    let mut version = changes.version.subscribe();
    let other = async {
        let ended = stop.wished();
        let changed = version.wait_for(|version| Some(*version) != known);
        either(ended, changed).await;
    };
    // No answer in time is an answer: nothing changed.
    let _ = tokio::time::timeout(PATIENCE, other).await;
    let now = *changes.version.borrow();
    javascript(format!("fftServed({now});\n"))
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
