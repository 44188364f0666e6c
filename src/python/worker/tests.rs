//! Real workers: on the system's Python without packages, and on one with pandas and pyarrow.

#![expect(clippy::disallowed_methods, reason = "real workers read and write real files")]

mod model;
mod process_end;
mod rows;

use super::*;
use crate::project::PythonSettings;
use crate::python::environment;
use crate::python::exchange::HttpReply;
use crate::python::interpreter::{Managed, Origin, on_path, tests::project};
use crate::world::{OsWorld, World};
use arrow::array::*;
use arrow::datatypes::*;
use tempfile::TempDir;

fn bare() -> Interpreter {
    let path = on_path(&OsWorld::new(), "python3").expect("Python is installed");
    Interpreter { path, origin: Origin::System }
}

/// An environment that is made on the first run of the tests and kept.
fn rich() -> Interpreter {
    let world = OsWorld::new();
    let home = PathBuf::from(&world.env()["HOME"]);
    let folder = tempfile::tempdir().expect("a folder");
    let pins = b"pandas==2.2.3\npyarrow==18.1.0\n";
    world.write(&folder.path().join("requirements.txt"), pins).expect("written");
    let managed = Managed {
        folder: home.join(".cache/fft/test-python"),
        requirements: "requirements.txt".into(),
        base: bare().path,
    };
    let interpreter = Interpreter { path: managed.folder.join("bin/python"), origin: Origin::Managed(managed) };
    let project = project(folder.path(), PythonSettings::default());
    environment::ensure(&world, &project, &interpreter, &mut |line| eprintln!("{line}")).expect("it can be made")
}

/// A project folder, a worker on it and what it logged.
struct Bench {
    folder: TempDir,
    worker: Worker,
    log: Vec<String>,
    timeout: Option<Duration>,
    requires: Option<Value>,
    frame: Option<&'static str>,
    modules: BTreeMap<String, String>,
    env: BTreeSet<String>,
    ordinal: usize,
}

impl Bench {
    fn new(interpreter: &Interpreter) -> Bench {
        let env = [("FF_COLOUR", "red"), ("REGION", "eu"), ("OTHER", "x")]
            .map(|(name, value)| (name.into(), value.into()))
            .into();
        let worker = Worker::start(interpreter, &env).expect("it starts");
        let folder = tempfile::tempdir().expect("a folder");
        Bench {
            folder,
            worker,
            log: Vec::new(),
            timeout: None,
            requires: None,
            frame: None,
            modules: BTreeMap::new(),
            env: ["REGION".to_string()].into(),
            ordinal: 0,
        }
    }

    fn run(&mut self, source: &str, inputs: &[(&str, &RecordBatch)]) -> Result<Table, PythonError> {
        self.run_with(source, inputs, &mut |ask| Err(format!("{ask:?} is not expected")))
    }

    fn run_with(
        &mut self,
        source: &str,
        inputs: &[(&str, &RecordBatch)],
        http: &mut dyn FnMut(HttpAsk) -> HttpAnswer,
    ) -> Result<Table, PythonError> {
        let vars = BTreeMap::from([("limit".to_string(), json!(3))]);
        let given = inputs.iter().map(|(name, batch)| {
            let file = self.folder.path().join(format!("{name}.arrow"));
            crate::python::write_ipc(&file, &batch.schema(), &[(*batch).clone()]).expect("written");
            Input { name: name.to_string(), rows: InputRows::File(file) }
        });
        let code = Code {
            node: "m",
            path: "models/m.ff.py",
            source,
            function: "m",
            ordinal: self.ordinal,
            modules: &self.modules,
            env: &self.env,
        };
        let project_root = self.folder.path();
        let (engine, profile, timeout) = ("duckdb", "dev", self.timeout);
        let setting = Setting { project_root, imports: project_root, vars: &vars, engine, profile, timeout };
        let job = Job {
            inputs: given.collect(),
            requires: self.requires.as_ref(),
            frame: self.frame,
            ..Job::new(code, setting, self.folder.path().join("out.arrow"))
        };
        let log = &mut self.log;
        match self.worker.run(&job, http, &mut |line| log.push(line.to_string()))? {
            Rows::Table(table) => Ok(table),
            Rows::View | Rows::Nothing => panic!("no session was lent, and it is no hook"),
        }
    }

    fn error(&mut self, source: &str, inputs: &[(&str, &RecordBatch)]) -> PythonError {
        self.run(source, inputs).expect_err("an error")
    }
}

fn users() -> RecordBatch {
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(Int64Array::from(vec![1, 2, 9_007_199_254_740_993]))),
        ("age", Arc::new(Int32Array::from(vec![Some(30), None, Some(5)]))),
        ("score", Arc::new(Float64Array::from(vec![Some(1.5), None, Some(-0.25)]))),
        ("name", Arc::new(StringArray::from(vec![Some("é\"\n"), None, Some("")]))),
        ("ok", Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)]))),
        ("at", Arc::new(TimestampMicrosecondArray::from(vec![Some(1_700_000_000_123_456), None, Some(-1)]))),
        ("day", Arc::new(Date32Array::from(vec![Some(19_000), None, Some(-1)]))),
    ];
    RecordBatch::try_from_iter(columns).expect("columns of one length")
}

fn only(table: &Table) -> &RecordBatch {
    assert_eq!(table.batches.len(), 1);
    &table.batches[0]
}

const IDENTITY: &str = "def m(df):\n    return df\n";
