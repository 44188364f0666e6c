//! Pages of runs that are no longer kept: they stay where that is wanted, are moved, or go.

use super::{DIR, files, lived, with};
use crate::site::build::Options;
use crate::world::World;
use std::path::Path;

const OLD: &str = "20261102T101500Z-0002";
const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// The site as it was, then the oldest but one of its records is pruned and the site built again.
fn after(options: &Options) -> std::collections::BTreeMap<String, String> {
    let (mut project, artifacts) = lived();
    with(&project, &artifacts, options);
    let before = files(&project);
    assert!(before.contains_key(&format!("runs/{OLD}.html")));
    project.world.remove(&project.layout().runs().join(format!("{OLD}.json"))).unwrap();
    let artifacts = project.run(&["seed_users"], &[]);
    with(&project, &artifacts, options);
    let found = files(&project);
    // Twice, and without what the first build remembers, it is the same.
    project.world.remove(&project.layout().site(Path::new(DIR))).unwrap();
    with(&project, &artifacts, options);
    assert_eq!(files(&project), found);
    for (path, text) in before.iter().filter(|(path, _)| path.contains(OLD)) {
        let there = found.get(path);
        assert!(there.is_none_or(|there| there == text), "{path} stays as it was made");
    }
    let moved = project.world.walk(Path::new("/p/old")).unwrap();
    if options.archive.is_some() {
        let paths: Vec<String> = moved.iter().map(|file| file.path.display().to_string()).collect();
        for part in
            [format!("/p/old/runs/{OLD}.html"), format!("/p/old/runs/{OLD}.json"), "/p/old/data/index.js".into()]
        {
            assert!(paths.contains(&part), "{part}: {paths:?}");
        }
        assert!(paths.iter().any(|path| path.starts_with("/p/old/assets/site-")), "{paths:?}");
        let index = String::from_utf8(project.world.read(Path::new("/p/old/data/index.js")).unwrap()).unwrap();
        assert!(index.contains(&format!("\"run-{OLD}\"")), "{index}");
    } else {
        assert!(moved.is_empty());
    }
    found
}

fn is_there(files: &std::collections::BTreeMap<String, String>) -> bool {
    let parts = ["runs/", "data/run-", "data/parts-", "data/record-"];
    let there = parts.map(|part| files.keys().any(|path| path.starts_with(&format!("{part}{OLD}"))));
    assert!(there.iter().all(|one| *one == there[0]), "all of it or nothing: {there:?}");
    assert_eq!(files["data/index.js"].contains(OLD), there[0]);
    assert_eq!(files["runs/index.html"].contains("Not kept any more, page only"), there[0]);
    assert_eq!(files["runs/index.html"].contains(OLD), there[0]);
    there[0]
}

#[test]
fn pages_of_pruned_runs_go_unless_they_are_to_stay() {
    assert!(!is_there(&after(&Options::default())));
    assert!(is_there(&after(&Options { keep_pages: true, ..Options::default() })));
}

#[test]
fn pages_of_tagged_commits_stay() {
    let tags = |commit: &str| [(commit.to_string(), vec!["v1.0".to_string()])].into();
    let files = after(&Options { tags: tags(COMMIT), ..Options::default() });
    assert!(is_there(&files) && files["runs/index.html"].contains("v1.0"));
    assert!(!is_there(&after(&Options { tags: tags(&"f".repeat(40)), ..Options::default() })));
}

#[test]
fn pages_are_moved_to_a_folder() {
    assert!(!is_there(&after(&Options { archive: Some("/p/old".into()), ..Options::default() })));
}
