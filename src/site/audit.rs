//! The audit: every node in a row, as a page that prints well, as CSV and as JSON. The three tell the same facts.

use super::shell::{Place, Shell};
use super::word::{self, Badge};
use super::{Page, Site, Unit, name};
use crate::artifact::manifest::ManifestNode;
use crate::artifact::results::ResultRow;
use crate::execute::Status;
use askama::Template;
use serde::Serialize;

/// A node of the last run, as all three tell it.
#[derive(Serialize)]
struct Entry<'a> {
    node: &'a str,
    kind: &'a str,
    materialized: &'a str,
    decision: &'static str,
    summary: &'a str,
    causes: Vec<String>,
    codes: Vec<&'a str>,
    roots: &'a [String],
    checks: Vec<String>,
    fingerprint_before: Option<String>,
    fingerprint: String,
    /// The run whose build the relation holds, as far as the records tell.
    built_by: Option<&'a str>,
    built_at: Option<&'a str>,
    built_at_commit: Option<&'a str>,
    rows: Option<u64>,
    duration_ms: Option<u64>,
    #[serde(skip)]
    badge: Badge,
    #[serde(skip)]
    page: String,
    #[serde(skip)]
    run_page: Option<String>,
}

#[derive(Serialize)]
struct Head<'a> {
    project: &'a str,
    profile: &'a str,
    engine: &'a str,
    run_id: &'a str,
    run_started_at: &'a str,
    run_finished_at: &'a str,
    git_commit: Option<&'a str>,
    git_dirty: Option<bool>,
    cache_mode: &'a str,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct Audit<'a> {
    shell: Shell<'a>,
    head: Head<'a>,
    run_page: Option<String>,
    entries: &'a [Entry<'a>],
}

pub fn unit<'a>(site: &'a Site<'a>) -> Unit<'a> {
    site.unit("audit", &(site.decided, site.last_run(), &site.kept), move || pages(site))
}

fn pages(site: &Site<'_>) -> Vec<Page> {
    let nodes = site.input.manifest.nodes.values();
    let entries: Vec<Entry<'_>> = nodes.filter_map(|node| Some(entry(site, node, site.row(&node.name)?))).collect();
    vec![html(site, &entries), Page::new("audit.csv", csv(&entries)), Page::new("audit.json", json(site, &entries))]
}

fn head<'a>(site: &Site<'a>) -> Head<'a> {
    let results = site.input.results;
    Head {
        project: &results.metadata.project,
        profile: &results.profile,
        engine: &results.engine,
        run_id: &results.metadata.run_id,
        run_started_at: &results.run_started_at,
        run_finished_at: &results.run_finished_at,
        git_commit: results.metadata.git.commit.as_deref(),
        git_dirty: results.metadata.git.dirty,
        cache_mode: &results.cache_mode,
    }
}

fn entry<'a>(site: &Site<'a>, node: &'a ManifestNode, row: &'a ResultRow) -> Entry<'a> {
    let decision = &row.decision;
    let baseline = decision.baseline.as_ref();
    let metadata = &site.input.results.metadata;
    let (built_by, built_at, built_at_commit) = match row.status.known() {
        Some(Status::Success) => {
            (Some(metadata.run_id.as_str()), row.finished_at.as_deref(), metadata.git.commit.as_deref())
        }
        _ => (
            baseline.map(|one| one.run_id.as_str()),
            baseline.map(|one| one.built_at.as_str()),
            baseline.and_then(|one| one.git_commit.as_deref()),
        ),
    };
    let badge = Badge::of_row(row);
    let holds = |ok: bool| if ok { "holds" } else { "fails" };
    Entry {
        node: &node.name,
        kind: word::kind(&node.kind),
        materialized: word::materialized(&node.materialized),
        decision: badge.word,
        summary: &decision.summary,
        causes: decision.causes.iter().map(|cause| cause.sentence.clone()).collect(),
        codes: decision.causes.iter().map(|cause| cause.code.as_str()).collect(),
        roots: &decision.roots,
        checks: decision
            .checks
            .iter()
            .map(|check| format!("{} {}: {}", check.name, holds(check.ok), check.evidence))
            .collect(),
        fingerprint_before: baseline.map(|one| one.fingerprint.to_string()),
        fingerprint: node.fingerprint.value().to_string(),
        built_by,
        built_at,
        built_at_commit,
        rows: row.rows,
        duration_ms: row.duration_ms,
        badge,
        page: name::node_page(&node.name),
        run_page: built_by.filter(|run| site.is_kept(run)).map(name::run_page),
    }
}

fn html(site: &Site<'_>, entries: &[Entry<'_>]) -> Page {
    let path = "audit.html";
    let head = head(site);
    let run_page = site.is_kept(head.run_id).then(|| name::run_page(head.run_id));
    Page::of(path, &Audit { shell: Shell::new(&site.frame, Place::Audit, path, "Audit"), head, run_page, entries })
}

impl Audit<'_> {
    fn finished(&self) -> String {
        word::time(self.head.run_finished_at)
    }

    fn count(&self) -> String {
        word::count(self.entries.len(), "node")
    }
}

impl Entry<'_> {
    fn before(&self) -> &str {
        self.fingerprint_before.as_deref().map_or("–", |digest| &digest[..12])
    }

    fn now(&self) -> &str {
        &self.fingerprint[..12]
    }

    fn time(&self) -> String {
        self.built_at.map(word::time).unwrap_or_default()
    }

    fn commit(&self) -> Option<&str> {
        self.built_at_commit.map(word::commit)
    }
}

fn json(site: &Site<'_>, entries: &[Entry<'_>]) -> Vec<u8> {
    #[derive(Serialize)]
    struct File<'a> {
        run: Head<'a>,
        nodes: &'a [Entry<'a>],
    }
    crate::artifact::json(&File { run: head(site), nodes: entries })
}

/// RFC 4180. A cell that a spreadsheet would take for a formula gets an apostrophe in front.
fn csv(entries: &[Entry<'_>]) -> Vec<u8> {
    let head = [
        "node",
        "kind",
        "materialized",
        "decision",
        "summary",
        "causes",
        "codes",
        "roots",
        "checks",
        "fingerprint_before",
        "fingerprint",
        "built_by",
        "built_at",
        "built_at_commit",
        "rows",
        "duration_ms",
    ];
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(head).expect("invariant: writing to memory doesn't fail");
    let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
    for entry in entries {
        let cells = [
            entry.node.to_string(),
            entry.kind.to_string(),
            entry.materialized.to_string(),
            entry.decision.to_string(),
            entry.summary.to_string(),
            entry.causes.join("; "),
            entry.codes.join(" "),
            entry.roots.join("; "),
            entry.checks.join("; "),
            entry.fingerprint_before.clone().unwrap_or_default(),
            entry.fingerprint.clone(),
            entry.built_by.unwrap_or_default().to_string(),
            entry.built_at.unwrap_or_default().to_string(),
            entry.built_at_commit.unwrap_or_default().to_string(),
            number(entry.rows),
            number(entry.duration_ms),
        ];
        writer.write_record(cells.map(harmless)).expect("invariant: writing to memory doesn't fail");
    }
    writer.into_inner().expect("invariant: writing to memory doesn't fail")
}

fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}
