//! budgets.yml.
//!
//! Takes the file, gives [`Budgets`] in bytes, rows and milliseconds. A value that is no size, count or duration is a
//! problem at its place. A limit may come from a variable too, which wins over the file.

use super::fields::Fields;
use super::format::{ENGINES, is_spelling};
use super::yaml::{Entry, Node, YamlFile};
use super::{Project, size};
use crate::diagnostic::{Diagnostic, Location, did_you_mean};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// budgets.yml, checked. Sizes in bytes, durations in milliseconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Budgets {
    /// By engine.
    pub query_limits: BTreeMap<String, QueryLimit>,
    pub total: BTreeMap<Metric, Threshold>,
    pub models: BTreeMap<String, Budget>,
    pub tags: BTreeMap<String, Budget>,
}

/// The most that one query may scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryLimit {
    pub max_bytes: u64,
    /// Where that is said: a place in budgets.yml, or a variable's name.
    pub origin: String,
}

/// What one model, or all that have a tag, may cost in a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Budget {
    pub at: Location,
    pub thresholds: BTreeMap<Metric, Threshold>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    BytesScanned,
    Rows,
    QueryDurationMs,
}

impl Metric {
    /// As it is written in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Metric::BytesScanned => "bytes_scanned",
            Metric::Rows => "rows",
            Metric::QueryDurationMs => "query_duration_ms",
        }
    }
}

/// What is too much: at or below it all is well.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Threshold {
    pub warn: Option<u64>,
    pub error: Option<u64>,
}

const METRICS: [(&str, Metric); 3] =
    [("bytes_scanned", Metric::BytesScanned), ("rows", Metric::Rows), ("query_duration_ms", Metric::QueryDurationMs)];

const SIZE_HINT: &str = "write 5_000_000, \"750 MB\" or \"10GB\" (powers of 1024)";

type Thresholds = BTreeMap<Metric, Threshold>;

impl Project {
    /// The most that one query may scan on the profile's engine: what `variable` says, else what budgets.yml does.
    pub fn query_limit(&self, variable: &str) -> Result<Option<QueryLimit>, Diagnostic> {
        let set = self.env.vars.get(variable).filter(|var| !var.value.trim().is_empty());
        let Some(var) = set else {
            let limits = self.budgets.query_limits.iter();
            let mut of_engine = limits.filter(|(name, _)| is_spelling(name, &self.profile.engine));
            return Ok(of_engine.next().map(|(_, limit)| limit.clone()));
        };
        match size::bytes(&var.value) {
            Some(max_bytes) => Ok(Some(QueryLimit { max_bytes, origin: variable.into() })),
            None => {
                let problem = Diagnostic::new("bad-budget", format!("the value of {variable} is not a size"));
                let file = (var.origin != "process").then(|| Location::file(&var.origin));
                let problem = file.into_iter().fold(problem, Diagnostic::at);
                Err(problem.hint(SIZE_HINT))
            }
        }
    }
}

/// Reads budgets.yml.
pub(super) fn read(file: &YamlFile) -> Budgets {
    let mut budgets = Budgets::default();
    let Some(root) = file.parse() else { return budgets };
    let Some(mut fields) = Fields::new(file, &file.path, &root) else { return budgets };
    if let Some(node) = fields.node("version").filter(|node| node.json() != 1) {
        file.problem(node.at, "bad-version", format!("budgets.yml has version {}, only 1 is known", node.json()));
    }
    for entry in fields.entries("query_limits") {
        budgets.query_limits.extend(query_limit(file, entry));
    }
    if let Some(node) = fields.node("total") {
        budgets.total = thresholds(file, "`total`", node);
    }
    budgets.models = named(file, "model", fields.entries("models"));
    budgets.tags = named(file, "tag", fields.entries("tags"));
    fields.finish();
    budgets
}

fn query_limit(file: &YamlFile, entry: &Entry) -> Option<(String, QueryLimit)> {
    if !ENGINES.contains(&entry.key.as_str()) {
        let mut problem =
            Diagnostic::new("unknown-engine", format!("unknown engine `{}` in `query_limits`", entry.key));
        problem.hints.extend(did_you_mean(&entry.key, ENGINES));
        file.report(entry.at, problem);
    }
    let mut fields = Fields::new(file, format!("query limit `{}`", entry.key), &entry.value)?;
    let bytes = fields.node("max_bytes").map(|node| (node, fields.text("max_bytes")));
    fields.finish();
    let (node, text) = bytes?;
    let max_bytes = amount(file, node, &text?, Metric::BytesScanned)?;
    Some((entry.key.clone(), QueryLimit { max_bytes, origin: file.location(node.at).to_string() }))
}

fn named(file: &YamlFile, kind: &str, entries: &[Entry]) -> BTreeMap<String, Budget> {
    let read = |entry: &Entry| Budget {
        at: file.location(entry.at),
        thresholds: thresholds(file, &format!("{kind} `{}`", entry.key), &entry.value),
    };
    entries.iter().map(|entry| (entry.key.clone(), read(entry))).collect()
}

fn thresholds(file: &YamlFile, owner: &str, node: &Node) -> Thresholds {
    let mut found = Thresholds::new();
    let Some(mut fields) = Fields::new(file, owner, node) else { return found };
    for (name, metric) in METRICS {
        let Some(mut limits) = fields.fields(name) else { continue };
        limits.owner = format!("`{name}` of {owner}");
        let mut limit = |key| {
            let node = limits.node(key)?;
            amount(file, node, &limits.text(key)?, metric)
        };
        let threshold = Threshold { warn: limit("warn"), error: limit("error") };
        if let (Some(warn), Some(error)) = (threshold.warn, threshold.error)
            && warn > error
        {
            file.problem(limits.at, "bad-budget", format!("`warn` of {} is above `error`", limits.owner));
        }
        limits.finish();
        found.insert(metric, threshold);
    }
    fields.finish();
    found
}

fn amount(file: &YamlFile, node: &Node, text: &str, metric: Metric) -> Option<u64> {
    let (amount, what, hint) = match metric {
        Metric::BytesScanned => (size::bytes(text), "a size", SIZE_HINT),
        Metric::Rows => (size::count(text), "a number of rows", "write 1_000_000"),
        Metric::QueryDurationMs => {
            (size::milliseconds(text), "a duration", "write 500 (milliseconds), \"30s\" or \"2m\"")
        }
    };
    if amount.is_none() {
        file.report(node.at, Diagnostic::new("bad-budget", format!("`{text}` is not {what}")).hint(hint));
    }
    amount
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> (Budgets, Vec<String>) {
        let file = YamlFile::new("budgets.yml", text);
        let budgets = read(&file);
        (budgets, file.into_problems().iter().map(ToString::to_string).collect())
    }

    #[test]
    fn limits_and_thresholds_are_read() {
        let (budgets, problems) = load(
            "version: 1\nquery_limits:\n  duckdb: {max_bytes: 5_000_000}\ntotal:\n  bytes_scanned: {warn: 10GB, error: \"20 GB\"}\n\
             models:\n  mart.ff: {rows: {error: 1_000}}\ntags:\n  heavy: {query_duration_ms: {warn: 30s}}\n",
        );
        assert!(problems.is_empty(), "{problems:?}");
        let limit = QueryLimit { max_bytes: 5_000_000, origin: "budgets.yml:3:23".into() };
        assert_eq!(budgets.query_limits["duckdb"], limit);
        assert_eq!(budgets.total[&Metric::BytesScanned], Threshold { warn: Some(10 << 30), error: Some(20 << 30) });
        assert_eq!(budgets.models["mart.ff"].thresholds[&Metric::Rows].error, Some(1_000));
        assert_eq!(budgets.tags["heavy"].thresholds[&Metric::QueryDurationMs].warn, Some(30_000));
    }

    #[test]
    fn bad_values_have_their_place() {
        let (_, problems) = load(
            "query_limits:\n  duckdb: {max_bytes: 10 QB}\ntotal:\n  row: {warn: 1}\n  rows: {warn: 5, error: 2, eror: 1}\n",
        );
        let expected = [
            "error[bad-budget]: `10 QB` is not a size\n  --> budgets.yml:2:23\n     2 |   duckdb: {max_bytes: 10 QB}\n       |                       ^\n  hint: write 5_000_000, \"750 MB\" or \"10GB\" (powers of 1024)",
            "error[unknown-key]: unknown key `row` in `total`\n  --> budgets.yml:4:3\n     4 |   row: {warn: 1}\n       |   ^\n  hint: did you mean `rows`?",
            "error[bad-budget]: `warn` of `rows` of `total` is above `error`\n  --> budgets.yml:5:9\n     5 |   rows: {warn: 5, error: 2, eror: 1}\n       |         ^",
            "error[unknown-key]: unknown key `eror` in `rows` of `total`\n  --> budgets.yml:5:29\n     5 |   rows: {warn: 5, error: 2, eror: 1}\n       |                             ^\n  hint: did you mean `error`?",
        ];
        assert_eq!(problems, expected);
    }
}
