//! A recorded fingerprint against a new one, where leaves may have been made by another key or in another format.
//!
//! Takes both fingerprints and whether each upstream node really changed; gives the differences that tell something,
//! and one name for those that don't. Invariant: values differ exactly when there is a difference or such a name.

use crate::fingerprint::{Change, Difference, Fingerprint, Kind, difference};

/// What is different since a node's last successful build.
pub(super) struct Comparison {
    /// Differences of content.
    pub differences: Vec<Difference>,
    /// Leaves differ because another key made them, and nothing more can be said of those.
    pub rekeyed: bool,
    /// Digests differ because they were made in another format.
    pub reformatted: bool,
    /// The values say one thing and the components another.
    pub unexplained: bool,
}

impl Comparison {
    /// Compares the fingerprint of the last build with today's. `upstream_changed` tells whether an upstream node, by
    /// name, has another fingerprint for more than the key's or the format's sake.
    pub fn of(before: &Fingerprint, after: &Fingerprint, upstream_changed: impl Fn(&Difference) -> bool) -> Comparison {
        let reformatted = before.format != after.format;
        let rekeyed = before.key_id != after.key_id;
        let all = difference(before, after);
        let unexplained = !reformatted && all.is_empty() != (before.value == after.value);
        if !reformatted && !rekeyed {
            return Comparison { differences: all, rekeyed, reformatted, unexplained };
        }
        let tells = |one: &Difference| match one.kind {
            Kind::Upstream => sides_differ(one) || upstream_changed(one),
            Kind::Env => sides_differ(one) || shown_values_differ(one),
            _ => !reformatted || sides_differ(one) || shown_values_differ(one),
        };
        let (differences, silent): (Vec<_>, Vec<_>) = all.into_iter().partition(tells);
        let keyed = |one: &Difference| matches!(one.kind, Kind::Env | Kind::Upstream);
        let rekeyed = rekeyed && silent.iter().any(keyed);
        Comparison { differences, rekeyed, reformatted, unexplained }
    }
}

/// Whether one side is missing, absent or of another name: that needs no digest to be told.
fn sides_differ(one: &Difference) -> bool {
    match (&one.before, &one.after) {
        (Some(before), Some(after)) => {
            one.change != Change::Modified || before.present != after.present || before.name != after.name
        }
        _ => true,
    }
}

fn shown_values_differ(one: &Difference) -> bool {
    let value = |side: &Option<std::sync::Arc<crate::fingerprint::Component>>| side.as_ref()?.value.clone();
    value(&one.before).zip(value(&one.after)).is_some_and(|(before, after)| before != after)
}
