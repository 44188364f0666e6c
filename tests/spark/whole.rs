//! What holds of a project on any engine: records that can be checked, orphans, lineage, data of others.

use crate::{execute, held, rows_of, run, sandbox_on};
use serde_json::Value;
use std::path::Path;

#[test]
fn records_agree_with_the_database_until_somebody_changes_it() {
    let Some(held) = held() else { return };
    let sandbox = sandbox_on(held);
    sandbox.write("models/t.ff.sql", "select id, name from {{ ref('users') }}\n");
    sandbox.write("models/v.ff.sql", "{{ config(materialized='view') }}\nselect id from {{ ref('t') }}\n");
    run(&sandbox).expect(0).says("4 built");
    run(&sandbox).expect(0).says("0 built");
    sandbox.fft("verify").expect(0).says("all of it agrees").says("3 relations compared").says("2 runs in the chain");
    for (change, node) in [
        ("insert into {db}.t values (9, 'Zed')", "t.ff"),
        ("insert into {db}.users select * from {db}.users limit 1", "users"),
        ("create or replace view {db}.v as select 7 as id", "v.ff"),
        ("drop table {db}.t", "t.ff"),
    ] {
        execute(held, &sandbox, change);
        sandbox.fft("verify").expect(1).says(node).says("1 mismatch");
        run(&sandbox).expect(0);
        assert_eq!(sandbox.rows()[node].status, "success", "{change}");
        sandbox.fft("verify").expect(0);
    }
    assert_eq!(rows_of(&sandbox, "t.ff"), Some(3));
}

#[test]
fn relations_of_nodes_that_are_gone_are_dropped_where_they_are_fts_own() {
    let Some(held) = held() else { return };
    let sandbox = sandbox_on(held);
    let nodes = ["kept", "own", "own_view", "replaced", "gone"];
    for name in nodes {
        let config = if name == "own_view" { "{{ config(materialized='view') }}\n" } else { "" };
        sandbox.write(&format!("models/{name}.ff.sql"), &format!("{config}select 1 as id\n"));
    }
    run(&sandbox).expect(0);
    for name in &nodes[1..] {
        std::fs::remove_file(sandbox.path(&format!("models/{name}.ff.sql"))).unwrap();
    }
    for change in ["drop table {db}.replaced", "create table {db}.replaced as select 7 as id", "drop table {db}.gone"] {
        execute(held, &sandbox, change);
    }
    run(&sandbox).expect(0).says("own_view.ff");
    let ran = sandbox.fft("clean --orphans").expect(0);
    for line in
        ["dropped own.ff", "dropped own_view.ff", "forgot gone.ff", "as it is: it isn't what this project built"]
    {
        assert!(ran.stdout.contains(line), "{line}: {}", ran.stdout);
    }
    let left = execute(held, &sandbox, "show tables in {db}");
    let left: Vec<&str> = left.lines().filter(|name| !name.starts_with("_ff_")).collect();
    assert_eq!(left, ["kept", "replaced", "users"]);
    run(&sandbox).expect(0).says("0 built");
}

#[test]
fn columns_are_followed_through_views_expressions_and_stars() {
    let Some(held) = held() else { return };
    let sandbox = sandbox_on(held);
    sandbox.write(
        "models/stg.ff.sql",
        "{{ config(materialized='view') }}\nselect id, upper(`name`) as `name`, 'x' as `it's` from {{ ref('users') }}\n",
    );
    sandbox.write(
        "models/mart.ff.sql",
        "select s.*, count(*) over (partition by `name`) as n from {{ ref('stg') }} as s lateral view explode(array(1)) e \
         as one\n",
    );
    sandbox.write("models/plain.ff.sql", "select id, max(`name`) as any_name from {{ ref('few') }} group by all\n");
    run(&sandbox).expect(0);
    let manifest: Value = serde_json::from_str(&sandbox.read(".fastflowtransform/target/manifest.json")).unwrap();
    let line = |node: &str, column: &str| {
        let columns = manifest["nodes"][node]["columns"].as_array().unwrap();
        let found = columns.iter().find(|one| one["name"] == column);
        let found = found.unwrap_or_else(|| panic!("no {column} in {columns:?}"));
        let text = |edge: &Value, key: &str| edge[key].as_str().unwrap().to_string();
        let edges = found["lineage"]["from"].as_array().unwrap().iter();
        let edges: Vec<String> = edges
            .map(|edge| format!("{} {}.{}", text(edge, "kind"), text(edge, "node"), text(edge, "column")))
            .collect();
        (found["type"].as_str().unwrap().to_string(), edges.join(", "))
    };
    let told = |kind: &str, from: &str| (kind.to_string(), from.to_string());
    assert_eq!(line("stg.ff", "id"), told("bigint", "direct users.id"));
    assert_eq!(line("stg.ff", "name"), told("string", "derived users.name"));
    assert_eq!(line("stg.ff", "it's"), told("string", ""));
    assert_eq!(line("plain.ff", "id").1, "direct few.ff.id");
    assert_eq!(line("plain.ff", "any_name").1, "aggregate few.ff.name");
    assert_eq!(line("mart.ff", "id").0, "bigint");
}

#[test]
fn rows_that_fft_does_not_build_are_inputs() {
    let Some(held) = held() else { return };
    let sandbox = sandbox_on(held);
    run(&sandbox).expect(0);
    let raw = "{db}_raw";
    execute(held, &sandbox, &format!("create database {raw}"));
    execute(held, &sandbox, &format!("create table {raw}.orders as select 1 as id, 'a' as note"));
    execute(held, &sandbox, &format!("create view {raw}.newest as select max(id) as id from {raw}.orders"));
    let schema = format!("{}_raw", crate::database(&sandbox));
    sandbox.write(
        "sources.yml",
        &format!(
            "version: 2\nsources:\n  - name: raw\n    schema: {schema}\n    tables: [{{name: orders}}, {{name: newest}}]\n"
        ),
    );
    sandbox.write("models/t.ff.sql", "select id, note from {{ source('raw', 'orders') }}\n");
    sandbox.write("models/v.ff.sql", "select id from {{ source('raw', 'newest') }}\n");
    run(&sandbox).expect(0).says("2 built");
    run(&sandbox).expect(0).says("0 built");
    for (change, built) in [
        (format!("insert into {raw}.orders values (2, 'b')"), ["t.ff", "v.ff"].as_slice()),
        (format!("insert overwrite {raw}.orders values (1, 'c'), (2, 'b')"), &["t.ff"]),
        // The same rows in another order.
        (format!("insert overwrite {raw}.orders values (2, 'b'), (1, 'c')"), &[]),
        (format!("create or replace view {raw}.newest as select 9 as id"), &["v.ff"]),
    ] {
        execute(held, &sandbox, &change);
        run(&sandbox).expect(0);
        let rows = sandbox.rows();
        let found: Vec<&str> =
            rows.iter().filter(|(_, row)| row.status == "success").map(|(name, _)| name.as_str()).collect();
        assert_eq!(found, built, "{change}");
        assert!(rows.values().all(|row| row.status != "success" || row.primary_code == "source_data_changed"));
    }
    assert!(!Path::new(&sandbox.path("spark-warehouse")).exists(), "nothing of Spark's is in the project");
}
