//! A Python model's build: its upstream rows to a worker process, its requests to the HTTP client, its rows back.

use super::failure::Failure;
use super::message::Message;
use super::node::{Workplace, sent};
use crate::dialect::Dialect;
use crate::graph::{Graph, NodeId, PythonBody};
use crate::http::{self, Client, Request, Telemetry};
use crate::project::Project;
use crate::python::{self, HttpAnswer, HttpAsk, HttpReply, Input, Job, PythonError, Table, Worker};
use std::path::Path;
use std::time::Duration;

impl Workplace<'_> {
    /// Runs the model over its upstream relations as they are: its rows, and the bytes of those it was given.
    #[expect(clippy::disallowed_methods, reason = "the folder is for the worker, and gone with the build")]
    pub(super) fn run_python(
        &mut self,
        id: NodeId,
        body: &PythonBody,
        telemetry: &mut Telemetry,
    ) -> Result<(Table, u64), Failure> {
        let execution = self.execution;
        let node = &execution.graph.nodes[id];
        let model = &body.model;
        let folder = tempfile::tempdir().map_err(|error| Failure::Other(format!("no temporary folder: {error}")))?;
        let (inputs, bytes) = self.inputs(body, folder.path())?;
        let job = Job {
            node: node.name.as_str(),
            path: &node.path,
            source: &body.source,
            function: &model.function,
            project_root: &execution.project.root,
            modules: &model.modules,
            env: &model.reads.env,
            inputs,
            output: folder.path().join("output.arrow"),
            vars: &execution.project.vars,
            engine: &execution.project.profile.engine,
            profile: &execution.project.profile.name,
            requires: model.requires.as_ref(),
            timeout: execution.project.settings.python.timeout_seconds.map(Duration::from_secs),
        };
        let messages = self.messages.clone();
        let waiting = |text: String| drop(messages.send(Message::Waiting(text)));
        let mut http = |ask: HttpAsk| answer(&execution.http, node.name.as_str(), ask, telemetry, &waiting);
        let redact = |line: &str| crate::project::redact(line, execution.secrets);
        let mut log = |line: &str| drop(messages.send(Message::Output(id, redact(line))));
        let result = self.python()?.run(&job, &mut http, &mut log);
        Ok((result?, bytes))
    }

    /// The worker process, running.
    fn python(&mut self) -> Result<&mut Worker, PythonError> {
        self.python.running(self.execution, &self.running, &self.messages)
    }

    /// Each dependency's rows in a file, in the order of `deps`; and the bytes that they had in memory.
    fn inputs(&mut self, body: &PythonBody, folder: &Path) -> Result<(Vec<Input>, u64), Failure> {
        let execution = self.execution;
        let dialect = self.dialect()?;
        let (mut inputs, mut bytes) = (Vec::new(), 0);
        for (number, dependency) in body.model.dependencies.iter().enumerate() {
            let up = execution.graph.find(&dependency.name).expect("invariant: the graph resolved every dependency");
            let node = &execution.graph.nodes[up];
            let query = input_query(execution.graph, execution.project, &*dialect, up);
            let inlined = !execution.graph.has_relation(up);
            let rows = self.session()?.read_exactly(&query).map_err(|error| match inlined {
                true => Failure::Reading(up, error),
                false => Failure::Engine(error),
            })?;
            bytes += rows.iter().map(|batch| batch.get_array_memory_size() as u64).sum::<u64>();
            let file = folder.join(format!("input{number}.arrow"));
            let schema =
                rows.first().map(|batch| batch.schema()).expect("invariant: a session gives a batch even of no rows");
            python::write_ipc(&file, &schema, &rows)
                .map_err(|error| Failure::Other(format!("rows of {} can't be handed over: {error}", node.name)))?;
            inputs.push(Input { name: node.name.stem().to_string(), file });
        }
        Ok((inputs, bytes))
    }
}

/// The query that reads an upstream node's rows, as the engine is sent it.
pub(super) fn input_query(graph: &Graph, project: &Project, dialect: &dyn Dialect, up: NodeId) -> String {
    match graph.has_relation(up) {
        true => format!("select * from {}", dialect.relation(&graph.nodes[up].relation)),
        false => sent(graph, project, dialect, up),
    }
}

fn answer(
    client: &Client,
    node: &str,
    ask: HttpAsk,
    telemetry: &mut Telemetry,
    waiting: &dyn Fn(String),
) -> HttpAnswer {
    let call = match ask {
        HttpAsk::Send(call) => call,
        HttpAsk::Unusable(key) => return Err(client.unusable(&key)),
    };
    let request = Request {
        method: call.method,
        url: call.url,
        headers: call.headers,
        params: call.params,
        body: call.body,
        timeout: call.timeout.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
    };
    match client.send_telling(node, &request, telemetry, waiting) {
        Ok(http::Response { status, headers, body, url, key, .. }) => {
            Ok(HttpReply { status, headers, body, url, key: key.to_string() })
        }
        Err(error) => {
            let hint = error.hint().map_or(String::new(), |hint| format!("; {hint}"));
            Err(format!("{error}{hint}"))
        }
    }
}
