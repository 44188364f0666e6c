//! Where a project is, and where its records are: in its folder, or in the one that `FFT_STATE_DIR` names, which then is
//! this project's alone.

use super::Failure;
use crate::artifact::{Layout, json};
use crate::project::find_root;
use crate::world::World;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

const VARIABLE: &str = "FFT_STATE_DIR";

/// The project that a folder of records belongs to.
#[derive(Serialize, Deserialize, PartialEq)]
struct Owner {
    name: String,
    root: PathBuf,
}

/// The project's folder: the one that was named, else the nearest one upward that holds a project.
pub fn root(world: &dyn World, project: Option<&Path>) -> Result<PathBuf, Failure> {
    let given = project.unwrap_or(Path::new("."));
    // Resolved once, so that every way to the folder gives the same places below it.
    let start = world.resolve(given).map_err(|error| Failure::Io(format!("the folder {}", given.display()), error))?;
    match project {
        Some(_) => Ok(start),
        None => find_root(world, &start).ok_or_else(|| {
            let message = "no project.yml in this folder or one above it".to_string();
            Failure::Usage(message, vec!["name the project's folder, or start one with `fft init`".into()])
        }),
    }
}

/// The same for what asks records alone: a folder without a project has none.
pub fn recorded_root(world: &dyn World, project: Option<&Path>) -> Result<PathBuf, Failure> {
    let root = root(world, project)?;
    if world.exists(&root.join("project.yml")) {
        return Ok(root);
    }
    let message = format!("no project.yml in {}", root.display());
    Err(Failure::Usage(message, vec!["name the project's folder, or start one with `fft init`".into()]))
}

/// The places of the project in `root`. A folder that isn't this project's is refused, and left as it is.
pub fn layout(world: &dyn World, root: &Path) -> Result<Layout, Failure> {
    let env = world.env();
    let Some(given) = env.get(VARIABLE).map(|dir| dir.trim()).filter(|dir| !dir.is_empty()) else {
        return Ok(Layout::new(root));
    };
    let failed = |error| Failure::Io(format!("{VARIABLE} ({given})"), error);
    let folder = world.resolve(&root.join(given)).map_err(failed)?;
    let layout = Layout::elsewhere(root, folder);
    if layout.moved().is_none() {
        return Ok(layout);
    }
    match owner(world, &layout) {
        Some(owner) if owner.root != root && world.exists(&owner.root.join("project.yml")) => {
            let whose = format!("holds the records of the project in {}", owner.root.display());
            Err(refused(given, &whose))
        }
        Some(_) => Ok(layout),
        None => {
            let names = world.names(layout.root()).map_err(failed)?;
            if names.iter().all(|name| name == "lock") {
                Ok(layout)
            } else {
                Err(refused(given, "holds files that aren't fft's"))
            }
        }
    }
}

/// Makes the folder this project's, unless it is the one of a project with another name.
pub fn take(world: &dyn World, layout: &Layout, root: &Path, name: &str) -> Result<(), Failure> {
    let Some(folder) = layout.moved() else { return Ok(()) };
    let before = owner(world, layout);
    if let Some(owner) = before.as_ref().filter(|owner| owner.name != name) {
        return Err(refused(
            &folder.display().to_string(),
            &format!("holds the records of the project `{}`", owner.name),
        ));
    }
    let own = Owner { name: name.into(), root: root.into() };
    if before.as_ref() != Some(&own) {
        // A command that only reads may be given a folder that it can't write to; one that writes fails by itself.
        let _ = world.write(&layout.owner(), &json(&own));
    }
    Ok(())
}

fn owner(world: &dyn World, layout: &Layout) -> Option<Owner> {
    serde_json::from_slice(&world.read(&layout.owner()).ok()?).ok()
}

fn refused(folder: &str, whose: &str) -> Failure {
    let hint = format!("give each project, and each checkout of one, a folder of its own: {VARIABLE}={folder}/NAME");
    Failure::Usage(format!("the folder of {VARIABLE}, {folder}, {whose}"), vec![hint])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::MemoryWorld;

    fn told(result: Result<Layout, Failure>) -> String {
        match result {
            Err(Failure::Usage(message, _)) => message,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_folder_belongs_to_one_project() {
        let world = MemoryWorld::new()
            .var(VARIABLE, "/state")
            .file("/a/project.yml", "name: a")
            .file("/b/project.yml", "name: b")
            .file("/c/project.yml", "name: a");
        let (a, b) = (Path::new("/a"), Path::new("/b"));
        let found = layout(&world, a).unwrap();
        assert_eq!(found.lock(), Path::new("/state/lock"));
        world.put("/state/lock", "");
        take(&world, &layout(&world, a).unwrap(), a, "a").unwrap();
        take(&world, &layout(&world, a).unwrap(), a, "a").unwrap();
        assert!(told(layout(&world, b)).contains("/state, holds the records of the project in /a"));
        // Moved: what stood there is gone.
        world.remove(a).unwrap();
        assert!(take(&world, &layout(&world, b).unwrap(), b, "b").is_err());
        take(&world, &layout(&world, Path::new("/c")).unwrap(), Path::new("/c"), "a").unwrap();
        assert!(told(layout(&world, b)).contains("the project in /c"));
    }

    #[test]
    fn a_folder_with_other_files_is_left_alone() {
        let world =
            MemoryWorld::new().var(VARIABLE, "../home").file("/home/letter.txt", "dear").file("/a/project.yml", "");
        assert!(told(layout(&world, Path::new("/a"))).contains("../home, holds files that aren't fft's"));
        let inside = MemoryWorld::new().var(VARIABLE, " ").file("/a/project.yml", "");
        assert_eq!(layout(&inside, Path::new("/a")).unwrap().moved(), None);
    }
}
