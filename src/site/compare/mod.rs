//! Any two kept runs against each other, with reasons: the page, and what its script computes them from.
//!
//! ```text
//! runs          which runs there are, newest first: what a person may call each, and where its shards are
//! pages         the page of each node that there is now
//! parts-<id>    of each node that the run built or tried to, what its fingerprint was made of
//! causes        what each pair of versions of a component is called, as the terminal calls it
//! text-<digest> a text of which there are several versions
//! markdown      what the comparison as Markdown has besides, for who copies it
//! ```
//!
//! The script finds the components that two runs don't share, as [`crate::artifact::comparison`] does, and takes the
//! words for each from `causes`: sentences are made here alone. Differences of texts are computed where they are shown.

mod dictionary;
mod markdown;
mod parts;
pub mod since;
mod state;
mod text;

use super::graph::view::Area;
use super::history::RunSummary;
use super::shell::{Place, Shell};
use super::{Page, Site, Unit, data, decided, name, record, word};
use crate::artifact::wire::commit_words;
use crate::execute::Status;
use askama::Template;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Template)]
#[template(path = "compare.html")]
struct Compare<'a> {
    shell: Shell<'a>,
    runs: Vec<Listed<'a>>,
    graph: Area,
}

/// A run without a script: its page compares it with the one before.
struct Listed<'a> {
    run: &'a RunSummary,
    page: String,
}

impl Listed<'_> {
    fn name(&self) -> String {
        word::run_name(&self.run.run_id)
    }

    fn time(&self) -> String {
        word::time(&self.run.finished_at)
    }
}

/// The units of the comparison, but those of runs.
pub fn units<'a>(site: &'a Site<'a>) -> Vec<Unit<'a>> {
    let runs: Vec<_> = site
        .input
        .runs
        .iter()
        .map(|run| (run.identity(), &run.profile, &run.git_commit, run.git_dirty, &run.record))
        .collect();
    let inputs = (runs, &site.published, &site.frame.tags, site.input.manifest.nodes.keys().collect::<Vec<_>>());
    let page = site.unit("compare", &inputs, move || vec![page(site), runs_shard(site), pages_shard(site)]);
    vec![page, dictionary::unit(site)]
}

/// What a run has for comparisons.
pub fn unit<'a>(site: &'a Site<'a>, run: &'a RunSummary) -> Unit<'a> {
    parts::unit(site, run)
}

fn page<'a>(site: &'a Site<'_>) -> Page {
    let path = "runs/compare.html";
    let mut shell = Shell::new(&site.frame, Place::Runs, path, "Compare two runs");
    shell.scripts = &["told.js", "difference.js", "compare.js"];
    let listed = |run: &'a RunSummary| Listed { run, page: name::run_page(&run.run_id) };
    Page::of(path, &Compare { shell, runs: site.input.runs.iter().rev().map(listed).collect(), graph: Area::bare() })
}

/// Which runs there are, newest first.
fn runs_shard(site: &Site<'_>) -> Page {
    #[derive(Serialize)]
    struct Run<'a> {
        at: &'a str,
        /// As a whole, and as pages tell it.
        commit: Option<&'a str>,
        commit_words: Option<String>,
        /// Whether every node was built or proven equal.
        green: bool,
        id: &'a str,
        /// What it is called, and what it did.
        name: String,
        sentence: &'a str,
        profile: &'a str,
        record: Option<String>,
        shard: String,
        /// The name of its page without its ending.
        stem: String,
        tags: Vec<&'a str>,
        time: String,
        totals: String,
    }
    let runs: Vec<Run<'_>> = site
        .input
        .runs
        .iter()
        .rev()
        .map(|one| Run {
            at: &one.finished_at,
            commit: one.git_commit.as_deref(),
            commit_words: one.git_commit.as_deref().map(|commit| commit_words(commit, one.git_dirty, one.uncommitted)),
            green: is_green(one),
            id: &one.run_id,
            name: word::run_name(&one.run_id),
            sentence: &one.sentence,
            profile: &one.profile,
            record: site.is_published(&one.run_id).then(|| record::shard_name(&one.run_id)),
            shard: decided::shard_name(&one.run_id),
            stem: decided::stem(&one.run_id),
            tags: site.frame.tags_of(one.git_commit.as_deref()),
            time: word::time(&one.finished_at),
            totals: one.totals.words(),
        })
        .collect();
    data::shard("runs", &runs)
}

/// Nothing failed, and nothing waited for what failed.
fn is_green(run: &RunSummary) -> bool {
    let failed = run.nodes.values().any(|build| build.status == Status::Error);
    !failed && run.totals.hooks_failed == 0 && run.blocked.is_empty() && !run.interrupted
}

/// The pages of the nodes that there are now: a run may know others.
fn pages_shard(site: &Site<'_>) -> Page {
    let nodes = site.input.manifest.nodes.keys();
    let pages: BTreeMap<&str, String> = nodes.map(|name| (name.as_str(), name::page_name(name))).collect();
    data::shard("pages", &pages)
}
