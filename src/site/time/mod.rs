//! Time and history: where the time of a run went, a node over the kept runs, all nodes over the kept runs, what the
//! records advise, what days cost.

pub mod cost;
pub mod gantt;
pub mod grid;
pub mod mark;
pub mod run;
pub mod strip;
#[cfg(test)]
mod tests;
