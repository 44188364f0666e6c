//! `digests.sha256`: the SHA-256 of each file that the last run left as a whole, in the form that `sha256sum -c` reads.
//!
//! It vouches for what nothing else does: the newest run's record, the words of the manifest, the catalog. The cache and
//! the evidence carry digests of their own.

use super::Layout;
use super::history::History;
use crate::digest::Digest;
use crate::world::World;
use rayon::prelude::*;
use std::fmt::Write;
use std::io;
use std::path::PathBuf;

/// Writes the file anew: at the end of whatever changes what it tells of.
pub fn write(world: &dyn World, layout: &Layout) -> io::Result<()> {
    let newest = History::new(world, layout.runs());
    let newest = newest.list()?.pop().map(|run| newest.path(&run));
    let target = [layout.catalog(), layout.manifest(), layout.run_results()];
    let files = [layout.pruned()].into_iter().chain(newest).chain(target);
    let files: Vec<PathBuf> = files.filter(|path| world.exists(path)).collect();
    let digests = files.par_iter().map(|path| Ok(Digest::of(&world.read(path)?))).collect::<io::Result<Vec<_>>>()?;
    let mut text = String::new();
    for (path, digest) in files.iter().zip(digests) {
        let name = path.strip_prefix(layout.root()).unwrap_or(path).display();
        // Writing to a text doesn't fail.
        let _ = writeln!(text, "{digest}  {name}");
    }
    world.store(&layout.sums(), text.as_bytes())
}

/// Each file that isn't what the last run left, with what is wrong with it.
pub fn check(world: &dyn World, layout: &Layout) -> io::Result<Vec<(String, String)>> {
    let text = String::from_utf8_lossy(&world.read(&layout.sums())?).into_owned();
    let mut found = Vec::new();
    for line in text.lines() {
        let Some((digest, name)) = line.split_once("  ") else {
            found.push(("digests.sha256".to_string(), format!("the line `{line}` is no digest with a file")));
            continue;
        };
        let problem = match world.read(&layout.root().join(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => "it is missing",
            Err(error) => return Err(error),
            Ok(bytes) if Digest::of(&bytes).to_string() != digest => "it isn't what the last run left",
            Ok(_) => continue,
        };
        found.push((name.to_string(), format!("{problem} (digests.sha256)")));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::MemoryWorld;
    use std::path::Path;

    #[test]
    fn what_was_changed_is_named() {
        let world = MemoryWorld::new()
            .file("/p/.fastflowtransform/runs/1.json", "old")
            .file("/p/.fastflowtransform/runs/2.json", "new")
            .file("/p/.fastflowtransform/target/manifest.json", "{}");
        let layout = Layout::new(Path::new("/p"));
        write(&world, &layout).unwrap();
        let text = String::from_utf8(world.read(&layout.sums()).unwrap()).unwrap();
        let names: Vec<&str> = text.lines().map(|line| line.split_once("  ").unwrap().1).collect();
        assert_eq!(names, ["runs/2.json", "target/manifest.json"]);
        assert_eq!(text.lines().next().unwrap().split_once("  ").unwrap().0, Digest::of(b"new").to_string());
        assert!(check(&world, &layout).unwrap().is_empty());
        world.write(&layout.manifest(), b"[]").unwrap();
        world.remove(Path::new("/p/.fastflowtransform/runs/2.json")).unwrap();
        let found: Vec<String> =
            check(&world, &layout).unwrap().into_iter().map(|(file, problem)| format!("{file}: {problem}")).collect();
        assert_eq!(
            found,
            [
                "runs/2.json: it is missing (digests.sha256)",
                "target/manifest.json: it isn't what the last run left (digests.sha256)"
            ]
        );
    }
}
