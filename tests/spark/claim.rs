//! The claim is for who writes: what a run without changes costs, and what another run did before it was taken.

use crate::http2::statements;
use crate::proxy::Proxy;
use crate::{held, project, run, sandbox_at, sandbox_on};
use nix::sys::signal::Signal;
use std::io::{BufRead, BufReader};
use std::time::Duration;

/// Two statements beside opening the session: the ledger, and what stands.
#[test]
fn a_run_that_builds_nothing_asks_twice() {
    let Some(held) = held() else { return };
    let proxy = Proxy::to(held.variables["FF_DBR_MASTER"].trim_start_matches("sc://"));
    let sandbox = sandbox_at(held, &format!("sc://127.0.0.1:{}", proxy.port));
    sandbox.write("models/a.ff.sql", "select id from {{ ref('users') }}\n");
    sandbox.write("models/b.ff.sql", "{{ config(materialized='view') }}\nselect id from {{ ref('a') }}\n");
    run(&sandbox).expect(0).says("4 built");
    assert!(
        statements(&proxy.sent()).iter().any(|sql| sql.contains("_ff_claim_story")),
        "{:?}",
        statements(&proxy.sent())
    );
    proxy.forget();
    sandbox.fft("run").expect(0).says("0 built");
    let sent = statements(&proxy.sent());
    assert_eq!(sent.len(), 2, "{sent:#?}");
    assert!(sent[0].contains("_ff_meta") && sent[1].starts_with("show table extended"), "{sent:#?}");
    // The schema is made for the first run alone.
    sandbox.write("models/a.ff.sql", "select id from {{ ref('users') }} where id > 1\n");
    proxy.forget();
    run(&sandbox).expect(0).says("2 built");
    let sent = statements(&proxy.sent());
    let claims = sent.iter().position(|sql| sql.starts_with("create table") && sql.contains("_ff_claim_")).unwrap();
    assert!(!sent[..claims].iter().any(|sql| sql.starts_with("create")), "{sent:#?}");
}

/// A model that waits for a file before it gives its rows.
fn waits(number: usize) -> String {
    format!(
        "import os, time\nfrom fastflowtransform import model\n\n\n@model(deps=['users'], frame='rows')\ndef \
         waits(users):\n    os.mkdir('.local/waiting{number}')\n    while not os.path.exists('.local/on{number}'):\n        \
         time.sleep(0.05)\n    return users\n"
    )
}

#[test]
fn what_another_run_has_built_meanwhile_is_seen() {
    let Some(held) = held() else { return };
    let first = sandbox_on(held);
    first.write("models/waits.ff.py", &waits(1));
    first.write("models/after.ff.sql", "select id from {{ ref('waits') }}\n");
    first.write(".local/made", "");
    let second = project::Sandbox::empty();
    project::copy(first.root(), second.root());
    let until = |number: usize| {
        while !first.path(&format!(".local/waiting{number}")).exists() {
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    let building = first.start("run --no-docs --jobs 1");
    until(1);
    second.fft("run --no-docs --no-wait").expect(5).says("another run of this project holds the schema");
    let mut waiting = second.start("run --no-docs --jobs 1");
    let mut lines = BufReader::new(waiting.child().stderr.take().unwrap()).lines();
    while !lines.next().expect("it waits").unwrap().contains("waiting for another run of this project") {}
    first.write(".local/on1", "");
    building.end().expect(0).says("4 built");
    // All of them were to be built when it looked first; what is ephemeral stands nowhere.
    waiting.end().expect(0).says("1 built").says("3 skipped");
    assert_eq!(second.rows()["waits"].status, "skipped");
    // Who has nothing to build waits for nobody.
    first.write("models/waits.ff.py", &waits(2));
    let mut building = first.start("run --no-docs --jobs 1");
    until(2);
    second.fft("run --no-docs --no-wait").expect(0).says("0 built");
    building.signal(Signal::SIGTERM);
    building.end().expect(143);
    run(&second).expect(0).says("0 built");
}
