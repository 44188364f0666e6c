//! `fft docs build`: the site, built from the records of the project's runs.

use super::Exit;
use super::option::{ProfileOptions, ProjectOptions, WaitOptions};
use super::terminal::Terminal;
use crate::project::site_address;
use crate::run::{self, Builder, Failure, Purpose};
use crate::site::build::Options;
use crate::site::redact::Redaction;
use crate::world::World;
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Args, Debug, Default)]
pub struct BuildOptions {
    #[command(flatten)]
    pub project: ProfileOptions,
    /// The folder to write (default: `docs.dag_dir` of project.yml, `site/dag`)
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The address that the site will have, for canonical links
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// What a public site withholds
    #[arg(long, value_enum, value_name = "WHAT", value_delimiter = ',')]
    redact: Vec<Withheld>,
    /// Leave the pages of runs that are no longer kept, as `docs.keep_pages` of project.yml does
    #[arg(long)]
    keep_pages: bool,
    /// Move pages of runs that are no longer kept to this folder
    #[arg(long, value_name = "DIR", conflicts_with = "keep_pages")]
    archive: Option<PathBuf>,
    /// A small preview: the last run with the nodes that it built, failed or didn't reach, and nothing else
    #[arg(long, requires = "out")]
    only_run: bool,
    #[command(flatten)]
    wait: WaitOptions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Withheld {
    /// Compiled SQL and Python, and their diffs
    Sql,
    /// Values of settings, vars and variables, and addresses of requests
    Values,
    /// Where files are
    Paths,
}

impl BuildOptions {
    /// The project's own site, with nothing withheld.
    pub fn of(project: ProfileOptions) -> BuildOptions {
        BuildOptions { project, ..BuildOptions::default() }
    }
}

pub fn build(world: Arc<dyn World>, terminal: &Terminal, options: BuildOptions) -> Result<Exit, Failure> {
    let builder = builder(world, terminal, options)?;
    let report = builder.build(terminal)?;
    terminal.result(&format!(
        "{}: {} files, {} written, {} removed",
        builder.shown("index.html"),
        report.files,
        report.written,
        report.removed
    ));
    Ok(Exit::Done)
}

/// What builds the site that the options mean.
pub fn builder(world: Arc<dyn World>, terminal: &Terminal, options: BuildOptions) -> Result<Builder, Failure> {
    let BuildOptions { project, out, base_url: address, redact, keep_pages, archive, only_run, wait } = options;
    let wanted = ProjectOptions::from(project).wanted()?;
    let opened = run::open(world, terminal, &wanted, Purpose::Look, wait.no_wait)?;
    let base_url = base_url(address)?.or_else(|| opened.checkout().project().settings.docs_url.clone());
    let redaction = redaction(&redact);
    let options = Options { base_url, redaction, keep_pages, archive, only_run, ..Options::default() };
    Builder::new(opened, out.as_deref(), options)
}

/// An address that pages can be named behind.
fn base_url(given: Option<String>) -> Result<Option<String>, Failure> {
    let Some(text) = given else { return Ok(None) };
    match site_address(&text) {
        Some(address) => Ok(Some(address)),
        None => Err(Failure::Usage(
            format!("`--base-url {text}` is no address of a site"),
            vec!["write `--base-url https://example.com/docs/`".into()],
        )),
    }
}

fn redaction(withheld: &[Withheld]) -> Redaction {
    let is = |one| withheld.contains(&one);
    Redaction { sql: is(Withheld::Sql), values: is(Withheld::Values), paths: is(Withheld::Paths) }
}
