//! Advice on made-up histories, whose counts are known.

use super::*;
use crate::artifact::history::Record;
use crate::artifact::wire::AdviceCode;
use crate::digest::Digest;
use serde_json::{Value, json};

/// A node of a made-up run: name, causes (code, name, comments alone), roots, milliseconds, rows.
struct Row<'a> {
    name: &'a str,
    causes: &'a [(&'a str, &'a str, bool)],
    roots: &'a [&'a str],
    ms: u64,
    rows: u64,
}

fn record(run: &str, rows: &[Row<'_>], roots: Value) -> Record {
    let row = |row: &Row<'_>| {
        let cause = |(code, name, cosmetic): &(&str, &str, bool)| {
            let mut cause = json!({"code": code, "name": name, "sentence": "x"});
            if *cosmetic {
                cause["cosmetic"] = json!(true);
            }
            cause
        };
        let causes: Vec<Value> = row.causes.iter().map(cause).collect();
        let built = !causes.is_empty();
        json!({
            "bytes_scanned": null, "details": [], "duration_ms": built.then_some(row.ms), "finished_at": null, "http": null,
            "message": null, "name": row.name, "output": null, "peak_memory": null, "query_duration_ms": null,
            "rows": built.then_some(row.rows), "started_at": null, "status": if built { "success" } else { "skipped" },
            "decision": {"action": "build", "baseline": null, "causes": causes, "checks": [], "impact": null, "path": [],
                "path_elided": 0, "primary_code": "sql_changed", "role": null, "roots": row.roots, "sole_impact": null,
                "summary": "x"},
        })
    };
    let rows: Vec<Value> = rows.iter().map(row).collect();
    let value = json!({
        "fingerprints": {}, "previous": null,
        "results": {
            "cache_mode": "rw", "duration_ms": 9, "engine": "an engine", "interrupted": false, "profile": "dev",
            "run_started_at": "2026-11-22T10:15:00.000Z", "run_finished_at": "2026-11-22T10:15:01.000Z",
            "metadata": {"git": {"commit": null}, "project": "p", "run_id": run, "schema_version": "1.0", "tool_version": "0"},
            "results": rows, "roots": roots,
            "totals": {"blocked": 0, "built": 0, "cascading": 0, "failed": 0, "nodes": 0, "not_selected": 0, "roots": 0,
                "skipped": 0},
        },
    });
    serde_json::from_value(value).unwrap()
}

/// A manifest of nodes with their paths, what each reads, and the variables that templates name; `FF_REGION` is an input
/// of all.
fn manifest(nodes: &[(&str, &str, &[&str], &[&str])]) -> Manifest {
    let component = json!({"digest": Digest::of(b"x"), "kind": "env", "name": "FF_REGION", "present": true, "size": 1});
    let node = |(name, path, reads, variables): &(&str, &str, &[&str], &[&str])| {
        let input =
            |name: &&str| json!({"digest": Digest::of(b"x"), "kind": "env", "line": 1, "name": name, "path": path});
        let inputs: Vec<Value> = variables.iter().map(input).collect();
        let kind = if path.ends_with(".py") { "python" } else { "sql" };
        json!({
            "columns": [], "compiled": "import os\nos.environ['FF_OTHER']", "deps": reads, "description": null,
            "fingerprint": {"components": [component], "format": "fft-fingerprint-v1", "inputs": inputs,
                "value": Digest::of(name.as_bytes())},
            "kind": kind, "level": 1, "materialized": "table", "meta": null, "name": name, "path": path,
            "relation": {"catalog": null, "name": name, "schema": "main"}, "relation_name": name, "sources": [], "tags": [],
        })
    };
    let children = |name: &str| -> Vec<&str> {
        nodes.iter().filter(|other| other.2.contains(&name)).map(|other| other.0).collect()
    };
    let all: BTreeMap<&str, Value> = nodes.iter().map(|one| (one.0, node(one))).collect();
    let below: BTreeMap<&str, Vec<&str>> = nodes.iter().map(|one| (one.0, children(one.0))).collect();
    let above: BTreeMap<&str, &[&str]> = nodes.iter().map(|one| (one.0, one.2)).collect();
    serde_json::from_value(json!({
        "children": below, "levels": [], "macros": {}, "nodes": all, "parents": above, "sources": {},
        "metadata": {"engine": "an engine", "generated_at": "x", "git": {"commit": null}, "profile": "dev", "project": "p",
            "project_version": "1", "run_id": "r", "schema_version": "1.0", "tool_version": "0"},
    }))
    .unwrap()
}

fn chain() -> Manifest {
    manifest(&[
        ("a", "models/a.sql", &[], &[]),
        ("b", "models/b.sql", &["a"], &[]),
        ("c", "models/c.sql", &["b"], &[]),
        ("d", "models/end/d.sql", &["c"], &[]),
    ])
}

fn of(manifest: &Manifest, records: &[Record]) -> Vec<Advice> {
    let facts: Vec<Facts> = records.iter().map(Facts::of).collect();
    advice(manifest, &facts.iter().collect::<Vec<_>>())
}

fn codes(all: &[Advice]) -> Vec<AdviceCode> {
    all.iter().map(|one| one.code).collect()
}

fn built<'a>(name: &'a str, causes: &'a [(&'a str, &'a str, bool)], roots: &'a [&'a str], ms: u64) -> Row<'a> {
    Row { name, causes, roots, ms, rows: 7 }
}

fn skipped(name: &str) -> Row<'_> {
    Row { name, causes: &[], roots: &[], ms: 0, rows: 0 }
}

#[test]
fn comments_are_told_with_what_they_alone_rebuilt() {
    let comment = &[("sql_changed", "a.sql", true)][..];
    let upstream = &[("upstream_changed", "a", false)][..];
    let sql = &[("sql_changed", "b.sql", false)][..];
    let records = [
        // A comment in a; c has an edit of its own, so that d follows both.
        record(
            "r1",
            &[
                built("a", comment, &["a"], 5),
                built("b", upstream, &["a"], 6),
                built("c", sql, &["c"], 7),
                built("d", &[("upstream_changed", "c", false)], &["a", "c"], 8),
            ],
            json!([]),
        ),
        // No comment.
        record("r2", &[skipped("a"), built("b", sql, &["b"], 9), skipped("c"), skipped("d")], json!([])),
        // Text and comment of one node: not a comment alone.
        record("r3", &[built("a", &[("sql_changed", "a", true), ("var_changed", "v", false)], &["a"], 9)], json!([])),
    ];
    let all = of(&chain(), &records);
    assert_eq!(codes(&all), [AdviceCode::Cosmetic]);
    let one = &all[0];
    assert_eq!((one.saved_ms, one.nodes.as_slice()), (Some(11), &["a".to_string()][..]));
    assert_eq!(
        one.sentence,
        "Only comments and white space were edited in a, in 1 run: 2 nodes were rebuilt for no other reason, 11 ms."
    );
    assert_eq!(one.evidence.len(), 1);
    assert_eq!(one.evidence[0].run_id, "r1");
    assert_eq!(
        one.evidence[0].sentence,
        "an edit of comments in a rebuilt 3 nodes, 2 of them only because of it (11 ms)"
    );
    assert_eq!(one.setting.as_deref(), Some("project.yml: fingerprint: {cosmetic: skip}"));
    // Where everything had another reason too, nothing would have been saved.
    let mixed = record("r1", &[built("a", comment, &["a", "env FF_X"], 5)], json!([]));
    assert!(of(&chain(), &[mixed]).is_empty());
}

fn region(run: &str, nodes: &[&str]) -> Record {
    let rows: Vec<Row<'_>> =
        nodes.iter().map(|name| built(name, &[("env_changed", "FF_REGION", false)], &["env FF_REGION"], 3)).collect();
    let root = json!([{"code": "env_changed", "impact": nodes.len(), "kind": "global", "name": "env FF_REGION",
        "sentence": "env changed: FF_REGION", "sole_impact": nodes.len()}]);
    record(run, &rows, root)
}

#[test]
fn a_variable_that_no_model_names_is_told_with_each_run() {
    let records = [region("r1", &["a", "b", "c", "d"]), region("r2", &["a", "b"])];
    let all = of(&chain(), &records);
    assert_eq!(codes(&all), [AdviceCode::Variable]);
    assert_eq!(all[0].sentence, "FF_REGION rebuilt 4 and 2 nodes in 2 runs, and no model names it.");
    assert_eq!(all[0].saved_ms, Some(18));
    assert_eq!(all[0].evidence[1].sentence, "a change of FF_REGION rebuilt 2 nodes (6 ms)");
    assert_eq!(all[0].setting.as_deref(), Some("project.yml: fingerprint: {env: {ignore: [FF_REGION]}}"));
    // A template that reads it makes it no advice.
    let reads = manifest(&[("a", "models/a.sql", &[], &["FF_REGION"]), ("b", "models/b.sql", &["a"], &[])]);
    assert!(of(&reads, &records).is_empty());
    // Nor is it one where it is no input any longer.
    let mut ignored = chain();
    for node in ignored.nodes.values_mut() {
        node.fingerprint =
            serde_json::from_value(json!({"components": [], "format": "f", "inputs": [], "value": Digest::of(b"x")}))
                .unwrap();
    }
    assert!(of(&ignored, &records).is_empty());
}

/// What Python reads isn't recorded as an input: its text counts.
#[test]
fn a_python_text_may_name_a_variable() {
    let records = [region("r1", &["a"])];
    let python = |text: Option<&str>| {
        let mut manifest = manifest(&[("a", "models/a.ff.py", &[], &[]), ("b", "models/b.sql", &["a"], &[])]);
        manifest.nodes.get_mut("a").unwrap().compiled = text.map(String::from);
        codes(&of(&manifest, &records))
    };
    assert_eq!(python(Some("os.environ['FF_OTHER']")), [AdviceCode::Variable]);
    assert!(python(Some("os.environ['FF_REGION']")).is_empty());
    assert!(python(None).is_empty(), "a text that is withheld may name anything");
}

#[test]
fn builds_with_the_same_rows_are_told_with_what_followed_them_alone() {
    let data = &[("source_data_changed", "raw.x", false)][..];
    let run = |id: &str, rows: u64| {
        record(
            id,
            &[
                Row { name: "a", causes: data, roots: &["a"], ms: 4, rows },
                built("b", &[("upstream_changed", "a", false)], &["a"], 5),
                built("c", &[("upstream_changed", "b", false), ("sql_changed", "c", false)], &["a", "c"], 6),
                skipped("d"),
            ],
            json!([]),
        )
    };
    let quiet = record("r4", &[skipped("a"), skipped("b"), skipped("c"), skipped("d")], json!([]));
    let all = of(&chain(), &[run("r1", 100), run("r2", 100), run("r3", 100), quiet]);
    assert_eq!(codes(&all), [AdviceCode::SameRows]);
    assert_eq!(
        all[0].sentence,
        "a was built in 3 of 4 runs, each time with 100 rows, and 3 builds (15 ms) were made only because of that: if the \
         rows were the same, early cutoff would have skipped them."
    );
    let runs: Vec<&str> = all[0].evidence.iter().map(|one| one.run_id.as_str()).collect();
    assert_eq!(runs, ["r1", "r2", "r3"]);
    assert_eq!(all[0].evidence[0].sentence, "built a with 100 rows; 1 node followed it alone (5 ms)");
    // Other rows once, or too few builds, prove nothing.
    assert!(of(&chain(), &[run("r1", 100), run("r2", 101), run("r3", 100)]).is_empty());
    assert!(of(&chain(), &[run("r1", 100), run("r2", 100)]).is_empty());
    // With early cutoff on there is nothing to advise.
    let mut last = run("r3", 100);
    last.results.results[0].output = Some(Digest::of(b"rows"));
    assert!(of(&chain(), &[run("r1", 100), run("r2", 100), last]).is_empty());
}

fn timed(run: &str, times: Times) -> Facts {
    Facts {
        built: BTreeMap::new(),
        comments: None,
        cutoff: false,
        profile: "dev".into(),
        run_id: run.into(),
        times: Some(times),
        variables: BTreeMap::new(),
    }
}

fn times(more_workers: Option<(usize, u64)>, faster_chain_ms: Option<u64>) -> Times {
    let slowest = crate::artifact::wire::Timed { ms: 400, name: "b".into() };
    Times { chain_ms: 700, faster_chain_ms, last: "d".into(), more_workers, slowest, workers: 2 }
}

#[test]
fn times_advise_once_they_were_seen_twice() {
    let chain_runs =
        [timed("r1", times(None, Some(300))), timed("r2", times(None, None)), timed("r3", times(None, Some(200)))];
    let refs: Vec<&Facts> = chain_runs.iter().collect();
    let all = advice(&chain(), &refs);
    assert_eq!(codes(&all), [AdviceCode::SlowChain]);
    assert_eq!((all[0].saved_ms, all[0].nodes.as_slice()), (Some(500), &["b".to_string()][..]));
    assert_eq!(all[0].evidence[0].sentence, "the chain ending in d needed 700 ms, 400 ms of it for b");
    assert!(advice(&chain(), &refs[..2]).is_empty());

    let crowded = [timed("r1", times(Some((4, 900)), None)), timed("r2", times(Some((6, 800)), Some(100)))];
    let all = advice(&chain(), &crowded.iter().collect::<Vec<_>>());
    assert_eq!(codes(&all), [AdviceCode::Workers]);
    assert_eq!(all[0].setting.as_deref(), Some("fft run --jobs 6"));
    assert_eq!(all[0].evidence[0].sentence, "4 workers instead of 2 would have saved about 900 ms");
}

#[test]
fn what_nothing_reads_is_told_where_its_neighbours_are_read() {
    let project = manifest(&[
        ("a", "models/stg/a.sql", &[], &[]),
        ("b", "models/stg/b.sql", &[], &[]),
        ("left", "models/stg/left.sql", &[], &[]),
        ("mart", "models/marts/mart.sql", &["a", "b"], &[]),
    ]);
    let sql = &[("first_build", "x", false)][..];
    let record = record("r1", &[built("left", sql, &[], 12), built("mart", sql, &[], 3)], json!([]));
    let all = of(&project, &[record]);
    assert_eq!(codes(&all), [AdviceCode::Unread]);
    assert_eq!(all[0].nodes, ["left"]);
    assert_eq!(
        all[0].sentence,
        "Nothing in the project reads left, though most of what stands beside it is read; it took 12 ms in 1 kept run."
    );
}

#[test]
fn a_project_without_runs_gets_no_advice() {
    assert!(advice(&chain(), &[]).is_empty());
}
