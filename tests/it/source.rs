//! Data that fft doesn't build, where a story can't go: other working folders, moved projects, files that change while
//! they are read, and what is written of all that.

use crate::project::{FFT, Ran, Sandbox, copy, query};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// A project with a view over files, a table over that, and a table that names a file itself.
fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("raw/a.csv", "id\n1\n");
    sandbox
        .write("sources.yml", "version: 2\nsources:\n  - name: raw\n    tables: [{name: a, location: 'raw/*.csv'}]\n");
    sandbox.write("models/v.ff.sql", "{{ config(materialized='view') }}\nselect id from {{ source('raw', 'a') }}\n");
    sandbox.write("models/t.ff.sql", "select max(id) as id from {{ ref('v') }}\n");
    sandbox.write("models/own.ff.sql", "select max(id) as id from read_csv('raw/a.csv')\n");
    sandbox
}

fn artifact(root: &Path, name: &str) -> Value {
    let text = fs::read_to_string(root.join(".fastflowtransform/target").join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn paths_count_from_the_project_wherever_fft_is_started() {
    let sandbox = project();
    // What a reader of paths from elsewhere would find.
    sandbox.write("elsewhere/raw/a.csv", "id\n666\n");
    fs::create_dir_all(sandbox.path("models/deep")).unwrap();
    for (folder, argument) in [("elsewhere", ".."), ("models/deep", ""), ("", "")] {
        let mut command = sandbox.command(FFT);
        command.current_dir(sandbox.path(folder)).args(["run", "--full-refresh"]);
        command.args((!argument.is_empty()).then_some(argument));
        Ran::of(command).expect(0);
        let rows = |relation: &str| {
            query(&sandbox.path(".local/story.duckdb"), &format!("select id from analytics.{relation}"))
        };
        assert_eq!([rows("v"), rows("t"), rows("own")], [["1"], ["1"], ["1"]], "from {folder}");
    }
    // The next run, from another folder again, finds all of it as it was.
    sandbox.fft("run").expect(0).says("3 skipped");
}

#[test]
fn paths_of_the_command_line_count_from_where_one_stands() {
    let sandbox = project();
    sandbox.fft("run").expect(0);
    let run = |folder: &str, arguments: &[&str]| {
        let mut command = sandbox.command(FFT);
        command.current_dir(sandbox.path(folder)).args(arguments);
        Ran::of(command)
    };
    fs::create_dir_all(sandbox.path("elsewhere")).unwrap();
    fs::copy(sandbox.path(".fastflowtransform/target/manifest.json"), sandbox.path("elsewhere/old.json")).unwrap();
    run("elsewhere", &["diff", "old.json", "latest", ".."]).expect(0);
    run("elsewhere", &["explain", "t", "..", "--against", "old.json"]).expect(0);
    run("elsewhere", &["docs", "build", "..", "--out", "pages"]).expect(0);
    assert!(sandbox.path("elsewhere/pages/index.html").exists());
}

#[test]
fn no_artifact_tells_where_the_project_is() {
    let sandbox = project();
    sandbox.fft("run").expect(0);
    let root = sandbox.root().to_string_lossy().into_owned();
    for folder in [".fastflowtransform", "site"] {
        for entry in walkdir::WalkDir::new(sandbox.path(folder)) {
            let entry = entry.unwrap();
            if entry.file_type().is_file() {
                let bytes = fs::read(entry.path()).unwrap();
                let text = String::from_utf8_lossy(&bytes);
                assert!(!text.contains(&root), "{}", entry.path().display());
            }
        }
    }
    let manifest = artifact(sandbox.root(), "manifest.json");
    assert_eq!(manifest["sources"]["raw.a"]["watch"]["how"], "files");
    assert_eq!(manifest["sources"]["raw.a"]["location"], serde_json::json!(["raw/*.csv"]));
    assert!(manifest["nodes"]["v.ff"]["compiled"].as_str().unwrap().contains("'raw/*.csv'"));
    sandbox.fft("render v").expect(0).says("'raw/*.csv'");
}

#[test]
fn no_artifact_tells_the_password_of_a_url() {
    let sandbox = project();
    let declared = sandbox.read("sources.yml");
    let url = "https://me:hunter2-hunter2@127.0.0.1:9/x.csv";
    sandbox.write(
        "sources.yml",
        &format!("{declared}      - {{name: far, location: '{url}'}}\n")
            .replace("tables: [{name: a, location: 'raw/*.csv'}]", "tables:\n      - {name: a, location: 'raw/*.csv'}"),
    );
    sandbox.write("models/far.ff.sql", "select * from {{ source('raw', 'far') }}\n");
    sandbox.fft("run --select t own").expect(0);
    sandbox.fft("plan").expect(0).says("not watched: raw.far (it is read from https://127.0.0.1:9)");
    sandbox.fft("render far").expect(0).says("https://me:***@127.0.0.1:9/x.csv");
    for folder in [".fastflowtransform", "site"] {
        for entry in walkdir::WalkDir::new(sandbox.path(folder)) {
            let entry = entry.unwrap();
            if entry.file_type().is_file() {
                let text = String::from_utf8_lossy(&fs::read(entry.path()).unwrap()).into_owned();
                assert!(!text.contains("hunter2"), "{}", entry.path().display());
            }
        }
    }
}

/// Of an address that lets in whoever knows it, the part that does so is nowhere.
#[test]
fn no_artifact_tells_the_token_in_the_query_of_a_url() {
    //: A password inside a URL, or a [token among its parameters](sources.md#addresses), is removed before the URL is hashed or
    //: shown.
    let sandbox = project();
    let sources = |signed: &str, key: &str| {
        let azure = format!("https://127.0.0.1:9/c/x.csv?sv=2024&se=2030&sig={signed}%3D");
        let amazon = format!("https://127.0.0.1:9/{key}/y.csv?X-Amz-Date=1&X-Amz-Signature={signed}&token={signed}");
        sandbox.write(
            "sources.yml",
            &format!(
                "version: 2\nsources:\n  - name: raw\n    tables:\n      - {{name: a, location: 'raw/*.csv'}}\n      \
                 - {{name: far, location: ['{azure}', '{amazon}'], format: csv}}\n"
            ),
        );
    };
    sources("canary-canary-1", "y");
    sandbox.write("models/far.ff.sql", "{{ config(materialized='view') }}\nselect * from {{ source('raw', 'far') }}\n");
    sandbox.write("models/named.ff.sql", "select * from {{ source('raw', 'far') }}\n");
    let mut said = String::new();
    for (arguments, code) in [
        ("run --select t own", 0),
        ("plan", 0),
        ("plan --json", 0),
        ("render far", 0),
        ("explain far", 0),
        ("ls --json", 0),
        ("run --select named --keep-going", 1),
        ("explain named", 0),
        ("verify", 0),
    ] {
        let ran = sandbox.fft(arguments).expect(code);
        said += &format!("{}{}", ran.stdout, ran.stderr);
    }
    assert!(said.contains("x.csv?sv=2024&se=2030&sig=***'"), "{said}");
    assert!(said.contains("y.csv?X-Amz-Date=1&X-Amz-Signature=***&token=***'"), "{said}");
    assert!(!said.contains("canary"), "{said}");
    for folder in [".fastflowtransform", "site"] {
        for entry in walkdir::WalkDir::new(sandbox.path(folder)) {
            let entry = entry.unwrap();
            if entry.file_type().is_file() {
                let text = String::from_utf8_lossy(&fs::read(entry.path()).unwrap()).into_owned();
                assert!(!text.contains("canary"), "{}", entry.path().display());
            }
        }
    }
    //: A password inside a URL, or a [token among its parameters](sources.md#addresses), is removed before the URL is hashed or
    //: shown.
    // Another token is the same source, another path isn't.
    let fingerprint = || artifact(sandbox.root(), "manifest.json")["nodes"]["far.ff"]["fingerprint"]["value"].clone();
    let first = fingerprint();
    sources("canary-canary-2", "y");
    sandbox.fft("run --select t own").expect(0);
    assert_eq!(fingerprint(), first);
    sources("canary-canary-2", "z");
    sandbox.fft("run --select t own").expect(0);
    assert_ne!(fingerprint(), first);
}

/// `~/` is another folder for each user: what is recorded says `~/`, and two machines decide alike.
#[test]
fn what_is_recorded_does_not_tell_the_users_own_folder() {
    let fingerprints: Vec<Value> = ["ada-lovelace", "grace-hopper"]
        .map(|user| {
            let mut sandbox = Sandbox::new();
            let home = sandbox.path(&format!("homes/{user}"));
            sandbox.set("HOME", &home.to_string_lossy());
            for (path, text) in [("raw/a.csv", "id\n1\n"), ("raw/b.csv", "id\n2\n"), ("own.csv", "id\n3\n")] {
                sandbox.write(&format!("homes/{user}/{path}"), text);
            }
            sandbox.query(&format!("homes/{user}/more.duckdb"), "create table t as select 4 as id");
            sandbox.write("work/project.yml", "name: story\nversion: '1.0'\n");
            sandbox.write(
                "work/profiles.yml",
                "dev:\n  engine: duckdb\n  duckdb:\n    path: ~/data/story.duckdb\n    db_schema: analytics\n    \
                 attach: [{path: ~/more.duckdb, alias: more, read_only: true}]\n",
            );
            sandbox.write(
                "work/sources.yml",
                "version: 2\nsources:\n  - name: raw\n    tables:\n      - {name: a, location: '~/raw/*.csv'}\n      \
                 - {name: t, identifier: t, catalog: more, schema: main}\n",
            );
            sandbox.write("work/models/a.ff.sql", "select max(id) as id from {{ source('raw', 'a') }}\n");
            sandbox.write("work/models/own.ff.sql", "select id from read_csv('~/own.csv')\n");
            sandbox.write("work/models/t.ff.sql", "select id from {{ source('raw', 't') }}\n");
            sandbox.write(
                "work/models/v.ff.sql",
                "{{ config(materialized='view') }}\nselect count(*) as n from {{ source('raw', 'a') }}\n",
            );
            let run = |sandbox: &Sandbox, folder: &str| {
                let mut command = sandbox.command(FFT);
                command.current_dir(sandbox.path(folder)).args(["run", &sandbox.path("work").to_string_lossy()]);
                Ran::of(command)
            };
            run(&sandbox, "work").expect(0).says("4 built");
            // One database and one cache, wherever one stands.
            run(&sandbox, "homes").expect(0).says("0 built");
            let database = format!("homes/{user}/data/story.duckdb");
            for (table, id) in [("a", "2"), ("own", "3"), ("t", "4")] {
                assert_eq!(sandbox.query(&database, &format!("select id from analytics.{table}")), [id]);
            }
            sandbox.write(&format!("homes/{user}/raw/c.csv"), "id\n9\n");
            run(&sandbox, "work").expect(0).says("source data changed: raw.a (+ ~/raw/c.csv)");
            for entry in walkdir::WalkDir::new(sandbox.path("work")) {
                let entry = entry.unwrap();
                assert!(entry.file_name() != "~", "{}", entry.path().display());
                if entry.file_type().is_file() {
                    let text = String::from_utf8_lossy(&fs::read(entry.path()).unwrap()).into_owned();
                    assert!(!text.contains(user), "{}", entry.path().display());
                }
            }
            let nodes = artifact(&sandbox.path("work"), "manifest.json")["nodes"].clone();
            let value = |(name, node): (&String, &Value)| (name.clone(), node["fingerprint"]["value"].clone());
            nodes.as_object().unwrap().iter().map(value).collect::<serde_json::Map<_, _>>().into()
        })
        .into();
    assert_eq!(fingerprints[0], fingerprints[1]);
}

#[test]
fn a_view_of_another_folders_files_is_made_anew() {
    let sandbox = project();
    sandbox.fft("run").expect(0);
    let moved = Sandbox::empty();
    copy(sandbox.root(), moved.root());
    for folder in [".local", ".fastflowtransform"] {
        fs::create_dir_all(moved.path(folder)).unwrap();
        let mut files = walkdir::WalkDir::new(sandbox.path(folder)).into_iter().map(Result::unwrap);
        files.by_ref().filter(|entry| entry.file_type().is_file()).for_each(|entry| {
            let target = moved.root().join(entry.path().strip_prefix(sandbox.root()).unwrap());
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::copy(entry.path(), target).unwrap();
        });
    }
    // The copy's files are the same: only the view's own paths lead elsewhere.
    moved.fft("run").expect(0).says("it reads the files of another folder");
    let rows = moved.rows();
    assert_eq!(rows["v.ff"].primary_code, "relation_foreign");
    assert_eq!([&rows["t.ff"].status, &rows["own.ff"].status], ["skipped", "skipped"]);
    fs::remove_dir_all(sandbox.path("raw")).unwrap();
    assert_eq!(moved.query(".local/story.duckdb", "select id from analytics.v"), ["1"]);
}

#[test]
fn a_folder_with_wildcards_in_its_name_means_itself() {
    let parent = Sandbox::empty();
    let root = parent.path("a[b]*'c");
    fs::create_dir_all(&root).unwrap();
    copy(project().root(), &root);
    let run = || {
        let mut command = parent.command(FFT);
        command.current_dir(&root).arg("run");
        Ran::of(command).expect(0)
    };
    run();
    fs::write(root.join("raw/b.csv"), "id\n9\n").unwrap();
    run().says("+ raw/b.csv");
    assert_eq!(query(&root.join(".local/story.duckdb"), "select id from analytics.t"), ["9"]);
}

#[test]
fn an_untouched_file_is_not_read_again() {
    let sandbox = project();
    sandbox.fft("run").expect(0);
    // A file that was written just now may yet change within the same moment: it is known once its times lie behind.
    let index = sandbox.path(".fastflowtransform/files.json");
    let mut known: Value = serde_json::from_str(&fs::read_to_string(&index).unwrap()).unwrap();
    let entry = &mut known["raw/a.csv"];
    let later = entry["read_at"].as_i64().unwrap() + 60_000_000_000;
    entry["read_at"] = later.into();
    // A wrong digest shows whether the record is believed.
    entry["digest"] = "0".repeat(64).into();
    fs::write(&index, known.to_string()).unwrap();
    sandbox.fft("plan").expect(0).says("source data changed: raw.a");
    let text = fs::read_to_string(sandbox.path("raw/a.csv")).unwrap();
    fs::write(sandbox.path("raw/a.csv"), text).unwrap();
    sandbox.fft("plan").expect(0).says("3 to skip");
}

#[test]
fn a_file_that_changes_while_it_is_read_is_not_recorded() {
    let sandbox = project();
    sandbox.write("models/slow.ff.sql", "select sum(hash(range)) % 10 as x from range(40_000_000)\n");
    sandbox.write(
        "models/own.ff.sql",
        "select max(id) as id from read_csv('raw/a.csv') where id > (select min(x) - 10 from {{ ref('slow') }})\n",
    );
    fs::remove_file(sandbox.path("models/v.ff.sql")).unwrap();
    fs::remove_file(sandbox.path("models/t.ff.sql")).unwrap();
    let run = sandbox.start("run --jobs 1");
    // The plan is made before the first node; the file changes before its reader's turn.
    let index = sandbox.path(".fastflowtransform/files.json");
    while !index.exists() {
        std::thread::yield_now();
    }
    fs::write(sandbox.path("raw/a.csv"), "id\n2\n").unwrap();
    run.end().expect(1).says("raw/a.csv changed while it was read");
    assert!(query(&sandbox.path(".local/story.duckdb"), "from duckdb_tables() where table_name = 'own'").is_empty());
    fs::write(sandbox.path("raw/a.csv"), "id\n1\n").unwrap();
    sandbox.fft("run").expect(0);
    assert_eq!(sandbox.query(".local/story.duckdb", "select id from analytics.own"), ["1"]);
}

#[test]
fn artifacts_tell_of_the_profile_that_ran_last() {
    let sandbox = project();
    let profile = |name: &str| {
        format!("{name}:\n  engine: duckdb\n  duckdb: {{path: .local/{name}.duckdb, db_schema: s_{name}}}\n")
    };
    sandbox.write("profiles.yml", &(profile("one") + &profile("two")));
    for (name, action) in [("one", "3 built"), ("two", "3 built"), ("one", "3 skipped"), ("two", "3 skipped")] {
        sandbox.fft(&format!("run --env {name}")).expect(0).says(action);
        let catalog = artifact(sandbox.root(), "catalog.json");
        assert_eq!(catalog["metadata"]["profile"], name);
        assert_eq!(catalog["nodes"]["t.ff"]["relation"], format!("{name}.s_{name}.t"));
        let manifest = artifact(sandbox.root(), "manifest.json");
        assert_eq!(manifest["metadata"]["profile"], name);
    }
}

#[test]
fn the_page_of_sources_tells_where_each_is_and_how_it_is_watched() {
    let sandbox = project();
    sandbox.write("seeds/seed_buckets.csv", "id\n1\n");
    sandbox.write(
        "sources.yml",
        "version: 2\nsources:\n  - name: raw\n    tables:\n      - {name: a, location: 'raw/*.csv'}\n      \
         - {name: buckets, identifier: seed_buckets}\n      - {name: own, schema: information_schema, identifier: tables}\n",
    );
    sandbox.write("models/own.ff.sql", "select count(*) as n from {{ source('raw', 'own') }}\n");
    sandbox.fft("run").expect(0);
    let sources = artifact(sandbox.root(), "manifest.json")["sources"].clone();
    // Nothing reads it, and it is the seed all the same.
    assert_eq!(sources["raw.buckets"]["provided_by"], "seed_buckets");
    assert_eq!(sources["raw.own"]["watch"]["how"], Value::Null);
    let page = sandbox.read("site/dag/sources.html");
    for told in ["raw/*.csv", "by the content of its files", "by the seed’s file", "not watched: it tells what is in"]
    {
        assert!(page.contains(told), "`{told}` isn't told:\n{page}");
    }
    let own = &sandbox.rows()["own.ff"].whole["decision"]["unwatched"][0];
    assert_eq!((own["name"].as_str(), own["through"].as_str()), (Some("raw.own"), None));
}
