//! Macros in Python, called: what a function gave for its arguments is remembered by a digest of both, so that Python is
//! started only for what nobody asked before.

use super::Checkout;
use super::modules::ProjectModules;
use crate::diagnostic::{Diagnostic, Location};
use crate::digest::{Digest, Tagged};
use crate::project::Project;
use crate::python::{self, Code, Job, PythonError, Rows, Setting, Worker};
use crate::render::{MacroUse, PythonMacros};
use crate::syntax::python::{Callable, callables};
use crate::world::World;
use arrow::array::AsArray;
use arrow::compute::cast;
use arrow::datatypes::DataType;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// Results that are remembered; where there are more, those that aren't used now are forgotten.
const KEPT: usize = 10_000;

/// The functions of a project's files, and what they gave.
pub struct Caller {
    world: Arc<dyn World>,
    project: Project,
    functions: BTreeMap<String, Function>,
    memory: PathBuf,
    state: Mutex<State>,
}

struct Function {
    path: String,
    text: Arc<str>,
    callable: Callable,
}

#[derive(Default)]
struct State {
    known: BTreeMap<String, Value>,
    used: BTreeMap<String, Value>,
    new: bool,
    worker: Option<Worker>,
}

impl Caller {
    /// `None` where the project has no such file.
    pub fn new(checkout: &Checkout) -> Result<Option<Arc<Caller>>, Vec<Diagnostic>> {
        let Checkout { world, project, layout, .. } = checkout;
        if project.python_macros.is_empty() {
            return Ok(None);
        }
        let mut functions: BTreeMap<String, Function> = BTreeMap::new();
        let mut problems = Vec::new();
        for file in &project.python_macros {
            let modules = ProjectModules { world: &**world, root: project.folder_of(&file.path) };
            let found = match callables(&file.path, &file.text, &modules) {
                Ok(found) => found,
                Err(more) => {
                    problems.extend(more);
                    continue;
                }
            };
            for callable in found {
                if let Some(first) = functions.get(&callable.name) {
                    let message = format!(
                        "macro `{}` is defined twice; first in {}:{}",
                        callable.name, first.path, first.callable.line
                    );
                    let at = Location::new(&file.path, callable.line, 0);
                    problems.push(Diagnostic::new("duplicate-macro", message).at(at).hint("rename one"));
                    continue;
                }
                let function = Function { path: file.path.clone(), text: file.text.clone(), callable };
                functions.insert(function.callable.name.clone(), function);
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let memory = layout.python_macros();
        // A damaged file counts as empty: it only saves time.
        let known = serde_json::from_slice(&world.read(&memory).unwrap_or_default()).unwrap_or_default();
        let state = Mutex::new(State { known, ..State::default() });
        Ok(Some(Arc::new(Caller { world: world.clone(), project: project.clone(), functions, memory, state })))
    }

    /// Keeps what is new, where anything is recorded at all.
    pub fn keep(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // The process ends with it.
        state.worker = None;
        if !state.new || !self.memory.parent().is_some_and(|folder| self.world.exists(folder)) {
            return;
        }
        let State { known, used, .. } = &mut *state;
        let all = if known.len() > KEPT { used } else { known };
        let text = serde_json::to_string_pretty(all).expect("invariant: a map of JSON is JSON");
        // What can't be remembered is asked again.
        let _ = self.world.write(&self.memory, format!("{text}\n").as_bytes());
    }

    /// Asks Python.
    #[expect(clippy::disallowed_methods, reason = "the folder is for the worker, and gone with the call")]
    fn ask(&self, worker: &mut Option<Worker>, function: &Function, given: &Value) -> Result<Value, PythonError> {
        let failed = |error: &dyn std::fmt::Display| {
            PythonError::new(python::ErrorKind::Model, format!("its result can't be read: {error}"))
        };
        if !worker.as_mut().is_some_and(Worker::is_alive) {
            let interpreter = python::interpreter::resolve(&*self.world, &self.project)?;
            let mut tell = |_: &str| ();
            let interpreter = python::environment::ensure(&*self.world, &self.project, &interpreter, &mut tell)?;
            let env = self.project.env.vars.iter().map(|(name, var)| (name.clone(), var.value.clone())).collect();
            *worker = Some(Worker::start(&interpreter, &env)?);
        }
        let worker = worker.as_mut().expect("invariant: just started");
        let folder = tempfile::tempdir().map_err(|error| failed(&error))?;
        let name = &function.callable.name;
        let source = format!("{}\n\n\n{}", function.text, wrapper(name, given));
        let code = Code {
            node: name,
            path: &function.path,
            source: &source,
            function: CALL,
            ordinal: 0,
            modules: &function.callable.modules,
            env: &function.callable.env,
        };
        let job = Job::new(code, Setting::of(&self.project, &function.path), folder.path().join("output.arrow"));
        let mut http = |_: python::HttpAsk| Err("a macro sends no requests".to_string());
        let rows = worker.run(&job, &mut http, &mut |_| ())?;
        let Rows::Table(table) = rows else { return Err(failed(&"it is no table")) };
        let column = table.batches.first().and_then(|batch| batch.columns().first());
        let column = column.ok_or_else(|| failed(&"it is empty"))?;
        let texts = cast(column, &DataType::Utf8).map_err(|error| failed(&error))?;
        serde_json::from_str(texts.as_string::<i32>().value(0)).map_err(|error| failed(&error))
    }
}

/// The function that calls a macro.
const CALL: &str = "_fft_call";

/// Python that calls `name` with `given`, a list of the positional arguments and the named ones, and gives one row.
fn wrapper(name: &str, given: &Value) -> String {
    let text = Value::from(given.to_string()).to_string();
    format!(
        "def {CALL}():\n    import json\n    given = json.loads({text})\n    value = {name}(*given[0], **given[1])\n    \
         return [{{\"value\": json.dumps(value, default=str)}}]\n"
    )
}

/// What tells a call from every other: the function, what it depends on, what it is given.
fn key(function: &Function, given: &Value) -> Digest {
    let Callable { name, slice, modules, .. } = &function.callable;
    let mut tagged = Tagged::new("fft-macro-v1").part(name.as_bytes()).part(slice.as_bytes());
    for (path, text) in modules {
        tagged = tagged.part(path.as_bytes()).part(text.as_bytes());
    }
    tagged.part(given.to_string().as_bytes()).finish()
}

impl PythonMacros for Caller {
    fn functions(&self) -> BTreeMap<String, MacroUse> {
        let used = |function: &Function| MacroUse {
            at: Location::new(&function.path, function.callable.line, 1),
            text: function.callable.slice.as_str().into(),
            constant: false,
        };
        self.functions.iter().map(|(name, function)| (name.clone(), used(function))).collect()
    }

    fn call(&self, name: &str, positional: &[Value], named: &Map<String, Value>) -> Result<Value, String> {
        let function = &self.functions[name];
        let given = json!([positional, named]);
        let key = key(function, &given).to_string();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = state.known.get(&key).cloned() {
            state.used.insert(key, value.clone());
            return Ok(value);
        }
        let State { known, used, new, worker } = &mut *state;
        let value = self.ask(worker, function, &given).map_err(|error| {
            let at = error.at.as_ref().map_or(String::new(), |at| format!(" ({at})"));
            let hint = error.hint.map_or(String::new(), |hint| format!("; {hint}"));
            self.project.env.redact(&format!("{}{at}{hint}", error.message))
        })?;
        known.insert(key.clone(), value.clone());
        used.insert(key, value.clone());
        *new = true;
        Ok(value)
    }
}
