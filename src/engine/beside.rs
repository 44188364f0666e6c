//! Names of relations that belong to one build alone, and stand beside the one that it replaces.

use crate::digest::Tagged;
use crate::name::RelationName;

/// How names begin that belong to one build alone.
const BESIDE: &str = "_ff_";

/// A name that belongs to one build of `relation` alone, in its schema.
pub fn beside(relation: &RelationName, what: &str, run: &str) -> RelationName {
    let digest = Tagged::new("fft-beside-v1").part(relation.to_string().as_bytes()).part(run.as_bytes()).finish();
    RelationName { name: format!("{BESIDE}{what}_{}", digest.short()), ..relation.clone() }
}

/// Whether a relation goes by such a name.
pub fn is_beside(relation: &RelationName) -> bool {
    relation.name.starts_with(BESIDE)
}
