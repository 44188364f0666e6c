//! Edits of small projects, and what is said of each node after.

use super::town::{Town, demo, roots, said, told};
use crate::artifact::wire::{self, summary};
use crate::dialect::RelationKind;
use crate::graph::{Materialization, NodeId};
use crate::plan::*;
use std::collections::BTreeSet;

#[test]
fn a_first_build_is_one_global_root_and_the_second_run_skips() {
    let mut town = demo();
    let again = town.run_all();
    assert_eq!(told(&town, &again), Vec::<String>::new());
    assert_eq!(summary(&again.decisions[4]), "7/7 inputs equal to run run1 · relation exists");
    town.state = State::default();
    let first = town.plan(&town.all());
    assert_eq!(roots(&first), [(RootKind::Global, "first_build", Code::FirstBuild, 5, 5)]);
    assert!(first.decisions.iter().all(|one| one.role == Some(Role::Root)));
}

#[test]
fn a_seed_cascades_along_its_path() {
    let mut town = demo();
    town.edit("seed_users");
    let plan = town.run_all();
    let expected =
        ["seed_users Root seed_changed", "stg_users.ff Cascade upstream_changed", "mart.ff Cascade upstream_changed"];
    assert_eq!(told(&town, &plan), expected);
    assert_eq!(plan.decisions[4].path, ["seed_users", "stg_users.ff", "mart.ff"]);
    assert_eq!(summary(&plan.decisions[4]), "← seed_users → stg_users.ff");
    assert_eq!(roots(&plan), [(RootKind::Node, "seed_users", Code::SeedChanged, 3, 3)]);
    assert_eq!(told(&town, &town.plan(&town.all())), Vec::<String>::new());
}

#[test]
fn two_roots_above_a_diamond_count_each_node_once() {
    let mut town = Town::new(&[("a", ""), ("b", ""), ("l.ff", "a"), ("r.ff", "a b"), ("z.ff", "l.ff r.ff")]);
    town.run_all();
    town.edit("a");
    town.edit("b");
    town.edit("r.ff");
    let plan = town.run_all();
    let node = RootKind::Node;
    let expected = [
        (node, "a", Code::SeedChanged, 4, 2),
        (node, "b", Code::SeedChanged, 3, 1),
        (node, "r.ff", Code::SqlChanged, 2, 0),
    ];
    assert_eq!(roots(&plan), expected);
    let sets: Vec<_> = plan.decisions.iter().map(|one| one.roots.clone()).collect();
    assert_eq!(sets, [vec![0], vec![1], vec![0], vec![0, 1, 2], vec![0, 1, 2]]);
    assert_eq!(plan.decisions[3].role, Some(Role::Mixed));
    assert_eq!(plan.decisions[4].path, ["r.ff", "z.ff"]);
}

#[test]
fn one_variable_is_one_global_root() {
    let mut town = demo();
    town.env("FF_A", "2", true);
    let plan = town.run_all();
    assert!(plan.decisions.iter().all(|one| one.primary().code == Code::EnvChanged));
    assert_eq!(said(plan.decisions[0].primary()), "env changed: FF_A (1 → 2)");
    assert_eq!(roots(&plan), [(RootKind::Global, "env FF_A", Code::EnvChanged, 5, 5)]);
}

#[test]
fn what_an_earlier_partial_run_built_is_an_earlier_root() {
    let mut town = demo();
    town.edit("stg_users.ff");
    town.run(&town.only(&["stg_users.ff"]));
    let plan = town.run_all();
    assert_eq!(told(&town, &plan), ["mart.ff Cascade upstream_changed"]);
    assert_eq!(roots(&plan), [(RootKind::Earlier, "stg_users.ff", Code::SqlChanged, 1, 1)]);
    assert_eq!(wire::Root::from(&plan.roots[0]).sentence, "SQL changed: models/stg_users.ff.sql, built by run run2");
    assert_eq!(plan.decisions[4].path, ["stg_users.ff", "mart.ff"]);
}

#[test]
fn an_unselected_upstream_counts_as_what_its_relation_holds() {
    let mut town = demo();
    town.edit("stg_users.ff");
    let alone = town.run(&town.only(&["mart.ff"]));
    assert_eq!(alone.decisions[4].action, Action::Skip);
    let plan = town.plan(&town.all());
    assert_eq!(told(&town, &plan), ["stg_users.ff Root sql_changed", "mart.ff Cascade upstream_changed"]);
}

#[test]
fn nobody_vouches_for_an_unselected_relation_without_a_row() {
    let mut town = demo();
    town.held.get_mut("stg_users.ff").unwrap().meta = None;
    town.run(&town.only(&["mart.ff"]));
    let plan = town.plan(&town.only(&["mart.ff"]));
    assert_eq!(plan.decisions[4].primary().code, Code::UpstreamRebuilt);
}

#[test]
fn an_ephemeral_change_reaches_the_node_that_holds_its_text() {
    let mut town = demo();
    town.node("stg_users.ff").materialization = Materialization::Ephemeral;
    town.run_all();
    town.edit("stg_users.ff");
    let plan = town.plan(&town.only(&["mart.ff"]));
    assert_eq!(plan.decisions[4].primary().code, Code::UpstreamChanged);
    let plan = town.run_all();
    assert_eq!(told(&town, &plan), ["stg_users.ff Root sql_changed", "mart.ff Cascade upstream_changed"]);
    assert_eq!(told(&town, &town.plan(&town.all())), Vec::<String>::new());
}

#[test]
fn dependencies_come_and_go_by_name() {
    let mut town = demo();
    town.node("mart.ff").upstream = vec!["stg_orders.ff".into(), "seed_users".into()];
    let plan = town.plan(&town.all());
    assert_eq!(told(&town, &plan), ["mart.ff Root dependency_added dependency_removed"]);
    let sentences: Vec<_> = plan.decisions[4].causes().iter().map(said).collect();
    assert_eq!(sentences, ["dependency added: seed_users", "dependency removed: stg_users.ff"]);
}

#[test]
fn an_alias_renames_the_relation() {
    let mut town = demo();
    town.node("mart.ff").alias = Some("users".into());
    let plan = town.plan(&town.all());
    assert_eq!(told(&town, &plan), ["mart.ff Root config_changed relation_renamed"]);
    assert_eq!(said(&plan.decisions[4].causes()[1]), "relation renamed: demo.mart → demo.users");
}

#[test]
fn a_view_in_a_tables_place_is_foreign() {
    let mut town = demo();
    town.held.get_mut("mart.ff").unwrap().kind = Some(RelationKind::View);
    let plan = town.plan(&town.all());
    assert_eq!(told(&town, &plan), ["mart.ff Root relation_foreign"]);
}

#[test]
fn a_failure_is_told_and_the_last_success_is_the_baseline() {
    let mut town = demo();
    let failure = Failure { node: town.graph().nodes[4].name.clone(), run_id: "run2".into(), message: "no".into() };
    town.state.failures.insert(failure.node.clone(), failure);
    assert_eq!(told(&town, &town.plan(&town.all())), Vec::<String>::new(), "the relation still holds the last success");
    town.edit("seed_users");
    let plan = town.plan(&town.all());
    assert_eq!(told(&town, &plan)[2], "mart.ff Cascade upstream_changed previous_build_failed");
    assert_eq!(plan.decisions[4].baseline.as_ref().unwrap().run_id, "run1");
    assert_eq!(roots(&plan).len(), 1);
}

#[test]
fn only_what_is_not_hermetic_makes_others_rebuild_under_an_equal_fingerprint() {
    let force = |change: fn(&mut Town)| {
        let mut town = demo();
        change(&mut town);
        town.run_all();
        town.held.get_mut("stg_users.ff").unwrap().kind = None;
        told(&town, &town.plan(&town.all()))
    };
    let alone = ["stg_users.ff Root relation_missing"];
    let both = ["stg_users.ff Root relation_missing", "mart.ff Cascade upstream_rebuilt"];
    assert_eq!(force(|_| {}), alone);
    assert_eq!(force(|town| town.node("stg_users.ff").volatile = true), both);
    assert_eq!(force(|town| town.node("stg_users.ff").external = true), both);
    assert_eq!(force(|town| town.entry("stg_users.ff").hermetic = false), both);
    assert_eq!(force(|town| town.entry("seed_users").hermetic = false), both, "it hangs on what is not hermetic");
}

#[test]
fn a_view_over_a_missing_relation_is_made_anew_where_views_hold_on_to_relations() {
    let mut town = demo();
    town.node("mart.ff").materialization = Materialization::View;
    town.run_all();
    town.held.get_mut("stg_users.ff").unwrap().kind = None;
    let alone = ["stg_users.ff Root relation_missing"];
    assert_eq!(told(&town, &town.plan(&town.all())), alone);
    //: | `upstream_recreated` | it is a view, a relation that it reads is missing and built in this run, and the engine's views hold on to relations and not to names: it would go on reading what had the name before |
    let bound = Request { bound_views: true, ..town.all() };
    let plan = town.plan(&bound);
    assert_eq!(told(&town, &plan), [alone[0], "mart.ff Cascade upstream_recreated"]);
    assert_eq!(plan.decisions[4].path, ["stg_users.ff", "mart.ff"]);
    assert_eq!(roots(&plan), [(RootKind::Node, "stg_users.ff", Code::RelationMissing, 2, 2)]);
    // A table holds its rows, whatever became of those that it was made from.
    town.node("mart.ff").materialization = Materialization::Table;
    town.held.get_mut("mart.ff").unwrap().kind = Some(RelationKind::Table);
    let codes: Vec<_> = town.plan(&bound).decisions[4].causes().iter().map(|cause| cause.code).collect();
    assert!(!codes.contains(&Code::UpstreamRecreated), "{codes:?}");
}

#[test]
fn what_an_earlier_run_rebuilt_without_a_promise_is_rebuilt_after() {
    let mut town = demo();
    town.node("stg_users.ff").volatile = true;
    let mut only = town.only(&["stg_users.ff"]);
    only.forced = only.selected.clone();
    town.run(&only);
    let plan = town.run_all();
    assert_eq!(told(&town, &plan), ["mart.ff Cascade upstream_rebuilt"]);
    assert_eq!(said(plan.decisions[4].primary()), "upstream rebuilt: stg_users.ff (by run run2, volatile)");
    assert_eq!(told(&town, &town.plan(&town.all())), Vec::<String>::new());
}

#[test]
fn comments_build_unless_they_are_to_be_skipped_and_then_downstream_too() {
    let mut town = demo();
    town.node("stg_users.ff").text.push_str("-- said\n");
    let plan = town.plan(&town.all());
    assert_eq!(told(&town, &plan), ["stg_users.ff Root sql_changed", "mart.ff Cascade upstream_changed"]);
    assert_eq!(plan.decisions[3].primary().cosmetic, Some(true));
    let skip = Request { cosmetic_skip: true, ..town.all() };
    let mut other = town.clone();
    let plan = town.run(&skip);
    assert_eq!(
        told(&town, &plan),
        ["stg_users.ff cosmetic_only sql_changed", "mart.ff upstream_output_identical upstream_changed"]
    );
    assert!(plan.decisions.iter().all(|one| one.action == Action::Skip && one.checks.iter().all(|check| check.ok)));
    assert_eq!(told(&town, &town.plan(&skip)), Vec::<String>::new());
    other.edit("seed_orders");
    let plan = other.plan(&skip);
    assert_eq!(told(&other, &plan)[3], "mart.ff Cascade upstream_changed upstream_changed");
    assert_eq!(roots(&plan), [(RootKind::Node, "seed_orders", Code::SeedChanged, 3, 3)]);
}

#[test]
fn what_is_set_at_a_relation_is_applied_where_it_stands_and_builds_nothing_downstream() {
    let mut town = demo();
    town.node("stg_users.ff").readers = vec!["reporting".into()];
    let plan = town.plan(&town.all());
    assert_eq!(
        told(&town, &plan),
        ["stg_users.ff settings_applied config_changed", "mart.ff upstream_output_identical upstream_changed"]
    );
    assert!(plan.decisions.iter().all(|one| one.action == Action::Skip && one.checks.iter().all(|check| check.ok)));
    assert_eq!(said(plan.decisions[3].primary()), "settings applied: grants (select to reporting given)");
    assert_eq!(said(&plan.decisions[4].causes()[1]), "upstream changed: stg_users.ff (its rows are the same)");
    assert_eq!(plan.step(3), Some(Step::Apply(3)));
    assert_eq!(plan.step(4), Some(Step::Record(4)));
    assert!(plan.roots.is_empty() && !plan.writes_nothing());
    // Nobody would know what was given, where nothing is recorded.
    let unrecorded = town.plan(&Request { mode: CacheMode::Ro, ..town.all() });
    assert_eq!(told(&town, &unrecorded)[0], "stg_users.ff Root config_changed");
    // With an edit it is set anew, when the rows are.
    let mut edited = town.clone();
    edited.edit("stg_users.ff");
    let plan = edited.plan(&edited.all());
    assert_eq!(told(&edited, &plan)[0], "stg_users.ff Root sql_changed config_changed");
    assert_eq!(plan.step(3), Some(Step::Build { node: 3, how: How::Full(RelationKind::Table) }));
    // Where only that node was run, what reads it is still of the same rows.
    town.run(&town.only(&["stg_users.ff"]));
    let plan = town.run_all();
    assert_eq!(told(&town, &plan), ["mart.ff upstream_output_identical upstream_changed"]);
    assert_eq!(told(&town, &town.plan(&town.all())), Vec::<String>::new());
    // What is taken away is applied as well.
    town.node("stg_users.ff").readers.clear();
    let plan = town.run_all();
    assert_eq!(said(plan.decisions[3].primary()), "settings applied: grants (select from reporting taken)");
    assert_eq!(told(&town, &town.plan(&town.all())), Vec::<String>::new());
}

#[test]
fn a_rotated_key_is_one_cause_and_hides_no_other() {
    let mut town = demo();
    town.env("FF_B", "hidden", false);
    town.run_all();
    town.key = Some("k".into());
    let plan = town.plan(&town.all());
    assert!(plan.decisions.iter().all(|one| one.causes().len() == 1 && one.primary().code == Code::KeyRotated));
    assert_eq!(roots(&plan), [(RootKind::Global, "key_rotated", Code::KeyRotated, 5, 5)]);
    town.edit("seed_users");
    town.env("FF_A", "9", true);
    let plan = town.plan(&town.all());
    assert_eq!(told(&town, &plan)[0], "seed_orders Root env_changed key_rotated");
    assert_eq!(told(&town, &plan)[1], "seed_users Root env_changed seed_changed key_rotated");
    let mut town = demo();
    town.project.env.vars.clear();
    town.run_all();
    town.key = Some("k".into());
    assert_eq!(told(&town, &town.plan(&town.all())), Vec::<String>::new(), "no leaf is under the key");
}

#[test]
fn a_record_that_contradicts_itself_is_unexplained() {
    let mut town = demo();
    town.entry("mart.ff").fingerprint.value = crate::digest::Digest([3; 32]);
    let plan = town.plan(&town.all());
    assert_eq!(told(&town, &plan), ["mart.ff Root relation_foreign unexplained"]);
}

#[test]
fn a_read_only_build_leaves_its_entry_stale() {
    let mut town = demo();
    town.edit("mart.ff");
    town.run(&Request { mode: CacheMode::Ro, ..town.all() });
    assert_eq!(told(&town, &town.plan(&town.all())), ["mart.ff Root sql_changed relation_foreign"]);
}

#[test]
fn a_long_chain_has_bounded_paths() {
    let names: Vec<String> = (0..1000).map(|at| format!("n{at:04}")).collect();
    let chain: Vec<(&str, &str)> =
        (0..1000).map(|at| (names[at].as_str(), if at == 0 { "" } else { names[at - 1].as_str() })).collect();
    let mut town = Town::new(&chain);
    town.run_all();
    town.edit("n0000");
    let plan = town.plan(&town.all());
    let last = &plan.decisions[999];
    assert_eq!((last.path.len(), last.path_elided), (PATH_LIMIT, 950));
    assert_eq!((last.path[24].as_str(), last.path[25].as_str()), ("n0024", "n0975"));
    assert!(summary(last).contains(" → … 989 more … → n09"), "{}", summary(last));
    assert_eq!((plan.decisions[49].path.len(), plan.decisions[49].path_elided), (50, 0));
    assert_eq!(roots(&plan), [(RootKind::Node, "n0000", Code::SeedChanged, 1000, 1000)]);
}

#[test]
fn a_relation_that_nobody_made_is_named_before_it_is_replaced() {
    let mut town = demo();
    town.state.entries.remove(&crate::name::NodeName::new("mart.ff"));
    town.held.get_mut("mart.ff").unwrap().meta = None;
    let plan = town.plan(&town.all());
    assert_eq!(summary(&plan.decisions[4]), "first build (demo.mart exists, and no record says that fft built it)");
    assert_eq!(plan.decisions[4].replaces.as_ref().map(ToString::to_string).as_deref(), Some("demo.mart"));
    let plan = town.plan(&Request { adopt: true, ..town.all() });
    assert_eq!(summary(&plan.decisions[4]), "first build (adopts demo.mart)");
    // Another node's record of the relation is a record.
    let moved = Entry { relation: town.graph().nodes[4].relation.clone(), ..town.entry("stg_users.ff").clone() };
    town.state.entries.insert(moved.node.clone(), moved);
    assert_eq!(town.plan(&town.all()).decisions[4].replaces, None);
}

#[test]
fn one_edit_that_makes_several_roots_is_a_group() {
    let mut town = demo();
    let root = |name: &str, edited: Option<&str>| wire::Root {
        blocked: 0,
        clause: String::new(),
        failed: 0,
        columns: None,
        code: Code::SqlChanged.into(),
        edited: edited.map(String::from),
        impact: 0,
        kind: RootKind::Node.into(),
        name: name.into(),
        sentence: String::new(),
        sole_impact: 0,
    };
    let roots =
        [root("a", Some("macro x in m.sql:1 changed")), root("b", None), root("c", Some("macro x in m.sql:1 changed"))];
    let sets: [&[usize]; 4] = [&[0], &[0, 2], &[1], &[1, 2]];
    let found = wire::groups(&roots, sets.into_iter());
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].impact, found[0].roots.join(" "), found[0].sentence.as_str()),
        (3, "a c".into(), "macro x in m.sql:1 changed")
    );
    town.edit("seed_users");
    let plan = town.plan(&town.all());
    assert_eq!(wire::groups_of(&plan, &wire::Root::all(&plan)), []);
}

#[test]
fn a_renamed_model_is_told_by_the_name_that_it_had() {
    let mut town = demo();
    town.node("mart.ff").name = "market.ff".into();
    town.node("market.ff").text = "select 'market'\n".into();
    let plan = town.plan(&town.all());
    assert_eq!(summary(&plan.decisions[4]), "first build");
    // It has the other one's text.
    town.node("market.ff").text = "select 'mart.ff'\n".into();
    let plan = town.plan(&town.all());
    assert_eq!(summary(&plan.decisions[4]), "first build (was mart.ff, same code)");
    assert_eq!(wire::Root::from(&plan.roots[0]).sentence, "first build (was mart.ff, same code)");
    assert_eq!(plan.decisions[4].renamed_from.as_ref().unwrap().as_str(), "mart.ff");
}

#[test]
fn it_is_said_why_rows_may_differ_under_an_equal_fingerprint() {
    let sentence = |change: fn(&mut Town)| {
        let mut town = demo();
        change(&mut town);
        town.run_all();
        change(&mut town);
        town.held.get_mut("stg_users.ff").unwrap().kind = None;
        said(town.plan(&town.all()).decisions[4].primary())
    };
    let because = |why: &str| format!("upstream rebuilt: stg_users.ff (in this run, {why})");
    assert_eq!(sentence(|town| town.node("stg_users.ff").volatile = true), because("volatile"));
    let external = because("reads crm.users, which nothing watches");
    assert_eq!(sentence(|town| town.node("stg_users.ff").external = true), external);
    assert_eq!(
        sentence(|town| town.entry("stg_users.ff").hermetic = false),
        because("made of what HTTP requests gave")
    );
    assert_eq!(sentence(|town| town.node("seed_users").volatile = true), because("over seed_users, which is volatile"));
}

#[test]
fn a_snapshot_is_left_to_its_verb_and_what_reads_it_follows_its_runs() {
    let mut town = Town::new(&[("seed", ""), ("snap.ff", "seed"), ("mart.ff", "snap.ff")]);
    town.node("snap.ff").materialization = Materialization::Snapshot;
    let (all, snap): (BTreeSet<NodeId>, BTreeSet<NodeId>) = ((0..3).collect(), [1].into());
    let run = Request { selected: all.difference(&snap).copied().collect(), left: snap.clone(), ..town.all() };
    let snapshot = Request { selected: snap, ..town.all() };
    let plan = town.run(&run);
    assert_eq!((plan.decisions[1].action, plan.decisions[1].primary().code), (Action::NotSelected, Code::SnapshotLeft));
    assert_eq!(town.run(&snapshot).decisions[1].primary().code, Code::FirstBuild);
    town.run(&run);
    assert_eq!(town.run(&run).decisions[2].primary().code, Code::AllInputsEqual);
    assert_eq!(town.run(&snapshot).decisions[1].primary().code, Code::AllInputsEqual);
    // Another state of the rows, and back to the first one: of that there are two more versions.
    let before = town.node("seed").text.clone();
    town.edit("seed");
    town.run(&Request { selected: [0, 1].into(), ..town.all() });
    town.node("seed").text = before;
    town.run(&Request { selected: [0, 1].into(), ..town.all() });
    let plan = town.run(&run);
    let cause = plan.decisions[2].primary();
    assert_eq!(
        (cause.code, cause.name.as_deref()),
        (Code::UpstreamRebuilt, Some("snap.ff")),
        "equal fingerprints, other rows"
    );
    assert!(cause.details.iter().any(|one| matches!(one, Detail::Unsteady(Unsteady { why: Unsettled::History, .. }))));
    // Old versions are pruned by a build, and only of snapshots.
    let pruning = Request { keep_last: Some(2), ..snapshot };
    assert_eq!(town.plan(&pruning).decisions[1].primary().code, Code::PruneAsked);
    // A history isn't given up for another materialization, nor for a new beginning, without being told of.
    let relation = |plan: &Plan| plan.decisions[1].discards.as_ref().map(ToString::to_string);
    assert_eq!(relation(&town.plan(&pruning)), None);
    let anew = Request { anew: true, forced: [1].into(), ..pruning };
    assert_eq!(relation(&town.plan(&anew)).as_deref(), Some("demo.snap"));
    town.node("snap.ff").materialization = Materialization::Table;
    assert_eq!(relation(&town.plan(&town.all())).as_deref(), Some("demo.snap"));
}
