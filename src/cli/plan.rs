//! `fft plan`: the next run's decisions, without building.

use super::Exit;
use super::option::{CacheOptions, ProjectOptions, SelectOptions, WaitOptions, nothing};
use super::printer::Printer;
use super::progress::tell_plan;
use super::terminal::Terminal;
use crate::artifact::wire::{Cause, Check, Root, groups_of, root_sentences, summary_of};
use crate::graph::Graph;
use crate::plan::{Decision, Plan};
use crate::run::{self, Expected, Failure, Purpose, Selection};
use crate::world::World;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Args, Debug)]
pub struct PlanOptions {
    #[command(flatten)]
    project: ProjectOptions,
    #[command(flatten)]
    select: SelectOptions,
    #[command(flatten)]
    cache: CacheOptions,
    #[command(flatten)]
    wait: WaitOptions,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Exit with 3 when a node would be built
    #[arg(long, value_enum, value_name = "WHAT")]
    fail_on: Option<FailOn>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    Build,
}

pub fn plan(world: Arc<dyn World>, terminal: &Terminal, options: PlanOptions) -> Result<Exit, Failure> {
    let PlanOptions { project, select, cache, wait, json, fail_on } = options;
    let opened = run::open(world, terminal, &project.wanted()?, Purpose::Look, wait.no_wait)?;
    let limit = opened.query_limit()?;
    let standing = opened.observe(terminal)?;
    standing.can_hold(limit.as_ref())?;
    project.warn_unread(terminal, standing.graph());
    let selection = Selection::from(select);
    let mut decided = standing.decide(terminal, &selection, cache.into())?;
    tell_plan(terminal, decided.plan());
    if decided.plan().selects_nothing() {
        terminal.note(&nothing(&selection));
    }
    decided.python_notes().iter().for_each(|note| terminal.note(note));
    let expected = decided.expected(limit.as_ref());
    if json {
        terminal.json(&plan_json(decided.graph(), decided.plan(), expected.as_ref()));
    } else {
        Printer::new(terminal, decided.graph(), decided.plan()).planned();
        expected.iter().for_each(|expected| expected.print(terminal));
    }
    Ok(if decided.builds() && fail_on == Some(FailOn::Build) { Exit::Unmet } else { Exit::Done })
}

fn plan_json(graph: &Graph, plan: &Plan, expected: Option<&Expected>) -> Value {
    let all = Root::all(plan);
    let node = |decision: &Decision| decision_json(graph, plan, &all, decision);
    let nodes: Vec<Value> = plan.decisions.iter().map(node).collect();
    json!({ "expected": expected, "nodes": nodes, "groups": groups_of(plan, &all), "roots": all })
}

/// A decision of the next run, in the form that run_results.json has. `all` are the plan's roots.
fn decision_json(graph: &Graph, plan: &Plan, all: &[Root], decision: &Decision) -> Value {
    let causes = Cause::all(decision);
    let checks: Vec<Check> = decision.checks.iter().map(Check::from).collect();
    let roots: Vec<&str> = decision.roots.iter().map(|root| plan.roots[*root].name.as_str()).collect();
    json!({
        "name": graph.nodes[decision.node].name,
        "decision": {
            "action": decision.action,
            "baseline": decision.baseline,
            "causes": causes,
            "checks": checks,
            "path": decision.path,
            "primary_code": decision.primary().code,
            "role": decision.role,
            "root_sentences": root_sentences(decision, |root| all[root].sentence.clone()),
            "roots": roots,
            "summary": summary_of(decision, &causes),
            "unwatched": decision.unwatched,
        },
        "fingerprint": decision.fingerprint.value,
    })
}
