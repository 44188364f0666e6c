//! What a query is expected to scan against what DuckDB measured when it ran: scans, filters, joins, views over views,
//! Parquet, CSV and seeds, from a thousand rows to ten million.
//!
//! `cargo bench --profile dev --config profile.dev.opt-level=3 --bench estimate -- [ROWS …]`
//!
//! Prints a Markdown table of expected over measured bytes. Plain scans must be within a factor of 2: the bench fails otherwise.

#![expect(clippy::disallowed_methods, reason = "a bench works on real files")]

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// Name, what it is, SQL over the table `base` (or a file), and whether its estimate must be close.
const QUERIES: [(&str, &str, &str, bool); 9] = [
    ("scan", "all columns of a table", "select * from {{ ref('base') }}", true),
    ("columns", "two of its columns", "select id, name from {{ ref('base') }}", true),
    ("filter", "a filter that leaves a seventh", "select id, name from {{ ref('base') }} where g = 3", true),
    ("range", "a range at the table's start", "select id, name from {{ ref('base') }} where id < 500", false),
    (
        "join",
        "a join of the table with itself",
        "select a.id, b.name from {{ ref('base') }} a join {{ ref('base') }} b on a.id = b.id + 1",
        true,
    ),
    ("aggregate", "sums by a group", "select g, sum(x) as x from {{ ref('base') }} group by g", true),
    ("views", "a view over a view", "select id, name from {{ ref('over') }} where g < 5", true),
    ("parquet", "two columns of a Parquet file", "select id, name from 'FOLDER/base.parquet'", true),
    ("csv", "a CSV file", "select id, name from read_csv('FOLDER/base.csv')", true),
];

fn main() {
    let sizes: Vec<usize> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![1_000, 100_000, 1_000_000, 10_000_000] } else { sizes };
    let mut table: Vec<(&str, Vec<(u64, f64)>)> = Vec::new();
    let mut wrong = Vec::new();
    for size in &sizes {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (place, (what, close, expected, measured)) in compare(folder.path(), *size).into_iter().enumerate() {
            let ratio = expected as f64 / measured as f64;
            if close && !(0.5..=2.0).contains(&ratio) {
                wrong.push(format!("{what} of {size} rows: {ratio:.2}"));
            }
            if table.len() == place {
                table.push((what, Vec::new()));
            }
            table[place].1.push((measured, ratio));
        }
    }
    let heads: Vec<String> = sizes.iter().map(|size| format!("{size} rows")).collect();
    println!("| query | measured bytes, {} | {} |", heads.last().expect("a size"), heads.join(" | "));
    println!("|---|---{}|", "|---".repeat(heads.len()));
    for (what, figures) in table {
        let ratios: Vec<String> = figures.iter().map(|(_, ratio)| format!("{ratio:.2}")).collect();
        println!("| {what} | {} | {} |", figures.last().expect("a figure").0, ratios.join(" | "));
    }
    assert!(wrong.is_empty(), "not within a factor of 2: {}", wrong.join(", "));
}

/// Each query's words, whether it must be close, bytes expected and bytes measured.
fn compare(folder: &Path, rows: usize) -> Vec<(&'static str, bool, u64, u64)> {
    write(folder, rows);
    fft(folder, &["run", "--select", "base", "over", "--quiet"]);
    export(folder);
    let put = |name: &str, sql: &str| {
        let sql = sql.replace("FOLDER", &folder.display().to_string());
        std::fs::write(folder.join(format!("models/{name}.ff.sql")), format!("{sql}\n")).expect("a model");
    };
    QUERIES.iter().for_each(|(name, _, sql, _)| put(name, sql));
    std::fs::create_dir_all(folder.join("seeds")).expect("a folder");
    std::fs::copy(folder.join("base.csv"), folder.join("seeds/seed.csv")).expect("a seed");
    let plan: Value = serde_json::from_slice(&fft(folder, &["plan", "--json"])).expect("JSON");
    let expected = |name: &str| plan["expected"]["nodes"][name].as_u64().unwrap_or_default();
    fft(folder, &["run", "--quiet", "--jobs", "1"]);
    let results = std::fs::read(folder.join(".fastflowtransform/target/run_results.json")).expect("results");
    let results: Value = serde_json::from_slice(&results).expect("JSON");
    let measured: BTreeMap<&str, u64> = results["results"]
        .as_array()
        .expect("rows")
        .iter()
        .filter_map(|row| Some((row["name"].as_str()?, row["bytes_scanned"].as_u64()?)))
        .collect();
    let figure = |name: &str| measured.get(name).copied().unwrap_or_default();
    let queries = QUERIES.iter().map(|(name, what, _, close)| {
        let node = format!("{name}.ff");
        (*what, *close, expected(&node), figure(&node))
    });
    queries.chain([("a seed", true, expected("seed"), figure("seed"))]).collect()
}

fn write(folder: &Path, rows: usize) {
    let put = |path: &str, text: &str| {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().expect("a file in a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    };
    put("project.yml", "name: estimate\nversion: '1'\n");
    put("profiles.yml", "dev:\n  engine: duckdb\n  duckdb:\n    path: base.duckdb\n");
    put("budgets.yml", "total: {bytes_scanned: {warn: 1TB}}\n");
    let base = format!(
        "select i as id, (i * 7919 % 1000) / 10.0 as x, i % 7 as g, 'name ' || (i * 31 % 100000) as name, \
         date '2020-01-01' + (i % 1000)::integer as day from range({rows}) t(i)\n"
    );
    put("models/base.ff.sql", &base);
    put("models/under.ff.sql", "{{ config(materialized='view') }}select id, g, name from {{ ref('base') }}\n");
    put("models/over.ff.sql", "{{ config(materialized='view') }}select * from {{ ref('under') }} where id >= 0\n");
}

/// The table as files.
#[cfg(feature = "duckdb")]
fn export(folder: &Path) {
    let connection = duckdb::Connection::open(folder.join("base.duckdb")).expect("the database");
    for (name, options) in [("csv", "format csv, header"), ("parquet", "format parquet")] {
        let file = folder.join(format!("base.{name}"));
        connection.execute_batch(&format!("copy base to '{}' ({options})", file.display())).expect("a file");
    }
}

#[cfg(not(feature = "duckdb"))]
fn export(_folder: &Path) {}

fn fft(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let output =
        Command::new(env!("CARGO_BIN_EXE_fft")).args(arguments).current_dir(folder).output().expect("fft runs");
    assert!(output.status.success(), "fft {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}
