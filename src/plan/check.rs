//! The conditions of a skip, each with what was found.

use super::comparison::Comparison;
use super::decide::{Compared, Pass};
use super::{Cause, Check, CheckName, Evidence, Inputs, Progress, Standing};
use crate::fingerprint::Unwatched;
use crate::graph::NodeId;

impl Pass<'_> {
    /// The conditions of a skip for one node. `kept` says that every difference leaves the rows as they are and that
    /// this is enough; `causes` are all reasons but those of the records. A check fails where a reason of its kind makes
    /// the node build, and nowhere else.
    pub(super) fn checks(
        &self,
        id: NodeId,
        compared: &Compared<'_>,
        causes: &[Cause],
        unwatched: &[Unwatched],
        kept: bool,
    ) -> Vec<Check> {
        let mut checks = vec![self.mode_check(id)];
        let (Some(entry), Some(comparison)) = (compared.entry.as_deref(), &compared.comparison) else {
            checks.push(check(CheckName::Fingerprint, false, Evidence::NeverBuilt, true));
            return checks;
        };
        let same = entry.fingerprint.value == compared.fingerprint.value && !comparison.reformatted;
        let evidence = equal_inputs(compared, comparison, &entry.run_id, !unwatched.is_empty(), kept);
        checks.push(check(CheckName::Fingerprint, (same && !comparison.unexplained) || kept, evidence, true));
        if self.graph.has_relation(id) {
            checks.extend(self.relation_checks(id, compared));
        }
        checks.extend(self.unwatched_check(id, unwatched));
        checks.push(self.upstream_check(causes));
        checks.extend(causes.iter().filter_map(columns_check));
        checks.shrink_to_fit();
        checks
    }

    /// Of data that nothing watches, which is no part of what was found equal.
    fn unwatched_check(&self, id: NodeId, unwatched: &[Unwatched]) -> Option<Check> {
        let names: Vec<String> = unwatched.iter().map(|one| one.name.clone()).collect();
        let ok = self.unwatched_causes(id, unwatched).is_empty();
        (!names.is_empty()).then(|| check(CheckName::Source, ok, Evidence::NotWatched(names), true))
    }

    fn mode_check(&self, id: NodeId) -> Check {
        let asked = self.asked(id);
        let ok = asked.is_empty();
        let evidence =
            if ok { Evidence::Allows(self.request.mode) } else { Evidence::Causes { causes: asked, more: 0 } };
        check(CheckName::CacheMode, ok, evidence, false)
    }

    fn upstream_check(&self, causes: &[Cause]) -> Check {
        let upstream: Vec<&Cause> = causes.iter().filter(|cause| cause.code.is_upstream()).collect();
        let driving = upstream.iter().filter(|cause| cause.drives(self.request.cosmetic_skip));
        let driving: Vec<&Cause> = driving.copied().collect();
        let evidence = match driving.as_slice() {
            [] if upstream.is_empty() => Evidence::NothingRebuilt,
            [] if upstream.iter().any(|cause| cause.unread.is_some()) => Evidence::UnreadUpstream,
            [] => Evidence::SameRowsUpstream,
            causes => {
                let named = causes.iter().take(NAMED).map(|cause| (*cause).clone()).collect();
                Evidence::Causes { causes: named, more: causes.len().saturating_sub(NAMED) }
            }
        };
        check(CheckName::Upstream, driving.is_empty(), evidence, false)
    }

    fn relation_checks(&self, id: NodeId, compared: &Compared<'_>) -> [Check; 2] {
        let (found, entry) = (&self.found[id], compared.entry.as_deref());
        let node = &self.graph.nodes[id];
        // A renamed relation says nothing of what stands under the new name: that comes first.
        let (ok, standing) = match found.kind {
            _ if entry.is_some_and(|entry| entry.relation != node.relation) => (false, Standing::Renamed),
            None => (false, Standing::Missing),
            Some(kind) if entry.is_some_and(|entry| self.kind_of(entry, node) != kind) => (false, Standing::OtherKind),
            Some(_) if entry.is_some_and(|entry| found.is_replaced(entry)) => (false, Standing::Replaced),
            Some(_) => (true, Standing::Exists),
        };
        let (holds, said) = match &found.meta {
            None => (false, Evidence::Unrecorded(found.contested.clone())),
            Some(meta) if meta.node != node.name => (false, Evidence::BuiltAs(meta.node.clone())),
            Some(meta) if meta.progress == Progress::Begun => (false, Evidence::Unfinished(meta.run_id.clone())),
            Some(meta) if meta.progress == Progress::Extending => (false, Evidence::Extending),
            Some(meta) if found.kind.is_none() => (false, Evidence::Held(meta.fingerprint)),
            Some(meta) => (
                entry.is_some_and(|entry| entry.fingerprint.value == meta.fingerprint),
                Evidence::Holds(meta.fingerprint),
            ),
        };
        // What else makes it another one is told by its reason.
        let other = if ok && holds { entry.and_then(|entry| self.relation_cause(id, entry)) } else { None };
        let (ok, evidence) = match other {
            Some(cause) => (false, Evidence::About(Box::new(cause))),
            None => (ok, Evidence::Relation(standing)),
        };
        [check(CheckName::Relation, ok, evidence, true), check(CheckName::Meta, holds, said, false)]
    }
}

/// Of an upstream node of which nothing is read that is different.
fn columns_check(cause: &Cause) -> Option<Check> {
    let unread = cause.unread.clone()?;
    let evidence = Evidence::Unread { name: cause.name.clone().unwrap_or_default(), unread };
    Some(check(CheckName::Columns, true, evidence, true))
}

/// Upstream nodes that a check names at most.
const NAMED: usize = 5;

fn equal_inputs(
    compared: &Compared<'_>,
    comparison: &Comparison,
    run: &str,
    some_unwatched: bool,
    kept: bool,
) -> Evidence {
    if comparison.reformatted {
        return Evidence::OtherFormat(run.into());
    }
    if comparison.rekeyed {
        return Evidence::OtherKey(run.into());
    }
    if comparison.unexplained {
        return Evidence::Unexplained(run.into());
    }
    let total = compared.fingerprint.components.len();
    let changed = comparison.differences.iter().filter(|one| one.after.is_some()).count();
    let removed = comparison.differences.len() - changed;
    Evidence::Inputs(Inputs {
        total,
        equal: total.saturating_sub(changed),
        removed,
        run: run.into(),
        some_unwatched,
        kept,
    })
}

fn check(name: CheckName, ok: bool, evidence: Evidence, shown: bool) -> Check {
    Check { name, ok, evidence, settled: false, shown }
}
