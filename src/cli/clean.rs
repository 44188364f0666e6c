//! `fft clean`: removes what fft wrote; `--orphans` drops relations whose models are gone.

use super::option::{ProfileOptions, ProjectOptions, WaitOptions};
use super::prepare::{Opened, open, prepare};
use super::terminal::Terminal;
use super::{Exit, Failure};
use crate::engine::{EngineError, ErrorKind, Session};
use crate::name::RelationName;
use crate::site;
use crate::world::World;
use clap::Args;
use std::io;
use std::path::Path;
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
    let opened = open(world.clone(), &ProjectOptions { project, env, vars: options.vars })?;
    if options.orphans {
        return orphans(terminal, opened, options.wait);
    }
    let project = &opened.project;
    let removed = |path: &Path, removed: io::Result<bool>| match removed {
        Ok(false) => Ok(()),
        Ok(true) => {
            let shown = path.strip_prefix(&project.root).unwrap_or(path);
            terminal.note(&format!("removed {}", shown.display()));
            Ok(())
        }
        Err(error) => Err(Failure::Io(format!("{} could not be removed", path.display()), error)),
    };
    let root = opened.layout.root();
    removed(root, if world.exists(root) { world.remove(root).map(|()| true) } else { Ok(false) })?;
    // Somebody may keep files of their own beside the site's.
    let site = project.root.join(&project.settings.dag_dir);
    removed(&site, site::write::remove(&*world, &site))?;
    Ok(Exit::Done)
}

fn orphans(terminal: &Terminal, opened: Opened, wait: WaitOptions) -> Result<Exit, Failure> {
    let mut prepared = prepare(opened, terminal, wait)?;
    let graph = &prepared.loaded.graph;
    let gone: Vec<_> =
        prepared.state.entries.values().filter(|entry| graph.id(entry.node.as_str()).is_none()).cloned().collect();
    let mut waiting = Vec::new();
    let live: Vec<_> = graph.nodes.iter().map(|node| prepared.relations.resolve(&node.relation)).collect();
    for entry in &gone {
        // Another node may have taken the relation over.
        if !live.contains(&prepared.relations.resolve(&entry.relation)) {
            waiting.push(entry.relation.clone());
        }
    }
    drop_all(&mut *prepared.session, waiting)?;
    for entry in gone {
        prepared.cache.forget(&entry.node).map_err(|error| Failure::Io("the cache".into(), error))?;
        terminal.result(&format!("dropped {} ({})", entry.node, entry.relation));
    }
    Ok(Exit::Done)
}

/// Drops relations in whatever order the database allows: one that another reads is tried again once that is gone.
fn drop_all(session: &mut dyn Session, mut waiting: Vec<RelationName>) -> Result<(), EngineError> {
    while !waiting.is_empty() {
        let mut refused = Vec::new();
        let mut problem = None;
        let before = waiting.len();
        for relation in waiting {
            match session.drop_relation(&relation) {
                Ok(()) => {}
                Err(error) if error.kind == ErrorKind::Statement => {
                    refused.push(relation);
                    problem = Some(error);
                }
                Err(error) => return Err(error),
            }
        }
        waiting = refused;
        match problem {
            Some(error) if waiting.len() == before => return Err(error),
            _ => {}
        }
    }
    Ok(())
}
