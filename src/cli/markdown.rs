//! A comparison as Markdown that a pull request can carry: a line, a table, folded diffs.
//!
//! Everything that isn't fft's own wording is foreign: names, values, paths and SQL can't end a cell, a fence or a
//! tag, link anywhere or call anybody. The whole is bounded, and what was left out is said.

use super::cause::diff_lines;
use super::printer::root_line;
use super::visible::clean;
use crate::artifact::comparison::{Comparison, NodeComparison};
use crate::artifact::wire::TextDiff;

/// Rows of the table at most.
const ROWS: usize = 200;
/// Roots at most.
const ROOTS: usize = 8;
/// Bytes of folded details at most: comments on pull requests end at 65536 characters.
const DETAILS: usize = 30_000;

/// The whole page, ending in a newline.
pub fn markdown(comparison: &Comparison) -> String {
    let origins = [&comparison.before, &comparison.after].map(|origin| escape(&origin.words()));
    let mut page = format!("**fft diff** {}: {}\n", origins.join(" → "), comparison.totals.words());
    roots(comparison, &mut page);
    let nodes = comparison.differing();
    if !nodes.is_empty() {
        table(&nodes, &mut page);
        details(&nodes, &mut page);
    }
    page
}

fn roots(comparison: &Comparison, page: &mut String) {
    if comparison.roots.is_empty() {
        return;
    }
    page.push_str(&format!("\nRoots of run {}:\n\n", escape(&comparison.after.run_id)));
    for root in comparison.roots.iter().take(ROOTS) {
        page.push_str(&format!("- {}\n", escape(&root_line(root))));
    }
    if comparison.roots.len() > ROOTS {
        page.push_str(&format!("- … and {} more\n", comparison.roots.len() - ROOTS));
    }
}

fn table(nodes: &[&NodeComparison], page: &mut String) {
    page.push_str("\n| | node | code | why |\n|---|---|---|---|\n");
    for node in nodes.iter().take(ROWS) {
        let codes: Vec<String> = node.causes.iter().map(|cause| format!("`{}`", cause.code.as_str())).collect();
        let (word, name, why) = (node.change.word(), escape(&node.name), escape(&node.summary()));
        page.push_str(&format!("| {word} | {name} | {} | {why} |\n", distinct(codes).join(" ")));
    }
    if nodes.len() > ROWS {
        page.push_str(&format!("\n… and {} more nodes\n", nodes.len() - ROWS));
    }
}

fn distinct(mut words: Vec<String>) -> Vec<String> {
    words.dedup();
    words
}

fn details(nodes: &[&NodeComparison], page: &mut String) {
    let mut left = DETAILS;
    let mut cut = 0;
    for detail in nodes.iter().filter_map(|node| detail(node)) {
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
fn detail(node: &NodeComparison) -> Option<String> {
    let mut body = String::new();
    for cause in &node.causes {
        let origins = cause.attributed_to.iter().map(|found| (found.sentence(), found.diff.as_ref()));
        let own = cause.own_diff().map(|diff| (cause.sentence.clone(), Some(diff)));
        for (title, diff) in origins.chain(own) {
            body.push_str(&format!("\n{}\n", escape(&title)));
            body.push_str(&diff.map(fenced).unwrap_or_default());
        }
    }
    let summary = format!("{}: {}", node.name, node.summary());
    (!body.is_empty()).then(|| format!("\n<details>\n<summary>{}</summary>\n{body}\n</details>\n", escape(&summary)))
}

/// A diff in a fence longer than any run of backticks in it.
fn fenced(diff: &TextDiff) -> String {
    let lines: Vec<String> = diff_lines(diff).collect();
    let text = lines.join("\n");
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let cut =
        if diff.cut > 0 { format!("\n… {} more lines of this diff were cut\n", diff.cut) } else { String::new() };
    format!("\n{fence}diff\n{text}\n{fence}\n{cut}")
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
