//! The account that the tests of this process share, by `.ci/servers/snowflake`. Each test has a schema of its own.

use super::{driver, open};
use crate::dialect::{Dialect, Snowflake, Statement};
use crate::engine::conformance::{Expects, Subject, server};
use crate::engine::{Connection, Engine};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, OnceLock};
use tempfile::TempDir;

/// Set where a server that can't be started is a failure and not a reason to leave tests out.
const REQUIRED: &str = "FFT_TEST_SNOWFLAKE";

/// A schema of its own.
pub struct Account {
    server: &'static server::Held,
    pub schema: String,
    pub engine: Engine,
    pub folder: TempDir,
}

impl Account {
    pub fn new() -> Option<Account> {
        static SERVER: OnceLock<Option<server::Held>> = OnceLock::new();
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let server = SERVER.get_or_init(|| server::hold("snowflake", REQUIRED)).as_ref()?;
        let schema = format!("cache_demo_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let engine = open(settings(server, &schema)).unwrap();
        Some(Account { server, schema, engine, folder: tempfile::tempdir().unwrap() })
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
        "account": variable("FF_SF_ACCOUNT"),
        "host": variable("FF_SF_HOST"),
        "user": variable("FF_SF_USER"),
        "private_key_path": variable("FF_SF_PRIVATE_KEY_PATH"),
        "warehouse": variable("FF_SF_WAREHOUSE"),
        "database": variable("FF_SF_DATABASE"),
        "role": variable("FF_SF_ROLE"),
        "schema": schema,
    })
}

impl Subject for Account {
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
            "NUMBER(38,0)" => "bigint".into(),
            "VARCHAR" => "varchar".into(),
            "FLOAT" => "double".into(),
            "TIMESTAMP_NTZ" => "timestamp".into(),
            "TIMESTAMP_TZ" => "timestamptz".into(),
            // The server's own for whole numbers.
            "INTEGER" | "BIGINT" | "SMALLINT" => "bigint".into(),
            other => other.to_lowercase().replace("number(", "decimal("),
        }
    }

    fn keywords(&self) -> &'static str {
        static QUERY: LazyLock<String> = LazyLock::new(|| {
            let words = Snowflake.reserved().iter().chain(&["users", "date", "timestamp", "user_name", "value"]);
            let rows: Vec<String> = words.map(|word| format!("({})", Snowflake.string_literal(word))).collect();
            format!("select k.word from (values {}) as k(word) order by k.word", rows.join(", "))
        });
        &QUERY
    }

    fn expects(&self) -> Expects {
        Expects {
            odd_schemas: false,
            quick: false,
            wider: &[("smallint", "bigint"), ("integer", "bigint"), ("decimal(38,0)", "bigint"), ("real", "double")],
            lists: false,
            identities: false,
            exact_estimates: false,
            instant: ("timestamp_tz", "+00"),
            open_text: "parse error",
            ..Expects::default()
        }
    }
}
