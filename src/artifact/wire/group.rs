//! One edit that began the rebuilding of several nodes: roots with the same words of what was edited are a [`RootGroup`].

use super::Root;
use crate::plan::Plan;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Roots that one edit made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RootGroup {
    /// Nodes rebuilt because of any of them, themselves included.
    pub impact: usize,
    /// Names, in the order of the roots.
    pub roots: Vec<String>,
    /// What was edited, in words.
    pub sentence: String,
}

/// The edits that made several of a plan's roots, which are `roots`.
pub fn groups_of(plan: &Plan, roots: &[Root]) -> Vec<RootGroup> {
    groups(roots, plan.decisions.iter().map(|decision| decision.roots.as_slice()))
}

/// The edits that made more than one of `roots`, by impact. `sets` has the roots of each node that is rebuilt, as
/// indices.
pub fn groups<'a>(roots: &[Root], sets: impl Iterator<Item = &'a [usize]>) -> Vec<RootGroup> {
    let mut by_edit: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, root) in roots.iter().enumerate() {
        root.edited.iter().for_each(|edited| by_edit.entry(edited).or_default().push(at));
    }
    by_edit.retain(|_, members| members.len() > 1);
    let mut group_of: Vec<Option<usize>> = vec![None; roots.len()];
    for (group, members) in by_edit.values().enumerate() {
        members.iter().for_each(|root| group_of[*root] = Some(group));
    }
    let mut impact = vec![0; by_edit.len()];
    for set in sets.filter(|_| !by_edit.is_empty()) {
        let mut reached: Vec<usize> = set.iter().filter_map(|root| group_of[*root]).collect();
        reached.sort_unstable();
        reached.dedup();
        reached.into_iter().for_each(|group| impact[group] += 1);
    }
    let name = |root: &usize| roots[*root].name.clone();
    let group = |((edited, members), impact): ((&str, Vec<usize>), usize)| RootGroup {
        impact,
        roots: members.iter().map(name).collect(),
        sentence: edited.to_string(),
    };
    let mut groups: Vec<RootGroup> = by_edit.into_iter().zip(impact).map(group).collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.impact));
    groups
}
