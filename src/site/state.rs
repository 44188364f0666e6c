//! What the last build of a site left behind, so that the next one renders only what changed.
//!
//! A derived file below `.fastflowtransform/`, one for each folder that a site was written to. One that is damaged,
//! missing or of another renderer counts as empty: everything is made again.

use super::history::{Frozen, Known};
use crate::digest::Digest;
use crate::world::World;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

#[derive(Debug, Default, Serialize, Deserialize)]
pub struct State {
    /// Of all that pages are made by, and of what is withheld.
    renderer: Option<Digest>,
    /// Of runs whose pages are all that there is, by run.
    #[serde(default)]
    pub frozen: BTreeMap<String, Frozen>,
    /// By run.
    pub runs: BTreeMap<String, Known>,
    /// By [`super::Unit::key`].
    pub units: BTreeMap<String, Made>,
}

/// A unit as it was made: what from, and its files with their sizes in bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Made {
    pub inputs: Digest,
    pub files: Vec<(String, u64)>,
}

impl State {
    pub fn read(world: &dyn World, path: &Path, renderer: Digest) -> State {
        let read = world.read(path).ok().and_then(|bytes| serde_json::from_slice::<State>(&bytes).ok());
        let own = read.filter(|state| state.renderer == Some(renderer));
        own.unwrap_or_else(|| State { renderer: Some(renderer), ..State::default() })
    }

    pub fn write(&self, world: &dyn World, path: &Path) -> io::Result<()> {
        let mut bytes = serde_json::to_vec(self).expect("invariant: the state is JSON");
        bytes.push(b'\n');
        world.store(path, &bytes)
    }
}
