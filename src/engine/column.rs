//! What a row of `_ff_meta` holds as JSON: which run had built each upstream relation, and the relation's identity.

use super::MetaRow;
use crate::plan::Identity;
use std::collections::BTreeMap;

/// Columns of `_ff_meta` that tables of earlier versions don't have, the oldest first.
pub(super) const ADDED: [&str; 4] = ["upstream_builds", "project", "record", "identity"];

/// How many of them a table may have: of those that are read with records or without, the most first.
pub(super) fn versions(records: bool) -> &'static [usize] {
    if records { &[4, 1, 0] } else { &[2, 1, 0] }
}

/// Of a table that has so many of them: what is selected in the place of each.
pub(super) fn selected(count: usize, null: &str) -> String {
    let there = ADDED.iter().take(count).copied();
    there.chain(ADDED.iter().skip(count).map(|_| null)).collect::<Vec<_>>().join(", ")
}

/// What is written of a row's upstream relations.
pub(super) fn builds_text(row: &MetaRow) -> Option<String> {
    row.upstream_builds.as_ref().map(|builds| serde_json::to_string(builds).expect("invariant: names are JSON"))
}

/// What a row says; `None` where it says nothing, or nothing that fft wrote.
pub(super) fn parse_builds(text: Option<&str>) -> Option<BTreeMap<String, String>> {
    serde_json::from_str(text?).ok()
}

/// What is written of an identity.
pub(super) fn identity_text(identity: Option<&Identity>) -> Option<String> {
    identity.map(|identity| serde_json::to_string(identity).expect("invariant: an identity is JSON"))
}

pub(super) fn parse_identity(text: Option<&str>) -> Option<Identity> {
    serde_json::from_str(text?).ok()
}
