//! Early cutoff on random graphs: against brute force, and never a stale row.

use super::town::{Town, recorded};
use crate::digest::{Digest, Tagged};
use crate::graph::Materialization;
use crate::plan::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn name(id: usize) -> String {
    format!("n{id:02}")
}

/// What a database has: each table's rows, each view's text.
#[derive(Default)]
struct Database {
    tables: BTreeMap<String, Digest>,
    views: BTreeMap<String, String>,
}

impl Database {
    /// What reading a node gives.
    fn gives(&self, town: &Town, name: &str) -> Digest {
        let spec = town.specs.iter().find(|spec| spec.name == name).unwrap();
        match spec.materialization {
            Materialization::Table | Materialization::Incremental => {
                self.tables.get(name).copied().unwrap_or(Digest([0; 32]))
            }
            Materialization::View => self.query(town, name, self.views.get(name).map_or("", String::as_str)),
            Materialization::Ephemeral => self.query(town, name, &spec.text),
            Materialization::Snapshot => unreachable!("no town of these has one"),
        }
    }

    /// What a text means, up to its first `--`, over what it reads.
    fn query(&self, town: &Town, name: &str, text: &str) -> Digest {
        let spec = town.specs.iter().find(|spec| spec.name == name).unwrap();
        let start = Tagged::new("query").part(text.split("--").next().unwrap().as_bytes());
        spec.upstream.iter().fold(start, |hash, up| hash.part(&self.gives(town, up).0)).finish()
    }

    fn build(&mut self, town: &Town, name: &str) -> Digest {
        let spec = town.specs.iter().find(|spec| spec.name == name).unwrap();
        let rows = self.query(town, name, &spec.text);
        match spec.materialization {
            Materialization::Table | Materialization::Incremental => drop(self.tables.insert(name.into(), rows)),
            Materialization::View => drop(self.views.insert(name.into(), spec.text.clone())),
            Materialization::Ephemeral => {}
            Materialization::Snapshot => unreachable!("no town of these has one"),
        }
        rows
    }
}

/// What each node gives when everything is built anew.
fn fresh(town: &Town) -> Vec<Digest> {
    let mut database = Database::default();
    town.specs.iter().map(|spec| database.build(town, &spec.name)).collect()
}

/// Carries a plan out with early cutoff: the final plan.
fn run(town: &mut Town, database: &mut Database, request: &Request) -> Plan {
    let (plan, graph, found) = (town.plan(request), town.graph(), town.found());
    let state = town.state.clone();
    let known = Known { state: &state, found: &found, mode: request.mode, cosmetic_skip: request.cosmetic_skip };
    let mut cutoff = Cutoff::new(&graph, &plan, known);
    town.runs += 1;
    let run_id = format!("run{}", town.runs);
    for (id, node) in graph.nodes.iter().enumerate() {
        cutoff.decide(id);
        let decision = cutoff.decision(id).clone();
        let built = decision.action == Action::Build;
        let ended = if built { Ended::Built(Some(database.build(town, node.name.as_str()))) } else { Ended::Kept };
        cutoff.ended(id, ended);
        if !built && !decision.takes_fingerprint {
            continue;
        }
        let built_by = |up: usize| Some(town.held.get(&name(up))?.meta.clone()?.run_id);
        let upstream_builds = upstream_builds(&graph, id, built_by);
        let meta = MetaFact {
            node: node.name.clone(),
            upstream_builds: Some(upstream_builds.clone()),
            fingerprint: decision.fingerprint.value,
            run_id: run_id.clone(),
            built_at: "2026-11-22T10:15:00Z".into(),
            other_project: None,
            progress: Progress::Built,
        };
        if node.materialization != Materialization::Ephemeral {
            let found = Found { kind: node.materialization.kind(), meta: Some(meta.clone()), ..Found::default() };
            town.held.insert(name(id), found);
        }
        let entry = Entry {
            node: node.name.clone(),
            relation: node.relation.clone(),
            fingerprint: decision.fingerprint.clone(),
            run_id: run_id.clone(),
            built_at: meta.built_at,
            git_commit: None,
            git_dirty: None,
            hermetic: true,
            upstream_builds,
            outline: None,
            output: cutoff.output(id),
            upstream_outputs: upstream_outputs(&graph, id, |up| cutoff.output(up)),
            by_column: None,
            logic: None,
            identity: None,
            folder: None,
            note: None,
            rows: None,
            rows_under: Vec::new(),
            roots: recorded(&plan, &decision, &run_id),
        };
        if request.mode.writes() {
            town.state.entries.insert(node.name.clone(), entry);
        }
    }
    let revised = (0..graph.nodes.len()).filter_map(|id| cutoff.revised(id).cloned()).collect();
    plan.carried_out(&graph, (&state, &found), request.cosmetic_skip, revised)
}

/// Nodes with a bit for each edge from those before, what each is, which are edited, which edits change rows, and which
/// nodes a first partial run is about.
fn towns() -> impl Strategy<Value = (Vec<(u16, u8)>, u16, u16, u16)> {
    (proptest::collection::vec((any::<u16>(), 0u8..6), 1..10), any::<u16>(), any::<u16>(), any::<u16>())
}

fn town(nodes: &[(u16, u8)]) -> Town {
    let upstream = |id: usize| (0..id).filter(|up| nodes[id].0 >> up & 1 == 1).map(name).collect::<Vec<_>>().join(" ");
    let names: Vec<(String, String)> = (0..nodes.len()).map(|id| (name(id), upstream(id))).collect();
    let mut town = Town::new(&names.iter().map(|(name, up)| (name.as_str(), up.as_str())).collect::<Vec<_>>());
    for (id, (_, kind)) in nodes.iter().enumerate() {
        let spec = town.node(&name(id));
        spec.materialization = match kind {
            _ if spec.upstream.is_empty() => Materialization::Table,
            4 => Materialization::View,
            5 => Materialization::Ephemeral,
            _ => Materialization::Table,
        };
    }
    town
}

fn edit(town: &mut Town, edits: u16, harmful: u16) {
    for id in (0..town.specs.len()).filter(|id| edits >> id & 1 == 1) {
        let text = &mut town.node(&name(id)).text;
        if harmful >> id & 1 == 1 { text.insert_str(0, "other ") } else { text.push_str("-- words\n") }
    }
}

/// Whether it is the proof that a node need not be built.
fn is_proof(code: Code) -> bool {
    matches!(code, Code::AllInputsEqual | Code::CosmeticOnly | Code::UpstreamOutputIdentical)
}

proptest! {
    #[test]
    fn what_is_built_is_what_brute_force_says((nodes, edits, harmful, _) in towns()) {
        let mut town = town(&nodes);
        let mut database = Database::default();
        let all = town.all();
        run(&mut town, &mut database, &all);
        let before = fresh(&town);
        edit(&mut town, edits, harmful);
        let plan = run(&mut town, &mut database, &all);
        let after = fresh(&town);
        let graph = town.graph();
        let mut gives_other = vec![false; nodes.len()];
        let mut touched = vec![false; nodes.len()];
        for (id, node) in graph.nodes.iter().enumerate() {
            let edited = edits >> id & 1 == 1;
            let reads_other = node.upstream.iter().any(|up| gives_other[*up]);
            touched[id] = edited || node.upstream.iter().any(|up| touched[*up]);
            let table = node.materialization == Materialization::Table;
            gives_other[id] =
                if table { before[id] != after[id] } else { edited || reads_other };
            let built = edited || if node.materialization == Materialization::View { touched[id] } else { reads_other };
            let decision = &plan.decisions[id];
            prop_assert_eq!(decision.action == Action::Build, built, "{}: {:?}", name(id), decision.causes());
            prop_assert_eq!(decision.role.is_some(), built);
            let skipped = if touched[id] { Code::UpstreamOutputIdentical } else { Code::AllInputsEqual };
            prop_assert!(built || decision.primary().code == skipped);
            prop_assert!(built || decision.checks.iter().all(|check| check.ok));
            prop_assert!(!built || !decision.roots.is_empty());
            prop_assert_eq!(built, decision.causes().iter().any(|cause| cause.drives(false) && !is_proof(cause.code)));
        }
        let again = town.plan(&all);
        prop_assert!(again.decisions.iter().all(|one| one.primary().code == Code::AllInputsEqual));
    }

    #[test]
    fn no_table_is_left_stale((nodes, edits, harmful, some) in towns()) {
        let mut town = town(&nodes);
        let mut database = Database::default();
        let all = town.all();
        run(&mut town, &mut database, &all);
        edit(&mut town, edits, harmful);
        let alone = (0..nodes.len()).filter(|id| some >> id & 1 == 1).collect();
        let mode = if some >> 15 == 1 { CacheMode::Ro } else { CacheMode::Rw };
        run(&mut town, &mut database, &Request { selected: alone, mode, ..Request::default() });
        edit(&mut town, some, !harmful);
        run(&mut town, &mut database, &all);
        for (id, rows) in fresh(&town).into_iter().enumerate() {
            prop_assert_eq!(database.gives(&town, &name(id)), rows, "{} is stale", name(id));
        }
    }
}
