//! The Python of a run: one interpreter for all, a process for each worker thread that needs one.

use super::Execution;
use super::message::{Message, Running};
use crate::python::{self, Interpreter, PythonError, Worker};
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
            python::environment::ensure(world, project, &interpreter, &mut tell)?;
            Ok(interpreter)
        };
        found.get_or_insert_with(make).clone()
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
