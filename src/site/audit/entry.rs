//! A node of the last run, as page, CSV and JSON of the audit tell it.

use crate::artifact::manifest::ManifestNode;
use crate::artifact::results::{ResultRow, RunResults};
use crate::artifact::wire::Cause;
use crate::execute::Status;
use crate::site::entry::{Built, rows};
use crate::site::word::{self, Badge};
use crate::site::{Site, name};
use jiff::Timestamp;
use serde::Serialize;

#[derive(Serialize)]
pub struct Entry<'a> {
    pub node: &'a str,
    pub kind: &'a str,
    pub materialized: &'a str,
    pub decision: &'static str,
    pub summary: &'a str,
    pub causes: Vec<&'a str>,
    pub codes: Vec<&'a str>,
    pub roots: &'a [String],
    pub checks: Vec<String>,
    pub fingerprint_before: Option<String>,
    pub fingerprint: String,
    /// The run whose build the relation holds, as far as the records tell.
    pub built_by: Option<&'a str>,
    pub built_at: Option<&'a str>,
    pub built_at_commit: Option<&'a str>,
    /// Whether files of the project differed from that commit.
    pub built_dirty: Option<bool>,
    /// That the relation holds.
    pub rows: Option<u64>,
    pub duration_ms: Option<u64>,
    #[serde(skip)]
    pub row: &'a ResultRow,
    #[serde(skip)]
    pub badge: Badge,
    #[serde(skip)]
    pub run_page: Option<String>,
    #[serde(skip)]
    built: Option<Built<'a>>,
    #[serde(skip)]
    ended: &'a str,
}

/// Every node of the project that the last run knows.
pub fn entries<'a>(site: &Site<'a>) -> Vec<Entry<'a>> {
    let nodes = site.input.manifest.nodes.values();
    nodes.filter_map(|node| Some(entry(site, node, site.row(&node.name)?))).collect()
}

fn entry<'a>(site: &Site<'a>, node: &'a ManifestNode, row: &'a ResultRow) -> Entry<'a> {
    let results: &'a RunResults = site.input.results;
    let decision = &row.decision;
    let built = Built::of(results, row);
    let badge = Badge::of_row(row);
    let holds = |ok: bool| if ok { "holds" } else { "fails" };
    let known = site.input.catalog.nodes.get(&node.name).and_then(|relation| relation.rows);
    Entry {
        node: &node.name,
        kind: word::kind(&node.kind),
        materialized: word::materialized(&node.materialized),
        decision: badge.word,
        summary: &decision.summary,
        causes: decision.causes.iter().map(|cause| cause.sentence.as_str()).collect(),
        codes: decision.causes.iter().map(|cause| cause.code.as_str()).collect(),
        roots: &decision.roots,
        checks: decision
            .checks
            .iter()
            .map(|check| format!("{} {}: {}", check.name, holds(check.ok), check.evidence))
            .collect(),
        fingerprint_before: decision.baseline.as_ref().map(|one| one.fingerprint.to_string()),
        fingerprint: node.fingerprint.value().to_string(),
        built_by: built.map(|built| built.run),
        built_at: built.and_then(|built| built.at),
        built_at_commit: built.and_then(|built| built.commit),
        built_dirty: built.and_then(|built| built.dirty),
        rows: rows(site.input.runs, results, row).or(known),
        duration_ms: row.duration_ms,
        row,
        badge,
        run_page: built.filter(|built| site.is_kept(built.run)).map(|built| name::run_page(built.run)),
        built,
        ended: &results.run_finished_at,
    }
}

impl<'a> Entry<'a> {
    pub fn status(&self) -> Option<Status> {
        self.row.status.known()
    }

    /// Whether something was done about it, or would have been.
    pub fn is_tried(&self) -> bool {
        !matches!(self.status(), Some(Status::Skipped | Status::NotSelected))
    }

    pub fn reasons(&self) -> &'a [Cause] {
        &self.row.decision.causes
    }

    pub fn before(&self) -> &str {
        self.fingerprint_before.as_deref().map_or("–", |digest| &digest[..12])
    }

    pub fn now(&self) -> &str {
        &self.fingerprint[..12]
    }

    pub fn is_same(&self) -> bool {
        self.fingerprint_before.as_ref() == Some(&self.fingerprint)
    }

    /// What the run that built it is called.
    pub fn run_name(&self) -> String {
        self.built_by.map(word::run_name).unwrap_or_default()
    }

    pub fn time(&self) -> String {
        self.built_at.map(word::time).unwrap_or_default()
    }

    pub fn commit(&self) -> Option<String> {
        self.built.and_then(|built| built.commit_words())
    }

    pub fn rows_words(&self) -> String {
        self.rows.map(word::number).unwrap_or_default()
    }

    /// Checks in words that don't hold.
    pub fn exceptions(&self) -> Vec<String> {
        let failed = self.row.decision.checks.iter().filter(|check| !check.ok);
        failed.map(|check| format!("{}: {}", check.name, check.evidence)).collect()
    }

    /// How old its build was when the run ended, in seconds.
    pub fn age_seconds(&self) -> Option<i64> {
        let [built, ended] = [self.built_at?, self.ended].map(|at| at.parse::<Timestamp>().ok());
        Some((ended?.as_second() - built?.as_second()).max(0))
    }

    pub fn age(&self) -> String {
        self.age_seconds().map(word::age).unwrap_or_default()
    }
}
