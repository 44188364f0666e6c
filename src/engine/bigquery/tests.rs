//! The BigQuery engine against an emulator that behaves as the service, and against a server that fails as it is told.

#![expect(clippy::disallowed_methods, reason = "tests look at files")]

mod account;
mod asked;
mod behind;
mod fault;
mod page;
mod project;
mod server;

use super::BigQueryDriver;
use crate::engine::{Access, Engine, EngineError, find};
use crate::project::Project;
use crate::world::OsWorld;
use serde_json::Value;

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
fn driver(settings: &Value) -> BigQueryDriver {
    BigQueryDriver::new(super::Settings::read(&OsWorld::new(), &project(settings.clone())).unwrap())
}

mod conformance {
    use super::server::Dataset;

    fn subject() -> Option<Dataset> {
        Dataset::new()
    }

    crate::engine::conformance::suite!(subject; marks, estimates, increments);
}

#[test]
fn labelled_queries_give_their_columns() {
    // The emulator names them otherwise, has no such connection and no such tables, or can't read them.
    let except = [
        "a function's table",
        "another time",
        "escapes, double quotes and bytes",
        "pivot of two aggregates",
        "scripting",
        "select as value",
        "tables by a pattern",
    ];
    if let Some(dataset) = server::Dataset::new() {
        crate::engine::conformance::label::labelled_queries_give_their_columns(&dataset, &except);
    }
}
