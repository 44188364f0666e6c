//! `parts-<run>`: of each node that a run built or tried to, the components of its fingerprint.
//!
//! A component is a slot, which tells one from the others of a node, and a mark, which tells one version of it from
//! another. Both are of the record as it was made, so that withholding a name makes no two the same.

use super::state::unknown;
use crate::artifact::history::Record;
use crate::digest::{Digest, Tagged};
use crate::fingerprint::{Component, Fingerprint, Kind};
use crate::site::history::RunSummary;
use crate::site::redact::Redaction;
use crate::site::{Page, Site, Unit, data, decided};
use serde::Serialize;
use std::collections::BTreeMap;

/// What a run's shard is loaded by.
pub fn shard_name(run_id: &str) -> String {
    format!("parts-{}", decided::stem(run_id))
}

#[derive(Serialize)]
struct Parts<'a> {
    /// Slot, mark, kind, name; each once.
    parts: Vec<(String, String, &'static str, String)>,
    nodes: BTreeMap<&'a str, Made>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Made {
    /// The fingerprint in short, what its components are to be compared by, and places of parts.
    Known(String, String, Vec<usize>),
    /// The fingerprint in short, and why nothing can be made of it here.
    Newer(String, String),
}

pub fn unit<'a>(site: &'a Site<'a>, run: &'a RunSummary) -> Unit<'a> {
    site.unit(format!("parts/{}", run.run_id), &run.record, move || {
        let record = site.input.archive.whole(&run.run_id);
        record.map(|record| shard(&record, site.input.archive.redaction())).into_iter().collect()
    })
}

fn shard(record: &Record, redaction: Redaction) -> Page {
    let mut parts = Vec::new();
    let mut places: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut nodes = BTreeMap::new();
    for (name, recorded) in &record.fingerprints {
        let Some(full) = &recorded.full else { continue };
        let Some(known) = full.known() else {
            nodes.insert(name.as_str(), Made::Newer(full.value().short(), unknown(full)));
            continue;
        };
        let part = |(slot, component): (String, &Component)| {
            let id = (slot, mark(component, known));
            *places.entry(id.clone()).or_insert_with(|| {
                let mut shown = component.clone();
                redaction.component(&mut shown);
                parts.push((id.0, id.1, component.kind.as_str(), shown.name));
                parts.len() - 1
            })
        };
        let made = slots(known).into_iter().map(part).collect();
        nodes.insert(name.as_str(), Made::Known(known.value.short(), terms(known), made));
    }
    data::shard(&shard_name(&record.results.metadata.run_id), &Parts { parts, nodes })
}

/// What digests are comparable by: two fingerprints of other terms have other digests for the same content.
pub fn terms(fingerprint: &Fingerprint) -> String {
    format!("{} {}", fingerprint.format, fingerprint.key_id.as_deref().unwrap_or("-"))
}

/// Components with the slot of each, in their order: by kind and name, and by their place among those of one name.
pub fn slots(fingerprint: &Fingerprint) -> Vec<(String, &Component)> {
    let mut seen: BTreeMap<(Kind, &str), u64> = BTreeMap::new();
    fingerprint
        .components
        .iter()
        .map(|component| {
            let place = seen.entry(component.id()).or_default();
            let slot = slot_of(component, *place);
            *place += 1;
            (slot, &**component)
        })
        .collect()
}

fn slot_of(component: &Component, place: u64) -> String {
    let parts = [component.kind.as_str().as_bytes(), component.name.as_bytes(), &place.to_be_bytes()];
    let hash = parts.iter().fold(Tagged::new("fft-site-slot-v1"), |hash, part| hash.part(part));
    hash.finish().short()[..8].to_string()
}

/// A version of a component: its digest, whether it is there, and for a rendered text what it was rendered from.
pub fn mark(component: &Component, fingerprint: &Fingerprint) -> String {
    let absent = if component.present { "" } else { "!" };
    let inputs = if component.kind == Kind::Sql { format!(".{}", inputs(fingerprint)) } else { String::new() };
    format!("{}{absent}{inputs}", component.digest.short())
}

fn inputs(fingerprint: &Fingerprint) -> String {
    Digest::of(&serde_json::to_vec(&*fingerprint.inputs).expect("invariant: inputs are JSON")).short()[..6].to_string()
}
