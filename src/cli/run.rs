//! `fft run` and `fft seed`: build what changed and say why.

use super::docs;
use super::hold::{Hold, lock};
use super::option::{CacheOptions, ProjectOptions, SelectOptions, WaitOptions};
use super::output::Level;
use super::prepare::{Loaded, Prepared, open, prepare_claimed, redacted, root};
use super::printer::Printer;
use super::progress::{Progress, tell_plan, tell_results};
use super::record::{Recorder, write_results};
use super::signal::Interrupts;
use super::standing::standing_rows;
use super::terminal::Terminal;
use super::work_tree::WorkTree;
use super::{Exit, Failure, place};
use crate::artifact::history::History;
use crate::artifact::results::RunResults;
use crate::artifact::wire::recorded_roots;
use crate::artifact::{Layout, sums, sweep};
use crate::check::budget::BudgetStatus;
use crate::check::guard::holdable;
use crate::engine::{Engine, SchemaName};
use crate::execute::{self, Event, Execution, Run, Status};
use crate::http;
use crate::name::NodeName;
use crate::plan::{Action, CacheMode, Code, Known, Plan};
use crate::project::{QueryLimit, Settings};
use crate::site::build::Artifacts;
use crate::world::{Lock, World};
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

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
    pub jobs: usize,
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

fn jobs(text: &str) -> Result<usize, String> {
    if text == "auto" {
        return Ok(std::thread::available_parallelism().map_or(1, usize::from));
    }
    text.parse().ok().filter(|jobs| *jobs > 0).ok_or_else(|| "a number of at least 1, or `auto`".into())
}

pub fn seed(world: Arc<dyn World>, terminal: &Terminal, options: SeedOptions) -> Result<Exit, Failure> {
    let select =
        SelectOptions { select: options.select, no_upstream: true, only_seeds: true, ..SelectOptions::default() };
    let cache = CacheOptions { full_refresh: options.full_refresh, adopt: options.adopt, ..CacheOptions::default() };
    let options = RunOptions {
        project: options.project,
        select,
        cache,
        jobs: jobs("auto").unwrap_or(1),
        keep_going: true,
        offline: false,
        http_cache: None,
        expect_no_rebuild: false,
        wait: options.wait,
        no_docs: false,
        json: options.json,
    };
    run(world, terminal, options)
}

pub fn run(world: Arc<dyn World>, terminal: &Terminal, options: RunOptions) -> Result<Exit, Failure> {
    let terminal = &terminal.for_program(options.json);
    let root = root(&*world, options.project.project.as_deref())?;
    // Taken before the project is read: what was edited while waiting counts. A folder without a project gets no lock.
    let is_project = world.exists(&root.join("project.yml"));
    let _lock =
        is_project.then(|| alone(&*world, terminal, &place::layout(&*world, &root)?, options.wait)).transpose()?;
    // A run begins when no other is under way: waiting is no part of it.
    let mut started = (world.now(), world.elapsed());
    let opened = open(world.clone(), terminal, &options.project)?;
    let http = http_settings(&options, &opened.project)?;
    let work_tree = WorkTree::ask(&opened);
    let query_limit = opened.project.query_limit(&opened.dialect.limit_variable())?;
    let hold = Hold::new(terminal, options.wait.no_wait);
    let mut prepared = prepare_claimed(opened, terminal, &hold)?;
    if hold.waited() {
        started = (world.now(), world.elapsed());
    }
    holdable(&*prepared.engine, query_limit.as_ref())?;
    options.project.warn_unread(terminal, &prepared.loaded.graph);
    let plan = prepared.plan(&options.select, &options.cache)?;
    prepared.git.dirty = work_tree.differs();
    if options.expect_no_rebuild && plan.decisions.iter().any(|decision| decision.action == Action::Build) {
        tell_plan(terminal, &plan);
        Printer::new(terminal, &prepared.loaded.graph, &plan).planned();
        return Ok(Exit::Unmet);
    }
    let begun = Begun::new(&prepared, started, options.cache.mode())?;
    tell_start(terminal, &prepared, &plan, &begun.run.run_id, &options);
    prepared.python_notes.iter().for_each(|note| terminal.note(note));
    warn_of_stale_upstream(terminal, &prepared, &plan);
    prepare_schemas(&mut prepared, &plan)?;
    let (mut outcomes, recorder) = build(&mut prepared, &plan, terminal, &options, (http, query_limit), &begun)?;
    let plan = carried_out(&prepared, plan, &mut outcomes);
    let skipped = outcomes.iter().filter(|outcome| outcome.status == Status::Skipped).map(|outcome| outcome.node);
    let standing = standing_rows(&mut prepared, skipped);
    let run = Run { standing, ..begun.ended(&*world, outcomes) };
    let results = RunResults::new(&prepared.loaded.project, &prepared.loaded.graph, &plan, &run);
    tell_results(terminal, &results);
    let (manifest, catalog, recorded) = recorder.finish(&mut prepared, &plan, &results, terminal);
    Printer::new(terminal, &prepared.loaded.graph, &plan).closing(&results, &orphans(&prepared, &plan));
    if options.json {
        terminal.json(&results);
    }
    let over = results.budgets.status == BudgetStatus::Error;
    let artifacts = Artifacts { manifest, results, catalog };
    let shown = if options.no_docs { Ok(()) } else { docs::refresh(&prepared.loaded, artifacts) };
    let unwritten: Vec<Failure> = [recorded, shown].into_iter().filter_map(Result::err).collect();
    unwritten.iter().for_each(|failure| failure.print(terminal));
    if plan.writes_nothing() {
        // Closing the database has nothing to finish, and taking ten thousand nodes apart piece by piece costs a tenth
        // of a run that has nothing to do.
        std::mem::forget(prepared);
    }
    Ok(match () {
        () if is_bug(&plan, &run) => Exit::Bug,
        () if !unwritten.is_empty() => Exit::System,
        () => begun.interrupts.exit().unwrap_or(if over || has_failed(&run) { Exit::Failed } else { Exit::Done }),
    })
}

/// What came of the plan: outcomes may have revised its decisions.
fn carried_out(prepared: &Prepared, plan: Plan, outcomes: &mut [execute::Outcome]) -> Plan {
    let revised = outcomes.iter_mut().filter_map(|outcome| outcome.revised.take()).map(|decision| *decision).collect();
    let cosmetic_skip = prepared.loaded.project.settings.fingerprint.cosmetic_skip;
    plan.carried_out(&prepared.loaded.graph, (&prepared.state, &prepared.found), cosmetic_skip, revised)
}

/// The lock of the checkout, and nothing left of writes that were killed.
fn alone(world: &dyn World, terminal: &Terminal, layout: &Layout, wait: WaitOptions) -> Result<Box<dyn Lock>, Failure> {
    let lock = lock(world, terminal, &layout.lock(), wait.no_wait)?;
    sweep(world, layout);
    Ok(lock)
}

fn is_bug(plan: &Plan, run: &Run) -> bool {
    let unexplained =
        plan.decisions.iter().any(|decision| decision.causes().iter().any(|cause| cause.code == Code::Unexplained));
    unexplained || run.outcomes.iter().any(|outcome| outcome.panicked)
}

fn has_failed(run: &Run) -> bool {
    run.outcomes.iter().any(|outcome| matches!(outcome.status, Status::Error | Status::Blocked))
}

/// A run under way: what it came to is yet to be filled in.
struct Begun {
    run: Run,
    /// By the clock that never runs backwards.
    started: Duration,
    interrupts: Interrupts,
}

impl Begun {
    /// From now on, signals are asked of the run.
    fn new(prepared: &Prepared, started: (Timestamp, Duration), cache_mode: CacheMode) -> Result<Begun, Failure> {
        let run = Run {
            run_id: run_id(prepared, started.0)?,
            started_at: started.0,
            finished_at: started.0,
            duration_ms: 0,
            cache_mode,
            git_commit: prepared.git.commit.clone(),
            git_dirty: prepared.git.dirty,
            outcomes: Vec::new(),
            standing: Default::default(),
            interrupted: false,
        };
        Ok(Begun { run, started: started.1, interrupts: Interrupts::of_process() })
    }

    fn ended(&self, world: &dyn World, outcomes: Vec<execute::Outcome>) -> Run {
        Run {
            finished_at: world.now(),
            duration_ms: world.elapsed().saturating_sub(self.started).as_millis() as u64,
            outcomes,
            interrupted: self.interrupts.cancelled.load(Ordering::Relaxed),
            ..self.run.clone()
        }
    }
}

fn build(
    prepared: &mut Prepared,
    plan: &Plan,
    terminal: &Terminal,
    options: &RunOptions,
    (http, query_limit): (http::Settings, Option<QueryLimit>),
    begun: &Begun,
) -> Result<(Vec<execute::Outcome>, Recorder), Failure> {
    let run_id = &begun.run.run_id;
    let cancelled = begun.interrupts.cancelled.clone();
    let Prepared { loaded, engine, relations, found, cache, state, evidence, observed, git, .. } = prepared;
    let settings = &loaded.project.settings;
    let mode = options.cache.mode();
    let known = Known { state, found, mode, cosmetic_skip: settings.fingerprint.cosmetic_skip };
    let execution = Execution {
        world: loaded.world.clone(),
        project: &loaded.project,
        secrets: &loaded.secrets,
        graph: &loaded.graph,
        plan,
        engine: &**engine,
        observed,
        relations,
        found,
        state,
        recorded_roots: &recorded_roots(plan, run_id),
        git_commit: git.commit.as_deref(),
        git_dirty: git.dirty,
        http: http::Client::new(loaded.world.clone(), http, cancelled.clone()),
        run_id,
        query_limit,
        cutoff: cutoff(terminal, settings, &**engine, mode).then_some(known),
        jobs: options.jobs,
        records: mode.writes(),
        adopt: options.cache.adopt,
        keep_going: options.keep_going,
        cancelled,
        abandoned: begun.interrupts.abandoned.clone(),
        python: Default::default(),
    };
    let printer = Printer::new(terminal, &loaded.graph, plan);
    let mut progress = Progress::new(terminal, &loaded.graph, plan);
    let mut recorder = Recorder::new(run_id, git.clone(), mode, loaded.graph.nodes.len());
    let mut tell = |event| {
        if let Event::Ended(outcome) = &event {
            recorder.ended(&execution, known, cache, evidence, outcome);
        }
        progress.show(&event, &printer);
    };
    // Asked twice to end: what has come of the run is recorded, and the rest of the process left to the system.
    let mut leave = |outcomes: &[execute::Outcome]| {
        record_cut_off(loaded, plan, &begun.ended(&*loaded.world, outcomes.to_vec()), terminal);
        std::process::exit(i32::from(Exit::Interrupted as u8));
    };
    let outcomes = execute::execute(&execution, &mut tell, &mut leave);
    progress.clear();
    let outcomes = outcomes.map_err(|error| Failure::Io("no thread could be started to build with".into(), error))?;
    Ok((outcomes, recorder))
}

/// Writes what came of a run that isn't waited for.
fn record_cut_off(loaded: &Loaded, plan: &Plan, run: &Run, terminal: &Terminal) {
    let results = RunResults::new(&loaded.project, &loaded.graph, plan, run);
    for (what, written) in write_results(loaded, plan, &results) {
        if let Err(error) = written {
            terminal.error(&format!("error: {what} could not be written: {error}"));
        }
    }
    drop(sums::write(&*loaded.world, &loaded.layout));
}

/// Tells that a run begins, and what it is about to do.
fn tell_start(terminal: &Terminal, prepared: &Prepared, plan: &Plan, run_id: &str, options: &RunOptions) {
    terminal.output().of_run(run_id);
    let project = &prepared.loaded.project;
    let about = serde_json::json!({
        "cache_mode": options.cache.mode(), "engine": project.profile.engine, "git_commit": prepared.git.commit,
        "git_dirty": prepared.git.dirty,
        "profile": project.profile.name, "project": project.settings.name,
        "tool_version": env!("CARGO_PKG_VERSION"),
    });
    terminal.event(Level::Info, "run_started", about);
    tell_plan(terminal, plan);
    if plan.selects_nothing() {
        terminal.note(&options.select.nothing());
    }
}

/// Whether a node below one that gives the same rows again is skipped.
fn cutoff(terminal: &Terminal, settings: &Settings, engine: &dyn Engine, mode: CacheMode) -> bool {
    let wanted = settings.run_cutoff && mode != CacheMode::Off;
    if wanted && !engine.capabilities().row_digest {
        let name = engine.name();
        terminal.warning(&format!("`run.cutoff` has no effect: whether rows are the same can't be told on {name}"));
        return false;
    }
    wanted
}

fn http_settings(options: &RunOptions, project: &crate::project::Project) -> Result<http::Settings, Failure> {
    let mode = options.http_cache.map(|mode| match mode {
        HttpCache::Off => http::Mode::Off,
        HttpCache::Ro => http::Mode::ReadOnly,
        HttpCache::Rw => http::Mode::ReadWrite,
    });
    Ok(http::Settings::from_project(project, &http::Overrides { offline: options.offline, mode })?)
}

/// Schemas and `_ff_meta` must stand before the first node: engines don't take two makers at once.
fn prepare_schemas(prepared: &mut Prepared, plan: &Plan) -> Result<(), Failure> {
    let schemas = plan.built_relations(&prepared.loaded.graph).map(SchemaName::of).collect::<BTreeSet<_>>();
    let records = plan.decisions.iter().any(|decision| decision.takes_fingerprint);
    if !schemas.is_empty() || records {
        let made = prepared.session.prepare(&schemas);
        made.map_err(|error| redacted(&prepared.loaded.project, error))?;
    }
    Ok(())
}

/// A run of some nodes alone says over what it builds.
fn warn_of_stale_upstream(terminal: &Terminal, prepared: &Prepared, plan: &Plan) {
    let graph = &prepared.loaded.graph;
    let mut stale = vec![false; graph.nodes.len()];
    for decision in &plan.decisions {
        let node = &graph.nodes[decision.node];
        let over: Vec<_> = node.upstream.iter().filter(|up| stale[**up]).collect();
        match decision.action {
            // A node left alone is out of date with what it reads, whatever its own relation says.
            Action::NotSelected => {
                let held = prepared.found[decision.node].held() == Some(decision.fingerprint.value);
                stale[decision.node] = !over.is_empty() || graph.has_relation(decision.node) && !held;
            }
            Action::Build => {
                for up in over {
                    let (node, up) = (&node.name, &graph.nodes[*up].name);
                    terminal
                        .warning(&format!("{node} is built over {up}, which is out of date and not part of this run"));
                }
            }
            Action::Skip => {}
        }
    }
}

/// Nodes that were built once and are no longer in the project, with what they are called now where that is known.
fn orphans(prepared: &Prepared, plan: &Plan) -> Vec<String> {
    let graph = &prepared.loaded.graph;
    let renamed = |old: &NodeName| {
        let now = plan.decisions.iter().find(|decision| decision.renamed_from.as_ref() == Some(old));
        now.map_or(String::new(), |decision| format!(" (now {})", graph.nodes[decision.node].name))
    };
    prepared
        .state
        .entries
        .keys()
        .filter(|name| graph.id(name.as_str()).is_none())
        .map(|name| format!("{name}{}", renamed(name)))
        .collect()
}

/// An id behind those of all runs of this checkout, and none that another checkout gave on the same database.
fn run_id(prepared: &Prepared, started: Timestamp) -> Result<String, Failure> {
    let Prepared { loaded, found, state, .. } = prepared;
    let built = found.iter().filter_map(|found| found.meta.as_ref()).map(|meta| meta.run_id.as_str());
    let known = state.entries.values().map(|entry| entry.run_id.as_str());
    let history = History::new(&*loaded.world, loaded.layout.runs());
    history
        .next_id(started, &loaded.layout.pruned(), &built.chain(known).collect())
        .map_err(|error| Failure::Io("the recorded runs can't be listed".into(), error))
}
