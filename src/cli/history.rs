//! `fft history`: the runs that are kept, one of them, and their removal.

use super::Exit;
use super::advice::advise;
use super::option::{ProfileOptions, ProjectOptions, RecordOptions, WaitOptions};
use super::printer::{measures, plural, print_roots, recorded_totals, root_line, row_word};
use super::reference::References;
use super::terminal::{Style, Terminal};
use super::visible::clean;
use crate::artifact::markdown;
use crate::artifact::results::{ResultRow, RunResults};
use crate::artifact::timing::Timeline;
use crate::artifact::wire::Came;
use crate::diagnostic::nearest;
use crate::execute::Status;
use crate::project::published;
use crate::run::{self, Failure, Purpose, layout, recorded_root, tell_newer};
use crate::site::name::run_page;
use crate::world::World;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

/// Roots of a run that the list shows unless asked for more.
const LISTED: usize = 3;

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct HistoryOptions {
    #[command(subcommand)]
    verb: Option<HistoryVerb>,
    #[command(flatten)]
    list: ListOptions,
}

#[derive(Subcommand, Debug)]
enum HistoryVerb {
    /// List the runs that are kept, newest first, with the roots of each
    List(ListOptions),
    /// Show one run: its nodes, totals and roots
    Show(ShowOptions),
    /// Say what the kept runs prove, each with those that prove it, and which setting would change it
    Advice(ListOptions),
    /// Remove old runs, and the evidence that nothing kept refers to
    Prune(PruneOptions),
}

#[derive(Args, Debug)]
struct ListOptions {
    #[command(flatten)]
    records: RecordOptions,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
struct ShowOptions {
    /// The run's id, the beginning of it, `latest` or `latest~2`, counted in one profile
    run: String,
    #[command(flatten)]
    records: RecordOptions,
    /// Print what run_results.json said of the run
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// Print Markdown, as for a pull request or a chat
    #[arg(long)]
    markdown: bool,
}

#[derive(Args, Debug)]
struct PruneOptions {
    #[command(flatten)]
    project: ProfileOptions,
    /// Runs to keep (default: `history.keep` of project.yml, 50); a node's last successful build is kept besides
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    keep: Option<u32>,
    #[command(flatten)]
    wait: WaitOptions,
}

pub fn history(world: Arc<dyn World>, terminal: &Terminal, options: HistoryOptions) -> Result<Exit, Failure> {
    match options.verb {
        None => list(world, terminal, options.list),
        Some(HistoryVerb::List(options)) => list(world, terminal, options),
        Some(HistoryVerb::Show(options)) => show(world, terminal, options),
        Some(HistoryVerb::Advice(options)) => advise(world, terminal, options.records, options.json),
        Some(HistoryVerb::Prune(options)) => remove(world, terminal, options),
    }
}

fn list(world: Arc<dyn World>, terminal: &Terminal, options: ListOptions) -> Result<Exit, Failure> {
    let project = options.records.project.as_deref();
    let root = recorded_root(&*world, project).map_err(|failure| slip(failure, project))?;
    let layout = layout(&*world, &root)?;
    let references = References::new(&*world, &root, &layout).of_profile(options.records.env);
    let runs = references.runs()?;
    let mut listed = Vec::new();
    let mut told = BTreeSet::new();
    for run in runs.iter().rev() {
        let record = references.record(run);
        if let Ok(record) = &record {
            let version = &record.results.metadata.schema_version;
            if told.insert(version.clone()) {
                tell_newer(terminal, &format!("run {run}"), version);
            }
        }
        match record {
            Ok(record) if options.json => listed.push(run_json(&record.results)),
            Ok(record) => print(terminal, &record.results),
            Err(failure) => failure.print_as_warning(terminal),
        }
    }
    if options.json {
        terminal.json(&json!({ "runs": listed }));
    } else if runs.is_empty() {
        terminal.note(&references.none());
    }
    Ok(Exit::Done)
}

/// Names the verb that was likely meant by a folder which isn't there.
fn slip(failure: Failure, project: Option<&Path>) -> Failure {
    let verb = project.and_then(Path::to_str).and_then(|word| nearest(word, ["list", "show", "advice", "prune"]));
    match (failure, verb) {
        (Failure::Usage(message, hints), Some(verb)) => {
            let meant = format!("did you mean `fft history {verb}`?");
            Failure::Usage(message, [meant].into_iter().chain(hints).collect())
        }
        (failure, _) => failure,
    }
}

/// A run without its nodes.
fn run_json(results: &RunResults) -> Value {
    json!({
        "budgets": results.budgets.status,
        "cache_mode": results.cache_mode,
        "command": results.metadata.command,
        "duration_ms": results.duration_ms,
        "engine": results.engine,
        "git_commit": results.metadata.git.commit,
        "git_describe": results.metadata.git.describe,
        "git_dirty": results.metadata.git.dirty,
        "git_uncommitted": results.metadata.git.uncommitted(),
        "groups": results.groups,
        "interrupted": results.interrupted,
        "profile": results.profile,
        "provenance": results.metadata.provenance,
        "roots": results.roots,
        "run_finished_at": results.run_finished_at,
        "run_id": results.metadata.run_id,
        "run_started_at": results.run_started_at,
        "sentence": results.sentence,
        "tool_version": results.metadata.tool_version,
        "totals": results.totals,
    })
}

fn print(terminal: &Terminal, results: &RunResults) {
    let (totals, commit) = (recorded_totals(results), commit(results));
    terminal.result(&format!("{}  {}  {totals}{commit}", results.metadata.run_id, results.profile));
    let bound = if terminal.verbose > 0 { usize::MAX } else { LISTED };
    for root in results.roots.iter().take(bound) {
        terminal.result(&format!("    {}", root_line(root, Came::Done)));
    }
    if results.roots.len() > bound {
        terminal.result(&format!("    … and {} more (-v)", results.roots.len() - bound));
    }
}

fn commit(results: &RunResults) -> String {
    results.metadata.git.words().map_or(String::new(), |commit| format!("  commit {commit}"))
}

fn show(world: Arc<dyn World>, terminal: &Terminal, options: ShowOptions) -> Result<Exit, Failure> {
    let root = recorded_root(&*world, options.records.project.as_deref())?;
    let layout = layout(&*world, &root)?;
    let references = References::new(&*world, &root, &layout).of_profile(options.records.env);
    let record = references.record(&references.run(&options.run)?)?;
    let time = Timeline::of(&record).map(|timeline| timeline.timing.sentence());
    let results = record.results;
    tell_newer(terminal, &format!("run {}", results.metadata.run_id), &results.metadata.schema_version);
    if options.json {
        terminal.json(&results);
        return Ok(Exit::Done);
    }
    if options.markdown {
        let address = published(&*world, &root).map(|address| address + &run_page(&results.metadata.run_id));
        terminal.raw(&markdown::run(&results, address.as_deref()));
        return Ok(Exit::Done);
    }
    let head = format!(
        "run {} · profile {} · cache {} · {}{}",
        results.metadata.run_id,
        results.profile,
        results.cache_mode,
        results.run_started_at,
        commit(&results)
    );
    terminal.result(&terminal.paint(Style::Strong, &clean(&head)));
    let shown = |row: &&ResultRow| match row.status.known() {
        Some(Status::NotSelected) => false,
        Some(Status::Skipped) => terminal.verbose > 0,
        Some(Status::Success | Status::Error | Status::Blocked) | None => true,
    };
    let rows: Vec<&ResultRow> = results.results.iter().filter(shown).collect();
    let width = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0).clamp(8, 48);
    for row in &rows {
        terminal.result(&row_line(terminal, row, width));
        let checks = row.decision.checks.iter().filter(|_| terminal.verbose > 1);
        for check in checks {
            let glyph = if check.ok { "✓" } else { "✗" };
            terminal.result(&format!("    {glyph} {:<12} {}", check.name, clean(&check.evidence)));
        }
    }
    if !rows.is_empty() {
        terminal.result("");
    }
    terminal.result(&terminal.paint(Style::Strong, &recorded_totals(&results)));
    if let Some(time) = time {
        terminal.result(&format!("  {}", clean(&time)));
    }
    if results.interrupted {
        terminal.result("  interrupted: what was built is kept");
    }
    print_roots(terminal, &results.roots, &results.groups, Came::Done);
    Ok(Exit::Done)
}

/// A node as the run's own line told of it; its level isn't recorded.
fn row_line(terminal: &Terminal, row: &ResultRow, width: usize) -> String {
    let (glyph, word, style) = row_word(row);
    let head = terminal.paint(style, &format!("{glyph} {word:<7}"));
    let reason = match row.status.known() {
        Some(Status::Error) => row.message.as_deref().unwrap_or_default(),
        _ => &row.decision.summary,
    };
    let reason = clean(reason);
    let first = reason.lines().next().unwrap_or_default();
    let line = format!("{head}  {:<width$}  {}  {first}", row.name, measures(row.rows, row.duration_ms));
    line.trim_end().to_string()
}

fn remove(world: Arc<dyn World>, terminal: &Terminal, options: PruneOptions) -> Result<Exit, Failure> {
    let wanted = ProjectOptions::from(options.project).wanted()?;
    let opened = run::open(world, terminal, &wanted, Purpose::Records, options.wait.no_wait)?;
    if !opened.has_records() {
        terminal.note("no run is recorded yet");
        return Ok(Exit::Done);
    }
    let (removed, kept) = opened.prune(options.keep.map(|keep| keep as usize))?;
    terminal.result(&format!(
        "removed {} and {} of the evidence; {} kept",
        count(removed.runs, "run"),
        count(removed.contents, "content"),
        count(kept, "run")
    ));
    if let Some(problem) = removed.unreadable {
        terminal.warning(&format!("no evidence was removed, since what it belongs to can't be told: {problem}"));
    }
    Ok(Exit::Done)
}

fn count(count: usize, word: &str) -> String {
    format!("{count} {}", plural(count, word))
}
