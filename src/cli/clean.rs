//! `fft clean`: removes what fft wrote; `--orphans` drops relations whose models are gone.

use super::Exit;
use super::option::{ProfileOptions, ProjectOptions, WaitOptions};
use super::terminal::Terminal;
use crate::run::{self, Failure, Fate, Purpose};
use crate::world::World;
use clap::Args;
use std::sync::Arc;

#[derive(Args, Debug)]
pub struct CleanOptions {
    #[command(flatten)]
    project: ProfileOptions,
    /// Drop the relations of nodes that are no longer in the project, and forget them; leave the rest
    #[arg(long)]
    orphans: bool,
    /// Vars, as `name=value`, where models need them to be read
    #[arg(long, value_name = "NAME=VALUE", num_args = 1.., requires = "orphans")]
    vars: Vec<String>,
    #[command(flatten)]
    wait: WaitOptions,
}

pub fn clean(world: Arc<dyn World>, terminal: &Terminal, options: CleanOptions) -> Result<Exit, Failure> {
    let ProfileOptions { project, env } = options.project;
    let wanted = ProjectOptions { project, env, vars: options.vars, ..ProjectOptions::default() }.wanted()?;
    let purpose = if options.orphans { Purpose::Database } else { Purpose::Records };
    let opened = run::open(world, terminal, &wanted, purpose, options.wait.no_wait)?;
    if !options.orphans {
        opened.clean(terminal)?;
        return Ok(Exit::Done);
    }
    opened.observe(terminal)?.drop_orphans(&mut |entry, fate| {
        let (node, relation) = (&entry.node, &entry.relation);
        terminal.result(&match fate {
            Fate::Owned => format!("dropped {node} ({relation})"),
            Fate::Gone => format!("forgot {node}: {relation} isn't there any longer"),
            Fate::Taken => format!("forgot {node}: {relation} is another node's now"),
            Fate::History => {
                format!("left {relation} as it is: it holds the history of {node}, which nothing can compute again")
            }
            Fate::Foreign => format!("left {relation} as it is: it isn't what this project built as {node}"),
        });
    })?;
    Ok(Exit::Done)
}
