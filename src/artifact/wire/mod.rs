//! The types that are written: to manifest.json, run_results.json, records of runs, the output of verbs with `--json`,
//! the stream of events and the site's data.
//!
//! Types of their own, made from those of the domain in one direction, at the end; here facts become sentences, once.
//! Whatever a newer fft adds is read: a word that isn't known is kept as a [`Word::Unknown`] and written back as it was,
//! a field that isn't known is passed over, and [`newer`] says so in a note.

mod advice;
mod budget;
mod cause;
mod change;
mod clause;
mod data;
mod decision;
mod detail;
mod edited;
mod exposure;
mod fingerprint;
mod freshness;
mod group;
mod headline;
mod hook;
mod http;
mod increment;
mod lineage;
mod listed;
mod manifest;
mod planned;
mod reach;
mod read;
mod results;
mod sentence;
mod setting;
mod summary;
mod test;
#[cfg(test)]
mod tests;
mod timing;
mod versions;
mod word;
mod worded;

pub use advice::{Advice, AdviceCode, Bounded, Comments, Crowded, Evidence, Rebuilt, Repeated, Variable};
pub use budget::{BudgetCheck, BudgetReport};
pub use cause::{Attribution, Cause, Side, Unread};
pub use change::{ColumnLook, ColumnType, DataChange, TextDiff, look};
pub use decision::{Came, Check, Root, recorded_roots, root_sentences, summary, summary_of, summary_with};
pub use edited::edited;
pub use exposure::{ExposureOwner, ExposureUse, ManifestExposure, exposures};
pub use fingerprint::{Fingerprint, Newer};
pub use freshness::{AgesMetadata, Limit, Limits, SourceAge, SourceAges, ages_sentence};
pub use group::{RootGroup, groups, groups_of};
pub use headline::{Failed, headline, shown_name};
pub use hook::{HookResult, PlannedHook, failures as failed_hooks, words_of_hooks};
pub use http::{Request, Telemetry};
pub use increment::words as increment_words;
pub use lineage::{ColumnLineage, Edge};
pub use manifest::{
    Column, Git, MacroFile, Manifest, ManifestNode, ManifestPackage, ManifestSource, ManifestTest, Metadata,
    SourceWatch, commit_words,
};
pub use planned::{ahead, planned};
pub use reach::{ColumnEdit, ColumnReach, TO_A_NODE};
pub use read::{Unreadable, newer, read};
pub use results::{
    Previous, Record, RecordedFingerprint, ResultDecision, ResultRow, ResultsMetadata, RunResults, Summary, Totals,
    by_origin,
};
pub use sentence::title;
pub use setting::all as settings;
pub use summary::reasons;
pub use test::{TestBaseline, TestResult, TestResultDecision, TestSample, TestTotals, tests_sentence};
pub use timing::{MoreWorkers, Timed, Timing, Unspent};
pub use versions::Versions;
pub use word::{Spelled, Word};

/// The version that is written. Additive within a major number.
pub const SCHEMA_VERSION: &str = "1.0";

fn is_zero(number: &usize) -> bool {
    *number == 0
}

fn is_false(flag: &bool) -> bool {
    !flag
}
