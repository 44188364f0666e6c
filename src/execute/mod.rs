//! Carries a plan out: a scheduler over worker threads, one node's build, and what came of each.

mod outcome;

pub use outcome::{Outcome, Run, Status};
