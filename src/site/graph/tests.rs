//! Pictures and shards of made-up projects.

use super::sample::{Sample, sample};
use super::{data, detail, neighbourhood, search, view};
use crate::site::Page;
use crate::site::script;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What a shard hands over.
fn value(page: &Page) -> Value {
    let text = String::from_utf8(page.bytes.clone()).unwrap();
    let quoted = text.split_once("JSON.parse('").unwrap().1.trim_end().strip_suffix("');").unwrap();
    serde_json::from_str(&quoted.replace("\\'", "'").replace("\\\\", "\\").replace("\\u003c", "<")).unwrap()
}

fn graph_data(sample: &Sample) -> Value {
    value(&data::shards(&sample.dag())[0])
}

/// Everything that `run_results.json` and `manifest.json` say is what scripts make of the shard.
#[test]
fn the_script_reads_what_the_artifacts_say() {
    let sample = sample(120);
    let program = "(data) => {
        const model = window.fft.model(data);
        return Array.from({ length: model.total }, (_, item) => ({
            name: model.names[item], kind: model.kind(item), materialized: model.materialized(item), result: model.result(item),
            tags: model.tags(item), path: model.isSource(item) ? null : model.path(item), sentence: model.sentence(item),
            reads: model.upstream[item].map((up) => model.names[up]), sources: model.sources(item).map((one) => one.join('.')),
            code: model.code(item), page: model.page(item), rows: model.rows(item), state: model.state(item),
        }));
    }";
    let Some(found) = script::run(&["model.js"], program, &graph_data(&sample)) else { return };
    let found: BTreeMap<&str, &Value> =
        found.as_array().unwrap().iter().map(|one| (one["name"].as_str().unwrap(), one)).collect();
    assert_eq!(found.len(), sample.manifest.nodes.len() + sample.manifest.sources.len());
    for row in &sample.results.results {
        let (node, one) = (&sample.manifest.nodes[&row.name], found[row.name.as_str()]);
        let failed = row.message.as_deref().filter(|_| json!(row.status) == "error");
        let reads: BTreeSet<&str> = node.deps.iter().chain(&node.sources).map(String::as_str).collect();
        let modified = row.decision.baseline.as_ref().is_some_and(|one| one.fingerprint != node.fingerprint.value());
        let expected = json!({
            "name": row.name, "kind": node.kind, "materialized": node.materialized, "result": row.status,
            "tags": node.tags, "path": node.path, "sentence": failed.unwrap_or(&row.decision.summary),
            "sources": node.sources, "code": row.decision.primary_code, "page": crate::site::name::node_page(&row.name),
            "rows": row.rows.map_or(-1, |rows| rows as i64), "state": if modified { "modified" } else { "" },
            "reads": one["reads"],
        });
        assert_eq!(*one, expected, "{}", row.name);
        let read: BTreeSet<&str> = one["reads"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(read, reads, "{}", row.name);
    }
    assert_eq!(found["crm.customers"]["page"], "sources.html#crm.customers");
}

/// The picture that stands before any script runs and the view that a script opens with are one.
#[test]
fn the_script_draws_the_same_picture() {
    for count in [30, 120, 400] {
        let sample = sample(count);
        let dag = sample.dag();
        let picture = view::View::first(&dag).picture(&dag);
        let svg = picture.svg("p");
        let program = "(data) => {
            const { fft } = window, model = fft.model(data), all = Array.from({ length: model.total }, (_, item) => item);
            const roots = data.roots.map(({ node }) => node).filter((node) => node !== null);
            const run = all.filter((item) => item < model.count && model.isRebuilt(item) || roots.includes(item));
            const items = data.view === 'run' ? run : all, folders = data.view === 'folders' ? fft.folders(model, items) : new Map();
            const view = fft.view(model, items, (item) => folders.get(item));
            fft.place(view, fft.layout(view.boxes.length, view.edges));
            const boxes = view.boxes.map((box) => `translate(${box.x} ${box.y - fft.HEIGHT / 2})\"><path d=\"${fft.outline(box.kind, box.width, fft.HEIGHT)}`);
            return [view.width, view.height, boxes, view.boxes.map((box) => [box.kind, box.cls, box.name, box.word])];
        }";
        let Some(found) = script::run(&["layout.js", "model.js"], program, &graph_data(&sample)) else { return };
        assert_eq!(found[0], picture.width, "{count}");
        assert_eq!(found[1], picture.height, "{count}");
        let boxes = found[2].as_array().unwrap();
        assert_eq!(boxes.len(), svg.matches("<a class=\"box ").count());
        for (at, one) in boxes.iter().enumerate() {
            assert!(svg.contains(one.as_str().unwrap()), "{count}: {one} {}", found[3][at]);
        }
    }
}

#[test]
fn the_first_view_is_one_that_can_be_read() {
    let first = |count: usize| {
        let sample = sample(count);
        view::View::first(&sample.dag())
    };
    assert_eq!([first(30), first(120), first(3000)], [view::View::All, view::View::All, view::View::Run]);
    let mut quiet = sample(600);
    for row in &mut quiet.results.results {
        row.status = crate::execute::Status::Skipped.into();
    }
    quiet.results.roots.clear();
    let dag = quiet.dag();
    assert_eq!(view::View::first(&dag), view::View::Folders);
    let boxes = view::View::Folders.picture(&dag).svg("p").matches("<a class=\"box group").count();
    assert!((5..=40).contains(&boxes), "{boxes} folders");
}

#[test]
fn a_picture_has_no_style_no_markup_of_others_and_a_text() {
    let mut sample = sample(30);
    let evil = "<script>\"'&\u{1}]]>";
    let mut node = sample.manifest.nodes["stg_sales_orders.ff"].clone();
    node.name = evil.into();
    sample.manifest.nodes.insert(evil.into(), node);
    let svg = view::View::All.picture(&sample.dag()).svg("p");
    assert!(!svg.contains("<script") && !svg.contains("style=") && !svg.contains('\u{1}'), "{svg}");
    assert!(svg.contains("&lt;script&gt;&quot;&#39;&amp; ]]&gt;"));
    assert!(
        svg.contains("<desc id=\"p-text\">")
            && svg.contains("stg_sales_payments.ff (○ SKIP · SQL), reads seed_sales_orders")
    );
    assert!(svg.contains("aria-describedby=\"p-text\"") && svg.contains("href=\"nodes/stg_sales_customers.ff.html\""));
}

#[test]
fn a_neighbourhood_is_two_steps_and_bounded() {
    let sample = sample(300);
    let node = &sample.manifest.nodes["int_sales_items_joined.ff"];
    let near = neighbourhood::neighbourhood(&sample.manifest, node, "../");
    let names = |svg: &str| svg.matches("<a class=\"box ").count();
    let steps = |edges: &BTreeMap<String, Vec<String>>| -> BTreeSet<String> {
        let next =
            |from: &BTreeSet<String>| from.iter().flat_map(|name| edges[name].clone()).collect::<BTreeSet<String>>();
        let one = next(&BTreeSet::from([node.name.clone()]));
        &one | &next(&one)
    };
    let expected = (&steps(&sample.manifest.parents) | &steps(&sample.manifest.children)).len() + 1;
    assert_eq!((names(&near.svg), near.left_out), (expected, 0));
    assert!(near.svg.contains("href=\"../nodes/") && near.svg.contains("aria-current=\"true\""));
    assert!(
        !near.svg.contains("SKIP") && !near.svg.contains("BUILD"),
        "what a run decided changes no page of a neighbour"
    );
    let mut hub = sample.manifest.clone();
    let readers: Vec<String> = hub.nodes.keys().filter(|name| **name != node.name).cloned().collect();
    for reader in &readers {
        hub.parents.insert(reader.clone(), vec![node.name.clone()]);
    }
    hub.children.insert(node.name.clone(), readers.clone());
    let near = neighbourhood::neighbourhood(&hub, node, "../");
    assert!(names(&near.svg) <= 61 && near.left_out > readers.len() - 120, "{} of {}", near.left_out, readers.len());
}

/// Shards are small, and what is loaded first is smallest.
#[test]
fn ten_thousand_nodes_are_a_small_file() {
    use std::io::Write as _;
    let sample = sample(10_000);
    let packed = |page: &Page| {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packed.write_all(&page.bytes).unwrap();
        packed.finish().unwrap().len()
    };
    let sizes: Vec<usize> = data::shards(&sample.dag()).iter().map(packed).collect();
    assert!(sizes.iter().sum::<usize>() < 250_000, "{sizes:?}");
    println!("graph, ways, rebuilt: {sizes:?} bytes packed");
}

#[test]
fn search_says_why_each_result_is_one() {
    let mut sample = sample(60);
    let node = sample.manifest.nodes.get_mut("mart_sales_orders_daily.ff").unwrap();
    node.columns[1].name = "gross_margin".into();
    node.columns[1].description = Some("What is left before overheads.".into());
    node.description = Some("Daily revenue of a shop.".into());
    node.compiled = Some("select sum(price)\nfrom basket where NOT refunded".into());
    let pages = search::shards(&sample.dag());
    assert_eq!(pages.len(), 2);
    let program = "([index, code, queries]) => {
        index.lower = index.names.map((name) => name.toLowerCase());
        return queries.map((query) => {
            const words = query.split(' '), { first, second } = window.fft.search;
            return [...first(index, words), ...second(code, words)].slice(0, 1).map(({ at, why, text }) => [index.names[at], why, text])[0] ?? null;
        });
    }";
    let queries = [
        "mart_sales_orders_daily",
        "sales orders daily",
        "gross_margin",
        "overheads",
        "revenue shop",
        "refunded",
        "published",
        "nothing at all",
    ];
    let input = json!([value(&pages[0]), value(&pages[1]), queries]);
    let Some(found) = script::run(&["search.js"], program, &input) else { return };
    let name = "mart_sales_orders_daily.ff";
    assert_eq!(
        found,
        json!([
            [name, "name", ""],
            [name, "name", ""],
            [name, "column", "gross_margin"],
            [name, "column gross_margin", "What is left before overheads."],
            [name, "description", "Daily revenue of a shop."],
            [name, "code", "select sum(price) from basket where NOT refunded"],
            ["mart_crm_items_daily.ff", "tag", "daily published"],
            null,
        ])
    );
}

#[test]
fn the_panel_has_every_cause_and_check() {
    let sample = sample(120);
    let dag = sample.dag();
    let all: Vec<Value> =
        detail::shards(&dag).iter().flat_map(|page| value(page).as_array().unwrap().clone()).collect();
    assert_eq!(all.len(), dag.items.len());
    for (item, one) in dag.items.iter().zip(&all) {
        let Some(row) = item.row() else { continue };
        assert_eq!(one["path"], json!(row.decision.path));
        assert_eq!(one["causes"].as_array().unwrap().len(), row.decision.causes.len());
        assert_eq!(one["checks"][0][2], row.decision.checks[0].evidence);
        assert_eq!(one["message"], json!(row.message));
    }
}
