//! Hooks: what a run does beside building, at its beginning and its end and around each model that it builds.
//!
//! A hook is rendered when it runs, with what is known of the run by then. What comes of each is a [`HookOutcome`], which
//! the scheduler is told at once; one that fails is told like a node that fails, with its place.

use super::failure::Failure;
use super::message::Message;
use super::node::Workplace;
use super::sent::folder;
use super::{HookOutcome, HookStatus, Outcome, RunEnd, Status};
use crate::diagnostic::Location;
use crate::engine::{EngineError, ErrorKind};
use crate::graph::{self, NodeId, NodeKind};
use crate::project::{Hook, HookBody, HookSql, HookTime};
use crate::render::Sent;
use crate::syntax::sql::statements;
use crate::world::instant;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

/// What a hook runs for.
#[derive(Clone, Copy)]
pub enum Subject<'a> {
    /// The run, and what came of it once it has ended.
    Run(Option<&'a RunEnd>),
    /// A model, and what came of its build once it has ended.
    Model(NodeId, Option<&'a Outcome>),
}

impl Subject<'_> {
    fn node(self) -> Option<NodeId> {
        match self {
            Subject::Run(_) => None,
            Subject::Model(id, _) => Some(id),
        }
    }
}

/// A failure of a hook before it is told.
struct Failed {
    message: String,
    details: Vec<String>,
    at: Location,
}

impl Workplace<'_> {
    /// Runs what comes in front of a model's build; the failure of one fails the model.
    pub fn before_model(&mut self, id: NodeId) -> Result<(), Failure> {
        let failed = self.hooks_at(HookTime::BeforeModel, Subject::Model(id, None));
        failed.map_or(Ok(()), |failed| Err(Failure::Hook(Box::new(failed))))
    }

    /// Runs what comes behind it, whatever came of it. A run that is to end ends here.
    pub fn after_model(&mut self, outcome: &Outcome) {
        if !self.execution.cancelled.load(Ordering::Relaxed) {
            self.hooks_at(HookTime::AfterModel, Subject::Model(outcome.node, Some(outcome)));
        }
    }

    /// Runs the hooks of a time, one after the other, and tells what comes of each. What is to come before something ends
    /// with its first failure; what comes behind is all done. Gives the first failure.
    pub fn hooks_at(&mut self, when: HookTime, subject: Subject<'_>) -> Option<HookOutcome> {
        let execution = self.execution;
        if when == HookTime::OnRunEnd && execution.cancelled.load(Ordering::Relaxed) {
            // What ended the run may reach what comes next on the same session.
            self.end_session();
        }
        let is_for = |nodes: &BTreeSet<NodeId>| match subject.node() {
            None => true,
            Some(id) => nodes.contains(&id) && execution.graph.nodes[id].kind != NodeKind::Seed,
        };
        let wanted: Vec<&Hook> = execution
            .hooks
            .at(&execution.project.hooks, when)
            .filter(|(_, nodes)| is_for(nodes))
            .map(|(hook, _)| hook)
            .collect();
        let mut first = None;
        for hook in wanted {
            let outcome = self.hook(hook, subject);
            let failed = outcome.status == HookStatus::Error;
            drop(self.messages.send(Message::Hook(outcome.clone())));
            if failed {
                first.get_or_insert(outcome);
                if matches!(when, HookTime::OnRunStart | HookTime::BeforeModel) {
                    break;
                }
            }
        }
        first
    }

    fn hook(&mut self, hook: &Hook, subject: Subject<'_>) -> HookOutcome {
        let world = self.execution.world.clone();
        let (started_at, started) = (world.now(), world.elapsed());
        let context = self.context(hook, subject);
        let ran = match &hook.body {
            HookBody::Sql(sql) => self.sql_hook(hook, sql, &context, subject.node()),
            HookBody::Python { path, text, function, at } => {
                self.python_hook(&hook.name, (path, text, function, at), &Value::Object(context)).map(|()| None)
            }
        };
        let elapsed_ms = world.elapsed().saturating_sub(started).as_millis() as u64;
        let base = HookOutcome {
            name: hook.name.clone(),
            when: hook.when,
            node: subject.node(),
            status: HookStatus::Success,
            started_at,
            elapsed_ms,
            rows_affected: None,
            message: None,
            details: Vec::new(),
            at: None,
            panicked: false,
        };
        match ran {
            Ok(rows_affected) => HookOutcome { rows_affected, ..base },
            Err(failed) => {
                let redact = |text: &String| crate::project::redact(text, self.execution.secrets);
                HookOutcome {
                    status: HookStatus::Error,
                    message: Some(redact(&failed.message)),
                    details: failed.details.iter().map(redact).collect(),
                    at: Some(failed.at),
                    ..base
                }
            }
        }
    }

    /// What a hook is told.
    fn context(&self, hook: &Hook, subject: Subject<'_>) -> Map<String, Value> {
        let execution = self.execution;
        let ended = match subject {
            Subject::Run(ended) => ended,
            Subject::Model(..) => None,
        };
        let elapsed = execution.world.elapsed().saturating_sub(execution.began);
        let run = json!({
            "run_id": execution.run_id,
            "env_name": execution.project.profile.name,
            "engine_name": execution.project.profile.engine,
            "started_at": instant(execution.started_at),
            "elapsed_ms": elapsed.as_millis() as u64,
            "status": ended.map(RunEnd::status),
            "error": ended.and_then(|end| end.error.clone()),
            "row_count": ended.map(|end| end.rows),
        });
        let stats = ended.map(|end| {
            json!({
                "models_built": end.built, "models_skipped": end.skipped, "models_failed": end.failed,
                "models_blocked": end.blocked,
            })
        });
        let model = match subject {
            Subject::Run(_) => Value::Null,
            Subject::Model(id, outcome) => self.model(id, outcome),
        };
        let own = [
            ("when", json!(hook.when)),
            ("run", run),
            ("model", model.clone()),
            ("node", model),
            ("stats", json!(stats)),
            ("params", Value::Object(hook.params.clone())),
        ];
        let own = own.map(|(name, value)| (name.to_string(), value));
        hook.params.clone().into_iter().chain(own).collect()
    }

    fn model(&self, id: NodeId, outcome: Option<&Outcome>) -> Value {
        let node = &self.execution.graph.nodes[id];
        let status = outcome.map(|outcome| if outcome.status == Status::Success { "success" } else { "error" });
        json!({
            "name": node.name,
            "relation": self.dialect().relation(&node.relation),
            "path": node.path,
            "tags": node.tags,
            "meta": node.meta.clone().unwrap_or_else(|| json!({})),
            "status": status,
            "rows_affected": outcome.and_then(|outcome| outcome.measures.rows()),
            "elapsed_ms": outcome.and_then(|outcome| outcome.duration_ms),
            "error": outcome.and_then(|outcome| outcome.message.clone()),
        })
    }

    /// Runs a hook's statements, in one transaction where the engine has those. Gives the rows that they changed.
    fn sql_hook(
        &mut self,
        hook: &Hook,
        sql: &HookSql,
        context: &Map<String, Value>,
        this: Option<NodeId>,
    ) -> Result<Option<u64>, Failed> {
        let execution = self.execution;
        let fail = |message: String, at: Location| Failed { message, details: Vec::new(), at };
        let dialect = execution.engine.shared_dialect();
        let rendered =
            execution.hooks.templates.render(execution.project, dialect, sql, context).map_err(|problem| {
                let details = problem.hints.iter().map(|hint| format!("hint: {hint}")).collect();
                let at = problem.at.clone().unwrap_or_else(|| hook.at.clone());
                Failed { message: problem.message, details, at }
            })?;
        let filled = graph::fill_hook(execution.graph, execution.project, self.dialect(), &rendered.text, this);
        let (text, moves) = filled.map_err(|message| fail(message, hook.at.clone()))?;
        let ranges = statements(text.shown(), self.dialect().grammar().lexicon);
        let folder = folder(execution.project, self.dialect());
        let sent = Sent { env: &execution.project.env, folder: &folder };
        let texts: Vec<String> = ranges.iter().map(|range| text.slice(range.clone()).reveal(&sent)).collect();
        let ran = self.session_for(&hook.name).and_then(|session| session.run_hook(&texts));
        ran.map_err(|error| {
            if error.kind == ErrorKind::Connection {
                self.end_session();
            }
            let number = error.hook.unwrap_or_default();
            let range = ranges.get(number).cloned().unwrap_or_default();
            let line = text.shown()[range.clone()].lines().next().map(|line| format!("| {}", line.trim_end()));
            let EngineError { message, hint, .. } = error;
            let details = line.into_iter().chain(hint.map(|hint| format!("hint: {hint}"))).collect();
            Failed { message, details, at: rendered.place(sql, moves, range.start) }
        })
    }

    /// Runs a hook's function in the worker process.
    fn python_hook(
        &mut self,
        name: &str,
        (path, text, function, at): (&str, &str, &str, &Location),
        context: &Value,
    ) -> Result<(), Failed> {
        self.run_python_hook(name, (path, text, function), context).map_err(|failure| match failure {
            Failure::Python(error) => {
                let traceback = error.traceback.iter().flat_map(|text| text.lines().map(String::from));
                let details = traceback.chain(error.hint.iter().map(|hint| format!("hint: {hint}"))).collect();
                let at = error.at.clone().unwrap_or_else(|| at.clone());
                Failed { message: error.message, details, at }
            }
            Failure::Other(message) => Failed { message, details: Vec::new(), at: at.clone() },
            _ => unreachable!("invariant: Python alone is asked"),
        })
    }
}
