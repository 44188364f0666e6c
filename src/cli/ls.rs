//! `fft ls`: the nodes of a selection.

use super::Exit;
use super::option::{ProjectOptions, WaitOptions, nothing};
use super::terminal::Terminal;
use crate::diagnostic::grouped;
use crate::dialect::Dialect;
use crate::graph::{Graph, NodeId, Spelling};
use crate::run::{self, Failure, Only, Purpose, Selection};
use crate::world::World;
use clap::Args;
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Args, Debug)]
pub struct LsOptions {
    #[command(flatten)]
    project: ProjectOptions,
    /// Nodes to list: names, globs, `tag:x`, `+x`, `x+`, `@x` …
    #[arg(short, long, value_name = "SELECTOR", num_args = 1..)]
    select: Vec<String>,
    /// Nodes to leave out, with everything downstream of them
    #[arg(long, value_name = "SELECTOR", num_args = 1..)]
    exclude: Vec<String>,
    /// Only nodes that differ from this git commit, branch or tag, with everything downstream of them
    #[arg(long, value_name = "REF")]
    changed_since: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    wait: WaitOptions,
}

pub fn ls(world: Arc<dyn World>, terminal: &Terminal, options: LsOptions) -> Result<Exit, Failure> {
    // A list shows what the selector says, without what a run would add.
    let LsOptions { project, select, exclude, changed_since, json, wait } = options;
    let selection = Selection { select, exclude, changed_since, no_upstream: true, only: Only::All };
    if selection.is_all() {
        let loaded = run::load(world, terminal, &project.wanted()?, Spelling::Short)?;
        let graph = loaded.graph();
        project.warn_unread(terminal, graph);
        list(terminal, graph, loaded.checkout().dialect(), 0..graph.nodes.len(), json);
        elsewhere(terminal, graph, json);
        return Ok(Exit::Done);
    }
    let standing = run::open(world, terminal, &project.wanted()?, Purpose::Look, wait.no_wait)?.observe(terminal)?;
    project.warn_unread(terminal, standing.graph());
    let selected = standing.selection(&selection)?;
    if selected.is_empty() {
        terminal.note(&nothing(&selection));
    }
    list(terminal, standing.graph(), standing.checkout().dialect(), selected.into_iter(), json);
    Ok(Exit::Done)
}

fn list(terminal: &Terminal, graph: &Graph, dialect: &dyn Dialect, ids: impl Iterator<Item = NodeId>, json: bool) {
    if json {
        let nodes: Vec<Value> = ids.map(|id| node_json(graph, dialect, id)).collect();
        return terminal.json(&json!({ "nodes": nodes }));
    }
    let nodes = &graph.nodes;
    if terminal.verbose == 0 {
        return ids.for_each(|id| terminal.result(nodes[id].name.as_str()));
    }
    let width = nodes.iter().map(|node| node.name.as_str().chars().count()).max().unwrap_or_default().clamp(8, 48);
    for id in ids {
        let node = &nodes[id];
        let relation = if graph.has_relation(id) { node.relation.to_string() } else { "–".into() };
        let kind = format!("{} {}", word(&node.kind), node.materialization.word());
        let tags: String = node.tags.iter().map(|tag| format!("  tag:{tag}")).collect();
        let used: String = exposures(graph, id).map(|name| format!("  exposure:{name}")).collect();
        let package = node.package.as_ref().map_or(String::new(), |name| format!("  package:{name}"));
        let line = format!("{:<width$}  {kind:<16}  {relation}  {}{package}{tags}{used}", node.name, node.path);
        terminal.result(&line);
        if terminal.verbose > 1 {
            let names = |ids: &[NodeId]| ids.iter().map(|id| nodes[*id].name.as_str()).collect::<Vec<_>>().join(", ");
            for (what, ids) in [("reads", &node.upstream), ("is read by", &node.downstream)] {
                if !ids.is_empty() {
                    terminal.result(&format!("    {what} {}", names(ids)));
                }
            }
        }
    }
}

/// The exposures that read a node themselves.
fn exposures(graph: &Graph, id: NodeId) -> impl Iterator<Item = &str> {
    graph.exposures.iter().filter(move |(_, nodes)| nodes.contains(&id)).map(|(name, _)| name.as_str())
}

/// Tells of the models that this run doesn't see.
fn elsewhere(terminal: &Terminal, graph: &Graph, json: bool) {
    let models = &graph.elsewhere;
    if json || models.is_empty() {
        return;
    }
    let files = grouped(models.len());
    let are = if models.len() == 1 { "1 model is".into() } else { format!("{files} models are") };
    terminal.note(&format!("{are} for other engines or environments, and not here"));
    if terminal.verbose > 0 {
        for model in models {
            terminal.note(&format!("  {} ({}): {}", model.name, model.path, model.audience));
        }
    }
}

fn node_json(graph: &Graph, dialect: &dyn Dialect, id: NodeId) -> Value {
    let nodes = &graph.nodes;
    let node = &nodes[id];
    let names = |ids: &[NodeId]| ids.iter().map(|id| nodes[*id].name.as_str()).collect::<Vec<_>>();
    let relation = graph.has_relation(id).then_some(&node.relation);
    json!({
        "children": names(&node.downstream),
        "description": node.description,
        "exposures": exposures(graph, id).collect::<Vec<_>>(),
        "kind": node.kind,
        "level": node.level,
        "materialized": node.materialization,
        "meta": node.meta,
        "name": node.name,
        "package": node.package.as_deref(),
        "parents": names(&node.upstream),
        "path": node.path,
        "relation": relation,
        "relation_name": relation.map(|relation| dialect.relation(relation)),
        "sources": node.sources.iter().map(|(group, table)| format!("{group}.{table}")).collect::<Vec<_>>(),
        "tags": node.tags,
    })
}

/// A value's word in JSON.
fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(String::from)).unwrap_or_default()
}
