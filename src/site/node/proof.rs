//! Which run's record holds the components that a node's page shows.

use crate::artifact::manifest::ManifestNode;
use crate::digest::Digest;
use crate::execute::Status;
use crate::site::{Site, record};
use serde::Serialize;

#[derive(Serialize)]
pub struct Proof<'a> {
    pub run: &'a str,
    /// What the packed record is loaded by.
    pub shard: String,
    /// SHA-256 of the record as the site has it.
    pub digest: Digest,
}

/// The last run where it built the node or tried to, else the one that its relation is of, where the site has that
/// record and the fingerprint is still the same.
pub fn of<'a>(site: &Site<'a>, node: &ManifestNode) -> Option<Proof<'a>> {
    let row = site.row(&node.name)?;
    let run = match row.status.known()? {
        Status::Success | Status::Error => &site.input.results.metadata.run_id,
        _ => {
            let baseline = row.decision.baseline.as_ref()?;
            Some(&baseline.run_id).filter(|_| baseline.fingerprint == node.fingerprint.value())?
        }
    };
    let run = site.input.runs.iter().find(|one| one.run_id == *run && site.is_published(&one.run_id))?;
    Some(Proof { run: &run.run_id, shard: record::shard_name(&run.run_id), digest: run.record.shown() })
}
