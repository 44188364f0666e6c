//! The sentence of a run: failures first, then roots; of quiet and first runs that they were.

use crate::artifact::wire::{Failed, Root, RunResults, Summary, Totals, headline, shown_name};
use serde_json::json;

fn root(name: &str, clause: &str, impact: usize) -> Root {
    let root = json!({
        "clause": clause, "code": "sql_changed", "impact": impact, "kind": "node", "name": name,
        "sentence": format!("SQL changed: models/{name}.sql"), "sole_impact": impact,
    });
    serde_json::from_value(root).unwrap()
}

fn run(totals: Totals, roots: Vec<Root>) -> Summary {
    let results = json!({
        "cache_mode": "rw", "duration_ms": 87, "engine": "e", "interrupted": false, "profile": "dev", "results": null,
        "metadata": {"git": {"commit": null}, "project": "p", "run_id": "r", "schema_version": "1.0", "tool_version": "0"},
        "roots": roots, "run_finished_at": "", "run_started_at": "", "totals": totals,
    });
    serde_json::from_value::<RunResults<()>>(results).unwrap()
}

fn told(totals: Totals, roots: Vec<Root>) -> String {
    headline(&run(totals, roots), &[], |name| name == "both")
}

fn built(built: usize, skipped: usize) -> Totals {
    Totals { built, skipped, nodes: built + skipped, roots: 1, cascading: built - 1, ..Totals::default() }
}

#[test]
fn roots_are_told_the_first_three_by_name() {
    let seed = root("seed_users", "one row was added to seed_users", 3);
    let stg = root("stg_users.ff", "the SQL of stg_users.ff was edited", 2);
    assert_eq!(
        told(built(3, 4), vec![seed.clone(), stg.clone()]),
        "Rebuilt 3 of 7 nodes: one row was added to seed_users, and the SQL of stg_users was edited."
    );
    let many = vec![seed, stg, root("a", "a is new", 1), root("b", "b is new", 1), root("c", "c is new", 1)];
    assert_eq!(
        told(built(3, 4), many),
        "Rebuilt 3 of 7 nodes: one row was added to seed_users, the SQL of stg_users was edited, a is new, and 2 more \
         causes."
    );
    // One edit of several nodes is told once; a name that another node has keeps its suffix.
    let twice = vec![root("a", "the macro m was edited", 1), root("b", "the macro m was edited", 1)];
    assert_eq!(told(built(2, 0), twice), "Rebuilt all 2 nodes: the macro m was edited.");
    let both = vec![root("both.ff", "the SQL of both.ff was edited", 1)];
    assert_eq!(told(built(1, 1), both), "Rebuilt 1 of 2 nodes: the SQL of both.ff was edited.");
}

#[test]
fn a_quiet_run_and_a_first_one_say_so() {
    assert_eq!(
        told(Totals { skipped: 7, nodes: 7, ..Totals::default() }, vec![]),
        "Nothing changed: all 7 nodes are up to date."
    );
    let kept = Totals { skipped: 7, kept: 2, nodes: 7, ..Totals::default() };
    assert_eq!(
        told(kept, vec![]),
        "Nothing was rebuilt: all 7 nodes are up to date, 2 of them in spite of edits, which change no row."
    );
    let selected = Totals { skipped: 4, nodes: 1310, not_selected: 1306, ..Totals::default() };
    assert_eq!(told(selected, vec![]), "Nothing changed: all 4 selected nodes are up to date.");
    let none = Totals { nodes: 1310, not_selected: 1310, ..Totals::default() };
    assert_eq!(told(none, vec![]), "Nothing to do: none of 1,310 nodes was selected.");
    let first = Totals { built: 7, new: 7, roots: 7, nodes: 7, ..Totals::default() };
    assert_eq!(told(first.clone(), vec![]), "First build: 7 nodes in 87 ms.");
    assert_eq!(told(Totals { skipped: 2, nodes: 9, ..first }, vec![]), "First build of 7 of 9 nodes in 87 ms.");
}

#[test]
fn failures_come_first() {
    let totals = Totals { failed: 1, blocked: 12, built: 2, nodes: 15, ..Totals::default() };
    let failed = |name, message| Failed { name, message, at: Some("models/stg_users.ff.sql:5:7") };
    let one = [failed("stg_users.ff", "no function trimm.\nLINE 5: …")];
    let run = |totals: &Totals, failed: &[Failed<'_>]| headline(&run(totals.clone(), vec![]), failed, |_| false);
    assert_eq!(
        run(&totals, &one),
        "1 node failed and 12 wait for it: stg_users — no function trimm (models/stg_users.ff.sql:5:7)."
    );
    let many: Vec<Failed<'_>> = ["a", "b", "c", "d", "e"].map(|name| Failed { name, message: "boom", at: None }).into();
    let told = run(&Totals { failed: 5, blocked: 1, ..totals.clone() }, &many);
    assert_eq!(told, "5 nodes failed and 1 waits for them: a — boom; b — boom; c — boom; and 2 more.");
    let long = "x".repeat(500);
    let told = run(&totals, &[Failed { name: "a", message: &long, at: None }]);
    assert!(told.chars().count() < 220 && told.ends_with("x…."), "{told}");
}

#[test]
fn a_record_of_an_older_fft_gets_a_sentence_from_what_it_has() {
    let older = json!({
        "cache_mode": "rw", "duration_ms": 87, "engine": "e", "interrupted": false, "profile": "dev", "results": [],
        "metadata": {"git": {"commit": null}, "project": "p", "run_id": "r", "schema_version": "1.0", "tool_version": "0"},
        "roots": [{
            "code": "seed_changed", "impact": 2, "kind": "node", "name": "people", "sentence": "seed changed", "sole_impact": 2,
        }],
        "run_finished_at": "", "run_started_at": "", "totals": {
            "blocked": 0, "built": 2, "cascading": 1, "failed": 0, "nodes": 3, "not_selected": 0, "roots": 1, "skipped": 1,
        },
    });
    let results: RunResults = serde_json::from_value(older).unwrap();
    assert_eq!(results.completed().sentence, "Rebuilt 2 of 3 nodes: the rows of people changed.");
    assert_eq!(
        [shown_name("a.ff", |_| false), shown_name("a.ff", |_| true), shown_name(".ff", |_| false)],
        ["a", "a.ff", ".ff"]
    );
}
