//! `fft docs`: the site, built from the records of the project's runs.

use super::option::ProjectOptions;
use super::prepare::{Loaded, Opened, open};
use super::run::lock;
use super::terminal::Terminal;
use super::{Exit, Failure};
use crate::artifact::secret::Guarded;
use crate::site::build::{Artifacts, Options, build as build_site};
use crate::site::redact::Redaction;
use crate::world::World;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Args, Debug)]
pub struct DocsOptions {
    #[command(subcommand)]
    verb: DocsVerb,
}

#[derive(Subcommand, Debug)]
enum DocsVerb {
    /// Write the site; only pages that changed are made again
    Build(BuildOptions),
}

#[derive(Args, Debug, Default)]
pub struct BuildOptions {
    #[command(flatten)]
    pub project: ProjectOptions,
    /// The folder to write (default: `docs.dag_dir` of project.yml, `site/dag`)
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The address that the site will have, for canonical links
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// What a public site withholds
    #[arg(long, value_enum, value_name = "WHAT", value_delimiter = ',')]
    redact: Vec<Withheld>,
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
    pub fn of(project: ProjectOptions) -> BuildOptions {
        BuildOptions { project, ..BuildOptions::default() }
    }
}

pub fn docs(world: Arc<dyn World>, terminal: &Terminal, options: DocsOptions) -> Result<Exit, Failure> {
    match options.verb {
        DocsVerb::Build(options) => build(world, terminal, options),
    }
}

pub fn build(world: Arc<dyn World>, terminal: &Terminal, options: BuildOptions) -> Result<Exit, Failure> {
    let opened = open(world, &options.project)?;
    let dir = match &options.out {
        None => opened.project.root.join(&opened.project.settings.dag_dir),
        Some(given) => std::path::absolute(given).map_err(|error| Failure::Io("the site's folder".into(), error))?,
    };
    let site = Options { base_url: base_url(options.base_url)?, redaction: redaction(&options.redact) };
    if !opened.world.exists(&opened.layout.run_results()) {
        return Err(nothing_recorded());
    }
    // A run that ends meanwhile would write the same pages.
    let _lock = lock(&*opened.world, terminal, &opened.layout.lock(), false)?;
    let Opened { world, layout, secrets, project, .. } = opened;
    let artifacts = Artifacts::read(&*world, &layout).map_err(|error| Failure::Io("the last run".into(), error))?;
    let guarded = Guarded::new(world, &dir, secrets);
    let report = build_site(&guarded, &layout, &dir, &site, artifacts.ok_or_else(nothing_recorded)?)
        .map_err(|error| Failure::Io("the site could not be written".into(), error))?;
    let index = dir.join("index.html");
    let shown = index.strip_prefix(&project.root).unwrap_or(&index);
    terminal.result(&format!(
        "{}: {} files, {} written, {} removed",
        shown.display(),
        report.files,
        report.written,
        report.removed
    ));
    Ok(Exit::Done)
}

/// What a run does at its end.
pub fn refresh(loaded: &Loaded, artifacts: Artifacts) -> Result<(), Failure> {
    let dir = loaded.project.root.join(&loaded.project.settings.dag_dir);
    let guarded = Guarded::new(loaded.world.clone(), &dir, loaded.secrets.clone());
    let built = build_site(&guarded, &loaded.layout, &dir, &Options::default(), artifacts);
    let failed = |error| {
        Failure::Io("the run is recorded, but its site could not be written (--no-docs leaves it)".into(), error)
    };
    built.map(drop).map_err(failed)
}

fn nothing_recorded() -> Failure {
    Failure::Usage("no run is recorded yet, so there is nothing to show".into(), vec!["`fft run` records one".into()])
}

/// An address that pages can be named behind.
fn base_url(given: Option<String>) -> Result<Option<String>, Failure> {
    let Some(text) = given else { return Ok(None) };
    match url::Url::parse(&text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.query().is_none() && url.fragment().is_none() => {
            let address = url.to_string();
            Ok(Some(if address.ends_with('/') { address } else { address + "/" }))
        }
        _ => Err(Failure::Usage(
            format!("`--base-url {text}` is no address of a site"),
            vec!["write `--base-url https://example.com/docs/`".into()],
        )),
    }
}

fn redaction(withheld: &[Withheld]) -> Redaction {
    let is = |one| withheld.contains(&one);
    Redaction { sql: is(Withheld::Sql), values: is(Withheld::Values), paths: is(Withheld::Paths) }
}
