//! Wherever a project stands, however its folder is spelled and wherever one stands: one cache, one database, the same
//! decisions. And files in it that are no files of it.

use crate::project::{FFT, Ran, Sandbox, snapshot};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

fn shop() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("seeds/people.csv", "id,name\n1,Ada\n");
    sandbox.write("models/m.ff.sql", "{{ config(materialized='table') }}\nselect * from {{ ref('people') }}\n");
    sandbox
}

/// fft with `arguments` behind the project's folder as it is spelled, from the folder `from`.
fn from(sandbox: &Sandbox, from: &Path, verb: &str, spelled: &str) -> Ran {
    let mut command = sandbox.command(FFT);
    command.current_dir(from).arg(verb).env("PWD", from);
    if !spelled.is_empty() {
        command.arg(spelled);
    }
    Ran::of(command)
}

#[test]
fn every_way_to_the_folder_is_the_same_project() {
    let sandbox = shop();
    let parent = sandbox.root().parent().unwrap().to_path_buf();
    fs::create_dir_all(parent.join("other/deep")).unwrap();
    symlink(sandbox.root(), parent.join("link")).unwrap();
    symlink(parent.join("other/deep"), parent.join("far")).unwrap();
    sandbox.fft("run").expect(0).says("2 built");
    let cache = sandbox.cache_file();
    let root = sandbox.root().to_str().unwrap().to_string();
    for (start, spelled) in [
        (parent.as_path(), "project"),
        (&parent, "./project/"),
        (&parent, "other/../project"),
        (&parent, "project/models/.."),
        (&parent, "link"),
        (&parent, "link/../project/./"),
        // Behind a link, `..` is above where the link leads.
        (&parent, "far/../../project"),
        (&parent.join("other"), "../project"),
        (&parent.join("other/deep"), "../../link"),
        (Path::new("/"), &root),
        (&sandbox.path("models"), ""),
        (&sandbox.path("seeds"), ".."),
        (&parent.join("link/models"), ""),
    ] {
        let ran = from(&sandbox, start, "run", spelled).expect(0);
        assert!(ran.stdout.contains("0 built · 2 skipped"), "{spelled} from {}: {}", start.display(), ran.stdout);
        assert_eq!(sandbox.cache_file(), cache, "{spelled} from {}", start.display());
        from(&sandbox, start, "verify", spelled).expect(0);
    }
    assert!(!parent.join("other/.fastflowtransform").exists() && !parent.join(".fastflowtransform").exists());
}

#[test]
fn a_path_of_the_profile_may_be_spelled_in_any_way() {
    let sandbox = shop();
    let parent = sandbox.root().parent().unwrap().to_path_buf();
    symlink(sandbox.root(), parent.join("link")).unwrap();
    sandbox.fft("run").expect(0).says("2 built");
    let root = sandbox.root().display().to_string();
    for path in [
        "./.local/story.duckdb".to_string(),
        ".local/../.local/story.duckdb".into(),
        "../project/.local/story.duckdb".into(),
        format!("{root}/.local/story.duckdb"),
        format!("{}/link/.local/story.duckdb", parent.display()),
        "{{ project_dir() }}/.local/story.duckdb".into(),
    ] {
        let profile = format!("dev:\n  engine: duckdb\n  duckdb:\n    path: \"{path}\"\n    db_schema: analytics\n");
        sandbox.write("profiles.yml", &profile);
        let ran = sandbox.fft("run").expect(0);
        assert!(ran.stdout.contains("0 built · 2 skipped"), "{path}: {}", ran.stdout);
        sandbox.cache_file();
    }
}

#[test]
fn a_project_may_be_moved_and_copied() {
    for path in [".local/story.duckdb", "../data/story.duckdb"] {
        let sandbox = shop();
        let parent = sandbox.root().parent().unwrap().to_path_buf();
        let profile = format!("dev:\n  engine: duckdb\n  duckdb:\n    path: {path}\n    db_schema: analytics\n");
        sandbox.write("profiles.yml", &profile);
        sandbox.fft("run").expect(0).says("2 built");
        fs::create_dir(parent.join("elsewhere")).unwrap();
        let status = |command: &mut Command| assert!(command.status().unwrap().success());
        status(Command::new("cp").arg("-a").arg(sandbox.root()).arg(parent.join("elsewhere/copy")));
        if parent.join("data").exists() {
            status(Command::new("cp").arg("-a").arg(parent.join("data")).arg(parent.join("elsewhere/data")));
        }
        let copy = parent.join("elsewhere/copy");
        assert!(from(&sandbox, &copy, "run", "").expect(0).stdout.contains("0 built · 2 skipped"), "{path}");
        fs::rename(sandbox.root(), parent.join("moved")).unwrap();
        let ran = from(&sandbox, &parent, "run", "moved").expect(0);
        assert!(ran.stdout.contains("0 built · 2 skipped"), "{path}: {}", ran.stdout);
    }
}

#[test]
fn a_database_outside_may_stay_where_it_is() {
    let sandbox = shop();
    let parent = sandbox.root().parent().unwrap().to_path_buf();
    let profile = format!(
        "dev:\n  engine: duckdb\n  duckdb:\n    path: {}/data/story.duckdb\n    db_schema: analytics\n",
        parent.display()
    );
    sandbox.write("profiles.yml", &profile);
    sandbox.fft("run").expect(0).says("2 built");
    fs::rename(sandbox.root(), parent.join("moved")).unwrap();
    from(&sandbox, &parent, "run", "moved").expect(0).says("0 built · 2 skipped");
}

#[test]
fn the_records_may_be_kept_elsewhere() {
    let mut sandbox = shop();
    let parent = sandbox.root().parent().unwrap().to_path_buf();
    let database = parent.join("warehouse.duckdb");
    let profile = "dev:\n  engine: duckdb\n  duckdb:\n    path: \"{{ env('SHOP_DB') }}\"\n    db_schema: analytics\n";
    sandbox.write("profiles.yml", profile);
    let before = snapshot(sandbox.root());
    let state = parent.join("state");
    sandbox.set("SHOP_DB", database.to_str().unwrap());
    sandbox.set("FFT_STATE_DIR", state.to_str().unwrap());
    sandbox.fft("plan").expect(0).says("2 to build");
    sandbox.fft("run").expect(0).says("2 built");
    sandbox.fft("run").expect(0).says("0 built · 2 skipped");
    sandbox.fft("explain m.ff").expect(0).says("all");
    sandbox.fft("history").expect(0).says("2 built");
    sandbox.fft("history show latest -v").expect(0).says("m.ff");
    sandbox.fft("diff latest~1 latest").expect(0);
    sandbox.fft("verify").expect(0).says("all of it agrees");
    sandbox.fft("docs build").expect(0);
    assert!(state.join("target/run_results.json").exists());
    assert!(state.join("docs/site/dag/index.html").exists());
    assert!(before == snapshot(sandbox.root()), "nothing in the project's folder is written");
    for made in [".fastflowtransform", ".local", "site"] {
        assert!(!sandbox.path(made).exists(), "{made}");
    }
    // Another project, and another checkout of this one, are kept off.
    let status = Command::new("cp").arg("-a").arg(sandbox.root()).arg(parent.join("other")).status().unwrap();
    assert!(status.success());
    from(&sandbox, &parent, "run", "other").expect(2).says("holds the records of the project in");
    fs::rename(sandbox.root(), parent.join("moved")).unwrap();
    from(&sandbox, &parent, "run", "moved").expect(0).says("0 built · 2 skipped");
    from(&sandbox, &parent, "clean", "moved").expect(0);
    assert!(!state.exists() && parent.join("moved/models/m.ff.sql").exists());
    // A folder that holds something else is none to keep records in, nor to clean.
    fs::create_dir(&state).unwrap();
    fs::write(state.join("letter.txt"), "dear").unwrap();
    for verb in ["run", "clean", "plan"] {
        from(&sandbox, &parent, verb, "moved").expect(2).says("holds files that aren't fft's");
    }
    assert!(state.join("letter.txt").exists());
}

#[test]
fn a_projects_files_dont_choose_where_the_machine_is_written() {
    let mut sandbox = shop();
    sandbox.write(".env", "FFT_STATE_DIR=/tmp/anywhere\n");
    let ran = sandbox.fft("run").expect(2).says("FFT_STATE_DIR counts only in the environment that fft is started in");
    assert!(ran.stderr.contains("--> .env"), "{}", ran.stderr);
    sandbox.write(".env", "");
    let parent = sandbox.root().parent().unwrap().to_path_buf();
    symlink(&parent, sandbox.path("up")).unwrap();
    for dir in [parent.join("pages").to_str().unwrap(), "../pages", "site/../../pages", "up/pages"] {
        sandbox.write("project.yml", &format!("name: story\ndocs:\n  dag_dir: {dir}\n"));
        for verb in ["run", "docs build", "clean"] {
            let ran = sandbox.fft(verb).expect(2);
            let told = "error[outside-project]: `docs.dag_dir` leads out of the project's folder";
            assert!(ran.stderr.contains(told) && ran.stderr.contains("--> project.yml:3:12"), "{dir}: {}", ran.stderr);
        }
        assert!(!parent.join("pages").exists() && !sandbox.path(".local").exists());
    }
    // The machine's own word counts.
    sandbox.set("FFT_DOCS_DIR", parent.join("pages").to_str().unwrap());
    sandbox.fft("run").expect(0).says("2 built");
    assert!(parent.join("pages/index.html").exists());
}

#[test]
fn what_editors_and_systems_leave_behind_is_no_part_of_the_project() {
    let sandbox = shop();
    symlink("me@host.1:2", sandbox.path("models/.#m.ff.sql")).unwrap();
    let odd = b"\x00\x05\x16\x07\x00\xff";
    for path in ["models/._m.ff.sql", "models/._p.yml", "seeds/._s.csv", "models/#m.ff.sql#", "models/m.ff.sql~"] {
        fs::write(sandbox.path(path), odd).unwrap();
    }
    for path in
        ["models/.m.ff.sql.swp", "seeds/Thumbs.db", "models/.DS_Store", "seeds/~$people.csv", "models/m.ff.sql.orig"]
    {
        fs::write(sandbox.path(path), odd).unwrap();
    }
    let ran = sandbox.fft("run").expect(0).says("2 built");
    assert!(!ran.stderr.contains("warning"), "{}", ran.stderr);
}

#[test]
fn what_is_no_file_is_named_and_never_opened() {
    let fifo = |path: &Path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    let sandbox = shop();
    fs::remove_file(sandbox.path("project.yml")).unwrap();
    fifo(&sandbox.path("project.yml"));
    for verb in ["run", "plan", "ls", "clean"] {
        let ran = sandbox.fft(verb).expect(2);
        assert!(
            ran.stderr.contains("project.yml can't be read: it is a named pipe and no file"),
            "{verb}: {}",
            ran.stderr
        );
    }
    let sandbox = shop();
    symlink("nowhere.sql", sandbox.path("models/gone.ff.sql")).unwrap();
    symlink("loop.ff.sql", sandbox.path("models/loop.ff.sql")).unwrap();
    fifo(&sandbox.path("models/pipe.ff.sql"));
    fifo(&sandbox.path("seeds/pipe.csv"));
    fs::create_dir(sandbox.path("models/folder.ff.sql")).unwrap();
    let ran = sandbox.fft("run").expect(2);
    for told in [
        "models/gone.ff.sql is a link that leads to no file",
        "models/loop.ff.sql is a link that leads to no file",
        "models/pipe.ff.sql is a named pipe and no file",
        "seeds/pipe.csv is a named pipe and no file",
        "warning: models/folder.ff.sql is a folder and no file",
    ] {
        assert!(ran.stderr.contains(told), "{told}: {}", ran.stderr);
    }
    assert!(!ran.stderr.contains(sandbox.root().to_str().unwrap()), "{}", ran.stderr);
    assert!(!sandbox.path(".local").exists(), "nothing is built");
}

#[test]
fn a_variable_that_is_no_text_is_never_taken_for_unset() {
    let sandbox = shop();
    sandbox.write("models/city.ff.sql", "select '{{ env('CITY', 'none') }}' as x\n");
    let run = |name: &str| {
        let mut command = sandbox.command(FFT);
        command.arg("run").env(name, std::ffi::OsStr::from_bytes(b"caf\xe9"));
        Ran::of(command)
    };
    run("FF_CITY").expect(2).says("the value of environment variable `FF_CITY` is not UTF-8 text");
    let ran = run("CITY").expect(2).says("the value of environment variable `CITY` is not UTF-8 text");
    assert!(ran.stderr.contains("--> models/city.ff.sql:1:12"), "{}", ran.stderr);
    run("UNREAD").expect(0);
    sandbox.write("models/city.ff.sql", "select 1 as x\n");
    let python = "from fastflowtransform import env, model\n\n\n@model(name=\"py\", deps=[\"people\"])\n\
                  def build(people: list) -> list:\n    return [{\"x\": env(\"CITY\", \"none\")}]\n";
    sandbox.write("models/py.ff.py", python);
    run("CITY").expect(1).says("the value of environment variable `CITY` is not UTF-8 text");
}
