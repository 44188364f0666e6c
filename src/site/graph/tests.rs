//! Pictures and shards of made-up projects.

mod search;

use super::map::Map;
use super::past::Past;
use super::{Dag, artifacts, data, detail, lens, neighbourhood, rank, reach, view};
use crate::artifact::history::Record;
use crate::artifact::manifest::Manifest;
use crate::artifact::results::RunResults;
use crate::artifact::wire;
use crate::graph::{Materialization, NodeKind};
use crate::site::Page;
use crate::site::called::Called;
use crate::site::history::{RecordFile, RunSummary};
use crate::site::script;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

struct Sample {
    manifest: Manifest,
    results: RunResults,
    /// Older first.
    runs: Vec<RunSummary>,
}

impl Sample {
    fn dag(&self) -> Dag<'_> {
        let mut dag = Dag::new(&self.manifest, &self.results);
        for item in &mut dag.items {
            let builds = self.runs.iter().rev().filter_map(|run| Some((run, run.nodes.get(item.name)?)));
            item.past = Past::of(&self.results.metadata.run_id, &builds.collect::<Vec<_>>());
        }
        dag
    }
}

fn sample(count: usize) -> Sample {
    let made = artifacts::artifacts(count);
    let summary = |(_, record): (&str, Value)| {
        let bytes = serde_json::to_vec(&record).unwrap();
        let record: Record = wire::read(&bytes).unwrap();
        RunSummary::of(&record, RecordFile::of(&bytes, &record, None))
    };
    Sample {
        manifest: serde_json::from_value(made.manifest).unwrap(),
        results: serde_json::from_value(made.results).unwrap(),
        runs: made.records.into_iter().map(summary).collect(),
    }
}

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
            reads: model.upstream[item].map((up) => model.names[up]), sources: model.read(item).map((one) => one.join('.')),
            code: model.code(item), page: model.page(item), rows: model.rows(item), state: model.state(item),
            level: model.isSource(item) ? null : model.level(item),
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
            "reads": one["reads"], "level": node.level,
        });
        assert_eq!(*one, expected, "{}", row.name);
        let read: BTreeSet<&str> = one["reads"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(read, reads, "{}", row.name);
    }
    assert_eq!(found["crm.customers"]["page"], "sources/crm.customers.html");
}

/// The picture that stands before any script runs and the view that a script opens with are one.
#[test]
fn the_script_draws_the_same_picture() {
    for count in [30, 120] {
        let mut sample = sample(count);
        let mut models = sample.manifest.nodes.values_mut().filter(|node| node.kind == NodeKind::Sql);
        models.next().unwrap().materialized = Materialization::Snapshot.into();
        let picture = view::whole(&sample.dag(), &Called::default());
        let svg = picture.svg("p");
        assert!(svg.matches("M5 0V36").count() == 1 && svg.contains(" · snapshot"));
        let program = "(data) => {
            const { fft } = window, model = fft.model(data), all = Array.from({ length: model.total }, (_, item) => item);
            const view = fft.view(model, all);
            fft.place(view, fft.layout(view.boxes.length, view.edges));
            const boxes = view.boxes.map((box) => `translate(${box.x} ${box.y - fft.HEIGHT / 2})\"><path d=\"${fft.outline(box, fft.HEIGHT)}`);
            return [view.width, view.height, boxes, view.boxes.map((box) => [box.kind, box.cls, box.name, box.word])];
        }";
        let Some(found) = script::run(&["layout.js", "model.js"], program, &graph_data(&sample)) else { return };
        assert_eq!(found[0], picture.width, "{count}");
        assert_eq!(found[1], picture.height, "{count}");
        let boxes = found[2].as_array().unwrap();
        assert_eq!(boxes.len(), svg.matches("<a class=\"box ").count());
        for (at, one) in boxes.iter().enumerate() {
            assert!(svg.contains(one.as_str().unwrap()), "{count}: {one} {}", found[3][at]);
            let word = found[3][at][3].as_str().unwrap();
            assert!(svg.contains(&format!(">{word}</text>")), "{count}: {word}");
        }
    }
}

/// The map lays cells out alike with a script and without.
#[test]
fn the_script_lays_out_the_same_map() {
    for count in [310, 3000, 10_000] {
        let sample = sample(count);
        let dag = sample.dag();
        let map = Map::new(&dag);
        let program = "(data) => {
            const model = window.fft.model(data), all = Array.from({ length: model.count }, (_, item) => item);
            const found = window.fft.cells(window.fft.columns(model, all, model.rank), 1240, 420);
            return [found.pitch, found.width, found.height, found.columns.map(({ name, x }) => [name, x]), found.cells];
        }";
        let Some(found) = script::run(&["model.js", "map.js"], program, &graph_data(&sample)) else { return };
        let cells: Vec<_> = map.cells.iter().map(|(node, x, y)| json!([node, x, y])).collect();
        let columns: Vec<_> = map.columns.iter().map(|(name, x)| json!([name, x])).collect();
        assert_eq!(found, json!([map.pitch, map.width, map.height, columns, cells]), "{count}");
    }
}

#[test]
fn the_map_has_each_node_once_and_what_went_wrong_first() {
    for count in [200, 310, 3000, 10_000] {
        let sample = sample(count);
        let dag = sample.dag();
        let map = Map::new(&dag);
        let nodes: BTreeSet<u32> = map.cells.iter().map(|(node, ..)| *node).collect();
        assert_eq!((nodes.len(), map.cells.len()), (count, count));
        let places: BTreeSet<(i32, i32)> = map.cells.iter().map(|(_, x, y)| (*x, *y)).collect();
        assert_eq!(places.len(), count, "no cell covers another");
        assert!(map.width <= 1240 && map.height <= 420, "{count}: {} × {}", map.width, map.height);
        assert!(map.pitch >= 4 && (count > 400 || map.pitch >= 16), "{count}: {}", map.pitch);
        for (at, (_, left)) in map.columns.iter().enumerate() {
            let end = map.columns.get(at + 1).map_or(i32::MAX, |(_, next)| *next);
            let column = map.cells.iter().filter(|(_, x, _)| (*left..end).contains(x));
            let ranks: Vec<usize> = column.map(|(node, ..)| rank::rank(&dag.items[*node as usize])).collect();
            assert!(ranks.is_sorted(), "{ranks:?}");
        }
        let svg = map.svg(&dag, "p");
        let built = sample.results.results.iter().filter(|row| row.decision.role.is_none()).count();
        assert!(
            svg.contains(&format!("{} SKIP", crate::diagnostic::grouped(built)))
                && svg.contains("<path class=\"error\""),
            "{count}"
        );
        assert!(svg.len() < 40 * count, "{} bytes", svg.len());
    }
}

#[test]
fn the_first_view_is_one_that_can_be_read() {
    let first = |count: usize| {
        let sample = sample(count);
        view::View::first(&sample.dag())
    };
    assert_eq!([first(30), first(100), first(200), first(3000)], {
        use view::View::{All, Map};
        [All, All, Map, Map]
    });
}

#[test]
fn a_box_says_its_causes_and_how_its_rows_changed() {
    let sample = sample(120);
    let svg = view::whole(&sample.dag(), &Called::default()).svg("p");
    let rows: BTreeMap<&str, _> = sample.results.results.iter().map(|row| (row.name.as_str(), row)).collect();
    let first = reach::listed(&sample.dag())[0]["name"].as_str().unwrap().to_string();
    let words = |name: &str| -> String {
        let at = svg
            .find(&format!(">{}</text>", Called::default().short(name)))
            .unwrap_or_else(|| panic!("{name} is drawn"));
        let rest = svg[at..].split_once("class=\"word\"").unwrap().1;
        rest[rest.find('>').unwrap() + 1..rest.find('<').unwrap()].to_string()
    };
    let own = words(&first);
    assert!(own.contains("✓ BUILD ①") || own.contains("✗ ERROR ①"), "{own}");
    let more = rows.values().filter(|row| row.rows.is_some_and(|_| row.name.len().is_multiple_of(3))).count();
    assert!(more > 0 && svg.matches("(+1)").count() == more, "{more}");
    let skipped = rows.values().find(|row| row.decision.role.is_none()).unwrap();
    assert!(words(&skipped.name).starts_with("○ SKIP · "), "{}", words(&skipped.name));
    assert_eq!(reach::marks(&[0, 19, 20]), "①⑳(21)");
    assert_eq!(reach::marks(&[0, 1, 2, 3, 4]), "①②③④…");
}

/// What a cause reached is everything that was taken up for it, and what was rebuilt of that is its impact.
#[test]
fn a_causes_members_are_those_that_name_it() {
    let sample = sample(600);
    let dag = sample.dag();
    let members = reach::members(&dag);
    let causes = reach::listed(&dag);
    assert!(causes.len() > 3 && causes.len() == members.as_array().unwrap().len());
    for (cause, found) in causes.iter().zip(members.as_array().unwrap()) {
        let root = sample.results.roots.iter().find(|root| cause["name"] == root.name.as_str()).unwrap();
        assert_eq!(cause["consequence"], root.consequence());
        assert_eq!(cause["nodes"], json!([dag.find(&root.name)]));
        let mut at = 0;
        let numbers = found.as_array().unwrap().iter().map(|step| {
            at += step.as_u64().unwrap() as usize;
            &dag.items[at]
        });
        let (built, held): (Vec<_>, Vec<_>) =
            numbers.partition(|item| item.row().unwrap().status == crate::execute::Status::Success);
        assert_eq!((built.len(), held.len()), (root.impact, root.failed + root.blocked), "{}", root.name);
        assert!(built.iter().chain(&held).all(|item| item.row().unwrap().decision.roots.contains(&root.name)));
    }
}

/// One edit that made several roots is one cause, with one number, and what any of them reached.
#[test]
fn roots_of_one_edit_are_one_cause() {
    let mut sample = sample(300);
    let before = reach::listed(&sample.dag()).len();
    for root in &mut sample.results.roots[..2] {
        root.edited = Some("macro shout".into());
    }
    let names: BTreeSet<String> = sample.results.roots[..2].iter().map(|root| root.name.clone()).collect();
    let dag = sample.dag();
    let causes = reach::listed(&dag);
    assert_eq!(causes.len(), before - 1);
    let number = causes.iter().position(|cause| cause["sentence"] == "macro shout").unwrap();
    let because = dag.items.iter().filter_map(|item| Some((item, item.row()?)));
    let mut reached = 0;
    for (item, row) in because.filter(|(_, row)| row.status != crate::execute::Status::Skipped) {
        let named = row.decision.roots.iter().any(|root| names.contains(root));
        assert_eq!(item.causes.contains(&number), named, "{}", item.name);
        reached += usize::from(named);
    }
    assert_eq!(reach::members(&dag)[number].as_array().unwrap().len(), reached);
}

#[test]
fn a_lens_tells_age_and_what_the_last_build_took() {
    let sample = sample(60);
    let dag = sample.dag();
    let found = value(&lens::shards(&dag)[0]);
    for (at, item) in dag.items[..dag.nodes].iter().enumerate() {
        let row = item.row().unwrap();
        let built = row.status == crate::execute::Status::Success;
        let age = found["ages"][at].as_i64().unwrap();
        assert_eq!(age == 0, built, "{}", item.name);
        assert!(built || age == 25 * 60 + 15, "{age} minutes, a day and an hour before");
        // A node that failed now was built before, and its relation still has those rows.
        assert!(found["rows"][at].as_i64().unwrap() > 0 && found["milliseconds"][at].as_i64().unwrap() > 0);
    }
}

#[test]
fn causes_have_a_shard_where_there_is_a_difference_to_show() {
    let sample = sample(120);
    let dag = sample.dag();
    let pages = detail::causes(&dag);
    let all: BTreeMap<String, String> =
        pages.iter().map(|page| (page.path.clone(), value(page).as_str().unwrap().to_string())).collect();
    assert_eq!(all.len(), 3, "a seed, a model, and a model that failed: {:?}", all.keys());
    let with = |words: &str| all.values().filter(|html| html.contains(words)).count();
    assert_eq!((with("upper"), with("740 rows before, 741 after, matched by id")), (2, 1));
    assert!(all.values().all(|html| !html.contains("<script") && !html.contains("style=")));
}

#[test]
fn a_picture_has_no_style_no_markup_of_others_and_a_text() {
    let mut sample = sample(30);
    let evil = "<script>\"'&\u{1}]]>";
    let mut node = sample.manifest.nodes["stg_sales_orders.ff"].clone();
    node.name = evil.into();
    sample.manifest.nodes.insert(evil.into(), node);
    let svg = view::whole(&sample.dag(), &Called::default()).svg("p");
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
    let near = neighbourhood::neighbourhood(&sample.manifest, &Called::default(), node, "../");
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
    let near = neighbourhood::neighbourhood(&hub, &Called::default(), node, "../");
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
    println!("graph, ways, reached: {sizes:?} bytes packed");
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
