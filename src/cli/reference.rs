//! From what a user writes for a recorded state (`latest~2`, part of a run's id, a manifest.json, a git commit) to that
//! state.

use crate::artifact::Layout;
use crate::artifact::history::{History, Record};
use crate::artifact::manifest::Manifest;
use crate::artifact::snapshot::Snapshot;
use crate::artifact::wire;
use crate::run::{self, Failure};
use crate::world::World;
use std::path::Path;

/// The recorded states of one project.
pub struct References<'a> {
    world: &'a dyn World,
    root: &'a Path,
    history: History<'a>,
    /// Only runs of this profile.
    profile: Option<String>,
}

impl<'a> References<'a> {
    /// Of the project in `root`, whose records are where `layout` says.
    pub fn new(world: &'a dyn World, root: &'a Path, layout: &Layout) -> References<'a> {
        References { world, root, history: History::new(world, layout.runs()), profile: None }
    }

    /// The same of one profile's runs alone, where one is given.
    pub fn of_profile(self, profile: Option<String>) -> References<'a> {
        References { profile, ..self }
    }

    /// The state that `wanted` means.
    pub fn snapshot(&self, wanted: &str) -> Result<Snapshot, Failure> {
        if wanted.ends_with(".json") {
            return self.manifest(wanted);
        }
        let run = match self.kept(wanted)? {
            Some(run) => run,
            None => self.at_commit(wanted)?,
        };
        Ok(Snapshot::of_run(&self.history, self.record(&run)?))
    }

    /// The id of the run that `wanted` means: `latest`, `latest~2`, an id or the beginning of one.
    pub fn run(&self, wanted: &str) -> Result<String, Failure> {
        self.kept(wanted)?.ok_or_else(|| {
            Failure::Usage(format!("no run `{wanted}` is recorded"), vec!["`fft history` lists them".into()])
        })
    }

    /// The id of the last run.
    pub fn newest(&self) -> Result<String, Failure> {
        self.before_newest(0)
    }

    pub fn record(&self, run: &str) -> Result<Record, Failure> {
        self.history.read(run).map_err(|error| Failure::Io(format!("the record of run {run}"), error))
    }

    /// The runs that are meant, oldest first. One that can't be read may be of any profile.
    pub fn runs(&self) -> Result<Vec<String>, Failure> {
        let mut runs = self.history.list().map_err(|error| Failure::Io("the history".into(), error))?;
        if let Some(profile) = &self.profile {
            runs.retain(|run| self.history.profile(run).map_or(true, |of| of == *profile));
        }
        Ok(runs)
    }

    /// As [`References::run`], `None` when no run is called so.
    fn kept(&self, wanted: &str) -> Result<Option<String>, Failure> {
        if let Some(back) = back(wanted) {
            return self.before_newest(back).map(Some);
        }
        let runs = self.runs()?;
        let found: Vec<&String> = runs.iter().filter(|run| run.starts_with(wanted)).collect();
        match found.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some((*one).clone())),
            _ => Err(Failure::Usage(
                format!("`{wanted}` could be {} runs", found.len()),
                vec!["give more of its id; `fft history` lists them".into()],
            )),
        }
    }

    /// The run so many before the last one, of the same profile: runs of another one are about another database.
    fn before_newest(&self, back: usize) -> Result<String, Failure> {
        let mut runs = self.runs()?;
        let newest = runs.last().filter(|_| back > 0).and_then(|run| self.history.profile(run).ok());
        if let Some(profile) = newest {
            // One that can't be read may be the one that is meant, and says so when it is read.
            runs.retain(|run| self.history.profile(run).map_or(true, |of| of == profile));
        }
        match runs.iter().rev().nth(back) {
            Some(run) => Ok(run.clone()),
            None if runs.is_empty() => Err(Failure::Usage(
                self.none(),
                vec!["`fft run` records one; `fft plan` tells what it would do".into()],
            )),
            None => Err(Failure::Usage(
                format!("there is no run {back} before the latest: {} are kept of its profile", runs.len()),
                vec!["`fft history` lists them".into()],
            )),
        }
    }

    /// That there is no run.
    pub fn none(&self) -> String {
        match &self.profile {
            Some(profile) => format!("no run of profile `{profile}` is recorded yet"),
            None => "no run is recorded yet".into(),
        }
    }

    fn manifest(&self, wanted: &str) -> Result<Snapshot, Failure> {
        let failed = |error| Failure::Io(format!("the manifest {wanted}"), error);
        let path = self.world.absolute(Path::new(wanted)).map_err(failed)?;
        let bytes = self.world.read(&path).map_err(failed)?;
        let manifest: Manifest = wire::read(&bytes).map_err(|error| match error.newer {
            Some(_) => {
                Failure::Usage(format!("{wanted}: {error}"), vec!["compare it with the fft that wrote it".into()])
            }
            None => Failure::Usage(
                format!("{wanted} is no manifest.json of fft: {error}"),
                vec!["a run writes one to .fastflowtransform/target/".into()],
            ),
        })?;
        Ok(Snapshot::of_manifest(manifest))
    }

    /// The newest kept run that recorded the commit which git takes `wanted` for.
    fn at_commit(&self, wanted: &str) -> Result<String, Failure> {
        let commit = run::named(self.root, wanted).map_err(|failure| match failure {
            Failure::Usage(..) => self.unknown(wanted),
            other => other,
        })?;
        for run in self.runs()?.into_iter().rev() {
            // A record that can't be read can't be compared either; others may have the commit.
            let recorded = self.history.read(&run).ok().and_then(|record| record.results.metadata.git.commit);
            if recorded.as_deref() == Some(commit.as_str()) {
                return Ok(run);
            }
        }
        Err(Failure::Usage(
            format!("no kept run recorded commit {} (`{wanted}`)", &commit[..12.min(commit.len())]),
            vec!["run fft at that commit, or give the manifest.json of such a run".into()],
        ))
    }

    fn unknown(&self, wanted: &str) -> Failure {
        let mut hints = vec!["`fft history` lists the runs; `latest` and `latest~1` are the last two".to_string()];
        if self.world.absolute(Path::new(wanted)).is_ok_and(|folder| self.world.exists(&folder.join("project.yml"))) {
            hints = vec!["a project's folder stands behind both states: `fft diff A latest FOLDER`".into()];
        }
        Failure::Usage(format!("`{wanted}` is no recorded run, no manifest.json and no git commit"), hints)
    }
}

/// `latest` is 0, `latest~2` is 2.
fn back(wanted: &str) -> Option<usize> {
    match wanted.strip_prefix("latest")? {
        "" => Some(0),
        rest => rest.strip_prefix('~')?.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::back;

    #[test]
    fn latest_counts_back() {
        assert_eq!([back("latest"), back("latest~2")], [Some(0), Some(2)]);
        assert_eq!([back("latest~"), back("latest2"), back("late")], [None; 3]);
    }
}
