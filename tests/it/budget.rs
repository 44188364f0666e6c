//! What queries and runs may cost, on the real binary: statistics, the guard in front of a query, budgets over a run.

use crate::project::{FFT, Ran, Sandbox};
use serde_json::Value;

const MANY: &str = "select i as id, i % 7 as g, 'name ' || i as name from range(200000) t(i)\n";

fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("models/many.ff.sql", MANY);
    sandbox.write("models/few.ff.sql", "select id, g from {{ ref('many') }} where g = 3\n");
    sandbox.write(
        "models/seen.ff.sql",
        "{{ config(materialized='view', tags=['heavy']) }}select id, name from {{ ref('many') }}\n",
    );
    sandbox.write(
        "models/read.ff.sql",
        "{{ config(tags=['heavy']) }}select count(id) as n, sum(length(name)) as last from {{ ref('seen') }}\n",
    );
    sandbox
}

fn results(sandbox: &Sandbox) -> Value {
    serde_json::from_str(&sandbox.read(".fastflowtransform/target/run_results.json")).unwrap()
}

fn with_limit(sandbox: &Sandbox, arguments: &str, limit: &str) -> Ran {
    let mut command = sandbox.command(FFT);
    command.args(arguments.split_whitespace()).env("FF_DUCKDB_MAX_BYTES", limit);
    Ran::of(command)
}

#[test]
fn what_ran_has_the_engines_own_figures() {
    let sandbox = project();
    sandbox.write("seeds/people.csv", "id,name\n1,Ada\n2,Grace\n");
    sandbox.fft("run").expect(0);
    let rows = sandbox.rows();
    let bytes = |name: &str| rows[name].whole["bytes_scanned"].as_u64();
    assert_eq!((bytes("many.ff"), rows["many.ff"].rows), (Some(0), Some(200_000)), "rows made from nothing");
    assert_eq!(bytes("people"), Some(sandbox.bytes("seeds/people.csv").len() as u64), "the file");
    assert_eq!(bytes("few.ff"), Some(200_000 * 16), "two numbers a row, whatever the filter leaves");
    // A text of 16 bytes and some ten of content; to count what is never null no column is read.
    let read = bytes("read.ff").unwrap();
    assert!((200_000 * 24..200_000 * 28).contains(&read), "{read}");
    assert_eq!((bytes("seen.ff"), rows["seen.ff"].rows), (None, None), "a view reads nothing when it is made");
    assert!(rows["read.ff"].whole["peak_memory"].as_u64().is_some_and(|bytes| bytes > 0));
    assert!(rows.values().all(|row| row.whole["bytes_estimated"] == false));
    sandbox.fft("explain read").expect(0).says(" scanned");
    // What isn't built has no figures.
    sandbox.fft("run").expect(0);
    assert!(sandbox.rows().values().all(|row| row.whole["bytes_scanned"].is_null()));
}

#[test]
fn a_query_over_its_limit_is_not_sent() {
    let mut sandbox = project();
    sandbox.write("budgets.yml", "version: 1\nquery_limits:\n  duckdb: {max_bytes: 4MB}\n");
    let ran = sandbox.fft("run --keep-going").expect(1);
    let ran = ran.says("not sent: the query would scan 4.7 MB").says("the limit is 4.0 MB (budgets.yml:3:23)");
    ran.says("story.analytics.many: 200000 rows, 4.7 MB").says("hint: ");
    let rows = sandbox.rows();
    assert_eq!((rows["few.ff"].status.as_str(), rows["read.ff"].status.as_str()), ("success", "error"));
    sandbox.fft("explain read").expect(0).says("read.ff failed").says("not sent: the query would scan 4.7");
    assert_eq!(
        sandbox.query(".local/story.duckdb", "select count(*) from duckdb_tables() where table_name = 'read'"),
        ["0"]
    );
    // The variable wins, both ways.
    sandbox.set("FF_OTHER", "1");
    with_limit(&sandbox, "run", "1_000 MB").expect(0);
    let ran = with_limit(&sandbox, "run --rebuild few.ff", "3_000_000").expect(1);
    ran.says("few.ff").says("the limit is 2.9 MB (FF_DUCKDB_MAX_BYTES)");
    for wrong in ["10 QB", "-1", "much"] {
        with_limit(&sandbox, "run", wrong)
            .expect(2)
            .says("FF_DUCKDB_MAX_BYTES is not a size")
            .says("hint: write 5_000_000");
    }
}

#[test]
fn a_python_model_is_guarded_by_what_it_is_given() {
    let sandbox = project();
    let model = "from fastflowtransform import model\n\n\n@model(name=\"py\", deps=[\"few.ff\"])\n\
                 def build(few: list) -> list:\n    return [{\"n\": len(few)}]\n";
    sandbox.write("models/py.ff.py", model);
    sandbox.fft("run").expect(0);
    assert!(sandbox.rows()["py"].whole["bytes_scanned"].as_u64().is_some_and(|bytes| bytes > 28_000 * 16));
    sandbox.write("seeds/people.csv", "id,name\n1,Ada\n");
    let ran = with_limit(&sandbox, "run --select people", "10").expect(1);
    ran.says("seeds/people.csv: 14 bytes");
    let results = sandbox.read(".fastflowtransform/target/run_results.json");
    assert!(!results.contains(&sandbox.root().display().to_string()), "no artifact holds an absolute path");
    with_limit(&sandbox, "run --select py --no-upstream --rebuild py", "100KB")
        .expect(1)
        .says("not sent: the query would scan");
}

#[test]
fn files_are_estimated_by_their_size() {
    let sandbox = project();
    sandbox.fft("run").expect(0);
    let file = sandbox.path("big.csv").display().to_string();
    let copy = format!("copy (select i from range(100000) t(i)) to '{file}' (format csv)");
    sandbox.query(".local/story.duckdb", &copy);
    let size = sandbox.bytes("big.csv").len() as u64;
    sandbox.write("models/file.ff.sql", &format!("select * from read_csv('{file}')\n"));
    sandbox.write("models/view.ff.sql", &format!("{{{{ config(materialized='view') }}}}select * from '{file}'\n"));
    sandbox.write("models/over.ff.sql", "select count(i) as n from {{ ref('view') }}\n");
    let ran = with_limit(&sandbox, "run --keep-going", "100KB").expect(1);
    ran.says("file.ff").says("over.ff").says(&format!("{file}: "));
    with_limit(&sandbox, "run", "10MB").expect(0);
    assert_eq!(sandbox.rows()["file.ff"].whole["bytes_scanned"].as_u64(), Some(size));
}

#[test]
fn budgets_are_held_against_what_ran() {
    let sandbox = project();
    sandbox.write(
        "budgets.yml",
        "version: 1\ntotal:\n  bytes_scanned: {warn: 1MB, error: 1GB}\n  query_duration_ms: {error: 10m}\nmodels:\n  \
         many.ff: {rows: {warn: 100_000, error: 1_000_000}}\n  seen: {rows: {error: 1}}\ntags:\n  heavy: {bytes_scanned: {error: 1KB}}\n",
    );
    let ran = sandbox.fft("run").expect(1);
    let lines: Vec<Vec<&str>> = ran.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    let line = |start: &[&str]| lines.iter().any(|line| line.starts_with(start));
    assert!(line(&["WARN", "total", "bytes_scanned"]) && line(&["OK", "total", "query_duration_ms"]), "{}", ran.stdout);
    assert!(line(&["WARN", "model", "many.ff", "rows", "200,000", "100,000", "1,000,000"]), "{}", ran.stdout);
    assert!(line(&["–", "model", "seen", "rows", "unknown"]) && line(&["OVER", "tag", "heavy"]), "{}", ran.stdout);
    assert!(ran.stderr.contains("✗ budget: tag heavy bytes_scanned is 4.7 MB"), "{}", ran.stderr);
    let budgets = results(&sandbox)["budgets"].clone();
    assert_eq!(budgets["status"], "error");
    let statuses: Vec<&str> =
        budgets["checks"].as_array().unwrap().iter().map(|one| one["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["warn", "ok", "warn", "idle", "error"]);
    // All was built, and nothing is left to pay for; rows are there all the same.
    let ran = sandbox.fft("run").expect(0);
    assert!(
        ran.stdout.lines().any(|line| line.trim_start().starts_with("WARN    model many.ff rows")),
        "{}",
        ran.stdout
    );
    assert_eq!(results(&sandbox)["budgets"]["status"], "warn");
}

#[test]
fn what_a_relation_is_stays_a_breach_when_it_is_skipped() {
    let sandbox = project();
    let budgets = |limit: u64| {
        format!(
            "total:\n  rows: {{error: {limit}}}\nmodels:\n  many.ff: {{rows: {{error: {limit}}}}}\ntags:\n  heavy: {{rows: {{error: 5}}}}\n"
        )
    };
    sandbox.write("budgets.yml", &budgets(1000));
    sandbox.fft("run").expect(1);
    for arguments in ["run -v", "run -v --select read", "run -v --cache ro"] {
        let ran = sandbox.fft(arguments).expect(1).says("OVER    model many.ff rows").says("OVER    total rows");
        ran.says("0 built")
            .says("OK      tag heavy rows")
            .says("✗ budget: model many.ff rows is 200,000, over the limit of 1,000");
    }
    let checks = results(&sandbox)["budgets"]["checks"].clone();
    assert_eq!(checks[1]["actual"], 200_000);
    sandbox.fft("plan").expect(0).says("OVER    model many.ff rows");
    let json: Value = serde_json::from_str(&sandbox.fft("plan --json").expect(0).stdout).unwrap();
    assert_eq!(json["expected"]["budgets"]["status"], "error");
    // Within the new limit it is no breach any more, and what isn't part of the run isn't counted.
    sandbox.write("budgets.yml", &budgets(1_000_000));
    sandbox.fft("run -v").expect(0).says("OK      model many.ff rows");
    let quiet = sandbox.fft("run").expect(0);
    assert!(!quiet.stdout.contains("many.ff rows"), "{}", quiet.stdout);
    // Another checkout built it, so that no record here tells of its rows: the database counts them.
    sandbox.query(".local/story.duckdb", "update analytics._ff_meta set run_id = '20260101T000000Z-0000'");
    sandbox.write("budgets.yml", &budgets(1000));
    sandbox.fft("run").expect(1).says("0 built").says("OVER    model many.ff rows");
    // Of a node that is to be built the rows aren't known: what is known is no OK of the whole.
    sandbox.write("budgets.yml", &budgets(1_000_000));
    sandbox.write("models/few.ff.sql", "select id from {{ ref('many') }} where g = 3\n");
    sandbox.fft("plan").expect(0).says("UNKNOWN total rows").says("without 1 of which it isn't known");
}

#[test]
fn a_plan_tells_what_it_is_expected_to_scan() {
    let mut sandbox = project();
    sandbox.write("budgets.yml", "total:\n  bytes_scanned: {error: 1MB}\nquery_limits:\n  duckdb: {max_bytes: 4MB}\n");
    let ran =
        sandbox.fft("plan").expect(0).says("expected to scan 0 bytes, without 2 nodes whose queries can't be planned");
    assert!(!ran.stdout.contains("OVER"), "{}", ran.stdout);
    with_limit(&sandbox, "run", "1GB");
    sandbox.set("FF_OTHER", "1");
    let plan =
        sandbox.fft("plan").expect(0).says("expected to scan 7.").says("read.ff: not sent: the query would scan");
    assert!(
        plan.stdout.lines().any(|line| line.trim_start().starts_with("OVER ") && line.ends_with("estimated")),
        "{}",
        plan.stdout
    );
    let json: Value = serde_json::from_str(&sandbox.fft("plan --json").expect(0).stdout).unwrap();
    assert_eq!((&json["expected"]["nodes"]["many.ff"], &json["expected"]["unknown"]), (&0.into(), &0.into()));
    assert_eq!(json["expected"]["budgets"]["status"], "error");
    assert!(json["expected"]["refused"]["read.ff"].is_string());
}

#[test]
fn wrong_budgets_are_told_with_their_place() {
    let sandbox = project();
    for (text, message, place) in [
        ("models: {few.f: {rows: {error: 1}}}\n", "there is no model `few.f`", "budgets.yml:1:10"),
        ("total: {rows: {error: -1}}\n", "`-1` is not a number of rows", "budgets.yml:1:23"),
        ("total: {bytes_scanned: {warn: 3 parsecs}}\n", "`3 parsecs` is not a size", "budgets.yml:1:31"),
        ("total: {bytes: {warn: 3}}\n", "unknown key `bytes`", "budgets.yml:1:9"),
        ("query_limits: {dukdb: {max_bytes: 1}}\n", "unknown engine `dukdb`", "budgets.yml:1:16"),
    ] {
        sandbox.write("budgets.yml", text);
        for command in ["run", "plan", "ls"] {
            sandbox.fft(command).expect(2).says(message).says(place);
        }
    }
}
