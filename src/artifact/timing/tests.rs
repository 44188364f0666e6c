//! Timelines of made-up records: lanes, chains, and what would have saved time.

use super::*;
use crate::digest::Digest;
use serde_json::{Value, json};

/// A node of a made-up run: its name, what it reads, when it ran (milliseconds since the run began), and its worker.
pub type Made<'a> = (&'a str, &'a [&'a str], Option<(u64, u64)>, Option<usize>);

/// The record of a run of `wall` milliseconds.
pub fn record(wall: u64, workers: Option<usize>, nodes: &[Made<'_>]) -> Record {
    let rows: Vec<Value> = nodes.iter().map(row).collect();
    let fingerprints: BTreeMap<&str, Value> = nodes.iter().map(|node| (node.0, fingerprint(node))).collect();
    let mut value = json!({
        "fingerprints": fingerprints, "previous": null,
        "results": {
            "cache_mode": "rw", "duration_ms": wall, "engine": "an engine", "interrupted": false, "profile": "dev",
            "run_started_at": "2026-11-22T10:15:00.250Z", "run_finished_at": at(wall),
            "metadata": {"git": {"commit": null}, "project": "p", "run_id": "20261122T101500Z-3fa9", "schema_version": "1.0",
                "tool_version": "0"},
            "results": rows, "roots": [],
            "totals": {"blocked": 0, "built": 0, "cascading": 0, "failed": 0, "nodes": 0, "not_selected": 0, "roots": 0,
                "skipped": 0},
        },
    });
    if let Some(workers) = workers {
        value["results"]["workers"] = json!(workers);
    }
    serde_json::from_value(value).unwrap()
}

fn at(ms: u64) -> String {
    let began: Timestamp = "2026-11-22T10:15:00.250Z".parse().unwrap();
    format!("{:.3}", began + std::time::Duration::from_millis(ms))
}

fn row((name, _, ran, worker): &Made<'_>) -> Value {
    let mut row = json!({
        "bytes_scanned": null, "details": [], "duration_ms": ran.map(|(start, end)| end - start),
        "finished_at": ran.map(|ran| at(ran.1)), "http": null, "message": null, "name": name, "output": null,
        "peak_memory": null, "query_duration_ms": null, "rows": null, "started_at": ran.map(|ran| at(ran.0)),
        "status": if ran.is_some() { "success" } else { "skipped" },
        "decision": {"action": "build", "baseline": null, "causes": [], "checks": [], "impact": null, "path": [],
            "path_elided": 0, "primary_code": "first_build", "role": null, "roots": [], "sole_impact": null,
            "summary": "first build"},
    });
    if let Some(worker) = worker {
        row["worker"] = json!(worker);
    }
    row
}

fn fingerprint((name, reads, _, _): &Made<'_>) -> Value {
    let component = |up: &&str| json!({"digest": Digest::of(up.as_bytes()), "kind": "upstream", "name": up, "present": true, "size": 1});
    let components: Vec<Value> = reads.iter().map(component).collect();
    let value = Digest::of(name.as_bytes());
    json!({"full": {"components": components, "format": "fft-fingerprint-v1", "inputs": [], "value": value}, "value": value})
}

fn names<'a>(timeline: &Timeline<'a>) -> Vec<&'a str> {
    timeline.chain.iter().map(|at| &*timeline.spans[*at].row.name).collect()
}

#[test]
fn a_run_is_split_into_what_went_before_its_nodes_and_after() {
    let record = record(
        100,
        Some(2),
        &[
            ("seed", &[], Some((20, 30)), Some(0)),
            ("a", &["seed"], Some((30, 60)), Some(0)),
            ("b", &["seed"], Some((31, 45)), Some(1)),
            ("old", &[], None, None),
            ("c", &["a", "b", "old"], Some((60, 90)), Some(1)),
        ],
    );
    let timeline = Timeline::of(&record).unwrap();
    let timing = &timeline.timing;
    assert_eq!((timing.before_ms, timing.after_ms, timing.wall_ms), (20, 10, 100));
    assert_eq!((timing.work_ms, timing.nodes, timing.workers, timeline.lanes), (84, 4, 2, 2));
    assert_eq!(names(&timeline), ["seed", "a", "c"]);
    assert_eq!((timing.chain_ms, timing.slowest.name.as_str()), (70, "a"));
    let lanes: Vec<usize> = timeline.spans.iter().map(|span| span.lane).collect();
    assert_eq!(lanes, [0, 0, 1, 1]);
    // It is the chain that takes the time: of 70 half would go.
    assert_eq!((timing.more_workers, timing.faster_chain_ms), (None, 35));
}

#[test]
fn lanes_of_an_older_record_are_found_by_time() {
    let record = record(
        50,
        None,
        &[
            ("a", &[], Some((0, 20)), None),
            ("b", &[], Some((5, 10)), None),
            ("c", &[], Some((10, 30)), None),
            ("d", &[], Some((20, 40)), None),
        ],
    );
    let timeline = Timeline::of(&record).unwrap();
    let lanes: Vec<usize> = timeline.spans.iter().map(|span| span.lane).collect();
    assert_eq!((lanes, timeline.lanes, timeline.timing.workers), (vec![0, 1, 1, 0], 2, 2));
}

/// What takes no time of its own, an ephemeral model, makes its reader wait all the same.
#[test]
fn a_chain_goes_through_what_took_no_time() {
    let record = record(
        100,
        Some(2),
        &[
            ("a", &[], Some((0, 40)), Some(0)),
            ("ephemeral", &["a"], None, None),
            ("b", &["ephemeral"], Some((40, 90)), Some(1)),
            ("wide", &[], Some((0, 60)), Some(1)),
        ],
    );
    let timeline = Timeline::of(&record).unwrap();
    assert_eq!(names(&timeline), ["a", "b"]);
    assert_eq!(timeline.timing.chain_ms, 90);
}

/// A wide run on one worker: the advice is what building with those workers would have taken.
#[test]
fn more_workers_are_advised_where_they_would_save_time() {
    let nodes: Vec<String> = (0..8).map(|at| format!("n{at}")).collect();
    let made: Vec<Made<'_>> = nodes
        .iter()
        .enumerate()
        .map(|(at, name)| (name.as_str(), &[][..], Some((at as u64 * 100, at as u64 * 100 + 100)), Some(0)))
        .collect();
    let one = record(800, Some(1), &made);
    let timing = Timeline::of(&one).unwrap().timing;
    assert_eq!(timing.more_workers, Some(MoreWorkers { saved_ms: 700, workers: 8 }));
    assert!(timing.sentence().contains("8 workers would save about 700 ms"), "{}", timing.sentence());
    assert_eq!(timing.faster_chain_ms, 50, "one of eight nodes alone is the chain");
    // With as many workers as there are nodes nothing is left to save by them.
    let all = record(800, Some(8), &made);
    assert_eq!(Timeline::of(&all).unwrap().timing.more_workers, None);
}

#[test]
fn a_run_that_built_nothing_has_no_timeline() {
    assert!(Timeline::of(&record(5, None, &[("a", &[], None, None)])).is_none());
}

/// A record is a file that anybody may have written.
#[test]
fn a_record_that_contradicts_itself_is_read() {
    let record = record(
        10,
        Some(1),
        &[("a", &["b"], Some((0, 40)), Some(999_999_999)), ("b", &["a", "gone"], Some((0, 30)), Some(0))],
    );
    let timeline = Timeline::of(&record).unwrap();
    assert_eq!((timeline.lanes, timeline.timing.wall_ms, timeline.timing.after_ms), (2, 40, 0));
}
