//! Unit tests: each case of a model tried over the rows that it gives, or skipped where it passed with all the same.

use super::observe::{Files, files};
use super::{Checkout, Failure, Opened, Tell, database, redacted};
use crate::artifact::passed::{self, Pass, Passed};
use crate::check::rows::{Comparison, compare};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::digest::{Digest, Tagged};
use crate::engine::{Access, EngineError, ErrorKind};
use crate::execute::trial::{Fault, Stop, Subject, Trial, subject};
use crate::fingerprint::{Components, value};
use crate::graph::{Graph, NodeKind, Spelling};
use crate::http;
use crate::project::{Project, UnitCase, unit_tests};
use crate::python::{self, PythonError, Worker};
use crate::world::instant;
use std::sync::Arc;
use std::time::Duration;

/// Which cases are tried, and what is made of passes.
#[derive(Clone, Debug, Default)]
pub struct Cases {
    pub model: Option<String>,
    pub case: Option<String>,
    /// A file or a folder of the project.
    pub path: Option<String>,
    /// Passes count.
    pub skips: bool,
    /// Passes are written down.
    pub records: bool,
}

/// What came of a case.
#[derive(Clone, Debug)]
pub struct Tried {
    pub case: UnitCase,
    pub node: String,
    pub verdict: Verdict,
    pub duration_ms: u64,
}

#[derive(Clone, Debug)]
pub enum Verdict {
    Passed,
    /// It passed then, with everything the same.
    Skipped {
        at: String,
        digest: Digest,
    },
    Failed(Comparison),
    /// The model gave nothing, or not what can be compared.
    Broken(Vec<Diagnostic>),
    /// It is for another engine.
    Elsewhere(String),
}

impl Verdict {
    pub fn is_failure(&self) -> bool {
        matches!(self, Verdict::Failed(_) | Verdict::Broken(_))
    }
}

/// Cases on their way.
struct Trials<'a> {
    opened: &'a Opened,
    tell: &'a dyn Tell,
    meant: &'a Cases,
    stop: &'a Arc<Stop>,
    graph: &'a Graph,
    components: &'a Components,
    schema: &'a str,
    passed: Passed,
    /// Opened by the first case that is tried.
    bench: Option<Trial<'a>>,
}

impl Opened {
    /// Tries the cases that are meant, and tells of each as it ends. Ends early where `stop` was asked for or the database is
    /// lost.
    pub fn utest(
        self,
        tell: &dyn Tell,
        meant: &Cases,
        stop: &Arc<Stop>,
        told: &mut dyn FnMut(&Tried),
    ) -> Result<(), Failure> {
        let Checkout { world, project, layout, .. } = &self.checkout;
        let cases = unit_tests(&**world, &project.root, meant.path.as_deref())?;
        let schema = schema(&self.checkout);
        let Files { graph, components, .. } = files(&self.checkout, Spelling::Moved(&schema))?;
        let cases = chosen(cases, meant, &graph)?;
        let subjects = subjects(&graph, project, &cases)?;
        let passed = passed::read(&**world, &layout.passed());
        let (opened, graph, components) = (&self, &graph, &components);
        let mut trials = Trials { opened, tell, meant, stop, graph, components, schema: &schema, passed, bench: None };
        for (case, subject) in cases.iter().zip(&subjects) {
            let (tried, ends) = trials.tried(case, subject.as_ref())?;
            if stop.is_asked() {
                break;
            }
            told(&tried);
            if ends {
                break;
            }
        }
        if meant.records {
            passed::write(&**world, &layout.passed(), &trials.passed);
        }
        Ok(())
    }

    fn bench<'a>(
        &'a self,
        tell: &'a dyn Tell,
        graph: &'a Graph,
        schema: &'a str,
        stop: &'a Arc<Stop>,
    ) -> Result<Trial<'a>, Failure> {
        let Checkout { world, project, secrets, .. } = &self.checkout;
        let failed = |error| redacted(project, error);
        let engine = database::engine(&self.checkout, &self.hold(tell), Access::Aside).map_err(failed)?;
        let session = engine.session().map_err(failed)?;
        stop.statement(session.interrupt());
        let http = http::Settings::from_project(project, &http::Overrides::default())?;
        let http = http::Client::new(world.clone(), http, stop.asked());
        let log = Box::new(move |line: &str| tell.note(line));
        Ok(Trial { world: &**world, project, graph, schema, secrets, http, engine, session, python: None, stop, log })
    }
}

impl<'a> Trials<'a> {
    /// What comes of a case, and whether nothing more is to be tried. A case for another engine has no subject.
    fn tried(&mut self, case: &UnitCase, subject: Option<&Subject<'_>>) -> Result<(Tried, bool), Failure> {
        let Trials { opened, tell, meant, stop, graph, components, schema, .. } = *self;
        let Checkout { world, project, .. } = &opened.checkout;
        let Some(subject) = subject else {
            let engine = case.engine.clone().unwrap_or_default();
            return Ok((Tried::of(case, graph, None, Verdict::Elsewhere(engine)), false));
        };
        let (key, digest) = (key(project, case), digest(graph, components, case, subject));
        if let Some(Pass { at, digest }) = self.passed.get(&key).filter(|pass| meant.skips && pass.digest == digest) {
            let verdict = Verdict::Skipped { at: at.clone(), digest: *digest };
            return Ok((Tried::of(case, graph, Some(subject), verdict), false));
        }
        let bench = match &mut self.bench {
            Some(bench) => bench,
            none => none.insert(opened.bench(tell, graph, schema, stop)?),
        };
        python(bench, &opened.checkout, graph, subject, tell)?;
        let started = world.elapsed();
        let (verdict, ends, keeps) = verdict(bench, case, subject);
        let duration_ms = milliseconds(world.elapsed().saturating_sub(started));
        if matches!(verdict, Verdict::Passed) && keeps {
            self.passed.insert(key, Pass { at: instant(world.now()), digest });
        } else if !stop.is_asked() {
            self.passed.remove(&key);
        }
        Ok((Tried { duration_ms, ..Tried::of(case, graph, Some(subject), verdict) }, ends))
    }
}

/// What each case is about; none for one of another engine.
fn subjects<'a>(graph: &Graph, project: &Project, cases: &'a [UnitCase]) -> Result<Vec<Option<Subject<'a>>>, Failure> {
    let mut problems = Vec::new();
    let mut found = Vec::new();
    for case in cases {
        let here = is_here(project, case).then(|| subject(graph, project, case)).transpose();
        found.push(here.unwrap_or_else(|more| {
            problems.extend(more);
            None
        }));
    }
    problems.dedup();
    if problems.is_empty() { Ok(found) } else { Err(Failure::Project(problems)) }
}

impl Tried {
    fn of(case: &UnitCase, graph: &Graph, subject: Option<&Subject<'_>>, verdict: Verdict) -> Tried {
        let node = subject.map_or(case.model.clone(), |subject| graph.nodes[subject.model].name.to_string());
        Tried { case: case.clone(), node, verdict, duration_ms: 0 }
    }
}

/// What comes of a case; whether nothing more is to be tried, and whether a pass may be kept.
fn verdict(bench: &mut Trial<'_>, case: &UnitCase, subject: &Subject<'_>) -> (Verdict, bool, bool) {
    match bench.run(case, subject) {
        Err(Fault { message, at, details, ends }) => {
            // Of the details, hints are told as such; the rest is a line of SQL or a traceback.
            let (hints, lines): (Vec<String>, Vec<String>) =
                details.into_iter().partition(|text| text.starts_with("hint: "));
            let message = lines.iter().fold(message, |text, line| format!("{text}\n  {line}"));
            let problem = at.into_iter().fold(Diagnostic::new("unit-test", message), Diagnostic::at);
            let hints = hints.iter().map(|text| text.trim_start_matches("hint: ").to_string());
            (Verdict::Broken(vec![hints.fold(problem, Diagnostic::hint)]), ends, false)
        }
        Ok(gave) => match compare(&case.expect, &gave.table) {
            Err(problems) => (Verdict::Broken(problems), false, false),
            Ok(comparison) if comparison.holds() => (Verdict::Passed, false, gave.requests == 0),
            Ok(comparison) => (Verdict::Failed(comparison), false, false),
        },
    }
}

/// Starts Python where the subject needs it and it doesn't run.
fn python(
    bench: &mut Trial<'_>,
    checkout: &Checkout,
    graph: &Graph,
    subject: &Subject<'_>,
    tell: &dyn Tell,
) -> Result<(), Failure> {
    let runs = bench.python.as_mut().is_some_and(Worker::is_alive);
    if runs || graph.nodes[subject.model].kind != NodeKind::Python {
        return Ok(());
    }
    let Checkout { world, project, .. } = checkout;
    let failed = |error: PythonError| {
        let hint = error.hint;
        redacted(project, EngineError { hint, ..EngineError::new(ErrorKind::Settings, error.message) })
    };
    let interpreter = python::interpreter::resolve(&**world, project).map_err(failed)?;
    let mut note = |line: &str| tell.note(line);
    let interpreter = python::environment::ensure(&**world, project, &interpreter, &mut note).map_err(failed)?;
    let env = project.env.vars.iter().map(|(name, var)| (name.clone(), var.value.clone())).collect();
    bench.python = Some(Worker::start(&interpreter, &env).map_err(failed)?);
    Ok(())
}

/// The cases that are meant; a model or a case that there isn't is a slip.
fn chosen(cases: Vec<UnitCase>, meant: &Cases, graph: &Graph) -> Result<Vec<UnitCase>, Failure> {
    let name = |model: &str| graph.find(model).map_or(model.to_string(), |id| graph.nodes[id].name.to_string());
    let wanted = meant.model.as_deref().map(name);
    let of_model = |case: &&UnitCase| wanted.as_ref().is_none_or(|wanted| name(&case.model) == *wanted);
    let of_name = |case: &&UnitCase| meant.case.as_ref().is_none_or(|wanted| case.name == *wanted);
    let found: Vec<UnitCase> = cases.iter().filter(of_model).filter(of_name).cloned().collect();
    if !found.is_empty() || (meant.model.is_none() && meant.case.is_none()) {
        return Ok(found);
    }
    let models = cases.iter().map(|case| case.model.as_str());
    let names = cases.iter().map(|case| case.name.as_str());
    let (words, near) = match (&meant.model, &meant.case) {
        (Some(model), None) => (format!("no unit test is of the model `{model}`"), did_you_mean(model, models)),
        (None, Some(case)) => (format!("no case is called `{case}`"), did_you_mean(case, names)),
        (model, case) => {
            let (model, case) = (model.as_deref().unwrap_or_default(), case.as_deref().unwrap_or_default());
            (format!("no case of the model `{model}` is called `{case}`"), did_you_mean(case, names))
        }
    };
    Err(Failure::Usage(words, near.into_iter().collect()))
}

/// Whether a case is for the profile's engine.
fn is_here(project: &Project, case: &UnitCase) -> bool {
    case.engine.as_ref().is_none_or(|engine| project.is_engine(engine))
}

/// What a pass is kept under.
fn key(project: &Project, case: &UnitCase) -> String {
    format!("{} · {} · {}", case.path, case.name, project.profile.engine)
}

/// All that the outcome of a case hangs on: what the model is made of, and the ephemeral models in its text, without what
/// stands upstream; the rows that are given, and those that are expected.
fn digest(graph: &Graph, components: &Components, case: &UnitCase, subject: &Subject<'_>) -> Digest {
    let mut hash = Tagged::new("fft-utest-v1").part(&value(&components.fingerprint(subject.model, &[]).components).0);
    for id in graph.inside(subject.model) {
        hash = hash.part(&value(&components.fingerprint(id, &[]).components).0);
    }
    for (relation, given) in &subject.inputs {
        hash = hash.part(relation.as_bytes()).part(given.content().as_bytes());
    }
    hash.part(case.expect.content().as_bytes()).finish()
}

/// A name that no schema has: nothing that is there is touched.
fn schema(checkout: &Checkout) -> String {
    let Checkout { world, project, .. } = checkout;
    let process = crate::engine::this_process().unwrap_or_default();
    let now = world.now().as_nanosecond().to_string();
    let digest = Tagged::new("fft-utest-schema-v1").part(process.as_bytes()).part(now.as_bytes());
    format!("_ff_utest_{}", digest.part(project.settings.name.as_bytes()).finish().short())
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
