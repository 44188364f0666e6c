//! What an auditor relies on: the chain of records beside the pages, the explanation of every node in every run.

use super::html::text;
use super::sample::{Node, Project};
use super::{files, lived, made, shard, shards, site, with};
use crate::artifact::history::History;
use crate::digest::Digest;
use crate::graph::NodeKind;
use crate::site::build::Options;
use crate::site::decided::{shard_name, stem};
use crate::site::redact::Redaction;
use crate::site::{audit, run};
use serde_json::Value;
use std::collections::BTreeMap;

#[test]
fn the_chain_of_records_stands_beside_the_pages() {
    let (project, artifacts) = lived();
    site(&project, &artifacts);
    let files = files(&project);
    let history = History::new(&*project.world, project.layout().runs());
    let mut before: Option<(String, Digest)> = None;
    for run in history.list().unwrap() {
        let kept = history.read_with_bytes(&run).unwrap().0;
        let (page, file) = (&files[&format!("runs/{run}.html")], &files[&format!("runs/{run}.json")]);
        assert_eq!(file.as_bytes(), kept, "the record as it is kept");
        let digest = Digest::of(&kept);
        assert!(page.contains(&format!("data-digest=\"{digest}\"")) && text(page).contains(&digest.to_string()));
        if let Some((id, previous)) = &before {
            assert!(page.contains(&format!("data-previous=\"{previous}\"")), "{run}");
            assert!(page.contains(&format!("href=\"../runs/{id}.html#record\"")), "{run}");
        } else {
            assert!(text(page).contains("it is the first one"));
        }
        let digests: Value = serde_json::from_str(&files["runs/digests.json"]).unwrap();
        assert_eq!(digests[&run], serde_json::json!({"copy": null, "kept": digest}));
        before = Some((run, digest));
    }
    assert!(files["verify.py"].starts_with("#!/usr/bin/env python3"));
}

/// Where something is withheld the site has a copy: its digest is on the page beside that of the record.
#[test]
fn a_redacted_record_has_a_digest_of_its_own() {
    let (project, artifacts) = lived();
    let redaction = Redaction { sql: true, values: true, paths: true };
    with(&project, &artifacts, &Options { redaction, ..Options::default() });
    let files = files(&project);
    let history = History::new(&*project.world, project.layout().runs());
    for run in history.list().unwrap() {
        let kept = Digest::of(&history.read_with_bytes(&run).unwrap().0);
        let copy = Digest::of(files[&format!("runs/{run}.json")].as_bytes());
        assert_ne!(kept, copy);
        let page = &files[&format!("runs/{run}.html")];
        assert!(page.contains(&format!("data-digest=\"{copy}\"")) && page.contains(" data-redacted"));
        assert!(text(page).contains(&kept.to_string()));
    }
}

/// The page of each run, with its shards, says of every node what the run's record says, which is what
/// `fft explain NODE --run RUN` prints.
#[test]
fn every_node_is_explained_in_every_run() {
    let (project, artifacts) = lived();
    site(&project, &artifacts);
    let files = files(&project);
    let history = History::new(&*project.world, project.layout().runs());
    for run in history.list().unwrap() {
        let record = history.read(&run).unwrap();
        let told = shard(&files, &shard_name(&run));
        let words = told["words"].as_array().unwrap();
        let word = |place: &Value| words[place.as_u64().unwrap() as usize].as_str().unwrap();
        let nodes = told["nodes"].as_array().unwrap();
        assert_eq!(nodes.len(), record.results.results.len());
        let page = &files[&format!("runs/{run}.html")];
        for (node, row) in nodes.iter().zip(&record.results.results) {
            assert_eq!(node[0], row.name.as_str());
            let causes = node[5].as_array().unwrap();
            let said: Vec<(&str, &str)> = causes.iter().map(|one| (word(&one[0]), word(&one[1]))).collect();
            let recorded: Vec<(&str, &str)> =
                row.decision.causes.iter().map(|cause| (cause.code.as_str(), cause.sentence.as_str())).collect();
            assert_eq!(said, recorded, "{run}: {}", row.name);
            let checks = node[6].as_array().unwrap();
            assert_eq!(checks.len(), row.decision.checks.len());
            for (check, recorded) in checks.iter().zip(&row.decision.checks) {
                assert_eq!(
                    (word(&check[0]), check[1] == 1, word(&check[2])),
                    (recorded.name.as_str(), recorded.ok, recorded.evidence.as_str())
                );
            }
            let tried = !matches!(row.status.known(), Some(crate::execute::Status::Skipped));
            let own = page
                .split_once(&format!("id=\"node={}\"", row.name))
                .map(|(_, rest)| rest.split_once("</details>").unwrap().0);
            assert_eq!(own.is_some(), tried, "{run}: {}", row.name);
            let Some(own) = own.map(text) else { continue };
            for (code, sentence) in recorded {
                assert!(own.contains(code) && own.contains(sentence), "{run}: {}: {sentence}", row.name);
            }
            for check in &row.decision.checks {
                assert!(own.contains(&check.name) && own.contains(&check.evidence), "{run}: {}", row.name);
            }
        }
    }
}

/// Nodes that read `parents`.
fn many(count: usize, parents: &[&str]) -> Vec<Node> {
    (0..count).map(|at| Node::new(&format!("m{at:04}.ff"), NodeKind::Sql, parents)).collect()
}

/// What the page of a run has no room for is in pieces, each node in one.
#[test]
fn large_runs_are_explained_in_pieces() {
    let mut nodes = vec![Node::new("base", NodeKind::Seed, &[])];
    nodes.extend(many(400, &["base"]));
    let mut project = Project::new(nodes);
    project.run(&[], &[]);
    let artifacts = project.run(&["base"], &[]);
    let files = made(&project, &artifacts, |site, runs| (run::unit(site, &runs[1]).render)());
    let run = artifacts.results.metadata.run_id.as_str();
    let page = &files[&format!("runs/{run}.html")];
    assert!(page.len() <= 300_000, "{}", page.len());
    let told = shard(&files, &shard_name(run));
    let all = shards(&files);
    let (mut on_page, mut in_pieces) = (0, 0);
    for node in told["nodes"].as_array().unwrap() {
        let name = node[0].as_str().unwrap();
        match node[11].as_i64().unwrap() {
            -1 => {
                assert!(page.contains(&format!("id=\"node={name}\"")), "{name}");
                on_page += 1;
            }
            piece => {
                let html = all[&format!("why-{}-{piece}", stem(run))][name].as_str().unwrap();
                assert!(html.contains("upstream changed: base"), "{html}");
                in_pieces += 1;
            }
        }
    }
    assert!(on_page > 10 && in_pieces > 50, "{on_page} {in_pieces}");
}

/// At 3,000 nodes the audit is still a page that a browser opens at once, and its files have every node.
#[test]
fn the_audit_is_bounded() {
    let mut project = Project::new(many(3000, &[]));
    project.run(&[], &[]);
    let artifacts = project.run(&["m0001.ff", "m0002.ff"], &["m0003.ff"]);
    let files = made(&project, &artifacts, |site, _| (audit::unit(site).render)());
    let page = &files["audit.html"];
    assert!(page.len() <= 300_000, "{}", page.len());
    let rows = page.matches("data-label=\"Decision\"").count();
    assert!((3..=100).contains(&rows), "{rows}");
    let said = text(page);
    assert!(said.contains("2,997 skipped, proven equal to run 1 Nov 10:15 · 0001"), "{}", &said[..2000]);
    let mut reader = csv::Reader::from_reader(files["audit.csv"].as_bytes());
    let rows: Vec<BTreeMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 3000);
    assert!(rows.iter().filter(|row| row["decision"] == "SKIP").all(|row| !row["rows"].is_empty()));
    let causes: usize = artifacts.results.results.iter().map(|row| row.decision.causes.len()).sum();
    assert_eq!(csv::Reader::from_reader(files["audit-causes.csv"].as_bytes()).records().count(), causes);
}
