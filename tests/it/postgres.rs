//! Projects on Postgres: the same decisions as on DuckDB, two engines side by side, and what goes wrong on a server.
//!
//! Each test has a database of its own on a server that ends with this process; where none is installed they are left
//! out, with a word on standard error.

#[path = "../../src/engine/postgres/tests/server.rs"]
pub mod server;

use crate::demo::{COPY, Demo, RESULTS};
use crate::project::{FFT, Ran, Row, Sandbox, rows};
use server::Server;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};

/// A project whose profile is a Postgres database.
pub fn sandbox(dsn: &str) -> Sandbox {
    let sandbox = Sandbox::empty();
    sandbox.write("project.yml", "name: story\nversion: '1.0'\n");
    sandbox.write(
        "profiles.yml",
        "dev:\n  engine: postgres\n  postgres:\n    dsn: \"{{ env('FF_PG_DSN') }}\"\n    db_schema: analytics\n",
    );
    sandbox.write(".env", &format!("FF_PG_DSN={dsn}\n"));
    sandbox
}

/// The rows of a statement, cells as text, joined by `|`.
pub fn query(dsn: &str, sql: &str) -> Vec<String> {
    use ::postgres::SimpleQueryMessage::Row;
    let found = server::connect(dsn).simple_query(sql).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    let cells = |row: &::postgres::SimpleQueryRow| {
        (0..row.len()).map(|at| row.get(at).unwrap_or("null")).collect::<Vec<_>>().join("|")
    };
    found.iter().filter_map(|message| if let Row(row) = message { Some(cells(row)) } else { None }).collect()
}

/// Status, causes, role, path and rows of each node.
fn decisions(results: &BTreeMap<String, Row>) -> BTreeMap<&str, String> {
    let said = |row: &Row| {
        format!("{} {} {:?} {} {:?} {:?}", row.status, row.primary_code, row.codes, row.role, row.path, row.rows)
    };
    results.iter().map(|(name, row)| (name.as_str(), said(row))).collect()
}

/// Each node's components of a kind, with their digests.
fn components(sandbox: &Sandbox, kind: &str) -> BTreeMap<String, Vec<String>> {
    let text = sandbox.read(".fastflowtransform/target/manifest.json");
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    let of = |node: &serde_json::Value| {
        let components = node["fingerprint"]["components"].as_array().unwrap().iter();
        components.filter(|one| one["kind"] == kind).map(ToString::to_string).collect()
    };
    manifest["nodes"].as_object().unwrap().iter().map(|(name, node)| (name.clone(), of(node))).collect()
}

#[test]
fn the_demo_decides_as_on_duckdb_node_for_node() {
    let Some(dsn) = server::database() else { return };
    let (duckdb, mut postgres) = (Demo::new(), Demo::new());
    postgres.sandbox.set("FF_PG_DSN", &dsn);
    for (target, results) in [
        ("cache_first", RESULTS),
        ("cache_second", RESULTS),
        ("change_sql", COPY),
        ("change_seed", RESULTS),
        ("cache_first", RESULTS),
        ("change_env", RESULTS),
        ("cache_first", RESULTS),
        ("change_py", COPY),
        ("cache_second", RESULTS),
        ("run_parallel", RESULTS),
        ("http_offline", RESULTS),
    ] {
        duckdb.make(&[target, "ENGINE=duckdb"]);
        postgres.make(&[target, "ENGINE=postgres"]);
        let (left, right) = (rows(&duckdb.sandbox.path(results)), rows(&postgres.sandbox.path(results)));
        assert_eq!(decisions(&left), decisions(&right), "make {target}");
    }
    for kind in ["config", "seed", "source", "python"] {
        assert_eq!(components(&duckdb.sandbox, kind), components(&postgres.sandbox, kind), "{kind}");
    }
    let mart = "select user_id, full_name, email, order_count, cast(total_amount as varchar), \
                cast(last_ordered_on as varchar) from cache_demo.mart_user_orders order by 1";
    let expected = duckdb.sandbox.query(".local/cache_demo.duckdb", &mart.replace("from ", "from cache_demo."));
    assert!(expected.len() > 2);
    assert_eq!(query(&dsn, mart), expected);
    assert_eq!(query(&dsn, "select count(*) from cache_demo.http_users"), ["10"]);
}

#[test]
fn switching_between_engines_rebuilds_nothing() {
    let Some(dsn) = server::database() else { return };
    let mut sandbox = Sandbox::demo();
    sandbox.set("FF_PG_DSN", &dsn);
    sandbox.set("FF_HTTP_OFFLINE", "1");
    for (profile, said) in [
        ("dev_duckdb", "7 built"),
        ("dev_postgres", "7 built"),
        ("dev_duckdb", "0 built · 7 skipped"),
        ("dev_postgres", "0 built · 7 skipped"),
    ] {
        sandbox.fft(&format!("run --env {profile}")).expect(0).says(said);
    }
    sandbox.write("models/marts/mart_user_orders.ff.sql", "select 1 as one from {{ ref('stg_users.ff') }}\n");
    sandbox.fft("run --env dev_duckdb").expect(0).says("1 built");
    sandbox.write("kept.json", &sandbox.read(".fastflowtransform/target/manifest.json"));
    sandbox.fft("run --env dev_postgres").expect(0).says("1 built");
    //: | `engine_changed`, `profile_changed` | it was built with another engine or profile, or with another file attached under the alias that it reads |
    sandbox.fft("diff kept.json latest").expect(0).says("engine changed: engine (duckdb → postgres)");
    sandbox.fft("run --env dev_duckdb --expect-no-rebuild").expect(0);
    sandbox.fft("verify --env dev_postgres").expect(0).says("all of it agrees");
}

#[test]
fn python_models_read_and_write() {
    let Some(dsn) = server::database() else { return };
    let sandbox = sandbox(&dsn);
    sandbox.write("seeds/people.csv", "Id,name,born\n1,Ada,1815-12-10\n2,Grace,1906-12-09\n");
    sandbox
        .write("models/passed.ff.sql", "{{ config(materialized='ephemeral') }}\nselect * from {{ ref('people') }}\n");
    sandbox.write(
        "models/greetings.ff.py",
        "from fastflowtransform import model\n\n\n@model(name=\"greetings\", deps=[\"people\", \"passed.ff\"])\n\
         def build(people: list, passed: list) -> list:\n    assert people == passed\n    \
         return [{\"id\": row[\"id\"], \"text\": f\"hello {row['name']}, {row['born'].year}\"} for row in people]\n",
    );
    sandbox.write("models/last.ff.sql", "select text from {{ ref('greetings') }} where Id > 1\n");
    sandbox.fft("run").expect(0);
    assert_eq!(query(&dsn, "select * from analytics.last"), ["hello Grace, 1906"]);
    sandbox.fft("run").expect(0).says("0 built");
}

#[test]
fn parquet_seeds_are_loaded() {
    let Some(dsn) = server::database() else { return };
    let sandbox = sandbox(&dsn);
    std::fs::create_dir_all(sandbox.path("seeds")).unwrap();
    let file = sandbox.path("seeds/events.parquet").display().to_string();
    let rows = "select i::integer as Id, 'x' as word, [i] as list, i / 4 as part from range(3) t(i)";
    sandbox.query("write.duckdb", &format!("copy ({rows}) to '{file}' (format parquet)"));
    sandbox.write("seeds/schema.yml", "seeds:\n  - name: events\n    columns: {id: bigint, part: 'decimal(6, 2)'}\n");
    sandbox.fft("run").expect(0);
    let found = "select id, pg_typeof(id), word, list, part, _ff_seed_file from analytics.events where id = 1";
    assert_eq!(query(&dsn, found), ["1|bigint|x|{1}|0.25|seeds/events.parquet"]);
    sandbox.query("write.duckdb", &format!("copy (select 'no number' as id, 1 as part) to '{file}' (format parquet)"));
    sandbox.fft("run").expect(1).says("seeds/events.parquet: invalid input syntax for type bigint: \"no number\"");
}

#[test]
fn an_error_has_its_place_in_the_model() {
    let Some(dsn) = server::database() else { return };
    let sandbox = sandbox(&dsn);
    sandbox.write("models/one.ff.sql", "select 1 as id\n");
    sandbox.write("models/two.ff.sql", "select\n    id,\n    nope\nfrom {{ ref('one') }}\n");
    let ran = sandbox.fft("run").expect(1);
    for part in ["models/two.ff.sql:3:5", "column \"nope\" does not exist (SQLSTATE 42703)", "nope"] {
        assert!(ran.stdout.contains(part) || ran.stderr.contains(part), "`{part}`:\n{}\n{}", ran.stdout, ran.stderr);
    }
    sandbox.write("models/two.ff.sql", "select id from {{ ref('one') }}\n");
    sandbox.fft("run").expect(0).says("1 built");
}

/// A view that the run leaves alone is still there and reads the new rows; one that can't be kept is told.
#[test]
fn views_outside_the_run_are_kept() {
    let Some(dsn) = server::database() else { return };
    let sandbox = sandbox(&dsn);
    sandbox.write("models/base.ff.sql", "select 1 as id, 'x' as name\n");
    sandbox.write("models/shown.ff.sql", "{{ config(materialized='view') }}\nselect id from {{ ref('base') }}\n");
    sandbox.fft("run").expect(0);
    server::execute(&dsn, "create view public.foreign_view as select id from analytics.base");
    sandbox.write("models/base.ff.sql", "select 2 as id, 'y' as name, true as more\n");
    sandbox.fft("run --select base --no-upstream").expect(0).says("1 built");
    assert_eq!(query(&dsn, "select id from analytics.shown"), ["2"]);
    assert_eq!(query(&dsn, "select id from public.foreign_view"), ["2"]);
    sandbox.write("models/base.ff.sql", "select 'y' as name\n");
    sandbox
        .fft("run --select base --no-upstream")
        .expect(1)
        .says("reads analytics.base and can't be kept over its new columns")
        .says("build it in the same run, or change or drop it");
    assert_eq!(query(&dsn, "select id from analytics.shown"), ["2"]);
    // With its reader in the run, and the foreign one gone, it is built.
    server::execute(&dsn, "drop view public.foreign_view");
    sandbox.write("models/shown.ff.sql", "{{ config(materialized='view') }}\nselect name from {{ ref('base') }}\n");
    sandbox.fft("run").expect(0).says("2 built");
    assert_eq!(query(&dsn, "select name from analytics.shown"), ["y"]);
    let left = "select count(*) from pg_class where relname like '\\_ff\\_old%' or relname like '\\_ff\\_new%'";
    assert_eq!(query(&dsn, left), ["0"]);
    // A relation that is gone takes its place in the views over it.
    server::execute(&dsn, "alter table analytics.base rename to backup");
    sandbox.fft("run").expect(0);
    //: | `upstream_recreated` | it is a view, a relation that it reads is missing and built in this run, and the engine's views hold on to relations and not to names: it would go on reading what had the name before |
    let codes = &sandbox.rows()["shown.ff"].codes;
    assert!(codes.iter().any(|code| code == "upstream_recreated"), "{codes:?}");
    server::execute(&dsn, "update analytics.base set name = 'z'");
    assert_eq!(query(&dsn, "select name from analytics.shown"), ["z"]);
}

/// The server goes in the middle of a run and comes back: the node is named, what finished is kept, the rest is built.
#[test]
fn a_server_that_restarts_costs_the_node_in_work() {
    let Some(mut server) = Server::start("") else { return };
    let dsn = server.dsn("postgres");
    let sandbox = sandbox(&dsn);
    sandbox.write("models/a_quick.ff.sql", "select 1 as id\n");
    sandbox.write("models/b_long.ff.sql", "select 2 as id from pg_sleep(600), {{ ref('a_quick') }}\n");
    sandbox.write("models/c_below.ff.sql", "select id from {{ ref('b_long') }}\n");
    let gate = sandbox.path("gate");
    let python = format!(
        "import os, time\n\nfrom fastflowtransform import model\n\n\n@model(name=\"gated\", deps=[])\n\
         def build() -> list:\n    while not os.path.exists({gate:?}):\n        time.sleep(0.05)\n    return [{{\"n\": 1}}]\n"
    );
    sandbox.write("models/gated.ff.py", &python);
    let mut run = sandbox.start("run --jobs 1 --keep-going --log-format json");
    let mut events = BufReader::new(run.child().stderr.take().unwrap());
    let mut line = String::new();
    let mut started = |node: &str| {
        while !(line.contains("\"node_started\"") && line.contains(node)) {
            line.clear();
            assert!(events.read_line(&mut line).unwrap() > 0, "the run ended before it was to be disturbed");
        }
    };
    started("gated");
    sandbox.write("gate", "");
    started("b_long");
    server.tell("restart");
    std::io::copy(&mut events, &mut std::io::sink()).unwrap();
    assert_eq!(run.end().code, Some(1));
    let results = sandbox.rows();
    let all = ["a_quick.ff", "gated", "b_long.ff", "c_below.ff"].map(|name| results[name].status.as_str());
    assert_eq!(all, ["success", "success", "error", "blocked"], "{results:?}");
    let message = &results["b_long.ff"].message;
    assert!(message.starts_with("the connection to the database was lost") || message.contains("57P0"), "{message}");
    // Gone for good, it is told of, and nothing is lost.
    server.tell("down");
    sandbox.fft("run").expect(4).says("can't connect to the database").says("hint: check that the server runs");
    server.tell("up");
    sandbox.write("models/b_long.ff.sql", "select 2 as id from {{ ref('a_quick') }}\n");
    sandbox.fft("run").expect(0).says("2 built: 2 new · 2 skipped");
    assert_eq!(query(&dsn, "select id from analytics.c_below"), ["2"]);
}

#[test]
fn an_interrupt_ends_the_statement_on_the_server() {
    let Some(dsn) = server::database() else { return };
    let sandbox = sandbox(&dsn);
    sandbox.write("models/endless.ff.sql", "select 1 as id from pg_sleep(600)\n");
    let mut run = sandbox.start("run --log-format json");
    let asleep = "select count(*) from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()";
    while query(&dsn, asleep) != ["1"] {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    run.signal(nix::sys::signal::Signal::SIGINT);
    assert_eq!(run.end().code, Some(1));
    assert_eq!(sandbox.rows()["endless.ff"].message, "interrupted");
    assert_eq!(query(&dsn, asleep), ["0"]);
}

/// Two checkouts of one project, as on two machines.
#[test]
fn a_run_from_another_checkout_waits_or_fails_at_once() {
    let Some(dsn) = server::database() else { return };
    let (first, second) = (sandbox(&dsn), sandbox(&dsn));
    for sandbox in [&first, &second] {
        sandbox.write("models/gated.ff.sql", "select 1 as id from (select pg_advisory_xact_lock(77)) as gate\n");
    }
    let mut gate = server::connect(&dsn);
    gate.batch_execute("select pg_advisory_lock(77)").unwrap();
    let run = first.start("run");
    let waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted";
    while query(&dsn, waiting) != ["1"] {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let refused = second.fft("run --no-wait").expect(5);
    assert!(
        refused.stderr.contains("another run of this project holds the schema analytics (server process ")
            && refused.stderr.contains(", connected since 20"),
        "{}",
        refused.stderr
    );
    second.fft("plan").expect(0);
    let mut other = second.start("run");
    let mut errors = BufReader::new(other.child().stderr.take().unwrap());
    let mut line = String::new();
    errors.read_line(&mut line).unwrap();
    assert!(line.starts_with("waiting for another run of this project, which holds the schema analytics"), "{line}");
    gate.batch_execute("select pg_advisory_unlock(77)").unwrap();
    drop(run.end().expect(0));
    let other = other.end();
    assert_eq!(other.code, Some(0));
    assert!(other.stdout.contains("0 built"), "what it waited for is what it wants: {}", other.stdout);
    // What one checkout builds from another text, the other compares its own with.
    first.fft("run").expect(0).says("0 built");
    second.write("models/gated.ff.sql", "select 2 as id\n");
    second.fft("run").expect(0).says("1 built");
    first.fft("run").expect(0);
    assert_eq!(first.rows()["gated.ff"].primary_code, "sql_changed");
}

/// Looked for in all that is printed and written.
#[test]
fn the_password_of_a_dsn_is_nowhere() {
    const SECRET: &str = "q7Zp2vXw9KdRb4Ty";
    let Some(dsn) = server::database() else { return };
    let sandbox = sandbox(&dsn);
    let look = |ran: &Ran, what: &str| {
        assert!(!ran.stdout.contains(SECRET) && !ran.stderr.contains(SECRET), "{what}: {}{}", ran.stdout, ran.stderr);
        for entry in walkdir::WalkDir::new(sandbox.path(".fastflowtransform")).into_iter().flatten() {
            let bytes = if entry.file_type().is_file() { std::fs::read(entry.path()).unwrap() } else { Vec::new() };
            let found = bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes());
            assert!(!found, "{what} leaves it in {}", entry.path().display());
        }
    };
    let with_password = dsn.replace("///", &format!("//postgres:{SECRET}@/"));
    sandbox.write("models/one.ff.sql", "select 1 as id\n");
    for (env, command, code) in [
        (with_password.clone(), "run", 0),
        (with_password.clone(), "run --full-refresh --log-format json", 0),
        (with_password.clone(), "verify", 0),
        (with_password.replace("postgresql://", "postgresql+psycopg://"), "run", 0),
        (format!("postgresql://u:{SECRET}@127.0.0.1:1/db"), "run", 4),
        (format!("postgresql://u:{SECRET}@127.0.0.1:x/db"), "run", 2),
        (format!("host=h pasword={SECRET}"), "run", 2),
        (format!("host=127.0.0.1 port=1 password='{SECRET}' user=u"), "run", 4),
    ] {
        sandbox.write(".env", &format!("FF_PG_DSN=\"{env}\"\n"));
        look(&sandbox.fft(command).expect(code), &format!("{env} {command}"));
    }
    for password in [SECRET, "another"] {
        sandbox.write(".env", &format!("FF_PG_DSN={}\n", with_password.replace(SECRET, password)));
        let ran = sandbox.fft("run").expect(0);
        look(&ran, "another password");
        assert!(password == SECRET || ran.stdout.contains("0 built"), "{}", ran.stdout);
    }
    // A password apart is asked for by the server only, and rotating it builds nothing.
    sandbox.write(".env", &format!("FF_PG_DSN={dsn}\nPGPASSWORD={SECRET}\n"));
    look(&sandbox.fft("run").expect(0), "PGPASSWORD");
    sandbox.write(".env", &format!("FF_PG_DSN={dsn}\nPGPASSWORD=another\n"));
    look(&sandbox.fft("run").expect(0).says("0 built"), "a rotation");
}

#[test]
fn orphans_are_dropped_whatever_reads_them() {
    let Some(dsn) = server::database() else { return };
    let sandbox = sandbox(&dsn);
    sandbox.write("models/a_base.ff.sql", "select 1 as id\n");
    sandbox.write("models/b_view.ff.sql", "{{ config(materialized='view') }}\nselect id from {{ ref('a_base') }}\n");
    sandbox.write("models/kept.ff.sql", "select 1 as id\n");
    sandbox.fft("run").expect(0);
    std::fs::remove_file(sandbox.path("models/a_base.ff.sql")).unwrap();
    std::fs::remove_file(sandbox.path("models/b_view.ff.sql")).unwrap();
    sandbox.fft("run").expect(0).says("a_base.ff");
    sandbox.fft("clean --orphans").expect(0);
    let relations = "select relname from pg_class join pg_namespace n on n.oid = relnamespace
                     where nspname = 'analytics' and relkind in ('r', 'v') order by 1";
    assert_eq!(query(&dsn, relations), ["_ff_meta", "kept"]);
}

/// As many workers as a small server has room for, and more.
#[test]
fn many_workers_lose_nothing() {
    let Some(dsn) = server::database() else { return };
    let sandbox = sandbox(&dsn);
    for number in 0..40 {
        let kind = if number % 3 == 0 { "view" } else { "table" };
        let text = match number {
            0..8 => format!("select {number} as n\n"),
            _ => format!("select n + 1 as n from {{{{ ref('m{}') }}}}\n", number - 8),
        };
        let config = format!("{{{{ config(materialized='{kind}') }}}}\n");
        sandbox.write(&format!("models/m{number}.ff.sql"), &format!("{config}{text}"));
    }
    for _ in 0..4 {
        let ran = sandbox.fft("run --jobs 8 --cache wo").expect(0);
        assert_eq!(ran.stdout.lines().filter(|line| line.starts_with('L')).count(), 40, "{}", ran.stdout);
    }
    assert_eq!(query(&dsn, "select n from analytics.m39"), ["11"]);
    assert_eq!(query(&dsn, "select count(*) from analytics._ff_meta"), ["40"]);
    let mut command = sandbox.command(FFT);
    command.args(["run", "--jobs", "8"]);
    Ran::of(command).expect(0).says("0 built · 40 skipped");
}

#[test]
fn what_ephemeral_models_read_and_get_wrong_is_theirs() {
    let Some(dsn) = server::database() else { return };
    let sandbox = sandbox(&dsn);
    let env = sandbox.read(".env");
    sandbox.write(".env", &format!("{env}FF_API_TOKEN=s3cr3t-of-nine\n"));
    let ephemeral = "{{ config(materialized='ephemeral') }}";
    sandbox.write("models/inner.ff.sql", &format!("{ephemeral}\nselect '{{{{ env('FF_API_TOKEN') }}}}' as t;\n"));
    sandbox.write("models/outer.ff.sql", &format!("{ephemeral}\nselect length(t) as n from {{{{ ref('inner') }}}}\n"));
    sandbox.write("models/m.ff.sql", "select n, E'it\\'s;' as s from {{ ref('outer') }};\n");
    sandbox.write("models/v.ff.sql", "{{ config(materialized='view') }}select n from {{ ref('outer') }}\n");
    sandbox.fft("run").expect(0);
    assert_eq!(query(&dsn, "select n, s from analytics.m"), ["14|it's;"]);
    assert_eq!(query(&dsn, "select n from analytics.v"), ["14"]);
    sandbox.write(
        "models/inner.ff.sql",
        &format!("{ephemeral}\nselect '{{{{ env('FF_API_TOKEN') }}}}' as t,\n  nope as z\n"),
    );
    let ran = sandbox.fft("run --keep-going").expect(1);
    let told = format!("{}{}", ran.stdout, ran.stderr);
    assert!(told.contains("models/inner.ff.sql:3:3") && !told.contains("s3cr3t-of-nine"), "{told}");
}
