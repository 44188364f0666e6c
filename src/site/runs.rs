//! The list of kept runs.

use super::bars::Bars;
use super::history::{Frozen, RunSummary};
use super::node::RunRef;
use super::shell::{Place, Shell};
use super::told::{Names, Piece};
use super::word::Thousands;
use super::{Page, Site, Unit, name, word};
use crate::artifact::wire::commit_words;
use crate::execute::Status;
use askama::Template;

#[derive(Template)]
#[template(path = "runs.html")]
struct Runs<'a> {
    shell: Shell<'a>,
    runs: Vec<RunLine<'a>>,
    bars: Bars,
    unreadable: &'a [String],
    frozen: Vec<FrozenLine<'a>>,
}

/// A run whose page is all that there is of it.
struct FrozenLine<'a> {
    run: &'a Frozen,
    page: String,
    tags: Vec<&'a str>,
}

impl FrozenLine<'_> {
    fn time(&self) -> Option<String> {
        self.run.at.as_deref().map(word::time)
    }

    fn commit(&self) -> Option<String> {
        self.run.commit.as_deref().map(|commit| commit_words(commit, self.run.dirty, None))
    }
}

/// A run of the list, newest first.
struct RunLine<'a> {
    run: &'a RunSummary,
    reference: RunRef<'a>,
    sentence: Vec<Piece>,
}

pub fn unit<'a>(site: &'a Site<'a>) -> Unit<'a> {
    let names: Vec<&String> = site.input.runs.iter().flat_map(|run| run.roots.iter().map(|root| &root.name)).collect();
    let nodes: Vec<bool> = names.iter().map(|name| site.is_node(name)).collect();
    let runs: Vec<_> = site.input.runs.iter().map(|run| (run.identity(), &run.profile, &run.git_commit)).collect();
    let inputs = (runs, site.input.unreadable, nodes, site.input.frozen, &site.frame.tags);
    site.unit("runs", &inputs, move || vec![list(site)])
}

fn lines<'a>(site: &'a Site<'_>) -> Vec<RunLine<'a>> {
    let line = |run: &'a RunSummary| {
        let failed = run.nodes.iter().filter(|(_, build)| build.status == Status::Error);
        let named = run.roots.iter().map(|root| root.name.as_str()).chain(failed.map(|(name, _)| name.as_str()));
        RunLine { sentence: Names::new(site, named).pieces(&run.sentence), reference: RunRef::of(run), run }
    };
    site.input.runs.iter().rev().map(line).collect()
}

fn list<'a>(site: &'a Site<'_>) -> Page {
    let path = "runs/index.html";
    let shell = Shell::new(&site.frame, Place::Runs, path, "Runs");
    let bars = Bars::of(&shell, site.input.runs);
    let frozen = |run: &'a Frozen| FrozenLine {
        page: name::run_page(&run.run_id),
        tags: site.frame.tags_of(run.commit.as_deref()),
        run,
    };
    let frozen = site.input.frozen.iter().map(frozen).collect();
    Page::of(path, &Runs { shell, runs: lines(site), bars, unreadable: site.input.unreadable, frozen })
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
