//! A worker's failures as people read them.

use super::Job;
use super::frame::Failed;
use crate::diagnostic::Location;
use crate::python::error::{ErrorKind, PythonError};
use crate::python::interpreter::{Interpreter, Origin};
use arrow::error::ArrowError;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

/// Python ended before it took a job; `log` is the last line it wrote.
pub fn not_ready(interpreter: &Interpreter, log: &str) -> PythonError {
    let told = if log.is_empty() { "it ended at once" } else { log };
    let message = format!("Python at {} doesn't start: {told}", interpreter.path.display());
    PythonError::new(ErrorKind::Interpreter, message).hint("fft needs Python 3.9 or later; set `python.interpreter`")
}

/// The files between host and worker couldn't be written or read.
pub fn exchange(job: &Job<'_>, error: &ArrowError) -> PythonError {
    let message = format!("the rows of {} can't be exchanged with Python: {error}", job.called());
    PythonError { at: Some(Location::file(job.code.path)), ..PythonError::new(ErrorKind::Model, message) }
}

/// A name within a column holds what no database takes.
pub fn unnameable(job: &Job<'_>, column: &str) -> PythonError {
    let column = column.replace('\0', "\\0");
    let message = format!("the column `{column}` has a name, or a field inside it has one, with a NUL character");
    PythonError { at: Some(Location::file(job.code.path)), ..PythonError::new(ErrorKind::Model, message) }
}

/// The model raised an error, or was refused.
pub fn of_model(job: &Job<'_>, failed: Failed, interpreter: &Interpreter) -> PythonError {
    let at = match (failed.path, failed.line) {
        (Some(path), line) => Location::new(path, line.unwrap_or(0), 0),
        (None, _) => Location::file(job.code.path),
    };
    let mut error = match failed.package {
        Some(package) if failed.kind == "missing" => missing(job, &package, interpreter),
        _ => PythonError::new(ErrorKind::Model, failed.message),
    };
    error.at = Some(at);
    error.traceback = failed.traceback;
    error
}

fn missing(job: &Job<'_>, package: &str, interpreter: &Interpreter) -> PythonError {
    let python = interpreter.path.display();
    let message = format!("{} needs the Python package `{package}`, which {python} does not have", job.called());
    let distribution = distribution(package);
    let hint = match &interpreter.origin {
        Origin::Managed(managed) => format!("add `{distribution}==…`, pinned, to {}", managed.requirements),
        _ => format!(
            "run `{python} -m pip install {distribution}`, or name a pinned requirements file as \
             `python.requirements` in project.yml"
        ),
    };
    PythonError::new(ErrorKind::MissingPackage, message).hint(hint)
}

/// What a package that is imported under another name is installed as.
fn distribution(package: &str) -> &str {
    match package {
        "yaml" => "pyyaml",
        "sklearn" => "scikit-learn",
        "PIL" => "pillow",
        "cv2" => "opencv-python-headless",
        "bs4" => "beautifulsoup4",
        "dateutil" => "python-dateutil",
        "pyspark" => "pyspark-client",
        other => other,
    }
}

pub fn timeout(job: &Job<'_>, limit: Duration) -> PythonError {
    let message = format!("{} took longer than {} s and was ended", job.called(), limit.as_secs_f64());
    let error = PythonError::new(ErrorKind::Timeout, message).hint("raise `python.timeout_seconds` in project.yml");
    PythonError { at: Some(Location::file(job.code.path)), ..error }
}

/// The process ended while it ran the job.
pub fn crash(job: &Job<'_>, status: Option<ExitStatus>) -> PythonError {
    let signal =
        status.and_then(|status| status.signal()).and_then(|signal| nix::sys::signal::Signal::try_from(signal).ok());
    let how = match (signal, status.and_then(|status| status.code())) {
        (Some(signal), _) => format!("was ended by the signal {signal}"),
        (None, Some(code)) => format!("ended with exit code {code}"),
        (None, None) => "is gone".to_string(),
    };
    let message = format!("Python {how} while it ran {}", job.called());
    PythonError { at: Some(Location::file(job.code.path)), ..PythonError::new(ErrorKind::Crashed, message) }
}
