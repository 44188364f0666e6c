//! The Python that runs a project's models, found without starting it.
//!
//! In this order: `python.interpreter` of project.yml, the environment that fft makes from `python.requirements`, an
//! active virtual environment, `python3` on the path. The minor version is part of fingerprints; it is read from
//! `pyvenv.cfg`, else asked of Python once and remembered in `.fastflowtransform/python.json`.

use super::error::{ErrorKind, PythonError};
use super::requirements::{self, Requirements};
use crate::digest::{Digest, Tagged};
use crate::project::Project;
use crate::world::World;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The file in an environment's folder that says that it is whole.
pub(super) const MARKER: &str = "complete";
/// Stands for the version of an interpreter that wasn't found.
pub const UNKNOWN: &str = "unknown";

/// An interpreter and why it is the one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interpreter {
    /// Absolute.
    pub path: PathBuf,
    pub origin: Origin,
}

/// Where an interpreter comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `python.interpreter`.
    Setting,
    /// `python.requirements`: made by [`super::environment::ensure`].
    Managed(Managed),
    /// `VIRTUAL_ENV`.
    VirtualEnvironment,
    /// `python3` on the path.
    System,
}

/// An environment in the user's cache folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Managed {
    /// The folder of attempts to make it, absolute.
    pub folder: PathBuf,
    /// The requirements file, project-relative.
    pub requirements: String,
    /// The interpreter it is made with.
    pub base: PathBuf,
}

/// The interpreter of `project`. A managed one may still have to be made.
pub fn resolve(world: &dyn World, project: &Project) -> Result<Interpreter, PythonError> {
    let settings = &project.settings.python;
    let base = match &settings.interpreter {
        Some(given) => Interpreter { path: given_path(world, project, given)?, origin: Origin::Setting },
        None => found(world)?,
    };
    match &settings.requirements {
        Some(requirements) => managed(world, project, base, requirements),
        None => Ok(base),
    }
}

/// The interpreter's minor version, such as `3.11`. Starts Python at most once for each state of an interpreter.
pub fn version(world: &dyn World, project: &Project, interpreter: &Interpreter) -> Result<String, PythonError> {
    if let Some(version) = configured_version(world, &interpreter.path) {
        return Ok(version);
    }
    let path = match &interpreter.origin {
        Origin::Managed(managed) => &managed.base,
        _ => &interpreter.path,
    };
    if let Some(version) = configured_version(world, path) {
        return Ok(version);
    }
    let key = identity(world, project, path).to_string();
    let memory = project.state_folder().join("python.json");
    let known = world.read(&memory).unwrap_or_default();
    // A damaged file counts as empty: it only saves time.
    let mut known: BTreeMap<String, String> = serde_json::from_slice(&known).unwrap_or_default();
    if let Some(version) = known.get(&key) {
        return Ok(version.clone());
    }
    let version = probe(path, &project.root)?;
    known.insert(key, version.clone());
    let text = serde_json::to_string_pretty(&known).expect("invariant: a map of texts is JSON");
    // Where it can't be remembered it is asked again.
    let _ = world.write(&memory, format!("{text}\n").as_bytes());
    Ok(version)
}

/// A project names its own interpreter, and may ask for an environment made with it.
fn given_path(world: &dyn World, project: &Project, given: &str) -> Result<PathBuf, PythonError> {
    let env = world.env();
    let path = match given.strip_prefix("~/").zip(env.get("HOME")) {
        Some((rest, home)) => Path::new(home).join(rest),
        None if given.contains('/') => project.root.join(given),
        None => return on_path(world, given).ok_or_else(|| missing(&format!("`{given}` is not on the path"))),
    };
    if world.exists(&path) { Ok(path) } else { Err(missing(&format!("{} doesn't exist", path.display()))) }
}

fn missing(what: &str) -> PythonError {
    let message = format!("`python.interpreter` of project.yml names no Python: {what}");
    PythonError::new(ErrorKind::Interpreter, message).hint("give the path of a Python 3.9 or later")
}

fn found(world: &dyn World) -> Result<Interpreter, PythonError> {
    if let Some(folder) = world.env().get("VIRTUAL_ENV") {
        let path = Path::new(folder).join("bin/python");
        if world.exists(&path) {
            return Ok(Interpreter { path, origin: Origin::VirtualEnvironment });
        }
    }
    let found = on_path(world, "python3").or_else(|| on_path(world, "python"));
    let path = found.ok_or_else(|| {
        PythonError::new(ErrorKind::Interpreter, "there is no `python3` on the path, and Python models need one")
            .hint("install Python 3.9 or later, or set `python.interpreter` in project.yml")
    })?;
    Ok(Interpreter { path, origin: Origin::System })
}

/// The first file of this name in the folders of `PATH`.
pub(super) fn on_path(world: &dyn World, name: &str) -> Option<PathBuf> {
    let env = world.env();
    let folders = env.get("PATH")?.split(':').filter(|folder| folder.starts_with('/'));
    folders.map(|folder| Path::new(folder).join(name)).find(|path| world.stamp(path).is_ok())
}

fn managed(
    world: &dyn World,
    project: &Project,
    base: Interpreter,
    requirements: &str,
) -> Result<Interpreter, PythonError> {
    let asked = requirements::read(world, &project.root, requirements)?;
    let identity = identity(world, project, &base.path);
    let key = Tagged::new("fft-python-environment-v1").part(&identity.0).part(asked.content.as_bytes()).finish();
    let folder = cache_folder(world)?.join("fft/python").join(key.short());
    let path = made(world, &folder).unwrap_or_else(|| folder.join("bin/python"));
    let managed = Managed { folder, requirements: requirements.into(), base: base.path };
    Ok(Interpreter { path, origin: Origin::Managed(managed) })
}

/// The Python of an environment that is whole: its marker names the attempt that succeeded.
pub(super) fn made(world: &dyn World, folder: &Path) -> Option<PathBuf> {
    let attempt = String::from_utf8(world.read(&folder.join(MARKER)).ok()?).ok()?;
    Some(folder.join(attempt.trim()).join("bin/python")).filter(|python| world.exists(python))
}

/// The interpreter's minor version, and behind it on lines of their own what `python.requirements` asks for. The version
/// is `None` where no interpreter was found.
pub fn described(version: Option<&str>, asked: &Requirements) -> String {
    format!("python {}\n{}", version.unwrap_or(UNKNOWN), asked.content)
}

fn cache_folder(world: &dyn World) -> Result<PathBuf, PythonError> {
    let env = world.env();
    let absolute = |name: &str| env.get(name).filter(|folder| folder.starts_with('/')).map(PathBuf::from);
    absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache"))).ok_or_else(|| {
        let message = "there is no folder for the Python environment that `python.requirements` asks for";
        PythonError::new(ErrorKind::Interpreter, message).hint("set HOME or XDG_CACHE_HOME")
    })
}

/// What tells one state of an interpreter from another: its file, and for pyenv's shims what they choose by.
fn identity(world: &dyn World, project: &Project, path: &Path) -> Digest {
    let mut hasher = Tagged::new("fft-python-interpreter-v1").part(path.as_os_str().as_encoded_bytes());
    if let Ok(stamp) = world.stamp(path) {
        hasher = hasher.part(&stamp.size.to_be_bytes()).part(stamp.modified.to_string().as_bytes());
    }
    let env = world.env();
    for name in ["PYENV_VERSION", "VIRTUAL_ENV"] {
        hasher = hasher.part(env.get(name).map_or("", String::as_str).as_bytes());
    }
    if let Some(shims) = path.parent().filter(|folder| folder.ends_with("shims")) {
        let global = shims.parent().unwrap_or(shims).join("version");
        // The nearest file decides, so that projects at different depths share an environment.
        let local = project.root.ancestors().find_map(|folder| world.read(&folder.join(".python-version")).ok());
        hasher = hasher.part(&world.read(&global).unwrap_or_default()).part(&local.unwrap_or_default());
    }
    hasher.finish()
}

/// The version that a virtual environment's `pyvenv.cfg` states.
fn configured_version(world: &dyn World, python: &Path) -> Option<String> {
    let text = world.read(&python.parent()?.parent()?.join("pyvenv.cfg")).ok()?;
    let text = String::from_utf8(text).ok()?;
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    let version =
        pairs.map(|(name, value)| (name.trim(), value.trim())).find(|(name, _)| name.starts_with("version"))?;
    let mut parts = version.1.split('.');
    Some(format!("{}.{}", parts.next()?, parts.next()?))
}

#[expect(
    clippy::disallowed_methods,
    reason = "an interpreter tells of itself when it runs, in the folder where it would"
)]
fn probe(python: &Path, root: &Path) -> Result<String, PythonError> {
    let code = "import sys; print('%d.%d' % sys.version_info[:2])";
    let failed = |why: String| {
        let message = format!("Python at {} doesn't start: {why}", python.display());
        PythonError::new(ErrorKind::Interpreter, message).hint("set `python.interpreter` in project.yml")
    };
    let mut command = Command::new(python);
    command.args(["-c", code]);
    if root.is_dir() {
        command.current_dir(root);
    }
    let output = command.output().map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr).to_string();
        return Err(failed(text.lines().next().unwrap_or("it ended at once").to_string()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_string())
}

#[cfg(test)]
pub(super) mod tests;
