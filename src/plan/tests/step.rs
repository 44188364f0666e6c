//! Steps against the decisions that they come from.

use super::town::Town;
use crate::dialect::RelationKind;
use crate::graph::Materialization;
use crate::plan::*;

fn steps(town: &Town, plan: &Plan) -> Vec<String> {
    let one = |step: Step| {
        let name = &town.specs[step.node()].name;
        match step {
            Step::Build { how: How::Full(kind), .. } => format!("{name}: {}", kind.keyword()),
            Step::Build { how: How::Extend, .. } => format!("{name}: extend"),
            Step::Build { how: How::Versions { .. }, .. } => format!("{name}: versions"),
            Step::Record(_) => format!("{name}: record"),
            Step::Apply(_) => format!("{name}: apply"),
        }
    };
    plan.steps().map(one).collect()
}

fn town() -> Town {
    let mut town = Town::new(&[("seed", ""), ("part.ff", "seed"), ("shown.ff", "part.ff"), ("mart.ff", "part.ff")]);
    town.node("part.ff").materialization = Materialization::Ephemeral;
    town.node("shown.ff").materialization = Materialization::View;
    town
}

#[test]
fn what_has_a_relation_is_a_step_where_it_is_built() {
    let mut town = town();
    let plan = town.run_all();
    assert_eq!(plan.decisions.iter().filter(|decision| decision.action == Action::Build).count(), 4);
    assert_eq!(steps(&town, &plan), ["seed: table", "shown.ff: view", "mart.ff: table"]);
    let built: Vec<String> = plan.built_relations(&town.graph()).map(|relation| relation.to_string()).collect();
    assert_eq!(built, ["demo.seed", "demo.shown", "demo.mart"]);
    assert_eq!(steps(&town, &town.plan(&town.all())), Vec::<String>::new(), "nothing changed");
    town.edit("mart.ff");
    let only = town.plan(&town.only(&["mart.ff"]));
    assert_eq!(only.step(3), Some(Step::Build { node: 3, how: How::Full(RelationKind::Table) }));
    assert!(only.builds(3) && !only.builds(1) && only.step(0).is_none());
}

#[test]
fn a_skip_under_a_new_fingerprint_is_recorded_where_records_are_made() {
    let mut town = town();
    town.run_all();
    for name in ["part.ff", "mart.ff"] {
        town.node(name).text.push_str("-- a remark\n");
    }
    let skip = Request { cosmetic_skip: true, ..town.all() };
    let plan = town.plan(&skip);
    assert!(plan.decisions.iter().all(|decision| decision.action == Action::Skip));
    assert_eq!(steps(&town, &plan), ["shown.ff: record", "mart.ff: record"]);
    assert!(!plan.builds(3) && plan.built_relations(&town.graph()).next().is_none());
    let read_only = Request { mode: CacheMode::Ro, ..skip };
    assert_eq!(steps(&town, &town.plan(&read_only)), Vec::<String>::new());
}
