//! `sources.json`: what `fft source freshness` found, kept for pages and for selectors.

pub use super::wire::{AgesMetadata, SourceAge, SourceAges};
use crate::world::World;
use std::path::Path;

/// What the file holds; nothing when it isn't there or can't be read.
pub fn read(world: &dyn World, path: &Path) -> SourceAges {
    world.read(path).ok().and_then(|bytes| super::wire::read(&bytes).ok()).unwrap_or_default()
}
