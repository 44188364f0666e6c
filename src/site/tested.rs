//! Tests as pages show them: the newest result of each, and what a node's page and the graph say of its own.
//!
//! Of each test the newest result that a kept run of the profile has is shown, and how it came out before.

use super::name::{page_name, run_page};
use super::word::{self, Badge};
use super::{Input, Site};
use crate::artifact::wire::{ManifestTest, TestResult, TestTotals, Word};
use crate::test::TestStatus;
use serde::Serialize;
use std::collections::BTreeMap;

/// Earlier results that are shown of a test.
const PAST: usize = 12;

/// The newest result of a test.
#[derive(Clone, Debug, Serialize)]
pub struct Seen {
    pub result: TestResult,
    run: String,
    at: String,
    /// Runs and how it came out in them, newest first.
    past: Vec<(String, Word<TestStatus>)>,
}

/// The newest result of each test of the project.
pub fn seen(input: Input<'_>) -> BTreeMap<String, Seen> {
    let tests = &input.manifest.tests;
    let mut found: BTreeMap<String, Seen> = BTreeMap::new();
    let mut add = |results: &[TestResult], run: &str, at: &str| {
        for result in results.iter().filter(|result| tests.contains_key(&result.name)) {
            let new = || Seen { result: result.clone(), run: run.into(), at: at.into(), past: Vec::new() };
            let seen = found.entry(result.name.clone()).or_insert_with(new);
            seen.past.push((run.into(), result.status.clone()));
        }
    };
    let last = input.results;
    add(&last.tests, &last.metadata.run_id, &last.run_finished_at);
    let earlier = input.runs.iter().rev().filter(|run| run.profile == last.profile && run.has_tests);
    for run in earlier.filter(|run| run.run_id != last.metadata.run_id).take(PAST) {
        if let Some(record) = input.archive.record(&run.run_id) {
            add(&record.results.tests, &run.run_id, &run.finished_at);
        }
    }
    found
}

/// The tests that each node has.
pub fn by_node(input: Input<'_>) -> BTreeMap<&str, Vec<(&str, &ManifestTest)>> {
    let mut found: BTreeMap<&str, Vec<(&str, &ManifestTest)>> = BTreeMap::new();
    for (name, test) in &input.manifest.tests {
        test.nodes.iter().for_each(|node| found.entry(node).or_default().push((name, test)));
    }
    found
}

/// How a test came out, as every page shows it.
pub fn badge(status: &Word<TestStatus>) -> Badge {
    let (glyph, word, class) = match status.known() {
        Some(TestStatus::Pass) => ("✓", "PASS", "build"),
        Some(TestStatus::Warn) => ("!", "WARN", "warn"),
        Some(TestStatus::Fail) => ("✗", "FAIL", "error"),
        Some(TestStatus::Error) => ("✗", "ERROR", "error"),
        Some(TestStatus::Skipped) => ("○", "SKIP", "skip"),
        Some(TestStatus::Blocked) => ("–", "BLOCKED", "blocked"),
        None => return Badge::UNKNOWN,
    };
    Badge { glyph, word, class }
}

/// A test as pages show it.
pub struct TestView<'a> {
    pub name: &'a str,
    pub anchor: String,
    pub test: &'a ManifestTest,
    pub badge: Badge,
    pub seen: Option<&'a Seen>,
    pub run: Option<TestRun<'a>>,
    pub past: Vec<PastResult>,
}

/// The run that a result is of.
pub struct TestRun<'a> {
    pub id: &'a str,
    /// Its page below the site's folder, where it is kept.
    pub page: Option<String>,
    pub at: &'a str,
}

impl TestRun<'_> {
    pub fn name(&self) -> String {
        word::run_name(self.id)
    }

    pub fn time(&self) -> String {
        word::time(self.at)
    }
}

/// An earlier result.
pub struct PastResult {
    pub badge: Badge,
    pub page: Option<String>,
    pub words: String,
}

impl<'a> TestView<'a> {
    fn of(site: &'a Site<'a>, name: &'a str, test: &'a ManifestTest) -> TestView<'a> {
        let seen = site.tests.get(name);
        let page = |run: &str| site.is_kept(run).then(|| run_page(run));
        let past = |(run, status): &(String, Word<TestStatus>)| {
            let badge = badge(status);
            PastResult { badge, page: page(run), words: format!("{} in run {}", badge.word, word::run_name(run)) }
        };
        TestView {
            name,
            anchor: anchor(name),
            test,
            badge: seen.map_or(Badge::NONE, |seen| badge(&seen.result.status)),
            run: seen.map(|seen| TestRun { id: &seen.run, page: page(&seen.run), at: &seen.at }),
            past: seen.map(|seen| seen.past.iter().take(PAST).map(past).collect()).unwrap_or_default(),
            seen,
        }
    }

    /// What failed first, then by name.
    fn rank(&self) -> (u8, &'a str) {
        let rank = match self.seen.and_then(|seen| seen.result.status.known()) {
            Some(TestStatus::Fail | TestStatus::Error) => 0,
            Some(TestStatus::Warn) => 1,
            Some(TestStatus::Blocked) => 2,
            _ => 3,
        };
        (rank, self.name)
    }

    /// Failures as people read them; nothing where they aren't known.
    pub fn failures(&self) -> String {
        let failures = self.seen.and_then(|seen| seen.result.failures);
        failures.map(word::number).unwrap_or_default()
    }

    /// Why it was run, or the proof that it need not be.
    pub fn why(&self) -> &str {
        match self.seen {
            Some(seen) if seen.result.status == TestStatus::Blocked => &seen.result.sentence,
            Some(seen) => &seen.result.decision.summary,
            None => "no run had it yet",
        }
    }

    /// Its query: as it was sent, else as it is declared.
    pub fn query(&self) -> Option<&str> {
        let sent = self.seen.and_then(|seen| seen.result.statement.as_deref());
        sent.or(self.test.query.as_deref())
    }

    pub fn severity(&self) -> &str {
        self.test.severity.as_str()
    }
}

/// A test's place on the page of all.
pub fn anchor(name: &str) -> String {
    format!("test-{}", page_name(name))
}

/// All tests, what failed first.
pub fn all<'a>(site: &'a Site<'a>) -> Vec<TestView<'a>> {
    let tests = site.input.manifest.tests.iter();
    sorted(tests.map(|(name, test)| TestView::of(site, name, test)).collect())
}

fn sorted(mut tests: Vec<TestView<'_>>) -> Vec<TestView<'_>> {
    tests.sort_by(|left, right| left.rank().cmp(&right.rank()));
    tests
}

/// The tests of a node, what failed first.
pub fn of_node<'a>(site: &'a Site<'a>, node: &str) -> Vec<TestView<'a>> {
    let own = site.tests_of(node).iter();
    sorted(own.map(|(name, test)| TestView::of(site, name, test)).collect())
}

/// What determines the part of a node's page that is about its tests.
pub fn inputs<'a>(site: &'a Site<'a>, node: &str) -> impl Serialize + use<'a> {
    let own = site.tests_of(node).iter();
    own.map(|(name, test)| (*name, *test, site.tests.get(*name), runs(site, name))).collect::<Vec<_>>()
}

/// Which of the runs of a test have pages.
fn runs(site: &Site<'_>, name: &str) -> Vec<bool> {
    site.tests.get(name).into_iter().flat_map(|seen| &seen.past).map(|(run, _)| site.is_kept(run)).collect()
}

/// What the graph says of a node's tests: a letter for the worst (`f` failed, `w` warned, `p` passed), and how many it is of.
pub fn mark(site: &Site<'_>, node: &str) -> String {
    let results = site.tests_of(node).iter().filter_map(|(name, _)| Some(&site.tests.get(*name)?.result));
    let totals = TestTotals::of(results);
    match totals {
        TestTotals { all: 0, .. } => String::new(),
        TestTotals { failed, .. } if failed > 0 => format!("f{failed}"),
        TestTotals { warned, .. } if warned > 0 => format!("w{warned}"),
        TestTotals { blocked, all, .. } if blocked == all => String::new(),
        TestTotals { passed, skipped, .. } => format!("p{}", passed + skipped),
    }
}
