//! What the engines share that are Spark: its plans, errors, types and the queries that only it understands.

mod error;
mod explain;
mod place;
mod recipe;
mod source;
mod stored;
mod types;

pub(super) use error::told;
pub(super) use explain::{explain, explained};
pub(super) use recipe::Stored;
pub(super) use source::{counted, rows_version, sums};
pub(super) use stored::stored;
pub(super) use types::arrow_schema;
