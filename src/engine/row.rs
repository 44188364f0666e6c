//! A row of the ledger, as what it says.

use crate::digest::Digest;
use crate::name::{NodeName, RelationName};
use crate::plan::Identity;
use litemap::LiteMap;

/// A row of the ledger: what a relation holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The full name.
    pub relation: RelationName,
    pub node: NodeName,
    /// The project that built it; `None` in a row of an earlier version.
    pub project: Option<String>,
    pub fingerprint: Digest,
    pub state: State,
    pub engine: String,
    /// RFC 3339, UTC.
    pub built_at: String,
    pub run_id: String,
    pub git_commit: Option<String>,
    /// The run that had built each upstream relation, by node, when this one was made from them. `None` in a row of an
    /// earlier version, and in that of a build that was to be recorded nowhere.
    pub upstream_builds: Option<LiteMap<String, String>>,
    /// What told the relation from another one in its place when it was built.
    pub identity: Option<Identity>,
    /// The build as `execute::ledger` writes it, for checkouts that have no record of it. `None` in a row of an earlier
    /// version, and in that of a build that was to be recorded nowhere.
    pub record: Option<String>,
}

/// How far a build has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It has begun, and nothing says that it came to its end.
    Building,
    /// It came to its end; an extension of it has begun, and nothing says that this did. No row says so: a mark does.
    Extending,
    Built,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            State::Building => "building",
            State::Extending => "extending",
            State::Built => "built",
        }
    }

    pub fn parse(text: &str) -> Option<State> {
        [State::Building, State::Built].into_iter().find(|state| state.as_str() == text)
    }
}
