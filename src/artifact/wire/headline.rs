//! The sentence of a run: what it did and why, for a reader who reads one line.
//!
//! Made once, as the results are written; the terminal's last line, run_results.json, the pages and the lists of runs
//! say the same one. Failures come first; else it is built from the roots, the largest impact first.

use super::listed::first_of;
use super::{Cause, Root, RunResults, Totals, Word, failed_hooks, tests_sentence};
use crate::diagnostic::{counted, grouped};
use crate::execute::Status;
use crate::plan::RootKind;
use crate::project::HookTime;
use crate::project::shown_duration;
use std::collections::BTreeSet;

/// Failures that the sentence names.
const FAILURES: usize = 3;
/// Characters of a message that it tells.
const MESSAGE: usize = 140;
/// What ends the name of a model's file, and of no other node.
const SUFFIX: &str = ".ff";

/// A node that failed.
pub struct Failed<'a> {
    pub name: &'a str,
    /// Why, one or more lines.
    pub message: &'a str,
    /// `path:line:column`, where that is known.
    pub at: Option<&'a str>,
}

/// The sentence of what a run came to. `is_node` tells whether the project has a node of a name.
pub fn headline<Rows>(results: &RunResults<Rows>, failed: &[Failed<'_>], is_node: impl Fn(&str) -> bool) -> String {
    let totals = &results.totals;
    let no_nodes = totals.not_selected == totals.nodes && results.hooks.is_empty();
    match tests_sentence(&results.tests.iter().collect::<Vec<_>>()) {
        None => without_tests(results, failed, is_node),
        Some(tests) if no_nodes => tests,
        Some(tests) => format!("{} {tests}", without_tests(results, failed, is_node)),
    }
}

fn without_tests<Rows>(results: &RunResults<Rows>, failed: &[Failed<'_>], is_node: impl Fn(&str) -> bool) -> String {
    let mut hooks = failed_hooks(&results.hooks);
    let Some(first) = hooks.next() else { return of_nodes_alone(results, failed, is_node) };
    let more = match hooks.count() {
        0 => String::new(),
        more => format!(" {} failed too.", counted(more, "more hook")),
    };
    if first.when == HookTime::OnRunStart {
        return format!("Nothing was built. {}{more}", first.failure());
    }
    format!("{} {}{more}", of_nodes_alone(results, failed, is_node), first.failure())
}

/// The same without what hooks came to.
fn of_nodes_alone<Rows>(results: &RunResults<Rows>, failed: &[Failed<'_>], is_node: impl Fn(&str) -> bool) -> String {
    let totals = &results.totals;
    let interrupted = if results.interrupted { " The run was interrupted." } else { "" };
    if !failed.is_empty() {
        return format!("{}.{interrupted}", failures(totals.blocked, failed, &is_node));
    }
    if results.interrupted {
        let left = counted(totals.blocked, "node");
        return format!("Interrupted: {} built, {left} left for the next run.", of_nodes(totals.built, totals));
    }
    match totals.built {
        0 => quiet(totals),
        built if built == totals.new => {
            let time = shown_duration(results.duration_ms);
            match totals.nodes - totals.not_selected {
                all if all == built && all == totals.nodes => {
                    format!("First build: {} in {time}.", counted(built, "node"))
                }
                _ => format!("First build of {} in {time}.", of_nodes(built, totals)),
            }
        }
        built => {
            let clauses = clauses(&results.roots, &is_node);
            let why = if clauses.is_empty() { String::new() } else { format!(": {}", first_of(&clauses, "cause")) };
            format!("Rebuilt {}{why}.", of_nodes(built, totals))
        }
    }
}

impl RunResults {
    /// The same with a sentence, and a clause for each root, where an older fft or a redaction left none.
    pub fn completed(mut self) -> RunResults {
        for root in self.roots.iter_mut().filter(|root| root.clause.is_empty()) {
            let node = (root.kind != RootKind::Global).then_some(root.name.as_str());
            root.clause = Cause::of_code(root.code.clone()).clause(node);
        }
        if self.sentence.is_empty() {
            let failed: Vec<Failed<'_>> = self.failed().collect();
            let names: BTreeSet<&str> = self.results.iter().map(|row| row.name.as_str()).collect();
            self.sentence = headline(&self, &failed, |name| names.contains(name));
        }
        self
    }

    /// Nodes that failed, by name.
    pub fn failed(&self) -> impl Iterator<Item = Failed<'_>> {
        let failed = self.results.iter().filter(|row| row.status == Word::Known(Status::Error));
        failed.map(|row| Failed {
            name: &row.name,
            message: row.message.as_deref().unwrap_or_default(),
            at: row.at.as_deref(),
        })
    }
}

/// A node's name as sentences have it: without the suffix of its file, unless another node is called like that.
pub fn shown_name(name: &str, is_node: impl Fn(&str) -> bool) -> &str {
    name.strip_suffix(SUFFIX).filter(|short| !short.is_empty() && !is_node(short)).unwrap_or(name)
}

/// What each root did, each edit once.
pub(super) fn clauses(roots: &[Root], is_node: &impl Fn(&str) -> bool) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let told = roots.iter().filter(|root| root.impact > 0).map(|root| root.told(is_node));
    told.filter(|clause| seen.insert(clause.clone())).collect()
}

impl Root {
    /// Its clause, with the node's name as sentences have it.
    pub fn told(&self, is_node: impl Fn(&str) -> bool) -> String {
        self.clause.replacen(&self.name, shown_name(&self.name, is_node), 1)
    }
}

/// `1 node failed and 12 wait for it: a — no such column (models/a.ff.sql:5:5)`.
fn failures(blocked: usize, failed: &[Failed<'_>], is_node: &impl Fn(&str) -> bool) -> String {
    let waiting = match (blocked, failed.len()) {
        (0, _) => String::new(),
        (1, 1) => " and 1 waits for it".into(),
        (1, _) => " and 1 waits for them".into(),
        (blocked, 1) => format!(" and {} wait for it", grouped(blocked)),
        (blocked, _) => format!(" and {} wait for them", grouped(blocked)),
    };
    let one = |failed: &Failed<'_>| {
        let place = failed.at.map(|at| format!(" ({at})")).unwrap_or_default();
        let message = first_line(failed.message);
        let separator = if message.is_empty() { "" } else { " — " };
        format!("{}{separator}{message}{place}", shown_name(failed.name, is_node))
    };
    let mut told: Vec<String> = failed.iter().take(FAILURES).map(one).collect();
    if failed.len() > FAILURES {
        told.push(format!("and {} more", grouped(failed.len() - FAILURES)));
    }
    format!("{} failed{waiting}: {}", counted(failed.len(), "node"), told.join("; "))
}

/// A message's first line without its end, cut where it is long.
fn first_line(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default().trim().trim_end_matches('.');
    match line.char_indices().nth(MESSAGE) {
        None => line.into(),
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
    }
}

fn quiet(totals: &Totals) -> String {
    let selected = totals.nodes - totals.not_selected;
    let whose = if totals.not_selected > 0 { " selected" } else { "" };
    let all = match selected {
        0 if totals.nodes == 0 => return "Nothing to do: the project has no nodes.".into(),
        0 => return format!("Nothing to do: none of {} was selected.", counted(totals.nodes, "node")),
        1 => format!("the one{whose} node is up to date"),
        many => format!("all {}{whose} nodes are up to date", grouped(many)),
    };
    match totals.kept {
        0 => format!("Nothing changed: {all}."),
        1 => format!("Nothing was rebuilt: {all}, one of them in spite of an edit, which changes no row."),
        kept => {
            format!("Nothing was rebuilt: {all}, {} of them in spite of edits, which change no row.", grouped(kept))
        }
    }
}

/// `3 of 7 nodes`, `all 7 nodes`, `2 of 3 selected nodes`.
fn of_nodes(count: usize, totals: &Totals) -> String {
    let selected = totals.nodes - totals.not_selected;
    let what = if totals.not_selected > 0 { "selected node" } else { "node" };
    match selected {
        1 => format!("the one {what}"),
        all if all == count => format!("all {}", counted(all, what)),
        all => format!("{} of {}", grouped(count), counted(all, what)),
    }
}
