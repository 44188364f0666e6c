//! Decisions against an independent table, in scenarios and on random graphs.

mod columns;
mod cutoff;
mod diffs;
mod earlier;
mod growth;
mod query;
mod random;
mod scenario;
mod step;
mod table;
mod town;
