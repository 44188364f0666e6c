//! What the JSON of a cause holds, what each decision is compared with, and records that an older fft, another hand or a
//! bug left.

use crate::project::{Ran, Row, Sandbox};
use crate::schema::schema;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs;

/// Codes that scripts know. None may go, or get another name; each row of the page that says what it means is tried.
const CODES: [&str; 50] = [
    "sql_changed",
    "python_changed",
    "python_module_changed",
    "python_env_changed",
    "config_changed",
    "hook_changed",
    "var_changed",
    "env_changed",
    "source_changed",
    "source_data_changed",
    "file_changed",
    "seed_changed",
    "engine_changed",
    "profile_changed",
    "upstream_changed",
    "dependency_added",
    "dependency_removed",
    "first_build",
    "first_test",
    "previous_test_failed",
    "reads_clock",
    "previous_build_failed",
    "relation_missing",
    "relation_foreign",
    "build_interrupted",
    "relation_renamed",
    "upstream_rebuilt",
    "upstream_recreated",
    "forced",
    "prune_asked",
    "cache_off",
    "cache_write_only",
    "cache_unreadable",
    "format_upgraded",
    "key_rotated",
    "source_unwatched",
    "unexplained",
    "columns_added",
    "columns_removed",
    "columns_retyped",
    "all_inputs_equal",
    "settings_applied",
    "cosmetic_only",
    "upstream_output_identical",
    "columns_unread",
    "upstream_failed",
    "hook_failed",
    "test_failed",
    "not_selected",
    "snapshot_left",
];

/// The causes of a node in the last run.
fn causes(sandbox: &Sandbox, node: &str) -> Vec<Value> {
    let told: Value = serde_json::from_str(&sandbox.fft(&format!("explain {node} --json")).expect(0).stdout).unwrap();
    told["decision"]["causes"].as_array().unwrap().clone()
}

fn cause(sandbox: &Sandbox, node: &str, code: &str) -> Value {
    let all = causes(sandbox, node);
    all.iter().find(|cause| cause["code"] == code).cloned().unwrap_or_else(|| panic!("no {code}: {all:#?}"))
}

#[test]
fn a_cause_holds_its_whole_difference() {
    let mut sandbox = Sandbox::new();
    sandbox.write("macros/text.sql", "\n{% macro clean(x) %}trim({{ x }}){% endmacro %}\n");
    sandbox.write("models/m.ff.sql", "select {{ clean(\"'a'\") }} as a\n");
    sandbox.set("FF_GONE", "12345");
    sandbox.fft("run").expect(0);
    sandbox.set("FF_GONE", "123");
    sandbox.set("FF_NEW", "1");
    sandbox.write("macros/text.sql", "\n{% macro clean(x) %}lower({{ x }}){% endmacro %}\n");
    sandbox.write("models/m.ff.sql", "{{ config(materialized='view') }}select {{ clean(\"'a'\") }} as a\n");
    sandbox.fft("run").expect(0);
    //: The code; the component; how it changed (`added`, `removed`, `modified`, `renamed`); before and after as digest and
    //: size, and as value where it may be shown (of a withheld one the size is 0); a diff where it is text; whether it is
    //: only cosmetic; and the input that explains it, with its path and its line where it isn't a whole file.
    let sql = cause(&sandbox, "m", "sql_changed");
    assert_eq!((&sql["kind"], &sql["name"]), (&json!("sql"), &json!("models/m.ff.sql")));
    assert_eq!((&sql["change"], &sql["cosmetic"]), (&json!("modified"), &json!(false)));
    assert_eq!((&sql["before"]["size"], &sql["after"]["size"]), (&json!(21), &json!(22)));
    assert!(sql["before"]["digest"].as_str().unwrap().len() == 64 && sql["before"]["digest"] != sql["after"]["digest"]);
    assert!(sql["diff"]["unified"].as_str().unwrap().contains("-select trim('a') as a\n+select lower('a') as a\n"));
    let inputs = sql["attributed_to"].as_array().unwrap();
    let by = |kind: &str| inputs.iter().find(|input| input["kind"] == kind).unwrap();
    assert_eq!((&by("macro")["path"], &by("macro")["line"]), (&json!("macros/text.sql"), &json!(2)));
    assert_eq!(by("template")["path"], "models/m.ff.sql");
    let config = cause(&sandbox, "m", "config_changed");
    let values = (&config["kind"], &config["name"], &config["before"]["value"], &config["after"]["value"]);
    assert_eq!(values, (&json!("config"), &json!("materialized"), &json!("\"table\""), &json!("\"view\"")));
    let all = causes(&sandbox, "m");
    let env = |name: &str| all.iter().find(|cause| cause["name"] == name).unwrap();
    assert_eq!((&env("FF_NEW")["change"], env("FF_NEW").get("before")), (&json!("added"), None));
    let hidden = &env("FF_GONE")["after"];
    assert_eq!((&hidden["size"], &hidden["withheld"], hidden.get("value")), (&json!(0), &json!(true), None));
    // A moved file, and a variable that is gone.
    sandbox.write("models/deep/m.ff.sql", &sandbox.read("models/m.ff.sql"));
    fs::remove_file(sandbox.path("models/m.ff.sql")).unwrap();
    let mut next = sandbox.command(crate::project::FFT);
    next.arg("run").env_remove("FF_NEW");
    Ran::of(next).expect(0).says("SQL changed: models/deep/m.ff.sql (file renamed)");
    assert_eq!(cause(&sandbox, "m", "sql_changed")["change"], "renamed");
    assert_eq!(cause(&sandbox, "m", "env_changed")["change"], "removed");
}

#[test]
fn every_part_of_a_python_text_has_its_own_difference() {
    let sandbox = Sandbox::new();
    let model = |a: &str, b: &str| {
        let text = format!(
            "from fastflowtransform import model\n\nA = {a}\nB = {b}\nC = {b}\nD = {b}\n\n\n@model(name=\"m\", deps=[])\n\
             def build() -> list:\n    return [{{\"n\": A + B + C + D}}]\n"
        );
        sandbox.write("models/m.ff.py", &text);
    };
    model("1", "1");
    sandbox.fft("run").expect(0);
    model("1  # one", "2");
    sandbox.fft("run").expect(0);
    //: Up to three are named in the sentence; `attributed_to` has all of them, each with its own diff, and says of each
    //: whether only comments and white space of it differ.
    let parts = cause(&sandbox, "m", "python_changed")["attributed_to"].as_array().unwrap().clone();
    let told = |part: &Value| {
        let cosmetic = part["cosmetic"] == true;
        let diff = part["diff"]["unified"].as_str().unwrap().replace('\n', " ");
        format!("{} {} {cosmetic} {diff}", part["name"].as_str().unwrap(), part["line"])
    };
    let found: Vec<String> = parts.iter().map(told).collect();
    assert_eq!(
        found,
        [
            "A 3 true @@ -1 +1 @@ -A = 1 +A = 1  # one ",
            "B 4 false @@ -1 +1 @@ -B = 1 +B = 2 ",
            "C 5 false @@ -1 +1 @@ -C = 1 +C = 2 ",
            "D 6 false @@ -1 +1 @@ -D = 1 +D = 2 ",
        ]
    );
}

#[test]
fn each_node_is_compared_with_its_own_last_success() {
    let sandbox = Sandbox::new();
    sandbox.write("models/a.ff.sql", "select 1 as id\n");
    sandbox.write("models/b.ff.sql", "select 1 as id\n");
    let run = |arguments: &str, code: i32| -> String {
        sandbox.fft(arguments).expect(code);
        let results: Value = serde_json::from_str(&sandbox.read(".fastflowtransform/target/run_results.json")).unwrap();
        results["metadata"]["run_id"].as_str().unwrap().to_string()
    };
    let baseline = || {
        let rows = sandbox.rows();
        ["a.ff", "b.ff"].map(|name| rows[name].whole["decision"]["baseline"]["run_id"].as_str().unwrap().to_string())
    };
    let first = run("run", 0);
    sandbox.write("models/a.ff.sql", "select nothing\n");
    run("run", 1);
    sandbox.write("models/a.ff.sql", "select 2 as id\n");
    //: With the node's last *successful* build, its **baseline**, which is named by its run.
    let mended = run("run --select a", 0);
    assert_eq!(baseline()[0], first);
    let cause = cause(&sandbox, "a", "sql_changed");
    assert!(cause["diff"]["unified"].as_str().unwrap().contains("-select 1 as id\n+select 2 as id\n"), "{cause}");
    sandbox.fft("explain a").expect(0).says(&format!("Compared with\n  run {first} of "));
    //: After partial runs, nodes have different baselines.
    run("run", 0);
    assert_eq!(baseline(), [mended, first]);
}

#[test]
fn a_script_may_rely_on_codes() {
    let sandbox = Sandbox::new();
    sandbox.write("models/a.ff.sql", "select 1 as id\n");
    sandbox.fft("run").expect(0);
    let text = sandbox.read(".fastflowtransform/target/run_results.json");
    let page = fs::read_to_string(std::path::Path::new(crate::project::CHECKOUT).join("docs/explanations.md")).unwrap();
    //: Codes don't change their meaning.
    for code in CODES {
        assert!(page.contains(&format!("`{code}`")), "{code} is gone, and scripts know it");
    }
    //: New ones may come: a script must accept those that it doesn't know.
    let other: Value = serde_json::from_str(&text.replace("first_build", "of_another_version")).unwrap();
    assert_eq!(schema("run_results").1.iter_errors(&other).count(), 0);
    //: `jq '.results[] | {name, status, cause: .decision.primary_code}' .fastflowtransform/target/run_results.json`
    let line = page.lines().find_map(|line| line.strip_prefix("- `jq '")).expect("the line with jq");
    let (filter, file) = line.strip_suffix('`').unwrap().split_once("' ").unwrap();
    assert!(sandbox.path(file).exists());
    let mut jq = sandbox.command("jq");
    jq.args(["-c", filter, file]);
    if jq.output().is_ok_and(|output| output.status.success()) {
        let expected = "{\"name\":\"a.ff\",\"status\":\"success\",\"cause\":\"first_build\"}\n";
        assert_eq!(Ran::of(jq).expect(0).stdout, expected);
    }
    let Row { status, primary_code, .. } = &sandbox.rows()["a.ff"];
    assert_eq!((status.as_str(), primary_code.as_str()), ("success", "first_build"));
}

/// Rewrites each line of the cache, and the checksum in front of it, as something else would have written it.
fn rewrite(sandbox: &Sandbox, change: impl Fn(&str) -> String) {
    let file = sandbox.cache_file();
    let line = |line: &str| {
        let entry = change(line.split_once(' ').unwrap().1);
        let sum: String = Sha256::digest(entry.as_bytes())[..6].iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{sum} {entry}\n")
    };
    let text = fs::read_to_string(&file).unwrap();
    let lines: String = text.lines().filter(|line| !line.is_empty()).map(line).collect();
    fs::write(file, lines).unwrap();
}

#[test]
fn records_of_another_format_are_told() {
    let sandbox = Sandbox::new();
    sandbox.write("models/a.ff.sql", "select 1 as id\n");
    sandbox.write("models/b.ff.sql", "select id from {{ ref('a') }}\n");
    sandbox.fft("run").expect(0);
    rewrite(&sandbox, |entry| entry.replace("fft-fingerprint-v1", "fft-fingerprint-v0"));
    //: | `format_upgraded` | its fingerprint was recorded in an older format |
    sandbox.fft("run").expect(0).says("fingerprint format upgraded (fft-fingerprint-v0 → fft-fingerprint-v1)");
    assert!(sandbox.rows().values().all(|row| row.primary_code == "format_upgraded" && row.status == "success"));
    sandbox.fft("run").expect(0).says("0 built · 2 skipped");
}

#[test]
fn a_difference_without_a_reason_is_a_bug_and_says_so() {
    let sandbox = Sandbox::new();
    sandbox.write("models/a.ff.sql", "select 1 as id\n");
    sandbox.fft("run").expect(0);
    let other = "ab".repeat(32);
    rewrite(&sandbox, |entry| {
        let value = entry.split("\"value\":\"").last().unwrap().split('"').next().unwrap();
        assert_eq!(value.len(), 64, "the fingerprint is the last value: {entry}");
        entry.replace(value, &other)
    });
    let agreed = format!("update analytics._ff_meta set record = null, fingerprint = '{other}'");
    sandbox.query(".local/story.duckdb", &agreed);
    //: | `unexplained` | its fingerprint is another and no part of it is: a bug in fft, which then exits with 70 |
    sandbox.fft("run").expect(70).says("unexplained");
    assert!(sandbox.rows()["a.ff"].codes.contains(&"unexplained".to_string()));
    sandbox.fft("run").expect(0).says("0 built");
}

#[test]
fn a_build_that_never_ended_is_told() {
    //: | `build_interrupted` | a build of it was begun, and nothing says that it came to its end: a run died on an engine that has no transaction over a relation and its record |
    let sandbox = Sandbox::new();
    sandbox.write("models/a.ff.sql", "select 1 as id\n");
    sandbox.fft("run").expect(0);
    sandbox.query(".local/story.duckdb", "update analytics._ff_meta set state = 'building'");
    let run = sandbox.query(".local/story.duckdb", "select run_id from analytics._ff_meta").remove(0);
    sandbox.fft("verify").expect(1).says("and not that it ended");
    sandbox.fft("run").expect(0).says(&format!("build interrupted: a (by run {run})"));
    assert_eq!(sandbox.rows()["a.ff"].primary_code, "build_interrupted");
    sandbox.fft("run").expect(0).says("0 built");
    sandbox.fft("verify").expect(0);
}

#[test]
fn what_something_else_built_is_told() {
    //: | `relation_foreign` | the relation is there, but something else made it or wrote to it and recorded nothing of use: a statement by hand, an uncached run, another node of the same relation |
    let sandbox = Sandbox::new();
    let model = |number: u8| sandbox.write("models/a.ff.sql", &format!("select {number} as id\n"));
    let foreign = |node: &str, id: &str| {
        sandbox.fft("run").expect(0);
        let row = &sandbox.rows()[node];
        assert!(row.codes.contains(&"relation_foreign".to_string()), "{:?}", row.codes);
        assert_eq!(sandbox.query(".local/story.duckdb", "select id from analytics.a"), [id]);
        sandbox.fft("run").expect(0).says("0 built");
    };
    model(1);
    sandbox.fft("run").expect(0);
    // A statement by hand.
    sandbox.query(".local/story.duckdb", "insert into analytics.a values (7)");
    foreign("a.ff", "1");
    // An uncached run.
    model(3);
    sandbox.fft("run --no-cache").expect(0);
    model(1);
    foreign("a.ff", "1");
    // Another node of the same relation.
    fs::remove_file(sandbox.path("models/a.ff.sql")).unwrap();
    sandbox.write("models/b.ff.sql", "{{ config(alias='a') }}select 5 as id\n");
    sandbox.fft("run").expect(0);
    fs::remove_file(sandbox.path("models/b.ff.sql")).unwrap();
    model(1);
    foreign("a.ff", "1");
}

#[test]
fn what_stands_is_compared_with_whoever_built_it() {
    let sandbox = Sandbox::new();
    let (database, backup) = (sandbox.path(".local/story.duckdb"), sandbox.path("backup.duckdb"));
    sandbox.write("models/a.ff.sql", "select 1 as id\n");
    sandbox.fft("run").expect(0);
    fs::copy(&database, &backup).unwrap();
    let built = sandbox.query(".local/story.duckdb", "select run_id from analytics._ff_meta");
    let compared = |run: &[String]| {
        sandbox.fft("run").expect(0);
        let decision = &sandbox.rows()["a.ff"].whole["decision"];
        assert_eq!(
            (&decision["primary_code"], &decision["baseline"]["run_id"]),
            (&json!("sql_changed"), &json!(run[0]))
        );
        assert_eq!(sandbox.query(".local/story.duckdb", "select id from analytics.a"), ["2"]);
        sandbox.fft("run").expect(0).says("0 built");
    };
    sandbox.write("models/a.ff.sql", "select 2 as id\n");
    compared(&built);
    //: Where another checkout built what stands, or a backup was restored, it is the build that the database records of the
    //: relation.
    fs::copy(&backup, &database).unwrap();
    compared(&built);
    let clone = Sandbox::empty();
    crate::project::copy(sandbox.root(), clone.root());
    let profile =
        format!("dev:\n  engine: duckdb\n  duckdb:\n    path: '{}'\n    db_schema: analytics\n", database.display());
    clone.write("profiles.yml", &profile);
    clone.write("models/a.ff.sql", "select 4 as id\n");
    clone.fft("run").expect(0);
    compared(&sandbox.query(".local/story.duckdb", "select run_id from analytics._ff_meta"));
}
