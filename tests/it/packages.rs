//! Packages: folders and repositories whose models are part of a project, from `fft deps` to a run that skips them, and what
//! is said where something is missing, changed or called like something else.

use crate::project::Sandbox;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Writes a file below a folder.
fn put(folder: &Path, relative: &str, text: &str) {
    let path = folder.join(relative);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.current_dir(folder).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    command
        .args(["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"])
        .args(arguments);
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_string()
}

/// A project beside a package that it asks for by its folder.
fn shop() -> (Sandbox, PathBuf) {
    let sandbox = Sandbox::new();
    let shared = sandbox.root().parent().unwrap().join("shared");
    put(&shared, "project.yml", "name: shared\nversion: '0.1.0'\nvars: {least: 1, most: 9}\n");
    put(&shared, "seeds/countries.csv", "id,name\n1,DE\n2,FR\n");
    put(&shared, "models/macros/m.sql", "{% macro named(x) %}upper({{ x }}){% endmacro %}\n");
    put(
        &shared,
        "models/countries_named.ff.sql",
        "select id, {{ named('name') }} as name from {{ ref('countries') }} where id between {{ var('least') }} and {{ var('most') }}\n",
    );
    put(&shared, "lib.py", "def twice(value):\n    return 2 * value\n");
    sandbox.write("project.yml", "name: story\nversion: '1.0'\nvars: {least: 0, shared: {most: 2}}\n");
    sandbox.write("packages.yml", "packages:\n  - name: shared\n    path: ../shared\n    version: '>=0.1,<0.2'\n");
    sandbox.write(
        "models/ours.ff.sql",
        "select {{ shared.named('name') }} as name from {{ ref('shared', 'countries_named') }}\n",
    );
    (sandbox, shared)
}

#[test]
fn a_folder_is_locked_built_and_skipped() {
    let (sandbox, shared) = shop();
    let refused = sandbox.fft("run").expect(2);
    refused.says("packages.yml asks for packages, and there is no packages.lock.yml").says("hint: run `fft deps`");
    sandbox.fft("deps").expect(0).says("shared 0.1.0  ../shared").says("wrote packages.lock.yml");
    sandbox.fft("deps").expect(0).says("shared 0.1.0  ../shared (as before)");
    sandbox.fft("run").expect(0).says("3 built");
    sandbox.fft("run").expect(0).says("0 built").says("3 skipped");
    let rows = sandbox.query(".local/story.duckdb", "select name from analytics.ours order by 1");
    assert_eq!(rows, ["DE", "FR"]);
    assert_eq!(sandbox.fft("ls --select package:shared").expect(0).stdout, "countries\ncountries_named.ff\n");
    assert_eq!(sandbox.fft("ls --select package:story").expect(0).stdout, "ours.ff\n");
    sandbox.fft("ls --select package:shred").expect(2).says("did you mean `shared`?");
    sandbox.fft("ls -v").expect(0).says("../shared/models/countries_named.ff.sql  package:shared");
    let manifest: serde_json::Value =
        serde_json::from_str(&sandbox.read(".fastflowtransform/target/manifest.json")).unwrap();
    assert_eq!(manifest["nodes"]["countries_named.ff"]["package"], "shared");
    assert!(manifest["nodes"]["ours.ff"].get("package").is_none());
    assert_eq!(manifest["packages"]["shared"]["from"], "../shared");
    assert!(
        sandbox.read("site/dag/nodes/countries_named.ff.html").contains("package <span class=\"mono\">shared</span>")
    );

    // An edit there is told by its file, and as what isn't locked.
    put(&shared, "models/macros/m.sql", "{% macro named(x) %}lower({{ x }}){% endmacro %}\n");
    let ran = sandbox.fft("run").expect(0).says("2 built").says("package `shared` has changed since it was locked");
    ran.says("../shared/models/macros/m.sql");
    sandbox.fft("deps").expect(0).says("wrote packages.lock.yml");
    let quiet = sandbox.fft("run").expect(0).says("0 built");
    assert!(!quiet.stderr.contains("has changed"), "{}", quiet.stderr);
    // A var that the project gives to the package alone, and one of the command line.
    sandbox.fft("run --vars most=1").expect(0).says("2 built");
    assert_eq!(sandbox.query(".local/story.duckdb", "select name from analytics.ours"), ["de"]);
}

#[test]
fn equal_names_are_told_with_both_places() {
    let (sandbox, shared) = shop();
    sandbox.write("models/countries_named.ff.sql", "select 1 as id\n");
    put(&shared, "macros/own.sql", "{% macro ours() %}{% endmacro %}\n");
    sandbox.fft("deps").expect(0);
    let told = sandbox.fft("check").expect(2);
    told.says("two nodes are called `countries_named`")
        .says("models/countries_named.ff.sql")
        .says("../shared/models/countries_named.ff.sql");
    sandbox.write("models/countries_named.ff.sql", "");
    fs::remove_file(sandbox.path("models/countries_named.ff.sql")).unwrap();
    sandbox.write("macros/own.sql", "{% macro ours() %}{% endmacro %}\n");
    let told = sandbox.fft("check").expect(2);
    told.says("macro `ours` is defined twice; first in macros/own.sql:1:1").says("--> ../shared/macros/own.sql:1:1");
    fs::remove_file(sandbox.path("macros/own.sql")).unwrap();
    sandbox.write("models/ours.ff.sql", "select * from {{ ref('story', 'countries_named') }}\n");
    let told = sandbox.fft("check").expect(2);
    told.says("`ours.ff` refers to `countries_named` of `story`, and that is of `shared`");
}

/// A repository with a package in a folder of it; the first commit is tagged.
fn repository(sandbox: &Sandbox) -> PathBuf {
    let folder = sandbox.root().parent().unwrap().join("utils.git");
    put(&folder, "sql/project.yml", "name: utils\nversion: 1.0.0\n");
    put(&folder, "sql/models/one.ff.sql", "select 1 as n\n");
    put(&folder, "sql/models/two.ff.sql", "select 2 as n\n");
    git(&folder, &["init", "--quiet"]);
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "--quiet", "-m", "first"]);
    git(&folder, &["tag", "v1"]);
    put(&folder, "sql/project.yml", "name: utils\nversion: 1.1.0\n");
    put(&folder, "sql/models/two.ff.sql", "select 22 as n\n");
    git(&folder, &["commit", "--quiet", "-am", "second"]);
    folder
}

#[test]
fn a_repository_is_fetched_once_and_another_commit_rebuilds_what_differs() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let commit = git(&repository, &["rev-parse", "v1"]);
    let ask = |what: &str| {
        sandbox.write("packages.yml", &format!("packages:\n  - git: ../utils.git\n    subdir: sql\n    {what}\n"))
    };
    ask("tag: v1");
    sandbox.write("models/all.ff.sql", "select * from {{ ref('one') }} union all select * from {{ ref('two') }}\n");
    sandbox.fft("run").expect(2).says("run `fft deps`");
    let given = format!("utils 1.0.0  ../utils.git, tag v1, in sql at {}", &commit[..12]);
    sandbox.fft("deps").expect(0).says(&given);
    assert!(sandbox.read("packages.lock.yml").contains(&commit));
    sandbox.fft("run").expect(0).says("3 built");
    sandbox.fft("run").expect(0).says("3 skipped");
    sandbox.fft("ls -v").expect(0).says(".fastflowtransform/packages/utils/models/one.ff.sql");

    // Without the repository, what was fetched is enough.
    let away = repository.with_extension("away");
    fs::rename(&repository, &away).unwrap();
    sandbox.fft("deps").expect(0).says("(as before)");
    sandbox.fft("run").expect(0).says("3 skipped");
    ask("branch: main");
    sandbox
        .fft("run")
        .expect(2)
        .says("packages.lock.yml doesn't have what is asked for here: ../utils.git, branch main, in sql");
    sandbox.fft("deps").expect(2).says("../utils.git can't be fetched");
    fs::rename(&away, &repository).unwrap();
    sandbox.fft("deps").expect(0).says(&format!("(was {})", &commit[..12]));
    let ran = sandbox.fft("run").expect(0).says("2 built").says("1 skipped");
    ran.says("SQL changed: .fastflowtransform/packages/utils/models/two.ff.sql");

    // Branches are followed when that is asked for.
    put(&repository, "sql/models/one.ff.sql", "select 11 as n\n");
    git(&repository, &["commit", "--quiet", "-am", "third"]);
    sandbox.fft("deps").expect(0).says("(as before)");
    sandbox.fft("deps --upgrade").expect(0).says("(was ");
    sandbox.fft("plan --fail-on build").expect(3).says("one.ff");
    let rev = git(&repository, &["rev-parse", "--short=8", "v1"]);
    ask(&format!("rev: '{rev}'"));
    sandbox.fft("deps").expect(0).says("utils 1.0.0");

    // A fresh checkout has the lock alone.
    fs::remove_dir_all(sandbox.path(".fastflowtransform/packages")).unwrap();
    sandbox.fft("plan").expect(2).says(&format!("isn't here yet, at commit {}", &commit[..12]));
    sandbox.fft("deps").expect(0).says("(as before)");
    sandbox.fft("run").expect(0);
}

#[test]
fn what_was_fetched_is_believed_only_as_it_was() {
    let sandbox = Sandbox::new();
    repository(&sandbox);
    sandbox.write("packages.yml", "packages: [{git: ../utils.git, subdir: sql, ref: v1}]\n");
    sandbox.fft("deps").expect(0);
    let packages = sandbox.path(".fastflowtransform/packages");
    let files = walkdir::WalkDir::new(&packages).into_iter().map(|entry| entry.unwrap().into_path());
    let one = files.into_iter().find(|path| path.ends_with("models/one.ff.sql")).unwrap();
    fs::write(&one, "select 7 as n\n").unwrap();
    sandbox.fft("run").expect(2).says("the files of package `utils` aren't those that were fetched");
    sandbox.fft("deps").expect(0);
    sandbox.fft("run").expect(0).says("2 built");
}

#[test]
fn what_git_says_is_told_without_what_lets_in() {
    let sandbox = Sandbox::new();
    sandbox.write("packages.yml", "packages: [{git: 'http://me:hunter2@127.0.0.1:9/x.git', tag: v1}]\n");
    let told = sandbox.fft("deps --timeout 20").expect(2).says("http://127.0.0.1:9/x.git can't be fetched");
    assert!(!told.stderr.contains("hunter2"), "{}", told.stderr);
    // A server that never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    sandbox.write("packages.yml", &format!("packages: [{{git: 'http://127.0.0.1:{port}/x.git'}}]\n"));
    sandbox.fft("deps --timeout 1").expect(2).says("git took longer than 1 s");
}

#[test]
fn a_watched_plan_sees_an_edit_of_a_package() {
    let (sandbox, shared) = shop();
    sandbox.fft("deps").expect(0);
    sandbox.fft("run").expect(0);
    let mut watching = sandbox.start("plan --watch --json");
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(watching.child().stdout.take().unwrap()));
    lines.next().unwrap().unwrap();
    put(&shared, "models/countries_named.ff.sql", "select 5 as id, 'x' as name\n");
    let second = lines.find(|line| line.as_ref().is_ok_and(|line| line.contains("countries_named.ff")));
    assert!(second.is_some(), "the edit isn't told");
    watching.signal(nix::sys::signal::Signal::SIGINT);
    watching.end();
}

#[test]
fn python_of_a_package_imports_from_its_folder() {
    let (sandbox, shared) = shop();
    let model = "from fastflowtransform import model, var\nfrom lib import twice\n\n\n\
                 @model(name='doubled')\ndef build():\n    return [{'n': twice(int(var('most')))}]\n";
    put(&shared, "models/doubled.ff.py", model);
    sandbox.fft("deps").expect(0);
    sandbox.fft("run --select doubled").expect(0).says("1 built");
    assert_eq!(sandbox.query(".local/story.duckdb", "select n from analytics.doubled"), ["4"]);
    put(&shared, "lib.py", "def twice(value):\n    return 3 * value\n");
    sandbox.fft("run --select doubled").expect(0).says("1 built").says("lib.py");
    put(&shared, "lib.py", "def twice(value):\n    return 1 / 0\n");
    sandbox.fft("run --select doubled").expect(1).says("../shared/lib.py:2");
}
