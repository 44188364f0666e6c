//! Who answers for a node, as its `meta` says, and a page for each of them.

use super::line::reason;
use super::meta::{facts, owners as of};
use super::shell::{Place, Shell};
use super::word::Badge;
use super::word::Thousands;
use super::{Page, Site, Unit, markdown, name};
use crate::artifact::manifest::ManifestNode;
use crate::artifact::results::ResultRow;
use askama::Template;
use std::collections::BTreeMap;

/// Nodes on a page of an owner.
const ROWS: usize = 100;

/// The page of an owner, below the site's folder.
pub fn page(name: &str) -> String {
    page_of(name, 0)
}

fn page_of(name: &str, number: usize) -> String {
    let end = if number == 0 { String::new() } else { format!("~p{}", number + 1) };
    format!("owners/{}{end}.html", name::page_name(name))
}

#[derive(Template)]
#[template(path = "owners.html")]
struct Owners<'a> {
    shell: Shell<'a>,
    owners: Vec<(String, String, usize, usize)>,
    /// Nodes that nobody answers for.
    without: usize,
}

#[derive(Template)]
#[template(path = "owner.html")]
struct Owner<'a> {
    shell: Shell<'a>,
    name: &'a str,
    /// All of its nodes; those that are on this page.
    count: usize,
    nodes: Vec<Line<'a>>,
    /// Pages of the owner: number, path, whether it is this one.
    pages: Vec<(usize, String, bool)>,
}

struct Line<'a> {
    node: &'a ManifestNode,
    badge: Option<Badge>,
    reason: String,
    description: Option<String>,
    meta: Vec<(String, String)>,
}

/// A page of all owners and one for each, where there are any.
pub fn unit<'a>(site: &'a Site<'a>) -> Unit<'a> {
    site.unit("owners", &site.decided, move || {
        let nodes = &site.input.manifest.nodes;
        let mut found: BTreeMap<String, Vec<&ManifestNode>> = BTreeMap::new();
        for node in nodes.values() {
            for name in of(node) {
                found.entry(name).or_default().push(node);
            }
        }
        if found.is_empty() {
            return Vec::new();
        }
        let failed = |nodes: &[&ManifestNode]| {
            let rows = nodes.iter().filter_map(|node| site.row(&node.name));
            rows.filter(|row| matches!(Badge::of_row(row).class, "error" | "blocked")).count()
        };
        let owners = found.iter().map(|(name, nodes)| (name.clone(), page(name), nodes.len(), failed(nodes))).collect();
        let without = nodes.values().filter(|node| of(node).is_empty()).count();
        let path = "owners.html";
        let shell = Shell::new(&site.frame, Place::None, path, "Owners");
        let index = Page::of(path, &Owners { shell, owners, without });
        [index].into_iter().chain(found.iter().flat_map(|(name, nodes)| one(site, name, nodes))).collect()
    })
}

fn one(site: &Site<'_>, name: &str, nodes: &[&ManifestNode]) -> Vec<Page> {
    let line = |node: &&'_ ManifestNode| {
        let row: Option<&ResultRow> = site.row(&node.name);
        let node = site.input.manifest.nodes.get(&node.name).expect("invariant: it is of the manifest");
        let reason = row.map(|row| reason(row).to_string()).unwrap_or_default();
        let description = node.description.as_deref().map(markdown::html);
        Line { node, badge: row.map(Badge::of_row), reason, description, meta: facts(node) }
    };
    let last = nodes.len().div_ceil(ROWS).max(1);
    let page = |(at, part): (usize, &[&ManifestNode])| {
        let path = page_of(name, at);
        let shell = Shell::new(&site.frame, Place::None, path.clone(), name);
        let all = (0..last).filter(|_| last > 1).map(|to| (to + 1, page_of(name, to), to == at));
        let nodes_here = part.iter().map(line).collect();
        Page::of(path, &Owner { shell, name, count: nodes.len(), nodes: nodes_here, pages: all.collect() })
    };
    nodes.chunks(ROWS).enumerate().map(page).collect()
}
