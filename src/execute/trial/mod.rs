//! A model tried over rows that are given: what it reads is made of them in a schema that is gone afterwards, and what it
//! gives is read. Nothing of it is built, recorded or kept.

mod given;
mod stop;
mod subject;

pub use stop::Stop;
pub use subject::{Subject, subject};

use super::locate::locate;
use super::sent::{folder, input_query, sent};
use crate::check::rows::SeenTable;
use crate::diagnostic::Location;
use crate::dialect::Dialect;
use crate::engine::{Aside, Engine, EngineError, ErrorKind, Session};
use crate::graph::{Body, Graph, NodeId, PythonBody};
use crate::http::{Client, Telemetry};
use crate::project::{Project, UnitCase};
use crate::python::{self, IpcFile, Job, PythonError, Rows, Worker};
use crate::render::Sent;
use crate::secret::Secrets;
use crate::syntax::python::Frame;
use crate::world::World;
use std::path::Path;

/// What models are tried with.
pub struct Trial<'a> {
    pub world: &'a dyn World,
    pub project: &'a Project,
    /// Over relations of `schema`.
    pub graph: &'a Graph,
    pub schema: &'a str,
    pub secrets: &'a Secrets,
    pub http: Client,
    pub engine: Engine,
    pub session: Session,
    /// Running where a Python model is tried.
    pub python: Option<Worker>,
    pub stop: &'a Stop,
    /// What Python models print, and what is to be said of requests.
    pub log: Box<dyn FnMut(&str) + 'a>,
}

/// Why a model gives nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    pub message: String,
    pub at: Option<Location>,
    pub details: Vec<String>,
    /// The command was asked to end, or the database is lost: nothing more is to be tried.
    pub ends: bool,
}

/// What a model gave, and how many requests it sent.
pub struct Gave {
    pub table: SeenTable,
    pub requests: u64,
}

impl Trial<'_> {
    /// Tries the model of a case.
    pub fn run(&mut self, case: &UnitCase, subject: &Subject<'_>) -> Result<Gave, Fault> {
        let mut telemetry = Telemetry::default();
        let Trial { world, project, graph, schema, secrets, http, engine, session, python, stop, log } = self;
        let dialect = engine.dialect();
        let mut bench = Bench { project, graph, dialect, secrets, http, python, stop, log, telemetry: &mut telemetry };
        session.works_for("utest", graph.nodes[subject.model].name.as_str());
        let tried = session.aside(schema, |aside| {
            for (relation, given) in &subject.inputs {
                if let Err(error) = given::make(*world, aside, relation, given) {
                    return Err(EngineError { position: None, ..within(given, error) });
                }
            }
            Ok(bench.gives(aside, subject.model))
        });
        let words = |text: &str| crate::project::redact(text, secrets);
        let fault = match tried {
            Ok(Ok(table)) => return Ok(Gave { table, requests: telemetry.requests }),
            Ok(Err(fault)) => fault,
            Err(error) => of_engine(error, Some(case.at.clone()), None),
        };
        let details = fault.details.iter().map(|text| words(text)).collect();
        Err(Fault { message: words(&fault.message), details, ..fault })
    }
}

/// An error over rows that are given says so.
fn within(given: &crate::project::Given, error: EngineError) -> EngineError {
    let message = format!("the rows given in {} can't be loaded: {}", given.at, error.message);
    EngineError { message, ..error }
}

fn of_engine(error: EngineError, at: Option<Location>, line: Option<String>) -> Fault {
    let hint = error.hint.map(|hint| format!("hint: {hint}"));
    let details = line.map(|line| format!("| {}", line.trim_end())).into_iter().chain(hint).collect();
    let ends = matches!(error.kind, ErrorKind::Connection | ErrorKind::Interrupted);
    Fault { message: error.message, at, details, ends }
}

fn other(message: impl Into<String>) -> Fault {
    Fault { message: message.into(), at: None, details: Vec::new(), ends: false }
}

/// What one model is run with.
struct Bench<'a> {
    project: &'a Project,
    graph: &'a Graph,
    dialect: &'a dyn Dialect,
    secrets: &'a Secrets,
    http: &'a Client,
    python: &'a mut Option<Worker>,
    stop: &'a Stop,
    log: &'a mut dyn FnMut(&str),
    telemetry: &'a mut Telemetry,
}

impl Bench<'_> {
    /// The rows of the model over what it reads.
    fn gives(&mut self, aside: &mut Aside<'_>, id: NodeId) -> Result<SeenTable, Fault> {
        match &self.graph.nodes[id].body {
            Body::Sql(_) => self.query(aside, id),
            Body::Python(body) => self.python(aside, id, body),
            Body::Seed(_) => unreachable!("invariant: a seed is no subject"),
        }
    }

    fn query(&mut self, aside: &mut Aside<'_>, id: NodeId) -> Result<SeenTable, Fault> {
        let dialect = self.dialect;
        let text = dialect.without_terminator(&sent(self.graph, self.project, dialect, id));
        let mut table = SeenTable::default();
        let read = aside.rows(&text, &mut |batch| {
            table.add(&batch);
            Ok(())
        });
        read.map(|()| table).map_err(|error| {
            let folder = folder(self.project, dialect);
            let revealed = Sent { env: &self.project.env, folder: &folder };
            let position = error.position.filter(|_| error.kind == ErrorKind::Statement);
            let (at, line) = locate(self.graph, (id, false), position, &revealed).unzip();
            of_engine(error, at.or_else(|| Some(Location::file(&self.graph.nodes[id].path))), line)
        })
    }

    #[expect(clippy::disallowed_methods, reason = "the folder is for the worker, and gone with the trial")]
    fn python(&mut self, aside: &mut Aside<'_>, id: NodeId, body: &PythonBody) -> Result<SeenTable, Fault> {
        let node = &self.graph.nodes[id];
        if body.model.frame == Some(Frame::Spark) {
            return Err(other(
                "a model that takes Spark's own frames can't be tried: its rows are in no schema of its own",
            ));
        }
        let folder = tempfile::tempdir().map_err(|error| other(format!("no temporary folder: {error}")))?;
        let inputs = self.inputs(aside, body, folder.path())?;
        let job = Job { inputs, ..Job::of_model(node, body, self.project, folder.path().join("output.arrow")) };
        let ran = self.worker(&job);
        let rows = ran.map_err(|error| {
            let lines = error.traceback.iter().flat_map(|text| text.lines().map(String::from).collect::<Vec<_>>());
            let details = lines.chain(error.hint.iter().map(|hint| format!("hint: {hint}"))).collect();
            let ends = error.kind == python::ErrorKind::Interpreter;
            let at = error.at.clone().or_else(|| Some(Location::file(&node.path)));
            Fault { message: error.message.clone(), at, details, ends }
        })?;
        let Rows::Table(given) = rows else { unreachable!("invariant: a model without a lent session gives rows") };
        let mut table = SeenTable::of_columns(&given.schema);
        given.batches.iter().for_each(|batch| table.add(batch));
        Ok(table)
    }

    /// Each dependency's rows in a file, in the order of `deps`.
    fn inputs(&mut self, aside: &mut Aside<'_>, body: &PythonBody, folder: &Path) -> Result<Vec<python::Input>, Fault> {
        let dialect = self.dialect;
        let mut inputs = Vec::new();
        for (number, dependency) in body.model.dependencies.iter().enumerate() {
            let up = self.graph.find(&dependency.name).expect("invariant: the graph resolved every dependency");
            let node = &self.graph.nodes[up];
            let query = input_query(self.graph, self.project, dialect, up);
            let file = folder.join(format!("input{number}.arrow"));
            let mut rows: Option<IpcFile> = None;
            let read = aside.rows(&query, &mut |batch| {
                let mut add = || match &mut rows {
                    Some(rows) => rows.add(batch.clone()),
                    None => rows.insert(IpcFile::create(&file, &batch.schema())?).add(batch.clone()),
                };
                add().map_err(|error| EngineError::new(ErrorKind::Statement, error.to_string()))
            });
            read.map_err(|error| of_engine(error, Some(Location::file(&node.path)), None))?;
            if let Some(rows) = rows {
                rows.finish().map_err(|error| other(format!("rows of {} can't be handed over: {error}", node.name)))?;
            }
            inputs.push(python::Input { name: node.name.stem().to_string(), rows: python::InputRows::File(file) });
        }
        Ok(inputs)
    }

    /// Runs the job in the worker, which is started where there is none.
    fn worker(&mut self, job: &Job<'_>) -> Result<Rows, PythonError> {
        let Bench { secrets, http, python, stop, log, telemetry, .. } = self;
        let worker = python.as_mut().expect("invariant: a worker runs where a Python model is tried");
        stop.process(worker.handle());
        let mut ask = |ask| super::script::answer(http, job.code.node, ask, telemetry, &|_| ());
        let mut print = |line: &str| log(&crate::project::redact(line, secrets));
        worker.run(job, &mut ask, &mut print)
    }
}
