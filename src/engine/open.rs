//! The engines of this build, and the one that a project's profile names.

use super::{Engine, EngineError, ErrorKind};
use crate::diagnostic::did_you_mean;
use crate::dialect;
use crate::project::{Profile, Project};
use crate::world::World;

type Constructor = fn(&dyn World, &Project, Access) -> Result<Box<dyn Engine>, EngineError>;

/// The only list of engines; the build's features say which are in it.
const ENGINES: &[(&str, Constructor)] = &[
    #[cfg(feature = "duckdb")]
    ("duckdb", super::duckdb::open),
    ("postgres", super::postgres::open),
];

/// What a database is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// To be looked at: one that isn't there has nothing in it, and isn't made.
    Look,
    Build,
}

/// Opens the database of the project's profile. The error says which setting is wrong, or who holds the database.
pub fn open(world: &dyn World, project: &Project, access: Access) -> Result<Box<dyn Engine>, EngineError> {
    let name = project.profile.engine.as_str();
    match ENGINES.iter().find(|(known, _)| *known == name) {
        Some((_, constructor)) => constructor(world, project, access),
        None => Err(unavailable(name, &project.profile)),
    }
}

/// What this build was made with, as cargo calls it.
pub fn features() -> Vec<&'static str> {
    vec![
        #[cfg(feature = "duckdb")]
        "duckdb",
    ]
}

/// The libraries behind the engines of this build, each with its version.
pub fn versions() -> Vec<(&'static str, String)> {
    vec![
        #[cfg(feature = "duckdb")]
        ("duckdb", super::duckdb::version()),
    ]
}

fn unavailable(name: &str, profile: &Profile) -> EngineError {
    let here = match ENGINES {
        [] => "this build of fft has no engines".to_string(),
        engines => {
            let names: Vec<_> = engines.iter().map(|(name, _)| format!("`{name}`")).collect();
            format!("this build of fft has {}", names.join(", "))
        }
    };
    let profile = format!("profile `{}` ({})", profile.name, profile.at);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Location;
    use serde_json::Value;

    fn refusal(engine: &str) -> EngineError {
        let at = Location::new("profiles.yml", 2, 3);
        unavailable(engine, &Profile { name: "dev".into(), engine: engine.into(), settings: Value::Null, at })
    }

    #[test]
    fn a_known_engine_of_another_build_is_told_from_an_unknown_one() {
        let known = refusal("duckdb");
        assert_eq!(known.kind, ErrorKind::Settings);
        assert!(
            known.message.starts_with("profile `dev` (profiles.yml:2:3) needs the engine `duckdb`, and this build")
        );
        assert!(known.hint.is_some_and(|hint| hint.contains("--features duckdb")));
        let unknown = refusal("dukdb");
        assert!(unknown.message.contains("names an unknown engine `dukdb`; this build of fft has "), "{unknown}");
    }

    #[test]
    fn every_engine_has_a_dialect() {
        assert!(ENGINES.iter().all(|(name, _)| dialect::for_engine(name).is_some()));
    }
}
