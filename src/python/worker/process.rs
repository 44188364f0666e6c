//! A worker's process: its start in a group of its own, its streams as messages, and its end.
//!
//! The process and everything it started end together: the group is ended while its leader is not yet waited for, so
//! that its number can't have gone to somebody else.

use super::package;
use crate::python::error::{ErrorKind, PythonError};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

/// How long a group may take to end by itself before it is killed.
const GRACE: Duration = Duration::from_secs(2);

/// What comes out of the process.
pub enum Message {
    Frame(Vec<u8>),
    /// A line that the model or Python wrote.
    Log(String),
    /// All output of the job of this number has been seen.
    End(u64),
    /// The end of the frames: the process is gone or going.
    Closed,
    /// The end of the log.
    LogClosed,
}

/// Ends a worker from any thread. Cheap to clone; does nothing once the worker is gone.
#[derive(Clone)]
pub struct KillHandle(Arc<Group>);

struct Group {
    leader: Pid,
    gone: Mutex<bool>,
    changed: Condvar,
    cancelled: AtomicBool,
}

impl KillHandle {
    /// Ends the worker's process group: asked first, killed two seconds later. The model that runs fails with
    /// [`ErrorKind::Cancelled`]. Returns at once.
    pub fn kill(&self) {
        self.0.cancelled.store(true, Ordering::SeqCst);
        self.end();
    }

    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::SeqCst)
    }

    /// Ends the group without calling it cancelled.
    pub fn end(&self) {
        self.signal(Signal::SIGTERM);
        let group = self.0.clone();
        let wait = move || {
            let gone = group.gone.lock().expect("invariant: no holder of this lock panics");
            let waited = group.changed.wait_timeout_while(gone, GRACE, |gone| !*gone);
            let gone = waited.expect("invariant: no holder of this lock panics").0;
            if !*gone {
                let _ = killpg(group.leader, Signal::SIGKILL);
            }
        };
        // Without a thread to wait in, there is no grace.
        if thread::Builder::new().spawn(wait).is_err() {
            self.signal(Signal::SIGKILL);
        }
    }

    fn signal(&self, signal: Signal) {
        let gone = self.0.gone.lock().expect("invariant: no holder of this lock panics");
        if !*gone {
            // The group may have ended by itself.
            let _ = killpg(self.0.leader, signal);
        }
    }
}

/// A running worker process.
pub struct Process {
    child: Child,
    input: Option<ChildStdin>,
    pub messages: Receiver<Message>,
    pub handle: KillHandle,
    status: Option<ExitStatus>,
}

impl Process {
    /// Starts `interpreter` with `env` on top of this process's environment.
    #[expect(clippy::disallowed_methods, reason = "the one door to Python")]
    pub fn start(interpreter: &Path, env: &BTreeMap<String, String>) -> Result<Process, PythonError> {
        let mut command = Command::new(interpreter);
        // A set's order is part of what a model may give, and a run must not depend on chance.
        command.arg("-c").arg(package::BOOTSTRAP).env("PYTHONHASHSEED", "0").env("PYTHONDONTWRITEBYTECODE", "1");
        command.envs(env);
        // Nor on where the machine stands: local times are UTC, texts are UTF-8, and sort by their characters.
        command.env("TZ", "UTC").env("LC_ALL", "C.UTF-8").env("PYTHONUTF8", "1").env_remove("LANGUAGE");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let mut child = command.spawn().map_err(|error| {
            let message = format!("Python can't be started at {}: {error}", interpreter.display());
            PythonError::new(ErrorKind::Interpreter, message).hint("set `python.interpreter` in project.yml")
        })?;
        let (sender, messages) = channel();
        let output = child.stdout.take().expect("invariant: standard output is piped");
        let errors = child.stderr.take().expect("invariant: standard error is piped");
        let frames = sender.clone();
        let started = thread::Builder::new().spawn(move || read_frames(output, &frames));
        let started = started.and_then(|_| thread::Builder::new().spawn(move || read_log(errors, &sender)));
        if let Err(error) = started {
            let _ = child.kill();
            let _ = child.wait();
            let message = format!("no thread could be started to listen to Python: {error}");
            return Err(PythonError::new(ErrorKind::Interpreter, message));
        }
        let leader = Pid::from_raw(child.id().cast_signed());
        let group =
            Group { leader, gone: Mutex::new(false), changed: Condvar::new(), cancelled: AtomicBool::new(false) };
        let input = child.stdin.take();
        Ok(Process { child, input, messages, handle: KillHandle(Arc::new(group)), status: None })
    }

    /// Sends one frame. A process that is gone shows in its messages.
    pub fn send(&mut self, frame: &serde_json::Value) {
        if let Some(input) = &mut self.input {
            let _ = input.write_all(format!("{frame}\n").as_bytes());
        }
    }

    /// Tells the worker that there is no more to do: it ends, and a model that runs ends with it.
    pub fn close(&mut self) {
        self.input = None;
    }

    pub fn is_alive(&mut self) -> bool {
        self.status.is_none() && self.input.is_some() && matches!(self.child.try_wait(), Ok(None))
    }

    /// Ends the whole group now and says how its leader ended.
    pub fn finish(&mut self) -> Option<ExitStatus> {
        self.close();
        if self.status.is_none() {
            self.handle.signal(Signal::SIGKILL);
            self.status = self.child.wait().ok();
            *self.handle.0.gone.lock().expect("invariant: no holder of this lock panics") = true;
            self.handle.0.changed.notify_all();
        }
        self.status
    }
}

impl Drop for Process {
    /// Lets Python end by itself, which it does when its standard input ends, for a moment.
    fn drop(&mut self) {
        self.close();
        if self.status.is_none() {
            while let Ok(message) = self.messages.recv_timeout(GRACE) {
                if matches!(message, Message::Closed) {
                    break;
                }
            }
        }
        self.finish();
    }
}

fn read_frames(output: impl Read, messages: &Sender<Message>) {
    let mut reader = BufReader::new(output);
    let mut line = Vec::new();
    while matches!(reader.read_until(b'\n', &mut line), Ok(length) if length > 0) {
        if messages.send(Message::Frame(std::mem::take(&mut line))).is_err() {
            return;
        }
    }
    let _ = messages.send(Message::Closed);
}

fn read_log(errors: impl Read, messages: &Sender<Message>) {
    const END: &str = "\0fft-end ";
    let mut reader = BufReader::new(errors);
    let mut line = Vec::new();
    while matches!(reader.read_until(b'\n', &mut line), Ok(length) if length > 0) {
        let text = String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_string();
        line.clear();
        let (text, end) = match text.split_once(END) {
            Some((text, number)) => (text.to_string(), number.parse().ok()),
            None => (text, None),
        };
        if end.is_none() || !text.is_empty() {
            let _ = messages.send(Message::Log(text));
        }
        if let Some(number) = end {
            let _ = messages.send(Message::End(number));
        }
    }
    let _ = messages.send(Message::LogClosed);
}
