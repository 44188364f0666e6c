//! The DuckDB engine against real databases in temporary folders.

#![expect(clippy::disallowed_methods, reason = "real databases stand in real files")]

mod arrow;
mod build;
mod database;
mod digest;
mod seed;

use crate::diagnostic::Location;
use crate::engine::conformance::{Subject, columns, named, put, replace, row, table, text, texts};
use crate::engine::{Access, Content, Engine, EngineError, ErrorKind, RelationKind, Session, find};
use crate::name::RelationName;
use crate::project::{Budgets, Environment, Profile, Project, Settings};
use crate::world::OsWorld;
use serde_json::{Value, json};
use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::path::Path;
use tempfile::TempDir;

/// A project folder with a database in it.
struct Fixture {
    folder: TempDir,
    settings: Value,
    /// For the suite, whose tests have one engine each.
    opened: OnceCell<Engine>,
}

impl Fixture {
    /// The profile's section; `schema: cache_demo` and the default path where it is empty.
    fn new(settings: Value) -> Fixture {
        Fixture { folder: tempfile::tempdir().unwrap(), settings, opened: OnceCell::new() }
    }

    fn demo() -> Fixture {
        Fixture::new(json!({"db_schema": "cache_demo"}))
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn try_open(&self) -> Result<Engine, EngineError> {
        try_open(&project(self.root(), &self.settings))
    }

    fn engine(&self) -> Engine {
        self.try_open().unwrap()
    }

    /// A session on a prepared database.
    fn session(&self) -> Session {
        let mut session = self.engine().session().unwrap();
        session.prepare(&BTreeSet::new()).unwrap();
        session
    }
}

fn try_open(project: &Project) -> Result<Engine, EngineError> {
    find(&project.profile)?.open(&OsWorld::new(), project, Access::Build)
}

fn project(root: &Path, settings: &Value) -> Project {
    Project {
        root: root.to_path_buf(),
        state: None,
        docs_dir: None,
        settings: Settings { name: "cache_demo".into(), version: "1".into(), ..Settings::default() },
        profile: Profile {
            name: "dev".into(),
            engine: "duckdb".into(),
            called: "duckdb".into(),
            settings: settings.clone(),
            at: Location::new("profiles.yml", 3, 5),
        },
        env: Environment::default(),
        vars: Default::default(),
        models: Vec::new(),
        macros: Vec::new(),
        python_macros: Vec::new(),
        deltas: Default::default(),
        seeds: Vec::new(),
        sources: Default::default(),
        exposures: Default::default(),
        properties: Default::default(),
        documents: Default::default(),
        budgets: Budgets::default(),
        packages: Vec::new(),
        modules: Vec::new(),
        hooks: Vec::new(),
        tests: Vec::new(),
        test_files: Vec::new(),
        warnings: Vec::new(),
    }
}

impl Subject for Fixture {
    fn engine(&self) -> &Engine {
        self.opened.get_or_init(|| self.try_open().unwrap())
    }

    fn with_schema(&self, schema: &str) -> Engine {
        let settings = json!({"db_schema": schema, "path": "another.duckdb"});
        try_open(&project(self.root(), &settings)).unwrap()
    }

    fn folder(&self) -> &Path {
        self.root()
    }

    fn execute(&self, sql: &str) {
        Subject::engine(self).session().unwrap().read(sql).unwrap();
    }

    fn common(&self, own: &str) -> String {
        own.to_lowercase()
    }

    fn keywords(&self) -> &'static str {
        "select distinct keyword_name from duckdb_keywords() order by all"
    }
}

mod conformance {
    use super::Fixture;

    fn subject() -> Option<Fixture> {
        Some(Fixture::demo())
    }

    crate::engine::conformance::suite!(subject; transactions, estimates, digests, increments);
}
