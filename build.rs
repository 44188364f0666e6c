//! Tells the binary which commit it is built from, where that can be known, and for which machine.

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
