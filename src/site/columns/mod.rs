//! Columns and what flows between them, for the pages that show it.
//!
//! [`Columns`] is made from the manifest: every column of every node, then the columns that queries take from sources
//! of whose columns nobody knows more. [`mod@page`] makes the pages of one owner, [`index`] lists all columns by their
//! names, [`cell`] is what a node's own page says of each column, [`shard`] what a script draws a column's ways from.
//! Values flow along `direct`, `derived` and `aggregate`; filters are told where they apply and aren't followed further.

pub mod cell;
pub mod index;
pub mod page;
mod reach;
pub mod shard;
mod snippet;
#[cfg(test)]
mod tests;

use super::graph::{Kind as Shape, source_page};
use super::name::{node_page, page_name};
use crate::artifact::manifest::{Column, Manifest, ManifestNode};
use crate::artifact::wire::{Edge, Word, shown_name};
use crate::digest::{Digest, Tagged};
use crate::graph::NodeKind;
use crate::lineage::Kind;
use std::collections::{BTreeMap, BTreeSet};

/// What a name begins with that is a source's.
const SOURCE: &str = "source:";

/// Columns on a page: those of a wider relation are on several.
const PART: usize = 40;

/// All columns, with the edges between them.
pub struct Columns<'a> {
    /// By owner, in the owner's order; sources last.
    pub items: Vec<Item<'a>>,
    /// What each comes from, in the manifest's order.
    up: Vec<Vec<Link<'a>>>,
    /// What each flows into or filters.
    down: Vec<Vec<Link<'a>>>,
    owners: BTreeMap<&'a str, Vec<usize>>,
    /// Nodes that no node reads.
    last: BTreeSet<&'a str>,
    /// Over all that a column comes from and flows into.
    digests: Vec<Digest>,
}

pub struct Item<'a> {
    /// A node, or `source:group.table`.
    pub owner: &'a str,
    /// As people read it: without `.ff` where no other node is called that.
    shown: &'a str,
    pub name: &'a str,
    /// What the manifest says of it; nothing of a source's.
    pub column: Option<&'a Column>,
    /// Its place among its owner's columns, from 0.
    place: usize,
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
            last: last(manifest),
            digests: Vec::new(),
        };
        let mut places = BTreeMap::new();
        for (owner, node) in &manifest.nodes {
            for column in &node.columns {
                places.insert((owner.as_str(), column.name.as_str()), all.items.len());
                all.add(owner, &column.name, Some(column), manifest);
            }
        }
        let edges = manifest.nodes.values().flat_map(|node| &node.columns).flat_map(|column| &column.lineage.from);
        let read: BTreeSet<(&str, &str)> = edges.map(|edge| (edge.node.as_str(), edge.column.as_str())).collect();
        for (owner, name) in read {
            if let std::collections::btree_map::Entry::Vacant(free) = places.entry((owner, name)) {
                free.insert(all.items.len());
                all.add(owner, name, None, manifest);
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

    fn add(&mut self, owner: &'a str, name: &'a str, column: Option<&'a Column>, manifest: &Manifest) {
        let shown = shown(owner, manifest);
        let own = self.owners.entry(owner).or_default();
        let place = own.len();
        own.push(self.items.len());
        self.items.push(Item { owner, shown, name, column, place });
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
            let last = u8::from(self.last.contains(item.owner));
            let names = Tagged::new("fft-site-column-v3")
                .part(item.owner.as_bytes())
                .part(item.shown.as_bytes())
                .part(item.name.as_bytes());
            names.fixed(&[last]).fixed(&(item.place as u64).to_be_bytes())
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

/// An owner's name as people read it.
fn shown<'a>(owner: &'a str, manifest: &Manifest) -> &'a str {
    match owner.strip_prefix(SOURCE) {
        Some(source) => source,
        None => shown_name(owner, |name| manifest.nodes.contains_key(name)),
    }
}

/// Nodes that no other reads.
fn last(manifest: &Manifest) -> BTreeSet<&str> {
    let is_read = |name: &&str| manifest.children.get(*name).is_some_and(|children| !children.is_empty());
    manifest.nodes.keys().map(String::as_str).filter(|name| !is_read(name)).collect()
}

impl<'a> Item<'a> {
    /// The owner's name as people read it.
    pub fn shown_owner(&self) -> &'a str {
        self.shown
    }

    /// Where the column stands, below the site's folder.
    pub fn page(&self) -> String {
        format!("{}#{}", page(self.owner, self.place), anchor(self.name))
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

/// The page that an owner's column at this place is on, below the site's folder. No name's page ends in `~p2`.
pub fn page(owner: &str, place: usize) -> String {
    let name = page_name(owner);
    match place / PART {
        0 => format!("columns/{name}.html"),
        part => format!("columns/{name}~p{}.html", part + 1),
    }
}

/// What a source is called as an owner of columns.
pub fn source_owner(name: &str) -> String {
    format!("{SOURCE}{name}")
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
