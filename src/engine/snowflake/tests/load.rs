//! Rows that no query gives, on the server that behaves as an account.

use super::server::Account;
use crate::engine::conformance::arrow::store;
use crate::engine::conformance::seed::load;
use crate::engine::conformance::{columns, session, text, texts};
use arrow::array::*;
use std::sync::Arc;

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter(columns).unwrap()
}

#[test]
fn rows_of_many_parts_are_one_table() {
    let Some(account) = Account::new() else { return };
    let mut session = session(&account.engine);
    let ids = 0..60_000;
    let words = StringArray::from_iter_values(ids.clone().map(|id| format!("it's \"{id}\" \\ é")));
    let rows = batch(vec![("id", Arc::new(Int64Array::from_iter_values(ids))), ("text", Arc::new(words))]);
    let halves = [rows.slice(0, 1), rows.slice(1, 59_999)];
    assert_eq!(store(&mut session, &rows.schema(), &halves).unwrap().measures.rows(), Some(60_000));
    assert_eq!(text(&mut session, "select count(distinct text) from t"), "60000");
    assert_eq!(text(&mut session, "select text from t where id = 7"), "it's \"7\" \\ é");
}

#[test]
fn odd_columns_are_columns() {
    let Some(account) = Account::new() else { return };
    let mut session = session(&account.engine);
    let number = || Arc::new(UInt64Array::from(vec![u64::MAX])) as ArrayRef;
    let rows = batch(vec![("a.b", number()), ("c \"d\"", number()), ("größe", number()), ("order", number())]);
    store(&mut session, &rows.schema(), std::slice::from_ref(&rows)).unwrap();
    let names: Vec<String> = columns(&mut session, "t").into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a.b", "c \"d\"", "größe", "order"]);
    assert_eq!(texts(&mut session, "select \"a.b\" from t"), [["18446744073709551615"]]);
    let spans = batch(vec![("span", Arc::new(DurationSecondArray::from(vec![1])))]);
    let error = store(&mut session, &spans.schema(), std::slice::from_ref(&spans)).unwrap_err();
    assert!(error.message.starts_with("column `span`: Snowflake stores no Duration"), "{error}");
}

#[test]
fn a_seed_of_parquet_is_a_table() {
    let Some(account) = Account::new() else { return };
    let mut session = session(&account.engine);
    let rows = batch(vec![
        ("id", Arc::new(Int64Array::from(vec![1, 2]))),
        ("name", Arc::new(StringArray::from(vec![Some("a"), None]))),
    ]);
    let file = account.folder.path().join("s.parquet");
    let mut writer =
        ::parquet::arrow::ArrowWriter::try_new(std::fs::File::create(&file).unwrap(), rows.schema(), None).unwrap();
    writer.write(&rows).unwrap();
    writer.close().unwrap();
    let built = load(&mut session, &file, &[("id", "varchar")]).unwrap();
    assert_eq!(built.measures.rows(), Some(2));
    assert_eq!(
        texts(&mut session, "select id, name, _ff_seed_id from t order by id"),
        [["1", "a", "seed_users"], ["2", "", "seed_users"]]
    );
    assert_eq!(columns(&mut session, "t")[0].1, "VARCHAR");
    let error = load(&mut session, &file, &[("name", "date")]).unwrap_err();
    assert!(error.message.starts_with("seeds/it's.csv: "), "{error}");
}
