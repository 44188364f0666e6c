//! `utest.json`: unit tests that passed, each with a digest of all that its outcome hangs on.

use crate::digest::Digest;
use crate::world::World;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// By file, case and engine: `tests/unit/users.yml · one · an engine`.
pub type Passed = BTreeMap<String, Pass>;

/// A pass.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pass {
    /// When it passed first.
    pub at: String,
    pub digest: Digest,
}

/// What the file holds; nothing where it isn't there or can't be read: then cases are tried again.
pub fn read(world: &dyn World, path: &Path) -> Passed {
    world.read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

/// Writes it down. Where that isn't possible, cases are tried again.
pub fn write(world: &dyn World, path: &Path, passed: &Passed) {
    drop(world.store(path, &super::json(passed)));
}
