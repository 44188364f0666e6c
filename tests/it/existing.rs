//! A project as FastFlowTransform lays them out, with models of one name for several engines: it is read as it stands, runs
//! on each engine that is here, and a second run has nothing to do.

use crate::postgres;
use crate::project::{CHECKOUT, Sandbox, copy};
use std::path::Path;

/// `tests/existing/`, as it is in this checkout.
fn existing() -> Sandbox {
    let sandbox = Sandbox::empty();
    copy(&Path::new(CHECKOUT).join("tests/existing"), sandbox.root());
    sandbox
}

fn holds(sandbox: &Sandbox, profile: &str) {
    let run = format!("run . --env {profile} --no-docs");
    sandbox.fft(&format!("ci-check . --env {profile}")).expect(0).says("nothing is wrong");
    sandbox.fft(&format!("ls . --env {profile} -v")).expect(0).says("people.ff").says("best").says("domains.ff");
    sandbox.fft(&run).expect(0).says("4 built");
    sandbox.fft(&run).expect(0).says("0 built").says("4 skipped");
    // What is written for another engine is nothing to this one.
    let other = "models/engines/snowflake_snowpark/domains.ff.sql";
    sandbox.write(other, &(sandbox.read(other) + "\n-- edited\n"));
    sandbox.fft(&run).expect(0).says("0 built");
    // Nor is Python needed for macros that were asked before.
    let text = sandbox.read(".fastflowtransform/python_macros.json");
    assert!(text.contains("my-shop"), "{text}");
}

#[test]
fn it_runs_on_duckdb_as_it_stands() {
    let sandbox = existing();
    holds(&sandbox, "dev_duckdb");
    let query = |sql: &str| sandbox.query(".local/existing.duckdb", sql);
    assert_eq!(query("select id, built_by from analytics.best"), ["2|duckdb"]);
    assert_eq!(query("select * from analytics.domains order by 1"), ["example.com|1", "example.org|1"]);
    let first = "select email, score, country, shop from analytics.people order by id limit 1";
    assert_eq!(query(first), ["ada@example.com|1|DE|my-shop"]);
    let manifest: serde_json::Value =
        serde_json::from_str(&sandbox.read(".fastflowtransform/target/manifest.json")).unwrap();
    let (node, source) = (&manifest["nodes"]["people.ff"], &manifest["sources"]["crm.users"]);
    assert_eq!(node["description"], "One row a person.");
    assert_eq!((&source["provided_by"], &source["columns"]["id"]), (&"users".into(), &"Number.".into()));
    assert_eq!(source["meta"]["owner"], "sales");
}

#[test]
fn it_runs_on_postgres_as_it_stands() {
    let Some(dsn) = postgres::server::database() else { return };
    let mut sandbox = existing();
    sandbox.set("FF_PG_DSN", &dsn);
    holds(&sandbox, "dev_postgres");
    assert_eq!(postgres::query(&dsn, "select id, built_by from analytics.best"), ["2|postgres"]);
    assert_eq!(postgres::query(&dsn, "select count(*) from raw.seed_users"), ["2"]);
}

/// Of an engine that isn't here it is known what would be built.
#[test]
fn it_can_be_checked_for_engines_that_are_elsewhere() {
    let mut sandbox = existing();
    sandbox.set("FF_BQ_PROJECT", "p");
    let listed = "ls . --env dev_bigquery -v";
    sandbox
        .fft(listed)
        .expect(0)
        .says("models/engines/bigquery/pandas/best.ff.py")
        .says("bigframes/best.ff.py): FF_ENGINE");
    sandbox.set("FF_ENGINE_VARIANT", "bigframes");
    sandbox.fft(listed).expect(0).says("pandas/best.ff.py): FF_ENGINE=bigquery, FF_ENGINE_VARIANT=pandas");
    let ran = sandbox.fft("check . --env dev_duckdb --engine snowflake").expect(2);
    ran.says("`domains.ff` refers to unknown node `people_of_the_account`");
}
