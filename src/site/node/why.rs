//! Why a node was built the last time, or tried: each cause with its difference, and the path from each root.

use super::RunRef;
use super::path::{Path, paths};
use crate::artifact::history::Record;
use crate::artifact::manifest::ManifestNode;
use crate::artifact::results::{ResultRow, RunResults};
use crate::artifact::wire::Root;
use crate::execute::Status;
use crate::site::card::{Card, Deck};
use crate::site::cause::CauseView;
use crate::site::name::run_page;
use crate::site::reached::Reached;
use crate::site::told::Names;
use crate::site::{Site, word};
use std::sync::Arc;

/// Roots that are shown with their differences.
const ROOTS: usize = 3;

pub struct Why<'a> {
    pub title: &'static str,
    pub run: RunRef<'a>,
    pub row: &'a ResultRow,
    pub causes: Vec<CauseView<'a>>,
    /// What its own edit changed of columns, and who reads them.
    pub reached: Reached<'a>,
    /// The roots of a build for what is upstream, with their differences, and how many more there are.
    pub cards: Vec<Card<'a>>,
    pub more_cards: usize,
    pub paths: Vec<Path<'a>>,
    /// Roots that have no path here.
    pub more_roots: usize,
}

impl Why<'_> {
    /// What the build took and gave.
    pub fn measures(&self) -> Vec<(String, String)> {
        let row = self.row;
        let mut facts = Vec::new();
        facts.extend(row.rows.map(|rows| ("Rows", word::number(rows))));
        facts.extend(row.duration_ms.map(|time| ("Time", word::duration(time))));
        facts.extend(row.query_duration_ms.map(|time| ("Of it in the engine", word::duration(time))));
        let scanned = if row.bytes_estimated { "Scanned, as estimated" } else { "Scanned" };
        facts.extend(row.bytes_scanned.map(|bytes| (scanned, word::bytes(bytes))));
        facts.extend(row.decision.impact.map(|impact| ("Rebuilt because of it", word::count(impact, "node"))));
        let facts = facts.into_iter().map(|(name, value)| (name.to_string(), value));
        facts.chain(row.other_measures()).collect()
    }

    pub fn requests(&self, count: &u64) -> String {
        word::count(*count as usize, "request")
    }

    pub fn size(&self, bytes: &u64) -> String {
        word::bytes(*bytes)
    }

    pub fn cause_count(&self) -> String {
        word::count(self.causes.len(), "cause")
    }
}

/// The record of the run that built the node last, where the last run didn't.
pub fn archived(site: &Site<'_>, node: &ManifestNode) -> Option<Arc<Record>> {
    let row = site.row(&node.name);
    if row.is_some_and(|row| matches!(row.status.known(), Some(Status::Success | Status::Error))) {
        return None;
    }
    let (run, _) = site.builds(&node.name).first()?;
    site.input.archive.record(&run.run_id)
}

pub fn of<'a>(site: &'a Site<'_>, node: &ManifestNode, archived: Option<&'a Record>) -> Option<Why<'a>> {
    let results: &RunResults = archived.map_or(site.input.results, |record| &record.results);
    let row = results.results.iter().find(|row| row.name == node.name)?;
    let now = site.row(&node.name).and_then(|row| row.status.known());
    let left = matches!(now, Some(Status::Error | Status::Blocked));
    let title = match (row.status.known()?, archived.is_some()) {
        (Status::Success, false) => "Why it was built",
        (Status::Success, true) if left => "What its relation holds: why it was last built",
        (Status::Success, true) => "Why it was last built",
        (Status::Error, false) => "Why it was to be built, and failed",
        (Status::Error, true) => "Why it was last to be built, and failed",
        _ => return None,
    };
    let shown = site.shown_diffs.contains(node.name.as_str());
    let (paths, more_roots) = paths(site, results, row);
    let names = Names::of(site, results);
    let above = |root: &Root| root.name != node.name && row.decision.roots.contains(&root.name);
    let (cards, more_cards) = Deck::new(site, results, &names).on_page_of(&node.name).cards_of(ROOTS, above);

    let run_id = results.metadata.run_id.as_str();
    Some(Why {
        title,
        run: RunRef {
            id: run_id,
            page: site.is_kept(run_id).then(|| run_page(run_id)),
            at: row.finished_at.as_deref().unwrap_or(&results.run_finished_at),
            commit: results.metadata.git.commit.as_deref(),
            dirty: results.metadata.git.dirty,
            uncommitted: results.metadata.git.uncommitted(),
        },
        row,
        causes: row.decision.causes.iter().map(|cause| CauseView::new(cause, shown)).collect(),
        reached: Reached::of_node(&results.roots, &node.name),
        cards,
        more_cards,
        paths,
        more_roots,
    })
}
