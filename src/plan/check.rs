//! The conditions of a skip, each with what was found.

use super::comparison::Comparison;
use super::decide::{Compared, Pass};
use super::{Cause, Check};
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
            checks.push(check("fingerprint", false, "no earlier build is recorded".into(), true));
            return checks;
        };
        let same = entry.fingerprint.value == compared.fingerprint.value && !comparison.reformatted;
        let evidence = equal_inputs(compared, comparison, &entry.run_id, !unwatched.is_empty(), kept);
        checks.push(check("fingerprint", (same && !comparison.unexplained) || kept, evidence, true));
        if self.graph.has_relation(id) {
            checks.extend(self.relation_checks(id, compared));
        }
        checks.extend(self.unwatched_check(id, unwatched));
        checks.push(self.upstream_check(causes));
        checks
    }

    /// Of data that nothing watches, which is no part of what was found equal.
    fn unwatched_check(&self, id: NodeId, unwatched: &[Unwatched]) -> Option<Check> {
        let names: Vec<&str> = unwatched.iter().map(|one| one.name.as_str()).collect();
        let ok = self.unwatched_causes(id, unwatched).is_empty();
        (!names.is_empty()).then(|| check("source", ok, format!("{} not watched", names.join(", ")), true))
    }

    fn mode_check(&self, id: NodeId) -> Check {
        let asked = self.asked(id);
        let evidence = match asked.as_slice() {
            [] => format!("cache mode {} allows a skip", self.request.mode.as_str()),
            found => found.iter().map(Cause::sentence).collect::<Vec<_>>().join(", "),
        };
        check("cache_mode", asked.is_empty(), evidence, false)
    }

    fn upstream_check(&self, causes: &[Cause]) -> Check {
        let upstream: Vec<&Cause> = causes.iter().filter(|cause| cause.code.is_upstream()).collect();
        let driving = upstream.iter().filter(|cause| cause.drives(self.request.cosmetic_skip));
        let sentences: Vec<String> = driving.map(|cause| cause.sentence()).collect();
        let evidence = match sentences.as_slice() {
            [] if upstream.is_empty() => "no upstream was rebuilt in a way that can change its rows".to_string(),
            [] => "what is upstream has the rows that this was built from".to_string(),
            sentences => {
                let more = sentences.len().saturating_sub(NAMED);
                let more = if more > 0 { format!(", and {more} more") } else { String::new() };
                format!("{}{more}", sentences[..sentences.len().min(NAMED)].join(", "))
            }
        };
        check("upstream", sentences.is_empty(), evidence, false)
    }

    fn relation_checks(&self, id: NodeId, compared: &Compared<'_>) -> [Check; 2] {
        let (found, entry) = (&self.found[id], compared.entry.as_deref());
        let node = &self.graph.nodes[id];
        let (ok, evidence) = match found.kind {
            _ if entry.is_some_and(|entry| entry.relation != node.relation) => (false, "relation is renamed"),
            None => (false, "relation is missing"),
            Some(kind) if entry.is_some_and(|entry| self.kind_of(entry, node) != kind) => {
                (false, "relation is of another kind")
            }
            Some(_) if entry.is_some_and(|entry| found.is_replaced(entry)) => {
                (false, "relation isn't the one that was built")
            }
            Some(_) => (true, "relation exists"),
        };
        let (holds, said) = match &found.meta {
            None => (false, found.unknown()),
            Some(meta) if meta.node != node.name => (false, format!("_ff_meta says it was built as {}", meta.node)),
            Some(meta) if found.kind.is_none() => {
                (false, format!("_ff_meta says it held {}", meta.fingerprint.short()))
            }
            Some(meta) => (
                entry.is_some_and(|entry| entry.fingerprint.value == meta.fingerprint),
                format!("_ff_meta says it holds {}", meta.fingerprint.short()),
            ),
        };
        // What else makes it another one is told by its reason.
        let other = if ok && holds { entry.and_then(|entry| self.relation_cause(id, entry)) } else { None };
        let (ok, evidence) = match &other {
            Some(cause) => (false, cause.detail.clone().unwrap_or_else(|| cause.sentence())),
            None => (ok, evidence.to_string()),
        };
        [check("relation", ok, evidence, true), check("meta", holds, said, false)]
    }
}

/// Upstream nodes that a check names at most.
const NAMED: usize = 5;

fn equal_inputs(
    compared: &Compared<'_>,
    comparison: &Comparison,
    run: &str,
    some_unwatched: bool,
    kept: bool,
) -> String {
    if comparison.reformatted {
        return format!("digests of run {run} are in another format");
    }
    if comparison.rekeyed {
        return format!("digests of run {run} are under another key");
    }
    if comparison.unexplained {
        return format!("the fingerprint isn't that of run {run}, and no input tells why");
    }
    let total = compared.fingerprint.components.len();
    let changed = comparison.differences.iter().filter(|one| one.after.is_some()).count();
    let removed = comparison.differences.len() - changed;
    let gone = if removed > 0 { format!(", {removed} removed") } else { String::new() };
    let rest = if kept { ", the rest changes no row" } else { "" };
    let watched = if some_unwatched { "watched " } else { "" };
    format!("{}/{total} {watched}inputs equal to run {run}{gone}{rest}", total.saturating_sub(changed))
}

fn check(name: &str, ok: bool, evidence: String, shown: bool) -> Check {
    Check { name: name.into(), ok, evidence, shown }
}
