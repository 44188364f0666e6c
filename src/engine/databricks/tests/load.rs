//! Rows on their way through the volume.

use super::server::Workspace;
use super::{driver, stubbed};
use crate::engine::conformance::arrow::store;
use crate::engine::conformance::seed::load;
use crate::engine::conformance::{columns, session, text, texts};
use crate::engine::rest::stub::{Reply, Stub};
use crate::engine::{Connection, Content, Load};
use arrow::array::{ArrayRef, DurationSecondArray, Int64Array, RecordBatch, StringArray, UInt64Array};
use serde_json::json;
use std::sync::Arc;

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter(columns).unwrap()
}

#[test]
fn rows_of_many_files_are_one_table() {
    let Some(workspace) = Workspace::new() else { return };
    let mut session = session(&workspace.engine);
    // Texts that nothing makes shorter.
    let text_of = |id: i64| {
        (0..8)
            .map(|part| format!("{:016x}", (id * 8 + part).wrapping_mul(0x9e37_79b9_7f4a_7c15_u64 as i64)))
            .collect::<String>()
    };
    let ids = 0..30_000;
    let texts = StringArray::from_iter_values(ids.clone().map(text_of));
    let rows = batch(vec![("id", Arc::new(Int64Array::from_iter_values(ids))), ("text", Arc::new(texts))]);
    let parts: Vec<RecordBatch> = (0..6).map(|part| rows.slice(part * 5_000, 5_000)).collect();
    assert_eq!(store(&mut session, &rows.schema(), &parts).unwrap().measures.rows(), Some(30_000));
    assert_eq!(text(&mut session, "select count(distinct text) from t"), "30000");
}

#[test]
fn odd_columns_are_columns() {
    let Some(workspace) = Workspace::new() else { return };
    let mut session = session(&workspace.engine);
    let number = || Arc::new(UInt64Array::from(vec![u64::MAX])) as ArrayRef;
    let rows = batch(vec![("a.b", number()), ("c `d`", number()), ("größe", number())]);
    store(&mut session, &rows.schema(), std::slice::from_ref(&rows)).unwrap();
    let names: Vec<String> = columns(&mut session, "t").into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a.b", "c `d`", "größe"]);
    assert_eq!(texts(&mut session, "select `a.b` from t"), [["18446744073709551615"]]);
    let spans = batch(vec![("span", Arc::new(DurationSecondArray::from(vec![1])))]);
    let error = store(&mut session, &spans.schema(), std::slice::from_ref(&spans)).unwrap_err();
    assert!(error.message.starts_with("column `span`: Spark stores no Duration"), "{error}");
}

#[test]
fn a_seed_of_parquet_is_a_table() {
    let Some(workspace) = Workspace::new() else { return };
    let mut session = session(&workspace.engine);
    let rows = batch(vec![
        ("id", Arc::new(Int64Array::from(vec![1, 2]))),
        ("name", Arc::new(StringArray::from(vec![Some("a"), None]))),
    ]);
    let file = workspace.folder.path().join("s.parquet");
    let mut writer =
        ::parquet::arrow::ArrowWriter::try_new(std::fs::File::create(&file).unwrap(), rows.schema(), None).unwrap();
    writer.write(&rows).unwrap();
    writer.close().unwrap();
    let built = load(&mut session, &file, &[("id", "integer")]).unwrap();
    assert_eq!(built.measures.rows(), Some(2));
    assert_eq!(
        texts(&mut session, "select id, name, _ff_seed_id from t order by id"),
        [["1", "a", "seed_users"], ["2", "", "seed_users"]]
    );
    assert_eq!(columns(&mut session, "t")[0].1, "int");
    let error = load(&mut session, &file, &[("name", "date")]).unwrap_err();
    assert!(error.message.starts_with("seeds/it's.csv: [CAST_INVALID_INPUT]"), "{error}");
}

/// Files that were put are deleted, whatever came of the statement that reads them.
#[test]
fn nothing_is_left_in_the_volume() {
    for fails in [false, true] {
        let stub = Stub::start(move |_, seen| {
            let done = json!({"statement_id": "s-1", "status": {"state": "SUCCEEDED"}});
            let failed = json!({"statement_id": "s-1", "status": {"state": "FAILED", "error": {"message": "no"}}});
            match seen.line() {
                line if line.starts_with("POST")
                    && seen.json()["statement"].as_str().unwrap().contains("parquet.")
                    && fails =>
                {
                    Reply::json(&failed)
                }
                line if line.starts_with("POST") => Reply::json(&done),
                _ => Reply::head("204 No Content"),
            }
        });
        let mut connection = driver(&stubbed(&stub.url("/"))).connect_to();
        let rows = batch(vec![("id", Arc::new(Int64Array::from(vec![1])))]);
        let content = Content::Arrow { schema: rows.schema(), batches: &[rows] };
        let into = crate::name::RelationName::new(Some("main"), Some("s"), "_ff_new_1");
        let loaded = connection.load(&Load {
            content: &content,
            into: &into,
            temporary: false,
            mark: None,
            comment: None,
            layout: None,
        });
        assert_eq!(loaded.is_err(), fails);
        let lines: Vec<String> = stub.seen().iter().map(|seen| seen.line().replace(" HTTP/1.1", "")).collect();
        let path = "/api/2.0/fs/files/Volumes/main/s/_ff_stage/ff_new_1-0.parquet";
        let statement = "POST /api/2.0/sql/statements".to_string();
        assert_eq!(
            lines,
            [statement.clone(), format!("PUT {path}?overwrite=true"), statement, format!("DELETE {path}")]
        );
    }
}
