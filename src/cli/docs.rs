//! `fft docs`: the site, built from the records of the project's runs.

use super::hold::lock;
use super::option::{ProfileOptions, WaitOptions};
use super::prepare::{Loaded, Opened, open};
use super::reference::tell_newer;
use super::serve::{ServeOptions, serve};
use super::terminal::Terminal;
use super::{Exit, Failure};
use crate::artifact::secret::Guarded;
use crate::site::build::{Artifacts, Options, build as build_site};
use crate::site::redact::Redaction;
use crate::site::write::Report;
use crate::world::World;
use clap::{Args, Subcommand, ValueEnum};
use std::path::{Path, PathBuf};
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
    /// Show the site on this machine; open pages follow the project's runs
    Serve(ServeOptions),
}

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

pub fn docs(world: Arc<dyn World>, terminal: &Terminal, options: DocsOptions) -> Result<Exit, Failure> {
    match options.verb {
        DocsVerb::Build(options) => build(world, terminal, options),
        DocsVerb::Serve(options) => serve(world, terminal, options),
    }
}

pub fn build(world: Arc<dyn World>, terminal: &Terminal, options: BuildOptions) -> Result<Exit, Failure> {
    let builder = Builder::open(world, terminal, options)?;
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

/// A project's site, to be built from what is recorded at that moment.
pub struct Builder {
    opened: Opened,
    dir: PathBuf,
    options: Options,
    wait: WaitOptions,
}

impl Builder {
    pub fn open(world: Arc<dyn World>, terminal: &Terminal, options: BuildOptions) -> Result<Builder, Failure> {
        let opened = open(world, terminal, &options.project.into())?;
        let dir = match &options.out {
            None => opened.project.site_folder(),
            Some(given) => {
                opened.world.absolute(given).map_err(|error| Failure::Io("the site's folder".into(), error))?
            }
        };
        let wait = options.wait;
        let options = Options { base_url: base_url(options.base_url)?, redaction: redaction(&options.redact) };
        Ok(Builder { opened, dir, options, wait })
    }

    pub fn build(&self, terminal: &Terminal) -> Result<Report, Failure> {
        let Opened { world, layout, secrets, .. } = &self.opened;
        if !world.exists(&layout.run_results()) {
            return Err(nothing_recorded());
        }
        // A run that ends meanwhile would write the same pages.
        let _lock = lock(&**world, terminal, &layout.lock(), self.wait.no_wait)?;
        let artifacts = Artifacts::read(&**world, layout).map_err(|error| Failure::Io("the last run".into(), error))?;
        let artifacts = artifacts.ok_or_else(nothing_recorded)?;
        let versions = [
            ("manifest.json", &artifacts.manifest.metadata.schema_version),
            ("run_results.json", &artifacts.results.metadata.schema_version),
        ];
        versions.iter().for_each(|(file, version)| tell_newer(terminal, file, version));
        let guarded = Guarded::new(world.clone(), &self.dir, secrets.clone());
        build_site(&guarded, layout, &self.dir, &self.options, artifacts)
            .map_err(|error| Failure::Io("the site could not be written".into(), error))
    }

    /// The folder of the site.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// A file of the site as a person at the project's folder would name it.
    pub fn shown(&self, file: &str) -> String {
        let path = self.dir.join(file);
        path.strip_prefix(&self.opened.project.root).unwrap_or(&path).display().to_string()
    }

    /// The files that a run changes and the site is made from.
    pub fn artifacts(&self) -> Vec<PathBuf> {
        let layout = &self.opened.layout;
        vec![layout.manifest(), layout.run_results(), layout.catalog()]
    }
}

/// What a run does at its end.
pub fn refresh(loaded: &Loaded, artifacts: Artifacts) -> Result<(), Failure> {
    let dir = loaded.project.site_folder();
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
