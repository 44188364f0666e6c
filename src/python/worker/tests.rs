//! Real workers: on the system's Python without packages, and on one with pandas and pyarrow.

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
    environment::ensure(&world, &project, &interpreter, &mut |line| eprintln!("{line}")).expect("it can be made");
    interpreter
}

/// A project folder, a worker on it and what it logged.
struct Bench {
    folder: TempDir,
    worker: Worker,
    log: Vec<String>,
    timeout: Option<Duration>,
    requires: Option<Value>,
}

impl Bench {
    fn new(interpreter: &Interpreter) -> Bench {
        let env = BTreeMap::from([("FF_COLOUR".to_string(), "red".to_string())]);
        let worker = Worker::start(interpreter, &env).expect("it starts");
        let folder = tempfile::tempdir().expect("a folder");
        Bench { folder, worker, log: Vec::new(), timeout: None, requires: None }
    }

    fn run(&mut self, source: &str, inputs: &[(&str, &RecordBatch)]) -> Result<Table, PythonError> {
        self.run_with(source, inputs, &mut |call| Err(format!("{} is not expected", call.url)))
    }

    fn run_with(
        &mut self,
        source: &str,
        inputs: &[(&str, &RecordBatch)],
        http: &mut dyn FnMut(HttpCall) -> HttpAnswer,
    ) -> Result<Table, PythonError> {
        let vars = BTreeMap::from([("limit".to_string(), json!(3))]);
        let given = inputs.iter().map(|(name, batch)| {
            let file = self.folder.path().join(format!("{name}.arrow"));
            crate::python::write_ipc(&file, &batch.schema(), &[(*batch).clone()]).expect("written");
            Input { name: name.to_string(), file }
        });
        let job = Job {
            node: "m",
            path: "models/m.ff.py",
            source,
            function: "m",
            project_root: self.folder.path(),
            inputs: given.collect(),
            output: self.folder.path().join("out.arrow"),
            vars: &vars,
            engine: "duckdb",
            profile: "dev",
            requires: self.requires.as_ref(),
            timeout: self.timeout,
        };
        let log = &mut self.log;
        self.worker.run(&job, http, &mut |line| log.push(line.to_string()))
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

#[test]
fn every_type_comes_back_through_pandas() {
    let mut bench = Bench::new(&rich());
    let users = users();
    for source in [
        "import pandas as pd\ndef m(df):\n    assert isinstance(df, pd.DataFrame), type(df)\n    return df\n",
        "import pyarrow as pa\ndef m(t: pa.Table):\n    assert isinstance(t, pa.Table), type(t)\n    return t\n",
        "from __future__ import annotations\ndef m(t: pyarrow.Table):\n    return t.to_batches()[0]\n",
        "def m(rows: list[dict]):\n    assert isinstance(rows[0], dict)\n    return rows\n",
    ] {
        let table = bench.run(source, &[("users", &users)]).expect(source);
        let back = only(&table);
        assert_eq!(back.num_rows(), 3, "{source}");
        for name in ["id", "score", "name", "ok", "day"] {
            assert_eq!(back.column_by_name(name), users.column_by_name(name), "{name} of {source}");
        }
        let at = arrow::compute::cast(&back["at"], users["at"].data_type()).expect("a timestamp");
        assert_eq!(&at, &users["at"], "{source}");
        let age = arrow::compute::cast(&back["age"], &DataType::Int32).expect("an integer");
        assert!(back["age"].data_type().is_integer(), "{source}");
        assert_eq!(&age, &users["age"], "{source}");
    }
    assert_eq!(bench.log, Vec::<String>::new());
}

#[test]
fn every_type_comes_back_without_packages() {
    let mut bench = Bench::new(&bare());
    let users = users();
    let source = "import datetime\ndef m(rows):\n    assert rows[0]['at'] == datetime.datetime(2023, 11, 14, 22, 13, 20, 123456), rows\n    assert rows[0]['day'] == datetime.date(2022, 1, 8), rows\n    assert rows[1]['name'] is None\n    return rows\n";
    let table = bench.run(source, &[("users", &users)]).expect("rows");
    let back = only(&table);
    for name in ["id", "score", "name", "ok", "at", "day"] {
        assert_eq!(back.column_by_name(name), users.column_by_name(name), "{name}");
    }
    let age = arrow::compute::cast(&back["age"], &DataType::Int32).expect("an integer");
    assert_eq!(&age, &users["age"]);
    let source = "import decimal, math\ndef m():\n    return {'d': [decimal.Decimal('1.50'), None], 'f': [math.nan, 1], 'j': [[1, 'a'], {}], 'e': [None, None]}\n";
    let table = bench.run(source, &[]).expect("columns");
    let back = only(&table);
    assert_eq!(back["d"].data_type(), &DataType::Decimal128(38, 2));
    assert_eq!(back["d"].as_primitive::<Decimal128Type>().value(0), 150);
    assert!(back["f"].as_primitive::<Float64Type>().value(0).is_nan());
    assert_eq!(back["j"].as_string::<i32>().value(0), "[1, \"a\"]");
    assert_eq!(back["e"].null_count(), 2);
    let empty = bench.run("def m():\n    return {'id': []}\n", &[]).expect("no rows");
    assert_eq!((empty.rows(), empty.schema.fields().len()), (0, 1));
}

#[test]
fn what_models_may_give() {
    let mut bench = Bench::new(&rich());
    let rows = |bench: &mut Bench, body: &str| {
        let source = format!("import pandas as pd\nimport pyarrow as pa\ndef m():\n    return {body}\n");
        let table = bench.run(&source, &[])?;
        Ok::<_, PythonError>((table.rows(), table.schema.fields().iter().map(|f| f.name().clone()).collect::<Vec<_>>()))
    };
    let a = |count| Ok((count, vec!["a".to_string()]));
    assert_eq!(rows(&mut bench, "pd.DataFrame({'a': [1, 2]})"), a(2));
    assert_eq!(rows(&mut bench, "pa.table({'a': [1, 2]})"), a(2));
    assert_eq!(rows(&mut bench, "pa.table({'a': [1]}).to_batches()[0]"), a(1));
    assert_eq!(rows(&mut bench, "{'a': pd.Series([1, None])}"), a(2));
    assert_eq!(rows(&mut bench, "pd.DataFrame({'a': ['x', 'x']}, dtype='category')"), a(2));
    assert_eq!(rows(&mut bench, "pd.DataFrame({'a': [None]})"), a(1));
    assert_eq!(rows(&mut bench, "pd.DataFrame({'a': []})"), a(0));
    let two = Ok((2, vec!["a".to_string(), "b".to_string()]));
    assert_eq!(rows(&mut bench, "[{'a': 1}, {'b': 2}]"), two);
    assert_eq!(rows(&mut bench, "pd.DataFrame({'a': [1, 2], 'b': [1, 2]}).set_index('a')"), two);
    assert_eq!(rows(&mut bench, "pd.DataFrame({'a': [1, 2], 'b': [1, 2]}, index=[7, 8])"), two);
    assert_eq!(rows(&mut bench, "pd.DataFrame([[1]])"), Ok((1, vec!["0".to_string()])));
    for (body, told) in [
        ("None", "the model gave None; it must give a pandas DataFrame, a pyarrow Table"),
        ("3", "the model gave int;"),
        ("[1]", "the model gave a list that holds int;"),
        ("[]", "the model gives an empty list"),
        ("{'a': 1}", "a dict whose values are not all columns"),
        ("{'a': [1], 'b': []}", "columns of different lengths"),
        ("pd.DataFrame([[1, 2]], columns=['a', 'a'])", "the column `a` more than once"),
        ("pd.DataFrame({'a': [1, 'x']})", "the rows can't be made a table"),
        ("pd.DataFrame()", "a table without columns"),
        ("pd.DataFrame([[1]], columns=[['a'], ['b']])", "columns of several levels"),
    ] {
        let error = rows(&mut bench, body).expect_err(body);
        assert!(error.message.contains(told), "{body}: {}", error.message);
        assert_eq!((error.kind, error.traceback), (ErrorKind::Model, None));
    }
    assert_eq!(rows(&mut bench, "{'a': [1]}"), a(1), "the worker serves on");
}

#[test]
fn dependencies_are_handed_over_by_position_or_by_name() {
    let mut bench = Bench::new(&bare());
    let (users, orders) = (users(), users().slice(0, 1));
    let both: &[(&str, &RecordBatch)] = &[("stg_users", &users), ("stg_orders", &orders)];
    let count = |bench: &mut Bench, source: &str| {
        let table = bench.run(source, both).expect(source);
        only(&table)["n"].as_primitive::<Int64Type>().value(0)
    };
    assert_eq!(count(&mut bench, "def m(a, b):\n    return [{'n': len(a) * 10 + len(b)}]\n"), 31);
    let named = "def m(t):\n    return [{'n': len(t['stg_users']) * 10 + len(t['stg_orders'])}]\n";
    assert_eq!(count(&mut bench, named), 31);
    let error = bench.error("def m(a, b, c):\n    return []\n", both);
    assert!(error.message.contains("doesn't take the model's dependencies (`stg_users`, `stg_orders`)"), "{error}");
}

#[test]
fn required_columns_are_checked_before_the_call() {
    for interpreter in [bare(), rich()] {
        let mut bench = Bench::new(&interpreter);
        bench.requires = Some(json!({"users.ff": ["id", "email"]}));
        let error = bench.error("def m(df):\n    raise SystemError\n", &[("users", &users())]);
        assert!(
            error.message.starts_with("the model `m` requires `email` of `users`, which has `id`, `age`"),
            "{error}"
        );
        bench.requires = Some(json!(["id", "name"]));
        assert!(bench.run(IDENTITY, &[("users", &users())]).is_ok());
    }
}

#[test]
fn an_error_is_told_with_the_frames_of_the_project() {
    let mut bench = Bench::new(&bare());
    let lib = bench.folder.path().join("lib.py");
    OsWorld::new().write(&lib, b"import json\ndef f(x):\n    return json.loads(x)\n").expect("written");
    let error = bench.error("import lib\n\ndef m():\n    return lib.f('{')\n", &[]);
    assert_eq!(error.kind, ErrorKind::Model);
    assert!(error.message.starts_with("json.decoder.JSONDecodeError: Expecting property name"), "{error}");
    assert_eq!(error.at.as_ref().map(ToString::to_string).as_deref(), Some("lib.py:3"));
    let traceback = error.traceback.expect("one");
    assert!(traceback.contains("File \"models/m.ff.py\", line 4, in m\n    return lib.f('{')"), "{traceback}");
    assert!(traceback.contains("File \"lib.py\", line 3, in f"), "{traceback}");
    assert!(!traceback.contains("decoder.py") && !traceback.contains("<fft>"), "{traceback}");
    let error = bench.error("def m():\n    return (\n", &[]);
    assert_eq!(error.at.map(|at| at.line), Some(2));
    let error = bench.error("import sys\ndef m():\n    sys.exit('stop')\n", &[]);
    assert_eq!((error.message.as_str(), error.kind), ("SystemExit: stop", ErrorKind::Model));
    // A module of the project is loaded anew for each job.
    OsWorld::new().write(&lib, b"def f(x):\n    return [{'a': 1}]\n").expect("written");
    assert!(bench.run("import lib\ndef m():\n    return lib.f('{')\n", &[]).is_ok());
}

#[test]
fn a_missing_package_is_told_with_what_mends_it() {
    let mut bench = Bench::new(&bare());
    let error = bench.error("import no_such_package.part\ndef m():\n    pass\n", &[]);
    assert_eq!(error.kind, ErrorKind::MissingPackage);
    let python = bare().path.display().to_string();
    let told = format!("the model `m` needs the Python package `no_such_package`, which {python} does not have");
    assert_eq!(error.message, told);
    assert!(error.hint.expect("one").contains(&format!("{python} -m pip install no_such_package")));
    assert_eq!(error.at.map(|at| at.to_string()).as_deref(), Some("models/m.ff.py:1"));
    let error = Bench::new(&rich()).error("def m():\n    import yaml\n", &[]);
    assert_eq!(error.hint.as_deref(), Some("add `pyyaml==…`, pinned, to requirements.txt"));
}

#[test]
fn what_a_model_prints_is_logged_and_breaks_nothing() {
    let mut bench = Bench::new(&bare());
    let source = "import os, sys, subprocess\ndef m():\n    print('{\"done\": {}}')\n    print('second', file=sys.stderr)\n    os.write(1, b'third\\n')\n    subprocess.run(['echo', 'fourth'])\n    print('no line end', end='')\n    assert sys.stdin.read() == ''\n    return [{'a': 1}]\n";
    assert_eq!(bench.run(source, &[]).expect("rows").rows(), 1);
    assert_eq!(bench.log, ["{\"done\": {}}", "second", "third", "fourth", "no line end"]);
    assert!(bench.run("import os\ndef m():\n    os.close(2)\n    return [{'a': 1}]\n", &[]).is_ok());
}

#[test]
fn nothing_of_one_model_is_left_for_the_next() {
    let mut bench = Bench::new(&bare());
    let source = "import os, sys\ndef m():\n    os.environ['FF_COLOUR'] = 'blue'\n    os.chdir('/')\n    sys.path.append('/x')\n    return [{'a': 1}]\n";
    bench.run(source, &[]).expect("rows");
    let source = "import os, sys\nfrom fastflowtransform import env\ndef m():\n    assert '/x' not in sys.path\n    return [{'a': env('FF_COLOUR'), 'b': os.getcwd() != '/'}]\n";
    let table = bench.run(source, &[]).expect("rows");
    assert_eq!(only(&table)["a"].as_string::<i32>().value(0), "red");
    assert!(only(&table)["b"].as_boolean().value(0));
}

#[test]
fn a_crash_is_one_models_error() {
    for (body, told) in [
        ("os._exit(3)", "Python ended with exit code 3 while it ran the model `m`"),
        ("os.kill(os.getpid(), 9)", "Python was ended by the signal SIGKILL while"),
        ("ctypes.string_at(0)", "Python was ended by the signal SIGSEGV while"),
    ] {
        let mut bench = Bench::new(&bare());
        assert!(bench.worker.is_alive());
        let error =
            bench.error(&format!("import os, ctypes\ndef m():\n    print('before', flush=True)\n    {body}\n"), &[]);
        assert!(error.message.starts_with(told), "{error}");
        assert_eq!(error.kind, ErrorKind::Crashed);
        assert_eq!(bench.log[0], "before");
        assert!(!bench.worker.is_alive());
        assert_eq!(bench.error(IDENTITY, &[]).kind, ErrorKind::Crashed);
    }
}

const SLEEP: &str = "import subprocess, os\ndef m():\n    child = subprocess.Popen(['sleep', '600'])\n    print(child.pid, flush=True)\n    child.wait()\n";

/// Whether the process whose number was logged runs: it shows a command line.
fn runs(pid: &str) -> bool {
    OsWorld::new().read(Path::new("/proc").join(pid).join("cmdline").as_path()).is_ok_and(|line| !line.is_empty())
}

#[test]
fn a_timeout_ends_the_whole_group() {
    let mut bench = Bench::new(&bare());
    bench.timeout = Some(Duration::from_millis(800));
    let error = bench.error(SLEEP, &[]);
    assert_eq!(error.kind, ErrorKind::Timeout);
    assert_eq!(error.message, "the model `m` took longer than 0.8 s and was ended");
    assert!(!bench.worker.is_alive());
    assert!(!bench.log.is_empty() && !runs(&bench.log[0]));
}

#[test]
fn a_worker_is_ended_from_another_thread() {
    let mut bench = Bench::new(&bare());
    let handle = bench.worker.handle();
    let source = "import signal\nfrom fastflowtransform.api.http import HttpError, get\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ndef m():\n    try:\n        get('http://x')\n    except HttpError:\n        while True:\n            pass\n";
    let killer = &mut |_: HttpCall| {
        let handle = handle.clone();
        std::thread::spawn(move || handle.kill());
        Err("gone".to_string())
    };
    let error = bench.run_with(source, &[], killer);
    assert_eq!(error.expect_err("an error").kind, ErrorKind::Cancelled);
    assert!(!bench.worker.is_alive());
    handle.kill();
}

#[test]
fn a_worker_ends_with_its_host() {
    let mut process = Process::start(&bare().path, &BTreeMap::new()).expect("it starts");
    process.send(&json!({ "package": package::sources() }));
    let Ok(Message::Frame(_)) = process.messages.recv() else { panic!("not ready") };
    let job = JobFrame {
        number: 1,
        node: "m",
        path: "m.ff.py",
        source: SLEEP,
        function: "m",
        project_root: Path::new("/"),
        inputs: Vec::new(),
        output: Path::new("/none"),
        vars: &BTreeMap::new(),
        engine: "duckdb",
        profile: "dev",
        requires: None,
        format: "json",
    };
    process.send(&json!({ "job": job }));
    let Ok(Message::Log(child)) = process.messages.recv() else { panic!("no log") };
    drop(process);
    assert!(!runs(&child));
}

#[test]
fn http_goes_through_the_host() {
    let mut bench = Bench::new(&rich());
    let mut calls = Vec::new();
    let large = "x".repeat(3 << 20);
    let mut http = |call: HttpCall| {
        let path = call.url.clone();
        calls.push(call);
        let reply = |status, body: &str| {
            let headers = BTreeMap::from([("Content-Type".to_string(), "application/json; charset=utf-8".to_string())]);
            Ok(HttpReply { status, headers, body: body.as_bytes().to_vec(), url: format!("{path}?token=s") })
        };
        match path.as_str() {
            "http://a/users" => reply(200, r#"[{"id": 1, "geo": {"lat": 1.5}}, {"id": 2, "geo": {"lat": 2.5}}]"#),
            "http://a/large" => reply(200, &large),
            "http://a/gone" => reply(404, "no"),
            _ => Err("b is not an allowed domain".to_string()),
        }
    };
    let source = r#"
from fastflowtransform.api.http import HttpError, get, get_df, get_json, post
def told(call):
    try:
        call()
    except HttpError as error:
        return str(error)
def m():
    df = get_df("http://a/users", params={"page": [1, 2], "none": None}, headers={"Accept": "x"}, timeout=2.5)
    assert list(df.columns) == ["id", "geo.lat"], df
    assert get_json("http://a/users")[1]["id"] == 2
    large = get("http://a/large")
    assert len(large.text) == 3 << 20 and large.headers["content-type"] and large.status == 200
    assert get("http://a/gone").status == 404
    assert post("http://a/gone", json={"a": 1}).content == b"no"
    df["gone"] = told(lambda: get_json("http://a/gone"))
    df["refused"] = told(lambda: get("http://b/"))
    return df
"#;
    let table = bench.run_with(source, &[], &mut http).expect("rows");
    let told = |name: &str| only(&table)[name].as_string::<i32>().value(0).to_string();
    assert_eq!(told("gone"), "GET http://a/gone was answered with status 404");
    assert_eq!(told("refused"), "b is not an allowed domain");
    assert_eq!(calls.len(), 7);
    let pair = |name: &str, value: &str| (name.to_string(), value.to_string());
    assert_eq!(calls[0].params, [pair("page", "1"), pair("page", "2")]);
    assert_eq!((calls[0].headers.as_slice(), calls[0].timeout), (&[pair("Accept", "x")][..], Some(2.5)));
    assert_eq!((calls[4].method.as_str(), calls[4].body.as_deref()), ("POST", Some(&br#"{"a": 1}"#[..])));
    let left = OsWorld::new().walk(bench.folder.path()).expect("a folder");
    assert_eq!(left.len(), 1, "the large body's file is gone: {left:?}");
}

#[test]
fn a_model_may_ask_about_its_run() {
    let mut bench = Bench::new(&bare());
    let source = "import fastflowtransform as fft\nfrom fastflowtransform import model, engine_model, var, env, engine, profile\nC = var('limit')\n@engine_model(only='postgres', name='m')\ndef m():\n    return [{'a': 'wrong'}]\n@fft.engine_model(only=['duckdb'], name='m', tags=['x'])\ndef m():\n    return [{'a': f\"{C} {var('no', 1)} {env('FF_COLOUR')} {env('FF_NO', 'd')} {engine()} {profile()}\"}]\n@model\ndef other():\n    pass\n@engine_model(only='bigquery', name='m')\ndef m():\n    return [{'a': 'wrong too'}]\n";
    let table = bench.run(source, &[]).expect("rows");
    assert_eq!(only(&table)["a"].as_string::<i32>().value(0), "3 1 red d duckdb dev");
    let error = bench.error("from fastflowtransform import var\ndef m():\n    return var('nope')\n", &[]);
    assert!(error.message.starts_with("LookupError: the variable `nope` has no value"), "{error}");
}

#[test]
fn a_python_that_does_not_start_is_told() {
    let interpreter = |path: &str| Interpreter { path: path.into(), origin: Origin::Setting };
    for path in ["/no/python", "/bin/false"] {
        let error = Worker::start(&interpreter(path), &BTreeMap::new()).err().expect("an error");
        assert_eq!(error.kind, ErrorKind::Interpreter);
        assert!(error.message.contains(path), "{error}");
    }
}

#[test]
fn small_batches_are_put_together() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("t.arrow");
    let users = users();
    let many = (0..50).map(|_| users.clone()).collect::<Vec<_>>();
    crate::python::write_ipc(&file, &users.schema(), &many).expect("written");
    let table = crate::python::read_ipc(&file).expect("read");
    assert_eq!((table.batches.len(), table.rows()), (1, 150));
    crate::python::write_ipc(&file, &users.schema(), &[]).expect("written");
    let table = crate::python::read_ipc(&file).expect("read");
    assert_eq!((table.batches.len(), table.schema), (0, users.schema()));
}
