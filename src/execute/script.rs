//! A Python model's build: its upstream rows to a worker process, its requests to the HTTP client, its rows back. A model
//! that takes frames of the engine's own is lent a session in their place, and its rows stay where they are.

use super::failure::Failure;
use super::message::Message;
use super::node::{Upstream, Workplace};
use super::sent::input_query;
use crate::dialect::Statement;
use crate::engine::{Built, Content, EngineError, ErrorKind, Lent};
use crate::graph::{NodeId, PythonBody};
use crate::http::{self, Client, Request, Telemetry};
use crate::plan::{How, Increment, Watermark};
use crate::python::{
    self, Code, HttpAnswer, HttpAsk, HttpReply, Input, InputRows, IpcFile, Job, PythonError, Rows, Worker,
};
use crate::syntax::python::{Dependency, Frame, VarsRead};
use arrow::array::{AsArray, RecordBatch};
use arrow::error::ArrowError;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

impl Workplace<'_> {
    /// Runs the model over its upstream relations as they are, and makes its relation of what it gives.
    pub(super) fn build_python(
        &mut self,
        id: NodeId,
        how: How,
        body: &PythonBody,
        upstream: &Upstream,
        telemetry: &mut Telemetry,
    ) -> Result<Built, Failure> {
        let lent = self.lend(id, body)?;
        let marks = match how {
            How::Full(_) | How::Versions { .. } => None,
            How::Extend => Some(self.watermarks(id, body)?),
        };
        let ran = self.run_python(id, body, (lent.as_ref(), marks.clone()), telemetry);
        let built = ran.and_then(|(rows, bytes)| {
            let row = self.row(id, upstream, telemetry.requests == 0, None);
            match (rows, &lent) {
                (Rows::Table(table), _) => {
                    let content = Content::Arrow { schema: table.schema.clone(), batches: &table.batches };
                    let built = self.replace(id, how, content, row)?;
                    let measures = bytes.into_iter().fold(built.measures, |measures, bytes| measures.with_bytes(bytes));
                    let increment = built.increment.map(|increment| told(increment, marks.unwrap_or_default()));
                    Ok(Built { measures, increment, ..built })
                }
                (Rows::View, Some(lent)) => {
                    self.replace(id, how, Content::Query(&format!("select * from {}", lent.view)), row)
                }
                (Rows::View, None) | (Rows::Nothing, _) => {
                    unreachable!("invariant: a view is one of the session that was lent, and a model gives rows")
                }
            }
        });
        if lent.is_some() {
            // Whatever the model set or left there ends with it.
            self.end_session();
        }
        built
    }

    /// This thread's session, for a model that takes frames of the engine's own.
    fn lend(&mut self, id: NodeId, body: &PythonBody) -> Result<Option<Lent>, Failure> {
        if body.model.frame != Some(Frame::Spark) {
            return Ok(None);
        }
        let lent = self.session(id)?.lend()?;
        Ok(Some(lent.expect("invariant: the graph has such a model only where the engine lends its session")))
    }

    /// What the model gives, and the bytes of the rows that it was given; `None` where those stayed in the database.
    #[expect(clippy::disallowed_methods, reason = "the folder is for the worker, and gone with the build")]
    fn run_python(
        &mut self,
        id: NodeId,
        body: &PythonBody,
        (lent, incremental): (Option<&Lent>, Option<BTreeMap<String, Option<String>>>),
        telemetry: &mut Telemetry,
    ) -> Result<(Rows, Option<u64>), Failure> {
        let execution = self.execution;
        let node = &execution.graph.nodes[id];
        let folder = tempfile::tempdir().map_err(|error| Failure::Other(format!("no temporary folder: {error}")))?;
        let (inputs, bytes) = match lent {
            Some(_) => (self.queries(body), None),
            None => self.inputs(id, body, folder.path()).map(|(inputs, bytes)| (inputs, Some(bytes)))?,
        };
        let job = Job {
            incremental,
            inputs,
            lent: lent.map(|lent| python::Lent { address: &lent.address, view: lent.view }),
            ..Job::of_model(node, body, execution.project, folder.path().join("output.arrow"))
        };
        let messages = self.messages.clone();
        let waiting = |text: String| drop(messages.send(Message::Waiting(text)));
        let mut http = |ask: HttpAsk| answer(&execution.http, node.name.as_str(), ask, telemetry, &waiting);
        let redact = |line: &str| crate::project::redact(line, execution.secrets);
        let mut log = |line: &str| drop(messages.send(Message::Output(id, redact(line))));
        let result = self.python()?.run(&job, &mut http, &mut log);
        Ok((result?, bytes))
    }

    /// The greatest value that the model's table has in each column that it asks for.
    fn watermarks(&mut self, id: NodeId, body: &PythonBody) -> Result<BTreeMap<String, Option<String>>, Failure> {
        let dialect = self.dialect();
        let relation = dialect.relation(&self.execution.graph.nodes[id].relation);
        let VarsRead::Names(names) = &body.model.reads.watermarks else { return Ok(BTreeMap::new()) };
        let mut found = BTreeMap::new();
        for name in names {
            let (column, text) = (dialect.quote(name), dialect.text_type());
            let batches =
                self.session(id)?.read(&format!("select cast(max({column}) as {text}) as value from {relation}"))?;
            let mut values =
                batches.iter().flat_map(|batch| batch.column(0).as_string::<i32>().iter().next().flatten());
            found.insert(name.clone(), values.next().map(String::from));
        }
        Ok(found)
    }

    /// Calls the function of a hook with what it is told.
    #[expect(clippy::disallowed_methods, reason = "the folder is for the worker, and gone with the hook")]
    pub(super) fn run_python_hook(
        &mut self,
        name: &str,
        (path, source, function): (&str, &str, &str),
        context: &Value,
    ) -> Result<(), Failure> {
        let execution = self.execution;
        let folder = tempfile::tempdir().map_err(|error| Failure::Other(format!("no temporary folder: {error}")))?;
        let (modules, env) = (BTreeMap::new(), execution.project.env.vars.keys().cloned().collect());
        let code = Code { node: name, path, source, function, ordinal: 0, modules: &modules, env: &env };
        let output = folder.path().join("output.arrow");
        let job = Job { hook: Some(context), ..Job::new(code, execution.project, output) };
        let (messages, mut telemetry) = (self.messages.clone(), Telemetry::default());
        let waiting = |text: String| drop(messages.send(Message::Waiting(text)));
        let mut http = |ask: HttpAsk| answer(&execution.http, name, ask, &mut telemetry, &waiting);
        let redact = |line: &str| crate::project::redact(line, execution.secrets);
        let mut log = |line: &str| drop(messages.send(Message::Note(format!("{name} │ {}", redact(line)))));
        self.python()?.run(&job, &mut http, &mut log)?;
        Ok(())
    }

    /// Each dependency's rows as a query, in the order of `deps`.
    fn queries(&self, body: &PythonBody) -> Vec<Input> {
        let execution = self.execution;
        let dialect = self.dialect();
        let input = |dependency: &Dependency| {
            let up = execution.graph.find(&dependency.name).expect("invariant: the graph resolved every dependency");
            let query = input_query(execution.graph, execution.project, dialect, up);
            let query = Statement::bracketed("", &dialect.without_terminator(&query)).text;
            Input { name: execution.graph.nodes[up].name.stem().to_string(), rows: InputRows::Query(query) }
        };
        body.model.dependencies.iter().map(input).collect()
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
            inputs.push(Input { name: node.name.stem().to_string(), rows: InputRows::File(file) });
        }
        Ok((inputs, bytes))
    }
}

/// What came of an extension, with what the model was told.
fn told(increment: Increment, marks: BTreeMap<String, Option<String>>) -> Increment {
    let asked = marks.into_iter().map(|(column, value)| Watermark { column, value });
    Increment { since: increment.since.into_iter().chain(asked).collect(), ..increment }
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

pub(super) fn answer(
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
