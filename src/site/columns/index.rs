//! Every node's columns, and of how many it is known what they come from.

use super::{Columns, owner_page, page};
use crate::lineage::Status;
use crate::site::shell::{Place, Shell};
use crate::site::{Page, Site, Unit};
use askama::Template;
use serde::Serialize;

const PATH: &str = "columns.html";

#[derive(Template)]
#[template(path = "columns.html")]
struct Index<'a> {
    shell: Shell<'a>,
    owners: Vec<Owner<'a>>,
    known: usize,
    all: usize,
}

#[derive(Serialize)]
struct Owner<'a> {
    name: &'a str,
    /// Its own page, and the page of its columns.
    page: String,
    columns: String,
    count: usize,
    known: usize,
    is_source: bool,
    /// Names and places of columns whose lineage isn't known.
    unknown: Vec<(&'a str, String)>,
}

pub fn unit<'a>(site: &'a Site<'a>) -> Unit<'a> {
    let columns = &site.columns;
    let inputs: Vec<Owner<'_>> = owners(columns);
    site.unit("columns", &inputs, move || {
        let owners = owners(columns);
        let nodes = || owners.iter().filter(|owner| !owner.is_source);
        let (known, all) = (nodes().map(|owner| owner.known).sum(), nodes().map(|owner| owner.count).sum());
        let shell = Shell::new(&site.frame, Place::Columns, PATH, "Columns");
        vec![Page::of(PATH, &Index { shell, owners, known, all })]
    })
}

fn owners<'a>(columns: &Columns<'a>) -> Vec<Owner<'a>> {
    let owner = |(name, places): (&'a str, &[usize])| {
        let items = || places.iter().map(|at| &columns.items[*at]);
        let is_known = |at: &super::Item<'_>| at.column.is_none_or(|one| one.lineage.status == Status::Known);
        let unknown = items().filter(|item| !is_known(item)).map(|item| (item.name, item.page()));
        Owner {
            name: name.strip_prefix(super::SOURCE).unwrap_or(name),
            page: owner_page(name),
            columns: page(name),
            count: places.len(),
            known: items().filter(|item| is_known(item)).count(),
            is_source: name.starts_with(super::SOURCE),
            unknown: unknown.collect(),
        }
    };
    columns.owners().map(owner).collect()
}
