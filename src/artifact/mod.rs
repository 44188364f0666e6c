//! Wire types and the files that fft keeps: `.fastflowtransform/` of a project.
//!
//! ```text
//! lock                        held by the run in progress
//! tests/<target>.json         each test's last result on one database
//! cache/<target>.jsonl        each node's last successful build on one database, appended as nodes end
//! evidence.pack               the content behind each digest, compressed
//! runs/<run_id>.json          decisions and fingerprints of a run, chained by digest
//! files.json                  size, times and digest of each data file that was read
//! lineage.cache               what each query's columns come from, by a digest of what was asked
//! pruned.json                 digests of removed runs that a kept run names as the one before
//! digests.sha256              digests of the newest run's record and of what stands in target/
//! target/manifest.json        the project as it is
//! target/run_results.json     the last run, a row for every node
//! target/catalog.json         relations as the engine has them
//! target/sources.json         how old the data of sources were when they were looked at
//! site/<folder>.json          what each page of a site was made from; derived, and made again when it is missing
//! progress.json               how far the run under way has come; gone when it ends
//! project.json                whose folder this is, where it is none of the project's own
//! utest.json                  unit tests that passed, each with what its outcome hangs on
//! python.json                 versions of interpreters that were asked
//! packages/<repository>/      what `fft deps` fetched: the repository in git/, the files of each commit beside it
//! python_macros.json          what macros in Python gave for their arguments
//! ```
//!
//! Every file but the cache and the evidence is written as a whole or not at all. Keys are sorted, the last byte is a
//! newline.

pub mod advice;
pub mod cache;
pub mod catalog;
pub mod comparison;
pub mod described;
pub mod evidence;
pub mod freshness;
pub mod history;
pub mod lineage;
pub mod literal;
pub mod manifest;
pub mod markdown;
pub mod passed;
mod pretty;
pub mod progress;
pub mod prune;
pub mod reach;
pub mod results;
pub mod secret;
pub mod snapshot;
pub mod sums;
pub mod tested;
pub mod timing;
pub mod verify;
pub mod wire;

use crate::digest::{Digest, Hashing};
use crate::project::STATE;
use crate::world::{World, is_left_behind};
use pretty::Pretty;
use serde::Serialize;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// Files that are derived and only save time: whoever may not write can do without them.
pub const OWN: [&str; 4] = ["files.json", "python.json", "python_macros.json", "utest.json"];

/// Where a project's artifacts are.
#[derive(Clone, Debug)]
pub struct Layout {
    project: PathBuf,
    root: PathBuf,
}

impl Layout {
    /// In the project's folder.
    pub fn new(project: &Path) -> Layout {
        Layout { project: project.into(), root: project.join(STATE) }
    }

    /// In a folder elsewhere, which belongs to this project alone.
    pub fn elsewhere(project: &Path, folder: PathBuf) -> Layout {
        Layout { project: project.into(), root: folder }
    }

    /// The folder, where it isn't in the project.
    pub fn moved(&self) -> Option<&Path> {
        (self.root != self.project.join(STATE)).then_some(&self.root)
    }

    /// Of a folder elsewhere: which project it belongs to.
    pub fn owner(&self) -> PathBuf {
        self.root.join("project.json")
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn lock(&self) -> PathBuf {
        self.root.join("lock")
    }

    /// The folder of all caches.
    pub fn caches(&self) -> PathBuf {
        self.root.join("cache")
    }

    /// The cache of one database, by what [`crate::engine::Engine::target`] says of it.
    pub fn cache(&self, target: &str) -> PathBuf {
        let digest = crate::digest::Tagged::new("fft-target-v1").part(target.as_bytes()).finish();
        self.caches().join(format!("{}.jsonl", digest.short()))
    }

    /// The last results of tests on one database.
    pub fn tests(&self, target: &str) -> PathBuf {
        let file = self.cache(target);
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        self.root.join("tests").join(format!("{stem}.json"))
    }

    pub fn evidence(&self) -> PathBuf {
        self.root.join("evidence.pack")
    }

    pub fn runs(&self) -> PathBuf {
        self.root.join("runs")
    }

    pub fn lineage(&self) -> PathBuf {
        self.root.join("lineage.cache")
    }

    /// What is known of data files that were read.
    pub fn files(&self) -> PathBuf {
        self.root.join("files.json")
    }

    /// What macros in Python gave for their arguments.
    pub fn python_macros(&self) -> PathBuf {
        self.root.join("python_macros.json")
    }

    /// How far the run under way has come.
    pub fn progress(&self) -> PathBuf {
        self.root.join("progress.json")
    }

    pub fn pruned(&self) -> PathBuf {
        self.root.join("pruned.json")
    }

    pub fn sums(&self) -> PathBuf {
        self.root.join("digests.sha256")
    }

    pub fn manifest(&self) -> PathBuf {
        self.root.join("target").join("manifest.json")
    }

    pub fn run_results(&self) -> PathBuf {
        self.root.join("target").join("run_results.json")
    }

    /// What was left of building the site in `dir`, so that only what changed is built again.
    pub fn site(&self, dir: &Path) -> PathBuf {
        let own = [&self.root, &self.project].into_iter().find_map(|folder| dir.strip_prefix(folder).ok());
        let dir = own.unwrap_or(dir);
        let digest = crate::digest::Tagged::new("fft-site-v1").part(dir.to_string_lossy().as_bytes()).finish();
        self.root.join("site").join(format!("{}.json", digest.short()))
    }

    /// Unit tests that passed.
    pub fn passed(&self) -> PathBuf {
        self.root.join("utest.json")
    }

    /// How old the data of sources were.
    pub fn sources(&self) -> PathBuf {
        self.root.join("target").join("sources.json")
    }

    pub fn catalog(&self) -> PathBuf {
        self.root.join("target").join("catalog.json")
    }
}

/// Pretty JSON with a newline at its end.
pub fn json<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_pretty(&mut bytes, value).expect("invariant: artifacts are JSON");
    bytes
}

fn write_pretty<T: Serialize>(mut to: impl Write, value: &T) -> io::Result<()> {
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut to, Pretty::default()))?;
    to.write_all(b"\n")
}

/// The digest of a file that holds just what [`json`] makes of `value`; `None` where it holds anything else. Neither of
/// them is ever in memory as a whole.
pub fn written<T: Serialize>(world: &dyn World, path: &Path, value: &T) -> Option<Digest> {
    let beside = Beside { there: world.open(path).ok()?, block: vec![0; BLOCK] };
    let (beside, digest) = hashed(beside, |blocks| write_pretty(blocks, value)).ok()?;
    beside.ends_here().then_some(digest)
}

/// Writes what [`json`] makes of `value`, which is never in memory as a whole; gives the file's digest.
pub fn write_json<T: Serialize>(world: &dyn World, path: &Path, value: &T) -> io::Result<Digest> {
    write_hashed(world, path, |blocks| write_pretty(blocks, value))
}

/// Where a file's bytes go, in blocks that are hashed.
type Blocks<To> = BufWriter<Hashing<To>>;

/// Writes what `fill` gives; gives the file's digest.
fn write_hashed(
    world: &dyn World,
    path: &Path,
    fill: impl Fn(&mut Blocks<&mut dyn Write>) -> io::Result<()>,
) -> io::Result<Digest> {
    let mut digest = None;
    world.write_with(path, &mut |file| {
        digest = Some(hashed(file, &fill)?.1);
        Ok(())
    })?;
    Ok(digest.expect("invariant: what was written was hashed"))
}

/// Gives `to` what `fill` gives, with the digest of it all.
fn hashed<To: Write>(to: To, fill: impl FnOnce(&mut Blocks<To>) -> io::Result<()>) -> io::Result<(To, Digest)> {
    let mut blocks = BufWriter::with_capacity(BLOCK, Hashing::new(to));
    fill(&mut blocks)?;
    Ok(blocks.into_inner()?.finish())
}

/// Bytes that are compared at one time.
const BLOCK: usize = 1 << 16;

/// A file that is to be written just as it is: anything else is an error.
struct Beside {
    there: Box<dyn Read>,
    block: Vec<u8>,
}

impl Beside {
    fn ends_here(mut self) -> bool {
        self.there.read(&mut self.block).is_ok_and(|read| read == 0)
    }
}

impl Write for Beside {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let bytes = &bytes[..bytes.len().min(BLOCK)];
        let block = &mut self.block[..bytes.len()];
        self.there.read_exact(block)?;
        if block == bytes { Ok(bytes.len()) } else { Err(io::Error::other("it is another one")) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Removes what writes that were killed left behind. Called under the lock, when nobody else writes.
pub fn sweep(world: &dyn World, layout: &Layout) {
    let files = world.walk(layout.root()).unwrap_or_default();
    // What can't be removed does no harm.
    files.iter().filter(|file| is_left_behind(&file.path)).for_each(|file| drop(world.remove(&file.path)));
}

/// An error that names the file it is about.
pub fn named(layout: &Layout, path: &Path) -> impl Fn(io::Error) -> io::Error {
    let shown = path.strip_prefix(layout.root()).unwrap_or(path).display().to_string();
    move |error| io::Error::new(error.kind(), format!("{shown}: {error}"))
}

/// Writes `bytes` unless the file holds just them; tells whether it wrote.
pub fn write_changed(world: &dyn World, path: &Path, bytes: &[u8]) -> io::Result<bool> {
    if world.read(path).is_ok_and(|old| old == bytes) {
        return Ok(false);
    }
    world.write(path, bytes)?;
    Ok(true)
}
