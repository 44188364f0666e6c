//! What a project's records say, handed over to be computed again, and its database beside them.

use super::lock::Hold;
use super::{Checkout, Failure, Opened, Tell, database, redacted};
use crate::artifact::evidence::Evidence;
use crate::artifact::history::History;
use crate::artifact::sums;
use crate::artifact::verify::{Report, Verification};
use crate::engine::Access;
use crate::execute::ledger;
use crate::fingerprint::Key;
use crate::plan::State;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

impl Opened {
    /// Verifies every record, and the profile's database against them. The records are told of even where the database
    /// can't be asked, which is the second value.
    pub fn verify(&self, tell: &dyn Tell) -> (Report, Result<(), Failure>) {
        let Checkout { world, project, layout, .. } = &self.checkout;
        let key = Key::new(project.env.get("FFT_FINGERPRINT_KEY"));
        let evidence = Evidence::new(world.clone(), layout.evidence());
        let mut verification = Verification::new(&evidence, &key);
        let states = records(&self.checkout, &mut verification);
        let asked = relations(&self.checkout, &states, &mut verification, &self.hold(tell));
        (verification.finish(), asked)
    }

    /// Every record that there is, in the order in which they are read.
    pub fn records(&self) -> Result<Vec<PathBuf>, Failure> {
        let Checkout { world, layout, .. } = &self.checkout;
        let listed = |error| Failure::Io("the records".into(), error);
        let singles = [layout.manifest(), layout.pruned(), layout.run_results(), layout.sums()];
        let mut files: Vec<PathBuf> =
            world.walk(&layout.caches()).map_err(listed)?.into_iter().map(|file| file.path).collect();
        files.extend(singles.into_iter().filter(|path| world.exists(path)));
        files.extend(world.walk(&layout.runs()).map_err(listed)?.into_iter().map(|file| file.path));
        Ok(files)
    }
}

impl Checkout {
    /// A record's path below the folder of records.
    pub fn shown(&self, path: &Path) -> String {
        path.strip_prefix(self.layout.root()).unwrap_or(path).display().to_string()
    }
}

/// Hands over every record; gives the entries of each database by their file.
fn records(checkout: &Checkout, verification: &mut Verification<'_>) -> BTreeMap<PathBuf, State> {
    let (world, layout) = (&*checkout.world, &checkout.layout);
    let mut states = BTreeMap::new();
    let caches = world.walk(&layout.caches()).unwrap_or_else(|error| unread("cache", &error, verification));
    for file in caches {
        if let Some(bytes) = read(checkout, &file.path, verification) {
            let state = verification.cache(&checkout.shown(&file.path), &bytes);
            states.insert(file.path, state);
        }
    }
    if let Some(bytes) = read(checkout, &layout.manifest(), verification) {
        verification.manifest(&checkout.shown(&layout.manifest()), &bytes);
    }
    if let Some(bytes) = read(checkout, &layout.pruned(), verification) {
        verification.pruned(&checkout.shown(&layout.pruned()), &bytes);
    }
    let history = History::new(world, layout.runs());
    for run in history.list().unwrap_or_else(|error| unread("runs", &error, verification)) {
        if let Some(bytes) = read(checkout, &history.path(&run), verification) {
            verification.run(&run, &bytes);
        }
    }
    if let Some(bytes) = read(checkout, &layout.run_results(), verification) {
        verification.last_results(&checkout.shown(&layout.run_results()), &bytes);
    }
    if world.exists(&layout.sums()) {
        for (file, problem) in sums::check(world, layout) {
            verification.changed(&file, &problem);
        }
    }
    states
}

/// The record's bytes; `None` where it isn't there or can't be read, which is a finding of its own.
fn read(checkout: &Checkout, path: &Path, verification: &mut Verification<'_>) -> Option<Vec<u8>> {
    match checkout.world.read(path) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => unread(&checkout.shown(path), &error, verification),
    }
}

fn unread<T: Default>(file: &str, error: &io::Error, verification: &mut Verification<'_>) -> T {
    verification.changed(file, &format!("can't be read: {error}"));
    T::default()
}

/// The rows of the profile's database against its entries. It isn't opened where nothing is recorded of it.
fn relations(
    checkout: &Checkout,
    states: &BTreeMap<PathBuf, State>,
    verification: &mut Verification<'_>,
    hold: &Hold<'_>,
) -> Result<(), Failure> {
    let failed = |error| redacted(&checkout.project, error);
    let engine = database::engine(checkout, hold, Access::Look).map_err(failed)?;
    let Some(state) = states.get(&checkout.layout.cache(&engine.target())) else { return Ok(()) };
    let mut session = engine.session().map_err(failed)?;
    let relations = session.relations().map_err(failed)?;
    let rows = session.ledger(&relations, true).map_err(failed)?;
    let project = &checkout.project.settings.name;
    verification.relations(state, &relations, &rows, |row| ledger::entry(row, project));
    Ok(())
}
