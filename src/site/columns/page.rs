//! The columns of one node or source: what decides on the rows, then for each column what it comes from and feeds. A
//! script draws its ways when somebody asks.

use super::reach::Reach;
use super::snippet::{self, Snippet};
use super::{Columns, Item, Link, PART, SOURCE, line, owner_page, page, values, word};
use crate::artifact::manifest::{Column, ManifestNode};
use crate::artifact::wire::Edge;
use crate::digest::Digest;
use crate::lineage::{Kind, Status};
use crate::site::shell::{Place, Shell};
use crate::site::word::Thousands;
use crate::site::word::count;
use crate::site::{Page, Site, Unit, markdown};
use askama::Template;
use serde::Serialize;
use std::collections::BTreeSet;

/// What such a page loads.
const SCRIPTS: [&str; 1] = ["columns.js"];

/// Columns that a list of one column's steps names, that one of all its filters does, and those at the far end.
const LISTED: usize = 12;
const FILTERS: usize = 60;
const ENDS: usize = 4;
/// Columns on a page that a list of their names stands above.
const MANY: usize = 6;

#[derive(Template)]
#[template(path = "columns_page.html")]
struct ColumnsPage<'a> {
    shell: Shell<'a>,
    owner: &'a str,
    /// As scripts know it, and the place of the first of these columns among its own.
    key: &'a str,
    first: usize,
    /// The page of the owner itself, below the site's folder.
    owner_page: String,
    is_source: bool,
    /// What the last run's edit changed of them, and who reads that.
    edit: Option<&'a str>,
    /// Pages of the owner's columns, where they are on several: words, path, whether it is this one.
    parts: Vec<(String, String, bool)>,
    /// What every column depends on, since it decides which rows there are.
    filters: Listed<'a>,
    /// What isn't known of that.
    doubt: Option<&'a str>,
    columns: Vec<View<'a>>,
}

/// One column.
struct View<'a> {
    name: &'a str,
    anchor: String,
    /// It comes from another one or feeds one.
    has_ways: bool,
    column: Option<&'a Column>,
    description: Option<String>,
    from: Listed<'a>,
    /// What decides for it alone.
    filters: Listed<'a>,
    feeds: Listed<'a>,
    filtering: Listed<'a>,
    origins: Ends<'a>,
    destinations: Ends<'a>,
    reach: Option<String>,
    reason: Option<&'a str>,
}

#[derive(Default)]
struct Listed<'a> {
    steps: Vec<Step<'a>>,
    more: usize,
}

/// An edge to or from a column.
struct Step<'a> {
    owner: &'a str,
    column: &'a str,
    page: String,
    kind: String,
    snippet: Option<Snippet>,
    /// The place in the text that says so: its line, and the page with a place in it.
    place: Option<(usize, String)>,
}

/// Columns more than one step away: how many, in words, and the farthest.
struct Ends<'a> {
    words: Option<String>,
    named: Vec<(&'a str, &'a str, String)>,
    more: usize,
}

pub fn unit<'a>(site: &'a Site<'a>, owner: &'a str) -> Unit<'a> {
    #[derive(Serialize)]
    struct Inputs<'s> {
        node: Option<Digest>,
        columns: Digest,
        /// Of the nodes whose text lines are from.
        readers: Vec<Option<Digest>>,
        edit: Option<&'s str>,
    }
    let columns = &site.columns;
    let mut readers: Vec<&str> =
        columns.of(owner).iter().flat_map(|at| columns.down(*at)).map(|link| columns.items[link.at].owner).collect();
    readers.sort_unstable();
    readers.dedup();
    let inputs = Inputs {
        node: site.digests.get(owner).copied(),
        columns: columns.digest(owner),
        readers: readers.into_iter().map(|reader| site.digests.get(reader).copied()).collect(),
        edit: edit(site, owner),
    };
    site.unit(format!("columns/{owner}"), &inputs, move || {
        let common = Common::of(columns, owner);
        let parts = columns.of(owner).chunks(PART).enumerate();
        parts.map(|(part, places)| draw(site, owner, &common, (part, places))).collect()
    })
}

fn draw(site: &Site<'_>, owner: &str, common: &Common<'_>, (part, places): (usize, &[usize])) -> Page {
    let path = page(owner, part * PART);
    let shown = super::shown(owner, site.input.manifest);
    let node = site.input.manifest.nodes.get(owner);
    let mut shell = Shell::new(&site.frame, Place::Columns, path.as_str(), format!("Columns of {shown}"));
    shell.scripts = &SCRIPTS;
    let view = ColumnsPage {
        shell,
        owner: shown,
        key: owner,
        first: part * PART,
        owner_page: owner_page(owner),
        is_source: owner.starts_with(SOURCE),
        edit: edit(site, owner),
        parts: parts(&site.columns, owner, part),
        filters: Listed::of(common.filters.iter(), FILTERS, |link| Step::from(&site.columns, link, node)),
        doubt: common.doubt,
        columns: places.iter().map(|at| View::of(site, *at, common)).collect(),
    };
    Page::of(path.clone(), &view)
}

/// What the last run's edit of a node changed of its columns.
fn edit<'a>(site: &Site<'a>, owner: &str) -> Option<&'a str> {
    let root = site.input.results.roots.iter().find(|root| root.name == owner && root.columns.is_some());
    root.and_then(|root| root.columns.as_ref()).map(|columns| columns.sentence.as_str())
}

/// The pages of an owner's columns, named by the first and the last column of each; none where there is one.
fn parts(columns: &Columns<'_>, owner: &str, here: usize) -> Vec<(String, String, bool)> {
    let all = columns.of(owner);
    let part = |(part, places): (usize, &[usize])| {
        let name = |at: Option<&usize>| at.map_or("", |at| columns.items[*at].name);
        let words = format!("{} … {}", name(places.first()), name(places.last()));
        (words, page(owner, part * PART), part == here)
    };
    if all.len() <= PART { Vec::new() } else { all.chunks(PART).enumerate().map(part).collect() }
}

/// What all columns of an owner have in common.
struct Common<'a> {
    filters: Vec<Link<'a>>,
    /// Numbers of those columns.
    numbers: BTreeSet<usize>,
    doubt: Option<&'a str>,
}

impl<'a> Common<'a> {
    /// What every column comes from or is filtered by, and at least one is only filtered by.
    fn of(columns: &Columns<'a>, owner: &str) -> Common<'a> {
        // What others say that it has, and it doesn't, comes from nothing.
        let own = columns.of(owner).iter().copied().filter(|at| columns.items[*at].column.is_some());
        let own: Vec<usize> = own.collect();
        let first = own.first().map(|at| columns.up(*at)).unwrap_or_default();
        let everywhere = |number: usize| own.iter().all(|at| columns.up(*at).iter().any(|link| link.at == number));
        let filter = |link: &Link<'a>| {
            let mut same = own.iter().flat_map(|at| columns.up(*at)).filter(|other| other.at == link.at);
            same.find(|other| other.edge.kind == Kind::Filter).copied()
        };
        let filters: Vec<Link<'a>> = first.iter().filter(|link| everywhere(link.at)).filter_map(filter).collect();
        let reasons: BTreeSet<Option<&str>> = own.iter().map(|at| reason(&columns.items[*at])).collect();
        let doubt = if own.len() > 1 && reasons.len() == 1 { reasons.into_iter().next().flatten() } else { None };
        Common { numbers: filters.iter().map(|link| link.at).collect(), filters, doubt }
    }
}

fn reason<'a>(item: &Item<'a>) -> Option<&'a str> {
    item.column.and_then(|column| column.lineage.reason.as_deref())
}

impl<'a> View<'a> {
    fn of(site: &'a Site<'_>, at: usize, common: &Common<'a>) -> View<'a> {
        let columns = &site.columns;
        let item = &columns.items[at];
        let nodes = &site.input.manifest.nodes;
        let filters = |links: &'a [Link<'a>]| links.iter().filter(|link| link.edge.kind == Kind::Filter);
        let (up, down) = (columns.up(at), columns.down(at));
        let own = nodes.get(item.owner);
        let from = |link: &Link<'a>| Step::from(columns, link, own);
        let feeds = |link: &Link<'a>| Step::to(columns, link, nodes.get(columns.items[link.at].owner));
        // A filter of every column of a node is told once.
        let mut seen = BTreeSet::new();
        let filtering = filters(down).filter(|link| seen.insert(columns.items[link.at].owner));
        let filtering: Vec<&Link<'a>> = filtering.collect();
        let reach: Reach = columns.reach(at);
        View {
            name: item.name,
            anchor: super::anchor(item.name),
            has_ways: values(up).chain(values(down)).next().is_some(),
            column: item.column,
            description: item.column.and_then(|column| column.description.as_deref()).map(markdown::html),
            from: Listed::of(values(up), LISTED, from),
            filters: Listed::of(filters(up).filter(|link| !common.numbers.contains(&link.at)), LISTED, from),
            feeds: Listed::of(values(down), LISTED, feeds),
            filtering: Listed::of(filtering.into_iter(), LISTED, feeds),
            origins: Ends::of(columns, columns.origins(at)),
            destinations: Ends::of(columns, columns.destinations(at)),
            reach: reach.words(),
            reason: reason(item).filter(|reason| common.doubt != Some(*reason)),
        }
    }

    fn is_unknown(&self) -> bool {
        self.column.is_some_and(|column| column.lineage.status != Status::Known)
    }

    fn kind(&self) -> Option<&str> {
        self.column.and_then(|column| column.data_type.as_deref())
    }
}

impl<'a> Listed<'a> {
    fn of<'l>(
        links: impl Iterator<Item = &'l Link<'a>>,
        most: usize,
        step: impl Fn(&Link<'a>) -> Step<'a>,
    ) -> Listed<'a>
    where
        'a: 'l,
    {
        let links: Vec<&Link<'a>> = links.collect();
        Listed { more: links.len().saturating_sub(most), steps: links.into_iter().take(most).map(step).collect() }
    }
}

impl<'a> Step<'a> {
    /// What a column comes from, with the piece of its own node's text that says so.
    fn from(columns: &Columns<'a>, link: &Link<'a>, own: Option<&ManifestNode>) -> Step<'a> {
        Step { snippet: own.and_then(|node| snippet::of(node, link.edge)), ..Step::to(columns, link, own) }
    }

    /// What a column feeds; `reader` is the node whose text says so.
    fn to(columns: &Columns<'a>, link: &Link<'a>, reader: Option<&ManifestNode>) -> Step<'a> {
        let item = &columns.items[link.at];
        let place = |edge: &Edge| reader.and_then(|node| Some((line(node, edge)?, owner_page(&node.name))));
        Step {
            owner: item.shown_owner(),
            column: item.name,
            page: item.page(),
            kind: word(&link.edge.kind).into(),
            snippet: None,
            place: place(link.edge),
        }
    }
}

impl<'a> Ends<'a> {
    fn of(columns: &Columns<'a>, (far, ends): (usize, Vec<usize>)) -> Ends<'a> {
        let named = |at: &usize| {
            let item = &columns.items[*at];
            (item.shown_owner(), item.name, item.page())
        };
        let more = ends.len().saturating_sub(ENDS);
        let words = (far > 0).then(|| count(far, "more column"));
        Ends { words, named: ends.iter().take(ENDS).map(named).collect(), more }
    }
}
