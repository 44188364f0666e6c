//! A token that stands literally in profiles.yml, looked for in all that fft prints and writes.

use crate::project::Ran;
use crate::{held, model, sandbox_on};

const TOKEN: &str = "q7Zp2vXw9KdRb4Ty";

#[test]
fn a_literal_token_is_masked_wherever_it_would_stand() {
    let Some(held) = held() else { return };
    let sandbox = sandbox_on(held);
    let master = held.variables["FF_DBR_MASTER"].clone();
    sandbox.write(".env", &format!("FF_DBR_DATABASE={}\n", crate::database(&sandbox)));
    sandbox.write(
        "profiles.yml",
        &format!(
            "dev:\n  engine: spark\n  spark:\n    master: \"{master}/;token={TOKEN}\"\n    database: \"{{{{ \
             env('FF_DBR_DATABASE') }}}}\"\n    extra_conf:\n      spark.hadoop.fs.s3a.secret.key: {TOKEN}-two\n"
        ),
    );
    let look = |ran: Ran, what: &str| {
        for text in [&ran.stdout, &ran.stderr] {
            assert!(!text.contains(TOKEN), "{what}: {text}");
        }
        for folder in [".fastflowtransform", "site"] {
            for entry in walkdir::WalkDir::new(sandbox.path(folder)).into_iter().flatten() {
                if entry.file_type().is_file() {
                    let bytes = std::fs::read(entry.path()).unwrap();
                    let found = bytes.windows(TOKEN.len()).any(|window| window == TOKEN.as_bytes());
                    assert!(!found, "{what} leaves it in {}", entry.path().display());
                }
            }
        }
        ran
    };
    // It prints and raises what it can know of its session.
    sandbox.write(
        "models/says.ff.py",
        &model(
            "deps=['users'], frame='spark'",
            &format!(
                "def says(users):\n    secret = users.sparkSession.conf.get('spark.hadoop.fs.s3a.secret.key', '')\n    \
                 told = getattr(users.sparkSession.client, 'token', None) or secret[:{}]\n    print(told, secret)\n    raise \
                 ValueError(f'{{told}} is mine, and {{secret}}')\n",
                TOKEN.len()
            ),
        ),
    );
    look(sandbox.fft("run"), "a Python model").expect(1).says("is mine");
    sandbox.write("models/says.ff.py", &model("deps=['users'], frame='spark'", "def says(users):\n    return users\n"));
    look(sandbox.fft("run"), "a run").expect(0);
    sandbox.write("models/wrong.ff.sql", &format!("select cast('{TOKEN}' as int) as n\n"));
    let ran = look(sandbox.fft("run"), "a model that holds it").expect(4);
    assert!(ran.stderr.contains("wrong.ff holds the value of"), "{}", ran.stderr);
    sandbox.write("models/wrong.ff.sql", "select 1 as n\n");
    sandbox.write(
        "profiles.yml",
        &format!("dev:\n  engine: spark\n  spark:\n    master: \"sc://127.0.0.1:1/;token={TOKEN}\"\n"),
    );
    look(sandbox.fft("run"), "a server that isn't there").expect(4);
}
