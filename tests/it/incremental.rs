//! Incremental models against what they must be: after any history of new rows, changed rows and edited code, a table
//! with a right key holds what building it in full gives.

use crate::postgres;
use crate::project::Sandbox;
use nix::sys::signal::Signal;
use std::collections::BTreeMap;

/// Numbers that only look random.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % bound
    }
}

/// The data of a source as it comes in, and the code over it.
struct World {
    random: Random,
    /// The hour that is written at; several rows may have the same.
    hour: u64,
    /// Rows that change: value and hour by key.
    orders: BTreeMap<u64, (u64, u64)>,
    /// Rows that only come.
    log: Vec<(u64, u64)>,
    /// The number that each text multiplies by: of the model upstream, and of the incremental ones.
    factors: [u64; 2],
}

impl World {
    fn new(seed: u64) -> World {
        let mut world =
            World { random: Random(seed), hour: 0, orders: BTreeMap::new(), log: Vec::new(), factors: [1, 1] };
        (0..4).for_each(|_| world.data());
        world
    }

    fn data(&mut self) {
        self.hour += self.random.below(3).min(1);
        for _ in 0..=self.random.below(3) {
            let (key, value) = (self.random.below(12), self.random.below(100));
            self.orders.insert(key, (value, self.hour));
            self.log.push((self.hour, self.random.below(3)));
        }
    }

    /// Something happens.
    fn turn(&mut self) {
        match self.random.below(8) {
            0 => self.factors[0] += 1,
            1 => self.factors[1] += 1,
            _ => self.data(),
        }
    }

    fn write(&self, sandbox: &Sandbox) {
        let time = |hour: &u64| format!("2026-11-{:02} {:02}:00:00", 1 + hour / 24, hour % 24);
        let orders: String =
            self.orders.iter().map(|(key, (value, hour))| format!("{key},{value},{}\n", time(hour))).collect();
        let log: String = self.log.iter().map(|(hour, what)| format!("{},{what}\n", time(hour))).collect();
        sandbox.write("seeds/orders.csv", &format!("id,v,updated_at\n{orders}"));
        sandbox.write("seeds/log.csv", &format!("came,what\n{log}"));
        let [upstream, own] = self.factors;
        let view = format!(
            "{{{{ config(materialized='view') }}}}\nselect id, v * {upstream} as v, updated_at from {{{{ ref('orders') }}}}\n"
        );
        sandbox.write("models/stg.ff.sql", &view);
        let condition =
            "{% if is_incremental() %}where updated_at >= (select max(updated_at) from {{ this }}){% endif %}";
        let orders = format!("select id, v + {own} as v, updated_at from {{{{ ref('stg') }}}}");
        let log = format!("select came, what + {own} as what from {{{{ ref('log') }}}}");
        let merge = "unique_key='id', incremental={'updated_at_column': 'updated_at'}";
        let append = "incremental={'strategy': 'append', 'updated_at_column': 'came'}";
        let replace = "unique_key='id', incremental_strategy='delete_insert'";
        for (name, settings, query, condition) in [
            ("merged", merge, &orders, ""),
            ("whole", "unique_key='id'", &orders, ""),
            ("replaced", replace, &orders, condition),
            ("added", append, &log, ""),
        ] {
            let config = format!("{{{{ config(materialized='incremental', {settings}) }}}}\n");
            sandbox.write(&format!("models/{name}.ff.sql"), &format!("{config}{query}\n{condition}\n"));
            sandbox.write(&format!("models/{name}_full.ff.sql"), &format!("{query}\n"));
        }
    }
}

const TABLES: [&str; 4] = ["merged", "whole", "replaced", "added"];

/// Histories of runs on a project, each table held against its full twin after each run. How often one was extended.
fn histories(sandbox: &Sandbox, seeds: std::ops::Range<u64>, query: &dyn Fn(&str) -> Vec<String>) -> usize {
    let mut extended = 0;
    for seed in seeds {
        let mut world = World::new(seed);
        world.write(sandbox);
        sandbox.fft("run --full-refresh --no-docs").expect(0);
        for turn in 0..6 {
            world.turn();
            world.write(sandbox);
            // A run may leave some of it for the next one.
            if world.random.below(3) == 0 {
                sandbox.fft("run --no-docs --select orders log stg --no-upstream").expect(0);
                world.turn();
                world.write(sandbox);
            }
            extended += sandbox.fft("run --no-docs").expect(0).stdout.matches("EXTEND").count();
            for table in TABLES {
                let rows = |table: &str| {
                    let columns = if table.starts_with("added") { "came, what" } else { "id, v, updated_at" };
                    let columns: Vec<String> =
                        columns.split(", ").map(|name| format!("cast({name} as varchar)")).collect();
                    query(&format!("select {} from analytics.{table} order by 1, 2", columns.join(", ")))
                };
                assert_eq!(rows(table), rows(&format!("{table}_full")), "{table}, history {seed}, turn {turn}");
            }
        }
    }
    extended
}

#[test]
fn after_any_history_a_table_holds_what_a_full_build_gives() {
    let sandbox = Sandbox::new();
    let extended = histories(&sandbox, 0..4, &|sql| sandbox.query(".local/story.duckdb", sql));
    assert!(extended > 30, "{extended}");
    sandbox.fft("verify").expect(0).says("all of it agrees");
}

#[test]
fn the_same_on_postgres() {
    let Some(dsn) = postgres::server::database() else { return };
    let sandbox = postgres::sandbox(&dsn);
    let extended = histories(&sandbox, 10..12, &|sql| postgres::query(&dsn, sql));
    assert!(extended > 10, "{extended}");
    sandbox.fft("verify").expect(0).says("all of it agrees");
}

#[test]
fn views_over_an_extended_table_and_its_columns_stay_on_postgres() {
    let Some(dsn) = postgres::server::database() else { return };
    let sandbox = postgres::sandbox(&dsn);
    let seed = |rows: &str| sandbox.write("seeds/events.csv", rows);
    let model = "{{ config(materialized='incremental', unique_key='Key', on_schema_change='sync_all_columns') }}\n\
                 select id as \"Key\", {columns} from {{ ref('events') }}\n";
    let columns = |columns: &str| sandbox.write("models/kept.ff.sql", &model.replace("{columns}", columns));
    seed("id,v\n1,5\n");
    columns("v, cast('{\"a\": 1}' as json) as data");
    sandbox.fft("run").expect(0);
    postgres::query(&dsn, "create view analytics.seen as select \"Key\" from analytics.kept");
    seed("id,v\n1,6\n2,7\n");
    sandbox.fft("run").expect(0).says("extended: upstream changed: events · rows: 1 new, 1 updated");
    assert_eq!(postgres::query(&dsn, "select * from analytics.kept order by 1"), ["1|6|{\"a\": 1}", "2|7|{\"a\": 1}"]);
    assert_eq!(postgres::query(&dsn, "select count(*) from analytics.seen"), ["2"]);
    seed("id,v\n1,a\n3,c\n");
    let ran = sandbox.fft("run").expect(0);
    ran.says("columns retyped: v text · rows: 1 new, 1 updated");
}

#[test]
fn what_an_extension_did_is_recorded_and_no_input() {
    let sandbox = Sandbox::new();
    let model = "{{ config(materialized='incremental', unique_key='id', incremental={'updated_at_column': 'came'}) }}\n\
                 select id, came from {{ ref('events') }}\n";
    sandbox.write("models/kept.ff.sql", model);
    sandbox.write("seeds/events.csv", "id,came\n1,2026-11-01\n");
    sandbox.fft("run").expect(0);
    let row = || -> serde_json::Value {
        let results = sandbox.read(".fastflowtransform/target/run_results.json");
        let results: serde_json::Value = serde_json::from_str(&results).unwrap();
        let rows = results["results"].as_array().unwrap();
        rows.iter().find(|row| row["name"] == "kept.ff").unwrap().clone()
    };
    let first = row();
    assert_eq!((&first["decision"]["mode"], first.get("increment")), (&"full".into(), None));
    sandbox.write("seeds/events.csv", "id,came\n1,2026-11-02\n2,2026-11-02\n");
    sandbox.fft("run").expect(0);
    //: In run_results.json `mode` of the decision is `incremental` or `full`, and `increment` of the row holds those
    //: numbers.
    let extended = row();
    assert_eq!(extended["decision"]["mode"], "incremental");
    let since = serde_json::json!([{"column": "came", "value": "2026-11-01"}]);
    let expected = serde_json::json!({"rows_new": 1, "rows_updated": 1, "since": since});
    assert_eq!((&extended["increment"], &extended["rows"]), (&expected, &2.into()));
    let plan: serde_json::Value = serde_json::from_str(&sandbox.fft("plan --json").expect(0).stdout).unwrap();
    crate::schema::holds("plan", &plan);
    for (name, file) in [("run_results", "run_results.json"), ("manifest", "manifest.json")] {
        let text = sandbox.read(&format!(".fastflowtransform/target/{file}"));
        crate::schema::holds(name, &serde_json::from_str(&text).unwrap());
    }
    //: What is new is no input: neither the greatest value that its table has, nor how many rows came.
    let fingerprint = || -> serde_json::Value {
        let manifest = sandbox.read(".fastflowtransform/target/manifest.json");
        serde_json::from_str::<serde_json::Value>(&manifest).unwrap()["nodes"]["kept.ff"]["fingerprint"].take()
    };
    let before = fingerprint();
    sandbox.write("seeds/events.csv", "id,came\n1,2026-11-03\n");
    sandbox.fft("run").expect(0);
    assert_ne!(fingerprint(), before);
    sandbox.write("seeds/events.csv", "id,came\n1,2026-11-02\n2,2026-11-02\n");
    sandbox.fft("run").expect(0);
    assert_eq!(fingerprint(), before, "though the greatest value is another one");
}

/// A process that is killed while it makes the new rows leaves what stood, and what is recorded of that.
#[test]
fn after_kill_the_table_is_what_it_was_and_the_next_run_extends_it() {
    let sandbox = Sandbox::new();
    let model = "{{ config(materialized='incremental', unique_key='id') }}\nselect id, v from {{ ref('events') }}\n";
    sandbox.write("models/kept.ff.sql", model);
    sandbox.write("seeds/events.csv", "id,v\n1,1\n");
    sandbox.fft("run").expect(0);
    let endless = "{% if is_incremental() %} where (select count(*) from range(4000000) a(x), range(4000000) b(y) \
                   where (x * y) % 7 = 0) > 0 {% endif %}";
    let way = |text: &str| model.replace("unique_key='id'", "unique_key='id', on_code_change='incremental'") + text;
    sandbox.write("models/kept.ff.sql", &way(endless));
    sandbox.write("seeds/events.csv", "id,v\n1,2\n2,2\n");
    let mut run = sandbox.start("run --log-format json");
    let errors = std::io::BufReader::new(run.child().stderr.take().unwrap());
    let begun = |line: &String| line.contains("node_started") && line.contains("kept.ff");
    let mut lines = std::io::BufRead::lines(errors).map_while(Result::ok);
    assert!(lines.by_ref().any(|line| begun(&line)), "the model is never begun");
    run.signal(Signal::SIGKILL);
    assert_eq!(run.end().code, None, "killed, not ended");
    let rows = || sandbox.query(".local/story.duckdb", "select id, v from analytics.kept order by id");
    assert_eq!(rows(), ["1|1"]);
    sandbox.write("models/kept.ff.sql", &way(""));
    sandbox.fft("run").expect(0).says("extended: ").says("1 new, 1 updated");
    assert_eq!(rows(), ["1|2", "2|2"]);
}
