//! Records that mend, and runs that leave theirs whatever goes wrong: damage, many at once, what can't be written, what a
//! kill left behind, and databases that hold nothing.

use crate::project::{CHECKOUT, Ran, Sandbox, Started};
use nix::sys::signal::Signal;
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;

const PACK: &str = ".fastflowtransform/evidence.pack";
const RESULTS: &str = ".fastflowtransform/target/run_results.json";

fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("seeds/people.csv", "id,name\n1,Ada\n");
    sandbox.write("macros/tidy.sql", "{% macro tidy(column) %}trim({{ column }}){% endmacro %}\n");
    sandbox.write("models/stg.ff.sql", "select id, {{ tidy('name') }} as name from {{ ref('people') }}\n");
    sandbox.write("models/mart.ff.sql", "select count(*) as n from {{ ref('stg.ff') }}\n");
    sandbox
}

/// The check that shares nothing with fft.
fn independent(sandbox: &Sandbox) -> Ran {
    let mut command = sandbox.command("python3");
    command.arg(Path::new(CHECKOUT).join("docs/verify.py")).arg(".fastflowtransform");
    Ran::of(command)
}

fn last_run(sandbox: &Sandbox) -> String {
    let results: Value = serde_json::from_str(&sandbox.read(RESULTS)).unwrap();
    results["metadata"]["run_id"].as_str().unwrap().to_string()
}

fn runs(sandbox: &Sandbox) -> Vec<String> {
    let files = fs::read_dir(sandbox.path(".fastflowtransform/runs")).unwrap();
    let mut names: Vec<String> = files.map(|file| file.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names.iter().map(|name| name.trim_end_matches(".json").to_string()).collect()
}

/// They wait for each other in any order, and the records are those of runs one after the other.
#[test]
fn runs_that_wait_for_each_other_leave_one_chain() {
    let sandbox = project();
    for _ in 0..2 {
        let started: Vec<Started> = (0..5).map(|_| sandbox.start("run --no-docs")).collect();
        for run in started {
            run.end().expect(0);
        }
    }
    assert_eq!(runs(&sandbox).len(), 10);
    sandbox.fft("verify").expect(0).says("10 runs in the chain");
    independent(&sandbox).expect(0);
    let last = last_run(&sandbox);
    assert_eq!(runs(&sandbox).last(), Some(&last));
    sandbox.fft("history show latest").expect(0).says(&format!("run {last} "));
}

/// The last run was recorded under a clock that ran a thousand years fast.
#[test]
fn a_clock_that_was_set_back_leaves_the_order_of_runs() {
    let sandbox = project();
    sandbox.fft("run --no-docs").expect(0);
    let first = last_run(&sandbox);
    let fast = "30260101T000000Z-ffff";
    for file in [format!(".fastflowtransform/runs/{first}.json"), RESULTS.into()] {
        sandbox.write(&file, &sandbox.read(&file).replace(&first, fast));
    }
    let path = |run: &str| sandbox.path(&format!(".fastflowtransform/runs/{run}.json"));
    fs::rename(path(&first), path(fast)).unwrap();
    sandbox.fft("run --no-docs").expect(0).says("0 built");
    let last = last_run(&sandbox);
    assert_eq!((last.as_str(), runs(&sandbox)), ("30260101T000001Z-0000", vec![fast.to_string(), last.clone()]));
    sandbox.fft("verify").expect(0);
    sandbox.fft("history prune --keep 1").expect(0).says("removed 1 run");
    assert_eq!(runs(&sandbox), [last]);
    sandbox.fft("run --no-docs").expect(0);
    sandbox.fft("verify").expect(0);
}

#[test]
fn damaged_evidence_mends() {
    let sandbox = project();
    sandbox.fft("run --no-docs").expect(0);
    let whole = sandbox.bytes(PACK);
    let middle = whole.len() / 2;
    let flip = |at: usize| [&whole[..at], &[whole[at] ^ 0x55], &whole[at + 1..]].concat();
    let damages = [
        ("a digest", flip(8)),
        ("a length", flip(39)),
        ("a content", flip(46)),
        ("the middle", [&whole[..middle], &[0; 64], &whole[middle + 64..]].concat()),
        ("the beginning", [&b"garbage"[..], &whole[..]].concat()),
        ("the end", whole[..whole.len() - 7].to_vec()),
        ("all of it", b"garbage".to_vec()),
    ];
    for (what, damaged) in damages {
        fs::write(sandbox.path(PACK), &damaged).unwrap();
        sandbox.fft("verify").expect(1).says("evidence.pack");
        independent(&sandbox).expect(1);
        let ran = sandbox.fft("run --no-docs").expect(0).says("0 built");
        // A record under another digest is a record; which bytes the middle has differs.
        let told = ran.stderr.contains("evidence.pack was damaged");
        assert!(told || ["a digest", "the middle"].contains(&what), "{what}: {}", ran.stderr);
        sandbox.fft("verify").expect(0);
        independent(&sandbox).expect(0);
    }
}

#[test]
fn records_that_cannot_be_read_are_named() {
    let sandbox = project();
    sandbox.fft("run --no-docs").expect(0);
    let sums = sandbox.bytes(".fastflowtransform/digests.sha256");
    let mut zeroed = sums.clone();
    zeroed[70..80].fill(0);
    fs::write(sandbox.path(".fastflowtransform/digests.sha256"), zeroed).unwrap();
    sandbox.fft("verify").expect(1).says("✗ digests.sha256: ");
    fs::write(sandbox.path(".fastflowtransform/digests.sha256"), &sums).unwrap();
    sandbox.fft("verify").expect(0);
    for file in ["evidence.pack", "pruned.json", "digests.sha256", "target/catalog.json", "target/manifest.json"] {
        let path = sandbox.path(&format!(".fastflowtransform/{file}"));
        let before = fs::read(&path).ok();
        let _ = fs::remove_file(&path);
        fs::create_dir(&path).unwrap();
        sandbox.fft("verify").expect(1).says(&format!("✗ {file}: "));
        fs::remove_dir(&path).unwrap();
        before.into_iter().for_each(|bytes| fs::write(&path, bytes).unwrap());
    }
    sandbox.fft("verify").expect(0);
}

/// Each file is tried, whatever becomes of the others; nodes are built and recorded all the same.
#[test]
fn a_record_that_cannot_be_written_costs_no_other() {
    let sandbox = project();
    let blocked = ["target/manifest.json", "target/catalog.json", "lineage.cache", "evidence.pack"];
    for file in blocked {
        fs::create_dir_all(sandbox.path(&format!(".fastflowtransform/{file}"))).unwrap();
    }
    let ran = sandbox.fft("run --no-docs").expect(4).says("3 built");
    for file in ["manifest.json", "catalog.json", "lineage.cache", "evidence.pack"] {
        assert!(ran.stderr.contains(file), "{file} isn't named:\n{}", ran.stderr);
    }
    assert_eq!(sandbox.rows().values().filter(|row| row.status == "success").count(), 3);
    sandbox.fft("history").expect(0).says("3 built");
    for file in blocked {
        fs::remove_dir(sandbox.path(&format!(".fastflowtransform/{file}"))).unwrap();
    }
    sandbox.fft("run --no-docs").expect(0).says("0 built");
    sandbox.fft("verify").expect(0);
}

#[test]
fn what_a_kill_left_behind_is_swept() {
    let sandbox = project();
    sandbox.fft("run").expect(0);
    let left = [".fastflowtransform/target/.fft-aB3xYz", ".fastflowtransform/.fft-000000", "site/dag/.fft-q1W2e3"];
    let own = ["site/dag/.fft-site", "site/dag/.fft-notes"];
    left.iter().chain(&own[1..]).for_each(|file| sandbox.write(file, "half"));
    sandbox.fft("run").expect(0).says("0 built");
    let there = |files: &[&str]| files.iter().filter(|file| sandbox.path(file).exists()).count();
    assert_eq!((there(&left), there(&own)), (0, 2));
}

#[test]
fn a_database_that_holds_nothing_is_told_and_left() {
    let sandbox = project();
    sandbox.fft("run --no-docs").expect(0);
    let file = sandbox.path(".local/story.duckdb");
    let whole = fs::read(&file).unwrap();
    let garbage = b"id,name\n1,Ada\n".repeat(900);
    for (bytes, words, hint) in [
        (Vec::new(), "the file is empty", "remove the file"),
        (vec![0; 8192], "the file holds 8192 bytes, all of them zero", "remove the file"),
        (whole[..8192].to_vec(), "the file was cut off when it was made: it has 8192 bytes", "remove the file"),
        (garbage, "the file isn't a DuckDB database (12600 bytes)", "name another `path`"),
    ] {
        fs::write(&file, &bytes).unwrap();
        for command in ["run --no-docs", "plan"] {
            let ran = sandbox.fft(command);
            // Some versions of DuckDB take an empty file for a new database.
            if ran.code != Some(0) || !bytes.is_empty() {
                let ran = ran.expect(4).says("can't open the database .local/story.duckdb").says(words);
                ran.says(hint);
                assert_eq!(fs::read(&file).unwrap(), bytes, "nothing is removed unasked");
            }
        }
    }
    fs::remove_file(&file).unwrap();
    sandbox.fft("run --no-docs").expect(0).says("3 built");
}

#[test]
fn looking_makes_no_database() {
    let sandbox = project();
    let other = "dev:\n  engine: duckdb\n  duckdb:\n    path: .local/story.duckdb\n    db_schema: analytics\n    attach: [{path: .local/other.duckdb, alias: other}]\n";
    sandbox.write("profiles.yml", other);
    for command in ["plan", "explain stg --next", "ls", "ls --select state:modified", "render stg", "dag", "history"] {
        let ran = sandbox.fft(command);
        assert!(!sandbox.path(".local").exists(), "{command} made it: {:?}\n{}", ran.code, ran.stderr);
    }
    sandbox.fft("plan").expect(0).says("first build");
}

/// A model that waits for a file.
fn gated(sandbox: &Sandbox) {
    sandbox.write(
        "models/gated.ff.py",
        "import os, time\n\nfrom fastflowtransform import model\n\n\n@model(name=\"gated\", deps=[])\n\
         def build() -> list:\n    while not os.path.exists('gate'):\n        time.sleep(0.05)\n    return [{\"n\": 1}]\n",
    );
}

/// Returns once the run has begun the gated model; what it says is read on.
fn begun(run: &mut Started) {
    let mut errors = BufReader::new(run.child().stderr.take().unwrap()).lines();
    let started = errors.find(|line| line.as_ref().is_ok_and(|line| line.contains("\"node_started\"")));
    assert!(started.is_some(), "it never began");
    std::thread::spawn(move || errors.for_each(drop));
}

#[test]
fn clean_waits_for_a_run() {
    let sandbox = Sandbox::new();
    gated(&sandbox);
    let mut run = sandbox.start("run --log-format json");
    begun(&mut run);
    let mut clean = sandbox.start("clean");
    let mut line = String::new();
    BufReader::new(clean.child().stderr.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("waiting for another run of this project"), "{line}");
    sandbox.write("gate", "");
    assert_eq!((run.end().code, clean.end().code), (Some(0), Some(0)));
    assert!(!sandbox.path(".fastflowtransform").exists() && !sandbox.path("site/dag/index.html").exists());
    sandbox.fft("run").expect(0);
    sandbox.fft("verify").expect(0);
}

/// Whatever changes records or the database, or vouches for them, does so alone; what reads records doesn't wait.
#[test]
fn every_verb_that_writes_keeps_out_of_a_run() {
    let sandbox = Sandbox::new();
    sandbox.write("models/one.ff.sql", "select 1 as id\n");
    sandbox.fft("run").expect(0);
    sandbox.write("packages.yml", "packages: []\n");
    gated(&sandbox);
    let mut run = sandbox.start("run --log-format json");
    begun(&mut run);
    let records = ["clean", "clean --orphans", "docs build", "history prune", "verify", "source freshness"];
    let builds = ["run", "build", "test", "seed", "deps", "snapshot run", "snapshot run --dry-run", "sync-db-comments"];
    for verb in builds.into_iter().chain(records) {
        let refused = sandbox.fft(&format!("{verb} --no-wait")).expect(5);
        assert!(refused.stderr.contains("another run holds this project"), "{verb}: {}", refused.stderr);
    }
    for verb in
        ["ls", "render one", "dag", "history", "history show latest", "diff latest latest", "explain one", "utest"]
    {
        sandbox.fft(verb).expect(0);
    }
    sandbox.write("gate", "");
    assert_eq!(run.end().code, Some(0));
    sandbox.fft("verify").expect(0);
}

#[test]
fn a_signal_ends_a_run_as_ctrl_c_does() {
    // Tests that were started with `nohup` hand that on: then the signal is to be ignored.
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| u64::from_str_radix(line.strip_prefix("SigIgn:")?.trim(), 16).ok());
    let ignored = |signal: Signal| mask.is_some_and(|mask| mask >> (signal as i32 - 1) & 1 == 1);
    for (signal, code) in [(Signal::SIGTERM, 143), (Signal::SIGHUP, 129), (Signal::SIGINT, 1)] {
        if ignored(signal) {
            continue;
        }
        let sandbox = Sandbox::new();
        sandbox.write("models/a_quick.ff.sql", "select 1 as id\n");
        gated(&sandbox);
        let mut run = sandbox.start("run --jobs 1 --log-format json");
        begun(&mut run);
        run.signal(signal);
        assert_eq!(run.end().code, Some(code), "{signal}");
        let results: Value = serde_json::from_str(&sandbox.read(RESULTS)).unwrap();
        assert_eq!(results["interrupted"], true, "{signal}");
        assert!(sandbox.rows().values().any(|row| row.message == "interrupted" || row.status == "blocked"));
        sandbox.fft("verify").expect(0);
    }
}

/// What somebody else made, or made anew, is theirs.
#[test]
fn orphans_that_others_made_are_left() {
    let sandbox = Sandbox::new();
    sandbox.write("models/kept.ff.sql", "{{ config(materialized='table') }}select 1 as id\n");
    for name in ["own", "rebuilt", "replaced", "gone"] {
        sandbox.write(&format!("models/{name}.ff.sql"), "{{ config(materialized='table') }}select 1 as id\n");
    }
    sandbox.fft("run").expect(0);
    for name in ["own", "rebuilt", "replaced", "gone"] {
        fs::remove_file(sandbox.path(&format!("models/{name}.ff.sql"))).unwrap();
    }
    for statement in [
        "update analytics._ff_meta set fingerprint = repeat('ab', 32) where node_name = 'rebuilt.ff'",
        "delete from analytics._ff_meta where node_name = 'replaced.ff'",
        "drop table if exists analytics.gone",
    ] {
        sandbox.query(".local/story.duckdb", statement);
    }
    let ran = sandbox.fft("clean --orphans").expect(0);
    for line in ["dropped own.ff", "forgot gone.ff"] {
        assert!(ran.stdout.contains(line), "{line}: {}", ran.stdout);
    }
    assert_eq!(ran.stdout.matches("as it is: it isn't what this project built").count(), 2, "{}", ran.stdout);
    let sql = "select table_name from duckdb_tables() where table_name <> '_ff_meta' order by 1";
    assert_eq!(sandbox.query(".local/story.duckdb", sql), ["kept", "rebuilt", "replaced"]);
}
