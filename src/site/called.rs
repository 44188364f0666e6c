//! What nodes are called where a person reads: by the part that tells one from another, `stg_users` of `stg_users.ff`, and
//! where that is long without its middle. The whole name is in the title of what shows another one.

use super::history::RunSummary;
use crate::artifact::manifest::Manifest;
use crate::artifact::wire::shown_name;
use askama::Template;
use askama::filters::HtmlSafe;
use std::collections::BTreeSet;

/// Letters of a name in a list or a table.
const LETTERS: usize = 48;

/// The names that are nodes' with an ending and without it: of these both are whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Called {
    alike: BTreeSet<String>,
}

impl Called {
    /// Among the nodes of the project and those that kept runs took up.
    pub fn of(manifest: &Manifest, runs: &[RunSummary]) -> Called {
        let took_up = runs.iter().flat_map(|run| run.nodes.keys().chain(&run.blocked));
        let all: BTreeSet<&str> = manifest.nodes.keys().chain(took_up).map(String::as_str).collect();
        let short = |name: &&&str| shown_name(name, |_| false).len() < name.len();
        let stems = all.iter().filter(short).map(|name| shown_name(name, |_| false));
        Called { alike: stems.filter(|stem| all.contains(stem)).map(String::from).collect() }
    }

    /// Without its ending, unless another node is called so.
    pub fn short<'n>(&self, name: &'n str) -> &'n str {
        shown_name(name, |short| self.alike.contains(short))
    }

    /// The same within the letters of a list.
    pub fn listed(&self, name: &str) -> String {
        shortened(self.short(name), LETTERS)
    }

    /// For scripts: a list in JSON; nothing where no two nodes are called alike.
    pub fn alike(&self) -> Option<String> {
        let list = || serde_json::to_string(&self.alike).expect("invariant: names are JSON");
        (!self.alike.is_empty()).then(list)
    }
}

/// A node's name; prints itself as HTML.
#[derive(Template)]
#[template(path = "named.html")]
pub struct Named<'a> {
    name: &'a str,
    shown: String,
    href: Option<String>,
    /// Where the page is about this node.
    here: bool,
}

impl HtmlSafe for Named<'_> {}

impl<'a> Named<'a> {
    pub fn of(called: &Called, name: &'a str, href: Option<String>) -> Named<'a> {
        let shown = called.listed(name);
        Named { name, shown, href, here: false }
    }

    /// The node that the page is about.
    pub fn here(called: &Called, name: &'a str) -> Named<'a> {
        Named { here: true, ..Named::of(called, name, None) }
    }
}

/// Columns that a text takes: a letter beyond the Latin, Greek and Cyrillic ones is as wide as two.
pub fn letters(text: &str) -> usize {
    text.chars().map(|letter| if u32::from(letter) < 0x1100 { 1 } else { 2 }).sum()
}

/// The text within `most` letters, its middle left out.
pub fn shortened(text: &str, most: usize) -> String {
    if letters(text) <= most {
        return text.to_string();
    }
    let all: Vec<char> = text.chars().collect();
    let share = most * all.len() / letters(text);
    let (front, back) = (share / 2, share - share / 2 - 1);
    all[..front].iter().chain(['…'].iter()).chain(&all[all.len() - back..]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_told_by_what_tells_it_from_others() {
        let called = Called { alike: BTreeSet::from(["b".to_string()]) };
        let html = |name: &str, href: Option<&str>| Named::of(&called, name, href.map(String::from)).to_string();
        assert_eq!(html("a.ff", Some("a.html")), r#"<a class="name" href="a.html" title="a.ff">a</a>"#);
        assert_eq!(html("b.ff", None), r#"<span class="name">b.ff</span>"#);
        assert_eq!(html("<i>", None), r#"<span class="name">&#60;i&#62;</span>"#);
        assert_eq!(Named::here(&called, "a.ff").to_string(), r#"<span class="name here" title="a.ff">a</span>"#);
        let long = "x".repeat(60);
        let told = html(&format!("{long}y.ff"), Some("p"));
        assert!(told.contains(&format!("title=\"{long}y.ff\"")) && told.contains("x…x") && told.ends_with("xy</a>"));
        assert_eq!(called.listed(&long).chars().count(), LETTERS);
    }
}
