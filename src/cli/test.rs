//! `fft test` and `fft build`: the tests of what stands, and a run with its tests between the nodes.

use super::Ended;
use super::option::{CacheChoice, CacheOptions, ProjectOptions, WaitOptions};
use super::report::ReportOptions;
use super::run::{self, Asking, Jobs, RunOptions, Tested};
use super::terminal::Terminal;
use crate::run::{Failure, Only, Purpose, Selection, Tests};
use crate::world::World;
use clap::Args;
use std::sync::Arc;

#[derive(Args, Debug)]
pub struct TestOptions {
    #[command(flatten)]
    project: ProjectOptions,
    /// Tests to run: names, globs, `tag:x`, or any selector of the nodes that they are of; given again, all must hold
    #[arg(short, long, value_name = "SELECTOR", num_args = 1..)]
    select: Vec<String>,
    /// Tests to leave out
    #[arg(long, value_name = "SELECTOR", num_args = 1..)]
    exclude: Vec<String>,
    /// off: run all, record nothing; rw: skip what passed on the same rows, and record; ro: skip only; wo: run all and
    /// record
    #[arg(long, value_enum, value_name = "MODE", default_value_t = CacheChoice::Rw)]
    cache: CacheChoice,
    /// The same as --cache off
    #[arg(long, conflicts_with = "cache")]
    no_cache: bool,
    /// Tests run at one time: a number, or `auto` for one a processor
    #[arg(short, long, value_name = "N", default_value = "auto", value_parser = run::jobs)]
    jobs: Jobs,
    #[command(flatten)]
    tested: TestedOptions,
    #[command(flatten)]
    wait: WaitOptions,
    /// Leave the site as it is
    #[arg(long)]
    no_docs: bool,
    /// Print what run_results.json says of the run, and nothing else, to stdout
    #[arg(long)]
    json: bool,
    /// Nothing is built in any case
    #[arg(long, hide = true)]
    skip_build: bool,
}

#[derive(Args, Debug)]
pub struct BuildOptions {
    #[command(flatten)]
    run: RunOptions,
    #[command(flatten)]
    tested: TestedOptions,
}

/// What is done with failures.
#[derive(Args, Clone, Debug, Default)]
pub struct TestedOptions {
    /// Keep the failing rows of each test in a table, `_ff_failures.<test>`
    #[arg(long)]
    store_failures: bool,
    #[command(flatten)]
    report: ReportOptions,
}

/// Runs the tests of what stands, and builds nothing.
pub fn test(world: Arc<dyn World>, terminal: &Terminal, options: TestOptions) -> Result<Ended, Failure> {
    let TestOptions { project, select, exclude, cache, no_cache, jobs, tested, wait, no_docs, json, skip_build: _ } =
        options;
    let TestedOptions { store_failures, report } = tested;
    let selection =
        Selection { select: select.clone(), exclude: exclude.clone(), only: Only::None, ..Selection::default() };
    let tests = Tests { select, exclude, of_run: false, store: store_failures };
    let options = RunOptions {
        project,
        select: Default::default(),
        cache: CacheOptions { cache, no_cache, ..CacheOptions::default() },
        jobs,
        keep_going: true,
        offline: false,
        http_cache: None,
        expect_no_rebuild: false,
        wait,
        no_docs,
        yes: false,
        json,
    };
    let purpose = if store_failures { Purpose::Database } else { Purpose::Test };
    let tested = Some(Tested { tests, report });
    run::carry_out(world, terminal, Asking { verb: "test", purpose, options, selection, tested, keep_last: None })
}

/// Builds what changed, and tests each node before what is below it.
pub fn build(world: Arc<dyn World>, terminal: &Terminal, options: BuildOptions) -> Result<Ended, Failure> {
    let BuildOptions { run: mut options, tested: TestedOptions { store_failures, report } } = options;
    // Snapshots too: each in its place between what it reads and what reads it.
    let selection = Selection { only: Only::All, ..std::mem::take(&mut options.select).into() };
    let tests = Tests { of_run: true, store: store_failures, ..Tests::default() };
    let purpose = if store_failures { Purpose::Database } else { Purpose::Build };
    let tested = Some(Tested { tests, report });
    run::carry_out(world, terminal, Asking { verb: "build", purpose, options, selection, tested, keep_last: None })
}
