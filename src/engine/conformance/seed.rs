//! Seed files into tables.

use super::*;
use crate::engine::SeedContent;

const TEXTS: &[(&str, &str)] = &[("_ff_seed_id", "seed_users"), ("_ff_seed_file", "seeds/it's.csv")];

/// Loads the file as table `t`.
fn load(session: &mut dyn Session, file: &Path, types: &[(&str, &str)]) -> Result<Built, EngineError> {
    let types: Vec<_> = types.iter().map(|(name, sql_type)| (name.to_string(), sql_type.to_string())).collect();
    let content = Content::Seed(SeedContent {
        file,
        parquet: false,
        types: &types,
        text_columns: TEXTS,
        loaded_at_column: Some("_ff_loaded_at"),
    });
    put(session, &named("t"), RelationKind::Table, content, row(&named("t"), "seed"))
}

pub fn seeds_are_typed(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    let file = subject.folder().join("it's.csv");
    let mut put = |content: &str, types: &[(&str, &str)], expected: &[(&str, &str)], rows: u64| {
        std::fs::write(&file, content).unwrap();
        let built = load(&mut *session, &file, types).unwrap_or_else(|error| panic!("{content}: {error}"));
        assert_eq!(built.rows, Some(rows), "{content}");
        let added = [("_ff_seed_id", "varchar"), ("_ff_seed_file", "varchar"), ("_ff_loaded_at", "timestamp")];
        let expected: Vec<_> =
            expected.iter().chain(&added).map(|(name, kind)| (name.to_string(), kind.to_string())).collect();
        assert_eq!(common(subject, &columns(&mut *session, "t")), expected, "{content}");
    };
    put("id,name,at\n1,\"a, b\",2024-01-01\n,,\n", &[], &[("id", "bigint"), ("name", "varchar"), ("at", "date")], 2);
    put("id,name\n1,a\n", &[("ID", "integer"), ("name", "varchar")], &[("id", "integer"), ("name", "varchar")], 1);
    put("id,name\n", &[("id", "decimal(10, 2)")], &[("id", "decimal(10,2)"), ("name", "varchar")], 0);
    put("id;name\n1;\"a;b\"\n", &[], &[("id", "bigint"), ("name", "varchar")], 1);
    put("zip\n01234\n00001\n", &[("zip", "varchar")], &[("zip", "varchar")], 2);
    put("id,name\n#1,a\n\n2,b\n", &[], &[("id", "varchar"), ("name", "varchar")], 2);
    put(
        "n,f,b,t,d\n1,1.5,true,2024-01-01 10:00:00,1\n2,2,false,2024-01-02 11:00:00.5,x\n",
        &[],
        &[("n", "bigint"), ("f", "double"), ("b", "boolean"), ("t", "timestamp"), ("d", "varchar")],
        2,
    );
    put("a,b\n\"\",2\n", &[], &[("a", "varchar"), ("b", "bigint")], 1);
    put("a,b\n\"two\nlines, \"\"quoted\"\"\",2\n", &[], &[("a", "varchar"), ("b", "bigint")], 1);
    let late = format!("n\n{}x\n", "1\n".repeat(30_000));
    put(&late, &[], &[("n", "varchar")], 30_001);
    let sql = "select count(distinct _ff_seed_file || cast(_ff_loaded_at as varchar)) from t
               where _ff_seed_file = 'seeds/it''s.csv'";
    assert_eq!(text(&mut *session, sql), "1");
}

pub fn what_is_wrong_in_a_seed_is_told(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    let file = subject.folder().join("users.csv");
    let mut failure = |content: &str, types: &[(&str, &str)]| {
        std::fs::write(&file, content).unwrap();
        load(&mut *session, &file, types).expect_err(content)
    };
    let error = failure("id,name\n1,a\nx,b\n", &[("id", "integer")]);
    assert!(error.message.starts_with("seeds/it's.csv:3: column \"id\""), "{error}");
    assert!(error.message.contains("\"x\""), "{error}");
    assert_eq!(error.hint.as_deref(), Some("the line is `x,b`; correct it, or the declared type"));
    let error = failure("id,name\n1,a\n", &[("idd", "integer")]);
    assert_eq!(error.message, "seeds/it's.csv has no column `idd`, for which a type is declared");
    assert_eq!(error.hint.as_deref(), Some("its columns are id, name"));
    let error = failure("id,name\n1,a\n", &[("id", "integerr")]);
    assert!(error.message.starts_with("seeds/it's.csv: ") && error.message.contains("integerr"), "{error}");
    let error = failure("id,name\n1,a\n2,b,c\n", &[]);
    assert_eq!(error.message, "seeds/it's.csv:3: 3 values, where the header names 2 columns");
    let error = failure("id,name\n1,\"a\n2,b\n", &[]);
    assert!(error.message.starts_with("seeds/it's.csv"), "{error}");
    let error = failure("", &[]);
    assert_eq!(error.message, "seeds/it's.csv is empty");
    std::fs::remove_file(&file).unwrap();
    load(&mut *session, &file, &[]).unwrap_err();
}
