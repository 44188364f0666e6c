//! The reasons between any two recorded fingerprints of a node, as those of a decision are.
//!
//! Takes two fingerprints, or one difference of them; gives [`Cause`]s without contents, which [`super::attribution`]
//! adds. Invariant: there are none exactly when the fingerprints are equal.

use super::comparison::Comparison;
use super::{Cause, Code, Detail};
use crate::fingerprint::{Change, Difference, Fingerprint, Kind};

/// Every reason why `after` isn't `before`, first what says most. `upstream_changed` tells of an upstream node, by
/// name, whether it has other content, and not only digests of another key or format.
pub fn causes_between(
    before: &Fingerprint,
    after: &Fingerprint,
    upstream_changed: impl Fn(&str) -> bool,
) -> Vec<Cause> {
    let comparison = Comparison::of(before, after, |one| upstream_changed(one.name()));
    let differences = comparison.differences.iter();
    let mut causes: Vec<Cause> = differences.map(|one| component_cause(one, before, after)).collect();
    if comparison.reformatted {
        causes.push(
            Cause::new(Code::FormatUpgraded).detail(Detail::Formats(before.format.clone(), after.format.clone())),
        );
    }
    if comparison.rekeyed {
        causes.push(Cause::new(Code::KeyRotated));
    }
    if comparison.unexplained {
        causes.push(Cause::new(Code::Unexplained));
    }
    causes.sort_by_key(|cause| cause.code);
    causes
}

/// The reason that a changed component is; of a text, whether only comments and white space differ.
pub(super) fn component_cause(one: &Difference, before: &Fingerprint, after: &Fingerprint) -> Cause {
    let mut cause = Cause::of(one);
    let text = matches!(one.kind, Kind::Sql | Kind::Python);
    if text && matches!(one.change, Change::Modified | Change::Renamed) {
        cause.cosmetic = before.semantic.map(|semantic| Some(semantic) == after.semantic);
    }
    cause
}
