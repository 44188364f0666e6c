//! Which model a case is about, and where the rows that it gives belong.

use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::graph::{Graph, NodeId, NodeKind};
use crate::project::{Given, Project, UnitCase};
use std::collections::{BTreeMap, BTreeSet};

/// A model to be tried.
pub struct Subject<'a> {
    pub model: NodeId,
    /// The name of each relation that it reads, with its rows, in the order of the names.
    pub inputs: BTreeMap<String, &'a Given>,
}

/// Something that a model reads: the relation in the other schema, what it may be called in a case, and how it is told of.
struct Reads {
    relation: String,
    names: BTreeSet<String>,
    shown: String,
}

/// The subject of a case, in a graph over relations elsewhere.
///
/// # Errors
/// An unknown model, inputs that it doesn't read, what it reads and no input gives, columns and relations that there
/// aren't, each with its place.
pub fn subject<'a>(graph: &Graph, project: &Project, case: &'a UnitCase) -> Result<Subject<'a>, Vec<Diagnostic>> {
    let Some(model) = graph.find(&case.model).filter(|id| graph.nodes[*id].kind != NodeKind::Seed) else {
        return Err(vec![unknown_model(graph, case)]);
    };
    let name = &graph.nodes[model].name;
    let reads = reads(graph, project, model);
    let mut problems = Vec::new();
    let mut inputs: BTreeMap<String, &Given> = BTreeMap::new();
    for (called, given) in &case.inputs {
        // What has this name itself comes before what may be called so too.
        let named = || reads.iter().find(|one| one.shown.eq_ignore_ascii_case(called));
        let may_be = || reads.iter().find(|one| one.names.contains(&called.to_lowercase()));
        let inlined = graph.find(called).is_some_and(|id| graph.is_inlined(id));
        match named().or_else(may_be).filter(|_| !inlined) {
            Some(one) if inputs.contains_key(&one.relation) => {
                let message = format!("rows for `{}` are given twice, under two names", one.shown);
                problems.push(Diagnostic::new("duplicate-name", message).at(given.at.clone()));
            }
            Some(one) => drop(inputs.insert(one.relation.clone(), given)),
            None => problems.push(unread(graph, project, (model, &reads), called, given)),
        }
    }
    let missing: Vec<&Reads> = reads.iter().filter(|one| !inputs.contains_key(&one.relation)).collect();
    for one in missing {
        let message = format!("the case `{}` gives no rows for `{}`, which `{name}` reads", case.name, one.shown);
        let hint = format!("add `{}: {{rows: […]}}` to its inputs", one.shown);
        problems.push(Diagnostic::new("missing-input", message).at(case.at.clone()).hint(hint));
    }
    if let Some((said, at)) = &case.expect.relation {
        let own = &graph.moved.own[name];
        if ![own.name.to_lowercase(), own.to_string().to_lowercase()].contains(&said.to_lowercase()) {
            let message = format!("`{name}` builds `{}`, not `{said}`", own.name);
            problems.push(Diagnostic::new("unknown-relation", message).at(at.clone()));
        }
    }
    for (column, at) in &case.expect.order_by {
        let table = &case.expect.table;
        if !table.columns.is_empty() && table.find(column).is_none() {
            let names = table.columns.iter().map(|(name, _)| name.as_str());
            let problem = Diagnostic::new("unknown-column", format!("no expected row has a column `{column}`"));
            problems.push(did_you_mean(column, names).into_iter().fold(problem.at(at.clone()), Diagnostic::hint));
        }
    }
    if problems.is_empty() { Ok(Subject { model, inputs }) } else { Err(problems) }
}

fn unknown_model(graph: &Graph, case: &UnitCase) -> Diagnostic {
    let models = graph.nodes.iter().filter(|node| node.kind != NodeKind::Seed);
    let names: Vec<&str> = models.flat_map(|node| [node.name.as_str(), node.name.stem()]).collect();
    let problem = Diagnostic::new("unknown-model", format!("no model is called `{}`", case.model));
    let hint = did_you_mean(&case.model, names).unwrap_or_else(|| "`fft ls` lists the nodes of this project".into());
    problem.at(case.model_at.clone()).hint(hint)
}

/// What a model reads of relations, through ephemeral models too, which stand in its text.
fn reads(graph: &Graph, project: &Project, model: NodeId) -> Vec<Reads> {
    let mut found: BTreeMap<String, Reads> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut open = vec![model];
    while let Some(id) = open.pop() {
        let node = &graph.nodes[id];
        for up in &node.upstream {
            if graph.is_inlined(*up) {
                if seen.insert(*up) {
                    open.push(*up);
                }
            } else {
                let one = of_node(graph, *up);
                found.insert(one.relation.clone(), one);
            }
        }
        for key in &node.external_sources {
            let source = &project.sources[key];
            let names = [source.name(), source.identifier.clone(), source.relation().to_string()];
            let one = Reads {
                relation: graph.moved.sources[key].name.clone(),
                names: names.iter().map(|name| name.to_lowercase()).collect(),
                shown: source.name(),
            };
            found.insert(one.relation.clone(), one);
        }
    }
    found.into_values().collect()
}

fn of_node(graph: &Graph, id: NodeId) -> Reads {
    let node = &graph.nodes[id];
    let own = &graph.moved.own[&node.name];
    let provided = graph.providers.iter().filter(|(_, seed)| **seed == id);
    let provided = provided.map(|((group, table), _)| format!("{group}.{table}"));
    let names = [node.name.to_string(), node.name.stem().to_string(), own.name.clone(), own.to_string()];
    Reads {
        relation: node.relation.name.clone(),
        names: names.into_iter().chain(provided).map(|name| name.to_lowercase()).collect(),
        shown: node.name.stem().to_string(),
    }
}

/// An input that the model doesn't read.
fn unread(
    graph: &Graph,
    project: &Project,
    (model, reads): (NodeId, &[Reads]),
    called: &str,
    given: &Given,
) -> Diagnostic {
    let name = &graph.nodes[model].name;
    let list = || reads.iter().map(|one| format!("`{}`", one.shown)).collect::<Vec<_>>().join(", ");
    let reads_words = if reads.is_empty() { format!("`{name}` reads nothing") } else { format!("it reads {}", list()) };
    let at = given.at.clone();
    let inlined = graph.find(called).filter(|id| graph.is_inlined(*id));
    if inlined.is_some() {
        let message = format!("`{called}` is ephemeral: its text is part of `{name}`, and no rows stand for it");
        return Diagnostic::new("unread-input", message).at(at).hint(reads_words);
    }
    let known = graph.find(called).is_some() || project.sources.values().any(|source| source.name() == called);
    let message = if known {
        format!("`{name}` doesn't read `{called}`")
    } else {
        format!("`{name}` reads nothing that is called `{called}`")
    };
    let names: Vec<&str> = reads.iter().flat_map(|one| one.names.iter().map(String::as_str)).collect();
    let hint = did_you_mean(called, names).unwrap_or(reads_words);
    Diagnostic::new("unread-input", message).at(at).hint(hint)
}
