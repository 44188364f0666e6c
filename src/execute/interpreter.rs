//! The Python of a run: one interpreter for all, a process for each worker thread that needs one.

use super::Execution;
use super::message::{Message, Running};
use crate::fingerprint::{Component, Kind};
use crate::python::{self, ErrorKind, Interpreter, PythonError, Worker};
use std::sync::Mutex;
use std::sync::mpsc::Sender;

/// The interpreter of a run: found, and made where it must be, by the first Python model that is built.
#[derive(Default)]
pub struct PythonChoice {
    found: Mutex<Option<Result<Interpreter, PythonError>>>,
}

impl PythonChoice {
    fn get(&self, execution: &Execution<'_>, messages: &Sender<Message>) -> Result<Interpreter, PythonError> {
        let mut found = self.found.lock().expect("invariant: no panic under this lock");
        let make = || {
            let mut tell = |line: &str| drop(messages.send(Message::Note(line.to_string())));
            let (world, project) = (&*execution.world, execution.project);
            let interpreter = python::interpreter::resolve(world, project)?;
            let interpreter = python::environment::ensure(world, project, &interpreter, &mut tell)?;
            unchanged(execution, &interpreter)?;
            Ok(interpreter)
        };
        found.get_or_insert_with(make).clone()
    }
}

/// An error where the interpreter or what it was made from isn't what the plan was made with.
fn unchanged(execution: &Execution<'_>, interpreter: &Interpreter) -> Result<(), PythonError> {
    let (world, project) = (&*execution.world, execution.project);
    let asked = match &project.settings.python.requirements {
        Some(path) => python::requirements::read(world, &project.root, path)?,
        None => Default::default(),
    };
    let version = python::interpreter::version(world, project, interpreter)?;
    let now = Component::python_env(&python::interpreter::described(Some(&version), &asked));
    let mut planned = execution.plan.decisions.iter().flat_map(|decision| &decision.fingerprint.components);
    match planned.find(|component| component.kind == Kind::PythonEnv) {
        Some(planned) if planned.digest != now.digest => {
            let message = "the Python, or what `python.requirements` asks for, changed while the run worked";
            Err(PythonError::new(ErrorKind::Interpreter, message).hint("run again"))
        }
        _ => Ok(()),
    }
}

/// A worker thread's Python process, started by its first Python model and replaced when it is lost.
#[derive(Default)]
pub struct Process(Option<Worker>);

impl Process {
    /// The process, started where there is none or it was lost.
    pub fn running(
        &mut self,
        execution: &Execution<'_>,
        running: &Running,
        messages: &Sender<Message>,
    ) -> Result<&mut Worker, PythonError> {
        if !self.0.as_mut().is_some_and(Worker::is_alive) {
            let interpreter = execution.python.get(execution, messages)?;
            let env = execution.project.env.vars.iter().map(|(name, var)| (name.clone(), var.value.clone())).collect();
            let worker = Worker::start(&interpreter, &env)?;
            *running.process.lock().expect("invariant: no panic under this lock") = Some(worker.handle());
            self.0 = Some(worker);
        }
        Ok(self.0.as_mut().expect("invariant: just started"))
    }
}
