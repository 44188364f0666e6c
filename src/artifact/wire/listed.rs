//! A list in a sentence: the first few by name, of the others how many there are.

use crate::diagnostic::{counted, grouped, plural};

/// Inputs that a sentence names at most.
const NAMED: usize = 3;

/// `1 node`, `3,000 nodes`.
pub(super) fn count(count: usize, word: &str) -> String {
    counted(count, word)
}

/// The first of `words`, and how many more there are.
pub(super) fn listed(words: &[String]) -> String {
    let named = words.iter().take(NAMED).cloned().collect::<Vec<_>>().join(" and ");
    let more = words.len().saturating_sub(NAMED);
    if more == 0 { named } else { format!("{named} and {} more", grouped(more)) }
}

/// Clauses as one: `a`, `a, and b`, `a, b, and c`.
pub(super) fn joined(clauses: &[String]) -> String {
    match clauses {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{}, and {last}", first.join(", ")),
    }
}

/// The first of `clauses`, and of the others how many there are: `a, b, c, and 4 more causes`.
pub(super) fn first_of(clauses: &[String], more_of: &str) -> String {
    let mut told: Vec<String> = clauses.iter().take(NAMED).cloned().collect();
    let more = clauses.len().saturating_sub(NAMED);
    if more > 0 {
        told.push(format!("{} more {}", grouped(more), plural(more, more_of)));
    }
    joined(&told)
}
