//! Decisions: which node is built, which skipped, and every reason why.
//!
//! [`plan`] takes the graph, each node's components, what was recorded of earlier builds and what the engine holds; it
//! gives a [`Plan`] with one [`Decision`] a node. It can't fail and does no I/O: a damaged record or a missing relation
//! is a cause. [`attribution`] then adds diffs from the contents behind the digests.

mod about;
pub mod attribution;
mod between;
mod cause;
mod change;
mod check;
mod code;
mod columns;
mod comparison;
mod cutoff;
mod decide;
mod detail;
mod evidence;
mod given;
mod growth;
mod increment;
mod logic;
mod outline;
mod part;
mod path;
mod reason;
mod root;
mod rows;
mod state;
mod step;
#[cfg(test)]
mod tests;

pub use about::About;
pub use between::causes_between;
pub use cause::{Attribution, Cause, Side};
pub use change::{ColumnLook, ColumnType, DataChange, Look, TextDiff};
pub use code::Code;
pub use cutoff::{Cutoff, Ended, Known, upstream_outputs};
pub use decide::plan;
pub use detail::{Detail, Unsettled, Unsteady};
pub use evidence::{Check, CheckName, Evidence, Inputs, Output, Standing};
pub use given::{ByColumn, Given, Gives, Reads, Unread};
pub use growth::{Mode, WhyFull};
pub use increment::{Column, Increment, Watermark};
pub use outline::Outline;
pub use reason::{ephemeral_upstream, relations_upstream, upstream_builds};
pub use state::{
    Entry, Failure, Found, Identity, MetaFact, Progress, RECORDED_ROOTS, RecordedRoot, State, folder_digest,
};
pub use step::{How, Step};

use crate::digest::Digest;
use crate::fingerprint::{Fingerprint, Unwatched};
use crate::graph::NodeId;
use crate::lineage::shape::Shape;
use crate::name::{NodeName, RelationName};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Whether records of earlier builds are used and made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CacheMode {
    /// Nothing is skipped, nothing recorded.
    Off,
    /// Skips on a match; builds aren't recorded.
    Ro,
    #[default]
    Rw,
    /// Nothing is skipped; builds are recorded.
    Wo,
}

impl CacheMode {
    pub fn reads(self) -> bool {
        matches!(self, CacheMode::Ro | CacheMode::Rw)
    }

    pub fn writes(self) -> bool {
        matches!(self, CacheMode::Wo | CacheMode::Rw)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            CacheMode::Off => "off",
            CacheMode::Ro => "ro",
            CacheMode::Rw => "rw",
            CacheMode::Wo => "wo",
        }
    }
}

/// The most names that a recorded path has.
pub const PATH_LIMIT: usize = 50;

/// What was asked for.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub mode: CacheMode,
    /// Nodes of this run.
    pub selected: BTreeSet<NodeId>,
    /// Snapshots that were asked for with the others and that another verb is for; none of them is selected.
    pub left: BTreeSet<NodeId>,
    /// Snapshots whose histories begin again.
    pub anew: bool,
    /// Versions of each row of a snapshot that are kept, where older ones are to be pruned.
    pub keep_last: Option<usize>,
    /// Nodes to build whatever their fingerprint says.
    pub forced: BTreeSet<NodeId>,
    /// `fingerprint.cosmetic: skip`.
    pub cosmetic_skip: bool,
    /// The project's folder, as a digest.
    pub folder: Option<Digest>,
    /// Build what reads data that nothing watches.
    pub build_unwatched: bool,
    /// `--adopt`: relations that fft never made are replaced.
    pub adopt: bool,
    /// The engine's views hold on to the relations that they were made over, not to their names.
    pub bound_views: bool,
    /// `run.columns`: what each node's text says of columns, in the graph's order; none for what is no query.
    pub shapes: Option<std::sync::Arc<[Option<Shape>]>>,
}

/// One decision a node, in the graph's order, and the roots of what is rebuilt.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub decisions: Vec<Decision>,
    /// By impact, largest first, then by name.
    pub roots: Vec<Root>,
}

impl Plan {
    /// Whether a run of it leaves the database as it is: it builds nothing and records no fingerprint.
    pub fn writes_nothing(&self) -> bool {
        !self.decisions.iter().any(|decision| decision.action == Action::Build || decision.takes_fingerprint)
    }

    /// Whether no node is part of the run.
    pub fn selects_nothing(&self) -> bool {
        self.decisions.iter().all(|decision| decision.action == Action::NotSelected)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Build,
    Skip,
    NotSelected,
}

/// Where a node's reasons to be built lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// In itself only.
    Root,
    /// In its upstream nodes only.
    Cascade,
    /// In both.
    Mixed,
}

/// What is done with a node, and why. `causes` is never empty: [`Decision::new`] is the only way to make one.
#[derive(Clone, Debug)]
pub struct Decision {
    pub node: NodeId,
    pub action: Action,
    /// How the node is built whenever it is; none where it has no relation.
    pub how: Option<How>,
    /// Of an incremental model that is built: whether it is extended.
    pub mode: Option<Mode>,
    /// Of one that is built in full: why.
    pub why_full: Option<WhyFull>,
    /// What the node makes of data, where that counts for an incremental model.
    pub logic: Option<Digest>,
    pub role: Option<Role>,
    causes: Vec<Cause>,
    pub checks: Vec<Check>,
    pub baseline: Option<Baseline>,
    /// The fingerprint that the node has now.
    pub fingerprint: Fingerprint,
    /// Indices into [`Plan::roots`].
    pub roots: Vec<usize>,
    /// Node names from the nearest root to this node, ends included; for a root, its own name. At most
    /// [`PATH_LIMIT`] names.
    pub path: Vec<String>,
    /// Names that were left out of the middle of a longer path, behind its first [`PATH_LIMIT`]` / 2`.
    pub path_elided: usize,
    /// For a skip in spite of a new fingerprint, where the cache mode writes: entry and row take the new one.
    pub takes_fingerprint: bool,
    /// For a skip: the build of another checkout from the same inputs, which the records here are to take over.
    pub taken: Option<Box<Entry>>,
    /// Of a node that no build is recorded of: one that is gone and had the same code.
    pub renamed_from: Option<NodeName>,
    /// The relation that the build would replace and that no record says fft made.
    pub replaces: Option<RelationName>,
    /// The relation that the build would replace and that holds the history of a snapshot.
    pub discards: Option<RelationName>,
    /// Whether an equal fingerprint means equal rows, as far as is known before the run: a Python model that no build
    /// is recorded of may make HTTP requests and counts as not hermetic.
    pub hermetic: bool,
    /// Data that the node reads, itself or through views, and that no component tells of.
    pub unwatched: Vec<Unwatched>,
    /// With `run.columns`: what the node gives and reads once the run is over.
    pub by_column: Option<Box<ByColumn>>,
}

impl Decision {
    /// A decision with its first reason and the others, primary first.
    pub fn new(node: NodeId, action: Action, first: Cause, others: Vec<Cause>, fingerprint: Fingerprint) -> Decision {
        let mut causes = vec![first];
        causes.extend(others);
        Decision {
            node,
            action,
            how: None,
            mode: None,
            why_full: None,
            logic: None,
            role: None,
            causes,
            checks: Vec::new(),
            baseline: None,
            fingerprint,
            roots: Vec::new(),
            path: Vec::new(),
            path_elided: 0,
            takes_fingerprint: false,
            taken: None,
            renamed_from: None,
            replaces: None,
            discards: None,
            hermetic: true,
            unwatched: Vec::new(),
            by_column: None,
        }
    }

    /// Every reason, primary first.
    pub fn causes(&self) -> &[Cause] {
        &self.causes
    }

    /// The same with reasons behind those that it has.
    pub fn told_too(mut self, more: Vec<Cause>) -> Decision {
        self.causes.extend(more);
        self
    }

    pub fn primary(&self) -> &Cause {
        &self.causes[0]
    }

    /// Whether no build of the node was recorded before.
    pub fn is_new(&self) -> bool {
        self.role != Some(Role::Cascade) && self.causes.iter().any(|cause| cause.code == Code::FirstBuild)
    }
}

/// The last successful build that a node is compared with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    pub built_at: String,
    pub fingerprint: crate::digest::Digest,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git_commit: Option<String>,
    /// Whether files of the project differed from that commit, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git_dirty: Option<bool>,
    pub run_id: String,
}

/// Where rebuilding began: a node, or what hit every node, with its cause.
#[derive(Clone, Debug, PartialEq)]
pub struct Root {
    pub kind: RootKind,
    /// A node's name, what hit every node (`env FF_X`, `engine`, `first_build`), or an earlier run that built several.
    pub name: String,
    pub why: Why,
    /// Nodes rebuilt because of it, itself included.
    pub impact: usize,
    /// Nodes rebuilt only because of it.
    pub sole_impact: usize,
}

/// Why rebuilding began there.
#[derive(Clone, Debug, PartialEq)]
pub enum Why {
    /// Of a node of this run, its primary cause.
    Cause(Box<Cause>),
    /// What an earlier run recorded.
    Recorded(RecordedRoot),
    /// What became of a node since another one was built from it; the code is that of the other one's cause.
    Since(Code, Since),
}

impl Why {
    pub fn code(&self) -> Code {
        match self {
            Why::Cause(cause) => cause.code,
            Why::Recorded(root) => root.code,
            Why::Since(code, _) => *code,
        }
    }
}

/// What became of an upstream node that this run leaves alone.
#[derive(Clone, Debug, PartialEq)]
pub enum Since {
    /// It stores nothing: its text stands in what reads it.
    TextChanged,
    /// Built by this run, as were these nodes, which are read by others that it left out: one root, called by the run
    /// where they are several.
    Built {
        run: String,
        nodes: BTreeSet<String>,
    },
    /// Nothing tells what its relation holds: no row, or one of each of these nodes.
    Unrecorded(Vec<NodeName>),
    Missing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RootKind {
    /// One cause that hits every node.
    Global,
    /// A node of this run.
    Node,
    /// What an earlier run was built for, where this one goes on from there. Else a node that this run leaves alone and
    /// that isn't what a downstream node was built from: another checkout rebuilt it, it is ephemeral and changed, or
    /// nothing tells what it holds.
    Earlier,
}
