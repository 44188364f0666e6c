//! The difference of two lists of components: a function of what the value is computed from, so that the values differ
//! exactly when the difference isn't empty.

use super::{Component, Fingerprint, INCREMENT, Kind};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One component that isn't the same on both sides.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    pub kind: Kind,
    pub change: Change,
    pub before: Option<Arc<Component>>,
    pub after: Option<Arc<Component>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    Added,
    Removed,
    Modified,
    Renamed,
}

impl Change {
    /// As it is written in artifacts.
    pub fn as_str(self) -> &'static str {
        match self {
            Change::Added => "added",
            Change::Removed => "removed",
            Change::Modified => "modified",
            Change::Renamed => "renamed",
        }
    }
}

impl Difference {
    /// The component's name now, or what it was.
    pub fn name(&self) -> &str {
        let side = self.after.as_ref().or(self.before.as_ref());
        &side.expect("invariant: a difference has a side").name
    }
}

/// Every component that was added, removed, modified or renamed, sorted by kind and name.
pub fn difference(before: &Fingerprint, after: &Fingerprint) -> Vec<Difference> {
    let mut found: Vec<Difference> = paired(before, after).into_iter().filter_map(changed).collect();
    pair_renamed(&mut found, before.semantic.is_some() && before.semantic == after.semantic);
    found.sort_by(|left, right| (left.kind, left.name()).cmp(&(right.kind, right.name())));
    found
}

/// A component before and after; one of the sides may not be there.
pub type Pair<'a> = (Option<&'a Arc<Component>>, Option<&'a Arc<Component>>);

/// Every component of both beside what it was, sorted by kind and name.
pub fn paired<'a>(before: &'a Fingerprint, after: &'a Fingerprint) -> Vec<Pair<'a>> {
    let (old, new) = (numbered(before), numbered(after));
    let ids: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    ids.into_iter().map(|id| (old.get(id).copied(), new.get(id).copied())).collect()
}

fn changed((before, after): Pair<'_>) -> Option<Difference> {
    let change = match (before, after) {
        (None, _) => Change::Added,
        (_, None) => Change::Removed,
        (Some(before), Some(after)) if before.is_like(after) => return None,
        _ => Change::Modified,
    };
    Some(one(change, before, after))
}

type Numbered<'a> = BTreeMap<(Kind, &'a str, usize), &'a Arc<Component>>;

/// Components by kind and name, and by their place among those of one name: `a.b` of source group `x` is called what `b`
/// of group `x.a` is.
fn numbered(fingerprint: &Fingerprint) -> Numbered<'_> {
    let mut sorted: Vec<_> = fingerprint.components.iter().collect();
    sorted
        .sort_by(|left, right| (left.id(), left.digest, left.present).cmp(&(right.id(), right.digest, right.present)));
    let mut found = Numbered::new();
    let mut last = (None, 0);
    for component in sorted {
        last = if last.0 == Some(component.id()) { (last.0, last.1 + 1) } else { (Some(component.id()), 0) };
        let (kind, name) = component.id();
        found.insert((kind, name, last.1), component);
    }
    found
}

fn one(change: Change, before: Option<&Arc<Component>>, after: Option<&Arc<Component>>) -> Difference {
    let side = after.or(before).expect("invariant: a difference has a side");
    Difference { kind: side.kind, change, before: before.cloned(), after: after.cloned() }
}

/// A node has one `sql` component (named by path; an incremental model one more, for what is new), one `python` (by
/// function), one `seed` (by path): when the one went and another came, it was renamed, or modified under a new name.
fn pair_renamed(found: &mut Vec<Difference>, same_text: bool) {
    for (kind, also) in [(Kind::Sql, false), (Kind::Sql, true), (Kind::Python, false), (Kind::Seed, false)] {
        let is_meant = |one: &Difference, change| {
            let of_increment = kind == Kind::Sql && one.name().ends_with(INCREMENT);
            one.kind == kind && one.change == change && of_increment == also
        };
        let gone = found.iter().position(|one| is_meant(one, Change::Removed));
        let come = found.iter().position(|one| is_meant(one, Change::Added));
        let (Some(gone), Some(come)) = (gone, come) else { continue };
        let (before, after) = (found[gone].before.clone(), found[come].after.clone());
        let same_size = before.as_ref().map(|one| one.size) == after.as_ref().map(|one| one.size);
        let change = if same_size && (same_text || kind == Kind::Seed) { Change::Renamed } else { Change::Modified };
        found[come] = Difference { kind, change, before, after };
        found.remove(gone);
    }
}
