//! The Snowflake engine against a server that behaves as an account, and against one that fails as it is told.

#![expect(clippy::disallowed_methods, reason = "tests look at files")]

mod account;
mod behind;
mod fault;
mod load;
mod page;
mod parts;
mod server;

use super::SnowflakeDriver;
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
fn driver(settings: &Value) -> SnowflakeDriver {
    SnowflakeDriver::new(super::Settings::read(&OsWorld::new(), &project(settings.clone())).unwrap())
}

/// A profile's section for a server of a test's own.
fn stubbed(host: &str) -> Value {
    json!({
        "account": "org-acct", "host": host, "token": "pat-secret-0815", "database": "d", "schema": "s",
        "warehouse": "w", "role": "r"
    })
}

mod conformance {
    use super::server::Account;

    fn subject() -> Option<Account> {
        Account::new()
    }

    crate::engine::conformance::suite!(subject; marks, estimates, increments);
}

#[test]
fn labelled_queries_give_their_columns() {
    // The server for tests can't read them, or has no such function, table or variable.
    let except = [
        "a lambda",
        "a name that is told when it runs",
        "a sample of blocks",
        "a schema left out",
        "a text in pieces",
        "a variable of the session",
        "another time",
        "before a statement, with an alias",
        "columns by their places",
        "files of a stage",
        "making objects and lists",
        "pivot of whatever values there are",
        "recursion without the word",
        "rows that match",
        "scripting",
        "small letters in quotes are another column",
        "the nearest row",
        "what another query gave",
        "windows",
    ];
    if let Some(account) = server::Account::new() {
        crate::engine::conformance::label::labelled_queries_give_their_columns(&account, &except);
    }
}
