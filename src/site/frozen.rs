//! Pages of runs that aren't kept any more. They stay as they were made, with what they load, or are moved to a folder of
//! their own, or go.
//!
//! What there is is told by the list of files that fft wrote; what a run was by the record beside its page.

use super::data;
use super::decided::stem;
use super::history::{Frozen, RunSummary};
use super::write::{Kept, own};
use crate::artifact::history::Record;
use crate::artifact::wire;
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

/// Which pages stay, and where the others go.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// All of them stay.
    pub all: bool,
    /// Tags by the commit that each is of: pages of runs at such a commit stay.
    pub tags: &'a BTreeMap<String, Vec<String>>,
    /// Where those go that don't stay.
    pub archive: Option<&'a Path>,
}

/// Runs whose pages stay, newest first, and the files that they consist of. Pages that don't stay are moved, where there
/// is a folder for them. `known` has what was read of such runs before, by run.
pub fn keep(
    world: &dyn World,
    dir: &Path,
    runs: &[RunSummary],
    wish: Wish<'_>,
    known: &mut BTreeMap<String, Frozen>,
) -> io::Result<(Vec<Frozen>, Kept)> {
    let files = pages(&own(world, dir), runs);
    known.retain(|run, _| files.contains_key(run));
    let (mut stay, mut kept) = (Vec::new(), Kept::default());
    for (run, mut paths) in files.into_iter().rev() {
        let one = known.entry(run.clone()).or_insert_with(|| look(world, dir, &run)).clone();
        paths.extend(assets(world, dir, &run));
        let tagged = one.commit.as_ref().is_some_and(|commit| wish.tags.contains_key(commit));
        if wish.all || tagged {
            stay.push(one);
            kept.files.extend(paths);
        } else if let Some(folder) = wish.archive {
            paths.iter().try_for_each(|path| copy(world, &dir.join(path), &folder.join(path)))?;
            let moved = world.walk(&folder.join("data"))?;
            let names = moved.iter().filter_map(|file| Some(format!("data/{}", file.path.file_name()?.to_str()?)));
            let names: BTreeSet<String> = names.filter(|name| name != "data/index.js").collect();
            world.store(&folder.join("data/index.js"), &data::index(names.iter().map(String::as_str)).bytes)?;
        }
    }
    Ok((stay, kept))
}

/// The files of each run that has a page and isn't kept, by run.
fn pages(own: &BTreeSet<String>, runs: &[RunSummary]) -> BTreeMap<String, BTreeSet<String>> {
    let kept: BTreeSet<String> = runs.iter().map(|run| stem(&run.run_id)).collect();
    let page = |path: &&String| Some(path.strip_prefix("runs/")?.strip_suffix(".html")?.to_string());
    let gone = own.iter().filter_map(|path| page(&path)).filter(|run| is_run(run) && !kept.contains(run));
    let mut found: BTreeMap<String, BTreeSet<String>> = gone.map(|run| (run, BTreeSet::new())).collect();
    for path in own {
        if let Some(files) = run_of(path).and_then(|run| found.get_mut(run)) {
            files.insert(path.clone());
        }
    }
    found
}

/// Whether it is what a run is called: `20261122T101500Z-3fa9`.
fn is_run(stem: &str) -> bool {
    let shape: String = stem.chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).collect();
    shape.starts_with("00000000T000000Z-") && stem.len() == "00000000T000000Z-0000".len()
}

/// The run that a file is of: a page, a record, a shard.
fn run_of(path: &str) -> Option<&str> {
    if let Some(file) = path.strip_prefix("runs/") {
        return file.rsplit_once('.').map(|(stem, _)| stem);
    }
    let shard = path.strip_prefix("data/")?;
    let rest = ["run-", "parts-", "record-", "said-", "why-"].iter().find_map(|kind| shard.strip_prefix(kind))?;
    rest.get(.."00000000T000000Z-0000".len())
}

/// What the record in the site says of a run.
fn look(world: &dyn World, dir: &Path, run: &str) -> Frozen {
    let bytes = world.read(&dir.join(format!("runs/{run}.json"))).ok();
    let results = bytes.and_then(|bytes| wire::read::<Record>(&bytes).ok()).map(|record| record.results);
    let results = results.as_ref();
    Frozen {
        run_id: run.to_string(),
        at: results.map(|results| results.run_finished_at.clone()),
        commit: results.and_then(|results| results.metadata.git.commit.clone()),
        dirty: results.and_then(|results| results.metadata.git.dirty),
        totals: results.map(|results| results.totals.words()),
    }
}

/// The styles and scripts that its page names.
fn assets(world: &dyn World, dir: &Path, run: &str) -> Vec<String> {
    let Ok(bytes) = world.read(&dir.join(format!("runs/{run}.html"))) else { return Vec::new() };
    let text = String::from_utf8_lossy(&bytes);
    let named =
        text.split("\"../assets/").skip(1).filter_map(|rest| Some(format!("assets/{}", rest.split_once('"')?.0)));
    named.collect::<BTreeSet<_>>().into_iter().collect()
}

/// A file that is there stays: a page was made once.
fn copy(world: &dyn World, from: &Path, to: &Path) -> io::Result<()> {
    match world.read(from) {
        Ok(bytes) if !world.exists(to) => world.store(to, &bytes),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_of_one_run() {
        let run = "20261122T101500Z-3fa9";
        for path in [
            format!("runs/{run}.html"),
            format!("runs/{run}.json"),
            format!("data/run-{run}-0123456789ab.js"),
            format!("data/why-{run}-3-0123456789ab.js"),
            format!("data/record-{run}-0123456789ab.js"),
            format!("data/said-{run}-0123456789ab.js"),
        ] {
            assert_eq!(run_of(&path), Some(run), "{path}");
        }
        for path in ["runs/index.html", "runs/compare.html", "data/graph-0123456789ab.js", "nodes/run-x.html"] {
            assert!(run_of(path).is_none_or(|run| !is_run(run)), "{path}");
        }
    }
}
