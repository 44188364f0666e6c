//! That the page says what is sent.

use super::open;
use super::server::Account;
use crate::engine::conformance::{page, session};
use crate::engine::rest::stub::{Seen, Stub};

const PAGE: &str = include_str!("../../../../docs/snowflake.md");

#[test]
fn the_page_has_every_statement_of_a_build() {
    let Some(account) = Account::new() else { return };
    let mut settings = account.settings();
    let stub = Stub::in_front_of(settings["host"].as_str().unwrap());
    settings["host"] = stub.url("/").into();
    let engine = open(settings).unwrap();
    let mut session = session(&engine);
    for kind in page::KINDS {
        let before = stub.count();
        page::build(&mut session, account.folder.path(), kind);
        let statement = |seen: &Seen| {
            let text = seen.json()["statement"].as_str()?.to_string();
            assert!(seen.line().starts_with("POST /api/v2/statements?"));
            Some(text)
        };
        let sent: Vec<String> = stub.seen()[before..].iter().filter_map(statement).collect();
        page::says(PAGE, kind, &sent);
    }
}
