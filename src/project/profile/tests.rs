//! Choosing and reading a profile, and that nothing secret is ever shown.

use super::*;
use crate::world::MemoryWorld;

fn world(profiles: &str) -> MemoryWorld {
    MemoryWorld::new().file("/p/profiles.yml", profiles)
}

fn load_from(world: &MemoryWorld, asked: Option<&str>) -> (Loaded, Vec<String>) {
    let mut files = Files::new(world, Path::new("/p"));
    let loaded = load(&mut files, asked, None, &FingerprintSettings::default());
    (loaded, files.problems.iter().map(ToString::to_string).collect())
}

fn chosen(world: &MemoryWorld, asked: Option<&str>) -> String {
    let (loaded, problems) = load_from(world, asked);
    loaded.profile.map_or_else(|| problems.join("\n"), |profile| profile.name)
}

const TWO: &str = "dev:\n  engine: duckdb\nprod:\n  engine: postgres\n";

#[test]
fn a_profile_is_chosen_by_option_then_variable_then_default() {
    assert_eq!(chosen(&world(TWO), Some("prod")), "prod");
    assert_eq!(chosen(&world(TWO).var("FFT_ACTIVE_ENV", "prod "), None), "prod");
    assert_eq!(chosen(&world(TWO).var("FFT_ACTIVE_ENV", "prod"), Some("dev")), "dev");
    assert_eq!(chosen(&world(TWO).file("/p/.env", "FFT_ACTIVE_ENV=prod\n"), None), "prod");
    assert_eq!(chosen(&world(TWO), None), "dev");
    assert_eq!(chosen(&world("only: {engine: duckdb}\n"), None), "only");
    assert_eq!(
        chosen(&world("a: {engine: duckdb}\nb: {engine: duckdb}\n"), None),
        "error[no-profile]: several profiles, and none is chosen\n  --> profiles.yml\n  \
         hint: choose one with --env NAME or FFT_ACTIVE_ENV=NAME\n  hint: profiles: a, b"
    );
    assert_eq!(
        chosen(&world(TWO), Some("prd")),
        "error[unknown-profile]: unknown profile `prd`\n  --> profiles.yml\n  hint: did you mean `prod`?\n  hint: profiles: dev, prod"
    );
    assert!(chosen(&world(TWO).var("FFT_ACTIVE_ENV", "prd"), None).ends_with("hint: FFT_ACTIVE_ENV names it"));
    assert!(chosen(&world("# empty\n"), None).contains("profiles.yml has no profile"));
}

#[test]
fn settings_vars_and_place_are_read() {
    let text = "dev:\n  engine: duckdb\n  duckdb:\n    path: \"{{ env('FF_PATH', 'x.db') }}\"\n    threads: 4\n  vars: {n: 1}\n";
    let (loaded, problems) = load_from(&world(text).file("/p/.env.dev", "FF_PATH=y.db\n"), None);
    assert!(problems.is_empty(), "{problems:?}");
    let profile = loaded.profile.unwrap();
    assert_eq!(profile.settings, serde_json::json!({"path": "y.db", "threads": "4"}));
    assert_eq!(profile.at, Location::new("profiles.yml", 4, 5));
    assert_eq!(loaded.vars["n"], 1);
    assert_eq!(loaded.environment.vars["FF_PATH"].origin, ".env.dev");
}

#[test]
fn a_missing_variable_has_its_place_and_only_the_chosen_profile_needs_it() {
    let text = "dev:\n  engine: duckdb\n  # path: {{ env('FF_OLD') }}\npg:\n  engine: postgres\n  postgres:\n    dsn: \"{{ env('FF_DSN') }}\"\n    schema: {{ env('FF_SCHEMA') }}\n";
    let (loaded, problems) = load_from(&world(text), Some("dev"));
    assert!(problems.is_empty(), "{problems:?}");
    assert!(loaded.profile.is_some());
    let (_, problems) = load_from(&world(text), Some("pg"));
    let hint = |name| format!("set it in the environment or in .env.pg, or write env('{name}', 'default')");
    assert_eq!(
        problems,
        [
            format!(
                "error[missing-env]: environment variable `FF_DSN` is not set and has no default\n  --> profiles.yml:7:14\n     7 |     dsn: …\n  hint: {}",
                hint("FF_DSN")
            ),
            format!(
                "error[missing-env]: environment variable `FF_SCHEMA` is not set and has no default\n  --> profiles.yml:8:16\n     8 |     schema: …\n  hint: {}",
                hint("FF_SCHEMA")
            ),
        ]
    );
}

#[test]
fn slips_are_told_with_the_nearest_name() {
    let (_, problems) = load_from(&world("dev:\n  engine: duckbd\n  var: {}\n"), None);
    assert_eq!(
        problems,
        [
            "error[unknown-engine]: unknown engine `duckbd`\n  --> profiles.yml:2:11\n     2 |   engine: …\n       |           ^\n  hint: did you mean `duckdb`?\n  hint: engines: duckdb, postgres, spark, databricks, databricks_spark, bigquery, snowflake, snowflake_snowpark",
            "error[unknown-key]: unknown key `var` in profile `dev`\n  --> profiles.yml:3:3\n     3 |   var: …\n       |   ^\n  hint: did you mean `vars`?",
        ]
    );
    let (_, problems) = load_from(&world("dev:\n  engine: duckdb\n  duckdb: x.db\n"), None);
    assert!(problems[0].starts_with("error[wrong-type]: `duckdb` must be a mapping, found text"), "{problems:?}");
    let (_, problems) = load_from(&MemoryWorld::new(), None);
    assert!(problems[0].contains("the project has no profiles.yml") && problems[0].contains("engine: duckdb"));
}

#[test]
fn no_problem_shows_a_password() {
    let secret = "hunter2: [\n\"";
    for text in [
        "dev:\n  engine: postgres\n  dsn: postgres://u:hunter2@h/db\n",
        "dev:\n  engine: postgres\n  postgres: postgres://u:hunter2@h/db\n",
        "dev:\n  engine: postgres\n  postgres:\n    dsn: postgres://u:hunter2@h/db\n    dsn: postgres://u:hunter2@h/db\n",
        "dev:\n  engine: postgres\n  postgres:\n    dsn: \"postgres://u:hunter2@h/db\n",
        "dev:\n  engine: postgres\n  postgres:\n    dsn: >\n      password=hunter2\n  x\n",
        "dev:\n  engine: postgres\n  postgres:\n    - hunter2\n   - [hunter2\n",
        "dev:\n  engine: postgres\n  {{ env('FF_PASSWORD') }}: 1\n",
        "dev:\n  engine: {{ env('FF_PASSWORD') }}\n",
        "dev:\n  engine: {{ env('FF_DSN') }}\n",
        "dev:\n  engine: \"{{ env('FF_BROKEN_TOKEN') }}\n",
        "dev:\n  engine: {{ env('FF_PASSWORD') | int }}\n",
        "dev:\n  engine: {{ 'hunter2' + }}\n",
        "dev:\n  engine: postgres\n  dsn: postgres://u:hunter2@{{ env('FF_HOST') }}/db\n",
        "dev:\n  engine: postgres://u:hunter2@h/db\n",
        "dev:\n  engine: host=h password=hunter2\n",
        "dev:\n  engine: postgres\n  vars:\n    token: !hunter2\n    again: *hunter2\n",
    ] {
        let world = world(text)
            .var("FF_PASSWORD", "hunter2")
            .var("FF_BROKEN_TOKEN", secret)
            .var("FF_DSN", "postgresql+psycopg://u:hunter2@h/db");
        let (_, problems) = load_from(&world, None);
        assert!(!problems.is_empty(), "{text}");
        assert!(!problems.join("\n").contains("hunter2"), "{text}\n{}", problems.join("\n"));
    }
}

#[test]
fn profiles_may_be_wrapped_and_one_may_stand_for_others() {
    let wrapped = "profiles:\n  dev: {engine: duckdb}\n  prod: {engine: postgres, postgres: {dsn: x}}\n";
    assert_eq!(chosen(&world(wrapped), Some("prod")), "prod");
    assert_eq!(chosen(&world(wrapped), None), "dev");
    assert_eq!(chosen(&world("profiles: {engine: duckdb}\n"), None), "profiles");
    let fall_back = world("a: {engine: duckdb}\ndefault: {engine: duckdb}\n");
    assert_eq!(chosen(&fall_back, None), "default");
    let (loaded, problems) = load_from(&fall_back, Some("b"));
    assert_eq!(loaded.profile.unwrap().name, "default");
    assert!(problems[0].starts_with("warning: there is no profile `b`: `default` is taken"), "{problems:?}");
}

#[test]
fn variables_of_existing_projects_win_over_the_profile() {
    let text = "dev:\n  engine: duckdb\n  duckdb: {path: x.db, schema: a}\n  postgres: {dsn: y, schema: b}\n";
    let read = |world: MemoryWorld, engine: Option<&str>| {
        let mut files = Files::new(&world, Path::new("/p"));
        let loaded = load(&mut files, None, engine, &FingerprintSettings::default());
        let problems: Vec<_> = files.problems.iter().map(ToString::to_string).collect();
        loaded.profile.map(|profile| (profile.engine, profile.settings)).ok_or(problems)
    };
    let duckdb = world(text).var("FF_DUCKDB_PATH", "z.db").var("FF_DUCKDB_SCHEMA", "c").var("FF_PG_DSN", "w");
    assert_eq!(read(duckdb, None).unwrap().1, serde_json::json!({"path": "z.db", "db_schema": "c"}));
    let postgres = world(text).var("FF_ENGINE", "postgres").var("FF_PG_DSN", "w").var("FF_PG_SCHEMA", " ");
    let expected = ("postgres".to_string(), serde_json::json!({"dsn": "w", "schema": "b"}));
    assert_eq!(read(postgres, None).unwrap(), expected);
    let asked = world(text).var("FF_ENGINE", "postgres");
    assert_eq!(read(asked, Some("duckdb")).unwrap().0, "duckdb");
    // The profile's own word for the same engine stays.
    let spark = "dev:\n  engine: databricks_spark\n  databricks_spark: {http_path: /a}\n";
    assert_eq!(read(world(spark).var("FF_ENGINE", "spark"), None).unwrap().0, "databricks");
    let told = read(world(text).var("FF_ENGINE", "postgrse"), None).unwrap_err();
    assert!(told[0].contains("unknown engine `postgrse` in FF_ENGINE") && told[0].contains("did you mean `postgres`?"));
}
