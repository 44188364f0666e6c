//! What a project says and nothing takes up, and what it asks for and nothing gives: descriptions of unknown models,
//! modules that no model imports, vars without a value, a project without models.

use super::{Body, Elsewhere, Graph};
use crate::diagnostic::{Diagnostic, Location, did_you_mean, grouped};
use crate::name::{look_up, stem};
use crate::project::{EVERY, Project, engine_names};
use std::collections::{BTreeMap, BTreeSet};

/// Warnings of one kind that are told one by one.
const SHOWN: usize = 20;

/// A warning for each.
pub fn unused(project: &Project, graph: &Graph) -> Vec<Diagnostic> {
    let mut found = bounded(graph.warnings.clone(), "names that have no value");
    if graph.nodes.is_empty() {
        let dir = &project.settings.models_dir;
        let problem =
            Diagnostic::warning("no-models", "the project has no models and no seeds, so there is nothing to do");
        found.push(problem.hint(format!("models are files in {dir}/ that are named *.ff.sql or *.ff.py")));
    }
    found.extend(bounded(strangers(graph), "models for engines that there aren't"));
    found.extend(bounded(described(project, graph), "descriptions of what the project doesn't have"));
    found.extend(bounded(modules(project, graph), "Python files that no model imports"));
    found
}

/// Models that no run sees, since no engine is called as they say.
fn strangers(graph: &Graph) -> Vec<Diagnostic> {
    let unknown = |name: &&String| !engine_names().any(|known| known.eq_ignore_ascii_case(name.trim()));
    let engines = |model: &'_ Elsewhere| model.audience.engines.iter().find(unknown).cloned();
    let warning = |model: &Elsewhere| {
        let engine = engines(model)?;
        let message = format!("`{}` is for the engine `{engine}`, and there is none of that name", model.name);
        let problem = Diagnostic::warning("unknown-engine", message).at(Location::file(&model.path));
        Some(did_you_mean(&engine, engine_names()).into_iter().fold(problem, Diagnostic::hint))
    };
    graph.elsewhere.iter().filter_map(warning).collect()
}

fn bounded(mut found: Vec<Diagnostic>, what: &str) -> Vec<Diagnostic> {
    if found.len() > SHOWN {
        let more = grouped(found.len() - SHOWN);
        found.truncate(SHOWN);
        found.push(Diagnostic::warning("left-out", format!("and {more} more {what}")));
    }
    found
}

/// Descriptions in YAML and Markdown, each of something that must be there.
fn described(project: &Project, graph: &Graph) -> Vec<Diagnostic> {
    let nodes = || graph.nodes.iter();
    let elsewhere = graph.elsewhere.iter().flat_map(|model| [model.name.as_str(), stem(&model.name)]);
    let names: BTreeSet<&str> =
        nodes().flat_map(|node| [node.name.as_str(), node.name.stem()]).chain(elsewhere).collect();
    let relations: BTreeSet<String> = nodes().map(|node| node.relation.name.to_lowercase()).collect();
    let near = |problem: Diagnostic, name: &str| match did_you_mean(name, names.iter().copied()) {
        Some(hint) => problem.hint(hint),
        None => problem.hint("`fft ls` lists the nodes of this project"),
    };
    let unknown = |name: &str| look_up(name, |name| names.get(name)).is_none();
    let mut found = Vec::new();
    for (name, properties) in project.properties.iter().filter(|(name, _)| unknown(name)) {
        let problem =
            Diagnostic::warning("unknown-model", format!("`{name}` is described, and there is no such model"));
        let at = properties.at.clone().unwrap_or_else(|| Location::file(&project.settings.models_dir));
        found.push(near(problem.at(at), name));
    }
    for name in project.documents.nodes.keys().filter(|name| unknown(name)) {
        let problem =
            Diagnostic::warning("unknown-model", format!("`{name}` is described, and there is no such model"));
        found.push(near(problem.at(Location::file(format!("docs/models/{name}.md"))), name));
    }
    let settings = &project.settings;
    let stored = settings.model_storage.iter().chain(&settings.seed_storage).map(|found| ("storage", found));
    let set = settings.model_settings.iter().chain(&settings.seed_settings);
    let set = set.flat_map(|(key, by_name)| by_name.iter().map(move |found| (key.as_str(), found)));
    for (key, (name, declared)) in stored.chain(set) {
        if name != EVERY && unknown(name) {
            let message = format!("`{name}` has `{key}` in project.yml, and there is no such node");
            found.push(near(Diagnostic::warning("unknown-model", message).at(declared.at.clone()), name));
        }
    }
    for (name, declared) in settings.model_incremental.iter().filter(|(name, _)| unknown(name)) {
        let message = format!("`{name}` is under `models.incremental` in project.yml, and there is no such model");
        found.push(near(Diagnostic::warning("unknown-model", message).at(declared.at.clone()), name));
    }
    for (name, declared) in settings.model_hooks.iter().filter(|(name, _)| unknown(name)) {
        let message = format!("`{name}` has hooks in project.yml, and there is no such model");
        let at = declared.pre.iter().chain(&declared.post).next().map(|hook| hook.at.clone());
        let problem = Diagnostic::warning("unknown-model", message);
        found.push(near(at.into_iter().fold(problem, Diagnostic::at), name));
    }
    for (name, declared) in settings.model_snapshots.iter().filter(|(name, _)| unknown(name)) {
        let message = format!("`{name}` has a `snapshot` in project.yml, and there is no such node");
        found.push(near(Diagnostic::warning("unknown-model", message).at(declared.at.clone()), name));
    }
    let columns: BTreeSet<&str> =
        project.documents.columns.values().flat_map(BTreeMap::keys).map(|(relation, _)| relation.as_str()).collect();
    for relation in columns.into_iter().filter(|relation| !relations.contains(&relation.to_lowercase())) {
        let message = format!("columns of `{relation}` are described, and there is no such relation");
        let problem = Diagnostic::warning("unknown-model", message);
        let problem = problem.at(Location::file(format!("docs/columns/{relation}/")));
        let hint = did_you_mean(relation, relations.iter().map(String::as_str));
        found.push(hint.into_iter().fold(problem, Diagnostic::hint));
    }
    found
}

fn modules(project: &Project, graph: &Graph) -> Vec<Diagnostic> {
    let imported: BTreeSet<&str> = graph
        .nodes
        .iter()
        .filter_map(|node| match &node.body {
            Body::Python(body) => Some(body.model.modules.keys().map(String::as_str)),
            _ => None,
        })
        .flatten()
        .collect();
    let alone = |path: &&String| !imported.contains(path.as_str()) && !path.ends_with("/__init__.py");
    // A package's own file is read with any module of the package.
    let warning = |path: &String| {
        let message = format!("{path} is left out: no model imports it, and Python models are named *.ff.py");
        let stem = path.strip_suffix(".py").unwrap_or(path);
        Diagnostic::warning("left-out", message)
            .at(Location::file(path))
            .hint(format!("rename it to {stem}.ff.py if it is a model"))
    };
    project.modules.iter().filter(alone).map(warning).collect()
}
