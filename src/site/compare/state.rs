//! What a node was made of when a run ended, from the records that a site is made from: as
//! [`crate::artifact::snapshot`] has it.

use crate::artifact::history::Record;
use crate::artifact::snapshot::{OTHER_STATE, UNBUILT, gone, not_kept};
use crate::fingerprint::Fingerprint;
use crate::site::history::Archive;

/// The components that a run's record, or that of the run which built the node, holds; or why there are none.
pub fn components(archive: &dyn Archive, record: &Record, node: &str) -> Result<Fingerprint, String> {
    let recorded = record.fingerprints.get(node).ok_or_else(|| not_kept(UNBUILT))?;
    if let Some(full) = &recorded.full {
        return full.known().cloned().ok_or_else(|| unknown(full));
    }
    let row = record.results.results.iter().find(|row| row.name == node);
    let baseline = row.and_then(|row| row.decision.baseline.as_ref()).ok_or_else(|| not_kept(UNBUILT))?;
    let built = archive.whole(&baseline.run_id).ok_or_else(|| not_kept(&gone(&baseline.run_id)))?;
    let full = built.fingerprints.get(node).and_then(|one| one.full.as_ref());
    match full.filter(|full| full.value() == recorded.value) {
        None => Err(not_kept(OTHER_STATE)),
        Some(full) => full.known().cloned().ok_or_else(|| unknown(full)),
    }
}

/// Why nothing can be made of a fingerprint here.
pub fn unknown(full: &crate::artifact::wire::Fingerprint) -> String {
    match full {
        crate::artifact::wire::Fingerprint::Newer(newer) => newer.why(),
        crate::artifact::wire::Fingerprint::Known(_) => String::new(),
    }
}
