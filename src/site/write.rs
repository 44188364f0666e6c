//! Writes a site: renders the units whose inputs changed, rewrites files whose bytes did, removes what is stale.
//!
//! `.fft-site` in the site's folder lists every file that fft wrote there. Nothing else is ever overwritten or removed:
//! where a file of the site would replace somebody else's, nothing is written and the file is named. The list is
//! written before the files are, so that a build that was killed doesn't take its own files for somebody else's.

use super::data;
use super::state::{Made, State};
use super::{Page, Unit};
use crate::world::{World, is_left_behind};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

/// The list of files.
pub const LIST: &str = ".fft-site";
const LIST_HEAD: &str = "Files that fft wrote here and may replace or remove:";

/// What a build did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Files of the site.
    pub files: usize,
    pub removed: usize,
    /// Units that were rendered; the others are as they were.
    pub rendered: usize,
    pub written: usize,
}

/// Files that no unit makes and that stay.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    pub files: BTreeSet<String>,
}

/// The files that fft wrote to `dir`, below it.
pub fn own(world: &dyn World, dir: &Path) -> BTreeSet<String> {
    let Ok(bytes) = world.read(&dir.join(LIST)) else { return BTreeSet::new() };
    let text = String::from_utf8_lossy(&bytes);
    text.lines().skip(1).filter(|line| is_inside(line)).map(String::from).collect()
}

/// Writes `units` below `dir` and brings `state` up to date; of what no unit makes, `kept` stays.
///
/// # Errors
/// A file that isn't fft's stands where one of the site's would, or the file system fails.
pub fn write(world: &dyn World, dir: &Path, units: &[Unit<'_>], kept: &Kept, state: &mut State) -> io::Result<Report> {
    let folder = Folder::read(world, dir)?;
    let rendered: Vec<Option<Vec<Page>>> =
        units.par_iter().map(|unit| (!folder.has(state.units.get(&unit.key), unit)).then(|| (unit.render)())).collect();
    let mut made = BTreeMap::new();
    let mut pages: Vec<Page> = Vec::new();
    for (unit, fresh) in units.iter().zip(rendered) {
        let entry = match fresh {
            None => state.units[&unit.key].clone(),
            Some(fresh) => {
                let files = fresh.iter().map(|page| (page.path.clone(), page.bytes.len() as u64)).collect();
                pages.extend(fresh);
                Made { inputs: unit.inputs, files }
            }
        };
        let other = made.insert(unit.key.clone(), entry);
        // What the other one made would be taken for nobody's.
        debug_assert!(other.is_none(), "invariant: one unit of a site is called `{}`", unit.key);
    }
    let rendered = pages.len();
    let files = || made.values().flat_map(|made: &Made| made.files.iter().map(|(path, _)| path.as_str()));
    let stay = kept.files.iter().map(String::as_str).filter(|path| folder.own.contains(*path));
    let files = || files().chain(stay.clone());
    pages.push(data::index(files().filter(|path| path.starts_with("data/"))));
    pages.push(Page::new(".nojekyll", ""));
    let all: BTreeSet<String> = files().chain(["data/index.js", ".nojekyll"]).map(String::from).collect();
    folder.refuse_foreign(&pages)?;
    if !all.is_subset(&folder.own) {
        world.store(&dir.join(LIST), list(all.union(&folder.own)).as_bytes())?;
    }
    let written: io::Result<Vec<bool>> = pages.par_iter().map(|page| folder.store(page)).collect();
    let stale: Vec<&String> = folder.own.difference(&all).filter(|path| folder.files.contains_key(*path)).collect();
    // What a build that was killed left behind isn't published.
    for path in folder.files.keys().filter(|path| is_left_behind(Path::new(path))) {
        world.remove(&dir.join(path))?;
    }
    for path in &stale {
        world.remove(&dir.join(path))?;
    }
    if all != folder.own {
        world.store(&dir.join(LIST), list(all.iter()).as_bytes())?;
    }
    state.units = made;
    let written = written?.into_iter().filter(|wrote| *wrote).count();
    Ok(Report { files: all.len(), removed: stale.len(), rendered, written })
}

/// Removes the files that fft wrote to `dir`, and the folder when nothing else is in it. Tells whether there were any.
pub fn remove(world: &dyn World, dir: &Path) -> io::Result<bool> {
    let folder = Folder::read(world, dir)?;
    for path in folder.own.iter().map(String::as_str).chain([LIST]) {
        world.remove(&dir.join(path))?;
    }
    if !folder.own.is_empty() && world.walk(dir)?.is_empty() {
        world.remove(dir)?;
    }
    Ok(!folder.own.is_empty())
}

/// A site's folder as it is.
struct Folder<'a> {
    world: &'a dyn World,
    dir: PathBuf,
    /// Files with their sizes, by their path below the folder.
    files: BTreeMap<String, u64>,
    /// What fft wrote.
    own: BTreeSet<String>,
}

impl Folder<'_> {
    fn read<'a>(world: &'a dyn World, dir: &Path) -> io::Result<Folder<'a>> {
        let own = own(world, dir);
        let shown = |path: &Path| -> Option<String> {
            let parts: Option<Vec<&str>> = path.strip_prefix(dir).ok()?.iter().map(|part| part.to_str()).collect();
            Some(parts?.join("/"))
        };
        let found = world.walk(dir)?;
        let files = found.iter().filter_map(|file| Some((shown(&file.path)?, file.size))).collect();
        Ok(Folder { world, dir: dir.to_path_buf(), files, own })
    }

    /// Whether the unit's files are there as they were made from the same inputs.
    fn has(&self, made: Option<&Made>, unit: &Unit<'_>) -> bool {
        let there = |(path, size): &(String, u64)| self.files.get(path) == Some(size) && self.own.contains(path);
        made.is_some_and(|made| made.inputs == unit.inputs && made.files.iter().all(there))
    }

    fn refuse_foreign(&self, pages: &[Page]) -> io::Result<()> {
        let foreign =
            |page: &&Page| self.files.contains_key(&page.path) && !self.own.contains(&page.path) && !self.holds(page);
        match pages.iter().find(foreign) {
            None => Ok(()),
            Some(page) => {
                let path = self.dir.join(&page.path);
                let message =
                    format!("{} is there and fft didn't write it; move it, or build elsewhere", path.display());
                Err(io::Error::new(io::ErrorKind::AlreadyExists, message))
            }
        }
    }

    fn holds(&self, page: &Page) -> bool {
        self.files.get(&page.path) == Some(&(page.bytes.len() as u64))
            && self.world.read(&self.dir.join(&page.path)).is_ok_and(|bytes| bytes == page.bytes)
    }

    /// Tells whether it wrote.
    fn store(&self, page: &Page) -> io::Result<bool> {
        if self.holds(page) {
            return Ok(false);
        }
        let path = self.dir.join(&page.path);
        let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
        self.world.store(&path, &page.bytes).map_err(named)?;
        Ok(true)
    }
}

fn list<'a>(files: impl Iterator<Item = &'a String>) -> String {
    let lines: Vec<&str> = files.map(String::as_str).collect();
    format!("{LIST_HEAD}\n{}\n", lines.join("\n"))
}

/// Whether a line of the list names a file below the site's folder: the list may come from anywhere.
fn is_inside(line: &str) -> bool {
    let usual = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.~".contains(&byte))
    };
    line == ".nojekyll" || line.split('/').all(usual)
}
