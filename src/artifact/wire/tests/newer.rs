//! Artifacts of a newer fft: words and fields that this one doesn't know, versions that it doesn't know.

use crate::artifact::wire::{Manifest, Record, RunResults, Word, newer, read};
use crate::digest::Digest;
use proptest::prelude::*;
use serde_json::{Value, json};

fn digest(byte: u8) -> String {
    Digest([byte; 32]).to_string()
}

fn fingerprint() -> Value {
    json!({
        "components": [{"digest": digest(1), "kind": "sql", "name": "m", "present": true, "size": 8}],
        "format": "fft-fingerprint-v1",
        "inputs": [{"digest": digest(2), "kind": "template", "name": "m", "path": "m"}],
        "value": digest(3),
    })
}

/// run_results.json with each kind of word in it.
fn results() -> Value {
    json!({
        "budgets": {
            "checks": [{
                "actual": 1, "error": null, "estimated": false, "metric": "rows", "name": "m", "scope": "model",
                "status": "ok", "unknown": 0, "warn": 2,
            }],
            "status": "ok",
        },
        "cache_mode": "rw", "duration_ms": 1, "engine": "duckdb", "groups": [], "interrupted": false,
        "metadata": {
            "git": {"commit": null, "dirty": null}, "project": "p", "run_id": "r", "schema_version": "1.0",
            "tool_version": "0",
        },
        "profile": "dev",
        "results": [{
            "bytes_estimated": false, "bytes_scanned": null,
            "decision": {
                "action": "build", "baseline": null,
                "causes": [{
                    "attributed_to": [{"change": "modified", "kind": "macro", "name": "x", "path": "p"}],
                    "change": "modified", "code": "sql_changed", "kind": "sql", "name": "m",
                    "data": {
                        "columns_retyped": [{"after": "text", "before": "date", "name": "c"}],
                        "rows_added": 0, "rows_after": 1, "rows_before": 1, "rows_removed": 0,
                    },
                    "sentence": "as it was said",
                }],
                "checks": [{"evidence": "e", "name": "fingerprint", "ok": true}], "impact": null, "path": [],
                "path_elided": 0, "primary_code": "sql_changed", "role": "root", "roots": ["m"], "sole_impact": null,
                "summary": "as it was said", "unwatched": [],
            },
            "details": [], "duration_ms": null, "finished_at": null,
            "http": {
                "bytes": 0, "cache_hits": 0, "keys": [], "requests": 1, "used_offline": false,
                "entries": [{
                    "attempts": 1, "bytes": 0, "key": "k", "method": "GET", "source": "network", "status": 200,
                    "url": "u",
                }],
            },
            "message": null, "name": "m", "output": null, "peak_memory": null, "query_duration_ms": null, "rows": null,
            "started_at": null, "status": "success",
        }],
        "roots": [{
            "code": "sql_changed", "impact": 1, "kind": "node", "name": "m", "sentence": "as it was said",
            "sole_impact": 1,
        }],
        "run_finished_at": "", "run_started_at": "", "sentence": "as it was said",
        "totals": {
            "blocked": 0, "built": 1, "cascading": 0, "failed": 0, "kept": 0, "mixed": 0, "new": 0, "nodes": 1,
            "not_selected": 0, "roots": 1, "skipped": 0,
        },
    })
}

fn record() -> Value {
    json!({
        "fingerprints": {"m": {"full": fingerprint(), "value": digest(3)}},
        "previous": null,
        "results": results(),
    })
}

fn manifest() -> Value {
    json!({
        "children": {}, "levels": [["m"]], "macros": {},
        "metadata": {
            "engine": "duckdb", "generated_at": "", "git": {"commit": null, "dirty": null}, "profile": "dev",
            "project": "p", "project_version": "1", "run_id": "r", "schema_version": "1.0", "tool_version": "0",
        },
        "nodes": {"m": {
            "columns": [{
                "description": null, "name": "c", "tests": [], "type": null,
                "lineage": {
                    "from": [{"column": "c", "kind": "direct", "node": "n", "span": null}], "reason": null,
                    "status": "known",
                },
            }],
            "compiled": null, "deps": [], "description": null, "fingerprint": fingerprint(), "kind": "sql", "level": 1,
            "materialized": "table", "meta": null, "name": "m", "path": "m",
            "relation": {"catalog": null, "name": "m", "schema": null}, "relation_name": null, "sources": [],
            "tags": [],
        }},
        "parents": {},
        "sources": {"g.t": {
            "catalog": null, "description": null, "format": null, "group": "g", "identifier": "t", "location": [],
            "provided_by": null, "schema": null, "table": "t", "watch": {"how": "rows", "why": null},
        }},
    })
}

/// Where words stand: keys whose values are words of some enum.
const WORDS: [&str; 13] = [
    "action",
    "after",
    "before",
    "change",
    "code",
    "how",
    "kind",
    "materialized",
    "metric",
    "primary_code",
    "role",
    "scope",
    "source",
];

/// Gives each word that `pick` chooses another one; tells how many.
fn renew(value: &mut Value, pick: &mut impl FnMut() -> bool) -> usize {
    match value {
        Value::Array(items) => items.iter_mut().map(|item| renew(item, pick)).sum(),
        Value::Object(object) => {
            let mut renewed = 0;
            for (key, value) in object.iter_mut() {
                let is_word = WORDS.contains(&key.as_str()) || key == "status";
                match value {
                    Value::String(word) if is_word && pick() => {
                        *word = format!("newer_{word}");
                        renewed += 1;
                    }
                    value => renewed += renew(value, pick),
                }
            }
            renewed
        }
        _ => 0,
    }
}

/// What is written of what was read.
fn again<T: serde::Serialize + serde::de::DeserializeOwned>(value: &Value) -> Value {
    let read: T = read(&serde_json::to_vec(value).unwrap()).unwrap_or_else(|error| panic!("{error}\n{value:#}"));
    serde_json::to_value(read).unwrap()
}

fn all_again(value: [&Value; 3]) -> [Value; 3] {
    [again::<RunResults>(value[0]), again::<Record>(value[1]), again::<Manifest>(value[2])]
}

proptest! {
    /// Whatever words a newer fft writes, in whatever places, and whatever fields it adds: all is read, the words are
    /// written back as they were, and nothing else is other than without them.
    #[test]
    fn words_and_fields_that_are_not_known_are_read(picks in proptest::collection::vec(any::<bool>(), 200)) {
        for fields in [false, true] {
            let mut values = [results(), record(), manifest()];
            let plain = values.clone();
            let mut next = picks.iter().copied().cycle();
            let renewed: usize =
                values.iter_mut().map(|value| renew(value, &mut || next.next().unwrap())).sum();
            prop_assert!(renewed < 80);
            let expected = values.clone();
            let mut extended = values;
            if fields {
                let mut next = picks.iter().copied().cycle();
                // Words stay as they are now, for those that are picked have another name already.
                for value in &mut extended {
                    renew_fields(value, &mut || next.next().unwrap());
                }
            }
            let found = all_again([&extended[0], &extended[1], &extended[2]]);
            let known = all_again([&expected[0], &expected[1], &expected[2]]);
            prop_assert_eq!(&found, &known, "fields that aren't known change nothing");
            for (found, (expected, plain)) in found.iter().zip(expected.iter().zip(&plain)) {
                prop_assert_eq!(words(found), words(expected));
                prop_assert_eq!(words(plain).len(), words(found).len());
            }
        }
    }
}

/// Puts a field that nobody knows into the objects that `pick` chooses, but not where keys are names of nodes.
fn renew_fields(value: &mut Value, pick: &mut impl FnMut() -> bool) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| renew_fields(item, pick)),
        Value::Object(object) => {
            object.values_mut().for_each(|value| renew_fields(value, pick));
            if object.keys().any(|key| key == "name" || key == "run_id") && pick() {
                object.insert("zzz_newer".into(), json!({"deep": [1, null]}));
            }
        }
        _ => {}
    }
}

/// Every word of a value, in order.
fn words(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(words).collect(),
        Value::Object(object) => {
            let one = |(key, value): (&String, &Value)| match value {
                Value::String(word) if WORDS.contains(&key.as_str()) || key == "status" => vec![word.clone()],
                value => words(value),
            };
            object.iter().flat_map(one).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn a_sentence_is_kept_as_it_was_read() {
    let mut value = results();
    value["results"][0]["decision"]["causes"][0]["code"] = "tests_failed".into();
    let read: RunResults = read(&serde_json::to_vec(&value).unwrap()).unwrap();
    let cause = &read.results[0].decision.causes[0];
    assert_eq!((cause.sentence.as_str(), read.roots[0].sentence.as_str()), ("as it was said", "as it was said"));
    // Made anew, where something of it is withheld, the code speaks.
    assert_eq!(cause.code, Word::Unknown("tests_failed".into()));
    assert!(cause.clone().worded().sentence.starts_with("tests failed: m ("));
}

#[test]
fn a_newer_version_is_noted_and_an_older_one_is_not() {
    for version in ["", "1.0", "0.9"] {
        assert_eq!(newer(version), None, "{version}");
    }
    for version in ["1.1", "1.10", "2.0", "next"] {
        let note = newer(version).unwrap();
        assert!(note.starts_with(&format!("a newer fft wrote it (format {version}, and")), "{note}");
    }
    // What can't be read at all says whether it is damaged.
    let mut value = record();
    value["results"]["metadata"]["schema_version"] = "2.0".into();
    value["results"]["results"] = "elsewhere".into();
    let unreadable = read::<Record>(&serde_json::to_vec(&value).unwrap()).unwrap_err();
    assert_eq!(unreadable.newer.as_deref(), Some("2.0"));
    assert!(unreadable.to_string().contains("this one can't read it"), "{unreadable}");
    value["results"]["metadata"]["schema_version"] = "1.0".into();
    assert_eq!(read::<Record>(&serde_json::to_vec(&value).unwrap()).unwrap_err().newer, None);
    let mut value = manifest();
    value["metadata"]["schema_version"] = "3.0".into();
    value["nodes"] = json!([]);
    assert_eq!(read::<Manifest>(&serde_json::to_vec(&value).unwrap()).unwrap_err().newer.as_deref(), Some("3.0"));
}
