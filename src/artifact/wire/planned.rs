//! The decisions of the next run: by `fft plan --json`, and wherever a plan is followed.

use super::headline::clauses;
use super::listed::first_of;
use super::{Cause, Check, PlannedHook, Root, groups_of, root_sentences, summary_of};
use crate::diagnostic::grouped;
use crate::graph::Graph;
use crate::plan::{Action, Code, Decision, Plan};
use serde::Serialize;
use serde_json::{Value, json};

/// What `fft plan --json` prints; `hooks` are those that would run, `expected` is what the run is
/// expected to scan.
pub fn planned(graph: &Graph, plan: &Plan, hooks: &[PlannedHook], expected: &impl Serialize) -> Value {
    let all = Root::all(plan);
    let node = |decision: &Decision| decision_json(graph, plan, &all, decision);
    let nodes: Vec<Value> = plan.decisions.iter().map(node).collect();
    json!({ "expected": expected, "hooks": hooks, "nodes": nodes, "groups": groups_of(plan, &all), "roots": all })
}

/// A decision of the next run, in the form that run_results.json has. `all` are the plan's roots.
fn decision_json(graph: &Graph, plan: &Plan, all: &[Root], decision: &Decision) -> Value {
    let causes = Cause::all(decision);
    let checks: Vec<Check> = decision.checks.iter().map(Check::from).collect();
    let roots: Vec<&str> = decision.roots.iter().map(|root| plan.roots[*root].name.as_str()).collect();
    let mut told = json!({
        "name": graph.nodes[decision.node].name,
        "decision": {
            "action": decision.action,
            "baseline": decision.baseline,
            "causes": causes,
            "checks": checks,
            "path": decision.path,
            "primary_code": decision.primary().code,
            "role": decision.role,
            "root_sentences": root_sentences(decision, |root| all[root].sentence.clone()),
            "roots": roots,
            "summary": summary_of(decision, &causes),
            "unwatched": decision.unwatched,
        },
        "fingerprint": decision.fingerprint.value,
    });
    if let Some(mode) = decision.mode {
        told["decision"]["mode"] = json!(mode);
    }
    told
}

/// What a run now would do, in one sentence: `A run now would build 3 of 7 nodes: one row was added to seed_users.` `is_node`
/// tells whether the project has a node of a name.
pub fn ahead(plan: &Plan, is_node: impl Fn(&str) -> bool) -> String {
    let of = |action| plan.decisions.iter().filter(move |decision| decision.action == action).count();
    let (built, skipped) = (of(Action::Build), of(Action::Skip));
    // What another verb is for was selected with the rest.
    let left = plan.decisions.iter().filter(|decision| decision.primary().code == Code::NotSelected).count();
    let nodes = |count: usize| if count == 1 { "1 node".into() } else { format!("{} nodes", grouped(count)) };
    let asked = if left > 0 { "selected " } else { "" };
    match (built, skipped) {
        (0, 0) => "A run now would have nothing to do: no node is selected.".into(),
        (0, 1) => format!("A run now would build nothing: the {asked}node is up to date."),
        (0, all) => format!("A run now would build nothing: all {} {asked}nodes are up to date.", grouped(all)),
        (built, _) => {
            let all = built + skipped;
            let causes = clauses(&Root::all(plan), &is_node);
            let why = if causes.is_empty() { String::new() } else { format!(": {}", first_of(&causes, "cause")) };
            let what = if built == all { nodes(all) } else { format!("{} of {}", grouped(built), nodes(all)) };
            format!("A run now would build {what}{why}.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::{Fingerprint, Key};
    use crate::plan::{self, Cause, RootKind, Why};

    fn told(actions: &[Action], roots: &[(&str, Code)]) -> String {
        let fingerprint = Fingerprint::new(Vec::new(), [].into(), None, &Key::new(None));
        let decision = |(node, action): (usize, &Action)| {
            let code = if *action == Action::NotSelected { Code::NotSelected } else { Code::AllInputsEqual };
            let cause = Cause::new(code);
            Decision::new(node, *action, cause, Vec::new(), fingerprint.clone())
        };
        let root = |(name, code): &(&str, Code)| plan::Root {
            kind: RootKind::Node,
            name: name.to_string(),
            why: Why::Cause(Box::new(Cause::named(*code, format!("models/{name}.ff.sql").as_str()))),
            impact: 1,
            sole_impact: 1,
        };
        let decisions = actions.iter().enumerate().map(decision).collect();
        ahead(&Plan { decisions, roots: roots.iter().map(root).collect() }, |_| false)
    }

    #[test]
    fn a_sentence_tells_what_a_run_would_do_and_why() {
        use Action::{Build, NotSelected, Skip};
        assert_eq!(told(&[Skip, Skip], &[]), "A run now would build nothing: all 2 nodes are up to date.");
        assert_eq!(told(&[Skip, NotSelected], &[]), "A run now would build nothing: the selected node is up to date.");
        assert_eq!(told(&[NotSelected], &[]), "A run now would have nothing to do: no node is selected.");
        let one = told(&[Build, Skip, Skip], &[("a", Code::SqlChanged)]);
        assert!(one.starts_with("A run now would build 1 of 3 nodes: ") && one.contains(" a "), "{one}");
        let all: Vec<(&str, Code)> = ["a", "b", "c", "d", "e"].map(|name| (name, Code::SqlChanged)).to_vec();
        let many = told(&[Build; 5], &all);
        assert!(many.starts_with("A run now would build 5 nodes: "), "{many}");
        assert!(many.ends_with(", and 2 more causes."), "{many}");
    }
}
