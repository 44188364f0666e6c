//! A project on Snowflake, on a server that behaves as an account; where none can be started the test is left out, with a
//! word on standard error.

use crate::held_server as server;
use crate::project::Sandbox;

/// Each run takes the claim of the project, and gives it back whether it built something or not. What the profile leaves
/// out is read from the variables that existing projects have.
#[test]
fn runs_follow_each_other_without_waiting() {
    let Some(held) = server::hold("snowflake", "FFT_TEST_SNOWFLAKE") else { return };
    let sandbox = Sandbox::empty();
    sandbox.write("project.yml", "name: story\nversion: '1.0'\n");
    sandbox.write(
        "profiles.yml",
        "dev:\n  engine: snowflake_snowpark\n  snowflake_snowpark:\n    schema: analytics\n    allow_create_schema: true\n",
    );
    let lines: String = held.variables.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
    sandbox.write(".env", &lines);
    sandbox.write("seeds/users.csv", "id,name\n1,Ada\n2,Bo\n");
    sandbox.write(
        "models/named.ff.sql",
        "{{ config(cluster_by='id') }}\nselect id, upper(name) as name from {{ ref('users') }}\n",
    );
    sandbox.fft("run --no-wait --no-docs").expect(0).says("2 built").says("Snowpark");
    sandbox.fft("run --no-wait --no-docs").expect(0).says("0 built");
    sandbox.write(
        "models/named.ff.sql",
        "{{ config(cluster_by='name') }}\nselect id, upper(name) as name from {{ ref('users') }}\n",
    );
    sandbox.fft("run --no-wait --no-docs").expect(0).says("1 built").says("cluster_by");
    sandbox.fft("run --no-wait --no-docs").expect(0).says("0 built");
    sandbox.fft("verify").expect(0);
    // No byte that is written holds a key or a token.
    let token = &held.variables["FF_SF_TOKEN"];
    let key = std::fs::read_to_string(&held.variables["FF_SF_PRIVATE_KEY_PATH"]).unwrap();
    let key = key.lines().nth(1).unwrap().to_string();
    for (path, bytes) in crate::project::snapshot(&sandbox.path(".fastflowtransform")) {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(&key) && !text.contains(token.as_str()) && !text.contains("eyJ"), "{path}");
    }
}
