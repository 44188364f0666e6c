//! A decision's checks and roots as they are written.

use super::edited::edited;
use super::summary::{reasons, way};
use super::{Cause, Word, detail};
use crate::plan::{
    self, Action, Code, Decision, Evidence, Output, Plan, RecordedRoot, Role, RootKind, Since, Standing, Why,
};
use serde::{Deserialize, Serialize};

/// The most roots whose sentences a decision repeats.
const TOLD_ROOTS: usize = 3;
/// One of the conditions of a skip, with what was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    pub evidence: String,
    /// `cache_mode`, `fingerprint`, `relation`, `meta`, `source`, `upstream`, `output`.
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
    pub code: Word<Code>,
    /// What was edited, where other nodes read it too: roots with the same words are one edit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<String>,
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
        let (sentence, edited) = match &root.why {
            Why::Cause(cause) => {
                let cause = Cause::from(&**cause);
                let edited = edited(&cause).filter(|_| root.kind == RootKind::Node);
                (cause.sentence, edited)
            }
            Why::Recorded(recorded) => (recorded.sentence.clone(), None),
            Why::Since(_, since) => (since_words(since), None),
        };
        Root {
            code: root.why.code().into(),
            edited,
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
        Since::Built(run) => format!("built by run {run}"),
        Since::Unrecorded(contested) => detail::unrecorded(contested),
        Since::Missing => "its relation is missing".into(),
    }
}

impl Root {
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
    match (decision.action, decision.role) {
        (Action::Build, Some(Role::Cascade)) => way(&decision.path, decision.path_elided),
        (Action::Skip, _) if decision.primary().code == Code::AllInputsEqual => {
            let shown = decision.checks.iter().filter(|check| check.shown);
            shown.map(|check| Check::from(check).evidence).collect::<Vec<_>>().join(" · ")
        }
        (Action::Build, _) => reasons(causes),
        _ => causes[0].sentence.clone(),
    }
}

/// The same where nothing else of it is written.
pub fn summary(decision: &Decision) -> String {
    summary_of(decision, &Cause::all(decision))
}
