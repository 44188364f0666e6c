//! The audit as files: CSV by RFC 4180 and JSON. A cell that a spreadsheet would take for a formula gets an apostrophe in
//! front; times are as ISO 8601 has them.

use super::Head;
use super::entry::Entry;
use crate::artifact::wire::{Cause, Side};
use serde::Serialize;

pub fn json(head: &Head<'_>, entries: &[Entry<'_>]) -> Vec<u8> {
    #[derive(Serialize)]
    struct File<'a> {
        run: &'a Head<'a>,
        nodes: &'a [Entry<'a>],
    }
    crate::artifact::json(&File { run: head, nodes: entries })
}

/// A node a row.
pub fn nodes(entries: &[Entry<'_>]) -> Vec<u8> {
    let head = [
        "node",
        "kind",
        "materialized",
        "decision",
        "summary",
        "causes",
        "codes",
        "roots",
        "checks",
        "fingerprint_before",
        "fingerprint",
        "built_by",
        "built_at",
        "built_at_commit",
        "built_dirty",
        "rows",
        "duration_ms",
    ];
    let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
    let row = |entry: &Entry<'_>| {
        [
            entry.node.to_string(),
            entry.kind.to_string(),
            entry.materialized.to_string(),
            entry.decision.to_string(),
            entry.summary.to_string(),
            entry.causes.join("; "),
            entry.codes.join(" "),
            entry.roots.join("; "),
            entry.checks.join("; "),
            entry.fingerprint_before.clone().unwrap_or_default(),
            entry.fingerprint.clone(),
            entry.built_by.unwrap_or_default().to_string(),
            entry.built_at.unwrap_or_default().to_string(),
            entry.built_at_commit.unwrap_or_default().to_string(),
            entry.built_dirty.map(|dirty| dirty.to_string()).unwrap_or_default(),
            number(entry.rows),
            number(entry.duration_ms),
        ]
    };
    csv(head, entries.iter().map(row))
}

/// A cause a row.
pub fn causes(run: &Head<'_>, entries: &[Entry<'_>]) -> Vec<u8> {
    let head = [
        "run_id",
        "run_finished_at",
        "node",
        "decision",
        "code",
        "kind",
        "name",
        "change",
        "cosmetic",
        "digest_before",
        "digest_after",
        "sentence",
    ];
    let digest = |side: &Option<Side>| side.as_ref().map(|side| side.digest.to_string()).unwrap_or_default();
    let row = |entry: &Entry<'_>, cause: &Cause| {
        [
            run.run_id.to_string(),
            run.run_finished_at.to_string(),
            entry.node.to_string(),
            entry.decision.to_string(),
            cause.code.as_str().to_string(),
            cause.kind.as_ref().map(|kind| kind.as_str().to_string()).unwrap_or_default(),
            cause.name.clone().unwrap_or_default(),
            cause.change.as_ref().map(|change| change.as_str().to_string()).unwrap_or_default(),
            cause.cosmetic.map(|cosmetic| cosmetic.to_string()).unwrap_or_default(),
            digest(&cause.before),
            digest(&cause.after),
            cause.sentence.clone(),
        ]
    };
    let rows = entries.iter().flat_map(|entry| entry.reasons().iter().map(move |cause| row(entry, cause)));
    csv(head, rows.collect::<Vec<_>>().into_iter())
}

fn csv<const N: usize>(head: [&str; N], rows: impl Iterator<Item = [String; N]>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(head).expect("invariant: writing to memory doesn't fail");
    for row in rows {
        writer.write_record(row.map(harmless)).expect("invariant: writing to memory doesn't fail");
    }
    writer.into_inner().expect("invariant: writing to memory doesn't fail")
}

fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}
