//! The inputs of a node that are what they were: by name, by digest, by content.

use super::reference::References;
use super::terminal::{Style, Terminal};
use super::visible::clean;
use crate::artifact::evidence::Evidence;
use crate::artifact::results::ResultRow;
use crate::fingerprint::{Component, Content, Fingerprint, Kind};
use crate::plan::Decision;
use crate::run::{Decided, Failure};
use std::sync::Arc;

/// Inputs that no reason of the decision speaks of, by kind and name; none where the node is compared with nothing.
pub fn equal_by_causes(decision: &Decision) -> Vec<String> {
    if decision.baseline.is_none() {
        return Vec::new();
    }
    let changed = |component: &&Arc<Component>| {
        let mut causes = decision.causes().iter();
        causes.any(|cause| cause.kind == Some(component.kind) && cause.name.as_deref() == Some(&*component.name))
    };
    decision.fingerprint.components.iter().filter(|one| !changed(one)).map(|one| named(one)).collect()
}

/// What a node would be built from now, as far as its last build had the same.
pub fn of_next(decided: &Decided, name: &str) -> Vec<Component> {
    let Some(id) = decided.graph().find(name) else { return Vec::new() };
    let now = &decided.plan().decisions[id].fingerprint;
    decided.last_build(id).map_or(Vec::new(), |entry| equal(&entry.fingerprint, now))
}

/// What a node was in a run, as far as the build that it was compared with had the same. Components that are no longer
/// kept can't be told.
pub fn of_row(references: &References<'_>, run: &str, row: &ResultRow) -> Result<Vec<Component>, Failure> {
    let Some(baseline) = &row.decision.baseline else { return Ok(Vec::new()) };
    let after = references.snapshot(run)?;
    let Ok(before) = references.snapshot(&baseline.run_id) else { return Ok(Vec::new()) };
    let kept = |nodes: &std::collections::BTreeMap<_, crate::artifact::snapshot::SnapshotNode>| {
        nodes.get(&row.name).and_then(|node| node.fingerprint.kept().cloned())
    };
    let both = kept(&before.nodes).zip(kept(&after.nodes));
    Ok(both.map_or(Vec::new(), |(before, after)| equal(&before, &after)))
}

/// Inputs that both have, in the later one's order.
fn equal(before: &Fingerprint, after: &Fingerprint) -> Vec<Component> {
    let same = |component: &&Arc<Component>| {
        before.components.iter().any(|other| other.id() == component.id() && other.is_like(component))
    };
    after.components.iter().filter(same).map(|component| (**component).clone()).collect()
}

/// The inputs with their digests; asked for all, with what they hold.
pub fn print(terminal: &Terminal, equal: &[Component], evidence: &Evidence) {
    if equal.is_empty() {
        return;
    }
    terminal.result("");
    terminal.result(&terminal.paint(Style::Strong, "Equal inputs"));
    let width = equal.iter().map(|one| named(one).chars().count()).max().unwrap_or_default().min(60);
    for component in equal {
        let digest = if component.present { component.digest.short() } else { "absent".into() };
        terminal.result(&format!("  {:<width$}  {digest}", clean(&named(component))));
        if terminal.verbose > 1 {
            for line in content(component, evidence).lines() {
                terminal.result(&terminal.paint(Style::Quiet, &format!("      {}", clean(line))));
            }
        }
    }
}

fn content(component: &Component, evidence: &Evidence) -> String {
    match (&component.value, &component.content) {
        // An upstream node's digest is all that it gives.
        _ if !component.present || component.kind == Kind::Upstream => String::new(),
        _ if component.withheld => "(withheld)".into(),
        (Some(value), _) => value.clone(),
        (None, Content::Text(text)) => text.to_string(),
        (None, _) => match evidence.content(&component.digest) {
            Some(bytes) => String::from_utf8(bytes.to_vec()).unwrap_or_else(|_| format!("({} bytes)", bytes.len())),
            None => format!("({} bytes, not kept)", component.size),
        },
    }
}

/// `var limit`, `sql models/stg.ff.sql`.
fn named(component: &Component) -> String {
    format!("{} {}", component.kind, component.name).trim_end().to_string()
}
