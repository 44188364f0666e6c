//! A list in a sentence: the first few by name, of the others how many there are.

/// Inputs that a sentence names at most.
const NAMED: usize = 3;

/// The first of `words`, and how many more there are.
pub(super) fn listed(words: &[String]) -> String {
    let named = words.iter().take(NAMED).cloned().collect::<Vec<_>>().join(" and ");
    let more = words.len().saturating_sub(NAMED);
    if more == 0 { named } else { format!("{named} and {more} more") }
}
