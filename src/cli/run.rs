//! `fft run` and `fft seed`: build what changed and say why.

use super::asked::{self, Asked};
use super::option::{CacheOptions, ProjectOptions, SelectOptions, WaitOptions, nothing};
use super::output::Level;
use super::printer::Printer;
use super::progress::{tell_plan, tell_results};
use super::report::ReportOptions;
use super::signal::Sent;
use super::terminal::Terminal;
use super::{Ended, Exit};
use crate::http;
use crate::run::{self, Begun, Caching, Failure, Finished, Manner, Only, Purpose, Selection, Tests};
use crate::world::World;
use clap::{Args, ValueEnum};
use std::io::IsTerminal;
use std::sync::Arc;

#[derive(Args, Debug)]
pub struct RunOptions {
    #[command(flatten)]
    pub project: ProjectOptions,
    #[command(flatten)]
    pub select: SelectOptions,
    #[command(flatten)]
    pub cache: CacheOptions,
    /// Nodes built at one time: a number, or `auto` for one a processor
    #[arg(short, long, value_name = "N", default_value = "auto", value_parser = jobs)]
    pub jobs: Jobs,
    /// Go on with what a failure doesn't block
    #[arg(short, long)]
    pub keep_going: bool,
    /// Send no HTTP request; answer from the cache and recordings
    #[arg(long)]
    pub offline: bool,
    /// How the HTTP cache is used
    #[arg(long, value_enum, value_name = "MODE")]
    pub http_cache: Option<HttpCache>,
    /// Exit with 3, building nothing, when something would be built
    #[arg(long)]
    pub expect_no_rebuild: bool,
    #[command(flatten)]
    pub wait: WaitOptions,
    /// Leave the site as it is
    #[arg(long)]
    pub no_docs: bool,
    /// With --full-refresh: give up histories of snapshots without asking
    #[arg(long, requires = "full_refresh")]
    pub yes: bool,
    /// Print what run_results.json says of the run, and nothing else, to stdout
    #[arg(long)]
    pub json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum HttpCache {
    Off,
    Ro,
    Rw,
}

#[derive(Args, Debug)]
pub struct SeedOptions {
    #[command(flatten)]
    project: ProjectOptions,
    /// Seeds to load; all by default
    #[arg(short, long, value_name = "SELECTOR", num_args = 1..)]
    select: Vec<String>,
    /// Load every seed whatever the cache says
    #[arg(long)]
    full_refresh: bool,
    /// Replace tables and views that no record says fft built
    #[arg(long)]
    adopt: bool,
    /// Print what run_results.json says of the run, and nothing else, to stdout
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    wait: WaitOptions,
}

/// How many nodes are built at one time.
#[derive(Clone, Copy, Debug)]
pub enum Jobs {
    /// As many as the engine usually takes.
    Auto,
    Exactly(usize),
}

pub fn jobs(text: &str) -> Result<Jobs, String> {
    if text == "auto" {
        return Ok(Jobs::Auto);
    }
    let number = text.parse().ok().filter(|jobs| *jobs > 0);
    number.map(Jobs::Exactly).ok_or_else(|| "a number of at least 1, or `auto`".into())
}

impl From<Jobs> for Option<usize> {
    fn from(jobs: Jobs) -> Option<usize> {
        match jobs {
            Jobs::Auto => None,
            Jobs::Exactly(jobs) => Some(jobs),
        }
    }
}

pub fn seed(world: Arc<dyn World>, terminal: &Terminal, options: SeedOptions) -> Result<Ended, Failure> {
    let selection = Selection { select: options.select, no_upstream: true, only: Only::Seeds, ..Selection::default() };
    let cache = CacheOptions { full_refresh: options.full_refresh, adopt: options.adopt, ..CacheOptions::default() };
    let options = RunOptions {
        project: options.project,
        select: SelectOptions::default(),
        cache,
        jobs: Jobs::Auto,
        keep_going: true,
        offline: false,
        http_cache: None,
        expect_no_rebuild: false,
        wait: options.wait,
        no_docs: false,
        yes: false,
        json: options.json,
    };
    let (purpose, tested, keep_last) = (Purpose::Build, None, None);
    carry_out(world, terminal, Asking { verb: "seed", purpose, options, selection, tested, keep_last })
}

pub fn run(world: Arc<dyn World>, terminal: &Terminal, mut options: RunOptions) -> Result<Ended, Failure> {
    let selection = std::mem::take(&mut options.select).into();
    let (purpose, tested, keep_last) = (Purpose::Build, None, None);
    carry_out(world, terminal, Asking { verb: "run", purpose, options, selection, tested, keep_last })
}

/// What a verb that carries out a plan was asked for.
pub struct Asking {
    pub verb: &'static str,
    pub purpose: Purpose,
    pub options: RunOptions,
    pub selection: Selection,
    pub tested: Option<Tested>,
    /// Versions of each row of a snapshot that are kept, where older ones are to go.
    pub keep_last: Option<usize>,
}

/// The tests of a run, and which files are to tell of them.
pub struct Tested {
    pub tests: Tests,
    pub report: ReportOptions,
}

pub fn carry_out(world: Arc<dyn World>, terminal: &Terminal, asking: Asking) -> Result<Ended, Failure> {
    let Asking { verb, purpose, options, selection, tested, keep_last } = asking;
    let terminal = &terminal.for_program(options.json);
    let command = asked::words(&Asked {
        verb,
        selection: &selection,
        project: &options.project,
        cache: &options.cache,
        http_cache: options.http_cache.as_ref().and_then(asked::name),
        jobs: options.jobs.into(),
        keep_going: ["run", "build", "snapshot run"].contains(&verb) && options.keep_going,
        offline: options.offline,
        keep_last,
    });
    let wanted = options.project.wanted()?;
    let opened = run::open(world.clone(), terminal, &wanted, purpose, options.wait.no_wait)?;
    let http = opened.http(&overrides(&options))?;
    let query_limit = opened.query_limit()?;
    let standing = opened.asking_git().observe(terminal)?;
    standing.can_hold(query_limit.as_ref())?;
    options.project.warn_unread(terminal, standing.graph());
    let asks = options.cache.full_refresh && !options.yes;
    let caching = Caching { keep_last, discards: options.yes, ..Caching::from(options.cache) };
    let mut decided = standing.decide(terminal, &selection, caching)?;
    if asks && !decided.discards().is_empty() {
        confirm(terminal, &decided.discards())?;
        decided = decided.discarding();
    }
    let decided = match &tested {
        Some(tested) => decided.with_tests(terminal, &tested.tests)?,
        None => decided,
    };
    if options.expect_no_rebuild && decided.builds() {
        tell_plan(terminal, decided.plan());
        Printer::new(terminal, decided.graph(), decided.plan()).planned();
        return Ok(Exit::Unmet.into());
    }
    let signals = Sent::to_process();
    let begun = decided.begin(command, signals.interrupts.clone())?;
    tell_start(terminal, &begun, &selection);
    let manner = Manner { jobs: options.jobs.into(), keep_going: options.keep_going, http, query_limit };
    let carried_out = begun.carry_out(manner, terminal)?;
    tell_results(terminal, carried_out.summary());
    let published = carried_out.publish(terminal)?;
    Printer::new(terminal, published.graph(), published.plan()).closing(
        published.run(),
        published.summary(),
        &published.orphans(),
    );
    if options.json {
        terminal.json(&published.results());
    }
    if let Some(Tested { report, .. }) = &tested {
        report.of_tests(&*world, &published.summary().tests, &|text| published.hide(text))?;
    }
    let finished = published.finish(!options.no_docs);
    finished.unwritten().iter().for_each(|failure| failure.print(terminal));
    Ok(Ended { exit: exit(&finished, &signals), rest: Some(finished.rest()) })
}

fn exit(finished: &Finished, signals: &Sent) -> Exit {
    match () {
        () if finished.is_bug() => Exit::Bug,
        () if !finished.unwritten().is_empty() => Exit::System,
        () => signals.exit().unwrap_or(if finished.has_failed() { Exit::Failed } else { Exit::Done }),
    }
}

/// Asks whether histories that nothing can compute again are to be given up; where nobody can be asked, that must have been
/// said.
fn confirm(terminal: &Terminal, relations: &[String]) -> Result<(), Failure> {
    let names = relations.join(", ");
    let message = format!("`--full-refresh` gives up the history of {names}, which nothing can compute again");
    if !terminal.interactive || terminal.json_log || !std::io::stdin().is_terminal() {
        return Err(Failure::Usage(message, vec!["`--yes` says that it is meant".into()]));
    }
    terminal.note(&format!("{message}. Write `yes` to go on."));
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    if read.is_ok() && answer.trim() == "yes" {
        return Ok(());
    }
    Err(Failure::Usage(format!("the history of {names} is left as it is"), Vec::new()))
}

/// Tells that a run begins, and what it is about to do.
fn tell_start(terminal: &Terminal, begun: &Begun, selection: &Selection) {
    let (run, project) = (begun.run(), begun.checkout().project());
    terminal.output().of_run(&run.run_id);
    let about = serde_json::json!({
        "cache_mode": run.cache_mode, "engine": project.profile.engine, "git_commit": run.git_commit,
        "git_dirty": run.git_dirty,
        "profile": project.profile.name, "project": project.settings.name,
        "tool_version": env!("CARGO_PKG_VERSION"),
    });
    terminal.event(Level::Info, "run_started", about);
    tell_plan(terminal, begun.plan());
    if begun.plan().selects_nothing() && selection.only != Only::None {
        terminal.note(&nothing(selection));
    }
    begun.python_notes().iter().for_each(|note| terminal.note(note));
}

fn overrides(options: &RunOptions) -> http::Overrides {
    let mode = options.http_cache.map(|mode| match mode {
        HttpCache::Off => http::Mode::Off,
        HttpCache::Ro => http::Mode::ReadOnly,
        HttpCache::Rw => http::Mode::ReadWrite,
    });
    http::Overrides { offline: options.offline, mode }
}
