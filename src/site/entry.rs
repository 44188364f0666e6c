//! A node of a run as audits and shards tell it: the run that its relation is of, and how many rows it holds.

use super::history::RunSummary;
use crate::artifact::results::{ResultRow, RunResults};
use crate::artifact::wire::commit_words;
use crate::execute::Status;

/// The build that a node's relation is of, as far as the records tell.
#[derive(Clone, Copy)]
pub struct Built<'a> {
    pub run: &'a str,
    pub at: Option<&'a str>,
    pub commit: Option<&'a str>,
    pub dirty: Option<bool>,
    /// Files that weren't those of the commit, where they were counted.
    pub uncommitted: Option<usize>,
}

impl<'a> Built<'a> {
    /// Its commit in words.
    pub fn commit_words(&self) -> Option<String> {
        self.commit.map(|commit| commit_words(commit, self.dirty, self.uncommitted))
    }

    /// The run itself where it built the node, else the one that its decision was made against.
    pub fn of(results: &'a RunResults, row: &'a ResultRow) -> Option<Built<'a>> {
        if row.status == Status::Success {
            let metadata = &results.metadata;
            return Some(Built {
                run: &metadata.run_id,
                at: row.finished_at.as_deref(),
                commit: metadata.git.commit.as_deref(),
                dirty: metadata.git.dirty,
                uncommitted: metadata.git.uncommitted(),
            });
        }
        let baseline = row.decision.baseline.as_ref()?;
        Some(Built {
            run: &baseline.run_id,
            at: Some(&baseline.built_at),
            commit: baseline.git_commit.as_deref(),
            dirty: baseline.git_dirty,
            uncommitted: None,
        })
    }
}

/// The rows that the node's relation holds after the run: those that it built, or that the kept run did which built it.
pub fn rows(runs: &[RunSummary], results: &RunResults, row: &ResultRow) -> Option<u64> {
    row.rows.or_else(|| {
        let built = Built::of(results, row)?;
        rows_of(runs, built.run, &row.name)
    })
}

/// The rows that a kept run gave a node.
pub fn rows_of(runs: &[RunSummary], run_id: &str, node: &str) -> Option<u64> {
    runs.iter().find(|run| run.run_id == run_id)?.nodes.get(node)?.rows
}
