//! The packages of a project as its lock has them: nothing is fetched, and what doesn't fit is told.

use super::super::files::Files;
use super::lock::{Lock, Locked};
use super::requirement::{GitAsked, Requirement};
use super::walk::{Found, Repository, requirements, walk};
use super::{DEPS, FILE, LOCK, Source, contents};
use crate::diagnostic::{Diagnostic, Location};
use crate::world::World;
use std::path::Path;

/// The packages of a project; `packages` is the folder of what was fetched. Problems are among those of `files`.
pub(in crate::project) fn locked(files: &mut Files<'_>, packages: &Path) -> Vec<Found> {
    let world = files.world;
    if !world.exists(&files.root.join(FILE)) {
        return Vec::new();
    }
    let lock = match files.text(LOCK).map(|text| Lock::read(&text)) {
        Some(Ok(lock)) => lock,
        Some(Err(problem)) => {
            files.problems.push(problem.hint(DEPS));
            return Vec::new();
        }
        None => {
            // Where nothing is asked for, nothing needs to be locked.
            if !requirements(files, FILE).is_empty() {
                let message = format!("{FILE} asks for packages, and there is no {LOCK}");
                files.problems.push(Diagnostic::new("no-lock", message).at(Location::file(FILE)).hint(DEPS));
            }
            return Vec::new();
        }
    };
    let mut locate = |wanted: &Requirement, asked: &GitAsked| {
        let name = wanted.name.clone().unwrap_or_else(|| asked.shown());
        let Some(commit) = lock.commit(asked) else {
            let message = format!("{LOCK} doesn't have what is asked for here: {asked}");
            return Err(Diagnostic::new("stale-lock", message).at(wanted.at.clone()).hint(DEPS));
        };
        let folder = asked.folder(packages).join(commit);
        if !world.exists(&folder) {
            let message = format!("package `{name}` isn't here yet, at commit {}", &commit[..12]);
            return Err(Diagnostic::new("not-fetched", message).at(wanted.at.clone()).hint(DEPS));
        }
        Ok(Repository { folder, commit: commit.to_string() })
    };
    let found = walk(files, &mut locate);
    let whole = !files.problems.iter().any(|problem| !problem.is_warning());
    for package in &found {
        let problem = compare(files, package, &lock);
        files.problems.extend(problem);
    }
    // Where one couldn't be had, those that it asks for are missing too.
    let unasked = |locked: &&Locked| whole && !found.iter().any(|package| package.name == locked.name);
    let stale = lock.packages.iter().filter(unasked).map(|locked| {
        let message = format!("{LOCK} has the package `{}`, which nothing asks for", locked.name);
        Diagnostic::new("stale-lock", message).at(locked.at.clone()).hint(DEPS)
    });
    files.problems.extend(stale);
    found
}

/// What is written of packages as they are.
///
/// # Errors
/// Of a file that can't be read.
pub fn lock(world: &dyn World, packages: &[Found]) -> Result<Lock, Diagnostic> {
    let one = |package: &Found| {
        let Found { name, folder, source, settings, asked_at, .. } = package;
        let digest = contents(world, folder, &settings.models_dir, &settings.seeds_dir).map_err(|error| {
            let message = format!("the files of package `{name}` can't be read: {error}");
            Diagnostic::new("unreadable", message).at(asked_at.clone())
        })?;
        let (name, version, source, at) =
            (name.clone(), settings.version.clone(), source.clone(), Location::file(LOCK));
        Ok(Locked { name, version, source, digest, at })
    };
    Ok(Lock { packages: packages.iter().map(one).collect::<Result<_, Diagnostic>>()? })
}

/// A package beside what is locked of it.
fn compare(files: &Files<'_>, package: &Found, lock: &Lock) -> Option<Diagnostic> {
    let name = &package.name;
    let at = || package.asked_at.clone();
    let Some(locked) =
        lock.packages.iter().find(|locked| locked.name == *name && is_from(&locked.source, &package.source))
    else {
        let message = format!("{LOCK} doesn't have package `{name}` as it is asked for");
        return Some(Diagnostic::new("stale-lock", message).at(at()).hint(DEPS));
    };
    let settings = &package.settings;
    let digest = match contents(files.world, &package.folder, &settings.models_dir, &settings.seeds_dir) {
        Ok(digest) => digest,
        Err(error) => {
            let message = format!("the files of package `{name}` can't be read: {error}");
            return Some(Diagnostic::new("unreadable", message).at(at()));
        }
    };
    let fetched = matches!(&package.source, Source::Git { .. } | Source::Path { within: Some(_), .. });
    if digest == locked.digest {
        None
    } else if fetched {
        let message = format!("the files of package `{name}` aren't those that were fetched");
        Some(Diagnostic::new("changed-package", message).at(at()).hint(format!("{DEPS}, which fetches them again")))
    } else {
        let message = format!("package `{name}` has changed since it was locked");
        Some(Diagnostic::warning("changed-package", message).at(at()).hint(format!("{DEPS} to lock it as it is")))
    }
}

/// Whether what is locked is what was found.
fn is_from(locked: &Source, found: &Source) -> bool {
    match (locked, found) {
        (Source::Git { asked, commit }, Source::Git { asked: other, commit: at }) => asked.is_as(other) && commit == at,
        (one, other) => one == other,
    }
}
