//! A node as Markdown tells it: of a comparison, or of a run that took it up.

use crate::artifact::comparison::{NodeChange, NodeComparison, unbuilt_words};
use crate::artifact::wire::{Cause, ResultRow, title};
use crate::execute::Status;
use crate::plan::Code;
use std::borrow::Cow;

/// Names and sentences are foreign text.
pub(super) struct Told<'a> {
    pub name: &'a str,
    /// The first word of its line.
    pub word: &'static str,
    /// How the graph draws it: one of its classes.
    pub class: &'static str,
    pub causes: &'a [Cause],
    /// Why, in a line; empty where nobody knows.
    pub why: Cow<'a, str>,
    /// What stands below its name in the graph.
    pub title: Option<String>,
    /// It changed only because of what is upstream.
    pub follows: bool,
    /// A run didn't reach it, since what it reads had failed.
    pub waits: bool,
}

impl<'a> Told<'a> {
    pub fn of_comparison(node: &'a NodeComparison) -> Told<'a> {
        let status = node.after.as_ref().and_then(|after| after.status.as_ref()?.known());
        let class = match (status, node.change) {
            (Some(Status::Error), _) => "failed",
            (Some(Status::Blocked), _) => "blocked",
            (_, NodeChange::Added) => "added",
            (_, NodeChange::Removed) => "removed",
            _ if node.is_cascade() => "followed",
            _ => "changed",
        };
        let follows = node.is_cascade();
        let title = match (node.change, node.causes.first()) {
            (NodeChange::Added | NodeChange::Removed, _) => Some(node.change.word().to_lowercase()),
            (_, Some(cause)) if !follows => Some(title(&cause.code)),
            _ => None,
        };
        let (word, why) = (node.change.word(), node.summary().into());
        Told { name: &node.name, word, class, causes: &node.causes, why, title, follows, waits: false }
    }

    /// What a run did about a node; `None` where it left it as it was.
    pub fn of_row(row: &'a ResultRow) -> Option<Told<'a>> {
        let status = row.status.known()?;
        let decision = &row.decision;
        let waits = status == Status::Blocked;
        let upstream = !decision.causes.is_empty() && decision.causes.iter().all(Cause::is_upstream);
        let follows = waits || (upstream && status != Status::Error);
        let word = match status {
            Status::Error => "FAILED",
            Status::Blocked => "BLOCKED",
            Status::Success if row.is_extended() => "EXTENDED",
            Status::Success => "BUILT",
            Status::Skipped | Status::NotSelected => return None,
        };
        let class = match status {
            Status::Error => "failed",
            Status::Blocked => "blocked",
            _ if follows => "followed",
            _ if decision.baseline.is_none() => "added",
            _ => "changed",
        };
        let why = match unbuilt_words(status) {
            Some(words) => format!("{} · {words}", decision.summary).into(),
            None => decision.summary.as_str().into(),
        };
        let title = decision.causes.first().filter(|_| !follows).map(|cause| title(&cause.code));
        Some(Told { name: &row.name, word, class, causes: &decision.causes, why, title, follows, waits })
    }

    /// The nodes that it changed, or wasn't reached, because of.
    pub fn upstream(&self) -> impl Iterator<Item = &'a str> {
        let follows = |cause: &&Cause| cause.is_upstream() || cause.code == Code::UpstreamFailed;
        self.causes.iter().filter(follows).filter_map(|cause| cause.name.as_deref())
    }

    /// What failed, what has reasons of its own, what followed, what wasn't reached.
    pub fn order(&self) -> (bool, bool, bool) {
        (self.waits, self.follows, self.class != "failed")
    }
}
