//! That the page says what is sent.

use super::open;
use super::server::Dataset;
use crate::engine::conformance::{page, session};
use crate::engine::rest::stub::{Seen, Stub};

const PAGE: &str = include_str!("../../../../docs/bigquery.md");

/// What a request is for: the text of a statement, or the method of the service. How jobs are waited for is left out.
fn asked(seen: &Seen) -> Option<String> {
    let line = seen.line();
    let name = match () {
        () if line.starts_with("POST /upload/") => "load job",
        () if line.contains("/jobs ") => return Some(seen.json()["configuration"]["query"]["query"].as_str()?.into()),
        () if line.contains("/jobs/") || line.contains("/queries/") || line.contains("/token") => return None,
        () if line.starts_with("POST") && line.contains("/tables") => "tables.insert",
        () if line.starts_with("DELETE") && line.contains("/tables/") => "tables.delete",
        () if line.starts_with("GET") && line.contains("/tables/") => "tables.get",
        () => line,
    };
    Some(name.into())
}

#[test]
fn the_page_has_every_statement_of_a_build() {
    let Some(dataset) = Dataset::new() else { return };
    let mut settings = dataset.settings();
    let stub = Stub::in_front_of(settings["endpoint"].as_str().unwrap());
    settings["endpoint"] = stub.url("/").into();
    let engine = open(settings).unwrap();
    let mut session = session(&engine);
    for kind in page::KINDS {
        let before = stub.count();
        page::build(&mut session, dataset.folder.path(), kind);
        let sent: Vec<String> = stub.seen()[before..].iter().filter_map(asked).collect();
        page::says(PAGE, kind, &sent);
    }
}
