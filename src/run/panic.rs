//! What becomes of a panic: it ends a command as a bug, and never takes the record of a run with it.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// What `work` gives; `None` where it ended in a panic, which has been told by the process's hook.
///
/// It stands around a command as a whole, and within it around what goes on while a run is under way, where the outcomes
/// so far are recorded. What a panic leaves half done is the caller's to leave alone. A worker's own panic never gets here:
/// it is an outcome of the node (`execute/worker.rs`).
pub fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}
