//! Tells the binary which commit it is built from, where that can be known, and for which machine; with the feature `icu`
//! it compiles DuckDB's extension of that name to be linked.

#![expect(clippy::disallowed_methods, reason = "a build script is outside of every World")]

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the binary is made from.
const SOURCES: [&str; 6] = ["src", "static", "templates", "Cargo.toml", "Cargo.lock", "build.rs"];

fn main() {
    println!("cargo::rerun-if-env-changed=FFT_COMMIT");
    SOURCES.iter().for_each(|source| println!("cargo::rerun-if-changed={source}"));
    // An archive has no repository; whoever builds one may say what it is.
    let given = env::var("FFT_COMMIT").ok().filter(|commit| !commit.is_empty());
    let commit = given.or_else(commit).unwrap_or_else(|| "unknown".into());
    println!("cargo::rustc-env=FFT_BUILD_COMMIT={}", commit.trim());
    println!("cargo::rustc-env=FFT_BUILD_TARGET={}", env::var("TARGET").unwrap_or_default());
    #[cfg(feature = "icu")]
    icu();
}

/// Compiles the extension `icu`, whose sources the package of DuckDB that Rust builds leaves out, and what has every
/// database load it.
#[cfg(feature = "icu")]
fn icu() {
    println!("cargo::rerun-if-env-changed=DUCKDB_SOURCES");
    let sources = env::var_os("DUCKDB_SOURCES").map(PathBuf::from).unwrap_or_default();
    let icu = sources.join("extension/icu");
    if !icu.join("icu_extension.cpp").exists() {
        panic!("the feature `icu` needs DuckDB's sources: set DUCKDB_SOURCES to what `.ci/duckdb-sources` prints");
    }
    let headers = PathBuf::from(env::var_os("DEP_DUCKDB_INCLUDE").expect("told by the package that compiles DuckDB"));
    let registration = "src/engine/duckdb/icu.cpp";
    println!("cargo::rerun-if-changed={registration}");
    let mut build = cc::Build::new();
    // As DuckDB itself is compiled: classes have other members with and without its assertions.
    build.cpp(true).std("c++17").warnings(false).opt_level(2).debug(false).define("NDEBUG", None);
    build.include(&headers).file(registration).link_lib_modifier("+whole-archive");
    for library in entries(&headers.join("../../third_party")) {
        build.include(library.join("include"));
    }
    for folder in ["", "collation", "collation/generated", "datetime", "datetime/generated"] {
        let folder = icu.join(folder);
        build.include(folder.join("include"));
        let is_source = |file: &PathBuf| file.extension().is_some_and(|extension| extension == "cpp");
        build.files(entries(&folder).into_iter().filter(is_source));
    }
    build.compile("fft_duckdb_icu");
}

/// What is in a folder, sorted.
#[cfg(feature = "icu")]
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("DuckDB's sources can be read");
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// The commit of this checkout, `-dirty` behind it where the sources aren't as it has them. A repository further up
/// isn't ours.
fn commit() -> Option<String> {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR")?);
    let top = git(&here, &["rev-parse", "--show-toplevel"])?;
    if Path::new(&top).canonicalize().ok()? != here.canonicalize().ok()? {
        return None;
    }
    let branch = git(&here, &["symbolic-ref", "--quiet", "HEAD"]);
    for name in [Some("HEAD"), Some("packed-refs"), branch.as_deref()].into_iter().flatten() {
        if let Some(path) = git(&here, &["rev-parse", "--git-path", name]).filter(|path| here.join(path).exists()) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    let commit = git(&here, &["rev-parse", "HEAD"])?;
    let status = ["status", "--porcelain", "--untracked-files=all", "--"];
    let changes = git(&here, &[&status[..], &SOURCES].concat())?;
    Some(if changes.is_empty() { commit } else { format!("{commit}-dirty") })
}

fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    // Looking must not write: another git may be at work.
    let output = Command::new("git").arg("--no-optional-locks").args(arguments).current_dir(folder).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_string())
}
