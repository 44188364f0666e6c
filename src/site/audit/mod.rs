//! The audit: every node of a run, as a page that prints well, as CSV and as JSON. They tell the same facts; the page
//! has rows for what was rebuilt or failed, and groups what was skipped by the run that it rests on.
//!
//! Without a script the page is that of the last run. With one, it is that of any kept run, named in the hash, with a
//! filter and all nodes, from the run's shard.

mod entry;
mod file;

use super::room::{Room, weight};
use super::shell::{Place, Shell};
use super::word::Thousands;
use super::{Page, Site, Unit, decided, name, word};
use crate::execute::Status;
use askama::Template;
use entry::{Entry, entries};
use serde::Serialize;
use std::collections::BTreeMap;

/// Rows that the page has without a script.
const ROWS: usize = 48;
/// Bytes of names beyond them.
const NAMES: usize = 96 << 10;

#[derive(Serialize)]
struct Head<'a> {
    project: &'a str,
    profile: &'a str,
    engine: &'a str,
    run_id: &'a str,
    run_started_at: &'a str,
    run_finished_at: &'a str,
    git_commit: Option<&'a str>,
    git_dirty: Option<bool>,
    cache_mode: &'a str,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct Audit<'a> {
    shell: Shell<'a>,
    head: Head<'a>,
    run_page: Option<String>,
    /// The shard of the run.
    told: String,
    cache: String,
    count: usize,
    tried: Vec<&'a Entry<'a>>,
    /// Nodes that were tried and have no row.
    more_tried: usize,
    /// Their names, as far as there is room.
    tried_names: Vec<&'a Entry<'a>>,
    groups: Vec<Group<'a>>,
    /// Names that are left out.
    more: usize,
}

/// Nodes that were left as they were, by what that rests on.
struct Group<'a> {
    words: &'static str,
    glyph: &'static str,
    /// The run whose builds they are, with its page.
    run: Option<(&'a str, Option<&'a str>)>,
    /// When that run's last build among them was.
    at: Option<&'a str>,
    count: usize,
    rows: Vec<&'a Entry<'a>>,
    names: Vec<&'a Entry<'a>>,
}

pub fn unit<'a>(site: &'a Site<'a>) -> Unit<'a> {
    let inputs = (site.decided, site.last_run(), &site.kept, site.rows_held());
    let inputs = serde_json::to_value(inputs).expect("invariant: inputs are JSON");
    site.unit("audit", &inputs, move || pages(site))
}

fn pages(site: &Site<'_>) -> Vec<Page> {
    let entries = entries(site);
    let head = head(site);
    vec![
        html(site, &entries),
        Page::new("audit.csv", file::nodes(&entries)),
        Page::new("audit-causes.csv", file::causes(&head, &entries)),
        Page::new("audit.json", file::json(&head, &entries)),
    ]
}

fn head<'a>(site: &Site<'a>) -> Head<'a> {
    let results = site.input.results;
    Head {
        project: &results.metadata.project,
        profile: &results.profile,
        engine: &results.engine,
        run_id: &results.metadata.run_id,
        run_started_at: &results.run_started_at,
        run_finished_at: &results.run_finished_at,
        git_commit: results.metadata.git.commit.as_deref(),
        git_dirty: results.metadata.git.dirty,
        cache_mode: &results.cache_mode,
    }
}

fn html(site: &Site<'_>, entries: &[Entry<'_>]) -> Page {
    let path = "audit.html";
    let head = head(site);
    let run_page = site.is_kept(head.run_id).then(|| name::run_page(head.run_id));
    let mut shell = Shell::new(&site.frame, Place::Audit, path, "Audit");
    shell.scripts = &["told.js", "audit.js"];
    let (mut tried, left): (Vec<&Entry<'_>>, Vec<&Entry<'_>>) = entries.iter().partition(|entry| entry.is_tried());
    let mut tried_names = tried.split_off(tried.len().min(ROWS));
    let more_tried = tried_names.len();
    let mut names = Room::new(NAMES);
    tried_names.retain(|entry| names.takes(weight(entry.node)));
    let (groups, more) = groups(left, ROWS - tried.len(), &mut names);
    let more = more + more_tried - tried_names.len();
    let told = decided::shard_name(head.run_id);
    let cache = site.input.results.cache_words().to_string();
    let count = entries.len();
    let view = Audit { shell, head, run_page, told, cache, count, tried, more_tried, tried_names, groups, more };
    Page::of(path, &view)
}

/// What was left, by the run that it rests on, the largest group first; and how many names have no room.
fn groups<'a>(left: Vec<&'a Entry<'a>>, mut rows: usize, names: &mut Room) -> (Vec<Group<'a>>, usize) {
    let mut found: BTreeMap<(&str, Option<&'a str>), Vec<&'a Entry<'a>>> = BTreeMap::new();
    for entry in left {
        found.entry((entry.badge.word, entry.built_by)).or_default().push(entry);
    }
    let mut more = 0;
    let mut sorted: Vec<_> = found.into_iter().collect();
    sorted.sort_by_key(|(_, entries)| std::cmp::Reverse(entries.len()));
    let mut group = |((_, run), mut entries): ((&str, Option<&'a str>), Vec<&'a Entry<'a>>)| {
        let (count, badge) = (entries.len(), entries[0].badge);
        let at = entries.iter().filter_map(|entry| entry.built_at).max();
        let page = entries[0].run_page.as_deref();
        let skipped = entries[0].status() == Some(Status::Skipped);
        // A group has rows for all of its nodes or for none.
        let fits = count <= rows;
        let mut rest = if fits { Vec::new() } else { std::mem::take(&mut entries) };
        rest.retain(|entry| names.takes(weight(entry.node)));
        more += count - entries.len() - rest.len();
        rows -= entries.len();
        Group {
            words: if skipped { "skipped, proven equal" } else { "not selected" },
            glyph: badge.glyph,
            run: run.map(|run| (run, page)),
            at,
            count,
            rows: entries,
            names: rest,
        }
    };
    let groups = sorted.into_iter().map(&mut group).collect();
    (groups, more)
}

impl Audit<'_> {
    fn run_name(&self) -> String {
        word::run_name(self.head.run_id)
    }

    fn finished(&self) -> String {
        word::time(self.head.run_finished_at)
    }

    fn counted(&self) -> String {
        word::count(self.count, "node")
    }
}

impl Group<'_> {
    fn run_name(&self) -> String {
        self.run.map(|(run, _)| word::run_name(run)).unwrap_or_default()
    }

    fn time(&self) -> String {
        self.at.map(word::time).unwrap_or_default()
    }
}
