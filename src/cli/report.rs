//! Files for what gathers findings: SARIF for code scanning, JUnit's XML for what shows tests.

use super::junit::escaped;
use crate::artifact::wire::TestResult;
use crate::diagnostic::counted;
use crate::project::TestSeverity;
use crate::run::Failure;
use crate::test::TestStatus;
use crate::world::World;
use clap::Args;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Which files are wanted.
#[derive(Args, Clone, Debug, Default)]
pub struct ReportOptions {
    /// Write what is wrong to this file as SARIF, for code scanning
    #[arg(long, value_name = "FILE")]
    pub sarif: Option<PathBuf>,
    /// Write it to this file as JUnit's XML
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
}

impl ReportOptions {
    /// Writes what was asked for, each text passed through `hide`.
    pub fn write(
        &self,
        world: &dyn World,
        sarif: impl FnOnce() -> Value,
        junit: impl FnOnce() -> String,
        hide: &dyn Fn(String) -> String,
    ) -> Result<(), Failure> {
        let sarif = self.sarif.as_ref().map(|file| (file, pretty(&sarif())));
        let junit = self.junit.as_ref().map(|file| (file, junit()));
        sarif.into_iter().chain(junit).try_for_each(|(file, text)| write(world, file, &hide(text)))
    }

    /// The same of a run's tests.
    pub fn of_tests(
        &self,
        world: &dyn World,
        tests: &[TestResult],
        hide: &dyn Fn(String) -> String,
    ) -> Result<(), Failure> {
        self.write(world, || test_report(tests), || test_cases(tests), hide)
    }
}

fn write(world: &dyn World, file: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error| Failure::Io(file.display().to_string(), error);
    let path = world.absolute(file).map_err(failed)?;
    world.write(&path, text.as_bytes()).map_err(failed)
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("invariant: what is made here is JSON") + "\n"
}

/// A finding as SARIF has it.
pub struct Finding<'a> {
    pub rule: &'a str,
    pub warning: bool,
    pub text: String,
    /// Path, line and column, from 1; 0 where it isn't known.
    pub at: Option<(&'a str, usize, usize)>,
}

/// SARIF 2.1.0: a result for each finding.
pub fn sarif(found: &[Finding<'_>]) -> Value {
    let result = |finding: &Finding<'_>| {
        let place = finding.at.iter().map(|(path, line, column)| {
            let mut place = json!({ "artifactLocation": { "uri": path } });
            if *line > 0 {
                place["region"] = json!({ "startLine": line });
            }
            if *column > 0 {
                place["region"]["startColumn"] = (*column).into();
            }
            json!({ "physicalLocation": place })
        });
        json!({
            "ruleId": finding.rule,
            "level": if finding.warning { "warning" } else { "error" },
            "message": { "text": finding.text },
            "locations": place.collect::<Vec<_>>(),
        })
    };
    let mut rules: Vec<&str> = found.iter().map(|finding| finding.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    let rules: Vec<Value> = rules.into_iter().map(|id| json!({ "id": id })).collect();
    let driver = json!({ "name": "fft", "version": env!("CARGO_PKG_VERSION"), "rules": rules });
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{ "tool": { "driver": driver }, "results": found.iter().map(result).collect::<Vec<_>>() }],
    })
}

/// Whether something is to be said of a test.
fn is_told(test: &&TestResult) -> bool {
    test.is_failure() || test.status.known() == Some(TestStatus::Warn)
}

/// What is told of a failure: its number and what it is about, without rows.
fn words(test: &TestResult) -> String {
    match test.failures {
        Some(failures) => format!("{} ({}): {}", test.name, test.subject, counted(failures as usize, "failure")),
        None => format!("{} ({}): {}", test.name, test.subject, test.sentence),
    }
}

/// A finding for each test that failed, or warns.
fn test_report(tests: &[TestResult]) -> Value {
    let finding = |test: &'_ TestResult| -> (String, String, bool, usize, usize) {
        let mut parts = test.at.splitn(3, ':');
        let path = parts.next().unwrap_or_default().to_string();
        let mut number = || parts.next().and_then(|text| text.parse().ok()).unwrap_or(0);
        let (line, column) = (number(), number());
        let warning = test.status.known() == Some(TestStatus::Warn);
        (path, words(test), warning, line, column)
    };
    let told: Vec<_> = tests.iter().filter(is_told).map(|test| (test, finding(test))).collect();
    let found: Vec<Finding<'_>> = told
        .iter()
        .map(|(test, (path, text, warning, line, column))| Finding {
            rule: &test.kind,
            warning: *warning,
            text: text.clone(),
            at: Some((path, *line, *column)),
        })
        .collect();
    sarif(&found)
}

/// A case for each test. One that only warns has passed, and says so.
fn test_cases(tests: &[TestResult]) -> String {
    let case = |test: &TestResult| {
        let (path, line) = test.place();
        let place = line.map_or(path.to_string(), |line| format!("{path}:{line}"));
        let seconds = test.duration_ms.unwrap_or(0) as f64 / 1000.0;
        let head = format!(
            "  <testcase classname=\"{}\" name=\"{}\" file=\"{}\" time=\"{seconds:.3}\"",
            escaped(&test.subject),
            escaped(&test.name),
            escaped(path),
        );
        let body = match test.status.known() {
            Some(TestStatus::Pass) => return format!("{head}/>\n"),
            Some(TestStatus::Skipped) => {
                format!("    <skipped message=\"{}\"/>\n", escaped(&test.sentence))
            }
            Some(TestStatus::Warn) => format!("    <system-out>{}</system-out>\n", escaped(&words(test))),
            Some(TestStatus::Error | TestStatus::Blocked) => told("error", &test.kind, &words(test), &place, test),
            Some(TestStatus::Fail) | None => told("failure", &test.kind, &words(test), &place, test),
        };
        format!("{head}>\n{body}  </testcase>\n")
    };
    let all: String = tests.iter().map(case).collect();
    let of = |status| tests.iter().filter(|test| test.status.known() == Some(status)).count();
    let skipped = of(TestStatus::Skipped);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuite name=\"fft test\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{skipped}\">\n{all}</testsuite>\n",
        tests.len(),
        of(TestStatus::Fail),
        of(TestStatus::Error) + of(TestStatus::Blocked),
    )
}

fn told(element: &str, kind: &str, words: &str, place: &str, test: &TestResult) -> String {
    let statement = test.statement.as_deref().unwrap_or_default();
    let severity = test.severity.known().unwrap_or(TestSeverity::Error).as_str();
    let text = format!("{place}\nseverity: {severity}\n{statement}");
    format!("    <{element} type=\"{}\" message=\"{}\">{}</{element}>\n", escaped(kind), escaped(words), escaped(&text))
}
