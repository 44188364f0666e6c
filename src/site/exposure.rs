//! Exposures: a page of who uses what the project builds, and what pages of nodes and sources say of them.

use super::name::page_name;
use super::shell::{Place, Shell};
use super::word::Badge;
use super::{Page, Site, Unit, markdown};
use crate::artifact::manifest::Manifest;
use crate::artifact::wire::{ExposureUse, ManifestExposure};
use askama::Template;
use std::collections::{BTreeMap, BTreeSet};

/// The page.
const PATH: &str = "exposures.html";

#[derive(Template)]
#[template(path = "exposures.html")]
struct Exposures<'a> {
    shell: Shell<'a>,
    all: Vec<View<'a>>,
}

struct View<'a> {
    anchor: String,
    exposure: &'a ManifestExposure,
    owner: Vec<(String, Option<String>)>,
    description: Option<String>,
    /// What it reads, with what the last run did.
    reads: Vec<(&'a ExposureUse, Option<Badge>)>,
    /// Nodes at or above what it reads that failed or weren't reached.
    failed: Vec<&'a str>,
}

/// An exposure that reads a node, or rests on it.
pub struct Reader<'a> {
    pub exposure: &'a ManifestExposure,
    pub anchor: String,
    /// The columns that it takes of the node itself, where it says so.
    pub columns: Vec<&'a str>,
    /// What it reads that rests on the node; none where it reads the node itself.
    pub through: Vec<&'a str>,
}

impl ManifestExposure {
    /// What people call it.
    pub fn shown(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.name)
    }
}

/// All exposures on a page of their own, where there are any.
pub fn unit<'a>(site: &'a Site<'a>) -> Unit<'a> {
    let exposures = &site.input.manifest.exposures;
    site.unit("exposures", &(site.decided, exposures), move || {
        if exposures.is_empty() {
            return Vec::new();
        }
        let all = exposures.values().map(|exposure| view(site, exposure)).collect();
        let shell = Shell::new(&site.frame, Place::Exposures, PATH, "Exposures");
        vec![Page::of(PATH, &Exposures { shell, all })]
    })
}

fn view<'a>(site: &'a Site<'a>, exposure: &'a ManifestExposure) -> View<'a> {
    let badge = |name: &str| site.row(name).map(Badge::of_row);
    let reads = exposure.depends_on.iter();
    let start: Vec<&str> = reads.clone().filter_map(|one| one.node.as_deref()).collect();
    let above = reached(&site.input.manifest.parents, &start);
    let failed = |name: &&&str| badge(name).is_some_and(|badge| matches!(badge.class, "error" | "blocked"));
    let owner = exposure.owner.iter();
    let owner = owner.flat_map(|owner| match (&owner.name, &owner.email) {
        (Some(name), email) => vec![(name.clone(), email.as_ref().map(|email| format!("mailto:{email}")))],
        (None, Some(email)) => vec![(email.clone(), Some(format!("mailto:{email}")))],
        (None, None) => Vec::new(),
    });
    View {
        anchor: page_name(&exposure.name),
        exposure,
        owner: owner.collect(),
        description: exposure.description.as_deref().map(markdown::html),
        reads: reads.map(|one| (one, one.node.as_deref().and_then(badge))).collect(),
        failed: above.iter().filter(failed).copied().collect(),
    }
}

/// Everything that is reached along the edges, `start` included.
fn reached<'a>(edges: &'a BTreeMap<String, Vec<String>>, start: &[&'a str]) -> BTreeSet<&'a str> {
    let mut found: BTreeSet<&str> = start.iter().copied().collect();
    let mut open = start.to_vec();
    while let Some(name) = open.pop() {
        let next = edges.get(name).into_iter().flatten().map(String::as_str);
        open.extend(next.filter(|name| found.insert(*name)));
    }
    found
}

/// The exposures that read a node, then those that rest on it, by name.
pub fn readers<'a>(manifest: &'a Manifest, node: &'a str) -> Vec<Reader<'a>> {
    if manifest.exposures.is_empty() {
        return Vec::new();
    }
    let below = reached(&manifest.children, &[node]);
    let one = |exposure: &'a ManifestExposure| {
        let own = exposure.depends_on.iter().find(|one| one.node.as_deref() == Some(node));
        let names = exposure.depends_on.iter().filter_map(|one| one.node.as_deref());
        let through: Vec<&str> = names.filter(|name| below.contains(name) && own.is_none()).collect();
        (own.is_some() || !through.is_empty()).then(|| Reader {
            exposure,
            anchor: page_name(&exposure.name),
            columns: own.iter().flat_map(|one| one.columns.iter().map(String::as_str)).collect(),
            through,
        })
    };
    let mut found: Vec<Reader<'a>> = manifest.exposures.values().filter_map(one).collect();
    found.sort_by_key(|reader| !reader.through.is_empty());
    found
}
