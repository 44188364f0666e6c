//! The page that compares any two runs says what `fft diff` says, for every pair of runs.

use super::sample::Project;
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
