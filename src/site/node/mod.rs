//! A node's page: its decision, every cause with its difference, the paths from its roots, its checks and components,
//! its text, its columns, its past.
//!
//! The page is a function of the node's state: after a run that skipped it again it is the same.

pub mod code;
pub mod component;
mod head;
mod past;
mod path;
mod proof;
mod why;

use super::columns::cell::{self, Cell};
use super::failure::Failure;
use super::graph::neighbourhood::{Neighbourhood, neighbourhood};
use super::shell::{Place, Shell};
use super::tested::{self, TestView};
use super::time::strip::Strip;
use super::word::{self, Badge, Thousands};
use super::{Page, RunSummary, Site, Unit, exposure, graph, markdown, meta, name, owner};
use crate::artifact::catalog::CatalogNode;
use crate::artifact::manifest::{Column, ManifestNode};
use crate::artifact::results::{ResultDecision, ResultRow};
use crate::artifact::wire::{self, ManifestExposure, Word, commit_words};
use crate::digest::Digest;
use crate::execute::Status;
use askama::Template;
use code::Code;
use component::Components;
use head::Blocked;
use past::Past;
use proof::Proof;
use serde::Serialize;
use why::Why;

/// A run, as a page names it.
pub struct RunRef<'a> {
    pub id: &'a str,
    /// Its page below the site's folder, where it is kept.
    pub page: Option<String>,
    /// When it ended, or when the node was built.
    pub at: &'a str,
    pub commit: Option<&'a str>,
    /// Files of the project differed from that commit.
    pub dirty: Option<bool>,
    /// How many of them, where they were counted.
    pub uncommitted: Option<usize>,
}

impl<'a> RunRef<'a> {
    /// A kept run.
    pub fn of(run: &'a RunSummary) -> RunRef<'a> {
        RunRef {
            id: &run.run_id,
            page: Some(name::run_page(&run.run_id)),
            at: &run.finished_at,
            commit: run.git_commit.as_deref(),
            dirty: run.git_dirty,
            uncommitted: run.uncommitted,
        }
    }
}

impl RunRef<'_> {
    /// `24 Nov 08:05 · c000`.
    pub fn name(&self) -> String {
        word::run_name(self.id)
    }

    pub fn time(&self) -> String {
        word::time(self.at)
    }

    pub fn short_commit(&self) -> Option<String> {
        self.commit.map(|commit| commit_words(commit, self.dirty, self.uncommitted))
    }
}

#[derive(Template)]
#[template(path = "node.html")]
struct NodePage<'a> {
    shell: Shell<'a>,
    node: &'a ManifestNode,
    /// Who answers for it, each with the page.
    owners: Vec<(String, String)>,
    profile: &'a str,
    relation: Option<&'a CatalogNode>,
    row: Option<&'a ResultRow>,
    badge: Option<Badge>,
    /// The run that decided, where naming it doesn't make the page change with every run.
    run: Option<RunRef<'a>>,
    baseline: Option<RunRef<'a>>,
    failure: Option<Failure<'a>>,
    blocked: Option<Blocked<'a>>,
    /// What the relation holds though the last run failed or didn't reach it.
    holds: Option<String>,
    why: Option<Why<'a>>,
    components: Components<'a>,
    /// The record that holds them.
    proof: Option<Proof<'a>>,
    description: Option<String>,
    columns: Vec<ColumnView<'a>>,
    tests: Vec<TestView<'a>>,
    code: Option<Code>,
    neighbours: [Neighbours<'a>; 2],
    exposures: Vec<exposure::Reader<'a>>,
    past: Past<'a>,
    strip: Strip<'a>,
    around: Neighbourhood,
}

/// Direct upstream or downstream nodes.
struct Neighbours<'a> {
    title: &'static str,
    nodes: Vec<(&'a str, &'a str)>,
}

struct ColumnView<'a> {
    column: &'a Column,
    description: Option<String>,
    /// The tests that are of it: badge, name, place on the page of all.
    tests: Vec<(Badge, &'a str, String)>,
    lineage: Cell<'a>,
}

pub fn unit<'a>(site: &'a Site<'a>, node: &'a ManifestNode) -> Unit<'a> {
    #[derive(Serialize)]
    struct Inputs<'a> {
        node: Option<Digest>,
        profile: &'a str,
        relation: Option<&'a CatalogNode>,
        state: Option<State<'a>>,
        /// Of a node that wasn't reached: what failed, and the way from there.
        failed: Option<(String, String, Vec<String>)>,
        builds: Vec<&'a str>,
        blocked: Vec<&'a str>,
        /// Whether the runs that the page names have pages.
        kept: Vec<bool>,
        near: Option<Digest>,
        exposures: Vec<(&'a ManifestExposure, Vec<&'a str>)>,
        proof: Option<Proof<'a>>,
        lineage: Digest,
        shown_diffs: bool,
        tests: Digest,
    }
    let row = site.row(&node.name);
    let blocked = head::blocked(site, row);
    let failed = blocked.map(|Blocked { failure, way }| {
        let way = way.iter().map(ToString::to_string).collect();
        (failure.name.to_string(), failure.message.to_string(), way)
    });
    let builds: Vec<&str> = site.builds(&node.name).iter().map(|(run, _)| run.run_id.as_str()).collect();
    let named = row.and_then(|row| row.decision.baseline.as_ref()).map(|baseline| baseline.run_id.as_str());
    let inputs = Inputs {
        profile: &site.input.results.profile,
        node: site.digests.get(node.name.as_str()).copied(),
        relation: site.input.catalog.nodes.get(&node.name),
        state: row.map(|row| State::of(row, site)),
        failed,
        kept: named.iter().map(|run| site.is_kept(run)).collect(),
        builds,
        blocked: site.blocked(&node.name).iter().map(|run| run.run_id.as_str()).collect(),
        near: site.near.get(node.name.as_str()).copied(),
        exposures: exposure::readers(site.input.manifest, &node.name)
            .into_iter()
            .map(|one| (one.exposure, one.through))
            .collect(),
        proof: proof::of(site, node),
        lineage: site.columns.digest(&node.name),
        shown_diffs: site.shown_diffs.contains(node.name.as_str()),
        tests: super::digest(&tested::inputs(site, &node.name)),
    };
    site.unit(format!("node/{}", node.name), &inputs, move || vec![page(site, node)])
}

/// What of a row a node's page shows: a build with its run and its times, anything else without.
#[derive(Serialize)]
#[serde(untagged)]
enum State<'a> {
    Tried { row: &'a ResultRow, run: &'a str },
    Left { status: &'a Word<Status>, decision: &'a ResultDecision, message: Option<&'a str> },
}

impl<'a> State<'a> {
    fn of(row: &'a ResultRow, site: &Site<'a>) -> State<'a> {
        match &row.status {
            Word::Known(Status::Success | Status::Error) => {
                State::Tried { row, run: &site.input.results.metadata.run_id }
            }
            status => State::Left { status, decision: &row.decision, message: row.message.as_deref() },
        }
    }
}

fn page<'a>(site: &'a Site<'a>, node: &'a ManifestNode) -> Page {
    let path = name::node_page(&node.name);
    let row = site.row(&node.name);
    let tried = row.is_some_and(|row| matches!(row.status.known(), Some(Status::Success | Status::Error)));
    let results = site.input.results;
    let of_run = |run: &'_ str| site.is_kept(run).then(|| name::run_page(run));
    let baseline = row.and_then(|row| row.decision.baseline.as_ref());
    let archived = why::archived(site, node);
    let strip = Strip::of(site, &node.name);
    let shell = Shell::new(&site.frame, Place::Node, path.as_str(), node.name.as_str()).about(about(node, row));
    let scripts: &'static [&'static str] =
        if strip.cells.is_empty() { &["verify.js"] } else { &["strip.js", "verify.js"] };
    let baseline = baseline.map(|baseline| RunRef {
        id: &baseline.run_id,
        page: of_run(&baseline.run_id),
        at: &baseline.built_at,
        commit: baseline.git_commit.as_deref(),
        dirty: baseline.git_dirty,
        uncommitted: None,
    });
    let view = NodePage {
        shell: Shell { scripts, ..shell },
        node,
        owners: meta::owners(node).into_iter().map(|name| (name.clone(), owner::page(&name))).collect(),
        profile: &results.profile,
        relation: site.input.catalog.nodes.get(&node.name),
        row,
        badge: row.map(Badge::of_row),
        run: tried.then(|| RunRef {
            id: &results.metadata.run_id,
            page: of_run(&results.metadata.run_id),
            at: &results.run_finished_at,
            commit: results.metadata.git.commit.as_deref(),
            dirty: results.metadata.git.dirty,
            uncommitted: results.metadata.git.uncommitted(),
        }),
        failure: head::failed(site, row),
        blocked: head::blocked(site, row),
        holds: head::holds(site, node, baseline.as_ref(), row),
        baseline,
        why: why::of(site, node, archived.as_deref()),
        components: component::of(site, node, row),
        proof: proof::of(site, node),
        description: node.description.as_deref().map(markdown::html),
        columns: columns(site, node),
        tests: tested::of_node(site, &node.name),
        code: Code::of(site, node),
        neighbours: [
            Neighbours::of(site, "Reads", node, &site.input.manifest.parents),
            Neighbours::of(site, "Read by", node, &site.input.manifest.children),
        ],
        exposures: exposure::readers(site.input.manifest, &node.name),
        past: Past::of(site, node),
        strip,
        around: neighbourhood(site.input.manifest, &site.frame.called, node, "../"),
    };
    Page::of(path.clone(), &view)
}

/// The page in a sentence: what became of the node, and why.
fn about(node: &ManifestNode, row: Option<&ResultRow>) -> String {
    let what = format!("{} ({})", node.name, word::kind(&node.kind));
    match row {
        Some(row) => format!("{what}: {} — {}", Badge::of_row(row).word, super::line::reason(row)),
        None => format!("{what}: never run"),
    }
}

impl NodePage<'_> {
    fn kind(&self) -> &str {
        word::kind(&self.node.kind)
    }

    fn materialized(&self) -> &str {
        word::materialized(&self.node.materialized)
    }

    /// The small picture of what is near it.
    fn picture(&self) -> String {
        graph::embedded::path(&self.node.name)
    }

    /// Anchors of the page's sections.
    fn contents(&self) -> Vec<(&'static str, &'static str)> {
        let checks = self.row.is_some_and(|row| !row.decision.checks.is_empty());
        let paths = self.why.as_ref().is_some_and(|why| !why.paths.is_empty());
        let http = self.why.as_ref().is_some_and(|why| why.row.http.is_some());
        let sections = [
            (self.why.is_some(), "why", "Why"),
            (paths, "path", "Path"),
            (http, "http", "HTTP requests"),
            (!self.columns.is_empty(), "columns", "Columns"),
            (!self.tests.is_empty(), "tests", "Tests"),
            (self.code.is_some(), "code", self.code.as_ref().map_or("", |code| code.title)),
            (true, "neighbours", "Around it"),
            (!self.exposures.is_empty(), "exposures", "Used by"),
            (checks, "checks", "Checks"),
            (true, "components", "Fingerprint"),
            (true, "past", "Past builds"),
        ];
        sections.into_iter().filter(|(there, ..)| *there).map(|(_, anchor, words)| (anchor, words)).collect()
    }

    /// The node's name as a JSON text, which is a Python one too.
    fn quoted_name(&self) -> String {
        serde_json::to_string(&self.node.name).expect("invariant: text is JSON")
    }

    /// What the relation holds, and what the project says of the node beside its description.
    fn facts(&self) -> Vec<(String, String)> {
        let mut facts = Vec::new();
        // What a failure left is told with it.
        let rows = self.relation.and_then(|relation| relation.rows);
        let rows = rows.map(word::number).or_else(|| self.strip.newest("Rows").map(String::from));
        let rows = rows.filter(|_| self.holds.is_none());
        facts.extend(rows.map(|rows| ("Rows".to_string(), self.strip.with_change("Rows", rows))));
        facts.extend(self.past.versions().map(|versions| ("Versions".to_string(), versions.to_string())));
        let bytes = self.relation.and_then(|relation| relation.bytes);
        facts.extend(bytes.map(|bytes| ("Size".to_string(), word::bytes(bytes))));
        let time = self.strip.newest("Time").map(|time| self.strip.with_change("Time", time.into()));
        facts.extend(time.map(|time| ("Build time".to_string(), time)));
        let set = wire::settings(&self.node.fingerprint);
        facts.extend(set.into_iter().map(|(title, parts)| (title, parts.join(" · "))));
        let meta = self.node.meta.as_ref().and_then(serde_json::Value::as_object);
        let meta = meta.into_iter().flatten().filter(|(name, _)| !meta::is_key(name));
        facts.extend(meta.filter_map(|(name, value)| Some((name.clone(), plain(value)?))));
        facts
    }
}

/// A value of `meta` in words; none of what has parts.
fn plain(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(_) | serde_json::Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

impl<'a> Neighbours<'a> {
    fn of(
        site: &'a Site<'_>,
        title: &'static str,
        node: &ManifestNode,
        edges: &'a std::collections::BTreeMap<String, Vec<String>>,
    ) -> Neighbours<'a> {
        let nodes = &site.input.manifest.nodes;
        let known = |name: &'a String| Some((name.as_str(), word::kind(&nodes.get(name)?.kind)));
        Neighbours { title, nodes: edges.get(&node.name).into_iter().flatten().filter_map(known).collect() }
    }
}

fn columns<'a>(site: &'a Site<'a>, node: &'a ManifestNode) -> Vec<ColumnView<'a>> {
    let tests = tested::of_node(site, &node.name);
    let one = |(column, lineage): (&'a Column, Cell<'a>)| {
        let is = |name: &String| name.eq_ignore_ascii_case(&column.name);
        let own = tests.iter().filter(|test| test.test.columns.iter().any(is));
        ColumnView {
            column,
            description: column.description.as_deref().map(markdown::html),
            tests: own.map(|test| (test.badge, test.name, test.anchor.clone())).collect(),
            lineage,
        }
    };
    node.columns.iter().zip(cell::of(&site.columns, node)).map(one).collect()
}
