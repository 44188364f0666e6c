//! A node over the kept runs: a square a run that took it up, each of which leads to the explanation in that run, and its
//! rows and its time as lines; of a snapshot the versions that each run added, too.
//!
//! A page of a node says nothing of runs that only skipped it, so that it stays as it is; `static/strip.js` puts those in
//! between, from the data of the history page.

use super::mark::{Mark, RUNS, STEP};
use crate::site::Site;
use crate::site::history::{NodeBuild, RunSummary};
use crate::site::name::run_page;
use crate::site::word;

/// Height of a line's band, and what is left free above and below.
const BAND: f64 = 40.0;
const MARGIN: f64 = 6.0;

pub struct Strip<'a> {
    pub cells: Vec<Cell<'a>>,
    /// Rows, time, new versions; those of which no build tells are left out.
    pub lines: Vec<Line>,
    /// Kept runs that took it up and are older than those shown.
    pub older: usize,
}

pub struct Cell<'a> {
    pub x: usize,
    pub run: &'a str,
    /// The run's page.
    pub page: String,
    pub mark: Mark,
    pub words: String,
}

/// A title, a build's value, and a value in words.
type Measure = (&'static str, fn(&NodeBuild) -> Option<u64>, fn(u64) -> String);

/// Values of builds, from the oldest to the newest.
pub struct Line {
    pub title: &'static str,
    /// The newest value and, from the second build on, the change.
    pub newest: String,
    pub change: Option<String>,
    /// What lies between: `98 to 1,234 over 7 builds`.
    pub range: String,
    /// Where the line's band begins, from the top of the picture.
    pub top: f64,
    /// The cell that each point is of, its place and its value.
    pub points: Vec<Point>,
}

pub struct Point {
    pub run: String,
    pub x: f64,
    pub y: f64,
    pub words: String,
}

impl Line {
    /// As a polyline has it.
    pub fn path(&self) -> String {
        self.points.iter().map(|point| format!("{},{}", point.x, point.y)).collect::<Vec<_>>().join(" ")
    }
}

impl<'a> Strip<'a> {
    pub fn of(site: &'a Site<'_>, node: &str) -> Strip<'a> {
        let built = site.builds(node).iter().map(|(run, build)| (*run, Some(*build)));
        let mut taken: Vec<(&RunSummary, Option<&NodeBuild>)> =
            built.chain(site.blocked(node).iter().map(|run| (*run, None))).collect();
        taken.sort_by_key(|(run, _)| run.run_id.as_str());
        let older = taken.len().saturating_sub(RUNS);
        taken.drain(..older);
        let cells = taken.iter().enumerate().map(|(at, (run, build))| cell(at, run, *build));
        let measures: [Measure; 3] = [
            ("Rows", |build| build.rows, word::number),
            ("Time", |build| build.duration_ms, word::duration),
            ("New versions", |build| build.versions.as_ref().map(|versions| versions.new), word::number),
        ];
        let mut lines: Vec<Line> = Vec::new();
        for (title, value, words) in measures {
            lines.extend(line(title, &taken, value, words, STEP as f64 + BAND * lines.len() as f64));
        }
        Strip { cells: cells.collect(), lines, older }
    }

    fn line(&self, title: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.title == title)
    }

    /// What the newest build had of what a line is called.
    pub fn newest(&self, title: &str) -> Option<&str> {
        self.line(title).map(|line| line.newest.as_str())
    }

    /// `1,234 (+5)`: the value, and how the newest build changed it, where there was one before.
    pub fn with_change(&self, title: &str, value: String) -> String {
        let line = self.line(title).filter(|line| line.newest == value);
        match line.and_then(|line| line.change.as_ref()) {
            Some(change) => format!("{value} ({change})"),
            None => value,
        }
    }

    pub fn width(&self) -> usize {
        self.cells.len() * STEP
    }

    pub fn height(&self) -> f64 {
        STEP as f64 + BAND * self.lines.len() as f64
    }
}

fn cell<'a>(at: usize, run: &'a RunSummary, build: Option<&NodeBuild>) -> Cell<'a> {
    let mark = build.map_or(Mark::Blocked, Mark::of);
    let rows = build.and_then(|build| build.rows).map(|rows| format!(", {} rows", word::number(rows)));
    let took = build.and_then(|build| build.duration_ms).map(|ms| format!(", {}", word::duration(ms)));
    let versions = build.and_then(|build| build.versions.as_ref());
    let versions = versions.map(|versions| format!(", {}", versions.sentence));
    let words = format!(
        "{}: {}{}{}{}",
        word::time(&run.finished_at),
        mark.words(),
        rows.unwrap_or_default(),
        took.unwrap_or_default(),
        versions.unwrap_or_default()
    );
    Cell { x: at * STEP, run: &run.run_id, page: run_page(&run.run_id), mark, words }
}

fn line(
    title: &'static str,
    taken: &[(&RunSummary, Option<&NodeBuild>)],
    value: fn(&NodeBuild) -> Option<u64>,
    words: fn(u64) -> String,
    top: f64,
) -> Option<Line> {
    let built = taken.iter().enumerate().filter_map(|(at, (run, build))| {
        let build = build.filter(|build| Mark::of(build).is_built())?;
        Some((at, *run, value(build)?))
    });
    let built: Vec<(usize, &RunSummary, u64)> = built.collect();
    let values = || built.iter().map(|(_, _, value)| *value);
    let (least, most, newest) = (values().min()?, values().max()?, values().next_back()?);
    let spread = (most - least).max(1) as f64;
    // Values that are all the same lie in the middle.
    let height = |value: u64| if least == most { 0.5 } else { (value - least) as f64 / spread };
    let y = |value: u64| ((top + BAND - MARGIN - height(value) * (BAND - 2.0 * MARGIN)) * 10.0).round() / 10.0;
    let point = |(at, run, value): &(usize, &RunSummary, u64)| Point {
        run: run.run_id.clone(),
        x: (at * STEP) as f64 + STEP as f64 / 2.0,
        y: y(*value),
        words: words(*value),
    };
    let before = values().rev().nth(1);
    Some(Line {
        title,
        newest: words(newest),
        change: before.map(|before| change(before, newest, words)),
        range: format!("{} to {} over {}", words(least), words(most), word::count(built.len(), "build")),
        top,
        points: built.iter().map(point).collect(),
    })
}

/// `+1`, `−3 ms`, `±0`.
pub fn change(before: u64, after: u64, words: fn(u64) -> String) -> String {
    match after.cmp(&before) {
        std::cmp::Ordering::Greater => format!("+{}", words(after - before)),
        std::cmp::Ordering::Less => format!("−{}", words(before - after)),
        std::cmp::Ordering::Equal => "±0".into(),
    }
}
