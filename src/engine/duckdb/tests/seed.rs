//! Seed files that only DuckDB reads.

use super::*;
use crate::engine::conformance::seed::{content, load};
use crate::engine::{SeedContent, seed};

#[test]
fn parquet_seeds_are_read() {
    let fixture = Fixture::demo();
    let mut session = fixture.session();
    let written = fixture.root().join("written.parquet");
    let file = fixture.root().join("users[1]*?.parquet");
    session.read(&format!("copy (select 1::int as id, 'a' as \"Name x\") to '{}'", written.display())).unwrap();
    std::fs::rename(written, &file).unwrap();
    load(&mut session, &file, &[("ID", "bigint")]).unwrap();
    let pair = |name: &str, sql_type: &str| (name.to_string(), sql_type.to_string());
    let own = [pair("id", "BIGINT"), pair("Name x", "VARCHAR")];
    let added = [pair("_ff_seed_id", "VARCHAR"), pair("_ff_seed_file", "VARCHAR"), pair("_ff_loaded_at", "TIMESTAMP")];
    assert_eq!(columns(&mut session, "t"), [&own[..], &added[..]].concat());
    let scans = session.estimate(&Content::Seed(content(&file))).unwrap().unwrap().scans;
    assert!(scans[0].bytes > 0 && scans[0].bytes < seed::size(&content(&file)).unwrap(), "{scans:?}");
    // Other bytes than those that were hashed.
    let other = SeedContent { digest: Some(crate::fingerprint::leaf("seed", "s", b"")), ..content(&file) };
    let error = put(&mut session, &named("t"), RelationKind::Table, Content::Seed(other), row(&named("t"), "seed"));
    assert!(error.unwrap_err().message.ends_with("changed while it was read"));
    std::fs::remove_file(&file).unwrap();
    let error = load(&mut session, &file, &[]).unwrap_err();
    assert!(error.message.contains("can't be read"), "{error}");
}
