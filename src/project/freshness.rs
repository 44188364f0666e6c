//! How old a source's data may get: `freshness` of sources.yml.
//!
//! Each key is inherited by itself: a table may say when to warn, and leave it to its source when that is an error.

use super::fields::Fields;
use super::said::Said;
use super::yaml::Node;
use crate::diagnostic::{Diagnostic, did_you_mean};
use serde::{Deserialize, Serialize};

/// How old a source's data may get, and how their age is told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Freshness {
    /// Older than this they are told of.
    pub warn_after: Option<Age>,
    /// Older than this they are an error.
    pub error_after: Option<Age>,
    /// The field whose greatest value tells their age, where the source names no field for its version.
    pub loaded_at_field: Option<String>,
}

/// `{count: 6, period: hour}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Age {
    pub count: u64,
    pub period: Period,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Period {
    Minute,
    Hour,
    Day,
}

const PERIODS: [(&str, Period); 3] = [("minute", Period::Minute), ("hour", Period::Hour), ("day", Period::Day)];

impl Age {
    /// Its length in seconds.
    pub fn seconds(self) -> u64 {
        let one = match self.period {
            Period::Minute => 60,
            Period::Hour => 3_600,
            Period::Day => 86_400,
        };
        self.count.saturating_mul(one)
    }
}

/// What one mapping says of each key.
#[derive(Clone, Default)]
pub(super) struct SaidFreshness {
    warn_after: Said<Age>,
    error_after: Said<Age>,
    loaded_at_field: Said<String>,
}

impl SaidFreshness {
    /// Reads `freshness` of a source, a table or an override.
    pub fn read(fields: &mut Fields<'_>) -> SaidFreshness {
        let Some(node) = fields.node("freshness") else {
            // A null takes all of it away.
            return if fields.is_null("freshness") { SaidFreshness::null() } else { SaidFreshness::default() };
        };
        let owner = format!("`freshness` of {}", fields.owner);
        let Some(mut own) = Fields::new(fields.file, owner, node) else { return SaidFreshness::default() };
        let (warn, error) = (age(&mut own, "warn_after"), age(&mut own, "error_after"));
        let in_minutes = |own: &mut Fields<'_>, key| {
            let count = own.count(key, 1);
            Said::of(own, key, count.map(|count| Age { count, period: Period::Minute }))
        };
        let warn = warn.or(in_minutes(&mut own, "warn_after_minutes"));
        let error = error.or(in_minutes(&mut own, "error_after_minutes")).or(in_minutes(&mut own, "max_delay_minutes"));
        let field = own.text("loaded_at_field");
        let loaded_at_field = Said::of(&own, "loaded_at_field", field);
        own.finish();
        SaidFreshness { warn_after: warn, error_after: error, loaded_at_field }
    }

    fn null() -> SaidFreshness {
        SaidFreshness { warn_after: Said::Null, error_after: Said::Null, loaded_at_field: Said::Null }
    }

    /// What isn't said here is taken from `other`.
    pub fn or(self, other: SaidFreshness) -> SaidFreshness {
        SaidFreshness {
            warn_after: self.warn_after.or(other.warn_after),
            error_after: self.error_after.or(other.error_after),
            loaded_at_field: self.loaded_at_field.or(other.loaded_at_field),
        }
    }

    /// `None` where no age is too old.
    pub fn value(self) -> Option<Freshness> {
        let (warn_after, error_after) = (self.warn_after.value(), self.error_after.value());
        let limited = warn_after.is_some() || error_after.is_some();
        limited.then(|| Freshness { warn_after, error_after, loaded_at_field: self.loaded_at_field.value() })
    }
}

fn age(fields: &mut Fields<'_>, key: &'static str) -> Said<Age> {
    let found = fields.node(key).and_then(|node| one(fields, key, node));
    Said::of(fields, key, found)
}

fn one(fields: &Fields<'_>, key: &str, node: &Node) -> Option<Age> {
    let mut own = Fields::new(fields.file, format!("`{key}` of {}", fields.owner), node)?;
    for needed in ["count", "period"] {
        if own.node(needed).is_none() {
            let message = format!("{} has no `{needed}`", own.owner);
            let problem = Diagnostic::new("missing-key", message).hint("write `{count: 6, period: hour}`");
            fields.file.report(node.at, problem);
        }
    }
    let count = own.count("count", 1);
    let period = own.node("period").map(|node| node.at).zip(own.text("period")).and_then(|(at, text)| {
        let known = PERIODS.iter().find(|(word, _)| *word == text).map(|(_, period)| *period);
        if known.is_none() {
            let words = PERIODS.map(|(word, _)| word);
            let problem = Diagnostic::new("bad-value", format!("`period` is minute, hour or day, not `{text}`"));
            fields.file.report(at, did_you_mean(&text, words).into_iter().fold(problem, Diagnostic::hint));
        }
        known
    });
    own.finish();
    Some(Age { count: count?, period: period? })
}
