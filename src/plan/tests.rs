//! Decisions against an independent table, in scenarios and on random graphs; causes in words and as JSON.

mod cutoff;
mod diffs;
mod random;
mod scenario;
mod table;
mod town;
mod wire;
