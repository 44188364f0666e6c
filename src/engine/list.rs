//! The engines: which dialect each has, and what opens its databases where this build has it.

use super::access::Access;
use super::{Driver, Engine, EngineError, ErrorKind};
use crate::diagnostic::did_you_mean;
use crate::dialect::{BigQuery, Databricks, Dialect, DuckDb, Postgres, Snowflake, Spark};
use crate::project::{Profile, Project};
use crate::world::World;
use std::sync::Arc;

type Open = fn(&dyn World, &Project, Access) -> Result<Box<dyn Driver>, EngineError>;

/// An engine that fft knows.
pub struct Kind {
    dialect: fn() -> Arc<dyn Dialect>,
    /// `None` where this build was made without it.
    open: Option<Open>,
}

/// The only list of engines.
const ENGINES: &[Kind] = &[
    Kind {
        dialect: || Arc::new(DuckDb),
        #[cfg(feature = "duckdb")]
        open: Some(super::duckdb::open),
        #[cfg(not(feature = "duckdb"))]
        open: None,
    },
    Kind { dialect: || Arc::new(Postgres), open: Some(super::postgres::open) },
    Kind {
        dialect: || Arc::new(Spark::default()),
        #[cfg(feature = "spark")]
        open: Some(super::spark::open),
        #[cfg(not(feature = "spark"))]
        open: None,
    },
    Kind { dialect: || Arc::new(Databricks::DELTA), open: Some(super::databricks::open) },
    Kind { dialect: || Arc::new(BigQuery), open: Some(super::bigquery::open) },
    Kind { dialect: || Arc::new(Snowflake), open: Some(super::snowflake::open) },
];

impl Kind {
    pub fn name(&self) -> &'static str {
        self.dialect().name()
    }

    pub fn dialect(&self) -> Arc<dyn Dialect> {
        (self.dialect)()
    }

    /// Opens the database of the project's profile, which is one of this engine. The error says which setting is wrong, or
    /// who holds the database.
    pub fn open(&self, world: &dyn World, project: &Project, access: Access) -> Result<Engine, EngineError> {
        let open = self.open.ok_or_else(|| absent(self.name(), &project.profile))?;
        Ok(Engine::new(open(world, project, access)?, world.stopwatch()))
    }
}

/// The engine that a profile names, whether it is in this build or not.
pub fn find(profile: &Profile) -> Result<&'static Kind, EngineError> {
    let found = ENGINES.iter().find(|kind| kind.name() == profile.engine);
    found.ok_or_else(|| {
        let (at, name) = (&profile.at, &profile.engine);
        let message = format!("profile `{}` ({at}) names an unknown engine `{name}`; {}", profile.name, here());
        let hint = did_you_mean(name, engines());
        EngineError { hint, ..EngineError::new(ErrorKind::Settings, message) }
    })
}

/// The names of all engines, whether they are in this build or not.
pub fn engines() -> impl Iterator<Item = &'static str> {
    ENGINES.iter().map(Kind::name)
}

/// What this build was made with, as cargo calls it.
pub fn features() -> Vec<&'static str> {
    vec![
        #[cfg(feature = "bundled")]
        "bundled",
        #[cfg(feature = "duckdb")]
        "duckdb",
        #[cfg(feature = "icu")]
        "icu",
        #[cfg(feature = "spark")]
        "spark",
    ]
}

/// The libraries behind the engines of this build, each with its version, and what they have of their own.
pub fn versions() -> Vec<(&'static str, String)> {
    vec![
        #[cfg(feature = "duckdb")]
        ("duckdb", super::duckdb::version()),
        #[cfg(feature = "duckdb")]
        ("duckdb extensions", super::duckdb::extensions()),
    ]
}

/// What is wrong where a profile names an engine that this build lacks.
fn absent(name: &str, profile: &Profile) -> EngineError {
    let message = format!("profile `{}` ({}) needs the engine `{name}`, and {}", profile.name, profile.at, here());
    let hint = format!("build fft with `--features {name}`, or choose another engine");
    EngineError::new(ErrorKind::Settings, message).hint(hint)
}

/// `this build of fft has …`
fn here() -> String {
    let names: Vec<_> =
        ENGINES.iter().filter(|kind| kind.open.is_some()).map(|kind| format!("`{}`", kind.name())).collect();
    match names.as_slice() {
        [] => "this build of fft has no engines".into(),
        names => format!("this build of fft has {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Location;
    use serde_json::Value;

    fn profile(engine: &str) -> Profile {
        let at = Location::new("profiles.yml", 2, 3);
        Profile { name: "dev".into(), engine: engine.into(), called: engine.into(), settings: Value::Null, at }
    }

    #[test]
    fn a_known_engine_of_another_build_is_told_from_an_unknown_one() {
        let known = absent("duckdb", &profile("duckdb"));
        assert_eq!(known.kind, ErrorKind::Settings);
        assert!(
            known.message.starts_with("profile `dev` (profiles.yml:2:3) needs the engine `duckdb`, and this build")
        );
        assert!(known.hint.is_some_and(|hint| hint.contains("--features duckdb")));
        let unknown = find(&profile("dukdb")).err().unwrap();
        assert!(unknown.message.contains("names an unknown engine `dukdb`; this build of fft has "), "{unknown}");
    }

    #[test]
    fn every_engine_goes_by_the_name_of_its_dialect() {
        assert!(engines().all(|name| find(&profile(name)).is_ok_and(|kind| kind.name() == name)));
        assert!(find(&profile("DuckDB")).is_err());
    }
}
