//! The site's pages, read like every other place that tells of a run: from the HTML as a reader without scripts has it.

use super::{DECISIONS, Node, Told, line_of_reason};
use serde_json::Value;
use std::collections::BTreeMap;

/// A cell of a table: its texts, a line of a list each, and the value that it is sorted by.
#[derive(Default)]
struct Cell {
    texts: Vec<String>,
    value: Option<String>,
}

type Row = BTreeMap<String, Cell>;

/// `index.html`: decisions, rows and reasons, and where rebuilding began.
pub fn overview(html: &str) -> Told {
    let node = |row: &Row| Node {
        rows: Some(row["Rows"].value.as_ref().and_then(|rows| rows.parse().ok())),
        reason: Some(line_of_reason(&joined(row, "Why"))),
        ..decided(row)
    };
    let roots = html.split("data-root=\"").skip(1).filter_map(|item| {
        let part = |class: &str| plain(between(item, &format!("class=\"{class}\""), "</"));
        let impact = part("impact");
        // One that only failed nodes go back to rebuilt nothing.
        let rebuilt = impact.contains(" rebuilt");
        let numbers: Vec<usize> = impact.split([' ', ',']).filter_map(|word| word.parse().ok()).collect();
        // The sentence of a cause that hits every node stands for a name.
        let global = item.split('>').next().unwrap().contains("data-global");
        let name = if global { part("note sentence") } else { plain(item.split('"').next().unwrap()) };
        rebuilt.then(|| (name, numbers[0], numbers.get(1).copied().filter(|_| impact.contains("without it"))))
    });
    Told { nodes: named(html, node), roots: Some(roots.collect()), ..Told::default() }
}

/// `audit.html`: decisions with all reasons and roots.
pub fn audit(html: &str) -> Told {
    let node = |row: &Row| Node {
        sentences: Some(row["Causes"].texts.clone()),
        roots: Some(row["Roots"].texts.clone()),
        ..decided(row)
    };
    Told { nodes: named(html, node), ..Told::default() }
}

/// `audit.json`: decisions with all reasons, checks and roots.
pub fn audit_file(file: &Value) -> Told {
    let list = |value: &Value| -> Vec<String> {
        value.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_string()).collect()
    };
    let check = |text: String| {
        let (head, evidence) = text.split_once(": ").unwrap();
        let (name, holds) = head.split_once(' ').unwrap();
        (name.to_string(), holds == "holds", evidence.to_string())
    };
    let node = |node: &Value| {
        let told = Node {
            word: Some(node["decision"].as_str().unwrap().to_string()),
            codes: Some(list(&node["codes"])),
            sentences: Some(list(&node["causes"])),
            roots: Some(list(&node["roots"])),
            checks: Some(list(&node["checks"]).into_iter().map(check).collect()),
            ..Node::default()
        };
        (node["node"].as_str().unwrap().to_string(), told)
    };
    Told { nodes: file["nodes"].as_array().unwrap().iter().map(node).collect(), ..Told::default() }
}

fn decided(row: &Row) -> Node {
    let word = joined(row, "Decision");
    let word = word.split(' ').find(|word| DECISIONS.contains(word)).map(String::from);
    Node { word, ..Node::default() }
}

fn joined(row: &Row, label: &str) -> String {
    row[label].texts.join(" ")
}

fn named(html: &str, node: impl Fn(&Row) -> Node) -> BTreeMap<String, Node> {
    let rows = html.split("<tr>").skip(1).map(cells).filter(|row| row.contains_key("Node"));
    rows.map(|row| (row["Node"].texts[0].clone(), node(&row))).filter(|(_, node)| node.word.is_some()).collect()
}

fn cells(row: &str) -> Row {
    let cell = |text: &str| {
        let (label, rest) = text.split_once('"').unwrap();
        let (attributes, content) = rest.split_once('>').unwrap();
        let content = content.split("</td>").next().unwrap().split("</th>").next().unwrap();
        let value = attributes.split_once("data-value=\"").map(|(_, value)| value.split('"').next().unwrap().into());
        let lines = content.split("<div").map(|line| match line.strip_prefix([' ', '>']) {
            Some(_) => plain(&whole(&format!("<div{line}"))),
            None => plain(&whole(line)),
        });
        (label.to_string(), Cell { texts: lines.filter(|line| !line.is_empty()).collect(), value })
    };
    row.split("data-label=\"").skip(1).map(cell).collect()
}

/// What stands in the element whose attributes hold `mark`.
fn between<'a>(html: &'a str, mark: &str, end: &str) -> &'a str {
    let rest = html.split_once(mark).map_or("", |(_, rest)| rest);
    rest.split_once('>').map_or("", |(_, rest)| rest.split(end).next().unwrap())
}

/// With the whole names of nodes, which those that are shown in short have as their titles.
fn whole(html: &str) -> String {
    let mut pieces = html.split("class=\"name\"");
    let first = pieces.next().unwrap_or_default().to_string();
    pieces.fold(first, |text, piece| {
        let named = piece.split_once('>').and_then(|(attributes, rest)| {
            let (_, title) = attributes.split_once("title=\"")?;
            Some(format!("{attributes}>{}<{}", title.split('"').next()?, rest.split_once('<')?.1))
        });
        format!("{text}class=\"name\"{}", named.unwrap_or_else(|| piece.to_string()))
    })
}

/// The text that a browser shows.
pub fn plain(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for character in html.chars() {
        match character {
            '<' => inside = true,
            '>' if inside => inside = false,
            other if !inside => text.push(other),
            _ => {}
        }
    }
    let entities = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
    entities.iter().fold(text, |text, (entity, character)| text.replace(entity, character)).trim().to_string()
}
