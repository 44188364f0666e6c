//! Made-up artifacts of a project of any size: domains of thirty nodes, from sources and seeds to marts, that read each
//! other now and then; a run in which a seed and a model had changed and a model failed.

use super::Dag;
use crate::artifact::manifest::Manifest;
use crate::artifact::results::RunResults;
use crate::digest::Digest;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub struct Sample {
    pub manifest: Manifest,
    pub results: RunResults,
}

impl Sample {
    pub fn dag(&self) -> Dag<'_> {
        Dag::new(&self.manifest, &self.results)
    }
}

const DOMAINS: [&str; 12] = [
    "sales",
    "crm",
    "billing",
    "web",
    "logistics",
    "support",
    "finance",
    "people",
    "catalogue",
    "marketing",
    "risk",
    "partners",
];
const RUN: &str = "20261122T101500Z-3fa9";
const BEFORE: &str = "20261121T090000Z-a1b2";

/// A node of the sample before it is written as artifacts.
struct Made {
    name: String,
    path: String,
    kind: &'static str,
    reads: BTreeSet<usize>,
    source: Option<String>,
}

/// A small generator of numbers, the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

/// `count` nodes. The seed of the second domain and a model of the first had changed.
pub fn sample(count: usize) -> Sample {
    let made = nodes(count);
    let decisions = decisions(&made);
    let names: Vec<&str> = made.iter().map(|node| node.name.as_str()).collect();
    let reads = |node: &Made| node.reads.iter().map(|at| names[*at]).collect::<BTreeSet<_>>();
    let mut children: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for node in &made {
        children.entry(&node.name).or_default();
        for up in reads(node) {
            children.entry(up).or_default().insert(&node.name);
        }
    }
    let parents: BTreeMap<&str, BTreeSet<&str>> = made.iter().map(|node| (node.name.as_str(), reads(node))).collect();
    let mut sources = BTreeMap::new();
    let mut manifest_nodes = BTreeMap::new();
    for node in &made {
        if let Some(source) = &node.source {
            let (group, table) = source.split_once('.').unwrap();
            let about = json!({"description": null, "group": group, "identifier": table, "provided_by": null,
                "schema": "raw", "table": table});
            sources.insert(source.clone(), about);
        }
        manifest_nodes.insert(node.name.clone(), manifest_node(node, reads(node)));
    }
    let manifest = json!({
        "children": children, "levels": [], "macros": {}, "parents": parents, "nodes": manifest_nodes, "sources": sources,
        "metadata": {"engine": "an engine", "generated_at": "2026-11-22T10:15:01.000Z", "git": {"commit": null},
            "profile": "dev", "project": "sample", "project_version": "1", "run_id": RUN, "schema_version": "1.0",
            "tool_version": "0"},
    });
    let mut rows: Vec<Value> = made.iter().zip(&decisions).map(|(node, decision)| row(node, decision)).collect();
    rows.sort_by_key(|row| row["name"].as_str().unwrap().to_string());
    let results = json!({
        "cache_mode": "rw", "duration_ms": 61, "engine": "an engine", "interrupted": false, "profile": "dev",
        "run_started_at": "2026-11-22T10:15:00.000Z", "run_finished_at": "2026-11-22T10:15:01.000Z",
        "metadata": {"git": {"commit": null}, "project": "sample", "run_id": RUN, "schema_version": "1.0", "tool_version": "0"},
        "results": rows, "roots": roots(&decisions),
        "totals": {"blocked": 0, "built": 0, "cascading": 0, "failed": 0, "nodes": count, "not_selected": 0, "roots": 0, "skipped": 0},
    });
    Sample { manifest: serde_json::from_value(manifest).unwrap(), results: serde_json::from_value(results).unwrap() }
}

fn nodes(count: usize) -> Vec<Made> {
    let mut random = Random(5);
    let mut made: Vec<Made> = Vec::new();
    for at in 0..count {
        let (first, place) = (at / 30 * 30, at % 30);
        let number = at / 30;
        let domain = DOMAINS[number % DOMAINS.len()];
        let domain =
            if number < DOMAINS.len() { domain.to_string() } else { format!("{domain}_{}", number / DOMAINS.len()) };
        let noun = ["orders", "customers", "payments", "events", "items", "accounts"][place % 6];
        let (name, path, kind) = match place {
            0 | 1 => (format!("seed_{domain}_{noun}"), format!("seeds/{domain}/seed_{domain}_{noun}.csv"), "seed"),
            2..8 => model(&domain, "staging", &format!("stg_{domain}_{noun}"), "sql"),
            8..16 => model(
                &domain,
                "intermediate",
                &format!("int_{domain}_{noun}_{}", ["joined", "by_day"][(place - 8) / 6]),
                "sql",
            ),
            16 | 17 => model(&domain, "scores", &format!("score_{domain}_{noun}"), "python"),
            _ => model(&domain, "marts", &format!("mart_{domain}_{noun}_{}", ["daily", "monthly"][place / 24]), "sql"),
        };
        let mut reads = BTreeSet::new();
        match place {
            0 | 1 => {}
            2 | 3 => reads.extend([first + place - 2]),
            4..8 => {}
            8..16 => reads.extend((0..1 + random.below(2)).map(|_| first + 2 + random.below(6))),
            _ => reads.extend((0..1 + random.below(3)).map(|_| first + 5 + random.below(place - 5))),
        }
        if place > 20 && number > 0 && random.below(3) == 0 {
            let other = random.below(number) * 30;
            reads.insert(other + 8 + random.below(20));
        }
        let source = (4..8).contains(&place).then(|| format!("{domain}.{noun}"));
        made.push(Made { name, path, kind, reads, source });
    }
    made
}

fn model(domain: &str, layer: &str, name: &str, kind: &'static str) -> (String, String, &'static str) {
    let ending = if kind == "sql" { "sql" } else { "py" };
    (format!("{name}.ff"), format!("models/{layer}/{domain}/{name}.ff.{ending}"), kind)
}

fn manifest_node(node: &Made, reads: BTreeSet<&str>) -> Value {
    let fingerprint = json!({"components": [], "format": "fft-fingerprint-v1", "inputs": [], "value": Digest::of(node.name.as_bytes())});
    let columns: Vec<Value> = ["id", "customer_id", "amount", "created_at"]
        .iter()
        .map(|name| json!({"name": name, "description": null, "tests": [], "type": "INTEGER"}))
        .collect();
    let tag = if node.path.contains("/marts/") { vec!["daily", "published"] } else { vec!["daily"] };
    let from: Vec<String> = reads.iter().map(|name| format!("\"{}\"", name.trim_end_matches(".ff"))).collect();
    json!({
        "columns": columns, "deps": reads, "fingerprint": fingerprint, "kind": node.kind, "level": 1, "meta": null,
        "compiled": (node.kind != "seed").then(|| format!("select id, customer_id, amount, created_at\nfrom {}", from.join("\njoin "))),
        "description": node.path.contains("/marts/").then(|| format!("One row a day for {}.", node.name)),
        "materialized": if node.path.contains("staging") { "view" } else { "table" }, "name": node.name, "path": node.path,
        "relation": {"catalog": null, "name": node.name, "schema": "main"}, "relation_name": format!("main.\"{}\"", node.name),
        "sources": node.source, "tags": tag,
    }).as_object_mut().map(|fields| {
        fields.insert("sources".into(), json!(node.source.iter().collect::<Vec<_>>()));
        Value::Object(fields.clone())
    }).unwrap()
}

/// What the run did with a node, and the path to it.
struct Decided {
    status: &'static str,
    role: Option<&'static str>,
    path: Vec<String>,
    roots: BTreeSet<String>,
}

fn decisions(made: &[Made]) -> Vec<Decided> {
    let mut found: Vec<Decided> = Vec::new();
    for (at, node) in made.iter().enumerate() {
        let own = at == 30 || at == 10;
        let fails = at == 40;
        let mut roots: BTreeSet<String> = node.reads.iter().flat_map(|up| found[*up].roots.clone()).collect();
        let via = node.reads.iter().filter(|up| !found[**up].path.is_empty()).min_by_key(|up| found[**up].path.len());
        let failed = node.reads.iter().any(|up| ["error", "blocked"].contains(&found[*up].status));
        let mut path = via.map(|up| found[*up].path.clone()).unwrap_or_default();
        let role = match (own || fails, roots.is_empty()) {
            (true, true) => Some("root"),
            (true, false) => Some("mixed"),
            (false, false) => Some("cascade"),
            (false, true) => None,
        };
        if own || fails {
            roots.insert(node.name.clone());
            path.clear();
        }
        if role.is_some() {
            path.push(node.name.clone());
        }
        let status = match () {
            () if failed => "blocked",
            () if fails => "error",
            () if role.is_some() => "success",
            () => "skipped",
        };
        found.push(Decided { status, role, path, roots });
    }
    found
}

fn row(node: &Made, decided: &Decided) -> Value {
    let built = decided.status == "success";
    let code = match (decided.status, decided.role) {
        ("blocked", _) => "upstream_failed",
        (_, None) => "all_inputs_equal",
        (_, Some("cascade")) => "upstream_changed",
        _ if node.kind == "seed" => "seed_changed",
        _ => "sql_changed",
    };
    let summary = match code {
        "upstream_failed" => "upstream failed".to_string(),
        "all_inputs_equal" => format!("9/9 inputs equal to run {BEFORE} · relation exists"),
        "upstream_changed" => format!("← {}", decided.path[..decided.path.len() - 1].join(" → ")),
        "seed_changed" => format!("seed changed: {} (+1 row)", node.path),
        _ => format!("SQL changed: {}", node.path),
    };
    let check = json!({"evidence": "equal", "name": "fingerprint", "ok": decided.role.is_none()});
    let baseline = json!({"built_at": "2026-11-21T09:00:00.000Z", "run_id": BEFORE,
        "fingerprint": Digest::of(if decided.role.is_some() { b"before" } else { node.name.as_bytes() })});
    json!({
        "bytes_scanned": null, "details": [], "finished_at": null, "http": null, "query_duration_ms": null, "started_at": null,
        "duration_ms": built.then_some(8 + node.name.len()), "rows": built.then_some(node.name.len() * 37),
        "message": (decided.status == "error").then_some("Conversion Error: Could not convert string 'n/a' to INT32"),
        "name": node.name, "status": decided.status,
        "decision": {
            "action": if decided.role.is_some() { "build" } else { "skip" }, "baseline": baseline,
            "causes": [{"code": code, "sentence": summary}], "checks": [check], "impact": null, "path": decided.path,
            "path_elided": 0, "primary_code": code, "role": decided.role, "roots": decided.roots, "sole_impact": null,
            "summary": summary,
        },
    })
}

fn roots(decisions: &[Decided]) -> Vec<Value> {
    let mut impact: BTreeMap<&str, usize> = BTreeMap::new();
    for decided in decisions.iter().filter(|decided| decided.status == "success") {
        decided.roots.iter().for_each(|root| *impact.entry(root).or_default() += 1);
    }
    let root = |(name, impact): (&str, usize)| {
        json!({"code": "sql_changed", "impact": impact, "kind": "node", "name": name, "sole_impact": impact,
            "sentence": "SQL changed"})
    };
    impact.into_iter().map(root).collect()
}
