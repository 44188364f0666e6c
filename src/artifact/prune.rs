//! Removes old runs, and then the evidence that nothing kept refers to.
//!
//! A run that is some node's baseline on any database stays. Of a removed run its digest stays as long as the run behind
//! it is kept, so that a pruned run is told from one that somebody removed.

use super::cache;
use super::evidence::Evidence;
use super::history::{History, Pruned};
use super::wire::{self, Manifest, RecordedFingerprint};
use super::{Layout, json, named, write_changed};
use crate::digest::{Digest, Hashing};
use crate::fingerprint::Fingerprint;
use crate::plan::State;
use crate::world::World;
use memchr::memmem;
use serde::Deserialize;
use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

/// What was removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    pub runs: usize,
    /// Contents of the evidence.
    pub contents: usize,
    /// A record that can't be read: what it refers to is unknown, so no evidence was removed.
    pub unreadable: Option<String>,
}

/// Removes the oldest runs beyond `keep` and all evidence that nothing refers to.
pub fn prune(world: &Arc<dyn World>, layout: &Layout, keep: usize) -> io::Result<Removed> {
    let states = states(&**world, layout, None)?;
    let states: Vec<&State> = states.iter().collect();
    let runs = remove_runs(&**world, layout, keep, &states)?.len();
    Ok(Removed { runs, ..sweep(world, layout, &states)? })
}

/// What a run does at its end, when there are more than `keep` runs: as [`prune`], but the evidence is looked at only
/// when a removed run referred to some that the caches don't. `own` is the cache that the run has at hand.
pub fn prune_after_run(
    world: &Arc<dyn World>,
    layout: &Layout,
    keep: usize,
    own: (&Path, &State),
) -> io::Result<Removed> {
    if History::new(&**world, layout.runs()).list()?.len() <= keep {
        return Ok(Removed::default());
    }
    let others = states(&**world, layout, Some(own.0))?;
    let states: Vec<&State> = others.iter().chain([own.1]).collect();
    let removed = remove_runs(&**world, layout, keep, &states)?;
    let runs = removed.len();
    let evidence = Evidence::new(world.clone(), layout.evidence());
    // Runs that built nothing refer to nothing.
    let kept = LazyCell::new(|| evidence.digests().collect::<BTreeSet<&Digest>>());
    let live = LazyCell::new(|| entries(&states));
    let loose = |run: &Option<BTreeSet<Digest>>| {
        run.as_ref().is_none_or(|digests| digests.iter().any(|one| kept.contains(one) && !live.contains(one)))
    };
    if removed.iter().any(loose) {
        Ok(Removed { runs, ..sweep(world, layout, &states)? })
    } else {
        Ok(Removed { runs, ..Removed::default() })
    }
}

/// The caches of all databases, but the one at `without`.
fn states(world: &dyn World, layout: &Layout, without: Option<&Path>) -> io::Result<Vec<State>> {
    let files = world.walk(&layout.caches())?;
    let wanted = files.iter().filter(|file| Some(file.path.as_path()) != without);
    wanted.map(|file| Ok(cache::parse(&world.read(&file.path).map_err(named(layout, &file.path))?))).collect()
}

/// Removes runs and gives what each referred to; `None` for one that couldn't be read.
fn remove_runs(
    world: &dyn World,
    layout: &Layout,
    keep: usize,
    states: &[&State],
) -> io::Result<Vec<Option<BTreeSet<Digest>>>> {
    let history = History::new(world, layout.runs());
    let runs = history.list()?;
    let entries = states.iter().flat_map(|state| state.entries.values());
    let baselines: BTreeSet<&str> = entries.map(|entry| entry.run_id.as_str()).collect();
    let old = runs[..runs.len().saturating_sub(keep)].iter();
    let old: Vec<&String> = old.filter(|run| !baselines.contains(run.as_str())).collect();
    if old.is_empty() {
        return Ok(Vec::new());
    }
    let mut pruned: Pruned =
        world.read(&layout.pruned()).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    let mut referred = Vec::new();
    for run in &old {
        let path = history.path(run);
        let (refers, digest) = refers(world, &path).map_err(named(layout, &path))?;
        pruned.insert((*run).clone(), digest);
        let read = || recorded(&world.read(&path).ok()?).ok();
        referred.push(if refers { read() } else { Some(BTreeSet::new()) });
    }
    // Told before it is done: a run that is named here and still there does no harm.
    let bytes = json(&still_named(pruned, &runs, &old));
    write_changed(world, &layout.pruned(), &bytes).map_err(named(layout, &layout.pruned()))?;
    for run in old {
        let path = history.path(run);
        world.remove(&path).map_err(named(layout, &path))?;
    }
    Ok(referred)
}

/// Of the pruned runs those that stand right before one that is kept.
fn still_named(pruned: Pruned, runs: &[String], old: &[&String]) -> Pruned {
    let kept: BTreeSet<&String> = runs.iter().filter(|run| !old.contains(run)).collect();
    let all: BTreeSet<&String> = pruned.keys().chain(kept.iter().copied()).collect();
    let next = |run: &String| all.iter().find(|one| **one > run).is_some_and(|one| kept.contains(*one));
    let named: BTreeSet<String> = pruned.keys().filter(|run| next(run)).cloned().collect();
    pruned.into_iter().filter(|(run, _)| named.contains(run)).collect()
}

/// Removes evidence that no kept run, no entry and not the manifest refers to.
fn sweep(world: &Arc<dyn World>, layout: &Layout, states: &[&State]) -> io::Result<Removed> {
    match live(&**world, layout, states) {
        Ok(live) => {
            let contents = Evidence::new(world.clone(), layout.evidence()).retain(&live)?;
            Ok(Removed { contents, ..Removed::default() })
        }
        Err(unreadable) => Ok(Removed { unreadable: Some(unreadable), ..Removed::default() }),
    }
}

fn live(world: &dyn World, layout: &Layout, states: &[&State]) -> Result<BTreeSet<Digest>, String> {
    if let Some(problem) = states.iter().find_map(|state| state.unreadable.clone().or(state.newer.clone())) {
        return Err(problem);
    }
    let mut live = entries(states);
    let path = layout.manifest();
    if world.exists(&path) {
        let failed = |error: &dyn std::fmt::Display| format!("manifest.json can't be read: {error}");
        let bytes = world.read(&path).map_err(|error| failed(&error))?;
        let manifest: Manifest = wire::read(&bytes).map_err(|error| failed(&error))?;
        live.extend(manifest.nodes.values().flat_map(|node| node.fingerprint.digests()));
    }
    let history = History::new(world, layout.runs());
    for run in history.list().map_err(|error| format!("the runs can't be listed: {error}"))? {
        let bytes = world.read(&history.path(&run));
        let digests = bytes.map_err(|error| error.to_string()).and_then(|bytes| recorded(&bytes));
        live.extend(digests.map_err(|error| format!("run {run} can't be read: {error}"))?);
    }
    Ok(live)
}

fn entries(states: &[&State]) -> BTreeSet<Digest> {
    let entries = states.iter().flat_map(|state| state.entries.values());
    entries.flat_map(|entry| digests(&entry.fingerprint)).collect()
}

/// Whether a run's record may refer to something, and its digest. That of a run which built nothing is as long as any
/// other, and refers to nothing: that is seen without its rows in memory.
fn refers(world: &dyn World, path: &Path) -> io::Result<(bool, Digest)> {
    let mut record = Hashing::new(Search { words: br#""full":"#, last: Vec::new(), found: false });
    io::copy(&mut world.open(path)?, &mut record)?;
    let (search, digest) = record.finish();
    Ok((search.found, digest))
}

/// Looks for words in what is written to it.
struct Search {
    words: &'static [u8],
    /// The end of what was written, which the words may begin in.
    last: Vec<u8>,
    found: bool,
}

impl Write for Search {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.last.extend_from_slice(bytes);
        self.found |= memmem::find(&self.last, self.words).is_some();
        self.last.drain(..self.last.len().saturating_sub(self.words.len() - 1));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a run's record refers to.
fn recorded(bytes: &[u8]) -> Result<BTreeSet<Digest>, String> {
    #[derive(Deserialize)]
    struct Head {
        fingerprints: BTreeMap<String, RecordedFingerprint>,
    }
    let head: Head = wire::read(bytes).map_err(|error| error.to_string())?;
    let full = head.fingerprints.into_values().filter_map(|recorded| recorded.full);
    Ok(full.flat_map(|fingerprint| fingerprint.digests()).collect())
}

fn digests(fingerprint: &Fingerprint) -> impl Iterator<Item = Digest> {
    let components = fingerprint.components.iter().map(|component| component.digest);
    components.chain(fingerprint.inputs.iter().map(|input| input.digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(number: u32) -> String {
        format!("2026010{number}")
    }

    #[test]
    fn words_are_found_wherever_writes_part_them() {
        let text = br#"{"a":1,"full":{}}"#;
        let found = |text: &[u8], size: usize| {
            let mut search = Search { words: br#""full":"#, last: Vec::new(), found: false };
            text.chunks(size).for_each(|part| search.write_all(part).unwrap());
            search.found
        };
        assert!((1..=text.len()).all(|size| found(text, size) && !found(&text[..13], size)));
    }

    #[test]
    fn a_pruned_run_is_remembered_while_the_one_behind_it_is_kept() {
        let pruned = |runs: &[u32]| -> Pruned { runs.iter().map(|one| (run(*one), Digest::of(b""))).collect() };
        let runs: Vec<String> = [3, 4, 5].map(run).into();
        // 3 was kept as a baseline when 1 and 2 went; now 3 goes or 4 does.
        let without = |gone: usize| {
            let removed = pruned(&[2]).into_iter().chain([(runs[gone].clone(), Digest::of(b""))]).collect();
            still_named(removed, &runs, &[&runs[gone]])
        };
        assert_eq!(without(0), pruned(&[3]));
        assert_eq!(without(1), pruned(&[2, 4]));
    }
}
