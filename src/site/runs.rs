//! The list of kept runs, and the page that compares any two of them.

use super::bars::Bars;
use super::history::RunSummary;
use super::node::RunRef;
use super::shell::{Place, Shell};
use super::told::{Names, Piece};
use super::{Page, Site, Unit, data, name, run, word};
use crate::execute::Status;
use askama::Template;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Template)]
#[template(path = "runs.html")]
struct Runs<'a> {
    shell: Shell<'a>,
    runs: Vec<RunLine<'a>>,
    bars: Bars,
    unreadable: &'a [String],
}

/// A run of the list, newest first.
struct RunLine<'a> {
    run: &'a RunSummary,
    reference: RunRef<'a>,
    sentence: Vec<Piece>,
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
        let failed = run.nodes.iter().filter(|(_, build)| build.status == Status::Error);
        let named = run.roots.iter().map(|root| root.name.as_str()).chain(failed.map(|(name, _)| name.as_str()));
        RunLine {
            sentence: Names::new(site, named).pieces(&run.sentence),
            reference: RunRef {
                id: &run.run_id,
                page: Some(name::run_page(&run.run_id)),
                at: &run.finished_at,
                commit: run.git_commit.as_deref(),
                dirty: run.git_dirty,
                uncommitted: run.uncommitted,
            },
            run,
        }
    };
    site.input.runs.iter().rev().map(line).collect()
}

fn list(site: &Site<'_>) -> Page {
    let path = "runs/index.html";
    let shell = Shell::new(&site.frame, Place::Runs, path, "Runs");
    let bars = Bars::of(&shell, site.input.runs);
    Page::of(path, &Runs { shell, runs: lines(site), bars, unreadable: site.input.unreadable })
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
        name: String,
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
            name: word::run_name(&one.run_id),
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
    /// What happened, for filters.
    fn did(&self) -> &'static str {
        word::state(&self.run.totals)
    }

    /// What was asked for.
    fn asked(&self) -> &str {
        self.run.command.as_deref().unwrap_or_default()
    }

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
