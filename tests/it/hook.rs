//! Hooks where a story isn't enough: on a server, with secrets, after a wish to end.

use crate::crash::interrupt;
use crate::postgres::{query, sandbox, server};
use crate::project::Sandbox;
use crate::secret::{SECRET, look};
use serde_json::{Value, json};

/// What run_results.json has of hooks.
fn hooks(sandbox: &Sandbox) -> Vec<Value> {
    let results: Value =
        serde_json::from_str(&sandbox.read(".fastflowtransform/target/run_results.json")).expect("it is JSON");
    results["hooks"].as_array().cloned().unwrap_or_default()
}

#[test]
fn on_postgres_a_models_hooks_are_in_its_transaction_and_a_run_tells_true_numbers() {
    let Some(dsn) = server::database() else { return };
    let sandbox = sandbox(&dsn);
    let model = |query: &str, hook: &str| format!("{{{{ config(post_hook='{hook}') }}}}{query}\n");
    sandbox.write("models/a.ff.sql", &model("select 1 as id", "insert into {{ this }} values (2)"));
    sandbox.write(
        "project.yml",
        "name: story\nhooks:\n  on_run_start:\n    - name: make\n      sql: |\n        \
         create table if not exists audit (what text, n bigint);\n        insert into audit values ('it''s; on', 0);\n  \
         after_model:\n    - {name: told, sql: \"insert into audit select what, {{ model.rows_affected }} from audit\"}\n",
    );
    sandbox.fft("run").expect(0).says("HOOK");
    assert_eq!(query(&dsn, "select id from analytics.a order by id"), ["1", "2"]);
    assert_eq!(query(&dsn, "select what, n from analytics.audit order by n"), ["it's; on|0", "it's; on|1"]);
    let told: Vec<Value> = hooks(&sandbox).iter().map(|hook| json!([hook["name"], hook["rows_affected"]])).collect();
    assert_eq!(told, [json!(["make", 1]), json!(["told", 1])]);
    sandbox.fft("run").expect(0).says("1 skipped");
    sandbox.write("models/a.ff.sql", &model("select 5 as id", "insert into nowhere values (1)"));
    sandbox.fft("run").expect(1).says("its post_hook failed");
    assert_eq!(query(&dsn, "select id from analytics.a order by id"), ["1", "2"]);
    // What is gone with it is its row of the ledger too: the next run builds what the text says.
    sandbox.write("models/a.ff.sql", "select 5 as id\n");
    sandbox.fft("run").expect(0).says("1 built");
    assert_eq!(query(&dsn, "select id from analytics.a"), ["5"]);
}

#[test]
fn a_secret_of_a_hook_is_sent_and_never_told() {
    let mut sandbox = Sandbox::new();
    sandbox.set("FF_PIN_TOKEN", SECRET);
    sandbox.write("models/a.ff.sql", "select 1 as id\n");
    let hooks = |end: &str| {
        format!(
            "name: story\nmodels:\n  post_hook:\n    a: \"create or replace table kept as select '{{{{ env('FF_PIN_TOKEN') }}}}' as pin\"\n\
             hooks:\n  on_run_end:\n    - {{name: last, sql: \"create or replace table sent as select '{{{{ env('FF_PIN_TOKEN') }}}}' as pin{end}\"}}\n"
        )
    };
    sandbox.write("project.yml", &hooks(""));
    let ran = sandbox.fft("run").expect(0);
    look(&sandbox, &ran, "a hook");
    for table in ["kept", "sent"] {
        assert_eq!(sandbox.query(".local/story.duckdb", &format!("select pin from analytics.{table}")), [SECRET]);
    }
    sandbox.write("project.yml", &hooks(" from nowhere where x = '{{ env('FF_PIN_TOKEN') }}'"));
    let ran = sandbox.fft("run").expect(1).says("‹env:FF_PIN_TOKEN›");
    look(&sandbox, &ran, "a hook that fails");
}

#[test]
fn a_run_that_is_asked_to_end_still_closes_its_books() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "models/endless.ff.sql",
        "select count(*) as n from range(100000) a, range(100000) b, range(100000) c\n",
    );
    sandbox.write(
        "project.yml",
        "name: story\nhooks:\n  after_model:\n    - {name: behind, sql: select 1}\n  on_run_end:\n    - {name: books, sql: \
         \"create table books as select {{ run.status | sql_literal }} as status, {{ run.error | sql_literal }} as error\"}\n",
    );
    interrupt(&sandbox, "endless.ff");
    let books = sandbox.query(".local/story.duckdb", "select * from analytics.books");
    assert_eq!(books, ["error|endless.ff: interrupted"]);
    let names: Vec<Value> = hooks(&sandbox).iter().map(|hook| hook["name"].clone()).collect();
    assert_eq!(names, ["books"]);
}
