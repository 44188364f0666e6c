//! `sources.json`: how old the data of each source were when they were looked at last.

use super::{Spelled, Word};
use crate::check::freshness::{FreshnessStatus, judged};
use crate::project::{Age, Freshness, Period, SourceTable};
use crate::watch::Loaded;
use crate::world::instant;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How old sources are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SourceAges {
    pub metadata: AgesMetadata,
    /// By `group.table`: each source that was looked at on this profile, whenever that was.
    pub sources: BTreeMap<String, SourceAge>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AgesMetadata {
    pub engine: String,
    pub generated_at: String,
    pub profile: String,
    pub project: String,
    pub schema_version: String,
    pub tool_version: String,
}

/// The age of one source's data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceAge {
    /// When they were looked at less `loaded_at`; null where that isn't known.
    pub age_seconds: Option<i64>,
    /// Where it is declared: `path:line:column`.
    pub at: String,
    /// When they were looked at.
    pub checked_at: String,
    pub limits: Limits,
    /// When the newest of them came.
    pub loaded_at: Option<String>,
    pub sentence: String,
    pub status: Word<FreshnessStatus>,
}

/// How old the data of a source may get; null for an age that is never too old.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    pub error_after: Option<Limit>,
    pub warn_after: Option<Limit>,
}

/// `{"count": 6, "period": "hour"}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    pub count: u64,
    pub period: Word<Period>,
}

impl From<&Freshness> for Limits {
    fn from(declared: &Freshness) -> Limits {
        let limit = |age: Age| Limit { count: age.count, period: Word::Known(age.period) };
        Limits { error_after: declared.error_after.map(limit), warn_after: declared.warn_after.map(limit) }
    }
}

impl SourceAge {
    /// What was found of a source.
    pub fn of(source: &SourceTable, declared: &Freshness, loaded: &Loaded, now: Timestamp) -> SourceAge {
        let limits = Limits::from(declared);
        let judgement = match loaded {
            Loaded::At(at) => Some((*at, judged(declared, *at, now))),
            Loaded::Nothing | Loaded::Unknown(_) => None,
        };
        let status = judgement.map_or(FreshnessStatus::Error, |(_, (status, _))| status);
        SourceAge {
            age_seconds: judgement.map(|(_, (_, age))| age),
            at: source.at.to_string(),
            checked_at: instant(now),
            loaded_at: judgement.map(|(at, _)| instant(at)),
            sentence: match (loaded, judgement) {
                (Loaded::Unknown(why), _) => format!("its age can't be told: {why}"),
                (_, Some((_, (_, age)))) => aged(&limits, age),
                (_, None) => "it has no data".into(),
            },
            status: Word::Known(status),
            limits,
        }
    }
}

/// `7 h 5 min old; warns after 6 h, fails after 1 d`.
fn aged(limits: &Limits, age: i64) -> String {
    let old = if age < 0 { format!("from the future by {}", duration(-age)) } else { format!("{} old", duration(age)) };
    format!("{old}; {}", limits.words())
}

impl Limits {
    /// `warns after 6 h, fails after 1 d`.
    pub fn words(&self) -> String {
        let parts = [("warns", &self.warn_after), ("fails", &self.error_after)];
        let words =
            parts.into_iter().filter_map(|(verb, limit)| Some(format!("{verb} after {}", limit.as_ref()?.words())));
        words.collect::<Vec<_>>().join(", ")
    }
}

impl Limit {
    fn words(&self) -> String {
        let unit = match &self.period {
            Word::Known(Period::Minute) => "min",
            Word::Known(Period::Hour) => "h",
            Word::Known(Period::Day) => "d",
            Word::Unknown(word) => word,
        };
        format!("{} {unit}", self.count)
    }
}

/// `2 d 3 h`, `3 h 5 min`, `12 min`, `40 s`: the two greatest units, of which the second may be left out.
fn duration(seconds: i64) -> String {
    let units = [("d", 86_400, "h", 3_600), ("h", 3_600, "min", 60), ("min", 60, "", 0)];
    let Some((unit, size, less, part)) = units.into_iter().find(|(_, size, ..)| seconds >= *size) else {
        return format!("{seconds} s");
    };
    let (whole, rest) = (seconds / size, seconds % size);
    match rest.checked_div(part) {
        None | Some(0) => format!("{whole} {unit}"),
        Some(rest) => format!("{whole} {unit} {rest} {less}"),
    }
}

impl Spelled for FreshnessStatus {
    fn spelled(self) -> &'static str {
        self.word()
    }
}

/// What is said at the end: `2 of 5 sources are too old`.
pub fn ages_sentence<'a>(ages: impl Iterator<Item = &'a SourceAge>) -> String {
    let mut counts = [0usize; 3];
    for age in ages {
        let place = FreshnessStatus::ALL.iter().position(|status| Word::Known(*status) == age.status);
        counts[place.unwrap_or(2)] += 1;
    }
    let [pass, warn, error] = counts;
    let sources = |count: usize| crate::diagnostic::counted(count, "source");
    let parts = [(error, "too old or of no known age"), (warn, "to be warned of"), (pass, "fresh")];
    let told: Vec<String> =
        parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, words)| format!("{count} {words}")).collect();
    format!("{} looked at: {}", sources(pass + warn + error), told.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_told_in_two_units() {
        let of = [0, 59, 60, 3_599, 3_600, 3_661, 86_399, 86_400, 93_600, 1_000_000].map(duration);
        let expected =
            ["0 s", "59 s", "1 min", "59 min", "1 h", "1 h 1 min", "23 h 59 min", "1 d", "1 d 2 h", "11 d 13 h"];
        assert_eq!(of, expected);
    }

    #[test]
    fn an_age_says_what_it_is_held_against() {
        let hours = |count| Some(Age { count, period: Period::Hour });
        let limits = Freshness { warn_after: hours(6), error_after: None, loaded_at_field: None };
        assert_eq!(aged(&Limits::from(&limits), 25_500), "7 h 5 min old; warns after 6 h");
        let both = Freshness { error_after: Some(Age { count: 2, period: Period::Day }), ..limits };
        assert_eq!(aged(&Limits::from(&both), -60), "from the future by 1 min; warns after 6 h, fails after 2 d");
    }
}
