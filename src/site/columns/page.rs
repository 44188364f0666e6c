//! The columns of one node or source: for each what it comes from and feeds, near and far, drawn.

use super::snippet::{self, Snippet};
use super::{Columns, Item, Link, owner_page, page, word};
use crate::artifact::manifest::{Column, ManifestNode};
use crate::digest::Digest;
use crate::lineage::{Kind, Status};
use crate::site::graph::picture::{Drawn, Picture};
use crate::site::shell::{Place, Shell};
use crate::site::{Page, Site, Unit, markdown};
use askama::Template;
use serde::Serialize;
use std::collections::BTreeMap;

/// Columns in one drawing beside its own, and drawings on one page.
const DRAWN: usize = 40;
const DRAWINGS: usize = 200;
/// Columns that a list names.
const LISTED: usize = 100;

#[derive(Template)]
#[template(path = "columns_page.html")]
struct ColumnsPage<'a> {
    shell: Shell<'a>,
    owner: &'a str,
    /// The page of the owner itself, below the site's folder.
    owner_page: String,
    is_source: bool,
    columns: Vec<View<'a>>,
}

/// One column.
struct View<'a> {
    name: &'a str,
    anchor: String,
    column: Option<&'a Column>,
    description: Option<String>,
    from: Vec<Step<'a>>,
    filters: Vec<Step<'a>>,
    feeds: Vec<Step<'a>>,
    /// How many more there are.
    more_feeds: usize,
    filtering: Vec<Step<'a>>,
    more_filtering: usize,
    further_from: Further<'a>,
    further_feeds: Further<'a>,
    drawing: Option<String>,
    /// Columns that the drawing leaves out.
    left_out: usize,
}

/// An edge to or from a column.
struct Step<'a> {
    owner: &'a str,
    column: &'a str,
    page: String,
    kind: String,
    snippet: Option<Snippet>,
    /// The page whose text the snippet is from.
    text: String,
}

/// Columns more than one step away.
struct Further<'a> {
    named: Vec<(&'a str, &'a str, String)>,
    more: usize,
}

pub fn unit<'a>(site: &'a Site<'a>, owner: &'a str) -> Unit<'a> {
    #[derive(Serialize)]
    struct Inputs {
        node: Option<Digest>,
        columns: Digest,
        /// Of the nodes whose text snippets are from.
        readers: Vec<Option<Digest>>,
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
    };
    site.unit(format!("columns/{owner}"), &inputs, move || vec![draw(site, owner)])
}

fn draw(site: &Site<'_>, owner: &str) -> Page {
    let columns = &site.columns;
    let path = page(owner);
    let shown = owner.strip_prefix(super::SOURCE).unwrap_or(owner);
    let places = columns.of(owner).iter().enumerate();
    let view = ColumnsPage {
        shell: Shell::new(&site.frame, Place::Columns, path.as_str(), format!("Columns of {shown}")),
        owner: shown,
        owner_page: owner_page(owner),
        is_source: owner.starts_with(super::SOURCE),
        columns: places.map(|(number, at)| View::of(site, *at, number)).collect(),
    };
    Page::of(path.clone(), &view)
}

impl<'a> View<'a> {
    fn of(site: &'a Site<'_>, at: usize, number: usize) -> View<'a> {
        let columns = &site.columns;
        let item = &columns.items[at];
        let nodes = &site.input.manifest.nodes;
        let reader = |link: &Link<'_>| nodes.get(columns.items[link.at].owner);
        let is_filter = |link: &&Link<'_>| link.edge.kind == Kind::Filter;
        let (up, down) = (columns.up(at), columns.down(at));
        let filtering = down.iter().filter(is_filter).count();
        let (further_up, further_down) = (columns.further_up(at), columns.further_down(at));
        let steps = [up, down].map(|links| super::values(links).count());
        let related = steps.iter().sum::<usize>() + further_up.len() + further_down.len();
        let from = |link: &Link<'a>| Step::of(columns, link, nodes.get(item.owner));
        let feeds = |link: &Link<'a>| Step::of(columns, link, reader(link));
        View {
            name: item.name,
            anchor: super::anchor(item.name),
            column: item.column,
            description: item.column.and_then(|column| column.description.as_deref()).map(markdown::html),
            from: up.iter().filter(|link| !is_filter(link)).map(from).collect(),
            filters: up.iter().filter(is_filter).map(from).collect(),
            feeds: down.iter().filter(|link| !is_filter(link)).take(LISTED).map(feeds).collect(),
            more_feeds: (down.len() - filtering).saturating_sub(LISTED),
            more_filtering: filtering.saturating_sub(LISTED),
            filtering: down.iter().filter(is_filter).take(LISTED).map(feeds).collect(),
            further_from: Further::of(columns, &further_up),
            further_feeds: Further::of(columns, &further_down),
            left_out: related.saturating_sub(DRAWN),
            drawing: (number < DRAWINGS).then(|| drawing(site, at, number)).flatten(),
        }
    }

    fn is_unknown(&self) -> bool {
        self.column.is_some_and(|column| column.lineage.status != Status::Known)
    }

    fn reason(&self) -> Option<&str> {
        self.column.and_then(|column| column.lineage.reason.as_deref())
    }

    fn kind(&self) -> Option<&str> {
        self.column.and_then(|column| column.data_type.as_deref())
    }
}

impl<'a> Step<'a> {
    /// `reader` is the node whose text names the column.
    fn of(columns: &'a Columns<'_>, link: &Link<'_>, reader: Option<&ManifestNode>) -> Step<'a> {
        let item = &columns.items[link.at];
        Step {
            owner: item.shown_owner(),
            column: item.name,
            page: item.page(),
            kind: word(&link.edge.kind).into(),
            snippet: reader.and_then(|node| snippet::of(node, link.edge)),
            text: reader.map(|node| owner_page(&node.name)).unwrap_or_default(),
        }
    }
}

impl<'a> Further<'a> {
    fn of(columns: &'a Columns<'_>, all: &[usize]) -> Further<'a> {
        let named = |item: &'a Item<'_>| (item.shown_owner(), item.name, item.page());
        let shown = all.iter().take(LISTED).map(|at| named(&columns.items[*at]));
        Further { named: shown.collect(), more: all.len().saturating_sub(LISTED) }
    }
}

/// A column with what values come from and go to; nothing for one that stands alone.
fn drawing(site: &Site<'_>, at: usize, number: usize) -> Option<String> {
    let columns = &site.columns;
    let shown = columns.around(at, DRAWN);
    if shown.len() < 2 {
        return None;
    }
    let places: BTreeMap<usize, u32> = shown.iter().copied().zip(0..).collect();
    let drawn = |one: &usize| {
        let item = &columns.items[*one];
        let link = format!("../{}", item.page());
        let mut drawn = Drawn::new(item.shape(site.input.manifest), item.name, item.shown_owner(), link);
        drawn.here = *one == at;
        drawn
    };
    let edges = shown.iter().flat_map(|one| {
        let own = places[one];
        super::values(columns.up(*one)).filter_map(|link| Some((*places.get(&link.at)?, own))).collect::<Vec<_>>()
    });
    let item = &columns.items[at];
    let title = format!("What {}.{} comes from and feeds", item.shown_owner(), item.name);
    let picture = Picture::new(title, shown.iter().map(drawn).collect(), &edges.collect::<Vec<_>>());
    Some(picture.svg(&format!("lineage-{number}")))
}
