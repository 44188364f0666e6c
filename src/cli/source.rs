//! `fft source freshness`: how old the data of sources are.

use super::Exit;
use super::option::{ProjectOptions, WaitOptions};
use super::terminal::{Style, Terminal};
use super::visible::clean;
use crate::artifact::freshness::{SourceAge, SourceAges};
use crate::artifact::wire::{Word, ages_sentence};
use crate::check::freshness::FreshnessStatus;
use crate::run::{self, Failure, Looked, Purpose};
use crate::world::World;
use clap::{Args, Subcommand};
use std::sync::Arc;

#[derive(Args, Debug)]
pub struct SourceOptions {
    #[command(subcommand)]
    verb: SourceVerb,
}

#[derive(Subcommand, Debug)]
enum SourceVerb {
    /// Tell how old the data of sources are, and which are too old
    Freshness(FreshnessOptions),
}

#[derive(Args, Debug)]
struct FreshnessOptions {
    #[command(flatten)]
    project: ProjectOptions,
    /// Sources to look at: `crm`, `crm.users`, `source:crm.*`
    #[arg(short, long, value_name = "SOURCE", num_args = 1..)]
    select: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Leave the site as it is
    #[arg(long)]
    no_docs: bool,
    #[command(flatten)]
    wait: WaitOptions,
}

pub fn source(world: Arc<dyn World>, terminal: &Terminal, options: SourceOptions) -> Result<Exit, Failure> {
    let SourceVerb::Freshness(options) = options.verb;
    let FreshnessOptions { project, select, json, no_docs, wait } = options;
    let opened = run::open(world, terminal, &project.wanted()?, Purpose::Records, wait.no_wait)?;
    let Looked { ages, unwritten } = opened.freshness(terminal, &select, !no_docs)?;
    if json {
        terminal.json(&ages);
    } else {
        print(terminal, &ages);
    }
    if let Some(failure) = unwritten {
        return Err(failure);
    }
    let failed = ages.sources.values().any(|age| age.status == Word::Known(FreshnessStatus::Error));
    Ok(if failed { Exit::Failed } else { Exit::Done })
}

fn print(terminal: &Terminal, ages: &SourceAges) {
    if ages.sources.is_empty() {
        return terminal
            .note("no source that is meant says how old its data may get: declare `freshness` in sources.yml");
    }
    let width = ages.sources.keys().map(|name| name.chars().count()).max().unwrap_or_default().clamp(8, 48);
    for (name, age) in &ages.sources {
        terminal.result(&line(terminal, name, age, width));
    }
    terminal.result(&ages_sentence(ages.sources.values()));
}

/// `✗ ERROR  crm.users  2 d 3 h old; fails after 1 d  sources.yml:5:9`.
fn line(terminal: &Terminal, name: &str, age: &SourceAge, width: usize) -> String {
    let (glyph, word, style) = match age.status {
        Word::Known(FreshnessStatus::Pass) => ("✓", "PASS", Style::Good),
        Word::Known(FreshnessStatus::Warn) => ("!", "WARN", Style::Changed),
        Word::Known(FreshnessStatus::Error) => ("✗", "ERROR", Style::Bad),
        Word::Unknown(_) => ("?", "?", Style::Plain),
    };
    let place = if age.status == Word::Known(FreshnessStatus::Pass) { String::new() } else { format!("  {}", age.at) };
    let status = terminal.paint(style, &format!("{glyph} {word:<5}"));
    format!("{status}  {:<width$}  {}{}", clean(name), clean(&age.sentence), terminal.paint(Style::Quiet, &place))
}
