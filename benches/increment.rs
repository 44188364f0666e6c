//! What extending a large table costs beside the bare statements: a table of DuckDB into which new rows are merged.
//!
//! `cargo bench --profile dev --config profile.dev.opt-level=3 --bench increment -- [ROWS] [NEW]` (10,000,000 and 10,000 by
//! default)
//!
//! Prints medians of whole processes in milliseconds: `fft run` on one database, and on a copy of it a process that makes
//! the new rows, brings them in and commits, as somebody would by hand, with nothing looked at and nothing recorded; and
//! their ratio within this run. Half of the new rows take the place of some that stand.

#![expect(clippy::disallowed_methods, reason = "a bench works on real files")]

use duckdb::Connection;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

const ROUNDS: usize = 5;
/// Asks this bench to send the bare statements to a database.
const BARE: &str = "--bare";
const FILE: &str = ".local/large.duckdb";
const COPY: &str = ".local/copy.duckdb";

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, asked, file, ..] = arguments.as_slice()
        && asked == BARE
    {
        return bare(Path::new(file));
    }
    let numbers: Vec<u64> = arguments.iter().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let (rows, new) = (numbers.first().copied().unwrap_or(10_000_000), numbers.get(1).copied().unwrap_or(10_000));
    let folder = tempfile::tempdir().expect("a temporary folder");
    write(folder.path(), rows);
    fft(folder.path());
    std::fs::copy(folder.path().join(FILE), folder.path().join(COPY)).expect("a copy");
    let (mut extended, mut alone) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS as u64 {
        for file in [FILE, COPY] {
            arrive(&folder.path().join(file), rows, new, round);
        }
        extended.push(fft(folder.path()));
        let this = std::env::current_exe().expect("this bench");
        alone.push(timed(Command::new(this).arg(BARE).arg(folder.path().join(COPY))));
        assert_eq!(sum(&folder.path().join(FILE)), sum(&folder.path().join(COPY)), "both hold the same rows");
    }
    let (extended, alone) = (median(extended), median(alone));
    println!("{:>12}  {:>8}  {:>9}  {:>9}  {:>6}", "rows", "new", "fft ms", "bare ms", "ratio");
    println!("{rows:>12}  {new:>8}  {extended:>9.1}  {alone:>9.1}  {:>6.2}", extended / alone);
}

/// A project with one incremental model over a table that fft doesn't build.
fn write(folder: &Path, rows: u64) {
    let put = |path: &str, text: &str| {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    };
    put("project.yml", "name: large\n");
    put("profiles.yml", &format!("dev:\n  engine: duckdb\n  duckdb:\n    path: {FILE}\n    db_schema: main\n"));
    put("sources.yml", "version: 2\nsources:\n  - name: raw\n    schema: main\n    tables: [{name: arrivals}]\n");
    put(
        "models/large.ff.sql",
        "{{ config(materialized='incremental', unique_key='id', incremental={'updated_at_column': 'came'}) }}\n\
         select id, came, value, words from {{ source('raw', 'arrivals') }}\n",
    );
    std::fs::create_dir_all(folder.join(".local")).expect("a folder");
    let database = Connection::open(folder.join(FILE)).expect("a database");
    let made = "create table arrivals as select i as id, timestamp '2026-01-01' + to_seconds(i // 100) as came, \
                i * 7 % 1000 as value, 'row ' || i as words";
    database.execute_batch(&format!("{made} from range({rows}) t(i)")).expect("rows");
}

/// New rows of a round, half of them for keys that stand, others in each round: the youngest are read again.
fn arrive(file: &Path, rows: u64, new: u64, round: u64) {
    let half = new / 2;
    assert!(half * 97 + round < rows, "there are too few rows to take the place of");
    let sql = format!(
        "insert into arrivals
         select case when i < {half} then i * 97 + {round} else {rows} + {round} * {new} + i end,
                timestamp '2027-01-01' + to_days({round}), i + {round}, 'new ' || i
         from range({new}) t(i)"
    );
    Connection::open(file).expect("a database").execute_batch(&sql).expect("new rows");
}

/// What somebody would send by hand.
fn bare(file: &Path) {
    let database = Connection::open(file).expect("a database");
    let sql = "begin;
        create temporary table delta as
          select id, came, value, words from arrivals where came >= (select max(came) from large);
        update large as t set came = d.came, value = d.value, words = d.words from delta as d where t.id = d.id;
        insert into large select * from delta as d where not exists (select 1 from large as t where t.id = d.id);
        commit;";
    database.execute_batch(sql).expect("the statements");
}

/// What tells the rows of the table from others.
fn sum(file: &Path) -> String {
    let sql = "select count(*)::varchar || ' ' || sum(hash(id, came, value, words))::varchar from large";
    Connection::open(file).expect("a database").query_row(sql, [], |row| row.get(0)).expect("a sum")
}

fn fft(folder: &Path) -> f64 {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fft"));
    command.args(["run", ".", "--quiet", "--no-docs"]).current_dir(folder);
    timed(&mut command)
}

fn timed(command: &mut Command) -> f64 {
    let started = Instant::now();
    let status = command.stdout(Stdio::null()).status().expect("it runs");
    assert!(status.success(), "{command:?}");
    started.elapsed().as_secs_f64() * 1000.0
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
