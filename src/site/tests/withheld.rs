//! What a public site withholds is nowhere on it, and the pages say what.

use super::{files, lived, pages, with};
use crate::site::build::Options;
use crate::site::redact::Redaction;

fn redacted(redaction: Redaction) -> std::collections::BTreeMap<String, String> {
    let (project, artifacts) = lived();
    with(&project, &artifacts, &Options { redaction, ..Options::default() });
    files(&project)
}

#[track_caller]
fn nowhere(files: &std::collections::BTreeMap<String, String>, words: &[&str]) {
    for (path, text) in files {
        for word in words {
            assert!(!text.contains(word), "{path} holds {word}");
        }
    }
}

#[test]
fn texts_are_withheld() {
    let files = redacted(Redaction { sql: true, ..Redaction::default() });
    nowhere(&files, &["upper(trim", "lower(email)", "-- version", "get_json", "syntax error"]);
    for (path, text) in pages(&files) {
        assert!(text.contains("Withheld on this site: SQL and Python text"), "{path}");
    }
}

#[test]
fn values_are_withheld() {
    let files = redacted(Redaction { values: true, ..Redaction::default() });
    nowhere(&files, &["https://example.org/users?page=1", "<code>eu</code>", "<code>table</code>"]);
}

#[test]
fn paths_are_withheld() {
    let files = redacted(Redaction { paths: true, ..Redaction::default() });
    nowhere(&files, &["models/", "seeds/", "macros/words"]);
}

#[test]
fn canonical_links_name_the_address() {
    let (project, artifacts) = lived();
    with(&project, &artifacts, &Options { base_url: Some("https://example.com/d/".into()), ..Options::default() });
    let page = &files(&project)["nodes/report.ff.html"];
    assert!(page.contains("<link rel=\"canonical\" href=\"https://example.com/d/nodes/report.ff.html\">"), "{page}");
}
