//! The content behind each digest that may be shown, in one file that grows: `evidence.pack`.
//!
//! A record is `FFE1`, the digest (32 bytes), the frame's length (big-endian u32) and a Zstandard frame. One file
//! rather than one a digest: a thousand models leave two thousand contents, and making as many files costs more than
//! building small models. A record cut by a crash is dropped when the file is next added to. Readers check contents
//! against their digests, so nothing is fsynced.

use crate::digest::Digest;
use crate::fingerprint::{Component, Content, Fingerprint, Input};
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

/// Files larger than this are known by digest and size alone. Bytes.
pub const LARGEST: u64 = 64 << 20;

const MAGIC: &[u8; 4] = b"FFE1";
/// Bytes in front of a frame.
const HEAD: usize = 4 + 32 + 4;

/// A pack of contents.
pub struct Evidence {
    world: Arc<dyn World>,
    path: PathBuf,
    /// What the file held when it was first needed.
    pack: OnceLock<Pack>,
    /// What was added since.
    added: BTreeSet<Digest>,
}

/// The file's bytes and where each frame stands in them.
#[derive(Default)]
struct Pack {
    bytes: Vec<u8>,
    frames: BTreeMap<Digest, Range<usize>>,
    /// Length of the records that are whole.
    whole: usize,
}

impl Evidence {
    pub fn new(world: Arc<dyn World>, path: PathBuf) -> Evidence {
        Evidence { world, path, pack: OnceLock::new(), added: BTreeSet::new() }
    }

    /// The content kept under `digest` before this run, where it is there and can be read.
    pub fn content(&self, digest: &Digest) -> Option<Arc<[u8]>> {
        let pack = self.pack();
        let frame = pack.frames.get(digest)?;
        Some(zstd::decode_all(&pack.bytes[frame.clone()]).ok()?.into())
    }

    /// Keeps what a fingerprint's components and inputs were made from.
    pub fn keep(&mut self, fingerprint: &Fingerprint) -> io::Result<()> {
        let mut records = Vec::new();
        for component in &fingerprint.components {
            self.record_component(component, &mut records)?;
        }
        for Input { digest, content, .. } in &fingerprint.inputs {
            if let Some(content) = content {
                self.record(*digest, content.as_bytes(), &mut records)?;
            }
        }
        if records.is_empty() { Ok(()) } else { self.world.append(&self.path, &records) }
    }

    fn record_component(&mut self, component: &Component, records: &mut Vec<u8>) -> io::Result<()> {
        match &component.content {
            Content::None => Ok(()),
            Content::Text(text) => self.record(component.digest, text.as_bytes(), records),
            Content::File(file) if component.size <= LARGEST && !self.has(&component.digest) => {
                let bytes = self.world.read(file)?;
                self.record(component.digest, &bytes, records)
            }
            Content::File(_) => Ok(()),
        }
    }

    fn record(&mut self, digest: Digest, content: &[u8], records: &mut Vec<u8>) -> io::Result<()> {
        if self.has(&digest) {
            return Ok(());
        }
        self.drop_torn_end()?;
        let frame = zstd::bulk::compress(content, 1)?;
        let length = u32::try_from(frame.len()).map_err(io::Error::other)?;
        records.extend_from_slice(MAGIC);
        records.extend_from_slice(&digest.0);
        records.extend_from_slice(&length.to_be_bytes());
        records.extend_from_slice(&frame);
        self.added.insert(digest);
        Ok(())
    }

    fn has(&self, digest: &Digest) -> bool {
        self.added.contains(digest) || self.pack().frames.contains_key(digest)
    }

    /// What follows a record that isn't whole could not be found again.
    fn drop_torn_end(&mut self) -> io::Result<()> {
        let pack = self.pack();
        if self.added.is_empty() && pack.whole < pack.bytes.len() {
            self.world.write(&self.path, &pack.bytes[..pack.whole])?;
        }
        Ok(())
    }

    fn pack(&self) -> &Pack {
        // A pack that can't be read counts as empty: what it held can't be shown, and nothing else depends on it.
        self.pack.get_or_init(|| Pack::parse(self.world.read(&self.path).unwrap_or_default()))
    }
}

impl Pack {
    fn parse(bytes: Vec<u8>) -> Pack {
        let mut pack = Pack { bytes, ..Pack::default() };
        while let Some((digest, frame)) = pack.record_at(pack.whole) {
            pack.whole = frame.end;
            pack.frames.insert(digest, frame);
        }
        pack
    }

    fn record_at(&self, start: usize) -> Option<(Digest, Range<usize>)> {
        let head = self.bytes.get(start..start + HEAD)?;
        let digest = head.strip_prefix(MAGIC)?;
        let length = u32::from_be_bytes(digest[32..].try_into().ok()?) as usize;
        let frame = start + HEAD..start + HEAD + length;
        self.bytes.get(frame.clone())?;
        Some((Digest(digest[..32].try_into().ok()?), frame))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::{Key, Kind};
    use crate::world::MemoryWorld;

    fn fingerprint(text: &str) -> Fingerprint {
        let component = Component::text(Kind::Sql, "m.sql", text.into());
        Fingerprint::new(vec![Arc::new(component)], Vec::new(), None, &Key::default())
    }

    #[test]
    fn contents_are_found_again_by_another_process() {
        let world: Arc<dyn World> = Arc::new(MemoryWorld::new());
        let fingerprints = [fingerprint("select 1"), fingerprint("select 2")];
        let mut evidence = Evidence::new(world.clone(), "pack".into());
        fingerprints.iter().for_each(|one| evidence.keep(one).unwrap());
        let size = world.read(std::path::Path::new("pack")).unwrap().len();
        let mut again = Evidence::new(world.clone(), "pack".into());
        again.keep(&fingerprints[0]).unwrap();
        assert_eq!(world.read(std::path::Path::new("pack")).unwrap().len(), size, "a content is kept once");
        let digest = fingerprints[1].components[0].digest;
        assert_eq!(again.content(&digest).as_deref(), Some(&b"select 2"[..]));
    }

    #[test]
    fn a_torn_end_costs_only_its_own_record() {
        let world = MemoryWorld::new();
        world.put("pack", b"FFE1 cut off");
        let world: Arc<dyn World> = Arc::new(world);
        let one = fingerprint("select 1");
        Evidence::new(world.clone(), "pack".into()).keep(&one).unwrap();
        let content = Evidence::new(world, "pack".into()).content(&one.components[0].digest);
        assert_eq!(content.as_deref(), Some(&b"select 1"[..]));
    }
}
