//! What was decided of several items of the graph, counted.

use super::Dag;

/// How many of `members` were decided each way, the worst first: class, glyph, count. Sources have no decision.
pub(super) fn tally(dag: &Dag<'_>, members: &[u32]) -> Vec<(&'static str, &'static str, usize)> {
    let order = ["error", "blocked", "build", "cascade", "skip", "unselected"];
    let badges = || members.iter().filter_map(|at| dag.items[*at as usize].badge());
    let count = |class: &str| badges().filter(|badge| badge.class == class).count();
    let glyph = |class: &str| badges().find(|badge| badge.class == class).map(|badge| badge.glyph);
    order.into_iter().filter_map(|class| Some((class, glyph(class)?, count(class)))).collect()
}
