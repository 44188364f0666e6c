//! Random graphs with random edits, against brute force.

use super::town::Town;
use crate::plan::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Nodes with a bit for each possible edge from those before, and which are edited and which relations are lost.
fn towns() -> impl Strategy<Value = (Vec<u16>, u16, u16)> {
    (proptest::collection::vec(any::<u16>(), 1..12), any::<u16>(), any::<u16>()).prop_map(|(edges, edits, lost)| {
        (edges.iter().map(|bits| bits & (bits >> 3)).collect(), edits, lost & edits >> 1)
    })
}

fn name(id: usize) -> String {
    format!("n{id:02}")
}

fn town(edges: &[u16]) -> Town {
    let upstream = |id: usize| (0..id).filter(|up| edges[id] >> up & 1 == 1).map(name).collect::<Vec<_>>().join(" ");
    let nodes: Vec<(String, String)> = (0..edges.len()).map(|id| (name(id), upstream(id))).collect();
    Town::new(&nodes.iter().map(|(name, upstream)| (name.as_str(), upstream.as_str())).collect::<Vec<_>>())
}

proptest! {
    #[test]
    fn roots_and_paths_are_those_of_brute_force((edges, edits, lost) in towns()) {
        let mut town = town(&edges);
        town.run_all();
        let count = edges.len();
        let edited: Vec<usize> = (0..count).filter(|id| edits >> id & 1 == 1).collect();
        let gone: Vec<usize> = (0..count).filter(|id| lost >> id & 1 == 1).collect();
        edited.iter().for_each(|id| town.edit(&name(*id)));
        for id in &gone {
            town.held.remove(&name(*id));
        }
        let plan = town.plan(&town.all());
        // A lost relation makes its node build and, as all is hermetic, no other.
        let graph = town.graph();
        let below = |id: usize| -> BTreeSet<usize> {
            graph.descendants(&BTreeSet::from([id])).into_iter().chain([id]).collect()
        };
        let changed: BTreeSet<usize> = edited.iter().flat_map(|id| below(*id)).collect();
        for decision in &plan.decisions {
            let id = decision.node;
            let own = edited.contains(&id) || gone.contains(&id);
            prop_assert_eq!(decision.action == Action::Build, own || changed.contains(&id));
            prop_assert!(!decision.causes().is_empty());
            prop_assert_eq!(decision.checks.iter().all(|check| check.ok), decision.action == Action::Skip);
            let role = match (own, changed.contains(&id) && graph.nodes[id].upstream.iter().any(|up| changed.contains(up))) {
                (true, true) => Some(Role::Mixed),
                (true, false) => Some(Role::Root),
                (false, true) => Some(Role::Cascade),
                (false, false) => None,
            };
            prop_assert_eq!(decision.role, role);
            for edge in decision.path.windows(2) {
                let (up, down) = (graph.id(&edge[0]).unwrap(), graph.id(&edge[1]).unwrap());
                prop_assert!(graph.nodes[down].upstream.contains(&up));
            }
            if role.is_some() {
                prop_assert!(decision.path.last().unwrap() == &name(id));
                let first = graph.id(&decision.path[0]).unwrap();
                prop_assert!(edited.contains(&first) || gone.contains(&first));
            }
        }
        if plan.roots.iter().all(|root| root.kind == RootKind::Node) {
            let reached = |root: usize| if edited.contains(&root) { below(root) } else { reach_of_lost(root, &changed, &graph) };
            for root in &plan.roots {
                let id = graph.id(&root.name).unwrap();
                prop_assert_eq!(root.impact, reached(id).len());
            }
            for decision in &plan.decisions {
                let expected: BTreeSet<String> = edited.iter().chain(&gone)
                    .filter(|root| reached(**root).contains(&decision.node)).map(|id| name(*id)).collect();
                let found: BTreeSet<String> = decision.roots.iter().map(|at| plan.roots[*at].name.clone()).collect();
                prop_assert_eq!(found, expected);
            }
            let sole: usize = plan.roots.iter().map(|root| root.sole_impact).sum();
            prop_assert_eq!(sole, plan.decisions.iter().filter(|one| one.roots.len() == 1).count());
        }
    }

    #[test]
    fn a_second_run_skips_everything((edges, edits, lost) in towns()) {
        let mut town = town(&edges);
        town.run_all();
        for id in (0..edges.len()).filter(|id| (edits | lost) >> id & 1 == 1) {
            town.edit(&name(id));
        }
        town.run_all();
        let again = town.plan(&town.all());
        prop_assert!(again.decisions.iter().all(|one| one.action == Action::Skip));
        prop_assert!(again.roots.is_empty());
    }
}

/// A lost relation that is a cascade too hands its own root on to what is rebuilt because of it.
fn reach_of_lost(root: usize, changed: &BTreeSet<usize>, graph: &crate::graph::Graph) -> BTreeSet<usize> {
    let mut reached = BTreeSet::from([root]);
    if changed.contains(&root) {
        reached.extend(graph.descendants(&BTreeSet::from([root])));
    }
    reached
}
