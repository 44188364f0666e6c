//! What became of a node in a run, as a sign of one letter and a glyph, and of every node in every kept run.

use crate::execute::Status;
use crate::plan::Role;
use crate::site::Site;
use crate::site::history::{NodeBuild, RunSummary};
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// Runs that are shown, the newest ones.
pub const RUNS: usize = 60;
/// Width of a run in pictures, in pixels: room enough for a finger.
pub const STEP: usize = 24;

/// What a run did about a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    Built,
    Followed,
    Failed,
    Blocked,
    Skipped,
    /// It wasn't asked for, or a newer fft did what this one doesn't know.
    NotSelected,
    /// The project didn't have it, or had no such record.
    Absent,
}

impl Mark {
    pub const ALL: [Mark; 7] =
        [Mark::Built, Mark::Followed, Mark::Failed, Mark::Blocked, Mark::Skipped, Mark::NotSelected, Mark::Absent];

    pub fn of(build: &NodeBuild) -> Mark {
        match (build.status.known(), build.role.as_ref().and_then(|role| role.known())) {
            (Some(Status::Success), Some(Role::Cascade)) => Mark::Followed,
            (Some(Status::Success), _) => Mark::Built,
            (Some(Status::Error), _) => Mark::Failed,
            _ => Mark::NotSelected,
        }
    }

    /// As data has it: a row of them is a text.
    pub fn letter(self) -> char {
        match self {
            Mark::Built => 'b',
            Mark::Followed => 'f',
            Mark::Failed => 'e',
            Mark::Blocked => 'k',
            Mark::Skipped => 's',
            Mark::NotSelected => 'n',
            Mark::Absent => '-',
        }
    }

    pub fn glyph(self) -> &'static str {
        match self {
            Mark::Built => "■",
            Mark::Followed => "□",
            Mark::Failed => "✕",
            Mark::Blocked => "▫",
            Mark::Skipped => "·",
            Mark::NotSelected | Mark::Absent => "",
        }
    }

    pub fn class(self) -> &'static str {
        match self {
            Mark::Built => "build",
            Mark::Followed => "cascade",
            Mark::Failed => "error",
            Mark::Blocked => "blocked",
            Mark::Skipped => "skip",
            Mark::NotSelected | Mark::Absent => "unselected",
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Mark::Built => "built for a reason of its own",
            Mark::Followed => "followed what is upstream",
            Mark::Failed => "failed",
            Mark::Blocked => "blocked",
            Mark::Skipped => "skipped, proven equal",
            Mark::NotSelected => "not selected",
            Mark::Absent => "not in the project",
        }
    }

    /// Whether it was built.
    pub fn is_built(self) -> bool {
        matches!(self, Mark::Built | Mark::Followed)
    }
}

/// The kept runs of the last run's profile that are shown, oldest first.
pub fn runs<'a>(site: &Site<'a>) -> Vec<&'a RunSummary> {
    let profile = &site.input.results.profile;
    let mut runs: Vec<&RunSummary> = site.input.runs.iter().filter(|run| run.profile == *profile).collect();
    runs.drain(..runs.len().saturating_sub(RUNS));
    runs
}

/// Of every node of the project, what each of `runs` did about it.
pub fn marks<'a>(site: &Site<'a>, runs: &[&'a RunSummary]) -> BTreeMap<&'a str, Vec<Mark>> {
    let nodes = site.input.manifest.nodes.keys();
    let mut marks: BTreeMap<&str, Vec<Mark>> = nodes.map(|name| (&**name, vec![Mark::Absent; runs.len()])).collect();
    for (at, run) in runs.iter().enumerate() {
        let built = run.nodes.iter().map(|(name, build)| (name, Mark::of(build)));
        let blocked = run.blocked.iter().map(|name| (name, Mark::Blocked));
        let left = run.not_selected.iter().map(|name| (name, Mark::NotSelected));
        let skipped = run.skipped.values().flatten().map(|name| (name, Mark::Skipped));
        for (name, mark) in built.chain(blocked).chain(left).chain(skipped) {
            if let Some(of_node) = marks.get_mut(name.as_str()) {
                of_node[at] = mark;
            }
        }
    }
    marks
}

/// A node's marks as data have them.
pub struct Letters<'a>(pub &'a [Mark]);

impl Serialize for Letters<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.iter().map(|mark| mark.letter()).collect::<String>())
    }
}
