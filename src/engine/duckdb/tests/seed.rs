//! Seed files into tables.

use super::*;
use crate::engine::{Built, SeedContent};

const TEXTS: &[(&str, &str)] = &[("_ff_seed_id", "seed_users"), ("_ff_seed_file", "seeds/it's.csv")];

/// Loads the file as table `t`.
fn load(session: &mut dyn Session, file: &Path, types: &[(&str, &str)]) -> Result<Built, EngineError> {
    let types: Vec<_> = types.iter().map(|(name, sql_type)| (name.to_string(), sql_type.to_string())).collect();
    let content = Content::Seed(SeedContent {
        file,
        parquet: file.extension().is_some_and(|extension| extension == "parquet"),
        types: &types,
        text_columns: TEXTS,
        loaded_at_column: Some("_ff_loaded_at"),
    });
    put(session, &named("t"), RelationKind::Table, content, row(&named("t"), "seed"))
}

#[test]
fn parquet_seeds_are_read() {
    let fixture = Fixture::demo();
    let mut session = fixture.session();
    let file = fixture.root().join("users.parquet");
    session.read(&format!("copy (select 1::int as id, 'a' as \"Name x\") to '{}'", file.display())).unwrap();
    load(&mut *session, &file, &[("ID", "bigint")]).unwrap();
    let pair = |name: &str, sql_type: &str| (name.to_string(), sql_type.to_string());
    let file = [pair("id", "BIGINT"), pair("Name x", "VARCHAR")];
    let added = [pair("_ff_seed_id", "VARCHAR"), pair("_ff_seed_file", "VARCHAR"), pair("_ff_loaded_at", "TIMESTAMP")];
    assert_eq!(columns(&mut *session, "t"), [&file[..], &added[..]].concat());
}

#[test]
fn what_is_wrong_in_a_seed_is_told_in_duckdbs_words() {
    let fixture = Fixture::demo();
    let mut session = fixture.session();
    let file = fixture.root().join("users.csv");
    std::fs::write(&file, "id,name\n1,a\nx,b\n").unwrap();
    let error = load(&mut *session, &file, &[("id", "integer")]).unwrap_err();
    assert_eq!(error.message, "seeds/it's.csv:3: column \"id\" could not convert string \"x\" to 'INTEGER'");
    let error = load(&mut *session, &file, &[("id", "integerr")]).unwrap_err();
    assert!(error.message.starts_with("seeds/it's.csv: Catalog Error: Type with name integerr"), "{error}");
    std::fs::remove_file(&file).unwrap();
    let error = load(&mut *session, &file, &[]).unwrap_err();
    assert!(error.message.contains("No files found"), "{error}");
}
