//! Whether a source's data are too old: their age against what `freshness` of sources.yml says.

use crate::project::{Age, Freshness};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What came of looking at a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FreshnessStatus {
    Pass,
    Warn,
    /// Too old, or nothing tells how old.
    Error,
}

impl FreshnessStatus {
    pub const ALL: [FreshnessStatus; 3] = [FreshnessStatus::Pass, FreshnessStatus::Warn, FreshnessStatus::Error];

    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            FreshnessStatus::Pass => "pass",
            FreshnessStatus::Warn => "warn",
            FreshnessStatus::Error => "error",
        }
    }
}

/// The status of data that came at `loaded`, and their age in seconds, which is negative where that is yet to come. Data
/// are too old once they are older than a limit.
pub fn judged(limits: &Freshness, loaded: Timestamp, now: Timestamp) -> (FreshnessStatus, i64) {
    let age = now.duration_since(loaded).as_secs();
    let older =
        |limit: Option<Age>| limit.is_some_and(|limit| age > i64::try_from(limit.seconds()).unwrap_or(i64::MAX));
    let status = match () {
        () if older(limits.error_after) => FreshnessStatus::Error,
        () if older(limits.warn_after) => FreshnessStatus::Warn,
        () => FreshnessStatus::Pass,
    };
    (status, age)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Period;

    #[test]
    fn data_are_too_old_once_they_are_older_than_the_limit() {
        let limit = |count| Some(Age { count, period: Period::Hour });
        let limits = Freshness { warn_after: limit(1), error_after: limit(2), loaded_at_field: None };
        let now = Timestamp::from_second(1_000_000).unwrap();
        let status =
            |limits: &Freshness, age: i64| judged(limits, Timestamp::from_second(1_000_000 - age).unwrap(), now);
        let (pass, warn, error) = (FreshnessStatus::Pass, FreshnessStatus::Warn, FreshnessStatus::Error);
        for (age, expected) in
            [(-5, pass), (0, pass), (3_600, pass), (3_601, warn), (7_200, warn), (7_201, error), (900_000, error)]
        {
            assert_eq!(status(&limits, age), (expected, age));
        }
        let only = Freshness { warn_after: None, ..limits.clone() };
        assert_eq!(status(&only, 3_601).0, pass);
        let endless = Age { count: u64::MAX, period: Period::Day };
        let never = Freshness { error_after: Some(endless), ..limits };
        assert_eq!(status(&never, 900_000).0, warn);
    }
}
