//! What a query and a run may cost, and how old data may be: the guard in front of a query, budgets over what ran,
//! the age of sources, rows against those that are expected.
//!
//! Takes limits as budgets.yml and sources.yml declare them and figures as an engine tells them; gives findings. Pure.

pub mod budget;
pub mod freshness;
pub mod guard;
pub mod rows;
