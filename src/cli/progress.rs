//! A run's events on the terminal: a line each as it happens, and below them, on a person's terminal, what is running.

use super::Exit;
use super::output::Level;
use super::printer::Printer;
use super::terminal::Terminal;
use super::tested;
use crate::artifact::results::{Summary, row_of};
use crate::artifact::wire::{HookResult, TestResult};
use crate::check::budget::BudgetStatus;
use crate::execute::{Event, Outcome, Status};
use crate::graph::{Graph, NodeId};
use crate::plan::{Action, Plan, Role};
use crate::run::Listener;
use crate::test::Suite;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

struct Progress<'a> {
    terminal: &'a Terminal,
    graph: &'a Graph,
    plan: &'a Plan,
    suite: &'a Suite,
    bar: Option<ProgressBar>,
    running: BTreeSet<NodeId>,
    /// Lines that each node has printed.
    printed: BTreeMap<NodeId, usize>,
}

/// Lines of a node's own output that are shown unless asked for more.
const PRINTED: usize = 1_000;

impl<'a> Progress<'a> {
    fn new(terminal: &'a Terminal, graph: &'a Graph, plan: &'a Plan, suite: &'a Suite) -> Progress<'a> {
        let builds = plan.decisions.iter().filter(|decision| decision.action == Action::Build).count();
        let shown = terminal.interactive && !terminal.json_log && builds > 0;
        let bar = shown.then(|| {
            let bar = ProgressBar::with_draw_target(Some(builds as u64), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{bar:24} {pos}/{len}  {elapsed}  {wide_msg}");
            bar.set_style(style.expect("invariant: the template is right"));
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        Progress { terminal, graph, plan, suite, bar, running: BTreeSet::new(), printed: BTreeMap::new() }
    }

    /// Prints an event's lines above the bar and brings the bar up to date.
    fn show(&mut self, event: &Event, printer: &Printer<'_>) {
        match event {
            Event::Started(id) => drop(self.running.insert(*id)),
            Event::Ended(outcome) => {
                if self.running.remove(&outcome.node)
                    && let Some(bar) = &self.bar
                {
                    bar.inc(1);
                }
            }
            Event::Output(id, _) => *self.printed.entry(*id).or_default() += 1,
            Event::Tested(_) | Event::Hook(_) | Event::Note(_) | Event::Waiting(_) => {}
        }
        let more = self.more(event);
        match &self.bar {
            _ if more > 0 && matches!(event, Event::Output(..)) => {}
            _ if self.terminal.json_log => self.tell(event),
            Some(bar) if matches!(event, Event::Tested(_)) => bar.suspend(|| self.tested(event)),
            None if matches!(event, Event::Tested(_)) => self.tested(event),
            Some(bar) => bar.suspend(|| printer.print(event, more)),
            None => printer.print(event, more),
        }
        if let (Event::Started(id), true) = (event, self.terminal.shows_sql) {
            match &self.bar {
                Some(bar) => bar.suspend(|| self.text(*id)),
                None => self.text(*id),
            }
        }
        if let Some(bar) = &self.bar {
            let names: Vec<&str> = self.running.iter().map(|id| self.graph.nodes[*id].name.as_str()).collect();
            bar.set_message(self.terminal.fit(&names.join(", ")));
        }
    }

    /// Prints what came of a test.
    fn tested(&self, event: &Event) {
        if let Event::Tested(outcome) = event {
            tested::print(self.terminal, self.suite, &TestResult::of(self.graph, self.suite, outcome));
        }
    }

    /// Tells a node's text as it is about to be run, secrets as placeholders.
    fn text(&self, id: NodeId) {
        let compiled = self.graph.compiled(id);
        if !compiled.text.shown().is_empty() {
            let text = format!("-- {}\n{}", self.graph.nodes[id].name, compiled.text.shown());
            text.lines().for_each(|line| self.terminal.note(line));
        }
    }

    /// Lines of a node's output that aren't shown.
    fn more(&self, event: &Event) -> usize {
        let id = match event {
            Event::Output(id, _) => *id,
            Event::Ended(outcome) => outcome.node,
            _ => return 0,
        };
        let bound = if self.terminal.verbose > 0 { usize::MAX } else { PRINTED };
        self.printed.get(&id).map_or(0, |printed| printed.saturating_sub(bound))
    }

    /// As an event of the stream.
    fn tell(&self, event: &Event) {
        let name = |id: &NodeId| self.graph.nodes[*id].name.as_str();
        match event {
            Event::Started(id) => self.terminal.event(Level::Info, "node_started", json!({ "node": name(id) })),
            Event::Ended(outcome) => {
                let level = if outcome.status == Status::Error { Level::Error } else { Level::Info };
                self.terminal.event(level, "node_ended", ended(self.graph, self.plan, outcome));
            }
            Event::Tested(outcome) => {
                let result = TestResult::of(self.graph, self.suite, outcome);
                let level = if result.is_failure() { Level::Error } else { Level::Info };
                self.terminal.event(level, "test_ended", serde_json::to_value(&result).expect("invariant: it is JSON"));
            }
            Event::Hook(outcome) => {
                let hook = HookResult::of(self.graph, outcome);
                let level = if hook.has_failed() { Level::Error } else { Level::Info };
                self.terminal.event(level, "hook_ended", serde_json::to_value(&hook).expect("invariant: it is JSON"));
            }
            Event::Output(id, line) => {
                self.terminal.event(Level::Info, "output", json!({ "node": name(id), "line": line }));
            }
            Event::Note(text) => self.terminal.event(Level::Info, "note", json!({ "message": text })),
            Event::Waiting(text) => self.terminal.waiting(text),
        }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Listener for Terminal {
    fn follow<'a>(&'a self, graph: &'a Graph, plan: &'a Plan, suite: &'a Suite) -> Box<dyn FnMut(&Event) + 'a> {
        let printer = Printer::new(self, graph, plan);
        let mut progress = Progress::new(self, graph, plan, suite);
        Box::new(move |event| progress.show(event, &printer))
    }

    fn leave(&self) -> ! {
        std::process::exit(Exit::Interrupted.status())
    }
}

/// What a node came to: its row of run_results.json, with its place where it failed.
fn ended(graph: &Graph, plan: &Plan, outcome: &Outcome) -> Value {
    let row = serde_json::to_value(row_of(graph, plan, outcome)).expect("invariant: a row is JSON");
    let Value::Object(row) = row else { unreachable!("a row is an object") };
    let renamed = row.into_iter().map(|(key, value)| (if key == "name" { "node".into() } else { key }, value));
    let mut fields: Map<String, Value> = renamed.collect();
    let at = outcome.at.as_ref().filter(|_| outcome.status == Status::Error);
    fields.insert("at".into(), serde_json::to_value(at).expect("invariant: a place is JSON"));
    Value::Object(fields)
}

/// Tells what a run is about to do.
pub fn tell_plan(terminal: &Terminal, plan: &Plan) {
    let of = |action| plan.decisions.iter().filter(move |decision| decision.action == action);
    let role = |role| of(Action::Build).filter(|decision| decision.role == Some(role)).count();
    let new = of(Action::Build).filter(|decision| decision.is_new()).count();
    let totals = json!({
        "cascading": role(Role::Cascade), "mixed": role(Role::Mixed), "new": new, "nodes": plan.decisions.len(),
        "not_selected": of(Action::NotSelected).count(), "roots": role(Role::Root),
        "to_build": of(Action::Build).count(), "to_skip": of(Action::Skip).count(),
    });
    terminal.event(Level::Info, "plan", json!({ "totals": totals }));
}

/// Tells what became of a run's budgets, and what the last event is to say of the run.
pub fn tell_results(terminal: &Terminal, results: &Summary) {
    for check in results.budgets.checks.iter().filter(|check| check.is_told()) {
        let level = match check.status.known() {
            Some(BudgetStatus::Idle | BudgetStatus::Ok) => Level::Info,
            Some(BudgetStatus::Unknown | BudgetStatus::Warn) | None => Level::Warning,
            Some(BudgetStatus::Error) => Level::Error,
        };
        terminal.event(level, "budget", serde_json::to_value(check).expect("invariant: a check is JSON"));
    }
    let summary = json!({
        "budgets": results.budgets.status, "duration_ms": results.duration_ms, "groups": results.groups,
        "interrupted": results.interrupted,
        "roots": results.roots, "sentence": results.sentence, "totals": results.totals,
    });
    if let Value::Object(summary) = summary {
        terminal.output().summarise(summary);
    }
}
