//! `run_results.json`: the last run, a row for every node of the project.

use super::manifest::{Git, SCHEMA_VERSION};
use crate::check::budget::{self, BudgetReport, Cost};
use crate::digest::Digest;
use crate::execute::{Outcome, Run, Status};
use crate::fingerprint::Unwatched;
use crate::graph::{Body, Graph, Materialized};
use crate::http::Telemetry;
use crate::plan::{Action, Baseline, Cause, Check, Code, Decision, Plan, Role, Root, RootGroup, RootKind, groups};
use crate::project::Project;
use crate::world::instant;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunResults {
    #[serde(default)]
    pub budgets: BudgetReport,
    pub cache_mode: String,
    pub duration_ms: u64,
    pub engine: String,
    /// Edits that made several of the roots.
    #[serde(default)]
    pub groups: Vec<RootGroup>,
    pub interrupted: bool,
    pub metadata: ResultsMetadata,
    pub profile: String,
    pub results: Vec<ResultRow>,
    /// By impact, largest first.
    pub roots: Vec<Root>,
    pub run_finished_at: String,
    pub run_started_at: String,
    pub totals: Totals,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResultsMetadata {
    pub git: Git,
    pub project: String,
    pub run_id: String,
    pub schema_version: String,
    pub tool_version: String,
}

/// Counts of nodes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    pub blocked: usize,
    pub built: usize,
    pub cascading: usize,
    pub failed: usize,
    /// Built for causes of their own and of upstream nodes.
    #[serde(default)]
    pub mixed: usize,
    pub nodes: usize,
    pub not_selected: usize,
    /// Built for causes of their own only.
    pub roots: usize,
    pub skipped: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResultRow {
    /// `bytes_scanned` is what the engine's plan expected.
    #[serde(default)]
    pub bytes_estimated: bool,
    pub bytes_scanned: Option<u64>,
    pub decision: ResultDecision,
    /// What follows the message of a failure: a traceback, an excerpt, a hint.
    pub details: Vec<String>,
    pub duration_ms: Option<u64>,
    pub finished_at: Option<String>,
    pub http: Option<Telemetry>,
    pub message: Option<String>,
    pub name: String,
    /// What is to be known of a Python model's inputs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// With early cutoff: the digest of what the node gives to those that read it.
    pub output: Option<Digest>,
    /// Bytes.
    pub peak_memory: Option<u64>,
    pub query_duration_ms: Option<u64>,
    pub rows: Option<u64>,
    pub started_at: Option<String>,
    pub status: Status,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResultDecision {
    pub action: Action,
    pub baseline: Option<Baseline>,
    pub causes: Vec<Cause>,
    pub checks: Vec<Check>,
    /// Nodes rebuilt because of this node, where it is a root.
    pub impact: Option<usize>,
    /// From the nearest root to this node.
    pub path: Vec<String>,
    /// Names left out in the middle of a long path.
    pub path_elided: usize,
    pub primary_code: Code,
    pub role: Option<Role>,
    /// What began it, in words, for a node built for what is upstream; left out where there are many.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub root_sentences: Vec<String>,
    /// Names of the roots that this node was rebuilt for.
    pub roots: Vec<String>,
    pub sole_impact: Option<usize>,
    pub summary: String,
    /// Data that the node reads and of which nothing tells whether it changed.
    #[serde(default)]
    pub unwatched: Vec<Unwatched>,
}

impl RunResults {
    pub fn new(project: &Project, graph: &Graph, plan: &Plan, run: &Run) -> RunResults {
        let achieved = achieved(plan, &run.outcomes);
        let here = achieved.iter().filter(|root| root.kind != RootKind::Earlier);
        let roots: BTreeMap<&str, &Root> = here.map(|root| (root.name.as_str(), root)).collect();
        let rows = plan.decisions.iter().zip(&run.outcomes);
        let mut results: Vec<ResultRow> =
            rows.map(|(decision, outcome)| row(graph, plan, &roots, decision, outcome)).collect();
        results.sort_by(|left, right| left.name.cmp(&right.name));
        RunResults {
            budgets: budget::evaluate(project, graph, &costs(graph, run)),
            cache_mode: run.cache_mode.as_str().into(),
            duration_ms: run.duration_ms,
            engine: project.profile.engine.clone(),
            interrupted: run.interrupted,
            metadata: ResultsMetadata {
                git: Git { commit: run.git_commit.clone(), dirty: run.git_dirty },
                project: project.settings.name.clone(),
                run_id: run.run_id.clone(),
                schema_version: SCHEMA_VERSION.into(),
                tool_version: env!("CARGO_PKG_VERSION").into(),
            },
            profile: project.profile.name.clone(),
            results,
            groups: achieved_groups(plan, &achieved, &run.outcomes),
            roots: achieved.clone(),
            run_finished_at: instant(run.finished_at),
            run_started_at: instant(run.started_at),
            totals: Totals::of(plan, &run.outcomes),
        }
    }
}

impl Totals {
    /// Nodes by what became of them: `3 built (1 root, 2 cascading) · 4 skipped`.
    pub fn words(&self) -> String {
        self.words_with("")
    }

    /// The same with what the skips rest on: `4 skipped: all inputs equal`.
    pub fn words_with(&self, proof: &str) -> String {
        let mut parts = vec![match self.built {
            0 => "0 built".to_string(),
            built => format!("{built} built ({})", by_role(self.roots, self.mixed, self.cascading)),
        }];
        let counts = [
            (self.skipped, "skipped"),
            (self.failed, "failed"),
            (self.blocked, "blocked"),
            (self.not_selected, "not selected"),
        ];
        let counts = counts.iter().filter(|(count, _)| *count > 0);
        parts.extend(counts.map(|(count, word)| match *word {
            "skipped" if !proof.is_empty() => format!("{count} {word}: {proof}"),
            _ => format!("{count} {word}"),
        }));
        parts.join(" · ")
    }

    pub fn of(plan: &Plan, outcomes: &[Outcome]) -> Totals {
        let mut totals = Totals { nodes: outcomes.len(), ..Totals::default() };
        for (decision, outcome) in plan.decisions.iter().zip(outcomes) {
            match outcome.status {
                Status::Success => {
                    totals.built += 1;
                    match decision.role {
                        Some(Role::Cascade) => totals.cascading += 1,
                        Some(Role::Mixed) => totals.mixed += 1,
                        Some(Role::Root) | None => totals.roots += 1,
                    }
                }
                Status::Error => totals.failed += 1,
                Status::Skipped => totals.skipped += 1,
                Status::Blocked => totals.blocked += 1,
                Status::NotSelected => totals.not_selected += 1,
            }
        }
        totals
    }
}

/// `3 roots, 1 mixed, 2 cascading`: nodes by where their reasons lie.
pub fn by_role(roots: usize, mixed: usize, cascading: usize) -> String {
    let ending = if roots == 1 { "" } else { "s" };
    let mixed = if mixed > 0 { format!("{mixed} mixed, ") } else { String::new() };
    format!("{roots} root{ending}, {mixed}{cascading} cascading")
}

/// What each node that was built cost, and the rows of what was left as it is.
fn costs(graph: &Graph, run: &Run) -> Vec<Cost> {
    let built = run.outcomes.iter().filter(|outcome| outcome.status == Status::Success);
    let cost = |outcome: &Outcome| Cost {
        node: outcome.node,
        // What isn't stored reads nothing when it is made.
        bytes_scanned: match graph.nodes[outcome.node].materialized {
            Materialized::Table => outcome.bytes_scanned,
            Materialized::View | Materialized::Ephemeral => Some(0),
        },
        estimated: outcome.bytes_estimated,
        rows: outcome.rows,
        query_duration_ms: outcome.query_duration_ms,
        standing: false,
    };
    let standing = run.standing.iter().map(|(node, rows)| Cost::standing(*node, *rows));
    built.map(cost).chain(standing).collect()
}

/// The plan's roots, counted over what was really built; those that nothing was built for are left out.
fn achieved(plan: &Plan, outcomes: &[Outcome]) -> Vec<Root> {
    let mut roots: Vec<Root> =
        plan.roots.iter().map(|root| Root { impact: 0, sole_impact: 0, ..root.clone() }).collect();
    let built = |outcome: &&Outcome| outcome.status == Status::Success;
    for outcome in outcomes.iter().filter(built) {
        let of = &plan.decisions[outcome.node].roots;
        for root in of {
            roots[*root].impact += 1;
            roots[*root].sole_impact += usize::from(of.len() == 1);
        }
    }
    roots.retain(|root| root.impact > 0);
    roots.sort_by_key(|root| std::cmp::Reverse(root.impact));
    roots
}

/// A node's row as it stands when the node ends: what it caused is known at the end of the run.
pub fn row_of(graph: &Graph, plan: &Plan, outcome: &Outcome) -> ResultRow {
    row(graph, plan, &BTreeMap::new(), outcome.decision(plan), outcome)
}

/// The edits that made several of the roots, counted over what was really built.
fn achieved_groups(plan: &Plan, achieved: &[Root], outcomes: &[Outcome]) -> Vec<RootGroup> {
    let place: BTreeMap<(RootKind, &str), usize> =
        achieved.iter().enumerate().map(|(at, root)| ((root.kind, root.name.as_str()), at)).collect();
    let built = outcomes.iter().filter(|outcome| outcome.status == Status::Success);
    let sets: Vec<Vec<usize>> = built
        .map(|outcome| {
            let roots = plan.decisions[outcome.node].roots.iter().map(|root| &plan.roots[*root]);
            roots.filter_map(|root| place.get(&(root.kind, root.name.as_str())).copied()).collect()
        })
        .collect();
    groups(achieved, sets.iter().map(Vec::as_slice))
}

fn row(graph: &Graph, plan: &Plan, roots: &BTreeMap<&str, &Root>, decision: &Decision, outcome: &Outcome) -> ResultRow {
    let name = graph.nodes[decision.node].name.to_string();
    let root = roots.get(name.as_str()).filter(|_| decision.role.is_some());
    let mut causes = decision.causes().to_vec();
    let mut summary = decision.summary();
    if outcome.status == Status::Blocked {
        let cause = match outcome.blocked_by {
            Some(up) => Cause::named(Code::UpstreamFailed, graph.nodes[up].name.as_str()),
            None => Cause::new(Code::UpstreamFailed).detail("the run was interrupted"),
        };
        summary = cause.sentence();
        causes.insert(0, cause);
    }
    ResultRow {
        bytes_estimated: outcome.bytes_estimated,
        bytes_scanned: outcome.bytes_scanned,
        decision: ResultDecision {
            action: decision.action,
            baseline: decision.baseline.clone(),
            primary_code: causes[0].code,
            causes,
            checks: decision.checks.clone(),
            impact: root.map(|root| root.impact),
            path: decision.path.clone(),
            path_elided: decision.path_elided,
            role: decision.role,
            root_sentences: plan.root_sentences(decision),
            roots: decision.roots.iter().map(|root| plan.roots[*root].name.clone()).collect(),
            sole_impact: root.map(|root| root.sole_impact),
            summary,
            unwatched: decision.unwatched.clone(),
        },
        details: outcome.details.clone(),
        duration_ms: outcome.duration_ms,
        finished_at: outcome.finished_at.map(instant),
        http: outcome.http.clone(),
        message: outcome.message.clone(),
        name,
        notes: match &graph.nodes[decision.node].body {
            Body::Python(body) => body.model.notes(),
            _ => Vec::new(),
        },
        output: outcome.output,
        peak_memory: outcome.peak_memory,
        query_duration_ms: outcome.query_duration_ms,
        rows: outcome.rows,
        started_at: outcome.started_at.map(instant),
        status: outcome.status,
    }
}
