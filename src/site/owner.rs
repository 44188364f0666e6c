//! Who answers for a node, as its `meta` says, and a page for each of them.

use super::line::reason;
use super::shell::{Place, Shell};
use super::word::Badge;
use super::word::Thousands;
use super::{Page, Site, Unit, name};
use crate::artifact::manifest::ManifestNode;
use crate::artifact::results::ResultRow;
use askama::Template;
use serde_json::Value;
use std::collections::BTreeMap;

/// Keys of `meta` that name an owner.
const KEYS: [&str; 2] = ["owner", "owners"];
/// Keys of an owner that is more than a name, the first that is there.
const NAMES: [&str; 2] = ["name", "email"];

/// The owners of a node: `meta.owner` or `meta.owners`, each a name, or an object with a `name` or an `email`.
pub fn of(node: &ManifestNode) -> Vec<String> {
    let Some(Value::Object(meta)) = &node.meta else { return Vec::new() };
    let mut names: Vec<String> = KEYS.iter().filter_map(|key| meta.get(*key)).flat_map(names).collect();
    names.sort();
    names.dedup();
    names
}

/// Whether a key of `meta` names owners.
pub fn is_key(name: &str) -> bool {
    KEYS.contains(&name)
}

fn names(value: &Value) -> Vec<String> {
    match value {
        Value::String(name) if !name.trim().is_empty() => vec![name.trim().to_string()],
        Value::Array(all) => all.iter().flat_map(names).collect(),
        Value::Object(one) => NAMES.iter().find_map(|key| one.get(*key)).map(names).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// What else `meta` says: key and value, an object or a list as JSON.
pub fn facts(node: &ManifestNode) -> Vec<(String, String)> {
    let Some(Value::Object(meta)) = &node.meta else { return Vec::new() };
    let words = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let rest = meta.iter().filter(|(key, _)| !is_key(key));
    rest.map(|(key, value)| (key.clone(), words(value))).collect()
}

/// Nodes on a page of an owner.
const ROWS: usize = 200;

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
        Line { node, badge: row.map(Badge::of_row), reason, meta: facts(node) }
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn owners_are_named_in_every_usual_form() {
        for (value, expected) in [
            (json!("Ada"), vec!["Ada"]),
            (json!([" Ada ", "Grace", "Ada"]), vec!["Ada", "Ada", "Grace"]),
            (json!({"email": "ada@example.org", "name": "Ada"}), vec!["Ada"]),
            (json!([{"email": "grace@example.org"}]), vec!["grace@example.org"]),
            (json!(""), vec![]),
            (json!(7), vec![]),
        ] {
            let mut found = names(&value);
            found.sort();
            assert_eq!(found, expected, "{value}");
        }
        assert_eq!(page("Ada Lovelace"), format!("owners/{}.html", name::page_name("Ada Lovelace")));
    }
}
