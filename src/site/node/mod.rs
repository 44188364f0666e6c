//! A node's page: its decision, every cause with its difference, the paths from its roots, its checks and components,
//! its text, its columns, its past.
//!
//! The page is a function of the node's state: after a run that skipped it again it is the same.

mod component;
mod past;
mod path;
mod why;

use super::columns::cell::{self, Cell};
use super::graph::neighbourhood::{Neighbourhood, neighbourhood};
use super::highlight::{self, Language};
use super::shell::{Place, Shell};
use super::time::strip::Strip;
use super::word::{self, Badge};
use super::{Page, Site, Unit, markdown, name};
use crate::artifact::catalog::CatalogNode;
use crate::artifact::manifest::{Column, ManifestNode};
use crate::artifact::results::{ResultDecision, ResultRow};
use crate::artifact::wire::{Word, commit_words};
use crate::digest::Digest;
use crate::execute::Status;
use crate::graph::NodeKind;
use askama::Template;
use component::Components;
use past::Past;
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
}

impl RunRef<'_> {
    pub fn time(&self) -> String {
        word::time(self.at)
    }

    pub fn short_commit(&self) -> Option<String> {
        self.commit.map(|commit| commit_words(commit, self.dirty))
    }
}

#[derive(Template)]
#[template(path = "node.html")]
struct NodePage<'a> {
    shell: Shell<'a>,
    node: &'a ManifestNode,
    profile: &'a str,
    relation: Option<&'a CatalogNode>,
    row: Option<&'a ResultRow>,
    badge: Option<Badge>,
    /// The run that decided, where naming it doesn't make the page change with every run.
    run: Option<RunRef<'a>>,
    baseline: Option<RunRef<'a>>,
    why: Option<Why<'a>>,
    components: Components<'a>,
    description: Option<String>,
    columns: Vec<ColumnView<'a>>,
    code: Vec<String>,
    neighbours: [Neighbours<'a>; 2],
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
    tests: Vec<String>,
    lineage: Cell<'a>,
}

pub fn unit<'a>(site: &'a Site<'a>, node: &'a ManifestNode) -> Unit<'a> {
    #[derive(Serialize)]
    struct Inputs<'a> {
        node: Option<Digest>,
        profile: &'a str,
        relation: Option<&'a CatalogNode>,
        state: Option<State<'a>>,
        builds: Vec<&'a str>,
        blocked: Vec<&'a str>,
        /// Whether the runs that the page names have pages.
        kept: Vec<bool>,
        near: Option<Digest>,
        lineage: Digest,
        shown_diffs: bool,
    }
    let row = site.row(&node.name);
    let builds: Vec<&str> = site.builds(&node.name).iter().map(|(run, _)| run.run_id.as_str()).collect();
    let named = row.and_then(|row| row.decision.baseline.as_ref()).map(|baseline| baseline.run_id.as_str());
    let inputs = Inputs {
        profile: &site.input.results.profile,
        node: site.digests.get(node.name.as_str()).copied(),
        relation: site.input.catalog.nodes.get(&node.name),
        state: row.map(|row| State::of(row, site)),
        kept: named.iter().map(|run| site.is_kept(run)).collect(),
        builds,
        blocked: site.blocked(&node.name).iter().map(|run| run.run_id.as_str()).collect(),
        near: site.near.get(node.name.as_str()).copied(),
        lineage: site.columns.digest(&node.name),
        shown_diffs: site.shown_diffs.contains(node.name.as_str()),
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

fn page(site: &Site<'_>, node: &ManifestNode) -> Page {
    let path = name::node_page(&node.name);
    let row = site.row(&node.name);
    let tried = row.is_some_and(|row| matches!(row.status.known(), Some(Status::Success | Status::Error)));
    let results = site.input.results;
    let of_run = |run: &'_ str| site.is_kept(run).then(|| name::run_page(run));
    let baseline = row.and_then(|row| row.decision.baseline.as_ref());
    let archived = why::archived(site, node);
    let strip = Strip::of(site, &node.name);
    let mut shell = Shell::new(&site.frame, Place::Node, path.as_str(), node.name.as_str());
    shell.scripts = if strip.cells.is_empty() { &[] } else { &["strip.js"] };
    let view = NodePage {
        shell,
        node,
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
        }),
        baseline: baseline.map(|baseline| RunRef {
            id: &baseline.run_id,
            page: of_run(&baseline.run_id),
            at: &baseline.built_at,
            commit: baseline.git_commit.as_deref(),
            dirty: baseline.git_dirty,
        }),
        why: why::of(site, node, archived.as_deref()),
        components: component::of(site, node, row),
        description: node.description.as_deref().map(markdown::html),
        columns: node.columns.iter().zip(cell::of(&site.columns, node)).map(ColumnView::of).collect(),
        code: code(node),
        neighbours: [
            Neighbours::of(site, "Reads", node, &site.input.manifest.parents),
            Neighbours::of(site, "Read by", node, &site.input.manifest.children),
        ],
        past: Past::of(site, node),
        strip,
        around: neighbourhood(site.input.manifest, node, "../"),
    };
    Page::of(path.clone(), &view)
}

impl NodePage<'_> {
    fn kind(&self) -> &str {
        word::kind(&self.node.kind)
    }

    fn materialized(&self) -> &str {
        word::materialized(&self.node.materialized)
    }

    fn code_title(&self) -> &'static str {
        if self.node.kind == NodeKind::Python { "Python" } else { "Compiled SQL" }
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
            (checks, "checks", "Checks"),
            (true, "neighbours", "Around it"),
            (!self.columns.is_empty(), "columns", "Columns"),
            (!self.code.is_empty(), "code", self.code_title()),
            (true, "components", "Fingerprint"),
            (true, "past", "Past builds"),
        ];
        sections.into_iter().filter(|(there, ..)| *there).map(|(_, anchor, words)| (anchor, words)).collect()
    }

    /// The node's name as a JSON text, which is a Python one too.
    fn quoted_name(&self) -> String {
        serde_json::to_string(&self.node.name).expect("invariant: text is JSON")
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts = Vec::new();
        let rows = self.relation.and_then(|relation| relation.rows);
        let rows = rows.map(word::number).or_else(|| self.strip.newest("Rows").map(String::from));
        facts.extend(rows.map(|rows| ("Rows", self.strip.with_change("Rows", rows))));
        let bytes = self.relation.and_then(|relation| relation.bytes);
        facts.extend(bytes.map(|bytes| ("Size", word::bytes(bytes))));
        let time = self.strip.newest("Time").map(|time| self.strip.with_change("Time", time.into()));
        facts.extend(time.map(|time| ("Build time", time)));
        facts
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

impl<'a> ColumnView<'a> {
    fn of((column, lineage): (&'a Column, Cell<'a>)) -> ColumnView<'a> {
        let test = |test: &serde_json::Value| match test {
            serde_json::Value::String(name) => name.clone(),
            other => other.to_string(),
        };
        ColumnView {
            column,
            description: column.description.as_deref().map(markdown::html),
            tests: column.tests.iter().map(test).collect(),
            lineage,
        }
    }
}

/// The compiled text, a line each as HTML.
fn code(node: &ManifestNode) -> Vec<String> {
    let language = if node.kind == NodeKind::Python { Language::Python } else { Language::Sql };
    node.compiled.as_deref().map(|text| highlight::lines(text.trim_end(), language)).unwrap_or_default()
}
