//! How far a column's value goes, and where it comes from in the end.

use super::{Columns, Link, values};
use crate::lineage::Kind;
use std::collections::{BTreeSet, VecDeque};

/// What a column feeds, directly and through others.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Reach {
    pub columns: usize,
    /// Nodes that have those columns.
    pub models: usize,
    /// How many of these no node reads.
    pub last: usize,
    /// Nodes whose rows it decides on, itself or through what it feeds.
    pub filters: usize,
}

impl Reach {
    /// `Reaches 14 columns in 6 models, 2 of them final, filters 3`; nothing where it reaches nothing.
    pub fn words(&self) -> Option<String> {
        let count = |count: usize, word: &str| crate::site::word::count(count, word);
        let last = match (self.models, self.last) {
            (_, 0) => String::new(),
            (1, _) => ", a final one".into(),
            (models, last) if models == last => ", all final".into(),
            (_, last) => format!(", {last} of them final"),
        };
        let columns = format!("Reaches {} in {}{last}", count(self.columns, "column"), count(self.models, "model"));
        match (self.columns, self.filters) {
            (0, 0) => None,
            (0, filters) => Some(format!("Filters {}", count(filters, "model"))),
            (_, 0) => Some(columns),
            (_, filters) => Some(format!("{columns}, filters {filters}")),
        }
    }
}

impl Columns<'_> {
    /// What a column reaches.
    pub fn reach(&self, at: usize) -> Reach {
        let found = self.walk(at, &self.down);
        let owners: BTreeSet<&str> = found.iter().map(|one| self.items[*one].owner).collect();
        let filtering = |one: &usize| self.down[*one].iter().filter(|link| link.edge.kind == Kind::Filter);
        let filtered: BTreeSet<&str> =
            found.iter().chain([&at]).flat_map(filtering).map(|link| self.items[link.at].owner).collect();
        Reach {
            columns: found.len(),
            last: owners.iter().filter(|owner| self.last.contains(**owner)).count(),
            models: owners.len(),
            filters: filtered.len(),
        }
    }

    /// Columns more than one step away that values come from, and of these those that come from no other; by place.
    pub fn origins(&self, at: usize) -> (usize, Vec<usize>) {
        self.ends(at, &self.up)
    }

    /// The same of those that values go to.
    pub fn destinations(&self, at: usize) -> (usize, Vec<usize>) {
        self.ends(at, &self.down)
    }

    fn ends(&self, at: usize, edges: &[Vec<Link<'_>>]) -> (usize, Vec<usize>) {
        let near: BTreeSet<usize> = values(&edges[at]).map(|link| link.at).collect();
        let mut far = self.walk(at, edges);
        far.retain(|one| !near.contains(one));
        let count = far.len();
        far.retain(|one| values(&edges[*one]).next().is_none());
        (count, far)
    }

    /// Columns that a value's way leads to, the nearest first.
    fn walk(&self, at: usize, edges: &[Vec<Link<'_>>]) -> Vec<usize> {
        let mut seen = vec![false; self.items.len()];
        seen[at] = true;
        let mut found = Vec::new();
        let mut open = VecDeque::from([at]);
        while let Some(next) = open.pop_front() {
            for link in values(&edges[next]) {
                if !std::mem::replace(&mut seen[link.at], true) {
                    found.push(link.at);
                    open.push_back(link.at);
                }
            }
        }
        found
    }
}
