//! The first page: what the last run decided, its roots, the graph, and every node in a table.

use super::graph::view::Area;
use super::line::{Line, RootLine, lines};
use super::node::RunRef;
use super::shell::{Place, Shell};
use super::{Page, Site, Unit, name, word};
use crate::artifact::results::RunResults;
use crate::execute::Status;
use askama::Template;

/// Nodes that the table has; of more, those that were built or failed come first, and the audit has all.
const ROWS: usize = 1000;
/// Roots that are shown; the run's page has all.
const ROOTS: usize = 12;

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview<'a> {
    shell: Shell<'a>,
    results: &'a RunResults,
    run: RunRef<'a>,
    roots: Vec<RootLine<'a>>,
    more_roots: usize,
    lines: Vec<Line<'a>>,
    /// Nodes that have no row here.
    more_lines: usize,
    counts: Vec<Count>,
    /// Nodes that the run left undone.
    undone: usize,
    kinds: String,
    graph: Area,
}

/// How many nodes have a decision.
struct Count {
    class: &'static str,
    glyph: &'static str,
    number: usize,
    words: &'static str,
}

pub fn unit<'a>(site: &'a Site<'a>) -> Unit<'a> {
    let kept = site.is_kept(&site.input.results.metadata.run_id);
    site.unit("overview", &(site.decided, site.last_run(), kept), move || vec![page(site)])
}

fn page(site: &Site<'_>) -> Page {
    let results = site.input.results;
    let mut all = lines(site);
    all.sort_by_key(|line| (rank(line.row.status.known()), line.node.level, line.node.name.as_str()));
    let more_lines = all.len().saturating_sub(ROWS);
    all.truncate(ROWS);
    let mut roots = RootLine::all(&results.roots, |name| site.is_node(name));
    let more_roots = roots.len().saturating_sub(ROOTS);
    roots.truncate(ROOTS);
    let path = "index.html";
    let mut shell = Shell::new(&site.frame, Place::Overview, path, "Overview");
    shell.scripts = &super::graph::SCRIPTS;
    let run_id = results.metadata.run_id.as_str();
    let view = Overview {
        shell,
        run: RunRef {
            id: run_id,
            page: site.is_kept(run_id).then(|| name::run_page(run_id)),
            at: &results.run_finished_at,
            commit: results.metadata.git.commit.as_deref(),
            dirty: results.metadata.git.dirty,
        },
        counts: counts(results),
        undone: results.totals.failed + results.totals.blocked,
        kinds: kinds(site),
        graph: Area::new(site),
        results,
        roots,
        more_roots,
        lines: all,
        more_lines,
    };
    Page::of(path, &view)
}

impl Overview<'_> {
    fn duration(&self) -> String {
        word::duration(self.results.duration_ms)
    }

    fn nodes(&self) -> String {
        word::number(self.results.totals.nodes as u64)
    }
}

/// What went wrong first, then what was done, then what was left.
fn rank(status: Option<Status>) -> u8 {
    match status {
        Some(Status::Error) => 0,
        Some(Status::Blocked) => 1,
        None => 2,
        Some(Status::Success) => 3,
        Some(Status::Skipped) => 4,
        Some(Status::NotSelected) => 5,
    }
}

fn counts(results: &RunResults) -> Vec<Count> {
    let totals = &results.totals;
    let count = |class, glyph, number, words| Count { class, glyph, number, words };
    let all = [
        count("build", "✓", totals.built - totals.cascading.min(totals.built), "built for causes of their own"),
        count("cascade", "✓", totals.cascading, "cascading"),
        count("skip", "○", totals.skipped, "skipped"),
        count("error", "✗", totals.failed, "failed"),
        count("blocked", "–", totals.blocked, "blocked"),
        count("unselected", "·", totals.not_selected, "not selected"),
    ];
    let always = |count: &Count| matches!(count.class, "build" | "cascade" | "skip");
    all.into_iter().filter(|count| count.number > 0 || always(count)).collect()
}

/// `2 seeds, 3 SQL, 2 Python`.
fn kinds(site: &Site<'_>) -> String {
    let nodes = &site.input.manifest.nodes;
    let count = |kind| nodes.values().filter(|node| node.kind == kind).count();
    use crate::graph::NodeKind::{Python, Seed, Sql};
    let (seeds, sql, python) = (count(Seed), count(Sql), count(Python));
    let mut words = Vec::new();
    if seeds > 0 {
        words.push(word::count(seeds, "seed"));
    }
    if sql > 0 {
        words.push(word::count(sql, "SQL model"));
    }
    if python > 0 {
        words.push(word::count(python, "Python model"));
    }
    words.join(", ")
}
