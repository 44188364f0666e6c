//! The fourth stage: the plan is carried out, and each node recorded as it ends.

use super::record::Recorder;
use super::results::cut_off;
use super::{Caching, Checkout, Decided, Failure, Listener, Standing, Tell, caught};
use crate::artifact::history::History;
use crate::artifact::progress::Reporter;
use crate::artifact::results::{Git, Summary};
use crate::artifact::wire::recorded_roots;
use crate::engine::SchemaName;
use crate::execute::{
    self, Event, Executed, Execution, HookOutcome, Hooks, Origin, Outcome, Run, STORE, Status, TestOutcome, Testing,
};
use crate::graph::NodeId;
use crate::http;
use crate::plan::{Action, CacheMode, Known, Plan};
use crate::project::{Project, QueryLimit};
use crate::world::World;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How a plan is carried out.
pub struct Manner {
    /// Nodes built at one time, at least 1; as many as the engine usually takes, where nobody says it.
    pub jobs: Option<usize>,
    /// Go on with what a failure doesn't block.
    pub keep_going: bool,
    pub http: http::Settings,
    /// The most that one query may scan, where there is a limit.
    pub query_limit: Option<QueryLimit>,
}

/// What a run was asked from outside.
#[derive(Clone, Default)]
pub struct Interrupts {
    /// Statements are to be interrupted, finished nodes recorded.
    pub cancelled: Arc<AtomicBool>,
    /// Nothing is to be waited for any longer.
    pub abandoned: Arc<AtomicBool>,
}

/// A run that has its id, with a plan that is yet to be carried out.
pub struct Begun {
    standing: Standing,
    plan: Plan,
    caching: Caching,
    hooks: Hooks,
    testing: Testing,
    under_way: UnderWay,
}

/// A plan that was carried out, and what came of it; the database is as it will be, the records of the run aren't written.
pub struct CarriedOut {
    pub(super) standing: Standing,
    pub(super) plan: Plan,
    pub(super) run: Run,
    pub(super) summary: Summary,
    pub(super) recorder: Recorder,
    pub(super) testing: Testing,
}

impl Decided {
    /// Gives the run its id. `interrupts` may be asked from now on.
    /// `command` is what was asked for, without values that may be secret.
    pub fn begin(self, command: String, interrupts: Interrupts) -> Result<Begun, Failure> {
        let Decided { mut standing, plan, caching, hooks, testing } = self;
        let told = standing.difference.take().map(|difference| difference.told()).unwrap_or_default();
        standing.git = Git { commit: standing.git.commit.take(), ..Git::from(&told) };
        let started_at = standing.began.at;
        let run = Run {
            run_id: run_id(&standing)?,
            started_at,
            finished_at: started_at,
            duration_ms: 0,
            cache_mode: caching.mode,
            git_commit: standing.git.commit.clone(),
            git_dirty: standing.git.dirty,
            outcomes: Vec::new(),
            hooks: Vec::new(),
            tests: Vec::new(),
            suite: standing.suite.clone(),
            standing: Default::default(),
            interrupted: false,
            workers: None,
            origin: Origin {
                command: Some(command),
                describe: told.describe,
                folder: told.folder,
                changed: told.changed,
                untracked: told.untracked,
                variables: provenance(&standing.checkout.project),
            },
        };
        let under_way = UnderWay { run, started: standing.began.elapsed, interrupts };
        Ok(Begun { standing, plan, caching, hooks, testing, under_way })
    }
}

/// The variables that the project names for its records, as far as they are set.
fn provenance(project: &Project) -> BTreeMap<String, String> {
    let set = |name: &String| Some((name.clone(), project.env.get(name)?.to_string()));
    project.settings.docs_provenance.iter().filter_map(set).collect()
}

/// An id behind those of all runs of this checkout, and none that another checkout gave on the same database.
fn run_id(standing: &Standing) -> Result<String, Failure> {
    let Standing { checkout, found, state, began, .. } = standing;
    let built = found.iter().filter_map(|found| found.meta.as_ref()).map(|meta| meta.run_id.as_str());
    let known = state.entries.values().map(|entry| entry.run_id.as_str());
    let history = History::new(&*checkout.world, checkout.layout.runs());
    history
        .next_id(began.at, &checkout.layout.pruned(), &built.chain(known).collect())
        .map_err(|error| Failure::Io("the recorded runs can't be listed".into(), error))
}

/// A run under way: what it came to is yet to be filled in.
struct UnderWay {
    run: Run,
    /// By the clock that never runs backwards.
    started: Duration,
    interrupts: Interrupts,
}

impl UnderWay {
    fn ended(&self, world: &dyn World, Executed { outcomes, hooks, tests }: Executed) -> Run {
        Run {
            hooks,
            tests,
            finished_at: world.now(),
            duration_ms: world.elapsed().saturating_sub(self.started).as_millis() as u64,
            outcomes,
            interrupted: self.interrupts.cancelled.load(Ordering::Relaxed),
            ..self.run.clone()
        }
    }
}

impl Begun {
    pub fn checkout(&self) -> &Checkout {
        &self.standing.checkout
    }

    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The run as far as it is known: its id, when it began, and the commit that it is of.
    pub fn run(&self) -> &Run {
        &self.under_way.run
    }

    /// What is to be said of the Python that runs models, where Python models are.
    pub fn python_notes(&self) -> &[String] {
        &self.standing.python_notes
    }

    /// Builds what the plan says. A failing model is an outcome; an error is what kept the run from being one. A panic ends
    /// it, with the outcomes so far recorded.
    pub fn carry_out(mut self, manner: Manner, listener: &dyn Listener) -> Result<CarriedOut, Failure> {
        self.warn_of_stale_upstream(listener);
        self.prepare_schemas()?.iter().for_each(|note| listener.note(note));
        let mut told = Told::new(self.under_way.interrupts.cancelled.clone());
        self.under_way.run.workers = self.workers(manner.jobs);
        let build = || {
            self.look_at_evidence();
            self.build(manner, listener, &mut told)
        };
        let Some(built) = caught(build) else {
            return Err(self.panicked(told.executed(&self.plan), listener));
        };
        let failed = |error| Failure::Io("no thread could be started to build with".into(), error);
        let (mut executed, recorder) = built.map_err(failed)?;
        if told.panicked {
            return Err(self.panicked(executed, listener));
        }
        self.revise(&mut executed.outcomes);
        let skipped = |outcome: &&Outcome| outcome.status == Status::Skipped;
        let left = executed.outcomes.iter().filter(skipped).map(|outcome| outcome.node);
        let Some(rows) = caught(|| self.standing.rows(left)) else {
            return Err(self.panicked(executed, listener));
        };
        let Begun { standing, plan, under_way, testing, .. } = self;
        let run = Run { standing: rows, ..under_way.ended(&*standing.checkout.world, executed) };
        let summary = Summary::of(&standing.checkout.project, &standing.graph, &plan, &run);
        Ok(CarriedOut { standing, plan, run, summary, recorder, testing })
    }

    /// Schemas and `_ff_meta` must stand before the first node.
    fn prepare_schemas(&mut self) -> Result<Vec<String>, Failure> {
        let Standing { checkout, graph, database, .. } = &mut self.standing;
        let mut schemas: BTreeSet<SchemaName> = self.plan.built_relations(graph).map(SchemaName::of).collect();
        schemas.extend(self.testing.store.then(|| SchemaName { catalog: None, schema: Some(STORE.into()) }));
        let records = self.plan.decisions.iter().any(|decision| decision.takes_fingerprint);
        let idle = schemas.is_empty() && !records && self.hooks.is_empty();
        if idle { Ok(Vec::new()) } else { database.prepare(checkout, &schemas) }
    }

    /// Looks at the evidence of all that is skipped, side by side; each node is asked for its own when it ends.
    fn look_at_evidence(&mut self) {
        if self.caching.mode.writes() {
            let skipped = self.plan.decisions.par_iter().filter(|decision| decision.action == Action::Skip);
            self.standing.evidence.look_through(skipped.map(|decision| &decision.fingerprint));
        }
    }

    /// How many workers there is something to do for; none where there is nothing.
    fn workers(&self, asked: Option<usize>) -> Option<usize> {
        let jobs = self.standing.database.engine().traits().jobs.of(asked, processors());
        let steps = self.plan.steps().count() + self.testing.count();
        (steps > 0).then(|| jobs.clamp(1, steps))
    }

    fn build(&mut self, manner: Manner, listener: &dyn Listener, told: &mut Told) -> io::Result<(Executed, Recorder)> {
        let Begun { standing, plan, caching, hooks, testing, under_way } = self;
        let cutoff = cutoff(listener, standing, caching.mode);
        let Standing { checkout, graph, database, relations, found, cache, state, evidence, observed, git, .. } =
            standing;
        let UnderWay { run, interrupts, .. } = &*under_way;
        let cosmetic_skip = checkout.project.settings.fingerprint.cosmetic_skip;
        let known = Known { state, found, mode: caching.mode, cosmetic_skip };
        let execution = Execution {
            world: checkout.world.clone(),
            project: &checkout.project,
            secrets: &checkout.secrets,
            graph,
            plan,
            engine: database.engine(),
            observed,
            relations,
            found,
            state,
            recorded_roots: &recorded_roots(plan, &run.run_id),
            git_commit: git.commit.as_deref(),
            git_dirty: git.dirty,
            http: http::Client::new(checkout.world.clone(), manner.http, interrupts.cancelled.clone()),
            run_id: &run.run_id,
            started_at: run.started_at,
            began: under_way.started,
            hooks,
            testing,
            query_limit: manner.query_limit,
            cutoff: cutoff.then_some(known),
            jobs: run.workers.unwrap_or(1),
            records: caching.mode.writes(),
            asked: caching.asked(run.started_at),
            keep_going: manner.keep_going,
            cancelled: interrupts.cancelled.clone(),
            abandoned: interrupts.abandoned.clone(),
            python: Default::default(),
        };
        let mut follow = listener.follow(graph, plan, &run.suite);
        let mut recorder = Recorder::new(&run.run_id, caching.mode, graph.nodes.len());
        let mut reporter = reporter(checkout, plan, run);
        let mut tell = |event| {
            told.take(event, &mut |event| {
                if let Event::Ended(outcome) = event {
                    recorder.ended(&execution, known, cache, evidence, outcome);
                    report(&mut reporter, plan, outcome);
                }
                follow(event);
            });
        };
        // Asked twice to end: what has come of the run is recorded, and the rest of the process left to the system.
        let mut leave = |executed: &Executed| {
            cut_off((checkout, graph, plan), &under_way.ended(&*checkout.world, executed.clone()), listener);
            listener.leave()
        };
        let executed = execute::execute(&execution, &mut tell, &mut leave)?;
        drop(follow);
        Ok((executed, recorder))
    }

    /// Records what came of a run that ends in a panic.
    fn panicked(&self, executed: Executed, tell: &dyn Tell) -> Failure {
        let Standing { checkout, graph, .. } = &self.standing;
        let run = Run { interrupted: true, ..self.under_way.ended(&*checkout.world, executed) };
        cut_off((checkout, graph, &self.plan), &run, tell);
        Failure::Panicked
    }

    /// Brings the plan to what came of it: outcomes may have revised its decisions.
    fn revise(&mut self, outcomes: &mut [Outcome]) {
        let revised =
            outcomes.iter_mut().filter_map(|outcome| outcome.revised.take()).map(|decision| *decision).collect();
        let Standing { checkout, graph, state, found, .. } = &self.standing;
        let cosmetic_skip = checkout.project.settings.fingerprint.cosmetic_skip;
        self.plan = std::mem::take(&mut self.plan).carried_out(graph, (state, found), cosmetic_skip, revised);
    }

    /// A run of some nodes alone says over what it builds.
    fn warn_of_stale_upstream(&self, tell: &dyn Tell) {
        let Standing { graph, found, .. } = &self.standing;
        let mut stale = vec![false; graph.nodes.len()];
        for decision in &self.plan.decisions {
            let node = &graph.nodes[decision.node];
            let over: Vec<_> = node.upstream.iter().filter(|up| stale[**up]).collect();
            match decision.action {
                // A node left alone is out of date with what it reads, whatever its own relation says.
                Action::NotSelected => {
                    let held = found[decision.node].held() == Some(decision.fingerprint.value);
                    stale[decision.node] = !over.is_empty() || graph.has_relation(decision.node) && !held;
                }
                Action::Build => {
                    for up in over {
                        let (node, up) = (&node.name, &graph.nodes[*up].name);
                        tell.warning(&format!(
                            "{node} is built over {up}, which is out of date and not part of this run"
                        ));
                    }
                }
                Action::Skip => {}
            }
        }
    }
}

/// Of this machine.
fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Tells whoever looks on how far the run is.
fn reporter(checkout: &Checkout, plan: &Plan, run: &Run) -> Reporter {
    let built = plan.decisions.iter().filter(|decision| decision.action == Action::Build).count();
    Reporter::new(checkout.world.clone(), &checkout.layout, &run.run_id, run.started_at, built)
}

fn report(reporter: &mut Reporter, plan: &Plan, outcome: &Outcome) {
    if plan.decisions[outcome.node].action == Action::Build {
        reporter.ended(!matches!(outcome.status, Status::Error | Status::Blocked));
    }
}

/// Whether a node below one that gives the same rows again is skipped.
fn cutoff(tell: &dyn Tell, standing: &Standing, mode: CacheMode) -> bool {
    let engine = standing.database.engine();
    let wanted = standing.checkout.project.settings.run_cutoff && mode != CacheMode::Off;
    let lacking = engine.traits().row_digest.lacking().filter(|_| wanted);
    if let Some(why) = lacking {
        tell.warning(&format!("`run.cutoff` has no effect: {} {why}", engine.name()));
    }
    wanted && lacking.is_none()
}

/// What was told of nodes while a run went on: what there is to record where the run ends in a panic.
struct Told {
    started: BTreeSet<NodeId>,
    /// Not those that were simply left as they are, most of a large project.
    ended: BTreeMap<NodeId, Outcome>,
    hooks: Vec<HookOutcome>,
    tests: Vec<TestOutcome>,
    /// Telling ended in a panic. Nothing more is told: what it left half done is left alone.
    panicked: bool,
    /// Ends in order what runs then, as a signal does.
    cancelled: Arc<AtomicBool>,
}

impl Told {
    fn new(cancelled: Arc<AtomicBool>) -> Told {
        let (started, ended, hooks, tests) = Default::default();
        Told { started, ended, hooks, tests, panicked: false, cancelled }
    }

    /// Tells an event, and keeps what came of a node, whatever comes of telling it.
    fn take(&mut self, event: Event, tell: &mut dyn FnMut(&Event)) {
        if !self.panicked {
            self.panicked = caught(|| tell(&event)).is_none();
            self.cancelled.fetch_or(self.panicked, Ordering::Relaxed);
        }
        match event {
            Event::Started(id) => drop(self.started.insert(id)),
            Event::Ended(outcome) if outcome.is_left() => {}
            Event::Ended(outcome) => drop(self.ended.insert(outcome.node, outcome)),
            Event::Hook(outcome) => self.hooks.push(outcome),
            Event::Tested(outcome) => self.tests.push(*outcome),
            Event::Output(..) | Event::Note(_) | Event::Waiting(_) => {}
        }
    }

    /// An outcome a node, in the graph's order: what was begun and not told to have ended is cut off.
    fn executed(self, plan: &Plan) -> Executed {
        let Told { started, mut ended, hooks, tests, .. } = self;
        let rest = |id: NodeId| {
            let decision = &plan.decisions[id];
            let cut = |status, words: &str| Outcome { message: Some(words.into()), ..Outcome::instant(id, status) };
            match decision.action {
                Action::NotSelected => Outcome::instant(id, Status::NotSelected),
                Action::Skip if decision.step().is_none() => Outcome::instant(id, Status::Skipped),
                _ if started.contains(&id) => cut(Status::Error, "interrupted"),
                _ => cut(Status::Blocked, "not started: the run was interrupted"),
            }
        };
        let outcomes = (0..plan.decisions.len()).map(|id| ended.remove(&id).unwrap_or_else(|| rest(id))).collect();
        Executed { outcomes, hooks, tests }
    }
}
