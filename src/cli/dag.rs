//! `fft dag`: the graph as text, Mermaid, DOT, JSON, or as the site.

use super::Exit;
use super::build::{BuildOptions, build};
use super::option::{ProfileOptions, ProjectOptions};
use super::terminal::Terminal;
use crate::graph::{Graph, Spelling};
use crate::run::{self, Failure};
use crate::world::World;
use clap::Args;
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Args, Debug)]
pub struct DagOptions {
    #[command(flatten)]
    project: ProjectOptions,
    /// Print a Mermaid flowchart
    #[arg(long, conflicts_with_all = ["dot", "json"])]
    mermaid: bool,
    /// Print Graphviz DOT
    #[arg(long, conflicts_with = "json")]
    dot: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Build the site, as `fft docs build` does
    #[arg(long, conflicts_with_all = ["mermaid", "dot", "json"])]
    html: bool,
}

pub fn dag(world: Arc<dyn World>, terminal: &Terminal, options: DagOptions) -> Result<Exit, Failure> {
    if options.html {
        let ProjectOptions { project, env, .. } = options.project;
        return build(world, terminal, BuildOptions::of(ProfileOptions { project, env }));
    }
    let loaded = run::load(world, terminal, &options.project.wanted()?, Spelling::Short)?;
    let graph = loaded.graph();
    options.project.warn_unread(terminal, graph);
    let lines = match () {
        () if options.mermaid => mermaid(graph),
        () if options.dot => dot(graph),
        () if options.json => {
            terminal.json(&to_json(graph));
            return Ok(Exit::Done);
        }
        () => text(graph),
    };
    lines.iter().for_each(|line| terminal.result(line));
    Ok(Exit::Done)
}

/// A line a node: its level, and what it stands on.
fn text(graph: &Graph) -> Vec<String> {
    let line = |node: &crate::graph::Node| {
        let names: Vec<&str> = node.upstream.iter().map(|up| graph.nodes[*up].name.as_str()).collect();
        match names.as_slice() {
            [] => format!("L{:02} {}", node.level, node.name),
            [one] => format!("L{:02} {one} → {}", node.level, node.name),
            many => format!("L{:02} ({}) → {}", node.level, many.join(" + "), node.name),
        }
    };
    graph.nodes.iter().map(line).collect()
}

/// Nodes by number: a name may hold anything.
fn mermaid(graph: &Graph) -> Vec<String> {
    let escape = |name: &str| name.replace('#', "#35;").replace('"', "#quot;");
    let nodes = graph.nodes.iter().enumerate().map(|(id, node)| format!("  n{id}[\"{}\"]", escape(node.name.as_str())));
    let edges = edges(graph).map(|(up, down)| format!("  n{up} --> n{down}"));
    std::iter::once("flowchart LR".to_string()).chain(nodes).chain(edges).collect()
}

fn dot(graph: &Graph) -> Vec<String> {
    let escape = |name: &str| name.replace('\\', "\\\\").replace('"', "\\\"");
    let nodes =
        graph.nodes.iter().enumerate().map(|(id, node)| format!("  n{id} [label=\"{}\"];", escape(node.name.as_str())));
    let edges = edges(graph).map(|(up, down)| format!("  n{up} -> n{down};"));
    let head = ["digraph fft {".to_string(), "  rankdir=LR;".to_string()];
    head.into_iter().chain(nodes).chain(edges).chain(["}".to_string()]).collect()
}

fn to_json(graph: &Graph) -> Value {
    let nodes: Vec<_> = graph
        .nodes
        .iter()
        .map(|node| json!({"name": node.name, "kind": node.kind, "level": node.level, "path": node.path}))
        .collect();
    let edges: Vec<_> = edges(graph).map(|(up, down)| json!([graph.nodes[up].name, graph.nodes[down].name])).collect();
    json!({"nodes": nodes, "edges": edges})
}

fn edges(graph: &Graph) -> impl Iterator<Item = (usize, usize)> {
    let edges =
        |(down, node): (usize, &crate::graph::Node)| node.upstream.clone().into_iter().map(move |up| (up, down));
    graph.nodes.iter().enumerate().flat_map(edges)
}
