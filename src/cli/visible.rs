//! Foreign text made fit to be shown on a terminal.

pub use crate::diagnostic::visible::{clean, visible};
