//! Parts of pages: what an edit changed of columns, a file's text beside what was rendered, the small picture of a node.

use super::html::text;
use super::sample::{Node, Project, shop};
use super::{files, lived, shard, site, with};
use crate::artifact::wire::Word;
use crate::graph::NodeKind;
use crate::plan::Mode;
use crate::site::build::Options;
use crate::site::name::{node_page, run_page};
use crate::site::redact::Redaction;
use crate::site::script;
use serde_json::json;

const EDIT: &str =
    "changed: full_name; reaches 1 column in 1 model; of the 3 nodes rebuilt for it 1 reads that and 1 may";

/// An edit of columns: its sentence stands with its difference, and each reader is told what it is to it.
#[test]
fn an_edit_says_which_columns_it_changed_and_who_reads_them() {
    let mut project = Project::new(shop());
    project.run(&[], &[]);
    let artifacts = project.run(&["stg_users.ff"], &[]);
    site(&project, &artifacts);
    let files = files(&project);
    let run = &artifacts.results.metadata.run_id;
    for page in ["index.html".to_string(), run_page(run), node_page("stg_users.ff")] {
        let said = text(&files[&page]);
        assert!(said.contains(EDIT), "{page}");
    }
    for (node, words) in [
        ("mart_user_orders.ff", "this node reads that"),
        ("mart_api.ff", "this node may read that"),
        ("report.ff", "this node reads none of that"),
    ] {
        assert!(text(&files[&node_page(node)]).contains(&format!("{EDIT}; {words}")), "{node}");
        assert!(text(&files[&run_page(run)]).contains(&format!("{EDIT}; {words}")), "{node} on the run's page");
    }
    let numbers: Vec<usize> = ["mart_user_orders.ff", "mart_api.ff"]
        .map(|node| artifacts.manifest.nodes.keys().position(|name| name == node).unwrap())
        .to_vec();
    let impact = shard(&files, "column-impact");
    assert_eq!(impact["edits"], json!([["stg_users.ff", [numbers[0]], [numbers[1]]]]));
    assert_eq!(impact["words"][1], "this node may read that");
    assert_eq!(shard(&files, "graph")["columned"], json!(true));
    let at = artifacts.manifest.nodes.keys().position(|name| name == "stg_users.ff").unwrap();
    assert!(shard(&files, &format!("cause-{at}")).as_str().unwrap().contains(EDIT));
}

const LENS: &str = "async (shards) => {
    fft.shard = async (name) => shards[name] ?? null;
    const model = fft.model(shards.graph), lens = fft.lenses.get('columns'), { classes, of } = await lens.make(model);
    return [lens.there(model), Object.fromEntries(model.names.slice(0, model.count).map((name, item) => [name, classes[of(item)]?.key ?? null]))];
}";

/// The graph is coloured by who reads what was changed: what was rebuilt for it and reads none is told apart from what has
/// nothing to do with it.
#[test]
fn the_graph_is_coloured_by_who_reads_changed_columns() {
    let mut project = Project::new(shop());
    project.run(&[], &[]);
    let artifacts = project.run(&["stg_users.ff"], &[]);
    site(&project, &artifacts);
    let files = files(&project);
    let names = ["graph", "column-impact", "reached"];
    let shards: serde_json::Map<_, _> = names.iter().map(|name| (name.to_string(), shard(&files, name))).collect();
    let Some(found) = script::run(&["model.js", "bar.js", "lens.js"], LENS, &shards.into()) else { return };
    let expected = json!({
        "http_users": null, "mart_api.ff": "may", "mart_user_orders.ff": "reads", "report.ff": "none", "seed_orders": null,
        "seed_users": null, "stg_orders.ff": null, "stg_users.ff": "edited",
    });
    assert_eq!(found, json!([true, expected]));
}

/// Owners are told in every form that `meta` has for them: by the graph as by their pages and by what days cost.
#[test]
fn the_graph_tells_owners_as_their_pages_do() {
    let mut project = Project::new(shop());
    let mut artifacts = project.run(&[], &[]);
    site(&project, &artifacts);
    assert_eq!(shard(&files(&project), "graph")["owned"], false);
    let owners = json!({"owners": [{"name": "Grace"}, "Ada"]});
    artifacts.manifest.nodes.get_mut("stg_users.ff").unwrap().meta = Some(owners);
    site(&project, &artifacts);
    let files = files(&project);
    let graph = shard(&files, "graph");
    let at = graph["names"].as_array().unwrap().iter().position(|name| name == "stg_users.ff").unwrap();
    let of = graph["owners"]["of"][at].as_u64().unwrap() as usize;
    assert_eq!((&graph["owned"], &graph["owners"]["values"][of]), (&json!(true), &json!("Ada\nGrace")));
    for name in ["Ada", "Grace"] {
        let page = &files[&crate::site::owner::page(name)];
        assert!(page.contains("Answers for 1 node") && page.contains(&format!("index.html#owner={name}\"")), "{page}");
    }
}

#[test]
fn where_no_columns_were_edited_nothing_is_said_of_any() {
    let mut project = Project::new(shop());
    project.run(&[], &[]);
    let artifacts = project.run(&["seed_users"], &[]);
    site(&project, &artifacts);
    let files = files(&project);
    assert_eq!(shard(&files, "graph")["columned"], json!(false));
    assert!(!files["index.html"].contains("class=\"reached\""));
}

/// A run whose commit, or an earlier one, was tagged is what later runs are held against, besides the run before.
#[test]
fn a_run_is_told_against_the_release_before_it() {
    let mut project = Project::new(shop());
    let tagged = project.run(&[], &[]).results.metadata;
    project.commit = "fedcba9876543210fedcba9876543210fedcba98";
    let runs = [&["seed_users"][..], &["seed_orders"], &[]].map(|changed| project.run(changed, &[]));
    let tags = [(tagged.git.commit.clone().unwrap(), vec!["v1".to_string()])].into();
    with(&project, &runs[2], &Options { tags, ..Options::default() });
    let files = files(&project);
    let page = |at: usize| text(&files[&run_page(&runs[at].results.metadata.run_id)]);
    assert!(!page(0).contains("Against v1"), "that is the run before");
    let last = page(2);
    let (before, release) = last.split_once("Against v1").unwrap();
    assert!(before.contains("every node has the fingerprint that it had"), "{before}");
    for seed in ["seed changed: seeds/seed_users.csv", "seed changed: seeds/seed_orders.csv"] {
        assert!(release.contains(seed), "{seed}: {release}");
    }
    let link = format!("#before={}&amp;after={}", tagged.run_id, runs[2].results.metadata.run_id);
    assert!(files[&run_page(&runs[2].results.metadata.run_id)].contains(&link));
}

/// The picture of each node names what is near with what was decided, and leads to its page.
#[test]
fn each_node_has_a_small_picture_of_what_is_near() {
    let (project, artifacts) = lived();
    site(&project, &artifacts);
    let files = files(&project);
    for name in artifacts.manifest.nodes.keys() {
        let picture = &files[&format!("nodes/{name}.svg")];
        assert!(picture.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""), "{picture}");
        let near = artifacts.manifest.parents[name].iter().chain(&artifacts.manifest.children[name]).chain([name]);
        for near in near {
            assert!(picture.contains(&format!("href=\"../{}\"", node_page(near))), "{name}: {near}");
        }
        assert_eq!(picture.matches("class=\"box ").count(), picture.matches("</a>").count());
        assert!(files[&node_page(name)].contains(&format!("nodes/{name}.svg\"")), "{name} leads to its picture");
    }
    let mart = &files["nodes/mart_user_orders.ff.svg"];
    assert!(mart.contains("○ SKIP · SQL") && mart.contains("here"), "{mart}");
    assert!(!mart.contains("http_users"), "two steps away");
}

/// Of many readers those that the run took up come first, and the others are counted.
#[test]
fn a_small_picture_stays_small() {
    let readers = (0..30).map(|at| Node::new(&format!("reader_{at:02}"), NodeKind::Sql, &["hub"]));
    let mut project = Project::new([Node::new("hub", NodeKind::Sql, &[])].into_iter().chain(readers).collect());
    project.run(&[], &[]);
    let artifacts = project.run(&["reader_29"], &[]);
    site(&project, &artifacts);
    let picture = &files(&project)["nodes/hub.svg"];
    assert!(picture.contains("reader_29") && !picture.contains("reader_20"), "{picture}");
    assert!(picture.contains("22 nodes more read it"), "{picture}");
    assert!(picture.len() < 8 << 10, "{}", picture.len());
}

/// Colours of a picture are those of the pages.
#[test]
fn a_picture_has_the_colours_of_the_site() {
    let colours = |text: &str| -> Vec<String> {
        text.split('#')
            .skip(1)
            .filter_map(|rest| rest.get(..6))
            .filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .map(String::from)
            .collect()
    };
    let (picture, site) = (include_str!("../../../templates/picture.svg"), include_str!("../../../static/site.css"));
    let known = colours(site);
    let used = colours(picture);
    assert!(used.len() > 15, "{used:?}");
    for colour in used {
        assert!(known.contains(&colour), "{colour}");
    }
}

/// The text of the file as the run read it stands beside what was rendered of it, unless texts are withheld.
#[test]
fn a_file_is_shown_beside_what_was_rendered() {
    let (project, artifacts) = lived();
    site(&project, &artifacts);
    let page = files(&project)[&node_page("stg_users.ff")].clone();
    assert!(text(&page).contains("{# not rendered #}"), "what was rendered away is there");
    for part in ["id=\"text-source\"", "id=\"S1\"", "id=\"L1\"", "models/stg_users.ff.sql"] {
        assert!(page.contains(part), "{part}");
    }
    // Python isn't rendered: there is one text.
    let python = &files(&project)[&node_page("http_users")];
    assert!(!python.contains("text-source") && python.contains("id=\"L1\""));
    with(
        &project,
        &artifacts,
        &Options { redaction: Redaction { sql: true, ..Redaction::default() }, ..Options::default() },
    );
    let page = &files(&project)[&node_page("stg_users.ff")];
    assert!(!page.contains("text-source") && !page.contains("upper("), "{page}");
}

/// An incremental model that was extended says so in its box, in lists, and in what a run and a folder come to.
#[test]
fn what_was_extended_says_so() {
    let mut project = Project::new(shop());
    project.run(&[], &[]);
    let mut artifacts = project.run(&["stg_users.ff"], &[]);
    let row = artifacts.results.results.iter_mut().find(|row| row.name == "mart_user_orders.ff").unwrap();
    row.decision.mode = Some(Word::Known(Mode::Incremental));
    site(&project, &artifacts);
    let files = files(&project);
    let page = super::html::text(&files["index.html"]);
    assert!(page.contains("1 of those built was extended") && page.contains("EXTEND"), "{page}");
    let program = "(data) => {
        const { fft } = window, model = fft.model(data), all = Array.from({ length: model.total }, (_, item) => item);
        const [boxes, [group]] = [fft.view(model, all).boxes, fft.view(model, all, () => 'all').boxes];
        return [boxes.filter((box) => box.word.includes('EXTEND')).map((box) => box.name), group.word];
    }";
    let Some(found) = script::run(&["model.js"], program, &shard(&files, "graph")) else { return };
    assert_eq!(found[0], json!(["mart_user_orders.ff"]));
    assert!(found[1].as_str().unwrap().ends_with(" · 1 extended"), "{found}");
}
