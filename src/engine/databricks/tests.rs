//! The Databricks engine against a server that behaves as a workspace, and against one that fails as it is told.

#![expect(clippy::disallowed_methods, reason = "tests look at files")]

mod fault;
mod load;
mod server;
mod warehouse;

use super::DatabricksDriver;
use crate::engine::{Access, Engine, EngineError, find};
use crate::project::Project;
use crate::world::OsWorld;
use serde_json::{Value, json};

fn project(settings: Value) -> Project {
    let mut project = crate::project::testing::empty().settings(settings);
    project.profile.engine = super::NAME.into();
    project
}

fn open(settings: Value) -> Result<Engine, EngineError> {
    let project = project(settings);
    find(&project.profile)?.open(&OsWorld::new(), &project, Access::Build)
}

/// The driver alone, past what a run does.
fn driver(settings: &Value) -> DatabricksDriver {
    DatabricksDriver::new(super::Settings::read(&OsWorld::new(), &project(settings.clone())).unwrap())
}

/// A profile's section for a server of a test's own.
fn stubbed(host: &str) -> Value {
    json!({"host": host, "token": "dapi-secret-0815", "warehouse_id": "w", "catalog": "main", "database": "s"})
}

mod conformance {
    use super::server::Workspace;

    fn subject() -> Option<Workspace> {
        Workspace::new()
    }

    crate::engine::conformance::suite!(subject; marks, estimates, increments);
}
