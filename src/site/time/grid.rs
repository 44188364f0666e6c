//! `history.html`: every node in every kept run, a bar a run above; what the records advise; what days cost.
//!
//! Without JavaScript the nodes that were built most often, a row of squares each; with it all of them, from a shard, as
//! far as they are in sight (`static/history.js`). A square leads to the explanation of that node in that run.

use super::cost::{self, Chart};
use super::mark::{self, Letters, Mark, STEP};
use crate::artifact::advice::advice;
use crate::artifact::wire::Advice;
use crate::site::history::RunSummary;
use crate::site::name::{page_name, run_page};
use crate::site::shell::{Place, Shell};
use crate::site::word::{self, Thousands};
use crate::site::{Page, Site, Unit, data};
use askama::Template;
use serde::Serialize;
use std::cmp::Reverse;
use std::fmt::Write as _;

/// Nodes that the page itself shows.
const ROWS: usize = 100;
/// Of the highest bar.
const BAR: u64 = 48;
/// Runs that prove an advice and are listed.
const EVIDENCE: usize = 20;

#[derive(Template)]
#[template(path = "history.html")]
struct History<'a> {
    shell: Shell<'a>,
    profile: &'a str,
    nodes: usize,
    /// Runs that are kept of this profile and not shown, being older.
    older: usize,
    /// Kept runs of other profiles.
    others: usize,
    heads: Vec<Head>,
    lanes: Vec<Lane>,
    rows: Vec<Row<'a>>,
    more: usize,
    legend: Vec<Mark>,
    advice: Vec<AdviceView<'a>>,
    charts: Vec<Chart>,
}

/// A run above the grid.
struct Head {
    page: String,
    x: usize,
    /// Of its bar, from the top: what failed, what followed, what was built.
    parts: Vec<(&'static str, u64, u64)>,
    words: String,
    label: String,
}

/// A row of bars above the grid: of what, and each run's.
struct Lane {
    title: &'static str,
    bars: Vec<(usize, u64, u64, String)>,
    most: String,
}

/// A node with its squares.
struct Row<'a> {
    name: &'a str,
    /// Paths of squares by class.
    squares: Vec<(&'static str, String)>,
    words: String,
    built: usize,
    last: Option<&'a RunSummary>,
}

struct AdviceView<'a> {
    advice: Advice,
    evidence: Vec<(String, bool, String)>,
    nodes: Vec<&'a str>,
}

pub fn unit<'a>(site: &'a Site<'a>) -> Unit<'a> {
    let runs = mark::runs(site);
    let identities: Vec<_> = runs.iter().map(|run| (run.identity(), &run.git_commit)).collect();
    let inputs = (identities, site.input.runs.len(), site.decided, &site.input.results.budgets);
    site.unit("history", &inputs, move || pages(site))
}

fn pages(site: &Site<'_>) -> Vec<Page> {
    let runs = mark::runs(site);
    let marks = mark::marks(site, &runs);
    let mut nodes: Vec<(&str, Vec<Mark>)> = marks.into_iter().collect();
    nodes.sort_by_cached_key(|(name, marks)| {
        let count = |wanted: fn(Mark) -> bool| marks.iter().filter(|mark| wanted(**mark)).count();
        (Reverse(count(Mark::is_built)), Reverse(count(|mark| mark == Mark::Failed)), *name)
    });
    vec![page(site, &runs, &nodes), shard(&runs, &nodes), values(&runs, &nodes)]
}

fn page(site: &Site<'_>, runs: &[&RunSummary], nodes: &[(&str, Vec<Mark>)]) -> Page {
    let path = "history.html";
    let mut shell = Shell::new(&site.frame, Place::History, path, "History");
    shell.scripts = &["history.js"];
    let of_profile = site.input.runs.iter().filter(|run| run.profile == site.input.results.profile).count();
    let seen = |mark: &Mark| nodes.iter().any(|(_, marks)| marks.contains(mark));
    let view = History {
        shell,
        profile: &site.input.results.profile,
        nodes: nodes.len(),
        older: of_profile - runs.len(),
        others: site.input.runs.len() - of_profile,
        heads: heads(runs),
        lanes: lanes(runs),
        rows: nodes.iter().take(ROWS).map(|(name, marks)| row(name, marks, runs)).collect(),
        more: nodes.len().saturating_sub(ROWS),
        legend: Mark::ALL.into_iter().filter(|mark| !mark.glyph().is_empty()).filter(seen).collect(),
        advice: advised(site),
        charts: cost::charts(site, runs),
    };
    Page::of(path, &view)
}

impl History<'_> {
    fn width(&self) -> usize {
        self.heads.len() * STEP
    }
}

impl Row<'_> {
    fn last_page(&self) -> Option<String> {
        self.last.map(|run| run_page(&run.run_id))
    }

    fn last_time(&self) -> String {
        self.last.map_or(String::new(), |run| word::time(&run.finished_at))
    }
}

/// What the kept runs of the profile prove.
fn advised<'a>(site: &'a Site<'_>) -> Vec<AdviceView<'a>> {
    let profile = &site.input.results.profile;
    let facts: Vec<_> = site.input.runs.iter().filter(|run| run.profile == *profile).map(|run| &run.facts).collect();
    let view = |advice: Advice| AdviceView {
        evidence: advice
            .evidence
            .iter()
            .rev()
            .take(EVIDENCE)
            .map(|one| (one.run_id.clone(), site.is_kept(&one.run_id), one.sentence.clone()))
            .collect(),
        nodes: advice
            .nodes
            .iter()
            .filter_map(|name| site.input.manifest.nodes.get_key_value(name))
            .map(|(name, _)| name.as_str())
            .take(EVIDENCE)
            .collect(),
        advice,
    };
    advice(site.input.manifest, &facts).into_iter().map(view).collect()
}

impl AdviceView<'_> {
    fn more_evidence(&self) -> usize {
        self.advice.evidence.len().saturating_sub(EVIDENCE)
    }

    fn saved(&self) -> Option<String> {
        self.advice.saved_ms.filter(|ms| *ms > 0).map(word::duration)
    }
}

/// What a run did to how many nodes, from the top of its bar.
fn counts(run: &RunSummary) -> [(&'static str, u64); 3] {
    let followed = run.totals.cascading.min(run.totals.built);
    [("error", run.totals.failed as u64), ("cascade", followed as u64), ("build", (run.totals.built - followed) as u64)]
}

fn heads(runs: &[&RunSummary]) -> Vec<Head> {
    let all = runs.iter().map(|run| counts(run).iter().map(|(_, count)| count).sum::<u64>());
    let most = all.max().unwrap_or(0).max(1);
    let head = |(at, run): (usize, &&RunSummary)| {
        let mut y = BAR;
        let mut parts = Vec::new();
        for (class, count) in counts(run).into_iter().rev().filter(|(_, count)| *count > 0) {
            let height = (count * BAR / most).max(1).min(y);
            y -= height;
            parts.push((class, y, height));
        }
        Head {
            page: run_page(&run.run_id),
            x: at * STEP,
            parts,
            words: format!("run {}: {}, {}", run.run_id, run.totals.words(), word::duration(run.duration_ms)),
            label: label(&run.run_id),
        }
    };
    runs.iter().enumerate().map(head).collect()
}

/// `11-24`: the month and the day of a run.
fn label(run_id: &str) -> String {
    match (run_id.get(4..6), run_id.get(6..8)) {
        (Some(month), Some(day)) => format!("{month}-{day}"),
        _ => run_id.chars().take(5).collect(),
    }
}

/// Sums over what each run built, as far as anything is known.
#[derive(Clone, Copy)]
struct Sums {
    ms: u64,
    rows: Option<u64>,
    bytes: Option<u64>,
}

impl Sums {
    fn of(run: &RunSummary) -> Sums {
        let rows = run.nodes.values().filter_map(|build| build.rows).reduce(|sum, rows| sum + rows);
        Sums { ms: run.duration_ms, rows, bytes: run.bytes_scanned }
    }
}

fn lanes(runs: &[&RunSummary]) -> Vec<Lane> {
    let sums: Vec<Sums> = runs.iter().map(|run| Sums::of(run)).collect();
    let lanes = [
        lane(&sums, "Time", |sums| Some(sums.ms), word::duration),
        lane(&sums, "Rows written", |sums| sums.rows, word::number),
        lane(&sums, "Scanned", |sums| sums.bytes, word::bytes),
    ];
    lanes.into_iter().flatten().collect()
}

/// `None` where no run has a value.
fn lane(sums: &[Sums], title: &'static str, value: fn(&Sums) -> Option<u64>, words: fn(u64) -> String) -> Option<Lane> {
    let most = sums.iter().filter_map(value).max().filter(|most| *most > 0)?;
    let bar = |(at, sums): (usize, &Sums)| {
        let value = value(sums)?;
        let height = (u128::from(value) * u128::from(BAR / 2) / u128::from(most)) as u64;
        let height = height.max(u64::from(value > 0));
        Some((at * STEP, BAR / 2 - height, height, words(value)))
    };
    Some(Lane { title, bars: sums.iter().enumerate().filter_map(bar).collect(), most: words(most) })
}

fn row<'a>(name: &'a str, marks: &[Mark], runs: &[&'a RunSummary]) -> Row<'a> {
    let count = |wanted: Mark| marks.iter().filter(|mark| **mark == wanted).count();
    let last = marks.iter().rposition(|mark| mark.is_built()).map(|at| runs[at]);
    let built = count(Mark::Built) + count(Mark::Followed);
    let counts = [(built, "built"), (count(Mark::Failed), "failed"), (count(Mark::Blocked), "blocked")];
    let told: Vec<String> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| times(word, *count)).collect();
    let told = if told.is_empty() { "never built".to_string() } else { told.join(", ") };
    Row { name, squares: squares(marks), words: format!("{told} in {}", word::count(runs.len(), "run")), built, last }
}

/// `built once`, `built 3 times`.
fn times(word: &str, count: usize) -> String {
    if count == 1 { format!("{word} once") } else { format!("{word} {count} times") }
}

/// Squares as paths, one a kind: filled, framed, a cross, a small frame, a dot.
fn squares(marks: &[Mark]) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    for mark in Mark::ALL {
        let mut path = String::new();
        for (at, _) in marks.iter().enumerate().filter(|(_, one)| **one == mark) {
            let x = at * STEP;
            let drawn = match mark {
                Mark::Built | Mark::Followed => write!(path, "M{} 5h14v14h-14z", x + 5),
                Mark::Failed => write!(path, "M{0} 6l12 12m0-12l-12 12", x + 6),
                Mark::Blocked => write!(path, "M{} 9h6v6h-6z", x + 9),
                Mark::Skipped => write!(path, "M{} 11h2v2h-2z", x + 11),
                Mark::NotSelected | Mark::Absent => Ok(()),
            };
            drawn.expect("invariant: writing to memory doesn't fail");
        }
        if !path.is_empty() {
            found.push((mark.class(), path));
        }
    }
    found
}

/// Runs, and each node's name, page and marks: what the grid is drawn from.
fn shard(runs: &[&RunSummary], nodes: &[(&str, Vec<Mark>)]) -> Page {
    #[derive(Serialize)]
    struct Run<'a> {
        id: &'a str,
        page: String,
        time: String,
    }
    #[derive(Serialize)]
    struct Grid<'a> {
        runs: Vec<Run<'a>>,
        nodes: Vec<(&'a str, String, Letters<'a>)>,
    }
    let runs =
        runs.iter().map(|run| Run { id: &run.run_id, page: run_page(&run.run_id), time: word::time(&run.finished_at) });
    let nodes = nodes.iter().map(|(name, marks)| (*name, page_name(name), Letters(marks))).collect();
    data::shard("history", &Grid { runs: runs.collect(), nodes })
}

/// For each node, in the grid's order, its builds: the run's number, milliseconds, rows and bytes scanned.
fn values(runs: &[&RunSummary], nodes: &[(&str, Vec<Mark>)]) -> Page {
    type Build = (usize, Option<u64>, Option<u64>, Option<u64>);
    let of = |(name, marks): &(&str, Vec<Mark>)| -> Vec<Build> {
        let built = marks.iter().enumerate().filter(|(_, mark)| mark.is_built());
        let build = |(at, _): (usize, &Mark)| {
            let build = runs[at].nodes.get(*name)?;
            Some((at, build.duration_ms, build.rows, build.bytes_scanned))
        };
        built.filter_map(build).collect()
    };
    data::shard("history-values", &nodes.iter().map(of).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever the runs did, the page that is complete without JavaScript stays small.
    #[test]
    fn the_rows_of_the_page_are_bounded() {
        let longest =
            Mark::ALL.map(|mark| squares(&[mark; mark::RUNS]).iter().map(|(_, path)| path.len()).sum::<usize>());
        let most = longest.into_iter().max().unwrap_or(0);
        assert!(most * ROWS < 150_000, "{most} bytes a row");
        let mixed: Vec<Mark> = (0..mark::RUNS).map(|at| Mark::ALL[at % 7]).collect();
        assert_eq!(squares(&mixed).len(), 5, "a path a kind, none for what isn't there");
    }

    #[test]
    fn counts_are_told_in_words() {
        assert_eq!([times("built", 1), times("built", 2)], ["built once", "built 2 times"]);
        assert_eq!([label("20261104T101500Z-0004"), label("next")], ["11-04", "next"]);
    }
}
