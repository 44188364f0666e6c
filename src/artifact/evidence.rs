//! The content behind each digest that may be shown, in one file that grows: `evidence.pack`.
//!
//! A record is `FFE2`, the digest (32 bytes), the length of what follows (big-endian u32) and the content as a zlib
//! stream: whoever checks fft needs nothing but Python's standard library to read it. One file rather than one a digest:
//! a thousand models leave two thousand contents, and making as many files costs more than building small models. A record cut by a crash is dropped when the file is next added to. Readers check contents
//! against their digests, so nothing is fsynced.

use crate::digest::Digest;
use crate::fingerprint::{Component, Content, Fingerprint, Input};
use crate::world::World;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Write};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

/// Files larger than this are known by digest and size alone. Bytes.
pub const LARGEST: u64 = 64 << 20;

const MAGIC: &[u8; 4] = b"FFE2";
/// Bytes in front of a stream.
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
        Some(self.look(digest)?.ok()?.into())
    }

    /// The content kept under `digest` before this run; an error says why it can't be read.
    pub fn look(&self, digest: &Digest) -> Option<io::Result<Vec<u8>>> {
        let pack = self.pack();
        let frame = pack.frames.get(digest)?;
        let mut content = Vec::new();
        let read = ZlibDecoder::new(&pack.bytes[frame.clone()]).read_to_end(&mut content);
        Some(read.map(|_| content))
    }

    /// Every digest that a content was kept under before this run.
    pub fn digests(&self) -> impl Iterator<Item = &Digest> {
        self.pack().frames.keys()
    }

    /// Where the file can no longer be read as records, in bytes; `None` when it is whole.
    pub fn cut_at(&self) -> Option<usize> {
        let pack = self.pack();
        (pack.whole < pack.bytes.len()).then_some(pack.whole)
    }

    /// Rewrites the file with the contents of `live` alone, as a whole or not at all. Gives how many went.
    pub fn retain(self, live: &BTreeSet<Digest>) -> io::Result<usize> {
        let pack = self.pack();
        let gone = pack.frames.keys().filter(|digest| !live.contains(*digest)).count();
        if gone == 0 {
            return Ok(0);
        }
        let mut records = Vec::new();
        for (digest, frame) in pack.frames.iter().filter(|(digest, _)| live.contains(*digest)) {
            add_record(digest, &pack.bytes[frame.clone()], &mut records)?;
        }
        self.world.write(&self.path, &records)?;
        Ok(gone)
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
        let mut stream = ZlibEncoder::new(Vec::new(), Compression::fast());
        stream.write_all(content)?;
        add_record(&digest, &stream.finish()?, records)?;
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

fn add_record(digest: &Digest, frame: &[u8], records: &mut Vec<u8>) -> io::Result<()> {
    let length = u32::try_from(frame.len()).map_err(io::Error::other)?;
    records.extend_from_slice(MAGIC);
    records.extend_from_slice(&digest.0);
    records.extend_from_slice(&length.to_be_bytes());
    records.extend_from_slice(frame);
    Ok(())
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
        world.put("pack", b"FFE2 cut off");
        let world: Arc<dyn World> = Arc::new(world);
        let one = fingerprint("select 1");
        Evidence::new(world.clone(), "pack".into()).keep(&one).unwrap();
        let content = Evidence::new(world, "pack".into()).content(&one.components[0].digest);
        assert_eq!(content.as_deref(), Some(&b"select 1"[..]));
    }
    #[test]
    fn what_nothing_refers_to_is_dropped_and_the_rest_is_kept() {
        let world: Arc<dyn World> = Arc::new(MemoryWorld::new());
        let fingerprints = ["select 1", "select 2", "select 3"].map(fingerprint);
        let digests = fingerprints.each_ref().map(|one| one.components[0].digest);
        let mut evidence = Evidence::new(world.clone(), "pack".into());
        fingerprints.iter().for_each(|one| evidence.keep(one).unwrap());
        let again = || Evidence::new(world.clone(), "pack".into());
        let live = BTreeSet::from([digests[0], digests[2]]);
        assert_eq!((again().retain(&live).unwrap(), again().retain(&live).unwrap()), (1, 0));
        let kept = digests.map(|digest| again().content(&digest).map(|content| content.to_vec()));
        assert_eq!(kept, [Some(b"select 1".to_vec()), None, Some(b"select 3".to_vec())]);
    }
}
