//! `fft deps`: what packages.yml asks for, fetched and locked. No other command uses the network for packages.

use super::fetch::Fetcher;
use super::{Failure, Tell, lock, place};
use crate::diagnostic::Diagnostic;
use crate::project;
use crate::project::package::{self, FILE, FOLDER, Found, GitAsked, LOCK, Lock, Requirement, Source};
use crate::world::World;
use std::path::Path;
use std::time::Duration;

/// How packages are taken.
#[derive(Clone, Copy, Debug)]
pub struct Refresh {
    /// What is locked is forgotten: branches are followed to where they are now.
    pub upgrade: bool,
    /// How long one call of git may take.
    pub timeout: Duration,
    /// Fail at once where a run holds the project.
    pub no_wait: bool,
}

/// A package as it is now locked.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    pub name: String,
    pub version: String,
    /// `../shared`, or `https://example.com/utils.git, tag v1 at 0123456789ab`.
    pub from: String,
    /// The commit that was locked before, where that was another one.
    pub before: Option<String>,
    /// Its files aren't those that were locked, or nothing was.
    pub changed: bool,
}

/// Fetches and locks the packages of the project in or above `folder`; `None` where it asks for none.
pub fn deps(
    world: &dyn World,
    tell: &dyn Tell,
    folder: Option<&Path>,
    refresh: Refresh,
) -> Result<Option<Vec<Given>>, Failure> {
    let root = place::recorded_root(world, folder)?;
    if !world.exists(&root.join(FILE)) {
        return Ok(None);
    }
    let layout = place::layout(world, &root)?;
    let name = project::named(world, &root)?;
    // A run reads what is written here.
    let _lock = lock::lock(world, tell, &layout.lock(), refresh.no_wait)?;
    place::take(world, &layout, &root, &name)?;
    let file = root.join(LOCK);
    let old = world.read(&file).unwrap_or_default();
    // What isn't fft's own lock is written anew.
    let before = Lock::read(&String::from_utf8_lossy(&old)).unwrap_or_default();
    let packages = layout.root().join(FOLDER);
    let fetcher = Fetcher { world, root: &root, packages, timeout: refresh.timeout };
    let mut locate = |wanted: &Requirement, asked: &GitAsked| {
        let locked = before.commit(asked).filter(|_| !refresh.upgrade);
        if locked.is_none() {
            tell.waiting(&format!("fetching {asked} …"));
        }
        fetcher
            .get(asked, locked)
            .map_err(|refused| Diagnostic::new("not-fetched", refused.message).at(wanted.at.clone()).hint(refused.hint))
    };
    let (found, warnings) = package::resolve(world, &root, &mut locate)?;
    warnings.iter().for_each(|warning| tell.warn(warning));
    let lock = package::lock(world, &found)?;
    let text = lock.text();
    if text.as_bytes() != old {
        world.write(&file, text.as_bytes()).map_err(|error| Failure::Io(LOCK.into(), error))?;
        tell.note(&format!("wrote {LOCK}"));
    }
    Ok(Some(found.iter().zip(&lock.packages).map(|(one, locked)| given(one, locked, &before)).collect()))
}

fn given(found: &Found, locked: &package::Locked, before: &Lock) -> Given {
    let known = before.like(&found.source);
    let from = match &found.source {
        Source::Path { path, within: None } => path.clone(),
        Source::Path { path, within: Some(name) } => format!("{path} of the repository of {name}"),
        Source::Git { asked, commit } => format!("{asked} at {}", &commit[..12]),
    };
    let old = known.and_then(|known| match (&known.source, &found.source) {
        (Source::Git { commit: old, .. }, Source::Git { commit, .. }) if old != commit => Some(old[..12].to_string()),
        _ => None,
    });
    Given {
        name: found.name.clone(),
        version: locked.version.clone(),
        from,
        before: old,
        changed: known.is_none_or(|known| known.digest != locked.digest),
    }
}
