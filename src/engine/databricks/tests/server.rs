//! The workspace that the tests of this process share, by `.ci/servers/databricks`. Each test has a schema of its own.

use super::{driver, open};
use crate::dialect::Statement;
use crate::engine::conformance::{Expects, Subject, server};
use crate::engine::{Connection, Engine};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;

/// Set where a server that can't be started is a failure and not a reason to leave tests out.
const REQUIRED: &str = "FFT_TEST_DATABRICKS";

/// A schema of its own.
pub struct Workspace {
    server: &'static server::Held,
    pub schema: String,
    pub engine: Engine,
    pub folder: TempDir,
}

impl Workspace {
    pub fn new() -> Option<Workspace> {
        static SERVER: OnceLock<Option<server::Held>> = OnceLock::new();
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let server = SERVER.get_or_init(|| server::hold("databricks", REQUIRED)).as_ref()?;
        let schema = format!("cache_demo_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let engine = open(settings(server, &schema)).unwrap();
        Some(Workspace { server, schema, engine, folder: tempfile::tempdir().unwrap() })
    }

    pub fn variable(&self, name: &str) -> &str {
        &self.server.variables[name]
    }

    /// A profile's section for its schema.
    pub fn settings(&self) -> Value {
        settings(self.server, &self.schema)
    }
}

fn settings(server: &server::Held, schema: &str) -> Value {
    let variable = |name: &str| server.variables[name].clone();
    json!({
        "host": variable("FF_DBR_HOST"),
        "token": variable("FF_DBR_TOKEN"),
        "warehouse_id": variable("FF_DBR_WAREHOUSE_ID"),
        "catalog": variable("FF_DBR_CATALOG"),
        "database": schema,
    })
}

impl Subject for Workspace {
    fn engine(&self) -> &Engine {
        &self.engine
    }

    fn with_schema(&self, schema: &str) -> Engine {
        open(settings(self.server, schema)).unwrap()
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn execute(&self, sql: &str) {
        let mut connection = driver(&self.settings()).connect_to();
        connection.run(&Statement::query(sql)).unwrap_or_else(|error| panic!("{sql}: {error}"));
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
            quick: false,
            times: false,
            wider: &[("smallint", "integer")],
            counts: false,
            identities: false,
            instant: ("timestamp", ""),
            endless: "select count(*) as a from range(100000000000000) where id % 1000003 = 7",
            open_text: "PARSE_SYNTAX_ERROR",
            ..Expects::default()
        }
    }
}
