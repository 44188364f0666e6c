//! Which node is next: a ready queue over the graph, ordered by level and name, and as many workers as jobs.
//!
//! A node is ready when its own upstream nodes are done, whatever else its level holds. All decisions are taken on the
//! calling thread; workers only build.

use super::message::Message;
use super::node::{Assignment, Upstream};
use super::worker::{Task, Worker};
use super::{Event, Execution, HookOutcome, HookStatus, Outcome, RunEnd, Status, TestOutcome};
use crate::digest::Digest;
use crate::graph::NodeId;
use crate::plan::{Action, Cutoff, Decision, Ended, Increment, Step, upstream_builds, upstream_outputs};
use crate::project::HookTime;
use crate::test::Queue;
use litemap::LiteMap;
use std::collections::BTreeSet;
use std::io;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// What is said of a worker that doesn't answer.
const GONE: &str = "its worker thread is gone";

/// How often a wish to end is looked for.
const POLL: Duration = Duration::from_millis(30);

/// What came of a plan.
#[derive(Clone, Debug, Default)]
pub struct Executed {
    /// One a node, in the graph's order.
    pub outcomes: Vec<Outcome>,
    /// As a run has them.
    pub hooks: Vec<HookOutcome>,
    /// One for each test of the run, in the order of the suite.
    pub tests: Vec<TestOutcome>,
}

/// Hooks at the beginning of a run, around models in the graph's order, at its end: whatever thread was first.
pub fn in_order(mut hooks: Vec<HookOutcome>) -> Vec<HookOutcome> {
    let place = |hook: &HookOutcome| match hook.when {
        HookTime::OnRunStart => 0,
        HookTime::BeforeModel | HookTime::AfterModel => 1,
        HookTime::OnRunEnd => 2,
    };
    hooks.sort_by_key(|hook| (place(hook), hook.node, hook.when));
    hooks
}

/// Builds what the plan says and tells each event, hooks in front and behind; an error where no thread can be had. A run that is to end at once is given to `leave` instead, while what runs still runs: threads can't be ended,
/// only left behind with the process.
pub fn execute(
    execution: &Execution<'_>,
    tell: &mut dyn FnMut(Event),
    leave: &mut dyn FnMut(&Executed),
) -> io::Result<Executed> {
    let (sender, receiver) = channel();
    std::thread::scope(|scope| {
        let mut schedule = Schedule::new(execution, tell);
        let steps = execution.plan.steps().count() + execution.testing.count();
        let asked = if schedule.has_hooks() { 1 } else { 0 };
        let jobs = if steps == 0 { asked } else { execution.jobs.clamp(1, steps) };
        for slot in 0..jobs {
            match Worker::start(scope, execution, slot, sender.clone()) {
                Ok(worker) => schedule.workers.push(worker),
                // Fewer will do.
                Err(_) if slot > 0 => break,
                Err(error) => return Err(error),
            }
        }
        schedule.idle = (0..schedule.workers.len()).collect();
        schedule.busy = vec![None; schedule.workers.len()];
        drop(sender);
        schedule.run(&receiver);
        let ended = |outcome: Option<Outcome>| outcome.expect("invariant: every node comes to an end");
        let outcomes = std::mem::take(&mut schedule.outcomes).into_iter().map(ended).collect();
        let mut tests = std::mem::take(&mut schedule.tests);
        tests.sort_by_key(|outcome| outcome.test);
        let executed = Executed { outcomes, hooks: in_order(std::mem::take(&mut schedule.hooks)), tests };
        if schedule.left {
            leave(&executed);
        }
        schedule.workers.clear();
        Ok(executed)
    })
}

/// What a worker is at.
#[derive(Clone, Debug)]
pub(super) enum Work {
    Step(Step),
    /// A test, as it was decided.
    Test(Box<TestOutcome>),
}

pub(super) struct Schedule<'a, 'b> {
    pub execution: &'a Execution<'a>,
    pub tell: &'b mut dyn FnMut(Event),
    /// Upstream nodes that aren't done, by node.
    pub open: Vec<usize>,
    /// By position in the graph, which is by level and name.
    pub ready: BTreeSet<NodeId>,
    pub outcomes: Vec<Option<Outcome>>,
    /// Which test is next, and which nodes wait for it.
    pub queue: Queue,
    /// Of those that have ended.
    pub tests: Vec<TestOutcome>,
    hooks: Vec<HookOutcome>,
    /// The hook whose failure keeps the rest from being begun.
    stopped_by: Option<String>,
    /// Makes decisions final where early cutoff is on.
    cutoff: Option<Cutoff<'a>>,
    pub workers: Vec<Worker>,
    pub idle: Vec<usize>,
    /// What each worker is at.
    pub busy: Vec<Option<Work>>,
    /// Nothing more is started.
    pub stopping: bool,
    pub interrupted: bool,
    /// What runs is waited for no longer.
    pub left: bool,
}

impl Drop for Schedule<'_, '_> {
    /// A panic on this thread must not wait for statements that take hours.
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.execution.cancelled.store(true, Ordering::Relaxed);
            self.workers.iter().for_each(Worker::interrupt);
        }
    }
}

impl<'a, 'b> Schedule<'a, 'b> {
    fn new(execution: &'a Execution<'a>, tell: &'b mut dyn FnMut(Event)) -> Schedule<'a, 'b> {
        let nodes = &execution.graph.nodes;
        let open: Vec<usize> = nodes.iter().map(|node| node.upstream.len()).collect();
        let cutoff = execution.cutoff.map(|known| Cutoff::new(execution.graph, execution.plan, known));
        Schedule {
            execution,
            tell,
            ready: (0..nodes.len()).filter(|id| open[*id] == 0).collect(),
            open,
            outcomes: vec![None; nodes.len()],
            queue: execution.tests(),
            tests: Vec::new(),
            hooks: Vec::new(),
            stopped_by: None,
            cutoff,
            workers: Vec::new(),
            idle: Vec::new(),
            busy: Vec::new(),
            stopping: false,
            interrupted: false,
            left: false,
        }
    }

    /// Whether something runs at the beginning or at the end.
    fn has_hooks(&self) -> bool {
        let Execution { hooks, project, .. } = self.execution;
        let at = |when| hooks.at(&project.hooks, when).next().is_some();
        at(HookTime::OnRunStart) || at(HookTime::OnRunEnd)
    }

    fn run(&mut self, messages: &Receiver<Message>) {
        if let Some(failed) = self.run_hooks(HookTime::OnRunStart, None, messages) {
            (self.stopping, self.stopped_by) = (true, Some(failed.name));
        }
        self.build(messages);
        if !self.left {
            let end = self.run_end();
            self.run_hooks(HookTime::OnRunEnd, Some(end), messages);
        }
    }

    /// Runs the hooks of the run at this time; the first that failed.
    fn run_hooks(&mut self, when: HookTime, end: Option<RunEnd>, messages: &Receiver<Message>) -> Option<HookOutcome> {
        let Execution { hooks, project, cancelled, abandoned, .. } = self.execution;
        hooks.at(&project.hooks, when).next()?;
        // A run that was to end before goes on to what comes at its end.
        let before = cancelled.load(Ordering::Relaxed);
        let worker = self.workers.iter().position(|worker| worker.send(Task::Hooks(when, end.clone())))?;
        loop {
            match messages.recv_timeout(POLL) {
                Ok(Message::Hooked(failed)) => {
                    // Of what ended in a panic nothing was told.
                    failed.iter().filter(|one| one.panicked).for_each(|one| self.take(Message::Hook(one.clone())));
                    return failed;
                }
                Ok(message) => self.take(message),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
            }
            self.left |= abandoned.load(Ordering::Relaxed);
            if self.left {
                return None;
            }
            if !before && cancelled.load(Ordering::Relaxed) {
                self.workers[worker].interrupt();
            }
        }
    }

    /// What the run has come to.
    fn run_end(&self) -> RunEnd {
        let of = |status| self.outcomes.iter().flatten().filter(move |outcome| outcome.status == status);
        let failed = of(Status::Error).next().map(|outcome| {
            let name = &self.execution.graph.nodes[outcome.node].name;
            format!("{name}: {}", outcome.message.as_deref().unwrap_or_default())
        });
        let hook = self.hooks.iter().find(|hook| hook.status == HookStatus::Error);
        let hook = hook.map(|hook| format!("hook {}: {}", hook.name, hook.message.as_deref().unwrap_or_default()));
        RunEnd {
            built: of(Status::Success).count(),
            skipped: of(Status::Skipped).count(),
            failed: of(Status::Error).count(),
            blocked: of(Status::Blocked).count(),
            rows: of(Status::Success).filter_map(|outcome| outcome.measures.rows()).sum(),
            error: failed.or(hook).or_else(|| self.interrupted.then(|| "interrupted".into())),
        }
    }

    fn build(&mut self, messages: &Receiver<Message>) {
        loop {
            self.start_ready();
            if self.busy.iter().all(Option::is_none) {
                break;
            }
            match messages.recv_timeout(POLL) {
                Ok(message) => self.take(message),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.look_for_end();
            if self.left {
                break;
            }
        }
        self.end_busy();
        self.block_rest();
        self.block_tests();
    }

    /// What is still at work when nobody listens any longer.
    fn end_busy(&mut self) {
        self.stopping = true;
        for worker in 0..self.busy.len() {
            let step = match self.busy[worker].take() {
                Some(Work::Step(step)) => step,
                Some(Work::Test(test)) => {
                    self.cut_test(*test, GONE);
                    continue;
                }
                None => continue,
            };
            let outcome = if self.left {
                Outcome { message: Some("interrupted".into()), ..Outcome::instant(step.node(), Status::Error) }
            } else {
                Outcome::panicked(step.node(), GONE)
            };
            self.end(Outcome { step: Some(step), worker: Some(worker), ..outcome });
        }
    }

    /// Ends what needs no worker and hands out what does, until no worker is left, or neither node nor test.
    fn start_ready(&mut self) {
        self.look_for_end();
        self.start_nodes();
        // What ends a test may let nodes go on.
        while self.start_tests() {
            self.start_nodes();
        }
    }

    fn start_nodes(&mut self) {
        let mut waiting = BTreeSet::new();
        while let Some(id) = self.ready.pop_first() {
            let Some(step) = self.decision(id).step() else {
                self.end_without_step(id);
                continue;
            };
            let free = if self.stopping { None } else { self.idle.pop() };
            match free {
                Some(worker) => self.hand_out(step, worker),
                None => drop(waiting.insert(id)),
            }
        }
        self.ready = waiting;
    }

    fn hand_out(&mut self, step: Step, worker: usize) {
        let id = step.node();
        (self.tell)(Event::Started(id));
        let upstream = Upstream { builds: self.upstream_builds(id), outputs: self.upstream_outputs(id) };
        let assignment = Assignment { step, upstream };
        if self.workers[worker].send(Task::Step(assignment)) {
            self.busy[worker] = Some(Work::Step(step));
        } else {
            self.end(Outcome { step: Some(step), worker: Some(worker), ..Outcome::panicked(id, GONE) });
        }
    }

    /// A node that is left as it is, or that stands only in the texts of others.
    fn end_without_step(&mut self, id: NodeId) {
        let (status, upstream_builds) = match self.decision(id).action {
            Action::Build => (Status::Success, self.upstream_builds(id)),
            Action::Skip => (Status::Skipped, LiteMap::new()),
            Action::NotSelected => (Status::NotSelected, LiteMap::new()),
        };
        self.end(Outcome { upstream_builds, ..Outcome::instant(id, status) });
    }

    /// The run that has built each upstream relation: this one, or the one that its row tells of.
    fn upstream_builds(&self, id: NodeId) -> LiteMap<String, String> {
        upstream_builds(self.execution.graph, id, |up| match &self.outcomes[up] {
            Some(outcome) if outcome.is_done() => Some(self.execution.run_id.into()),
            _ => self.execution.found[up].meta.as_ref().map(|meta| meta.run_id.clone()),
        })
    }

    /// What each upstream node gives, as far as early cutoff knows it.
    fn upstream_outputs(&self, id: NodeId) -> LiteMap<String, Digest> {
        let Some(cutoff) = &self.cutoff else { return LiteMap::new() };
        upstream_outputs(self.execution.graph, id, |up| cutoff.output(up))
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Ended { worker, outcome } => {
                let step = match self.busy[worker].take() {
                    Some(Work::Step(step)) => Some(step),
                    Some(Work::Test(_)) | None => None,
                };
                self.idle.push(worker);
                let failed = outcome.status == Status::Error;
                self.end(Outcome { step, worker: Some(worker), ..outcome });
                self.stopping |= failed && !self.execution.keep_going;
            }
            Message::Tested { worker, outcome } => {
                self.busy[worker] = None;
                self.idle.push(worker);
                self.end_test(TestOutcome { worker: Some(worker), ..*outcome });
            }
            Message::Hook(outcome) => {
                let failed = outcome.status == HookStatus::Error && outcome.when == HookTime::AfterModel;
                (self.tell)(Event::Hook(outcome.clone()));
                if failed && !self.execution.keep_going {
                    self.stopping = true;
                    self.stopped_by.get_or_insert_with(|| outcome.name.clone());
                }
                self.hooks.push(outcome);
            }
            Message::Hooked(_) => {}
            Message::Output(id, line) => (self.tell)(Event::Output(id, line)),
            Message::Note(text) => (self.tell)(Event::Note(text)),
            Message::Waiting(text) => (self.tell)(Event::Waiting(text)),
        }
    }

    fn end(&mut self, mut outcome: Outcome) {
        let id = outcome.node;
        let failed = outcome.status == Status::Error;
        self.note(&mut outcome);
        (self.tell)(Event::Ended(outcome.clone()));
        self.outcomes[id] = Some(outcome);
        if failed {
            self.block(id);
            self.lose_tests(id);
        } else {
            self.queue.came(id);
        }
        // The last upstream node to end settles a decision: only then is it known what all of them give.
        for down in &self.execution.graph.nodes[id].downstream {
            self.open[*down] -= 1;
            if self.open[*down] == 0 && self.outcomes[*down].is_none() {
                if let Some(cutoff) = &mut self.cutoff {
                    cutoff.decide(*down);
                }
                if !self.queue.holds(*down) {
                    self.ready.insert(*down);
                }
            }
        }
    }

    /// The decision that stands for a node now.
    pub fn decision(&self, id: NodeId) -> &Decision {
        self.cutoff.as_ref().map_or(&self.execution.plan.decisions[id], |cutoff| cutoff.decision(id))
    }

    /// Takes note of what the node gives, and puts what came of its decision into the outcome.
    fn note(&mut self, outcome: &mut Outcome) {
        self.note_output(outcome);
        let increment = outcome.increment.as_ref().filter(|_| outcome.status == Status::Success);
        let columns = increment.map(Increment::causes).unwrap_or_default();
        if !columns.is_empty() {
            let decision = outcome.decision(self.execution.plan).clone();
            outcome.revised = Some(Box::new(decision.told_too(columns)));
        }
    }

    fn note_output(&mut self, outcome: &mut Outcome) {
        let Some(cutoff) = &mut self.cutoff else { return };
        let ended = match outcome.status {
            Status::Success => Ended::Built(outcome.output),
            Status::Skipped | Status::NotSelected => Ended::Kept,
            Status::Error | Status::Blocked => Ended::Lost,
        };
        cutoff.ended(outcome.node, ended);
        outcome.output = cutoff.output(outcome.node);
        outcome.revised = cutoff.revised(outcome.node).cloned().map(Box::new);
    }

    /// Everything downstream of a failed node that would be built, nearest first.
    fn block(&mut self, failed: NodeId) {
        let below = self.execution.graph.descendants(&BTreeSet::from([failed]));
        self.block_all(below, |id| Outcome { blocked_by: Some(failed), ..Outcome::instant(id, Status::Blocked) });
    }

    /// Those of `nodes` that would be built, each with the outcome that `blocked` gives.
    pub fn block_all(&mut self, nodes: BTreeSet<NodeId>, blocked: impl Fn(NodeId) -> Outcome) {
        for id in nodes {
            let wanted = self.execution.plan.decisions[id].action != Action::NotSelected;
            if self.outcomes[id].is_none() && wanted {
                let outcome = blocked(id);
                (self.tell)(Event::Ended(outcome.clone()));
                self.outcomes[id] = Some(outcome);
                self.lose_tests(id);
            }
        }
    }

    /// What a stopped run leaves: skips stand, the rest is blocked.
    fn block_rest(&mut self) {
        for id in 0..self.outcomes.len() {
            if self.outcomes[id].is_some() {
                continue;
            }
            let decision = self.decision(id);
            let status = match decision.action {
                Action::NotSelected => Status::NotSelected,
                Action::Skip if decision.step().is_none() => Status::Skipped,
                _ => Status::Blocked,
            };
            let mut outcome = Outcome::instant(id, status);
            if status == Status::Blocked {
                let hook = self.stopped_by.clone().filter(|_| !self.interrupted);
                let why = match &hook {
                    _ if self.interrupted => "the run was interrupted".to_string(),
                    Some(hook) => format!("the hook `{hook}` failed"),
                    None => "an earlier node failed; --keep-going goes on".into(),
                };
                outcome.message = Some(format!("not started: {why}"));
                outcome.blocked_by_hook = hook;
            }
            (self.tell)(Event::Ended(outcome.clone()));
            self.outcomes[id] = Some(outcome);
        }
    }

    fn look_for_end(&mut self) {
        if !self.interrupted && self.execution.cancelled.load(Ordering::Relaxed) {
            (self.interrupted, self.stopping) = (true, true);
        }
        self.left |= self.execution.abandoned.load(Ordering::Relaxed);
        // Asked again each time: a statement may have begun just after it was asked first.
        if self.interrupted {
            self.workers.iter().for_each(Worker::interrupt);
        }
    }
}
