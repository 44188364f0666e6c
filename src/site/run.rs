//! A run's page: its roots with their differences and what each rebuilt, what isn't as it was in the run before, and
//! every decision, and why each was made. Beside it shards with the run's nodes.
//!
//! Made once: a record doesn't change.

use super::card::{Deck, edits};
use super::cause::{CauseView, diff_weight};
use super::compare::since::{Groups, groups};
use super::decided::explained::{self, Explanations};
use super::failure::Failures;
use super::history::RunSummary;
use super::line::reason;
use super::node::RunRef;
use super::reached::Reached;
use super::record::{self, Chain};
use super::room::{Linked, List, Room};
use super::shell::{Place, Shell};
use super::time::run::{TimeView, unspent};
use super::told::{Names, Piece};
use super::word::{self, Badge, Thousands};
use super::{Page, Site, Unit, compare, data, decided, name};
use crate::artifact::history::Record;
use crate::artifact::markdown;
use crate::artifact::results::{ResultRow, RunResults};
use crate::artifact::wire::{HookResult, Root};
use crate::execute::Status;
use crate::plan::{Code, RootKind};
use askama::Template;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of what a page has as much of as there is room for: differences, names of nodes, and of these two and the
/// explanations of nodes together.
const DIFFS: usize = 48 << 10;
const NAMES: usize = 28 << 10;
const ROOM: usize = 80 << 10;
/// Edits that are told one by one.
const ROOTS: usize = 20;
/// Failures that are told one by one.
const FAILURES: usize = 12;
/// Rows of the table of what was tried.
const ROWS: usize = 60;
/// Things that are told to be different since the run before.
const GROUPS: usize = 25;
/// Reasons for which nodes were left.
const LEFT: usize = 25;

#[derive(Template)]
#[template(path = "run.html")]
struct RunPage<'a> {
    shell: Shell<'a>,
    results: &'a RunResults,
    chain: Chain<'a>,
    explained: Explanations,
    /// What the script that explains any node loads.
    told: String,
    /// What the script that copies what the run did loads.
    said: String,
    run: RunRef<'a>,
    previous: Option<RunRef<'a>>,
    roots: Vec<RootView<'a>>,
    /// Edits that are left out.
    more_roots: usize,
    /// What it came to.
    sentence: Vec<Piece>,
    failures: Failures<'a>,
    /// Of those that were built, incremental models that were extended.
    extended: usize,
    since: Option<Since<'a>>,
    release: Option<Release<'a>>,
    /// Nodes that were built, failed or were blocked.
    tried: Vec<Row<'a>>,
    /// Such nodes that have no row.
    more_tried: usize,
    /// Nodes that were left, by the reason.
    left: Vec<Left<'a>>,
    /// Nodes that were left for other reasons.
    more_left: usize,
    time: Option<TimeView>,
    hooks: Vec<HookView<'a>>,
    /// Hooks that have no row.
    more_hooks: usize,
}

/// A hook of the run.
struct HookView<'a> {
    hook: &'a HookResult,
    badge: Badge,
}

/// What began rebuilding, with its causes and what it rebuilt.
struct RootView<'a> {
    title: Vec<Piece>,
    consequence: String,
    causes: Vec<CauseView<'a>>,
    /// What it changed of columns, and who reads them.
    reached: Reached<'a>,
    rebuilt: List<'a>,
}

struct Row<'a> {
    row: &'a ResultRow,
    badge: Badge,
    reason: &'a str,
    linked: bool,
}

struct Left<'a> {
    badge: Badge,
    reason: String,
    names: List<'a>,
    count: usize,
}

/// What isn't as it was in the run before, by what made it so.
struct Since<'a> {
    words: String,
    groups: Vec<Group<'a>>,
    /// Things that are left out.
    more: usize,
    /// Nodes of which it isn't known why they changed.
    unknown: List<'a>,
    added: List<'a>,
    removed: List<'a>,
}

/// What isn't as it was when a tagged commit was last run.
struct Release<'a> {
    tag: &'a str,
    run: RunRef<'a>,
    since: Since<'a>,
}

/// What one thing made different.
struct Group<'a> {
    sentence: &'a str,
    names: List<'a>,
}

/// What the run did as Markdown, for who copies it: a shard by this name.
pub fn said(run_id: &str) -> String {
    format!("said-{}", decided::stem(run_id))
}

/// Where the site at `address` compares two runs.
pub fn compared_at(address: &str, before: &str, after: &str) -> String {
    let parts = [("before", before), ("after", after)];
    let hash: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parts).finish();
    format!("{address}runs/compare.html#{hash}")
}

pub fn unit<'a>(site: &'a Site<'a>, run: &'a RunSummary) -> Unit<'a> {
    let previous = run.previous.as_deref().map(|previous| site.is_kept(previous));
    // Links to nodes that are gone would lead nowhere: only what the run took up is linked, so that these are all.
    let linked = run.nodes.keys().chain(&run.blocked).chain(run.roots.iter().map(|root| &root.name));
    let gone: Vec<&String> = linked.filter(|name| !site.is_node(name)).collect();
    // The record doesn't change, but runs that it rests on may be gone.
    let baselines: BTreeSet<&str> = run.nodes.values().filter_map(|build| build.baseline.as_deref()).collect();
    let lost: Vec<&str> = baselines.into_iter().filter(|baseline| !site.is_kept(baseline)).collect();
    let own = (&run.record, site.is_published(&run.run_id));
    let release = release(site, run).map(|(release, tag)| (&release.run_id, tag));
    let inputs = (run.identity(), previous, gone, lost, unspent(site, run), own, release);
    site.unit(format!("run/{}", run.run_id), &inputs, move || pages(site, run))
}

/// The newest run before it, of the same profile, whose commit has a tag, with the tag; nothing where that is simply the
/// run before.
fn release<'a>(site: &'a Site<'_>, run: &RunSummary) -> Option<(&'a RunSummary, &'a str)> {
    let earlier = site.input.runs.iter().take_while(|one| one.run_id != run.run_id);
    let tagged = |one: &'a RunSummary| {
        let tag = site.frame.tags_of(one.git_commit.as_deref()).last().copied()?;
        (one.profile == run.profile).then_some((one, tag))
    };
    let (found, tag) = earlier.filter_map(tagged).last()?;
    (run.previous.as_deref() != Some(found.run_id.as_str())).then_some((found, tag))
}

fn pages(site: &Site<'_>, run: &RunSummary) -> Vec<Page> {
    let Some(record) = site.input.archive.record(&run.run_id) else { return Vec::new() };
    let before = run.previous.as_deref().and_then(|previous| site.input.archive.record(previous));
    let found = run.previous.as_deref().and_then(|previous| groups(site, previous, &run.run_id));
    let release = release(site, run);
    let released = release.and_then(|(release, _)| site.input.archive.record(&release.run_id));
    let of_release = release.and_then(|(release, _)| groups(site, &release.run_id, &run.run_id));
    let results = &record.results;
    let path = name::run_page(&run.run_id);
    let linked = |name: &str| site.is_node(name) && run.took_up(name);
    let (mut tried, kept) = decisions(&linked, results);
    let more_tried = tried.len().saturating_sub(ROWS);
    tried.truncate(ROWS);
    let names = Names::of(site, results);
    let title = format!("Run {}", word::run_name(&run.run_id));
    let mut shell = Shell::new(&site.frame, Place::Runs, path.as_str(), title).about(&results.sentence);
    shell.scripts = &["told.js", "run.js", "verify.js"];
    let (mut diffs, mut room) = (Room::new(DIFFS), Room::new(NAMES));
    let (roots, more_roots) = roots(&Deck::new(site, results, &names), &linked, (&mut diffs, &mut room), results);
    let compared = before.as_deref().zip(found.as_ref());
    let changed = compared.map(|(before, found)| since(&linked, &mut room, (before, &*record), found));
    let compared = release.zip(released.as_deref().zip(of_release.as_ref()));
    let release = compared.map(|((release, tag), (before, found))| {
        let since = since(&linked, &mut room, (before, &*record), found);
        Release { tag, run: RunRef::of(release), since }
    });
    let (left, more_left) = left(&linked, &mut room, kept);
    let explained = explained::all(site, &shell, &record, ROOM - diffs.taken(DIFFS) - room.taken(NAMES));
    let mut shards = decided::shards(site, &record, &explained.pieces);
    let address = site.frame.base_url.as_ref().map(|base| format!("{base}{path}"));
    shards.push(data::shard(&said(&run.run_id), &markdown::run(results, address.as_deref())));
    let view = RunPage {
        shell,
        chain: record::chain(site, run),
        explained,
        told: decided::shard_name(&run.run_id),
        said: said(&run.run_id),
        sentence: names.pieces(&results.sentence),
        failures: Failures::of(site, results, &names, FAILURES),
        results,
        extended: results.extended(),
        run: RunRef { page: None, ..RunRef::of(run) },
        previous: run.previous.as_deref().map(|previous| named(site, previous)),
        roots,
        more_roots,
        since: changed,
        release,
        tried,
        more_tried,
        left,
        more_left,
        time: TimeView::of(&record, unspent(site, run), &linked),
        hooks: hooks(results),
        more_hooks: results.hooks.len().saturating_sub(ROWS),
    };
    std::iter::once(Page::of(path.clone(), &view)).chain(shards).collect()
}

/// A run of which no more than its name is told.
fn named<'a>(site: &Site<'_>, run: &'a str) -> RunRef<'a> {
    let page = site.is_kept(run).then(|| name::run_page(run));
    RunRef { id: run, page, at: "", commit: None, dirty: None, uncommitted: None }
}

impl RunPage<'_> {
    /// What happened, in a word that is a class too.
    fn state(&self) -> &'static str {
        word::state(&self.results.totals)
    }

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

impl HookView<'_> {
    fn rows(&self) -> String {
        self.hook.rows_affected.map(word::number).unwrap_or_default()
    }

    fn duration(&self) -> String {
        word::duration(self.hook.elapsed_ms)
    }
}

/// The first of a run's hooks, those that failed in front.
fn hooks(results: &RunResults) -> Vec<HookView<'_>> {
    let mut hooks: Vec<&HookResult> = results.hooks.iter().collect();
    hooks.sort_by_key(|hook| !hook.has_failed());
    let badge = |hook: &HookResult| {
        let (glyph, word, class) =
            if hook.has_failed() { ("✗", "FAILED", "error") } else { ("✓", "DONE", "build") };
        Badge { glyph, word, class }
    };
    hooks.into_iter().take(ROWS).map(|hook| HookView { hook, badge: badge(hook) }).collect()
}

/// What began rebuilding, an edit each, with the causes of its first node as far as diffs have room, and the nodes that
/// were rebuilt for it; and how many more edits there are.
fn roots<'a>(
    deck: &Deck<'a, '_>,
    linked: &Linked<'_>,
    (diffs, names): (&mut Room, &mut Room),
    results: &'a RunResults,
) -> (Vec<RootView<'a>>, usize) {
    let rows: BTreeMap<&str, &ResultRow> = results.results.iter().map(|row| (row.name.as_str(), row)).collect();
    let view = |edit: Vec<&'a Root>| {
        let root = edit[0];
        let own = rows.get(root.name.as_str()).filter(|_| root.kind == RootKind::Node);
        let causes = own.map(|row| row.decision.causes.as_slice()).unwrap_or_default();
        let causes = causes.iter().filter(|cause| !cause.code.is_upstream());
        let causes = causes.chain(deck.cause(root).filter(|_| own.is_none())).map(|cause| {
            let drawn = diff_weight(cause);
            CauseView::new(cause, diffs.takes(drawn))
        });
        let causes = causes.collect();
        let rebuilt = deck.rebuilt(&edit).into_iter().filter(|row| row.name != root.name);
        RootView {
            causes,
            reached: Reached::of(&edit, None),
            rebuilt: List::of(linked, names, rebuilt.map(|row| row.name.as_str())),
            title: deck.title(root),
            consequence: deck.consequence(&edit),
        }
    };
    let edits = edits(&results.roots);
    let more = edits.len().saturating_sub(ROOTS);
    (edits.into_iter().take(ROOTS).map(view).collect(), more)
}

fn since<'a>(
    linked: &Linked<'_>,
    room: &mut Room,
    (before, after): (&'a Record, &'a Record),
    found: &'a Groups,
) -> Since<'a> {
    let (old, new) = (&before.fingerprints, &after.fingerprints);
    let added = List::of(linked, room, new.keys().map(String::as_str).filter(|name| !old.contains_key(*name)));
    let removed = List::of(linked, room, old.keys().map(String::as_str).filter(|name| !new.contains_key(*name)));
    let counts = [(added.count(), "added"), (removed.count(), "removed")];
    let counts =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{} {word}", count.thousands()));
    let changed = (found.changed > 0).then(|| found.words());
    let words: Vec<String> = changed.into_iter().chain(counts).collect();
    let mut group = |group: &'a compare::since::Group| Group {
        sentence: &group.sentence,
        names: List::of(linked, room, group.nodes.iter().map(String::as_str)),
    };
    Since {
        words: if words.is_empty() { "every node has the fingerprint that it had".into() } else { words.join(", ") },
        groups: found.groups.iter().take(GROUPS).map(&mut group).collect(),
        more: found.groups.len().saturating_sub(GROUPS),
        unknown: List::of(linked, room, found.unknown.iter().map(|(name, _)| name.as_str())),
        added,
        removed,
    }
}

/// Nodes that were left, by what was done about them and why.
type Kept<'a> = BTreeMap<(Status, String), Vec<&'a str>>;

/// Nodes that something was done about, one by one, and the others in groups of one reason.
fn decisions<'a>(linked: &Linked<'_>, results: &'a RunResults) -> (Vec<Row<'a>>, Kept<'a>) {
    let mut tried = Vec::new();
    let mut groups = Kept::new();
    for row in &results.results {
        match row.status.known() {
            Some(status @ (Status::Skipped | Status::NotSelected)) => {
                groups.entry((status, rests_on(row))).or_default().push(&row.name);
            }
            _ => tried.push(Row { row, badge: Badge::of_row(row), reason: reason(row), linked: linked(&row.name) }),
        }
    }
    tried.sort_by_key(|row| (row.row.started_at.as_deref().unwrap_or("~"), row.row.name.as_str()));
    (tried, groups)
}

/// The groups with their names, the largest first, and how many nodes are in others.
fn left<'a>(linked: &Linked<'_>, room: &mut Room, groups: Kept<'a>) -> (Vec<Left<'a>>, usize) {
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(_, names)| Reverse(names.len()));
    let more = groups.iter().skip(LEFT).map(|(_, names)| names.len()).sum();
    let left = |((status, reason), names): ((Status, String), Vec<&'a str>)| Left {
        badge: Badge::known(status, None),
        reason,
        count: names.len(),
        names: List::of(linked, room, names.into_iter()),
    };
    (groups.into_iter().take(LEFT).map(left).collect(), more)
}

/// Why a node was left: of skips over equal inputs the run that they rest on, whatever number of inputs each has.
fn rests_on(row: &ResultRow) -> String {
    let equal = row.decision.primary_code == Code::AllInputsEqual && row.decision.unwatched.is_empty();
    match row.decision.baseline.as_ref().filter(|_| equal && row.status == Status::Skipped) {
        Some(baseline) => format!("all inputs equal to those of run {}", word::run_name(&baseline.run_id)),
        None => row.decision.summary.clone(),
    }
}
