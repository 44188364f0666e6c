//! The labels held against DuckDB: every labelled query runs, and gives the columns that its label names.

use super::case::{cases, ddl};
use duckdb::Connection;

#[test]
fn labels_have_the_columns_that_the_engine_gives() {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(&ddl("duckdb")).unwrap();
    // Without its calendar extension; with lambdas as they were written; with values to pivot.
    connection
        .execute_batch(
            "create temp macro current_date() as epoch_ms(epoch_ms(now()))::date;
             set lambda_syntax = 'ENABLE_SINGLE_ARROW';
             insert into quarters values (1, 'q1', 2.0, 1.0);",
        )
        .unwrap();
    let mut wrong = Vec::new();
    for case in cases("duckdb")
        .iter()
        .filter(|case| !["read_csv", "secret_table", "__ff_"].iter().any(|word| case.sql.contains(word)))
    {
        let sql = format!("create or replace temp table result as ({})", case.sql.trim_end_matches(';'));
        let made = connection.execute_batch(&sql);
        if let Err(error) = made {
            wrong.push(format!("{}: {error}", case.title));
            continue;
        }
        let mut statement = connection.prepare("select column_name from (describe result)").unwrap();
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
        let found: Vec<String> = rows.map(Result::unwrap).collect();
        let labelled: Vec<&String> = case.columns.iter().map(|(name, _)| name).collect();
        if found.iter().collect::<Vec<_>>() != labelled {
            wrong.push(format!("{}: the engine gives {found:?}, the label {labelled:?}", case.title));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
