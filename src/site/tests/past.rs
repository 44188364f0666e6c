//! The history of every node as pages tell it: marks, strips, what a quiet run leaves as it is.

use super::html::tags;
use super::sample::{Project, shop};
use super::{files, lived, site};
use std::collections::BTreeMap;

fn history() -> BTreeMap<String, String> {
    let (project, artifacts) = lived();
    site(&project, &artifacts);
    files(&project)
}

fn shard(files: &BTreeMap<String, String>, name: &str) -> String {
    let named = |path: &str| path.strip_prefix(&format!("data/{name}-")).is_some_and(|rest| rest.len() == 15);
    files.iter().find(|(path, _)| named(path)).expect("a shard").1.clone()
}

#[test]
fn each_node_has_a_mark_a_run() {
    let files = history();
    let grid = shard(&files, "history");
    for (node, marks) in [
        ("seed_users", "bbsss"),
        ("stg_users.ff", "bfbss"),
        ("seed_orders", "bsbss"),
        ("stg_orders.ff", "bsfss"),
        ("mart_user_orders.ff", "bffss"),
        ("http_users", "bsses"),
        ("mart_api.ff", "bffks"),
    ] {
        assert!(grid.contains(&format!("[\"{node}\",\"{node}\",\"{marks}\"]")), "{node}: {grid}");
    }
    // The page itself has them too, the one that was built most often first.
    let page = &files["history.html"];
    let links: Vec<String> = tags(page)
        .into_iter()
        .filter(|tag| tag.attributes.get("class").is_some_and(|class| class == "name"))
        .filter_map(|tag| tag.attributes.get("href").cloned())
        .collect();
    assert_eq!(links[0], "nodes/mart_api.ff.html");
    assert!(page.contains("5 runs of profile dev, 8 nodes."), "{page}");
    assert!(page.contains("aria-label=\"built 3 times, blocked once in 5 runs\""), "{page}");
}

#[test]
fn a_node_has_a_square_for_each_run_that_took_it_up() {
    let files = history();
    let cells = |name: &str| -> Vec<(String, String)> {
        let page = &files[&format!("nodes/{name}.html")];
        let cell = |class: &String| class.strip_prefix("cell ").map(String::from);
        tags(page)
            .into_iter()
            .filter_map(|tag| Some((cell(tag.attributes.get("class")?)?, tag.attributes.get("href")?.clone())))
            .collect()
    };
    let found = cells("mart_api.ff");
    let classes: Vec<&str> = found.iter().map(|(class, _)| class.as_str()).collect();
    assert_eq!(classes, ["build", "cascade", "cascade", "blocked"]);
    assert_eq!(found[3].1, "../runs/20261104T101500Z-0004.html#node=mart_api.ff");
    let classes: Vec<String> = cells("http_users").into_iter().map(|(class, _)| class).collect();
    assert_eq!(classes, ["build", "error"]);
    // Its head tells the rows with their change from the second build on.
    assert!(files["nodes/mart_api.ff.html"].contains("<dt>Rows</dt><dd>1,234 (±0)</dd>"));
    assert!(files["nodes/http_users.html"].contains("<dt>Rows</dt><dd>1,234</dd>"));
}

#[test]
fn a_snapshot_tells_what_its_runs_did_with_versions() {
    let mut nodes = shop();
    nodes[3].snapshot = true;
    let mut project = Project::new(nodes);
    project.run(&[], &[]);
    project.run(&["stg_users.ff"], &[]);
    let artifacts = project.run(&[], &[]);
    site(&project, &artifacts);
    let files = files(&project);
    let page = &files["nodes/stg_users.ff.html"];
    assert!(page.contains("<dt>Versions</dt><dd>2 new versions, 1 closed, 14 unchanged</dd>"), "{page}");
    assert!(page.contains("<b>New versions</b></span> 2 (±0), 2 to 2 over 2 builds"), "{page}");
    let words = ": built for a reason of its own, 1,234 rows, 19 ms, 2 new versions, 1 closed, 14 unchanged\"";
    assert_eq!(page.matches(words).count(), 2, "{page}");
    // Its box has a second edge, and says what it is.
    assert!(files["nodes/stg_users.ff.svg"].contains("M5 0V36"));
    assert!(files["nodes/stg_users.ff.svg"].contains("○ SKIP · snapshot</text>"));
    let other = &files["nodes/stg_orders.ff.html"];
    assert!(!other.contains("New versions") && !other.contains("<dt>Versions"), "{other}");
}

#[test]
fn the_page_of_a_run_tells_what_was_not_spent_again() {
    let files = history();
    let page = &files["runs/20261102T101500Z-0002.html"];
    // In the second run three nodes were skipped; each took 7 ms and one a letter of its name.
    let spent: usize = ["seed_orders", "stg_orders.ff", "http_users"].iter().map(|name| 7 + name.len()).sum();
    let words = format!("3 skipped nodes took {spent} ms when they were last built, which wasn&#39;t spent again.");
    assert!(page.contains(&words), "{page}");
}
