//! Which run had built each upstream relation, as `_ff_meta` holds it: one JSON object.

use super::MetaRow;
use std::collections::BTreeMap;

/// What is written of a row's upstream relations.
pub(super) fn text(row: &MetaRow) -> Option<String> {
    row.upstream_builds.as_ref().map(|builds| serde_json::to_string(builds).expect("invariant: names are JSON"))
}

/// What a row says; `None` where it says nothing, or nothing that fft wrote.
pub(super) fn parse(text: Option<&str>) -> Option<BTreeMap<String, String>> {
    serde_json::from_str(text?).ok()
}
