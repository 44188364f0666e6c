//! Digests of a part of a node's components, and which nodes such a part counts for.

use crate::digest::{Digest, Tagged};
use crate::fingerprint::{Component, Fingerprint, Kind};
use crate::graph::{Graph, NodeId};
use std::collections::BTreeSet;

/// Nodes whose logic counts: those that may be extended, and what is upstream of them.
pub(super) fn with_logic(graph: &Graph) -> BTreeSet<NodeId> {
    let extended = |id: &NodeId| graph.nodes[*id].materialization.is_extended();
    let mut found: BTreeSet<NodeId> = (0..graph.nodes.len()).filter(extended).collect();
    found.extend(graph.ancestors(&found));
    found
}

/// A digest of a node's components but those of some kinds.
pub(super) fn own(fingerprint: &Fingerprint, skipped: &[Kind]) -> Digest {
    let components = fingerprint.components.iter().filter(|one| !skipped.contains(&one.kind));
    let add = |hash: Tagged, one: &Component| {
        let (kind, name) = one.id();
        hash.part(kind.as_str().as_bytes()).part(name.as_bytes()).fixed(&[u8::from(one.present)]).fixed(&one.digest.0)
    };
    components.fold(Tagged::new("fft-own-v1"), |hash, one| add(hash, one)).finish()
}
