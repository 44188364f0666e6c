//! A run's record beside its page: the file as it is kept, with its SHA-256 and that of the one before, so that the
//! chain of runs can be read and computed again with the site alone.
//!
//! The same bytes are packed in a shard, because nothing else lets a script read a file that is opened from disk.

use super::decided::stem;
use super::history::{RecordFile, RunSummary};
use super::name::run_page;
use super::word;
use super::{Page, Site, Unit, data};
use crate::digest::Digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;

/// Bytes of records that a site has at most, those of the newest runs first.
const MOST: u64 = 64 << 20;

/// The program that computes all of it again, with the standard library of Python alone.
const VERIFY: &str = include_str!("../../docs/verify.py");

/// What a page says of a record.
pub struct Chain<'a> {
    pub run: &'a str,
    pub file: &'a RecordFile,
    /// The file below the site's folder, where the site has it.
    pub path: Option<String>,
    pub shard: String,
    /// The run before with its page, where it is kept.
    pub previous: Option<(&'a str, Option<String>)>,
}

impl Chain<'_> {
    pub fn size(&self) -> String {
        word::bytes(self.file.bytes)
    }

    pub fn is_copy(&self) -> bool {
        self.file.copy.is_some()
    }
}

/// Of the kept runs those whose records a site has.
pub fn published(runs: &[RunSummary]) -> BTreeSet<&str> {
    let mut left = MOST;
    let fits = |run: &&RunSummary| {
        let fits = run.record.bytes <= left;
        left = if fits { left - run.record.bytes } else { 0 };
        fits
    };
    runs.iter().rev().take_while(fits).map(|run| run.run_id.as_str()).collect()
}

/// What `run`'s page says of its record.
pub fn chain<'a>(site: &Site<'_>, run: &'a RunSummary) -> Chain<'a> {
    let previous = run.previous.as_deref().map(|id| (id, site.is_kept(id).then(|| run_page(id))));
    let path = site.is_published(&run.run_id).then(|| path(&run.run_id));
    Chain { run: &run.run_id, file: &run.record, path, shard: shard_name(&run.run_id), previous }
}

/// The record's file below the site's folder.
pub fn path(run_id: &str) -> String {
    run_page(run_id).replace(".html", ".json")
}

/// What the packed record is loaded by.
pub fn shard_name(run_id: &str) -> String {
    format!("record-{}", stem(run_id))
}

/// The record of a run; made once, since a record doesn't change.
pub fn unit<'a>(site: &'a Site<'a>, run: &'a RunSummary) -> Unit<'a> {
    site.unit(format!("record/{}", run.run_id), &run.record, move || {
        let Some(bytes) = site.input.archive.file(&run.run_id) else { return Vec::new() };
        let shard = data::shard(&shard_name(&run.run_id), &packed(&bytes));
        vec![Page::new(path(&run.run_id), bytes), shard]
    })
}

/// A zlib stream in base64.
fn packed(bytes: &[u8]) -> String {
    let mut stream = ZlibEncoder::new(Vec::new(), Compression::default());
    stream.write_all(bytes).expect("invariant: writing to memory doesn't fail");
    STANDARD.encode(stream.finish().expect("invariant: writing to memory doesn't fail"))
}

/// `verify.py` for who has the site and no project, and the digests of the records: of what is kept, and of the copy that
/// is here where something is withheld.
pub fn program<'a>(site: &'a Site<'a>) -> Unit<'a> {
    #[derive(Serialize)]
    struct Digests {
        copy: Option<Digest>,
        kept: Digest,
    }
    let published = site.input.runs.iter().filter(|run| site.is_published(&run.run_id));
    let digests: BTreeMap<String, Digests> =
        published.map(|run| (stem(&run.run_id), Digests { copy: run.record.copy, kept: run.record.digest })).collect();
    let inputs = serde_json::to_value((VERIFY, &digests)).expect("invariant: digests are JSON");
    site.unit("verify", &inputs, move || {
        let digests = Page::new("runs/digests.json", crate::artifact::json(&digests));
        vec![Page::new("verify.py", VERIFY), digests]
    })
}
