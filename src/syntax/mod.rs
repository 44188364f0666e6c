//! What a source text says without running it: SQL tokens, Python syntax, the table in a CSV file.

pub mod audience;
pub mod csv;
pub mod depth;
pub mod jinja;
pub mod moves;
pub mod python;
pub mod relation;
pub mod sql;
