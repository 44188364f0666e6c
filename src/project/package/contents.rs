//! A digest of all files of a package that are part of the projects that it is in.

use super::super::files::is_litter;
use super::FILE;
use crate::digest::{Digest, Tagged};
use crate::world::World;
use std::io;
use std::path::Path;

/// Files and folders of a package beside its folders of models and seeds.
const FILES: [&str; 3] = ["project.yml", "sources.yml", FILE];
const FOLDERS: [&str; 3] = ["macros", "docs/models", "docs/columns"];

/// The digest of paths and bytes. What a project keeps beside them, and what its own runs leave, has no part in it.
///
/// # Errors
/// Of a file that can't be read.
pub fn contents(world: &dyn World, folder: &Path, models_dir: &str, seeds_dir: &str) -> io::Result<Digest> {
    let mut paths: Vec<_> = FILES.iter().map(|name| folder.join(name)).filter(|path| world.exists(path)).collect();
    let mut dirs: Vec<&str> = FOLDERS.into_iter().chain([models_dir, seeds_dir]).collect();
    // A folder within another one is in it.
    dirs.sort_unstable();
    dirs.dedup_by(|dir, before| Path::new(dir).starts_with(&**before));
    for dir in dirs {
        let files = world.walk(&folder.join(dir))?.into_iter().map(|file| file.path);
        paths.extend(files.filter(|path| !is_litter(path)));
    }
    let mut tagged = Tagged::new("fft-package-v1");
    for path in paths {
        let shown = super::super::files::relative(folder, &path).unwrap_or_default();
        let bytes = Digest::read(world.open(&path)?)?;
        tagged = tagged.part(shown.as_bytes()).part(&bytes.0);
    }
    Ok(tagged.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::MemoryWorld;

    #[test]
    fn every_file_of_the_package_counts_and_no_other() {
        let world = || MemoryWorld::new().file("/p/project.yml", "name: p").file("/p/m/macros/a.sql", "x");
        let digest = |world: &MemoryWorld| contents(world, Path::new("/p"), "m", "seeds").unwrap();
        let before = digest(&world());
        for same in ["/p/README.md", "/p/m/a.sql~", "/p/site/x.html", "/p/profiles.yml", "/q/project.yml"] {
            assert_eq!(digest(&world().file(same, "")), before, "{same}");
        }
        for other in ["/p/m/b.ff.sql", "/p/seeds/s.csv", "/p/macros/b.sql", "/p/sources.yml", "/p/packages.yml"] {
            assert_ne!(digest(&world().file(other, "")), before, "{other}");
        }
        assert_ne!(digest(&world().file("/p/m/macros/a.sql", "y")), before);
    }
}
