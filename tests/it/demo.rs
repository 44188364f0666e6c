//! The demo's table, row by row, through its own Makefile: which nodes are built and which skipped, and why.

use crate::project::{FFT, Ran, Row, Sandbox, rows, snapshot};
use std::collections::BTreeMap;

const NODES: [&str; 7] =
    ["http_users", "mart_user_orders.ff", "py_constants", "seed_orders", "seed_users", "stg_orders.ff", "stg_users.ff"];

pub const RESULTS: &str = ".fastflowtransform/target/run_results.json";
pub const COPY: &str = ".local/work/.fastflowtransform/target/run_results.json";

/// A copy of the demo and what its tracked files were.
pub struct Demo {
    pub sandbox: Sandbox,
    tracked: BTreeMap<String, Vec<u8>>,
}

impl Demo {
    pub fn new() -> Demo {
        let mut sandbox = Sandbox::demo();
        // The recording answers; what the network does is the matter of one test alone.
        sandbox.set("FF_HTTP_OFFLINE", "1");
        let tracked = snapshot(sandbox.root());
        Demo { sandbox, tracked }
    }

    /// Runs targets of the Makefile with the binary under test, and sees that no tracked file changed.
    #[track_caller]
    pub fn make(&self, arguments: &[&str]) -> Ran {
        let mut command = self.sandbox.command("make");
        command.arg(format!("FFT={FFT}")).args(arguments).arg("--no-print-directory");
        let ran = Ran::of(command).expect(0);
        assert!(snapshot(self.sandbox.root()) == self.tracked, "make {arguments:?} changed a tracked file");
        ran
    }

    /// Every node's status, primary cause and role after the last run recorded in `results`.
    #[track_caller]
    fn is(&self, results: &str, expected: &[(&str, &str, &str, &str)]) {
        let found = rows(&self.sandbox.path(results));
        assert_eq!(found.keys().map(String::as_str).collect::<Vec<_>>(), NODES);
        let said = |row: &Row| (row.status.clone(), row.primary_code.clone(), row.role.clone());
        for (name, row) in &found {
            let one =
                expected.iter().find(|(node, ..)| node == name).or_else(|| expected.iter().find(|one| one.0 == "*"));
            let (_, status, code, role) = one.unwrap_or_else(|| panic!("nothing is expected of {name}"));
            let wanted = (status.to_string(), code.to_string(), role.to_string());
            assert_eq!(said(row), wanted, "{name}: {:?}", row.codes);
        }
    }

    fn cell(&self, sql: &str) -> Vec<String> {
        self.sandbox.query(".local/cache_demo.duckdb", sql)
    }
}

const SKIPPED: (&str, &str, &str, &str) = ("*", "skipped", "all_inputs_equal", "-");

#[test]
fn cache_first_builds_all_and_cache_second_nothing() {
    let demo = Demo::new();
    demo.make(&["cache_first"]);
    demo.is(RESULTS, &[("*", "success", "first_build", "root")]);
    let mart =
        "select user_id, order_count, total_amount::varchar from cache_demo.cache_demo.mart_user_orders order by 1";
    assert_eq!(demo.cell(mart), ["1|2|59.75", "2|1|99.90", "3|1|64.80"]);
    assert_eq!(demo.cell("select count(*) from cache_demo.cache_demo.http_users"), ["10"]);
    let manifest = demo.sandbox.bytes(".fastflowtransform/target/manifest.json");
    demo.make(&["cache_second"]).says("7 skipped: all inputs equal").says("○ SKIP     mart_user_orders.ff");
    demo.is(RESULTS, &[SKIPPED]);
    assert!(manifest == demo.sandbox.bytes(".fastflowtransform/target/manifest.json"), "the manifest changed");
}

#[test]
fn change_sql_rebuilds_the_model_and_its_mart() {
    let demo = Demo::new();
    demo.make(&["change_sql"]);
    let expected = [
        ("stg_users.ff", "success", "sql_changed", "root"),
        ("mart_user_orders.ff", "success", "upstream_changed", "cascade"),
        SKIPPED,
    ];
    demo.is(COPY, &expected);
    // The project itself was brought up to date and not touched otherwise.
    demo.make(&["cache_second"]);
    demo.is(RESULTS, &[SKIPPED]);
}

#[test]
fn change_seed_rebuilds_seed_staging_and_mart() {
    let demo = Demo::new();
    demo.make(&["change_seed"]).says("(+1 row)");
    let expected = [
        ("seed_users", "success", "seed_changed", "root"),
        ("stg_users.ff", "success", "upstream_changed", "cascade"),
        ("mart_user_orders.ff", "success", "upstream_changed", "cascade"),
        SKIPPED,
    ];
    demo.is(RESULTS, &expected);
    let mart = &demo.sandbox.rows()["mart_user_orders.ff"];
    assert_eq!(mart.path, ["seed_users", "stg_users.ff", "mart_user_orders.ff"]);
    assert_eq!(demo.cell("select count(*) from cache_demo.cache_demo.mart_user_orders"), ["4"]);
    // Without the patch the seed is what it was, and the rest follows.
    demo.make(&["cache_first"]).says("(−1 row)");
    demo.is(RESULTS, &expected);
}

#[test]
fn change_env_rebuilds_all() {
    let demo = Demo::new();
    demo.make(&["change_env"]);
    let expected = [
        ("stg_users.ff", "success", "env_changed", "mixed"),
        ("stg_orders.ff", "success", "env_changed", "mixed"),
        ("mart_user_orders.ff", "success", "env_changed", "mixed"),
        ("*", "success", "env_changed", "root"),
    ];
    demo.is(RESULTS, &expected);
    // One reason, told once.
    let value: serde_json::Value = serde_json::from_slice(&demo.sandbox.bytes(RESULTS)).unwrap();
    let roots: Vec<_> =
        value["roots"].as_array().unwrap().iter().map(|root| root["sentence"].as_str().unwrap()).collect();
    assert_eq!(roots, ["env changed: FF_DEMO_TOGGLE (unset → 1)"]);
}

#[test]
fn change_py_rebuilds_that_model_alone() {
    let demo = Demo::new();
    demo.make(&["change_py"]);
    demo.is(COPY, &[("py_constants", "success", "python_changed", "root"), SKIPPED]);
    let copy = crate::project::query(
        &demo.sandbox.path(".local/work/.local/cache_demo.duckdb"),
        "select min(order_target)::integer from cache_demo.cache_demo.py_constants",
    );
    assert_eq!(copy, ["30"]);
}

#[test]
fn run_parallel_builds_all_again() {
    let demo = Demo::new();
    demo.make(&["cache_first", "run_parallel", "JOBS=8 "]);
    let rows = demo.sandbox.rows();
    assert!(rows.values().all(|row| row.status == "success" && row.primary_code == "cache_write_only"), "{rows:?}");
    demo.make(&["cache_second"]);
    demo.is(RESULTS, &[SKIPPED]);
}

/// With a network the service answers first; without one the recording does. Either way the second needs neither.
#[test]
fn http_is_answered_without_the_network() {
    let mut demo = Demo::new();
    demo.sandbox.set("FF_HTTP_OFFLINE", "0");
    demo.make(&["http_cache_clear", "http_first"]);
    assert_eq!(demo.sandbox.rows()["http_users"].status, "success");
    let second = demo.make(&["http_offline"]);
    let row = &demo.sandbox.rows()["http_users"];
    assert_eq!((row.status.as_str(), row.primary_code.as_str()), ("success", "forced"));
    assert_eq!(row.rows, Some(10));
    assert_eq!(row.whole["http"]["requests"], 1);
    let hits = &row.whole["http"]["cache_hits"];
    let offline = &row.whole["http"]["used_offline"];
    let line = format!("http_users: requests=1 cache_hits={hits} offline={offline}");
    second.says(&line);
    assert_eq!(*offline, true);
}

#[test]
fn a_query_is_stopped_by_its_limit() {
    let demo = Demo::new();
    let ran = demo.make(&["cost_guard_example"]).says("not sent: the query would scan ").says("(FF_DUCKDB_MAX_BYTES)");
    ran.says("mart_user_orders.ff failed in run").says("stg_users: 3 rows");
    let left = ("*", "not_selected", "not_selected", "-");
    demo.is(RESULTS, &[("mart_user_orders.ff", "error", "forced", "root"), left]);
    // What was built before stands, and is current.
    demo.make(&["cache_second"]);
    demo.is(RESULTS, &[SKIPPED]);
    demo.make(&["cost_guard_example", "LIMIT= 128 "]).says("the limit is 128 bytes");
}

#[test]
fn the_whole_demo_and_each_of_its_targets() {
    let demo = Demo::new();
    let help = demo.make(&["help"]);
    let lines = help.stdout.lines().map(str::trim);
    let targets: Vec<&str> = lines.filter_map(|line| line.split_whitespace().next()).collect();
    //: `examples/cache_demo`: a project with a Makefile that changes SQL, a seed, a variable and Python, one at a time.
    let promised = [
        "cache_first",
        "cache_second",
        "change_sql",
        "change_seed",
        "change_env",
        "change_py",
        "run_parallel",
        "http_first",
        "http_offline",
        "http_cache_clear",
        "cost_guard_example",
        "dag",
        "artifacts",
        "clean",
        "demo",
    ];
    for target in promised {
        assert!(targets.contains(&target), "`make help` doesn't name {target}: {targets:?}");
    }
    for target in &targets {
        let said = demo.make(&[target]);
        assert!(!said.stdout.trim().is_empty(), "make {target} says nothing");
    }
}

/// `make -n` and a real run: a blank behind a value of the command line is part of the value for make.
#[test]
fn blanks_around_values_do_no_harm() {
    let demo = Demo::new();
    demo.make(&["cache_first", "ENGINE=duckdb "]);
    demo.is(RESULTS, &[("*", "success", "first_build", "root")]);
    demo.make(&["cache_second", "ENGINE= duckdb", "JOBS= 2 "]);
    demo.is(RESULTS, &[SKIPPED]);
}
