//! The first page: the last run in a sentence, its failures and causes beside the graph, and every node in a table.

use super::bars::Bars;
use super::card::{Card, Deck, Follower};
use super::failure::Failures;
use super::graph::view::Area;
use super::history::RunSummary;
use super::line::{Line, lines};
use super::node::RunRef;
use super::run::said;
use super::shell::{Place, Shell};
use super::spent::Spent;
use super::told::{Names, Piece};
use super::word::Thousands;
use super::{Page, Site, Unit, name, word};
use crate::artifact::results::{ResultRow, RunResults};
use crate::execute::Status;
use askama::Template;
use std::collections::{BTreeMap, BTreeSet};

/// Nodes that the table has; of more, those that were built or failed come first, and the audit has all.
const ROWS: usize = 200;
/// Causes that are shown; the run's page has all.
const ROOTS: usize = 12;

/// Failures that are told one by one.
const FAILURES: usize = 3;
/// Skipped nodes that a line names of those that rest on one run.
const KEPT: usize = 8;
/// Runs that skips rest on, which are named.
const RESTS: usize = 3;

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview<'a> {
    shell: Shell<'a>,
    results: &'a RunResults,
    /// What the script that copies what the run did loads, where the run has a page.
    said: Option<String>,
    run: RunRef<'a>,
    sentence: Vec<Piece>,
    spent: Spent,
    failures: Failures<'a>,
    cards: Vec<Card<'a>>,
    more_cards: usize,
    kept: Vec<Kept<'a>>,
    more_kept: usize,
    bars: Bars,
    lines: Vec<Line<'a>>,
    /// Nodes that have no row here.
    more_lines: usize,
    counts: Vec<Count>,
    /// Of those that were built, incremental models that were extended.
    extended: usize,
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

/// Skipped nodes that rest on one run.
struct Kept<'a> {
    run: RunRef<'a>,
    count: usize,
    nodes: Vec<Follower<'a>>,
}

pub fn unit<'a>(site: &'a Site<'a>) -> Unit<'a> {
    let runs = site.input.results.results.iter().filter_map(|row| row.decision.baseline.as_ref());
    let named: BTreeSet<&str> = runs.map(|baseline| baseline.run_id.as_str()).collect();
    let own = site.input.results.metadata.run_id.as_str();
    let kept: Vec<bool> = named.into_iter().chain([own]).map(|run| site.is_kept(run)).collect();
    let runs: Vec<_> = site.input.runs.iter().map(RunSummary::identity).collect();
    site.unit("overview", &(site.decided, site.last_run(), kept, Spent::of(site), runs), move || vec![page(site)])
}

fn page(site: &Site<'_>) -> Page {
    let results = site.input.results;
    let mut all = lines(site);
    all.sort_by_key(|line| {
        (rank(line.row.and_then(|row| row.status.known())), line.node.level, line.node.name.as_str())
    });
    let more_lines = all.len().saturating_sub(ROWS);
    all.truncate(ROWS);
    let names = Names::of(site, results);
    let (cards, more_cards) = Deck::new(site, results, &names).cards(ROOTS);
    let (kept, more_kept) = kept(site);
    let path = "index.html";
    let mut shell = Shell::new(&site.frame, Place::Overview, path, "Overview").about(&results.sentence);
    shell.scripts = &super::graph::SCRIPTS;
    let bars = Bars::of(&shell, site.input.runs);
    let view = Overview {
        shell,
        said: site.is_kept(&results.metadata.run_id).then(|| said(&results.metadata.run_id)),
        run: site.run_ref(),
        sentence: names.pieces(&results.sentence),
        spent: Spent::of(site),
        failures: Failures::of(site, results, &names, FAILURES),
        cards,
        more_cards,
        kept,
        more_kept,
        counts: counts(results),
        extended: results.extended(),
        kinds: kinds(site),
        graph: Area::new(site),
        results,
        bars,
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
        word::count(self.results.totals.nodes, "node")
    }

    /// What happened, in a word that is a class too.
    fn state(&self) -> &'static str {
        word::state(&self.results.totals)
    }

    fn causes(&self) -> usize {
        self.cards.len() + self.more_cards
    }
}

/// Skipped nodes by the run whose builds they rest on, the most first; and how many more nodes rest on others.
fn kept<'a>(site: &'a Site<'_>) -> (Vec<Kept<'a>>, usize) {
    let skipped = site.input.results.results.iter().filter(|row| row.status == Status::Skipped);
    let mut by_run: BTreeMap<&str, Vec<&ResultRow>> = BTreeMap::new();
    for row in skipped {
        if let Some(baseline) = &row.decision.baseline {
            by_run.entry(&baseline.run_id).or_default().push(row);
        }
    }
    let mut all: Vec<(&str, Vec<&ResultRow>)> = by_run.into_iter().collect();
    all.sort_by_key(|(_, rows)| std::cmp::Reverse(rows.len()));
    let more = all.iter().skip(RESTS).map(|(_, rows)| rows.len()).sum();
    let one = |(run, rows): (&'a str, Vec<&'a ResultRow>)| {
        let baseline = rows[0].decision.baseline.as_ref().expect("invariant: just grouped by it");
        let node = |row: &&'a ResultRow| Follower { name: &row.name, linked: site.is_node(&row.name) };
        Kept {
            run: RunRef {
                id: run,
                page: site.is_kept(run).then(|| name::run_page(run)),
                at: &baseline.built_at,
                commit: baseline.git_commit.as_deref(),
                dirty: baseline.git_dirty,
                uncommitted: None,
            },
            count: rows.len(),
            nodes: rows.iter().take(KEPT).map(node).collect(),
        }
    };
    (all.into_iter().take(RESTS).map(one).collect(), more)
}

impl Kept<'_> {
    fn words(&self) -> String {
        word::count(self.count, "node")
    }

    fn more(&self) -> usize {
        self.count - self.nodes.len()
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

/// Together they are the nodes of the project.
fn counts(results: &RunResults) -> Vec<Count> {
    let totals = &results.totals;
    let count = |class, glyph, number, words| Count { class, glyph, number, words };
    let all = [
        count("error", "✗", totals.failed, "failed"),
        count("blocked", "–", totals.blocked, "waiting"),
        count("new", "✓", totals.new, "new"),
        count("build", "✓", totals.changed(), "changed"),
        count("cascade", "↳", totals.cascading, "followed"),
        count("skip", "○", totals.skipped, "skipped, proven equal"),
        count("unselected", "·", totals.not_selected, "not selected"),
    ];
    all.into_iter().filter(|count| count.number > 0).collect()
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
