//! A Python process that runs models, one job after the other.
//!
//! A worker takes a [`Job`] and gives [`Rows`] or a [`PythonError`] of that one model. When the process is lost the
//! job fails and [`Worker::is_alive`] turns false; the caller starts another worker for the next job. A worker ends
//! with its host: its standard input closes.

mod failure;
mod frame;
mod package;
mod process;

pub use process::KillHandle;

use super::error::{ErrorKind, PythonError};
use super::exchange::{HttpAnswer, HttpAsk};
use super::interpreter::Interpreter;
use super::table::{self, Table};
use crate::graph::{Node, PythonBody};
use crate::project::Project;
use crate::syntax::python::Frame;
use arrow::error::ArrowError;
use frame::{Done, FromWorker, InputFrame, JobFrame, LentFrame};
use process::{Message, Process};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// One function to call.
pub struct Job<'a> {
    pub code: Code<'a>,
    pub setting: Setting<'a>,
    /// Where the worker writes rows: a file of this name in a folder that is there, the job's alone.
    pub output: PathBuf,
    /// In the order of `deps`.
    pub inputs: Vec<Input>,
    /// Of a model whose table is extended: the greatest value of each column that it asks for.
    pub incremental: Option<BTreeMap<String, Option<String>>>,
    /// Columns the function needs, checked before it is called.
    pub requires: Option<&'a Value>,
    /// The form that the model declares to take rows in: `pandas`, `spark` …
    pub frame: Option<&'static str>,
    /// What the function is told, where it is a hook: then it gives nothing.
    pub hook: Option<&'a Value>,
    /// The session of the database whose own frames the model takes and gives.
    pub lent: Option<Lent<'a>>,
}

/// A function, with all that it may see of the project's code and of the environment.
#[derive(Clone, Copy)]
pub struct Code<'a> {
    /// What messages call it: the model's name.
    pub node: &'a str,
    /// Project-relative path of its file, as tracebacks show it.
    pub path: &'a str,
    /// The file's text.
    pub source: &'a str,
    pub function: &'a str,
    /// How many models of the file that are functions of this name stand in front of it.
    pub ordinal: usize,
    /// Texts of the project's modules by their paths: what is imported is what was read.
    pub modules: &'a BTreeMap<String, String>,
    /// Environment variables that the code names, beside `FF_*`.
    pub env: &'a BTreeSet<String>,
}

/// What every function of a project is told, whichever it is.
#[derive(Clone, Copy)]
pub struct Setting<'a> {
    /// The working directory. Absolute.
    pub project_root: &'a Path,
    /// The folder that imports count from: the project's, or that of the package that the code is of.
    pub imports: &'a Path,
    pub vars: &'a BTreeMap<String, Value>,
    pub engine: &'a str,
    pub profile: &'a str,
    /// The longest a job may take, HTTP included.
    pub timeout: Option<Duration>,
}

impl<'a> From<&'a Project> for Setting<'a> {
    fn from(project: &'a Project) -> Setting<'a> {
        Setting {
            project_root: &project.root,
            imports: &project.root,
            vars: &project.vars,
            engine: &project.profile.engine,
            profile: &project.profile.name,
            timeout: project.settings.python.timeout_seconds.map(Duration::from_secs),
        }
    }
}

impl<'a> Setting<'a> {
    /// What the functions of one file are told: those of a package have its vars and its modules.
    pub fn of(project: &'a Project, path: &str) -> Setting<'a> {
        Setting { imports: project.folder_of(path), vars: project.vars_of(path), ..Setting::from(project) }
    }
}

/// A session of the database, lent for one job.
pub struct Lent<'a> {
    /// With what a client needs to be let in: a secret.
    pub address: &'a str,
    /// The view of that session which the model's frame is to become.
    pub view: &'a str,
}

/// One dependency's rows.
pub struct Input {
    /// The relation's name, which is the key where the function takes a dict.
    pub name: String,
    pub rows: InputRows,
}

/// Where they are.
pub enum InputRows {
    /// In an Arrow IPC file, as [`IpcFile`](super::IpcFile) is written.
    File(PathBuf),
    /// In the database: a query for the session that was lent.
    Query(String),
}

/// What a model gave.
#[derive(Debug)]
pub enum Rows {
    Table(Table),
    /// It stands as the view of the session that was lent.
    View,
    /// It is a hook.
    Nothing,
}

impl<'a> Job<'a> {
    /// A call that reads no rows and asks for nothing beyond its code.
    pub fn new(code: Code<'a>, setting: impl Into<Setting<'a>>, output: PathBuf) -> Job<'a> {
        let (setting, inputs) = (setting.into(), Vec::new());
        Job { code, setting, output, inputs, incremental: None, requires: None, frame: None, hook: None, lent: None }
    }

    /// A call of a model, which says what it needs and takes; its rows are still to be given.
    pub fn of_model(node: &'a Node, body: &'a PythonBody, project: &'a Project, output: PathBuf) -> Job<'a> {
        let model = &body.model;
        let code = Code {
            node: node.name.as_str(),
            path: &node.path,
            source: &body.source,
            function: &model.function,
            ordinal: model.ordinal,
            modules: &model.modules,
            env: &model.reads.env,
        };
        let (requires, frame) = (model.requires.as_ref(), model.frame.map(Frame::name));
        Job { requires, frame, ..Job::new(code, Setting::of(project, &node.path), output) }
    }

    /// What messages call it.
    fn called(&self) -> String {
        let what = if self.hook.is_some() { "hook" } else { "model" };
        format!("the {what} `{}`", self.code.node)
    }
}

/// A running worker.
pub struct Worker {
    process: Process,
    interpreter: Interpreter,
    pyarrow: bool,
    version: String,
    jobs: u64,
}

impl Worker {
    /// Starts a worker with `env` on top of this process's environment, and waits until it is ready.
    pub fn start(interpreter: &Interpreter, env: &BTreeMap<String, String>) -> Result<Worker, PythonError> {
        let mut process = Process::start(&interpreter.path, env)?;
        process.send(&json!({ "package": package::sources() }));
        let mut log = String::new();
        loop {
            match process.messages.recv() {
                Ok(Message::Frame(frame)) => {
                    if let Ok(FromWorker::Ready(ready)) = serde_json::from_slice(&frame) {
                        let frame::Ready { version, pyarrow } = ready;
                        return Ok(Worker { process, interpreter: interpreter.clone(), pyarrow, version, jobs: 0 });
                    }
                }
                Ok(Message::Log(line)) => log = line,
                Ok(Message::LogClosed) | Err(_) => {
                    process.finish();
                    return Err(failure::not_ready(interpreter, &log));
                }
                Ok(_) => {}
            }
        }
    }

    /// Runs one model. `http` carries out its requests, `log` gets each line it prints.
    pub fn run(
        &mut self,
        job: &Job<'_>,
        http: &mut dyn FnMut(HttpAsk) -> HttpAnswer,
        log: &mut dyn FnMut(&str),
    ) -> Result<Rows, PythonError> {
        self.jobs += 1;
        let frame = self.job_frame(job).map_err(|error| failure::exchange(job, &error))?;
        let timed_out = Arc::new(AtomicBool::new(false));
        let _watch = job.setting.timeout.map(|limit| watch(limit, self.process.handle.clone(), timed_out.clone()));
        self.process.send(&frame);
        let Some(outcome) = self.converse(job, http, log) else {
            return Err(self.lost(job, timed_out.load(Ordering::SeqCst), log));
        };
        match outcome {
            FromWorker::Done(Done { rows, unwatched }) => {
                for file in unwatched {
                    log(&format!(
                        "{file} was imported in a way that fft can't see by reading the code: it isn't watched"
                    ));
                }
                given(job, rows)
            }
            FromWorker::Failed(failed) => Err(failure::of_model(job, failed, &self.interpreter)),
            FromWorker::Ready(_) | FromWorker::Http(_) | FromWorker::Unusable(_) => Err(self.lost(job, false, log)),
        }
    }

    /// Ends the worker from another thread.
    pub fn handle(&self) -> KillHandle {
        self.process.handle.clone()
    }

    /// Whether another job can be run.
    pub fn is_alive(&mut self) -> bool {
        !self.process.handle.is_cancelled() && self.process.is_alive()
    }

    /// Minor version of the interpreter: `3.11`.
    pub fn version(&self) -> &str {
        &self.version
    }

    fn job_frame(&self, job: &Job<'_>) -> Result<Value, ArrowError> {
        let Job { code, setting, .. } = job;
        let frame = JobFrame {
            number: self.jobs,
            node: code.node,
            path: code.path,
            source: code.source,
            function: code.function,
            ordinal: code.ordinal,
            project_root: setting.project_root,
            imports: setting.imports,
            modules: code.modules,
            env: code.env,
            incremental: job.incremental.as_ref(),
            inputs: job.inputs.iter().map(|input| self.input_frame(input)).collect::<Result<_, _>>()?,
            output: &job.output,
            vars: setting.vars,
            engine: setting.engine,
            profile: setting.profile,
            requires: job.requires,
            format: if self.pyarrow { "arrow" } else { "json" },
            frame: job.frame,
            hook: job.hook,
            lent: job.lent.as_ref().map(|lent| LentFrame { address: lent.address, view: lent.view }),
        };
        serde_json::to_value(frame)
            .map(|frame| json!({ "job": frame }))
            .map_err(|error| ArrowError::from_external_error(error.into()))
    }

    fn input_frame<'a>(&self, input: &'a Input) -> Result<InputFrame<'a>, ArrowError> {
        let name = &input.name;
        let file = match &input.rows {
            InputRows::File(file) => file,
            InputRows::Query(query) => return Ok(InputFrame::Query { name, query }),
        };
        let schema = table::schema_of(file)?;
        let columns = schema.fields().iter().map(|field| (field.name().clone(), table::kind(field.data_type())));
        let columns = columns.collect();
        if self.pyarrow {
            return Ok(InputFrame::File { name, file: file.clone(), columns });
        }
        let lines = file.with_extension("jsonl");
        table::write_lines(file, &lines)?;
        Ok(InputFrame::File { name, file: lines, columns })
    }

    /// Answers the worker until it has told the job's outcome and all it printed is handed on; `None` when it is lost.
    fn converse(
        &mut self,
        job: &Job<'_>,
        http: &mut dyn FnMut(HttpAsk) -> HttpAnswer,
        log: &mut dyn FnMut(&str),
    ) -> Option<FromWorker> {
        let mut outcome = None;
        let mut ended = false;
        while outcome.is_none() || !ended {
            match self.process.messages.recv().ok()? {
                Message::Frame(frame) => match serde_json::from_slice(&frame).ok()? {
                    FromWorker::Http(request) => {
                        let answer = http(HttpAsk::Send(request.into_call().ok()?));
                        let folder = job.output.parent().unwrap_or(Path::new("."));
                        self.process.send(&frame::answer(answer, folder));
                    }
                    FromWorker::Unusable(key) => {
                        let sentence = http(HttpAsk::Unusable(key)).err().unwrap_or_default();
                        self.process.send(&json!({ "error": sentence }));
                    }
                    other => outcome = Some(other),
                },
                Message::Log(line) => log(&line),
                Message::End(number) => ended = ended || number == self.jobs,
                Message::LogClosed => ended = true,
                Message::Closed => return None,
            }
        }
        outcome
    }

    /// Ends what is left of the worker, hands on its last lines, and says what became of it.
    fn lost(&mut self, job: &Job<'_>, timed_out: bool, log: &mut dyn FnMut(&str)) -> PythonError {
        let status = self.process.finish();
        // What left the group may still hold the log open.
        while let Ok(message) = self.process.messages.recv_timeout(Duration::from_secs(1)) {
            match message {
                Message::Log(line) => log(&line),
                Message::LogClosed => break,
                _ => {}
            }
        }
        match (self.process.handle.is_cancelled(), timed_out, job.setting.timeout) {
            (true, _, _) => PythonError::new(ErrorKind::Cancelled, format!("{} was cancelled", job.called())),
            (false, true, Some(limit)) => failure::timeout(job, limit),
            _ => failure::crash(job, status),
        }
    }
}

/// What the model gave, checked.
fn given(job: &Job<'_>, rows: frame::Rows) -> Result<Rows, PythonError> {
    let table = match rows {
        frame::Rows::Nothing => return Ok(Rows::Nothing),
        frame::Rows::Arrow => table::read_ipc(&job.output),
        frame::Rows::Json { columns } => table::read_lines(&job.output, &columns),
        frame::Rows::View { columns } => {
            let unnameable = columns.iter().find(|name| name.contains('\0'));
            return unnameable.map_or(Ok(Rows::View), |column| Err(failure::unnameable(job, column)));
        }
    };
    let table = table.map_err(|error| failure::exchange(job, &error))?;
    match table::unnameable(&table.schema) {
        Some(column) => Err(failure::unnameable(job, column)),
        None => Ok(Rows::Table(table)),
    }
}

/// Ends the worker when `limit` has passed before the sender is dropped.
fn watch(limit: Duration, handle: KillHandle, timed_out: Arc<AtomicBool>) -> Sender<()> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        if receiver.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
            timed_out.store(true, Ordering::SeqCst);
            handle.end();
        }
    });
    sender
}

#[cfg(test)]
mod tests;
