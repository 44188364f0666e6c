//! What a run decided of every node, for scripts: a shard with a row for each node, and the explanations that its page
//! has no room for, in pieces.
//!
//! ```text
//! run-<id>      { words, badges, causes, checks, built, nodes }, rows of indices into the lists before
//! why-<id>-<n>  { node: HTML }, as templates/explained.html has it
//! ```
//!
//! Made once: a record doesn't change.

pub mod explained;

use super::entry::{self, Built};
use super::line::reason;
use super::word::Badge;
use super::{Page, Site, data, name};
use crate::artifact::history::Record;
use crate::artifact::results::ResultRow;
use crate::artifact::wire::{Cause, Check, Root};
use explained::Piece;
use serde::Serialize;
use std::collections::BTreeMap;

/// What a run's shard is loaded by.
pub fn shard_name(run_id: &str) -> String {
    format!("run-{}", stem(run_id))
}

/// The name of a run's page without its ending, which its shards are called by.
pub fn stem(run_id: &str) -> String {
    let page = name::run_page(run_id);
    page.trim_start_matches("runs/").trim_end_matches(".html").to_string()
}

/// Texts, each once.
#[derive(Default)]
struct Words {
    list: Vec<String>,
    places: BTreeMap<String, i64>,
}

impl Words {
    fn place(&mut self, word: &str) -> i64 {
        if let Some(place) = self.places.get(word) {
            return *place;
        }
        let place = self.list.len() as i64;
        self.list.push(word.to_string());
        self.places.insert(word.to_string(), place);
        place
    }

    /// -1 where there is none.
    fn place_of(&mut self, word: Option<&str>) -> i64 {
        word.map_or(NONE, |word| self.place(word))
    }
}

/// A place that is none.
const NONE: i64 = -1;

/// Few values, each once; told by their places.
fn listed<T: PartialEq>(list: &mut Vec<T>, value: T) -> usize {
    list.iter().position(|one| *one == value).unwrap_or_else(|| {
        list.push(value);
        list.len() - 1
    })
}

#[derive(Serialize)]
struct Told<'a> {
    /// Glyph, word, class.
    badges: Vec<[&'static str; 3]>,
    /// Run, time, commit: places of words, or -1.
    built: Vec<[i64; 3]>,
    id: &'a str,
    nodes: Vec<Row<'a>>,
    /// Name, sentence, how many nodes were rebuilt for it; by that.
    roots: Vec<(i64, i64, usize)>,
    words: Vec<String>,
}

/// A node. All but names, digests and measures are places: of words, of badges, of builds.
#[derive(Serialize)]
struct Row<'a>(
    /// Its name.
    &'a str,
    /// Its fingerprint, and its baseline's, in short.
    String,
    Option<String>,
    /// Its badge.
    usize,
    /// Why, in a line.
    i64,
    /// Code and sentence of each cause.
    Vec<[i64; 2]>,
    /// Name, 1 where it holds, evidence of each check.
    Vec<[i64; 3]>,
    /// Its roots.
    Vec<i64>,
    /// The build that its relation is of, or -1.
    i64,
    /// The rows that it holds, and the milliseconds that it took.
    Option<u64>,
    Option<u64>,
    /// The piece that explains it; -1 where its row says all that there is.
    i64,
);

/// The run's shard and those of its explanations.
pub fn shards<'a>(site: &Site<'_>, record: &'a Record, pieces: &[Piece]) -> Vec<Page> {
    let results = &record.results;
    let run_id = results.metadata.run_id.as_str();
    let mut words = Words::default();
    let (mut badges, mut built) = (Vec::new(), Vec::new());
    let numbered = pieces.iter().enumerate();
    let places: BTreeMap<&str, usize> =
        numbered.flat_map(|(number, piece)| piece.iter().map(move |(name, _)| (name.as_str(), number))).collect();
    let row = |row: &'a ResultRow| {
        let print = record.fingerprints.get(&row.name)?;
        let Badge { glyph, word, class } = Badge::of_row(row);
        let cause = |cause: &Cause, words: &mut Words| [words.place(cause.code.as_str()), words.place(&cause.sentence)];
        let check = |check: &Check, words: &mut Words| {
            [words.place(&check.name), i64::from(check.ok), words.place(&check.evidence)]
        };
        let decision = &row.decision;
        let build = Built::of(results, row).map(|one| {
            let commit = one.commit_words();
            let place = [words.place(one.run), words.place_of(one.at), words.place_of(commit.as_deref())];
            listed(&mut built, place) as i64
        });
        let piece = places.get(row.name.as_str());
        Some(Row(
            &row.name,
            print.value.short(),
            decision.baseline.as_ref().map(|baseline| baseline.fingerprint.short()),
            listed(&mut badges, [glyph, word, class]),
            words.place(reason(row)),
            decision.causes.iter().map(|one| cause(one, &mut words)).collect(),
            decision.checks.iter().map(|one| check(one, &mut words)).collect(),
            decision.roots.iter().map(|root| words.place(root)).collect(),
            build.unwrap_or(NONE),
            entry::rows(site.input.runs, results, row),
            row.duration_ms,
            piece.map_or(NONE, |piece| *piece as i64),
        ))
    };
    let nodes: Vec<Row<'_>> = results.results.iter().filter_map(row).collect();
    let root = |root: &Root| (words.place(&root.name), words.place(&root.sentence), root.impact);
    let roots = results.roots.iter().map(root).collect();
    let told = Told { badges, built, id: run_id, nodes, roots, words: words.list };
    let piece = |(number, piece): (usize, &Piece)| {
        let told: BTreeMap<&str, &str> = piece.iter().map(|(name, html)| (name.as_str(), html.as_str())).collect();
        data::shard(&format!("why-{}-{number}", stem(run_id)), &told)
    };
    let told = data::shard(&shard_name(run_id), &told);
    std::iter::once(told).chain(pieces.iter().enumerate().map(piece)).collect()
}
