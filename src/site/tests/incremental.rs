//! What a build rewrites, what it leaves, and what it never touches.

use super::sample::{Project, shop};
use super::{DIR, files, lived, site};
use crate::site::build::{Options, build};
use crate::world::World;
use std::collections::BTreeSet;
use std::path::Path;

/// Files that differ between two states of a site.
fn differing(
    before: &std::collections::BTreeMap<String, String>,
    after: &std::collections::BTreeMap<String, String>,
) -> BTreeSet<String> {
    before.keys().chain(after.keys()).filter(|path| before.get(*path) != after.get(*path)).cloned().collect()
}

#[test]
fn a_run_with_nothing_to_do_leaves_the_pages_of_nodes() {
    let (mut project, artifacts) = lived();
    site(&project, &artifacts);
    let before = files(&project);
    let artifacts = project.run(&[], &[]);
    let report = site(&project, &artifacts);
    let changed = differing(&before, &files(&project));
    assert!(changed.contains("index.html") && changed.contains("audit.html") && changed.contains("runs/index.html"));
    let nodes: Vec<&String> = changed.iter().filter(|path| path.starts_with("nodes/")).collect();
    assert!(nodes.is_empty(), "{nodes:?}");
    let runs: Vec<&String> = changed.iter().filter(|path| path.starts_with("runs/2")).collect();
    let own = ["runs/20261106T101500Z-0006.html", "runs/20261106T101500Z-0006.json"];
    assert_eq!(runs, own, "a run's page is made once");
    assert!(report.rendered < 30, "{report:?}");
    // And a build after it finds nothing to do at all.
    let again = site(&project, &artifacts);
    assert_eq!((again.rendered, again.written, again.removed), (0, 0, 0), "{again:?}");
}

#[test]
fn a_change_rewrites_what_it_reaches() {
    let (mut project, artifacts) = lived();
    site(&project, &artifacts);
    let before = files(&project);
    let artifacts = project.run(&["stg_orders.ff"], &[]);
    site(&project, &artifacts);
    let changed = differing(&before, &files(&project));
    let of = |ending: &str| -> Vec<&str> {
        changed.iter().filter_map(|path| path.strip_prefix("nodes/")?.strip_suffix(ending)).collect()
    };
    assert_eq!(of(".html"), ["mart_user_orders.ff", "report.ff", "stg_orders.ff"]);
    // A picture shows what was done to what is near.
    assert_eq!(of(".svg"), ["mart_user_orders.ff", "report.ff", "seed_orders", "stg_orders.ff", "stg_users.ff"]);
}

#[test]
fn pages_of_what_is_gone_are_removed() {
    let mut nodes = shop();
    let mut project = Project::new(shop());
    let artifacts = project.run(&[], &[]);
    site(&project, &artifacts);
    project.world.put("/p/site/dag/nodes/mine.txt", "mine");
    nodes.retain(|node| node.name != "report.ff");
    project.nodes = nodes;
    let artifacts = project.run(&[], &[]);
    let report = site(&project, &artifacts);
    let files = files(&project);
    assert!(!files.contains_key("nodes/report.ff.html") && report.removed >= 1, "{report:?}");
    assert_eq!(files["nodes/mine.txt"], "mine");
    assert!(!files[".fft-site"].contains("report.ff") && !files[".fft-site"].contains("mine"));
}

#[test]
fn a_page_that_was_lost_or_cut_is_made_again() {
    let (project, artifacts) = lived();
    site(&project, &artifacts);
    let whole = files(&project);
    project.world.remove(Path::new("/p/site/dag/nodes/report.ff.html")).unwrap();
    project.world.put("/p/site/dag/audit.html", "cut");
    site(&project, &artifacts);
    assert_eq!(files(&project), whole);
    // Without the record of what was made, everything is made again, to the same bytes.
    project.world.put(project.layout().site(Path::new(DIR)), "damaged");
    let report = site(&project, &artifacts);
    assert!(report.rendered > 10 && report.written == 0, "{report:?}");
    assert_eq!(files(&project), whole);
}

#[test]
fn files_of_others_are_never_replaced() {
    let mut project = Project::new(shop());
    let artifacts = project.run(&[], &[]);
    project.world.put("/p/site/dag/index.html", "somebody's own page");
    project.world.put("/p/site/dag/CNAME", "docs.example.org");
    let built = build(&*project.world, &project.layout(), Path::new(DIR), &Options::default(), artifacts.clone());
    let error = built.unwrap_err().to_string();
    assert!(error.contains("index.html is there and fft didn't write it"), "{error}");
    assert_eq!(files(&project).len(), 2, "nothing was written");
    project.world.remove(Path::new("/p/site/dag/index.html")).unwrap();
    site(&project, &artifacts);
    assert_eq!(files(&project)["CNAME"], "docs.example.org");
    assert!(crate::site::write::remove(&*project.world, Path::new(DIR)).unwrap());
    assert_eq!(files(&project).into_keys().collect::<Vec<_>>(), ["CNAME"]);
}

/// A checkout's list of files may have been written by anybody.
#[test]
fn a_list_that_names_files_elsewhere_does_no_harm() {
    let mut project = Project::new(shop());
    let artifacts = project.run(&[], &[]);
    project.world.put("/p/keep.txt", "keep");
    let evil = "Files:\n../../keep.txt\n/p/keep.txt\na/../../../keep.txt\n..\n.\n\n";
    project.world.put("/p/site/dag/.fft-site", evil);
    site(&project, &artifacts);
    project.world.put("/p/site/dag/.fft-site", evil);
    crate::site::write::remove(&*project.world, Path::new(DIR)).unwrap();
    assert_eq!(project.world.read(Path::new("/p/keep.txt")).unwrap(), b"keep");
}

/// A build that was stopped has its files listed, and the next one goes on.
#[test]
fn a_build_that_failed_is_finished_by_the_next() {
    let mut project = Project::new(shop());
    let artifacts = project.run(&[], &[]);
    let world = crate::world::MemoryWorld::new();
    for file in project.world.walk(Path::new("/p")).unwrap() {
        world.put(file.path.clone(), project.world.read(&file.path).unwrap());
    }
    // What a walk leaves out.
    let record = Path::new("/p/.fastflowtransform/runs/20261101T101500Z-0001.json");
    world.put(record, project.world.read(record).unwrap());
    world.fail_writes("/p/site/dag/audit.html");
    let failed = build(&world, &project.layout(), Path::new(DIR), &Options::default(), artifacts.clone());
    assert!(failed.unwrap_err().to_string().contains("audit.html"));
    for file in world.walk(Path::new(DIR)).unwrap() {
        project.world.put(file.path.clone(), world.read(&file.path).unwrap());
    }
    site(&project, &artifacts);
    assert!(files(&project).contains_key("audit.html"));
}

/// The picture around a node has edges between nodes that are two steps away.
#[test]
fn a_new_edge_two_steps_away_is_drawn() {
    let mut project = Project::new(shop());
    project.run(&[], &[]);
    let artifacts = project.run(&[], &[]);
    site(&project, &artifacts);
    let before = files(&project);
    let mut artifacts = artifacts;
    let (from, to) = ("seed_orders".to_string(), "seed_users".to_string());
    artifacts.manifest.children.get_mut(&from).unwrap().push(to.clone());
    artifacts.manifest.parents.get_mut(&to).unwrap().push(from);
    site(&project, &artifacts);
    let changed = differing(&before, &files(&project));
    assert!(changed.contains("nodes/mart_user_orders.ff.html"), "{changed:?}");
}
