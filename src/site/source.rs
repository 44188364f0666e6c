//! A source's page: where its data is, which version was seen last and since when, who reads it, which of its columns
//! are used, and which aren't.

use super::columns::{self, Columns};
use super::graph::source_page;
use super::node::RunRef;
use super::room::{List, Room};
use super::shell::{Place, Shell};
use super::word::Thousands;
use super::word::{self, Badge};
use super::{Page, Site, Unit, markdown, name};
use crate::artifact::freshness::{SourceAge, SourceAges};
use crate::artifact::manifest::{ManifestNode, ManifestSource};
use crate::artifact::wire::Word;
use crate::check::freshness::FreshnessStatus;
use crate::digest::Digest;
use crate::fingerprint::{Component, Kind};
use crate::watch::How;
use askama::Template;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Readers of a column that are named.
const NAMED: usize = 6;
/// Readers that have a row.
const ROWS: usize = 100;
/// Bytes of names: of other readers, and of those of each version.
const NAMES: usize = 64 << 10;

#[derive(Template)]
#[template(path = "source.html")]
struct SourcePage<'a> {
    shell: Shell<'a>,
    name: &'a str,
    source: &'a ManifestSource,
    watch: String,
    fresh: Option<Fresh<'a>>,
    description: Option<String>,
    seen: Vec<Seen<'a>>,
    readers: Vec<Reader<'a>>,
    /// Readers that have no row.
    others: List<'a>,
    used: Vec<Used<'a>>,
    /// Columns that nothing reads; `None` where it isn't known which there are.
    unused: Option<Vec<&'a str>>,
    /// The page of the lineage of its columns.
    lineage: Option<String>,
}

/// A version of its data that a node was built from.
pub struct Seen<'a> {
    /// As it is told: rows, files, or what the source declares; its digest where it may not be shown.
    pub version: String,
    /// The earliest build among those that rest on it; unknown where none is recorded.
    pub run: Option<RunRef<'a>>,
    readers: List<'a>,
}

struct Reader<'a> {
    node: &'a ManifestNode,
    badge: Option<Badge>,
    columns: Vec<&'a str>,
}

struct Used<'a> {
    name: &'a str,
    page: String,
    readers: Vec<&'a str>,
    more: usize,
}

/// A page for each source, made together: what reads them is spread over the project.
pub fn unit<'a>(site: &'a Site<'a>) -> Unit<'a> {
    let manifest = site.input.manifest;
    let kept: Vec<&str> = site.kept.iter().copied().collect();
    #[derive(Serialize)]
    struct Inputs<'a>(Digest, Vec<&'a str>, usize, &'a SourceAges);
    let lineage = site.columns.items.len();
    // Runs that are named are those of builds, which `decided` covers; whether they have pages it doesn't.
    site.unit("sources of their own", &Inputs(site.decided, kept, lineage, site.input.ages), move || {
        manifest.sources.iter().map(|(name, source)| page(site, name, source)).collect()
    })
}

fn page<'a>(site: &'a Site<'a>, name: &'a str, source: &'a ManifestSource) -> Page {
    let nodes = site.input.manifest.nodes.values();
    let readers: Vec<&ManifestNode> = nodes.filter(|node| node.sources.iter().any(|read| read == name)).collect();
    let used = used(&site.columns, name, source);
    let of = |node: &&'a ManifestNode| Reader {
        node,
        badge: site.row(&node.name).map(Badge::of_row),
        columns: used
            .iter()
            .filter(|(_, readers)| readers.contains(node.name.as_str()))
            .map(|(name, _)| *name)
            .collect(),
    };
    let owner = owner(name, source);
    let path = source_page(name);
    let mut room = Room::new(NAMES);
    let all = known_columns(site, source);
    let view = SourcePage {
        shell: Shell::new(&site.frame, Place::Sources, path.clone(), name),
        name,
        source,
        watch: watch(source),
        fresh: Fresh::of(site, name, source),
        description: source.description.as_deref().map(markdown::html),
        seen: seen(site, name, &readers, &mut room),
        readers: readers.iter().take(ROWS).map(of).collect(),
        others: List::of(&|_| true, &mut room, readers.iter().skip(ROWS).map(|node| node.name.as_str())),
        unused: all.map(|all| all.into_iter().filter(|column| !used.contains_key(column)).collect()),
        lineage: (!site.columns.of(&owner).is_empty()).then(|| columns::page(&owner, 0)),
        used: used.into_iter().map(|(column, readers)| one(&site.columns, &owner, column, readers)).collect(),
    };
    Page::of(path, &view)
}

impl SourcePage<'_> {
    fn counted(&self) -> String {
        match self.readers.len() + self.others.count() {
            0 => "no node".into(),
            count => word::count(count, "node"),
        }
    }
}

/// How old a source's data were, of one that says how old they may get.
pub struct Fresh<'a> {
    /// What was found, where it was looked at.
    pub age: Option<&'a SourceAge>,
    /// `warns after 6 h, fails after 1 d`.
    pub limits: String,
}

impl<'a> Fresh<'a> {
    pub fn of(site: &Site<'a>, name: &str, source: &ManifestSource) -> Option<Fresh<'a>> {
        let limits = source.freshness.as_ref()?.words();
        Some(Fresh { age: site.age(name), limits })
    }

    /// Class, glyph and word.
    pub fn badge(age: &SourceAge) -> Badge {
        let (class, glyph, word) = match age.status {
            Word::Known(FreshnessStatus::Pass) => ("ok", "✓", "FRESH"),
            Word::Known(FreshnessStatus::Warn) => ("warn", "!", "OLD"),
            Word::Known(FreshnessStatus::Error) if age.age_seconds.is_none() => ("error", "✗", "OF NO KNOWN AGE"),
            Word::Known(FreshnessStatus::Error) => ("error", "✗", "TOO OLD"),
            Word::Unknown(_) => ("unselected", "?", "UNKNOWN"),
        };
        Badge { class, glyph, word }
    }

    pub fn time(age: &SourceAge) -> String {
        word::time(&age.checked_at)
    }
}

/// How it is told whether a source's data changed, in words.
pub fn watch(source: &ManifestSource) -> String {
    let Some(watch) = &source.watch else {
        return if source.provided_by.is_some() { "by the seed’s file".into() } else { String::new() };
    };
    match &watch.how {
        Some(Word::Known(How::Declared)) => "by the version that sources.yml declares".into(),
        Some(Word::Known(How::Files)) => "by the content of its files".into(),
        Some(Word::Known(How::Rows)) => "by its rows".into(),
        Some(Word::Unknown(how)) => format!("by what a newer fft calls `{how}`"),
        None => format!("not watched: {}", watch.why.as_deref().unwrap_or("nothing tells")),
    }
}

/// What lineage calls it: the seed where one provides it.
fn owner(name: &str, source: &ManifestSource) -> String {
    source.provided_by.clone().unwrap_or_else(|| columns::source_owner(name))
}

fn one<'a>(columns: &Columns<'a>, owner: &str, column: &'a str, readers: BTreeSet<&'a str>) -> Used<'a> {
    let more = readers.len().saturating_sub(NAMED);
    let item = columns.of(owner).iter().map(|at| &columns.items[*at]).find(|item| item.name == column);
    let page = item.map(columns::Item::page).unwrap_or_default();
    Used { name: column, page, readers: readers.into_iter().take(NAMED).collect(), more }
}

/// Its columns that something reads, each with the nodes that do, where lineage knows.
fn used<'a>(columns: &Columns<'a>, name: &str, source: &ManifestSource) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for at in columns.of(&owner(name, source)) {
        let readers: BTreeSet<&str> = columns.down(*at).iter().map(|link| columns.items[link.at].owner).collect();
        if !readers.is_empty() {
            found.insert(columns.items[*at].name, readers);
        }
    }
    found
}

/// All of its columns: of a seed's table they are known.
fn known_columns<'a>(site: &Site<'a>, source: &ManifestSource) -> Option<Vec<&'a str>> {
    let seed = site.input.manifest.nodes.get(source.provided_by.as_ref()?)?;
    let names = seed.columns.iter().map(|column| column.name.as_str());
    // Those that fft adds to the tables of seeds are nobody's to read.
    let own: Vec<&str> = names.filter(|name| !name.starts_with("_ff_")).collect();
    (!own.is_empty()).then_some(own)
}

/// The version that was read last.
pub fn seen_last<'a>(site: &'a Site<'a>, name: &str, readers: &[&'a ManifestNode]) -> Option<Seen<'a>> {
    seen(site, name, readers, &mut Room::new(0)).into_iter().next()
}

/// The versions that its readers rest on, by the build that is the earliest to have read each; one in the usual case.
fn seen<'a>(site: &'a Site<'a>, name: &str, readers: &[&'a ManifestNode], room: &mut Room) -> Vec<Seen<'a>> {
    let mut found: BTreeMap<Digest, (String, Vec<&'a ManifestNode>)> = BTreeMap::new();
    for node in readers {
        let known = node.fingerprint.known().into_iter().flat_map(|known| &known.components);
        for component in known.filter(|one| one.kind == Kind::SourceData && one.name.as_str() == name) {
            found.entry(component.digest).or_insert_with(|| (version(component), Vec::new())).1.push(node);
        }
    }
    let mut all: Vec<Seen<'a>> = found
        .into_values()
        .map(|(version, nodes)| Seen {
            version,
            run: nodes.iter().filter_map(|node| built(site, node)).min_by_key(|run| run.at),
            readers: List::of(&|_| true, room, nodes.iter().map(|node| node.name.as_str())),
        })
        .collect();
    all.sort_by(|left, right| right.run.as_ref().map(|run| run.at).cmp(&left.run.as_ref().map(|run| run.at)));
    all
}

fn version(component: &Component) -> String {
    match component.value.as_deref().filter(|_| !component.withheld) {
        Some(value) if value.lines().count() > 1 => format!("{} files", value.lines().count()),
        Some(value) => value.trim().to_string(),
        None => component.digest.short(),
    }
}

/// The build that the node's relation is of: of this run, where it was built by it.
fn built<'a>(site: &Site<'a>, node: &ManifestNode) -> Option<RunRef<'a>> {
    let row = site.row(&node.name)?;
    let results = site.input.results;
    let kept = |id: &str| site.is_kept(id).then(|| name::run_page(id));
    if matches!(Badge::of_row(row).class, "build" | "cascade") {
        let id = results.metadata.run_id.as_str();
        let git = &results.metadata.git;
        return Some(RunRef {
            id,
            page: kept(id),
            at: row.finished_at.as_deref().unwrap_or(&results.run_finished_at),
            commit: git.commit.as_deref(),
            dirty: git.dirty,
            uncommitted: git.uncommitted(),
        });
    }
    let baseline = row.decision.baseline.as_ref()?;
    Some(RunRef {
        id: &baseline.run_id,
        page: kept(&baseline.run_id),
        at: &baseline.built_at,
        commit: baseline.git_commit.as_deref(),
        dirty: baseline.git_dirty,
        uncommitted: None,
    })
}
