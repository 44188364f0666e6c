//! How a snapshot says what it keeps: every spelling is one config, and what says nothing is told.

use super::*;
use crate::dialect::BigQuery;
use crate::project::Declared;
use serde_json::json;

fn snap(config: &str) -> Project {
    empty().sql("snap", &format!("{{{{ config(materialized='snapshot'{config}) }}}} select 1 as id, 2 as n"))
}

/// The same with what project.yml says of it.
fn declared(project: Project, value: Value) -> Project {
    let mut project = project;
    let at = crate::diagnostic::Location::new("project.yml", 5, 3);
    project.settings.model_snapshots.insert("snap".into(), Declared { value, at });
    project
}

fn config(project: Project) -> Value {
    let graph = graph(project);
    serde_json::to_value(&graph.nodes[0].config).unwrap()
}

#[test]
fn every_spelling_is_one_config() {
    let expected = json!({
        "materialized": "snapshot",
        "snapshot": {"strategy": "timestamp", "updated_at": "at", "hard_deletes": "close"},
        "unique_key": ["id"],
    });
    let flat = ", unique_key='id', strategy='timestamp', updated_at='at', hard_deletes='invalidate'";
    let nested = ", unique_key=['id'], snapshot={'strategy': 'timestamp', 'updated_at': 'at', 'hard_deletes': 'close'}";
    let mixed = ", unique_key='id', updated_at='at', snapshot={'strategy': 'timestamp', 'hard_deletes': 'close'}";
    for spelled in [flat, nested, mixed] {
        assert_eq!(config(snap(spelled)), expected, "{spelled}");
    }
    let all = json!({"strategy": "timestamp", "updated_at": "at", "hard_deletes": "close", "unique_key": "id"});
    assert_eq!(config(declared(snap(""), all)), expected);
    // What the model says itself wins.
    let other = json!({"strategy": "timestamp", "updated_at": "then", "hard_deletes": "ignore", "unique_key": "key"});
    for spelled in [flat, nested] {
        assert_eq!(config(declared(snap(spelled), other.clone())), expected, "{spelled}");
    }
    let read = graph(snap(", unique_key=['id', 'n'], strategy='check', check_cols='all'"));
    let expected = Snapshot {
        key: vec!["id".into(), "n".into()],
        strategy: SnapshotStrategy::Check(Checked::All),
        hard_deletes: HardDeletes::Ignore,
    };
    assert_eq!(snapshot(&read.nodes[0].config), Some(expected));
}

#[test]
fn what_says_nothing_is_told_with_its_place() {
    let told = |config: &str| {
        let problems = build(&snap(config)).unwrap_err();
        assert!(problems.iter().all(|one| one.at.as_ref().unwrap().to_string().starts_with("models/snap.ff.sql:1")));
        problems.into_iter().map(|one| one.message).collect::<Vec<_>>()
    };
    let check = ", unique_key='id', strategy='check'";
    assert_eq!(told(""), ["snapshot `snap.ff`: it has no `unique_key`", "snapshot `snap.ff`: it has no `strategy`"]);
    assert_eq!(told(check), ["snapshot `snap.ff`: the strategy `check` needs columns as `check_cols`; it has none"]);
    assert_eq!(
        told(&format!("{check}, check_cols=[], updated_at='at'")),
        [
            "snapshot `snap.ff`: `updated_at` says nothing to the strategy `check`",
            "snapshot `snap.ff`: the strategy `check` needs columns as `check_cols`; they are []"
        ]
    );
    assert_eq!(
        told(&format!("{check}, check_cols='all', snapshot={{'strategy': 'timestamp', 'keep': 1}}")),
        [
            "snapshot `snap.ff`: unknown key `keep` in `snapshot`",
            "snapshot `snap.ff`: `strategy` is given twice, and not alike"
        ]
    );
    let (code, message, at, hint) = problem(empty().sql("t", "{{ config(check_cols='all') }} select 1 as id"));
    assert_eq!(code, "bad-snapshot");
    assert_eq!(message, "`t.ff`: `check_cols` says how a snapshot keeps versions, and this is a table");
    assert!(at.starts_with("models/t.ff.sql:1") && hint.contains("materialized='snapshot'"), "{at} {hint}");
    let (_, _, at, _) = problem(declared(empty().sql("snap", "select 1 as id"), json!({"strategy": "check"})));
    assert_eq!(at, "project.yml:5:3");
}

#[test]
fn an_engine_that_keeps_no_history_says_so_at_once() {
    let project = snap(", unique_key='id', strategy='check', check_cols='all'");
    let rendered = crate::render::render(&project, Arc::new(BigQuery)).unwrap();
    let problems = super::super::build(&project, rendered, Vec::new(), &BigQuery).unwrap_err();
    let told: Vec<&str> = problems.iter().map(|one| one.message.as_str()).collect();
    assert_eq!(told, ["snapshot `snap.ff`: fft keeps no snapshots on bigquery yet"]);
}
