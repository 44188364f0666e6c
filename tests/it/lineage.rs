//! Lineage of columns in manifest.json of real runs: from seeds to a mart, through an ephemeral model, from a source of
//! whose columns nobody knows, and for Python models.

use crate::project::Sandbox;
use serde_json::{Value, json};

const KEPT: &str = ".fastflowtransform/lineage.cache";
const MANIFEST: &str = ".fastflowtransform/target/manifest.json";

fn manifest(sandbox: &Sandbox) -> Value {
    serde_json::from_slice(&sandbox.bytes(MANIFEST)).unwrap()
}

/// A column's lineage in one line: status, then `kind node.column` of each edge.
fn line(manifest: &Value, node: &str, column: &str) -> String {
    let columns = manifest["nodes"][node]["columns"].as_array().unwrap_or_else(|| panic!("no node {node}"));
    let found =
        columns.iter().find(|one| one["name"] == column).unwrap_or_else(|| panic!("no {column} in {columns:?}"));
    let lineage = &found["lineage"];
    let edges: Vec<String> = lineage["from"].as_array().unwrap().iter().map(edge).collect();
    format!("{}: {}", lineage["status"].as_str().unwrap(), edges.join(", "))
}

fn edge(edge: &Value) -> String {
    let text = |key: &str| edge[key].as_str().unwrap().to_string();
    format!("{} {}.{}", text("kind"), text("node"), text("column"))
}

fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("seeds/people.csv", "id,name,country\n1,Ada,uk\n2,Grace,us\n");
    sandbox.write(
        "sources.yml",
        "version: 2\nsources:\n  - name: raw\n    tables:\n      - name: people\n      - name: visits\n        schema: information_schema\n        identifier: schemata\n",
    );
    sandbox.write(
        "models/stg.ff.sql",
        "select id as person_id, upper(name) as name, country from {{ source('raw', 'people') }}\n",
    );
    sandbox.write(
        "models/eph.ff.sql",
        "{{ config(materialized='ephemeral') }}\nselect *, length(name) as size from {{ ref('stg') }} where country <> 'xx'\n",
    );
    sandbox.write("models/mart.ff.sql", "select country, sum(size) as total from {{ ref('eph') }} group by country\n");
    sandbox.write(
        "models/open.ff.sql",
        "{{ config(materialized='view', schema='other') }}\nselect v.*, 1 as one from {{ source('raw', 'visits') }} v\n",
    );
    sandbox.write(
        "models/py.ff.py",
        "from fastflowtransform import model\n\n\n@model(name=\"py\", deps=[\"stg.ff\"])\ndef build(stg: list) -> list:\n    return [{\"n\": len(stg), \"m\": 1}]\n",
    );
    sandbox
}

#[test]
fn columns_are_followed_from_seeds_to_marts() {
    let sandbox = project();
    sandbox.fft("run").expect(0);
    let manifest = manifest(&sandbox);
    let line = |node: &str, column: &str| line(&manifest, node, column);
    assert_eq!(line("people", "id"), "known: ");
    assert_eq!(line("stg.ff", "person_id"), "known: direct people.id");
    assert_eq!(line("stg.ff", "name"), "known: derived people.name");
    assert_eq!(line("eph.ff", "country"), "known: direct stg.ff.country");
    assert_eq!(line("eph.ff", "size"), "known: filter stg.ff.country, derived stg.ff.name");
    assert_eq!(line("mart.ff", "total"), "known: aggregate eph.ff.size");
    assert_eq!(line("open.ff", "schema_name"), "known: direct source:raw.visits.schema_name");
    assert_eq!(line("open.ff", "one"), "known: ");
    assert_eq!(line("py", "n"), "unknown: ");
    let span = &manifest["nodes"]["stg.ff"]["columns"][0]["lineage"]["from"][0]["span"];
    assert_eq!(*span, json!({"length": 2, "offset": 7}));
}

#[test]
fn a_run_that_builds_nothing_leaves_the_manifest_alone() {
    let sandbox = project();
    sandbox.fft("run").expect(0);
    let before = sandbox.bytes(MANIFEST);
    sandbox.fft("run").expect(0);
    assert!(sandbox.bytes(MANIFEST) == before, "the manifest changed");
    let kept = sandbox.read(KEPT);
    let forged = kept.replacen("person_id", "person_it", 9);
    assert_ne!(kept, forged);
    for damaged in ["", "{", "{\"stg.ff\": 1}", &forged] {
        sandbox.write(KEPT, damaged);
        sandbox.fft("run").expect(0);
        assert!(sandbox.bytes(MANIFEST) == before, "the manifest changed");
    }
}

#[test]
fn upstream_columns_change_what_a_star_gives() {
    let sandbox = project();
    sandbox.write("models/copy.ff.sql", "select * from {{ ref('stg') }}\n");
    sandbox.fft("run").expect(0);
    sandbox.write(
        "models/stg.ff.sql",
        "select id as person_id, lower(name) as name, country, id + 1 as next from {{ source('raw', 'people') }}\n",
    );
    sandbox.fft("run").expect(0);
    assert_eq!(line(&manifest(&sandbox), "copy.ff", "next"), "known: direct stg.ff.next");
}

/// A failed model's columns are those that its text gives.
#[test]
fn a_model_that_was_never_built_has_lineage_too() {
    let sandbox = project();
    sandbox.write("models/bad.ff.sql", "select person_id, cast(name as integer) as name from {{ ref('stg') }}\n");
    sandbox.fft("run --keep-going").expect(1);
    let manifest = manifest(&sandbox);
    assert_eq!(line(&manifest, "bad.ff", "person_id"), "known: direct stg.ff.person_id");
    assert_eq!(line(&manifest, "bad.ff", "name"), "known: derived stg.ff.name");
}

#[test]
fn yaml_tells_what_python_does() {
    let sandbox = project();
    let yaml = |lineage: &str| {
        sandbox.write(
            "models/py.yml",
            &format!("models:\n  - name: py\n    columns:\n      - name: n\n        lineage: {lineage}\n"),
        );
    };
    yaml("{derived: stg.person_id, filter: [stg.ff.country]}");
    sandbox.fft("run").expect(0);
    let told = manifest(&sandbox);
    assert_eq!(line(&told, "py", "n"), "known: filter stg.ff.country, derived stg.ff.person_id");
    assert_eq!(line(&told, "py", "m"), "unknown: ");
    yaml("[stg.ff.cuntry]");
    let ran = sandbox.fft("run").expect(0);
    for told in ["`stg.ff` has no column `cuntry`", "--> models/py.yml:5:19", "did you mean `country`?"] {
        assert!(ran.stderr.contains(told), "{told}: {}", ran.stderr);
    }
    assert_eq!(line(&manifest(&sandbox), "py", "n"), "unknown: ");
    yaml("[sgt.name]");
    let ran = sandbox.fft("run").expect(2);
    assert!(ran.stderr.contains("error[unknown-lineage]"), "{}", ran.stderr);
    assert!(ran.stderr.contains("--> models/py.yml:5:19"), "{}", ran.stderr);
    assert!(ran.stderr.contains("did you mean `stg`?"), "{}", ran.stderr);
}
