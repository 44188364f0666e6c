//! The engines of this build, and the one that a project's profile names.

use super::{Engine, EngineError, ErrorKind};
use crate::diagnostic::did_you_mean;
use crate::dialect;
use crate::project::Project;
use crate::world::World;

type Constructor = fn(&dyn World, &Project) -> Result<Box<dyn Engine>, EngineError>;

/// The only list of engines; the build's features say which are in it.
const ENGINES: &[(&str, Constructor)] = &[
    #[cfg(feature = "duckdb")]
    ("duckdb", super::duckdb::open),
];

/// Opens the database of the project's profile. The error says which setting is wrong, or who holds the database.
pub fn open(world: &dyn World, project: &Project) -> Result<Box<dyn Engine>, EngineError> {
    let name = project.profile.engine.as_str();
    match ENGINES.iter().find(|(known, _)| *known == name) {
        Some((_, constructor)) => constructor(world, project),
        None => Err(unavailable(name, project)),
    }
}

fn unavailable(name: &str, project: &Project) -> EngineError {
    let here = match ENGINES {
        [] => "this build of fft has no engines".to_string(),
        engines => {
            let names: Vec<_> = engines.iter().map(|(name, _)| format!("`{name}`")).collect();
            format!("this build of fft has {}", names.join(", "))
        }
    };
    let profile = format!("profile `{}` ({})", project.profile.name, project.profile.at);
    let (message, hint) = match dialect::for_engine(name) {
        Some(_) => {
            let build = format!("build fft with `--features {name}`, or choose another engine");
            (format!("{profile} needs the engine `{name}`, and {here}"), Some(build))
        }
        None => (
            format!("{profile} names an unknown engine `{name}`; {here}"),
            did_you_mean(name, ENGINES.iter().map(|(name, _)| *name)),
        ),
    };
    EngineError { kind: ErrorKind::Settings, message, position: None, hint }
}
