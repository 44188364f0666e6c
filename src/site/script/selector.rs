//! The filter box of the site selects what `fft run --select` does, and says the same of what it can't read.

use super::run;
use crate::graph::{Facts, Graph, Node, select};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

fn shop() -> Graph {
    let project = crate::graph::tests::shop()
        .sql("marts/größe", "{{ config(tags=['é', 'a,b', 'x}y']) }} select * from {{ ref('mart') }}")
        .sql("marts/deep/er/top", "select * from {{ ref('mart.ff') }}");
    let mut graph = crate::graph::tests::build(&project).unwrap();
    let reads = |names: &[&str]| names.iter().filter_map(|name| graph.find(name)).collect::<BTreeSet<_>>();
    let exposures = [("weekly", reads(&["mart", "top"])), ("nobody", reads(&[]))];
    graph.exposures = exposures.map(|(name, nodes)| (name.to_string(), nodes)).into();
    graph
}

/// The exposures that read a node.
fn exposures(graph: &Graph, id: usize) -> Vec<&str> {
    let reading = graph.exposures.iter().filter(|(_, nodes)| nodes.contains(&id));
    reading.map(|(name, _)| name.as_str()).collect()
}

/// The last run as the graph doesn't know it.
fn state(graph: &Graph, id: usize) -> (&'static str, &'static str) {
    match graph.nodes[id].name.stem() {
        "stg_users" => ("", "error"),
        "mart" => ("modified", "blocked"),
        "top" => ("new", "success"),
        _ => ("", "skipped"),
    }
}

fn wire(graph: &Graph) -> Value {
    let node = |(id, node): (usize, &Node)| {
        let (state, result) = state(graph, id);
        json!({
            "name": node.name, "kind": node.kind, "materialized": node.materialization, "tags": node.tags, "path": node.path,
            "package": node.package.as_deref().unwrap_or(&graph.project),
            "sources": node.sources, "up": node.upstream, "down": node.downstream, "state": state, "result": result,
            "exposures": exposures(graph, id),
            "fresh": node.sources.iter().map(|key| fresh(graph).get(key).cloned().unwrap_or_default()).collect::<Vec<_>>(),
        })
    };
    graph.nodes.iter().enumerate().map(node).collect()
}

/// How fresh sources were: the first of them was to be warned of, the second wasn't looked at, all others passed.
fn fresh(graph: &Graph) -> BTreeMap<(String, String), String> {
    let all: BTreeSet<_> = graph.nodes.iter().flat_map(|node| &node.sources).cloned().collect();
    let status = |(at, key): (usize, (String, String))| match at {
        0 => Some((key, "warn".to_string())),
        1 => None,
        _ => Some((key, "pass".to_string())),
    };
    all.into_iter().enumerate().filter_map(status).collect()
}

/// As the script gives it: nodes, or message and column. What is near, and what is wrong with a glob, it doesn't say.
fn expected(graph: &Graph, text: &str) -> Value {
    let ids = |wanted: &str| -> BTreeSet<usize> {
        (0..graph.nodes.len()).filter(|id| state(graph, *id).0 == wanted).collect()
    };
    let results: BTreeMap<usize, String> =
        (0..graph.nodes.len()).map(|id| (id, state(graph, id).1.to_string())).collect();
    let (new, modified, fresh) = (ids("new"), ids("modified"), fresh(graph));
    match select(graph, text, &Facts { new: &new, modified: &modified, results: &results, fresh: &fresh }) {
        // A run has nothing to do then; the box says so.
        Ok(found) if found.is_empty() => json!([format!("`{}` selects nothing", text.trim()), null]),
        Ok(found) => json!(found),
        Err(problem) => {
            let message = problem.message.split(" is no pattern").next().unwrap_or_default();
            let ending = if message.len() < problem.message.len() { " is no pattern" } else { "" };
            json!([format!("{message}{ending}"), problem.at.map(|at| at.column)])
        }
    }
}

/// Names and methods, good and bad.
const PATTERNS: [&str; 71] = [
    "stg_users",
    "mart",
    "top.ff",
    "größe",
    "ids",
    "users",
    "stg_*",
    "*",
    "?",
    "m?rt",
    "gr??e",
    "gr???e",
    "[a-m]*",
    "[!s]*",
    "[^s-z]*",
    "[]]",
    "[a",
    "{mart,top}",
    "{mart",
    "}",
    "{a,{b,ids}}",
    "\\*",
    "\\",
    "tag:",
    "tag:daily",
    "tag:é",
    "tag:[é]*",
    "tag:a,b",
    "tag:{a,b}",
    "kind:",
    "kind:seed",
    "type:view",
    "type:ephemeral",
    "type:snapshot",
    "kind:sql",
    "kind:sqk",
    "path:",
    "path:models/staging",
    "path:./models/marts/",
    "path:**/top*",
    "path:models/**",
    "path:**",
    "path:**/deep/**",
    "path:models/*/*.sql",
    "path:models/**/top.ff.sql",
    "path:mo**ls/x",
    "path:{models/**,seeds}",
    "package:",
    "package:test",
    "package:sh*",
    "source:raw",
    "source:raw.users",
    "source:*.*",
    "source:crn",
    "exposure:week*",
    "exposure:nobody",
    "exposure:x",
    "source_status:warn",
    "source_status:stale",
    "state:new",
    "state:modified",
    "state:old",
    "result:error",
    "result:skipped",
    "result:success",
    "result:fail",
    "result:ok",
    "result:",
    "owner:x",
    "stg_user",
    "mrat",
];

fn pattern() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&PATTERNS)
}

/// Any pieces one behind the other.
fn scramble() -> impl Strategy<Value = String> {
    let sign = prop::sample::select(vec!["+", "2+", "+1", "@", " ", " & ", ",", "-", "1", "02", ":", "\u{a0}", "\t"]);
    prop::collection::vec(prop_oneof![pattern(), sign], 0..5).prop_map(|pieces| pieces.concat())
}

/// Patterns with what may stand around them.
fn formed() -> impl Strategy<Value = String> {
    let front = prop::sample::select(vec!["", "", "+", "1+", "@"]);
    let back = prop::sample::select(vec!["", "", "+", "+1"]);
    let between = prop::sample::select(vec!["", " ", ",", " & "]);
    let atom = (front, pattern(), back, between).prop_map(|(front, pattern, back, between)| {
        let back = if front == "@" { "" } else { back };
        format!("{front}{pattern}{back}{between}")
    });
    prop::collection::vec(atom, 1..3).prop_map(|atoms| atoms.concat().trim_end_matches(',').to_string())
}

#[test]
fn the_filter_box_selects_what_a_run_selects() {
    let graph = shop();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut all: BTreeSet<String> =
        ["+mart", "mart+", "1+mart+1", "@ids", "tag:daily,tag:big", "tag:daily,kind:python", "", "2+top top"]
            .map(String::from)
            .into();
    all.extend((0..1500).map(|_| scramble().new_tree(&mut runner).unwrap().current()));
    all.extend((0..1500).map(|_| formed().new_tree(&mut runner).unwrap().current()));
    let all: Vec<String> = all.into_iter().collect();
    let program = "([nodes, texts]) => {
        const of = (field) => (node) => nodes[node][field];
        const names = nodes.map((node) => node.name), find = (name) => names.indexOf(name);
        const model = { nodes: nodes.map((_, node) => node), names, find: (name) => (find(name) < 0 ? undefined : find(name)) };
        for (const field of ['kind', 'materialized', 'tags', 'path', 'package', 'sources', 'exposures', 'fresh', 'state', 'result', 'up', 'down']) model[field] = of(field);
        model.read = model.sources;
        return texts.map((text) => {
            try {
                return [...window.fft.select(model, text)].sort((a, b) => a - b);
            } catch ({ message, at }) {
                return [message, at === undefined ? null : [...text.slice(0, at)].length + 1];
            }
        });
    }";
    let Some(found) = run(&["selector.js"], program, &json!([wire(&graph), all])) else { return };
    let mut selected = 0;
    for (text, found) in all.iter().zip(found.as_array().unwrap()) {
        assert_eq!(*found, expected(&graph, text), "{text:?}");
        selected += usize::from(!found[0].is_string());
    }
    assert!(selected > 300 && selected < all.len() - 300, "{selected} of {} select something", all.len());
}
