//! What a source text says without running it: SQL tokens, Python syntax.

pub mod python;
pub mod relation;
pub mod sql;
