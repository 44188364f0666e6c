//! Two recorded states of a project against each other, node by node and component by component.
//!
//! Takes two [`Snapshot`]s and, for diffs, the contents behind their digests; gives a [`Comparison`] whose reasons are
//! [`Cause`]s in the one wording. Pure. Invariant: a node counts as the same exactly when its fingerprint's value is.

use super::snapshot::{Components, Origin, Snapshot, SnapshotNode};
use super::wire::{Cause, Root, Word, reasons};
use crate::diagnostic::grouped;
use crate::digest::Digest;
use crate::execute::Status;
use crate::fingerprint::{Fingerprint, Kind};
use crate::name::look_up;
use crate::plan::{self, About, Action, Decision, Plan, attribution, causes_between};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is different between two states.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    pub after: Origin,
    pub before: Origin,
    /// By name; those that are the same too.
    pub nodes: Vec<NodeComparison>,
    /// What the later run rebuilt, by impact.
    pub roots: Vec<Root>,
    pub totals: Totals,
}

/// Nodes by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    pub added: usize,
    pub changed: usize,
    pub removed: usize,
    pub same: usize,
}

impl Totals {
    /// Whether any node isn't the same.
    pub fn differ(&self) -> bool {
        self.added + self.changed + self.removed > 0
    }

    /// `1 added · 2 changed · 5 unchanged`.
    pub fn words(&self) -> String {
        let counts = [(self.added, "added"), (self.removed, "removed"), (self.changed, "changed")];
        let parts =
            counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{} {word}", grouped(*count)));
        let all: Vec<String> = parts.chain([format!("{} unchanged", grouped(self.same))]).collect();
        all.join(" · ")
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NodeComparison {
    pub after: Option<NodeSide>,
    pub before: Option<NodeSide>,
    /// Why a changed node isn't what it was, first what says most; empty where components weren't kept.
    pub causes: Vec<Cause>,
    pub change: NodeChange,
    /// The same reasons as facts, to which contents can be added.
    #[serde(skip)]
    facts: Vec<plan::Cause>,
    pub name: String,
    /// Why there are no causes.
    pub note: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeChange {
    Added,
    Removed,
    Changed,
    Same,
}

impl NodeChange {
    /// The first word of a node's line.
    pub fn word(self) -> &'static str {
        match self {
            NodeChange::Added => "ADDED",
            NodeChange::Removed => "REMOVED",
            NodeChange::Changed => "CHANGED",
            NodeChange::Same => "SAME",
        }
    }
}

/// A node in one of the states.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NodeSide {
    pub fingerprint: Digest,
    /// Null where the state is a manifest, here and below.
    pub status: Option<Word<Status>>,
    /// The run's decision in one line.
    pub summary: Option<String>,
}

impl NodeSide {
    fn of(node: &SnapshotNode) -> NodeSide {
        NodeSide { fingerprint: node.fingerprint.value(), status: node.status.clone(), summary: node.summary.clone() }
    }
}

impl NodeComparison {
    /// What became of the node, in a line: its first reason, or why none can be told; and whether the later run left
    /// it without a build of this state.
    pub fn summary(&self) -> String {
        let reason = match (self.causes.as_slice(), &self.note) {
            ([], note) => note.clone().unwrap_or_default(),
            (causes, _) => reasons(causes),
        };
        let parts = [reason.as_str(), self.failed_words().unwrap_or_default()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
    }

    fn failed_words(&self) -> Option<&'static str> {
        unbuilt_words(self.after.as_ref()?.status.as_ref()?.known()?)
    }

    /// Whether it changed only because of what is upstream.
    pub fn is_cascade(&self) -> bool {
        !self.causes.is_empty() && self.causes.iter().all(Cause::is_upstream)
    }

    fn tell(&mut self, facts: Vec<plan::Cause>) {
        self.causes = facts.iter().map(Cause::from).collect();
        self.facts = facts;
    }

    fn new(name: &str, before: Option<&SnapshotNode>, after: Option<&SnapshotNode>) -> NodeComparison {
        let change = match (before, after) {
            (None, _) => NodeChange::Added,
            (_, None) => NodeChange::Removed,
            (Some(old), Some(new)) if old.fingerprint.value() == new.fingerprint.value() => NodeChange::Same,
            (Some(_), Some(_)) => NodeChange::Changed,
        };
        NodeComparison {
            after: after.map(NodeSide::of),
            before: before.map(NodeSide::of),
            causes: Vec::new(),
            change,
            facts: Vec::new(),
            name: name.into(),
            note: None,
        }
    }
}

/// That a run left a node without a build of its state.
pub fn unbuilt_words(status: Status) -> Option<&'static str> {
    match status {
        Status::Error => Some("its build failed"),
        Status::Blocked => Some("it was blocked"),
        Status::Success | Status::Skipped | Status::NotSelected => None,
    }
}

impl Comparison {
    /// Compares two states; reasons are without contents until [`Comparison::attribute`] adds them.
    pub fn of(before: &Snapshot, after: &Snapshot) -> Comparison {
        let names: BTreeSet<&String> = before.nodes.keys().chain(after.nodes.keys()).collect();
        let node = |name: &String| NodeComparison::new(name, before.nodes.get(name), after.nodes.get(name));
        let mut nodes: Vec<NodeComparison> = names.into_iter().map(node).collect();
        let moved = moved(&nodes, before, after);
        for node in nodes.iter_mut().filter(|node| node.change == NodeChange::Changed) {
            match both(&node.name, before, after) {
                Ok((old, new)) => node.tell(causes_between(old, new, |up| moved.contains(up))),
                Err(why) => node.note = Some(why),
            }
        }
        let (before, after, roots) = (before.origin.clone(), after.origin.clone(), after.roots.clone());
        Comparison { after, before, totals: totals(&nodes), nodes, roots }
    }

    /// One node alone, by its name, with or without `.ff`; `None` when neither state has it.
    pub fn only(mut self, name: &str) -> Option<Comparison> {
        let found = look_up(name, |name| self.nodes.iter().position(|node| node.name == name))?;
        self.nodes = vec![self.nodes.swap_remove(found)];
        self.totals = totals(&self.nodes);
        Some(self)
    }

    /// Adds diffs, seed rows and origins to the reasons, as far as `content` has what is behind a digest.
    pub fn attribute(&mut self, before: &Snapshot, after: &Snapshot, content: impl Fn(&Digest) -> Option<Arc<[u8]>>) {
        for node in &mut self.nodes {
            let Ok((old, new)) = both(&node.name, before, after) else { continue };
            let facts = std::mem::take(&mut node.facts);
            node.tell(attributed(&node.name, facts, (old, new), &content));
        }
    }

    /// Nodes that aren't the same: added, removed, changed for reasons of their own, changed by what is upstream.
    pub fn differing(&self) -> Vec<&NodeComparison> {
        let mut found: Vec<_> = self.nodes.iter().filter(|node| node.change != NodeChange::Same).collect();
        found.sort_by_key(|node| (node.change, node.is_cascade()));
        found
    }
}

/// Why `after` isn't what `before` was, two fingerprints of the node `name`, with what `content` has behind digests.
/// `moved` tells of an upstream node whether its content is another.
pub fn causes(
    name: &str,
    (before, after): (&Fingerprint, &Fingerprint),
    moved: impl Fn(&str) -> bool,
    content: impl Fn(&Digest) -> Option<Arc<[u8]>>,
) -> Vec<plan::Cause> {
    attributed(name, causes_between(before, after, moved), (before, after), &content)
}

/// Reasons with diffs, seed rows and origins, as far as `content` has what is behind a digest.
fn attributed(
    name: &str,
    facts: Vec<plan::Cause>,
    (old, new): (&Fingerprint, &Fingerprint),
    content: &impl Fn(&Digest) -> Option<Arc<[u8]>>,
) -> Vec<plan::Cause> {
    let mut facts = facts.into_iter();
    let Some(first) = facts.next() else { return Vec::new() };
    // As if the later state were to be built over the earlier one.
    let decision = Decision::new(0, Action::Build, first, facts.collect(), new.clone());
    let mut plan = Plan { decisions: vec![decision], roots: Vec::new() };
    let wanted = attribution::wanted(&plan, |_| Some(old));
    let found = wanted.into_iter().filter_map(|digest| Some((digest, content(&digest)?))).collect();
    attribution::attribute(&mut plan, &found, |_| Some(old), |_| About { name, ..About::default() });
    plan.decisions[0].causes().to_vec()
}

fn totals(nodes: &[NodeComparison]) -> Totals {
    let count = |change| nodes.iter().filter(|node| node.change == change).count();
    Totals {
        added: count(NodeChange::Added),
        changed: count(NodeChange::Changed),
        removed: count(NodeChange::Removed),
        same: count(NodeChange::Same),
    }
}

/// A node's components in both states, or why they can't be compared.
fn both<'a>(
    name: &str,
    before: &'a Snapshot,
    after: &'a Snapshot,
) -> Result<(&'a Fingerprint, &'a Fingerprint), String> {
    let side = |snapshot: &'a Snapshot| match snapshot.nodes.get(name).map(|node| &node.fingerprint) {
        Some(Components::Kept(fingerprint)) => Ok(&**fingerprint),
        Some(Components::Missing(_, why)) => Err(why.clone()),
        None => Err("it isn't in both states".into()),
    };
    Ok((side(before)?, side(after)?))
}

/// Nodes whose content is another, their own or an upstream node's: not those that only have digests of another key
/// or format.
fn moved(nodes: &[NodeComparison], before: &Snapshot, after: &Snapshot) -> BTreeSet<String> {
    let mut readers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut open: Vec<&str> = Vec::new();
    for node in nodes.iter().filter(|node| node.change != NodeChange::Same) {
        let Ok((old, new)) = both(&node.name, before, after) else {
            open.push(&node.name);
            continue;
        };
        let content = |cause: &plan::Cause| cause.kind.is_some();
        if causes_between(old, new, |_| false).iter().any(content) {
            open.push(&node.name);
        }
        for one in new.components.iter().filter(|one| one.kind == Kind::Upstream) {
            readers.entry(&one.name).or_default().push(&node.name);
        }
    }
    let mut found = BTreeSet::new();
    while let Some(name) = open.pop() {
        if found.insert(name.to_string()) {
            open.extend(readers.get(name).into_iter().flatten());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::snapshot::Components;
    use super::*;
    use crate::fingerprint::{Component, Input, Key};
    use crate::plan::Code;

    fn template(text: &str) -> Input {
        let text: Arc<str> = text.into();
        Input::template("models/m.ff.sql", &text)
    }

    /// A model of one text over upstream nodes, each with the value that it had.
    fn model(text: &str, upstream: &[(&str, Digest)], key: Option<&str>) -> Fingerprint {
        let mut components = vec![Component::text(Kind::Sql, "models/m.ff.sql", text.into())];
        components.push(Component::env("FF_X", Some("1"), false, &Key::new(key)));
        let up = |(name, value): &(&str, Digest)| Component::shown(Kind::Upstream, name, &value.to_string());
        components.extend(upstream.iter().map(up));
        let components = components.into_iter().map(Arc::new).collect();
        let semantic = Some(crate::syntax::sql::semantic_digest(text, crate::syntax::sql::Lexicon::STANDARD));
        Fingerprint::new(components, [template(text)].into(), semantic, &Key::new(key))
    }

    fn snapshot(nodes: &[(&str, &Fingerprint)]) -> Snapshot {
        let node = |(name, fingerprint): &(&str, &Fingerprint)| {
            let fingerprint = Components::Kept(Box::new((*fingerprint).clone()));
            (name.to_string(), SnapshotNode { fingerprint, status: None, summary: None })
        };
        Snapshot { nodes: nodes.iter().map(node).collect(), ..Snapshot::default() }
    }

    fn codes(comparison: &Comparison, name: &str) -> Vec<Code> {
        let node = comparison.nodes.iter().find(|node| node.name == name).unwrap();
        node.causes.iter().filter_map(|cause| cause.code.known()).collect()
    }

    #[test]
    fn nodes_are_added_removed_changed_and_the_same() {
        let [old, new, other] = ["select 1", "select 2", "select 3"].map(|text| model(text, &[], None));
        let below = [&old, &new].map(|up| model("select 9", &[("m", up.value)], None));
        let before = snapshot(&[("gone", &other), ("m", &old), ("below", &below[0]), ("kept", &other)]);
        let after = snapshot(&[("come", &other), ("m", &new), ("below", &below[1]), ("kept", &other)]);
        let comparison = Comparison::of(&before, &after);
        assert_eq!(comparison.totals, Totals { added: 1, changed: 2, removed: 1, same: 1 });
        assert_eq!(comparison.totals.words(), "1 added · 1 removed · 2 changed · 1 unchanged");
        assert_eq!(codes(&comparison, "m"), [Code::SqlChanged]);
        assert_eq!(codes(&comparison, "below"), [Code::UpstreamChanged]);
        let names: Vec<&str> = comparison.differing().iter().map(|node| node.name.as_str()).collect();
        assert_eq!(names, ["come", "gone", "m", "below"]);
        let only = comparison.clone().only("kept").unwrap();
        assert!(!only.totals.differ() && only.nodes.len() == 1);
        assert_eq!(comparison.only("nothing"), None);
        assert!(!Comparison::of(&before, &before).totals.differ());
    }

    #[test]
    fn contents_add_diffs_and_origins() {
        let [old, new] = ["select 1\n", "select 2\n"].map(|text| model(text, &[], None));
        let (before, after) = (snapshot(&[("m", &old)]), snapshot(&[("m", &new)]));
        let texts = [(&old, "select 1\n"), (&new, "select 2\n")];
        let content = |digest: &Digest| {
            let has = |fingerprint: &Fingerprint| {
                fingerprint.components[1].digest == *digest || fingerprint.inputs[0].digest == *digest
            };
            texts.iter().find(|(fingerprint, _)| has(fingerprint)).map(|(_, text)| Arc::from(text.as_bytes()))
        };
        let mut comparison = Comparison::of(&before, &after);
        comparison.attribute(&before, &after, content);
        let cause = &comparison.nodes[0].causes[0];
        assert_eq!(cause.diff.as_ref().unwrap().unified, "@@ -1 +1 @@\n-select 1\n+select 2\n");
        assert_eq!(cause.attributed_to[0].diff, cause.diff);
        assert_eq!(comparison.nodes[0].summary(), "SQL changed: models/m.ff.sql");
    }

    #[test]
    fn comments_alone_are_cosmetic() {
        let [old, new] = ["select 1", "select 1 -- one"].map(|text| model(text, &[], None));
        let comparison = Comparison::of(&snapshot(&[("m", &old)]), &snapshot(&[("m", &new)]));
        assert_eq!(comparison.nodes[0].causes[0].cosmetic, Some(true));
    }

    /// Another key changes every digest of a variable: that is one reason, and no cascade.
    #[test]
    fn another_key_is_told_apart_from_another_content() {
        let [up, rekeyed] = [None, Some("k")].map(|key| model("select 1", &[], key));
        let below = model("select 9", &[("m", up.value)], None);
        let below_rekeyed = model("select 9", &[("m", rekeyed.value)], Some("k"));
        let before = snapshot(&[("m", &up), ("below", &below)]);
        let comparison = Comparison::of(&before, &snapshot(&[("m", &rekeyed), ("below", &below_rekeyed)]));
        assert_eq!(codes(&comparison, "m"), [Code::KeyRotated]);
        assert_eq!(codes(&comparison, "below"), [Code::KeyRotated]);
        let edited = model("select 2", &[], Some("k"));
        let below_edited = model("select 9", &[("m", edited.value)], Some("k"));
        let comparison = Comparison::of(&before, &snapshot(&[("m", &edited), ("below", &below_edited)]));
        assert_eq!(codes(&comparison, "m"), [Code::SqlChanged, Code::KeyRotated]);
        assert_eq!(codes(&comparison, "below"), [Code::KeyRotated, Code::UpstreamChanged]);
    }

    #[test]
    fn what_was_not_kept_is_said() {
        let [old, new] = ["select 1", "select 2"].map(|text| model(text, &[], None));
        let mut before = snapshot(&[("m", &old), ("n", &new)]);
        for node in before.nodes.values_mut() {
            node.fingerprint = Components::Missing(old.value, "components not kept: run x is gone".into());
        }
        let comparison = Comparison::of(&before, &snapshot(&[("m", &old), ("n", &new)]));
        assert_eq!(comparison.nodes[0].change, NodeChange::Same);
        assert_eq!(comparison.nodes[1].change, NodeChange::Changed);
        assert_eq!(comparison.nodes[1].summary(), "components not kept: run x is gone");
        assert!(!comparison.nodes[1].is_cascade());
    }
}
