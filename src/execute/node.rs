//! One node's build: its text or rows to the engine, and what came of it.

use super::failure::Failure;
use super::interpreter::Process;
use super::locate::locate;
use super::message::{Message, Running};
use super::{Execution, Outcome, Status};
use crate::engine::{Build, Built, Content, EngineError, ErrorKind, MetaRow, RelationKind, SeedContent, Session};
use crate::graph::{Body, Materialized, Node, NodeId, SqlBody};
use crate::http;
use crate::name::RelationName;
use crate::plan::Action;
use crate::project::{SeedFile, SeedFormat};
use crate::render::secret_placeholder;
use crate::world::instant;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Sender;
use std::time::Duration;

/// What a worker thread works with.
pub struct Workplace<'a> {
    pub(super) execution: &'a Execution<'a>,
    pub(super) running: Running,
    pub(super) messages: Sender<Message>,
    session: Option<Box<dyn Session>>,
    pub(super) python: Process,
}

impl<'a> Workplace<'a> {
    pub fn new(execution: &'a Execution<'a>, running: Running, messages: Sender<Message>) -> Workplace<'a> {
        Workplace { execution, running, messages, session: None, python: Default::default() }
    }

    /// Builds a node, or records the new fingerprint of a skipped one.
    pub fn build(&mut self, id: NodeId) -> Outcome {
        let world = self.execution.world.clone();
        let (started_at, started) = (world.now(), world.elapsed());
        let mut telemetry = http::Telemetry::default();
        let result = self.attempt(id, &mut telemetry);
        // A lost connection doesn't come back; the next node gets a new one.
        if let Err(Failure::Engine(EngineError { kind: ErrorKind::Connection, .. })) = &result {
            self.session = None;
        }
        let mut outcome = match result {
            Ok(built) => self.success(id, &built),
            Err(failure) => self.failure(id, failure),
        };
        telemetry.notes.iter().for_each(|note| drop(self.messages.send(Message::Note(note.clone()))));
        outcome.http = (telemetry.requests > 0).then_some(telemetry);
        outcome.started_at = Some(started_at);
        outcome.finished_at = Some(world.now());
        outcome.duration_ms = Some(milliseconds(world.elapsed().saturating_sub(started)));
        outcome
    }

    fn attempt(&mut self, id: NodeId, telemetry: &mut http::Telemetry) -> Result<Built, Failure> {
        let execution = self.execution;
        let node = &execution.graph.nodes[id];
        let decision = &execution.plan.decisions[id];
        let meta = self.meta(id);
        if decision.action == Action::Skip {
            self.session()?.record(&meta)?;
            return Ok(Built::default());
        }
        match &node.body {
            Body::Seed(seed) => {
                let texts = [("_ff_seed_id", seed.name.as_str()), ("_ff_seed_file", seed.path.as_str())];
                let content = Content::Seed(seed_content(seed, &texts));
                self.replace(id, content, meta)
            }
            Body::Sql(body) => {
                let text = reveal(body, execution.project);
                self.replace(id, Content::Query(&text), meta)
            }
            Body::Python(body) => {
                let table = self.run_python(id, body, telemetry)?;
                let content = Content::Arrow { schema: table.schema.clone(), batches: &table.batches };
                self.replace(id, content, meta)
            }
        }
    }

    fn replace(&mut self, id: NodeId, content: Content<'_>, meta: MetaRow) -> Result<Built, Failure> {
        let execution = self.execution;
        let node = &execution.graph.nodes[id];
        let existing = execution.relations.kind(&node.relation);
        let kind = match node.materialized {
            Materialized::View => RelationKind::View,
            Materialized::Table | Materialized::Ephemeral => RelationKind::Table,
        };
        let pending = |relation: &RelationName| execution.builds_below(id, relation);
        let build = Build { relation: &node.relation, kind, content, existing, meta, pending: &pending };
        Ok(self.session()?.build(&build)?)
    }

    /// This thread's session, opened when it is first needed.
    pub(super) fn session(&mut self) -> Result<&mut Box<dyn Session>, EngineError> {
        if self.session.is_none() {
            let session = self.execution.engine.session()?;
            *self.running.statement.lock().expect("invariant: no panic under this lock") = Some(session.interrupt());
            self.session = Some(session);
        }
        Ok(self.session.as_mut().expect("invariant: just opened"))
    }

    fn meta(&self, id: NodeId) -> MetaRow {
        let execution = self.execution;
        let node = &execution.graph.nodes[id];
        MetaRow {
            node: node.name.clone(),
            relation: execution.relations.resolve(&node.relation),
            fingerprint: execution.plan.decisions[id].fingerprint.value,
            engine: execution.engine.name().into(),
            built_at: instant(execution.world.now()),
            run_id: execution.run_id.into(),
        }
    }

    fn success(&self, id: NodeId, built: &Built) -> Outcome {
        let skipped = self.execution.plan.decisions[id].action == Action::Skip;
        let status = if skipped { Status::Skipped } else { Status::Success };
        Outcome {
            query_duration_ms: (!skipped).then(|| milliseconds(built.query_duration)),
            rows: built.rows,
            bytes_scanned: built.bytes_scanned,
            ..Outcome::instant(id, status)
        }
    }

    fn failure(&self, id: NodeId, failure: Failure) -> Outcome {
        let node = &self.execution.graph.nodes[id];
        let mut outcome = Outcome::instant(id, Status::Error);
        let (message, at, details) = match failure {
            Failure::Engine(error) => describe_engine(node, error),
            Failure::Python(error) => {
                let traceback =
                    error.traceback.into_iter().flat_map(|text| text.lines().map(String::from).collect::<Vec<_>>());
                (error.message, error.at, traceback.chain(error.hint.map(|hint| format!("hint: {hint}"))).collect())
            }
            Failure::Other(message) => (message, None, Vec::new()),
        };
        let redact = |text: &String| self.execution.project.env.redact(text);
        let cancelled = self.execution.cancelled.load(Ordering::Relaxed);
        outcome.message = Some(if cancelled { "interrupted".into() } else { redact(&message) });
        outcome.details = if cancelled { Vec::new() } else { details.iter().map(redact).collect() };
        outcome.at = at.or_else(|| Some(crate::diagnostic::Location::file(&node.path)));
        outcome
    }
}

type Described = (String, Option<crate::diagnostic::Location>, Vec<String>);

fn describe_engine(node: &Node, error: EngineError) -> Described {
    let mut details = Vec::new();
    let mut at = None;
    if let Body::Sql(body) = &node.body
        && error.kind == ErrorKind::Statement
    {
        let (place, line) = locate(node, body, error.position);
        details.extend(line.map(|line| format!("| {}", line.trim_end())));
        at = Some(place);
    }
    details.extend(error.hint.map(|hint| format!("hint: {hint}")));
    (error.message, at, details)
}

fn seed_content<'a>(seed: &'a SeedFile, texts: &'a [(&'a str, &'a str)]) -> SeedContent<'a> {
    SeedContent {
        file: &seed.file,
        parquet: seed.format == SeedFormat::Parquet,
        types: &seed.columns,
        text_columns: texts,
        loaded_at_column: Some("_ff_loaded_at"),
    }
}

/// The text for the engine: secrets in the place of their placeholders.
fn reveal(body: &SqlBody, project: &crate::project::Project) -> String {
    let secret = |name: &&String| project.env.vars.get(name.as_str()).is_some_and(|var| var.secret);
    body.env.keys().filter(secret).fold(body.compiled.to_string(), |text, name| {
        let value = project.env.get(name).unwrap_or_default();
        text.replace(&secret_placeholder(name), value)
    })
}

fn milliseconds(duration: Duration) -> u64 {
    duration.as_millis() as u64
}
