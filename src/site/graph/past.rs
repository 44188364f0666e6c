//! What kept runs tell of a node beside the last run's own row: how many rows it had before, and what its last build took.

use crate::execute::Status;
use crate::site::history::{NodeBuild, RunSummary};
use serde::Serialize;

/// Of one node; `None` for what no kept run tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Past {
    /// Rows of the build before the last run's own.
    pub rows_before: Option<u64>,
    /// Rows and milliseconds of the newest build, the last run's own included.
    pub rows: Option<u64>,
    pub milliseconds: Option<u64>,
}

impl Past {
    /// From the node's builds, newest first; `run` is the last run.
    pub fn of(run: &str, builds: &[(&RunSummary, &NodeBuild)]) -> Past {
        let done = || builds.iter().filter(|(_, build)| build.status == Status::Success);
        let newest = done().next();
        // Only a node that the last run built has rows before and after.
        let built_now = newest.is_some_and(|(summary, _)| summary.run_id == run);
        Past {
            rows_before: done().nth(1).filter(|_| built_now).and_then(|(_, build)| build.rows),
            rows: newest.and_then(|(_, build)| build.rows),
            milliseconds: newest.and_then(|(_, build)| build.duration_ms),
        }
    }
}
