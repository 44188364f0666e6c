//! What came of a test: data that the scheduler, its workers and records share.

use crate::diagnostic::Location;
use crate::test::{ReadNode, TestDecision, TestStatus};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Rows that a test found, as text; none is null.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sample {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Option<String>>>,
}

/// What came of a test.
#[derive(Clone, Debug)]
pub struct TestOutcome {
    /// Its place in the suite.
    pub test: usize,
    pub status: TestStatus,
    pub decision: TestDecision,
    /// Rows, or groups of rows, that are wrong.
    pub failures: Option<u64>,
    pub sample: Option<Sample>,
    /// The query as it was sent, secrets as placeholders.
    pub statement: Option<String>,
    /// The table that holds the failing rows, as it is written in SQL.
    pub stored: Option<String>,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub duration_ms: Option<u64>,
    /// Why it couldn't be run.
    pub message: Option<String>,
    pub details: Vec<String>,
    pub at: Option<Location>,
    /// What it read of each node.
    pub read: BTreeMap<String, ReadNode>,
    pub worker: Option<usize>,
    /// It failed by a bug of fft.
    pub panicked: bool,
}

impl TestOutcome {
    /// A test that took no time.
    pub fn instant(test: usize, status: TestStatus, decision: TestDecision) -> TestOutcome {
        TestOutcome {
            test,
            status,
            decision,
            failures: None,
            sample: None,
            statement: None,
            stored: None,
            started_at: None,
            finished_at: None,
            duration_ms: None,
            message: None,
            details: Vec::new(),
            at: None,
            read: BTreeMap::new(),
            worker: None,
            panicked: false,
        }
    }

    /// One whose query ended in a panic that said `words`.
    pub fn panicked(test: usize, decision: TestDecision, words: &str) -> TestOutcome {
        TestOutcome {
            message: Some(format!("internal error: {words}")),
            details: vec!["hint: this is a bug in fft; the run went on without the test".into()],
            panicked: true,
            ..TestOutcome::instant(test, TestStatus::Error, decision)
        }
    }
}
