//! What search looks through, in two tiers: `search` (names, columns, descriptions, runs, commits, causes, folders, tags,
//! owners), loaded when search opens, and `code-0`, `code-1` … (compiled SQL and Python), loaded when somebody types.

use super::columns::{self, Columns};
use super::graph::{Dag, Item, Of};
use super::history::RunSummary;
use super::name::{page_name, run_page};
use super::{Page, Site, Unit, data, meta, owner, word};
use crate::artifact::manifest::Manifest;
use crate::artifact::wire::{Word, commit_words, title};
use crate::execute::Status;
use crate::plan::Code;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Letters of code in a shard, about.
const CODE: usize = 400_000;

pub fn units<'a>(site: &'a Site<'a>) -> [Unit<'a>; 2] {
    let (manifest, results) = (site.input.manifest, site.input.results);
    let dag = move || Dag::new(manifest, results);
    let runs: Vec<_> = site.input.runs.iter().map(RunSummary::identity).collect();
    let first = site.unit("search", &(site.decided, &manifest.macros, &runs), move || {
        vec![index(manifest, &dag(), &site.columns, site.input.runs)]
    });
    [first, site.unit("code", &site.decided, move || code(&dag()))]
}

/// The first tier. `runs` are those that are kept, oldest first.
pub fn index(manifest: &Manifest, dag: &Dag<'_>, columns: &Columns<'_>, runs: &[RunSummary]) -> Page {
    data::shard("search", &Index::new(manifest, dag, columns, runs))
}

/// The second tier.
pub fn code(dag: &Dag<'_>) -> Vec<Page> {
    let mut shards = Vec::new();
    let mut piece: Vec<Value> = Vec::new();
    let mut size = 0;
    let code = dag.items.iter().zip(0..).filter_map(|(item, at): (_, u32)| Some((at, item.node()?.compiled.as_ref()?)));
    let mut close = |piece: &mut Vec<Value>| {
        shards.push(data::shard(&format!("code-{}", shards.len()), &std::mem::take(piece)));
    };
    for (at, text) in code {
        piece.push(json!([at, text]));
        size += text.len();
        if size > CODE {
            close(&mut piece);
            size = 0;
        }
    }
    if !piece.is_empty() {
        close(&mut piece);
    }
    shards
}

/// A column: its name, what is said of it or empty, and its place where that isn't the usual one:
/// `columns/<page name of the node>.html#column-<name>`.
#[derive(Serialize)]
struct Named(String, String, #[serde(skip_serializing_if = "Option::is_none")] Option<String>);

impl Named {
    fn new(owner: &str, column: &columns::Item<'_>) -> Named {
        let (name, place) = (column.name, column.page());
        let usual = format!("columns/{}.html#column-{name}", page_name(owner));
        let said = column.column.and_then(|column| column.description.clone());
        Named(name.into(), said.unwrap_or_default(), (place != usual).then_some(place))
    }
}

/// One entry an item; macros follow. What has a place and no more is among the others.
#[derive(Serialize)]
struct Index {
    names: Vec<String>,
    /// What each is: `seed`, `source`, `SQL`, `Python`, `macro`.
    kinds: Vec<&'static str>,
    pages: Vec<String>,
    descriptions: Vec<String>,
    /// Tags, separated by spaces.
    tags: Vec<String>,
    columns: Vec<Vec<Named>>,
    /// What it is, its name, what is said of it, where it leads.
    others: Vec<Other>,
}

type Other = (&'static str, String, String, String);

impl Index {
    fn new(manifest: &Manifest, dag: &Dag<'_>, columns: &Columns<'_>, runs: &[RunSummary]) -> Index {
        let items = &dag.items;
        let macros = &manifest.macros;
        let mut index = Index {
            names: items.iter().map(|item| item.name.to_string()).collect(),
            kinds: items.iter().map(|item| item.kind.word().1).collect(),
            pages: items.iter().map(|item| item.page.clone()).collect(),
            descriptions: items.iter().map(description).collect(),
            tags: items.iter().map(|item| item.node().map(|node| node.tags.join(" ")).unwrap_or_default()).collect(),
            columns: items.iter().map(|item| named(item, columns)).collect(),
            others: runs_of(runs).chain(commits(runs)).chain(causes(dag)).chain(groups(dag)).collect(),
        };
        for path in macros.keys() {
            index.names.push(path.clone());
            index.kinds.push("macro");
            index.pages.push(format!("macros.html#{}", page_name(path)));
            index.descriptions.push(String::new());
            index.tags.push(String::new());
            index.columns.push(Vec::new());
        }
        index
    }
}

fn description(item: &Item<'_>) -> String {
    let said = match item.of {
        Of::Node(node, _) => &node.description,
        Of::Source(source) => &source.description,
    };
    said.clone().unwrap_or_default()
}

/// A node's columns, and those of a source that queries take.
fn named(item: &Item<'_>, columns: &Columns<'_>) -> Vec<Named> {
    let owner = match item.of {
        Of::Node(..) => item.name.to_string(),
        Of::Source(_) => columns::source_owner(item.name),
    };
    columns.of(&owner).iter().map(|at| Named::new(item.name, &columns.items[*at])).collect()
}

fn runs_of(runs: &[RunSummary]) -> impl Iterator<Item = Other> {
    runs.iter().rev().map(|run| {
        let failed = run.nodes.iter().filter(|(_, build)| build.status == Word::Known(Status::Error));
        let failed: Vec<&str> = failed.map(|(name, _)| name.as_str()).take(3).collect();
        let failed = if failed.is_empty() { String::new() } else { format!(" · failed: {}", failed.join(", ")) };
        let said = format!("{} · {} · {}{failed}", word::time(&run.finished_at), run.profile, run.totals.words());
        ("run", run.run_id.clone(), said, run_page(&run.run_id))
    })
}

/// Commits lead to the newest run of each.
fn commits(runs: &[RunSummary]) -> impl Iterator<Item = Other> {
    let mut found: BTreeMap<&str, Vec<&RunSummary>> = BTreeMap::new();
    for run in runs {
        found.entry(run.git_commit.as_deref().unwrap_or_default()).or_default().push(run);
    }
    found.into_iter().filter(|(commit, _)| !commit.is_empty()).map(|(commit, runs)| {
        let newest = runs[runs.len() - 1];
        let said = format!("{}, the newest {}", word::count(runs.len(), "run"), word::time(&newest.finished_at));
        ("commit", commit_words(commit, None, None), said, run_page(&newest.run_id))
    })
}

/// Causes of what the last run built or couldn't: they lead to the nodes that have them.
fn causes<'a>(dag: &Dag<'a>) -> impl Iterator<Item = Other> + use<'a> {
    let mut found: BTreeMap<&Word<Code>, usize> = BTreeMap::new();
    let rows = dag.items.iter().filter_map(|item| item.row());
    let done = |status: Option<Status>| !matches!(status, Some(Status::Skipped | Status::NotSelected));
    for row in rows.filter(|row| done(row.status.known())) {
        *found.entry(&row.decision.primary_code).or_default() += 1;
    }
    found.into_iter().map(|(code, count)| {
        let code_word = code.as_str();
        let said = format!("{code_word} · {} of the last run", word::count(count, "node"));
        ("cause", title(code), said, format!("index.html#cause={}", escaped(code_word)))
    })
}

/// Folders, tags and owners.
fn groups(dag: &Dag<'_>) -> impl Iterator<Item = Other> {
    let mut folders: BTreeMap<String, usize> = BTreeMap::new();
    let mut tags: BTreeMap<&str, usize> = BTreeMap::new();
    let mut owners: BTreeMap<String, usize> = BTreeMap::new();
    for node in dag.items.iter().filter_map(Item::node) {
        let folder = node.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let above = folder.match_indices('/').map(|(at, _)| &folder[..at]).chain([folder]);
        for folder in above.filter(|folder| !folder.is_empty()) {
            *folders.entry(folder.into()).or_default() += 1;
        }
        for tag in node.tags.iter().collect::<BTreeSet<_>>() {
            *tags.entry(tag).or_default() += 1;
        }
        for name in meta::owners(node) {
            *owners.entry(name).or_default() += 1;
        }
    }
    let nodes = |count| word::count(count, "node");
    let folders = folders.into_iter().map(move |(folder, count)| {
        let page = format!("index.html#folder={}", escaped(&folder));
        ("folder", folder, nodes(count), page)
    });
    let tags = tags
        .into_iter()
        .map(move |(tag, count)| ("tag", tag.to_string(), nodes(count), format!("index.html#tag={}", escaped(tag))));
    let owners = owners.into_iter().map(move |(name, count)| {
        let page = owner::page(&name);
        ("owner", name, nodes(count), page)
    });
    folders.chain(tags).chain(owners).collect::<Vec<_>>().into_iter()
}

/// As a value in an address' hash.
fn escaped(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
