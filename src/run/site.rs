//! The site of a project, brought up to date from what is recorded.

use super::{Checkout, Failure, Opened, Tell, git, lock, tell_newer, unrun};
use crate::artifact::Layout;
use crate::artifact::secret::Guarded;
use crate::site::build::{Artifacts, Options, build};
use crate::site::redact::Redaction;
use crate::site::write::Report;
use std::path::{Path, PathBuf};

/// A project's site, to be built from what is recorded at that moment. The project is opened to look; each build takes
/// the lock for itself, since a server builds as long as it lives.
pub struct Builder {
    opened: Opened,
    dir: PathBuf,
    options: Options,
}

impl Builder {
    /// In `out`, where it is given, else where the project has its site.
    pub fn new(opened: Opened, out: Option<&Path>, options: Options) -> Result<Builder, Failure> {
        let Checkout { world, project, .. } = &opened.checkout;
        let dir = match out {
            None => project.site_folder(),
            Some(given) => world.absolute(given).map_err(|error| Failure::Io("the site's folder".into(), error))?,
        };
        let archive = options.archive.as_deref().map(|given| world.absolute(given)).transpose();
        let archive =
            archive.map_err(|error| Failure::Io("the folder of pages that are no longer kept".into(), error))?;
        let options = Options { archive, ..options };
        Ok(Builder { opened, dir, options })
    }

    pub fn build(&self, tell: &dyn Tell) -> Result<Report, Failure> {
        let Checkout { world, layout, secrets, .. } = &self.opened.checkout;
        // A run that ends meanwhile would write the same pages.
        let _lock = lock::lock(&**world, tell, &layout.lock(), self.opened.no_wait)?;
        let artifacts = Artifacts::read(&**world, layout).map_err(|error| Failure::Io("the last run".into(), error))?;
        let artifacts = artifacts.map_or_else(|| unrun::artifacts(&self.opened.checkout), Ok)?;
        let versions = [
            ("manifest.json", &artifacts.manifest.metadata.schema_version),
            ("run_results.json", &artifacts.results.metadata.schema_version),
        ];
        versions.iter().for_each(|(file, version)| tell_newer(tell, file, version));
        let guarded = Guarded::new(world.clone(), &self.dir, secrets.clone());
        let options = of_project(&self.opened.checkout, self.options.clone());
        build(&guarded, layout, &self.dir, &options, artifacts)
            .map_err(|error| Failure::Io("the site could not be written".into(), error))
    }

    /// The folder of the site.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// A file of the site as a person at the project's folder would name it.
    pub fn shown(&self, file: &str) -> String {
        let path = self.dir.join(file);
        path.strip_prefix(&self.opened.checkout.project.root).unwrap_or(&path).display().to_string()
    }

    /// The places of the project's records.
    pub fn layout(&self) -> &Layout {
        &self.opened.checkout.layout
    }

    /// The files that a run changes and the site is made from.
    pub fn artifacts(&self) -> Vec<PathBuf> {
        let layout = &self.opened.checkout.layout;
        vec![layout.manifest(), layout.run_results(), layout.catalog()]
    }
}

/// The options with what the project and its repository say.
fn of_project(checkout: &Checkout, options: Options) -> Options {
    let Checkout { world, project, .. } = checkout;
    let keep_pages = options.keep_pages || (project.settings.keep_pages && options.archive.is_none());
    let sql = options.redaction.sql || !project.settings.rendered_sql;
    let redaction = Redaction { sql, ..options.redaction };
    Options { keep_pages, redaction, tags: git::tags(&**world, &project.root), ..options }
}

/// What a run does at its end.
pub(super) fn refresh(checkout: &Checkout, artifacts: Artifacts) -> Result<(), Failure> {
    let Checkout { world, project, layout, secrets, .. } = checkout;
    let dir = project.site_folder();
    let guarded = Guarded::new(world.clone(), &dir, secrets.clone());
    let options = Options { base_url: project.settings.docs_url.clone(), ..Options::default() };
    let built = build(&guarded, layout, &dir, &of_project(checkout, options), artifacts);
    let failed = |error| {
        Failure::Io("the run is recorded, but its site could not be written (--no-docs leaves it)".into(), error)
    };
    built.map(drop).map_err(failed)
}
