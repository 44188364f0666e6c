//! Unit tests and the age of sources on Postgres: what is tried leaves nothing and reads nothing of what stands, whatever
//! becomes of it; times mean what their zones say.

use crate::postgres::{query, sandbox, server};
use nix::sys::signal::Signal;
use std::time::{Duration, Instant};

const SOURCES: &str = "version: 2\nsources:\n  - name: crm\n    schema: crm\n    tables: [{name: users}]\n";

fn schemas(dsn: &str) -> Vec<String> {
    query(
        dsn,
        "select nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema' order by 1",
    )
}

#[test]
fn models_are_tried_beside_what_stands_and_nothing_is_left() {
    let Some(dsn) = server::database() else { return };
    let sandbox = sandbox(&dsn);
    query(
        &dsn,
        "create schema crm; create table crm.users (id int, email text); insert into crm.users values (9, 'real')",
    );
    sandbox.write("sources.yml", SOURCES);
    sandbox.write("models/stg.ff.sql", "select id, lower(email) as email from {{ source('crm', 'users') }}\n");
    sandbox.write(
        "models/mart.ff.sql",
        "{{ config(materialized='incremental', unique_key='id') }}\nselect id, email, {{ ff_safe_cast('email', 'integer') }} as n, \
         now() as at from {{ ref('stg') }}\n{% if is_incremental() %}where id > (select max(id) from {{ this }}){% endif %}\n",
    );
    sandbox.write(
        "tests/unit/all.yml",
        "model: mart\ncases:\n  - name: good\n    inputs:\n      stg: {columns: {id: bigint}, rows: [{id: 1, email: '7'}, {id: 2, email: x}]}\n    \
         expect:\n      ignore_columns: [at]\n      rows: [{id: 1, email: '7', n: 7}, {id: 2, email: x, n: null}]\n",
    );
    let before = schemas(&dsn);
    sandbox.fft("utest").expect(0).says("✓ PASS  mart.ff · good");
    sandbox.fft("utest").expect(0).says("1 skipped: passed with everything the same");
    // Neither the profile's schema nor a ledger is made for it.
    assert_eq!(schemas(&dsn), before);
    sandbox.fft("run").expect(0).says("2 built");
    let stood = query(&dsn, "select id, email from analytics.mart");
    assert_eq!(stood, ["9|real"]);
    let before = schemas(&dsn);
    sandbox.write(
        "tests/unit/stg.yml",
        "model: stg\ncases:\n  - name: broken\n    inputs:\n      crm.users: {rows: [{id: 1, mail: x}]}\n    expect: {rows: [{id: 1}]}\n",
    );
    sandbox
        .fft("utest --cache off")
        .expect(1)
        .says("✗ FAIL  stg.ff · broken")
        .says("column \"email\" does not exist")
        .says("models/stg.ff.sql:1:18")
        .says("2 unit tests: 1 passed, 1 failed");
    assert_eq!(schemas(&dsn), before);
    assert_eq!(query(&dsn, "select id, email from analytics.mart"), stood);
}

#[test]
fn who_is_interrupted_leaves_nothing_either() {
    let Some(dsn) = server::database() else { return };
    let sandbox = sandbox(&dsn);
    sandbox.write("sources.yml", SOURCES);
    sandbox.write("models/slow.ff.sql", "select id, pg_sleep(60) as slept from {{ source('crm', 'users') }}\n");
    sandbox.write(
        "tests/unit/slow.yml",
        "model: slow\ncases:\n  - name: a\n    inputs: {crm.users: {rows: [{id: 1}]}}\n    expect: {rows: [{id: 1}]}\n",
    );
    for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
        let mut started = sandbox.start("utest");
        let sleeps =
            || !query(&dsn, "select 1 from pg_stat_activity where query like '%pg_sl' || 'eep(60)%'").is_empty();
        let begun = Instant::now();
        while !sleeps() {
            assert!(begun.elapsed() < Duration::from_secs(60), "it doesn't begin");
            std::thread::sleep(Duration::from_millis(50));
        }
        started.signal(signal);
        started.end().expect(code).says("interrupted");
        assert!(!sleeps());
        assert!(schemas(&dsn).iter().all(|name| !name.starts_with("_ff_")), "{:?}", schemas(&dsn));
    }
}

#[test]
fn ages_go_by_the_zone_of_each_time() {
    let Some(dsn) = server::database() else { return };
    let sandbox = sandbox(&dsn);
    query(
        &dsn,
        "do $$ begin execute format('alter database %I set timezone to ''Asia/Tokyo''', current_database()); end $$",
    );
    query(
        &dsn,
        "create schema crm; create table crm.users as select now() - interval '90 minutes' as zoned,
         (now() at time zone 'UTC') - interval '90 minutes' as plain, to_char(now() - interval '90 minutes', \
         'YYYY-MM-DD\"T\"HH24:MI:SSTZH') as words, 5 as number; create table crm.none (at date)",
    );
    sandbox.write(
        "sources.yml",
        "version: 2\nsources:\n  - name: crm\n    schema: crm\n    freshness: {warn_after: {count: 1, period: hour}}\n    \
         tables:\n      - {name: zoned, identifier: users, loaded_at_field: zoned}\n      - {name: plain, identifier: users, \
         loaded_at_field: plain}\n      - {name: words, identifier: users, loaded_at_field: words}\n      - {name: number, \
         identifier: users, loaded_at_field: number}\n      - {name: none, loaded_at_field: at}\n      - {name: gone, \
         loaded_at_field: at}\n      - {name: untold, identifier: none}\n",
    );
    let ran = sandbox.fft("source freshness").expect(1);
    for name in ["zoned", "plain", "words"] {
        assert!(ran.stdout.contains(&format!("! WARN   crm.{name:<6}  1 h 30 min old")), "{}", ran.stdout);
    }
    ran.says("its newest value is no time but Int32")
        .says("it has no data")
        .says("relation \"crm.gone\" does not exist")
        .says("declare `loaded_at_field`")
        .says("7 sources looked at: 4 too old or of no known age, 3 to be warned of");
    sandbox.fft("source freshness --select crm.zoned").expect(0);
}
