//! The DuckDB engine against real databases in temporary folders.

#![expect(clippy::disallowed_methods, reason = "real databases stand in real files")]

mod arrow;
mod build;
mod database;
mod digest;
mod seed;

use crate::diagnostic::Location;
use crate::digest::Digest;
use crate::engine::{Build, Built, Content, Engine, EngineError, MetaRow, RelationKind, Session, open as open_engine};
use crate::name::{NodeName, RelationName};
use crate::project::{Budgets, Environment, Profile, Project, Settings};
use crate::world::OsWorld;
use ::arrow::util::display::array_value_to_string;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use tempfile::TempDir;

/// A project folder with a database in it.
struct Fixture {
    folder: TempDir,
    settings: Value,
}

impl Fixture {
    /// The profile's section; `schema: cache_demo` and the default path where it is empty.
    fn new(settings: Value) -> Fixture {
        Fixture { folder: tempfile::tempdir().unwrap(), settings }
    }

    fn demo() -> Fixture {
        Fixture::new(json!({"db_schema": "cache_demo"}))
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn try_open(&self) -> Result<Box<dyn Engine>, EngineError> {
        open_engine(&OsWorld::new(), &project(self.root(), &self.settings))
    }

    fn engine(&self) -> Box<dyn Engine> {
        self.try_open().unwrap()
    }

    /// A session on a prepared database.
    fn session(&self) -> Box<dyn Session> {
        let mut session = self.engine().session().unwrap();
        session.prepare(&BTreeSet::new()).unwrap();
        session
    }
}

fn project(root: &Path, settings: &Value) -> Project {
    Project {
        root: root.to_path_buf(),
        settings: Settings { name: "cache_demo".into(), version: "1".into(), ..Settings::default() },
        profile: Profile {
            name: "dev".into(),
            engine: "duckdb".into(),
            settings: settings.clone(),
            at: Location::new("profiles.yml", 3, 5),
        },
        env: Environment::default(),
        vars: Default::default(),
        models: Vec::new(),
        macros: Vec::new(),
        seeds: Vec::new(),
        sources: Default::default(),
        properties: Default::default(),
        budgets: Budgets::default(),
    }
}

fn named(name: &str) -> RelationName {
    RelationName::new(None, None, name)
}

fn row(relation: &RelationName, content: &str) -> MetaRow {
    MetaRow {
        node: NodeName::new(format!("{}.ff", relation.name)),
        relation: relation.clone(),
        fingerprint: Digest::of(content.as_bytes()),
        engine: "duckdb".into(),
        built_at: "2026-01-02T03:04:05Z".into(),
        run_id: "run-1".into(),
    }
}

/// Builds `relation` as `kind` from a query, over what the database says is there.
fn build(
    session: &mut dyn Session,
    relation: &RelationName,
    kind: RelationKind,
    query: &str,
) -> Result<Built, EngineError> {
    let existing = session.relations().unwrap().kind(relation);
    let meta = row(relation, query);
    session.build(&Build { relation, kind, content: Content::Query(query), existing, meta })
}

fn table(session: &mut dyn Session, name: &str, query: &str) -> Result<Built, EngineError> {
    build(session, &named(name), RelationKind::Table, query)
}

/// A query's result as text, a list a row.
fn texts(session: &mut dyn Session, sql: &str) -> Vec<Vec<String>> {
    let batches = session.read(sql).unwrap();
    let rows = batches.iter().flat_map(|batch| (0..batch.num_rows()).map(move |row| (batch, row)));
    rows.map(|(batch, row)| batch.columns().iter().map(|column| array_value_to_string(column, row).unwrap()).collect())
        .collect()
}

fn text(session: &mut dyn Session, sql: &str) -> String {
    texts(session, sql)[0][0].clone()
}
