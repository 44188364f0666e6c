//! Names, texts and messages that nobody should write, on every page.

use super::html::tags;
use super::sample::{Node, Project};
use super::{files, pages, site};
use crate::graph::NodeKind;

const EVIL: &str = "</pre></td><script>alert('x')</script><img src=x onerror=alert(1)>\"'&amp;{{ x }}\u{202e}";

#[test]
fn foreign_text_is_text() {
    let names = [EVIL, "a/../../b", "CON", "index", "a", "A", "javascript:alert(1)"];
    let mut nodes: Vec<Node> = names.iter().map(|name| Node::new(name, NodeKind::Sql, &[])).collect();
    for node in &mut nodes {
        node.compiled = format!("select '{EVIL}' -- {EVIL}\n");
        node.description = Some(format!("{EVIL} [x](javascript:alert(1)) ![y](http://evil.example/y.png)"));
    }
    nodes.push(Node::new("below", NodeKind::Sql, &names));
    let mut project = Project::new(nodes);
    project.run(&[], &[]);
    project.run(&names, &[]);
    let artifacts = project.run(&[], &["below"]);
    site(&project, &artifacts);
    let files = files(&project);
    let mut seen = 0;
    for (path, text) in pages(&files) {
        for tag in tags(text) {
            assert!(["script", "img"].iter().all(|name| tag.name != *name) || is_own(&tag), "{path}: {}", tag.name);
            assert!(!tag.attributes.keys().any(|name| name.starts_with("on")), "{path}");
            if let Some(address) = tag.attributes.get("href") {
                assert!(!address.to_lowercase().contains("javascript:"), "{path}: {address}");
                assert!(!address.contains("evil") || tag.name == "a", "{path}: {address}");
            }
        }
        assert!(!text.contains("<script>"), "{path}");
        seen += usize::from(text.contains("&#60;script&#62;") || text.contains("&lt;script&gt;"));
    }
    assert!(seen > 5, "the hostile text is shown, on {seen} pages");
    for (path, text) in files.iter().filter(|(path, _)| path.starts_with("data/")) {
        assert!(!text.contains('<'), "{path}");
    }
    let mut folded: Vec<String> = files.keys().map(|path| path.to_lowercase()).collect();
    folded.sort();
    folded.dedup();
    assert_eq!(folded.len(), files.len(), "two files are one where case doesn't count");
}

fn is_own(tag: &super::Tag) -> bool {
    tag.attributes.get("src").is_some_and(|address| address.trim_start_matches("../").starts_with("assets/"))
}

/// A spreadsheet runs what looks like a formula.
#[test]
fn no_cell_of_the_audit_is_a_formula() {
    let mut project = Project::new(vec![Node::new("=cmd|' /C calc'!A0", NodeKind::Sql, &[])]);
    let artifacts = project.run(&[], &[]);
    site(&project, &artifacts);
    let csv = &files(&project)["audit.csv"];
    assert!(csv.lines().nth(1).unwrap().starts_with("'=cmd"), "{csv}");
}
