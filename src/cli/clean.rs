//! `fft clean`: removes what fft wrote; `--orphans` drops relations whose models are gone.

use super::hold::{Hold, lock};
use super::option::{ProfileOptions, ProjectOptions, WaitOptions};
use super::prepare::{Opened, open, prepare_claimed, redacted};
use super::terminal::Terminal;
use super::{Exit, Failure};
use crate::engine::{EngineError, ErrorKind, MetaRow, Relations, Session};
use crate::name::RelationName;
use crate::plan::Entry;
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
    let opened = open(world.clone(), terminal, &ProjectOptions { project, env, vars: options.vars })?;
    let root = opened.layout.root();
    // A run in progress would write on what is gone, and record what nothing vouches for. Where nothing was written,
    // nobody holds anything.
    let _lock = if options.orphans || world.exists(root) {
        Some(lock(&*world, terminal, &opened.layout.lock(), options.wait.no_wait)?)
    } else {
        None
    };
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
    removed(root, if world.exists(root) { world.remove(root).map(|()| true) } else { Ok(false) })?;
    // Somebody may keep files of their own beside the site's.
    let site = project.site_folder();
    removed(&site, site::write::remove(&*world, &site))?;
    Ok(Exit::Done)
}

fn orphans(terminal: &Terminal, opened: Opened, wait: WaitOptions) -> Result<Exit, Failure> {
    let mut prepared = prepare_claimed(opened, terminal, &Hold::new(terminal, wait.no_wait))?;
    let project = &prepared.loaded.project;
    let rows = prepared.session.meta().map_err(|error| redacted(project, error))?;
    let graph = &prepared.loaded.graph;
    let gone: Vec<_> =
        prepared.state.entries.values().filter(|entry| graph.id(entry.node.as_str()).is_none()).cloned().collect();
    let live: Vec<_> = graph.nodes.iter().map(|node| prepared.relations.resolve(&node.relation)).collect();
    let fates: Vec<Fate> = gone.iter().map(|entry| fate(entry, &prepared.relations, &live, &rows)).collect();
    let owned = gone.iter().zip(&fates).filter(|(_, fate)| **fate == Fate::Owned);
    let owned = owned.map(|(entry, _)| entry.relation.clone()).collect();
    drop_all(&mut *prepared.session, owned).map_err(|error| redacted(project, error))?;
    for (entry, fate) in gone.iter().zip(fates) {
        prepared.cache.forget(&entry.node).map_err(|error| Failure::Io("the cache".into(), error))?;
        let (node, relation) = (&entry.node, &entry.relation);
        terminal.result(&match fate {
            Fate::Owned => format!("dropped {node} ({relation})"),
            Fate::Gone => format!("forgot {node}: {relation} isn't there any longer"),
            Fate::Taken => format!("forgot {node}: {relation} is another node's now"),
            Fate::Foreign => format!("left {relation} as it is: it isn't what this project built as {node}"),
        });
    }
    Ok(Exit::Done)
}

/// What becomes of the relation of a node that is no longer in the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It is what was built: dropped.
    Owned,
    Gone,
    Taken,
    /// Somebody else made it, or made it anew.
    Foreign,
}

fn fate(entry: &Entry, relations: &Relations, live: &[RelationName], rows: &[MetaRow]) -> Fate {
    let relation = relations.resolve(&entry.relation);
    let row = rows.iter().find(|row| relations.resolve(&row.relation) == relation);
    let same = row.is_some_and(|row| row.node == entry.node && row.fingerprint == entry.fingerprint.value);
    let found = relations.identity.get(&relation);
    let built = same && !entry.identity.as_ref().zip(found).is_some_and(|(built, found)| built.differs(found));
    match relations.kind(&entry.relation) {
        _ if live.contains(&relation) => Fate::Taken,
        None => Fate::Gone,
        Some(_) if built => Fate::Owned,
        Some(_) => Fate::Foreign,
    }
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
