//! The decisions that there are, the worst first.

use super::Item;
use crate::execute::Status;
use crate::plan::Role;
use crate::site::word::Badge;

/// Status, role and letter; worst first.
pub(super) const DECISIONS: [(Status, Option<Role>, char); 6] = [
    (Status::Error, None, 'e'),
    (Status::Blocked, None, 'x'),
    (Status::Success, None, 'b'),
    (Status::Success, Some(Role::Cascade), 'c'),
    (Status::Skipped, None, 's'),
    (Status::NotSelected, None, 'u'),
];

/// The place of a node's decision among all, the worst first.
pub(super) fn rank(item: &Item<'_>) -> usize {
    let class = item.badge().map_or("none", |badge| badge.class);
    let known = DECISIONS.iter().position(|(status, role, _)| Badge::known(*status, *role).class == class);
    let unknown = item.row().is_some_and(|row| row.status.unknown().is_some());
    match known {
        Some(at) if !unknown => at,
        Some(_) => DECISIONS.len(),
        None => DECISIONS.len() + 1,
    }
}
