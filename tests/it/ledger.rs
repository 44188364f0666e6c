//! What the database itself records of its builds: a checkout without records of its own skips with the same proof and
//! explains with the same components as the one that built.

use crate::project::{Ran, Sandbox, copy};
use serde_json::Value;
use std::fs;

/// A project of every kind of node, its database outside of it.
fn shop() -> (Sandbox, tempfile::TempDir) {
    let warehouse = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::new();
    let database = warehouse.path().join("shared.duckdb");
    sandbox.write(
        "profiles.yml",
        &format!("dev:\n  engine: duckdb\n  duckdb:\n    path: '{}'\n    db_schema: analytics\n", database.display()),
    );
    sandbox.write("seeds/people.csv", "id,name\n1,Ada\n2,Grace\n");
    sandbox.write("macros/m.sql", "{% macro tidy(x) %}trim({{ x }}){% endmacro %}\n");
    sandbox.write("models/stg.ff.sql", "select id, {{ tidy('name') }} as name\nfrom {{ ref('people') }}\n");
    sandbox.write("models/seen.ff.sql", "{{ config(materialized='view') }}select id, name from {{ ref('stg') }}\n");
    sandbox.write("models/part.ff.sql", "{{ config(materialized='ephemeral') }}select id from {{ ref('seen') }}\n");
    sandbox.write("models/over.ff.sql", "{{ config(materialized='ephemeral') }}select id from {{ ref('part') }}\n");
    sandbox.write("models/mart.ff.sql", "select count(*) as n from {{ ref('over') }}\n");
    sandbox.write(
        "models/py.ff.py",
        "from fastflowtransform import model\n\nFACTOR = 2\n\n\n@model(name=\"py\", deps=[\"stg.ff\"])\n\
         def build(stg: list) -> list:\n    return [{\"n\": row[\"id\"] * FACTOR} for row in stg]\n",
    );
    (sandbox, warehouse)
}

/// A checkout of the same files without a record of any build.
pub fn clone_of(sandbox: &Sandbox) -> Sandbox {
    let clone = Sandbox::empty();
    copy(sandbox.root(), clone.root());
    fs::remove_dir_all(clone.path(".fastflowtransform")).ok();
    fs::remove_dir_all(clone.path("site")).ok();
    clone
}

#[track_caller]
fn built(sandbox: &Sandbox, arguments: &str) -> Vec<String> {
    sandbox.fft(arguments).expect(0);
    let rows = sandbox.rows();
    rows.iter().filter(|(_, row)| row.status == "success").map(|(name, _)| name.clone()).collect()
}

/// The proof of each node's skip.
fn proofs(sandbox: &Sandbox) -> Vec<(String, Value)> {
    let checks = |row: &crate::project::Row| row.whole["decision"]["checks"].clone();
    sandbox.rows().iter().map(|(name, row)| (name.clone(), checks(row))).collect()
}

#[test]
fn a_fresh_clone_skips_with_the_same_proof() {
    let (here, _warehouse) = shop();
    here.fft("run").expect(0);
    here.fft("run").expect(0).says("7 skipped");
    let there = clone_of(&here);
    there.fft("plan --fail-on build").expect(0);
    there.fft("run --expect-no-rebuild").expect(0).says("0 built · 7 skipped: all inputs equal");
    assert_eq!(proofs(&there), proofs(&here));
    // What it took over is its own from now on, and agrees with what stands.
    there.fft("verify").expect(0);
    there.fft("run").expect(0).says("0 built · 7 skipped: all inputs equal");
    here.fft("run").expect(0).says("0 built · 7 skipped: all inputs equal");
}

#[test]
fn a_fresh_clone_builds_what_was_edited_and_says_why() {
    let (here, _warehouse) = shop();
    here.fft("run").expect(0);
    let there = clone_of(&here);
    there.write(
        "models/part.ff.sql",
        "{{ config(materialized='ephemeral') }}select id + 1 as id from {{ ref('seen') }}\n",
    );
    assert_eq!(built(&there, "run"), ["mart.ff", "over.ff", "part.ff"]);
    let rows = there.rows();
    assert_eq!((&*rows["part.ff"].primary_code, &*rows["mart.ff"].primary_code), ("sql_changed", "upstream_changed"));
    there.write("models/py.ff.py", &there.read("models/py.ff.py").replace("FACTOR = 2", "FACTOR = 3"));
    let other = clone_of(&there);
    assert_eq!(built(&other, "run"), ["py"]);
    assert_eq!(other.rows()["py"].primary_code, "python_changed");
    other.fft("verify").expect(0);
}

/// What early cutoff knows of rows is in the database too.
#[test]
fn a_fresh_clone_cuts_off_where_the_checkout_that_built_would() {
    let (here, _warehouse) = shop();
    here.write("project.yml", &(here.read("project.yml") + "run: {cutoff: true}\n"));
    here.fft("run").expect(0);
    let stg = here.read("models/stg.ff.sql");
    let mut last = here;
    // The second clone has rows of nodes that were built, and of some that took a new fingerprint.
    for limit in ["id > 0", "id > -1"] {
        let there = clone_of(&last);
        // The same rows by another text.
        there.write("models/stg.ff.sql", &format!("{stg}where {limit}\n"));
        there.fft("run").expect(0);
        let rows = there.rows();
        assert_eq!((&*rows["stg.ff"].status, &*rows["stg.ff"].primary_code), ("success", "sql_changed"));
        for cut in ["mart.ff", "py"] {
            let row = &rows[cut];
            assert_eq!((&*row.status, &*row.primary_code), ("skipped", "upstream_output_identical"), "{cut}, {limit}");
        }
        there.fft("verify").expect(0);
        last = there;
    }
    // Other rows are other rows.
    let there = clone_of(&last);
    there.write("models/stg.ff.sql", &format!("{stg}where id > 1\n"));
    let built = built(&there, "run");
    assert!(["mart.ff", "py", "stg.ff"].iter().all(|name| built.contains(&name.to_string())), "{built:?}");
}

/// Records that are older than what stands: what stands counts.
#[test]
fn older_records_give_way_to_what_stands() {
    let (here, _warehouse) = shop();
    here.fft("run").expect(0);
    let there = clone_of(&here);
    there.fft("run").expect(0);
    here.write("models/stg.ff.sql", "select id, upper(name) as name\nfrom {{ ref('people') }}\n");
    assert_eq!(built(&here, "run"), ["mart.ff", "over.ff", "part.ff", "py", "seen.ff", "stg.ff"]);
    there.fft("verify").expect(0).says("  4 relations built by another checkout since: its record is in the database");
    // Its files are as they were: it says what it does to the other's build, component by component.
    there.fft("plan").expect(0).says("SQL changed: models/stg.ff.sql");
    assert_eq!(built(&there, "run"), ["mart.ff", "over.ff", "part.ff", "py", "seen.ff", "stg.ff"]);
    assert_eq!(there.rows()["stg.ff"].primary_code, "sql_changed");
    there.fft("verify").expect(0);
}

/// The text before the change is the commit's, where that has it.
#[test]
fn the_text_before_comes_from_git() {
    let (here, _warehouse) = shop();
    let git = |arguments: &str| {
        let mut command = here.command("git");
        let identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
        Ran::of({
            command.args(identity).args(arguments.split(' '));
            command
        })
        .expect(0);
    };
    here.write(".gitignore", ".fastflowtransform/\nsite/\n");
    git("init -q");
    here.write("helpers/tools.py", "import os\n\n\ndef twice(n):\n    return n * 2\n");
    here.write(
        "models/py.ff.py",
        "from fastflowtransform import model\nfrom helpers.tools import twice\n\nFACTOR = 2\nOTHER = 7\n\n\n\
         @model(name=\"py\", deps=[\"stg.ff\"])\ndef build(stg: list) -> list:\n    \
         return [{\"n\": twice(row[\"id\"]) * FACTOR} for row in stg]\n",
    );
    git("add -A");
    git("commit -q -m first");
    here.fft("run").expect(0);
    let there = clone_of(&here);
    there.write("models/stg.ff.sql", "select id, upper({{ tidy('name') }}) as name\nfrom {{ ref('people') }}\n");
    there.write("seeds/people.csv", "id,name\n1,Ada\n2,Grace\n3,Edsger\n");
    there.fft("plan").expect(0).says("seed changed: seeds/people.csv (+1 row)");
    there.fft("run").expect(0);
    let ran = there.fft("explain stg").expect(0).says("because template models/stg.ff.sql was modified");
    assert!(ran.stdout.contains("-select id, {{ tidy('name') }} as name\n"), "{}", ran.stdout);
    // A Python model goes by the part of its file that it reaches, which depends on what it imports.
    let there = clone_of(&here);
    there.write("models/py.ff.py", &here.read("models/py.ff.py").replace("FACTOR = 2", "FACTOR = 3"));
    there.fft("plan").expect(0).says("Python changed: build (constant FACTOR in models/py.ff.py:4)");
    there.fft("run").expect(0);
    let ran = there.fft("explain py").expect(0);
    assert!(ran.stdout.contains("-FACTOR = 2\n"), "{}", ran.stdout);
    // A commit that doesn't have the text that was built is not believed.
    let (here, _warehouse) = shop();
    let git = |arguments: &str| {
        Ran::of({
            let mut command = here.command("git");
            command.args(["-c", "user.name=t", "-c", "user.email=t@example.com"]).args(arguments.split(' '));
            command
        })
    };
    git("init -q").expect(0);
    git("add -A").expect(0);
    git("commit -q -m first").expect(0);
    here.write("models/stg.ff.sql", "select id, 'other' as name\nfrom {{ ref('people') }}\n");
    here.fft("run").expect(0);
    let there = clone_of(&here);
    there.write("models/stg.ff.sql", "select id, 'third' as name\nfrom {{ ref('people') }}\n");
    there.fft("run").expect(0);
    let ran = there.fft("explain stg").expect(0).says("SQL changed: models/stg.ff.sql");
    assert!(!ran.stdout.contains("tidy"), "{}", ran.stdout);
    assert!(ran.stdout.contains("not at hand"), "{}", ran.stdout);
}

/// Nothing is believed of a record that somebody altered, that is of another project, or that is missing.
#[test]
fn a_record_that_does_not_fit_is_none() {
    let (here, warehouse) = shop();
    here.fft("run").expect(0);
    let database = warehouse.path().join("shared.duckdb");
    let alter = |sql: &str| drop(crate::project::query(&database, sql));
    alter("update analytics._ff_meta set record = '1:' || substr(record, 40) where node_name = 'stg.ff'");
    let there = clone_of(&here);
    there.fft("plan").expect(0).says("stg.ff").says("first build");
    // Rows of another project.
    let there = clone_of(&here);
    there.write("project.yml", &there.read("project.yml").replace("name: story", "name: another"));
    let planned = there.fft("plan").expect(0);
    assert!(planned.stdout.contains("7 to build"), "{}", planned.stdout);
    // They are that project's: nothing of them is replaced unasked.
    let refused = there.fft("run").expect(1).says("was built by another project, story, in run ");
    assert!(refused.stderr.contains("`--adopt` replaces it"), "{}", refused.stderr);
    here.fft("run").expect(0).says("0 built · 7 skipped: all inputs equal");
    // The table of an earlier version: its rows go on to vouch for what they vouched for, and it is brought to its present
    // form by the next run that builds.
    alter(
        "create table analytics.old as select node_name, concat_ws('.', catalog_name, schema_name, relation_name) as \
         relation, fingerprint, engine, built_at, run_id, upstream_builds from analytics._ff_meta",
    );
    alter("drop table analytics._ff_meta");
    alter("alter table analytics.old rename to _ff_meta");
    here.fft("run").expect(0).says("0 built · 7 skipped");
    let there = clone_of(&here);
    assert_eq!(built(&there, "run").len(), 7);
    let again = clone_of(&here);
    again.fft("run").expect(0).says("0 built · 7 skipped: all inputs equal");
}
