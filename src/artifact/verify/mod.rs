//! Checks what fft recorded, by computing it again.
//!
//! A [`Verification`] takes records one after the other (the cache, the manifest, the runs from the oldest on, the
//! results of the last one, the rows of `_ff_meta`) and gives a [`Report`]: a sentence for each thing that isn't as it
//! must be, and counts of what was computed again and what could not be. It reads nothing itself but contents of the
//! evidence. A record that can't be read is a finding, never an error.

mod chain;
mod fingerprint;
mod relation;
#[cfg(test)]
mod tests;

use super::cache;
use super::evidence::Evidence;
use super::wire::{self, Manifest, RunResults, Unreadable};
use crate::digest::Digest;
use crate::fingerprint::{Key, Kind};
use crate::plan::State;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What isn't as it must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The record, below `.fastflowtransform/`.
    pub file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// Kind and name of the component or input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    pub problem: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.file)?;
        if let Some(node) = &self.node {
            write!(f, "{node}: ")?;
        }
        if let Some(component) = &self.component {
            write!(f, "{component}: ")?;
        }
        f.write_str(&self.problem)
    }
}

/// How much was computed again, and how much could not be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Fingerprints of the manifest, of cache entries and of runs.
    pub fingerprints: usize,
    /// Leaves whose content was at hand.
    pub leaves: usize,
    /// Leaves of values that may not be shown.
    pub withheld: usize,
    /// Leaves made with a key that isn't at hand.
    pub keyed: usize,
    /// Contents that were never kept: of builds that failed or weren't recorded, and of very large seeds.
    pub not_kept: usize,
    pub runs: usize,
    /// Rows of `_ff_meta` that were compared with their entries.
    pub relations: usize,
    /// Of those, relations that hold builds of other checkouts, whose rows have their own record.
    pub elsewhere: usize,
    /// Kept contents that no record refers to.
    pub unreferenced: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    pub findings: Vec<Finding>,
    /// What could not be checked, because a newer fft wrote it.
    pub notes: Vec<Finding>,
    pub counts: Counts,
}

/// A check in progress.
pub struct Verification<'a> {
    evidence: &'a Evidence,
    key: &'a Key,
    report: Report,
    /// Contents of the evidence that were looked at, each once, with the size of those that have their digest.
    seen: BTreeMap<(&'static str, String, Digest), Option<u64>>,
    /// Nodes and fingerprints of cache entries: what they were made from must be kept.
    built: BTreeSet<(String, Digest)>,
    /// Every digest met.
    referred: BTreeSet<Digest>,
    chain: chain::Chain,
    /// Fingerprints that the manifest has.
    manifest: Option<BTreeMap<String, Digest>>,
}

/// Where something stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    file: &'a str,
    node: Option<&'a str>,
}

impl<'a> Verification<'a> {
    pub fn new(evidence: &'a Evidence, key: &'a Key) -> Verification<'a> {
        Verification {
            evidence,
            key,
            report: Report::default(),
            seen: BTreeMap::new(),
            built: BTreeSet::new(),
            referred: BTreeSet::new(),
            chain: chain::Chain::default(),
            manifest: None,
        }
    }

    /// The file of one database's entries.
    pub fn cache(&mut self, file: &str, bytes: &[u8]) -> State {
        let state = cache::parse(bytes);
        if let Some(problem) = &state.unreadable {
            self.find(Place { file, node: None }, None, problem);
        }
        if let Some(words) = &state.newer {
            self.note(Place { file, node: None }, format!("not checked: {words}"));
        }
        for entry in state.entries.values() {
            let place = Place { file, node: Some(entry.node.as_str()) };
            self.fingerprint(place, &entry.fingerprint, true);
            self.built.insert((entry.node.to_string(), entry.fingerprint.value));
        }
        state
    }

    pub fn manifest(&mut self, file: &str, bytes: &[u8]) {
        let manifest: Manifest = match wire::read(bytes) {
            Ok(manifest) => manifest,
            Err(error) => return self.unreadable(Place { file, node: None }, &error),
        };
        self.version(Place { file, node: None }, &manifest.metadata.schema_version);
        for (name, node) in &manifest.nodes {
            let complete = self.built.contains(&(name.clone(), node.fingerprint.value()));
            self.recorded(Place { file, node: Some(name) }, &node.fingerprint, complete);
        }
        let values = manifest.nodes.into_iter().map(|(name, node)| (name, node.fingerprint.value()));
        self.manifest = Some(values.collect());
    }

    /// What the last run left beside its record; called behind the runs and the manifest.
    pub fn last_results(&mut self, file: &str, bytes: &[u8]) {
        let place = Place { file, node: None };
        let results: RunResults = match wire::read(bytes) {
            Ok(results) => results,
            Err(error) => return self.unreadable(place, &error),
        };
        self.version(place, &results.metadata.schema_version);
        self.compare_newest(place, &results);
    }

    /// A file that can't be read, or isn't what the last run left.
    pub fn changed(&mut self, file: &str, problem: &str) {
        self.find(Place { file, node: None }, None, problem);
    }

    /// The findings, with those about the evidence as a whole.
    pub fn finish(mut self) -> Report {
        if let Some(problem) = self.evidence.damage() {
            self.find(Place { file: "evidence.pack", node: None }, None, &problem);
        }
        let kept = self.evidence.digests();
        self.report.counts.unreferenced = kept.filter(|digest| !self.referred.contains(*digest)).count();
        self.report
    }

    /// A file that can't be read is damaged, unless a newer fft wrote it.
    fn unreadable(&mut self, place: Place<'_>, error: &Unreadable) {
        match error.newer {
            Some(_) => self.note(place, format!("not checked: {error}")),
            None => self.find(place, None, &format!("can't be read: {error}")),
        }
    }

    fn version(&mut self, place: Place<'_>, version: &str) {
        if let Some(words) = wire::newer(version) {
            self.note(place, words);
        }
    }

    /// Takes note of what couldn't be checked.
    fn note(&mut self, place: Place<'_>, problem: String) {
        self.report.notes.push(Finding {
            file: place.file.into(),
            node: place.node.map(String::from),
            component: None,
            problem,
        });
    }

    fn find(&mut self, place: Place<'_>, component: Option<(&str, &str)>, problem: &str) {
        self.report.findings.push(Finding {
            file: place.file.into(),
            node: place.node.map(String::from),
            component: component.map(|(kind, name)| format!("{kind} {name}")),
            problem: problem.into(),
        });
    }
}

/// The kinds whose contents are kept as evidence rather than in the record.
fn is_kept(kind: Kind) -> bool {
    kind.is_text() || kind == Kind::Seed
}
