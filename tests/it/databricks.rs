//! A project on Databricks, on a server that behaves as a workspace; where none can be started the test is left out, with
//! a word on standard error.

use crate::held_server as server;
use crate::project::Sandbox;

/// Each run takes the claim of the project, and gives it back whether it built something or not.
#[test]
fn runs_follow_each_other_without_waiting() {
    let Some(held) = server::hold("databricks", "FFT_TEST_DATABRICKS") else { return };
    let sandbox = Sandbox::empty();
    sandbox.write("project.yml", "name: story\nversion: '1.0'\n");
    sandbox.write(
        "profiles.yml",
        "dev:\n  engine: databricks\n  databricks:\n    host: \"{{ env('FF_DBR_HOST') }}\"\n    token: \"{{ \
         env('FF_DBR_TOKEN') }}\"\n    warehouse_id: \"{{ env('FF_DBR_WAREHOUSE_ID') }}\"\n    database: analytics\n",
    );
    let variables = held.variables.iter().filter(|(name, _)| *name != "FF_DBR_DATABASE");
    let lines: String = variables.map(|(name, value)| format!("{name}={value}\n")).collect();
    sandbox.write(".env", &lines);
    sandbox.write("seeds/users.csv", "id,name\n1,Ada\n2,Bo\n");
    sandbox.write("models/named.ff.sql", "select id, upper(name) as name from {{ ref('users') }}\n");
    sandbox.fft("run --no-wait --no-docs").expect(0).says("2 built");
    sandbox.fft("run --no-wait --no-docs").expect(0).says("0 built");
    sandbox.fft("run --no-wait --no-docs").expect(0).says("0 built");
    sandbox.write("models/named.ff.sql", "select id, lower(name) as name from {{ ref('users') }}\n");
    sandbox.fft("run --no-wait --no-docs").expect(0).says("1 built");
}
