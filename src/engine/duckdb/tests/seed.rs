//! Seed files into tables.

use super::*;
use crate::engine::SeedContent;

const TEXTS: &[(&str, &str)] = &[("_ff_seed_id", "seed_users"), ("_ff_seed_file", "seeds/it's.csv")];

/// Writes the file and loads it as table `t`.
fn load(session: &mut dyn Session, file: &Path, types: &[(&str, &str)]) -> Result<Built, EngineError> {
    let types: Vec<_> = types.iter().map(|(name, sql_type)| (name.to_string(), sql_type.to_string())).collect();
    let relation = named("t");
    let existing = session.relations().unwrap().kind(&relation);
    let content = Content::Seed(SeedContent {
        file,
        parquet: file.extension().is_some_and(|extension| extension == "parquet"),
        types: &types,
        text_columns: TEXTS,
        loaded_at_column: Some("_ff_loaded_at"),
    });
    let meta = row(&relation, "seed");
    session.build(&Build { relation: &relation, kind: RelationKind::Table, content, existing, meta })
}

fn columns(session: &mut dyn Session) -> String {
    let sql = "select string_agg(column_name || ' ' || data_type, ', ' order by column_index)
               from duckdb_columns() where table_name = 't'";
    text(session, sql)
}

const ADDED: &str = "_ff_seed_id VARCHAR, _ff_seed_file VARCHAR, _ff_loaded_at TIMESTAMP";

#[test]
fn seeds_are_typed() {
    let fixture = Fixture::demo();
    let mut session = fixture.session();
    let file = fixture.root().join("it's.csv");
    let mut put = |text: &str, types: &[(&str, &str)], expected: &str, rows: u64| {
        std::fs::write(&file, text).unwrap();
        let built = load(&mut *session, &file, types).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(built.rows, Some(rows), "{text}");
        assert_eq!(columns(&mut *session), format!("{expected}, {ADDED}"), "{text}");
    };
    put("id,name,at\n1,\"a, b\",2024-01-01\n,,\n", &[], "id BIGINT, name VARCHAR, at DATE", 2);
    put("id,name\n1,a\n", &[("ID", "integer"), ("name", "varchar")], "id INTEGER, name VARCHAR", 1);
    put("id,name\n", &[("id", "decimal(10, 2)")], "id DECIMAL(10,2), name VARCHAR", 0);
    put("id;name\n1;\"a;b\"\n", &[], "id BIGINT, name VARCHAR", 1);
    put("zip\n01234\n00001\n", &[("zip", "varchar")], "zip VARCHAR", 2);
    put("id,name\n#1,a\n\n2,b\n", &[], "id VARCHAR, name VARCHAR", 2);
    put("column0\n", &[], "column0 VARCHAR", 0);
    let late = format!("n\n{}x\n", "1\n".repeat(30_000));
    put(&late, &[], "n VARCHAR", 30_001);
    let sql = "select count(distinct _ff_seed_file || _ff_loaded_at) from t where _ff_seed_file = 'seeds/it''s.csv'";
    assert_eq!(text(&mut *session, sql), "1");
}

#[test]
fn parquet_seeds_are_read() {
    let fixture = Fixture::demo();
    let mut session = fixture.session();
    let file = fixture.root().join("users.parquet");
    session.read(&format!("copy (select 1::int as id, 'a' as \"Name x\") to '{}'", file.display())).unwrap();
    load(&mut *session, &file, &[("ID", "bigint")]).unwrap();
    assert_eq!(columns(&mut *session), format!("id BIGINT, Name x VARCHAR, {ADDED}"));
}

#[test]
fn what_is_wrong_in_a_seed_is_told() {
    let fixture = Fixture::demo();
    let mut session = fixture.session();
    let file = fixture.root().join("users.csv");
    let mut failure = |text: &str, types: &[(&str, &str)]| {
        std::fs::write(&file, text).unwrap();
        load(&mut *session, &file, types).expect_err(text)
    };
    let error = failure("id,name\n1,a\nx,b\n", &[("id", "integer")]);
    assert_eq!(error.message, "seeds/it's.csv:3: column \"id\" could not convert string \"x\" to 'INTEGER'");
    assert_eq!(error.hint.as_deref(), Some("the line is `x,b`; correct it, or the declared type"));
    let error = failure("id,name\n1,a\n", &[("idd", "integer")]);
    assert_eq!(error.message, "seeds/it's.csv has no column `idd`, for which a type is declared");
    assert_eq!(error.hint.as_deref(), Some("its columns are id, name"));
    let error = failure("id,name\n1,a\n", &[("id", "integerr")]);
    assert!(error.message.starts_with("seeds/it's.csv: Catalog Error: Type with name integerr"), "{error}");
    let error = failure("id,name\n1,a\n2,b,c\n", &[]);
    assert_eq!(error.message, "seeds/it's.csv:3: 3 values, where the header names 2 columns");
    let error = failure("id,name\n1,\"a\n2,b\n", &[]);
    assert!(error.message.starts_with("seeds/it's.csv"), "{error}");
    let error = failure("", &[]);
    assert_eq!(error.message, "seeds/it's.csv is empty");
    std::fs::remove_file(&file).unwrap();
    let error = load(&mut *session, &file, &[]).unwrap_err();
    assert!(error.message.contains("No files found"), "{error}");
}
