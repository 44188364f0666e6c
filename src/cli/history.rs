//! `fft history`: the runs that are kept.

use super::option::ProjectOptions;
use super::prepare::open;
use super::printer::{duration, root_line};
use super::terminal::Terminal;
use super::{Exit, Failure};
use crate::artifact::history::History;
use crate::artifact::results::RunResults;
use crate::world::World;
use clap::Args;
use std::sync::Arc;

#[derive(Args, Debug)]
pub struct HistoryOptions {
    #[command(flatten)]
    project: ProjectOptions,
}

/// Lists runs, newest first, with the roots of each.
pub fn history(world: Arc<dyn World>, terminal: &Terminal, options: HistoryOptions) -> Result<Exit, Failure> {
    let opened = open(world.clone(), &options.project)?;
    let history = History::new(&*world, opened.layout.runs());
    let runs = history.list().map_err(|error| Failure::Io("the history".into(), error))?;
    for run in runs.iter().rev() {
        match history.read(run) {
            Ok(record) => print(terminal, &record.results),
            Err(error) => terminal.error(&format!("warning: run {run} can't be read: {error}")),
        }
    }
    if runs.is_empty() {
        terminal.note("no run is recorded yet");
    }
    Ok(Exit::Done)
}

fn print(terminal: &Terminal, results: &RunResults) {
    let totals = &results.totals;
    let commit = results
        .metadata
        .git
        .commit
        .as_deref()
        .map_or(String::new(), |commit| format!("  {}", &commit[..8.min(commit.len())]));
    terminal.result(&format!(
        "{}  {}  {} built · {} skipped · {} failed · {} blocked · {}{commit}",
        results.metadata.run_id,
        results.profile,
        totals.built,
        totals.skipped,
        totals.failed,
        totals.blocked,
        duration(results.duration_ms),
    ));
    for root in results.roots.iter().take(3) {
        terminal.result(&format!("    {}", root_line(root)));
    }
}
