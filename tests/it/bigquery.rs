//! A project on BigQuery, on an emulator that behaves as it; where none can be started the test is left out, with a word on
//! standard error.

use crate::held_server as server;
use crate::project::Sandbox;

/// Each run takes the claim of the project, and gives it back whether it built something or not. What the profile leaves
/// out is read from the variables that existing projects have.
#[test]
fn runs_follow_each_other_without_waiting() {
    let Some(held) = server::hold("bigquery", "FFT_TEST_BIGQUERY") else { return };
    let sandbox = Sandbox::empty();
    sandbox.write("project.yml", "name: story\nversion: '1.0'\n");
    sandbox.write(
        "profiles.yml",
        "dev:\n  engine: bigquery\n  bigquery:\n    allow_create_dataset: true\n    use_bigframes: true\n",
    );
    let lines: String = held.variables.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
    sandbox.write(".env", &lines);
    sandbox.write("seeds/users.csv", "id,name\n1,Ada\n2,Bo\n");
    sandbox.write(
        "models/named.ff.sql",
        "{{ config(cluster_by='id') }}\nselect id, upper(name) as name from {{ ref('users') }}\n",
    );
    sandbox.fft("run --no-wait --no-docs").expect(0).says("2 built").says("use_bigframes");
    sandbox.fft("run --no-wait --no-docs").expect(0).says("0 built");
    sandbox.write(
        "models/named.ff.sql",
        "{{ config(cluster_by='name') }}\nselect id, upper(name) as name from {{ ref('users') }}\n",
    );
    sandbox.fft("run --no-wait --no-docs").expect(0).says("1 built").says("cluster_by");
    sandbox.fft("run --no-wait --no-docs").expect(0).says("0 built");
    // No byte that is written holds a key.
    let account: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&held.variables["GOOGLE_APPLICATION_CREDENTIALS"]).unwrap())
            .unwrap();
    let key = account["private_key"].as_str().unwrap().lines().nth(1).unwrap().to_string();
    for (path, bytes) in crate::project::snapshot(&sandbox.path(".fastflowtransform")) {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(&key) && !text.contains("ya29."), "{path}");
    }
}
