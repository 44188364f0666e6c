//! Where rebuilding began: roles, roots, their impact, and the path from a root to each cascade.
//!
//! Roots travel downstream as sets in one topological pass, so a node below a diamond counts once.

use super::path::Paths;
use super::{Action, Cause, Code, Decision, Found, Plan, RecordedRoot, Role, Root, RootKind, Since, State, Why};
use crate::fingerprint::Kind;
use crate::graph::{Graph, NodeId};
use std::collections::{BTreeMap, BTreeSet};

/// Fills in each decision's role, roots and path, and the plan's roots.
pub(super) fn roots(graph: &Graph, known: (&State, &[Found]), cosmetic_skip: bool, plan: &mut Plan) {
    let mut origins = Origins::new(graph, known, cosmetic_skip, plan);
    for id in 0..plan.decisions.len() {
        let role = origins.visit(id, &plan.decisions);
        let (path, path_elided) = origins.path(id, &plan.decisions);
        let decision = &mut plan.decisions[id];
        (decision.role, decision.path, decision.path_elided) = (role, path, path_elided);
    }
    origins.roots.finish(plan, &origins.sets);
}

/// Where the nodes visited so far were rebuilt from. Each is visited once, behind all its upstream nodes.
pub(super) struct Origins<'a> {
    graph: &'a Graph,
    state: &'a State,
    found: &'a [Found],
    everywhere: BTreeSet<(Code, Option<String>)>,
    cosmetic_skip: bool,
    roots: Roots,
    /// The roots of each node, as bits.
    sets: Vec<Vec<u64>>,
    paths: Paths<'a>,
}

impl<'a> Origins<'a> {
    pub fn new(
        graph: &'a Graph,
        (state, found): (&'a State, &'a [Found]),
        cosmetic_skip: bool,
        plan: &Plan,
    ) -> Origins<'a> {
        let (roots, sets) = (Roots::default(), vec![Vec::new(); plan.decisions.len()]);
        let (everywhere, paths) = (everywhere(plan), Paths::new(graph));
        Origins { graph, state, found, everywhere, cosmetic_skip, roots, sets, paths }
    }

    /// The role of a node.
    pub fn visit(&mut self, id: NodeId, decisions: &[Decision]) -> Option<Role> {
        if decisions[id].action != Action::Build {
            return None;
        }
        let (set, role) = self.node(id, decisions);
        self.sets[id] = set;
        role
    }

    /// The path to a node that was visited, and how many names were left out of it.
    pub fn path(&self, id: NodeId, decisions: &[Decision]) -> (Vec<String>, usize) {
        if decisions[id].action == Action::Build { self.paths.names(id) } else { Default::default() }
    }

    /// The roots and the role of a node that is built.
    fn node(&mut self, id: NodeId, decisions: &[Decision]) -> (Vec<u64>, Option<Role>) {
        let driving = decisions[id].causes().iter().filter(|cause| cause.drives(self.cosmetic_skip));
        let (upstream, own): (Vec<&Cause>, Vec<&Cause>) = driving.partition(|cause| cause.code.is_upstream());
        let mut set = Vec::new();
        for cause in &own {
            insert(&mut set, self.own_root(id, cause));
        }
        let mut from = Vec::new();
        for cause in &upstream {
            let Some(up) = cause.name.as_deref().and_then(|name| self.graph.id(name)) else { continue };
            from.push(up);
            if decisions[up].action == Action::Build {
                join(&mut set, &self.sets[up]);
            } else {
                self.earlier_roots(up, cause.code).into_iter().for_each(|root| insert(&mut set, root));
            }
        }
        if !own.is_empty() {
            self.paths.start(id);
            return (set, Some(if upstream.is_empty() { Role::Root } else { Role::Mixed }));
        }
        self.paths.extend(id, &from);
        (set, Some(Role::Cascade))
    }

    fn own_root(&mut self, id: NodeId, cause: &Cause) -> usize {
        let identity = identity(cause);
        // A variable that a template now reads, or no longer does, changed for no other node.
        let here = cause.code == Code::EnvChanged && cause.before.is_none() && cause.after.is_none();
        if (cause.code.is_global() && !here) || self.everywhere.contains(&identity) {
            // What is told of one node alone isn't told of all.
            let bare = identity.1.is_none() && (cause.name.is_some() || cause.code == Code::FirstBuild);
            let cause = if bare { Cause { kind: cause.kind, ..Cause::new(cause.code) } } else { cause.clone() };
            return self.roots.place(RootKind::Global, global_name(&cause, identity.1), Why::Cause(Box::new(cause)));
        }
        let name = self.graph.nodes[id].name.to_string();
        self.roots.place(RootKind::Node, name, Why::Cause(Box::new(cause.clone())))
    }

    /// Of an upstream node that an earlier run built without this one's node, or whose text stands in this one's: what
    /// it was built for, where that is recorded, else itself.
    fn earlier_roots(&mut self, up: NodeId, code: Code) -> Vec<usize> {
        let node = &self.graph.nodes[up];
        let found = &self.found[up];
        let meta = found.kind.and(found.meta.as_ref());
        let entry = self.state.entries.get(&node.name);
        let entry = entry.filter(|entry| meta.is_some_and(|meta| meta.run_id == entry.run_id));
        let recorded = entry.map_or(&[][..], |entry| entry.roots.as_slice());
        if !recorded.is_empty() {
            let place = |root: &RecordedRoot| {
                self.roots.place(RootKind::Earlier, root.name.clone(), Why::Recorded(root.clone()))
            };
            return recorded.iter().map(place).collect();
        }
        let since = match meta {
            _ if !self.graph.has_relation(up) => Since::TextChanged,
            Some(meta) => return vec![self.roots.built_by(&meta.run_id, node.name.as_str(), code)],
            None if found.kind.is_some() => Since::Unrecorded(found.contested.clone()),
            None => Since::Missing,
        };
        vec![self.roots.place(RootKind::Earlier, node.name.to_string(), Why::Since(code, since))]
    }
}

#[derive(Default)]
struct Roots {
    index: BTreeMap<(RootKind, String), usize>,
    roots: Vec<Root>,
}

impl Roots {
    /// A node is one root, whatever number of reasons it has; the first, its primary, names it. What hits every node
    /// is a root for each such reason.
    fn place(&mut self, kind: RootKind, name: String, why: Why) -> usize {
        *self.index.entry((kind, name.clone())).or_insert_with(|| {
            self.roots.push(Root { kind, name, why, impact: 0, sole_impact: 0 });
            self.roots.len() - 1
        })
    }

    /// A node that an earlier run built: of one such run, all are one root.
    fn built_by(&mut self, run: &str, node: &str, code: Code) -> usize {
        let since = Since::Built { run: run.to_string(), nodes: BTreeSet::new() };
        let root = self.place(RootKind::Earlier, format!("run {run}"), Why::Since(code, since));
        if let Why::Since(_, Since::Built { nodes, .. }) = &mut self.roots[root].why {
            nodes.insert(node.to_string());
        }
        root
    }

    fn finish(mut self, plan: &mut Plan, sets: &[Vec<u64>]) {
        let members: Vec<Vec<usize>> = sets.iter().map(|set| indices(set)).collect();
        for roots in &members {
            for root in roots {
                self.roots[*root].impact += 1;
                self.roots[*root].sole_impact += usize::from(roots.len() == 1);
            }
        }
        // A single node says more than its run.
        for root in &mut self.roots {
            if let Why::Since(_, Since::Built { nodes, .. }) = &root.why
                && nodes.len() == 1
            {
                root.name = nodes.iter().next().expect("invariant: just counted").clone();
            }
        }
        let mut order: Vec<usize> = (0..self.roots.len()).collect();
        let rank = |root: &Root| (std::cmp::Reverse(root.impact), root.kind, root.name.clone(), root.why.code());
        order.sort_by_key(|index| rank(&self.roots[*index]));
        let mut place = vec![0; order.len()];
        for (new, old) in order.iter().enumerate() {
            place[*old] = new;
        }
        for (decision, roots) in plan.decisions.iter_mut().zip(members) {
            decision.roots = roots.into_iter().map(|root| place[root]).collect();
            decision.roots.sort_unstable();
        }
        plan.roots = order.into_iter().map(|index| self.roots[index].clone()).collect();
    }
}

/// Causes that every node of this run shares: with two nodes or more, they are one root.
fn everywhere(plan: &Plan) -> BTreeSet<(Code, Option<String>)> {
    let mut counts: BTreeMap<(Code, Option<String>), usize> = BTreeMap::new();
    let mut nodes = 0;
    for decision in plan.decisions.iter().filter(|decision| decision.action != Action::NotSelected) {
        nodes += 1;
        let shared = |cause: &&Cause| !cause.code.is_upstream() && cause.drives(false);
        let causes: BTreeSet<_> = decision.causes().iter().filter(shared).map(identity).collect();
        for cause in causes {
            *counts.entry(cause).or_default() += 1;
        }
    }
    counts.into_iter().filter(|(_, count)| *count == nodes && nodes > 1).map(|(cause, _)| cause).collect()
}

/// A cause without the node that it is about.
fn identity(cause: &Cause) -> (Code, Option<String>) {
    let about_node = matches!(
        cause.code,
        Code::RelationMissing | Code::RelationForeign | Code::BuildInterrupted | Code::RelationRenamed
    );
    (cause.code, cause.name.clone().filter(|_| !about_node))
}

/// `env FF_X`, `engine`, `first_build`.
fn global_name(cause: &Cause, name: Option<String>) -> String {
    match (cause.kind, name) {
        (Some(Kind::Engine | Kind::Profile), _) | (None, None) => {
            cause.code.as_str().trim_end_matches("_changed").into()
        }
        (Some(kind), Some(name)) => format!("{kind} {name}"),
        (Some(kind), None) => kind.to_string(),
        (None, Some(name)) => format!("{} {name}", cause.code.as_str()),
    }
}

fn insert(set: &mut Vec<u64>, bit: usize) {
    if set.len() <= bit / 64 {
        set.resize(bit / 64 + 1, 0);
    }
    set[bit / 64] |= 1 << (bit % 64);
}

fn join(set: &mut Vec<u64>, other: &[u64]) {
    if set.len() < other.len() {
        set.resize(other.len(), 0);
    }
    for (word, more) in set.iter_mut().zip(other) {
        *word |= more;
    }
}

fn indices(set: &[u64]) -> Vec<usize> {
    let bits = |(word, bits): (usize, &u64)| {
        (0..64).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| word * 64 + bit).collect::<Vec<_>>()
    };
    set.iter().enumerate().flat_map(bits).collect()
}
