//! One pass over the graph in topological order: each node's fingerprint, its reasons and its checks.

use super::root::roots;
use super::{Action, Baseline, Cause, Check, Code, Decision, Entry, Found, Plan, Request, State};
use crate::digest::Digest;
use crate::fingerprint::{Change, Components, Difference, FORMAT, Fingerprint, Kind, difference};
use crate::graph::{Graph, Materialized, Node, NodeId};
use std::collections::BTreeMap;

/// Decides for every node of `graph`. `found` holds what the engine has for each, in the graph's order.
pub fn plan(graph: &Graph, components: &Components, state: &State, found: &[Found], request: &Request) -> Plan {
    let mut pass = Pass { graph, components, state, found, request, decisions: Vec::with_capacity(graph.nodes.len()) };
    for id in 0..graph.nodes.len() {
        let decision = pass.decide(id);
        pass.decisions.push(decision);
    }
    let mut plan = Plan { decisions: pass.decisions, roots: Vec::new() };
    roots(graph, state, &mut plan);
    plan
}

struct Pass<'a> {
    graph: &'a Graph,
    components: &'a Components,
    state: &'a State,
    found: &'a [Found],
    request: &'a Request,
    decisions: Vec<Decision>,
}

impl Pass<'_> {
    fn decide(&self, id: NodeId) -> Decision {
        let node = &self.graph.nodes[id];
        let fingerprint = self.fingerprint(id);
        let entry = self.state.entries.get(&node.name);
        let hermetic = self.hermetic(id, entry);
        let mut decision = if self.request.selected.contains(&id) {
            self.build_or_skip(id, entry, fingerprint)
        } else {
            Decision::new(id, Action::NotSelected, Cause::new(Code::NotSelected), Vec::new(), fingerprint)
        };
        decision.hermetic = hermetic;
        decision.baseline = entry.map(|entry| Baseline {
            run_id: entry.run_id.clone(),
            built_at: entry.built_at.clone(),
            git_commit: entry.git_commit.clone(),
            fingerprint: entry.fingerprint.value,
        });
        decision
    }

    /// Over the fingerprints that the upstream relations hold when this node is built: those of this run, or what
    /// `_ff_meta` says of a relation that the run leaves alone.
    fn fingerprint(&self, id: NodeId) -> Fingerprint {
        let upstream: Vec<(&str, Option<Digest>)> = self.graph.nodes[id]
            .upstream
            .iter()
            .map(|up| (self.graph.nodes[*up].name.as_str(), self.holds(*up)))
            .collect();
        self.components.fingerprint(id, &upstream)
    }

    fn holds(&self, up: NodeId) -> Option<Digest> {
        let in_run = self.request.selected.contains(&up) || !self.graph.has_relation(up);
        if in_run { Some(self.decisions[up].fingerprint.value) } else { self.found[up].held() }
    }

    /// Whether equal fingerprints mean equal rows: every input is fingerprinted, here and upstream.
    fn hermetic(&self, id: NodeId, entry: Option<&Entry>) -> bool {
        let node = &self.graph.nodes[id];
        let versioned = |key: &&(String, String)| !self.versioned(id, key);
        !node.volatile
            && entry.is_none_or(|entry| entry.hermetic)
            && !node.external_sources.iter().any(|key| versioned(&key))
            && node.upstream.iter().all(|up| self.decisions[*up].hermetic)
    }

    /// Whether the source's data version is a component.
    fn versioned(&self, id: NodeId, key: &(String, String)) -> bool {
        self.components.has(id, Kind::SourceData, &format!("{}.{}", key.0, key.1))
    }

    fn build_or_skip(&self, id: NodeId, entry: Option<&Entry>, fingerprint: Fingerprint) -> Decision {
        let node = &self.graph.nodes[id];
        let differences = entry.map(|entry| self.differences(entry, &fingerprint)).unwrap_or_default();
        let cosmetic = !differences.is_empty()
            && entry.is_some_and(|entry| cosmetic_only(&differences, &entry.fingerprint, &fingerprint));
        let mut causes: Vec<Cause> = Vec::new();
        causes.extend(differences.iter().map(|found| self.worded(found, entry, &fingerprint)));
        let inputs_differ = !causes.is_empty() && !(cosmetic && self.request.cosmetic_skip);
        let state = self.state_causes(id, entry, &fingerprint, causes.is_empty());
        let builds = inputs_differ || !state.is_empty();
        causes.extend(state);
        if builds && let Some(failure) = self.state.failures.get(&node.name) {
            causes.push(Cause::new(Code::PreviousBuildFailed).detail(format!("run {}", failure.run_id)));
        }
        // A reason of one's own says more than one from upstream; the reasons' order of declaration does the rest.
        causes.sort_by_key(|cause| (cause.code.is_upstream(), cause.code));
        let checks = self.checks(id, entry, &fingerprint, &differences, cosmetic);
        let mut causes = causes.into_iter();
        let mut decision = match (builds, causes.next()) {
            (true, Some(first)) => Decision::new(id, Action::Build, first, causes.collect(), fingerprint),
            (_, None) => Decision::new(id, Action::Skip, Cause::new(Code::AllInputsEqual), Vec::new(), fingerprint),
            (false, Some(first)) => {
                let name = first.name.clone().unwrap_or_default();
                let others = std::iter::once(first).chain(causes).collect();
                let mut decision =
                    Decision::new(id, Action::Skip, Cause::named(Code::CosmeticOnly, name), others, fingerprint);
                decision.takes_fingerprint = true;
                decision
            }
        };
        decision.checks = checks;
        decision
    }

    fn worded(&self, found: &Difference, entry: Option<&Entry>, fingerprint: &Fingerprint) -> Cause {
        let mut cause = Cause::of(found);
        if matches!(found.kind, Kind::Sql | Kind::Python) && found.change == Change::Modified {
            let before = entry.and_then(|entry| entry.fingerprint.semantic);
            cause.cosmetic = before.map(|before| Some(before) == fingerprint.semantic);
        }
        cause.worded()
    }

    /// Component differences, but for leaves under another key, which tell nothing.
    fn differences(&self, entry: &Entry, fingerprint: &Fingerprint) -> Vec<Difference> {
        let rekeyed = entry.fingerprint.key_id != fingerprint.key_id;
        let mut found = difference(&entry.fingerprint, fingerprint);
        if rekeyed {
            found.retain(|one| one.kind != Kind::Env || one.change != Change::Modified);
            // What upstream fingerprints say is only that the key changed there too.
            found.retain(|one| one.kind != Kind::Upstream || one.change != Change::Modified);
        }
        found
    }

    /// Reasons that lie in records, in the database, in the command line or in an upstream relation.
    fn state_causes(&self, id: NodeId, entry: Option<&Entry>, fingerprint: &Fingerprint, equal: bool) -> Vec<Cause> {
        let mut causes = self.asked(id);
        let Some(entry) = entry else {
            causes.push(match &self.state.unreadable {
                Some(reason) => Cause::new(Code::CacheUnreadable).detail(reason),
                None => Cause::new(Code::FirstBuild),
            });
            return causes;
        };
        if entry.fingerprint.format != FORMAT {
            causes.push(Cause::new(Code::FormatUpgraded).detail(format!("{} → {FORMAT}", entry.fingerprint.format)));
        }
        if entry.fingerprint.key_id != fingerprint.key_id {
            causes.push(Cause::new(Code::KeyRotated));
        } else if equal && entry.fingerprint.value != fingerprint.value {
            causes.push(Cause::new(Code::Unexplained));
        }
        causes.extend(self.relation_causes(id, entry));
        causes.extend(self.upstream_causes(id, entry));
        causes
    }

    fn asked(&self, id: NodeId) -> Vec<Cause> {
        let forced = self.request.forced.contains(&id).then(|| Cause::new(Code::Forced));
        let mode = match self.request.mode {
            super::CacheMode::Off => Some(Cause::new(Code::CacheOff)),
            super::CacheMode::Wo => Some(Cause::new(Code::CacheWriteOnly)),
            super::CacheMode::Ro | super::CacheMode::Rw => None,
        };
        forced.into_iter().chain(mode).collect()
    }

    fn relation_causes(&self, id: NodeId, entry: &Entry) -> Option<Cause> {
        let node = &self.graph.nodes[id];
        if !self.graph.has_relation(id) {
            return None;
        }
        let found = &self.found[id];
        let relation = node.relation.to_string();
        if entry.relation != node.relation {
            return Some(Cause::named(Code::RelationRenamed, format!("{} → {relation}", entry.relation)));
        }
        let foreign = |detail: String| Some(Cause::named(Code::RelationForeign, relation.clone()).detail(detail));
        match (&found.kind, &found.meta) {
            (None, _) => Some(Cause::named(Code::RelationMissing, relation)),
            (Some(_), None) => foreign("_ff_meta has no row for it".into()),
            (Some(_), Some(meta)) if meta.fingerprint != entry.fingerprint.value => {
                foreign(format!("built by run {} from fingerprint {}", meta.run_id, meta.fingerprint.short()))
            }
            (Some(kind), _) if *kind != self.kind_of(entry, node) => foreign("it is of another kind".into()),
            _ => None,
        }
    }

    /// The kind of relation that the entry's build left.
    fn kind_of(&self, entry: &Entry, node: &Node) -> Materialized {
        let config = entry.fingerprint.components.iter().find(|one| one.id() == (Kind::Config, "materialized"));
        match config.and_then(|one| one.value.as_deref()) {
            Some("\"view\"") => Materialized::View,
            Some(_) => Materialized::Table,
            None => node.materialized,
        }
    }

    /// Upstream relations that don't promise equal rows under an equal fingerprint, and were rebuilt.
    fn upstream_causes(&self, id: NodeId, entry: &Entry) -> Vec<Cause> {
        let mut causes = Vec::new();
        for up in self.relations_upstream(id) {
            let decision = &self.decisions[up];
            if decision.hermetic {
                continue;
            }
            let name = self.graph.nodes[up].name.as_str();
            let built_then = entry.upstream_builds.get(name);
            let built_now = self.found[up].meta.as_ref().map(|meta| &meta.run_id);
            if decision.action == Action::Build {
                causes.push(Cause::named(Code::UpstreamRebuilt, name).detail("in this run"));
            } else if built_then != built_now
                && let Some(run) = built_now
            {
                causes.push(Cause::named(Code::UpstreamRebuilt, name).detail(format!("by run {run}")));
            }
        }
        // Where the fingerprint of that node changed too, the difference says so already.
        let changed = |cause: &Cause| {
            let name = cause.name.as_deref().unwrap_or_default();
            let before = entry.fingerprint.components.iter().find(|one| one.id() == (Kind::Upstream, name));
            let after = self.graph.id(name).and_then(|up| self.holds(up)).map(|value| value.to_string());
            before.is_some_and(|one| one.value != after)
        };
        causes.retain(|cause| !changed(cause));
        causes
    }

    /// The nearest upstream nodes that have relations: ephemeral ones are looked through.
    fn relations_upstream(&self, id: NodeId) -> Vec<NodeId> {
        relations_upstream(self.graph, id)
    }

    fn checks(
        &self,
        id: NodeId,
        entry: Option<&Entry>,
        fingerprint: &Fingerprint,
        differences: &[Difference],
        cosmetic: bool,
    ) -> Vec<Check> {
        let asked = self.asked(id);
        let mode = self.request.mode.as_str();
        let mut checks = vec![match asked.first() {
            None => check("cache_mode", true, format!("cache mode {mode} allows a skip"), false),
            Some(cause) => check("cache_mode", false, cause.sentence(), false),
        }];
        let Some(entry) = entry else {
            checks.push(check("fingerprint", false, "no earlier build is recorded".into(), true));
            return checks;
        };
        let total = fingerprint.components.len();
        let equal = total - differences.iter().filter(|one| one.after.is_some()).count().min(total);
        let note = if cosmetic { ", the rest differs in comments and white space only" } else { "" };
        let same = entry.fingerprint.value == fingerprint.value;
        checks.push(check(
            "fingerprint",
            same,
            format!("{equal}/{total} inputs equal to run {}{note}", entry.run_id),
            true,
        ));
        if self.graph.has_relation(id) {
            let found = &self.found[id];
            let exists = found.kind.is_some();
            checks.push(check(
                "relation",
                exists,
                format!("relation {}", if exists { "exists" } else { "is missing" }),
                true,
            ));
            let holds = found.held() == Some(entry.fingerprint.value);
            let held = match found.held() {
                Some(held) => format!("_ff_meta says it holds {}", held.short()),
                None => "_ff_meta has no row for it".into(),
            };
            checks.push(check("meta", holds, held, false));
        }
        let rebuilt = self.upstream_causes(id, entry);
        let evidence = match rebuilt.first() {
            None => "no upstream was rebuilt in a way that can change its rows".to_string(),
            Some(cause) => cause.sentence(),
        };
        checks.push(check("upstream", rebuilt.is_empty(), evidence, false));
        checks
    }
}

/// The nearest upstream nodes that have relations: ephemeral ones are looked through. Ascending, each once.
pub fn relations_upstream(graph: &Graph, id: NodeId) -> Vec<NodeId> {
    let mut found = std::collections::BTreeSet::new();
    let mut open = graph.nodes[id].upstream.clone();
    while let Some(up) = open.pop() {
        if graph.has_relation(up) {
            found.insert(up);
        } else {
            open.extend(&graph.nodes[up].upstream);
        }
    }
    found.into_iter().collect()
}

fn check(name: &str, ok: bool, evidence: String, shown: bool) -> Check {
    Check { name: name.into(), ok, evidence, shown }
}

/// Whether the only differences are in texts whose tokens are equal, or come from upstream nodes of that kind.
fn cosmetic_only(differences: &[Difference], before: &Fingerprint, after: &Fingerprint) -> bool {
    let text = |one: &Difference| {
        matches!(one.kind, Kind::Sql | Kind::Python) && matches!(one.change, Change::Modified | Change::Renamed)
    };
    differences.iter().all(text) && before.semantic.is_some() && before.semantic == after.semantic
}

/// Names of direct upstream relations with the run that built each: what a new entry records.
pub fn upstream_builds(
    graph: &Graph,
    id: NodeId,
    built_by: impl Fn(NodeId) -> Option<String>,
) -> BTreeMap<String, String> {
    relations_upstream(graph, id)
        .into_iter()
        .filter_map(|up| Some((graph.nodes[up].name.to_string(), built_by(up)?)))
        .collect()
}
