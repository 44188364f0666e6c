//! What fft writes is what `docs/schemas/` says: every kind of file of runs with builds, skips, failures, blocks, HTTP
//! and Python, and by the rules that all artifacts keep (sorted keys, a newline at the end).

use crate::project::{CHECKOUT, Sandbox};
use jsonschema::{Registry, Validator};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

const SCHEMAS: [&str; 13] = [
    "advice",
    "catalog",
    "event",
    "explain",
    "history",
    "ls",
    "manifest",
    "plan",
    "plan_watch",
    "run_record",
    "run_results",
    "snapshot",
    "sources",
];

pub fn schema(name: &str) -> (Value, Validator) {
    let path = Path::new(CHECKOUT).join(format!("docs/schemas/{name}.schema.json"));
    let value: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    // Others refer to what it defines.
    let other = |name: &str| -> Value {
        let path = Path::new(CHECKOUT).join(format!("docs/schemas/{name}.schema.json"));
        serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
    };
    let registry = Registry::new().add("urn:fft:schema:run_results:1", other("run_results")).unwrap();
    let registry = registry.add("urn:fft:schema:plan:1", other("plan")).unwrap().prepare().unwrap();
    let validator = jsonschema::options().with_registry(&registry).build(&value).unwrap();
    (value, validator)
}

/// Holds a value against a schema.
#[track_caller]
pub fn holds(name: &str, value: &Value) {
    let (_, validator) = schema(name);
    let problems: Vec<String> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(problems.is_empty(), "not as {name} says:\n{value:#}\n{}", problems.join("\n"));
}

/// Every artifact of the project, with the name of its schema.
fn artifacts(sandbox: &Sandbox) -> Vec<(&'static str, PathBuf)> {
    let mut found: Vec<_> = ["catalog", "manifest", "run_results"]
        .map(|name| (name, sandbox.path(&format!(".fastflowtransform/target/{name}.json"))))
        .to_vec();
    let runs = fs::read_dir(sandbox.path(".fastflowtransform/runs")).unwrap();
    found.extend(runs.map(|run| ("run_record", run.unwrap().path())));
    found
}

fn check(sandbox: &Sandbox) {
    for (name, path) in artifacts(sandbox) {
        let bytes = fs::read(&path).unwrap();
        let value: Value = serde_json::from_slice(&bytes).unwrap();
        holds(name, &value);
        assert!(bytes.ends_with(b"}\n") && !bytes.ends_with(b"\n\n"), "{} ends otherwise", path.display());
    }
}

/// Builds, cascades, skips, a failure, blocked nodes and nodes left out, in one project and several runs.
fn every_outcome() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.write(
        "project.yml",
        "name: story\nversion: '1.0'\nvars:\n  factor: 2\nfingerprint:\n  cosmetic: skip\n  env:\n    expose: [FF_SHOWN]\n\
         hooks:\n  on_run_start:\n    - {name: first, sql: select 1}\n  after_model:\n    - {name: behind, sql: select 2}\n  \
         on_run_end:\n    - {name: last, sql: \"{% if run.error %}select * from nowhere{% endif %}\"}\n",
    );
    sandbox.write(
        "exposures.yml",
        "version: 2\nexposures:\n  - name: weekly\n    label: Weekly\n    type: dashboard\n    owner: {name: Ana, email: a@x.org}\n    \
         url: https://x.org\n    description: For all.\n    maturity: high\n    tags: [board]\n    meta: {room: 5}\n    depends_on: [{node: mart, columns: [id]}, \"source('raw', 'people')\"]\n",
    );
    sandbox.write("macros/m.sql", "{% macro twice(x) %}{{ x }} * 2{% endmacro %}\n");
    sandbox.write("seeds/people.csv", "id,name\n1,Ada\n2,Grace\n");
    sandbox.write(
        "seeds/schema.yml",
        "version: 1\nseeds:\n  - name: people\n    columns:\n      - {name: id, type: integer}\n",
    );
    sandbox.write(
        "sources.yml",
        "version: 2\nsources:\n  - name: raw\n    description: All.\n    tables:\n      - name: people\n        identifier: people\n",
    );
    sandbox.write(
        "models/stg.yml",
        "version: 2\nmodels:\n  - name: stg.ff\n    description: Everybody.\n    tags: [a]\n    meta: {owner: me, zeal: {b: 1, a: 2}}\n    columns:\n      - {name: id, description: Number., tests: [not_null: {tags: [sure]}, greater_equal: {threshold: 100}]}\n      - {name: later}\n",
    );
    sandbox.write("models/stg.ff.sql", "select id, {{ twice('id') }} as double, '{{ env('FF_SHOWN', 'x') }}' as shown, {{ var('factor') }} as factor from {{ source('raw', 'people') }}\n");
    sandbox.write("models/eph.ff.sql", "{{ config(materialized='ephemeral') }}\nselect id from {{ ref('stg') }}\n");
    sandbox.write(
        "models/mart.ff.sql",
        "{{ config(materialized='view', tags=['mart']) }}\nselect id from {{ ref('eph') }}\n",
    );
    sandbox.write("models/py.ff.py", "from fastflowtransform import model, var\n\n\n@model(name=\"py\", deps=[\"stg.ff\"])\ndef build(stg: list) -> list:\n    print('rows', len(stg))\n    return [{\"n\": var(\"factor\", 1)}]\n");
    check_run(&sandbox, "run", 0);
    check_run(&sandbox, "run", 0);
    check_run(&sandbox, "test --store-failures", 1);
    check_run(&sandbox, "test --select tag:sure", 0);
    sandbox.write("macros/m.sql", "{% macro twice(x) %}2 * {{ x }}{% endmacro %}\n");
    sandbox.write("seeds/people.csv", "id,name,born\n1,Ada,1815\n3,Radia,1951\n");
    check_run(&sandbox, "run --vars factor=3", 0);
    sandbox.set("FF_SHOWN", "yes");
    sandbox.set("FF_HIDDEN", "discreet");
    sandbox.set("FFT_FINGERPRINT_KEY", "a key");
    check_run(&sandbox, "run", 0);
    sandbox.write(
        "models/mart.ff.sql",
        "-- words\n{{ config(materialized='view', tags=['mart']) }}\nselect id from {{ ref('eph') }}\n",
    );
    check_run(&sandbox, "run", 0);
    check_run(&sandbox, "run --select stg --rebuild stg.ff", 0);
    sandbox.write("models/stg.ff.sql", "select nothing_such from {{ source('raw', 'people') }}\n");
    check_run(&sandbox, "run --keep-going", 1);
    check_run(&sandbox, "run --no-cache", 1);
    sandbox
}

fn check_run(sandbox: &Sandbox, arguments: &str, code: i32) {
    sandbox.fft(arguments).expect(code);
    check(sandbox);
}

#[test]
fn every_artifact_is_valid() {
    every_outcome();
}

/// What commands print with `--json`, with the name of its schema: of a project with every outcome, under a budget.
fn printed(sandbox: &Sandbox) -> Vec<(&'static str, Value)> {
    let json = |arguments: &str| -> Value {
        let ran = sandbox.fft(arguments).expect(0);
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{arguments}: {error}"))
    };
    let mut found = vec![("ls", json("ls --json")), ("plan", json("plan --json"))];
    found.push(("advice", json("history advice --json")));
    sandbox.write("budgets.yml", "version: 1\ntotal:\n  bytes_scanned: {warn: 1MB}\n");
    found.push(("plan", json("plan --json --no-cache")));
    for name in sandbox.rows().keys() {
        for options in ["", "--next", "--run latest~2", "--run latest~5", "--against latest~5"] {
            found.push(("explain", json(&format!("explain {name} --json {options}"))));
        }
    }
    found
}

#[test]
fn what_commands_print_is_valid() {
    let all = printed(&every_outcome());
    all.iter().for_each(|(name, value)| holds(name, value));
    let has = |is: &dyn Fn(&Value) -> bool| all.iter().any(|(_, value)| is(value));
    assert!(has(&|value| value["expected"]["nodes"].is_object()), "what a run is expected to scan is part of it");
    assert!(has(&|value| value["root_causes"][0]["causes"][0].is_object()), "and a root with its causes");
    assert!(has(&|value| value["against"]["nodes"][0]["causes"][0].is_object()), "and a comparison");
}

#[test]
fn the_demos_artifacts_are_valid() {
    let sandbox = Sandbox::demo();
    check_run(&sandbox, "run --env dev_duckdb --offline", 0);
    let rows = sandbox.rows();
    assert!(
        rows["http_users"].whole["http"]["entries"][0].is_object(),
        "the demo's HTTP must be part of what is checked"
    );
}

/// Sources of known age, to be warned of, too old, and of none.
#[test]
fn the_age_of_sources_is_valid() {
    let sandbox = Sandbox::new();
    sandbox.write("seeds/people.csv", "id,at\n1,2020-01-01\n");
    let tables = [
        "{name: a, identifier: people, loaded_at_field: _ff_loaded_at, freshness: {warn_after: {count: 9, period: day}}}",
        "{name: b, identifier: people, loaded_at_field: at, freshness: {warn_after: {count: 1, period: hour}}}",
        "{name: c, identifier: people, loaded_at_field: at, freshness: {error_after: {count: 1, period: minute}}}",
        "{name: d, freshness: {error_after: {count: 1, period: day}}}",
    ];
    let listed: String = tables.iter().map(|table| format!("      - {table}\n")).collect();
    sandbox.write("sources.yml", &format!("version: 2\nsources:\n  - name: raw\n    tables:\n{listed}"));
    check_run(&sandbox, "run", 0);
    let ran = sandbox.fft("source freshness --json").expect(1);
    let printed: Value = serde_json::from_str(&ran.stdout).unwrap();
    holds("sources", &printed);
    let bytes = fs::read(sandbox.path(".fastflowtransform/target/sources.json")).unwrap();
    holds("sources", &serde_json::from_slice(&bytes).unwrap());
    let mut unsorted = BTreeSet::new();
    order(&serde_json::from_slice(&bytes).unwrap(), "sources", &mut unsorted);
    assert!(unsorted.is_empty(), "{unsorted:?}");
    let status = |name: &str| printed["sources"][name]["status"].as_str().unwrap().to_string();
    assert_eq!(["raw.a", "raw.b", "raw.c", "raw.d"].map(status), ["pass", "warn", "error", "error"]);
    // What a run records stays what `fft verify` finds.
    sandbox.fft("verify").expect(0);
}

#[test]
fn keys_are_sorted() {
    let sandbox = every_outcome();
    let mut unsorted = BTreeSet::new();
    for (name, path) in artifacts(&sandbox) {
        if name != "run_record" {
            let value: Ordered = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            order(&value, name, &mut unsorted);
        }
    }
    assert!(unsorted.is_empty(), "keys out of order:\n{}", unsorted.into_iter().collect::<Vec<_>>().join("\n"));
}

/// JSON whose keys stand as they are written.
enum Ordered {
    Scalar,
    List(Vec<Ordered>),
    Object(Vec<(String, Ordered)>),
}

impl<'de> Deserialize<'de> for Ordered {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Ordered, D::Error> {
        deserializer.deserialize_any(OrderedVisitor)
    }
}

struct OrderedVisitor;

impl<'de> Visitor<'de> for OrderedVisitor {
    type Value = Ordered;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Ordered, E> {
        Ok(Ordered::Scalar)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Ordered, E> {
        Ok(Ordered::Scalar)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Ordered, E> {
        Ok(Ordered::Scalar)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Ordered, E> {
        Ok(Ordered::Scalar)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Ordered, E> {
        Ok(Ordered::Scalar)
    }

    fn visit_str<E>(self, _: &str) -> Result<Ordered, E> {
        Ok(Ordered::Scalar)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Ordered, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Ordered::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Ordered, A::Error> {
        let mut object = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            object.push(entry);
        }
        Ok(Ordered::Object(object))
    }
}

fn order(value: &Ordered, path: &str, unsorted: &mut BTreeSet<String>) {
    match value {
        Ordered::Scalar => {}
        Ordered::List(items) => items.iter().for_each(|item| order(item, &format!("{path}[]"), unsorted)),
        Ordered::Object(object) => {
            let keys: Vec<&str> = object.iter().map(|(key, _)| key.as_str()).collect();
            if !keys.is_sorted() {
                unsorted.insert(format!("{path}: {}", keys.join(" ")));
            }
            object.iter().for_each(|(key, value)| order(value, &format!("{path}.{key}"), unsorted));
        }
    }
}

/// Schemas are documentation too: each property is described, and objects are closed unless they are maps.
#[test]
fn schemas_describe_every_property() {
    for name in SCHEMAS {
        let (value, _) = schema(name);
        assert_eq!(value["$schema"], "https://json-schema.org/draft/2020-12/schema");
        let mut problems = Vec::new();
        described(&value, name, &mut problems);
        assert!(problems.is_empty(), "{}", problems.join("\n"));
    }
}

fn described(value: &Value, path: &str, problems: &mut Vec<String>) {
    let Value::Object(object) = value else {
        if let Value::Array(items) = value {
            items.iter().for_each(|item| described(item, path, problems));
        }
        return;
    };
    if let Some(Value::Object(properties)) = object.get("properties") {
        if !object.contains_key("additionalProperties") {
            problems.push(format!("{path}: says nothing of other properties"));
        }
        for (key, property) in properties {
            if property["description"].as_str().is_none_or(str::is_empty) {
                problems.push(format!("{path}.{key}: no description"));
            }
        }
    }
    object.iter().for_each(|(key, value)| described(value, &format!("{path}.{key}"), problems));
}

/// Keys that are left out where there is nothing to say.
const OPTIONAL: [&str; 12] = [
    "against",
    "at",
    "by_column",
    "exposures",
    "hooks",
    "notes",
    "previous",
    "sample",
    "stored",
    "tests",
    "worker",
    "workers",
];

/// A schema that takes anything would prove nothing.
#[test]
fn schemas_refuse_what_is_wrong() {
    let sandbox = every_outcome();
    let files = artifacts(&sandbox).into_iter();
    let files = files.map(|(name, path)| (name, serde_json::from_slice(&fs::read(&path).unwrap()).unwrap()));
    let files: Vec<(&str, Value)> = files.collect();
    for (name, value) in files.into_iter().chain(printed(&sandbox)) {
        let (_, validator) = schema(name);
        let mut more = value.clone();
        more.as_object_mut().unwrap().insert("surprise".into(), 1.into());
        assert!(!validator.is_valid(&more), "{name} takes unknown keys");
        for key in value.as_object().unwrap().keys().filter(|key| !OPTIONAL.contains(&key.as_str())) {
            let mut less = value.clone();
            less.as_object_mut().unwrap().remove(key);
            assert!(!validator.is_valid(&less), "{name} does without {key}");
        }
    }
}
