//! `fft snapshot run`: adds to the history of snapshots what has changed since.

use super::option::{CacheOptions, ProjectOptions, SelectOptions, WaitOptions};
use super::run::{self, Asking, Jobs, RunOptions};
use super::terminal::Terminal;
use super::{Ended, Exit};
use crate::run::{Caching, Failure, Only, Previewed, Purpose, Selection, open};
use crate::world::World;
use clap::{Args, Subcommand};
use std::sync::Arc;

#[derive(Args, Debug)]
pub struct SnapshotOptions {
    #[command(subcommand)]
    verb: SnapshotVerb,
}

#[derive(Subcommand, Debug)]
enum SnapshotVerb {
    /// Add the versions of rows that are new or changed, over what the upstream relations hold
    Run(Box<SnapshotRunOptions>),
}

#[derive(Args, Debug)]
struct SnapshotRunOptions {
    #[command(flatten)]
    project: ProjectOptions,
    /// Snapshots to run; all by default
    #[arg(short, long, value_name = "SELECTOR", num_args = 1..)]
    select: Vec<String>,
    /// Snapshots to leave out
    #[arg(long, value_name = "SELECTOR", num_args = 1..)]
    exclude: Vec<String>,
    /// Run these snapshots whatever the cache says
    #[arg(long, value_name = "SELECTOR", num_args = 1..)]
    rebuild: Vec<String>,
    /// Delete versions behind the last ones of each row, as many as --keep-last says
    #[arg(long, requires = "keep_last")]
    prune: bool,
    /// With --prune: versions of each row that are kept, the current one among them
    #[arg(long, value_name = "N", requires = "prune", value_parser = clap::value_parser!(u32).range(1..))]
    keep_last: Option<u32>,
    /// Say what would be added, ended and deleted, and keep nothing of it
    #[arg(long)]
    dry_run: bool,
    /// Give up the histories that stand and begin new ones; asks first
    #[arg(long)]
    full_refresh: bool,
    /// With --full-refresh: don't ask
    #[arg(long, requires = "full_refresh")]
    yes: bool,
    /// Go on with tables that no record says fft built; a history among them is gone on with
    #[arg(long)]
    adopt: bool,
    /// Snapshots run at one time: a number, or `auto` for one a processor
    #[arg(short, long, value_name = "N", default_value = "auto", value_parser = run::jobs)]
    jobs: Jobs,
    /// Go on with what a failure doesn't block
    #[arg(short, long)]
    keep_going: bool,
    /// Leave the site as it is
    #[arg(long)]
    no_docs: bool,
    /// Print what run_results.json says of the run, with --dry-run what would be done, and nothing else, to stdout
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    wait: WaitOptions,
}

pub fn snapshot(world: Arc<dyn World>, terminal: &Terminal, options: SnapshotOptions) -> Result<Ended, Failure> {
    let SnapshotVerb::Run(options) = options.verb;
    let selection = Selection {
        select: options.select.clone(),
        exclude: options.exclude.clone(),
        no_upstream: true,
        only: Only::Snapshots,
        ..Selection::default()
    };
    let cache = CacheOptions {
        rebuild: (!options.rebuild.is_empty()).then(|| options.rebuild.clone()),
        full_refresh: options.full_refresh,
        adopt: options.adopt,
        ..CacheOptions::default()
    };
    let keep_last = options.keep_last.map(|keep| keep as usize);
    if options.dry_run {
        let caching = Caching { keep_last, ..Caching::from(cache) };
        return dry_run(world, terminal, &options, &selection, caching).map(Ended::from);
    }
    let run = RunOptions {
        project: options.project,
        select: SelectOptions::default(),
        cache,
        jobs: options.jobs,
        keep_going: options.keep_going,
        offline: false,
        http_cache: None,
        expect_no_rebuild: false,
        wait: options.wait,
        no_docs: options.no_docs,
        yes: options.yes,
        json: options.json,
    };
    let asking =
        Asking { verb: "snapshot run", purpose: Purpose::Build, options: run, selection, tested: None, keep_last };
    run::carry_out(world, terminal, asking)
}

/// Tells what a run would do. The database is claimed: what is tried there is taken back before anybody else builds.
fn dry_run(
    world: Arc<dyn World>,
    terminal: &Terminal,
    options: &SnapshotRunOptions,
    selection: &Selection,
    caching: Caching,
) -> Result<Exit, Failure> {
    let terminal = &terminal.for_program(options.json);
    let opened = open(world, terminal, &options.project.wanted()?, Purpose::Database, options.wait.no_wait)?;
    let standing = opened.observe(terminal)?;
    options.project.warn_unread(terminal, standing.graph());
    let previewed = standing.decide(terminal, selection, caching)?.preview();
    let failed = previewed.iter().any(|one| one.error.is_some());
    if options.json {
        terminal.json(&serde_json::json!({ "snapshots": previewed }));
    } else {
        previewed.iter().for_each(|one| terminal.result(&line(one)));
        let words =
            if previewed.is_empty() { "no snapshot is selected" } else { "this was a dry run: nothing was kept" };
        terminal.note(words);
    }
    Ok(if failed { Exit::Failed } else { Exit::Done })
}

fn line(one: &Previewed) -> String {
    let name = &one.name;
    match (&one.versions, &one.error) {
        (_, Some(error)) => format!("{name}: fails: {error}"),
        (Some(versions), None) => format!("{name}: {}", versions.line(&one.summary)),
        (None, None) => format!("{name}: skipped: {}", one.summary),
    }
}
