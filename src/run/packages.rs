//! What a plan must know of the Python that runs models, told without starting it where that is possible.
//!
//! Takes the project, gives the text that is fingerprinted, with what nothing watches and what is to be said.

use super::Failure;
use crate::dialect::{is_remote, origin};
use crate::engine::{EngineError, ErrorKind};
use crate::fingerprint::{Kind, Material, Unwatched};
use crate::plan::{self, State};
use crate::project::Project;
use crate::python::requirements::Requirements;
use crate::python::{self, PythonError};
use crate::world::World;

/// Puts what is known of Python into `material`; gives what is to be said of packages.
pub fn add(material: &mut Material, world: &dyn World, project: &Project) -> Result<Option<String>, Failure> {
    let (python_env, asked) = environment(world, project)?;
    let path = project.settings.python.requirements.as_deref().unwrap_or_default();
    let live = |package: &String| Unwatched {
        name: format!("the code of {package}"),
        through: None,
        why: format!("an editable package of {path}"),
    };
    material.python_env = python_env;
    material.python_live = asked.live.iter().map(live).collect();
    Ok(unpinned(path, &asked))
}

/// Packages that the requirements name in words which don't say what is in them.
fn unpinned(path: &str, asked: &Requirements) -> Option<String> {
    // The rest of an address may let in whoever knows it.
    let place = |place: &String| if is_remote(place) { origin(place) } else { place.clone() };
    let mut places: Vec<String> = asked.unwatched.iter().map(place).collect();
    places.dedup();
    let what = format!("{path} asks for {}, which may hold other code under the same words", places.join(", "));
    (!places.is_empty()).then(|| format!("{what}: that it is the same isn't proven when a Python model is skipped"))
}

/// The interpreter's minor version and the requirements, told without starting Python once it is known. Where there is no
/// Python, only what must be built by it fails.
fn environment(world: &dyn World, project: &Project) -> Result<(String, Requirements), Failure> {
    let failed = |error: PythonError| {
        Failure::Engine(EngineError { hint: error.hint, ..EngineError::new(ErrorKind::Settings, error.message) })
    };
    let asked = match &project.settings.python.requirements {
        Some(path) => python::requirements::read(world, &project.root, path).map_err(failed)?,
        None => Default::default(),
    };
    let version = python::interpreter::resolve(world, project)
        .and_then(|interpreter| python::interpreter::version(world, project, &interpreter));
    Ok((python::interpreter::described(version.as_deref().ok(), &asked), asked))
}

/// What stands for the version of a Python that isn't there: that of the last build. Says so in words.
pub fn last(material: &mut Material, state: &State) -> Option<String> {
    let unknown = format!("python {}\n", python::interpreter::UNKNOWN);
    let asked = material.python_env.strip_prefix(&unknown)?;
    let built = |entry: &plan::Entry| {
        let component = entry.fingerprint.components.iter().find(|component| component.kind == Kind::PythonEnv)?;
        let version = component.value.as_ref()?.lines().next()?.strip_prefix("python ")?.to_string();
        Some((entry.built_at.clone(), version))
    };
    let Some((_, version)) = state.entries.values().filter_map(built).max() else {
        return Some("no Python was found: Python models can't be built".into());
    };
    material.python_env = format!("python {version}\n{asked}");
    Some(format!("no Python was found; the last build of a Python model was by Python {version}"))
}
