//! Decisions and outcomes as lines for people. The first word of a line is the decision: text can be searched for it,
//! and colour never says anything alone.

use super::budget::{exceeded, print_budgets};
use super::terminal::{Style, Terminal, clean};
use crate::artifact::results::{ResultRow, RunResults, Totals};
use crate::execute::{Event, Outcome, Status};
use crate::graph::Graph;
use crate::plan::{Action, Decision, Plan, Role, Root, RootKind};
pub use crate::project::shown_duration as duration;

/// Roots and orphans that a closing shows unless asked for more.
pub const SHOWN: usize = 8;
/// Nodes of a run from which on skips aren't told one by one unless asked for more.
const LONG: usize = 200;

pub struct Printer<'a> {
    terminal: &'a Terminal,
    graph: &'a Graph,
    plan: &'a Plan,
    /// Width of the column of names.
    width: usize,
}

impl<'a> Printer<'a> {
    pub fn new(terminal: &'a Terminal, graph: &'a Graph, plan: &'a Plan) -> Printer<'a> {
        let shown = plan.decisions.iter().filter(|decision| decision.action != Action::NotSelected);
        let widths = shown.map(|decision| graph.nodes[decision.node].name.as_str().chars().count());
        Printer { terminal, graph, plan, width: widths.max().unwrap_or(0).clamp(8, 48) }
    }

    /// The lines of an event; none for what isn't shown.
    pub fn lines(&self, event: &Event) -> Vec<String> {
        match event {
            Event::Started(_) => Vec::new(),
            Event::Ended(outcome) => self.ended(outcome),
            Event::Output(id, line) => {
                vec![
                    self.terminal
                        .paint(Style::Quiet, &format!("     {} │ {}", self.graph.nodes[*id].name, clean(line))),
                ]
            }
            Event::Note(text) => vec![self.terminal.paint(Style::Quiet, &format!("     {}", clean(text)))],
        }
    }

    fn ended(&self, outcome: &Outcome) -> Vec<String> {
        let decision = outcome.decision(self.plan);
        let long = self.plan.decisions.len() > LONG && self.terminal.verbose == 0;
        // Of what isn't reached in a long run, the nodes next to a failed one are named; the rest is a number below.
        let next = |failed| self.graph.nodes[outcome.node].upstream.contains(&failed);
        let left_out = match outcome.status {
            Status::NotSelected => true,
            Status::Skipped => long,
            Status::Blocked => long && !outcome.blocked_by.is_some_and(next),
            Status::Success | Status::Error => false,
        };
        if left_out {
            return Vec::new();
        }
        let reason = match outcome.status {
            Status::Error => outcome.message.clone().unwrap_or_default(),
            Status::Blocked => match outcome.blocked_by {
                Some(up) => format!("upstream {} failed", self.graph.nodes[up].name),
                None => outcome.message.clone().unwrap_or_default(),
            },
            _ => decision.summary(),
        };
        let reason = clean(&reason);
        let mut reason_lines = reason.lines();
        let first = reason_lines.next().unwrap_or_default().to_string();
        let mut lines = vec![self.line(
            decision,
            word(outcome.status, decision.role),
            &measures(outcome.rows, outcome.duration_ms),
            &first,
        )];
        if outcome.status == Status::Error {
            lines.extend(reason_lines.map(|line| format!("       {line}")));
            lines.extend(self.failure_details(outcome));
        }
        lines
    }

    fn failure_details(&self, outcome: &Outcome) -> Vec<String> {
        let place = outcome.at.as_ref().map(|at| format!("       --> {at}"));
        let details = outcome.details.iter().map(|line| format!("       {}", clean(line)));
        place.into_iter().chain(details).collect()
    }

    fn line(
        &self,
        decision: &Decision,
        (glyph, word, style): (&str, &str, Style),
        measures: &str,
        reason: &str,
    ) -> String {
        let node = &self.graph.nodes[decision.node];
        let head = self.terminal.paint(style, &format!("{glyph} {word:<7}"));
        let line =
            format!("L{:02} {head}  {:<width$}  {measures}  {reason}", node.level, node.name, width = self.width);
        line.trim_end().to_string()
    }

    /// The decisions of a plan, without anything built.
    pub fn planned(&self) {
        for decision in &self.plan.decisions {
            let status = match decision.action {
                Action::Build => Status::Success,
                Action::Skip => Status::Skipped,
                Action::NotSelected => continue,
            };
            let long = status == Status::Skipped && self.plan.decisions.len() > LONG && self.terminal.verbose == 0;
            if !long {
                self.terminal.result(&self.line(
                    decision,
                    word(status, decision.role),
                    "",
                    &clean(&decision.summary()),
                ));
            }
        }
        let count = |action| self.plan.decisions.iter().filter(|decision| decision.action == action).count();
        let builds = self.plan.decisions.iter().filter(|decision| decision.action == Action::Build);
        let cascading = builds.filter(|decision| decision.role == Some(Role::Cascade)).count();
        let built = count(Action::Build);
        self.terminal.result("");
        let roots = self.plan.roots.len();
        self.terminal.result(&format!(
            "{built} to build ({roots} {}, {cascading} cascading) · {} to skip",
            plural(roots, "root"),
            count(Action::Skip)
        ));
        self.roots(&self.plan.roots);
    }

    /// Totals, roots, failures again, and what to do next.
    pub fn closing(&self, results: &RunResults, orphans: &[String]) {
        let failed: Vec<_> = results.results.iter().filter(|row| row.status == Status::Error).collect();
        if !failed.is_empty() {
            self.terminal.error("");
            for row in &failed {
                let message = clean(row.message.as_deref().unwrap_or_default());
                self.terminal.error(&self.terminal.paint(Style::Bad, &format!("✗ {}: {message}", row.name)));
            }
        }
        let over = exceeded(&results.budgets);
        over.iter().for_each(|line| self.terminal.error(&self.terminal.paint(Style::Bad, line)));
        if self.terminal.quiet {
            return;
        }
        self.terminal.result("");
        self.terminal.result(&self.terminal.paint(Style::Strong, &totals(&results.totals, results.duration_ms)));
        if results.interrupted {
            self.terminal.result("  interrupted: what was built is kept, the next run builds the rest");
        }
        self.roots(&results.roots);
        print_budgets(self.terminal, &results.budgets);
        if !orphans.is_empty() {
            let shown: Vec<&str> = orphans.iter().take(SHOWN).map(String::as_str).collect();
            let more = more(orphans.len(), shown.len());
            self.terminal.result(&format!(
                "  no longer in the project: {}{more}; `fft clean --orphans` drops them",
                shown.join(", ")
            ));
        }
        if let Some(node) = self.worth_explaining(results) {
            self.terminal.result(&self.terminal.paint(Style::Quiet, &format!("  fft explain {node}")));
        }
    }

    fn roots(&self, roots: &[Root]) {
        let bound = if self.terminal.verbose > 0 { usize::MAX } else { SHOWN };
        for root in roots.iter().take(bound) {
            self.terminal.result(&format!("  {}", root_line(root)));
        }
        if roots.len() > bound {
            self.terminal.result(&format!("  … and {} more (-v)", roots.len() - bound));
        }
    }

    /// The last cascade, else the last node built or failed.
    fn worth_explaining<'r>(&self, results: &'r RunResults) -> Option<&'r str> {
        let wanted = |row: &&ResultRow| matches!(row.status, Status::Success | Status::Error);
        let level = |row: &&ResultRow| {
            let level = self.graph.id(&row.name).map(|id| self.graph.nodes[id].level);
            (row.decision.role == Some(Role::Cascade), level)
        };
        results.results.iter().filter(wanted).max_by_key(level).map(|row| row.name.as_str())
    }
}

/// A root with what it caused.
pub fn root_line(root: &Root) -> String {
    let subject = match root.kind {
        RootKind::Global => clean(&root.sentence),
        RootKind::Node | RootKind::Earlier => format!("{}  {}", root.name, clean(&root.sentence)),
    };
    let sole = match root.sole_impact {
        only if only == root.impact => String::new(),
        only => format!(", {only} of them only because of this"),
    };
    format!("{subject}  → {} rebuilt{sole}", root.impact)
}

/// Nodes by what became of them, and the time.
pub fn totals(totals: &Totals, duration_ms: u64) -> String {
    format!("{} · {}", totals.words(), duration(duration_ms))
}

/// `3 roots`, `1 root`: the word alone.
pub fn plural(count: usize, word: &str) -> String {
    if count == 1 { word.to_string() } else { format!("{word}s") }
}

fn more(all: usize, shown: usize) -> String {
    if all > shown { format!(" … and {} more", all - shown) } else { String::new() }
}

/// Glyph, first word and style of a line.
pub fn word(status: Status, role: Option<Role>) -> (&'static str, &'static str, Style) {
    match (status, role) {
        (Status::Success, Some(Role::Cascade)) => ("✓", "CASCADE", Style::Changed),
        (Status::Success, _) => ("✓", "BUILD", Style::Good),
        (Status::Skipped, _) => ("○", "SKIP", Style::Quiet),
        (Status::Error, _) => ("✗", "ERROR", Style::Bad),
        (Status::Blocked | Status::NotSelected, _) => ("–", "BLOCKED", Style::Bad),
    }
}

/// Rows built and milliseconds taken, in columns.
pub fn measures(rows: Option<u64>, duration_ms: Option<u64>) -> String {
    let rows = match rows {
        Some(1) => "1 row".to_string(),
        Some(rows) => format!("{rows} rows"),
        None => "–".to_string(),
    };
    let time = duration_ms.map_or("–".to_string(), duration);
    format!("{rows:>10}  {time:>8}")
}
