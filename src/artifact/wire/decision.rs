//! A decision's checks and roots as they are written.

use super::edited::edited;
use super::summary::{reasons, way};
use super::{Cause, ColumnReach, Word, detail, increment, is_zero};
use crate::diagnostic::grouped;
use crate::plan::{
    self, Action, Code, Decision, Evidence, Increment, Output, Plan, RecordedRoot, Role, RootKind, Since, Standing, Why,
};
use serde::{Deserialize, Serialize};

/// The most roots whose sentences a decision repeats.
const TOLD_ROOTS: usize = 3;
/// One of the conditions of a skip, with what was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    pub evidence: String,
    /// `cache_mode`, `fingerprint`, `relation`, `meta`, `source`, `upstream`, `output`, `columns`; of a
    /// test also `result`, `clock`.
    pub name: String,
    pub ok: bool,
}

impl From<&plan::Check> for Check {
    fn from(check: &plan::Check) -> Check {
        let settled = if check.settled { ", and what is upstream gives the same rows" } else { "" };
        Check {
            evidence: format!("{}{settled}", evidence(&check.evidence)),
            name: check.name.as_str().into(),
            ok: check.ok,
        }
    }
}

fn evidence(evidence: &Evidence) -> String {
    match evidence {
        Evidence::Allows(mode) => format!("cache mode {} allows a skip", mode.as_str()),
        Evidence::Causes { causes, more } => {
            let told: Vec<String> = causes.iter().map(|cause| Cause::from(cause).sentence).collect();
            let more = if *more > 0 { format!(", and {more} more") } else { String::new() };
            format!("{}{more}", told.join(", "))
        }
        Evidence::About(cause) => {
            let cause = Cause::from(&**cause);
            cause.detail.unwrap_or(cause.sentence)
        }
        Evidence::NeverBuilt => "no earlier build is recorded".into(),
        Evidence::NeverTested => "no earlier result is recorded".into(),
        Evidence::Came { run, status: "pass" } => format!("passed in run {run}"),
        Evidence::Came { run, status } => format!("came out as {status} in run {run}"),
        Evidence::AsksFor(word) => format!("asks for the time by {word}"),
        Evidence::Inputs(found) => {
            let gone = if found.removed > 0 { format!(", {} removed", found.removed) } else { String::new() };
            let rest = if found.kept { ", the rest changes no row" } else { "" };
            let watched = if found.some_unwatched { "watched " } else { "" };
            format!("{}/{} {watched}inputs equal to run {}{gone}{rest}", found.equal, found.total, found.run)
        }
        Evidence::OtherFormat(run) => format!("digests of run {run} are in another format"),
        Evidence::OtherKey(run) => format!("digests of run {run} are under another key"),
        Evidence::Unexplained(run) => format!("the fingerprint isn't that of run {run}, and no input tells why"),
        Evidence::NotWatched(names) => format!("{} not watched", names.join(", ")),
        Evidence::NothingRebuilt => "no upstream was rebuilt in a way that can change its rows".into(),
        Evidence::UnreadUpstream => "nothing that this reads of what is upstream changed".into(),
        Evidence::Unread { name, unread } => format!("of {name} it {}", detail::unread_words(unread)),
        Evidence::SameRowsUpstream => "what is upstream has the rows that this was built from".into(),
        Evidence::Relation(standing) => match standing {
            Standing::Renamed => "relation is renamed",
            Standing::Missing => "relation is missing",
            Standing::OtherKind => "relation is of another kind",
            Standing::Replaced => "relation isn't the one that was built",
            Standing::Exists => "relation exists",
        }
        .into(),
        Evidence::Unrecorded(contested) => detail::unrecorded(contested),
        Evidence::BuiltAs(node) => format!("_ff_meta says it was built as {node}"),
        Evidence::Unfinished(run) => format!("_ff_meta says that run {run} began to build it, and not that it ended"),
        Evidence::Extending => "its mark says that an extension of it was begun, and not that it ended".into(),
        Evidence::Held(digest) => format!("_ff_meta says it held {}", digest.short()),
        Evidence::Holds(digest) => format!("_ff_meta says it holds {}", digest.short()),
        Evidence::Output { name, found } => match found {
            Output::Same { run, digest } => format!("{name} gives what it gave to run {run}: {}", digest.short()),
            Output::Other { now, then } => format!("{name} gives {}, it gave {}", now.short(), then.short()),
            Output::NotRecorded { run } => format!("it isn't recorded what {name} gave to run {run}"),
            Output::NotKnown => format!("it isn't known what {name} gives"),
        },
    }
}

/// Where rebuilding began.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    /// Nodes that weren't reached because of failures among those that were to be rebuilt because of it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub blocked: usize,
    /// What happened, for the sentence of the run: `one row was added to seed_users`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub clause: String,
    pub code: Word<Code>,
    /// Of an edit of a model's columns alone: which, and who reads them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<ColumnReach>,
    /// What was edited, where other nodes read it too: roots with the same words are one edit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<String>,
    /// Nodes that were to be rebuilt because of it and failed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub failed: usize,
    /// Nodes rebuilt because of it, itself included.
    pub impact: usize,
    pub kind: Word<RootKind>,
    /// A node's name, or what hit every node: `env FF_X`, `engine`, `first_build`.
    pub name: String,
    /// The cause in words.
    pub sentence: String,
    /// Nodes rebuilt only because of it.
    pub sole_impact: usize,
}

impl From<&plan::Root> for Root {
    fn from(root: &plan::Root) -> Root {
        let (sentence, edited, clause) = match &root.why {
            Why::Cause(cause) => {
                let cause = Cause::from(&**cause);
                let edited = edited(&cause).filter(|_| root.kind == RootKind::Node);
                let clause = cause.clause((root.kind != RootKind::Global).then_some(root.name.as_str()));
                (cause.sentence, edited, clause)
            }
            Why::Recorded(recorded) => (recorded.sentence.clone(), None, left_out(recorded)),
            Why::Since(_, since) => (since_words(since), None, since_clause(&root.name, since)),
        };
        Root {
            blocked: 0,
            clause,
            code: root.why.code().into(),
            columns: None,
            edited,
            failed: 0,
            impact: root.impact,
            kind: root.kind.into(),
            name: root.name.clone(),
            sentence,
            sole_impact: root.sole_impact,
        }
    }
}

fn since_words(since: &Since) -> String {
    match since {
        Since::TextChanged => "changed, and its text stands in what reads it".into(),
        Since::Built { run, nodes } if nodes.len() == 1 => format!("built by run {run}"),
        Since::Built { nodes, .. } => format!("built {} nodes and not all that read them", grouped(nodes.len())),
        Since::Unrecorded(contested) => detail::unrecorded(contested),
        Since::Missing => "its relation is missing".into(),
    }
}

/// What an earlier run was built for, as a clause: a node, or what hit every node.
fn left_out(root: &RecordedRoot) -> String {
    let global = root.name == root.code.as_str().trim_end_matches("_changed") || root.name.contains(' ');
    if global {
        return "an earlier run left these out".into();
    }
    format!("{} was rebuilt by an earlier run that left these out", root.name)
}

fn since_clause(name: &str, since: &Since) -> String {
    match since {
        Since::TextChanged => format!("the text of {name} changed"),
        Since::Built { nodes, .. } if nodes.len() == 1 => {
            format!("{name} was rebuilt by an earlier run that left these out")
        }
        Since::Built { nodes, .. } => format!("{name} rebuilt {} nodes and left these out", grouped(nodes.len())),
        Since::Unrecorded(_) => format!("nothing tells what {name} holds"),
        Since::Missing => format!("the relation of {name} is missing"),
    }
}

/// Whether what came of a root is done, or a plan's.
#[derive(Clone, Copy)]
pub enum Came {
    Done,
    Ahead,
}

impl Came {
    pub fn rebuilt(self) -> &'static str {
        match self {
            Came::Done => "rebuilt",
            Came::Ahead => "to rebuild",
        }
    }

    fn would_be(self) -> &'static str {
        match self {
            Came::Done => "would have been",
            Came::Ahead => "would be",
        }
    }
}

impl Root {
    /// What came of it: `3 rebuilt; 1 would have been skipped without it`, `1 failed, 12 wait`.
    pub fn consequence(&self) -> String {
        self.came(Came::Done)
    }

    /// The same, or what a plan has come of it: `3 to rebuild; 1 would be skipped without it`.
    pub fn came(&self, came: Came) -> String {
        let sole = match self.sole_impact {
            0 => String::new(),
            only if only == self.impact => String::new(),
            only => format!("; {} {} skipped without it", grouped(only), came.would_be()),
        };
        let rebuilt =
            (self.impact > 0 || self.failed == 0).then(|| format!("{} {}{sole}", grouped(self.impact), came.rebuilt()));
        let waits = if self.blocked == 1 { "waits" } else { "wait" };
        let failed = (self.failed > 0).then(|| format!("{} failed", grouped(self.failed)));
        let blocked = (self.failed > 0 && self.blocked > 0).then(|| format!("{} {waits}", grouped(self.blocked)));
        rebuilt.into_iter().chain(failed).chain(blocked).collect::<Vec<_>>().join(", ")
    }

    /// A plan's roots, in its order.
    pub fn all(plan: &Plan) -> Vec<Root> {
        plan.roots.iter().map(Root::from).collect()
    }
}

/// What began the rebuilding of a node that is built for what is upstream, in words; none where there are many.
/// `sentence` gives that of each of the plan's roots.
pub fn root_sentences(decision: &Decision, sentence: impl Fn(usize) -> String) -> Vec<String> {
    let upstream = matches!(decision.role, Some(Role::Cascade | Role::Mixed));
    let told = upstream && decision.roots.len() <= TOLD_ROOTS;
    decision.roots.iter().filter(|_| told).map(|root| sentence(*root)).collect()
}

/// Each root of a plan as the records of a build by `run` keep it.
pub fn recorded_roots(plan: &Plan, run: &str) -> Vec<RecordedRoot> {
    let one = |root: &plan::Root| {
        let Root { name, sentence, .. } = Root::from(root);
        let sentence = match root.kind {
            RootKind::Earlier => sentence,
            RootKind::Node | RootKind::Global => format!("{sentence}, built by run {run}"),
        };
        RecordedRoot { code: root.why.code(), name, sentence }
    };
    plan.roots.iter().map(one).collect()
}

/// A decision in one line: the causes, or the path that a cascade came along, or the proof of a skip. `causes` are its
/// own as they are written.
pub fn summary_of(decision: &Decision, causes: &[Cause]) -> String {
    let (before, behind) = increment::around(decision);
    match (decision.action, decision.role) {
        (Action::Build, _) if !before.is_empty() => format!("{before}{}{behind}", reasons(causes)),
        (Action::Build, Some(Role::Cascade)) => way(&decision.path, decision.path_elided),
        (Action::Skip, _) if decision.primary().code == Code::AllInputsEqual => {
            let shown = decision.checks.iter().filter(|check| check.shown);
            shown.map(|check| Check::from(check).evidence).collect::<Vec<_>>().join(" · ")
        }
        (Action::Build, _) => reasons(causes),
        _ => causes[0].sentence.clone(),
    }
}

/// The same with what came of extending a table, where one was extended.
pub fn summary_with(decision: &Decision, causes: &[Cause], increment: Option<&Increment>) -> String {
    let summary = summary_of(decision, causes);
    match increment {
        Some(increment) => format!("{summary} · {}", increment::words(increment)),
        None => summary,
    }
}

/// The same where nothing else of it is written.
pub fn summary(decision: &Decision) -> String {
    summary_of(decision, &Cause::all(decision))
}
