//! What pages weigh, whatever a large project did.

use super::sample::{Node, Project};
use super::{lived, made};
use crate::graph::NodeKind;
use crate::site::Unit;
use crate::site::build::Artifacts;
use crate::site::reader;
use rayon::prelude::*;
use serde_json::json;

/// Bytes of any page of a project with 3,000 nodes.
const PAGE: usize = 300_000;

fn seed(at: usize) -> String {
    format!("raw_customer_lifetime_values_by_country_{at:04}")
}

fn model(at: usize) -> String {
    format!("mart_customer_lifetime_value_by_country_{at:04}.ff")
}

/// 3,000 nodes with long names, which one person answers for, one source feeds and one macro made; in the second run all of
/// 60 seeds and the text of every tenth model had changed by many lines, and models failed.
fn large() -> (Project, Artifacts) {
    let mut nodes: Vec<Node> = (0..60).map(|at| Node::new(&seed(at), NodeKind::Seed, &[])).collect();
    nodes.extend((60..3000).map(|at| Node {
        lines: if at % 10 == 0 { 60 } else { 1 },
        ..Node::new(&model(at), NodeKind::Sql, &[seed(at % 60).as_str()])
    }));
    let mut project = Project::new(nodes);
    project.run(&[], &[]);
    let changed: Vec<String> = (0..60).map(seed).chain((60..3000).filter(|at| at % 10 == 0).map(model)).collect();
    let failing: Vec<String> = (60..3000).filter(|at| at % 100 == 7).map(model).collect();
    let [changed, failing] = [&changed, &failing].map(|all| all.iter().map(String::as_str).collect::<Vec<_>>());
    let mut artifacts = project.run(&changed, &failing);
    for node in artifacts.manifest.nodes.values_mut().filter(|node| node.kind == NodeKind::Sql) {
        node.sources = vec!["crm.users".into()];
        node.meta = Some(json!({"owner": "finance"}));
    }
    (project, artifacts)
}

#[test]
fn every_page_of_a_large_project_is_small() {
    let (project, artifacts) = large();
    // Units without a page are left out, and most of those that are alike.
    let other = ["graph", "lens", "details", "search", "code", "column-", "parts/", "record/", "causes", "dictionary"];
    let alike = ["node/mart", "columns/mart"];
    let begins = |unit: &Unit<'_>, with: &[&str]| with.iter().any(|start| unit.key.starts_with(start));
    let wanted = |at: usize, unit: &Unit<'_>| !begins(unit, &other) && (at.is_multiple_of(40) || !begins(unit, &alike));
    let files = made(&project, &artifacts, |site, _| {
        let units: Vec<_> = site.units().into_iter().enumerate().filter(|(at, unit)| wanted(*at, unit)).collect();
        units.into_par_iter().flat_map_iter(|(_, unit)| (unit.render)()).collect()
    });
    let pages: Vec<(&String, usize)> =
        files.iter().filter(|(path, _)| path.ends_with(".html")).map(|(path, text)| (path, text.len())).collect();
    let kinds = ["index.html", "audit.html", "history.html", "macros.html", "sources.html", "runs/index.html"];
    let kinds =
        kinds.iter().chain(&["owners/finance~p15.html", "sources/crm.users.html", "runs/20261102T101500Z-0002.html"]);
    for kind in kinds {
        assert!(files.contains_key(*kind), "{kind} isn't among {:?}", files.keys().take(60).collect::<Vec<_>>());
    }
    let heavy: Vec<_> = pages.iter().filter(|(_, bytes)| *bytes > PAGE).collect();
    assert!(heavy.is_empty(), "{heavy:?}");
    // What has no room is counted.
    let run = super::html::text(&files["runs/20261102T101500Z-0002.html"]);
    for told in ["more causes", "… and"] {
        assert!(run.contains(told), "the run's page doesn't say {told}");
    }
}

/// A row each, on one of several pages that lead to each other.
#[test]
fn many_sources_are_listed_in_pieces() {
    let (project, mut artifacts) = lived();
    let source = artifacts.manifest.sources.values().next().unwrap().clone();
    artifacts.manifest.sources = (0..250).map(|at| (format!("raw.t{at:03}"), source.clone())).collect();
    let files = made(&project, &artifacts, |site, _| (reader::sources(site).render)());
    let paths = ["sources-2.html", "sources-3.html", "sources.html"];
    assert_eq!(files.keys().collect::<Vec<_>>(), paths);
    for at in 0..250 {
        let row = format!("id=\"raw.t{at:03}\"");
        assert_eq!(files.values().filter(|page| page.contains(&row)).count(), 1, "{row}");
    }
    for (path, page) in &files {
        assert!(paths.iter().all(|other| page.contains(&format!("href=\"{other}\""))), "{path}");
    }
}
