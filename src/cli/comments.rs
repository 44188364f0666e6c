//! `fft sync-db-comments`: descriptions of relations and columns, written to the database's comments where they differ.

use super::Exit;
use super::option::{ProjectOptions, WaitOptions, nothing};
use super::terminal::Terminal;
use crate::diagnostic::counted;
use crate::run::{self, Failure, Purpose, Selection, Unsaid};
use crate::world::World;
use clap::Args;
use std::sync::Arc;

#[derive(Args, Debug)]
pub struct SyncOptions {
    #[command(flatten)]
    project: ProjectOptions,
    /// Nodes whose relations are meant: names, globs, `tag:x`, `+x`, `x+`, `@x` …
    #[arg(short, long, value_name = "SELECTOR", num_args = 1..)]
    select: Vec<String>,
    /// Print what differs, and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    wait: WaitOptions,
}

pub fn sync(world: Arc<dyn World>, terminal: &Terminal, options: SyncOptions) -> Result<Exit, Failure> {
    let SyncOptions { project, select, dry_run, wait } = options;
    let selection = Selection { select, no_upstream: true, ..Selection::default() };
    let purpose = if dry_run { Purpose::Look } else { Purpose::Database };
    let standing = run::open(world, terminal, &project.wanted()?, purpose, wait.no_wait)?.observe(terminal)?;
    project.warn_unread(terminal, standing.graph());
    if standing.selection(&selection)?.is_empty() {
        terminal.note(&nothing(&selection));
    }
    let unsaid = standing.sync_comments(&selection, dry_run)?;
    unsaid.iter().for_each(|one| terminal.result(&line(one)));
    terminal.say(&match (unsaid.len(), dry_run) {
        (0, _) => "the database says what the project says".into(),
        (count, true) => format!("the comments of {} differ; nothing was written", counted(count, "relation")),
        (count, false) => format!("wrote comments of {}", counted(count, "relation")),
    });
    Ok(Exit::Done)
}

/// `users.ff  relation · columns id, name`
fn line(unsaid: &Unsaid) -> String {
    let relation = unsaid.relation.then(|| "relation".to_string());
    let columns = (!unsaid.columns.is_empty()).then(|| format!("columns {}", unsaid.columns.join(", ")));
    let parts: Vec<String> = relation.into_iter().chain(columns).collect();
    format!("{}  {}", unsaid.node, parts.join(" · "))
}
