//! The Postgres engine against a real server.

#![expect(clippy::disallowed_methods, reason = "tests look at the environment and at files")]

mod database;
mod identity;
mod recipe;
mod rows;
mod seed;
mod server;
mod tls;

use crate::engine::conformance::{Subject, named, session, table, text, view};
use crate::engine::{Access, Engine, EngineError, ErrorKind, Session, find};
use crate::project::Project;
use crate::world::OsWorld;
use serde_json::{Value, json};
use std::path::Path;
use tempfile::TempDir;

/// A database of its own.
struct Database {
    dsn: String,
    engine: Engine,
    folder: TempDir,
}

impl Database {
    fn new() -> Option<Database> {
        let dsn = server::database()?;
        let folder = tempfile::tempdir().unwrap();
        Some(Database { engine: open(&dsn, "cache_demo").unwrap(), dsn, folder })
    }

    fn session(&self) -> Session {
        session(&self.engine)
    }

    /// The same database for a role that is made here, who may use the schema.
    fn role(&self, name: &str) -> String {
        server::execute(&self.dsn, &format!("create role {name} login"));
        self.dsn.replace("user=postgres", &format!("user={name}"))
    }
}

fn project(settings: Value) -> Project {
    let mut project = crate::project::testing::empty().settings(settings);
    project.profile.engine = "postgres".into();
    project
}

fn try_open(project: &Project) -> Result<Engine, EngineError> {
    find(&project.profile)?.open(&OsWorld::new(), project, Access::Build)
}

fn open(dsn: &str, schema: &str) -> Result<Engine, EngineError> {
    try_open(&project(json!({"dsn": dsn, "db_schema": schema})))
}

impl Subject for Database {
    fn engine(&self) -> &Engine {
        &self.engine
    }

    fn with_schema(&self, schema: &str) -> Engine {
        open(&self.dsn, schema).unwrap()
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn execute(&self, sql: &str) {
        server::execute(&self.dsn, &format!("set search_path = cache_demo; {sql}"));
    }

    fn common(&self, own: &str) -> String {
        match own {
            "text" | "character varying" => "varchar".into(),
            "double precision" => "double".into(),
            "timestamp without time zone" => "timestamp".into(),
            "time without time zone" => "time".into(),
            other => other.replace("numeric", "decimal"),
        }
    }

    fn keywords(&self) -> &'static str {
        "select word from pg_get_keywords() order by word"
    }
}

mod conformance {
    use super::Database;

    fn subject() -> Option<Database> {
        Database::new()
    }

    crate::engine::conformance::suite!(subject; transactions, estimates, digests, increments);
}
