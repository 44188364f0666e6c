//! Rows that go to an account in several statements.

use super::behind::{account, connect, count, done, failed, part};
use crate::engine::rest::stub::{Reply, Seen, Stub};
use crate::engine::{Connection, Content, EngineError, ErrorKind, Load, Measures};
use crate::name::RelationName;
use arrow::array::{Int64Array, RecordBatch};
use serde_json::{Value, json};
use std::sync::Arc;

const ROWS: usize = 120_000;

/// An account that says of each insert how many rows came, and of the table how many are there, given those that were
/// sent.
fn counting(of_insert: fn(usize) -> usize, of_table: fn(usize) -> usize) -> Stub {
    let sent = |seen: &Seen| {
        let part =
            seen.json()["bindings"]["1"]["value"].as_str().map(|part| serde_json::from_str::<Value>(part).unwrap());
        part.map_or(0, |part| part.as_array().unwrap().len())
    };
    Stub::start(move |_, seen| {
        let statement = seen.json()["statement"].as_str().unwrap().replace("/* fft r t */ ", "");
        match () {
            () if statement.starts_with("select count(*)") => done(&[of_table(ROWS) as i64]),
            () if statement.starts_with("insert") => {
                let mut told = part(&[], 0, 1);
                told["stats"] = json!({"numRowsInserted": of_insert(sent(seen))});
                Reply::json(&told)
            }
            () => done(&[]),
        }
    })
}

fn loaded(stub: &Stub, rows: usize) -> Result<Measures, EngineError> {
    let numbers = Int64Array::from_iter_values(0..rows as i64);
    let batch = RecordBatch::try_from_iter([("id", Arc::new(numbers) as _)]).unwrap();
    let content = Content::Arrow { schema: batch.schema(), batches: &[batch] };
    let into = RelationName::new(Some("d"), Some("s"), "_ff_new_1");
    let load = Load {
        content: &content,
        into: &into,
        temporary: false,
        mark: Some("fft {}".into()),
        comment: Some("fft r t"),
        layout: None,
    };
    connect(stub).load(&load)
}

#[test]
fn rows_go_in_parts_and_are_counted() {
    let stub = counting(|sent| sent, |sent| sent);
    assert_eq!(loaded(&stub, ROWS).unwrap().rows(), Some(ROWS as u64));
    let statements: Vec<Value> = stub.seen().iter().map(Seen::json).collect();
    let texts: Vec<&str> = statements.iter().map(|one| one["statement"].as_str().unwrap()).collect();
    let (last, parts) = texts.split_last().unwrap();
    let query =
        "select cast(cast(value[0] as varchar) as number(38, 0)) as id from table(flatten(input => parse_json(?)))";
    assert_eq!(
        parts[0],
        format!(
            "/* fft r t */ create or replace transient table d.s._ff_new_1 copy grants comment = 'fft {{}}' as (\n{query}\n)"
        )
    );
    assert!(
        parts.len() > 2
            && parts[1..].iter().all(|text| *text == format!("/* fft r t */ insert into d.s._ff_new_1 {query}"))
    );
    assert_eq!(*last, "select count(*) as n from d.s._ff_new_1");
    let sent: usize = statements[..parts.len()]
        .iter()
        .map(|one| {
            let part = one["bindings"]["1"]["value"].as_str().unwrap();
            assert!(part.len() < 600_000);
            serde_json::from_str::<Value>(part).unwrap().as_array().unwrap().len()
        })
        .sum();
    assert_eq!(sent, ROWS);
    // One statement does all or nothing.
    let stub = counting(|sent| sent, |_| 0);
    assert_eq!(loaded(&stub, 10).unwrap().rows(), Some(10));
    assert_eq!(stub.count(), 1);
}

#[test]
fn a_table_of_other_rows_than_were_sent_is_none() {
    for (of_insert, of_table, told) in [
        // One that was done twice though it was sent as one, and one of which a part is gone.
        ((|sent| sent) as fn(usize) -> usize, (|sent| sent + 1) as fn(usize) -> usize, "120001 rows are in the table"),
        (|sent| sent, |_| 0, "0 rows are in the table"),
        (|sent| sent - 1, |sent| sent, "rows are in the table on its way to which"),
    ] {
        let error = loaded(&counting(of_insert, of_table), ROWS).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Connection);
        assert!(error.message.contains(told), "{error}");
    }
}

#[test]
fn a_part_that_fails_is_told_as_such() {
    let stub = account(vec![("submit", vec![done(&[]), failed("100038", "no")])]);
    let error = loaded(&stub, ROWS).unwrap_err();
    assert_eq!((error.kind, count(&stub, "submit")), (ErrorKind::Statement, 2));
}
