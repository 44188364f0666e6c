//! The site: what a person opens after a run, what CI publishes, what an auditor reads.
//!
//! ```text
//! manifest, run_results, catalog, kept runs ──▶ Input ──Site──▶ [Unit] ──render──▶ [Page] ──write──▶ site/dag/…
//! ```
//!
//! Everything is rendered from artifacts alone, by functions of values; only [`write`](mod@write), [`state`] and
//! [`history`] touch files, through a `World`. The same input gives the same bytes. What a project says (names, SQL,
//! comments, Markdown, messages, URLs) is foreign: askama escapes it, and the few places that hand over finished HTML
//! are leaf functions that escape it themselves.
//!
//! A [`Unit`] is some files that are made together and the digest of what they are made from: equal digest, and the
//! files are there, and it isn't rendered. What differs from run to run though a node's state doesn't (the run's id and
//! times) is therefore on no node's page.
//!
//! | path below the site's folder | is made by |
//! |---|---|
//! | `index.html` | [`overview`]; its graph area is `templates/graph.html` |
//! | `nodes/<page name>.html` | [`node`] |
//! | `nodes/<page name>.svg` | [`graph::embedded`] |
//! | `runs/index.html` | [`runs`] |
//! | `runs/compare.html` | [`compare`] |
//! | `runs/<run>.html` | [`run`] |
//! | `history.html` | [`time::grid`] |
//! | `runs/<run>.json`, `verify.py` | [`record`] |
//! | `audit.html`, `audit.csv`, `audit.json` | [`audit`] |
//! | `sources.html`, `sources-<n>.html`, `macros.html` | [`reader`] |
//! | `tests.html` | [`test_page`]; of projects that have tests |
//! | `sources/<page name>.html` | [`source`] |
//! | `badge.svg`, `badge.json` | [`badge`] |
//! | `owners.html`, `owners/<page name>.html` | [`owner`]; of projects whose `meta` names any |
//! | `404.html` | [`missing`] |
//! | `columns.html`, `columns-<n>.html`, `columns/<page name>.html`, `columns/<page name>~p<n>.html` | [`columns`] |
//! | `assets/<name>-<digest>.<type>` | [`asset`]: the files of `static/` |
//! | `data/<name>-<digest>.js` | [`data`]: shards that scripts load when they need them, most of them [`graph`]'s |
//! | `data/index.js` | the names of those shards; the one file of `data/` without a digest |
//! | `.nojekyll`, `.fft-site` | [`write`](mod@write): the second lists what fft wrote and may remove again |

pub mod alone;
pub mod asset;
pub mod audit;
pub mod badge;
pub mod bars;
pub mod build;
pub mod called;
pub mod card;
pub mod cause;
pub mod columns;
pub mod compare;
pub mod data;
pub mod decided;
pub mod diff;
pub mod entry;
pub mod exposure;
pub mod failure;
pub mod frozen;
pub mod graph;
pub mod highlight;
pub mod history;
pub mod layout;
pub mod line;
pub mod markdown;
pub mod meta;
pub mod missing;
pub mod name;
pub mod near;
pub mod node;
pub mod overview;
pub mod owner;
pub mod reached;
pub mod reader;
pub mod record;
pub mod redact;
pub mod repository;
pub mod room;
pub mod run;
pub mod runs;
#[cfg(test)]
mod script;
pub mod search;
pub mod shell;
pub mod source;
pub mod spent;
pub mod state;
pub mod test_page;
mod tested;
#[cfg(test)]
mod tests;
pub mod time;
pub mod told;
pub mod word;
pub mod write;

use crate::artifact::catalog::Catalog;
use crate::artifact::freshness::{SourceAge, SourceAges};
use crate::artifact::manifest::Manifest;
use crate::artifact::results::{ResultRow, RunResults};
use crate::artifact::wire::ManifestTest;
use crate::digest::{Digest, Tagged};
use askama::Template;
use called::Called;
use columns::Columns;
use history::{Archive, Frozen, NodeBuild, RunSummary};
use node::RunRef;
use rayon::prelude::*;
use serde::Serialize;
use shell::Frame;
use std::collections::{BTreeMap, BTreeSet};
use time::grid;

/// To be raised by who changes what a page of equal inputs looks like without changing a template or an asset.
const REVISION: &str = "2";

/// Bytes of diffs that all node pages show at most; each run's page has a bound of its own.
const NODE_DIFFS: usize = 4 << 20;

/// What every page is a function of.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    pub manifest: &'a Manifest,
    /// The last run.
    pub results: &'a RunResults,
    pub catalog: &'a Catalog,
    /// How old sources were when they were looked at last.
    pub ages: &'a SourceAges,
    /// Kept runs, oldest first; the last one is that of `results`.
    pub runs: &'a [RunSummary],
    /// Runs whose records can't be read.
    pub unreadable: &'a [String],
    /// Runs that aren't kept any more and have pages still, newest first.
    pub frozen: &'a [Frozen],
    /// Records of kept runs.
    pub archive: &'a dyn Archive,
}

/// A file of the site: its path below the site's folder, with `/`, and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub path: String,
    pub bytes: Vec<u8>,
}

impl Page {
    pub fn new(path: impl Into<String>, text: impl Into<Vec<u8>>) -> Page {
        Page { path: path.into(), bytes: text.into() }
    }

    /// A page from its view.
    pub fn of(path: impl Into<String>, view: &impl Template) -> Page {
        Page::new(path, view.render().expect("invariant: writing to memory doesn't fail"))
    }
}

/// Files that are made together.
pub struct Unit<'a> {
    /// Unique in a site, and the same from build to build: `node/stg_users.ff`.
    pub key: String,
    /// Of everything that the files are made from.
    pub inputs: Digest,
    pub render: Box<dyn Fn() -> Vec<Page> + Send + Sync + 'a>,
}

/// The whole site of one input: what pages look up of each other.
pub struct Site<'a> {
    pub input: Input<'a>,
    pub frame: Frame,
    /// Of the last run, by node.
    rows: BTreeMap<&'a str, &'a ResultRow>,
    /// Runs of the last run's profile that built a node or tried to, newest first, by node.
    builds: BTreeMap<&'a str, Vec<(&'a RunSummary, &'a NodeBuild)>>,
    /// Runs of that profile that didn't get to a node, by node.
    blocked: BTreeMap<&'a str, Vec<&'a RunSummary>>,
    kept: BTreeSet<&'a str>,
    /// Runs whose records the site has.
    published: BTreeSet<&'a str>,
    /// Nodes whose diffs fit the site's bound.
    shown_diffs: BTreeSet<&'a str>,
    near: BTreeMap<&'a str, Digest>,
    columns: Columns<'a>,
    /// The newest result of each test.
    tests: BTreeMap<String, tested::Seen>,
    /// Tests by the nodes that they are of.
    tests_of: BTreeMap<&'a str, Vec<(&'a str, &'a ManifestTest)>>,
    /// Of each node of the manifest.
    digests: BTreeMap<&'a str, Digest>,
    /// Of what the project is and what was decided of it; the same after two runs with nothing to do.
    decided: Digest,
}

impl<'a> Site<'a> {
    pub fn new(input: Input<'a>, frame: Frame) -> Site<'a> {
        let mut builds: BTreeMap<&str, Vec<(&RunSummary, &NodeBuild)>> = BTreeMap::new();
        let mut blocked: BTreeMap<&str, Vec<&RunSummary>> = BTreeMap::new();
        let profile = &input.results.profile;
        for run in input.runs.iter().rev().filter(|run| run.profile == *profile) {
            for (name, build) in &run.nodes {
                builds.entry(name).or_default().push((run, build));
            }
            run.blocked.iter().for_each(|name| blocked.entry(name).or_default().push(run));
        }
        let nodes: Vec<_> = input.manifest.nodes.iter().collect();
        let digests = nodes.par_iter().map(|(name, node)| (name.as_str(), digest(node))).collect();
        Site {
            decided: decided(&digests, input),
            digests,
            rows: input.results.results.iter().map(|row| (row.name.as_str(), row)).collect(),
            shown_diffs: shown_diffs(input.manifest, &builds),
            builds,
            blocked,
            kept: input.runs.iter().map(|run| run.run_id.as_str()).collect(),
            published: record::published(input.runs),
            near: near::digests(input.manifest),
            columns: Columns::new(input.manifest),
            tests: tested::seen(input),
            tests_of: tested::by_node(input),
            frame: Frame { called: Called::of(input.manifest, input.runs), ..frame },
            input,
        }
    }

    /// Everything that the site consists of.
    pub fn units(&'a self) -> Vec<Unit<'a>> {
        let fixed = [asset::unit(self), overview::unit(self), audit::unit(self), runs::unit(self), grid::unit(self)];
        let readers = [reader::sources(self), reader::macros(self), columns::index::unit(self), missing::unit(self)];
        let readers = readers
            .into_iter()
            .chain([source::unit(self), owner::unit(self), exposure::unit(self), badge::unit(self)])
            .chain(test_page::unit(self));
        let shards = [columns::shard::unit(self), columns::shard::impact_unit(self)];
        let proof = [record::program(self)];
        let graph = graph::units(self).into_iter().chain(search::units(self));
        let runs = self.input.runs.iter().map(|run| run::unit(self, run));
        let published = self.input.runs.iter().filter(|run| self.is_published(&run.run_id));
        let records = published.map(|run| record::unit(self, run));
        let parts = self.input.runs.iter().map(|run| compare::unit(self, run));
        let compare = compare::units(self);
        let nodes = self.input.manifest.nodes.values().map(|node| node::unit(self, node));
        let pictures = self.input.manifest.nodes.values().map(|node| graph::embedded::unit(self, node));
        let columns = self.columns.owners().map(|(owner, _)| columns::page::unit(self, owner));
        fixed
            .into_iter()
            .chain(readers)
            .chain(shards)
            .chain(proof)
            .chain(graph)
            .chain(compare)
            .chain(runs)
            .chain(records)
            .chain(parts)
            .chain(nodes)
            .chain(pictures)
            .chain(columns)
            .collect()
    }

    /// The last run without what it decided.
    fn last_run(&self) -> impl Serialize {
        let results = self.input.results;
        let times = (&results.run_started_at, &results.run_finished_at, results.duration_ms, results.interrupted);
        (
            &results.budgets,
            &results.metadata,
            times,
            &results.totals,
            &results.profile,
            &results.engine,
            &results.cache_mode,
            &results.sentence,
        )
    }

    /// A unit from values that determine it.
    fn unit(
        &self,
        key: impl Into<String>,
        inputs: &impl Serialize,
        render: impl Fn() -> Vec<Page> + Send + Sync + 'a,
    ) -> Unit<'a> {
        // Tags are said on few pages, which name them among their inputs.
        let Frame { project, base_url, has_macros, has_exposures, has_tests, repository, withheld, called, tags: _ } =
            &self.frame;
        let frame = (project, base_url, (has_macros, has_exposures, has_tests), repository, withheld, called);
        let frame = format!("{frame:?}");
        let inputs = Tagged::new("fft-site-unit-v1").part(frame.as_bytes()).part(&digest(inputs).0).finish();
        Unit { key: key.into(), inputs, render: Box::new(render) }
    }

    /// The last run's row of a node that is in the project.
    fn row(&self, name: &str) -> Option<&'a ResultRow> {
        self.rows.get(name).copied()
    }

    /// The last run, as pages name it.
    fn run_ref(&self) -> RunRef<'a> {
        let results = self.input.results;
        let run_id = results.metadata.run_id.as_str();
        RunRef {
            id: run_id,
            page: self.is_kept(run_id).then(|| name::run_page(run_id)),
            at: &results.run_finished_at,
            commit: results.metadata.git.commit.as_deref(),
            dirty: results.metadata.git.dirty,
            uncommitted: results.metadata.git.uncommitted(),
        }
    }

    fn builds(&self, name: &str) -> &[(&'a RunSummary, &'a NodeBuild)] {
        self.builds.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    fn blocked(&self, name: &str) -> &[&'a RunSummary] {
        self.blocked.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// The tests of a node.
    fn tests_of(&self, name: &str) -> &[(&'a str, &'a ManifestTest)] {
        self.tests_of.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// How many rows relations hold.
    fn rows_held(&self) -> BTreeMap<&'a str, u64> {
        let known = self.input.catalog.nodes.iter();
        known.filter_map(|(name, relation)| Some((name.as_str(), relation.rows?))).collect()
    }

    /// How old a source's data were, of those that the project has.
    fn age(&self, source: &str) -> Option<&'a SourceAge> {
        self.input.ages.sources.get(source)
    }

    /// Whether the run has a page.
    fn is_kept(&self, run_id: &str) -> bool {
        self.kept.contains(run_id)
    }

    /// Whether the site has the run's record.
    fn is_published(&self, run_id: &str) -> bool {
        self.published.contains(run_id)
    }

    fn is_node(&self, name: &str) -> bool {
        self.input.manifest.nodes.contains_key(name)
    }
}

/// Of a value's JSON.
fn digest(value: &impl Serialize) -> Digest {
    Digest::of(&serde_json::to_vec(value).expect("invariant: inputs are JSON"))
}

fn decided(nodes: &BTreeMap<&str, Digest>, input: Input<'_>) -> Digest {
    let results = (&input.results.results, &input.results.roots, &input.manifest.sources, &input.manifest.exposures);
    let hash = Tagged::new("fft-site-decided-v1").part(&digest(&results).0);
    nodes.iter().fold(hash, |hash, (name, one)| hash.part(name.as_bytes()).part(&one.0)).finish()
}

/// Of the code and the files that pages are made by.
pub fn renderer() -> Digest {
    Tagged::new("fft-site-renderer-v1")
        .part(env!("CARGO_PKG_VERSION").as_bytes())
        .part(REVISION.as_bytes())
        .part(&asset::digest().0)
        .part(&asset::templates().0)
        .finish()
}

/// Nodes by name until the bound is reached: those behind it say that their diffs were left out.
fn shown_diffs<'a>(
    manifest: &'a Manifest,
    builds: &BTreeMap<&str, Vec<(&RunSummary, &NodeBuild)>>,
) -> BTreeSet<&'a str> {
    let mut left = NODE_DIFFS;
    let fits = |name: &&str| {
        let newest = builds.get(name).and_then(|builds| builds.first());
        let bytes = newest.map_or(0, |(_, build)| build.diff_bytes);
        let fits = bytes <= left;
        left -= if fits { bytes } else { 0 };
        fits
    };
    manifest.nodes.keys().map(String::as_str).filter(fits).collect()
}
