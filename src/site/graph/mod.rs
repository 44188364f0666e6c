//! The project's graph as the site shows it: what is drawn, what scripts get of it.
//!
//! [`Dag`] is made from artifacts: nodes in the order of their names, then the external sources that they read. From it
//! come the pictures that stand in pages without a script, and the shards for those with one.

#[cfg(test)]
#[path = "../../../benches/project/artifacts.rs"]
mod artifacts;
mod column;
mod data;
mod detail;
pub mod embedded;
mod lens;
pub mod map;
pub mod neighbourhood;
mod past;
pub mod picture;
mod rank;
mod reach;
#[cfg(test)]
mod tests;
pub mod view;

use super::name::node_page;
use super::word::Badge;
use super::{Page, Site, Unit, tested};
use crate::artifact::freshness::SourceAges;
use crate::artifact::manifest::{Manifest, ManifestNode, ManifestSource};
use crate::artifact::results::{ResultRow, RunResults};
use past::Past;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the overview loads at once; it names `pictures.js` and `lens.js`, which are loaded when they are needed.
pub const SCRIPTS: [&str; 1] = ["graph.js"];

/// What is drawn, and its edges.
pub struct Dag<'a> {
    manifest: &'a Manifest,
    results: &'a RunResults,
    /// How old sources were when they were looked at; nothing where that isn't asked.
    ages: Option<&'a SourceAges>,
    /// Nodes by name, then external sources by name.
    pub items: Vec<Item<'a>>,
    /// How many of them are nodes.
    pub nodes: usize,
    /// From what is read to what reads it, sorted by the second.
    pub edges: Vec<(u32, u32)>,
}

/// A node, or a source that no node provides.
pub struct Item<'a> {
    pub name: &'a str,
    pub kind: Kind,
    pub of: Of<'a>,
    /// Its page below the site's folder.
    pub page: String,
    /// What kept runs tell of it; nothing where they weren't asked.
    pub past: Past,
    /// Numbers of the first causes that it was taken up for.
    pub causes: Vec<usize>,
    /// What is said of its tests, as `tested::mark` has it; empty where nothing is known of any.
    pub tests: String,
}

#[derive(Clone, Copy)]
pub enum Of<'a> {
    Node(&'a ManifestNode, Option<&'a ResultRow>),
    Source(&'a ManifestSource),
}

/// Told apart by shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Seed,
    Source,
    Sql,
    Python,
}

impl Kind {
    /// The class and the word.
    pub fn word(self) -> (&'static str, &'static str) {
        match self {
            Kind::Seed => ("seed", "seed"),
            Kind::Source => ("source", "source"),
            Kind::Sql => ("sql", "SQL"),
            Kind::Python => ("python", "Python"),
        }
    }
}

impl<'a> Item<'a> {
    pub fn node(&self) -> Option<&'a ManifestNode> {
        match self.of {
            Of::Node(node, _) => Some(node),
            Of::Source(_) => None,
        }
    }

    pub fn row(&self) -> Option<&'a ResultRow> {
        match self.of {
            Of::Node(_, row) => row,
            Of::Source(_) => None,
        }
    }

    /// Whether it keeps versions of what was there before.
    pub fn keeps(&self) -> bool {
        self.node().is_some_and(picture::keeps)
    }

    /// The decision of the last run; a source has none.
    pub fn badge(&self) -> Option<Badge> {
        self.row().map(Badge::of_row)
    }

    /// The folder that it is shown in.
    pub fn folder(&self) -> String {
        match self.of {
            Of::Node(node, _) => node.path.rsplit_once('/').map_or("", |(folder, _)| folder).to_string(),
            Of::Source(source) => format!("sources/{}", source.group),
        }
    }
}

impl<'a> Dag<'a> {
    /// Of the site's last run, with what kept runs tell of each node.
    pub fn of(site: &Site<'a>) -> Dag<'a> {
        let mut dag = Dag { ages: Some(site.input.ages), ..Dag::new(site.input.manifest, site.input.results) };
        let run = site.input.results.metadata.run_id.as_str();
        for item in &mut dag.items {
            item.past = Past::of(run, site.builds(item.name));
            item.tests = tested::mark(site, item.name);
        }
        dag
    }

    /// Of artifacts alone.
    pub fn new(manifest: &'a Manifest, results: &'a RunResults) -> Dag<'a> {
        let rows: BTreeMap<&str, &ResultRow> = results.results.iter().map(|row| (row.name.as_str(), row)).collect();
        let roots = reach::numbers(results);
        let node = |(name, node): (&'a String, &'a ManifestNode)| {
            let row = rows.get(name.as_str()).copied();
            Item {
                name,
                kind: Kind::of(node),
                of: Of::Node(node, row),
                page: node_page(name),
                past: Past::default(),
                causes: row.map(|row| reach::causes(&roots, row)).unwrap_or_default(),
                tests: String::new(),
            }
        };
        let external = manifest.sources.iter().filter(|(_, source)| source.provided_by.is_none());
        let source = |(name, source): (&'a String, &'a ManifestSource)| Item {
            name,
            kind: Kind::Source,
            of: Of::Source(source),
            page: source_page(name),
            past: Past::default(),
            causes: Vec::new(),
            tests: String::new(),
        };
        let mut items: Vec<Item<'a>> = manifest.nodes.iter().map(node).collect();
        let nodes = items.len();
        items.extend(external.map(source));
        let edges = edges(&items, nodes);
        Dag { manifest, results, ages: None, items, nodes, edges }
    }

    /// The number of a node.
    pub fn find(&self, name: &str) -> Option<u32> {
        self.items[..self.nodes].binary_search_by(|item| item.name.cmp(name)).ok().map(|at| at as u32)
    }

    /// What kept runs tell, as far as it is shown.
    fn past(&self) -> Vec<Past> {
        self.items.iter().map(|item| item.past).collect()
    }
}

/// What scripts load: the graph, what the panel says.
pub fn units<'a>(site: &Site<'a>) -> Vec<Unit<'a>> {
    let dag = Arc::new(Dag::of(site));
    let past = dag.past();
    let of = |shards: fn(&Dag<'_>) -> Vec<Page>| {
        let dag = Arc::clone(&dag);
        move || shards(&dag)
    };
    vec![
        site.unit("graph", &(site.decided, &past, site.input.ages), of(data::shards)),
        site.unit("lens", &(site.decided, &past), of(lens::shards)),
        site.unit("details", &site.decided, of(detail::shards)),
        site.unit("graph-causes", &site.decided, of(detail::causes)),
    ]
}

/// The page of a source, below the site's folder.
pub fn source_page(name: &str) -> String {
    format!("sources/{}.html", super::name::page_name(name))
}

fn edges(items: &[Item<'_>], nodes: usize) -> Vec<(u32, u32)> {
    let numbers: BTreeMap<&str, u32> = items[..nodes].iter().zip(0..).map(|(item, at)| (item.name, at)).collect();
    let sources: BTreeMap<&str, u32> =
        items[nodes..].iter().zip(nodes as u32..).map(|(item, at)| (item.name, at)).collect();
    let mut edges = Vec::new();
    for (item, to) in items.iter().zip(0..) {
        let Some(node) = item.node() else { continue };
        let read = node.deps.iter().filter_map(|name| numbers.get(name.as_str()));
        let external = node.sources.iter().filter_map(|name| sources.get(name.as_str()));
        let mut from: Vec<u32> = read.chain(external).copied().collect();
        from.sort_unstable();
        from.dedup();
        edges.extend(from.into_iter().map(|from| (from, to)));
    }
    edges
}
