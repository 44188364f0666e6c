//! Whole runs of synthetic layered projects: a run that builds nothing, and a cold run beside the same statements sent
//! to the engine alone, bare and with a row of `_ff_meta` in each one's transaction.
//!
//! `cargo bench --profile dev --config profile.dev.opt-level=3 --bench run -- [postgres] [MODELS …]` (100 and 1,000 by
//! default) uses the engine that daily work compiled; without `--profile dev` all is compiled anew for release. With
//! `postgres` it is that engine, on a throwaway server of its own on this machine.
//!
//! Prints medians of whole processes in milliseconds, and ratios within the same run; `benches/site.rs` has what the site
//! costs, which is left out here. A rebuild is a run that builds everything again over what stands. What a run that
//! builds nothing holds at most (by `/usr/bin/time`) stands beside what the engine needs alone to tell what is in the file.
//! A last ratio is that of both cores' time of a cold run with one job and of DuckDB alone with rows of `_ff_meta`: on a
//! machine with other work, or with a slow disk, it tells more than the one of wall time.

#![expect(clippy::disallowed_methods, reason = "a bench works on real files")]

mod project;
#[expect(dead_code, reason = "tests use the rest of it")]
#[path = "../src/engine/postgres/tests/server.rs"]
mod server;

use project::{Project, SEEDS, seed_rows};
use server::Server;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Instant;

/// Where relations are built.
enum Database {
    File,
    Server(Server),
}

impl Database {
    /// Removes what the project has built.
    fn clear(&self, folder: &Path) {
        for state in [".local", ".fastflowtransform"] {
            drop(std::fs::remove_dir_all(folder.join(state)));
        }
        if let Database::Server(server) = self {
            server::execute(&server.dsn("postgres"), "drop schema if exists synth cascade");
        }
    }

    fn profile(&self) -> String {
        match self {
            Database::File => project::DUCKDB.into(),
            Database::Server(server) => format!(
                "dev:\n  engine: postgres\n  postgres:\n    dsn: {}\n    db_schema: synth\n",
                server.dsn("postgres")
            ),
        }
    }

    /// What opening the database and asking what is in it takes alone: milliseconds, and megabytes at most.
    fn opened(&self, folder: &Path) -> (f64, f64) {
        match self {
            Database::File => {
                let this = std::env::current_exe().expect("this bench");
                measured(Command::new(TIME).args(["-f", "%M"]).arg(this).arg(OPEN).arg(folder.join(FILE)))
            }
            Database::Server(_) => (f64::NAN, f64::NAN),
        }
    }

    /// Both cores' time of a cold run with one job as a multiple of what DuckDB takes alone, rows of `_ff_meta` included.
    fn cold_share(&self, size: usize, folder: &Path) -> f64 {
        if let Database::Server(_) = self {
            return f64::NAN;
        }
        let this = std::env::current_exe().expect("this bench");
        let mut alone = Command::new(TIME);
        alone.args(["-f", "%U %S"]).arg(this).args([ALONE, &size.to_string()]).arg(folder);
        self.clear(folder);
        let mut cold = Command::new(TIME);
        cold.args(["-f", "%U %S", env!("CARGO_BIN_EXE_fft"), "run", ".", "--quiet", "--no-docs", "--jobs", "1"]);
        taken(cold.current_dir(folder)) / taken(&mut alone)
    }

    fn alone(&self, project: &Project, folder: &Path, with_meta: bool) -> f64 {
        match self {
            Database::File => engine_alone(project, folder, with_meta),
            Database::Server(server) => server_alone(project, &server.dsn("postgres"), with_meta),
        }
    }
}

/// Where the profile for DuckDB has its database.
const FILE: &str = ".local/synth.duckdb";
/// Asks this bench to do no more than look into a database.
const OPEN: &str = "--open";
/// Asks this bench to do no more than send a project's statements to DuckDB, with rows of `_ff_meta`.
const ALONE: &str = "--alone";
/// Tells what a process holds at most.
const TIME: &str = "/usr/bin/time";

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.as_slice() {
        [_, asked, file, ..] if asked == OPEN => return look_alone(Path::new(file)),
        [_, asked, size, folder, ..] if asked == ALONE => {
            let project = Project::new(size.parse().expect("a number of models"));
            engine_alone(&project, Path::new(folder), true);
            return;
        }
        _ => {}
    }
    let database = if std::env::args().any(|argument| argument == "postgres") {
        Database::Server(Server::start("").expect("a Postgres server"))
    } else {
        Database::File
    };
    let sizes: Vec<usize> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![100, 1000] } else { sizes };
    println!(
        "{:>7}  {:>9}  {:>11}  {:>9}  {:>7}  {:>17}  {:>7}  {:>14}  {:>9}  {:>8}  {:>15}  {:>8}  {:>9}",
        "models",
        "cold ms",
        "cold -j2 ms",
        "engine ms",
        "ratio",
        "with meta rows ms",
        "ratio",
        "rebuild -j2 ms",
        "no-op ms",
        "MB",
        "looking only ms",
        "MB",
        "CPU ratio"
    );
    for size in sizes {
        let project = Project::new(size);
        let folder = tempfile::tempdir().expect("a temporary folder");
        project.write(folder.path(), &database.profile());
        let rounds = if size > 1000 { 1 } else { 5 };
        let mut cold = Vec::new();
        let mut parallel = Vec::new();
        let mut alone = Vec::new();
        let mut with_meta = Vec::new();
        let mut again = Vec::new();
        let mut shares = Vec::new();
        for _ in 0..rounds {
            // Side by side, so that a machine that slows down slows all of them.
            alone.push(database.alone(&project, folder.path(), false));
            with_meta.push(database.alone(&project, folder.path(), true));
            cold.push(cold_run(&database, folder.path(), "1"));
            shares.push(database.cold_share(size, folder.path()));
            parallel.push(cold_run(&database, folder.path(), "2"));
            again.push(run(folder.path(), &["--jobs", "2", "--full-refresh"]));
        }
        let idle: Vec<f64> = (0..7).map(|_| run(folder.path(), &["--jobs", "2"])).collect();
        let held = median((0..3).map(|_| measured(&mut idle_run(folder.path())).1).collect());
        let opened: Vec<(f64, f64)> = (0..7).map(|_| database.opened(folder.path())).collect();
        let (looking, looked): (Vec<f64>, Vec<f64>) = opened.into_iter().unzip();
        let (cold, parallel, alone, with_meta) = (median(cold), median(parallel), median(alone), median(with_meta));
        println!(
            "{size:>7}  {cold:>9.0}  {parallel:>11.0}  {alone:>9.0}  {:>7.2}  {with_meta:>17.0}  {:>7.2}  {:>14.0}  {:>9.0}  {held:>8.0}  \
             {:>15.0}  {:>8.0}  {:>9.2}",
            cold / alone,
            cold / with_meta,
            median(again),
            median(idle),
            median(looking),
            median(looked),
            median(shares)
        );
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn cold_run(database: &Database, folder: &Path, jobs: &str) -> f64 {
    database.clear(folder);
    run(folder, &["--jobs", jobs])
}

fn run(folder: &Path, arguments: &[&str]) -> f64 {
    let started = Instant::now();
    let status = Command::new(env!("CARGO_BIN_EXE_fft"))
        .args(["run", ".", "--quiet", "--no-docs"])
        .args(arguments)
        .current_dir(folder)
        .stdout(Stdio::null())
        .status()
        .expect("fft runs");
    assert!(status.success(), "fft run failed");
    started.elapsed().as_secs_f64() * 1000.0
}

fn idle_run(folder: &Path) -> Command {
    let mut command = Command::new(TIME);
    command.args(["-f", "%M", env!("CARGO_BIN_EXE_fft"), "run", ".", "--quiet", "--no-docs"]).current_dir(folder);
    command
}

/// Milliseconds of a command that `TIME` runs, and megabytes that it held at most.
fn measured(command: &mut Command) -> (f64, f64) {
    let started = Instant::now();
    let held = told(command).sum::<f64>();
    (started.elapsed().as_secs_f64() * 1000.0, held / 1024.0)
}

/// Seconds of all cores that a command took which `TIME` runs.
fn taken(command: &mut Command) -> f64 {
    told(command).sum()
}

/// The numbers that `TIME` tells of a command.
fn told(command: &mut Command) -> impl Iterator<Item = f64> {
    let Output { status, stderr, .. } = command.output().expect("a process that is measured");
    let told = String::from_utf8_lossy(&stderr).into_owned();
    assert!(status.success(), "{told}");
    let numbers: Vec<f64> =
        told.lines().last().unwrap_or_default().split(' ').map(|number| number.parse().expect("a number")).collect();
    numbers.into_iter()
}

/// Opens a database as fft does, and reads the names of what is in it.
#[cfg(feature = "duckdb")]
fn look_alone(file: &Path) {
    let connection = duckdb::Connection::open_in_memory().expect("a database");
    connection.execute_batch(&format!("attach '{}' as looked_at", file.display())).expect("a file");
    let sql = "select table_name, comment, estimated_size from duckdb_tables() where not internal
               union all select view_name, comment, null from duckdb_views() where not internal";
    let mut statement = connection.prepare(sql).expect("a query");
    let mut rows = statement.query([]).expect("rows");
    let mut found = 0;
    while let Some(row) = rows.next().expect("a row") {
        found += row.get::<_, String>(0).expect("a name").len();
    }
    assert!(found > 0);
    // As fft does with what was only read.
    std::process::exit(0);
}

#[cfg(not(feature = "duckdb"))]
fn look_alone(_file: &Path) {}

/// The same statements, each in a transaction of its own, on one connection to a new file; each `with_meta` row or
/// without.
#[cfg(feature = "duckdb")]
fn engine_alone(project: &Project, folder: &Path, with_meta: bool) -> f64 {
    let file = folder.join("alone.duckdb");
    drop(std::fs::remove_file(&file));
    let started = Instant::now();
    {
        let connection = duckdb::Connection::open(&file).expect("a new database");
        let columns = "catalog_name, schema_name, relation_name, node_name, project, fingerprint, state, engine, built_at, \
                       run_id, git_commit, upstream_builds, identity, record";
        let typed = columns.replace(',', " varchar not null,");
        connection.execute_batch(&format!("create table _ff_meta ({typed} varchar not null)")).expect("a table");
        // About as long as the record of a build.
        let record = "0123456789abcdef".repeat(80);
        let build = |name: &str, sql: &str| {
            if !with_meta {
                return connection.execute_batch(sql);
            }
            connection.execute_batch("begin")?;
            connection.execute_batch(sql)?;
            let (fingerprint, at) = ("0123456789abcdef".repeat(4), "2026-01-02T03:04:05Z");
            connection.execute_batch(&format!(
                "insert into _ff_meta ({columns})
                 values ('alone', 'main', '{name}', '{name}.ff', 'synth', '{fingerprint}', 'built', 'duckdb', '{at}',
                         '{at}-0123abcd', '{at}', '{{\"seed_00\": \"{at}-0123abcd\"}}', '{{\"token\": \"{fingerprint}\"}}',
                         '{record}')"
            ))?;
            connection.execute_batch("commit")
        };
        for seed in 0..SEEDS {
            let path = folder.join(format!("seeds/seed_{seed:02}.csv"));
            let sql = format!("create or replace table seed_{seed:02} as select * from read_csv('{}')", path.display());
            build(&format!("seed_{seed:02}"), &sql).expect("a seed");
        }
        for model in &project.models {
            let kind = if model.view { "view" } else { "table" };
            let sql = format!(
                "create or replace {kind} {} as {}",
                model.name,
                model.sql(|name| name.into(), |seed| format!("seed_{seed:02}"))
            );
            build(&model.name, &sql).expect("a model");
        }
    }
    started.elapsed().as_secs_f64() * 1000.0
}

/// The same on one connection to a server, seeds by `copy`.
fn server_alone(project: &Project, dsn: &str, with_meta: bool) -> f64 {
    let mut client = server::connect(dsn);
    client
        .batch_execute(
            "drop schema if exists alone cascade; create schema alone; set search_path = alone;
             create table _ff_meta (catalog_name text, schema_name text, relation_name text, node_name text, project text,
                                    fingerprint text, state text, engine text, built_at text, run_id text,
                                    git_commit text, upstream_builds text, identity text, record text);
             create index on _ff_meta (catalog_name, schema_name, relation_name)",
        )
        .expect("an empty schema");
    let started = Instant::now();
    let meta = |name: &str| match with_meta {
        true => {
            let (fingerprint, at) = ("0123456789abcdef".repeat(4), "2026-01-02T03:04:05Z");
            let record = "0123456789abcdef".repeat(80);
            format!(
                "insert into _ff_meta
                 values ('db', 'alone', '{name}', '{name}.ff', 'synth', '{fingerprint}', 'built', 'postgres', '{at}',
                         '{at}-0123abcd', '{at}', '{{}}', '{{\"token\": \"{fingerprint}\"}}', '{record}');"
            )
        }
        false => String::new(),
    };
    for seed in 0..SEEDS {
        let name = format!("seed_{seed:02}");
        let mut transaction = client.transaction().expect("a transaction");
        transaction.batch_execute(&format!("create table {name} (id bigint, grp text, val bigint)")).expect("a table");
        let mut writer = transaction.copy_in(&format!("copy {name} from stdin (format csv)")).expect("a copy");
        std::io::Write::write_all(&mut writer, seed_rows().as_bytes()).expect("rows");
        writer.finish().expect("rows");
        transaction.batch_execute(&meta(&name)).expect("a row");
        transaction.commit().expect("a commit");
    }
    for model in &project.models {
        let kind = if model.view { "view" } else { "table" };
        let sql = model.sql(|name| name.into(), |seed| format!("seed_{seed:02}"));
        let statement = format!("begin; create {kind} {} as {sql}; {} commit", model.name, meta(&model.name));
        client.batch_execute(&statement).expect("a model");
    }
    started.elapsed().as_secs_f64() * 1000.0
}

#[cfg(not(feature = "duckdb"))]
fn engine_alone(_project: &Project, _folder: &Path, _with_meta: bool) -> f64 {
    f64::NAN
}
