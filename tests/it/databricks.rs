//! A project on Databricks, on a server that behaves as a workspace; where none can be started the tests are left out, with
//! a word on standard error.

use crate::held_server::{self as server, Held};
use crate::project::Sandbox;
use crate::proxy::Proxy;
use std::sync::OnceLock;

/// The workspace that the tests of this process share.
fn held() -> Option<&'static Held> {
    static SERVER: OnceLock<Option<Held>> = OnceLock::new();
    SERVER.get_or_init(|| server::hold("databricks", "FFT_TEST_DATABRICKS")).as_ref()
}

/// A seed and a model in a schema of their own.
fn project(held: &Held, host: &str, schema: &str, more: &str) -> Sandbox {
    let sandbox = Sandbox::empty();
    sandbox.write("project.yml", "name: story\nversion: '1.0'\n");
    sandbox.write(
        "profiles.yml",
        &format!(
            "dev:\n  engine: databricks\n  databricks:\n    host: {host}\n    token: \"{{{{ env('FF_DBR_TOKEN') }}}}\"\n    \
             warehouse_id: \"{{{{ env('FF_DBR_WAREHOUSE_ID') }}}}\"\n    database: {schema}\n{more}"
        ),
    );
    let variables =
        held.variables.iter().filter(|(name, _)| !["FF_DBR_DATABASE", "FF_DBR_HOST"].contains(&name.as_str()));
    let lines: String = variables.map(|(name, value)| format!("{name}={value}\n")).collect();
    sandbox.write(".env", &lines);
    sandbox.write("seeds/users.csv", "id,name\n1,Ada\n2,Bo\n");
    sandbox.write("models/named.ff.sql", "select id, upper(name) as name from {{ ref('users') }}\n");
    sandbox
}

/// A run that builds takes the claim of the project, and gives it back.
#[test]
fn runs_follow_each_other_without_waiting() {
    let Some(held) = held() else { return };
    let sandbox = project(held, &held.variables["FF_DBR_HOST"], "analytics", "");
    sandbox.fft("run --no-wait --no-docs").expect(0).says("2 built");
    sandbox.fft("run --no-wait --no-docs").expect(0).says("0 built");
    sandbox.fft("run --no-wait --no-docs").expect(0).says("0 built");
    sandbox.write("models/named.ff.sql", "select id, lower(name) as name from {{ ref('users') }}\n");
    sandbox.fft("run --no-wait --no-docs").expect(0).says("1 built");
}

/// The ledger, and what stands.
#[test]
fn a_run_that_builds_nothing_asks_twice() {
    let Some(held) = held() else { return };
    let proxy = Proxy::to(held.variables["FF_DBR_HOST"].trim_start_matches("http://").trim_end_matches('/'));
    let sandbox = project(held, &format!("http://127.0.0.1:{}", proxy.port), "trips", "");
    sandbox.write("models/seen.ff.sql", "{{ config(materialized='view') }}\nselect id from {{ ref('named') }}\n");
    let asked = || {
        let sent: Vec<u8> = proxy.sent().concat();
        proxy.forget();
        String::from_utf8_lossy(&sent).into_owned()
    };
    sandbox.fft("run --no-docs").expect(0).says("3 built");
    assert!(asked().contains("_ff_claim_story"));
    sandbox.fft("run").expect(0).says("0 built");
    let sent = asked();
    let count = |words: &str| sent.matches(words).count();
    assert_eq!((count("POST /api/2.0/sql/statements HTTP/1.1"), count(" HTTP/1.1\r\n")), (2, 2), "{sent}");
    assert_eq!((count("trips._ff_meta"), count("information_schema.tables"), count("_ff_claim_")), (1, 1, 0), "{sent}");
}

/// The tables of that server are Iceberg's whatever they are said to be.
#[test]
fn a_table_says_what_it_is_and_where() {
    let Some(held) = held() else { return };
    let host = &held.variables["FF_DBR_HOST"];
    let sandbox = project(held, host, "stored", "    table_format: iceberg\n");
    sandbox.write(
        "models/named.ff.sql",
        "{{ config(storage={'path': '/tmp/stored/named', 'options': {'write.format.default': 'orc'}}) }}\nselect id from \
         {{ ref('users') }}\n",
    );
    let project = sandbox.read("project.yml");
    let seeds = "seeds:\n  storage:\n    users: {path: /tmp/stored/users, format: iceberg}\n";
    sandbox.write("project.yml", &format!("{project}{seeds}"));
    for (node, files) in [("named", "%/stored/named/%.orc"), ("users", "%/stored/users/%.parquet")] {
        let text = format!("select * from {{{{ ref('{node}') }}}} where input_file_name() like '{files}'\n");
        sandbox.write(&format!("models/check_{node}.ff.sql"), &text);
    }
    sandbox.fft("run --no-docs").expect(0).says("4 built");
    let rows = |node: &str| sandbox.rows()[node].rows;
    assert_eq!((rows("check_named.ff"), rows("check_users.ff")), (Some(2), Some(2)));
    sandbox.fft("run --no-docs").expect(0).says("0 built");
    sandbox.write("seeds/users.csv", "id,name\n1,Ada\n2,Bo\n3,Cy\n");
    sandbox.fft("run --no-docs").expect(0).says("4 built");
    assert_eq!((rows("check_named.ff"), rows("check_users.ff")), (Some(3), Some(3)));
    let text = sandbox.read("models/named.ff.sql");
    sandbox.write("models/named.ff.sql", &text.replace("'orc'", "'avro'"));
    sandbox.fft("run --no-docs").expect(0).says("2 built").says("storage");
    assert_eq!((rows("named.ff"), rows("check_named.ff")), (Some(3), Some(0)));
    sandbox.write("models/named.ff.sql", "\n{{ config(storage={'format': 'parquet'}) }}\nselect 1 as id\n");
    let ran = sandbox.fft("run --no-docs").expect(2).says("of the format `parquet`, which there isn't");
    assert!(ran.stderr.contains("--> models/named.ff.sql:2:4"), "{}", ran.stderr);
}
