//! The project that the tests of this process share, by `.ci/servers/bigquery`. Each test has a dataset of its own.

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
const REQUIRED: &str = "FFT_TEST_BIGQUERY";

/// Words of other engines too: each may be a name here, in quotes where it must be. Left out are `alter`, `drop` and
/// `insert`, which the emulator takes for statements wherever they stand.
const WORDS: &str = "all and any array as asc assert_rows_modified at between by case cast collate contains create \
    cross cube current default define desc distinct else end enum escape except exclude exists extract false fetch \
    following for from full group grouping groups hash having if ignore in inner intersect interval into is join \
    lateral left like limit lookup merge natural new no not null nulls of on or order outer over partition preceding \
    proto qualify range recursive respect right rollup rows select set some struct tablesample then to treat true \
    unbounded union unnest using when where window with within table view index user date time timestamp datetime \
    string int64 numeric value values key type language function procedure begin commit call return loop while \
    repeat declare execute truncate delete update";

/// A dataset of its own.
pub struct Dataset {
    server: &'static server::Held,
    pub dataset: String,
    pub engine: Engine,
    pub folder: TempDir,
}

impl Dataset {
    pub fn new() -> Option<Dataset> {
        static SERVER: OnceLock<Option<server::Held>> = OnceLock::new();
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let server = SERVER.get_or_init(|| server::hold("bigquery", REQUIRED)).as_ref()?;
        let dataset = format!("cache_demo_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let engine = open(settings(server, &dataset)).unwrap();
        let dataset = Dataset { server, dataset, engine, folder: tempfile::tempdir().unwrap() };
        drop(dataset.engine.session().unwrap().prepare(&Default::default()).unwrap());
        Some(dataset)
    }

    pub fn variable(&self, name: &str) -> &str {
        &self.server.variables[name]
    }

    /// A profile's section for its dataset.
    pub fn settings(&self) -> Value {
        settings(self.server, &self.dataset)
    }
}

fn settings(server: &server::Held, dataset: &str) -> Value {
    let variable = |name: &str| server.variables[name].clone();
    json!({
        "endpoint": variable("FF_BQ_ENDPOINT"),
        "credentials": variable("GOOGLE_APPLICATION_CREDENTIALS"),
        "project": variable("FF_BQ_PROJECT"),
        "location": variable("FF_BQ_LOCATION"),
        "dataset": dataset,
        "allow_create_dataset": "true",
    })
}

impl Subject for Dataset {
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
            "BOOL" => "boolean".into(),
            "INT64" => "bigint".into(),
            "FLOAT64" => "double".into(),
            "STRING" => "varchar".into(),
            "DATETIME" => "timestamp".into(),
            "TIMESTAMP" => "timestamptz".into(),
            "NUMERIC" | "BIGNUMERIC" => "decimal".into(),
            other => other.to_lowercase(),
        }
    }

    fn keywords(&self) -> &'static str {
        static QUERY: OnceLock<String> = OnceLock::new();
        QUERY.get_or_init(|| {
            let words: Vec<String> = WORDS.split_whitespace().map(|word| format!("'{word}'")).collect();
            format!("select word from unnest([{}]) as word order by word", words.join(", "))
        })
    }

    fn expects(&self) -> Expects {
        Expects {
            odd_names: false,
            refused_names: &["qu\"ote", "it's", "🦆"],
            // Of the emulator: BigQuery's own are 38 and 38.
            digits: (20, 18),
            quick: false,
            wider: &[("smallint", "bigint"), ("integer", "bigint"), ("real", "double")],
            exact_decimals: false,
            nulls_in_lists: false,
            identities: false,
            exact_estimates: false,
            scans: false,
            instant: ("timestamp", "+00"),
            endless: "select count(*) as a from unnest(generate_array(1, 100000)) as a, unnest(generate_array(1, 100000)) as b \
                      where mod(a * b, 1000003) = 7",
            open_text: "Unclosed string literal",
            numbers: |count| {
                let numbers: Vec<String> = (1..=count).map(|number| number.to_string()).collect();
                format!("(select i from unnest([{}]) as i) as n", numbers.join(", "))
            },
            ..Expects::default()
        }
    }
}
