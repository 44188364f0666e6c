//! One explanation, told in many places: the terminal, the artifacts and every command say the same of each node.
//!
//! Each place is read into a [`Told`]; what two of them both tell must be equal. A new place is a new function that
//! gives one.

mod page;

use crate::project::Sandbox;
use serde_json::Value;
use std::collections::BTreeMap;

/// What one place tells of a run or a plan. What a place doesn't tell is none.
#[derive(Debug, Default)]
struct Told {
    nodes: BTreeMap<String, Node>,
    /// `built`, `cascading`, `failed` …; without time.
    totals: Option<BTreeMap<String, usize>>,
    /// Name or sentence with impact, and sole impact where it is neither that nor none, in order.
    roots: Option<Vec<(String, usize, Option<usize>)>>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Node {
    /// `BUILD`, `CASCADE`, `SKIP`, `ERROR`, `BLOCKED`.
    word: Option<String>,
    rows: Option<Option<u64>>,
    /// The reason in its line: the summary, an error's first line, the failed upstream node.
    reason: Option<String>,
    codes: Option<Vec<String>>,
    sentences: Option<Vec<String>>,
    path: Option<Vec<String>>,
    /// Name, whether it holds, evidence.
    checks: Option<Vec<(String, bool, String)>>,
    roots: Option<Vec<String>>,
}

/// Compares what both tell; `what` names the two.
#[track_caller]
fn agree(left: &Told, right: &Told, what: &str) {
    assert_eq!(left.nodes.keys().collect::<Vec<_>>(), right.nodes.keys().collect::<Vec<_>>(), "{what}: nodes");
    for (name, one) in &left.nodes {
        let other = &right.nodes[name];
        both(&one.word, &other.word, &format!("{what}: {name}: decision"));
        both(&one.rows, &other.rows, &format!("{what}: {name}: rows"));
        both(&one.reason, &other.reason, &format!("{what}: {name}: reason"));
        both(&one.codes, &other.codes, &format!("{what}: {name}: codes"));
        both(&one.sentences, &other.sentences, &format!("{what}: {name}: sentences"));
        both(&one.path, &other.path, &format!("{what}: {name}: path"));
        both(&one.checks, &other.checks, &format!("{what}: {name}: checks"));
        both(&one.roots, &other.roots, &format!("{what}: {name}: roots"));
    }
    both(&left.totals, &right.totals, &format!("{what}: totals"));
    both(&left.roots, &right.roots, &format!("{what}: roots"));
}

#[track_caller]
fn both<T: PartialEq + std::fmt::Debug>(left: &Option<T>, right: &Option<T>, what: &str) {
    if let (Some(left), Some(right)) = (left, right) {
        assert_eq!(left, right, "{what}");
    }
}

const DECISIONS: [&str; 5] = ["BUILD", "CASCADE", "SKIP", "ERROR", "BLOCKED"];

/// The lines of `fft run -v`, `fft plan -v` and `fft history show -v`.
fn terminal(text: &str) -> Told {
    let mut told = Told { roots: Some(Vec::new()), ..Told::default() };
    for line in text.lines() {
        let parts: Vec<&str> = line.split("  ").map(str::trim).filter(|part| !part.is_empty()).collect();
        let head: Vec<&str> = parts.first().map_or(Vec::new(), |head| head.split(' ').collect());
        match head.as_slice() {
            [_, word] | [_, _, word] if DECISIONS.contains(word) => {
                let (name, node) = line_of(word, &parts[1..]);
                told.nodes.insert(name, node);
            }
            _ if line.contains(" · ") && (line.contains(" built") || line.contains(" to build")) => {
                told.totals = Some(counts(line));
            }
            _ if line.contains("  → ") && (line.contains(" rebuilt") || line.contains(" to rebuild")) => {
                told.roots.as_mut().unwrap().push(root_of(&parts));
            }
            _ => {}
        }
    }
    told
}

/// A node's line: its name, then rows and time where it ran, then the reason.
fn line_of(word: &str, parts: &[&str]) -> (String, Node) {
    let measured = parts.len() > 3 || parts.get(1).is_some_and(|part| *part == "–" || part.ends_with(" rows"));
    let number = |part: &str| part.split(' ').next().and_then(|number| number.parse().ok());
    let reason = parts[if measured { 3.min(parts.len()) } else { 1 }..].join("  ");
    let path = reason.strip_prefix("← ").filter(|way| !way.contains("more …")).map(|way| {
        let names = way.split(" → ").map(String::from);
        names.chain([parts[0].to_string()]).collect()
    });
    let reason = line_of_reason(&reason);
    let rows = measured.then(|| number(parts[1]));
    // A run tells what an error says below the line.
    let reason = Some(reason).filter(|reason| word != "ERROR" || !reason.is_empty());
    let node = Node { word: Some(word.into()), rows, reason, path, ..Node::default() };
    (parts[0].to_string(), node)
}

/// A node's reason, the failed upstream node of a blocked one.
fn line_of_reason(reason: &str) -> String {
    let failed = reason.strip_prefix("upstream ").and_then(|rest| rest.strip_suffix(" failed"));
    failed.or_else(|| reason.strip_prefix("upstream failed: ")).unwrap_or(reason).to_string()
}

/// `3 built: 1 changed, 2 followed · 1 skipped · 12 ms`, or `3 to build: … · 4 to skip`.
fn counts(line: &str) -> BTreeMap<String, usize> {
    let line = line.replace(" to build", " built").replace(" to skip", " skipped").replace(" following", " followed");
    let parts = line.split([' ', '(', ')', ',', ':', '·']).filter(|part| !part.is_empty());
    let parts: Vec<&str> = parts.collect();
    let pairs = parts.windows(2).filter_map(|pair| Some((pair[1], pair[0].parse().ok()?)));
    let counted = ["built", "new", "changed", "followed", "skipped", "failed", "blocked"];
    let pairs = pairs.filter(|(word, count)| counted.contains(word) && *count > 0);
    pairs.map(|(word, count)| (word.to_string(), count)).collect()
}

/// `seed_users`, `seed changed …`, `→ 3 rebuilt; 2 would have been skipped without it`: without the second number it is
/// that of the first, or none.
fn root_of(parts: &[&str]) -> (String, usize, Option<usize>) {
    let last = parts.last().unwrap();
    let numbers: Vec<usize> = last.split([' ', ',']).filter_map(|word| word.parse().ok()).collect();
    (parts[0].to_string(), numbers[0], numbers.get(1).copied())
}

/// run_results.json, `fft plan --json`, `fft explain NODE --json` for each node.
fn json(value: &Value) -> Told {
    let rows = value["results"].as_array().or(value["nodes"].as_array()).unwrap();
    let selected = rows.iter().filter(|row| row["decision"]["action"] != "not_selected");
    let nodes = selected.map(|row| (text(&row["name"]), row_of(row))).collect();
    let root = |root: &Value| {
        let name = text(if root["kind"] == "global" { &root["sentence"] } else { &root["name"] });
        let (impact, sole) = (number(&root["impact"]), number(&root["sole_impact"]));
        (name, impact, Some(sole).filter(|sole| *sole > 0 && *sole < impact))
    };
    let roots = value["roots"]
        .as_array()
        .map(|roots| roots.iter().filter(|root| number(&root["impact"]) > 0).map(root).collect());
    let totals = value["totals"].as_object().map(|totals| {
        let of = |key: &str| totals.get(key).map_or(0, number);
        let counts = [
            ("built", of("built")),
            ("new", of("new")),
            ("changed", of("built") - of("cascading") - of("new")),
            ("followed", of("cascading")),
            ("skipped", of("skipped")),
            ("failed", of("failed")),
            ("blocked", of("blocked")),
        ];
        let told = counts.into_iter().filter(|(_, count)| *count > 0);
        told.map(|(key, count)| (key.to_string(), count)).collect()
    });
    Told { nodes, totals, roots }
}

fn row_of(row: &Value) -> Node {
    let decision = &row["decision"];
    let list = |value: &Value, key: &str| -> Vec<String> {
        value.as_array().unwrap().iter().map(|one| text(if key.is_empty() { one } else { &one[key] })).collect()
    };
    let cascade = decision["role"] == "cascade";
    let word = match (row["status"].as_str(), decision["action"].as_str()) {
        (Some("success"), _) | (None, Some("build")) => {
            if cascade {
                "CASCADE"
            } else {
                "BUILD"
            }
        }
        (Some("skipped"), _) | (None, Some("skip")) => "SKIP",
        (Some("error"), _) => "ERROR",
        _ => "BLOCKED",
    };
    let reason = match word {
        "ERROR" => text(&row["message"]).lines().next().unwrap().to_string(),
        "BLOCKED" => text(&decision["causes"][0]["name"]),
        _ => text(&decision["summary"]),
    };
    let path = list(&decision["path"], "");
    let checks = decision["checks"].as_array().unwrap().iter();
    Node {
        word: Some(word.into()),
        rows: row.get("rows").map(Value::as_u64),
        reason: Some(reason),
        codes: Some(list(&decision["causes"], "code")),
        sentences: Some(list(&decision["causes"], "sentence")),
        path: Some(path),
        checks: Some(checks.map(|one| (text(&one["name"]), one["ok"] == true, text(&one["evidence"]))).collect()),
        roots: Some(list(&decision["roots"], "")),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_string()
}

fn number(value: &Value) -> usize {
    value.as_u64().unwrap() as usize
}

/// `fft explain NODE` as text.
fn explained(text: &str) -> Node {
    let mut sections: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut title = "";
    for line in text.lines().skip(1) {
        match line.strip_prefix("  ") {
            Some(line) => sections.entry(title).or_default().push(line),
            None => title = line.split(':').next().unwrap(),
        }
    }
    let lines = |title: &str| sections.get(title).cloned().unwrap_or_default();
    let causes: Vec<(String, String)> = lines("Causes")
        .into_iter()
        .filter(|line| !line.starts_with(' '))
        .map(|line| line.split_once(' ').unwrap())
        .map(|(code, sentence)| (code.to_string(), sentence.trim().to_string()))
        .collect();
    let check = |line: &&str| {
        let (glyph, rest) = line.split_once(' ').unwrap();
        let (name, evidence) = rest.split_once(' ').unwrap();
        (name.to_string(), glyph == "✓", evidence.trim().to_string())
    };
    let (codes, sentences) = causes.into_iter().unzip();
    let path = lines("Path").first().map(|path| path.split(" → ").map(String::from).collect());
    Node {
        codes: Some(codes),
        sentences: Some(sentences),
        path,
        checks: Some(lines("Checks").iter().map(check).collect()),
        roots: Some(
            lines("Roots")
                .iter()
                .filter(|line| !line.starts_with(' '))
                .map(|root| root.split("  ").next().unwrap().to_string())
                .collect(),
        ),
        ..Node::default()
    }
}

/// `fft explain` of every node, in both forms, against what the results say.
fn explanations(sandbox: &Sandbox, results: &Told, flags: &str, what: &str) {
    let mut texts = Told::default();
    let mut rows = Vec::new();
    for name in results.nodes.keys() {
        texts.nodes.insert(name.clone(), explained(&sandbox.fft(&format!("explain {name} {flags}")).expect(0).stdout));
        let told = sandbox.fft(&format!("explain {name} --json {flags}")).expect(0).stdout;
        rows.push(serde_json::from_str::<Value>(&told).unwrap());
    }
    agree(&texts, results, &format!("{what}: explain as text and results"));
    agree(&json(&serde_json::json!({ "results": rows })), results, &format!("{what}: explain as JSON and results"));
}

/// The terminal's last line, the list of runs and the first pages say the sentence of run_results.json.
fn one_sentence(sandbox: &Sandbox, ran: &str, written: &Value, what: &str) {
    let sentence = text(&written["sentence"]);
    assert_eq!(ran.lines().last(), Some(sentence.as_str()), "{what}");
    let list: Value = serde_json::from_str(&sandbox.fft("history --json").expect(0).stdout).unwrap();
    assert_eq!(list["runs"][0]["sentence"], written["sentence"], "{what}");
    assert_eq!(list["runs"][0]["command"], "fft run --keep-going", "{what}");
    let run = text(&written["metadata"]["run_id"]);
    for page in ["index.html".to_string(), "runs/index.html".to_string(), format!("runs/{run}.html")] {
        let html = sandbox.read(&format!("site/dag/{page}"));
        assert!(page::plain(&html).contains(&sentence), "{what}: {page} doesn't say: {sentence}");
    }
}

/// Plans, runs and explains, and compares everything that is told.
fn told_alike(sandbox: &Sandbox, what: &str, code: i32) -> Told {
    //: Every node of every run has a decision, and every decision has its complete reasons. The terminal,
    //: `run_results.json` and `fft explain` tell the same.
    let plan = json(&serde_json::from_str(&sandbox.fft("plan --json").expect(0).stdout).unwrap());
    agree(&terminal(&sandbox.fft("plan -v").expect(0).stdout), &plan, &format!("{what}: plan as text and JSON"));
    explanations(sandbox, &plan, "--next", &format!("{what}: next"));
    let ran = sandbox.fft("run -v --keep-going").expect(code).stdout;
    let run = terminal(&ran);
    let written: Value = serde_json::from_str(&sandbox.read(".fastflowtransform/target/run_results.json")).unwrap();
    let results = json(&written);
    one_sentence(sandbox, &ran, &written, what);
    for row in written["results"].as_array().unwrap() {
        let causes = row["decision"]["causes"].as_array().unwrap();
        let said = |cause: &Value| !text(&cause["code"]).is_empty() && !text(&cause["sentence"]).is_empty();
        assert!(!causes.is_empty() && causes.iter().all(said), "{what}: {row:#}");
        assert_eq!(causes[0]["code"], row["decision"]["primary_code"], "{what}");
    }
    agree(&run, &results, &format!("{what}: run and run_results.json"));
    agree(
        &terminal(&sandbox.fft("history show latest -v").expect(0).stdout),
        &results,
        &format!("{what}: history show"),
    );
    explanations(sandbox, &results, "", what);
    agree(&page::overview(&sandbox.read("site/dag/index.html")), &results, &format!("{what}: the site's overview"));
    agree(&page::audit(&sandbox.read("site/dag/audit.html")), &results, &format!("{what}: the site's audit"));
    let audit: Value = serde_json::from_str(&sandbox.read("site/dag/audit.json")).unwrap();
    agree(&page::audit_file(&audit), &results, &format!("{what}: the site's audit as a file"));
    results
}

#[test]
fn every_place_tells_the_same() {
    let sandbox = Sandbox::new();
    sandbox.write("seeds/people.csv", "id,name\n1,Ada\n2,Grace\n");
    sandbox.write("seeds/alone.csv", "id\n1\n");
    sandbox.write("models/top.ff.sql", "select id, name from {{ ref('people') }}\n");
    sandbox.write("models/left.ff.sql", "select id from {{ ref('top') }}\n");
    sandbox.write("models/right.ff.sql", "{{ config(materialized='view') }}select name from {{ ref('top') }}\n");
    sandbox
        .write("models/bottom.ff.sql", "select count(*) as n from {{ ref('left') }} cross join {{ ref('right') }}\n");
    sandbox.write("models/frail.ff.sql", "select id from {{ ref('alone') }}\n");
    sandbox.write("models/below.ff.sql", "select id from {{ ref('frail') }}\n");
    let first = told_alike(&sandbox, "first run", 0);
    assert_eq!(first.nodes.len(), 8);
    told_alike(&sandbox, "second run", 0);
    sandbox.write("seeds/people.csv", "id,name\n1,Ada\n2,Grace\n3,Radia\n");
    sandbox.write("models/left.ff.sql", "select id + 0 as id from {{ ref('top') }}\n");
    sandbox.write("models/frail.ff.sql", "select cast('x' as integer) as id from {{ ref('alone') }}\n");
    let mixed = told_alike(&sandbox, "changes and a failure", 1);
    let words: Vec<&str> = mixed.nodes.values().map(|node| node.word.as_deref().unwrap()).collect();
    for word in ["BUILD", "CASCADE", "SKIP", "ERROR", "BLOCKED"] {
        assert!(words.contains(&word), "{word} isn't there: {words:?}");
    }
    assert!(mixed.roots.as_ref().is_some_and(|roots| roots.len() == 2), "{:?}", mixed.roots);
    sandbox.write("models/frail.ff.sql", "select id from {{ ref('alone') }}\n");
    sandbox.query(".local/story.duckdb", "drop table analytics.bottom");
    told_alike(&sandbox, "mended, and a relation lost", 0);
}

/// With early cutoff a run knows more than its plan: all that is told of the run agrees all the same.
#[test]
fn every_place_tells_the_same_with_early_cutoff() {
    let sandbox = Sandbox::new();
    sandbox.write("project.yml", "name: story\nversion: '1.0'\nrun: {cutoff: true}\n");
    sandbox.write("seeds/people.csv", "id,name\n1,Ada\n2,Grace\n");
    sandbox.write("models/left.ff.sql", "select id from {{ ref('people') }}\n");
    sandbox.write("models/right.ff.sql", "select name from {{ ref('people') }}\n");
    sandbox
        .write("models/bottom.ff.sql", "select count(*) as n from {{ ref('left') }} cross join {{ ref('right') }}\n");
    told_alike(&sandbox, "first run", 0);
    sandbox.write("seeds/people.csv", "id,name\n2,Grace\n1,Ada\n");
    let skipped = told_alike(&sandbox, "the same rows", 0);
    assert_eq!(skipped.nodes["bottom.ff"].codes.as_ref().unwrap()[0], "upstream_output_identical");
    sandbox.write("seeds/people.csv", "id,name\n2,Grace\n1,Augusta\n");
    let partly = told_alike(&sandbox, "one of two columns", 0);
    assert_eq!(partly.nodes["bottom.ff"].path.as_ref().unwrap(), &["people", "right.ff", "bottom.ff"]);
}
