//! What every page has around its content: head, navigation, footer.
//!
//! A page's view struct holds a [`Shell`] called `shell` and its template extends `base.html`. Nothing in it changes
//! from one run to the next, so that a page whose content didn't change stays as it is.

use super::asset;
use super::called::{Called, Named};
use std::borrow::{Borrow, Cow};
use std::collections::BTreeMap;

/// The places of the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Overview,
    History,
    Runs,
    Audit,
    Sources,
    Macros,
    Tests,
    Exposures,
    Columns,
    Node,
    None,
}

/// What is the same for every page of a site.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// The project's name.
    pub project: String,
    /// Address that the site will have, ending in `/`, for canonical links.
    pub base_url: Option<String>,
    /// Whether there is anything on the page of macros.
    pub has_macros: bool,
    /// Whether the project has tests.
    pub has_tests: bool,
    /// Whether anybody is said to use what the project builds.
    pub has_exposures: bool,
    /// Where the project's commits can be looked at, ending without a `/`.
    pub repository: Option<String>,
    /// What was withheld, in words; empty when nothing was.
    pub withheld: String,
    /// Tags by the commit that each is of.
    pub tags: BTreeMap<String, Vec<String>>,
    /// What nodes are called on pages; [`super::Site`] sets it.
    pub called: Called,
}

impl Frame {
    /// The tags of a commit.
    pub fn tags_of(&self, commit: Option<&str>) -> Vec<&str> {
        let tags = commit.and_then(|commit| self.tags.get(commit));
        tags.into_iter().flatten().map(String::as_str).collect()
    }
}

/// The frame of one page.
#[derive(Clone, Debug)]
pub struct Shell<'a> {
    pub frame: &'a Frame,
    pub title: String,
    /// What the page says in a sentence, for who sees a link to it.
    pub about: String,
    pub place: Place,
    /// The page's path below the site's folder.
    pub path: String,
    /// From the page to the site's folder: empty, or `../`.
    pub root: Cow<'static, str>,
    /// Scripts of `static/` besides `page.js`.
    pub scripts: &'static [&'static str],
}

impl<'a> Shell<'a> {
    pub fn new(frame: &'a Frame, place: Place, path: impl Into<String>, title: impl Into<String>) -> Shell<'a> {
        let path = path.into();
        let root = if path.contains('/') { "../" } else { "" }.into();
        Shell { frame, title: title.into(), about: String::new(), place, path, root, scripts: &[] }
    }

    /// The same page with what it says in a sentence.
    pub fn about(self, sentence: impl Into<String>) -> Shell<'a> {
        Shell { about: sentence.into(), ..self }
    }

    /// The address of an asset from this page.
    pub fn asset(&self, file: &str) -> String {
        format!("{}{}", self.root, asset::path(file))
    }

    /// The address of a page from this one.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.root)
    }

    /// Where an asset stands below the site's folder, for a script that loads it.
    pub fn place(&self, file: &str) -> &'static str {
        asset::path(file)
    }

    pub fn node(&self, name: &str) -> String {
        self.link(&super::name::node_page(name))
    }

    /// A node's name without its ending, unless another node is called so.
    pub fn short<'n>(&self, name: &'n str) -> &'n str {
        self.frame.called.short(name)
    }

    /// A node's name that leads to its page.
    pub fn named<'n>(&self, name: &'n str) -> Named<'n> {
        self.listed(name, true)
    }

    /// The same where there is a page.
    pub fn listed<'n>(&self, name: &'n str, linked: impl Borrow<bool>) -> Named<'n> {
        Named::of(&self.frame.called, name, linked.borrow().then(|| self.node(name)))
    }

    /// A node's name that leads to its explanation on the page of the run.
    pub fn in_run<'n>(&self, name: &'n str) -> Named<'n> {
        Named::of(&self.frame.called, name, Some(format!("#node={}", encoded(name))))
    }

    /// The name of the node that the page is about.
    pub fn here<'n>(&self, name: &'n str) -> Named<'n> {
        Named::here(&self.frame.called, name)
    }

    /// The address of a source's page.
    pub fn source(&self, name: &str) -> String {
        self.link(&super::graph::source_page(name))
    }

    pub fn run(&self, run_id: &str) -> String {
        self.link(&super::name::run_page(run_id))
    }

    /// The address of a commit, where there is one.
    pub fn commit(&self, commit: &Option<&str>) -> Option<String> {
        Some(super::repository::commit(self.frame.repository.as_deref()?, (*commit)?))
    }

    pub fn canonical(&self) -> Option<String> {
        self.frame.base_url.as_ref().map(|base| format!("{base}{}", self.path))
    }

    /// The entries of the navigation: address, words, whether this page is there.
    pub fn navigation(&self) -> Vec<(String, &'static str, bool)> {
        let entries = [
            (Place::Overview, "index.html", "Overview"),
            (Place::History, "history.html", "History"),
            (Place::Runs, "runs/index.html", "Runs"),
            (Place::Tests, "tests.html", "Tests"),
            (Place::Audit, "audit.html", "Audit"),
            (Place::Columns, "columns.html", "Columns"),
            (Place::Sources, "sources.html", "Sources"),
            (Place::Macros, "macros.html", "Macros"),
            (Place::Exposures, "exposures.html", "Exposures"),
        ];
        let is_there = |place: Place| match place {
            Place::Macros => self.frame.has_macros,
            Place::Exposures => self.frame.has_exposures,
            Place::Tests => self.frame.has_tests,
            _ => true,
        };
        let there = entries.into_iter().filter(|(place, ..)| is_there(*place));
        there.map(|(place, path, words)| (self.link(path), words, place == self.place)).collect()
    }
}

/// As a part of an address.
fn encoded(name: &str) -> String {
    askama::filters::urlencode_strict(name).expect("invariant: writing to memory doesn't fail").to_string()
}
