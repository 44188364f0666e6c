//! Decisions and outcomes as lines for people. The first word of a line is the decision: text can be searched for it,
//! and colour never says anything alone.

use super::budget::{exceeded, print_budgets};
use super::inputs;
use super::terminal::{Style, Terminal};
use super::visible::clean;
use crate::artifact::results::{ResultRow, RunResults, Summary, by_origin};
use crate::artifact::wire::{
    Came, Cause, Check, HookResult, Root, RootGroup, TestTotals, Versions, Word, groups_of, summary, summary_with,
    title,
};
pub use crate::diagnostic::plural;
use crate::diagnostic::{brief, counted, grouped};
use crate::execute::{Event, HookStatus, Outcome, Run, Status};
use crate::graph::Graph;
use crate::plan::{Action, Code, Decision, Mode, Plan, Role, RootKind};
use crate::project::HookTime;
pub use crate::project::shown_duration as duration;
use crate::project::shown_size;
use std::collections::{BTreeMap, BTreeSet};

/// Roots and orphans that a closing shows unless asked for more.
pub const SHOWN: usize = 8;
/// Characters of a reason, a message or a line of output that are shown.
const LONGEST: usize = 1_500;
/// Nodes of a run from which on blocked nodes aren't told one by one unless asked for more.
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
        let all = terminal.verbose > 0;
        let shown = plan.decisions.iter().filter(|decision| match decision.action {
            Action::Build => true,
            Action::Skip => all || decision.applies(),
            Action::NotSelected => false,
        });
        let widths = shown.map(|decision| graph.nodes[decision.node].name.as_str().chars().count());
        Printer { terminal, graph, plan, width: widths.max().unwrap_or(0).clamp(8, 48) }
    }

    /// Prints what an event has to say to people, if anything; `more` lines of an ended node's output weren't shown.
    pub fn print(&self, event: &Event, more: usize) {
        let aside = |text: &str| self.terminal.paint(Style::Quiet, &format!("     {}", short(text)));
        if let (Event::Ended(outcome), 1.., false) = (event, more, self.terminal.quiet) {
            let name = &self.graph.nodes[outcome.node].name;
            self.terminal.say(&aside(&format!("{name} │ … and {} more lines (-v)", grouped(more))));
        }
        match event {
            // Told by themselves.
            Event::Started(_) | Event::Tested(_) => {}
            Event::Ended(outcome) => self.ended(outcome),
            Event::Hook(outcome) if self.terminal.quiet && outcome.status == HookStatus::Success => {}
            Event::Output(..) | Event::Note(_) | Event::Waiting(_) if self.terminal.quiet => {}
            Event::Hook(outcome) => self.hook(&HookResult::of(self.graph, outcome)),
            Event::Output(id, line) => {
                self.terminal.say(&aside(&format!("{} │ {line}", self.graph.nodes[*id].name)));
            }
            Event::Note(text) => self.terminal.say(&aside(text)),
            Event::Waiting(text) => self.terminal.waiting(&aside(text)),
        }
    }

    fn ended(&self, outcome: &Outcome) {
        let decision = outcome.decision(self.plan);
        let verbose = self.terminal.verbose;
        let long = self.plan.decisions.len() > LONG && verbose == 0;
        // Of what isn't reached in a long run, the nodes next to a failed one are named; the rest is a number below.
        let next = |failed| self.graph.nodes[outcome.node].upstream.contains(&failed);
        let left_out = match outcome.status {
            Status::NotSelected => true,
            Status::Skipped => verbose == 0 && !decision.applies(),
            Status::Blocked => long && !outcome.blocked_by.is_some_and(next),
            Status::Success | Status::Error => false,
        };
        if !left_out && !self.terminal.quiet {
            let reason = match outcome.status {
                // Its own words stand below.
                Status::Error => String::new(),
                Status::Blocked => match (outcome.blocked_by, &outcome.blocked_by_test) {
                    (Some(up), _) => format!("upstream {} failed", self.graph.nodes[up].name),
                    (None, Some(test)) => format!("test {test} failed"),
                    (None, None) => outcome.message.clone().unwrap_or_default(),
                },
                _ => {
                    let told = summary_with(decision, &Cause::all(decision), outcome.increment.as_ref());
                    outcome.versions.as_ref().map_or(told.clone(), |versions| Versions::from(versions).line(&told))
                }
            };
            let word = word(outcome.status, decision.role, decision.mode);
            let measures = measures(outcome.measures.rows(), outcome.duration_ms);
            self.terminal.say(&self.line(decision, word, &measures, &short(&reason)));
            if verbose > 1 {
                self.particulars(decision);
                self.cost(outcome);
            }
        }
        if outcome.status == Status::Error {
            self.failure(outcome);
        }
    }

    /// A hook: those around models only when they fail or more is asked for. In front of a model its failure is the model's.
    fn hook(&self, hook: &HookResult) {
        if hook.has_failed() {
            if hook.when != HookTime::BeforeModel {
                let message = short(hook.error.as_deref().unwrap_or_default());
                let head = format!("✗ hook {} ({}): {message}", hook.name, hook.occasion());
                let at = hook.at.iter().map(|at| format!("\n  --> {at}"));
                let details = hook.details.iter().map(|line| format!("\n  {}", short(line).replace('\n', "\n  ")));
                let rest: String = at.chain(details).collect();
                self.terminal.error(&format!("{}{rest}", self.terminal.paint(Style::Bad, &head.replace('\n', "\n  "))));
            }
        } else if hook.node.is_none() || self.terminal.verbose > 0 {
            let head = self.terminal.paint(Style::Good, &format!("✓ {:<7}", "HOOK"));
            let measures = measures(hook.rows_affected, Some(hook.elapsed_ms));
            let line =
                format!("    {head}  {:<width$}  {measures}  {}", hook.name, hook.occasion(), width = self.width);
            self.terminal.say(&line);
        }
    }

    /// A node's error, once, when it happens: all of its lines, and of long ones the beginning.
    fn failure(&self, outcome: &Outcome) {
        let message = short(outcome.message.as_deref().unwrap_or_default());
        let head = format!("✗ {}: {message}", self.graph.nodes[outcome.node].name);
        let (hints, details): (Vec<_>, Vec<_>) = outcome.details.iter().partition(|line| line.starts_with("hint: "));
        let mut text = self.terminal.paint(Style::Bad, &head.replace('\n', "\n  "));
        text.extend(outcome.at.iter().map(|at| format!("\n  --> {at}")));
        let cut = |text: &str| match self.terminal.verbose {
            0 => text.lines().map(short).collect::<Vec<_>>().join("\n"),
            _ => clean(text),
        };
        text.extend(details.iter().map(|line| format!("\n  {}", cut(line).replace('\n', "\n  "))));
        text.extend(hints.iter().map(|line| format!("\n  {}", cut(line).replace('\n', "\n        "))));
        self.terminal.error(&text);
    }

    /// What was checked, and which inputs are equal to those of the build that the node is compared with.
    fn particulars(&self, decision: &Decision) {
        for check in decision.checks.iter().map(Check::from) {
            let glyph = if check.ok { "✓" } else { "✗" };
            self.aside(&format!("{glyph} {:<12} {}", check.name, check.evidence));
        }
        let equal = inputs::equal_by_causes(decision);
        if !equal.is_empty() {
            self.aside(&format!("equal: {}", equal.join(", ")));
        }
    }

    /// What the engine says of the statement that made the rows.
    fn cost(&self, outcome: &Outcome) {
        let mut facts = Vec::new();
        facts.extend(outcome.query_duration_ms().map(|time| format!("engine {}", duration(time))));
        let estimated = if outcome.measures.bytes_estimated() { " (estimated)" } else { "" };
        facts.extend(outcome.measures.bytes_scanned().map(|bytes| format!("{} scanned{estimated}", shown_size(bytes))));
        facts.extend(outcome.measures.bytes_billed().map(|bytes| format!("{} billed", shown_size(bytes))));
        facts.extend(outcome.measures.peak_memory().map(|bytes| format!("{} of memory at most", shown_size(bytes))));
        if !facts.is_empty() {
            self.aside(&facts.join(" · "));
        }
    }

    fn aside(&self, text: &str) {
        self.terminal.say(&self.terminal.paint(Style::Quiet, &format!("       {}", clean(text))));
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
        let mut listed = false;
        for decision in &self.plan.decisions {
            let status = match decision.action {
                Action::Build => Status::Success,
                Action::Skip if self.terminal.verbose > 0 || decision.applies() => Status::Skipped,
                Action::Skip | Action::NotSelected => continue,
            };
            listed = true;
            let summary = short(&summary(decision));
            self.terminal.say(&self.line(decision, word(status, decision.role, decision.mode), "", &summary));
            if self.terminal.verbose > 1 {
                self.particulars(decision);
            }
        }
        let of = |action| self.plan.decisions.iter().filter(move |decision| decision.action == action);
        let followed = of(Action::Build).filter(|decision| decision.role == Some(Role::Cascade)).count();
        let new = of(Action::Build).filter(|decision| decision.is_new()).count();
        let (built, skipped) = (of(Action::Build).count(), of(Action::Skip).count());
        if listed {
            self.terminal.say("");
        }
        let building = match built {
            0 => "0 to build".to_string(),
            built => {
                let changed = built - followed - new;
                format!("{} to build: {}", grouped(built), by_origin(new, changed, followed, "following"))
            }
        };
        let skips = of(Action::Skip).map(|decision| (decision.primary().code.into(), decision.unwatched.is_empty()));
        let proof = proof(skips);
        let proof = if proof.is_empty() { proof } else { format!(": {proof}") };
        self.terminal.say(&format!("{building} · {} to skip{proof}", grouped(skipped)));
        let roots = Root::all(self.plan);
        print_roots(self.terminal, &roots, &groups_of(self.plan, &roots), Came::Ahead);
        self.unwatched();
        self.left();
    }

    /// Totals, roots, which nodes failed, and what to do next.
    pub fn closing(&self, run: &Run, summary: &Summary, orphans: &[String]) {
        let listed = |outcome: &Outcome| match outcome.status {
            Status::Skipped => self.terminal.verbose > 0 || outcome.decision(self.plan).applies(),
            Status::NotSelected => false,
            Status::Success | Status::Error | Status::Blocked => true,
        };
        let news = !self.terminal.quiet && !self.terminal.json_log && run.outcomes.iter().any(listed);
        if news {
            self.terminal.say("");
        }
        let outcomes = || self.graph.by_name().map(|id| &run.outcomes[id]);
        let name = |outcome: &Outcome| self.graph.nodes[outcome.node].name.as_str();
        let failed: Vec<&str> = outcomes().filter(|outcome| outcome.status == Status::Error).map(name).collect();
        if !failed.is_empty() && !self.terminal.json_log {
            let shown = &failed[..failed.len().min(SHOWN)];
            let line = format!("failed: {}{}", shown.join(", "), more(failed.len(), shown.len()));
            self.terminal.error(&self.terminal.paint(Style::Bad, &line));
        }
        if !self.terminal.json_log {
            let over = exceeded(&summary.budgets);
            over.iter().for_each(|line| self.terminal.error(&self.terminal.paint(Style::Bad, line)));
        }
        let skipped = outcomes().filter(|outcome| outcome.status == Status::Skipped);
        let decisions = skipped.map(|outcome| &self.plan.decisions[outcome.node]);
        let proof = proof(decisions.map(|one| (one.primary().code.into(), one.unwatched.is_empty())));
        self.terminal.say(&totals(summary, &proof));
        if self.terminal.quiet {
            return;
        }
        if summary.interrupted {
            self.terminal.say("  interrupted: what was built is kept, the next run builds the rest");
        }
        print_roots(self.terminal, &summary.roots, &summary.groups, Came::Done);
        self.unwatched();
        self.left();
        print_budgets(self.terminal, &summary.budgets, news);
        if !orphans.is_empty() {
            let shown: Vec<&str> = orphans.iter().take(SHOWN).map(String::as_str).collect();
            let more = more(orphans.len(), shown.len());
            self.terminal.say(&format!(
                "  no longer in the project: {}{more}; `fft clean --orphans` drops them",
                shown.join(", ")
            ));
        }
        if let Some(node) = self.worth_explaining(outcomes()).map(name) {
            self.terminal.say(&self.terminal.paint(Style::Quiet, &format!("  fft explain {node}")));
        }
        let style = if failed.is_empty() { Style::Strong } else { Style::Bad };
        self.terminal.say(&self.terminal.paint(style, &clean(&summary.sentence)));
    }

    /// Data that nothing watches, once for all that read it, with what to do.
    fn unwatched(&self) {
        let selected = self.plan.decisions.iter().filter(|decision| decision.action != Action::NotSelected);
        let found: BTreeMap<&str, &str> = selected
            .flat_map(|decision| &decision.unwatched)
            .map(|one| (one.name.as_str(), one.why.as_str()))
            .collect();
        let bound = if self.terminal.verbose > 0 { usize::MAX } else { SHOWN };
        for (name, why) in found.iter().take(bound) {
            self.terminal.say(&format!("  not watched: {} ({})", clean(name), clean(why)));
        }
        if found.len() > bound {
            self.terminal.say(&format!("  … and {} more (-v)", found.len() - bound));
        }
        if !found.is_empty() {
            let words = "  tables over what isn't watched are built each run unless `run.unseen_sources` is `skip`; \
                         `loaded_at_field` or `loaded_at_query` in sources.yml tells when data changed";
            self.terminal.say(&self.terminal.paint(Style::Quiet, words));
        }
    }

    /// Snapshots that were asked for with the rest, and what they are left to.
    fn left(&self) {
        let left = self.plan.decisions.iter().filter(|decision| decision.primary().code == Code::SnapshotLeft);
        let names: Vec<&str> = left.map(|decision| self.graph.nodes[decision.node].name.as_str()).collect();
        if !names.is_empty() {
            let shown = &names[..names.len().min(SHOWN)];
            let (what, more) = (counted(names.len(), "snapshot"), more(names.len(), shown.len()));
            self.terminal.say(&format!("  {what} left to `fft snapshot run`: {}{more}", shown.join(", ")));
        }
    }

    /// The last node that failed, else the last cascade, else the last node built.
    fn worth_explaining<'r>(&self, outcomes: impl Iterator<Item = &'r Outcome>) -> Option<&'r Outcome> {
        let wanted = |outcome: &&Outcome| matches!(outcome.status, Status::Success | Status::Error);
        let level = |outcome: &&Outcome| {
            let role = self.plan.decisions[outcome.node].role;
            let level = self.graph.nodes[outcome.node].level;
            (outcome.status == Status::Error, role == Some(Role::Cascade), level)
        };
        outcomes.filter(wanted).max_by_key(level)
    }
}

/// Foreign text as a part of a line: a sentence may list thousands of columns, an exception may hold a whole answer.
fn short(text: &str) -> String {
    brief(&clean(text), LONGEST).into_owned()
}

/// Where rebuilding began, a line a root; several roots of one edit are one line, and each by itself with `-v`.
pub fn print_roots(terminal: &Terminal, roots: &[Root], groups: &[RootGroup], came: Came) {
    let verbose = terminal.verbose > 0;
    let grouped: BTreeSet<&str> = groups.iter().flat_map(|group| &group.roots).map(String::as_str).collect();
    let single =
        |root: &&Root| verbose || root.kind != Word::Known(RootKind::Node) || !grouped.contains(root.name.as_str());
    let mut lines: Vec<(usize, String)> = groups.iter().map(|group| (group.impact, group_line(group, came))).collect();
    lines.extend(roots.iter().filter(single).map(|root| (root.impact, root_line(root, came))));
    if !verbose {
        lines.sort_by_key(|(impact, _)| std::cmp::Reverse(*impact));
    }
    let bound = if verbose { usize::MAX } else { SHOWN };
    for (_, line) in lines.iter().take(bound) {
        terminal.say(&format!("  {line}"));
    }
    if lines.len() > bound {
        terminal.say(&format!("  … and {} more (-v)", lines.len() - bound));
    }
}

/// An edit with what it caused.
fn group_line(group: &RootGroup, came: Came) -> String {
    let roots = grouped(group.roots.len());
    format!("{} → {roots} roots, {} {}", clean(&group.sentence), grouped(group.impact), came.rebuilt())
}

/// A root with what it caused.
pub fn root_line(root: &Root, came: Came) -> String {
    let subject = match root.kind.known() {
        Some(RootKind::Global) => short(&root.sentence),
        Some(RootKind::Node | RootKind::Earlier) | None => format!("{}  {}", root.name, short(&root.sentence)),
    };
    format!("{subject}  → {}", root.came(came))
}

/// Nodes by what became of them, what the skips rest on, and the time.
pub fn totals<Rows>(results: &RunResults<Rows>, proof: &str) -> String {
    let totals = &results.totals;
    let tests = (!results.tests.is_empty()).then(|| format!("tests: {}", TestTotals::of(&results.tests).words()));
    // A run of tests alone says nothing of nodes.
    let nodes = (tests.is_none() || totals.not_selected < totals.nodes).then(|| totals.words_with(proof));
    let parts: Vec<String> = nodes.into_iter().chain(tests).chain([duration(results.duration_ms)]).collect();
    parts.join(" · ")
}

/// The same of a recorded run.
pub fn recorded_totals(results: &RunResults) -> String {
    let skipped = results.results.iter().filter(|row| row.status == Status::Skipped);
    let skips = skipped.map(|row| (row.decision.primary_code.clone(), row.decision.unwatched.is_empty()));
    totals(results, &proof(skips))
}

/// What skips rest on: `all inputs equal`, or each reason with its number where they differ. Told of each: its code, and
/// whether all that it reads is watched.
pub fn proof(skips: impl Iterator<Item = (Word<Code>, bool)>) -> String {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for (code, watched) in skips {
        let title = match code {
            Word::Known(Code::AllInputsEqual) if !watched => "all watched inputs equal".to_string(),
            code => title(&code),
        };
        match counts.iter_mut().find(|(known, _)| *known == title) {
            Some((_, count)) => *count += 1,
            None => counts.push((title, 1)),
        }
    }
    counts.sort_by(|left, right| (right.1, &left.0).cmp(&(left.1, &right.0)));
    match counts.as_slice() {
        [(title, _)] => title.clone(),
        counts => counts.iter().map(|(title, count)| format!("{count} {title}")).collect::<Vec<_>>().join(", "),
    }
}

fn more(all: usize, shown: usize) -> String {
    if all > shown { format!(" … and {} more", all - shown) } else { String::new() }
}

/// Glyph, first word and style of a line.
pub fn word(status: Status, role: Option<Role>, mode: Option<Mode>) -> (&'static str, &'static str, Style) {
    match (status, role) {
        (Status::Success, _) if mode == Some(Mode::Incremental) => ("✓", "EXTEND", Style::Changed),
        (Status::Success, Some(Role::Cascade)) => ("✓", "CASCADE", Style::Changed),
        (Status::Success, _) => ("✓", "BUILD", Style::Good),
        (Status::Skipped, _) => ("○", "SKIP", Style::Quiet),
        (Status::Error, _) => ("✗", "ERROR", Style::Bad),
        (Status::Blocked | Status::NotSelected, _) => ("–", "BLOCKED", Style::Bad),
    }
}

/// The same of a recorded row, in which a newer fft may have written other words.
pub fn row_word(row: &ResultRow) -> (&'static str, String, Style) {
    match &row.status {
        Word::Known(status) => {
            let (glyph, word, style) = word(
                *status,
                row.decision.role.as_ref().and_then(Word::known),
                row.decision.mode.as_ref().and_then(Word::known),
            );
            (glyph, word.into(), style)
        }
        Word::Unknown(word) => ("?", word.to_uppercase(), Style::Quiet),
    }
}

/// Rows built and milliseconds taken, in columns.
pub fn measures(rows: Option<u64>, duration_ms: Option<u64>) -> String {
    let rows = match rows {
        Some(rows) => counted(rows as usize, "row"),
        None => "–".to_string(),
    };
    let time = duration_ms.map_or("–".to_string(), duration);
    format!("{rows:>10}  {time:>8}")
}
