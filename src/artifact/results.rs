//! `run_results.json`: the last run, a row for every node of the project.

use super::wire::{
    Cause, Check, Failed, HookResult, Root, RootGroup, SCHEMA_VERSION, Telemetry, TestResult, Versions, Word, groups,
    headline, root_sentences, summary_with,
};
pub use super::wire::{Git, ResultDecision, ResultRow, ResultsMetadata, RunResults, Summary, Totals, by_origin};
use crate::check::budget::{self, Cost};
use crate::execute::{HookStatus, Outcome, Run, Status};
use crate::graph::{Body, Graph, NodeId};
use crate::plan::{self, Code, Decision, Detail, Plan, Role, RootKind};
use crate::project::Project;
use crate::world::instant;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

impl RunResults {
    pub fn new(project: &Project, graph: &Graph, plan: &Plan, run: &Run) -> RunResults {
        let summary = Summary::of(project, graph, plan, run);
        let rows = Rows::of(graph, plan, &run.outcomes, &summary).all().collect();
        summary.with(rows)
    }
}

impl Summary {
    pub fn of(project: &Project, graph: &Graph, plan: &Plan, run: &Run) -> Summary {
        let achieved = achieved(plan, &Root::all(plan), &run.outcomes);
        let mut summary = RunResults {
            budgets: budget::evaluate(project, graph, &costs(graph, run)).into(),
            cache_mode: run.cache_mode.as_str().into(),
            duration_ms: run.duration_ms,
            engine: project.profile.engine.clone(),
            interrupted: run.interrupted,
            metadata: ResultsMetadata {
                command: run.origin.command.clone(),
                git: Git {
                    changed: run.origin.changed,
                    commit: run.git_commit.clone(),
                    describe: run.origin.describe.clone(),
                    dirty: run.git_dirty,
                    folder: run.origin.folder.clone(),
                    untracked: run.origin.untracked,
                },
                project: project.settings.name.clone(),
                provenance: run.origin.variables.clone(),
                run_id: run.run_id.clone(),
                schema_version: SCHEMA_VERSION.into(),
                tool_version: env!("CARGO_PKG_VERSION").into(),
            },
            profile: project.profile.name.clone(),
            results: (),
            groups: achieved_groups(plan, &achieved, &run.outcomes),
            hooks: run.hooks.iter().map(|outcome| HookResult::of(graph, outcome)).collect(),
            roots: achieved,
            run_finished_at: instant(run.finished_at),
            run_started_at: instant(run.started_at),
            sentence: String::new(),
            tests: run.tests.iter().map(|outcome| TestResult::of(graph, &run.suite, outcome)).collect(),
            totals: Totals { hooks_failed: hooks_failed(run), ..Totals::of(plan, &run.outcomes) },
            workers: run.workers,
        };
        summary.sentence = sentence(graph, &summary, &run.outcomes);
        summary
    }
}

fn hooks_failed(run: &Run) -> usize {
    run.hooks.iter().filter(|hook| hook.status == HookStatus::Error).count()
}

/// The sentence of the run, over the nodes that failed by name.
fn sentence(graph: &Graph, summary: &Summary, outcomes: &[Outcome]) -> String {
    let failed = graph.by_name().filter(|id| outcomes[*id].status == Status::Error);
    let placed: Vec<(NodeId, Option<String>)> =
        failed.map(|id| (id, outcomes[id].at.as_ref().map(ToString::to_string))).collect();
    let failed: Vec<Failed<'_>> = placed
        .iter()
        .map(|(id, at)| Failed {
            name: graph.nodes[*id].name.as_str(),
            message: outcomes[*id].message.as_deref().unwrap_or_default(),
            at: at.as_deref(),
        })
        .collect();
    headline(summary, &failed, |name| graph.id(name).is_some())
}

impl Totals {
    pub fn of(plan: &Plan, outcomes: &[Outcome]) -> Totals {
        let mut totals = Totals { nodes: outcomes.len(), ..Totals::default() };
        for (decision, outcome) in plan.decisions.iter().zip(outcomes) {
            match outcome.status {
                Status::Success => {
                    totals.built += 1;
                    totals.new += usize::from(decision.is_new());
                    totals.extended += usize::from(outcome.increment.is_some());
                    match decision.role {
                        Some(Role::Cascade) => totals.cascading += 1,
                        Some(Role::Mixed) => totals.mixed += 1,
                        Some(Role::Root) | None => totals.roots += 1,
                    }
                }
                Status::Error => totals.failed += 1,
                Status::Skipped => {
                    totals.skipped += 1;
                    let code = outcome.decision(plan).primary().code;
                    totals.kept += usize::from(matches!(
                        code,
                        Code::SettingsApplied | Code::CosmeticOnly | Code::UpstreamOutputIdentical
                    ));
                }
                Status::Blocked => totals.blocked += 1,
                Status::NotSelected => totals.not_selected += 1,
            }
        }
        totals
    }
}

/// What each node that was built cost, and the rows of what was left as it is.
fn costs(graph: &Graph, run: &Run) -> Vec<Cost> {
    let built = run.outcomes.iter().filter(|outcome| outcome.status == Status::Success);
    let cost = |outcome: &Outcome| Cost {
        node: outcome.node,
        // What isn't stored reads nothing when it is made.
        bytes_scanned: if graph.nodes[outcome.node].materialization.stores_rows() {
            outcome.measures.bytes_scanned()
        } else {
            Some(0)
        },
        estimated: outcome.measures.bytes_estimated(),
        rows: outcome.measures.rows(),
        query_duration_ms: outcome.query_duration_ms(),
        standing: false,
    };
    let standing = run.standing.iter().map(|(node, rows)| Cost::standing(*node, *rows));
    built.map(cost).chain(standing).collect()
}

/// The plan's roots, counted over what really became of their nodes; those that nothing was tried for are left out.
fn achieved(plan: &Plan, all: &[Root], outcomes: &[Outcome]) -> Vec<Root> {
    let mut roots: Vec<Root> = all.iter().map(|root| Root { impact: 0, sole_impact: 0, ..root.clone() }).collect();
    for outcome in outcomes {
        let of = &plan.decisions[outcome.node].roots;
        for root in of {
            let root = &mut roots[*root];
            match outcome.status {
                Status::Success => {
                    root.impact += 1;
                    root.sole_impact += usize::from(of.len() == 1);
                }
                Status::Error => root.failed += 1,
                Status::Blocked => root.blocked += 1,
                Status::Skipped | Status::NotSelected => {}
            }
        }
    }
    roots.retain(|root| root.impact + root.failed > 0);
    roots.sort_by_key(|root| std::cmp::Reverse(root.impact));
    roots
}

/// A node's row as it stands when the node ends: what it caused is known at the end of the run.
pub fn row_of(graph: &Graph, plan: &Plan, outcome: &Outcome) -> ResultRow {
    let sentence = Box::new(|root: usize| Root::from(&plan.roots[root]).sentence);
    let roots = Roots { achieved: BTreeMap::new(), sentence };
    row(graph, plan, &roots, outcome.decision(plan), outcome)
}

/// The rows of a run, by name, each made as it is asked for: all of them at once are larger than what they tell of.
pub struct Rows<'a> {
    graph: &'a Graph,
    plan: &'a Plan,
    outcomes: &'a [Outcome],
    roots: Roots<'a>,
}

impl<'a> Rows<'a> {
    pub fn of(graph: &'a Graph, plan: &'a Plan, outcomes: &'a [Outcome], summary: &'a Summary) -> Rows<'a> {
        let here = summary.roots.iter().filter(|root| root.kind != RootKind::Earlier);
        let achieved = here.map(|root| (root.name.as_str(), root)).collect();
        let sentences: Vec<String> = Root::all(plan).into_iter().map(|root| root.sentence).collect();
        let roots = Roots { achieved, sentence: Box::new(move |root| sentences[root].clone()) };
        Rows { graph, plan, outcomes, roots }
    }

    pub fn all(&self) -> impl Iterator<Item = ResultRow> {
        let Rows { graph, plan, outcomes, roots } = self;
        graph.by_name().map(|id| row(graph, plan, roots, &plan.decisions[id], &outcomes[id]))
    }
}

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.all())
    }
}

/// The edits that made several of the roots, counted over what was really built.
fn achieved_groups(plan: &Plan, achieved: &[Root], outcomes: &[Outcome]) -> Vec<RootGroup> {
    let place: BTreeMap<(Word<RootKind>, &str), usize> =
        achieved.iter().enumerate().map(|(at, root)| ((root.kind.clone(), root.name.as_str()), at)).collect();
    let built = outcomes.iter().filter(|outcome| outcome.status == Status::Success);
    let sets: Vec<Vec<usize>> = built
        .map(|outcome| {
            let roots = plan.decisions[outcome.node].roots.iter().map(|root| &plan.roots[*root]);
            roots.filter_map(|root| place.get(&(root.kind.into(), root.name.as_str())).copied()).collect()
        })
        .collect();
    groups(achieved, sets.iter().map(Vec::as_slice))
}

/// What a row tells of roots.
struct Roots<'a> {
    /// Those that something was built for, by name.
    achieved: BTreeMap<&'a str, &'a Root>,
    /// Of each of the plan's.
    sentence: Box<dyn Fn(usize) -> String + Sync + 'a>,
}

/// Why a blocked node wasn't built.
fn blocker(graph: &Graph, outcome: &Outcome) -> plan::Cause {
    if let Some(test) = &outcome.blocked_by_test {
        return plan::Cause::named(Code::TestFailed, test);
    }
    match (&outcome.blocked_by_hook, outcome.blocked_by) {
        (Some(hook), _) => plan::Cause::named(Code::HookFailed, hook),
        (None, Some(up)) => plan::Cause::named(Code::UpstreamFailed, graph.nodes[up].name.as_str()),
        (None, None) => plan::Cause::new(Code::UpstreamFailed).detail(Detail::Interrupted),
    }
}

/// What became of a snapshot's versions, and the decision in a line with what came of it.
fn told(decision: &Decision, causes: &[Cause], outcome: &Outcome) -> (Option<Versions>, String) {
    let summary = summary_with(decision, causes, outcome.increment.as_ref());
    let versions = outcome.versions.as_ref().map(Versions::from);
    let line = versions.as_ref().map(|versions| versions.line(&summary));
    (versions, line.unwrap_or(summary))
}

fn row(graph: &Graph, plan: &Plan, roots: &Roots<'_>, decision: &Decision, outcome: &Outcome) -> ResultRow {
    let name = graph.nodes[decision.node].name.to_string();
    let root = roots.achieved.get(name.as_str()).filter(|_| decision.role.is_some());
    let mut causes = Cause::all(decision);
    let (versions, mut summary) = told(decision, &causes, outcome);
    if outcome.status == Status::Blocked {
        let cause = Cause::from(&blocker(graph, outcome));
        summary = cause.sentence.clone();
        causes.insert(0, cause);
    }
    // What was blocked is what it was, whatever the plan was.
    let came_out = matches!(outcome.status, Status::Success | Status::Skipped | Status::NotSelected);
    ResultRow {
        at: outcome.at.as_ref().filter(|_| outcome.status == Status::Error).map(ToString::to_string),
        by_column: decision.by_column.as_deref().filter(|_| came_out).cloned(),
        bytes_estimated: outcome.measures.bytes_estimated(),
        bytes_scanned: outcome.measures.bytes_scanned(),
        decision: ResultDecision {
            action: decision.action.into(),
            baseline: decision.baseline.clone(),
            primary_code: causes[0].code.clone(),
            causes,
            checks: decision.checks.iter().map(Check::from).collect(),
            impact: root.map(|root| root.impact),
            mode: decision.mode.map(Word::Known),
            path: decision.path.clone(),
            path_elided: decision.path_elided,
            role: decision.role.map(Word::Known),
            root_sentences: root_sentences(decision, &*roots.sentence),
            roots: decision.roots.iter().map(|root| plan.roots[*root].name.clone()).collect(),
            sole_impact: root.map(|root| root.sole_impact),
            summary,
            unwatched: decision.unwatched.clone(),
        },
        details: outcome.details.clone(),
        duration_ms: outcome.duration_ms,
        finished_at: outcome.finished_at.map(instant),
        http: outcome.http.as_ref().map(Telemetry::from),
        increment: outcome.increment.clone(),
        measures: outcome.measures.others(),
        message: outcome.message.clone(),
        name,
        notes: match &graph.nodes[decision.node].body {
            Body::Python(body) => body.model.notes(),
            _ => Vec::new(),
        },
        output: outcome.output,
        peak_memory: outcome.measures.peak_memory(),
        query_duration_ms: outcome.query_duration_ms(),
        rows: outcome.measures.rows(),
        started_at: outcome.started_at.map(instant),
        status: outcome.status.into(),
        versions,
        worker: outcome.worker,
    }
}
