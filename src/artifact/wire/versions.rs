//! What became of the versions of a snapshot's rows.

use crate::diagnostic::grouped;
use crate::engine;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versions {
    /// Ended: their rows are other ones now, or gone.
    pub closed: u64,
    /// Added.
    pub new: u64,
    /// Old ones that were deleted, as `--prune` asked.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub pruned: u64,
    /// All of it in words.
    pub sentence: String,
    /// Rows of the query of which no version was added.
    pub unchanged: u64,
}

impl From<&engine::Versions> for Versions {
    fn from(versions: &engine::Versions) -> Versions {
        let engine::Versions { new, closed, unchanged, pruned } = *versions;
        Versions { closed, new, pruned, sentence: words(versions), unchanged }
    }
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Versions {
    /// What it did and why, in one line; `summary` is that of its decision.
    pub fn line(&self, summary: &str) -> String {
        format!("{} · {summary}", self.sentence)
    }
}

/// `2 new versions, 1 closed, 14 unchanged`.
fn words(versions: &engine::Versions) -> String {
    let number = |count: u64| grouped(usize::try_from(count).unwrap_or(usize::MAX));
    let noun = if versions.new == 1 { "version" } else { "versions" };
    let pruned = if versions.pruned > 0 { format!(", {} pruned", number(versions.pruned)) } else { String::new() };
    let (new, closed, unchanged) = (number(versions.new), number(versions.closed), number(versions.unchanged));
    format!("{new} new {noun}, {closed} closed, {unchanged} unchanged{pruned}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_counted_in_words() {
        let told = |new, closed, unchanged, pruned| {
            Versions::from(&engine::Versions { new, closed, unchanged, pruned }).sentence
        };
        //: What it did is told in numbers: versions that were added, versions that ended, and rows of which no version
        //: was added.
        assert_eq!(told(2, 1, 14, 0), "2 new versions, 1 closed, 14 unchanged");
        assert_eq!(told(1, 0, 0, 0), "1 new version, 0 closed, 0 unchanged");
        assert_eq!(told(0, 0, 12_000, 3), "0 new versions, 0 closed, 12,000 unchanged, 3 pruned");
    }
}
