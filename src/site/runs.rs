//! The list of kept runs, and the page that compares any two of them.

use super::history::RunSummary;
use super::line::RootLine;
use super::node::RunRef;
use super::shell::{Place, Shell};
use super::{Page, Site, Unit, data, name, run, word};
use askama::Template;
use serde::Serialize;
use std::collections::BTreeMap;

/// Roots that a run's line names.
const ROOTS: usize = 3;

#[derive(Template)]
#[template(path = "runs.html")]
struct Runs<'a> {
    shell: Shell<'a>,
    runs: Vec<RunLine<'a>>,
    unreadable: &'a [String],
}

/// A run of the list, newest first.
struct RunLine<'a> {
    run: &'a RunSummary,
    reference: RunRef<'a>,
    roots: Vec<RootLine<'a>>,
    more_roots: usize,
}

#[derive(Template)]
#[template(path = "compare.html")]
struct Compare<'a> {
    shell: Shell<'a>,
    runs: Vec<RunLine<'a>>,
}

pub fn unit<'a>(site: &'a Site<'a>) -> Unit<'a> {
    let names: Vec<&String> = site.input.runs.iter().flat_map(|run| run.roots.iter().map(|root| &root.name)).collect();
    let nodes: Vec<bool> = names.iter().map(|name| site.is_node(name)).collect();
    let runs: Vec<_> = site.input.runs.iter().map(|run| (run.identity(), &run.profile, &run.git_commit)).collect();
    let inputs = (runs, site.input.unreadable, nodes, site.input.manifest.nodes.keys().collect::<Vec<_>>());
    site.unit("runs", &inputs, move || vec![list(site), compare(site), shard(site), pages(site)])
}

fn lines<'a>(site: &'a Site<'_>) -> Vec<RunLine<'a>> {
    let line = |run: &'a RunSummary| {
        let mut roots = RootLine::all(&run.roots, |name| site.is_node(name));
        roots.truncate(ROOTS);
        RunLine {
            reference: RunRef {
                id: &run.run_id,
                page: Some(name::run_page(&run.run_id)),
                at: &run.finished_at,
                commit: run.git_commit.as_deref(),
                dirty: run.git_dirty,
            },
            more_roots: run.roots.len().saturating_sub(ROOTS),
            roots,
            run,
        }
    };
    site.input.runs.iter().rev().map(line).collect()
}

fn list(site: &Site<'_>) -> Page {
    let path = "runs/index.html";
    let shell = Shell::new(&site.frame, Place::Runs, path, "Runs");
    Page::of(path, &Runs { shell, runs: lines(site), unreadable: site.input.unreadable })
}

fn compare(site: &Site<'_>) -> Page {
    let path = "runs/compare.html";
    let mut shell = Shell::new(&site.frame, Place::Runs, path, "Compare two runs");
    shell.scripts = &["compare.js"];
    Page::of(path, &Compare { shell, runs: lines(site) })
}

/// Which shard has which run, newest first.
fn shard(site: &Site<'_>) -> Page {
    #[derive(Serialize)]
    struct Run<'a> {
        id: &'a str,
        shard: String,
        time: String,
        commit: Option<&'a str>,
    }
    let runs: Vec<Run<'_>> = site
        .input
        .runs
        .iter()
        .rev()
        .map(|one| Run {
            id: &one.run_id,
            shard: run::shard_name(&one.run_id),
            time: word::time(&one.finished_at),
            commit: one.git_commit.as_deref().map(word::commit),
        })
        .collect();
    data::shard("runs", &runs)
}

/// The pages of the nodes that there are now: a run may know others.
fn pages(site: &Site<'_>) -> Page {
    let nodes = site.input.manifest.nodes.keys();
    let pages: BTreeMap<&str, String> = nodes.map(|name| (name.as_str(), name::page_name(name))).collect();
    data::shard("pages", &pages)
}

impl RunLine<'_> {
    fn duration(&self) -> String {
        word::duration(self.run.duration_ms)
    }

    fn scanned(&self) -> String {
        self.run.bytes_scanned.map_or(String::new(), word::bytes)
    }

    fn page(&self) -> String {
        name::run_page(&self.run.run_id)
    }
}
