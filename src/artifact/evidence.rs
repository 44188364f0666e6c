//! The content behind each digest that may be shown: one compressed file a digest, written once.

use crate::digest::Digest;
use crate::fingerprint::{Component, Content, Fingerprint, Input};
use crate::world::World;
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files larger than this are known by digest and size alone. Bytes.
pub const LARGEST: u64 = 64 << 20;

/// A folder of contents.
pub struct Evidence {
    world: Arc<dyn World>,
    dir: PathBuf,
    /// What is known to be there.
    kept: BTreeSet<Digest>,
}

impl Evidence {
    pub fn new(world: Arc<dyn World>, dir: PathBuf) -> Evidence {
        Evidence { world, dir, kept: BTreeSet::new() }
    }

    /// The content kept under `digest`, where it is there and can be read.
    pub fn content(&self, digest: &Digest) -> Option<Arc<[u8]>> {
        let bytes = self.world.read(&self.path(digest)).ok()?;
        Some(zstd::decode_all(&bytes[..]).ok()?.into())
    }

    /// Keeps what a fingerprint's components and inputs were made from.
    pub fn keep(&mut self, fingerprint: &Fingerprint) -> io::Result<()> {
        for component in &fingerprint.components {
            self.keep_component(component)?;
        }
        for Input { digest, content, .. } in &fingerprint.inputs {
            if let Some(content) = content {
                self.put(*digest, content.as_bytes())?;
            }
        }
        Ok(())
    }

    fn keep_component(&mut self, component: &Component) -> io::Result<()> {
        match &component.content {
            Content::None => Ok(()),
            Content::Text(text) => self.put(component.digest, text.as_bytes()),
            Content::File(file) if component.size <= LARGEST && !self.has(&component.digest) => {
                let bytes = self.world.read(file)?;
                self.put(component.digest, &bytes)
            }
            Content::File(_) => Ok(()),
        }
    }

    fn put(&mut self, digest: Digest, content: &[u8]) -> io::Result<()> {
        if !self.has(&digest) {
            self.world.store(&self.path(&digest), &zstd::encode_all(content, 3)?)?;
        }
        self.kept.insert(digest);
        Ok(())
    }

    fn has(&self, digest: &Digest) -> bool {
        self.kept.contains(digest) || self.world.exists(&self.path(digest))
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        self.dir.join(Path::new(&digest.to_string()))
    }
}
