//! Sources and macros: what reads them.

use super::shell::{Place, Shell};
use super::{Page, Site, Unit, markdown, name};
use crate::artifact::manifest::{MacroFile, ManifestSource};
use crate::artifact::wire::Word;
use crate::fingerprint::InputKind;
use crate::watch::How;
use askama::Template;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Template)]
#[template(path = "sources.html")]
struct Sources<'a> {
    shell: Shell<'a>,
    sources: Vec<SourceView<'a>>,
}

struct SourceView<'a> {
    name: &'a str,
    anchor: String,
    source: &'a ManifestSource,
    /// How it is told whether its data changed, in words.
    watch: String,
    description: Option<String>,
    readers: Vec<&'a str>,
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
    macros: Vec<(&'a str, usize, Vec<&'a str>)>,
}

/// For each source table the nodes that read it.
pub fn sources<'a>(site: &'a Site<'a>) -> Unit<'a> {
    let manifest = site.input.manifest;
    let reads: Vec<_> = manifest.nodes.values().map(|node| (&node.name, &node.sources)).collect();
    let inputs = (&manifest.sources, reads);
    site.unit("sources", &inputs, move || {
        let mut readers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for node in manifest.nodes.values() {
            for source in &node.sources {
                readers.entry(source).or_default().push(&node.name);
            }
        }
        let source = |(name, source): (&'a String, &'a ManifestSource)| SourceView {
            name,
            anchor: name::page_name(name),
            source,
            watch: watch(source),
            description: source.description.as_deref().map(markdown::html),
            readers: readers.remove(name.as_str()).unwrap_or_default(),
        };
        let path = "sources.html";
        let shell = Shell::new(&site.frame, Place::Sources, path, "Sources");
        vec![Page::of(path, &Sources { shell, sources: manifest.sources.iter().map(source).collect() })]
    })
}

/// How it is told whether a source's data changed, in words.
pub fn watch(source: &ManifestSource) -> String {
    let Some(watch) = &source.watch else {
        return if source.provided_by.is_some() { "by the seed's file".into() } else { String::new() };
    };
    match &watch.how {
        Some(Word::Known(How::Declared)) => "by the version that sources.yml declares".into(),
        Some(Word::Known(How::Files)) => "by the content of its files".into(),
        Some(Word::Known(How::Rows)) => "by its rows".into(),
        Some(Word::Unknown(how)) => format!("by what a newer fft calls `{how}`"),
        None => format!("not watched: {}", watch.why.as_deref().unwrap_or("nothing tells")),
    }
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
        let view = |file: &'a MacroFile| {
            let macros = used.get(file.path.as_str()).into_iter().flatten();
            let macros = macros.map(|((name, line), nodes)| (*name, *line, nodes.iter().copied().collect()));
            MacroView { file, macros: macros.collect() }
        };
        let path = "macros.html";
        let shell = Shell::new(&site.frame, Place::Macros, path, "Macros");
        vec![Page::of(path, &Macros { shell, files: manifest.macros.values().map(view).collect() })]
    })
}
