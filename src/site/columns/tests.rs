//! What flows where, and which pages say so.

use super::reach::Reach;
use super::*;
use crate::site::tests::{files, lived, site};

fn named(columns: &Columns<'_>, all: impl IntoIterator<Item = usize>) -> Vec<String> {
    let name = |at: usize| format!("{}.{}", columns.items[at].owner, columns.items[at].name);
    all.into_iter().map(name).collect()
}

fn place(columns: &Columns<'_>, owner: &str, name: &str) -> usize {
    *columns.of(owner).iter().find(|at| columns.items[**at].name == name).unwrap()
}

#[test]
fn values_are_followed_and_filters_are_told() {
    let (_, artifacts) = lived();
    let columns = Columns::new(&artifacts.manifest);
    let at = place(&columns, "mart_user_orders.ff", "full_name");
    let near = named(&columns, values(columns.up(at)).map(|link| link.at));
    assert_eq!(near, ["stg_users.ff.full_name", "stg_orders.ff.full_name"]);
    let (far, ends) = columns.origins(at);
    assert_eq!(far, 3);
    assert_eq!(named(&columns, ends), ["seed_users.full_name", "source:crm.users.email", "seed_orders.full_name"]);
    let filters = columns.up(at).iter().filter(|link| link.edge.kind == Kind::Filter).map(|link| link.at);
    assert_eq!(named(&columns, filters), ["stg_users.ff.user_id", "stg_orders.ff.user_id"]);
    let email = place(&columns, "source:crm.users", "email");
    assert_eq!(named(&columns, columns.down(email).iter().map(|link| link.at)), ["stg_users.ff.full_name"]);
    let (far, ends) = columns.destinations(email);
    assert_eq!((far, named(&columns, ends)), (3, vec!["mart_api.ff.full_name".into(), "report.ff.full_name".into()]));
    let reach = Reach { columns: 4, models: 4, last: 2, filters: 0 };
    assert_eq!(columns.reach(email), reach);
    assert_eq!(reach.words().as_deref(), Some("Reaches 4 columns in 4 models, 2 of them final"));
}

#[test]
fn what_a_column_reaches_is_told_in_words() {
    let words = |columns, models, last, filters| Reach { columns, models, last, filters }.words();
    assert_eq!(words(0, 0, 0, 0), None);
    assert_eq!(words(0, 0, 0, 1).as_deref(), Some("Filters 1 model"));
    assert_eq!(words(1, 1, 1, 0).as_deref(), Some("Reaches 1 column in 1 model, a final one"));
    assert_eq!(words(14, 6, 2, 3).as_deref(), Some("Reaches 14 columns in 6 models, 2 of them final, filters 3"));
}

/// Made-up columns: `wide` of them in one node, which all come from as many of another one, decided on by one of them.
fn wide(width: usize) -> Manifest {
    let (_, artifacts) = lived();
    let mut manifest = artifacts.manifest;
    let edge = |at: usize, kind: &str| serde_json::json!({"column": format!("c{at:03}"), "kind": kind, "node": "seed_users", "span": {"length": 4, "offset": 9}});
    let column = |at: usize, from: Vec<serde_json::Value>| {
        serde_json::from_value(serde_json::json!({
            "name": format!("c{at:03}"), "description": null, "tests": [], "type": "DECIMAL(18, 3)",
            "lineage": {"from": from, "reason": null, "status": "known"},
        }))
        .unwrap()
    };
    manifest.nodes.get_mut("seed_users").unwrap().columns = (0..width).map(|at| column(at, vec![])).collect();
    let filtered =
        |at: usize| if at == 7 { vec![edge(7, "derived")] } else { vec![edge(7, "filter"), edge(at, "direct")] };
    manifest.nodes.get_mut("stg_users.ff").unwrap().columns = (0..width).map(|at| column(at, filtered(at))).collect();
    manifest
}

#[test]
fn what_decides_on_rows_is_told_once_and_wide_relations_are_on_several_pages() {
    let (project, mut artifacts) = lived();
    artifacts.manifest = wide(300);
    site(&project, &artifacts);
    let files = files(&project);
    let pages: Vec<&String> = files.keys().filter(|path| path.starts_with("columns/stg_users.ff")).collect();
    assert_eq!(pages.len(), 300_usize.div_ceil(PART), "{pages:?}");
    for path in &pages {
        let page = &files[*path];
        assert!(page.len() < 60_000, "{path}: {}", page.len());
        assert_eq!(page.matches("id=\"rows\"").count(), 1, "{path}: {page:.9000}");
        assert!(!page.contains("Filtered by"), "{path}");
        assert_eq!(page.matches("aria-current=\"page\">c").count(), 1, "{path}: {page:.9000}");
    }
    let second = &files["columns/stg_users.ff~p2.html"];
    assert!(second.contains("id=\"column-c040\"") && !second.contains("id=\"column-c039\""));
    assert!(second.contains("href=\"../columns/seed_users~p2.html#column-c040\""), "{second}");
    assert!(
        files["columns/seed_users.html"].contains("<p>Reaches 1 column in 1 model, filters 1.</p>"),
        "{}",
        files["columns/seed_users.html"]
    );
}

/// A column's digest changes with whatever it comes from or feeds, however far, and with nothing else.
#[test]
fn a_digest_is_over_all_that_is_shown() {
    let (_, artifacts) = lived();
    let digests = |manifest: &Manifest| -> BTreeMap<String, Digest> {
        let columns = Columns::new(manifest);
        columns.owners().map(|(owner, _)| (owner.to_string(), columns.digest(owner))).collect()
    };
    let before = digests(&artifacts.manifest);
    let mut changed = artifacts.manifest.clone();
    let seed = changed.nodes.get_mut("stg_orders.ff").unwrap();
    seed.columns[1].lineage.from[0].kind = Kind::Aggregate.into();
    let after = digests(&changed);
    let differing: Vec<&str> =
        before.iter().filter(|(owner, digest)| after[*owner] != **digest).map(|(owner, _)| owner.as_str()).collect();
    assert_eq!(differing, ["mart_user_orders.ff", "report.ff", "seed_orders", "stg_orders.ff"]);
}

#[test]
fn pages_say_it() {
    let (project, artifacts) = lived();
    site(&project, &artifacts);
    let files = files(&project);
    let page = &files["columns/stg_users.ff.html"];
    for text in [
        "href=\"../columns/seed_users.html#column-full_name\"",
        "id=\"column-full_name\"",
        "<mark>",
        "Draw its way",
        "nodes/stg_users.ff.html#L",
    ] {
        assert!(page.contains(text), "{text} is not in\n{page}");
    }
    assert!(
        files["columns/http_users.html"].contains("it is &#60;b&#62;Python")
            || files["columns/http_users.html"].contains("it is &lt;b&gt;Python")
    );
    let node = &files["nodes/mart_user_orders.ff.html"];
    assert!(node.contains("href=\"../columns/stg_users.ff.html#column-full_name\">stg_users.full_name</a>"), "{node}");
    assert!(node.contains("id=\"L1\""));
    let index = &files["columns.html"];
    assert!(
        index.contains("href=\"columns/mart_api.ff.html#column-full_name\"") && index.contains("crm.users"),
        "{index}"
    );
    // What isn't known comes first.
    assert!(index.find("http_users") < index.find("seed_users"), "{index}");
    let shard = files.iter().find(|(path, _)| path.starts_with("data/columns-0-")).unwrap().1;
    assert!(shard.contains("mart_user_orders.ff"), "{shard}");
}
