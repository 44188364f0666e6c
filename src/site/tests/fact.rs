//! What pages say is what the artifacts say.

use super::html::text;
use super::sample::{Node, Project, shop};
use super::{files, lived, site};
use crate::artifact::wire::shown_name;
use crate::execute::Status;
use crate::graph::NodeKind;
use crate::site::name::{node_page, run_page};
use crate::site::word::Badge;
use serde_json::Value;
use std::collections::BTreeMap;

#[test]
fn every_node_has_its_decision_on_every_page_that_tells_it() {
    let (project, artifacts) = lived();
    site(&project, &artifacts);
    let files = files(&project);
    let (overview, audit) = (text(&files["index.html"]), text(&files["audit.html"]));
    for row in &artifacts.results.results {
        let page = text(&files[&node_page(&row.name)]);
        let badge = Badge::of_row(row);
        assert!(page.contains(&row.decision.summary), "{}: {}", row.name, row.decision.summary);
        assert!(page.contains(badge.word), "{}", row.name);
        for cause in row.decision.causes.iter().filter(|_| row.status == Status::Success) {
            assert!(page.contains(&cause.sentence), "{}: {}", row.name, cause.sentence);
        }
        for place in [&overview, &audit] {
            assert!(place.contains(shown_name(&row.name, |_| false)) && place.contains(badge.word), "{}", row.name);
        }
        let fingerprint = artifacts.manifest.nodes[&row.name].fingerprint.value().short();
        assert!(page.contains(&fingerprint) && audit.contains(&fingerprint), "{}", row.name);
    }
}

#[test]
fn the_page_of_a_run_tells_its_roots_and_what_they_rebuilt() {
    let (project, artifacts) = lived();
    site(&project, &artifacts);
    let files = files(&project);
    let record = crate::artifact::history::History::new(&*project.world, project.layout().runs());
    let run = record.list().unwrap()[2].clone();
    let results = record.read(&run).unwrap().results;
    let html = &files[&run_page(&run)];
    let page = text(html);
    assert_eq!(results.roots.len(), 2);
    for root in &results.roots {
        assert!(page.contains(&root.name) && page.contains(&root.sentence), "{}", root.name);
        assert!(page.contains(&format!("→ {} rebuilt", root.impact)), "{}", root.name);
    }
    assert!(page.contains(&results.totals.words()), "{page}");
    assert!(page.contains("-- version 0"), "the diff of the changed model is there");
    assert!(html.contains("class=\"add\""));
}

/// The page of a node that was skipped tells why it was last built, from the record of the run that did.
#[test]
fn a_skipped_node_tells_of_its_last_build() {
    let (project, artifacts) = lived();
    site(&project, &artifacts);
    let html = &files(&project)[&node_page("mart_user_orders.ff")];
    let page = text(html);
    assert!(page.contains("Why it was last built"));
    assert!(page.contains("3 Nov 10:15 · 0003"), "the run that built it is named");
    assert!(html.contains("title=\"20261103T101500Z-0003\""), "and its whole id is at hand");
    assert!(page.contains("upstream changed: stg_users.ff"));
    assert!(page.contains("seed_orders") && page.contains("stg_orders.ff"), "the path from the second root");
    assert!(!html.contains("20261105T101500Z-0005"), "the run that skipped it is not");
}

/// The first page says the sentence, its counts are all nodes, and what failed comes before what changed.
#[test]
fn the_first_page_says_what_happened() {
    let mut project = Project::new(shop());
    project.run(&[], &[]);
    let artifacts = project.run(&["seed_users"], &[]);
    site(&project, &artifacts);
    let html = &files(&project)["index.html"];
    let page = text(html);
    let sentence = "Rebuilt 5 of 8 nodes: one row was added to seed_users.";
    assert!(page.contains(sentence), "{page}");
    assert!(html.contains(&format!("<meta name=\"description\" content=\"{sentence}\">")));
    assert_eq!(counted(html), 8);
    assert!(page.contains("1 changed") && page.contains("skipped, proven equal — "), "{page}");
    let artifacts = project.run(&["stg_users.ff"], &["stg_users.ff"]);
    site(&project, &artifacts);
    let html = &files(&project)["index.html"];
    let page = text(html);
    let sentence = "1 node failed and 3 wait for it: stg_users — Parser Error: syntax error at or near \"selec\".";
    assert!(page.contains(sentence), "{page}");
    assert_eq!(counted(html), 8);
    let place = |words: &str| page.find(words).unwrap_or_else(|| panic!("{words}: {page}"));
    assert!(place("Parser Error") < place("The SQL of stg_users was edited"));
    assert!(place("The SQL of stg_users was edited") < place("Not touched"));
    assert!(page.contains("-- version 0"), "the edit that broke it stands beside it");
    // Of the node that waits: what failed, and the way from there.
    let below = text(&files(&project)[&node_page("report.ff")]);
    assert!(below.contains("stg_users failed") && below.contains("Parser Error"), "{below}");
    assert!(below.contains("What its relation holds: why it was last built"), "{below}");
}

/// A class of the head is no class that hides what only a screen reader says.
#[test]
fn the_head_of_a_quiet_run_is_seen() {
    let mut project = Project::new(shop());
    project.run(&[], &[]);
    let artifacts = project.run(&[], &[]);
    site(&project, &artifacts);
    let html = &files(&project)["index.html"];
    assert!(text(html).contains("Nothing changed: all 8 nodes are up to date."));
    assert!(html.contains("<div class=\"front-head did-quiet\" data-said="), "{html}");
}

/// The sum of the counts in the head.
fn counted(html: &str) -> usize {
    let list = html.split_once("<ul class=\"tally\">").unwrap().1.split_once("</ul>").unwrap().0;
    let number = |item: &str| item.split_once("<b>")?.1.split_once("</b>")?.0.parse::<usize>().ok();
    list.split("<li").filter_map(number).sum()
}

#[test]
fn the_audit_tells_the_same_three_times() {
    let (project, artifacts) = lived();
    site(&project, &artifacts);
    let files = files(&project);
    let json: Value = serde_json::from_str(&files["audit.json"]).unwrap();
    let mut reader = csv::Reader::from_reader(files["audit.csv"].as_bytes());
    let rows: Vec<BTreeMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
    let nodes = json["nodes"].as_array().unwrap();
    assert_eq!(rows.len(), artifacts.results.results.len());
    assert_eq!(nodes.len(), rows.len());
    let page = text(&files["audit.html"]);
    for (row, node) in rows.iter().zip(nodes) {
        for (name, cell) in row {
            let said = match &node[name] {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                Value::Array(many) => {
                    let many: Vec<&str> = many.iter().map(|one| one.as_str().unwrap()).collect();
                    many.join(if name == "codes" { " " } else { "; " })
                }
                other => other.to_string(),
            };
            assert_eq!(*cell, said, "{name}");
        }
        for cause in node["causes"].as_array().unwrap() {
            assert!(page.contains(cause.as_str().unwrap()));
        }
    }
    assert_eq!(json["run"]["run_id"], artifacts.results.metadata.run_id.as_str());
}

/// Names are told without their ending, unless that would call two nodes alike; whoever wants the whole one has it.
#[test]
fn nodes_are_called_by_what_tells_one_from_another() {
    let mut nodes = shop();
    nodes.push(Node::new("twin", NodeKind::Python, &[]));
    nodes.push(Node::new("twin.ff", NodeKind::Sql, &["twin"]));
    let mut project = Project::new(nodes);
    let artifacts = project.run(&[], &[]);
    site(&project, &artifacts);
    let files = files(&project);
    let run = run_page(&artifacts.results.metadata.run_id);
    for path in ["index.html", "audit.html", "history.html", run.as_str()] {
        let html = &files[path];
        let link = |name: &str, shown: &str| {
            let links = html.split("<a class=\"name\"").skip(1).map(|rest| rest.split_once("</a>").unwrap().0);
            let page = format!("{name}.html\"");
            links.filter(|link| link.contains(&page)).all(|link| link.ends_with(&format!(">{shown}")))
        };
        for (name, shown) in [("/stg_users.ff", "stg_users"), ("/twin", "twin"), ("/twin.ff", "twin.ff")] {
            assert!(html.contains(&format!("{name}.html\"")) && link(name, shown), "{path}: {name}");
        }
        assert!(html.contains("title=\"stg_users.ff\">stg_users<") && !html.contains("title=\"twin.ff\""), "{path}");
        assert!(html.contains("data-alike=\"[&#34;twin&#34;]\""), "{path}: scripts know it too");
    }
    let page = &files["nodes/stg_users.ff.html"];
    assert!(page.contains("<h1><span data-copy=\"stg_users.ff\" title=\"stg_users.ff\">stg_users</span></h1>"));
    assert!(page.contains(">twin.ff<") == page.contains("twin.ff.html"));
}
