//! Comparisons that need more than a project: git commits, manifests kept elsewhere, runs that are gone.

use crate::project::Sandbox;
use std::fs;

fn git(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let mut command = sandbox.command("git");
    command.args(["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]);
    let output = command.args(arguments).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_string()
}

/// Two models, one over the other.
fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(".gitignore", ".fastflowtransform/\n.local/\n");
    sandbox.write("models/base.ff.sql", "select 1 as id\n");
    sandbox.write("models/mart.ff.sql", "select id from {{ ref('base') }}\n");
    sandbox
}

#[test]
fn commits_stand_for_the_newest_run_that_recorded_them() {
    let sandbox = project();
    if sandbox.command("git").arg("--version").output().is_err() {
        eprintln!("git isn't there: nothing was tried");
        return;
    }
    git(&sandbox, &["init", "-q", "-b", "main"]);
    git(&sandbox, &["add", "."]);
    git(&sandbox, &["commit", "-q", "-m", "one"]);
    let first = git(&sandbox, &["rev-parse", "HEAD"]);
    sandbox.fft("run").expect(0);
    sandbox.write("models/base.ff.sql", "select 2 as id\n");
    git(&sandbox, &["commit", "-q", "-a", "-m", "two"]);
    sandbox.fft("diff main").expect(2).says("no kept run recorded commit").says("(`main`)");
    sandbox.fft("run").expect(0);
    for before in ["main~1", "HEAD^", &first, &first[..10]] {
        let ran = sandbox.fft(&format!("diff {before} main")).expect(0);
        let ran = ran.says(&format!("(commit {})", &first[..12])).says("CHANGED  base.ff  SQL changed");
        ran.says("-select 1 as id").says("2 changed · 0 unchanged");
    }
    // Another run at the same commit is the one that counts.
    sandbox.write("models/mart.ff.sql", "select id, id from {{ ref('base') }}\n");
    sandbox.write("models/mart.ff.sql", "select id + 0 as id from {{ ref('base') }}\n");
    sandbox.fft("run").expect(0);
    sandbox.fft("diff HEAD^ HEAD").expect(0).says("CHANGED  mart.ff  SQL changed");
    sandbox.fft("explain mart --against HEAD^").expect(0).says("Against run").says("upstream_changed");
}

#[test]
fn a_manifest_of_another_place_has_all_components() {
    let sandbox = project();
    sandbox.fft("run").expect(0);
    let kept = sandbox.path("kept.json");
    fs::copy(sandbox.path(".fastflowtransform/target/manifest.json"), &kept).unwrap();
    sandbox.write("models/base.ff.sql", "select 2 as id\n");
    // No run before knows anything here: what is compared is in the manifest alone.
    fs::remove_dir_all(sandbox.path(".fastflowtransform")).unwrap();
    sandbox.fft("run").expect(0);
    let ran = sandbox.fft("diff kept.json").expect(0).says("manifest of run");
    let ran = ran.says("CHANGED  base.ff  SQL changed: models/base.ff.sql").says("upstream changed: base.ff");
    assert!(!ran.stdout.contains("-select 1 as id"), "the old text isn't in this project's evidence");
    sandbox.write("kept.json", "{}");
    sandbox.fft("diff kept.json").expect(2).says("kept.json is no manifest.json of fft");
}

#[test]
fn what_a_removed_run_held_is_said_to_be_gone() {
    let sandbox = project();
    sandbox.fft("run").expect(0);
    let runs = || -> Vec<_> {
        let mut found: Vec<_> =
            fs::read_dir(sandbox.path(".fastflowtransform/runs")).unwrap().map(|run| run.unwrap().path()).collect();
        found.sort();
        found
    };
    let first = runs().remove(0);
    sandbox.fft("run").expect(0);
    sandbox.write("models/base.ff.sql", "select 2 as id\n");
    sandbox.fft("run").expect(0);
    fs::remove_file(&first).unwrap();
    let run = first.file_stem().unwrap().to_string_lossy().into_owned();
    let why = format!("components not kept: run {run}, which built it, is no longer kept");
    sandbox.fft("diff latest~1").expect(0).says("CHANGED  base.ff").says(&why).says("2 changed");
    fs::write(&first, "damaged").unwrap();
    sandbox.fft("diff latest~1").expect(0).says("can't be read");
}

/// Nothing is built of a changed model that is left out, or that is only laid out otherwise; its parts are known still.
#[test]
fn what_a_run_left_alone_is_known_too() {
    let sandbox = project();
    sandbox.write("project.yml", "name: story\nversion: '1.0'\nfingerprint:\n  cosmetic: skip\n");
    sandbox.fft("run").expect(0);
    sandbox.write("models/mart.ff.sql", "-- words\nselect id from {{ ref('base') }}\n");
    sandbox.fft("run").expect(0);
    let ran = sandbox.fft("diff latest~1").expect(0).says("(comments and white space only)").says("+-- words");
    ran.says("1 changed · 1 unchanged");
    sandbox.write("models/base.ff.sql", "select 2 as id\n");
    sandbox.write("models/other.ff.sql", "select 3 as id\n");
    sandbox.fft("run --select other").expect(0);
    sandbox.fft("diff latest~1").expect(0).says("CHANGED  base.ff  SQL changed: models/base.ff.sql");
}

/// A commit is told with whether files of the project differed from it, however those differ; what fft writes doesn't
/// count.
#[test]
fn uncommitted_changes_are_told_with_the_commit() {
    let sandbox = project();
    sandbox.fft("run").expect(0);
    let told = |sandbox: &Sandbox| {
        let text = sandbox.read(".fastflowtransform/target/run_results.json");
        serde_json::from_str::<serde_json::Value>(&text).unwrap()["metadata"]["git"]["dirty"].clone()
    };
    assert!(told(&sandbox).is_null(), "there is no repository");
    if sandbox.command("git").arg("--version").output().is_err() {
        eprintln!("git isn't there: nothing was tried");
        return;
    }
    // Nothing is ignored: what a run leaves is no change of the project.
    fs::remove_file(sandbox.path(".gitignore")).unwrap();
    git(&sandbox, &["init", "-q", "-b", "main"]);
    git(&sandbox, &["add", "models", "project.yml", "profiles.yml"]);
    git(&sandbox, &["commit", "-q", "-m", "one"]);
    let commit = git(&sandbox, &["rev-parse", "HEAD"])[..12].to_string();
    sandbox.fft("run").expect(0);
    assert_eq!(told(&sandbox), false);
    sandbox.write("models/base.ff.sql", "select 2 as id\n");
    sandbox.fft("run").expect(0);
    assert_eq!(told(&sandbox), true);
    let words = format!("commit {commit} + 1 file not committed");
    sandbox.fft("history").expect(0).says(&words);
    sandbox.fft("diff latest~1").expect(0).says(&words);
    git(&sandbox, &["commit", "-q", "-a", "-m", "two"]);
    sandbox.write("models/new.ff.sql", "select 3 as id\n");
    sandbox.fft("run").expect(0);
    assert_eq!(told(&sandbox), true, "a file that git doesn't know");
    sandbox.fft("explain base").expect(0).says(&format!("commit {commit} (with uncommitted changes)"));
    git(&sandbox, &["add", "models"]);
    sandbox.fft("run").expect(0);
    assert_eq!(told(&sandbox), true, "staged");
    git(&sandbox, &["commit", "-q", "-m", "three"]);
    sandbox.fft("run").expect(0);
    assert_eq!(told(&sandbox), false);
}
