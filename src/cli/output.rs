//! The process's two streams: a write that fails is remembered for the exit status, and with `--log-format json` stderr
//! carries events, one JSON object a line and nothing else. Neither shows the value of a secret variable, in any form.

use super::visible::visible;
use crate::secret::Secrets;
use crate::world::{World, instant};
use serde::Serialize;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::fmt;
use std::io::{self, ErrorKind, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

/// What this process must not show, once a project's environment is known. The streams are the process's, and so is
/// this: what a panic says goes through it too.
static HIDDEN: RwLock<Option<Arc<Secrets>>> = RwLock::new(None);

/// From now on, nothing is printed with one of these in it.
pub fn hide(secrets: Arc<Secrets>) {
    *HIDDEN.write().unwrap_or_else(PoisonError::into_inner) = Some(secrets);
}

/// The same where nothing is known yet.
pub fn hide_if_unknown(secrets: impl FnOnce() -> Arc<Secrets>) {
    HIDDEN.write().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(secrets);
}

/// How much an event matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Info,
    Warning,
    Error,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    Stdout,
    Stderr,
}

/// What all parts of a command write to.
pub struct Output {
    world: Arc<dyn World>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    run_id: Option<String>,
    /// What the last event tells of a run beside the exit status.
    summary: Map<String, Value>,
    /// Why something could not be written.
    problem: Option<io::Error>,
    /// Nobody reads any longer.
    closed: bool,
}

/// An event, its fields in the order that they are read in.
#[derive(Serialize)]
struct Event<'a> {
    time: String,
    run_id: Option<String>,
    level: Level,
    event: &'a str,
    #[serde(flatten)]
    fields: Map<String, Value>,
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Output")
    }
}

impl Output {
    pub fn new(world: Arc<dyn World>) -> Output {
        Output { world, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn write(&self, stream: Stream, text: &str) {
        let secrets = HIDDEN.read().unwrap_or_else(PoisonError::into_inner).clone();
        let text = secrets.as_ref().map_or(Cow::Borrowed(text), |secrets| secrets.hide(text));
        self.keep(match stream {
            Stream::Stdout => io::stdout().lock().write_all(text.as_bytes()),
            Stream::Stderr => io::stderr().lock().write_all(text.as_bytes()),
        });
    }

    /// Remembers a write that failed. A closed pipe is the reader's choice.
    pub fn keep(&self, written: io::Result<()>) {
        match written {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::BrokenPipe => self.state().closed = true,
            Err(error) => {
                self.state().problem.get_or_insert(error);
            }
        }
    }

    /// Whether what is said no longer gets anywhere: what goes on until it is ended may end then.
    pub fn is_lost(&self) -> bool {
        let state = self.state();
        state.closed || state.problem.is_some()
    }

    /// Why something that was said could not be written, if so.
    pub fn end(&self) -> Option<io::Error> {
        self.keep(io::stdout().flush());
        self.state().problem.take()
    }

    pub fn event(&self, level: Level, event: &str, fields: Map<String, Value>) {
        let event =
            Event { time: instant(self.world.now()), run_id: self.state().run_id.clone(), level, event, fields };
        let line = serde_json::to_string(&event).expect("invariant: an event is JSON");
        self.write(Stream::Stderr, &format!("{}\n", visible(&line)));
    }

    /// From here on events are of this run.
    pub fn of_run(&self, run_id: &str) {
        self.state().run_id = Some(run_id.to_string());
    }

    /// What the last event is to tell of a run.
    pub fn summarise(&self, fields: Map<String, Value>) {
        self.state().summary = fields;
    }

    pub fn summary(&self) -> Map<String, Value> {
        self.state().summary.clone()
    }
}
