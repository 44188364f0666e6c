//! What was found where a condition of a skip was looked at, as facts.

use super::{CacheMode, Cause, Unread};
use crate::digest::Digest;
use crate::name::NodeName;

/// One of the conditions of a skip, with what was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    pub name: CheckName,
    pub ok: bool,
    pub evidence: Evidence,
    /// It holds because what is upstream gives the same rows.
    pub settled: bool,
    /// Part of the one-line proof.
    pub shown: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckName {
    CacheMode,
    Fingerprint,
    Relation,
    Meta,
    Source,
    Upstream,
    Output,
    Columns,
    /// Of a test: how it came out the last time.
    Result,
    /// Of a test: whether it asks for the time.
    Clock,
}

impl CheckName {
    /// As it is written in artifacts.
    pub fn as_str(self) -> &'static str {
        match self {
            CheckName::CacheMode => "cache_mode",
            CheckName::Fingerprint => "fingerprint",
            CheckName::Relation => "relation",
            CheckName::Meta => "meta",
            CheckName::Source => "source",
            CheckName::Upstream => "upstream",
            CheckName::Output => "output",
            CheckName::Columns => "columns",
            CheckName::Result => "result",
            CheckName::Clock => "clock",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Evidence {
    /// The cache mode lets a node be skipped.
    Allows(CacheMode),
    /// These speak against it, and so many more.
    Causes {
        causes: Vec<Cause>,
        more: usize,
    },
    /// This says more of it than its code.
    About(Box<Cause>),
    NeverBuilt,
    NeverTested,
    /// What became of a test in that run.
    Came {
        run: String,
        status: &'static str,
    },
    /// The word by which a test asks for the time, or for chance.
    AsksFor(String),
    Inputs(Inputs),
    /// Digests of that run are in another format.
    OtherFormat(String),
    /// Digests of that run are under another key.
    OtherKey(String),
    /// The fingerprint isn't that of the run, and no input tells why.
    Unexplained(String),
    /// Data that nothing watches.
    NotWatched(Vec<String>),
    NothingRebuilt,
    SameRowsUpstream,
    /// Nothing that the node reads of what is upstream is different.
    UnreadUpstream,
    /// What is read of this upstream node is what it was.
    Unread {
        name: String,
        unread: Box<Unread>,
    },
    Relation(Standing),
    /// The database doesn't tell what the relation holds: no row, or one of each of these nodes.
    Unrecorded(Vec<NodeName>),
    BuiltAs(NodeName),
    /// A build of it was begun by that run, and nothing says that it came to its end.
    Unfinished(String),
    /// An extension of it was begun, and nothing says that it came to its end.
    Extending,
    /// The relation is gone, its row says that it held this.
    Held(Digest),
    Holds(Digest),
    Output {
        name: String,
        found: Output,
    },
}

/// How many inputs are what they were.
#[derive(Clone, Debug, PartialEq)]
pub struct Inputs {
    pub total: usize,
    pub equal: usize,
    pub removed: usize,
    /// The run that they are compared with.
    pub run: String,
    /// Other data is read too, and isn't watched.
    pub some_unwatched: bool,
    /// What isn't equal changes no row.
    pub kept: bool,
}

/// A relation beside what the last build left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Renamed,
    Missing,
    OtherKind,
    Replaced,
    Exists,
}

/// What an upstream node gives, beside what it gave when a node was built from it.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    Same { run: String, digest: Digest },
    Other { now: Digest, then: Digest },
    NotRecorded { run: String },
    NotKnown,
}
