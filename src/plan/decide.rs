//! One pass over the graph in topological order: each node's fingerprint, its reasons and its checks.

use super::between::component_cause;
use super::comparison::Comparison;
use super::logic::with_logic;
use super::root::roots;
use super::{Action, Baseline, ByColumn, Cause, Code, Decision, Detail, Entry, Found, How, Plan, Request, State};
use crate::dialect::RelationKind;
use crate::digest::Digest;
use crate::fingerprint::{Change, Components, Difference, Fingerprint, Kind, Unwatched};
use crate::graph::{Graph, NodeId, NodeKind};
use crate::name::RelationName;
use litemap::LiteMap;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Decides for every node of `graph`. `found` holds what the engine has for each, in the graph's order.
pub fn plan(graph: &Graph, components: &Components, state: &State, found: &[Found], request: &Request) -> Plan {
    let count = graph.nodes.len();
    let (decisions, changed, by_column) = (Vec::with_capacity(count), Vec::with_capacity(count), Vec::new());
    let (with_logic, logics) = (with_logic(graph), Vec::with_capacity(count));
    let gone = state.entries.values().filter(|entry| graph.id(entry.node.as_str()).is_none()).collect();
    let mut pass =
        Pass { graph, components, state, found, request, decisions, changed, gone, by_column, with_logic, logics };
    for id in 0..count {
        let (decision, changed) = pass.decide(id);
        pass.by_column.push(decision.by_column.clone());
        pass.logics.push(decision.logic);
        pass.decisions.push(decision);
        pass.changed.push(changed);
    }
    let mut plan = Plan { decisions: pass.decisions, roots: Vec::new() };
    roots(graph, (state, found), request.cosmetic_skip, &mut plan);
    plan
}

/// The nodes decided so far, and what decides.
pub(super) struct Pass<'a> {
    pub graph: &'a Graph,
    components: &'a Components,
    pub state: &'a State,
    pub found: &'a [Found],
    pub request: &'a Request,
    pub decisions: Vec<Decision>,
    /// Whether each node's content differs from that of its last build: its own, or an upstream node's.
    changed: Vec<bool>,
    /// Entries of nodes that the project no longer has.
    pub gone: Vec<&'a Entry>,
    /// What the nodes give and read, as far as that is known.
    pub by_column: Vec<Option<Box<ByColumn>>>,
    /// Nodes whose logic counts.
    pub(super) with_logic: BTreeSet<NodeId>,
    /// Of the nodes decided so far.
    pub(super) logics: Vec<Option<Digest>>,
}

/// A node's fingerprint against that of its last successful build.
pub(super) struct Compared<'a> {
    pub entry: Option<Cow<'a, Entry>>,
    /// With an entry only.
    pub comparison: Option<Comparison>,
    pub fingerprint: Fingerprint,
    /// What it gives and reads, as far as that is known.
    pub by_column: Option<Box<ByColumn>>,
}

impl<'a> Pass<'a> {
    fn decide(&self, id: NodeId) -> (Decision, bool) {
        let mut compared = self.compared(id);
        let hermetic = self.hermetic(id, compared.entry.as_deref());
        compared.by_column = self.by_column(id, &compared.fingerprint, hermetic).map(Box::new);
        let unwatched = self.unwatched(id);
        let changed = compared.comparison.as_ref().is_some_and(|found| !found.differences.is_empty());
        let mut decision = if self.request.selected.contains(&id) {
            self.build_or_skip(id, &compared, &unwatched)
        } else {
            let code = if self.request.left.contains(&id) { Code::SnapshotLeft } else { Code::NotSelected };
            Decision::new(id, Action::NotSelected, Cause::new(code), Vec::new(), compared.fingerprint.clone())
        };
        decision.logic = self.logic(id, &decision.fingerprint);
        self.grow(id, &compared, &mut decision);
        decision.discards = self.discards(id, &decision, compared.entry.as_deref());
        decision.hermetic = hermetic;
        decision.unwatched = unwatched;
        decision.by_column = compared.by_column.take();
        decision.baseline = compared.entry.as_ref().map(|entry| Baseline {
            run_id: entry.run_id.clone(),
            built_at: entry.built_at.clone(),
            git_commit: entry.git_commit.clone(),
            git_dirty: entry.git_dirty,
            fingerprint: entry.fingerprint.value,
        });
        // The records of this checkout are to have what a skip rests on: the next one is explained by them alone.
        let takes_over = decision.action == Action::Skip && self.request.mode.writes();
        decision.taken = match compared.entry {
            Some(Cow::Owned(entry)) if takes_over => Some(Box::new(entry)),
            Some(Cow::Borrowed(entry)) if takes_over && self.state.ledger.contains(&entry.node) => {
                Some(Box::new(entry.clone()))
            }
            _ => None,
        };
        (decision, changed)
    }

    /// How the node is built where it isn't extended.
    pub(super) fn how(&self, id: NodeId) -> Option<How> {
        let materialization = self.graph.nodes[id].materialization;
        if materialization.keeps_history() {
            return Some(How::Versions { anew: self.request.anew });
        }
        materialization.kind().map(How::Full)
    }

    /// The history that a build would give up, as far as records tell of one.
    fn discards(&self, id: NodeId, decision: &Decision, entry: Option<&Entry>) -> Option<RelationName> {
        let relation = &self.graph.nodes[id].relation;
        let recorded = entry.filter(|entry| entry.relation == *relation).is_some_and(Entry::is_history);
        let gives_up = match decision.how? {
            How::Full(_) => recorded,
            How::Extend => false,
            How::Versions { anew } => anew,
        };
        let stands = self.found[id].kind == Some(RelationKind::Table);
        (gives_up && stands && decision.action == Action::Build).then(|| relation.clone())
    }

    /// The fingerprint over those that the upstream relations hold when this node is built: those of this run, or what
    /// `_ff_meta` says of a relation that the run leaves alone.
    fn compared(&self, id: NodeId) -> Compared<'a> {
        let node = &self.graph.nodes[id];
        let name = |up: NodeId| self.graph.nodes[up].name.as_str();
        let upstream: Vec<_> = node.upstream.iter().map(|up| (name(*up), self.holds(*up))).collect();
        let fingerprint = self.components.fingerprint(id, &upstream);
        let entry = self.state.entries.get(&node.name);
        let entry = entry.map(|entry| match self.built_elsewhere(id, entry, &fingerprint) {
            Some(newer) => Cow::Owned(newer),
            None => Cow::Borrowed(entry),
        });
        let comparison = entry.as_ref().map(|entry| {
            Comparison::of(&entry.fingerprint, &fingerprint, |one| self.upstream_changed(one, &entry.fingerprint))
        });
        Compared { entry, comparison, fingerprint, by_column: None }
    }

    /// The entry of a build by another checkout that came from these very inputs after the one that is recorded here.
    fn built_elsewhere(&self, id: NodeId, entry: &Entry, fingerprint: &Fingerprint) -> Option<Entry> {
        let (node, found) = (&self.graph.nodes[id], &self.found[id]);
        // The row must be of this node and these inputs, and its relation must stand: what is taken over is believed.
        let meta = found.meta.as_ref().filter(|meta| {
            meta.node == node.name
                && meta.fingerprint == fingerprint.value
                && entry.fingerprint.value != fingerprint.value
                && meta.run_id != entry.run_id
                // Of a build that was to leave no record nothing is taken over.
                && meta.upstream_builds.is_some()
                && found.kind.is_some()
                && found.kind == node.materialization.kind()
                // It may be over the files of another folder.
                && !node.holds_paths()
        })?;
        Some(Entry {
            relation: node.relation.clone(),
            fingerprint: fingerprint.clone(),
            run_id: meta.run_id.clone(),
            built_at: meta.built_at.clone(),
            git_commit: None,
            git_dirty: None,
            // Whether a Python model made requests is known where it ran.
            hermetic: entry.hermetic && node.kind != NodeKind::Python,
            upstream_builds: meta.upstream_builds.clone().unwrap_or_default(),
            upstream_outputs: LiteMap::new(),
            folder: None,
            identity: found.identity,
            rows: None,
            rows_under: Vec::new(),
            roots: Vec::new(),
            note: Some("built_elsewhere".into()),
            by_column: None,
            logic: self.logic(id, fingerprint),
            outline: None,
            output: None,
            node: entry.node.clone(),
        })
    }

    /// Whether a node is part of this run: what has no relation always is.
    pub(super) fn is_in_run(&self, up: NodeId) -> bool {
        self.request.selected.contains(&up) || !self.graph.has_relation(up)
    }

    fn holds(&self, up: NodeId) -> Option<Digest> {
        if self.is_in_run(up) { Some(self.decisions[up].fingerprint.value) } else { self.found[up].held() }
    }

    /// Whether an upstream node has other content than when a node with the fingerprint `before` was built, and not
    /// only another key or format: it has so in this run, or was built so since under the same key and format.
    fn upstream_changed(&self, one: &Difference, before: &Fingerprint) -> bool {
        let Some(up) = self.graph.id(one.name()) else { return true };
        let built = self.state.entries.get(one.name()).map(|entry| &entry.fingerprint);
        let rebuilt_since = built.is_some_and(|built| {
            (&built.format, &built.key_id) == (&before.format, &before.key_id) && !recorded(one, built.value)
        });
        rebuilt_since || (self.is_in_run(up) && self.changed[up])
    }

    /// Whether equal fingerprints mean equal rows: every input is fingerprinted, here and upstream.
    fn hermetic(&self, id: NodeId, entry: Option<&Entry>) -> bool {
        let node = &self.graph.nodes[id];
        // What stands depends on all that was read before, too.
        !node.materialization.keeps_history()
            && !node.volatile
            && !node.asks_unseen()
            // Rows of what was extended come of its past too.
            && !node.materialization.is_extended()
            // Whether a Python model makes requests is known once it ran.
            && entry.map_or(node.kind != NodeKind::Python, |entry| entry.hermetic)
            && self.components.unwatched(id).is_empty()
            && node.upstream.iter().all(|up| self.decisions[*up].hermetic)
    }

    /// What nothing tells of whether it changed, of all that the node reads when it is built: itself, and through what
    /// stores no rows.
    fn unwatched(&self, id: NodeId) -> Vec<Unwatched> {
        let mut found = self.components.unwatched(id).to_vec();
        for up in &self.graph.nodes[id].upstream {
            let up_node = &self.graph.nodes[*up];
            if !up_node.materialization.stores_rows() {
                let through = |one: &Unwatched| Unwatched { through: Some(up_node.name.to_string()), ..one.clone() };
                found.extend(self.decisions[*up].unwatched.iter().map(through));
            }
        }
        let mut seen = BTreeSet::new();
        found.retain(|one| seen.insert(one.name.clone()));
        found
    }

    fn build_or_skip(&self, id: NodeId, compared: &Compared<'_>, unwatched: &[Unwatched]) -> Decision {
        let (entry, cosmetic_skip) = (compared.entry.as_deref(), self.request.cosmetic_skip);
        let mut upstream =
            entry.map(|entry| self.upstream_causes(id, entry, &compared.fingerprint)).unwrap_or_default();
        upstream.extend(entry.map(|_| self.left_behind(id)).unwrap_or_default());
        let differences = compared.comparison.iter().flat_map(|comparison| &comparison.differences);
        let mut causes: Vec<Cause> = differences.map(|one| self.component_cause(id, one, compared)).collect();
        let inputs_build = causes.iter().any(|cause| cause.drives(cosmetic_skip));
        let kept = !causes.is_empty() && !inputs_build;
        let silent = compared.comparison.as_ref().is_some_and(|found| found.rekeyed || found.reformatted);
        causes.extend(upstream);
        causes.extend(entry.map(|_| self.unwatched_causes(id, unwatched)).unwrap_or_default());
        let checks = self.checks(id, compared, &causes, unwatched, kept && !silent);
        causes.extend(self.state_causes(id, compared));
        let builds = causes.iter().any(|cause| cause.drives(cosmetic_skip));
        if builds && let Some(failure) = self.state.failures.get(&self.graph.nodes[id].name) {
            causes.push(Cause::new(Code::PreviousBuildFailed).detail(Detail::Run(failure.run_id.clone())));
        }
        causes.sort_by_key(|cause| (!cause.drives(cosmetic_skip), cause.code));
        let mut decision = conclude(id, builds, causes, compared.fingerprint.clone());
        if decision.primary().code == Code::AllInputsEqual && !unwatched.is_empty() {
            let names = unwatched.iter().map(|one| one.name.clone()).collect();
            decision.causes[0].details.push(Detail::ButUnwatched(names));
        }
        decision.takes_fingerprint &= self.request.mode.writes();
        decision.checks = checks;
        decision.renamed_from =
            if entry.is_none() { self.renamed_from(&compared.fingerprint).map(|old| old.node.clone()) } else { None };
        decision.replaces = self.unowned(id, entry).then(|| self.graph.nodes[id].relation.clone());
        decision
    }

    fn component_cause(&self, id: NodeId, one: &Difference, compared: &Compared<'_>) -> Cause {
        let before = compared.entry.as_ref().map_or(&compared.fingerprint, |entry| &entry.fingerprint);
        let cause = component_cause(one, before, &compared.fingerprint);
        if one.kind == Kind::Setting {
            // Where nothing is recorded, nobody would know later what was set.
            return Cause { kept: self.request.mode.writes() && self.graph.has_relation(id), ..cause };
        }
        if one.kind != Kind::Upstream || !matches!(one.change, Change::Modified | Change::Renamed) {
            return cause;
        }
        let unread = if one.change == Change::Modified { self.unread(id, one, compared) } else { None };
        let kept = self.rows_kept(one);
        let cosmetic = if kept && self.request.cosmetic_skip { Some(true) } else { cause.cosmetic };
        Cause { cosmetic, kept, unread: unread.map(Box::new), ..cause }
    }

    /// Whether an upstream node is skipped in spite of a new fingerprint, and this node was built from the very rows
    /// that it has.
    fn rows_kept(&self, one: &Difference) -> bool {
        let Some(up) = self.graph.id(one.name()) else { return false };
        let Some(entry) = self.state.entries.get(one.name()) else { return false };
        let kept = match self.decisions[up].primary().code {
            Code::SettingsApplied | Code::CosmeticOnly | Code::UpstreamOutputIdentical | Code::AllInputsEqual => true,
            _ => {
                self.decisions[up].action == Action::NotSelected
                    && self.found[up].held() == Some(entry.fingerprint.value)
            }
        };
        kept && entry.rows_under().any(|value| recorded(one, value))
    }
}

/// Whether the upstream component says that the upstream node held `value` before.
pub(super) fn recorded(one: &Difference, value: Digest) -> bool {
    let before = one.before.as_ref().and_then(|before| before.value.as_deref());
    before.and_then(Digest::parse) == Some(value)
}

/// The decision that sorted causes make.
fn conclude(id: NodeId, builds: bool, mut causes: Vec<Cause>, fingerprint: Fingerprint) -> Decision {
    if builds {
        let others = causes.split_off(1);
        let first = causes.remove(0);
        return Decision::new(id, Action::Build, first, others, fingerprint);
    }
    let Some(first) = causes.first() else {
        return Decision::new(id, Action::Skip, Cause::new(Code::AllInputsEqual), Vec::new(), fingerprint);
    };
    let set: Vec<&Cause> = causes.iter().filter(|cause| cause.applies()).collect();
    if let Some(first) = set.first() {
        let proof = Cause { code: Code::SettingsApplied, ..(*first).clone() };
        let more = (set.len() > 1).then(|| Detail::More(set.len() - 1));
        let proof = more.into_iter().fold(proof, Cause::detail);
        let mut decision = Decision::new(id, Action::Skip, proof, causes, fingerprint);
        decision.takes_fingerprint = true;
        return decision;
    }
    let code = match first.code {
        Code::UpstreamChanged if first.unread.is_some() => Code::ColumnsUnread,
        Code::UpstreamChanged => Code::UpstreamOutputIdentical,
        _ => Code::CosmeticOnly,
    };
    let mut proof = Cause::named(code, first.name.clone().unwrap_or_default());
    if let (Code::ColumnsUnread, Some(unread)) = (code, &first.unread) {
        let more = causes.iter().filter(|cause| cause.unread.is_some()).count() - 1;
        proof.details.push(Detail::Unread(unread.clone()));
        proof.details.extend((more > 0).then_some(Detail::More(more)));
    }
    let mut decision = Decision::new(id, Action::Skip, proof, causes, fingerprint);
    decision.takes_fingerprint = true;
    decision
}
