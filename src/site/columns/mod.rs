//! Columns and what flows between them, for the pages that show it.
//!
//! [`Columns`] is made from the manifest: every column of every node, then the columns that queries take from sources
//! of whose columns nobody knows more. [`mod@page`] draws one page an owner, [`index`] lists them, [`cell`] is what a
//! node's own page says of each column. Values flow along `direct`, `derived` and `aggregate`; filters are told where they
//! apply and aren't followed further.

pub mod cell;
pub mod index;
pub mod page;
mod snippet;
#[cfg(test)]
mod tests;

use super::graph::{Kind as Shape, source_page};
use super::name::{node_page, page_name};
use crate::artifact::manifest::{Column, Manifest, ManifestNode};
use crate::artifact::wire::{Edge, Word};
use crate::digest::{Digest, Tagged};
use crate::graph::NodeKind;
use crate::lineage::Kind;
use std::collections::BTreeMap;

/// What a name begins with that is a source's.
const SOURCE: &str = "source:";

/// All columns, with the edges between them.
pub struct Columns<'a> {
    /// By owner, in the owner's order; sources last.
    pub items: Vec<Item<'a>>,
    /// What each comes from, in the manifest's order.
    up: Vec<Vec<Link<'a>>>,
    /// What each flows into or filters.
    down: Vec<Vec<Link<'a>>>,
    owners: BTreeMap<&'a str, Vec<usize>>,
    /// Over all that a column comes from and flows into.
    digests: Vec<Digest>,
}

pub struct Item<'a> {
    /// A node, or `source:group.table`.
    pub owner: &'a str,
    pub name: &'a str,
    /// What the manifest says of it; nothing of a source's.
    pub column: Option<&'a Column>,
}

/// One edge, from the one end or the other.
#[derive(Clone, Copy)]
pub struct Link<'a> {
    pub at: usize,
    pub edge: &'a Edge,
}

impl<'a> Columns<'a> {
    pub fn new(manifest: &'a Manifest) -> Columns<'a> {
        let mut all = Columns {
            items: Vec::new(),
            up: Vec::new(),
            down: Vec::new(),
            owners: BTreeMap::new(),
            digests: Vec::new(),
        };
        let mut places = BTreeMap::new();
        for (owner, node) in &manifest.nodes {
            for column in &node.columns {
                places.insert((owner.as_str(), column.name.as_str()), all.items.len());
                all.add(Item { owner, name: &column.name, column: Some(column) });
            }
        }
        for node in manifest.nodes.values() {
            for edge in node.columns.iter().flat_map(|column| &column.lineage.from) {
                let place = (edge.node.as_str(), edge.column.as_str());
                if let std::collections::btree_map::Entry::Vacant(free) = places.entry(place) {
                    free.insert(all.items.len());
                    all.add(Item { owner: place.0, name: place.1, column: None });
                }
            }
        }
        for at in 0..all.items.len() {
            for edge in all.items[at].column.iter().flat_map(|column| &column.lineage.from) {
                let from = places[&(edge.node.as_str(), edge.column.as_str())];
                all.up[at].push(Link { at: from, edge });
                all.down[from].push(Link { at, edge });
            }
        }
        all.digests = all.digests(manifest);
        all
    }

    fn add(&mut self, item: Item<'a>) {
        self.owners.entry(item.owner).or_default().push(self.items.len());
        self.items.push(item);
        self.up.push(Vec::new());
        self.down.push(Vec::new());
    }

    /// Nodes and sources that have columns, by name.
    pub fn owners(&self) -> impl Iterator<Item = (&'a str, &[usize])> {
        self.owners.iter().map(|(owner, columns)| (*owner, columns.as_slice()))
    }

    /// An owner's columns, in its order.
    pub fn of(&self, owner: &str) -> &[usize] {
        self.owners.get(owner).map(Vec::as_slice).unwrap_or_default()
    }

    pub fn up(&self, at: usize) -> &[Link<'a>] {
        &self.up[at]
    }

    pub fn down(&self, at: usize) -> &[Link<'a>] {
        &self.down[at]
    }

    /// Columns that values come from through others, the nearest first, without those one step away.
    pub fn further_up(&self, at: usize) -> Vec<usize> {
        self.further(at, &self.up)
    }

    pub fn further_down(&self, at: usize) -> Vec<usize> {
        self.further(at, &self.down)
    }

    fn further(&self, at: usize, edges: &[Vec<Link<'a>>]) -> Vec<usize> {
        let all = reach(at, edges, usize::MAX);
        let near: Vec<usize> = values(&edges[at]).map(|link| link.at).collect();
        all.into_iter().filter(|other| !near.contains(other)).collect()
    }

    /// A column with at most `most` others that values come from or go to, each side the nearest first.
    pub fn around(&self, at: usize, most: usize) -> Vec<usize> {
        let (up, down) = (reach(at, &self.up, most), reach(at, &self.down, most));
        // What one side doesn't need is the other's.
        let half = most / 2;
        let (left, right) = (up.len().min(half.max(most.saturating_sub(down.len()))), down.len());
        let mut shown = vec![at];
        shown.extend(up.into_iter().take(left));
        shown.extend(down.into_iter().take(right.min(most - left)));
        shown
    }

    /// Over everything that the page of an owner's columns shows of others.
    pub fn digest(&self, owner: &str) -> Digest {
        let columns = self.of(owner).iter();
        columns.fold(Tagged::new("fft-site-columns-v1"), |hash, at| hash.part(&self.digests[*at].0)).finish()
    }

    /// One pass with the graph for what each comes from, one against it for what it flows into.
    fn digests(&self, manifest: &Manifest) -> Vec<Digest> {
        let sources = self.owners.keys().filter(|owner| !manifest.nodes.contains_key(**owner)).copied();
        let levels = manifest.levels.iter().flatten().map(String::as_str);
        let order: Vec<usize> = sources.chain(levels).flat_map(|owner| self.of(owner)).copied().collect();
        let own = |at: usize| {
            let item = &self.items[at];
            Tagged::new("fft-site-column-v1").part(item.owner.as_bytes()).part(item.name.as_bytes())
        };
        let pass = |order: &mut dyn Iterator<Item = usize>, edges: &[Vec<Link<'_>>]| {
            let mut made = vec![Digest([0; 32]); self.items.len()];
            for at in order {
                let link = |hash: Tagged, link: &Link<'_>| {
                    hash.part(format!("{:?}", link.edge.kind).as_bytes()).part(&made[link.at].0)
                };
                made[at] = edges[at].iter().fold(own(at), link).finish();
            }
            made
        };
        let up = pass(&mut order.iter().copied(), &self.up);
        let down = pass(&mut order.iter().rev().copied(), &self.down);
        let both =
            |(up, down): (&Digest, &Digest)| Tagged::new("fft-site-column-v1").part(&up.0).part(&down.0).finish();
        up.iter().zip(&down).map(both).collect()
    }
}

/// Links along which a value goes.
fn values<'l, 'a>(links: &'l [Link<'a>]) -> impl Iterator<Item = &'l Link<'a>> {
    links.iter().filter(|link| link.edge.kind != Kind::Filter)
}

/// Columns that a value's way leads to, the nearest first, `most` at most.
fn reach(at: usize, edges: &[Vec<Link<'_>>], most: usize) -> Vec<usize> {
    let mut seen = std::collections::BTreeSet::from([at]);
    let mut found = Vec::new();
    let mut front = vec![at];
    while !front.is_empty() && found.len() < most {
        let next = front.iter().flat_map(|one| values(&edges[*one])).map(|link| link.at);
        front = next.filter(|one| seen.insert(*one)).collect();
        found.extend(&front);
    }
    found.truncate(most);
    found
}

impl<'a> Item<'a> {
    /// The owner's name as people read it.
    pub fn shown_owner(&self) -> &'a str {
        self.owner.strip_prefix(SOURCE).unwrap_or(self.owner)
    }

    /// Where the column stands, below the site's folder.
    pub fn page(&self) -> String {
        format!("{}#{}", page(self.owner), anchor(self.name))
    }

    /// The shape that its owner is drawn in.
    fn shape(&self, manifest: &Manifest) -> Shape {
        match manifest.nodes.get(self.owner).map(|node| node.kind.known()) {
            None => Shape::Source,
            Some(Some(NodeKind::Seed)) => Shape::Seed,
            Some(Some(NodeKind::Sql) | None) => Shape::Sql,
            Some(Some(NodeKind::Python)) => Shape::Python,
        }
    }
}

/// The page of an owner's columns, below the site's folder.
pub fn page(owner: &str) -> String {
    format!("columns/{}.html", page_name(owner))
}

/// The page of the owner itself.
fn owner_page(owner: &str) -> String {
    owner.strip_prefix(SOURCE).map_or_else(|| node_page(owner), source_page)
}

/// A column's place on its page.
pub fn anchor(column: &str) -> String {
    format!("column-{}", page_name(column))
}

/// Why a column is what it is, in a word.
pub fn word(kind: &Word<Kind>) -> &str {
    match kind {
        Word::Known(Kind::Filter) => "filter",
        Word::Known(Kind::Direct) => "direct",
        Word::Known(Kind::Derived) => "derived",
        Word::Known(Kind::Aggregate) => "aggregate",
        Word::Unknown(word) => word,
    }
}

/// The number of the line of a node's text in which an edge's span begins, from 1.
fn line(node: &ManifestNode, edge: &Edge) -> Option<usize> {
    let before = node.compiled.as_deref()?.get(..edge.span?.offset)?;
    Some(before.matches('\n').count() + 1)
}
