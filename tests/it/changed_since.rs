//! `--changed-since`: what git says has changed, as nodes.

use crate::project::Sandbox;
use std::process::Command;

pub fn git(sandbox: &Sandbox, arguments: &[&str]) {
    let identity = ["-c", "user.name=t", "-c", "user.email=t@example.invalid", "-c", "commit.gpgsign=false"];
    let output = Command::new("git").args(identity).args(arguments).current_dir(sandbox.path("..")).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The project is a folder of the repository, as it often is.
pub fn repository() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(".gitignore", ".local/\n.fastflowtransform/\n");
    sandbox.write("models/macros/m.sql", "{% macro one() %}1{% endmacro %}\n");
    sandbox.write("models/a.ff.sql", "select {{ one() }} as id\n");
    sandbox.write("models/b.ff.sql", "select id from {{ ref('a') }}\n");
    sandbox.write("models/c.ff.sql", "select 3 as id\n");
    git(&sandbox, &["init", "--quiet", "--initial-branch=main"]);
    git(&sandbox, &["add", "."]);
    git(&sandbox, &["commit", "--quiet", "-m", "first"]);
    sandbox
}

fn listed(sandbox: &Sandbox, options: &str) -> Vec<String> {
    let ran = sandbox.fft(&format!("ls --changed-since HEAD {options}")).expect(0);
    ran.stdout.lines().map(String::from).collect()
}

#[test]
fn changed_files_are_nodes_with_what_is_below_them() {
    let sandbox = repository();
    assert!(listed(&sandbox, "").is_empty());
    sandbox.write("models/c.ff.sql", "select 4 as id\n");
    assert_eq!(listed(&sandbox, ""), ["c.ff"], "a file of the work tree");
    sandbox.write("models/macros/m.sql", "{% macro one() %}2{% endmacro %}\n");
    assert_eq!(listed(&sandbox, ""), ["a.ff", "c.ff", "b.ff"], "a macro");
    assert_eq!(listed(&sandbox, "--select b"), ["b.ff"], "both are asked for");
    git(&sandbox, &["add", "."]);
    git(&sandbox, &["commit", "--quiet", "-m", "second"]);
    assert!(listed(&sandbox, "").is_empty());
    sandbox.write("models/d.ff.sql", "select id from {{ ref('c') }}\n");
    assert_eq!(listed(&sandbox, ""), ["d.ff"], "a file that git doesn't know");
    sandbox.write("profiles.yml", &(std::fs::read_to_string(sandbox.path("profiles.yml")).unwrap() + "\n"));
    assert_eq!(listed(&sandbox, "").len(), 4, "the profile is everybody's");
}

#[test]
fn a_run_builds_what_changed_and_says_when_nothing_did() {
    let sandbox = repository();
    sandbox.fft("run").expect(0);
    let ran = sandbox.fft("run --changed-since HEAD");
    ran.expect(0).says("nothing to do: no selected node differs from HEAD");
    sandbox.write("models/b.ff.sql", "select id + 1 as id from {{ ref('a') }}\n");
    sandbox.fft("run --changed-since HEAD").expect(0);
    let rows = sandbox.rows();
    assert_eq!(rows["b.ff"].status, "success");
    assert_eq!(rows["a.ff"].status, "skipped", "what b stands on is part of the run");
    assert_eq!(rows["c.ff"].status, "not_selected");
    sandbox.fft("run --changed-since no-such-branch").expect(2).says("git doesn't know `no-such-branch`");
    sandbox.fft("run --changed-since --output=x").expect(2);
}
