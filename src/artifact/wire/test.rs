//! Data tests, as they are declared and as what came of them is written.

use super::{Cause, Check, ManifestTest, Word, reasons};
use crate::diagnostic::{counted, grouped};
use crate::execute::TestOutcome;
use crate::graph::Graph;
use crate::plan::{CheckName, Code};
use crate::project::TestSeverity;
use crate::test::{DataTest, Suite, TestAction, TestDecision, TestStatus, Tested};
use crate::world::instant;
use serde::{Deserialize, Serialize};

/// What came of a test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestResult {
    /// Where it is declared: `path:line:column`.
    pub at: String,
    pub decision: TestResultDecision,
    /// What follows the message: a hint.
    pub details: Vec<String>,
    pub duration_ms: Option<u64>,
    /// Rows, or groups of rows, that are wrong; null where it wasn't run.
    pub failures: Option<u64>,
    pub finished_at: Option<String>,
    /// `not_null`, `query`, or the word of a kind of the project's own.
    pub kind: String,
    /// Why it couldn't be run.
    pub message: Option<String>,
    pub name: String,
    /// The nodes that it is of.
    pub nodes: Vec<String>,
    /// The first rows that are wrong; left out where values are withheld.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<TestSample>,
    /// What came of it, in words.
    pub sentence: String,
    pub severity: Word<TestSeverity>,
    pub started_at: Option<String>,
    /// The query that gives the rows that are wrong, secrets as placeholders; null where it wasn't run.
    pub statement: Option<String>,
    pub status: Word<TestStatus>,
    /// The table that holds the failing rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored: Option<String>,
    /// What it tests: `users.id`.
    pub subject: String,
    pub tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<usize>,
}

/// Values as text; null is null.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TestSample {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Option<String>>>,
}

/// Whether a test was run, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestResultDecision {
    pub action: Word<TestAction>,
    /// The result that it is compared with.
    pub baseline: Option<TestBaseline>,
    pub causes: Vec<Cause>,
    pub checks: Vec<Check>,
    pub primary_code: Word<Code>,
    pub summary: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestBaseline {
    pub run_id: String,
    pub tested_at: String,
}

impl ManifestTest {
    pub fn of(graph: &Graph, test: &DataTest) -> ManifestTest {
        ManifestTest {
            at: test.at.to_string(),
            columns: test.columns.clone(),
            kind: test.kind.clone(),
            nodes: nodes(graph, test),
            query: Some(test.query.logical.trim().to_string()),
            severity: test.terms.severity.into(),
            subject: test.subject(graph),
            tags: test.tags.clone(),
        }
    }
}

impl TestResult {
    pub fn of(graph: &Graph, suite: &Suite, outcome: &TestOutcome) -> TestResult {
        let test = &suite.tests[outcome.test];
        let decision = TestResultDecision::of(&outcome.decision);
        let sample = outcome.sample.as_ref().filter(|sample| !sample.rows.is_empty());
        let sample = sample.map(|sample| TestSample { columns: sample.columns.clone(), rows: sample.rows.clone() });
        TestResult {
            at: outcome.at.as_ref().unwrap_or(&test.at).to_string(),
            details: outcome.details.clone(),
            duration_ms: outcome.duration_ms,
            failures: outcome.failures,
            finished_at: outcome.finished_at.map(instant),
            kind: test.kind.clone(),
            message: outcome.message.clone(),
            name: test.name.clone(),
            nodes: nodes(graph, test),
            sample,
            sentence: sentence(outcome, &decision),
            severity: test.terms.severity.into(),
            started_at: outcome.started_at.map(instant),
            statement: outcome.statement.clone(),
            status: outcome.status.into(),
            stored: outcome.stored.clone(),
            subject: test.subject(graph),
            tags: test.tags.clone(),
            worker: outcome.worker,
            decision,
        }
    }

    /// Whether a command fails for it.
    pub fn is_failure(&self) -> bool {
        self.status.known().is_some_and(TestStatus::is_failure)
    }

    /// Where it is declared, without the column: `path:line`.
    pub fn place(&self) -> (&str, Option<usize>) {
        let mut parts = self.at.splitn(3, ':');
        let path = parts.next().unwrap_or_default();
        (path, parts.next().and_then(|line| line.parse().ok()))
    }
}

impl TestResultDecision {
    fn of(decision: &TestDecision) -> TestResultDecision {
        let causes: Vec<Cause> = decision.causes().iter().map(Cause::from).collect();
        let baseline = decision.baseline.clone().map(|(run_id, tested_at)| TestBaseline { run_id, tested_at });
        TestResultDecision {
            action: decision.action.into(),
            baseline,
            checks: decision.checks.iter().map(Check::from).collect(),
            primary_code: causes[0].code.clone(),
            summary: summary(decision, &causes),
            causes,
        }
    }
}

/// Why a test is run, or the proof that it need not be: `5/5 inputs equal to run …`.
fn summary(decision: &TestDecision, causes: &[Cause]) -> String {
    match decision.action {
        TestAction::Run | TestAction::Block => reasons(causes),
        TestAction::Skip => {
            let told = [CheckName::Result, CheckName::Fingerprint];
            let checks = decision.checks.iter().filter(|check| told.contains(&check.name));
            let checks: Vec<String> = checks.map(|check| Check::from(check).evidence).collect();
            match causes[0].code.known() {
                Some(Code::AllInputsEqual) => checks.join(" · "),
                _ => format!("{} · {}", causes[0].sentence, checks.join(" · ")),
            }
        }
    }
}

fn sentence(outcome: &TestOutcome, decision: &TestResultDecision) -> String {
    let failures = || counted(outcome.failures.unwrap_or_default() as usize, "failure");
    match outcome.status {
        TestStatus::Pass if outcome.failures == Some(0) => "passed".into(),
        TestStatus::Pass => format!("passed with {}", failures()),
        TestStatus::Warn | TestStatus::Fail => failures(),
        TestStatus::Error => outcome.message.clone().unwrap_or_default(),
        TestStatus::Skipped => decision.summary.clone(),
        TestStatus::Blocked => match decision.primary_code.known() {
            Some(Code::RelationMissing) => {
                let name = decision.causes[0].name.as_deref().unwrap_or_default();
                format!("{name} isn't in the database: `fft run --select {name}` builds it")
            }
            _ => decision.summary.clone(),
        },
    }
}

fn nodes(graph: &Graph, test: &DataTest) -> Vec<String> {
    let node = |table: &Tested| match table {
        Tested::Node(id) => Some(graph.nodes[*id].name.to_string()),
        Tested::Source(_) => None,
    };
    test.tables.iter().filter_map(node).collect()
}

/// Tests by what came of them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TestTotals {
    pub all: usize,
    pub failed: usize,
    pub warned: usize,
    pub blocked: usize,
    pub passed: usize,
    pub skipped: usize,
}

impl TestTotals {
    pub fn of<'a>(results: impl IntoIterator<Item = &'a TestResult>) -> TestTotals {
        let mut totals = TestTotals::default();
        for result in results {
            totals.all += 1;
            match result.status.known() {
                Some(TestStatus::Pass) => totals.passed += 1,
                Some(TestStatus::Warn) => totals.warned += 1,
                Some(TestStatus::Fail | TestStatus::Error) => totals.failed += 1,
                Some(TestStatus::Skipped) => totals.skipped += 1,
                Some(TestStatus::Blocked) | None => totals.blocked += 1,
            }
        }
        totals
    }

    /// `1 failed, 10 passed`, without what there is none of.
    pub fn words(&self) -> String {
        let counts = [
            (self.failed, "failed"),
            (self.warned, "warned"),
            (self.blocked, "blocked"),
            (self.passed, "passed"),
            (self.skipped, "skipped"),
        ];
        let told = counts.iter().filter(|(count, _)| *count > 0);
        told.map(|(count, word)| format!("{} {word}", grouped(*count))).collect::<Vec<_>>().join(", ")
    }
}

/// Names of failed tests that the sentence of a run has.
const NAMED: usize = 3;

/// What the sentence of a run says of its tests; none where it had none.
pub fn tests_sentence(results: &[&TestResult]) -> Option<String> {
    if results.is_empty() {
        return None;
    }
    let totals = TestTotals::of(results.iter().copied());
    let failed = |result: &&&TestResult| matches!(result.status.known(), Some(TestStatus::Fail | TestStatus::Error));
    let names: Vec<&str> = results.iter().filter(failed).map(|result| result.name.as_str()).collect();
    let more = if names.len() > NAMED { format!(" and {} more", names.len() - NAMED) } else { String::new() };
    let named = match names.as_slice() {
        [] => String::new(),
        names => format!(": {}{more}", names[..names.len().min(NAMED)].join(", ")),
    };
    Some(format!("Of {} {}{named}.", counted(totals.all, "test"), totals.words()))
}
