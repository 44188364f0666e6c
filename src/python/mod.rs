//! Python models in worker processes.
//!
//! [`interpreter`] finds the Python that runs models, [`environment`] makes the one a project's requirements ask for, and
//! a [`Worker`] runs one model after the other in it. HTTP requests of models are handed to the caller ([`HttpAsk`]).

pub mod environment;
mod error;
mod exchange;
pub mod interpreter;
pub mod requirements;
mod table;
mod worker;

pub use error::{ErrorKind, PythonError};
pub use exchange::{HttpAnswer, HttpAsk, HttpCall, HttpReply};
pub use interpreter::{Interpreter, Origin};
#[cfg(test)]
pub use table::write_ipc;
pub use table::{IpcFile, Table, read_ipc};
pub use worker::{Code, Input, InputRows, Job, KillHandle, Lent, Rows, Setting, Worker};
