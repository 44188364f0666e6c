//! The local docs server: a site's folder over HTTP, for the person at this machine.
//!
//! ```text
//!  request ──guard──▶ ServeDir ──folder──▶ file of the site (a page gets the script that follows)
//!          ├────────▶ /__fft/wait.js ◀──version── watch ◀──refresh── artifacts, site, the run under way
//!          └────────▶ /__fft/plan.js ◀─────────── plan ◀───look──── files of the project
//! ```
//!
//! Takes a bound listener, the site's folder, a way to refresh it and one to plan; gives answers until it is told to stop.
//! No request has anything done: what is looked at is looked at whether somebody asks or not. Only
//! regular files inside the folder are served, under a host name that can only mean this machine, and no other site may
//! embed or load them. File names, types, conditions and ranges are [`tower_http`]'s business.

mod address;
mod folder;
mod guard;
mod live;
#[cfg(test)]
mod tests;

pub use address::{Port, bind, url};
pub use live::{Plans, Refresh};

use crate::world::World;
use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware;
use axum::routing::get;
use folder::Folder;
use guard::Guard;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::io;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

/// How long answers that are under way may take after the wish to stop.
const GRACE: Duration = Duration::from_secs(2);

/// How long a request's head may take to come: one that is never ended holds its connection no longer.
const HEAD: Duration = Duration::from_secs(10);

/// Before another connection is taken in, where one couldn't be.
const PAUSE: Duration = Duration::from_millis(50);

/// Connections at one time; further ones wait for one to end.
const CONNECTIONS: usize = 512;

/// Of every answer. A page carries its own policy; what it can't say of itself is who may embed it.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::CACHE_CONTROL, "no-cache"),
    (header::CONTENT_SECURITY_POLICY, "frame-ancestors 'none'"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

/// What is served.
pub struct Site {
    pub world: Arc<dyn World>,
    pub folder: PathBuf,
    /// The host name that the user asked for; names beside it must mean this machine.
    pub host: String,
    pub refresh: Box<dyn Refresh>,
    /// Where a plan is wanted.
    pub plans: Option<Box<dyn Plans>>,
}

/// The wish to stop, said once, from any thread.
#[derive(Clone)]
pub struct Stop(Arc<watch::Sender<bool>>);

impl Stop {
    pub fn new() -> Stop {
        Stop(Arc::new(watch::Sender::new(false)))
    }

    /// Tells whether it was wished before.
    pub fn stop(&self) -> bool {
        self.0.send_replace(true)
    }

    /// Returns when it is wished.
    async fn wished(&self) {
        // The sender lives as long as this does.
        let _ = self.0.subscribe().wait_for(|stop| *stop).await;
    }
}

impl Default for Stop {
    fn default() -> Stop {
        Stop::new()
    }
}

/// Answers until it is told to stop.
pub fn serve(listener: TcpListener, site: Site, stop: &Stop) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let Site { world, folder, host, mut refresh, plans } = site;
    let changes = live::Changes::new(&*world, refresh.runs());
    let app = app(Folder::new(world, folder.clone()), folder, Guard::new(&host), changes.clone(), stop.clone());
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let open = Arc::new(GracefulShutdown::new());
        let server = tokio::spawn(accept(listener, app, open.clone()));
        let watcher = tokio::spawn(live::watch(refresh, changes.clone(), stop.clone()));
        let planner = plans.map(|plans| tokio::spawn(live::plan(plans, changes, stop.clone())));
        stop.wished().await;
        server.abort();
        let _ = server.await;
        if let Some(open) = Arc::into_inner(open) {
            // A connection that never ends its request is left behind.
            let _ = tokio::time::timeout(GRACE, open.shutdown()).await;
        }
        let _ = tokio::time::timeout(GRACE, watcher).await;
        if let Some(planner) = planner {
            // One that waits for a database is left behind.
            let _ = tokio::time::timeout(GRACE, planner).await;
        }
        io::Result::Ok(())
    })?;
    runtime.shutdown_timeout(GRACE);
    Ok(())
}

/// Takes connections in and answers each on its own, until it is aborted.
async fn accept(listener: tokio::net::TcpListener, app: Router, open: Arc<GracefulShutdown>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEAD);
    loop {
        let place = places.clone().acquire_owned().await;
        let Ok((stream, _)) = listener.accept().await else {
            // No descriptor is left, perhaps: one comes back when a connection ends.
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let answers = TowerToHyperService::new(app.clone());
        let connection = open.watch(server.serve_connection(TokioIo::new(stream), answers));
        tokio::spawn(async move {
            // What goes wrong with a connection is its reader's to see.
            let _ = connection.await;
            drop(place);
        });
    }
}

fn app(files: Folder, folder: PathBuf, guard: Guard, changes: live::Changes, stop: Stop) -> Router {
    let files = ServeDir::with_backend(folder, files).fallback(get(guard::not_found));
    let shared = changes.clone();
    let wait = move |uri| live::wait(uri, shared.clone(), stop.clone());
    let planned = move || live::planned(changes.clone());
    let router = Router::new()
        .route("/__fft/live.css", get(live::style))
        .route("/__fft/live.js", get(live::script))
        .route("/__fft/plan.js", get(planned))
        .route("/__fft/wait.js", get(wait))
        .fallback_service(files)
        .layer(middleware::map_response(guard::with_charset))
        .layer(middleware::from_fn_with_state(guard, guard::guard));
    let header = |router: Router, (name, value)| {
        router.layer(SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value)))
    };
    HEADERS.into_iter().fold(router, header)
}
