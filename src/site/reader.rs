//! Sources and macros: what reads them.

use super::room::{List, Room};
use super::shell::{Place, Shell};
use super::source::{Fresh, Seen, seen_last, watch};
use super::word::Thousands;
use super::{Page, Site, Unit, markdown, name};
use crate::artifact::manifest::{MacroFile, ManifestNode, ManifestSource};
use crate::fingerprint::InputKind;
use askama::Template;
use std::collections::{BTreeMap, BTreeSet};

/// Sources on a page of the list.
const ROWS: usize = 100;
/// Readers that a source's row names; its own page has more.
const READERS: usize = 12;
/// Bytes of names on the page of macros.
const NAMES: usize = 160 << 10;

#[derive(Template)]
#[template(path = "sources.html")]
struct Sources<'a> {
    shell: Shell<'a>,
    /// Those on this page.
    sources: Vec<SourceView<'a>>,
    /// Whether any says how old its data may get.
    aged: bool,
    /// Pages of the list, where there are several: number, path, whether it is this one.
    pages: Vec<(usize, String, bool)>,
}

struct SourceView<'a> {
    name: &'a str,
    anchor: String,
    source: &'a ManifestSource,
    /// How it is told whether its data changed, in words.
    watch: String,
    description: Option<String>,
    /// How old its data were.
    fresh: Option<Fresh<'a>>,
    /// Its newest version that a node was built from.
    seen: Option<Seen<'a>>,
    readers: Vec<&'a str>,
    more: usize,
}

#[derive(Template)]
#[template(path = "macros.html")]
struct Macros<'a> {
    shell: Shell<'a>,
    files: Vec<MacroView<'a>>,
}

struct MacroView<'a> {
    file: &'a MacroFile,
    /// Its macros that a node uses, with the line of each and the nodes.
    macros: Vec<(&'a str, usize, List<'a>)>,
}

/// For each source table the nodes that read it.
pub fn sources<'a>(site: &'a Site<'a>) -> Unit<'a> {
    let manifest = site.input.manifest;
    // Of builds, the runs are covered by what was decided; whether they have pages isn't.
    let kept: Vec<&str> = site.kept.iter().copied().collect();
    site.unit("sources", &(site.decided, kept, site.input.ages), move || {
        let mut readers: BTreeMap<&str, Vec<&ManifestNode>> = BTreeMap::new();
        for node in manifest.nodes.values() {
            for source in &node.sources {
                readers.entry(source).or_default().push(node);
            }
        }
        let source = |(name, source): (&'a String, &'a ManifestSource)| {
            let readers = readers.get(name.as_str()).map(Vec::as_slice).unwrap_or_default();
            SourceView {
                name,
                anchor: name::page_name(name),
                source,
                watch: watch(source),
                description: source.description.as_deref().map(markdown::html),
                fresh: Fresh::of(site, name, source),
                seen: seen_last(site, name, readers),
                more: readers.len().saturating_sub(READERS),
                readers: readers.iter().take(READERS).map(|node| node.name.as_str()).collect(),
            }
        };
        let mut all = manifest.sources.iter();
        let count = manifest.sources.len().div_ceil(ROWS).max(1);
        let mut page = |at: usize| {
            let pages = (0..count).filter(|_| count > 1).map(|to| (to + 1, sources_path(to), to == at)).collect();
            let shell = Shell::new(&site.frame, Place::Sources, sources_path(at), "Sources");
            let sources: Vec<_> = all.by_ref().take(ROWS).map(&source).collect();
            let aged = sources.iter().any(|one| one.fresh.is_some());
            Page::of(sources_path(at), &Sources { shell, sources, aged, pages })
        };
        (0..count).map(&mut page).collect()
    })
}

/// A page of the list of sources, below the site's folder.
fn sources_path(at: usize) -> String {
    if at == 0 { "sources.html".into() } else { format!("sources-{}.html", at + 1) }
}

/// For each file of macros those that are used, and by which nodes.
pub fn macros<'a>(site: &'a Site<'a>) -> Unit<'a> {
    let manifest = site.input.manifest;
    let mut used: BTreeMap<&str, BTreeMap<(&str, usize), BTreeSet<&str>>> = BTreeMap::new();
    for node in manifest.nodes.values() {
        let inputs = node.fingerprint.known().into_iter().flat_map(|known| known.inputs.iter());
        for input in inputs.filter(|input| input.kind == InputKind::Macro) {
            let of_file = used.entry(&input.path).or_default();
            of_file.entry((&input.name, input.line)).or_default().insert(&node.name);
        }
    }
    let listed: Vec<_> = used.iter().map(|(path, macros)| (path, macros.iter().collect::<Vec<_>>())).collect();
    let inputs = serde_json::to_value((&manifest.macros, listed)).expect("invariant: inputs are JSON");
    site.unit("macros", &inputs, move || {
        let mut room = Room::new(NAMES);
        let view = |file: &'a MacroFile| {
            let macros = used.get(file.path.as_str()).into_iter().flatten();
            let mut list = |nodes: &BTreeSet<&'a str>| List::of(&|_| true, &mut room, nodes.iter().copied());
            let macros = macros.map(|((name, line), nodes)| (*name, *line, list(nodes)));
            MacroView { file, macros: macros.collect() }
        };
        let path = "macros.html";
        let shell = Shell::new(&site.frame, Place::Macros, path, "Macros");
        vec![Page::of(path, &Macros { shell, files: manifest.macros.values().map(view).collect() })]
    })
}
