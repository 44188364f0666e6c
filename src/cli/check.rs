//! `fft check`: everything that can be said of a project without a database, for people and for what gathers findings.

use super::Exit;
use super::junit::escaped;
use super::option::ProjectOptions;
use super::report::{Finding, ReportOptions, sarif};
use super::terminal::Terminal;
use crate::diagnostic::{Diagnostic, grouped};
use crate::graph::{Graph, NodeKind, Spelling};
use crate::run::{self, Failure, Tell};
use crate::secret::Secrets;
use crate::world::World;
use clap::Args;
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Args, Debug)]
pub struct CheckOptions {
    #[command(flatten)]
    project: ProjectOptions,
    #[command(flatten)]
    report: ReportOptions,
}

pub fn check(world: Arc<dyn World>, terminal: &Terminal, options: CheckOptions) -> Result<Exit, Failure> {
    let CheckOptions { project, report: wanted } = options;
    let gathering = Gathering { terminal, warnings: Mutex::default(), secrets: Mutex::default() };
    let loaded = run::load(world.clone(), &gathering, &project.wanted()?, Spelling::Short);
    let mut found = gathering.warnings.into_inner().unwrap_or_else(PoisonError::into_inner);
    let secrets = gathering.secrets.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Err(failure) = &loaded {
        found.extend(failure.problems());
    }
    let hide = |text: String| secrets.as_ref().map_or(text.clone(), |secrets| secrets.hide(&text).into_owned());
    let nodes = loaded.as_ref().map_or(&[][..], |loaded| loaded.graph().nodes.as_slice());
    let names: Vec<(&str, &str)> = nodes.iter().map(|node| (node.name.as_str(), node.path.as_str())).collect();
    wanted.write(&*world, || report(&found), || cases(&found, &names), &hide)?;
    let loaded = loaded?;
    project.warn_unread(terminal, loaded.graph());
    terminal.result(&summary(loaded.graph(), loaded.checkout().project().sources.len(), found.len()));
    Ok(Exit::Done)
}

/// `3 SQL models, 1 Python model, 2 seeds and 4 sources: nothing is wrong`.
fn summary(graph: &Graph, sources: usize, warnings: usize) -> String {
    let of = |kind: NodeKind| graph.nodes.iter().filter(|node| node.kind == kind).count();
    let count = |count: usize, what: &str| format!("{} {what}{}", grouped(count), if count == 1 { "" } else { "s" });
    let parts = [
        count(of(NodeKind::Sql), "SQL model"),
        count(of(NodeKind::Python), "Python model"),
        count(of(NodeKind::Seed), "seed"),
    ];
    let told = if warnings == 0 { "nothing is wrong".into() } else { count(warnings, "warning") };
    format!("{} and {}: {told}", parts.join(", "), count(sources, "source"))
}

/// A message with how to mend it.
fn words(problem: &Diagnostic) -> String {
    problem.hints.iter().fold(problem.message.clone(), |text, hint| format!("{text}\n{hint}"))
}

/// A finding for each problem.
fn report(found: &[Diagnostic]) -> Value {
    let findings: Vec<Finding<'_>> = found
        .iter()
        .map(|problem| Finding {
            rule: problem.code,
            warning: problem.is_warning(),
            text: words(problem),
            at: problem.at.as_ref().map(|at| (at.path.as_str(), at.line, at.column)),
        })
        .collect();
    sarif(&findings)
}

/// JUnit: a case for each problem, and one for each node of a project that can be wired.
fn cases(found: &[Diagnostic], nodes: &[(&str, &str)]) -> String {
    let errors = found.iter().filter(|problem| !problem.is_warning());
    let failed: Vec<String> = errors
        .map(|problem| {
            let (code, message) = (escaped(problem.code), escaped(&problem.message));
            let at = problem.at.as_ref().map(ToString::to_string).unwrap_or_default();
            let text = escaped(&format!("{at}\n{}", words(problem)));
            let place = escaped(problem.at.as_ref().map_or("project", |at| &at.path));
            format!(
                "  <testcase classname=\"{place}\" name=\"{code}\">\n    \
                 <failure type=\"{code}\" message=\"{message}\">{text}</failure>\n  </testcase>\n"
            )
        })
        .collect();
    let passed = nodes
        .iter()
        .map(|(name, path)| format!("  <testcase classname=\"{}\" name=\"{}\"/>\n", escaped(path), escaped(name)));
    let all: String = failed.iter().cloned().chain(passed).collect();
    let (tests, failures) = (failed.len() + nodes.len(), failed.len());
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuite name=\"fft check\" tests=\"{tests}\" failures=\"{failures}\">\n{all}</testsuite>\n"
    )
}

/// Tells what is said, and keeps the warnings.
struct Gathering<'a> {
    terminal: &'a Terminal,
    warnings: Mutex<Vec<Diagnostic>>,
    secrets: Mutex<Option<Arc<Secrets>>>,
}

impl Tell for Gathering<'_> {
    fn hide(&self, secrets: Arc<Secrets>) {
        *self.secrets.lock().unwrap_or_else(PoisonError::into_inner) = Some(secrets.clone());
        Tell::hide(self.terminal, secrets);
    }

    fn warn(&self, problem: &Diagnostic) {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).push(problem.clone());
        Tell::warn(self.terminal, problem);
    }

    fn warning(&self, text: &str) {
        Tell::warning(self.terminal, text);
    }

    fn waiting(&self, text: &str) {
        Tell::waiting(self.terminal, text);
    }

    fn note(&self, text: &str) {
        Tell::note(self.terminal, text);
    }

    fn error(&self, text: &str) {
        Tell::error(self.terminal, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Location;
    use serde_json::json;

    fn found() -> Vec<Diagnostic> {
        let at = Location::new("models/a.ff.sql", 3, 7);
        vec![
            Diagnostic::new("unknown-ref", "`a.ff` refers to <b> & \"c\"").at(at).hint("rename it"),
            Diagnostic::warning("left-out", "models/x.sql is left out").at(Location::file("models/x.sql")),
        ]
    }

    #[test]
    fn sarif_has_places_rules_and_levels() {
        let report = report(&found());
        let results = &report["runs"][0]["results"];
        let place = &results[0]["locations"][0]["physicalLocation"];
        assert_eq!(
            place,
            &json!({"artifactLocation": {"uri": "models/a.ff.sql"}, "region": {"startLine": 3, "startColumn": 7}})
        );
        assert_eq!((&results[0]["level"], &results[1]["level"]), (&json!("error"), &json!("warning")));
        assert_eq!(
            results[1]["locations"][0]["physicalLocation"],
            json!({"artifactLocation": {"uri": "models/x.sql"}})
        );
        assert_eq!(report["runs"][0]["tool"]["driver"]["rules"], json!([{"id": "left-out"}, {"id": "unknown-ref"}]));
    }

    #[test]
    fn junit_has_a_case_a_problem_and_one_a_node() {
        let text = cases(&found(), &[]);
        assert!(text.contains("tests=\"1\" failures=\"1\""), "{text}");
        assert!(text.contains("message=\"`a.ff` refers to &lt;b&gt; &amp; &quot;c&quot;\""), "{text}");
        assert!(text.contains("models/a.ff.sql:3:7\n`a.ff` refers"), "{text}");
        let text = cases(&[], &[("a.ff", "models/a.ff.sql")]);
        assert!(text.contains("tests=\"1\" failures=\"0\"") && text.contains("name=\"a.ff\"/>"), "{text}");
    }
}
