//! A comparison, or what a run did, as Markdown that a pull request can carry: a sentence, a graph, a table, folded diffs.
//!
//! Everything that isn't fft's own wording is foreign: names, values, paths and SQL can't end a cell, a fence or a
//! tag, link anywhere or call anybody. The whole is bounded, and what was left out is said.

mod graph;
mod run;
mod told;

pub use graph::CLASSES;
pub use run::run;

use super::comparison::Comparison;
use super::wire::TextDiff;
use crate::diagnostic::grouped;
use crate::diagnostic::visible::clean;
use std::collections::{BTreeMap, BTreeSet};
use told::Told;

/// Rows of the table at most.
const ROWS: usize = 200;
/// Causes that the sentence names.
const NAMED: usize = 3;
/// Nodes that followed and are named.
const FOLLOWED: usize = 12;
/// Bytes of folded details at most: comments on pull requests end at 65536 characters.
const DETAILS: usize = 30_000;

/// The whole page, ending in a newline. `link` is where the comparison can be looked at, if anywhere.
pub fn markdown(comparison: &Comparison, link: Option<&str>) -> String {
    let nodes: Vec<Told<'_>> = comparison.differing().into_iter().map(Told::of_comparison).collect();
    let head = format!("{}\n\n{}\n", sentence(comparison, &nodes), about(comparison, link));
    head + &body(&nodes)
}

/// The graph, the table and the diffs of nodes in their order.
fn body(nodes: &[Told<'_>]) -> String {
    let reach = Reach::of(nodes);
    let mut page = graph::graph(nodes, &reach).unwrap_or_default();
    if !nodes.is_empty() {
        table(nodes, &reach, &mut page);
        details(nodes, &mut page);
    }
    page
}

/// Where the whole can be looked at.
fn link_words(link: Option<&str>) -> String {
    link.map_or(String::new(), |link| format!(" · [look at it]({link})"))
}

/// How many nodes differ, and what made them.
fn sentence(comparison: &Comparison, nodes: &[Told<'_>]) -> String {
    let all = comparison.nodes.len();
    if nodes.is_empty() {
        let same = if all == 1 { "The node is" } else { "All nodes are" };
        return format!("**{same} the same.**");
    }
    let own = own(nodes);
    let told: Vec<String> = own.iter().take(NAMED).map(|node| words(node)).collect();
    let more = match own.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!("; and {} more", grouped(more)),
    };
    let verb = if nodes.len() == 1 { "differs" } else { "differ" };
    let noun = if all == 1 { "node" } else { "nodes" };
    format!("**{} of {} {noun} {verb}**: {}{more}.", grouped(nodes.len()), grouped(all), told.join("; "))
}

/// A node with what became of it.
fn words(node: &Told<'_>) -> String {
    let why = if node.why.is_empty() { node.word.to_lowercase() } else { node.why.to_string() };
    format!("{}: {}", escape(node.name), escape(&why))
}

fn about(comparison: &Comparison, link: Option<&str>) -> String {
    let origins = [&comparison.before, &comparison.after].map(|origin| escape(&origin.words()));
    format!("fft diff {}: {}{}", origins.join(" → "), comparison.totals.words(), link_words(link))
}

/// Those with reasons of their own; all, where each followed something that isn't among them.
fn own<'n, 'a>(nodes: &'n [Told<'a>]) -> Vec<&'n Told<'a>> {
    let own: Vec<_> = nodes.iter().filter(|node| !node.follows).collect();
    if own.is_empty() { nodes.iter().collect() } else { own }
}

/// What follows each node, by the reasons of what followed.
struct Reach<'a> {
    readers: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Reach<'a> {
    fn of(nodes: &[Told<'a>]) -> Reach<'a> {
        let mut readers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for node in nodes {
            node.upstream().for_each(|up| readers.entry(up).or_default().push(node.name));
        }
        Reach { readers }
    }

    /// Those that follow a node at once.
    fn next(&self, name: &str) -> &[&'a str] {
        self.readers.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// All that follow a node.
    fn of_name(&self, name: &str) -> BTreeSet<&'a str> {
        let mut found = BTreeSet::new();
        let mut open: Vec<&str> = self.next(name).to_vec();
        while let Some(next) = open.pop() {
            if next != name && found.insert(next) {
                open.extend(self.next(next));
            }
        }
        found
    }
}

fn table(nodes: &[Told<'_>], reach: &Reach<'_>, page: &mut String) {
    page.push_str("\n| | node | followed by | code | why |\n|---|---|---|---|---|\n");
    let own = own(nodes);
    for node in own.iter().take(ROWS) {
        let codes: Vec<String> = node.causes.iter().map(|cause| format!("`{}`", cause.code.as_str())).collect();
        let (word, name, why) = (node.word, escape(node.name), escape(&node.why));
        let followed = match reach.of_name(node.name).len() {
            0 => String::new(),
            count => grouped(count),
        };
        page.push_str(&format!("| {word} | {name} | {followed} | {} | {why} |\n", distinct(codes).join(" ")));
    }
    if own.len() > ROWS {
        page.push_str(&format!("\n… and {} more nodes\n", grouped(own.len() - ROWS)));
    }
    let followed = |waits: bool| nodes.iter().filter(move |node| node.follows && node.waits == waits);
    if own.len() < nodes.len() {
        page.push_str(&listed(followed(false), "followed"));
        page.push_str(&listed(followed(true), "not reached"));
    }
}

/// `3 nodes followed: a, b, c`; nothing of none.
fn listed<'n>(nodes: impl Iterator<Item = &'n Told<'n>>, what: &str) -> String {
    let names: Vec<String> = nodes.map(|node| escape(node.name)).collect();
    if names.is_empty() {
        return String::new();
    }
    let noun = if names.len() == 1 { "node" } else { "nodes" };
    let more = match names.len().saturating_sub(FOLLOWED) {
        0 => String::new(),
        more => format!(" and {} more", grouped(more)),
    };
    let named = names.iter().take(FOLLOWED).cloned().collect::<Vec<_>>().join(", ");
    format!("\n{} {noun} {what}: {named}{more}\n", grouped(names.len()))
}

fn distinct(mut words: Vec<String>) -> Vec<String> {
    words.dedup();
    words
}

fn details(nodes: &[Told<'_>], page: &mut String) {
    let mut left = DETAILS;
    let mut cut = 0;
    for detail in nodes.iter().filter_map(detail) {
        if detail.len() > left {
            cut += 1;
            continue;
        }
        left -= detail.len();
        page.push_str(&detail);
    }
    if cut > 0 {
        page.push_str(&format!("\nThe diffs of {cut} nodes were left out here: `fft diff` shows them.\n"));
    }
}

/// A node's diffs, folded; `None` when it has none, and its line in the table says all.
fn detail(node: &Told<'_>) -> Option<String> {
    let mut body = String::new();
    for cause in node.causes {
        let origins = cause.attributed_to.iter().map(|found| (found.sentence(), found.diff.as_ref()));
        let own = cause.own_diff().map(|diff| (cause.sentence.clone(), Some(diff)));
        for (title, diff) in origins.chain(own) {
            body.push_str(&format!("\n{}\n", escape(&title)));
            body.push_str(&diff.map(fenced).unwrap_or_default());
        }
    }
    let summary = format!("{}: {}", node.name, node.why);
    (!body.is_empty()).then(|| format!("\n<details>\n<summary>{}</summary>\n{body}\n</details>\n", escape(&summary)))
}

/// A diff in a fence.
fn fenced(diff: &TextDiff) -> String {
    let lines: Vec<String> = diff.lines().collect();
    let cut =
        if diff.cut > 0 { format!("\n… {} more lines of this diff were cut\n", diff.cut) } else { String::new() };
    fence("diff", &lines.join("\n")) + &cut
}

/// A text in a fence longer than any run of backticks in it.
fn fence(language: &str, text: &str) -> String {
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("\n{fence}{language}\n{text}\n{fence}\n")
}

/// Foreign text as it reads, in one line and without any power.
fn escape(text: &str) -> String {
    let text = clean(text);
    let mut out = String::new();
    let mut characters = text.chars().peekable();
    let mut last = ' ';
    while let Some(character) = characters.next() {
        let next = characters.peek().copied().unwrap_or(' ');
        match character {
            '\n' | '\t' => out.push(' '),
            // An empty comment keeps a name from being called and a number from being linked.
            '@' | '#' => out.push_str(&format!("&#{};<!-- -->", u32::from(character))),
            '_' if last.is_alphanumeric() && next.is_alphanumeric() => out.push('_'),
            ':' if next != '/' => out.push(':'),
            '.' if !last.eq_ignore_ascii_case(&'w') => out.push('.'),
            ':' | '.' | '&' | '<' | '>' | '"' | '\'' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '|' | '~' | '!'
            | '\\' | '$' => out.push_str(&format!("&#{};", u32::from(character))),
            other => out.push(other),
        }
        last = character;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulldown_cmark::{Event, Options, Parser, Tag};

    /// What a reader sees of `text`, and every structure in it.
    fn read(text: &str) -> (String, Vec<String>) {
        let mut words = String::new();
        let mut tags = Vec::new();
        for event in Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
            match event {
                Event::Text(text) | Event::Code(text) => words.push_str(&text),
                Event::InlineHtml(html) | Event::Html(html) if html.trim() != "<!-- -->" => tags.push(html.to_string()),
                Event::Start(Tag::Paragraph) | Event::End(_) | Event::InlineHtml(_) | Event::Html(_) => {}
                other => tags.push(format!("{other:?}")),
            }
        }
        (words, tags)
    }

    #[test]
    fn foreign_text_is_read_as_it_is() {
        let foreign = [
            "a | b \\| c",
            "</details><script>alert(1)</script> &amp;",
            "`code` ``more`` *stress* __strong__ ~~gone~~",
            "![x](javascript:1) [y](http://z) <http://z> [z]: http://z",
            "$x$ {{ y }} 'quoted' \"twice\"",
        ];
        for text in foreign {
            // Behind a word, as everything foreign stands: a line never begins with it.
            let (words, tags) = read(&format!("x {}", escape(text)));
            assert_eq!((words, tags), (format!("x {text}"), Vec::new()), "{}", escape(text));
        }
        assert!(!escape("@team see #12 http://x www.x.y").contains(['@', '\n']));
        assert!(!escape("http://x").contains("http:") && !escape("WWW.x").contains("WWW."));
    }

    #[test]
    fn a_fence_is_longer_than_any_inside() {
        let inside = "@@ -1 +1 @@\n-```\n+`````sql\n";
        let diff = TextDiff { unified: inside.into(), added: 1, removed: 1, cut: 3 };
        let page = fenced(&diff);
        let (words, tags) = read(&page);
        assert!(words.contains(inside.trim_end()), "{page}");
        assert_eq!(tags.len(), 1, "one block: {tags:?}");
        assert!(page.contains("3 more lines"));
    }
}
