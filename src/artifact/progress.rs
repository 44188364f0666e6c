//! `progress.json`: how far the run under way has come, for whoever looks on.
//!
//! The run writes it as nodes end, without fsync and never for more than a small part of its time, and removes it at its
//! end. What a run left that was killed is told by its process: a number that is no longer that of the process that
//! wrote the file means that nothing is under way.

use super::Layout;
use crate::engine::{is_gone, this_process};
use crate::world::{World, instant};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Writing takes at most one in so many parts of a run, beyond [`CREDIT`].
const SHARE: u32 = 50;

/// What writing may take in any case: many nodes may end at one moment.
const CREDIT: Duration = Duration::from_millis(5);

/// How far a run has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Nodes that were to be built and have come to their end.
    pub done: usize,
    /// Those of them that failed or weren't reached.
    pub failed: usize,
    /// Nodes to be built.
    pub of: usize,
    /// The process, as no other is called.
    process: String,
    pub run_id: String,
    pub started_at: String,
}

impl Progress {
    /// `a run is going on: 34 of 310, 2 failed`.
    pub fn words(&self) -> String {
        let failed = if self.failed > 0 { format!(", {} failed", self.failed) } else { String::new() };
        format!("a run is going on: {} of {}{failed}", self.done, self.of)
    }
}

/// The run under way; `None` where there is none, where it has nothing to build, and where the system doesn't tell which
/// processes there are.
pub fn under_way(world: &dyn World, layout: &Layout) -> Option<Progress> {
    let progress: Progress = serde_json::from_slice(&world.read(&layout.progress()).ok()?).ok()?;
    (!is_gone(&progress.process)).then_some(progress)
}

/// Writes how far a run has come; removes the file when it is dropped.
pub struct Reporter {
    world: Arc<dyn World>,
    path: PathBuf,
    progress: Option<Progress>,
    began: Duration,
    spent: Duration,
}

impl Reporter {
    /// Of a run that is to build `of` nodes.
    pub fn new(world: Arc<dyn World>, layout: &Layout, run_id: &str, started_at: Timestamp, of: usize) -> Reporter {
        let process = this_process().filter(|_| of > 0);
        let progress = process.map(|process| Progress {
            done: 0,
            failed: 0,
            of,
            process,
            run_id: run_id.into(),
            started_at: instant(started_at),
        });
        let began = world.elapsed();
        let mut reporter = Reporter { world, path: layout.progress(), progress, began, spent: Duration::ZERO };
        reporter.write();
        reporter
    }

    /// A node that was to be built has come to its end.
    pub fn ended(&mut self, well: bool) {
        let Some(progress) = &mut self.progress else { return };
        progress.done += 1;
        progress.failed += usize::from(!well);
        if self.spent * SHARE <= self.world.elapsed().saturating_sub(self.began) + CREDIT * SHARE {
            self.write();
        }
    }

    /// Nobody depends on it: a write that fails is left at that.
    fn write(&mut self) {
        let Some(progress) = &self.progress else { return };
        let from = self.world.elapsed();
        let bytes = serde_json::to_vec(progress).expect("invariant: progress is JSON");
        let _ = self.world.store(&self.path, &bytes);
        self.spent += self.world.elapsed().saturating_sub(from);
    }
}

impl Drop for Reporter {
    fn drop(&mut self) {
        let _ = self.world.remove(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::MemoryWorld;
    use std::path::Path;

    #[test]
    fn a_run_tells_how_far_it_is_until_it_ends() {
        let world = Arc::new(MemoryWorld::new());
        let layout = Layout::new(Path::new("/p"));
        assert_eq!(under_way(&*world, &layout), None);
        let mut reporter = Reporter::new(world.clone(), &layout, "r1", Timestamp::UNIX_EPOCH, 3);
        if this_process().is_none() {
            return;
        }
        reporter.ended(true);
        reporter.ended(false);
        assert_eq!(under_way(&*world, &layout).unwrap().words(), "a run is going on: 2 of 3, 1 failed");
        drop(reporter);
        assert_eq!(under_way(&*world, &layout), None);
        assert!(!world.exists(&layout.progress()));
        drop(Reporter::new(world.clone(), &layout, "r2", Timestamp::UNIX_EPOCH, 0));
        assert_eq!(under_way(&*world, &layout), None, "nothing to build");
    }

    #[test]
    fn what_a_killed_run_left_is_no_run_under_way() {
        let Some(process) = crate::engine::ended_process() else { return };
        let world = MemoryWorld::new();
        let layout = Layout::new(Path::new("/p"));
        let (run_id, started_at) = ("r1".to_string(), "2026-11-28T00:00:00.000Z".to_string());
        let left = Progress { done: 1, failed: 0, of: 9, process, run_id, started_at };
        world.put(layout.progress(), serde_json::to_vec(&left).unwrap());
        assert_eq!(under_way(&world, &layout), None);
        world.put(layout.progress(), b"{\"done\":");
        assert_eq!(under_way(&world, &layout), None, "cut off");
    }
}
