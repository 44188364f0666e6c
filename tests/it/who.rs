//! Who asked for a run, and from which state of the files: in its record, in the list of runs and on its pages.

use crate::changed_since::{git, repository};
use crate::project::Sandbox;
use serde_json::{Value, json};

fn metadata(sandbox: &Sandbox) -> Value {
    let results: Value = serde_json::from_str(&sandbox.read(".fastflowtransform/target/run_results.json")).unwrap();
    results["metadata"].clone()
}

#[test]
fn a_run_tells_who_asked_and_what_was_not_committed() {
    let mut sandbox = repository();
    let docs = "docs: {provenance: [CI_RUN, CI_ACTOR], repository: 'https://git.example/o/r/'}";
    sandbox.write("project.yml", &format!("name: story\nversion: '1.0'\n{docs}\n"));
    git(&sandbox, &["add", "."]);
    git(&sandbox, &["commit", "--quiet", "-m", "where it is"]);
    git(&sandbox, &["tag", "v1"]);
    sandbox.set("CI_RUN", "17");
    sandbox.fft("run --select a --vars key=hush").expect(0);
    let told = metadata(&sandbox);
    assert_eq!(told["command"], "fft run --select a --vars key=…");
    assert_eq!(told["provenance"], json!({"CI_RUN": "17"}));
    assert_eq!((&told["git"]["describe"], &told["git"]["dirty"]), (&json!("v1"), &json!(false)));
    assert_eq!((&told["git"]["changed"], &told["git"]["untracked"]), (&json!(0), &json!(0)));
    let page = sandbox.read("site/dag/index.html");
    let commit = told["git"]["commit"].as_str().unwrap();
    assert!(page.contains(&format!("href=\"https://git.example/o/r/commit/{commit}\"")), "{page}");
    assert!(page.contains("CI_RUN 17") && !page.contains("not committed") && !page.contains("hush"), "{page}");

    sandbox.write("models/c.ff.sql", "select 4 as id\n");
    sandbox.write("models/d.ff.sql", "select 5 as id\n");
    sandbox.fft("run").expect(0);
    let told = metadata(&sandbox);
    assert_eq!((&told["git"]["changed"], &told["git"]["untracked"]), (&json!(1), &json!(1)));
    assert!(sandbox.read("site/dag/index.html").contains(" + 2 files not committed"));
    sandbox.fft("history").expect(0).says(" + 2 files not committed");
    let list: Value = serde_json::from_str(&sandbox.fft("history --json").expect(0).stdout).unwrap();
    let commands: Vec<&Value> = list["runs"].as_array().unwrap().iter().map(|run| &run["command"]).collect();
    assert_eq!(commands, ["fft run", "fft run --select a --vars key=…"]);
    assert!(sandbox.read("site/dag/runs/index.html").contains("fft run --select a --vars key=…"));
}

#[test]
fn a_secret_variable_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.write("project.yml", "name: story\nversion: '1.0'\ndocs: {provenance: [CI_TOKEN]}\n");
    sandbox.write("models/a.ff.sql", "select 1 as id\n");
    sandbox.fft("run").expect(2).says("`CI_TOKEN` is secret by its name");
}
