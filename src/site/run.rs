//! A run's page: its roots with their differences and what each rebuilt, what isn't as it was in the run before, and
//! every decision. Beside it a shard with the run's nodes, for the comparison of any two runs.
//!
//! Made once: a record doesn't change.

use super::cause::CauseView;
use super::history::RunSummary;
use super::line::{RootLine, reason};
use super::node::RunRef;
use super::shell::{Place, Shell};
use super::time::run::{TimeView, unspent};
use super::word::{self, Badge};
use super::{Page, Site, Unit, data, name};
use crate::artifact::history::{Record, RecordedFingerprint};
use crate::artifact::results::{ResultRow, RunResults};
use crate::execute::Status;
use askama::Template;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Bytes of diffs that a run's page shows.
const DIFFS: usize = 64 * 1024;
/// Names that a list shows before it is cut.
const NAMES: usize = 200;

#[derive(Template)]
#[template(path = "run.html")]
struct RunPage<'a> {
    shell: Shell<'a>,
    results: &'a RunResults,
    run: RunRef<'a>,
    previous: Option<RunRef<'a>>,
    roots: Vec<RootView<'a>>,
    since: Option<Since<'a>>,
    /// Nodes that were built, failed or were blocked.
    tried: Vec<Row<'a>>,
    /// Nodes that were left, by the reason.
    left: Vec<Left<'a>>,
    time: Option<TimeView>,
}

/// A root with its causes and what it rebuilt.
struct RootView<'a> {
    line: RootLine<'a>,
    causes: Vec<CauseView<'a>>,
    rebuilt: Names<'a>,
}

/// Whether a name leads to its page.
type Linked<'a> = dyn Fn(&str) -> bool + 'a;

/// Names of nodes, each with whether it has a page, cut at a bound.
#[derive(Default)]
struct Names<'a> {
    shown: Vec<(&'a str, bool)>,
    more: usize,
}

struct Row<'a> {
    row: &'a ResultRow,
    badge: Badge,
    reason: &'a str,
    linked: bool,
}

struct Left<'a> {
    badge: Badge,
    reason: &'a str,
    names: Names<'a>,
    count: usize,
}

/// What isn't as it was in the run before, by fingerprints.
struct Since<'a> {
    added: Names<'a>,
    changed: Names<'a>,
    removed: Names<'a>,
}

pub fn unit<'a>(site: &'a Site<'a>, run: &'a RunSummary) -> Unit<'a> {
    let previous = run.previous.as_deref().map(|previous| site.is_kept(previous));
    // Links to nodes that are gone would lead nowhere: only what the run took up is linked, so that these are all.
    let linked = run.nodes.keys().chain(&run.blocked).chain(run.roots.iter().map(|root| &root.name));
    let gone: Vec<&String> = linked.filter(|name| !site.is_node(name)).collect();
    // The record doesn't change, but runs that it rests on may be gone.
    let inputs = (run.identity(), previous, gone, unspent(site, run));
    site.unit(format!("run/{}", run.run_id), &inputs, move || pages(site, run))
}

fn pages(site: &Site<'_>, run: &RunSummary) -> Vec<Page> {
    let Some(record) = site.input.archive.record(&run.run_id) else { return Vec::new() };
    let before = run.previous.as_deref().and_then(|previous| site.input.archive.record(previous));
    let results = &record.results;
    let path = name::run_page(&run.run_id);
    let linked = |name: &str| site.is_node(name) && run.took_up(name);
    let (tried, left) = decisions(&linked, results);
    let view = RunPage {
        shell: Shell::new(&site.frame, Place::Runs, path.as_str(), format!("Run {}", run.run_id)),
        results,
        run: RunRef {
            id: &run.run_id,
            page: None,
            at: &run.finished_at,
            commit: run.git_commit.as_deref(),
            dirty: run.git_dirty,
        },
        previous: run.previous.as_deref().map(|previous| RunRef {
            id: previous,
            page: site.is_kept(previous).then(|| name::run_page(previous)),
            at: "",
            commit: None,
            dirty: None,
        }),
        roots: roots(site, &linked, results),
        since: before.as_ref().map(|before| since(&linked, before, &record)),
        tried,
        left,
        time: TimeView::of(&record, unspent(site, run), &linked),
    };
    vec![Page::of(path.clone(), &view), shard(&record)]
}

impl RunPage<'_> {
    fn started(&self) -> String {
        word::time(&self.results.run_started_at)
    }

    fn duration(&self) -> String {
        word::duration(self.results.duration_ms)
    }
}

impl Row<'_> {
    fn rows(&self) -> String {
        self.row.rows.map(word::number).unwrap_or_default()
    }

    fn duration(&self) -> String {
        self.row.duration_ms.map(word::duration).unwrap_or_default()
    }
}

impl<'a> Names<'a> {
    fn of(linked: &Linked<'_>, names: impl Iterator<Item = &'a str>) -> Names<'a> {
        let mut shown: Vec<(&str, bool)> = names.map(|name| (name, linked(name))).collect();
        let more = shown.len().saturating_sub(NAMES);
        shown.truncate(NAMES);
        Names { shown, more }
    }

    fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    fn count(&self) -> usize {
        self.shown.len() + self.more
    }
}

impl Since<'_> {
    /// `2 changed, 1 added`, or that nothing is.
    fn words(&self) -> String {
        let counts = [(&self.changed, "changed"), (&self.added, "added"), (&self.removed, "removed")];
        let words: Vec<String> = counts
            .iter()
            .filter(|(names, _)| !names.is_empty())
            .map(|(names, word)| format!("{} {word}", names.count()))
            .collect();
        if words.is_empty() { "every node has the fingerprint that it had".into() } else { words.join(", ") }
    }
}

/// Roots with the causes of their own nodes, as far as diffs have room, and the nodes that were rebuilt for each.
fn roots<'a>(site: &Site<'_>, linked: &Linked<'_>, results: &'a RunResults) -> Vec<RootView<'a>> {
    let rows: BTreeMap<&str, &ResultRow> = results.results.iter().map(|row| (row.name.as_str(), row)).collect();
    let mut left = DIFFS;
    let view = |line: RootLine<'a>| {
        let own = rows.get(line.root.name.as_str()).filter(|_| line.is_named());
        let causes = own.map(|row| row.decision.causes.as_slice()).unwrap_or_default();
        let causes = causes.iter().filter(|cause| !cause.code.is_upstream()).map(|cause| {
            let own = cause.attributed_to.iter().filter_map(|found| found.diff.as_ref()).chain(&cause.diff);
            let bytes: usize = own.map(|diff| diff.unified.len()).sum();
            let fits = bytes <= left;
            left -= if fits { bytes } else { 0 };
            CauseView::new(cause, fits)
        });
        let causes = causes.collect();
        let name = line.root.name.as_str();
        let rebuilt = results.results.iter().filter(|row| {
            row.status == Status::Success && row.name != name && row.decision.roots.iter().any(|root| root == name)
        });
        RootView { causes, rebuilt: Names::of(linked, rebuilt.map(|row| row.name.as_str())), line }
    };
    RootLine::all(&results.roots, |name| site.is_node(name)).into_iter().map(view).collect()
}

fn since<'a>(linked: &Linked<'_>, before: &'a Record, after: &'a Record) -> Since<'a> {
    let (old, new) = (&before.fingerprints, &after.fingerprints);
    let changed = |name: &&str| old.get(*name).is_some_and(|one| one.value != new[*name].value);
    Since {
        added: Names::of(linked, new.keys().map(String::as_str).filter(|name| !old.contains_key(*name))),
        changed: Names::of(linked, new.keys().map(String::as_str).filter(changed)),
        removed: Names::of(linked, old.keys().map(String::as_str).filter(|name| !new.contains_key(*name))),
    }
}

/// Nodes that something was done about, one by one, and the others in groups of one reason.
fn decisions<'a>(linked: &Linked<'_>, results: &'a RunResults) -> (Vec<Row<'a>>, Vec<Left<'a>>) {
    let mut tried = Vec::new();
    let mut groups: BTreeMap<(Status, &str), Vec<&str>> = BTreeMap::new();
    for row in &results.results {
        match row.status.known() {
            Some(status @ (Status::Skipped | Status::NotSelected)) => {
                groups.entry((status, &row.decision.summary)).or_default().push(&row.name);
            }
            _ => tried.push(Row { row, badge: Badge::of_row(row), reason: reason(row), linked: linked(&row.name) }),
        }
    }
    tried.sort_by_key(|row| (row.row.started_at.as_deref().unwrap_or("~"), row.row.name.as_str()));
    let left = |((status, reason), names): ((Status, &'a str), Vec<&'a str>)| Left {
        badge: Badge::known(status, None),
        reason,
        count: names.len(),
        names: Names::of(linked, names.into_iter()),
    };
    (tried, groups.into_iter().map(left).collect())
}

/// What the comparison of two runs needs of one: each node's name, fingerprint in short, decision, and why.
fn shard(record: &Record) -> Page {
    let rows: BTreeMap<&str, &ResultRow> = record.results.results.iter().map(|row| (row.name.as_str(), row)).collect();
    let node = |(name, one): (&String, &RecordedFingerprint)| {
        let row = rows.get(name.as_str())?;
        let told = !matches!(row.status.known(), Some(Status::Skipped | Status::NotSelected));
        let why = if told { reason(row) } else { "" };
        Some(json!([name, one.value.short(), Badge::of_row(row).word, why]))
    };
    let nodes: Vec<Value> = record.fingerprints.iter().filter_map(node).collect();
    data::shard(&shard_name(&record.results.metadata.run_id), &nodes)
}

/// What a run's shard is loaded by.
pub fn shard_name(run_id: &str) -> String {
    let page = name::run_page(run_id);
    format!("run-{}", page.trim_start_matches("runs/").trim_end_matches(".html"))
}
