//! What a query and a run may cost: the guard in front of a query, and budgets over what ran.
//!
//! Takes limits as budgets.yml declares them and figures as an engine tells them; gives findings. Pure.

pub mod budget;
pub mod guard;
