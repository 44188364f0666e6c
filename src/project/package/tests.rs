//! Packages of projects in memory: what is joined, what the lock must say, what is told.

use super::super::{LoadOptions, Project, load};
use super::*;
use crate::diagnostic::Diagnostic;
use crate::world::MemoryWorld;
use serde_json::json;
use std::path::Path;

const COMMIT: &str = "0123456789012345678901234567890123456789";

fn project() -> MemoryWorld {
    MemoryWorld::new()
        .file("/p/project.yml", "name: shop\nvars: {a: shop, b: shop, shared: {b: for shared}}\n")
        .file("/p/profiles.yml", "dev: {engine: duckdb, duckdb: {path: x.db}}\n")
        .file("/p/packages.yml", "packages:\n  - path: ../shared\n")
        .file("/p/models/own.ff.sql", "select * from {{ ref('shared', 'users') }}")
        .file(
            "/shared/project.yml",
            "name: shared\nversion: '0.1.0'\nmodels_dir: sql\nvars: {a: shared, b: shared, c: shared}\n",
        )
        .file("/shared/sql/users.ff.sql", "select {{ var('c') }}")
        .file("/shared/sql/macros/m.sql", "{% macro money(x) %}{{ x }}{% endmacro %}")
        .file("/shared/sql/users.yml", "models: [{name: users, description: All of them}]")
        .file("/shared/macros/n.sql", "{% macro n() %}{% endmacro %}")
        .file("/shared/seeds/countries.csv", "id\n1\n")
        .file("/shared/sources.yml", "version: 2\nsources: [{name: raw, tables: [{name: t, location: data/t.csv}]}]\n")
}

/// What `fft deps` does where nothing has to be fetched.
fn locked(world: MemoryWorld) -> MemoryWorld {
    let found = resolve(&world, Path::new("/p"), &mut |_, asked| panic!("{asked}")).unwrap().0;
    let text = lock(&world, &found).unwrap().text();
    world.file("/p/packages.lock.yml", text)
}

fn loaded(world: &MemoryWorld) -> Result<Project, Vec<Diagnostic>> {
    load(world, Path::new("/p"), &LoadOptions::default())
}

fn problems(world: &MemoryWorld) -> Vec<String> {
    let found = loaded(world).map_or_else(|problems| problems, |project| project.warnings);
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn a_packages_files_are_read_as_the_projects_own() {
    let project = loaded(&locked(project())).unwrap();
    assert!(project.warnings.is_empty(), "{:?}", project.warnings);
    let paths: Vec<&str> = project.models.iter().map(|model| &*model.path).collect();
    assert_eq!(paths, ["models/own.ff.sql", "../shared/sql/users.ff.sql"]);
    let macros: Vec<&str> = project.macros.iter().map(|file| &*file.path).collect();
    assert_eq!(macros, ["../shared/sql/macros/m.sql", "../shared/macros/n.sql"]);
    assert_eq!(project.seeds[0].path, "../shared/seeds/countries.csv");
    assert_eq!(project.seeds[0].file, Path::new("/shared/seeds/countries.csv"));
    assert_eq!(project.properties["users"].description.as_deref(), Some("All of them"));
    assert_eq!(project.sources[&("raw".into(), "t".into())].location, ["../shared/data/t.csv"]);
    let package = project.package_of("../shared/sql/users.ff.sql").unwrap();
    assert_eq!((&*package.name, &*package.version, &*package.dir), ("shared", "0.1.0", "../shared"));
    assert_eq!(package.folder, Path::new("/shared"));
    assert!(project.package_of("models/own.ff.sql").is_none());
    let vars = project.vars_of("../shared/sql/users.ff.sql");
    assert_eq!([&vars["a"], &vars["b"], &vars["c"]], [&json!("shop"), &json!("for shared"), &json!("shared")]);
    assert!(!project.vars.contains_key("c"));
}

#[test]
fn what_doesnt_fit_asks_for_deps() {
    let missing = problems(&project());
    assert!(
        missing[0].starts_with("error[no-lock]: packages.yml asks for packages, and there is no packages.lock.yml"),
        "{missing:?}"
    );
    assert!(missing[0].ends_with("hint: run `fft deps`"), "{missing:?}");
    let foreign = problems(&project().file("/p/packages.lock.yml", "fft_version: '0.6'\npackages: []\n"));
    assert!(foreign[0].starts_with("error[bad-lock]: packages.lock.yml isn't as `fft deps` writes it"), "{foreign:?}");
    let world = locked(project());
    world.put("/p/packages.yml", "packages:\n  - path: ../other\n");
    let moved = problems(&world.file("/other/project.yml", "name: other\n"));
    assert!(moved.iter().any(|one| one.contains("doesn't have package `other` as it is asked for")), "{moved:?}");
    assert!(moved.iter().any(|one| one.contains("has the package `shared`, which nothing asks for")), "{moved:?}");
    let world = locked(project());
    world.put("/p/packages.yml", "packages: []\n");
    assert!(problems(&world)[0].contains("[stale-lock]"));
}

#[test]
fn a_changed_package_is_told() {
    let world = locked(project());
    world.put("/shared/sql/users.ff.sql", "select 2");
    let told = problems(&world);
    let expected = "warning: package `shared` has changed since it was locked\n  --> packages.yml:2:5\n  \
                    hint: run `fft deps` to lock it as it is";
    assert_eq!(told, [expected]);
}

/// A project with a package of a repository that was fetched, and one in the same repository.
fn fetched() -> MemoryWorld {
    let asked = GitAsked { address: "https://example.com/utils.git".into(), wanted: None, subdir: "sql".into() };
    let folder = asked.folder(Path::new("/p/.fastflowtransform/packages")).join(COMMIT);
    let at = |path: &str| folder.join(path);
    let world = MemoryWorld::new()
        .file("/p/project.yml", "name: shop\n")
        .file("/p/profiles.yml", "dev: {engine: duckdb, duckdb: {path: x.db}}\n")
        .file("/p/packages.yml", "packages:\n  - {git: 'https://user:pass@example.com/utils.git', subdir: sql}\n")
        .file(at("sql/project.yml"), "name: utils\n")
        .file(at("sql/packages.yml"), "more: ../more\n")
        .file(at("sql/models/u.ff.sql"), "select 1")
        .file(at("more/project.yml"), "name: more\n")
        .file(at("more/models/m.ff.sql"), "select 1");
    let mut locate = |_: &Requirement, _: &GitAsked| Ok(Repository { folder: folder.clone(), commit: COMMIT.into() });
    let found = resolve(&world, Path::new("/p"), &mut locate).unwrap().0;
    let text = lock(&world, &found).unwrap().text();
    assert!(!text.contains("pass") && text.contains("within: \"utils\""), "{text}");
    world.file("/p/packages.lock.yml", text)
}

#[test]
fn what_was_fetched_is_shown_without_its_commit() {
    let project = loaded(&fetched()).unwrap();
    let paths: Vec<&str> = project.models.iter().map(|model| &*model.path).collect();
    let dir = ".fastflowtransform/packages";
    assert_eq!(paths, [format!("{dir}/utils/models/u.ff.sql"), format!("{dir}/more/models/m.ff.sql")]);
    assert_eq!(project.package_of(paths[1]).unwrap().name, "more");
}

#[test]
fn what_was_fetched_must_be_there_and_as_it_was() {
    let world = fetched();
    world.put("/p/packages.yml", "packages:\n  - {git: 'https://example.com/utils.git', tag: v2, subdir: sql}\n");
    let told = problems(&world);
    let expected =
        "packages.lock.yml doesn't have what is asked for here: https://example.com/utils.git, tag v2, in sql";
    assert!(told[0].contains(expected), "{told:?}");
    let world = fetched();
    let folder = Path::new("/p/.fastflowtransform/packages");
    crate::world::World::remove(&world, folder).unwrap();
    assert!(problems(&world)[0].contains("isn't here yet, at commit 012345678901"), "{:?}", problems(&world));
    let world = fetched();
    let asked = GitAsked { address: "https://example.com/utils.git".into(), wanted: None, subdir: String::new() };
    world.put(asked.folder(folder).join(COMMIT).join("sql/models/u.ff.sql"), "select 2");
    assert!(problems(&world)[0].starts_with("error[changed-package]: the files of package `utils` aren't those"));
}

#[test]
fn what_is_asked_for_twice_must_be_one() {
    let two = "packages:\n  - {path: ../a}\n  - {path: ../b}\n";
    let world = || {
        MemoryWorld::new()
            .file("/p/project.yml", "name: shop\n")
            .file("/a/project.yml", "name: a\nversion: 1.2.0\n")
            .file("/b/project.yml", "name: b\n")
    };
    let told = |world: &MemoryWorld| -> Vec<String> {
        match resolve(world, Path::new("/p"), &mut |_, asked| panic!("{asked}")) {
            Ok((found, _)) => found.into_iter().map(|package| package.name).collect(),
            Err(problems) => problems.iter().map(|problem| format!("{}: {}", problem.code, problem.message)).collect(),
        }
    };
    let one = world().file("/p/packages.yml", two).file("/b/packages.yml", "a: ../a\n");
    assert_eq!(told(&one), ["a", "b"]);
    // The project's own word decides.
    let other =
        world().file("/p/packages.yml", two).file("/b/packages.yml", "a: ../c\n").file("/c/project.yml", "name: a\n");
    assert_eq!(told(&other), ["a", "b"]);
    let apart = world()
        .file("/p/packages.yml", "packages: [{path: ../b}, {path: ../c}]\n")
        .file("/b/packages.yml", "a: ../a\n")
        .file("/c/project.yml", "name: c\n")
        .file("/c/packages.yml", "a: ../d\n")
        .file("/d/project.yml", "name: a\n");
    let expected = "duplicate-package: package `a` is asked for in two ways; the other is at ../b/packages.yml:1:4";
    assert_eq!(told(&apart), [expected]);
    let version = world().file("/p/packages.yml", "packages: [{name: a, path: ../a, version: '>=2'}]\n");
    assert_eq!(told(&version), ["bad-version: package `a` is version 1.2.0, and `>=2` is asked for"]);
    let name = world().file("/p/packages.yml", "x: ../a\n");
    assert_eq!(told(&name), ["bad-package: the package in ../a is called `a`, not `x`"]);
    let none = world().file("/p/packages.yml", "x: ../nowhere\n");
    assert_eq!(told(&none), ["no-package: there is no package in ../nowhere: it has no project.yml"]);
    let needs =
        world().file("/p/packages.yml", "b: ../b\n").file("/b/project.yml", "name: b\ndependencies: [{name: a}]\n");
    assert_eq!(told(&needs), ["missing-package: package `b` needs package `a`"]);
}

#[test]
fn two_packages_sources_are_told_and_the_projects_own_wins() {
    let sources =
        |schema: &str| format!("version: 2\nsources: [{{name: raw, schema: {schema}, tables: [{{name: t}}]}}]\n");
    let world = || {
        MemoryWorld::new()
            .file("/p/project.yml", "name: shop\n")
            .file("/p/profiles.yml", "dev: {engine: duckdb, duckdb: {path: x.db}}\n")
            .file("/p/packages.yml", "a: ../a\nb: ../b\n")
            .file("/a/project.yml", "name: a\n")
            .file("/b/project.yml", "name: b\n")
            .file("/a/sources.yml", sources("one"))
            .file("/b/sources.yml", sources("two"))
    };
    let told = problems(&locked(world()));
    assert!(
        told[0].contains("two packages declare the source `raw.t` in two ways; the other is at ../a/sources.yml:2"),
        "{told:?}"
    );
    let own = loaded(&locked(world().file("/p/sources.yml", sources("own")))).unwrap();
    assert_eq!(own.sources[&("raw".into(), "t".into())].schema.as_deref(), Some("own"));
}
