//! What a node's neighbourhood of two steps looks like, as a digest: pages that draw it are made anew when it changes.

use crate::artifact::manifest::Manifest;
use crate::digest::{Digest, Tagged};
use std::collections::BTreeMap;

/// For each node a digest over the names, kinds and edges of the nodes up to two steps up and down.
pub fn digests(manifest: &Manifest) -> BTreeMap<&str, Digest> {
    let near: BTreeMap<&str, Digest> = manifest.nodes.keys().map(|name| (name.as_str(), own(manifest, name))).collect();
    let wider = |name: &str| {
        let hash = Tagged::new("fft-site-near-2").part(&near[name].0);
        neighbours(manifest, name)
            .filter_map(|other| near.get(other))
            .fold(hash, |hash, one| hash.part(&one.0))
            .finish()
    };
    manifest.nodes.keys().map(|name| (name.as_str(), wider(name))).collect()
}

fn own(manifest: &Manifest, name: &str) -> Digest {
    let part = |hash: Tagged, name: &str| {
        let looks = manifest.nodes.get(name).map(|node| format!("{:?} {:?}", node.kind, node.materialized));
        hash.part(name.as_bytes()).part(looks.unwrap_or_default().as_bytes())
    };
    let hash = part(Tagged::new("fft-site-near-1"), name);
    neighbours(manifest, name).fold(hash, part).finish()
}

fn neighbours<'a>(manifest: &'a Manifest, name: &str) -> impl Iterator<Item = &'a str> {
    let of = |edges: &'a BTreeMap<String, Vec<String>>| edges.get(name).into_iter().flatten().map(String::as_str);
    of(&manifest.parents).chain(of(&manifest.children))
}
