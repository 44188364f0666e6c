//! Python models: read without starting Python, run in worker processes.
//!
//! [`analysis`] turns a model file's text into what it declares and what its result depends on.

pub mod analysis;
