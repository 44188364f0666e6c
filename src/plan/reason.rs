//! Reasons that lie in records, in the database, in the command line or in an upstream relation.

use super::decide::{Compared, Pass};
use super::{Action, Cause, Code, Detail, Entry, Progress, Unsettled, Unsteady};
use crate::dialect::RelationKind;
use crate::fingerprint::{FORMAT, Fingerprint, Kind, Unwatched};
use crate::graph::{Graph, Node, NodeId};
use litemap::LiteMap;
use std::collections::BTreeSet;

impl Pass<'_> {
    /// Every reason but the component differences and those of [`Pass::upstream_causes`].
    pub(super) fn state_causes(&self, id: NodeId, compared: &Compared<'_>) -> Vec<Cause> {
        let mut causes = self.asked(id);
        let (Some(entry), Some(comparison)) = (compared.entry.as_deref(), &compared.comparison) else {
            let mut cause = match self.state.unreadable.as_ref().or(self.state.newer.as_ref()) {
                Some(reason) => Cause::new(Code::CacheUnreadable).detail(Detail::Unreadable(reason.clone())),
                None => Cause::new(Code::FirstBuild),
            };
            let relation = &self.graph.nodes[id].relation;
            let renamed = self.renamed_from(&compared.fingerprint).map(|old| Detail::SameCodeAs(old.node.clone()));
            // A first build would silently take the place of what somebody else made.
            let adopts = self.unowned(id, None).then(|| {
                if self.request.adopt { Detail::Adopts(relation.clone()) } else { self.found[id].owner(relation) }
            });
            cause.details.extend(renamed.into_iter().chain(adopts));
            causes.push(cause);
            return causes;
        };
        if comparison.reformatted {
            causes.push(
                Cause::new(Code::FormatUpgraded)
                    .detail(Detail::Formats(entry.fingerprint.format.clone(), FORMAT.into())),
            );
        }
        if comparison.rekeyed {
            causes.push(Cause::new(Code::KeyRotated));
        }
        if comparison.unexplained {
            causes.push(Cause::new(Code::Unexplained));
        }
        causes.extend(self.relation_cause(id, entry));
        causes
    }

    /// The entry of a node that is gone and that had the code of one that no build is recorded of.
    pub(super) fn renamed_from(&self, fingerprint: &Fingerprint) -> Option<&Entry> {
        let text = |fingerprint: &Fingerprint| {
            let kind =
                fingerprint.components.iter().map(|one| one.kind).find(|kind| kind.is_text() && *kind != Kind::Hook)?;
            Some((kind, fingerprint.semantic?))
        };
        let wanted = text(fingerprint)?;
        self.gone.iter().copied().find(|entry| text(&entry.fingerprint) == Some(wanted))
    }

    /// Whether something stands in the relation's place that another project built, or of which neither the database nor
    /// a record of any node says that fft built it.
    pub(super) fn unowned(&self, id: NodeId, entry: Option<&Entry>) -> bool {
        let (found, relation) = (&self.found[id], &self.graph.nodes[id].relation);
        self.graph.has_relation(id)
            && entry.is_none_or(|entry| found.is_of_another_project(entry))
            && found.kind.is_some()
            && found.contested.is_empty()
            && match &found.meta {
                None => !self.state.entries.values().any(|entry| entry.relation == *relation),
                Some(meta) => meta.other_project.is_some(),
            }
    }

    /// What the command line asks for.
    pub(super) fn asked(&self, id: NodeId) -> Vec<Cause> {
        let forced = self.request.forced.contains(&id).then(|| Cause::new(Code::Forced));
        let mode = match self.request.mode {
            super::CacheMode::Off => Some(Cause::new(Code::CacheOff)),
            super::CacheMode::Wo => Some(Cause::new(Code::CacheWriteOnly)),
            super::CacheMode::Ro | super::CacheMode::Rw => None,
        };
        let keeps_history = self.graph.nodes[id].materialization.keeps_history();
        let pruned = self.request.keep_last.filter(|_| keeps_history);
        let pruned = pruned.map(|versions| Cause::new(Code::PruneAsked).detail(Detail::KeepsLast(versions)));
        forced.into_iter().chain(pruned).chain(mode).collect()
    }

    /// Why the relation isn't what the entry's build left.
    pub(super) fn relation_cause(&self, id: NodeId, entry: &Entry) -> Option<Cause> {
        let node = &self.graph.nodes[id];
        if !self.graph.has_relation(id) {
            return None;
        }
        let found = &self.found[id];
        let relation = node.relation.to_string();
        if entry.relation != node.relation {
            return Some(Cause::named(Code::RelationRenamed, format!("{} → {relation}", entry.relation)));
        }
        let foreign = |detail: Detail| Some(Cause::named(Code::RelationForeign, relation.clone()).detail(detail));
        match (&found.kind, &found.meta) {
            (None, _) => Some(Cause::named(Code::RelationMissing, relation)),
            (Some(_), None) => foreign(Detail::Unrecorded(found.contested.clone())),
            _ if found.is_of_another_project(entry) => foreign(found.owner(&node.relation)),
            (Some(_), Some(meta)) if meta.node != node.name => {
                foreign(Detail::BuiltAs { node: meta.node.clone(), run: meta.run_id.clone() })
            }
            (Some(_), Some(meta)) if meta.progress == Progress::Begun => {
                let detail = Detail::ByRun(meta.run_id.clone());
                Some(Cause::named(Code::BuildInterrupted, relation).detail(detail))
            }
            (Some(_), Some(meta)) if meta.fingerprint != entry.fingerprint.value => {
                foreign(Detail::BuiltFrom { run: meta.run_id.clone(), fingerprint: meta.fingerprint })
            }
            (Some(kind), _) if *kind != self.kind_of(entry, node) => foreign(Detail::OtherKind),
            _ if found.is_replaced(entry) => foreign(Detail::Replaced),
            (_, Some(meta)) if meta.progress == Progress::Extending => {
                Some(Cause::named(Code::BuildInterrupted, relation))
            }
            // The text of such a view is the same everywhere, its paths aren't.
            _ if node.holds_paths() && entry.folder != self.request.folder => foreign(Detail::OtherFolder),
            (_, Some(meta)) if node.holds_paths() && meta.run_id != entry.run_id => {
                foreign(Detail::PerhapsOtherFolder(meta.run_id.clone()))
            }
            _ => None,
        }
    }

    /// The kind of relation that the entry's build left.
    pub(super) fn kind_of(&self, entry: &Entry, node: &Node) -> RelationKind {
        let asked = entry.materialization().unwrap_or(node.materialization);
        // What made none is compared as a table.
        asked.kind().unwrap_or(RelationKind::Table)
    }

    /// Upstream relations that were rebuilt and don't promise equal rows under an equal fingerprint. Where the
    /// fingerprint of the way to one changed too, the difference says so already.
    pub(super) fn upstream_causes(&self, id: NodeId, entry: &Entry, fingerprint: &Fingerprint) -> Vec<Cause> {
        // What isn't stored holds no rows of theirs.
        if !self.graph.has_relation(id) {
            return Vec::new();
        }
        let made_over = self.made_over(id, entry);
        let direct = self.graph.nodes[id].upstream.iter();
        let equal = direct.filter(|up| {
            let id = (Kind::Upstream, self.graph.nodes[**up].name.as_str());
            component(&entry.fingerprint, id) == component(fingerprint, id)
        });
        let open: Vec<NodeId> = equal.copied().collect();
        relations(self.graph, open).into_iter().filter_map(|up| self.rebuilt(up, made_over)).collect()
    }

    /// The run that had built each upstream relation when what stands was made from them. Where another checkout has
    /// built it since, from the same inputs, only the database knows.
    fn made_over<'b>(&'b self, id: NodeId, entry: &'b Entry) -> &'b LiteMap<String, String> {
        let newer = self.found[id].meta.as_ref().filter(|meta| meta.run_id != entry.run_id);
        newer.and_then(|meta| meta.upstream_builds.as_ref()).unwrap_or(&entry.upstream_builds)
    }

    /// Data whose rows the node holds and of which nothing tells whether it changed. A view holds none: it shows what is
    /// there, and what is built from it has these reasons.
    pub(super) fn unwatched_causes(&self, id: NodeId, unwatched: &[Unwatched]) -> Vec<Cause> {
        if !self.request.build_unwatched || !self.graph.nodes[id].materialization.stores_rows() {
            return Vec::new();
        }
        let cause = |one: &Unwatched| {
            let detail = Detail::Unwatched { through: one.through.clone(), why: one.why.clone() };
            Cause::named(Code::SourceUnwatched, &one.name).detail(detail)
        };
        unwatched.iter().map(cause).collect()
    }

    /// Upstream relations that are missing and built in this run, where the node is a view that was made over what had
    /// their names before: it goes on reading that.
    pub(super) fn left_behind(&self, id: NodeId) -> Vec<Cause> {
        if !self.request.bound_views || self.found[id].kind != Some(RelationKind::View) {
            return Vec::new();
        }
        let recreated = |up: &NodeId| self.decisions[*up].action == Action::Build && self.found[*up].kind.is_none();
        let cause = |up: NodeId| {
            let name = self.graph.nodes[up].name.as_str();
            Cause::named(Code::UpstreamRecreated, name).detail(Detail::BoundToBefore)
        };
        relations_upstream(self.graph, id).into_iter().filter(recreated).map(cause).collect()
    }

    /// Why a node's rows may differ under an equal fingerprint.
    fn unsteady(&self, mut id: NodeId) -> Option<Unsteady> {
        let mut over = None;
        loop {
            let node = &self.graph.nodes[id];
            let next = node.upstream.iter().copied().find(|up| !self.decisions[*up].hermetic);
            let unwatched = self.decisions[id].unwatched.iter().find(|one| one.through.is_none());
            let why = match unwatched {
                _ if self.decisions[id].hermetic => return None,
                _ if node.materialization.keeps_history() => Unsettled::History,
                _ if node.volatile => Unsettled::Volatile,
                _ if node.materialization.is_extended() => Unsettled::Extended,
                Some(one) => Unsettled::Unwatched(one.name.clone()),
                None if next.is_some() => {
                    id = next.expect("invariant: just seen");
                    over = Some(self.graph.nodes[id].name.clone());
                    continue;
                }
                None if self.state.entries.contains_key(&node.name) => Unsettled::Requested,
                None => Unsettled::MayRequest,
            };
            return Some(Unsteady { over, why });
        }
    }

    fn rebuilt(&self, up: NodeId, made_over: &LiteMap<String, String>) -> Option<Cause> {
        let name = self.graph.nodes[up].name.as_str();
        let found = &self.found[up];
        let decision = &self.decisions[up];
        let cause = |detail: Detail| {
            let mut cause = Cause::named(Code::UpstreamRebuilt, name).detail(detail);
            cause.details.extend(self.unsteady(up).map(Detail::Unsteady));
            Some(cause)
        };
        // Nothing promises that an unknown hand left the rows that this node was built from.
        if decision.action == Action::NotSelected && found.kind.is_some() && found.meta.is_none() {
            return cause(Detail::Unrecorded(found.contested.clone()));
        }
        if decision.hermetic {
            return None;
        }
        if decision.action == Action::Build {
            return cause(Detail::InThisRun);
        }
        let built_now = &found.meta.as_ref()?.run_id;
        if made_over.get(name) == Some(built_now) { None } else { cause(Detail::ByRun(built_now.clone())) }
    }
}

/// Presence and digest of a component.
fn component(fingerprint: &Fingerprint, id: (Kind, &str)) -> Option<(bool, crate::digest::Digest)> {
    let components = &fingerprint.components;
    components.iter().find(|one| one.id() == id).map(|one| (one.present, one.digest))
}

/// The nearest upstream nodes that have relations: ephemeral ones are looked through. Ascending, each once.
pub fn relations_upstream(graph: &Graph, id: NodeId) -> Vec<NodeId> {
    relations(graph, graph.nodes[id].upstream.clone())
}

/// The ephemeral nodes between a node and the relations that it reads.
pub fn ephemeral_upstream(graph: &Graph, id: NodeId) -> BTreeSet<NodeId> {
    walk(graph, graph.nodes[id].upstream.clone()).1
}

fn relations(graph: &Graph, open: Vec<NodeId>) -> Vec<NodeId> {
    walk(graph, open).0.into_iter().collect()
}

/// The relations that `open` leads to, and the ephemeral nodes on the way.
fn walk(graph: &Graph, mut open: Vec<NodeId>) -> (BTreeSet<NodeId>, BTreeSet<NodeId>) {
    let mut relations = BTreeSet::new();
    let mut ephemeral = BTreeSet::new();
    while let Some(up) = open.pop() {
        if graph.has_relation(up) {
            relations.insert(up);
        } else if ephemeral.insert(up) {
            open.extend(&graph.nodes[up].upstream);
        }
    }
    (relations, ephemeral)
}

/// Names of the nearest upstream relations with the run that built each: what a new entry records.
pub fn upstream_builds(
    graph: &Graph,
    id: NodeId,
    built_by: impl Fn(NodeId) -> Option<String>,
) -> LiteMap<String, String> {
    relations_upstream(graph, id)
        .into_iter()
        .filter_map(|up| Some((graph.nodes[up].name.to_string(), built_by(up)?)))
        .collect()
}
