//! What flows where, and which pages say so.

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
    let far = named(&columns, columns.further_up(at));
    assert_eq!(far, ["seed_users.full_name", "source:crm.users.email", "seed_orders.full_name"]);
    let filters = columns.up(at).iter().filter(|link| link.edge.kind == Kind::Filter).map(|link| link.at);
    assert_eq!(named(&columns, filters), ["stg_users.ff.user_id", "stg_orders.ff.user_id"]);
    let email = place(&columns, "source:crm.users", "email");
    assert_eq!(named(&columns, columns.down(email).iter().map(|link| link.at)), ["stg_users.ff.full_name"]);
    let fed = named(&columns, columns.further_down(email));
    assert_eq!(fed, ["mart_api.ff.full_name", "mart_user_orders.ff.full_name", "report.ff.full_name"]);
}

#[test]
fn a_drawing_is_bounded_on_both_sides() {
    let (_, artifacts) = lived();
    let columns = Columns::new(&artifacts.manifest);
    let at = place(&columns, "stg_users.ff", "full_name");
    assert_eq!(named(&columns, columns.around(at, 2)).len(), 3);
    let all = columns.around(at, 40);
    assert_eq!(all.len(), 1 + 2 + 3, "{:?}", named(&columns, all.clone()));
    assert_eq!(all.iter().collect::<std::collections::BTreeSet<_>>().len(), all.len());
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
        "class=\"picture\"",
        "nodes/stg_users.ff.html#L",
    ] {
        assert!(page.contains(text), "{text} is not in\n{page}");
    }
    assert!(
        files["columns/http_users.html"].contains("it is &#60;b&#62;Python")
            || files["columns/http_users.html"].contains("it is &lt;b&gt;Python")
    );
    let node = &files["nodes/mart_user_orders.ff.html"];
    assert!(
        node.contains("href=\"../columns/stg_users.ff.html#column-full_name\">stg_users.ff.full_name</a>"),
        "{node}"
    );
    assert!(node.contains("id=\"L1\""));
    let index = &files["columns.html"];
    assert!(index.contains("href=\"columns/mart_api.ff.html\"") && index.contains("crm.users"), "{index}");
}
