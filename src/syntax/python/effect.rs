//! What importing a file does beyond binding names, as it is told.

use ruff_text_size::{Ranged, TextRange};

/// What a file does beyond binding names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// `a call at module level`
    pub what: String,
    pub at: TextRange,
}

/// `Ok` of what binds names alone.
pub type Checked = Result<(), Effect>;

/// That `what` at `at` does more.
pub fn effect(what: impl Into<String>, at: &impl Ranged) -> Checked {
    Err(Effect { what: what.into(), at: at.range() })
}
