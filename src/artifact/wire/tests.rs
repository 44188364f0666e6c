//! Each code in words and as JSON, and artifacts of a newer fft.

use super::{Attribution, Cause, Manifest, Record, RunResults, Word, newer, read};
use crate::digest::Digest;
use crate::fingerprint::{Change, Component, Difference, InputKind, Key, Kind};
use crate::name::{NodeName, RelationName};
use crate::plan::{self, Code, Detail};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;

fn cause(before: Option<Component>, after: Option<Component>) -> Cause {
    let change = match (&before, &after) {
        (None, _) => Change::Added,
        (_, None) => Change::Removed,
        _ => Change::Modified,
    };
    let kind = after.as_ref().or(before.as_ref()).unwrap().kind;
    let difference = Difference { kind, change, before: before.map(Arc::new), after: after.map(Arc::new) };
    Cause::from(&plan::Cause::of(&difference))
}

fn modified(kind: Kind, name: &str) -> Cause {
    let side = |content: &str| Some(Component::shown(kind, name, content));
    cause(side("one"), side("two"))
}

fn env(value: Option<&str>, exposed: bool) -> Option<Component> {
    Some(Component::env("FF_X", value, exposed, &Key::default()))
}

fn new(code: Code) -> Cause {
    Cause::from(&plan::Cause::new(code))
}

fn named(code: Code, name: &str) -> Cause {
    Cause::from(&plan::Cause::named(code, name))
}

fn detailed(cause: plan::Cause, detail: Detail) -> Cause {
    Cause::from(&cause.detail(detail))
}

fn all() -> Vec<(Cause, &'static str)> {
    let upstream = |content: &str| Some(Component::shown(Kind::Upstream, "stg.ff", content));
    vec![
        (modified(Kind::Sql, "models/a.ff.sql"), "SQL changed: models/a.ff.sql"),
        (modified(Kind::Python, "build"), "Python changed: build"),
        (modified(Kind::PythonModule, "lib/a.py"), "Python module changed: lib/a.py"),
        (modified(Kind::PythonEnv, "requirements"), "Python environment changed: requirements"),
        (modified(Kind::Config, "materialized"), "config changed: materialized (one → two)"),
        (modified(Kind::Var, "limit"), "var changed: limit (one → two)"),
        (cause(env(Some("1"), true), env(Some("2"), true)), "env changed: FF_X (1 → 2)"),
        (modified(Kind::Source, "crm.users"), "source changed: crm.users"),
        (modified(Kind::SourceData, "crm.users"), "source data changed: crm.users (one → two)"),
        (modified(Kind::File, "raw/a.csv"), "file changed: raw/a.csv"),
        (modified(Kind::Seed, "seeds/a.csv"), "seed changed: seeds/a.csv"),
        (modified(Kind::Engine, "engine"), "engine changed: engine (one → two)"),
        (modified(Kind::Profile, "profile"), "profile changed: profile (one → two)"),
        (modified(Kind::Rules, "seeds"), "how seeds are read changed (rules one → two)"),
        (cause(None, upstream("x")), "dependency added: stg.ff"),
        (cause(upstream("x"), None), "dependency removed: stg.ff"),
        (new(Code::FirstBuild), "first build"),
        (
            detailed(plan::Cause::new(Code::PreviousBuildFailed), Detail::Run("r1".into())),
            "previous build failed (run r1)",
        ),
        (named(Code::RelationMissing, "demo.a"), "relation missing: demo.a"),
        (
            detailed(plan::Cause::named(Code::RelationForeign, "demo.a"), Detail::OtherKind),
            "relation holds another build: demo.a (it is of another kind)",
        ),
        (named(Code::RelationRenamed, "a → b"), "relation renamed: a → b"),
        (new(Code::Forced), "forced by --rebuild"),
        (new(Code::CacheOff), "cache is off"),
        (new(Code::CacheWriteOnly), "cache is write-only"),
        (
            detailed(plan::Cause::new(Code::CacheUnreadable), Detail::Unreadable("truncated".into())),
            "cache unreadable (truncated)",
        ),
        (new(Code::FormatUpgraded), "fingerprint format upgraded"),
        (new(Code::KeyRotated), "fingerprint key rotated"),
        (
            detailed(
                plan::Cause::named(Code::SourceUnwatched, "raw.users"),
                Detail::Unwatched { through: Some("v".into()), why: "d".into() },
            ),
            "source not watched: raw.users (through v: d)",
        ),
        (cause(upstream("x"), upstream("y")), "upstream changed: stg.ff"),
        (named(Code::UpstreamRebuilt, "stg.ff"), "upstream rebuilt: stg.ff"),
        (
            detailed(plan::Cause::named(Code::UpstreamRecreated, "stg.ff"), Detail::BoundToBefore),
            "upstream recreated: stg.ff (the view reads what had its name before)",
        ),
        (new(Code::AllInputsEqual), "all inputs equal"),
        (named(Code::CosmeticOnly, "models/a.ff.sql"), "comments and white space only: models/a.ff.sql"),
        (named(Code::UpstreamOutputIdentical, "stg.ff"), "upstream output identical: stg.ff"),
        (named(Code::UpstreamFailed, "stg.ff"), "upstream failed: stg.ff"),
        (new(Code::NotSelected), "not selected"),
        (new(Code::Unexplained), "unexplained: this is a bug in fft"),
    ]
}

#[test]
fn each_code_has_its_words_and_is_read_back() {
    let mut codes = std::collections::BTreeSet::new();
    for (cause, words) in all() {
        assert_eq!(cause.sentence, words);
        let json = serde_json::to_value(&cause).unwrap();
        assert_eq!(json["code"], cause.code.as_str());
        assert_eq!(serde_json::from_value::<Cause>(json).unwrap(), cause);
        codes.insert(cause.code.known().unwrap());
    }
    assert_eq!(codes.len(), Code::Unexplained as usize + 1, "every code is here");
}

#[test]
fn environment_changes_are_told_without_values_that_are_withheld() {
    let words = |before, after| cause(before, after).sentence;
    assert_eq!(words(None, env(Some("hidden"), false)), "env changed: FF_X (now set)");
    assert_eq!(words(env(Some("hidden"), false), None), "env changed: FF_X (no longer set)");
    assert_eq!(words(env(Some("hidden"), false), env(Some("other"), false)), "env changed: FF_X (value withheld)");
    assert_eq!(words(env(None, false), env(Some("1"), true)), "env changed: FF_X (unset → 1)");
    assert_eq!(words(None, env(None, false)), "env changed: FF_X (now read, unset)");
    assert_eq!(words(env(None, false), None), "env changed: FF_X (no longer read, unset)");
}

#[test]
fn rules_that_a_record_does_not_have_are_the_first() {
    let rules = |number: &str| Some(Component::shown(Kind::Rules, "seeds", number));
    assert_eq!(cause(None, rules("2")).sentence, "how seeds are read changed (rules 1 → 2)");
    assert_eq!(cause(rules("3"), None).sentence, "how seeds are read changed (rules 3 → 1)");
    let python = |number: &str| Some(Component::shown(Kind::Rules, "python", number));
    assert_eq!(cause(python("2"), python("3")).sentence, "how Python models are run changed (rules 2 → 3)");
    let withheld = |number: &str| rules(number).map(|one| Component { value: None, withheld: true, ..one });
    assert_eq!(cause(withheld("2"), withheld("3")).sentence, "how seeds are read changed");
}

#[test]
fn texts_say_what_made_them_change() {
    let by = |kind: InputKind, name: &str, path: &str| Attribution {
        kind: kind.into(),
        name: name.into(),
        path: path.into(),
        line: 1,
        change: Change::Modified.into(),
        before: None,
        after: None,
        before_value: None,
        after_value: None,
        cosmetic: false,
        diff: None,
    };
    let mut cause = modified(Kind::Sql, "a.ff.sql");
    cause.attributed_to = vec![by(InputKind::Macro, "clean", "m.sql")];
    assert_eq!(cause.clone().worded().sentence, "SQL changed: a.ff.sql (by macro clean in m.sql)");
    cause.attributed_to.insert(0, by(InputKind::Template, "a.ff.sql", "a.ff.sql"));
    assert_eq!(cause.clone().worded().sentence, "SQL changed: a.ff.sql (by the template and macro clean in m.sql)");
    let var = by(InputKind::Var, "limit", "a.ff.sql");
    let value = |value: &str| Some(value.to_string());
    cause.attributed_to[0] = Attribution { before_value: value("15"), after_value: value("20"), ..var.clone() };
    assert_eq!(
        cause.clone().worded().sentence,
        "SQL changed: a.ff.sql (by var limit: 15 → 20 and macro clean in m.sql)"
    );
    let path = "macros/m.sql".to_string();
    cause.attributed_to = vec![Attribution { path, ..cause.attributed_to[0].clone() }];
    assert_eq!(cause.clone().worded().sentence, "SQL changed: a.ff.sql (by var limit: 15 → 20, in macros/m.sql)");
    assert_eq!(cause.attributed_to[0].sentence(), "var limit was modified: 15 → 20  macros/m.sql:1");
    cause.attributed_to = vec![Attribution { after_value: value(&"x".repeat(41)), ..var }];
    assert_eq!(cause.clone().worded().sentence, "SQL changed: a.ff.sql (by var limit)");
    cause.attributed_to = vec![by(InputKind::Env, "FF_A", "a.ff.sql")];
    assert_eq!(cause.clone().worded().sentence, "SQL changed: a.ff.sql (by env FF_A: value withheld)");
    cause.attributed_to = vec![by(InputKind::Template, "a.ff.sql", "a.ff.sql")];
    assert_eq!(cause.clone().worded().sentence, "SQL changed: a.ff.sql");
    cause.cosmetic = Some(true);
    assert_eq!(cause.clone().worded().sentence, "SQL changed: a.ff.sql (comments and white space only)");
    cause.change = Some(Change::Renamed.into());
    assert_eq!(cause.clone().worded().sentence, "SQL changed: a.ff.sql (file renamed)");
}

#[test]
fn the_json_is_small_and_stable() {
    let first = serde_json::to_value(new(Code::FirstBuild)).unwrap();
    assert_eq!(first, serde_json::json!({"code": "first_build", "sentence": "first build"}));
    let mut changed = modified(Kind::Config, "materialized");
    changed.before.as_mut().unwrap().digest = Digest([0x11; 32]);
    changed.after.as_mut().unwrap().digest = Digest([0x22; 32]);
    let expected = serde_json::json!({
        "code": "config_changed",
        "kind": "config",
        "name": "materialized",
        "change": "modified",
        "before": {"digest": "11".repeat(32), "size": 3, "value": "one"},
        "after": {"digest": "22".repeat(32), "size": 3, "value": "two"},
        "sentence": "config changed: materialized (one → two)",
    });
    assert_eq!(serde_json::to_value(changed).unwrap(), expected);
}

/// Every detail in words.
#[test]
fn each_detail_has_its_words() {
    use crate::plan::{Unsettled, Unsteady};
    let run = || "r1".to_string();
    let unsteady = |over: Option<&str>, why| Detail::Unsteady(Unsteady { over: over.map(NodeName::new), why });
    let relation = RelationName::new(None, Some("demo"), "a");
    for (detail, words) in [
        (Detail::SameCodeAs(NodeName::new("b.ff")), "was b.ff, same code"),
        (Detail::Adopts(relation.clone()), "adopts demo.a"),
        (Detail::Unowned(relation.clone()), "demo.a exists, and no record says that fft built it"),
        (
            Detail::OfProject { relation, project: "p".into(), run: run() },
            "demo.a was built by another project, p, in run r1",
        ),
        (Detail::Formats("v1".into(), "v2".into()), "v1 → v2"),
        (Detail::Unrecorded(Vec::new()), "_ff_meta has no row for it"),
        (Detail::Unrecorded(["a", "b"].map(NodeName::new).into()), "_ff_meta has a row for it of a and b each"),
        (Detail::BuiltAs { node: NodeName::new("b"), run: run() }, "built as b by run r1"),
        (
            Detail::BuiltFrom { run: run(), fingerprint: Digest([0x11; 32]) },
            "built by run r1 from fingerprint 111111111111",
        ),
        (Detail::Replaced, "something else made it, or put rows into it, since"),
        (Detail::OtherFolder, "it reads the files of another folder"),
        (Detail::PerhapsOtherFolder(run()), "built by run r1, perhaps over the files of another folder"),
        (Detail::Unwatched { through: None, why: "d".into() }, "d"),
        (Detail::ButUnwatched(vec!["x".into(), "y".into()]), "but x, y, which nothing watches"),
        (Detail::InThisRun, "in this run"),
        (Detail::ByRun(run()), "by run r1"),
        (unsteady(None, Unsettled::Volatile), "volatile"),
        (unsteady(None, Unsettled::Unwatched("x".into())), "reads x, which nothing watches"),
        (unsteady(Some("s"), Unsettled::Unwatched("x".into())), "over s, which reads x, which nothing watches"),
        (unsteady(Some("s"), Unsettled::Requested), "over s, which is made of what HTTP requests gave"),
        (unsteady(None, Unsettled::MayRequest), "not known to make no HTTP requests"),
        (Detail::More(2), "and 2 more"),
        (Detail::RowsNotCompared(64 << 20), "rows not compared, over 64 MiB"),
        (Detail::SameMeaning, "comments and white space only"),
        (Detail::Interrupted, "the run was interrupted"),
        (Detail::NotAtHand, "built by another checkout: the text before is not at hand"),
    ] {
        assert_eq!(super::detail::words(&[detail]).as_deref(), Some(words));
    }
    let both = [Detail::InThisRun, unsteady(None, Unsettled::Volatile)];
    assert_eq!(super::detail::words(&both).as_deref(), Some("in this run, volatile"));
    assert_eq!(super::detail::words(&[]), None);
}

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
        "run_finished_at": "", "run_started_at": "",
        "totals": {
            "blocked": 0, "built": 1, "cascading": 0, "failed": 0, "mixed": 0, "nodes": 1, "not_selected": 0,
            "roots": 1, "skipped": 0,
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
