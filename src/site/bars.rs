//! Runs as bars: the height of one is its time, its parts are its nodes by what became of them.

use super::history::RunSummary;
use super::shell::Shell;
use super::{name, word};

/// The height of the tallest bar, and the width of one with the gap behind it.
const HEIGHT: usize = 48;
const STEP: usize = 13;
/// Runs that are drawn at most, the newest.
const RUNS: usize = 60;

/// The oldest run at the left; empty where there is nothing to compare.
#[derive(Default)]
pub struct Bars {
    pub bars: Vec<Bar>,
}

/// A run as a bar: its height is its time, its parts are its nodes by what became of them.
pub struct Bar {
    pub href: String,
    pub title: String,
    pub x: usize,
    pub parts: Vec<Part>,
}

pub struct Part {
    pub class: &'static str,
    pub y: usize,
    pub height: usize,
}

impl Bars {
    pub fn of(shell: &Shell<'_>, runs: &[RunSummary]) -> Bars {
        let runs = &runs[runs.len().saturating_sub(RUNS)..];
        let most = runs.iter().map(|run| run.duration_ms).max().unwrap_or(0).max(1);
        let bar = |(run, at): (&RunSummary, usize)| {
            let height = (run.duration_ms as usize * HEIGHT / most as usize).clamp(4, HEIGHT);
            Bar {
                href: shell.link(&name::run_page(&run.run_id)),
                title: format!("{}: {} {}", word::run_name(&run.run_id), run.sentence, word::duration(run.duration_ms)),
                x: at * STEP,
                parts: parts(run, height),
            }
        };
        if runs.len() < 2 { Bars::default() } else { Bars { bars: runs.iter().zip(0..).map(bar).collect() } }
    }

    /// Of the whole, in units of the bars.
    pub fn width(&self) -> usize {
        self.bars.len() * STEP
    }

    /// What a screen reader says.
    pub fn told(&self) -> String {
        format!(
            "{}, a bar each, the oldest at the left; the taller, the longer it took",
            word::count(self.bars.len(), "run")
        )
    }
}

/// From the bottom: what was left, what followed, what changed, what failed and waited.
fn parts(run: &RunSummary, height: usize) -> Vec<Part> {
    let totals = &run.totals;
    let counts = [
        ("skip", totals.skipped),
        ("cascade", totals.cascading),
        ("build", totals.built.saturating_sub(totals.cascading)),
        ("blocked", totals.blocked),
        ("error", totals.failed),
    ];
    let all: usize = counts.iter().map(|(_, count)| count).sum();
    let mut bottom = HEIGHT;
    let mut done = 0;
    let mut parts = Vec::new();
    for (class, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
        done += count;
        let top = HEIGHT - (height * done / all.max(1)).max(HEIGHT - bottom + 1);
        parts.push(Part { class, y: top, height: bottom - top });
        bottom = top;
    }
    parts
}
