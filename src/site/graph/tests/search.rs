//! What search finds, and where that leads.

use super::{sample, value};
use crate::site::columns::Columns;
use crate::site::{script, search};
use serde_json::json;

#[test]
fn search_says_why_each_result_is_one() {
    let mut sample = sample(60);
    let node = sample.manifest.nodes.get_mut("mart_sales_orders_daily.ff").unwrap();
    node.columns[1].name = "gross_margin".into();
    node.columns[1].description = Some("What is left before overheads.".into());
    node.description = Some("Daily revenue of a shop.".into());
    node.compiled = Some("select sum(price)\nfrom basket where NOT refunded".into());
    let columns = Columns::new(&sample.manifest);
    let dag = sample.dag();
    let pages = [vec![search::index(&sample.manifest, &dag, &columns, &[])], search::code(&dag)].concat();
    assert_eq!(pages.len(), 2);
    let program = "([index, code, queries]) => {
        index.lower = index.names.map((name) => name.toLowerCase());
        return queries.map((query) => {
            const words = query.split(' '), { first, second } = window.fft.search;
            return [...first(index, words), ...second(index, code, words)].slice(0, 1).map(({ name, why, text, page }) => [name, why, text, page])[0] ?? null;
        });
    }";
    let queries = [
        "mart_sales_orders_daily",
        "sales orders daily",
        "gross_margin",
        "overheads",
        "revenue shop",
        "refunded",
        "nothing at all",
    ];
    let input = json!([value(&pages[0]), value(&pages[1]), queries]);
    let Some(found) = script::run(&["search.js"], program, &input) else { return };
    let name = "mart_sales_orders_daily.ff";
    let (own, column) = (format!("nodes/{name}.html"), format!("columns/{name}.html#column-gross_margin"));
    assert_eq!(
        found,
        json!([
            [name, "name", "", own],
            [name, "name", "", own],
            [name, "column", "gross_margin", column],
            [name, "column gross_margin", "What is left before overheads.", column],
            [name, "description", "Daily revenue of a shop.", own],
            [name, "code, line 2", "select sum(price) from basket where NOT refunded", format!("{own}#L2")],
            null,
        ])
    );
}

/// What isn't a node is found too, and what finds nothing is offered what reads nearly so.
#[test]
fn search_finds_what_has_a_place_and_offers_what_is_near() {
    let mut sample = sample(60);
    let node = sample.manifest.nodes.get_mut("mart_sales_orders_daily.ff").unwrap();
    node.meta = Some(json!({"owner": "Ada Lovelace"}));
    let columns = Columns::new(&sample.manifest);
    let dag = sample.dag();
    let pages = [vec![search::index(&sample.manifest, &dag, &columns, &[])], search::code(&dag)].concat();
    let program = "([index, queries]) => {
        index.lower = index.names.map((name) => name.toLowerCase());
        const { first, near } = window.fft.search;
        return queries.map((query) => {
            const words = query.split(' '), [found] = first(index, words);
            return found ? [found.kind, found.name, found.page] : near(index, words).map(({ name }) => name)[0] ?? null;
        });
    }";
    let queries = ["lovelace", "seed_changed", "models/marts", "mart_sales_ordres_dayly", "qqqq", "published"];
    let Some(found) = script::run(&["search.js"], program, &json!([value(&pages[0]), queries])) else { return };
    assert_eq!(found[0], json!(["owner", "Ada Lovelace", crate::site::owner::page("Ada Lovelace")]));
    assert_eq!(found[1], json!(["cause", "seed changed", "index.html#cause=seed_changed"]));
    assert_eq!(found[2], json!(["folder", "models/marts", "index.html#folder=models%2Fmarts"]));
    assert_eq!(found[3], json!("mart_sales_orders_daily.ff"));
    assert_eq!(found[4], json!(null));
    assert_eq!(found[5], json!(["tag", "published", "index.html#tag=published"]));
}
