//! What a node is built from, as named components with a digest each, and the fingerprint over their list.
//!
//! [`Components::of`] takes the graph and what was read for it and gives each node's own components;
//! [`Components::fingerprint`] adds the upstream components and computes the value. Nothing here fails or does I/O: what
//! can't be computed was an error before. The format is `fft-fingerprint-v1`:
//!
//! ```text
//! lp(x) = big-endian u64 length of x, then x's bytes
//! leaf  = SHA-256("fft-leaf-v1" ‖ lp(kind) ‖ lp(name) ‖ lp(content))
//! value = SHA-256("fft-node-v1" ‖ for each component sorted by (kind, name): lp(kind) ‖ lp(name) ‖ state ‖ leaf)
//! state = 1 present · 0 absent (then the content is empty)
//! ```

mod component;
mod difference;
mod input;
mod node;
pub mod rules;
mod settings;
#[cfg(test)]
pub(crate) mod tests;
mod verified;

pub use component::{Component, Content, Key, Kind, leaf, leaf_of};
pub use difference::{Change, Difference, Pair, difference, paired};
pub use input::{Input, InputKind};
pub use node::{Components, Data, INCREMENT, Material, SeedDigest, Unwatched, source_component};
pub use settings::settings;
pub use verified::{Changed, Verified, is_changed};

use crate::digest::{Digest, Tagged};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The format that values are computed in.
pub const FORMAT: &str = "fft-fingerprint-v1";

/// A node's fingerprint with everything it is made of. Components are sorted by kind and name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fingerprint {
    #[serde(with = "shared")]
    pub components: Vec<Arc<Component>>,
    pub format: String,
    /// What rendered texts were made from.
    #[serde(default, with = "listed")]
    pub inputs: Arc<[Input]>,
    /// Names the key of keyed leaves, where one is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
    /// Over the tokens of the SQL or Python text without comments and layout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub semantic: Option<Digest>,
    pub value: Digest,
}

impl Fingerprint {
    /// Computes the value over `components`, which are sorted first.
    pub fn new(mut components: Vec<Arc<Component>>, inputs: Arc<[Input]>, semantic: Option<Digest>, key: &Key) -> Self {
        components.sort_by(|left, right| {
            (left.id(), left.digest, left.present).cmp(&(right.id(), right.digest, right.present))
        });
        let value = value(&components);
        Fingerprint { format: FORMAT.into(), value, key_id: key.id(), semantic, components, inputs }
    }

    /// Takes the components and inputs of `other` where they are the same: none of them is in memory twice.
    pub fn share(&mut self, other: &Fingerprint) {
        if self.inputs.len() == other.inputs.len()
            && self.inputs.iter().zip(&*other.inputs).all(|(own, other)| own.is_recorded_as(other))
        {
            self.inputs = other.inputs.clone();
        }
        for (own, other) in self.components.iter_mut().zip(&other.components) {
            if own.is_recorded_as(other) {
                *own = other.clone();
            }
        }
    }
}

/// The value over components in their order.
pub fn value(components: &[Arc<Component>]) -> Digest {
    components
        .iter()
        .fold(Tagged::new("fft-node-v1"), |hash, component| {
            hash.part(component.kind.as_str().as_bytes())
                .part(component.name.as_bytes())
                .fixed(&[u8::from(component.present)])
                .fixed(&component.digest.0)
        })
        .finish()
}

/// Components are shared between nodes in memory and written out for each.
mod shared {
    use super::Component;
    use serde::{Deserialize, Deserializer, Serializer};
    use std::sync::Arc;

    pub fn serialize<S: Serializer>(components: &[Arc<Component>], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(components.iter().map(|component| &**component))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Arc<Component>>, D::Error> {
        let mut shared: Vec<_> = Vec::<Component>::deserialize(deserializer)?.into_iter().map(Arc::new).collect();
        // They stand where the components stood, which are many times as large.
        shared.shrink_to_fit();
        Ok(shared)
    }
}

/// The same of a node's inputs.
mod listed {
    use super::Input;
    use serde::{Deserialize, Deserializer, Serializer};
    use std::sync::Arc;

    pub fn serialize<S: Serializer>(inputs: &[Input], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(inputs)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<[Input]>, D::Error> {
        Ok(Vec::<Input>::deserialize(deserializer)?.into())
    }
}
