//! `fft ls`: the nodes of a selection.

use super::option::{ProjectOptions, SelectOptions};
use super::prepare::{load, open, prepare};
use super::terminal::Terminal;
use super::{Exit, Failure};
use crate::world::World;
use clap::Args;
use std::sync::Arc;

#[derive(Args, Debug)]
pub struct LsOptions {
    #[command(flatten)]
    project: ProjectOptions,
    #[command(flatten)]
    select: SelectOptions,
}

pub fn ls(world: Arc<dyn World>, terminal: &Terminal, options: LsOptions) -> Result<Exit, Failure> {
    if options.select.select.is_empty() && options.select.exclude.is_empty() && options.select.changed_since.is_none() {
        let loaded = load(world, &options.project)?;
        loaded.graph.nodes.iter().for_each(|node| terminal.result(node.name.as_str()));
        return Ok(Exit::Done);
    }
    let prepared = prepare(open(world, &options.project)?)?;
    // A list shows what the selector says, without what a run would add.
    let select = SelectOptions { no_upstream: true, ..options.select };
    for id in prepared.selection(&select)? {
        terminal.result(prepared.loaded.graph.nodes[id].name.as_str());
    }
    Ok(Exit::Done)
}
