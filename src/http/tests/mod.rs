//! The client against real servers on 127.0.0.1.

mod caching;
mod network;
mod safety;
pub(super) mod server;

use super::*;
use crate::world::{MemoryWorld, OsWorld, World};
use server::{DeadPort, Server};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn client(world: &Arc<MemoryWorld>, change: impl FnOnce(&mut Settings)) -> Client {
    let mut settings = Settings::new("/p".into());
    settings.timeout = Duration::from_secs(20);
    change(&mut settings);
    Client::with_proxy(world.clone(), settings, Arc::default(), None)
}

fn world() -> Arc<MemoryWorld> {
    Arc::new(MemoryWorld::new())
}

fn request(method: &str, url: &str) -> Request {
    Request { method: method.into(), url: url.into(), ..Request::default() }
}

fn get(client: &Client, url: &str, telemetry: &mut Telemetry) -> Result<Response, HttpError> {
    client.send("node", &request("GET", url), telemetry)
}

fn with_header(url: &str, name: &str, value: &str) -> Request {
    Request { headers: vec![(name.into(), value.into())], ..request("GET", url) }
}

/// The entries of the cache folder, without its key.
fn entries(world: &MemoryWorld) -> Vec<PathBuf> {
    let files = world.walk(Path::new("/p/.local/http-cache")).unwrap();
    files.into_iter().map(|file| file.path).filter(|path| path.extension().is_some_and(|end| end == "http")).collect()
}
