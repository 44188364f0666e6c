//! From a project's artifacts to its site on disk.

use super::alone::alone;
use super::frozen::{self, Wish};
use super::history::Records;
use super::redact::Redaction;
use super::shell::Frame;
use super::state::State;
use super::write::{Report, write};
use super::{Input, Site, renderer};
use crate::artifact::Layout;
use crate::artifact::catalog::Catalog;
use crate::artifact::freshness;
use crate::artifact::manifest::Manifest;
use crate::artifact::results::RunResults;
use crate::artifact::wire;
use crate::digest::Tagged;
use crate::world::World;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// How a site is made.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// For canonical links, ending in `/`.
    pub base_url: Option<String>,
    pub redaction: Redaction,
    /// Tags by the commit that each is of; pages of runs at such a commit stay.
    pub tags: BTreeMap<String, Vec<String>>,
    /// Pages of runs that aren't kept any more stay.
    pub keep_pages: bool,
    /// Where pages go that don't.
    pub archive: Option<PathBuf>,
    /// The last run and what it did, without the nodes that it left and without earlier runs.
    pub only_run: bool,
}

/// What the last run left in `.fastflowtransform/target/`.
#[derive(Clone, Debug)]
pub struct Artifacts {
    pub manifest: Manifest,
    pub results: RunResults,
    pub catalog: Catalog,
}

impl Artifacts {
    /// Reads them; `None` where no run left any.
    ///
    /// # Errors
    /// A file that can't be read, with its name.
    pub fn read(world: &dyn World, layout: &Layout) -> io::Result<Option<Artifacts>> {
        let bytes = |path: &Path| match world.read(path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(named(path, &error)),
        };
        let (manifest, results) = (layout.manifest(), layout.run_results());
        let (Some(own), Some(last)) = (bytes(&manifest)?, bytes(&results)?) else { return Ok(None) };
        Ok(Some(Artifacts {
            manifest: wire::read(&own).map_err(|error| named(&manifest, &error))?,
            results: wire::read(&last).map_err(|error| named(&results, &error))?,
            catalog: Catalog::read(world, &layout.catalog()),
        }))
    }
}

fn named(path: &Path, error: &dyn std::fmt::Display) -> io::Error {
    io::Error::other(format!("{}: {error}", path.display()))
}

/// Brings the site in `dir` up to date.
pub fn build(
    world: &dyn World,
    layout: &Layout,
    dir: &Path,
    options: &Options,
    mut artifacts: Artifacts,
) -> io::Result<Report> {
    let redaction = options.redaction;
    let renderer = Tagged::new("fft-site-state-v1").part(&renderer().0).part(redaction.words().as_bytes()).finish();
    let path = layout.site(dir);
    let mut state = State::read(world, &path, renderer);
    let records = Records::new(world, layout, redaction);
    let (mut runs, unreadable) = records.summaries(&mut state.runs)?;
    let left =
        if options.only_run { alone(&mut artifacts.manifest, &mut artifacts.results) } else { Default::default() };
    runs.retain(|run| !options.only_run || run.run_id == artifacts.results.metadata.run_id);
    let withheld: Vec<String> = [redaction.words(), left].into_iter().filter(|words| !words.is_empty()).collect();
    let wish = Wish { all: options.keep_pages, tags: &options.tags, archive: options.archive.as_deref() };
    let (frozen, kept) = frozen::keep(world, dir, &runs, wish, &mut state.frozen)?;
    let manifest = redaction.manifest(artifacts.manifest);
    let results = redaction.results(artifacts.results);
    // Those of another profile tell of another database.
    let ages = freshness::read(world, &layout.sources());
    let ages = if ages.metadata.profile == results.profile { redaction.ages(ages) } else { Default::default() };
    let input = Input {
        manifest: &manifest,
        results: &results,
        catalog: &artifacts.catalog,
        ages: &ages,
        runs: &runs,
        unreadable: &unreadable,
        frozen: &frozen,
        archive: &records,
    };
    let frame = Frame {
        project: manifest.metadata.project.clone(),
        base_url: options.base_url.clone(),
        has_macros: !manifest.macros.is_empty(),
        has_tests: !manifest.tests.is_empty(),
        has_exposures: !manifest.exposures.is_empty(),
        repository: manifest.metadata.repository.clone(),
        withheld: withheld.join("; "),
        tags: options.tags.clone(),
        ..Frame::default()
    };
    let site = Site::new(input, frame);
    let report = write(world, dir, &site.units(), &kept, &mut state)?;
    state.write(world, &path)?;
    Ok(report)
}
