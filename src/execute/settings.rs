//! What is set at a node's relation beside its rows: with a build of it, or alone where it stands.

use super::failure::Failure;
use super::node::{Upstream, Workplace};
use super::{Execution, Outcome, Status};
use crate::dialect::Change;
use crate::fingerprint;
use crate::graph::NodeId;

impl Execution<'_> {
    /// What a node's relation got with its last build, where it still stands, and what it is to have; `None` where that is
    /// nothing.
    pub(super) fn settings(&self, id: NodeId) -> Option<Change> {
        let node = &self.graph.nodes[id];
        let stands = self.found[id].kind.is_some();
        let entry = self.state.entries.get(&node.name);
        let entry = entry.filter(|entry| stands && entry.relation == node.relation);
        let before = entry.map(|entry| fingerprint::settings(&entry.fingerprint)).unwrap_or_default();
        let change = Change { before, after: node.settings.clone() };
        (change != Change::default()).then_some(change)
    }
}

impl Workplace<'_> {
    /// Sets what differs, and takes note of the new fingerprint: the rows are those of an earlier build.
    pub(super) fn apply(&mut self, id: NodeId, upstream: &Upstream) -> Result<Outcome, Failure> {
        let execution = self.execution;
        let row = self.same_rows(id, upstream);
        let rows = row.identity.and_then(|identity| identity.rows);
        let kind = execution.found[id].kind.expect("invariant: what is skipped stands");
        let change = execution.settings(id).unwrap_or_default();
        let lasting = execution.graph.nodes[id].materialization.is_extended();
        let identity = self.session(id)?.apply(&row, kind, &change, (rows, lasting))?;
        Ok(Outcome { identity, ..Outcome::instant(id, Status::Skipped) })
    }
}
