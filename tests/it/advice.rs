//! What the records of real runs advise, on the terminal, as JSON and on the site: the same facts with the same counts.

use crate::project::Sandbox;
use crate::schema::holds;
use serde_json::Value;

fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("seeds/people.csv", "id,name\n1,Ada\n2,Grace\n");
    sandbox.write("models/stg.ff.sql", "select id, name from {{ ref('people') }}\n");
    sandbox.write("models/mart.ff.sql", "select count(*) as n from {{ ref('stg') }}\n");
    sandbox
}

fn advice(sandbox: &Sandbox) -> Vec<Value> {
    let told: Value = serde_json::from_str(&sandbox.fft("history advice --json").expect(0).stdout).unwrap();
    holds("advice", &told);
    told["advice"].as_array().unwrap().clone()
}

fn find<'a>(all: &'a [Value], code: &str) -> Option<&'a Value> {
    all.iter().find(|one| one["code"] == code)
}

#[test]
fn a_variable_and_a_comment_that_rebuilt_nodes_are_advised_about_until_they_are_settled() {
    let mut sandbox = project();
    sandbox.fft("history advice").expect(0).says("no run is recorded yet");
    sandbox.set("FF_REGION", "north");
    sandbox.fft("run").expect(0);
    assert_eq!(find(&advice(&sandbox), "variable"), None, "a first build isn't a variable's");
    sandbox.set("FF_REGION", "south");
    sandbox.fft("run").expect(0);
    sandbox.write("models/stg.ff.sql", "-- everybody\nselect id, name from {{ ref('people') }}\n");
    sandbox.fft("run").expect(0);

    let all = advice(&sandbox);
    let variable = find(&all, "variable").unwrap();
    assert_eq!(variable["sentence"], "FF_REGION rebuilt 3 nodes in a run, and no model names it.");
    assert_eq!(variable["setting"], "project.yml: fingerprint: {env: {ignore: [FF_REGION]}}");
    let comment = find(&all, "cosmetic").unwrap();
    assert_eq!((&comment["nodes"][0], comment["evidence"].as_array().unwrap().len()), (&"stg.ff".into(), 1));
    let proof = comment["evidence"][0]["sentence"].as_str().unwrap();
    assert!(proof.starts_with("an edit of comments in stg.ff rebuilt 2 nodes"), "{proof}");

    // The terminal and the site have the same sentences.
    let mut terminal = sandbox.fft("history advice").expect(0);
    let page = sandbox.read("site/dag/history.html");
    for one in &all {
        let sentence = one["sentence"].as_str().unwrap();
        terminal = terminal.says(sentence);
        assert!(page.contains(&sentence.replace('\'', "&#39;")), "{sentence}");
    }

    // What is settled is advised no longer.
    sandbox.write("project.yml", "name: story\nversion: '1.0'\nfingerprint:\n  env:\n    ignore: [FF_REGION]\n");
    sandbox.fft("run").expect(0);
    assert_eq!(find(&advice(&sandbox), "variable"), None);
    // So is a variable that a template reads.
    sandbox.write("project.yml", "name: story\nversion: '1.0'\n");
    sandbox.write("models/mart.ff.sql", "select count(*) as n, '{{ env('FF_REGION') }}' as r from {{ ref('stg') }}\n");
    sandbox.fft("run").expect(0);
    assert_eq!(find(&advice(&sandbox), "variable"), None);
}

#[test]
fn a_node_that_is_built_each_time_with_as_many_rows_is_told_with_what_followed_it() {
    let sandbox = project();
    for constant in 0..3 {
        sandbox.write("models/stg.ff.sql", &format!("select id, name, {constant} as k from {{{{ ref('people') }}}}\n"));
        sandbox.fft("run").expect(0);
    }
    let all = advice(&sandbox);
    let same = find(&all, "same_rows").unwrap();
    assert_eq!(same["nodes"][0], "stg.ff");
    let sentence = same["sentence"].as_str().unwrap();
    assert!(
        sentence.starts_with("stg.ff was built in 3 of 3 runs, each time with 2 rows, and 2 builds ("),
        "{sentence}"
    );
    assert!(sandbox.fft("history show latest").expect(0).stdout.contains(" of work in "));
}

/// Each node's worker is recorded, and the number of them.
#[test]
fn a_record_tells_which_worker_built_what() {
    let sandbox = project();
    sandbox.fft("run --jobs 2").expect(0);
    let results: Value = serde_json::from_str(&sandbox.read(".fastflowtransform/target/run_results.json")).unwrap();
    assert_eq!(results["workers"], 2);
    for row in results["results"].as_array().unwrap() {
        assert!(row["worker"].as_u64().is_some_and(|worker| worker < 2), "{row}");
    }
    sandbox.fft("run").expect(0);
    let results: Value = serde_json::from_str(&sandbox.read(".fastflowtransform/target/run_results.json")).unwrap();
    assert_eq!((&results["workers"], &results["results"][0]["worker"]), (&Value::Null, &Value::Null));
    let page = std::fs::read_dir(sandbox.path("site/dag/runs")).unwrap();
    let shown = page
        .filter(|page| std::fs::read_to_string(page.as_ref().unwrap().path()).unwrap().contains("Where the time went"));
    assert_eq!(shown.count(), 1, "the run that built something shows where its time went");
}
