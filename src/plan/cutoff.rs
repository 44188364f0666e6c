//! Early cutoff: a node that would be built only because of what is upstream isn't, where each such upstream node gives
//! the very rows that the node was built from.
//!
//! Takes a plan and, while the run goes on, a digest of what each node gives to those that read it: of the rows of a
//! table, of the definition of a view or an ephemeral model over what that reads. Gives the decision that a node ends
//! with. Pure. Invariants: a decision is only ever revised to a skip, or to a build for fewer reasons; what isn't known
//! counts as other rows.

use super::logic::own;
use super::root::Origins;
use super::{
    Action, CacheMode, Cause, Check, CheckName, Code, Decision, Detail, Entry, Evidence, Found, Output, Plan, State,
    relations_upstream,
};
use crate::digest::{Digest, Tagged};
use crate::fingerprint::Kind;
use crate::graph::{Graph, NodeId};
use litemap::LiteMap;
use std::collections::{BTreeMap, BTreeSet};

/// What was known when a plan was made.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    pub state: &'a State,
    /// In the graph's order.
    pub found: &'a [Found],
    pub mode: CacheMode,
    pub cosmetic_skip: bool,
}

/// What a run makes of a plan: decisions as they become final, and what each node that has ended gives.
pub struct Cutoff<'a> {
    graph: &'a Graph,
    known: Known<'a>,
    decisions: Vec<Decision>,
    revised: BTreeSet<NodeId>,
    outputs: Vec<Option<Digest>>,
    origins: Origins<'a>,
}

/// How a node ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With the digest of its rows, where it is a table and that is known.
    Built(Option<Digest>),
    /// Its relation is left as it is.
    Kept,
    /// Nothing is known of its relation.
    Lost,
}

impl<'a> Cutoff<'a> {
    pub fn new(graph: &'a Graph, plan: &Plan, known: Known<'a>) -> Cutoff<'a> {
        Cutoff {
            graph,
            known,
            decisions: plan.decisions.clone(),
            revised: BTreeSet::new(),
            outputs: vec![None; graph.nodes.len()],
            origins: Origins::new(graph, (known.state, known.found), known.cosmetic_skip, plan),
        }
    }

    /// Makes a node's decision final. Called once for each node, when all its upstream nodes have ended.
    pub fn decide(&mut self, id: NodeId) {
        if let Some(revised) = self.revise(id) {
            self.decisions[id] = revised;
            self.revised.insert(id);
        }
        let role = self.origins.visit(id, &self.decisions);
        if self.revised.contains(&id) {
            let (path, path_elided) = self.origins.path(id, &self.decisions);
            let decision = &mut self.decisions[id];
            (decision.role, decision.path, decision.path_elided) = (role, path, path_elided);
        }
    }

    /// Takes note of what a node gives, once it has ended. Upstream nodes end first.
    pub fn ended(&mut self, id: NodeId, ended: Ended) {
        let asked = self.graph.nodes[id].materialization;
        self.outputs[id] = match ended {
            Ended::Lost => None,
            Ended::Built(rows) if asked.is_digested() => rows,
            Ended::Kept if asked.is_digested() => self.recorded(id),
            Ended::Kept if asked.has_relation() && !self.is_current(id) => None,
            Ended::Built(_) | Ended::Kept => self.defined(id),
        };
    }

    pub fn decision(&self, id: NodeId) -> &Decision {
        &self.decisions[id]
    }

    /// The final decision where it isn't the plan's.
    pub fn revised(&self, id: NodeId) -> Option<&Decision> {
        self.revised.contains(&id).then(|| &self.decisions[id])
    }

    /// The digest of what a node that has ended gives; `None` where it isn't known.
    pub fn output(&self, id: NodeId) -> Option<Digest> {
        self.outputs[id]
    }

    /// A view holds no rows: it is made again as planned, which reads nothing, and what it gives is told all the same.
    fn revise(&self, id: NodeId) -> Option<Decision> {
        let planned = &self.decisions[id];
        let node = &self.graph.nodes[id];
        let entry = self.known.state.entries.get(&node.name)?;
        if planned.action != Action::Build || node.materialization.reads_when_queried() {
            return None;
        }
        let mut revised = planned.clone();
        let mut checks = Vec::new();
        for cause in revised.causes.iter_mut() {
            if cause.code.is_upstream() && cause.drives(self.known.cosmetic_skip) {
                let (output, check) = self.compare(entry, cause.name.as_deref().unwrap_or_default());
                cause.output = output;
                checks.push(check);
            }
        }
        if checks.is_empty() {
            return None;
        }
        revised.checks.extend(checks);
        revised.causes.sort_by_key(|cause| (!cause.drives(self.known.cosmetic_skip), cause.code));
        if !revised.causes[0].drives(self.known.cosmetic_skip) {
            self.skip(&mut revised);
        }
        Some(revised)
    }

    /// What an upstream node gives now against what it gave when this node was built.
    fn compare(&self, entry: &Entry, name: &str) -> (Option<Digest>, Check) {
        let now = self.graph.id(name).and_then(|up| self.outputs[up]);
        let then = entry.upstream_outputs.get(name).copied();
        let run = entry.run_id.clone();
        let (same, found) = match (then, now) {
            (Some(then), Some(now)) if then == now => (Some(now), Output::Same { run, digest: now }),
            (Some(then), Some(now)) => (None, Output::Other { now, then }),
            (None, _) => (None, Output::NotRecorded { run }),
            (_, None) => (None, Output::NotKnown),
        };
        let evidence = Evidence::Output { name: name.into(), found };
        (same, Check { name: CheckName::Output, ok: same.is_some(), evidence, settled: false, shown: false })
    }

    fn skip(&self, decision: &mut Decision) {
        let settled: Vec<String> = decision
            .causes
            .iter()
            .filter(|cause| cause.output.is_some())
            .filter_map(|cause| cause.name.clone())
            .collect();
        let proof = Cause::named(Code::UpstreamOutputIdentical, settled.first().cloned().unwrap_or_default());
        let more = settled.len().saturating_sub(1);
        decision.causes.insert(0, if more > 0 { proof.detail(Detail::More(more)) } else { proof });
        decision.action = Action::Skip;
        (decision.mode, decision.why_full) = (None, None);
        decision.takes_fingerprint = self.known.mode.writes();
        for check in decision.checks.iter_mut().filter(|check| !check.ok) {
            check.settled = true;
            check.ok = true;
        }
    }

    /// The digest of a table's rows as they were recorded, where the table is still what that record tells of.
    fn recorded(&self, id: NodeId) -> Option<Digest> {
        let entry = self.known.state.entries.get(&self.graph.nodes[id].name)?;
        self.holds(id, entry).then_some(entry.output)?
    }

    /// Whether the database says that the relation is what the entry's run left.
    fn holds(&self, id: NodeId, entry: &Entry) -> bool {
        let found = &self.known.found[id];
        let meta = found.kind.and(found.meta.as_ref());
        entry.relation == self.graph.nodes[id].relation
            && meta.is_some_and(|meta| meta.fingerprint == entry.fingerprint.value && meta.run_id == entry.run_id)
    }

    /// Whether a view that is left as it is was made from what the project says and its upstream relations hold.
    fn is_current(&self, id: NodeId) -> bool {
        let entry = self.known.state.entries.get(&self.graph.nodes[id].name);
        let same = |entry: &Entry| entry.fingerprint.value == self.decisions[id].fingerprint.value;
        entry.is_some_and(|entry| self.holds(id, entry) && same(entry))
    }

    /// What a query that isn't stored gives: its definition, and what it reads.
    fn defined(&self, id: NodeId) -> Option<Digest> {
        let node = &self.graph.nodes[id];
        let fingerprint = &self.decisions[id].fingerprint;
        if node.volatile || !self.decisions[id].unwatched.is_empty() {
            return None;
        }
        // By name, so that the digest is the same wherever the nodes stand in the graph; none where one isn't known.
        let read = node.upstream.iter().map(|up| Some((self.graph.nodes[*up].name.as_str(), self.outputs[*up]?)));
        let read: BTreeMap<&str, Digest> = read.collect::<Option<_>>()?;
        // What is upstream counts by its rows, which are added beside its own components.
        let hash = Tagged::new("fft-view-v1").part(&own(fingerprint, &[Kind::Upstream]).0);
        let hash = read.into_iter().fold(hash, |hash, (name, output)| hash.part(name.as_bytes()).fixed(&output.0));
        Some(hash.finish())
    }
}

/// What each upstream node gave to a node that is built now: what a new entry records. Ephemeral upstream nodes are
/// there, and the relations behind them too.
pub fn upstream_outputs(
    graph: &Graph,
    id: NodeId,
    output: impl Fn(NodeId) -> Option<Digest>,
) -> LiteMap<String, Digest> {
    let read = graph.nodes[id].upstream.iter().copied().chain(relations_upstream(graph, id));
    read.filter_map(|up| Some((graph.nodes[up].name.to_string(), output(up)?))).collect()
}

impl Plan {
    /// The plan with the decisions that a run ended with, and roots and paths as they came out.
    pub fn carried_out(
        mut self,
        graph: &Graph,
        known: (&State, &[Found]),
        cosmetic_skip: bool,
        revised: Vec<Decision>,
    ) -> Plan {
        if revised.is_empty() {
            return self;
        }
        for decision in revised {
            let node = decision.node;
            self.decisions[node] = decision;
        }
        super::root::roots(graph, known, cosmetic_skip, &mut self);
        self
    }
}
