//! Random graphs with random edits, against brute force.

use super::town::Town;
use crate::artifact::results::{ResultRow, Totals, row_of};
use crate::artifact::wire;
use crate::execute::{Outcome, Status};
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
            agree(decision);
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

/// The check that fails for a reason.
fn check_of(code: Code) -> &'static [&'static str] {
    match code {
        Code::Forced | Code::CacheOff | Code::CacheWriteOnly => &["cache_mode"],
        Code::RelationMissing | Code::RelationRenamed | Code::RelationForeign | Code::BuildInterrupted => {
            &["relation", "meta"]
        }
        Code::UpstreamChanged => &["fingerprint", "upstream"],
        Code::SourceUnwatched => &["source"],
        Code::UpstreamRebuilt | Code::UpstreamRecreated => &["upstream"],
        _ => &["fingerprint"],
    }
}

/// Each check fails for a reason of its kind, and each reason that builds has a check that fails.
fn agree(decision: &Decision) {
    let driving = || decision.causes().iter().filter(|cause| cause.drives(false));
    let words = || format!("{:?} {:?}", decision.causes(), decision.checks);
    match decision.action {
        Action::Build => {
            for check in &decision.checks {
                let explained = driving().any(|cause| check_of(cause.code).contains(&check.name.as_str()));
                assert!(check.ok || explained, "{} fails without a reason: {}", check.name.as_str(), words());
            }
            for cause in driving() {
                let failed =
                    |name: &&str| decision.checks.iter().any(|check| check.name.as_str() == *name && !check.ok);
                let all = match cause.code {
                    Code::RelationMissing | Code::RelationRenamed | Code::RelationForeign => {
                        check_of(cause.code).iter().any(failed)
                    }
                    _ => check_of(cause.code).iter().all(failed),
                };
                assert!(all, "{} has no check that fails: {}", cause.code.as_str(), words());
            }
        }
        Action::Skip => assert!(decision.checks.iter().all(|check| check.ok), "{}", words()),
        Action::NotSelected => {}
    }
}

/// What became of each node of a plan when `failing` ones fail.
fn outcomes(graph: &crate::graph::Graph, plan: &Plan, failing: impl Fn(usize) -> bool) -> Vec<Outcome> {
    let mut found: Vec<Outcome> = Vec::new();
    for decision in &plan.decisions {
        let left = |up: &usize| matches!(found[*up].status, Status::Error | Status::Blocked);
        let upstream = graph.nodes[decision.node].upstream.iter().copied().find(left);
        let status = match decision.action {
            Action::Skip => Status::Skipped,
            Action::NotSelected => Status::NotSelected,
            Action::Build if upstream.is_some() => Status::Blocked,
            Action::Build if failing(decision.node) => Status::Error,
            Action::Build => Status::Success,
        };
        let blocked_by = upstream.filter(|_| status == Status::Blocked);
        let blocked_by = blocked_by.map(|up| found[up].blocked_by.unwrap_or(up));
        found.push(Outcome { blocked_by, ..Outcome::instant(decision.node, status) });
    }
    found
}

/// What is written of a node: no check that holds speaks of a reason that doesn't let it hold.
fn no_check_contradicts(row: &ResultRow) {
    let upstream = |cause: &&wire::Cause| cause.is_upstream() && cause.output.is_none();
    let changed: Vec<&wire::Cause> = row.decision.causes.iter().filter(upstream).collect();
    for check in row.decision.checks.iter().filter(|check| check.name == "upstream") {
        assert_eq!(check.ok, changed.is_empty(), "{row:?}");
        let named = changed.iter().any(|cause| check.evidence.contains(cause.name.as_deref().unwrap()));
        assert!(check.ok || named, "{row:?}");
    }
    let told = |check: &&wire::Check| row.decision.causes.iter().any(|cause| check.evidence.contains(&cause.sentence));
    let holds = row.decision.checks.iter().filter(|check| check.ok && row.status != Status::Skipped);
    assert_eq!(holds.filter(told).count(), 0, "{row:?}");
}

/// What a hand or another run may do to one node.
fn disturb(town: &mut Town, id: usize, what: u8) {
    let name = name(id);
    let other = town.graph().nodes[(id + 1) % town.specs.len()].name.clone();
    match what % 8 {
        0 => town.edit(&name),
        1 => drop(town.held.remove(&name)),
        2 => town.held.get_mut(&name).into_iter().for_each(|found| found.meta = None),
        3 => {
            let metas = town.held.get_mut(&name).and_then(|found| found.meta.as_mut());
            metas.into_iter().for_each(|meta| meta.node = other.clone());
        }
        4 => drop(town.state.entries.remove(&crate::name::NodeName::new(name.as_str()))),
        5 => town.node(&name).volatile = true,
        6 => town.node(&name).alias = Some(format!("{name}_moved")),
        _ => town.held.get_mut(&name).into_iter().for_each(|found| found.contested = vec![other.clone(); 2]),
    }
    if what % 8 == 7 {
        town.held.get_mut(&name).into_iter().for_each(|found| found.meta = None);
    }
}

proptest! {
    #[test]
    fn checks_say_what_the_reasons_say(
        (edges, forced, selected) in towns(),
        hands in proptest::collection::vec((0usize..12, any::<u8>()), 0..6),
    ) {
        let mut town = town(&edges);
        town.run_all();
        for (id, what) in hands.iter().filter(|(id, _)| *id < edges.len()) {
            disturb(&mut town, *id, *what);
        }
        let bits = |bits: u16| (0..edges.len()).filter(move |id| bits >> id & 1 == 1);
        let request = Request { selected: bits(!selected).collect(), forced: bits(forced & !selected).collect(), ..Request::default() };
        let plan = town.plan(&request);
        plan.decisions.iter().for_each(agree);
        let roles = |role| plan.decisions.iter().filter(|one| one.role == Some(role)).count();
        let built = plan.decisions.iter().filter(|one| one.action == Action::Build).count();
        prop_assert_eq!(roles(Role::Root) + roles(Role::Mixed) + roles(Role::Cascade), built);
        for decision in plan.decisions.iter().filter(|one| one.action == Action::Build) {
            prop_assert!(!decision.roots.is_empty());
        }
    }

    /// What is written of a run, be it whole, partly failed or of some nodes: checks and causes agree, and the totals are
    /// all nodes.
    #[test]
    fn what_is_written_does_not_contradict_itself(
        (edges, failing, unselected) in towns(),
        hands in proptest::collection::vec((0usize..12, any::<u8>()), 0..6),
    ) {
        let mut town = town(&edges);
        town.run_all();
        for (id, what) in hands.iter().filter(|(id, _)| *id < edges.len()) {
            disturb(&mut town, *id, *what);
        }
        let selected = (0..edges.len()).filter(|id| unselected >> id & 1 == 0).collect();
        let plan = town.plan(&Request { selected, ..Request::default() });
        let graph = town.graph();
        let outcomes = outcomes(&graph, &plan, |id| failing >> id & 1 == 1);
        for outcome in &outcomes {
            no_check_contradicts(&row_of(&graph, &plan, outcome));
        }
        let totals = Totals::of(&plan, &outcomes);
        let all = totals.built + totals.skipped + totals.failed + totals.blocked + totals.not_selected;
        prop_assert_eq!((all, totals.nodes), (edges.len(), edges.len()));
        prop_assert_eq!(totals.roots + totals.mixed + totals.cascading, totals.built);
        prop_assert_eq!(totals.new + totals.changed() + totals.cascading, totals.built);
        prop_assert!(totals.kept <= totals.skipped);
    }

    /// Two checkouts of one project on one database, which take turns, with nodes in the middle whose rows nobody
    /// promises: what changed is built once by whoever comes first, and then nothing is.
    #[test]
    fn two_checkouts_build_nothing_twice(
        (edges, volatile, http) in towns(),
        rounds in proptest::collection::vec((any::<u16>(), any::<u16>(), any::<bool>()), 1..4),
    ) {
        let mut here = town(&edges);
        for id in 0..edges.len() {
            let name = name(id);
            let node = here.node(&name);
            (node.volatile, node.http) = (volatile >> id & 1 == 1, http >> id & 1 == 1);
        }
        here.run_all();
        let mut there = here.clone();
        for (edits, forced, first) in rounds {
            let pair = if first { [&mut here, &mut there] } else { [&mut there, &mut here] };
            let [one, other] = pair;
            for id in (0..edges.len()).filter(|id| edits >> id & 1 == 1) {
                one.edit(&name(id));
            }
            let forced = (0..edges.len()).filter(|id| forced >> id & 1 == 1).collect();
            one.run(&Request { forced, ..one.all() });
            other.specs = one.specs.clone();
            for _ in 0..2 {
                (other.held, other.runs) = (one.held.clone(), one.runs + 100);
                let plan = other.run_all();
                prop_assert!(plan.decisions.iter().all(|one| one.action == Action::Skip), "{:?}", super::town::told(other, &plan));
                (one.held, one.runs) = (other.held.clone(), other.runs + 100);
                let plan = one.run_all();
                prop_assert!(plan.decisions.iter().all(|one| one.action == Action::Skip), "{:?}", super::town::told(one, &plan));
            }
        }
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
