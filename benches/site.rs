//! The site of synthetic projects: how long it takes to write, to bring up to date after a run with nothing to do and
//! after a change, and what its pages weigh.
//!
//! `cargo bench --profile dev --config profile.dev.opt-level=3 --bench site -- [MODELS …]` (100, 1,000 and 10,000 by
//! default) uses the engine that daily work compiled.
//!
//! `cargo bench --bench site -- --sample NODES FOLDER` measures nothing: it makes a project with made-up artifacts of so
//! many nodes (failures, several causes, two runs) in the folder, and its site, which needs no database.
//!
//! Prints medians of whole processes in milliseconds; what a run's refresh costs is the difference of runs with and
//! without `--no-docs`, one beside the other.

#![expect(clippy::disallowed_methods, reason = "a bench works on real files")]

#[path = "project/artifacts.rs"]
mod artifacts;
mod project;
#[path = "project/written.rs"]
mod written;

use flate2::Compression;
use flate2::write::GzEncoder;
use project::Project;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [flag, nodes, folder] = arguments.as_slice()
        && flag == "--sample"
    {
        let folder = Path::new(folder);
        written::write(folder, project::DUCKDB, &artifacts::artifacts(nodes.parse().expect("a number of nodes")));
        fft(folder, &["docs", "build", "."]);
        return;
    }
    let sizes: Vec<usize> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![100, 1000, 10_000] } else { sizes };
    for size in sizes {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Project::new(size).write(folder.path(), project::DUCKDB);
        measure(size, folder.path());
    }
}

fn measure(size: usize, folder: &Path) {
    fft(folder, &["run", ".", "--quiet", "--no-docs"]);
    let rounds = if size > 1000 { 3 } else { 7 };
    let whole: Vec<f64> = (0..rounds)
        .map(|_| {
            drop(std::fs::remove_dir_all(folder.join("site")));
            fft(folder, &["docs", "build", "."])
        })
        .collect();
    let again: Vec<f64> = (0..rounds).map(|_| fft(folder, &["docs", "build", "."])).collect();
    // The second run's pages of nodes tell of a skip, the third's are the same.
    fft(folder, &["run", ".", "--quiet"]);
    let (mut bare, mut with) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        bare.push(fft(folder, &["run", ".", "--quiet", "--no-docs"]));
        fft(folder, &["docs", "build", "."]);
        with.push(fft(folder, &["run", ".", "--quiet"]));
    }
    let seed = folder.join("seeds/seed_00.csv");
    let text = std::fs::read_to_string(&seed).expect("a seed");
    std::fs::write(&seed, text + "100000,g1,7\n").expect("a seed");
    fft(folder, &["run", ".", "--quiet", "--no-docs"]);
    let changed = fft(folder, &["docs", "build", "."]);
    let (bare, with) = (median(bare), median(with));
    println!("{size} models");
    println!("  docs build, nothing there   {:>8.0} ms", median(whole));
    println!("  docs build, nothing to do   {:>8.0} ms", median(again));
    println!("  docs build, a seed changed  {changed:>8.0} ms");
    println!("  no-op run, without the site {bare:>8.0} ms");
    println!("  no-op run, with the site    {with:>8.0} ms, {:.0} ms more", with - bare);
    weigh(&folder.join("site/dag"));
}

fn fft(folder: &Path, arguments: &[&str]) -> f64 {
    let started = Instant::now();
    let status = Command::new(env!("CARGO_BIN_EXE_fft"))
        .args(arguments)
        .current_dir(folder)
        .stdout(Stdio::null())
        .status()
        .expect("fft runs");
    assert!(status.success(), "fft {arguments:?} failed");
    started.elapsed().as_secs_f64() * 1000.0
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Kilobytes of what a browser loads, as they are and compressed.
fn weigh(site: &Path) {
    let files = files(site, "");
    let total: usize =
        files.iter().map(|file| std::fs::metadata(site.join(file)).map_or(0, |data| data.len() as usize)).sum();
    println!("  {} files, {:.1} MB", files.len(), total as f64 / 1e6);
    let nodes: Vec<&String> = files.iter().filter(|file| file.starts_with("nodes/")).collect();
    let weight = |file: &&String| std::fs::metadata(site.join(file)).map_or(0, |data| data.len() as usize);
    let columns: usize = files.iter().filter(|file| file.starts_with("columns/")).map(|file| weight(&file)).sum();
    println!("  pages of columns {:>8.1} kB a node", columns as f64 / 1e3 / nodes.len() as f64);
    let mut wanted: Vec<&str> = vec!["index.html", "audit.html", nodes[nodes.len() / 2]];
    wanted.extend(files.iter().map(String::as_str).filter(|file| {
        file.starts_with("assets/")
            || ["graph-", "search-", "run-"].iter().any(|name| file.starts_with(&format!("data/{name}")))
    }));
    for file in wanted {
        let bytes = std::fs::read(site.join(file)).expect("a file of the site");
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(&bytes).expect("memory");
        let packed = packed.finish().expect("memory").len();
        println!("  {file:<44} {:>9.1} kB, {:>7.1} kB gzipped", bytes.len() as f64 / 1e3, packed as f64 / 1e3);
    }
}

/// Paths of all files below `site`.
fn files(site: &Path, below: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(site.join(below)).expect("a folder of the site") {
        let entry = entry.expect("an entry");
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        match entry.path().is_dir() {
            true => found.extend(files(site, &format!("{name}/"))),
            false => found.push(name),
        }
    }
    found.sort();
    found
}
