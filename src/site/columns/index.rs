//! All columns by their names: which nodes have one, of which type, whether anybody described it. Those of which it isn't
//! known what they come from are first.

use super::{Columns, Item};
use crate::lineage::Status;
use crate::site::shell::{Place, Shell};
use crate::site::word::Thousands;
use crate::site::{Page, Site, Unit};
use askama::Template;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What such a page loads.
const SCRIPTS: [&str; 1] = ["columns.js"];
/// Names on a page; nodes and types that a row names.
const ROWS: usize = 200;
const OWNERS: usize = 6;
const TYPES: usize = 3;

#[derive(Template)]
#[template(path = "columns.html")]
struct Index<'a> {
    shell: Shell<'a>,
    rows: &'a [Name<'a>],
    /// Numbers of all names, of columns of nodes, and of those whose origin is known.
    names: usize,
    all: usize,
    known: usize,
    /// Pages of the list: number, path, whether it is this one.
    pages: Vec<(usize, String, bool)>,
}

/// Columns of one name.
#[derive(Clone, Serialize)]
pub struct Name<'a> {
    pub name: &'a str,
    /// Owners that have one, with its place.
    pub owners: Vec<(&'a str, String)>,
    pub more: usize,
    pub types: Vec<&'a str>,
    pub described: usize,
    /// How many columns of nodes there are.
    pub of_nodes: usize,
    pub unknown: usize,
}

pub fn unit<'a>(site: &'a Site<'a>) -> Unit<'a> {
    let columns = &site.columns;
    let inputs: Vec<Name<'_>> = names(columns);
    site.unit("columns", &inputs, move || {
        let names = names(columns);
        let of_nodes = || columns.items.iter().filter_map(|item| item.column);
        let known = of_nodes().filter(|column| column.lineage.status == Status::Known).count();
        let count = names.len().div_ceil(ROWS).max(1);
        let page = |at: usize| {
            let rows = names.chunks(ROWS).nth(at).unwrap_or_default();
            let mut shell = Shell::new(&site.frame, Place::Columns, path(at), "Columns");
            shell.scripts = &SCRIPTS;
            let pages =
                if count == 1 { Vec::new() } else { (0..count).map(|to| (to + 1, path(to), to == at)).collect() };
            let all = of_nodes().count();
            Page::of(path(at), &Index { shell, rows, names: names.len(), all, known, pages })
        };
        (0..count).map(page).collect()
    })
}

fn path(page: usize) -> String {
    if page == 0 { "columns.html".into() } else { format!("columns-{}.html", page + 1) }
}

/// Every name, those first of which most isn't known.
pub fn names<'a>(columns: &Columns<'a>) -> Vec<Name<'a>> {
    let mut named: BTreeMap<&str, Vec<&Item<'a>>> = BTreeMap::new();
    for item in &columns.items {
        named.entry(item.name).or_default().push(item);
    }
    let mut names: Vec<Name<'a>> = named.into_iter().map(|(name, items)| Name::of(name, &items)).collect();
    names.sort_by_key(|one| std::cmp::Reverse(one.unknown));
    names
}

impl<'a> Name<'a> {
    fn of(name: &'a str, items: &[&Item<'a>]) -> Name<'a> {
        let columns = || items.iter().filter_map(|item| item.column);
        let mut types: Vec<&str> = columns().filter_map(|column| column.data_type.as_deref()).collect();
        types.sort_unstable();
        types.dedup();
        // Those first of which it isn't known where they come from.
        let is_known = |item: &&Item<'a>| item.column.is_none_or(|column| column.lineage.status == Status::Known);
        let (known, unknown): (Vec<&Item<'a>>, Vec<&Item<'a>>) = items.iter().copied().partition(|item| is_known(item));
        let owners = unknown.iter().chain(&known).map(|item| (item.shown_owner(), item.page()));
        Name {
            name,
            owners: owners.take(OWNERS).collect(),
            more: items.len().saturating_sub(OWNERS),
            types,
            described: columns().filter(|column| column.description.is_some()).count(),
            of_nodes: columns().count(),
            unknown: unknown.len(),
        }
    }

    /// Types as they are shown.
    fn types(&self) -> String {
        let shown = self.types.iter().take(TYPES).copied().collect::<Vec<_>>().join(", ");
        let more = self.types.len().saturating_sub(TYPES);
        if more == 0 { shown } else { format!("{shown} and {more} more") }
    }

    /// `3 of 12`, `yes`, nothing where none is.
    fn described(&self) -> String {
        match (self.described, self.of_nodes) {
            (0, _) => String::new(),
            (all, of) if all == of => "yes".into(),
            (some, of) => format!("{} of {}", some.thousands(), of.thousands()),
        }
    }

    /// As scripts get it.
    pub fn row(&self) -> Value {
        json!([self.name, self.owners, self.more, self.types(), self.described(), self.unknown])
    }
}
