//! The site as the real binary writes it: what a run refreshes, what it leaves, what is on the pages.

use crate::project::{Ran, Sandbox};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;

const INDEX: &str = "site/dag/index.html";

fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("seeds/people.csv", "id,name\n1,Ada\n");
    sandbox.write("models/stg.ff.sql", "select id, name from {{ ref('people') }}\n");
    sandbox
        .write("models/mart.ff.sql", "{{ config(materialized='view') }}\nselect count(*) as n from {{ ref('stg') }}\n");
    sandbox
}

/// Each file of the site with what tells whether it was written again: its inode, for a new file replaces an old one.
fn inodes(sandbox: &Sandbox) -> BTreeMap<String, u64> {
    let root = sandbox.path("site/dag");
    let files = walkdir::WalkDir::new(&root).into_iter().flatten().filter(|entry| entry.file_type().is_file());
    let one = |entry: walkdir::DirEntry| {
        let path = entry.path().strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        (path, entry.metadata().unwrap().ino())
    };
    files.map(one).collect()
}

#[test]
fn a_run_writes_the_site_and_a_second_one_leaves_the_pages_of_nodes() {
    let sandbox = project();
    sandbox.fft("run").expect(0);
    for page in ["nodes/people.html", "nodes/stg.ff.html", "nodes/mart.ff.html", "audit.html", "runs/index.html"] {
        assert!(sandbox.path("site/dag").join(page).exists(), "{page}");
    }
    assert!(sandbox.read("site/dag/nodes/people.html").contains("first build"));
    sandbox.fft("run").expect(0).says("0 built");
    let before = inodes(&sandbox);
    sandbox.fft("run").expect(0).says("0 built");
    let after = inodes(&sandbox);
    let rewritten: Vec<&String> =
        after.iter().filter(|(path, inode)| before.get(*path) != Some(*inode)).map(|(path, _)| path).collect();
    assert!(rewritten.iter().any(|path| *path == "index.html"), "{rewritten:?}");
    let left = |path: &str| {
        path.starts_with("nodes/")
            || path.starts_with("assets/")
            || before.contains_key(path) && path.starts_with("runs/2")
    };
    assert!(!rewritten.iter().any(|path| left(path)), "{rewritten:?}");
}

#[test]
fn the_pages_follow_a_change_and_what_is_gone() {
    let sandbox = project();
    sandbox.fft("run").expect(0);
    sandbox.write("seeds/people.csv", "id,name\n1,Ada\n2,Grace\n");
    sandbox.fft("run").expect(0);
    let page = sandbox.read("site/dag/nodes/mart.ff.html");
    assert!(page.contains("← people → stg.ff"), "{page}");
    assert!(sandbox.read("site/dag/nodes/people.html").contains("(+1 row)"));
    fs::remove_file(sandbox.path("models/mart.ff.sql")).unwrap();
    sandbox.fft("run").expect(0);
    assert!(!sandbox.path("site/dag/nodes/mart.ff.html").exists());
}

#[test]
fn docs_build_writes_what_a_run_would() {
    let sandbox = project();
    // A project that was never run has pages of what its files say.
    sandbox.fft("docs build").expect(0).says("site/dag/index.html: ");
    let first = sandbox.read(INDEX);
    assert!(first.contains("No run is recorded yet.") && first.contains("NEVER RUN"), "{first}");
    assert!(sandbox.read("site/dag/nodes/stg.ff.html").contains("No run decided about it yet."));
    assert!(!sandbox.path(".fastflowtransform/runs").exists() && !sandbox.path(".local/story.duckdb").exists());
    fs::remove_dir_all(sandbox.path("site")).unwrap();
    sandbox.fft("run --no-docs").expect(0);
    assert!(!sandbox.path("site").exists());
    sandbox.fft("docs build").expect(0).says("site/dag/index.html: ");
    let built = sandbox.bytes(INDEX);
    sandbox.fft("docs build").expect(0).says("0 written");
    sandbox.fft("dag --html").expect(0).says("0 written");
    sandbox.fft("docs build --out public --base-url https://example.com/d --redact sql,paths").expect(0);
    let page = sandbox.read("public/nodes/stg.ff.html");
    assert!(
        page.contains("href=\"https://example.com/d/nodes/stg.ff.html\"") && page.contains("Withheld on this site")
    );
    assert!(!page.contains("select") || !page.contains("from &quot;"), "the SQL is withheld");
    assert_eq!(sandbox.bytes(INDEX), built, "another folder is another site");
    sandbox.fft("docs build --base-url ftp://x").expect(2).says("is no address of a site");
}

#[test]
fn clean_removes_the_site_and_nothing_of_others() {
    let sandbox = project();
    sandbox.fft("run").expect(0);
    sandbox.write("site/dag/CNAME", "docs.example.org\n");
    sandbox.fft("clean").expect(0).says("removed site/dag");
    assert_eq!(inodes(&sandbox).into_keys().collect::<Vec<_>>(), ["CNAME"]);
    sandbox.write(INDEX, "my own page");
    sandbox.fft("run").expect(4).says("index.html is there and fft didn't write it");
    assert_eq!(sandbox.read(INDEX), "my own page");
    sandbox.fft("run --no-docs").expect(0).says("0 built");
}

#[test]
fn markdown_describes_models_and_columns() {
    let sandbox = project();
    sandbox.write("docs/models/stg.md", "# People\n\nEverybody, *once*. <script>alert(1)</script>\n");
    sandbox.write("docs/columns/stg/name.md", "As they **write** it.\n");
    sandbox.fft("run").expect(0);
    let page = sandbox.read("site/dag/nodes/stg.ff.html");
    assert!(
        page.contains("<em>once</em>") && page.contains("<strong>write</strong>") && !page.contains("<script>alert")
    );
    let manifest = sandbox.read(".fastflowtransform/target/manifest.json");
    assert!(manifest.contains("As they **write** it.\\n"));
}

/// A failing model is shown with its message, and the site is written though the run failed.
#[test]
fn a_failed_run_has_its_pages() {
    let sandbox = project();
    sandbox.write("models/stg.ff.sql", "select nothing_like_it from {{ ref('people') }}\n");
    let ran: Ran = sandbox.fft("run").expect(1);
    assert!(ran.stderr.contains("nothing_like_it"));
    let page = sandbox.read("site/dag/nodes/stg.ff.html");
    assert!(page.contains("ERROR") && page.contains("nothing_like_it"), "{page}");
    assert!(sandbox.read("site/dag/nodes/mart.ff.html").contains("upstream failed: stg.ff"));
}
