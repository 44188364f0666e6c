//! Where rebuilding began: roles, roots, their impact, and the path from a root to each cascade.
//!
//! Roots travel downstream as sets in one topological pass, so a node below a diamond counts once.

use super::{Action, Cause, Code, Decision, Plan, Role, Root, RootKind, State};
use crate::graph::{Graph, NodeId};
use std::collections::{BTreeMap, BTreeSet};

/// Fills in each decision's role, roots and path, and the plan's roots.
pub fn roots(graph: &Graph, state: &State, plan: &mut Plan) {
    let everywhere = everywhere(plan);
    let mut found = Found::default();
    let mut sets: Vec<Vec<u64>> = Vec::with_capacity(plan.decisions.len());
    let mut distances: Vec<usize> = vec![0; plan.decisions.len()];
    for id in 0..plan.decisions.len() {
        let mut set = Vec::new();
        if plan.decisions[id].action == Action::Build {
            let (own, upstream) = split(&plan.decisions[id]);
            for cause in &own {
                let key = key(graph, id, cause, &everywhere);
                insert(&mut set, found.index(key, cause));
            }
            let mut from = Vec::new();
            for cause in &upstream {
                let Some(up) = cause.name.as_deref().and_then(|name| graph.id(name)) else { continue };
                if plan.decisions[up].action == Action::Build {
                    join(&mut set, &sets[up]);
                    from.push(up);
                } else {
                    let (key, cause) = earlier(graph, state, up, cause);
                    insert(&mut set, found.index(key, &cause));
                }
            }
            let nearest = from
                .into_iter()
                .min_by_key(|up| (distances[*up], plan.decisions[*up].path.clone(), graph.nodes[*up].name.clone()));
            let role = match (own.is_empty(), upstream.is_empty()) {
                (false, true) => Role::Root,
                (true, _) => Role::Cascade,
                (false, false) => Role::Mixed,
            };
            let mut path = match (role, nearest) {
                (Role::Cascade, Some(up)) => {
                    distances[id] = distances[up] + 1;
                    plan.decisions[up].path.clone()
                }
                (Role::Cascade, None) => upstream.iter().filter_map(|cause| cause.name.clone()).take(1).collect(),
                _ => Vec::new(),
            };
            path.push(graph.nodes[id].name.to_string());
            plan.decisions[id].path = path;
            plan.decisions[id].role = Some(role);
        }
        sets.push(set);
    }
    found.finish(plan, &sets);
}

/// What makes two causes the same root.
type RootKey = (RootKind, String, Code);

#[derive(Default)]
struct Found {
    index: BTreeMap<RootKey, usize>,
    roots: Vec<Root>,
}

impl Found {
    fn index(&mut self, key: RootKey, cause: &Cause) -> usize {
        // A node is one root, whatever number of reasons it has; the first, its primary, names it.
        let id = if key.0 == RootKind::Node { (key.0, key.1.clone(), Code::NotSelected) } else { key.clone() };
        *self.index.entry(id).or_insert_with(|| {
            let (kind, name, code) = key;
            self.roots.push(Root { kind, name, code, sentence: cause.sentence(), impact: 0, sole_impact: 0 });
            self.roots.len() - 1
        })
    }

    fn finish(mut self, plan: &mut Plan, sets: &[Vec<u64>]) {
        let members: Vec<Vec<usize>> = sets.iter().map(|set| indices(set)).collect();
        for roots in &members {
            for root in roots {
                self.roots[*root].impact += 1;
                self.roots[*root].sole_impact += usize::from(roots.len() == 1);
            }
        }
        let mut order: Vec<usize> = (0..self.roots.len()).collect();
        let rank = |root: &Root| (std::cmp::Reverse(root.impact), root.kind, root.name.clone(), root.code);
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

/// Own causes, and those that lie upstream.
fn split(decision: &Decision) -> (Vec<Cause>, Vec<Cause>) {
    decision.causes().iter().cloned().partition(|cause| !cause.code.is_upstream())
}

/// Causes that every node of this run shares: with two nodes or more, they are one root.
fn everywhere(plan: &Plan) -> BTreeSet<(Code, Option<String>)> {
    let mut counts: BTreeMap<(Code, Option<String>), usize> = BTreeMap::new();
    let mut nodes = 0;
    for decision in plan.decisions.iter().filter(|decision| decision.action != Action::NotSelected) {
        nodes += 1;
        let shared = |cause: &&Cause| !cause.code.is_upstream();
        let causes: BTreeSet<_> = decision.causes().iter().filter(shared).map(identity).collect();
        for cause in causes {
            *counts.entry(cause).or_default() += 1;
        }
    }
    counts.into_iter().filter(|(_, count)| *count == nodes && nodes > 1).map(|(cause, _)| cause).collect()
}

/// A cause without the node that it is about.
fn identity(cause: &Cause) -> (Code, Option<String>) {
    let about_node = matches!(cause.code, Code::RelationMissing | Code::RelationForeign | Code::RelationRenamed);
    (cause.code, cause.name.clone().filter(|_| !about_node))
}

fn key(graph: &Graph, id: NodeId, cause: &Cause, everywhere: &BTreeSet<(Code, Option<String>)>) -> RootKey {
    let identity = identity(cause);
    if cause.code.is_global() || everywhere.contains(&identity) {
        let name = identity.1.map_or(cause.code.as_str().to_string(), |name| format!("{} {name}", cause.code.as_str()));
        return (RootKind::Global, name, cause.code);
    }
    (RootKind::Node, graph.nodes[id].name.to_string(), cause.code)
}

/// An upstream node that an earlier run built, without this one's node.
fn earlier(graph: &Graph, state: &State, up: NodeId, cause: &Cause) -> (RootKey, Cause) {
    let name = &graph.nodes[up].name;
    let run = state.entries.get(name).map(|entry| format!("built by run {}", entry.run_id));
    let words = Cause::named(cause.code, name.as_str());
    let words = run.into_iter().fold(words, Cause::detail);
    ((RootKind::Earlier, name.to_string(), cause.code), words)
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
