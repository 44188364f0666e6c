//! Files that a query reads in the place of relations: where they are, and which of them a text names.

use crate::project::SourceTable;

/// A file, or files, that a query reads beside relations.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileRead {
    /// What stands there is a path or a pattern.
    Named(String),
    /// It looks like a path; whether it is one shows when the file is there.
    Perhaps(String),
    /// A reader is called with what isn't known before the query runs: the call in words.
    Unknown(String),
}

/// What is wrong with how a source says where its files are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileProblem {
    pub message: String,
    pub hint: String,
}

/// Whether a place is somewhere on the network, or handed over by the shell.
pub fn is_remote(path: &str) -> bool {
    path.contains("://") || path.starts_with("hf:") || path == "/dev/stdin"
}

/// Where a place on the network is, without the rest, which may let in whoever knows it: `https://example.org`.
pub fn origin(path: &str) -> String {
    let Some((scheme, rest)) = path.split_once("://") else {
        return path.split(['/', '?']).next().unwrap_or_default().to_string();
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}")
}

/// Whether a place counts from the project's folder.
pub fn is_relative(path: &str) -> bool {
    !is_remote(path) && !path.starts_with(['/', '~'])
}

/// How messages name a source.
pub(super) fn source_name(source: &SourceTable) -> String {
    format!("source `{}.{}`", source.group, source.table)
}
