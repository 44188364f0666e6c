//! What fft itself does between inputs and rows is an input: tables of an fft with other rules are built again, and no
//! rule changes without its number.

use crate::project::{CHECKOUT, Sandbox};
use fft::digest::Digest;
use fft::fingerprint::rules::Rules;
use fft::fingerprint::{Kind, leaf, value};
use fft::plan::Entry;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// Makes the records those of an fft that had no numbers of rules: of fingerprints without them, upstream nodes first.
fn recorded_by_an_older_fft(sandbox: &Sandbox) {
    let mut now: BTreeMap<String, String> = BTreeMap::new();
    let mut lines = String::new();
    for line in fs::read_to_string(sandbox.cache_file()).unwrap().lines().filter(|line| !line.is_empty()) {
        let json: Value = serde_json::from_str(line.split_once(' ').unwrap().1).unwrap();
        let mut entry: Entry = serde_json::from_value(json["built"].clone()).unwrap();
        let fingerprint = &mut entry.fingerprint;
        fingerprint.components.retain(|one| one.kind != Kind::Rules);
        for one in fingerprint.components.iter_mut().filter(|one| one.kind == Kind::Upstream) {
            let one = Arc::make_mut(one);
            let value = now[one.value.as_ref().unwrap()].clone();
            one.digest = leaf("upstream", &one.name, value.as_bytes());
            one.value = Some(value);
        }
        let old = fingerprint.value.to_string();
        fingerprint.value = value(&fingerprint.components);
        let new = fingerprint.value.to_string();
        let statement = format!("update analytics._ff_meta set fingerprint = '{new}' where fingerprint = '{old}'");
        sandbox.query(".local/story.duckdb", &statement);
        now.insert(old, new);
        let text = serde_json::json!({ "built": entry }).to_string();
        lines += &format!("{} {text}\n", Digest::of(text.as_bytes()).short());
    }
    fs::write(sandbox.cache_file(), lines).unwrap();
}

#[test]
fn what_an_older_fft_built_by_other_rules_is_built_again_and_says_so() {
    let sandbox = Sandbox::new();
    sandbox.write("seeds/codes.csv", "code\n01\n");
    sandbox.write("seeds/names.csv", "name\nAda\n");
    sandbox.write("models/all.ff.sql", "select code, name from {{ ref('codes') }}, {{ ref('names') }}\n");
    sandbox.write("models/one.ff.sql", "select 1 as one\n");
    sandbox.write(
        "models/py.ff.py",
        "from fastflowtransform import model\n\n\n@model(name=\"py\", deps=[])\ndef build() -> list:\n    \
         return [{\"n\": 1}]\n",
    );
    sandbox.fft("run --no-docs").expect(0).says("5 built");
    recorded_by_an_older_fft(&sandbox);
    //: What stands between a node's inputs and its rows is an input too: how the bytes of a seed become values and types,
    //: how rows go to a Python model and come from it, what is written around a query, which DuckDB comes with fft.
    //: Seeds, Python models and queries have a number each, their rules. An fft that would make other rows of the same
    //: inputs has a greater one, and builds what an older one left: `how seeds are read changed (rules 1 → 4)`. Rules 1 are
    //: those of a record that names none.
    //: | `rules` | `seeds`, `python`, `sql` | this fft reads seeds, or runs models, by other rules: see [below](#what-fft-itself-does) | all |
    //: | `rules_changed` | another fft built it, which reads seeds, or runs models, by other [rules](fingerprints.md#what-fft-itself-does) |
    let ran = sandbox.fft("run --no-docs").expect(0).says("4 built");
    let seeds = format!("how seeds are read changed (rules 1 → {})", Rules::NOW.seeds);
    let python = format!("how Python models are run changed (rules 1 → {})", Rules::NOW.python);
    let ran = ran.says(&seeds).says(&python);
    assert!(!ran.stdout.contains("seed changed"), "{}", ran.stdout);
    let rows = sandbox.rows();
    let code = |name: &str| (rows[name].primary_code.as_str(), rows[name].role.as_str());
    assert_eq!(code("codes"), ("rules_changed", "root"));
    assert_eq!(code("names"), ("rules_changed", "root"));
    assert_eq!(code("py"), ("rules_changed", "root"));
    assert_eq!(code("all.ff"), ("upstream_changed", "cascade"));
    assert_eq!(rows["one.ff"].status, "skipped");
    // The seeds' rules are one cause, however many seeds there are.
    let results: Value = serde_json::from_str(&sandbox.read(".fastflowtransform/target/run_results.json")).unwrap();
    let roots: Vec<(&str, &str)> = results["roots"]
        .as_array()
        .unwrap()
        .iter()
        .map(|root| (root["kind"].as_str().unwrap(), root["sentence"].as_str().unwrap()))
        .collect();
    assert_eq!(roots, [("global", seeds.as_str()), ("global", python.as_str())]);
    sandbox.fft("run --no-docs").expect(0).says("0 built");
}

/// Where the rules are, the number that they have, and the digest of what they say.
const RULES: [(&str, u32, &[&str], &str); 3] = [
    (
        "seeds",
        Rules::NOW.seeds,
        &[
            "src/syntax/csv/encoding.rs",
            "src/syntax/csv/kind.rs",
            "src/syntax/csv/mod.rs",
            "src/syntax/csv/saying.rs",
            "src/syntax/csv/scan.rs",
            "src/engine/seed/batch.rs",
            "src/engine/seed/limit.rs",
            "src/engine/seed/mod.rs",
            "src/engine/seed/parquet/mod.rs",
            "src/engine/seed/parquet/pages.rs",
            "src/engine/seed/parquet/schema.rs",
            "src/engine/seed/parquet/values.rs",
            "src/engine/bigquery/load.rs",
            "src/engine/bigquery/stored.rs",
            "src/engine/databricks/load.rs",
            "src/engine/duckdb/load.rs",
            "src/engine/duckdb/parquet.rs",
            "src/engine/duckdb/seed.rs",
            "src/engine/postgres/copy/encode.rs",
            "src/engine/postgres/copy/numeric.rs",
            "src/engine/postgres/seed.rs",
            "src/engine/snowflake/load.rs",
            "src/engine/snowflake/text.rs",
            "src/engine/spark/load.rs",
            "src/engine/spark_sql/stored.rs",
        ],
        "4 207755578c64",
    ),
    (
        "python",
        Rules::NOW.python,
        &[
            "src/python/package/bootstrap.py",
            "src/python/package/fastflowtransform/__init__.py",
            "src/python/package/fastflowtransform/_project.py",
            "src/python/package/fastflowtransform/_spark.py",
            "src/python/package/fastflowtransform/_tables.py",
            "src/python/package/fastflowtransform/_worker.py",
            "src/python/table.rs",
            "src/python/worker/process.rs",
            "src/syntax/python/frame.rs",
            "src/engine/bigquery/rows.rs",
            "src/engine/databricks/rows.rs",
            "src/engine/duckdb/arrow.rs",
            "src/engine/postgres/copy/decode.rs",
            "src/engine/postgres/copy/encode.rs",
            "src/engine/rest/rows.rs",
            "src/engine/snowflake/rows.rs",
            "src/engine/snowflake/value.rs",
        ],
        "3 8dafe3b5f5ae",
    ),
    (
        "sql",
        Rules::NOW.sql,
        &["src/dialect/duckdb/file.rs", "src/engine/duckdb/calendar.rs", "src/graph/inline.rs"],
        "1 bd2c1378249c",
    ),
];

/// A change of these sources is a change of the rules until somebody has said that it isn't one.
#[test]
fn no_rule_changes_without_a_look_at_its_number() {
    let read = |path: &str| fs::read_to_string(Path::new(CHECKOUT).join(path)).unwrap();
    let lock = read("Cargo.lock");
    let duckdb = lock.split("[[package]]").find(|package| package.contains("name = \"libduckdb-sys\"")).unwrap();
    let mut wrong = Vec::new();
    for (name, number, files, expected) in RULES {
        let mut text = files.iter().map(|path| said(&read(path))).collect::<String>();
        if name != "python" {
            text += duckdb;
        }
        let found = format!("{number} {}", Digest::of(text.as_bytes()).short());
        if found != expected {
            wrong.push(format!("{name}: \"{found}\", where tests/it/rules.rs has \"{expected}\""));
        }
    }
    let hint = "Where the same inputs may now give other rows or types, raise the number in src/fingerprint/rules.rs; \
                then write what was found into tests/it/rules.rs.";
    assert!(wrong.is_empty(), "{}\n{hint}", wrong.join("\n"));
}

/// The lines of a source that do something.
fn said(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = code.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', '/']));
    lines.map(|line| format!("{line}\n")).collect()
}
