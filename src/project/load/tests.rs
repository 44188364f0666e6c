//! Whole projects in memory: the happy path, and that all problems come together.

use super::super::Language;
use super::*;
use crate::world::{MemoryWorld, OsWorld};
use serde_json::json;

fn project() -> MemoryWorld {
    MemoryWorld::new()
        .file("/p/project.yml", "name: demo\nversion: '1.0'\nvars: {a: project, b: project, c: project}\nfingerprint: {env: {expose: [FF_REGION]}}\n")
        .file("/p/profiles.yml", "dev_duckdb:\n  engine: duckdb\n  duckdb:\n    path: \"{{ env('FF_PATH', '.local/dev.db') }}\"\n    schema: main\n  vars: {b: profile, c: profile}\n")
        .file("/p/.env.dev_duckdb", "FF_REGION=eu\nFF_API_KEY=k-12345\n")
        .file("/p/sources.yml", "version: 2\nsources:\n  - name: raw\n    tables:\n      - name: users\n        identifier: seed_users\n")
        .file("/p/budgets.yml", "query_limits: {duckdb: {max_bytes: 1GB}}\n")
        .file("/p/models/staging/stg_users.ff.sql", "select * from {{ source('raw', 'users') }}")
        .file("/p/models/python/py_constants.ff.py", "x = 1\n")
        .file("/p/models/macros/strings.sql", "{% macro clean(x) %}{% endmacro %}")
        .file("/p/models/schema.yml", "models:\n  - name: stg_users.ff\n    description: Users\n")
        .file("/p/seeds/seed_users.csv", "id\n1\n")
        .file("/p/seeds/schema.yml", "seeds: [{name: seed_users, columns: {id: integer}}]\n")
}

fn problems(world: &MemoryWorld) -> Vec<String> {
    let found = load(world, Path::new("/p"), &LoadOptions::default()).expect_err("the project is wrong");
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn a_whole_project_is_loaded() {
    let options =
        LoadOptions { vars: BTreeMap::from([("c".to_string(), json!("command line"))]), ..LoadOptions::default() };
    let world = project();
    let loaded = load(&world, Path::new("/p"), &options).unwrap();
    assert_eq!(loaded.settings.name, "demo");
    assert_eq!((&*loaded.profile.name, &*loaded.profile.engine), ("dev_duckdb", "duckdb"));
    assert_eq!(loaded.profile.settings, json!({"path": ".local/dev.db", "schema": "main"}));
    assert_eq!(json!(loaded.vars), json!({"a": "project", "b": "profile", "c": "command line"}));
    assert_eq!(loaded.env.get("FF_REGION"), Some("eu"));
    assert!(loaded.env.vars["FF_REGION"].exposed && loaded.env.vars["FF_API_KEY"].secret);
    let models: Vec<_> = loaded.models.iter().map(|model| (&*model.path, model.language)).collect();
    assert_eq!(
        models,
        [("models/python/py_constants.ff.py", Language::Python), ("models/staging/stg_users.ff.sql", Language::Sql)]
    );
    assert_eq!(loaded.macros[0].path, "models/macros/strings.sql");
    assert_eq!(loaded.seeds[0].path, "seeds/seed_users.csv");
    assert_eq!(loaded.sources[&("raw".into(), "users".into())].identifier, "seed_users");
    assert_eq!(loaded.properties["stg_users.ff"].description.as_deref(), Some("Users"));
    assert_eq!(loaded.budgets.query_limits["duckdb"].max_bytes, 1 << 30);
    assert!(!format!("{:?}", loaded.env).contains("k-12345"));
}

#[test]
fn the_checkout_path_shows_nowhere_in_the_seeds() {
    let world = project().file("/p/.local/seeds/seed_users.csv", "id\n1\n2\n").var("FFT_SEEDS_DIR", "/p/.local/seeds");
    let loaded = load(&world, Path::new("/p"), &LoadOptions::default()).unwrap();
    assert_eq!(loaded.seeds[0].path, "seeds/seed_users.csv");
    assert_eq!(loaded.seeds[0].columns, [("id".to_string(), "integer".to_string())]);
}

#[test]
fn the_root_is_the_nearest_folder_upward() {
    let world = project();
    assert_eq!(find_root(&world, Path::new("/p/models/staging")), Some("/p".into()));
    assert_eq!(find_root(&world, Path::new("/elsewhere")), None);
}

#[test]
fn without_project_yml_there_is_no_project() {
    assert_eq!(
        problems(&MemoryWorld::new()),
        [
            "error[no-project]: no project.yml in /p\n  --> project.yml\n  hint: name the project's folder, or make one with `fft init`"
        ]
    );
}

#[test]
fn the_problems_of_all_files_come_together() {
    let world = project()
        .file("/p/project.yml", "name: demo\nmodel_dir: m\nvarz: {}\n")
        .file("/p/.env", "nonsense\n")
        .file("/p/sources.yml", "version: 2\nversion: 2\nsources: []\n")
        .file("/p/budgets.yml", "totl: {}\n")
        .file("/p/models/bad.ff.sql", b"\xff")
        .file("/p/models/schema.yml", "models: [\n")
        .file("/p/seeds/schema.yml", "seed: []\n");
    let found = problems(&world);
    let codes: Vec<_> = found.iter().map(|problem| problem.lines().take(2).collect::<Vec<_>>().join("")).collect();
    let expected = [
        "error[unknown-key]: unknown key `model_dir` in project.yml  --> project.yml:2:1",
        "error[unknown-key]: unknown key `varz` in project.yml  --> project.yml:3:1",
        "error[bad-dotenv]: a line without `=`  --> .env:1",
        "warning: `version` is set twice, first at sources.yml:1:1; the last one counts  --> sources.yml:2:1",
        "error[unknown-key]: unknown key `totl` in budgets.yml  --> budgets.yml:1:1",
        "error[not-utf-8]: models/bad.ff.sql is not UTF-8 text  --> models/bad.ff.sql:1",
        "error[yaml-syntax]",
        "error[unknown-key]: unknown key `seed` in seeds/schema.yml  --> seeds/schema.yml:1:1",
    ];
    assert_eq!(codes.len(), expected.len(), "{codes:#?}");
    for (code, expected) in codes.iter().zip(expected) {
        assert!(code.starts_with(expected), "{code}\n{expected}");
    }
    assert!(found[1].ends_with("hint: did you mean `vars`?"), "{}", found[1]);
}

#[test]
fn a_password_in_any_file_is_not_shown() {
    let url = "postgres://u:hunter2@h/db";
    let world = project()
        .file("/p/sources.yml", format!("version: 2\nsources:\n  - name: raw\n    locatio: {url}\n"))
        .file("/p/budgets.yml", format!("total: {{rows: {{warn: \"{url}\"}}}}\n"));
    let found = problems(&world);
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|problem| problem.contains("postgres://u:***@h/db")), "{found:?}");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a real folder")]
fn a_project_on_disk_is_loaded_like_one_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let (memory, disk) = (project(), OsWorld::new());
    for entry in memory.walk(Path::new("/p")).unwrap() {
        let path = folder.path().join(entry.path.strip_prefix("/p").unwrap());
        disk.write(&path, &memory.read(&entry.path).unwrap()).unwrap();
    }
    let options = LoadOptions { profile: Some("dev_duckdb".into()), ..LoadOptions::default() };
    let left = load(&memory, Path::new("/p"), &options).unwrap();
    let right = load(&disk, folder.path(), &options).unwrap();
    let shown = |project: &Project| {
        let seeds: Vec<_> = project.seeds.iter().map(|seed| (seed.path.clone(), seed.size)).collect();
        (project.models.clone(), project.macros.clone(), seeds, project.profile.clone(), project.sources.clone())
    };
    assert_eq!(shown(&left), shown(&right));
    assert_eq!(right.env.get("FF_REGION"), Some("eu"));
}
