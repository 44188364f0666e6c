//! What is recorded of a test's last result, for deciding whether it would come out the same.

use crate::digest::Digest;
use crate::fingerprint::Fingerprint;
use crate::plan::Identity;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How a test came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TestStatus {
    Pass,
    /// It failed, and that is only to be told.
    Warn,
    Fail,
    /// Its query couldn't be run.
    Error,
    /// It passed before on the same rows.
    Skipped,
    /// What it reads doesn't stand, or the run ended before its turn.
    Blocked,
}

impl TestStatus {
    /// Whether a command fails for it.
    pub fn is_failure(self) -> bool {
        match self {
            TestStatus::Fail | TestStatus::Error | TestStatus::Blocked => true,
            TestStatus::Pass | TestStatus::Warn | TestStatus::Skipped => false,
        }
    }

    /// Whether its query was run, or tried to.
    pub fn is_result(self) -> bool {
        match self {
            TestStatus::Pass | TestStatus::Warn | TestStatus::Fail | TestStatus::Error => true,
            TestStatus::Skipped | TestStatus::Blocked => false,
        }
    }

    /// As it is written in artifacts.
    pub fn as_str(self) -> &'static str {
        match self {
            TestStatus::Pass => "pass",
            TestStatus::Warn => "warn",
            TestStatus::Fail => "fail",
            TestStatus::Error => "error",
            TestStatus::Skipped => "skipped",
            TestStatus::Blocked => "blocked",
        }
    }
}

/// The last result of a test on one database.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    pub failures: Option<u64>,
    pub fingerprint: Fingerprint,
    /// What it read of each node.
    pub read: BTreeMap<String, ReadNode>,
    pub run_id: String,
    pub status: TestStatus,
    pub test: String,
    /// RFC 3339, UTC.
    pub tested_at: String,
    /// Its query, nodes and sources by their own names.
    pub text: String,
}

/// The rows of a node, as far as they can be told from others.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReadNode {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// The digest of the rows, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Digest>,
    /// The run whose build they are of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
}

impl ReadNode {
    /// Whether these are the very rows of `other`, by what is known of both: their digest, or, where `made_anew` says that
    /// every build makes another relation, the relation itself.
    pub fn is_same(&self, other: &ReadNode, made_anew: bool) -> bool {
        let token = |read: &ReadNode| read.identity.and_then(|identity| Some((identity.token?, identity.rows)));
        let output = self.output.is_some() && self.output == other.output;
        output || made_anew && token(self).is_some() && token(self) == token(other)
    }
}
