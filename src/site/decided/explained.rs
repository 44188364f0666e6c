//! Why a run did what it did to a node: decision, causes with their differences, path, checks, what its fingerprint
//! was made of before and after. `fft explain NODE --run RUN` says the same.
//!
//! The first ones stand on the run's page, each under `node=<name>`, so that a link leads there without a script; the
//! others go into pieces of shards.

use crate::artifact::history::Record;
use crate::artifact::results::{ResultRow, RunResults};
use crate::artifact::wire::{Cause, commit_words};
use crate::execute::Status;
use crate::site::cause::{CauseView, diff_bytes};
use crate::site::entry::rows_of;
use crate::site::node::component::{ComponentRow, Equality, rows};
use crate::site::reached::Reached;
use crate::site::shell::Shell;
use crate::site::word::Thousands;
use crate::site::word::{self, Badge};
use crate::site::{Site, name};
use askama::Template;

/// Explanations that stand on a run's page.
const SHOWN: usize = 200;
/// Their bytes.
const PAGE: usize = 48 << 10;
/// Bytes of differences in them.
const PAGE_DIFFS: usize = 8 << 10;
/// Bytes of differences in the pieces of a run.
const DIFFS: usize = 1 << 20;
/// Bytes of a piece.
const PIECE: usize = 192 << 10;

/// Names with their explanations as HTML.
pub type Piece = Vec<(String, String)>;

/// The explanations of all nodes that a run built, failed to build or didn't get to.
#[derive(Default)]
pub struct Explanations {
    /// On the run's page.
    pub shown: Vec<Shown>,
    /// Those that aren't there, or there with differences left out.
    pub pieces: Vec<Piece>,
    /// Nodes that the page has no room for.
    pub more: usize,
}

/// An explanation on the run's page.
pub struct Shown {
    pub name: String,
    pub badge: Badge,
    pub html: String,
}

#[derive(Template)]
#[template(path = "explained.html")]
struct Explained<'a> {
    shell: &'a Shell<'a>,
    row: &'a ResultRow,
    badge: Badge,
    run: &'a str,
    /// When the node was built, profile, commit.
    when: String,
    page: Option<String>,
    baseline: Option<Baseline<'a>>,
    causes: Vec<CauseView<'a>>,
    /// Each with its sentence, and with what it is to this node where it is an edit of columns.
    roots: Vec<(&'a str, &'a str, Option<String>)>,
    /// What its own edit changed of columns.
    reached: Reached<'a>,
    components: Vec<ComponentRow>,
    equal: usize,
    /// Why components aren't compared.
    note: Option<String>,
    rows: Option<String>,
}

struct Baseline<'a> {
    run: &'a str,
    name: String,
    page: Option<String>,
    at: String,
    commit: Option<String>,
    short: String,
}

/// `room` are the bytes that the page has left.
pub fn all(site: &Site<'_>, shell: &Shell<'_>, record: &Record, room: usize) -> Explanations {
    let mut tried: Vec<&ResultRow> = record.results.results.iter().filter(|row| is_explained(row)).collect();
    // What failed and what began it come first.
    let rank =
        |row: &ResultRow| (row.status == Status::Success, row.decision.impact.is_none(), row.status == Status::Blocked);
    tried.sort_by(|left, right| (rank(left), &left.name).cmp(&(rank(right), &right.name)));
    let mut found = Explanations::default();
    let in_pieces = site.is_published(&record.results.metadata.run_id);
    let (mut left, mut page_left, mut room) = (DIFFS, PAGE_DIFFS, PAGE.min(room));
    for row in tried {
        if let Some(one) = on_page(site, shell, record, row, (&mut room, &mut page_left), found.shown.len()) {
            let whole = one.1;
            found.shown.push(one.0);
            if whole {
                continue;
            }
        } else {
            found.more += 1;
        }
        // Of a run whose record the site doesn't have, its shard tells causes and checks: that has to do.
        if !in_pieces {
            continue;
        }
        let html = Explained::of(site, shell, record, row, &mut left).html();
        if found.pieces.last().is_none_or(|piece| bytes(piece) + html.len() > PIECE) {
            found.pieces.push(Piece::new());
        }
        found.pieces.last_mut().expect("invariant: one was pushed").push((row.name.clone(), html));
    }
    found
}

/// An explanation for the run's page, and whether no difference is left out of it; `None` where there is no room, and
/// then there is none for what follows.
fn on_page(
    site: &Site<'_>,
    shell: &Shell<'_>,
    record: &Record,
    row: &ResultRow,
    (room, diffs): (&mut usize, &mut usize),
    shown: usize,
) -> Option<(Shown, bool)> {
    let told = Explained::of(site, shell, record, row, diffs);
    let html = Some(told.html()).filter(|html| html.len() <= *room && shown < SHOWN);
    *room -= html.as_ref().map_or(*room, String::len);
    Some((Shown { name: row.name.clone(), badge: told.badge, html: html? }, told.is_whole()))
}

fn is_explained(row: &ResultRow) -> bool {
    !matches!(row.status.known(), Some(Status::Skipped | Status::NotSelected))
}

fn bytes(piece: &Piece) -> usize {
    piece.iter().map(|(_, html)| html.len()).sum()
}

impl<'a> Explained<'a> {
    /// `left` are the bytes that differences may still take.
    fn of(
        site: &Site<'_>,
        shell: &'a Shell<'a>,
        record: &'a Record,
        row: &'a ResultRow,
        left: &mut usize,
    ) -> Explained<'a> {
        let results = &record.results;
        let cause = |cause: &'a Cause| {
            let diffs = diff_bytes(cause);
            let fits = diffs <= *left;
            *left -= if fits { diffs } else { 0 };
            CauseView::new(cause, fits)
        };
        let causes = row.decision.causes.iter().map(cause).collect();
        // The page is made again when the run that it leads to goes, as long as it is known for what it built or tried.
        let tried = matches!(row.status.known(), Some(Status::Success | Status::Error));
        let baseline = row.decision.baseline.as_ref().map(|one| Baseline {
            run: &one.run_id,
            name: word::run_name(&one.run_id),
            page: (tried && site.is_kept(&one.run_id)).then(|| name::run_page(&one.run_id)),
            at: word::time(&one.built_at),
            commit: one.git_commit.as_deref().map(|commit| commit_words(commit, one.git_dirty, None)),
            short: one.fingerprint.short(),
        });
        let (components, equal, note) = components(site, record, row);
        Explained {
            shell,
            row,
            badge: Badge::of_row(row),
            run: &results.metadata.run_id,
            when: when(results, row),
            page: site.is_node(&row.name).then(|| name::node_page(&row.name)),
            baseline,
            causes,
            roots: roots(results, row),
            reached: Reached::of_node(&results.roots, &row.name),
            components,
            equal,
            note,
            rows: rows_words(site, row),
        }
    }

    fn html(&self) -> String {
        self.render().expect("invariant: writing to memory doesn't fail")
    }

    /// Whether no difference is left out.
    fn is_whole(&self) -> bool {
        self.causes.iter().all(|cause| cause.left_out == 0)
    }

    fn duration(&self) -> Option<String> {
        self.row.duration_ms.map(word::duration)
    }
}

fn when(results: &RunResults, row: &ResultRow) -> String {
    let at = row.finished_at.as_deref().unwrap_or(&results.run_finished_at);
    let git = &results.metadata.git;
    let commit =
        git.commit.as_deref().map(|commit| format!(" · commit {}", commit_words(commit, git.dirty, git.uncommitted())));
    format!("{} · profile {}{}", word::time(at), results.profile, commit.unwrap_or_default())
}

/// `3 → 4 rows`, or what is known of it.
fn rows_words(site: &Site<'_>, row: &ResultRow) -> Option<String> {
    let now = row.rows?;
    let before = row.decision.baseline.as_ref().and_then(|one| rows_of(site.input.runs, &one.run_id, &row.name));
    let counted = word::count(usize::try_from(now).unwrap_or(usize::MAX), "row");
    Some(before.map_or(counted.clone(), |before| format!("{} → {counted}", word::number(before))))
}

/// Each root with its sentence, and what its edit of columns is to the node.
fn roots<'a>(results: &'a RunResults, row: &'a ResultRow) -> Vec<(&'a str, &'a str, Option<String>)> {
    let others = row.decision.roots.iter().filter(|name| **name != row.name);
    let told = |name: &'a String| {
        let root = results.roots.iter().find(|root| root.name == *name);
        let columns = root.and_then(|root| Some(root.columns.as_ref()?.told_to(name, &row.name)));
        (name.as_str(), root.map_or("", |root| root.sentence.as_str()), columns)
    };
    others.map(told).collect()
}

/// Components that aren't the same as in the baseline, how many are, and why they aren't compared.
fn components(site: &Site<'_>, record: &Record, row: &ResultRow) -> (Vec<ComponentRow>, usize, Option<String>) {
    let full = |record: &Record| record.fingerprints.get(&row.name)?.full.as_ref()?.known().cloned();
    let Some(now) = full(record) else { return (Vec::new(), 0, None) };
    let Some(baseline) = row.decision.baseline.as_ref() else {
        let note = format!("{} components, and no earlier build to compare them with.", now.components.len());
        return (Vec::new(), 0, Some(note));
    };
    let earlier = site.input.archive.record(&baseline.run_id);
    match earlier.as_deref().and_then(full).filter(|then| then.value == baseline.fingerprint) {
        None => (Vec::new(), 0, Some("The components of the build that it was compared with aren’t kept.".into())),
        Some(then) => {
            let (equal, other): (Vec<_>, Vec<_>) =
                rows(&then, &now).into_iter().partition(|row| row.equality == Equality::Equal);
            (other, equal.len(), None)
        }
    }
}
