//! What differs as a Mermaid graph: what changed for reasons of its own, and what followed it.

use super::Reach;
use super::told::Told;
use std::collections::{BTreeMap, BTreeSet};

/// Boxes at most; what has none is counted in the last one.
const BOXES: usize = 30;
/// Nodes with reasons of their own that have boxes, at most.
const OWN: usize = 12;
/// Characters of a name that are shown.
const NAME: usize = 48;

/// Classes with their colours, which are read on light and on dark.
pub const CLASSES: [(&str, &str); 7] = [
    ("added", "fill:#e1f2f5,stroke:#0b6170,color:#0b4a56"),
    ("blocked", "fill:#f4ebfa,stroke:#74359a,color:#5b2979"),
    ("changed", "fill:#e4f4ea,stroke:#12693a,stroke-width:2px,color:#0e532e"),
    ("failed", "fill:#fceae8,stroke:#a91f18,stroke-width:2px,color:#8c1a14"),
    ("followed", "fill:#f5f6f8,stroke:#12693a,stroke-dasharray:4 3,color:#1a1e26"),
    ("more", "fill:#ffffff,stroke:#868e9c,stroke-dasharray:2 3,color:#565e6c"),
    ("removed", "fill:#fde7e5,stroke:#868e9c,stroke-dasharray:2 3,color:#565e6c"),
];

/// A fenced block, or nothing where one box would stand alone.
pub(super) fn graph(nodes: &[Told<'_>], reach: &Reach<'_>) -> Option<String> {
    let by_name: BTreeMap<&str, &Told<'_>> = nodes.iter().map(|node| (node.name, node)).collect();
    let shown = shown(nodes, reach, &by_name);
    if shown.len() < 2 {
        return None;
    }
    let number: BTreeMap<&str, usize> = shown.iter().zip(0..).map(|(name, at)| (*name, at)).collect();
    let mut lines = vec!["flowchart LR".to_string()];
    let mut used: BTreeSet<&str> = BTreeSet::new();
    for (at, name) in shown.iter().enumerate() {
        let node = by_name[name];
        used.insert(node.class);
        lines.push(format!("  n{at}[\"{}\"]:::{}", label(node), node.class));
    }
    let left = nodes.len() - shown.len();
    if left > 0 {
        used.insert("more");
        lines.push(format!("  more[\"and {left} more\"]:::more"));
    }
    for (at, name) in shown.iter().enumerate() {
        let from = by_name[name].upstream().filter_map(|up| number.get(up));
        lines.extend(from.collect::<BTreeSet<_>>().into_iter().map(|from| format!("  n{from} --> n{at}")));
    }
    let classes = CLASSES.iter().filter(|(name, _)| used.contains(name));
    lines.extend(classes.map(|(name, style)| format!("  classDef {name} {style}")));
    Some(format!("\n```mermaid\n{}\n```\n", lines.join("\n")))
}

/// Those that reach most come first, then what follows them, the nearest first.
fn shown<'a>(nodes: &[Told<'a>], reach: &Reach<'a>, by_name: &BTreeMap<&'a str, &Told<'a>>) -> Vec<&'a str> {
    let mut own: Vec<&str> = nodes.iter().filter(|node| !node.follows).map(|node| node.name).collect();
    own.sort_by_key(|name| std::cmp::Reverse(reach.of_name(name).len()));
    own.truncate(OWN);
    let mut shown = own;
    let mut seen: BTreeSet<&str> = shown.iter().copied().collect();
    let mut at = 0;
    // A place is kept for the box that counts the others.
    let most = if nodes.len() > BOXES { BOXES - 1 } else { BOXES };
    while at < shown.len() {
        for next in reach.next(shown[at]).iter().copied() {
            if shown.len() < most && by_name.contains_key(next) && seen.insert(next) {
                shown.push(next);
            }
        }
        at += 1;
    }
    shown
}

/// The name, and below it in a word what changed.
fn label(node: &Told<'_>) -> String {
    let mut name: String = node.name.chars().take(NAME).collect();
    if node.name.chars().count() > NAME {
        name.push('…');
    }
    let why = node.title.as_ref().map_or(String::new(), |why| format!("<br/>{}", escape(why)));
    format!("{}{why}", escape(&name))
}

/// Foreign text as Mermaid shows it: what isn't a letter or a digit of a plain name is written by its number.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        match character {
            _ if character.is_ascii_alphanumeric() => out.push(character),
            ' ' | '_' | '-' | '.' | '/' | '…' => out.push(character),
            other => out.push_str(&format!("#{};", u32::from(other))),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_no_power_in_a_graph() {
        for hostile in ["\"]:::x", "`\n```", "a --> b", "<script>", "#quot;", "end", "%%{init}%%"] {
            let told = escape(hostile);
            assert!(!told.contains(['"', '`', '\n', '<', '>', '%', '{', '[']), "{told}");
            // Each # begins a number.
            let numbers = told.split('#').skip(1).all(|rest| rest.starts_with(|first: char| first.is_ascii_digit()));
            assert!(numbers, "{told}");
        }
    }
}
