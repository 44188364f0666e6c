//! A site alone can be checked: `verify.py` in its folder computes its records and says what isn't as it was.

use crate::project::{Ran, Sandbox};
use std::fs;

/// Built, changed, failed and mended.
fn project() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.set("FF_SHOWN", "shown");
    sandbox.set("FF_HIDDEN", "hidden");
    sandbox.write("project.yml", "name: story\nversion: '1.0'\nfingerprint: {env: {expose: [FF_SHOWN]}}\n");
    sandbox.write("seeds/people.csv", "id,name\n1,Ada\n");
    sandbox.write("models/stg.ff.sql", "select id, name from {{ ref('people') }}\n");
    sandbox.write("models/mart.ff.sql", "select count(*) as n from {{ ref('stg') }}\n");
    sandbox.fft("run").expect(0);
    sandbox.write("seeds/people.csv", "id,name\n1,Ada\n2,Grace\n");
    sandbox.fft("run").expect(0);
    sandbox.write("models/mart.ff.sql", "select no_such_column from {{ ref('stg') }}\n");
    sandbox.fft("run").expect(1);
    sandbox.write("models/mart.ff.sql", "select count(id) as n from {{ ref('stg') }}\n");
    sandbox.fft("run").expect(0);
    sandbox
}

/// With nothing but the site: it is moved away from its project.
fn python(sandbox: &Sandbox, site: &str) -> Ran {
    let mut command = sandbox.command("python3");
    let folder = sandbox.path(site);
    command.arg(folder.join("verify.py")).arg(&folder).current_dir(std::env::temp_dir());
    Ran::of(command)
}

fn runs(sandbox: &Sandbox, site: &str) -> Vec<String> {
    let files = fs::read_dir(sandbox.path(site).join("runs")).unwrap();
    let names = files.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let mut found: Vec<String> = names.filter(|name| name.starts_with("20") && name.ends_with(".json")).collect();
    found.sort();
    found
}

#[test]
fn a_site_is_checked_without_its_project() {
    let sandbox = project();
    python(&sandbox, "site/dag").expect(0).says("all of it agrees").says("4 runs");
    sandbox.fft("docs build --out public --redact sql,values,paths").expect(0);
    python(&sandbox, "public").expect(0).says("all of it agrees").says("4 runs");
}

#[test]
fn what_was_changed_in_a_site_is_named() {
    let sandbox = project();
    let names = runs(&sandbox, "site/dag");
    let second = format!("site/dag/runs/{}", names[1]);
    let page = "site/dag/nodes/stg.ff.html";
    let audit: serde_json::Value = serde_json::from_str(&sandbox.read("site/dag/audit.json")).unwrap();
    let node = audit["nodes"].as_array().unwrap().iter().find(|one| one["node"] == "stg.ff").unwrap().clone();
    let print = node["fingerprint"].as_str().unwrap();
    let other = format!("{}{}", if print.starts_with('a') { 'b' } else { 'a' }, &print[1..]);
    let shown = [print, other.as_str()].map(|value| format!("data-value=\"{value}\""));
    let cases = [
        (second.as_str(), "\"shown\"".to_string(), "\"shows\"".to_string(), "env FF_SHOWN"),
        (second.as_str(), "\"engine\":\"duckdb\"".into(), "\"engine\":\"duckbd\"".into(), "its SHA-256 is"),
        (
            "site/dag/audit.json",
            format!("\"fingerprint\": \"{print}\""),
            format!("\"fingerprint\": \"{other}\""),
            "audit.json: stg.ff",
        ),
        (page, shown[0].clone(), shown[1].clone(), "nodes/stg.ff.html: it shows the fingerprint"),
    ];
    for (path, from, to, said) in cases {
        let whole = sandbox.read(path);
        assert!(whole.contains(&from), "{path}: {from}");
        sandbox.write(path, &whole.replacen(&from, &to, 1));
        let ran = python(&sandbox, "site/dag");
        assert_eq!(ran.code, Some(1), "{path}: {said}: {}", ran.stdout);
        assert!(ran.stdout.contains(said), "{path}: {said}: {}", ran.stdout);
        sandbox.write(path, &whole);
    }
    // Every byte of a record counts, and one that stands in another's place is told.
    let [first, other] = [0, 1].map(|at| format!("site/dag/runs/{}", names[at]));
    let whole = sandbox.read(&first);
    sandbox.write(&first, &sandbox.read(&other));
    python(&sandbox, "site/dag").expect(1).says("it is the record of another run");
    sandbox.write(&first, &whole);
    python(&sandbox, "site/dag").expect(0);
}

/// Pages of runs that are pruned stay where the project wants it, and at commits with a tag.
#[test]
fn pages_of_pruned_runs_stay_where_that_is_wanted() {
    let sandbox = project();
    let first = runs(&sandbox, "site/dag")[0].replace(".json", "");
    let pruned = |settings: &str| {
        let text = format!("name: story\nversion: '1.0'\nhistory: {{keep: 1}}\n{settings}");
        sandbox.write("project.yml", &text);
        sandbox.fft("history prune").expect(0);
    };
    let there = |site: &str| sandbox.path(site).join(format!("runs/{first}.html")).exists();
    let is_kept = || sandbox.path(".fastflowtransform/runs").join(format!("{first}.json")).exists();
    sandbox.fft("docs build --out kept").expect(0);
    sandbox.fft("docs build --out moved").expect(0);
    pruned("docs: {keep_pages: true}\n");
    assert!(!is_kept(), "the first run is nobody's baseline any more");
    sandbox.fft("docs build").expect(0);
    assert!(there("site/dag"), "as project.yml wants it");
    let list = sandbox.read("site/dag/runs/index.html");
    assert!(list.contains("Not kept any more, page only") && list.contains(&first), "{list}");
    python(&sandbox, "site/dag").expect(0);
    pruned("");
    sandbox.fft("docs build --out kept --keep-pages").expect(0);
    assert!(there("kept"), "as the option wants it");
    sandbox.fft("docs build --out moved --archive old").expect(0);
    assert!(!there("moved") && sandbox.path(&format!("old/runs/{first}.html")).exists());
    sandbox.fft("docs build").expect(0);
    assert!(!there("site/dag"), "nobody wants it");
}
