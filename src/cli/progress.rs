//! A run's events on the terminal: a line each as it happens, and below them, on a person's terminal, what is running.

use super::printer::Printer;
use super::terminal::Terminal;
use crate::execute::Event;
use crate::graph::{Graph, NodeId};
use crate::plan::{Action, Plan};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::BTreeSet;
use std::time::Duration;

pub struct Progress<'a> {
    terminal: &'a Terminal,
    graph: &'a Graph,
    bar: Option<ProgressBar>,
    running: BTreeSet<NodeId>,
}

impl<'a> Progress<'a> {
    pub fn new(terminal: &'a Terminal, graph: &'a Graph, plan: &Plan) -> Progress<'a> {
        let builds = plan.decisions.iter().filter(|decision| decision.action == Action::Build).count();
        let shown = terminal.interactive && !terminal.json_log && builds > 0;
        let bar = shown.then(|| {
            let bar = ProgressBar::with_draw_target(Some(builds as u64), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{bar:24} {pos}/{len}  {elapsed}  {wide_msg}");
            bar.set_style(style.expect("invariant: the template is right"));
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        Progress { terminal, graph, bar, running: BTreeSet::new() }
    }

    /// Prints an event's lines above the bar and brings the bar up to date.
    pub fn show(&mut self, event: &Event, printer: &Printer<'_>) {
        match event {
            Event::Started(id) => drop(self.running.insert(*id)),
            Event::Ended(outcome) => {
                if self.running.remove(&outcome.node)
                    && let Some(bar) = &self.bar
                {
                    bar.inc(1);
                }
            }
            Event::Output(..) | Event::Note(_) => {}
        }
        if self.terminal.json_log {
            self.json(event);
        } else if !self.terminal.quiet {
            let lines = printer.lines(event);
            match &self.bar {
                Some(bar) => bar.suspend(|| lines.iter().for_each(|line| self.terminal.result(line))),
                None => lines.iter().for_each(|line| self.terminal.result(line)),
            }
        }
        if let Some(bar) = &self.bar {
            let names: Vec<&str> = self.running.iter().map(|id| self.graph.nodes[*id].name.as_str()).collect();
            bar.set_message(names.join(", "));
        }
    }

    fn json(&self, event: &Event) {
        let name = |id: &NodeId| self.graph.nodes[*id].name.as_str();
        let object = match event {
            Event::Started(id) => serde_json::json!({"event": "started", "node": name(id)}),
            Event::Ended(outcome) => serde_json::json!({
                "event": "ended", "node": name(&outcome.node), "status": outcome.status, "rows": outcome.rows,
                "duration_ms": outcome.duration_ms, "message": outcome.message,
            }),
            Event::Output(id, line) => serde_json::json!({"event": "output", "node": name(id), "line": line}),
            Event::Note(text) => serde_json::json!({"event": "note", "text": text}),
        };
        self.terminal.note(&object.to_string());
    }

    pub fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
