//! Runs that go on where an earlier one, or another checkout, left nodes out.

use super::town::{Town, demo, roots, told};
use crate::artifact::wire;
use crate::plan::*;

#[test]
fn a_run_that_goes_on_names_what_the_one_before_was_built_for() {
    let mut town = demo();
    town.edit("seed_users");
    town.run(&town.only(&["seed_users", "stg_users.ff"]));
    let plan = town.run_all();
    assert_eq!(told(&town, &plan), ["mart.ff Cascade upstream_changed"]);
    assert_eq!(roots(&plan), [(RootKind::Earlier, "seed_users", Code::SeedChanged, 1, 1)]);
    assert_eq!(wire::Root::from(&plan.roots[0]).sentence, "seed changed: seeds/seed_users.csv, built by run run2");
    // What another checkout built is told by its run alone.
    town.edit("stg_users.ff");
    let mut other = town.clone();
    other.runs = 90;
    other.run(&other.only(&["stg_users.ff"]));
    town.held = other.held;
    let plan = town.plan(&town.only(&["mart.ff"]));
    assert_eq!(wire::Root::from(&plan.roots[0]).sentence, "built by run run91");
    assert_eq!(
        wire::Root::from(&plan.roots[0]).clause,
        "stg_users.ff was rebuilt by an earlier run that left these out"
    );
    assert_eq!(plan.roots[0].name, "stg_users.ff");
}

#[test]
fn what_one_earlier_run_built_of_several_nodes_is_one_root() {
    let mut town = Town::new(&[("a", ""), ("b", ""), ("c", "a b")]);
    town.run_all();
    town.edit("a");
    town.edit("b");
    let mut other = town.clone();
    other.runs = 90;
    other.run(&other.only(&["a", "b"]));
    town.held = other.held;
    let plan = town.plan(&town.only(&["c"]));
    assert_eq!(roots(&plan), [(RootKind::Earlier, "run run91", Code::UpstreamChanged, 1, 1)]);
    let root = wire::Root::from(&plan.roots[0]);
    assert_eq!(root.sentence, "built 2 nodes and not all that read them");
    assert_eq!(root.clause, "run run91 rebuilt 2 nodes and left these out");
}
