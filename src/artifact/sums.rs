//! `digests.sha256`: the SHA-256 of each file that the last run left as a whole, in the form that `sha256sum -c` reads.
//!
//! It vouches for what nothing else does: the newest run's record, the words of the manifest, the catalog. The cache and
//! the evidence carry digests of their own.

use super::Layout;
use super::history::History;
use crate::digest::Digest;
use crate::world::World;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::io;
use std::path::{Component, Path, PathBuf};

/// Characters of a damaged line that are shown.
const SHOWN: usize = 40;

/// Digests by the file's place.
pub type Known = BTreeMap<PathBuf, Digest>;

/// Writes the file anew: at the end of whatever changes what it tells of. Files that were just written or compared needn't
/// be read again for that: their digests are `known`.
pub fn write(world: &dyn World, layout: &Layout, known: &Known) -> io::Result<()> {
    let files = files(world, layout)?;
    let digest = |path: &PathBuf| match known.get(path) {
        Some(digest) => Ok(*digest),
        None => Digest::read(world.open(path)?),
    };
    let digests = files.par_iter().map(digest).collect::<io::Result<Vec<_>>>()?;
    let mut text = String::new();
    for (path, digest) in files.iter().zip(digests) {
        let name = path.strip_prefix(layout.root()).unwrap_or(path).display();
        // Writing to a text doesn't fail.
        let _ = writeln!(text, "{digest}  {name}");
    }
    world.store(&layout.sums(), text.as_bytes())
}

/// The files that are told of: those that are there.
fn files(world: &dyn World, layout: &Layout) -> io::Result<Vec<PathBuf>> {
    let newest = History::new(world, layout.runs());
    let newest = newest.list()?.pop().map(|run| newest.path(&run));
    let target = [layout.catalog(), layout.manifest(), layout.run_results()];
    let files = [layout.pruned()].into_iter().chain(newest).chain(target);
    Ok(files.filter(|path| world.exists(path)).collect())
}

/// Each file that isn't what the last run left, with what is wrong with it; the list itself where it is damaged.
pub fn check(world: &dyn World, layout: &Layout) -> Vec<(String, String)> {
    const OWN: &str = "digests.sha256";
    let bytes = match world.read(&layout.sums()) {
        Ok(bytes) => bytes,
        Err(error) => return vec![(OWN.into(), format!("can't be read: {error}"))],
    };
    let mut found = Vec::new();
    let mut told = BTreeSet::new();
    for line in String::from_utf8_lossy(&bytes).lines() {
        let Some((digest, name)) = line.split_once("  ").filter(|(digest, name)| is_line(digest, name)) else {
            let shown: String = line.chars().take(SHOWN).flat_map(char::escape_default).collect();
            found.push((OWN.to_string(), format!("the line `{shown}` is no digest with a file")));
            continue;
        };
        told.insert(layout.root().join(name));
        let problem = match world.open(&layout.root().join(name)).and_then(Digest::read) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => "it is missing".to_string(),
            Err(error) => format!("can't be read: {error}"),
            Ok(found) if found.to_string() != digest => "it isn't what the last run left".into(),
            Ok(_) => continue,
        };
        found.push((name.to_string(), format!("{problem} ({OWN})")));
    }
    // What the list lost isn't vouched for by anything. Of the runs it tells of one, which may be gone.
    let runs = layout.runs();
    let of_run = |path: &Path| path.starts_with(&runs) && told.iter().any(|told| told.starts_with(&runs));
    let untold = files(world, layout).unwrap_or_default().into_iter();
    let untold = untold.filter(|path| !told.contains(path) && !of_run(path));
    found.extend(untold.map(|path| {
        let name = path.strip_prefix(layout.root()).unwrap_or(&path).display().to_string();
        (OWN.to_string(), format!("it has no line for {name}"))
    }));
    found
}

/// Whether this is a digest and the name of a file below `.fastflowtransform/`.
fn is_line(digest: &str, name: &str) -> bool {
    let inside = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    Digest::parse(digest).is_some() && inside && !name.is_empty() && !name.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::MemoryWorld;

    #[test]
    fn what_was_changed_is_named() {
        let world = MemoryWorld::new()
            .file("/p/.fastflowtransform/runs/1.json", "old")
            .file("/p/.fastflowtransform/runs/2.json", "new")
            .file("/p/.fastflowtransform/target/manifest.json", "{}");
        let layout = Layout::new(Path::new("/p"));
        write(&world, &layout, &Known::new()).unwrap();
        let text = String::from_utf8(world.read(&layout.sums()).unwrap()).unwrap();
        let names: Vec<&str> = text.lines().map(|line| line.split_once("  ").unwrap().1).collect();
        assert_eq!(names, ["runs/2.json", "target/manifest.json"]);
        assert_eq!(text.lines().next().unwrap().split_once("  ").unwrap().0, Digest::of(b"new").to_string());
        assert!(check(&world, &layout).is_empty());
        world.write(&layout.manifest(), b"[]").unwrap();
        world.remove(Path::new("/p/.fastflowtransform/runs/2.json")).unwrap();
        let found: Vec<String> =
            check(&world, &layout).into_iter().map(|(file, problem)| format!("{file}: {problem}")).collect();
        assert_eq!(
            found,
            [
                "runs/2.json: it is missing (digests.sha256)",
                "target/manifest.json: it isn't what the last run left (digests.sha256)"
            ]
        );
    }

    /// As a power cut leaves it, or somebody who wants it to say less.
    #[test]
    fn a_damaged_list_is_named_and_reads_nothing_outside() {
        let world = MemoryWorld::new()
            .file("/p/.fastflowtransform/runs/1.json", "old")
            .file("/p/.fastflowtransform/target/manifest.json", "{}")
            .file("/p/secret", "x");
        let layout = Layout::new(Path::new("/p"));
        write(&world, &layout, &Known::new()).unwrap();
        let whole = world.read(&layout.sums()).unwrap();
        let outside = format!("{}  ../secret\n", Digest::of(b"x"));
        let mut zeroed = whole.clone();
        zeroed[66..70].fill(0);
        let mut cut = whole.clone();
        cut.truncate(40);
        for damaged in [zeroed, cut, Vec::new(), [whole, outside.into_bytes()].concat()] {
            world.put(layout.sums(), damaged);
            let found = check(&world, &layout);
            assert!(!found.is_empty() && found.iter().all(|(file, _)| file == "digests.sha256"), "{found:?}");
        }
    }
}
