//! Data on Postgres that fft doesn't build, and relations that something else made.

use crate::postgres::{query, sandbox, server};

#[test]
fn rows_of_tables_and_views_that_fft_does_not_build_are_inputs() {
    let Some(dsn) = server::database() else { return };
    let sandbox = sandbox(&dsn);
    query(
        &dsn,
        "create schema raw; create table raw.orders (id int, note text); insert into raw.orders values (1, 'a');
         create view raw.newest as select max(id) as id from raw.orders",
    );
    sandbox.write(
        "sources.yml",
        "version: 2\nsources:\n  - name: raw\n    schema: raw\n    tables: [{name: orders}, {name: newest}]\n  \
         - name: own\n    schema: information_schema\n    tables: [{name: tables}]\n",
    );
    sandbox.write("models/t.ff.sql", "select id, note from {{ source('raw', 'orders') }}\n");
    sandbox.write("models/v.ff.sql", "select id from {{ source('raw', 'newest') }}\n");
    sandbox.write("models/hard.ff.sql", "select count(*) as n from raw.orders\n");
    sandbox.fft("run").expect(0).says("3 built");
    sandbox.fft("run").expect(0).says("3 skipped");
    for (change, said, built) in [
        ("update raw.orders set note = 'b'", "1 row, not the same", ["t.ff", "hard.ff"].as_slice()),
        ("insert into raw.orders values (2, 'c')", "raw.orders (1 → 2 rows)", &["t.ff", "v.ff", "hard.ff"]),
        ("delete from raw.orders where id = 1", "raw.orders (2 → 1 rows)", &["t.ff", "hard.ff"]),
        ("alter table raw.orders add column more int", "raw.orders", &["t.ff", "hard.ff"]),
        // The same rows, loaded anew.
        (
            "create table raw.copy as table raw.orders; truncate raw.orders; insert into raw.orders table raw.copy",
            "",
            &[],
        ),
        ("vacuum full raw.orders", "", &[]),
    ] {
        query(&dsn, change);
        sandbox.fft("run").expect(0).says(said);
        let rows = sandbox.rows();
        let found: Vec<&str> =
            rows.iter().filter(|(_, row)| row.status == "success").map(|(name, _)| name.as_str()).collect();
        let mut expected = built.to_vec();
        expected.sort_unstable();
        assert_eq!(found, expected, "{change}");
        assert!(rows.values().all(|row| row.status != "success" || row.primary_code == "source_data_changed"));
    }
    sandbox.write("models/own.ff.sql", "select count(*) as n from {{ source('own', 'tables') }}\n");
    sandbox.fft("run").expect(0).says("not watched: own.tables");
    sandbox.fft("run").expect(0).says("source not watched: own.tables");
    assert_eq!(sandbox.rows()["own.ff"].primary_code, "source_unwatched");
}

#[test]
fn files_are_none_of_the_servers() {
    let Some(dsn) = server::database() else { return };
    let sandbox = sandbox(&dsn);
    let declared = |more: &str| {
        format!("version: 2\nsources:\n  - name: raw\n    tables:\n      - {{name: t, location: raw/t.csv{more}}}\n")
    };
    sandbox.write("sources.yml", &declared(""));
    sandbox.write("models/m.ff.sql", "select id from {{ source('raw', 't') }}\n");
    sandbox
        .fft("run")
        .expect(2)
        .says("error[source-files]: source `raw.t` has a `location`, and postgres reads no files")
        .says("--> sources.yml:5:9")
        .says("overrides: {postgres: {location: null}}");
    query(&dsn, "create schema landing; create table landing.t as select 7 as id");
    sandbox.write("sources.yml", &declared(", overrides: {postgres: {location: null, schema: landing}}"));
    sandbox.fft("run").expect(0).says("1 built");
    assert_eq!(query(&dsn, "select id from analytics.m"), ["7"]);
}

#[test]
fn a_relation_that_another_hand_made_is_told() {
    let Some(dsn) = server::database() else { return };
    let sandbox = sandbox(&dsn);
    sandbox.write("models/t.ff.sql", "select 1 as id\n");
    sandbox.write("models/v.ff.sql", "{{ config(materialized='view') }}\nselect id from {{ ref('t') }}\n");
    sandbox.write("models/m.ff.sql", "select id from {{ ref('v') }}\n");
    sandbox.fft("run").expect(0).says("3 built");
    sandbox.fft("run --full-refresh").expect(0).says("3 built");
    sandbox.fft("run").expect(0).says("3 skipped");
    // A table that is swapped for one of other columns, and the view over it made anew with it.
    sandbox.write("models/t.ff.sql", "select 1 as id, 2 as more\n");
    sandbox.fft("run --select t").expect(0).says("1 built");
    sandbox.fft("run").expect(0);
    sandbox.fft("run").expect(0).says("3 skipped");
    for (change, foreign) in [
        ("drop table analytics.m; create table analytics.m as select 1 as id", "m.ff"),
        ("create or replace view analytics.v as select 7 as id", "v.ff"),
        ("truncate analytics.t", "t.ff"),
    ] {
        query(&dsn, change);
        sandbox.fft("verify").expect(1).says("something else made it");
        sandbox.fft("run").expect(0).says("something else made it");
        let rows = sandbox.rows();
        let built: Vec<&str> =
            rows.iter().filter(|(_, row)| row.status == "success").map(|(name, _)| name.as_str()).collect();
        assert_eq!(built, [foreign], "{change}");
        assert_eq!(rows[foreign].primary_code, "relation_foreign");
        sandbox.fft("verify").expect(0);
    }
}
