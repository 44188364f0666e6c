//! The conditions of a skip, each with what was found.

use super::comparison::Comparison;
use super::decide::{Compared, Pass};
use super::{Cause, Check};
use crate::fingerprint::Unwatched;
use crate::graph::NodeId;

impl Pass<'_> {
    /// The conditions of a skip for one node. `kept` says that every difference leaves the rows as they are and that
    /// this is enough.
    pub(super) fn checks(
        &self,
        id: NodeId,
        compared: &Compared<'_>,
        upstream: &[Cause],
        unwatched: &[Unwatched],
        kept: bool,
    ) -> Vec<Check> {
        let mut checks = vec![self.mode_check(id)];
        let (Some(entry), Some(comparison)) = (compared.entry, &compared.comparison) else {
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
        let evidence = match upstream {
            [] => "no upstream was rebuilt in a way that can change its rows".to_string(),
            found => found.iter().map(Cause::sentence).collect::<Vec<_>>().join(", "),
        };
        checks.push(check("upstream", upstream.is_empty(), evidence, false));
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

    fn relation_checks(&self, id: NodeId, compared: &Compared<'_>) -> [Check; 2] {
        let (found, entry) = (&self.found[id], compared.entry);
        let node = &self.graph.nodes[id];
        let (ok, evidence) = match found.kind {
            None => (false, "relation is missing"),
            Some(_) if entry.is_some_and(|entry| entry.relation != node.relation) => (false, "relation is renamed"),
            Some(kind) if entry.is_some_and(|entry| self.kind_of(entry, node) != kind) => {
                (false, "relation is of another kind")
            }
            Some(_) if entry.is_some_and(|entry| found.is_replaced(entry)) => {
                (false, "relation isn't the one that was built")
            }
            Some(_) => (true, "relation exists"),
        };
        let held = found.held();
        let said = match held {
            Some(held) => format!("_ff_meta says it holds {}", held.short()),
            None => "_ff_meta has no row for it".into(),
        };
        let holds = held.is_some() && held == entry.map(|entry| entry.fingerprint.value);
        [check("relation", ok, evidence.into(), true), check("meta", holds, said, false)]
    }
}

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
