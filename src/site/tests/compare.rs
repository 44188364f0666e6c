//! The page that compares any two runs says what `fft diff` says, for every pair of runs.

use super::sample::{Node, Project};
use super::{files, lived, shards, site};
use crate::artifact::comparison::{Comparison, NodeChange};
use crate::artifact::evidence::Evidence;
use crate::artifact::history::History;
use crate::artifact::snapshot::Snapshot;
use crate::site::script;
use crate::world::World;
use serde_json::{Value, json};

/// What the terminal's comparison says: of each node its change, its causes in words, the note where there are none.
fn told(project: &Project, before: &str, after: &str) -> Value {
    let history = History::new(&*project.world, project.layout().runs());
    let snapshot = |run: &str| Snapshot::of_run(&history, history.read(run).unwrap());
    let (before, after) = (snapshot(before), snapshot(after));
    let mut comparison = Comparison::of(&before, &after);
    let evidence = Evidence::new(project.world.clone(), project.layout().evidence());
    comparison.attribute(&before, &after, |digest| evidence.content(digest));
    let node = |node: &crate::artifact::comparison::NodeComparison| {
        let change = match node.change {
            NodeChange::Added => "added",
            NodeChange::Removed => "removed",
            NodeChange::Changed => "changed",
            NodeChange::Same => "same",
        };
        let causes: Vec<Value> = node.causes.iter().map(|cause| json!([cause.code, cause.sentence])).collect();
        json!([node.name, change, causes, node.note])
    };
    comparison.nodes.iter().map(node).collect()
}

const PROGRAM: &str = "async ({ shards, pairs }) => {
    fft.shard = async (name) => shards[name] ?? null;
    const runs = shards.runs, all = [];
    for (const [before, after] of pairs) {
        const { nodes, groups } = await fft.compare.compared(fft.told.resolve(runs, before), fft.told.resolve(runs, after), runs);
        all.push({
            nodes: nodes.map((node) => [node.name, node.change, node.causes.map((cause) => [cause.code, cause.sentence]), node.note]),
            groups: groups.map((group) => [group.thing, group.nodes]),
        });
    }
    return all;
}";

fn compared(project: &Project, pairs: &[(String, String)]) -> Option<Value> {
    let input = json!({ "shards": shards(&files(project)), "pairs": pairs });
    script::run(&["told.js", "compare.js"], PROGRAM, &input)
}

/// The text of `fft diff --markdown`.
fn markdown(project: &Project, before: &str, after: &str, link: Option<&str>) -> String {
    let history = History::new(&*project.world, project.layout().runs());
    let snapshot = |run: &str| Snapshot::of_run(&history, history.read(run).unwrap());
    let (before, after) = (snapshot(before), snapshot(after));
    let mut comparison = Comparison::of(&before, &after);
    let evidence = Evidence::new(project.world.clone(), project.layout().evidence());
    comparison.attribute(&before, &after, |digest| evidence.content(digest));
    crate::artifact::markdown::markdown(&comparison, link)
}

const COPIED: &str = "async ({ shards, pairs, link }) => {
    fft.shard = async (name) => shards[name] ?? null;
    const runs = shards.runs, all = [];
    for (const pair of pairs) {
        const [from, to] = pair.map((name) => fft.told.resolve(runs, name));
        const { nodes } = await fft.compare.compared(from, to, runs);
        all.push(fft.markdown({ nodes, from, to, causes: shards.causes, known: shards.markdown, link }));
    }
    return all;
}";

fn copied(project: &Project, pairs: &[(String, String)], link: &str) -> Option<Value> {
    let input = json!({ "shards": shards(&files(project)), "pairs": pairs, "link": link });
    script::run(&["told.js", "compare.js", "markdown.js"], COPIED, &input)
}

fn every_pair(project: &Project) -> Vec<(String, String)> {
    let runs = History::new(&*project.world, project.layout().runs()).list().unwrap();
    runs.iter().flat_map(|before| runs.iter().map(move |after| (before.clone(), after.clone()))).collect()
}

/// What is copied of the page is the text that the terminal prints, letter by letter.
#[test]
fn what_is_copied_is_what_the_terminal_prints() {
    let (project, artifacts) = lived();
    site(&project, &artifacts);
    let pairs = every_pair(&project);
    let link = "https://example.org/runs/compare.html#before=a&after=b";
    let Some(found) = copied(&project, &pairs, link) else { return };
    let mut details = 0;
    for ((before, after), found) in pairs.iter().zip(found.as_array().unwrap()) {
        let expected = markdown(&project, before, after, Some(link));
        assert_eq!(found.as_str().unwrap(), expected, "{before} → {after}");
        details += usize::from(expected.contains("<details>")) + usize::from(expected.contains("```mermaid"));
    }
    assert!(details > 5, "{details}");
}

/// The same of a project that says hostile things, with nodes that come and go and many that follow.
#[test]
fn what_is_copied_of_foreign_text_has_no_power() {
    use crate::graph::NodeKind::Sql;
    let hub = Node { compiled: "select '`````' -- </details> @team #1\n".into(), ..Node::new("a|b_c `*`", Sql, &[]) };
    let readers = (0..45).map(|at| Node::new(&format!("www.reader_{at:02}.ff"), Sql, &["a|b_c `*`"]));
    let mut project = Project::new([hub].into_iter().chain(readers).collect());
    project.run(&[], &[]);
    project.run(&["a|b_c `*`", "www.reader_03.ff"], &[]);
    project.nodes.pop();
    let come = Node::new("größe 日本 http://x", Sql, &["www.reader_03.ff"]);
    project.add(come);
    let artifacts = project.run(&["a|b_c `*`"], &["www.reader_07.ff"]);
    site(&project, &artifacts);
    let pairs = every_pair(&project);
    let Some(found) = copied(&project, &pairs, "") else { return };
    for ((before, after), found) in pairs.iter().zip(found.as_array().unwrap()) {
        assert_eq!(found.as_str().unwrap(), markdown(&project, before, after, None), "{before} → {after}");
    }
}

/// `previous` and `previous tag` are of the run that is compared with them; `last tag` is of all.
#[test]
fn a_run_is_found_by_what_it_is_to_another() {
    let run = |id: &str, profile: &str, tags: &[&str]| json!({"id": id, "profile": profile, "tags": tags, "at": "2026", "green": true});
    let runs = [
        run("r5", "dev", &[]),
        run("r4", "prod", &["v3"]),
        run("r3", "dev", &[]),
        run("r2", "dev", &["v1"]),
        run("r1", "dev", &[]),
    ];
    let asked = json!([
        ["previous", "r5"],
        ["previous tag", "r5"],
        ["previous-tag", "r2"],
        ["previous", "r1"],
        ["last tag", null],
        ["v1", null]
    ]);
    let program = "({ runs, asked }) => asked.map(([words, other]) => fft.told.resolve(runs, words, runs.find(({ id }) => id === other))?.id ?? null)";
    let Some(found) = script::run(&["told.js"], program, &json!({"runs": runs, "asked": asked})) else { return };
    assert_eq!(found, json!(["r3", "r2", null, null, "r4", "r2"]));
}

#[test]
fn every_pair_of_runs_is_told_as_the_terminal_tells_it() {
    let (project, artifacts) = lived();
    site(&project, &artifacts);
    let runs = History::new(&*project.world, project.layout().runs()).list().unwrap();
    let pairs: Vec<(String, String)> =
        runs.iter().flat_map(|before| runs.iter().map(move |after| (before.clone(), after.clone()))).collect();
    let Some(found) = compared(&project, &pairs) else { return };
    let mut causes = 0;
    for ((before, after), found) in pairs.iter().zip(found.as_array().unwrap()) {
        let expected = told(&project, before, after);
        assert_eq!(found["nodes"], expected, "{before} → {after}");
        causes += expected.as_array().unwrap().iter().map(|node| node[2].as_array().unwrap().len()).sum::<usize>();
    }
    assert!(causes > 50, "{causes}");
}

/// A run that built a node may be gone: then it is said that nothing is known, in the terminal's words.
#[test]
fn what_is_no_longer_kept_is_said() {
    let (mut project, _) = lived();
    let runs = History::new(&*project.world, project.layout().runs()).list().unwrap();
    project.world.remove(&project.layout().runs().join(format!("{}.json", runs[0]))).unwrap();
    let artifacts = project.run(&["report.ff", "stg_orders.ff"], &[]);
    site(&project, &artifacts);
    let runs = History::new(&*project.world, project.layout().runs()).list().unwrap();
    let pairs = [(runs[0].clone(), runs.last().unwrap().clone()), (runs[1].clone(), runs[3].clone())];
    let Some(found) = compared(&project, &pairs) else { return };
    let mut notes = 0;
    for ((before, after), found) in pairs.iter().zip(found.as_array().unwrap()) {
        let expected = told(&project, before, after);
        assert_eq!(found["nodes"], expected, "{before} → {after}");
        notes += expected.as_array().unwrap().iter().filter(|node| node[3].is_string()).count();
    }
    assert!(notes > 0);
}

#[test]
fn what_differs_is_grouped_by_what_made_it_so() {
    let (project, artifacts) = lived();
    site(&project, &artifacts);
    let runs = History::new(&*project.world, project.layout().runs()).list().unwrap();
    let Some(found) = compared(&project, &[(runs[0].clone(), runs[1].clone())]) else { return };
    let nodes = ["mart_api.ff", "mart_user_orders.ff", "report.ff", "seed_users", "stg_users.ff"];
    let groups = found[0]["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 1, "{groups:?}");
    assert!(groups[0][0].as_str().unwrap().starts_with("seed changed: seeds/seed_users.csv"), "{groups:?}");
    assert_eq!(groups[0][1], json!(nodes));
}
