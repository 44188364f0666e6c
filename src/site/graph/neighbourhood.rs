//! The picture on a node's page: what it reads and what reads it, up to two steps away, with links.
//!
//! It tells what is read and never what a run decided, so that a page stays as it is while the graph around its node
//! does. `near` digests just what is drawn here.

use super::Kind;
use super::picture::{Drawn, Picture};
use crate::artifact::manifest::{Manifest, ManifestNode};
use crate::site::called::Called;
use std::collections::{BTreeMap, BTreeSet};

/// Steps to each side.
const STEPS: usize = 2;
/// Boxes at most: what lies nearer comes first, then the order of names.
const MOST: usize = 60;

/// The picture, and how many nodes within two steps it leaves out.
pub struct Neighbourhood {
    pub svg: String,
    pub left_out: usize,
}

/// Of a node of the manifest. `root` leads from the page to the site's folder.
pub fn neighbourhood(manifest: &Manifest, called: &Called, node: &ManifestNode, root: &str) -> Neighbourhood {
    let up = steps(&manifest.parents, &node.name);
    let down = steps(&manifest.children, &node.name);
    let mut nearest: Vec<(usize, &str)> = up.into_iter().chain(down).collect();
    nearest.sort_unstable();
    nearest.dedup_by_key(|(_, name)| *name);
    let external = node
        .sources
        .iter()
        .filter(|name| manifest.sources.get(*name).is_some_and(|source| source.provided_by.is_none()));
    let external: Vec<&str> = external.map(String::as_str).take(MOST / 2).collect();
    let left_out = nearest.len().saturating_sub(MOST);
    nearest.truncate(MOST);
    let names: BTreeSet<&str> = nearest.into_iter().map(|(_, name)| name).chain([node.name.as_str()]).collect();
    let places: BTreeMap<&str, u32> = names.iter().copied().zip(0..).collect();
    let mut edges = Vec::new();
    for (name, to) in &places {
        let parents = manifest.parents.get(*name).into_iter().flatten();
        edges.extend(parents.filter_map(|parent| Some((*places.get(parent.as_str())?, *to))));
    }
    let mut drawn: Vec<Drawn> =
        names.iter().filter_map(|name| manifest.nodes.get(*name)).map(|one| Drawn::plain(one, root, called)).collect();
    drawn[places[node.name.as_str()] as usize].here = true;
    for name in external {
        edges.push((drawn.len() as u32, places[node.name.as_str()]));
        drawn.push(Drawn::source(name, root));
    }
    let picture = Picture::new(format!("What {} reads, and what reads it", node.name), drawn, &edges);
    Neighbourhood { svg: picture.svg("neighbourhood"), left_out }
}

/// Nodes up to two steps along `edges`, with their distance.
fn steps<'a>(edges: &'a BTreeMap<String, Vec<String>>, start: &'a str) -> Vec<(usize, &'a str)> {
    let mut seen = BTreeSet::from([start]);
    let mut front = vec![start];
    let mut found = Vec::new();
    for distance in 1..=STEPS {
        let next = front.iter().flat_map(|name| edges.get(*name).into_iter().flatten()).map(String::as_str);
        let next: Vec<&str> = next.filter(|name| seen.insert(*name)).collect();
        found.extend(next.iter().map(|name| (distance, *name)));
        front = next;
    }
    found
}

impl Kind {
    pub(super) fn of(node: &ManifestNode) -> Kind {
        use crate::graph::NodeKind;
        match node.kind.known() {
            Some(NodeKind::Seed) => Kind::Seed,
            // One that isn't known is drawn as what most nodes are.
            Some(NodeKind::Sql) | None => Kind::Sql,
            Some(NodeKind::Python) => Kind::Python,
        }
    }
}
