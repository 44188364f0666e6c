//! Made-up artifacts of a project of any size, as JSON, so that a site of it needs neither models nor a database: domains
//! of thirty nodes, from sources and seeds to marts, that read each other now and then; a run that built everything, and
//! one in which some seeds and models had changed and some models failed.
//!
//! The benches and the browser's tests write them as files; tests of the site read them as values.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub struct Artifacts {
    pub manifest: Value,
    /// Of the last run.
    pub results: Value,
    /// The records of both runs by id, the older one first.
    pub records: [(&'static str, Value); 2],
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
const SQL_BEFORE: &str = "    trim(name) as name,";
const SQL_AFTER: &str = "    upper(trim(name)) as name,";

/// A node before it is written as artifacts.
struct Made {
    name: String,
    path: String,
    kind: &'static str,
    level: usize,
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

/// 64 digits that differ from text to text.
fn digest(text: &str) -> String {
    let part = |salt: u64| {
        text.bytes().fold(0xcbf2_9ce4_8422_2325 ^ salt, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(5)
        })
    };
    (1..=4u64).map(|salt| format!("{:016x}", part(salt.wrapping_mul(0x9e37_79b9_7f4a_7c15)))).collect()
}

/// Of `count` nodes. In the first ones a seed, models and a Python model had changed; some models fail.
pub fn artifacts(count: usize) -> Artifacts {
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
            let (group, table) = source.split_once('.').expect("a group and a table");
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
    let first: Vec<Decided> = made.iter().map(Decided::first).collect();
    let before = results(&made, &first, BEFORE, "2026-11-21T09:00");
    let results = results(&made, &decisions, RUN, "2026-11-22T10:15");
    let prints = |salt: &str, decided: &[Decided]| -> BTreeMap<&str, Value> {
        let value = |(node, one): (&Made, &Decided)| json!({"value": digest(&node.print(salt, one))});
        made.iter().zip(decided).map(|pair| (pair.0.name.as_str(), value(pair))).collect()
    };
    let previous = json!({"digest": digest(BEFORE), "run_id": BEFORE});
    let records = [
        (BEFORE, json!({"fingerprints": prints("before", &decisions), "previous": null, "results": before})),
        (RUN, json!({"fingerprints": prints("", &decisions), "previous": previous, "results": results.clone()})),
    ];
    Artifacts { manifest, results, records }
}

impl Made {
    /// What its fingerprint is made from: another text before the run, where the run took it up.
    fn print(&self, salt: &str, decided: &Decided) -> String {
        format!("{}{}", self.name, if decided.role.is_some() { salt } else { "" })
    }
}

fn results(made: &[Made], decisions: &[Decided], run: &str, minute: &str) -> Value {
    let mut lanes = [120u64, 130];
    let mut rows: Vec<Value> = Vec::new();
    for (node, decision) in made.iter().zip(decisions) {
        let tried = ["success", "error"].contains(&decision.status);
        let lane = usize::from(lanes[1] < lanes[0]);
        let (start, time) = (lanes[lane], if tried { 8 + node.name.len() as u64 } else { 0 });
        lanes[lane] += time;
        let at = |milliseconds: u64| format!("{minute}:{:02}.{:03}Z", milliseconds / 1000 % 60, milliseconds % 1000);
        let mut row = row(node, decision);
        if tried {
            row["started_at"] = at(start).into();
            row["finished_at"] = at(start + time).into();
            row["duration_ms"] = time.into();
        }
        rows.push(row);
    }
    rows.sort_by_key(|row| row["name"].as_str().unwrap_or_default().to_string());
    let roots = roots(decisions);
    let count = |status: &str| decisions.iter().filter(|one| one.status == status).count();
    let role = |role: &str| decisions.iter().filter(|one| one.status == "success" && one.role == Some(role)).count();
    json!({
        "cache_mode": "rw", "duration_ms": lanes[0].max(lanes[1]), "engine": "an engine", "interrupted": false,
        "profile": "dev", "run_started_at": format!("{minute}:00.000Z"), "run_finished_at": format!("{minute}:59.000Z"),
        "metadata": {"git": {"commit": null}, "project": "sample", "run_id": run, "schema_version": "1.0", "tool_version": "0"},
        "results": rows, "roots": roots,
        "totals": {"blocked": count("blocked"), "built": count("success"), "cascading": role("cascade"),
            "failed": count("error"), "mixed": role("mixed"), "nodes": made.len(), "not_selected": 0,
            "roots": role("root"), "skipped": count("skipped")},
    })
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
        let level = 1 + reads.iter().map(|up| made[*up].level).max().unwrap_or(0);
        made.push(Made { name, path, kind, level, reads, source });
    }
    made
}

fn model(domain: &str, layer: &str, name: &str, kind: &'static str) -> (String, String, &'static str) {
    let ending = if kind == "sql" { "sql" } else { "py" };
    (format!("{name}.ff"), format!("models/{layer}/{domain}/{name}.ff.{ending}"), kind)
}

fn manifest_node(node: &Made, reads: BTreeSet<&str>) -> Value {
    let fingerprint =
        json!({"components": [], "format": "fft-fingerprint-v1", "inputs": [], "value": digest(&node.name)});
    let columns: Vec<Value> = ["id", "customer_id", "amount", "created_at"]
        .iter()
        .map(|name| json!({"name": name, "description": null, "tests": [], "type": "INTEGER"}))
        .collect();
    let layer = node.path.split('/').nth(1).unwrap_or_default();
    let is_mart = layer == "marts";
    let tag = if is_mart { vec!["daily", "published"] } else { vec!["daily"] };
    let owner = match layer {
        "marts" => Some("analytics"),
        "scores" => Some("data science"),
        "staging" => Some("platform"),
        _ => None,
    };
    let from: Vec<String> = reads.iter().map(|name| format!("\"{}\"", name.trim_end_matches(".ff"))).collect();
    let sql = format!("select id, customer_id, amount, created_at\nfrom {}", from.join("\njoin "));
    json!({
        "columns": columns, "deps": reads, "fingerprint": fingerprint, "kind": node.kind, "level": node.level,
        "meta": owner.map(|owner| json!({"owner": owner})), "compiled": (node.kind != "seed").then_some(sql),
        "description": is_mart.then(|| format!("One row a **day** for `{}`.", node.name)),
        "materialized": if layer == "staging" { "view" } else { "table" }, "name": node.name, "path": node.path,
        "relation": {"catalog": null, "name": node.name, "schema": "main"}, "relation_name": format!("main.\"{}\"", node.name),
        "sources": node.source.iter().collect::<Vec<_>>(), "tags": tag,
    })
}

/// What the run did with a node, and the path to it.
struct Decided {
    status: &'static str,
    role: Option<&'static str>,
    path: Vec<String>,
    roots: BTreeSet<String>,
    /// Because it had never been built.
    first: bool,
}

impl Decided {
    /// What the first run does with every node.
    fn first(node: &Made) -> Decided {
        let (path, roots) = (vec![node.name.clone()], BTreeSet::from(["first_build".to_string()]));
        Decided { status: "success", role: Some("root"), path, roots, first: true }
    }
}

/// In the first thousand nodes.
fn is_changed(at: usize) -> bool {
    at < 1000 && [10, 30].contains(&(at % 270))
}

fn is_failing(at: usize) -> bool {
    at < 1200 && at % 210 == 40
}

fn decisions(made: &[Made]) -> Vec<Decided> {
    let mut found: Vec<Decided> = Vec::new();
    for (at, node) in made.iter().enumerate() {
        let fails = is_failing(at);
        let own = is_changed(at) || fails;
        let mut roots: BTreeSet<String> = node.reads.iter().flat_map(|up| found[*up].roots.clone()).collect();
        let via = node.reads.iter().filter(|up| !found[**up].path.is_empty()).min_by_key(|up| found[**up].path.len());
        let failed = node.reads.iter().any(|up| ["error", "blocked"].contains(&found[*up].status));
        let mut path = via.map(|up| found[*up].path.clone()).unwrap_or_default();
        let role = match (own, roots.is_empty()) {
            (true, true) => Some("root"),
            (true, false) => Some("mixed"),
            (false, false) => Some("cascade"),
            (false, true) => None,
        };
        if own {
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
        found.push(Decided { status, role, path, roots, first: false });
    }
    found
}

fn code(node: &Made, decided: &Decided) -> &'static str {
    match (decided.status, decided.role) {
        _ if decided.first => "first_build",
        ("blocked", _) => "upstream_failed",
        (_, None) => "all_inputs_equal",
        (_, Some("cascade")) => "upstream_changed",
        _ if node.kind == "seed" => "seed_changed",
        _ => "sql_changed",
    }
}

fn row(node: &Made, decided: &Decided) -> Value {
    let built = decided.status == "success";
    let code = code(node, decided);
    let summary = match code {
        "first_build" => "first build".to_string(),
        "upstream_failed" => "upstream failed".to_string(),
        "all_inputs_equal" => format!("9/9 inputs equal to run {BEFORE} · relation exists"),
        "upstream_changed" => format!("← {}", decided.path[..decided.path.len() - 1].join(" → ")),
        "seed_changed" => format!("seed changed: {} (+1 row)", node.path),
        _ => format!("SQL changed: {}", node.path),
    };
    let failed = decided.status == "error";
    let equal = json!({"evidence": "9 of 9 inputs equal", "name": "fingerprint", "ok": decided.role.is_none()});
    let stands = json!({"evidence": "relation exists", "name": "relation", "ok": true});
    let baseline = json!({"built_at": "2026-11-21T09:00:00.000Z", "run_id": BEFORE,
        "fingerprint": digest(&node.print("before", decided))});
    let rows = node.name.len() as u64 * 37 + u64::from(!decided.first && node.name.len().is_multiple_of(3));
    json!({
        "bytes_scanned": null, "details": if failed { vec!["LINE 2: from t", "             ^"] } else { Vec::new() },
        "finished_at": null, "http": null, "query_duration_ms": null, "started_at": null, "duration_ms": null,
        "rows": built.then_some(rows), "name": node.name, "status": decided.status,
        "message": failed.then_some("Conversion Error: Could not convert string 'n/a' to INT32"),
        "decision": {
            "action": if decided.role.is_some() { "build" } else { "skip" },
            "baseline": (!decided.first).then_some(baseline), "causes": [cause(node, code, &summary)],
            "checks": [equal, stands], "impact": null, "path": decided.path, "path_elided": 0, "primary_code": code,
            "role": decided.role, "roots": decided.roots, "sole_impact": null, "summary": summary,
        },
    })
}

/// With what differs, where the node itself was edited.
fn cause(node: &Made, code: &str, sentence: &str) -> Value {
    let unified = format!("@@ -1,3 +1,3 @@\n select\n-{SQL_BEFORE}\n+{SQL_AFTER}\n     amount\n");
    let diff = json!({"added": 1, "removed": 1, "unified": unified});
    match code {
        "sql_changed" => json!({"code": code, "kind": "sql", "name": node.path, "diff": diff, "sentence": sentence}),
        "seed_changed" => json!({"code": code, "kind": "seed", "name": node.path, "sentence": sentence,
            "data": {"rows_added": 1, "rows_before": 740, "rows_after": 741, "key": ["id"], "rows_removed": 0}}),
        _ => json!({"code": code, "sentence": sentence}),
    }
}

fn roots(decisions: &[Decided]) -> Vec<Value> {
    // Built, built only because of it, failed, held up.
    let mut reached: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
    for decided in decisions {
        for root in &decided.roots {
            let [built, sole, failed, blocked] = reached.entry(root).or_default();
            match decided.status {
                "success" => {
                    *built += 1;
                    *sole += usize::from(decided.roots.len() == 1);
                }
                "error" => *failed += 1,
                "blocked" => *blocked += 1,
                _ => {}
            }
        }
    }
    let root = |(name, [impact, sole, failed, blocked]): (&str, [usize; 4])| {
        let (code, kind, sentence, clause) = match name {
            "first_build" => ("first_build", "global", "first build".to_string(), String::new()),
            seed if seed.starts_with("seed_") => {
                let sentence = format!("seed changed: {name}.csv (+1 row)");
                ("seed_changed", "node", sentence, format!("one row was added to {name}"))
            }
            _ => ("sql_changed", "node", format!("SQL changed: {name}.sql"), format!("the SQL of {name} was edited")),
        };
        json!({"code": code, "impact": impact, "kind": kind, "name": name, "sole_impact": sole, "sentence": sentence,
            "clause": clause, "failed": failed, "blocked": blocked})
    };
    let mut all: Vec<Value> = reached.into_iter().map(root).collect();
    all.retain(|root| root["impact"] != 0 || root["failed"] != 0);
    all.sort_by_key(|root| std::cmp::Reverse(root["impact"].as_u64()));
    all
}
