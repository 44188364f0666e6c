//! Decisions against an independent table, in scenarios and on random graphs.

mod cutoff;
mod diffs;
mod earlier;
mod random;
mod scenario;
mod step;
mod table;
mod town;
