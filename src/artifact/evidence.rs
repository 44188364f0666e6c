//! The content behind each digest that may be shown, in one file that grows: `evidence.pack`.
//!
//! A record is `FFE2`, the digest (32 bytes), the length of what follows (big-endian u32) and the content as a zlib
//! stream: whoever checks fft needs nothing but Python's standard library to read it. One file rather than one a digest:
//! a thousand models leave two thousand contents, and making as many files costs more than building small models.
//! Nothing is fsynced: readers check contents against their digests.
//!
//! Damage mends. What isn't a record is stepped over to the next one; a record whose content can't be read, or isn't
//! what its digest says, counts as absent and is written again when its content is next at hand.

use crate::digest::Digest;
use crate::fingerprint::{Component, Content, Fingerprint, Input, leaf};
use crate::world::World;
use flate2::Compression;
use flate2::bufread::ZlibDecoder;
use flate2::write::ZlibEncoder;
use rayon::prelude::*;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Cursor, Read, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// Files larger than this are known by digest and size alone. Bytes.
pub const LARGEST: u64 = 64 << 20;
/// A pack up to this size is read as a whole by each run, so that small projects mend by themselves. Bytes.
const SMALL: usize = 1 << 20;

const MAGIC: &[u8; 4] = b"FFE2";
/// Bytes in front of a stream.
const HEAD: usize = 4 + 32 + 4;
/// How a zlib stream begins.
const STREAM: u8 = 0x78;

/// A pack of contents.
pub struct Evidence {
    world: Arc<dyn World>,
    path: PathBuf,
    /// What the file held when it was first needed.
    pack: OnceLock<Pack>,
    /// What was added since.
    added: BTreeSet<Digest>,
    /// Contents that were there before and were looked at: whether they are what their digests say.
    checked: BTreeMap<Digest, bool>,
    /// What isn't a record was taken out of the file.
    mended: bool,
}

/// The file's bytes and where each frame stands in them.
#[derive(Default)]
struct Pack {
    bytes: Vec<u8>,
    frames: BTreeMap<Digest, Range<usize>>,
    /// What is no record, in order.
    damage: Vec<Range<usize>>,
    /// Why the file can't be read at all.
    unreadable: Option<io::Error>,
}

impl Evidence {
    pub fn new(world: Arc<dyn World>, path: PathBuf) -> Evidence {
        let (added, checked) = Default::default();
        Evidence { world, path, pack: OnceLock::new(), added, checked, mended: false }
    }

    /// The content kept under `digest` before this run, where it is there and can be read.
    pub fn content(&self, digest: &Digest) -> Option<Arc<[u8]>> {
        Some(self.look(digest)?.ok()?.into())
    }

    /// The content kept under `digest` before this run; an error says why it can't be read.
    pub fn look(&self, digest: &Digest) -> Option<io::Result<Vec<u8>>> {
        let pack = self.pack();
        Some(pack.content(pack.frames.get(digest)?))
    }

    /// Every digest that a content was kept under before this run.
    pub fn digests(&self) -> impl Iterator<Item = &Digest> {
        self.pack().frames.keys()
    }

    /// What is wrong with the file as a whole, if anything.
    pub fn damage(&self) -> Option<String> {
        let pack = self.pack();
        if let Some(error) = &pack.unreadable {
            return Some(format!("can't be read: {error}"));
        }
        let at = pack.damage.first()?.start;
        let bytes: usize = pack.damage.iter().map(ExactSizeIterator::len).sum();
        Some(format!("{bytes} bytes of it, at byte {at}, are no record: something was cut off or damaged there"))
    }

    /// What this run found wrong, in a sentence: what could be read is kept, and what was at hand is written again.
    pub fn mended(&self) -> Option<String> {
        let broken = self.checked.values().filter(|sound| !**sound).count();
        let contents = |count: usize| if count == 1 { "1 content".into() } else { format!("{count} contents") };
        let what = match (self.damage().filter(|_| self.mended), broken) {
            (None, 0) => return None,
            (None, broken) => format!("{} of it couldn't be read", contents(broken)),
            (Some(damage), 0) => damage,
            (Some(damage), broken) => format!("{damage}; {} couldn't be read", contents(broken)),
        };
        Some(format!("evidence.pack was damaged: {what}. What this run knows of that is written again"))
    }

    /// Rewrites the file with those contents of `live` alone that can be read, as a whole or not at all. Gives how many
    /// went.
    pub fn retain(self, live: &BTreeSet<Digest>) -> io::Result<usize> {
        let pack = self.pack();
        if let Some(error) = &pack.unreadable {
            return Err(io::Error::new(error.kind(), format!("evidence.pack can't be read: {error}")));
        }
        let kept = |(digest, frame): &(&Digest, &Range<usize>)| live.contains(*digest) && pack.content(frame).is_ok();
        let kept: Vec<_> = pack.frames.iter().filter(kept).collect();
        let gone = pack.frames.len() - kept.len();
        if gone > 0 || !pack.damage.is_empty() {
            let mut records = Vec::new();
            for (digest, frame) in kept {
                add_record(digest, &pack.bytes[frame.clone()], &mut records)?;
            }
            self.world.write(&self.path, &records).map_err(|error| self.named(error))?;
        }
        Ok(gone)
    }

    /// Keeps what a fingerprint's components and inputs were made from.
    pub fn keep(&mut self, fingerprint: &Fingerprint) -> io::Result<()> {
        let mut records = Vec::new();
        for component in &fingerprint.components {
            self.record_component(component, &mut records)?;
        }
        for Input { digest, content, kind, name, .. } in fingerprint.inputs.iter() {
            if let Some(content) = content {
                self.record((kind.as_str(), name), *digest, content.as_bytes(), &mut records)?;
            }
        }
        self.append(&records)
    }

    /// Keeps again what was kept of a fingerprint once and isn't there any longer. Of a large file only what is missing
    /// is told, not what can't be read.
    pub fn mend(&mut self, fingerprint: &Fingerprint) -> io::Result<()> {
        let whole = self.pack().bytes.len() <= SMALL;
        let there = |digest: &Digest| self.added.contains(digest) || self.pack().frames.contains_key(digest);
        let missing = fingerprint.components.iter().any(|component| {
            let kept = !matches!(component.content, Content::None) && component.size <= LARGEST;
            kept && !there(&component.digest)
        });
        let missing =
            missing || fingerprint.inputs.iter().any(|input| input.content.is_some() && !there(&input.digest));
        if whole || missing { self.keep(fingerprint) } else { Ok(()) }
    }

    /// Looks at what was kept of fingerprints whose contents are at hand, side by side, where all of a file is looked at.
    pub fn look_through<'a>(&mut self, fingerprints: impl ParallelIterator<Item = &'a Fingerprint>) {
        let pack = self.pack();
        if pack.bytes.len() > SMALL {
            return;
        }
        let contents = fingerprints.flat_map_iter(contents);
        let wanted: BTreeMap<Digest, (&str, &str)> = contents.collect();
        let sound = |(digest, id): (&Digest, &(&str, &str))| {
            Some((*digest, is_sound(*id, digest, pack.content(pack.frames.get(digest)?))))
        };
        let looked: Vec<(Digest, bool)> = wanted.par_iter().filter_map(sound).collect();
        self.checked.extend(looked);
    }

    fn record_component(&mut self, component: &Component, records: &mut Vec<u8>) -> io::Result<()> {
        let id = (component.kind.as_str(), component.name.as_str());
        match &component.content {
            Content::None => Ok(()),
            Content::Text(text) => self.record(id, component.digest, text.as_bytes(), records),
            Content::File(file) if component.size <= LARGEST && !self.has(id, &component.digest) => {
                let bytes = self.world.read(file)?;
                // One that changed meanwhile isn't what was hashed; the engine's side tells of that.
                if leaf(id.0, id.1, &bytes) == component.digest {
                    self.record(id, component.digest, &bytes, records)
                } else {
                    Ok(())
                }
            }
            Content::File(_) => Ok(()),
        }
    }

    fn record(&mut self, id: (&str, &str), digest: Digest, content: &[u8], records: &mut Vec<u8>) -> io::Result<()> {
        if self.has(id, &digest) {
            return Ok(());
        }
        let mut stream = ZlibEncoder::new(Vec::new(), Compression::fast());
        stream.write_all(content)?;
        add_record(&digest, &stream.finish()?, records)?;
        self.added.insert(digest);
        Ok(())
    }

    /// Whether the content is there and is what its digest says; each is looked at once.
    fn has(&mut self, id: (&str, &str), digest: &Digest) -> bool {
        if self.added.contains(digest) {
            return true;
        }
        if let Some(sound) = self.checked.get(digest) {
            return *sound;
        }
        let Some(content) = self.look(digest) else { return false };
        let sound = is_sound(id, digest, content);
        self.checked.insert(*digest, sound);
        sound
    }

    /// Adds records; before the first, what is no record is taken out of the file.
    fn append(&mut self, records: &[u8]) -> io::Result<()> {
        let damaged = !self.pack().damage.is_empty() && !self.mended;
        if !damaged && records.is_empty() {
            return Ok(());
        }
        if let Some(error) = &self.pack().unreadable {
            return Err(io::Error::new(error.kind(), format!("evidence.pack can't be read: {error}")));
        }
        let result = if damaged {
            self.world.write(&self.path, &[self.pack().records().as_slice(), records].concat())
        } else {
            self.world.append(&self.path, records)
        };
        self.mended |= damaged;
        result.map_err(|error| self.named(error))
    }

    fn named(&self, error: io::Error) -> io::Error {
        io::Error::new(error.kind(), format!("evidence.pack: {error}"))
    }

    fn pack(&self) -> &Pack {
        self.pack.get_or_init(|| Pack::read(&*self.world, &self.path))
    }
}

/// A pack of contents for who only looks.
pub struct Reading(Pack);

impl Reading {
    /// The file as it is now. One that isn't there, or can't be read, has no contents.
    pub fn of(world: &dyn World, path: &Path) -> Reading {
        Reading(Pack::read(world, path))
    }

    /// The content kept under `digest`, where it is there and can be read.
    pub fn content(&self, digest: &Digest) -> Option<Arc<[u8]>> {
        Some(self.0.content(self.0.frames.get(digest)?).ok()?.into())
    }
}

/// Whether a content is the one of that kind and name that its digest says.
fn is_sound((kind, name): (&str, &str), digest: &Digest, content: io::Result<Vec<u8>>) -> bool {
    content.is_ok_and(|content| leaf(kind, name, &content) == *digest)
}

/// What of a fingerprint is at hand to be kept: digests with kind and name.
fn contents(fingerprint: &Fingerprint) -> impl Iterator<Item = (Digest, (&str, &str))> {
    let component = |one: &&Arc<Component>| match one.content {
        Content::None => false,
        Content::Text(_) => true,
        Content::File(_) => one.size <= LARGEST,
    };
    let components = fingerprint.components.iter().filter(component);
    let components = components.map(|one| (one.digest, (one.kind.as_str(), one.name.as_str())));
    let inputs = fingerprint.inputs.iter().filter(|one| one.content.is_some());
    components.chain(inputs.map(|one| (one.digest, (one.kind.as_str(), one.name.as_str()))))
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
    fn read(world: &dyn World, path: &Path) -> Pack {
        match world.read(path) {
            Ok(bytes) => Pack::parse(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Pack::default(),
            Err(error) => Pack { unreadable: Some(error), ..Pack::default() },
        }
    }

    fn parse(bytes: Vec<u8>) -> Pack {
        let mut pack = Pack { bytes, ..Pack::default() };
        let mut at = 0;
        while at < pack.bytes.len() {
            if let Some((digest, frame)) = pack.record_at(at) {
                at = frame.end;
                pack.frames.insert(digest, frame);
                continue;
            }
            let next = (at + 1..pack.bytes.len()).find(|next| pack.record_at(*next).is_some());
            let next = next.unwrap_or(pack.bytes.len());
            pack.damage.push(at..next);
            at = next;
        }
        pack
    }

    /// The record that begins at `start`. A length that leads into the midst of something is taken for damage.
    fn record_at(&self, start: usize) -> Option<(Digest, Range<usize>)> {
        let head = self.bytes.get(start..start + HEAD)?;
        let digest = head.strip_prefix(MAGIC)?;
        let length = u32::from_be_bytes(digest[32..].try_into().ok()?) as usize;
        let frame = start + HEAD..start + HEAD + length;
        let begins = *self.bytes.get(frame.clone())?.first()? == STREAM;
        let behind = &self.bytes[frame.end..];
        // A head that was cut off or damaged may follow, and tells of itself.
        let ends = behind.is_empty() || MAGIC.starts_with(&behind[..behind.len().min(4)]);
        let ends = ends || self.content(&frame).is_ok();
        (begins && ends).then_some((Digest(digest[..32].try_into().ok()?), frame))
    }

    fn content(&self, frame: &Range<usize>) -> io::Result<Vec<u8>> {
        inflate(self.bytes[frame.clone()].to_vec())
    }

    /// Everything that is a record.
    fn records(&self) -> Vec<u8> {
        let mut records = Vec::new();
        let mut at = 0;
        for damage in &self.damage {
            records.extend_from_slice(&self.bytes[at..damage.start]);
            at = damage.end;
        }
        records.extend_from_slice(&self.bytes[at..]);
        records
    }
}

thread_local! {
    /// Made once: what it works with is larger than most contents.
    static DECODER: RefCell<ZlibDecoder<Cursor<Vec<u8>>>> = RefCell::new(ZlibDecoder::new(Cursor::default()));
}

fn inflate(stream: Vec<u8>) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    DECODER.with_borrow_mut(|decoder| {
        decoder.reset(Cursor::new(stream));
        let read = decoder.read_to_end(&mut content);
        *decoder.get_mut() = Cursor::default();
        read
    })?;
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::{Key, Kind};
    use crate::world::MemoryWorld;

    fn fingerprint(text: &str) -> Fingerprint {
        let component = Component::text(Kind::Sql, "m.sql", text.into());
        Fingerprint::new(vec![Arc::new(component)], Arc::default(), None, &Key::default())
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

    /// Whatever byte is changed, cut off or put in: all other contents are still there, and what is kept again is whole.
    #[test]
    fn damage_costs_only_its_own_record_and_mends() {
        let world = Arc::new(MemoryWorld::new());
        let fingerprints = ["select 1", "select 2", "select 3"].map(fingerprint);
        let digests = fingerprints.each_ref().map(|one| one.components[0].digest);
        let open = || Evidence::new(world.clone(), "pack".into());
        fingerprints.iter().for_each(|one| open().keep(one).unwrap());
        let whole = world.read(std::path::Path::new("pack")).unwrap();
        let length = whole.len();
        let flip = |at: usize| [&whole[..at], &[whole[at] ^ 0x20], &whole[at + 1..]].concat();
        let zero = |at: usize| [&whole[..at], &vec![0; 64.min(length - at)], &whole[(at + 64).min(length)..]].concat();
        // With how many contents may be lost.
        let damages = (0..length).flat_map(|at| {
            let insert = [&whole[..at], b"FFE2", &whole[at..]].concat();
            let remove = [&whole[..at], &whole[at + 1..]].concat();
            [(flip(at), 1), (insert, 1), (remove, 1), (zero(at), 3), (whole[..at].to_vec(), 3)]
        });
        for (damaged, most) in damages {
            world.put("pack", &damaged);
            let readable = |evidence: &Evidence| -> Vec<bool> {
                let content = |digest| evidence.content(digest).is_some();
                digests.iter().map(content).collect()
            };
            let before = open();
            let lost = readable(&before).iter().filter(|there| !**there).count();
            assert!(lost <= most, "{lost} are lost");
            let mut again = open();
            fingerprints.iter().for_each(|one| again.keep(one).unwrap());
            assert!(lost == 0 || again.mended().is_some() || before.damage().is_none());
            assert_eq!(readable(&open()), [true; 3]);
            assert_eq!(open().damage(), None);
        }
    }

    /// A length that leads to where nothing begins, and bytes in the midst that no record has.
    #[test]
    fn what_is_behind_a_torn_record_is_kept_at_the_next_addition() {
        let world = Arc::new(MemoryWorld::new());
        let fingerprints = ["select 1", "select 2", "select 3"].map(fingerprint);
        let open = || Evidence::new(world.clone(), "pack".into());
        open().keep(&fingerprints[0]).unwrap();
        let path = std::path::Path::new("pack");
        let whole = world.read(path).unwrap();
        let torn = [&whole[..whole.len() - 5], b"\0\0\0"].concat();
        world.put("pack", torn);
        world
            .append(path, &{
                let other = Arc::new(MemoryWorld::new());
                Evidence::new(other.clone(), "pack".into()).keep(&fingerprints[1]).unwrap();
                other.read(path).unwrap()
            })
            .unwrap();
        let mut evidence = open();
        assert!(evidence.damage().is_some_and(|damage| damage.contains("at byte 0")), "{:?}", evidence.damage());
        evidence.keep(&fingerprints[2]).unwrap();
        assert!(evidence.mended().is_some_and(|words| words.contains("evidence.pack was damaged")));
        let kept = fingerprints.each_ref().map(|one| open().content(&one.components[0].digest).is_some());
        assert_eq!((kept, open().damage()), ([false, true, true], None));
    }

    #[test]
    fn a_file_that_changed_is_not_kept_under_the_digest_it_had() {
        let world = Arc::new(MemoryWorld::new().file("a.csv", "n\n1\n"));
        let hashed =
            Component { content: Content::File("a.csv".into()), ..Component::bare(Kind::Seed, "a.csv", b"n\n1\n") };
        let digest = hashed.digest;
        let hashed = Fingerprint::new(vec![Arc::new(hashed)], Arc::default(), None, &Key::default());
        let keep = || {
            Evidence::new(world.clone(), "pack".into()).keep(&hashed).unwrap();
            Evidence::new(world.clone(), "pack".into()).content(&digest).is_some()
        };
        world.put("a.csv", "n\n2\n");
        assert!(!keep());
        world.put("a.csv", "n\n1\n");
        assert!(keep());
    }

    #[test]
    fn what_was_kept_once_and_is_gone_is_kept_again() {
        let world = Arc::new(MemoryWorld::new());
        let one = fingerprint("select 1");
        let open = || Evidence::new(world.clone(), "pack".into());
        open().keep(&one).unwrap();
        let mut bytes = world.read(std::path::Path::new("pack")).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        world.put("pack", bytes);
        let mut mending = open();
        mending.mend(&one).unwrap();
        assert!(mending.mended().is_some_and(|words| words.contains("1 content of it couldn't be read")));
        assert!(open().content(&one.components[0].digest).is_some());
        let mut sound = open();
        sound.mend(&one).unwrap();
        assert_eq!(sound.mended(), None);
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
