//! `fft utest`: unit tests of models.

use super::Exit;
use super::junit::{Case, suite};
use super::option::{ProjectOptions, WaitOptions};
use super::signal::on_signal;
use super::terminal::{Style, Terminal};
use super::visible::clean;
use crate::check::rows::{Comparison, Line};
use crate::diagnostic::{counted, plural};
use crate::execute::trial::Stop;
use crate::run::{self, Cases, Failure, Purpose, Tried, Verdict};
use crate::world::World;
use clap::{Args, ValueEnum};
use signal_hook::consts::{SIGHUP, SIGTERM};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

/// Rows of a comparison that are shown.
const SHOWN: usize = 20;
/// Letters of a cell that are shown.
const LETTERS: usize = 60;

#[derive(Args, Debug)]
pub struct UtestOptions {
    #[command(flatten)]
    project: ProjectOptions,
    /// Only cases of this model
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
    /// Only cases of this name
    #[arg(long, value_name = "CASE")]
    case: Option<String>,
    /// Only this file or folder of tests/unit
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// off: try all, record nothing; rw: skip what passed and record; ro: skip only
    #[arg(long, value_enum, value_name = "MODE", default_value_t = CacheChoice::Rw)]
    cache: CacheChoice,
    /// Write what came of the cases to this file as JUnit's XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    #[command(flatten)]
    wait: WaitOptions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum CacheChoice {
    Off,
    Ro,
    Rw,
}

pub fn utest(world: Arc<dyn World>, terminal: &Terminal, options: UtestOptions) -> Result<Exit, Failure> {
    let UtestOptions { project, model, case, path, cache, junit, wait } = options;
    let opened = run::open(world.clone(), terminal, &project.wanted()?, Purpose::Look, wait.no_wait)?;
    let path = path.map(|path| path.trim_start_matches("./").trim_end_matches('/').to_string());
    let (skips, records) = (cache != CacheChoice::Off, cache == CacheChoice::Rw);
    let meant = Cases { model, case, path, skips, records };
    let stop = Arc::new(Stop::default());
    let first = by_signal(&stop);
    let mut all: Vec<Tried> = Vec::new();
    let ended = opened.utest(terminal, &meant, &stop, &mut |tried| {
        print(terminal, tried);
        all.push(tried.clone());
    });
    if let Some(file) = junit {
        write(&*world, &file, &suite("fft utest", &all.iter().map(of_junit).collect::<Vec<_>>()))?;
    }
    ended?;
    if stop.is_asked() {
        terminal.error("interrupted");
        return Ok(match first.load(Ordering::Relaxed) {
            SIGTERM => Exit::Terminated,
            SIGHUP => Exit::HungUp,
            _ => Exit::Interrupted,
        });
    }
    terminal.result(&sentence(&all));
    Ok(if all.iter().any(|tried| tried.verdict.is_failure()) { Exit::Failed } else { Exit::Done })
}

/// Signals end what runs, and then the command; a second one the process. Gives the first one's number.
fn by_signal(stop: &Arc<Stop>) -> Arc<AtomicI32> {
    let (stop, first) = (stop.clone(), Arc::new(AtomicI32::new(0)));
    let number = first.clone();
    on_signal(move |signal, count| {
        if count > 1 {
            std::process::exit(Exit::Interrupted.status());
        }
        number.store(signal, Ordering::Relaxed);
        stop.stop();
    });
    first
}

fn write(world: &dyn World, file: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error| Failure::Io(file.display().to_string(), error);
    world.write(&world.absolute(file).map_err(failed)?, text.as_bytes()).map_err(failed)
}

/// `3 unit tests: 1 passed, 1 failed, 1 skipped`.
fn sentence(all: &[Tried]) -> String {
    let count = |test: fn(&Verdict) -> bool| all.iter().filter(|tried| test(&tried.verdict)).count();
    let parts = [
        (count(|verdict| matches!(verdict, Verdict::Passed)), "passed"),
        (count(Verdict::is_failure), "failed"),
        (count(|verdict| matches!(verdict, Verdict::Skipped { .. })), "skipped: passed with everything the same"),
        (count(|verdict| matches!(verdict, Verdict::Elsewhere(_))), "for another engine"),
    ];
    let told: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, words)| format!("{count} {words}")).collect();
    match all.len() {
        0 => "no unit test is meant: they are in tests/unit/*.yml".into(),
        count => format!("{}: {}", counted(count, "unit test"), told.join(", ")),
    }
}

fn print(terminal: &Terminal, tried: &Tried) {
    let name = clean(&format!("{} · {}", tried.node, tried.case.name));
    let place = terminal.paint(Style::Quiet, &format!("  {}", tried.case.at));
    match &tried.verdict {
        Verdict::Passed => {
            let status = terminal.paint(Style::Good, "✓ PASS");
            terminal.result(&format!("{status}  {name}  {} ms", tried.duration_ms));
        }
        // With -q, results are what wasn't known.
        Verdict::Skipped { .. } if terminal.quiet => {}
        Verdict::Skipped { at, digest } => terminal.result(&format!(
            "○ SKIP  {name}  passed {at} with the same model, rows and expectation ({})",
            digest.short()
        )),
        Verdict::Elsewhere(engine) => terminal.result(&clean(&format!("○ SKIP  {name}  it is for {engine}"))),
        Verdict::Failed(comparison) => {
            let status = terminal.paint(Style::Bad, "✗ FAIL");
            terminal.result(&format!("{status}  {name}  {}{place}", clean(&comparison.words())));
            diff(comparison).iter().for_each(|line| terminal.result(&format!("  {}", clean(line))));
        }
        Verdict::Broken(problems) => {
            terminal.result(&format!("{}  {name}{place}", terminal.paint(Style::Bad, "✗ FAIL")));
            problems.iter().for_each(|problem| terminal.problem(problem));
        }
    }
}

/// The two tables as one, a line a row: ` ` the same, `~` with what is expected and what is given, `-` missing, `+` too many.
fn diff(comparison: &Comparison) -> Vec<String> {
    let cut = |text: &str| match text.char_indices().nth(LETTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_string(),
    };
    let both = |(wanted, other): &(String, Option<String>)| match other {
        Some(other) => format!("{} → {}", cut(wanted), cut(other)),
        None => cut(wanted),
    };
    let row = |line: &Line| match line {
        Line::Same(cells) => (" ", cells.iter().map(|cell| cut(cell)).collect::<Vec<_>>()),
        Line::Changed(cells) => ("~", cells.iter().map(both).collect()),
        Line::Missing(cells) => ("-", cells.iter().map(|cell| cut(cell)).collect()),
        Line::Extra(cells) => ("+", cells.iter().map(|cell| cut(cell)).collect()),
    };
    // Where there are many, those that differ matter.
    let many = comparison.lines.len() > SHOWN;
    let wanted = comparison.lines.iter().filter(|line| !many || !matches!(line, Line::Same(_)));
    let rows: Vec<(&str, Vec<String>)> = wanted.map(row).collect();
    let shown = &rows[..rows.len().min(SHOWN)];
    let header = (" ", comparison.columns.clone());
    let lines: Vec<&(&str, Vec<String>)> = std::iter::once(&header).chain(shown).collect();
    let width = |at: usize| lines.iter().map(|(_, cells)| cells[at].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..comparison.columns.len()).map(width).collect();
    let line = |(mark, cells): &&(&str, Vec<String>)| {
        let cells: Vec<String> = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        format!("{mark} {}", cells.join(" │ ")).trim_end().to_string()
    };
    let mut told: Vec<String> = lines.iter().map(line).collect();
    let left = rows.len() - shown.len();
    if left > 0 {
        told.push(format!("  and {left} more {} that differ", plural(left, "row")));
    }
    told
}

fn of_junit(tried: &Tried) -> Case {
    let (failure, skipped) = match &tried.verdict {
        Verdict::Passed => (None, None),
        Verdict::Skipped { at, .. } => (None, Some(format!("passed {at} with everything the same"))),
        Verdict::Elsewhere(engine) => (None, Some(format!("it is for {engine}"))),
        Verdict::Failed(comparison) => {
            let text = format!("{}\n{}", tried.case.at, diff(comparison).join("\n"));
            (Some(("rows", comparison.words(), text)), None)
        }
        Verdict::Broken(problems) => {
            let message = problems.first().map(|problem| problem.message.clone()).unwrap_or_default();
            let text: Vec<String> = problems.iter().map(ToString::to_string).collect();
            (Some(("error", message, format!("{}\n{}", tried.case.at, text.join("\n")))), None)
        }
    };
    let name = format!("{} · {}", tried.node, tried.case.name);
    Case { place: tried.case.path.clone(), name, milliseconds: tried.duration_ms, failure, skipped }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_told_cell_by_cell() {
        let text = |texts: &[&str]| texts.iter().map(|text| text.to_string()).collect::<Vec<_>>();
        let comparison = Comparison {
            columns: text(&["id", "amount"]),
            lines: vec![
                Line::Same(text(&["1", "19.9"])),
                Line::Changed(vec![("2".into(), None), ("-1.0".into(), Some("-2".into()))]),
                Line::Missing(text(&["3", "null"])),
                Line::Extra(text(&["4", "''"])),
            ],
            unexpected: Vec::new(),
        };
        let expected = ["  id │ amount", "  1  │ 19.9", "~ 2  │ -1.0 → -2", "- 3  │ null", "+ 4  │ ''"];
        assert_eq!(diff(&comparison), expected);
    }

    #[test]
    fn of_many_rows_those_that_differ_are_told() {
        let mut lines: Vec<Line> = (0..100).map(|number| Line::Same(vec![number.to_string()])).collect();
        lines.extend((0..30).map(|number| Line::Missing(vec![number.to_string()])));
        let told = diff(&Comparison { columns: vec!["id".into()], lines, unexpected: Vec::new() });
        assert_eq!(told.len(), SHOWN + 2);
        assert_eq!((told[1].as_str(), told[SHOWN + 1].as_str()), ("- 0", "  and 10 more rows that differ"));
    }
}
