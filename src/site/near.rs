//! What a node's neighbourhood of two steps looks like, as a digest: pages that draw it are made anew when it changes.

use crate::artifact::manifest::Manifest;
use crate::digest::{Digest, Tagged};
use std::collections::BTreeMap;

/// For each node a digest over the names, kinds and edges of the nodes up to two steps up and down, the edges between
/// those two steps away included.
pub fn digests(manifest: &Manifest) -> BTreeMap<&str, Digest> {
    let own = manifest.nodes.keys().map(|name| (name.as_str(), own(manifest, name))).collect();
    wider(manifest, &wider(manifest, &own))
}

/// Each node's digest joined with those of its neighbours.
fn wider<'a>(manifest: &'a Manifest, digests: &BTreeMap<&'a str, Digest>) -> BTreeMap<&'a str, Digest> {
    let join = |(name, digest): (&&'a str, &Digest)| {
        let hash = Tagged::new("fft-site-near-2").part(&digest.0);
        let around = neighbours(manifest, name).filter_map(|other| digests.get(other));
        (*name, around.fold(hash, |hash, one| hash.part(&one.0)).finish())
    };
    digests.iter().map(join).collect()
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
