//! A Python model's build: its upstream rows to a worker process, its requests to the HTTP client, its rows back.

use super::failure::Failure;
use super::message::Message;
use super::node::Workplace;
use super::sent::input_query;
use crate::engine::{EngineError, ErrorKind};
use crate::graph::{NodeId, PythonBody};
use crate::http::{self, Client, Request, Telemetry};
use crate::python::{HttpAnswer, HttpAsk, HttpReply, Input, IpcFile, Job, PythonError, Table, Worker};
use arrow::array::RecordBatch;
use arrow::error::ArrowError;
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
        let (inputs, bytes) = self.inputs(id, body, folder.path())?;
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
            engine_names: execution.project.profile.engine_names().collect(),
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
    fn inputs(&mut self, id: NodeId, body: &PythonBody, folder: &Path) -> Result<(Vec<Input>, u64), Failure> {
        let execution = self.execution;
        let dialect = self.dialect();
        let (mut inputs, mut bytes) = (Vec::new(), 0);
        for (number, dependency) in body.model.dependencies.iter().enumerate() {
            let up = execution.graph.find(&dependency.name).expect("invariant: the graph resolved every dependency");
            let node = &execution.graph.nodes[up];
            let query = input_query(execution.graph, execution.project, dialect, up);
            let inlined = !execution.graph.has_relation(up);
            let file = folder.join(format!("input{number}.arrow"));
            let mut rows: Option<IpcFile> = None;
            let mut unwritten = Ok(());
            let read = self.session(id)?.rows(&query, true, &mut |batch| {
                bytes += batch.get_array_memory_size() as u64;
                unwritten = handed_over(&mut rows, &file, batch);
                unwritten.as_ref().map_err(|words| EngineError::new(ErrorKind::Statement, words.clone())).copied()
            });
            let written = unwritten.and_then(|()| match rows {
                Some(rows) if read.is_ok() => rows.finish().map_err(|error| error.to_string()),
                _ => Ok(()),
            });
            written.map_err(|words| Failure::Other(format!("rows of {} can't be handed over: {words}", node.name)))?;
            read.map_err(|error| if inlined { Failure::Reading(up, error) } else { Failure::Engine(error) })?;
            inputs.push(Input { name: node.name.stem().to_string(), file });
        }
        Ok((inputs, bytes))
    }
}

/// Adds rows to the file, which the first of them makes.
fn handed_over(rows: &mut Option<IpcFile>, file: &Path, batch: RecordBatch) -> Result<(), String> {
    let mut add = || {
        let rows = match rows {
            Some(rows) => rows,
            None => rows.insert(IpcFile::create(file, &batch.schema())?),
        };
        rows.add(batch.clone())
    };
    add().map_err(|error: ArrowError| error.to_string())
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
