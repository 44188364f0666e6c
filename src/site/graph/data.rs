//! The graph for scripts, column by column, so that ten thousand nodes are a small file: `graph`, and what is asked for
//! less often: `ways` (how long edges run when the whole is shown) and `reached` (what was taken up for each root).
//!
//! `static/model.js` reads it. Values that repeat stand in lists once and are numbers elsewhere; a string with a letter
//! for each item stands for a column of few values.

use super::column::Column;
use super::rank::DECISIONS;
use super::{Dag, Item, Kind, Of, reach, view};
use crate::artifact::results::ResultRow;
use crate::artifact::wire::ExposureUse;
use crate::execute::Status;
use crate::graph::Materialization;
use crate::plan::Role;
use crate::site::layout::{Layout, layout};
use crate::site::meta;
use crate::site::word::{self, Badge};
use crate::site::{Page, data};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) fn shards(dag: &Dag<'_>) -> Vec<Page> {
    let whole = layout(dag.items.len(), &dag.edges);
    vec![
        data::shard("graph", &Graph::new(dag, &whole)),
        data::shard("ways", &ways(&whole)),
        data::shard("reached", &reach::members(dag)),
    ]
}

/// The wire form of `graph`.
#[derive(Serialize)]
struct Graph<'a> {
    /// Of nodes; sources follow.
    nodes: usize,
    names: Vec<String>,
    words: Words,
    /// A letter each, as `words` has them.
    kinds: String,
    /// `-` for a source.
    materialized: String,
    /// `-` without a decision.
    decisions: String,
    /// Letters: root, cascade, mixed, `-`.
    roles: String,
    /// Never built before, or not as last built.
    states: String,
    /// Of all causes, the primary one first, separated by spaces.
    codes: Column,
    /// Why, in words; empty where the path of `via` is the reason.
    sentences: Column,
    /// The node before this one on the path from its nearest root, as a distance; 0 for none.
    via: Vec<i64>,
    folders: Column,
    /// The file's name; what begins with `*` follows the node's name.
    files: Column,
    packages: Column,
    /// Tags, separated by line ends.
    tags: Column,
    /// Who answers for it, separated by line ends.
    owners: Column,
    /// Exposures that read it, separated by line ends.
    exposures: Column,
    /// Sources read, as numbers in `sources`, separated by spaces.
    reads: Column,
    /// Group and table.
    sources: Vec<[String; 2]>,
    /// How fresh each of those was, where that was looked at.
    fresh: Vec<&'a str>,
    /// How many edges lead to each item, and where they come from, as distances within one item's.
    degrees: Vec<usize>,
    upstream: Vec<i64>,
    /// Of the layout of the whole.
    columns: Vec<u32>,
    heights: Vec<i32>,
    /// Numbers of incremental models that were extended.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    extended: Vec<usize>,
    /// Rows, rows of the build before, and milliseconds; -1 for unknown.
    rows: Vec<i64>,
    before: Vec<i64>,
    milliseconds: Vec<i64>,
    /// Numbers of the first causes that each was taken up for, separated by spaces.
    causes: Column,
    /// What is said of tests: `f2` failed, `w1` warned, `p3` passed; empty where nothing is known of any.
    tests: Column,
    /// Whether anything is known of tests.
    tested: bool,
    /// Whether anything is told of owners.
    owned: bool,
    /// Whether an edit of columns is among the causes: then there is `column-impact`.
    columned: bool,
    /// For names of files that are saved.
    project: String,
    /// Pages that aren't called like their nodes.
    pages: BTreeMap<usize, String>,
    /// The run's causes by number.
    roots: Vec<Value>,
    /// What the graph opens with.
    view: &'static str,
}

impl<'a> Graph<'a> {
    fn new(dag: &'a Dag<'_>, whole: &Layout) -> Graph<'a> {
        let column = |of: &dyn Fn(&Item<'_>) -> String| Column::new(dag.items.iter().map(of));
        let letters = |of: &dyn Fn(&Item<'_>) -> char| dag.items.iter().map(of).collect::<String>();
        let numbers = |of: &dyn Fn(&Item<'_>) -> Option<u64>| {
            let one = |item: &Item<'_>| of(item).and_then(|number| i64::try_from(number).ok()).unwrap_or(-1);
            dag.items.iter().map(one).collect::<Vec<i64>>()
        };
        let vias: Vec<Option<u32>> = dag.items.iter().map(|item| via(dag, item)).collect();
        let sources: Vec<&String> = dag.manifest.sources.keys().collect();
        let (degrees, upstream) = edges(dag);
        let words = Words::new(dag);
        Graph {
            nodes: dag.nodes,
            names: dag.items.iter().map(|item| item.name.to_string()).collect(),
            kinds: letters(&kind),
            materialized: letters(&|item| words.materialized(item)),
            decisions: letters(&|item| words.decision(item)),
            roles: letters(&role),
            states: letters(&|item| state(item)),
            codes: column(&codes),
            sentences: Column::new(dag.items.iter().zip(&vias).map(|(item, via)| match via {
                Some(_) => String::new(),
                None => item.row().map(sentence).unwrap_or_default(),
            })),
            via: vias.iter().zip(0..).map(|(via, at)| via.map_or(0, |via| i64::from(via) - at)).collect(),
            folders: column(&|item| item.folder()),
            files: column(&file),
            packages: column(&|item| package(item, &dag.manifest.metadata.project)),
            tags: column(&|item| item.node().map(|node| node.tags.join("\n")).unwrap_or_default()),
            owners: column(&|item| item.node().map(|node| meta::owners(node).join("\n")).unwrap_or_default()),
            exposures: column(&|item| exposures(dag, item)),
            reads: column(&|item| reads(item, &sources)),
            sources: dag.manifest.sources.values().map(|one| [one.group.clone(), one.table.clone()]).collect(),
            fresh: sources.iter().map(|name| fresh(dag, name)).collect(),
            degrees,
            upstream,
            columns: whole.column.clone(),
            heights: whole.y.clone(),
            extended: (0..dag.items.len())
                .filter(|at| dag.items[*at].row().is_some_and(ResultRow::is_extended))
                .collect(),
            rows: numbers(&|item| item.row()?.rows),
            before: numbers(&|item| item.past.rows_before),
            milliseconds: numbers(&|item| item.row()?.duration_ms),
            causes: column(&|item| item.causes.iter().map(usize::to_string).collect::<Vec<_>>().join(" ")),
            tests: column(&|item| item.tests.clone()),
            tested: dag.items.iter().any(|item| !item.tests.is_empty()),
            owned: dag.items.iter().filter_map(Item::node).any(|node| !meta::owners(node).is_empty()),
            columned: dag.results.roots.iter().any(|root| root.columns.is_some()),
            project: dag.manifest.metadata.project.clone(),
            pages: pages(dag),
            roots: reach::listed(dag),
            words,
            view: match view::View::first(dag) {
                view::View::All => "all",
                view::View::Map => "map",
            },
        }
    }
}

/// The names of exposures that read an item.
fn exposures(dag: &Dag<'_>, item: &Item<'_>) -> String {
    let reads = |one: &ExposureUse| one.node.as_deref() == Some(item.name);
    let all = dag.manifest.exposures.iter().filter(|(_, exposure)| exposure.depends_on.iter().any(reads));
    all.map(|(name, _)| name.as_str()).collect::<Vec<_>>().join("\n")
}

/// `pass`, `warn`, `error`, or nothing.
fn fresh<'a>(dag: &'a Dag<'_>, source: &str) -> &'a str {
    let age = dag.ages.and_then(|ages| ages.sources.get(source));
    age.map_or("", |age| age.status.as_str())
}

/// What letters stand for, for scripts: the words that pages use.
#[derive(Serialize)]
struct Words {
    /// Worst first: class, glyph, word, and what `result:` calls it.
    decisions: Vec<(char, &'static str, &'static str, &'static str, String)>,
    /// What `kind:` calls it, and the word.
    kinds: Vec<(char, &'static str, &'static str)>,
    /// The word, and whether such a relation keeps a history.
    materialized: Vec<(char, String, bool)>,
    /// What `state:` calls it.
    states: Vec<(char, &'static str)>,
}

const KINDS: [(Kind, char); 4] = [(Kind::Seed, 's'), (Kind::Source, 'o'), (Kind::Sql, 'q'), (Kind::Python, 'p')];

impl Words {
    fn new(dag: &Dag<'_>) -> Words {
        let decision = |(status, role, letter): (Status, Option<Role>, char)| {
            let Badge { glyph, word, class } = Badge::known(status, role);
            (letter, class, glyph, word, spelled(&status))
        };
        let mut words = Words {
            decisions: DECISIONS.into_iter().map(decision).collect(),
            kinds: KINDS.into_iter().map(|(kind, letter)| (letter, kind.word().0, kind.word().1)).collect(),
            materialized: Materialization::ALL.map(of_materialization).into(),
            states: vec![('n', "new"), ('m', "modified"), ('-', "")],
        };
        // Words that aren't known here have capital letters, in the order in which they turn up.
        for item in &dag.items {
            if let Some(status) = item.row().and_then(|row| row.status.unknown())
                && !words.decisions.iter().any(|(.., known)| known == status)
            {
                let (Badge { glyph, word, class }, letter) =
                    (Badge::UNKNOWN, capital(words.decisions.len() - DECISIONS.len()));
                words.decisions.push((letter, class, glyph, word, status.into()));
            }
            if let Some(word) = item.node().and_then(|node| node.materialized.unknown())
                && !words.materialized.iter().any(|(_, known, _)| known == word)
            {
                let letter = capital(words.materialized.len() - Materialization::ALL.len());
                words.materialized.push((letter, word.into(), false));
            }
        }
        words.decisions.push(('-', "none", "", "", String::new()));
        words.materialized.push(('-', String::new(), false));
        words
    }

    fn materialized(&self, item: &Item<'_>) -> char {
        let word = item.node().map_or("", |node| word::materialized(&node.materialized));
        self.materialized.iter().find(|(_, known, _)| known == word).map_or('-', |(letter, ..)| *letter)
    }

    fn decision(&self, item: &Item<'_>) -> char {
        let Some(row) = item.row() else { return '-' };
        let status = spelled(&row.status);
        let badge = Badge::of_row(row);
        let same =
            |(_, class, .., known): &&(char, &str, &str, &str, String)| *class == badge.class && *known == status;
        self.decisions.iter().find(same).map_or('-', |(letter, ..)| *letter)
    }
}

fn of_materialization(one: Materialization) -> (char, String, bool) {
    (initial(one.word()), one.word().into(), one.keeps_history())
}

fn initial(word: &str) -> char {
    word.chars().next().expect("invariant: a word has letters")
}

fn capital(number: usize) -> char {
    ('A'..='Z').nth(number).unwrap_or('Z')
}

/// A word as artifacts have it.
fn spelled(word: &impl Serialize) -> String {
    let value = serde_json::to_value(word).expect("invariant: a word is JSON");
    value.as_str().map(String::from).unwrap_or_default()
}

fn kind(item: &Item<'_>) -> char {
    KINDS.iter().find(|(known, _)| *known == item.kind).map_or('-', |(_, letter)| *letter)
}

/// What `package:` calls it: the project's own nodes are of the package of its name.
fn package(item: &Item<'_>, project: &str) -> String {
    item.node().map_or(String::new(), |node| node.package.clone().unwrap_or_else(|| project.into()))
}

fn role(item: &Item<'_>) -> char {
    match item.row().and_then(|row| row.decision.role.as_ref()?.known()) {
        Some(Role::Root) => 'r',
        Some(Role::Cascade) => 'c',
        Some(Role::Mixed) => 'm',
        None => '-',
    }
}

/// What `state:` selects: as the run found the node, before it built it.
fn state(item: &Item<'_>) -> char {
    let Of::Node(node, Some(row)) = item.of else { return '-' };
    match &row.decision.baseline {
        None => 'n',
        Some(baseline) if baseline.fingerprint != node.fingerprint.value() => 'm',
        Some(_) => '-',
    }
}

fn codes(item: &Item<'_>) -> String {
    let mut codes: Vec<&str> = Vec::new();
    for cause in item.row().into_iter().flat_map(|row| &row.decision.causes) {
        if !codes.contains(&cause.code.as_str()) {
            codes.push(cause.code.as_str());
        }
    }
    codes.join(" ")
}

/// What the terminal says behind the measures.
fn sentence(row: &ResultRow) -> String {
    let failure = row.message.as_ref().filter(|_| row.status == Status::Error);
    let text = failure.unwrap_or(&row.decision.summary);
    text.lines().next().unwrap_or_default().to_string()
}

/// The node before this one on its path, where that path is the whole reason and the other node's path leads there.
fn via(dag: &Dag<'_>, item: &Item<'_>) -> Option<u32> {
    let row = item.row().filter(|row| row.status == Status::Success)?;
    let path = &row.decision.path;
    let before = path.len().checked_sub(2).map(|at| path[at].as_str())?;
    let told = format!("← {}", path[..path.len() - 1].join(" → "));
    let same = |row: &ResultRow| row.decision.path[..] == path[..path.len() - 1];
    let number = dag.find(before)?;
    let follows = path.len() == 2 || dag.items[number as usize].row().is_some_and(same);
    (follows && row.decision.summary == told && row.decision.path_elided == 0).then_some(number)
}

fn file(item: &Item<'_>) -> String {
    let Some(node) = item.node() else { return String::new() };
    let file = node.path.rsplit('/').next().unwrap_or_default();
    file.strip_prefix(item.name).map_or_else(|| file.to_string(), |rest| format!("*{rest}"))
}

fn reads(item: &Item<'_>, sources: &[&String]) -> String {
    let Some(node) = item.node() else { return String::new() };
    let number = |name: &String| sources.binary_search(&name).ok().map(|at| at.to_string());
    node.sources.iter().filter_map(number).collect::<Vec<_>>().join(" ")
}

fn edges(dag: &Dag<'_>) -> (Vec<usize>, Vec<i64>) {
    let mut degrees = vec![0; dag.items.len()];
    let mut upstream = Vec::with_capacity(dag.edges.len());
    let mut last = (0, 0);
    for (from, to) in &dag.edges {
        degrees[*to as usize] += 1;
        let before = if last.0 == *to { last.1 } else { 0 };
        upstream.push(i64::from(*from) - before);
        last = (*to, i64::from(*from));
    }
    (degrees, upstream)
}

fn pages(dag: &Dag<'_>) -> BTreeMap<usize, String> {
    let usual = |item: &Item<'_>| item.page == format!("nodes/{}.html", item.name);
    let others = dag.items.iter().enumerate().filter(|(_, item)| !usual(item));
    others.map(|(at, item)| (at, item.page.clone())).collect()
}

/// Only of items that have long edges: the number of columns a way crosses at each height, by item.
fn ways(whole: &Layout) -> Value {
    let mut items = Vec::new();
    let mut runs = Vec::new();
    for (way, item) in whole.ways.iter().zip(0u32..).filter(|(way, _)| !way.is_empty()) {
        items.push(item);
        let mut last = whole.y[item as usize];
        let lengths: Vec<i32> = way
            .chunk_by(|one, other| one == other)
            .flat_map(|run| {
                let step = run[0] - last;
                last = run[0];
                [run.len() as i32, step]
            })
            .collect();
        runs.push(lengths);
    }
    json!({"items": items, "runs": runs})
}
