//! The shortest path from each root of a build to the node, along the causes that its record holds.

use crate::artifact::results::{ResultRow, RunResults};
use crate::plan::RootKind;
use crate::site::Site;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Roots that a page shows a path from.
const ROOTS: usize = 20;
/// Names of a path that are shown, half of them at each end.
const NAMES: usize = 30;

/// From a root to the node.
pub struct Path<'a> {
    pub root: &'a str,
    /// The root's cause in words, where the run tells it.
    pub sentence: Option<&'a str>,
    /// Names with whether they have a page; the root's own first, the node last. Empty for a global root.
    pub steps: Vec<(&'a str, bool)>,
    /// Names left out in the middle of `steps`.
    pub elided: usize,
}

impl Path<'_> {
    /// Whether names are left out before the step of this index.
    pub fn is_elided_before(&self, index: &usize) -> bool {
        self.elided > 0 && *index == NAMES / 2
    }
}

/// Paths from the roots of `row` by impact, and how many more roots there are.
pub fn paths<'a>(site: &Site<'_>, results: &'a RunResults, row: &'a ResultRow) -> (Vec<Path<'a>>, usize) {
    let rows: BTreeMap<&str, &ResultRow> = results.results.iter().map(|row| (row.name.as_str(), row)).collect();
    let known: BTreeMap<&str, usize> =
        results.roots.iter().enumerate().map(|(place, root)| (root.name.as_str(), place)).collect();
    let mut roots: Vec<&str> = row.decision.roots.iter().map(String::as_str).collect();
    roots.sort_by_key(|root| known.get(root).copied().unwrap_or(usize::MAX));
    let path = |root: &&'a str| {
        let told = known.get(root).map(|place| &results.roots[*place]);
        let is_global = told.is_some_and(|root| root.kind == RootKind::Global);
        let names = if is_global { Vec::new() } else { shortest(&rows, row, root) };
        let elided = names.len().saturating_sub(NAMES);
        let kept = names.iter().take(if elided > 0 { NAMES / 2 } else { NAMES });
        let kept = kept.chain(names.iter().skip(if elided > 0 { names.len() - NAMES / 2 } else { NAMES }));
        Path {
            root,
            sentence: told.map(|root| root.sentence.as_str()),
            steps: kept.map(|name| (*name, site.is_node(name))).collect(),
            elided,
        }
    };
    // A node is no way to itself.
    roots.retain(|root| *root != row.name);
    (roots.iter().take(ROOTS).map(path).collect(), roots.len().saturating_sub(ROOTS))
}

/// Names from `root` to the row's node, ties by name; the node alone where it is the root itself.
fn shortest<'a>(rows: &BTreeMap<&'a str, &'a ResultRow>, row: &'a ResultRow, root: &'a str) -> Vec<&'a str> {
    let mut below: BTreeMap<&str, &str> = BTreeMap::new();
    let mut seen = BTreeSet::from([row.name.as_str()]);
    let mut open = VecDeque::from([row.name.as_str()]);
    while let Some(name) = open.pop_front() {
        if name == root {
            return std::iter::successors(Some(name), |name| below.get(name).copied()).collect();
        }
        let Some(row) = rows.get(name) else { continue };
        let causes = row.decision.causes.iter().filter(|cause| cause.code.is_upstream());
        let mut upstream: Vec<&str> = causes.filter_map(|cause| cause.name.as_deref()).collect();
        upstream.sort_unstable();
        for up in upstream {
            let leads = up == root || rows.get(up).is_some_and(|row| row.decision.roots.iter().any(|one| one == root));
            if leads && seen.insert(up) {
                below.insert(up, name);
                open.push_back(up);
            }
        }
    }
    Vec::new()
}
