//! The Spark engine against a real server.

#![expect(clippy::disallowed_methods, reason = "tests look at files")]

use crate::engine::conformance::{Expects, Subject, server};
use crate::engine::{Access, Engine, EngineError, ErrorKind, find};
use crate::project::Project;
use crate::world::OsWorld;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;

/// Set where a server that can't be started is a failure and not a reason to leave tests out.
const REQUIRED: &str = "FFT_TEST_SPARK";

/// A database of its own on the server that the tests of this process share.
struct Database {
    master: String,
    schema: String,
    engine: Engine,
    folder: TempDir,
}

impl Database {
    fn new() -> Option<Database> {
        static SERVER: OnceLock<Option<server::Held>> = OnceLock::new();
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let server = SERVER.get_or_init(|| server::hold("spark", REQUIRED)).as_ref()?;
        let master = server.variables["FF_DBR_MASTER"].clone();
        let schema = format!("cache_demo_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let engine = open(&master, &schema).unwrap();
        Some(Database { master, schema, engine, folder: tempfile::tempdir().unwrap() })
    }
}

fn project(settings: Value) -> Project {
    let mut project = crate::project::testing::empty().settings(settings);
    project.profile.engine = "spark".into();
    project
}

fn try_open(settings: Value) -> Result<Engine, EngineError> {
    let project = project(settings);
    find(&project.profile)?.open(&OsWorld::new(), &project, Access::Build)
}

fn open(master: &str, schema: &str) -> Result<Engine, EngineError> {
    try_open(json!({"master": master, "database": schema}))
}

impl Subject for Database {
    fn engine(&self) -> &Engine {
        &self.engine
    }

    fn with_schema(&self, schema: &str) -> Engine {
        open(&self.master, schema).unwrap()
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn execute(&self, sql: &str) {
        let settings = super::settings::Settings::read(&project(json!({"master": self.master}))).unwrap();
        let client = super::client::Client::open(settings.into()).unwrap();
        for sql in [&format!("use {}", self.schema), sql] {
            let ran = client.execute(super::client::command(sql, &[]), &mut |_| Ok(()));
            ran.unwrap_or_else(|failure| panic!("{sql}: {}", failure.of_ours()));
        }
    }

    fn common(&self, own: &str) -> String {
        match own {
            "string" => "varchar".into(),
            "int" => "integer".into(),
            "timestamp_ntz" => "timestamp".into(),
            "timestamp" => "timestamptz".into(),
            other => other.into(),
        }
    }

    fn keywords(&self) -> &'static str {
        "select lower(keyword) as word from sql_keywords() order by word"
    }

    fn expects(&self) -> Expects {
        Expects {
            odd_names: false,
            quick: false,
            times: false,
            exact_estimates: false,
            rows_of_a_batch: 5_000,
            instant: ("timestamp", ""),
            endless: "select count(*) as a from range(100000000000000) where id % 1000003 = 7",
            open_text: "PARSE_SYNTAX_ERROR",
            ..Expects::default()
        }
    }
}

mod conformance {
    use super::Database;

    fn subject() -> Option<Database> {
        Database::new()
    }

    crate::engine::conformance::suite!(subject; marks, estimates);
}

#[test]
fn a_profile_is_checked_and_no_error_shows_its_token() {
    let failed = |settings: Value| {
        let settings = super::settings::Settings::read(&project(settings));
        let error = settings.err().expect("these settings are wrong");
        assert!(!error.to_string().contains("hush"), "{error}");
        error.to_string()
    };
    for (settings, words) in [
        (json!({}), "the profile has no `master`"),
        (json!({"master": "local[*]"}), "`master` doesn't begin with `sc://`"),
        (json!({"master": "sc://h:1/;token"}), "`master` can't be read"),
        (json!({"master": "sc://example.org/;token=hush"}), "`master` has a token and doesn't use TLS"),
        (json!({"master": "sc://h/;session_id=550e8400-e29b-41d4-a716-446655440000"}), "`master` names a session"),
        (json!({"master": "sc://h", "table_format": "csv"}), "`table_format` is `csv`"),
        (json!({"master": "sc://h", "extra_conf": "x"}), "`extra_conf` is to be a mapping"),
        (json!({"master": "sc://h", "databse": "x"}), "did you mean `database`?"),
    ] {
        let told = failed(settings);
        assert!(told.contains(words), "{told}");
    }
    let settings = json!({
        "master": "sc://Example.org:443/;use_ssl=true;token=hush", "db_schema": "shop", "table_format": "Delta",
        "warehouse_dir": "/tmp", "extra_conf": {"spark.sql.shuffle.partitions": 8}
    });
    let read = super::settings::Settings::read(&project(settings)).unwrap();
    assert_eq!((read.shown.as_str(), read.database.as_str(), read.swaps()), ("example.org:443", "shop", false));
    assert_eq!(read.configuration, [("spark.sql.shuffle.partitions".to_string(), "8".to_string())]);
    assert!(read.notes[0].starts_with("`warehouse_dir` has no effect"));
    let by_variable = |settings: Value| {
        let project = project(settings).variable("FF_DBR_TABLE_FORMAT", "Iceberg");
        super::settings::Settings::read(&project).unwrap().dialect.table_format
    };
    assert_eq!(by_variable(json!({"master": "sc://h"})), "iceberg");
    assert_eq!(by_variable(json!({"master": "sc://h", "table_format": "orc"})), "orc");
}

#[test]
fn a_session_has_an_address_for_other_clients() {
    let address =
        |master: &str| super::settings::Settings::read(&project(json!({"master": master}))).unwrap().address("0-1");
    for (master, told) in [
        ("sc://h", "sc://h/;user_id=fft;session_id=0-1"),
        ("sc://h:15002/", "sc://h:15002/;user_id=fft;session_id=0-1"),
        (
            "sc://h:1/;use_ssl=true;token=t;user_id=me",
            "sc://h:1/;use_ssl=true;token=t;user_id=me;user_id=me;session_id=0-1",
        ),
        ("sc://127.0.0.1:1/;token=t", "sc://localhost:1/;token=t;user_id=fft;session_id=0-1"),
    ] {
        assert_eq!(address(master), told);
    }
}

#[test]
fn a_server_that_is_not_there_is_told_at_once() {
    let error = try_open(json!({"master": "sc://127.0.0.1:1"})).err().unwrap();
    assert_eq!(error.kind, ErrorKind::Connection);
    assert!(error.message.starts_with("the Spark Connect server 127.0.0.1:1 can't be reached"), "{error}");
}
