//! Packages: projects whose models, macros, seeds and sources are part of another project.
//!
//! ```text
//!  packages.yml ──requirement──▶ [Requirement] ──walk──▶ [Found] ──join──▶ Project
//!  packages.lock.yml ──lock──▶ Lock ──────────────────────┘
//! ```
//!
//! `walk` follows what packages ask for in turn; where a repository's files are is told by whoever walks: `fft deps`
//! fetches them, every other command takes those that the lock names. `locked` is all that loading a project needs.

mod contents;
mod join;
mod lock;
mod locked;
mod requirement;
mod version;
mod walk;

use contents::contents;
pub(super) use join::{Whole, join};
pub use lock::{Lock, Locked};
pub use locked::lock;
pub(super) use locked::locked;
pub use requirement::{Asked, GitAsked, Requirement, Wanted};
pub use version::Dependency;
pub(super) use version::dependencies;
pub use walk::{Found, Locate, Repository, resolve};

use super::STATE;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What a project asks for, in its folder.
pub const FILE: &str = "packages.yml";
/// What it was given.
pub const LOCK: &str = "packages.lock.yml";
/// What was fetched, in the folder of records.
pub const FOLDER: &str = "packages";
/// How to mend what doesn't fit.
const DEPS: &str = "run `fft deps`";

/// A package of a project.
#[derive(Clone, Debug, PartialEq)]
pub struct Package {
    pub name: String,
    pub version: String,
    /// How the paths of its files begin: the folder from the project's, or `.fastflowtransform/packages/<name>` for what was
    /// fetched, whatever commit it is of, so that another commit moves no file.
    pub dir: String,
    /// The folder on this machine, absolute.
    pub folder: PathBuf,
    pub source: Source,
    /// What `var()` gives in its models.
    pub vars: BTreeMap<String, Value>,
}

/// Where a package comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A folder, as it is counted from the project's; with `within`, from the top of the repository that this package was
    /// fetched from.
    Path {
        path: String,
        within: Option<String>,
    },
    Git {
        asked: GitAsked,
        commit: String,
    },
}

/// Where paths of a fetched package begin, as they are shown.
fn shown_dir(name: &str) -> String {
    format!("{STATE}/packages/{name}")
}

/// A path without `.`, `..` and empty parts where those say nothing; empty for the folder that it counts from.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        match parts.last() {
            Some(last) if part == ".." && *last != ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

/// Two parts of a path as one.
fn joined(dir: &str, path: &str) -> String {
    normal(&format!("{dir}/{path}"))
}

#[cfg(test)]
mod tests;
