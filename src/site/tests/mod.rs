//! Whole sites of a project that never was: links, escaping, facts, what is rewritten, what is withheld.

mod compare;
mod escape;
mod fact;
mod frozen;
mod html;
mod incremental;
mod outside;
mod part;
mod past;
mod proof;
mod sample;
mod weight;
mod withheld;

use super::build::{Artifacts, Options, build};
use super::history::{Records, RunSummary};
use super::redact::Redaction;
use super::shell::Frame;
use super::write::Report;
use super::{Input, Page, Site};
use crate::world::World;
use html::{Tag, tags};
use sample::{Project, shop};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const DIR: &str = "/p/site/dag";

/// Builds the site of what a run left.
pub fn site(project: &Project, artifacts: &Artifacts) -> Report {
    with(project, artifacts, &Options::default())
}

fn with(project: &Project, artifacts: &Artifacts, options: &Options) -> Report {
    build(&*project.world, &project.layout(), Path::new(DIR), options, artifacts.clone()).unwrap()
}

/// Files of the built site, as text, by their path.
pub fn files(project: &Project) -> BTreeMap<String, String> {
    let found = project.world.walk(Path::new(DIR)).unwrap();
    let text = |file: &crate::world::FileEntry| {
        let path = file.path.strip_prefix(DIR).unwrap().to_str().unwrap().to_string();
        (path, String::from_utf8(project.world.read(&file.path).unwrap()).unwrap())
    };
    found.iter().map(text).collect()
}

/// Files that one unit makes, of a site that isn't built as a whole.
fn made(
    project: &Project,
    artifacts: &Artifacts,
    unit: impl Fn(&Site<'_>, &[RunSummary]) -> Vec<Page>,
) -> BTreeMap<String, String> {
    let layout = project.layout();
    let records = Records::new(&*project.world, &layout, Redaction::default());
    let (runs, unreadable) = records.summaries(&mut BTreeMap::new()).unwrap();
    let input = Input {
        manifest: &artifacts.manifest,
        results: &artifacts.results,
        catalog: &artifacts.catalog,
        ages: &Default::default(),
        runs: &runs,
        unreadable: &unreadable,
        frozen: &[],
        archive: &records,
    };
    let site = Site::new(input, Frame::default());
    let pages = unit(&site, &runs);
    pages.into_iter().map(|page| (page.path, String::from_utf8(page.bytes).unwrap())).collect()
}

/// A shop after a first run, a change, a failure and a run with nothing to do.
pub fn lived() -> (Project, Artifacts) {
    let mut project = Project::new(shop());
    project.run(&[], &[]);
    project.run(&["seed_users"], &[]);
    project.run(&["stg_users.ff", "seed_orders"], &[]);
    project.run(&["http_users"], &["http_users"]);
    let artifacts = project.run(&[], &[]);
    (project, artifacts)
}

/// Scripts find a shard by its name alone.
#[test]
fn each_shard_is_in_the_index() {
    let mut project = Project::new(shop());
    project.run(&[], &[]);
    let artifacts = project.run(&["seed_users", "stg_users.ff"], &[]);
    site(&project, &artifacts);
    let files = files(&project);
    let text = files["data/index.js"].split_once("JSON.parse('").unwrap().1;
    let index: BTreeMap<String, String> = serde_json::from_str(text.strip_suffix("');\n").unwrap()).unwrap();
    let named: BTreeSet<String> =
        index.into_values().map(|file| format!("data/{file}")).chain(["data/index.js".into()]).collect();
    let there: BTreeSet<String> = files.into_keys().filter(|path| path.starts_with("data/")).collect();
    assert!(there.iter().any(|path| path.starts_with("data/cause-")), "{there:?}");
    assert_eq!(named, there);
}

/// The value that a shard hands over, by its name.
fn shard(files: &BTreeMap<String, String>, name: &str) -> serde_json::Value {
    let file = |path: &&String| {
        path.strip_prefix("data/").and_then(|file| file.rsplit_once('-')).is_some_and(|(found, _)| found == name)
    };
    let path = files.keys().find(file).unwrap_or_else(|| panic!("no shard {name}"));
    let (_, text) = files[path].split_once("JSON.parse('").unwrap();
    serde_json::from_str(&unquoted(text.strip_suffix("');\n").unwrap())).unwrap()
}

/// What a script reads of a text within single quotes.
fn unquoted(text: &str) -> String {
    let mut out = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (letter, if letter == '\\' { letters.next() } else { None }) {
            (_, None) => out.push(letter),
            (_, Some('n')) => out.push('\n'),
            (_, Some('r')) => out.push('\r'),
            (_, Some('u')) => {
                let code: String = letters.by_ref().take(4).collect();
                out.push(char::from_u32(u32::from_str_radix(&code, 16).unwrap()).unwrap());
            }
            (_, Some(other)) => out.push(other),
        }
    }
    out
}

/// Every shard, by its name.
fn shards(files: &BTreeMap<String, String>) -> BTreeMap<String, serde_json::Value> {
    let name = |path: &String| Some(path.strip_prefix("data/")?.rsplit_once('-')?.0.to_string());
    files.keys().filter_map(name).map(|name| (name.clone(), shard(files, &name))).collect()
}

fn pages(files: &BTreeMap<String, String>) -> impl Iterator<Item = (&String, &String)> {
    files.iter().filter(|(path, _)| path.ends_with(".html"))
}

#[test]
fn every_link_and_anchor_leads_somewhere() {
    let (project, artifacts) = lived();
    site(&project, &artifacts);
    assert!(links(&files(&project)) > 200);
}

/// Each leads somewhere; how many there are.
fn links(files: &BTreeMap<String, String>) -> usize {
    let anchors: BTreeMap<&String, BTreeSet<String>> = pages(files)
        .map(|(path, text)| (path, tags(text).iter().filter_map(|tag| tag.attributes.get("id").cloned()).collect()))
        .collect();
    let mut links = 0;
    for (path, text) in pages(files) {
        for tag in tags(text) {
            for address in ["href", "src"].iter().filter_map(|name| tag.attributes.get(*name)) {
                links += 1;
                let (file, anchor) = address.split_once('#').unwrap_or((address, ""));
                let target = if file.is_empty() { path.clone() } else { resolved(path, file) };
                assert!(files.contains_key(&target), "{path}: {address}");
                let is_state = anchor.contains('=');
                assert!(is_state || anchor.is_empty() || anchors[&target].contains(anchor), "{path}: {address}");
            }
        }
    }
    links
}

/// A preview has what the last run did, no page of what it left, and no link that leads there.
#[test]
fn the_last_run_alone_is_a_small_site_of_its_own() {
    let mut project = Project::new(shop());
    project.run(&[], &[]);
    let artifacts = project.run(&["stg_users.ff"], &[]);
    site(&project, &artifacts);
    let whole = files(&project);
    with(&project, &artifacts, &Options { only_run: true, ..Options::default() });
    let alone = files(&project);
    assert!(links(&alone) > 50);
    assert!(alone.contains_key("nodes/stg_users.ff.html") && alone.contains_key("nodes/report.ff.html"));
    assert!(!alone.contains_key("nodes/stg_orders.ff.html") && whole.contains_key("nodes/stg_orders.ff.html"));
    let runs = |files: &BTreeMap<String, String>| pages(files).filter(|(path, _)| path.starts_with("runs/2")).count();
    assert_eq!((runs(&whole), runs(&alone)), (2, 1));
    assert!(alone["index.html"].contains("nodes that the last run left alone, and earlier runs"));
    let bytes = |files: &BTreeMap<String, String>| files.values().map(String::len).sum::<usize>();
    assert!(bytes(&alone) < bytes(&whole));
}

#[test]
fn a_badge_tells_what_the_last_run_came_to() {
    let (project, artifacts) = lived();
    site(&project, &artifacts);
    let files = files(&project);
    let badge: serde_json::Value = serde_json::from_str(&files["badge.json"]).unwrap();
    let message = badge["message"].as_str().unwrap();
    assert_eq!((badge["schemaVersion"].as_u64(), badge["label"].as_str()), (Some(1), Some("fft")));
    let skipped = format!("{} skipped", artifacts.results.totals.skipped);
    assert!(message.contains(&skipped), "{message}");
    assert!(files["badge.svg"].contains(message) && files["badge.svg"].starts_with("<svg "));
}

fn resolved(page: &str, address: &str) -> String {
    assert!(!address.contains(':') && !address.starts_with('/'), "{page}: {address} isn't relative");
    let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder);
    match address.strip_prefix("../") {
        Some(rest) => {
            assert!(!folder.is_empty(), "{page}: {address} leaves the site");
            rest.to_string()
        }
        None if folder.is_empty() => address.to_string(),
        None => format!("{folder}/{address}"),
    }
}

/// What the policy of each page forbids isn't there, ids are unique, and each page stands alone.
#[test]
fn every_page_is_complete_and_within_its_policy() {
    let (project, artifacts) = lived();
    site(&project, &artifacts);
    let files = files(&project);
    for (path, text) in pages(&files) {
        let tags = tags(text);
        let policy = tags.iter().find(|tag| tag.attributes.contains_key("http-equiv")).expect("a policy");
        assert!(policy.attributes["content"].starts_with("default-src 'none'; script-src 'self'; style-src 'self'"));
        let inline = |tag: &&Tag| {
            tag.name == "style"
                || tag.attributes.contains_key("style")
                || tag.attributes.keys().any(|name| name.starts_with("on"))
                || (tag.name == "script" && !tag.attributes.contains_key("src"))
        };
        assert_eq!(tags.iter().filter(inline).count(), 0, "{path}");
        let ids: Vec<&String> = tags.iter().filter_map(|tag| tag.attributes.get("id")).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{path}: {ids:?}");
        let labels = tags.iter().filter_map(|tag| tag.attributes.get("aria-labelledby"));
        for referred in labels.flat_map(|label| label.split_whitespace()) {
            assert!(ids.iter().any(|id| *id == referred), "{path}: {referred}");
        }
        for name in ["h1", "main", "header", "footer", "title"] {
            // What a picture shows has titles of its own.
            let page = tags.iter().take_while(|tag| name != "title" || tag.name != "body");
            assert_eq!(page.filter(|tag| tag.name == name).count(), 1, "{path}: {name}");
        }
        assert!(!text.contains("{{") && !text.contains("{%"), "{path}");
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let sites = [0, 1].map(|_| {
        let (project, artifacts) = lived();
        site(&project, &artifacts);
        files(&project)
    });
    assert_eq!(sites[0], sites[1]);
}

/// A template that isn't in the renderer's digest would leave pages as another version made them.
#[test]
fn every_template_and_asset_is_known() {
    let list = |folder: &str| -> Vec<String> {
        let found = crate::world::OsWorld::new().walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
        found.iter().map(|file| file.path.file_name().unwrap().to_str().unwrap().to_string()).collect()
    };
    let code = include_str!("../asset.rs");
    for (folder, names) in [("templates", list("templates")), ("static", list("static"))] {
        for name in names {
            assert!(code.contains(&format!("../../{folder}/{name}")), "src/site/asset.rs doesn't know {folder}/{name}");
        }
    }
    assert!(super::asset::pages().iter().all(|Page { path, .. }| path.starts_with("assets/")));
}
