//! `nodes/<page name>.svg`: what a node reads and what reads it, with what the last run did to each, as a small picture
//! that other pages and documents show. It leads to the pages of the nodes where it is opened or embedded as an object.

use super::picture::{self, Drawn, Picture};
use super::{Kind, source_page};
use crate::artifact::manifest::ManifestNode;
use crate::site::word::{Badge, count};
use crate::site::{Page, Site, Unit, name};
use serde::Serialize;
use std::collections::BTreeMap;

/// Neighbours that are drawn on each side: those that the run took up first, then by name.
const EACH: usize = 8;
/// From the folder of the picture to that of the site.
const ROOT: &str = "../";

/// A box of the picture.
#[derive(Serialize)]
struct Shown<'a> {
    name: &'a str,
    class: &'static str,
    word: String,
    source: bool,
}

/// What is drawn: the node, what it reads, what reads it; and of both how many more there are.
#[derive(Serialize)]
struct Near<'a> {
    node: Shown<'a>,
    up: Vec<Shown<'a>>,
    down: Vec<Shown<'a>>,
    more_up: usize,
    more_down: usize,
}

pub fn unit<'a>(site: &'a Site<'a>, node: &'a ManifestNode) -> Unit<'a> {
    let near = near(site, node);
    site.unit(format!("picture/{}", node.name), &near, move || vec![page(site, node)])
}

/// Where the picture of a node is, below the site's folder.
pub fn path(node: &str) -> String {
    format!("nodes/{}.svg", name::page_name(node))
}

fn page(site: &Site<'_>, node: &ManifestNode) -> Page {
    let near = near(site, node);
    let title = format!("{}, what it reads, and what reads it", node.name);
    let (here, ups) = (near.up.len() as u32, 0..near.up.len() as u32);
    let downs = here + 1..here + 1 + near.down.len() as u32;
    let edges: Vec<(u32, u32)> = ups.map(|up| (up, here)).chain(downs.map(|down| (here, down))).collect();
    let note = near.note();
    let drawn = near.up.iter().chain([&near.node]).chain(&near.down).map(|one| one.drawn(site));
    let mut drawn: Vec<Drawn> = drawn.collect();
    drawn[here as usize].here = true;
    Page::new(path(&node.name), Picture::new(title, drawn, &edges).file(&note))
}

fn near<'a>(site: &Site<'a>, node: &'a ManifestNode) -> Near<'a> {
    let manifest = site.input.manifest;
    let shown = |name: &'a str| Some((manifest.nodes.get(name)?, name)).map(|(node, name)| Shown::of(site, node, name));
    let side = |edges: &'a BTreeMap<String, Vec<String>>| {
        edges.get(&node.name).into_iter().flatten().filter_map(|name| shown(name)).collect::<Vec<_>>()
    };
    let external = node
        .sources
        .iter()
        .filter(|name| manifest.sources.get(*name).is_some_and(|source| source.provided_by.is_none()))
        .map(|name| Shown { name, class: "none", word: "source".into(), source: true });
    let up = side(&manifest.parents).into_iter().chain(external).collect();
    let ((up, more_up), (down, more_down)) = (first(up), first(side(&manifest.children)));
    Near { node: Shown::of(site, node, &node.name), up, down, more_up, more_down }
}

/// Those that the run took up first.
fn first(mut all: Vec<Shown<'_>>) -> (Vec<Shown<'_>>, usize) {
    let quiet = |class: &str| matches!(class, "skip" | "none" | "unselected");
    all.sort_by(|left, right| (quiet(left.class), left.name).cmp(&(quiet(right.class), right.name)));
    let more = all.len().saturating_sub(EACH);
    all.truncate(EACH);
    (all, more)
}

impl Near<'_> {
    /// What isn't drawn.
    fn note(&self) -> String {
        let up = (self.more_up > 0).then(|| format!("reads {} more", count(self.more_up, "node")));
        let down = (self.more_down > 0).then(|| format!("{} more read it", count(self.more_down, "node")));
        up.into_iter().chain(down).collect::<Vec<_>>().join(" · ")
    }
}

impl<'a> Shown<'a> {
    fn of(site: &Site<'a>, node: &'a ManifestNode, name: &'a str) -> Shown<'a> {
        let badge = site.row(name).map(Badge::of_row);
        let decided = badge.map(|badge| format!("{} {} · ", badge.glyph, badge.word)).unwrap_or_default();
        Shown {
            name,
            class: badge.map_or("none", |badge| badge.class),
            word: format!("{decided}{}", picture::what(Some(node), Kind::of(node))),
            source: false,
        }
    }

    fn drawn(&self, site: &Site<'_>) -> Drawn {
        let node = site.input.manifest.nodes.get(self.name).filter(|_| !self.source);
        let page = if self.source { source_page(self.name) } else { name::node_page(self.name) };
        let kind = node.map_or(Kind::Source, Kind::of);
        let drawn = Drawn::new(kind, self.name, &self.word, format!("{ROOT}{page}")).classed(self.class);
        let drawn = drawn.keeping(node.is_some_and(picture::keeps));
        if self.source { drawn } else { drawn.called(&site.frame.called) }
    }
}
