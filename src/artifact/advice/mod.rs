//! Advice with evidence: what the kept runs of a profile prove about a project, and the setting that would change it.
//!
//! A function of the manifest and of what each run tells ([`Facts`]); nothing is guessed: what isn't proven is said under
//! an `if`, or isn't said.

mod facts;
#[cfg(test)]
mod tests;

use super::manifest::{Manifest, ManifestNode};
use super::wire::{Advice, Bounded, Comments, Crowded, Rebuilt, Repeated, Variable};
use crate::fingerprint::{InputKind, Kind};
use crate::graph::NodeKind;
pub use facts::{Built, Edited, Facts, Times};
use std::collections::{BTreeMap, BTreeSet};

/// Builds that a node has before it counts as built again and again.
const BUILDS: usize = 3;
/// Runs that show the same before times advise anything.
const RUNS: usize = 2;
/// Nodes that are advised about one by one.
const NODES: usize = 5;

/// What `runs`, the kept ones of a profile, oldest first, prove about the project that `manifest` is of; what would save
/// most first.
pub fn advice(manifest: &Manifest, runs: &[&Facts]) -> Vec<Advice> {
    let mut all: Vec<Advice> = comments(runs).into_iter().collect();
    all.extend(variables(manifest, runs));
    all.extend(same_rows(manifest, runs));
    all.extend(slow_chain(runs));
    all.extend(workers(runs));
    all.extend(unread(manifest, runs));
    all.sort_by_key(|one| (std::cmp::Reverse(one.saved_ms), one.code));
    all
}

impl Edited {
    fn words(&self) -> Rebuilt {
        Rebuilt { nodes: self.rebuilt, alone: self.alone, alone_ms: self.alone_ms }
    }
}

/// Edits of comments, where any node was built for nothing else.
fn comments(runs: &[&Facts]) -> Option<Advice> {
    let edits = runs.iter().filter_map(|run| {
        let edited = run.comments.as_ref()?;
        Some(Comments { run_id: &run.run_id, nodes: &edited.nodes, rebuilt: edited.words() })
    });
    let edits: Vec<Comments<'_>> = edits.collect();
    edits.iter().any(|edit| edit.rebuilt.alone > 0).then(|| Advice::comments(&edits))
}

/// Variables that rebuilt nodes, are inputs still, and that no model names.
fn variables(manifest: &Manifest, runs: &[&Facts]) -> Vec<Advice> {
    let mut changes: BTreeMap<&str, Vec<Variable<'_>>> = BTreeMap::new();
    for run in runs {
        for (name, edited) in &run.variables {
            changes.entry(name).or_default().push(Variable { run_id: &run.run_id, rebuilt: edited.words() });
        }
    }
    changes.retain(|name, _| {
        let nodes = || manifest.nodes.values();
        nodes().any(|node| has_variable(node, name)) && !nodes().any(|node| names(node, name))
    });
    changes.iter().map(|(name, runs)| Advice::variable(name, runs)).collect()
}

fn has_variable(node: &ManifestNode, variable: &str) -> bool {
    let full = node.fingerprint.known();
    full.is_some_and(|full| full.components.iter().any(|one| one.kind == Kind::Env && one.name == variable))
}

/// Whether the model's template reads the variable, or its Python text holds its name.
fn names(node: &ManifestNode, variable: &str) -> bool {
    let Some(full) = node.fingerprint.known() else { return true };
    let reads = full.inputs.iter().any(|input| input.kind == InputKind::Env && input.name == variable);
    // A text that is withheld or of a kind that isn't known may name anything.
    let may_name = node.kind != NodeKind::Seed && node.kind != NodeKind::Sql;
    reads || may_name && node.compiled.as_deref().is_none_or(|text| text.contains(variable))
}

/// Nodes that half of the runs or more built, always with as many rows, and that others followed for no other reason.
fn same_rows(manifest: &Manifest, runs: &[&Facts]) -> Vec<Advice> {
    if runs.last().is_none_or(|run| run.cutoff) {
        return Vec::new();
    }
    let mut builds: BTreeMap<&str, Vec<(&str, u64)>> = BTreeMap::new();
    let mut followed: BTreeMap<(&str, &str), (usize, u64)> = BTreeMap::new();
    for run in runs {
        for (name, built) in &run.built {
            if let Some(rows) = built.rows {
                builds.entry(name).or_default().push((&run.run_id, rows));
            }
            if let Some(up) = &built.follows {
                let of = followed.entry((up, &run.run_id)).or_default();
                (of.0, of.1) = (of.0 + 1, of.1 + built.ms);
            }
        }
    }
    let mut found: Vec<Advice> = Vec::new();
    for (node, of_runs) in builds {
        let rows = of_runs[0].1;
        let same = of_runs.iter().all(|(_, other)| *other == rows);
        let often = of_runs.len() >= BUILDS && of_runs.len() * 2 >= runs.len();
        if !same || !often || !manifest.nodes.contains_key(node) {
            continue;
        }
        let one = |(run, _): &(&'_ str, u64)| followed.get(&(node, *run)).copied().unwrap_or_default();
        let builds: Vec<(&str, usize, u64)> =
            of_runs.iter().map(|build| (build.0, one(build).0, one(build).1)).collect();
        if builds.iter().any(|build| build.1 > 0) {
            found.push(Advice::same_rows(&Repeated { node, rows, runs: runs.len(), builds }));
        }
    }
    found.sort_by_key(|one| std::cmp::Reverse(one.saved_ms));
    found.truncate(NODES);
    found
}

/// Runs that took as long as their longest chain, more workers or not.
fn slow_chain(runs: &[&Facts]) -> Option<Advice> {
    let timed = runs.iter().filter(|run| run.times.is_some()).count();
    let bounded = runs.iter().filter_map(|run| {
        let times = run.times.as_ref().filter(|times| times.more_workers.is_none())?;
        Some(Bounded {
            run_id: &run.run_id,
            last: &times.last,
            chain_ms: times.chain_ms,
            slowest: &times.slowest.name,
            slowest_ms: times.slowest.ms,
            saved_ms: times.faster_chain_ms?,
        })
    });
    let bounded: Vec<Bounded<'_>> = bounded.collect();
    (bounded.len() >= RUNS).then(|| Advice::slow_chain(&bounded, timed))
}

/// Runs that more workers would have made shorter, where that is half of them.
fn workers(runs: &[&Facts]) -> Option<Advice> {
    let timed = runs.iter().filter(|run| run.times.is_some()).count();
    let crowded = runs.iter().filter_map(|run| {
        let times = run.times.as_ref()?;
        let (more, saved_ms) = times.more_workers?;
        Some(Crowded { run_id: &run.run_id, workers: times.workers, more, saved_ms })
    });
    let crowded: Vec<Crowded<'_>> = crowded.collect();
    (crowded.len() >= RUNS && crowded.len() * 2 >= timed).then(|| Advice::workers(&crowded, timed))
}

/// Nodes that nothing reads, of folders most of which is read: what stands at the end of a project is there to be read by
/// people.
fn unread(manifest: &Manifest, runs: &[&Facts]) -> Option<Advice> {
    let through_source: BTreeSet<&str> = manifest
        .nodes
        .values()
        .flat_map(|node| &node.sources)
        .filter_map(|source| manifest.sources.get(source)?.provided_by.as_deref())
        .collect();
    let is_read = |name: &str| {
        manifest.children.get(name).is_some_and(|children| !children.is_empty()) || through_source.contains(name)
    };
    let mut folders: BTreeMap<&str, Vec<&ManifestNode>> = BTreeMap::new();
    for node in manifest.nodes.values() {
        folders.entry(node.path.rsplit_once('/').map_or("", |(folder, _)| folder)).or_default().push(node);
    }
    let mut found: Vec<&str> = Vec::new();
    for nodes in folders.values() {
        let left: Vec<&&ManifestNode> = nodes.iter().filter(|node| !is_read(&node.name)).collect();
        if left.len() * 3 <= nodes.len() {
            found.extend(left.iter().map(|node| node.name.as_str()));
        }
    }
    let ms = |name: &str| runs.iter().filter_map(|run| Some(run.built.get(name)?.ms)).sum::<u64>();
    found.sort_by_cached_key(|name| (std::cmp::Reverse(ms(name)), name.to_string()));
    let built = runs.iter().filter_map(|run| {
        let of: Vec<u64> = found.iter().filter_map(|name| Some(run.built.get(*name)?.ms)).collect();
        (!of.is_empty()).then(|| (run.run_id.as_str(), of.len(), of.iter().sum::<u64>()))
    });
    let built: Vec<(&str, usize, u64)> = built.collect();
    (!found.is_empty()).then(|| Advice::unread(found.iter().map(|name| name.to_string()).collect(), &built))
}
