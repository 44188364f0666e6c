//! One node's build: its text or rows to the engine, and what came of it.

use super::failure::Failure;
use super::history;
use super::interpreter::Process;
use super::locate::locate;
use super::message::{Message, Running};
use super::sent::{folder, seed_content, sent, sent_increment};
use super::{Execution, Outcome, Status};
use crate::check::guard::{Refusal, refuse, untold};
use crate::dialect::Dialect;
use crate::digest::Digest;
use crate::engine::{
    self, Before, Build, BuildHooks, Built, Content, EngineError, ErrorKind, Growth, ListFiles, RelationKind, Row,
    SeedContent, Session,
};
use crate::fingerprint::Fingerprint;
use crate::graph::{self, Body, Node, NodeHook, NodeId};
use crate::http;
use crate::name::RelationName;
use crate::plan::{Detail, Entry, Found, How, MetaFact, Outline, Step};
use crate::render::Sent;
use crate::world::instant;
use litemap::LiteMap;

use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Sender;
use std::time::Duration;

/// The column of a seed's table that tells when it was loaded.
const LOADED_AT: &str = "_ff_loaded_at";

/// A failure in words: what, where, and what else is told.
type Described = (String, Option<crate::diagnostic::Location>, Vec<String>);

/// A step with what the worker can't know.
pub struct Assignment {
    pub step: Step,
    pub upstream: Upstream,
}

/// What stands upstream of a node when it reads that.
#[derive(Default)]
pub struct Upstream {
    /// The run that has built each relation.
    pub builds: LiteMap<String, String>,
    /// The digest of what each node gives, as far as it is known.
    pub outputs: LiteMap<String, Digest>,
}

/// What a worker thread works with.
pub struct Workplace<'a> {
    pub(super) execution: &'a Execution<'a>,
    pub(super) running: Running,
    pub(super) messages: Sender<Message>,
    session: Option<Session>,
    pub(super) python: Process,
}

impl<'a> Workplace<'a> {
    pub fn new(execution: &'a Execution<'a>, running: Running, messages: Sender<Message>) -> Workplace<'a> {
        Workplace { execution, running, messages, session: None, python: Default::default() }
    }

    /// Carries out a step.
    pub fn carry_out(&mut self, assignment: Assignment) -> Outcome {
        let Assignment { step, upstream } = assignment;
        let id = step.node();
        let world = self.execution.world.clone();
        let builds = matches!(step, Step::Build { .. });
        let ready = if builds { self.before_model(id) } else { Ok(()) };
        let (started_at, started) = (world.now(), world.elapsed());
        let mut telemetry = http::Telemetry::default();
        let result = ready.and_then(|()| match step {
            Step::Build { node, how } => self.build(node, how, &upstream, &mut telemetry),
            Step::Record(node) => self.record(node, &upstream),
            Step::Apply(node) => self.apply(node, &upstream),
        });
        // A lost connection doesn't come back; the next node gets a new one.
        if let Err(Failure::Engine(EngineError { kind: ErrorKind::Connection, .. })) = &result {
            self.session = None;
        }
        let mut outcome = match result {
            Ok(outcome) => outcome,
            Err(failure) => self.failure(id, failure),
        };
        telemetry.notes.iter().for_each(|note| drop(self.messages.send(Message::Note(note.clone()))));
        outcome.http = (telemetry.requests > 0).then_some(telemetry);
        outcome.upstream_builds = upstream.builds;
        outcome.started_at = Some(started_at);
        outcome.finished_at = Some(world.now());
        outcome.duration_ms = Some(milliseconds(world.elapsed().saturating_sub(started)));
        if builds {
            self.after_model(&outcome);
        }
        outcome
    }

    fn record(&mut self, id: NodeId, upstream: &Upstream) -> Result<Outcome, Failure> {
        let execution = self.execution;
        let row = self.same_rows(id, upstream);
        let kind = execution.found[id].kind.expect("invariant: what is skipped stands");
        let said = execution.graph.nodes[id].settings.comments.relation.as_deref();
        self.session(id)?.record(&row, kind, said)?;
        Ok(Outcome::instant(id, Status::Skipped))
    }

    fn build(
        &mut self,
        id: NodeId,
        how: How,
        upstream: &Upstream,
        telemetry: &mut http::Telemetry,
    ) -> Result<Outcome, Failure> {
        let execution = self.execution;
        let node = &execution.graph.nodes[id];
        self.refuse_to_adopt(id)?;
        self.refuse_to_discard(id)?;
        self.guard(id)?;
        let built = match &node.body {
            Body::Seed(seed) => {
                let texts = [("_ff_seed_id", seed.name.as_str()), ("_ff_seed_file", seed.path.as_str())];
                let plain = seed_content(&*execution.world, seed, Some(self.fingerprint(id)));
                let content = if seed.meta_columns {
                    SeedContent { text_columns: &texts, loaded_at_column: Some(LOADED_AT), ..plain }
                } else {
                    plain
                };
                self.replace(id, how, Content::Seed(content), self.row(id, upstream, true, None))
            }
            Body::Sql(_) => {
                let text = match how {
                    How::Full(_) | How::Versions { .. } => sent(execution.graph, execution.project, self.dialect(), id),
                    How::Extend => sent_increment(execution.graph, execution.project, self.dialect(), id),
                };
                self.replace(id, how, Content::Query(&text), self.row(id, upstream, true, None))
            }
            Body::Python(body) => self.build_python(id, how, body, upstream, telemetry),
        }?;
        let output = self.digest(id);
        if output.is_some() && execution.records {
            let row = self.row(id, upstream, telemetry.requests == 0, output);
            self.tell_output(id, how.kind(), &Row { identity: built.identity, ..row });
        }
        Ok(Outcome {
            measures: built.measures,
            versions: built.versions,
            identity: built.identity,
            increment: built.increment,
            outline: self.outline(id),
            output,
            ..Outcome::instant(id, Status::Success)
        })
    }

    /// What the file of a large seed just loaded holds. The table stands whatever comes of this.
    fn outline(&mut self, id: NodeId) -> Option<Outline> {
        let execution = self.execution;
        let Body::Seed(seed) = &execution.graph.nodes[id].body else { return None };
        if !super::is_outlined(seed) {
            return None;
        }
        let fingerprint = self.fingerprint(id);
        super::outline(&*execution.world, self.session(id).ok()?, seed, fingerprint).ok().flatten()
    }

    fn fingerprint(&self, id: NodeId) -> &'a Fingerprint {
        &self.execution.plan.decisions[id].fingerprint
    }

    /// With early cutoff, what the rows of a table just built are like. The table stands whatever comes of this.
    fn digest(&mut self, id: NodeId) -> Option<Digest> {
        let execution = self.execution;
        let node = &execution.graph.nodes[id];
        let wanted = execution.cutoff.is_some() && node.materialization.is_digested();
        if !wanted {
            return None;
        }
        // When a seed was loaded is no part of what it holds.
        let is_told = matches!(&node.body, Body::Seed(seed) if seed.meta_columns);
        let without: &[&str] = if is_told { &[LOADED_AT] } else { &[] };
        self.session(id).ok()?.row_digest(&node.relation, without).ok().flatten()
    }

    /// Brings the row of a table that was just built to what its rows are like, for checkouts that don't know of the build.
    /// The table stands whatever comes of this.
    fn tell_output(&mut self, id: NodeId, kind: RelationKind, row: &Row) {
        let said = self.execution.graph.nodes[id].settings.comments.relation.as_deref();
        let told = self.session(id).and_then(|session| session.record(row, kind, said));
        if let Err(error) = told {
            let words = format!("{}: `_ff_meta` could not be told what its rows are like: {}", row.node, error.message);
            drop(self.messages.send(Message::Note(words)));
        }
    }

    /// Refuses to replace what somebody else made.
    fn refuse_to_adopt(&self, id: NodeId) -> Result<(), Failure> {
        let execution = self.execution;
        let replaces = execution.plan.decisions[id].replaces.as_ref().filter(|_| !execution.asked.adopt);
        let Some(relation) = replaces else { return Ok(()) };
        let whose = match execution.found[id].owner(relation) {
            Detail::OfProject { project, run, .. } => format!("was built by another project, {project}, in run {run}"),
            _ => "exists, and no record says that fft built it".into(),
        };
        Err(Failure::Refused(Refusal {
            message: format!("{relation} {whose}: it is left as it is"),
            details: vec![
                "hint: `--adopt` replaces it; else rename it, or give the node another `alias` or `schema`".into(),
            ],
        }))
    }

    /// Refuses to give up the history of a snapshot.
    fn refuse_to_discard(&self, id: NodeId) -> Result<(), Failure> {
        let execution = self.execution;
        let discards = execution.plan.decisions[id].discards.as_ref().filter(|_| !execution.asked.discards);
        let Some(relation) = discards else { return Ok(()) };
        Err(Failure::Refused(history::refusal(relation)))
    }

    /// Refuses a build that would read more than a query may, or of which that can't be told.
    fn guard(&mut self, id: NodeId) -> Result<(), Failure> {
        let execution = self.execution;
        let Some(limit) = &execution.query_limit else { return Ok(()) };
        let dialect = self.dialect();
        let session = self.session(id)?;
        let (project, graph, node) = (execution.project, execution.graph, (id, execution.plan.extends(id)));
        let refusal = match super::estimate(&*execution.world, session, project, graph, dialect, node) {
            Ok(estimate) => estimate.and_then(|estimate| refuse(&estimate, limit)),
            // A query that can't be planned can't be built: its build says why.
            Err(error) if error.kind == ErrorKind::Statement => None,
            Err(error) => Some(untold(&error, limit)),
        };
        refusal.map_or(Ok(()), |refusal| Err(Failure::Refused(refusal)))
    }

    pub(super) fn dialect(&self) -> &'a dyn Dialect {
        self.execution.engine.dialect()
    }

    pub(super) fn replace(&mut self, id: NodeId, how: How, content: Content<'_>, row: Row) -> Result<Built, Failure> {
        let execution = self.execution;
        let node = &execution.graph.nodes[id];
        let existing = execution.relations.kind(&node.relation);
        let pending = |relation: &RelationName| execution.builds_below(id, relation);
        // A view reads nothing when it is made.
        let files = match how.kind() {
            RelationKind::Table => execution.observed.read_by(execution.graph, id),
            RelationKind::View => Default::default(),
        };
        let confirm = |list: ListFiles<'_>| {
            let changed = execution.observed.changed(&*execution.world, execution.project, &files, list)?;
            changed.map_or(Ok(()), |file| Err(changed_meanwhile(&file)))
        };
        let layout = graph::layout(&node.config);
        let hooks = self.hooks(id);
        let settings = execution.settings(id);
        let before = match how {
            How::Extend => Some(before(&execution.found[id])),
            How::Full(_) | How::Versions { .. } => None,
        };
        let snapshot = graph::snapshot(&node.config);
        let build = Build {
            relation: &node.relation,
            kind: how.kind(),
            content,
            growth: before.as_ref().and_then(|before| growth(node, before)),
            lasting: node.materialization.is_extended(),
            layout: layout.as_ref(),
            settings: settings.as_ref(),
            history: snapshot.as_ref().and_then(|snapshot| history::of(execution, snapshot, how)),
            discards: execution.asked.discards,
            existing,
            hooks: BuildHooks { pre: &hooks[0], post: &hooks[1] },
            row,
            pending: &pending,
            confirm: &confirm,
        };
        let built = self.session(id)?.build(&build)?;
        if let Some(note) = &built.note {
            drop(self.messages.send(Message::Note(format!("{}: {note}", node.name))));
        }
        Ok(built)
    }

    /// The statements of a node's hooks as they are sent: those in front, and those behind.
    fn hooks(&self, id: NodeId) -> [Vec<String>; 2] {
        let execution = self.execution;
        let folder = folder(execution.project, self.dialect());
        let sent = Sent { env: &execution.project.env, folder: &folder };
        let statements = |hooks: &[NodeHook]| -> Vec<String> {
            hooks.iter().flat_map(|hook| &hook.statements).map(|text| text.reveal(&sent)).collect()
        };
        let hooks = &execution.graph.nodes[id].hooks;
        [statements(&hooks.pre), statements(&hooks.post)]
    }

    /// An error of the engine over a statement of a node's hooks.
    fn describe_hook(&self, id: NodeId, number: usize, error: EngineError) -> Described {
        let keyed = self.execution.graph.nodes[id].hooks.by_key();
        let hooks = keyed.iter().flat_map(|(key, hooks)| hooks.iter().map(move |hook| (key, hook)));
        let mut statements = hooks.flat_map(|(key, hook)| hook.statements.iter().map(move |text| (key, hook, text)));
        let (key, hook, text) = statements.nth(number).expect("invariant: it is one of the statements that were sent");
        let line = text.shown().lines().next().map(|line| format!("| {}", line.trim_end()));
        let hint = error.hint.map(|hint| format!("hint: {hint}"));
        let details = line.into_iter().chain(hint).collect();
        (format!("its {key} failed: {}", error.message), Some(hook.at.clone()), details)
    }

    /// This thread's session, opened when it is first needed, for the work on a node.
    pub(super) fn session(&mut self, id: NodeId) -> Result<&mut Session, EngineError> {
        self.session_for(self.execution.graph.nodes[id].name.as_str())
    }

    /// The same for whatever statements say that they are for.
    pub(super) fn session_for(&mut self, name: &str) -> Result<&mut Session, EngineError> {
        if self.session.is_none() {
            let session = self.execution.engine.session()?;
            *self.running.statement.lock().unwrap_or_else(PoisonError::into_inner) = Some(session.interrupt());
            self.session = Some(session);
        }
        let session = self.session.as_mut().expect("invariant: just opened");
        session.works_for(self.execution.run_id, name);
        session.limit(self.execution.query_limit.as_ref().map(|limit| limit.max_bytes));
        Ok(session)
    }

    /// The next node gets a session of its own.
    pub(super) fn end_session(&mut self) {
        *self.running.statement.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.session = None;
    }

    /// The row for a node whose build was a function of its fingerprinted inputs, or wasn't, with the digest of its rows
    /// where that is known.
    pub(super) fn row(&self, id: NodeId, upstream: &Upstream, hermetic: bool, output: Option<Digest>) -> Row {
        let entry = Entry { output, ..self.execution.entry(id, &upstream.builds, hermetic) };
        self.row_of(id, upstream, entry)
    }

    /// The row for a node whose relation has the rows of an earlier build, under the fingerprint that it has now.
    pub(super) fn same_rows(&self, id: NodeId, upstream: &Upstream) -> Row {
        let execution = self.execution;
        let before = execution.state.entries.get(&execution.graph.nodes[id].name);
        let entry = execution.entry(id, &upstream.builds, before.is_some_and(|before| before.hermetic));
        let Some(before) = before else { return self.row_of(id, upstream, entry) };
        let entry = Entry { output: before.output, rows_under: before.rows_under_before(), ..entry };
        Row { identity: before.identity, ..self.row_of(id, upstream, entry) }
    }

    fn row_of(&self, id: NodeId, upstream: &Upstream, entry: Entry) -> Row {
        let execution = self.execution;
        let node = &execution.graph.nodes[id];
        let entry = Entry { upstream_outputs: upstream.outputs.clone(), ..entry };
        Row {
            node: node.name.clone(),
            relation: execution.relations.resolve(&node.relation),
            fingerprint: execution.plan.decisions[id].fingerprint.value,
            engine: execution.engine.name().into(),
            built_at: instant(execution.world.now()),
            run_id: execution.run_id.into(),
            state: engine::State::Built,
            git_commit: execution.git_commit.map(String::from),
            upstream_builds: execution.records.then(|| upstream.builds.clone()),
            project: Some(execution.project.settings.name.clone()),
            record: execution.record(id, entry),
            identity: None,
        }
    }

    /// An error of the engine over the text of a node, or over that which gives what is new.
    fn describe_engine(&self, text: (NodeId, bool), error: EngineError) -> Described {
        if let Some(number) = error.hook {
            return self.describe_hook(text.0, number, error);
        }
        let execution = self.execution;
        let position = error.position.filter(|_| error.kind == ErrorKind::Statement);
        let folder = folder(execution.project, self.dialect());
        let sent = Sent { env: &execution.project.env, folder: &folder };
        let (at, line) = locate(execution.graph, text, position, &sent).unzip();
        let line = line.map(|line| format!("| {}", line.trim_end()));
        let hint = error.hint.map(|hint| format!("hint: {hint}"));
        (error.message, at, line.into_iter().chain(hint).collect())
    }

    /// Of a set operation whose sides differ in their columns: that a star over a seed has fft's too.
    fn added_columns(&self, node: &Node, error: &EngineError) -> Option<String> {
        let words = error.message.to_lowercase();
        if !words.contains("same number of") || !words.contains("columns") {
            return None;
        }
        let mut upstream = node.upstream.iter().map(|up| &self.execution.graph.nodes[*up]);
        let seed = upstream.find(|up| matches!(&up.body, Body::Seed(seed) if seed.meta_columns))?;
        Some(format!(
            "hint: `*` of the seed `{}` includes _ff_seed_id, _ff_seed_file and {LOADED_AT}: name the columns, or set \
             `meta_columns: false` for the seed in schema.yml or under `seeds` in project.yml",
            seed.name
        ))
    }

    fn failure(&self, id: NodeId, failure: Failure) -> Outcome {
        let node = &self.execution.graph.nodes[id];
        let mut outcome = Outcome::instant(id, Status::Error);
        let left = match &failure {
            Failure::Engine(error) | Failure::Reading(_, error) => error.left.as_ref(),
            _ => None,
        };
        let left = left.map(|words| format!("{words} may still run: it could not be ended in time"));
        let (message, at, details): Described = match failure {
            Failure::Engine(error) => {
                let hint = self.added_columns(node, &error).or_else(|| history::unmade(self.execution, id));
                let extends = self.execution.plan.extends(id);
                let (message, at, details) = self.describe_engine((id, extends), error);
                (message, at, details.into_iter().chain(hint).collect())
            }
            Failure::Reading(up, error) => self.describe_engine((up, false), error),
            Failure::Python(error) => {
                let traceback =
                    error.traceback.into_iter().flat_map(|text| text.lines().map(String::from).collect::<Vec<_>>());
                (error.message, error.at, traceback.chain(error.hint.map(|hint| format!("hint: {hint}"))).collect())
            }
            Failure::Refused(refusal) => (refusal.message, None, refusal.details),
            Failure::Hook(hook) => {
                let message = hook.message.unwrap_or_default();
                (format!("the hook `{}` failed: {message}", hook.name), hook.at, hook.details)
            }
            Failure::Other(message) => (message, None, Vec::new()),
        };
        let redact = |text: &String| crate::project::redact(text, self.execution.secrets);
        let cancelled = self.execution.cancelled.load(Ordering::Relaxed);
        outcome.message = Some(if cancelled { "interrupted".into() } else { redact(&message) });
        let details = if cancelled { Vec::new() } else { details };
        outcome.details = details.iter().chain(&left).map(redact).collect();
        outcome.at = at.or_else(|| Some(crate::diagnostic::Location::file(&node.path)));
        outcome
    }
}

/// How an incremental model's table is extended.
fn growth<'a>(node: &'a Node, before: &'a Before) -> Option<Growth<'a>> {
    let how = node.incremental.as_ref()?;
    let says_itself = match &node.body {
        Body::Sql(body) => body.increment.is_some(),
        Body::Python(body) => body.model.reads.asks_incremental,
        Body::Seed(_) => false,
    };
    Some(Growth { how, filters: !says_itself && !how.updated_at.is_empty(), before })
}

/// The build that a relation is of which is to be extended.
fn before(found: &Found) -> Before {
    let meta = found.meta.clone().expect("invariant: what is extended is known to be of a build");
    let MetaFact { fingerprint, built_at, run_id, .. } = meta;
    Before { fingerprint, built_at, run_id }
}

fn changed_meanwhile(file: &str) -> EngineError {
    EngineError::new(ErrorKind::Statement, format!("{file} changed while it was read"))
        .hint("nothing was kept of this build; the next run reads it as it is then")
}

fn milliseconds(duration: Duration) -> u64 {
    duration.as_millis() as u64
}
