//! What selectors select, on a small project and on random graphs.

use super::*;
use crate::project::Project;
use crate::project::testing::empty;
use proptest::prelude::*;

/// A graph of models `n0`, `n1` … where each reads the lower ones that `edges` names.
fn dag(edges: &[Vec<usize>]) -> Graph {
    let mut project = empty();
    for (node, ups) in edges.iter().enumerate() {
        let refs: String = ups.iter().map(|up| format!("{{{{ ref('n{up}') }}}} ")).collect();
        project = project.sql(&format!("n{node}"), &format!("select {refs}"));
    }
    graph(project)
}

fn graph(project: Project) -> Graph {
    crate::graph::tests::build(&project).unwrap()
}

fn shop() -> Graph {
    let project = crate::graph::tests::shop().sql("marts/top", "select * from {{ ref('mart.ff') }}").python(
        "scores",
        "from fastflowtransform import model\n\n@model(deps=['stg_users.ff'])\ndef scores(users):\n    return users\n",
    );
    graph(project)
}

fn selected(graph: &Graph, text: &str) -> Result<Vec<String>, Diagnostic> {
    let modified = graph.find("mart").into_iter().collect();
    let new = graph.find("scores").into_iter().collect();
    let results = [("stg_users", "error"), ("mart", "blocked"), ("stg_events", "success")];
    let results = results.iter().filter_map(|(name, result)| Some((graph.find(name)?, result.to_string()))).collect();
    let fresh = [("users", "warn"), ("events", "pass")];
    let fresh = fresh.map(|(table, status)| (("crm".to_string(), table.to_string()), status.to_string())).into();
    let facts = Facts { new: &new, modified: &modified, results: &results, fresh: &fresh };
    let found = select(graph, text, &facts)?;
    Ok(found.iter().map(|id| graph.nodes[*id].name.stem().to_string()).collect())
}

#[test]
fn every_method_selects() {
    let graph = shop();
    for (text, expected) in [
        ("stg_users", "stg_users"),
        ("stg_users.ff", "stg_users"),
        ("stg_*", "stg_events stg_users"),
        ("*.ff", "stg_events stg_users ids mart top"),
        ("{mart,top}", "mart top"),
        ("tag:daily", "stg_events stg_users"),
        ("tag:daily,tag:b?g", "stg_events"),
        ("kind:seed", "users"),
        ("kind:python", "scores"),
        ("type:view", "stg_users"),
        ("type:ephemeral", "ids"),
        ("kind:sql,type:table", "stg_events mart top"),
        ("path:models/staging", "stg_events stg_users ids"),
        ("path:./models/marts/", "mart top"),
        ("path:models/*/t*.sql", "top"),
        ("path:models/*.py", "scores"),
        ("path:**/*users*", "users stg_users"),
        ("state:new", "scores"),
        ("state:modified+", "mart top"),
        ("result:error result:blocked", "stg_users mart"),
        ("result:fail result:ok", "stg_events stg_users"),
        ("result:warn", ""),
        ("tag:daily mart & type:view top", "stg_users"),
        ("stg_* & result:error & kind:sql", "stg_users"),
        ("source:raw.users", "stg_users"),
        ("source:crm", "stg_events"),
        ("source:*.*", "stg_events stg_users"),
        ("+mart", "stg_events users stg_users ids mart"),
        ("1+mart", "stg_events ids mart"),
        ("users+1", "users stg_users"),
        ("1+ids+1", "stg_users ids mart"),
        ("@ids", "stg_events users stg_users ids mart top"),
        ("@scores", "users stg_users scores"),
        ("kind:seed,state:new top", "top"),
        ("top tag:big,kind:python", "top"),
        ("state:new,tag:daily", ""),
        ("result:skipped", ""),
        ("result:skipped+ state:modified,kind:python", ""),
    ] {
        assert_eq!(selected(&graph, text).map(|names| names.join(" ")), Ok(expected.into()), "{text}");
    }
}

#[test]
fn what_names_nothing_is_a_problem_with_the_nearest_names() {
    let graph = shop();
    let problem = |text: &str| {
        let problem = selected(&graph, text).unwrap_err();
        (problem.code, problem.message, problem.hints)
    };
    for (text, message, hint) in [
        ("top stg_user", "no node is called `stg_user`", "did you mean `stg_users`?"),
        ("zzzzzzzz", "no node is called `zzzzzzzz`", "`fft ls` lists the nodes of this project"),
        ("tag:dayly", "`tag:dayly` selects nothing", "did you mean `daily`?"),
        ("path:models/stagin/", "`path:models/stagin/` selects nothing", "did you mean `models/staging`?"),
        ("source:raw.user", "`source:raw.user` selects nothing", "did you mean `raw.users`?"),
        ("x*", "`x*` selects nothing", "`fft ls` lists the nodes of this project"),
        ("top tag:dayly+", "`tag:dayly+` selects nothing", "did you mean `daily`?"),
        ("result:skipped x*", "`x*` selects nothing", "`fft ls` lists the nodes of this project"),
    ] {
        assert_eq!(problem(text), ("empty-selection", message.into(), vec![hint.into()]), "{text}");
    }
    let both = "a comma asks for nodes that match both sides; a space for those that match either";
    let listed = "`fft ls` lists the nodes of this project";
    let expected = ("empty-selection", "`state:new,x*` selects nothing".into(), vec![both.into(), listed.into()]);
    assert_eq!(problem("state:new,x*"), expected);
    let (code, message, hints) = problem("tag:big,kind:python");
    assert_eq!((code, message.as_str()), ("empty-selection", "`tag:big,kind:python` selects nothing"));
    assert!(hints[0].starts_with("a comma asks"));
    assert_eq!(selected(&graph, "top stg_user").unwrap_err().at, Some(Location::new("selector", 1, 5)));
    assert_eq!(problem("[a").0, "bad-selector");
}

#[test]
fn exclusion_takes_what_is_downstream_along() {
    let graph = shop();
    let all: BTreeSet<NodeId> = (0..graph.nodes.len()).collect();
    let left = exclude(&graph, &all, &BTreeSet::from([graph.find("ids").unwrap()]));
    let names: Vec<&str> = left.iter().map(|id| graph.nodes[*id].name.stem()).collect();
    assert_eq!(names, ["stg_events", "users", "stg_users", "scores"]);
}

/// Random graphs of up to 12 nodes, as each node's upstream.
fn edges() -> impl Strategy<Value = Vec<Vec<usize>>> {
    prop::collection::vec(any::<u16>(), 1..12).prop_map(|bits| {
        bits.iter().enumerate().map(|(node, bits)| (0..node).filter(|up| bits >> up & 1 == 1).collect()).collect()
    })
}

/// `reached[a][b]`: length of the shortest path from `b` down to `a`, by trying every middle.
fn distances(edges: &[Vec<usize>]) -> Vec<Vec<Option<usize>>> {
    let size = edges.len();
    let mut distance = vec![vec![None; size]; size];
    for node in 0..size {
        distance[node][node] = Some(0);
        edges[node].iter().for_each(|up| distance[node][*up] = Some(1));
    }
    for middle in 0..size {
        for from in 0..size {
            for to in 0..size {
                let Some(through) = distance[from][middle].zip(distance[middle][to]).map(|(a, b)| a + b) else {
                    continue;
                };
                distance[from][to] = Some(distance[from][to].map_or(through, |known| known.min(through)));
            }
        }
    }
    distance
}

/// The numbers of the nodes that `text` selects; none for nothing.
fn numbers(graph: &Graph, text: &str) -> BTreeSet<usize> {
    let names = selected(graph, text).unwrap_or_default();
    names.iter().map(|name| name[1..].parse().unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn spreading_is_reachability(edges in edges(), pick in any::<prop::sample::Index>(), depth in 0usize..4) {
        let (graph, distance, x) = (dag(&edges), distances(&edges), pick.index(edges.len()));
        let within = |from: usize, to: usize, most: usize| distance[from][to].is_some_and(|length| length <= most);
        let all = |test: &dyn Fn(usize) -> bool| (0..edges.len()).filter(|node| test(*node)).collect::<BTreeSet<_>>();
        let far = usize::MAX;
        prop_assert_eq!(numbers(&graph, &format!("+n{x}")), all(&|node| within(x, node, far)));
        prop_assert_eq!(numbers(&graph, &format!("n{x}+")), all(&|node| within(node, x, far)));
        prop_assert_eq!(numbers(&graph, &format!("{depth}+n{x}")), all(&|node| within(x, node, depth)));
        prop_assert_eq!(numbers(&graph, &format!("n{x}+{depth}")), all(&|node| within(node, x, depth)));
        let closure = all(&|node| (0..edges.len()).any(|down| within(down, x, far) && within(down, node, far)));
        prop_assert_eq!(numbers(&graph, &format!("@n{x}")), closure);
    }

    #[test]
    fn terms_are_sets(edges in edges(), left in any::<prop::sample::Index>(), right in any::<prop::sample::Index>()) {
        let graph = dag(&edges);
        let (a, b) = (format!("+n{}", left.index(edges.len())), format!("n{}+", right.index(edges.len())));
        let (left, right) = (numbers(&graph, &a), numbers(&graph, &b));
        prop_assert_eq!(numbers(&graph, &format!("{a} {b}")), &left | &right);
        prop_assert_eq!(numbers(&graph, &format!("{a},{b}")), &left & &right);
        prop_assert_eq!(numbers(&graph, &format!("{a},{b} {a}")), left.clone());
        prop_assert_eq!(numbers(&graph, &format!("{b} {a}")), numbers(&graph, &format!("{a} {b}")));
        let id = |number: &usize| graph.find(&format!("n{number}")).unwrap();
        let (all, without) = (left.iter().map(id).collect(), right.iter().take(1).map(id).collect());
        let kept = exclude(&graph, &all, &without);
        let below = graph.descendants(&without);
        prop_assert_eq!(kept, all.into_iter().filter(|id| !without.contains(id) && !below.contains(id)).collect());
    }

    #[test]
    fn no_text_panics(text in "[a-z0-9+@,:{}\\[\\]*é \\\\]{0,12}") {
        let _ = selected(&dag(&[vec![], vec![0]]), &text);
    }
}
