//! The project's own Python modules, as Python would find them from the project's folder, now or in a commit.

use super::git::{Objects, Place};
use crate::diagnostic::{Diagnostic, Location};
use crate::syntax::python::{LocalModule, Modules, analyse};
use crate::world::World;
use std::cell::RefCell;
use std::io::ErrorKind;
use std::path::Path;

pub struct ProjectModules<'a> {
    pub world: &'a dyn World,
    pub root: &'a Path,
}

/// Folders that hold nobody's own code.
const FOREIGN: [&str; 3] = ["site-packages", "node_modules", "__pycache__"];

/// Where a module of this dotted name may be: a package comes before a module of the same name.
fn paths(name: &str) -> [String; 2] {
    let base = name.replace('.', "/");
    [format!("{base}/__init__.py"), format!("{base}.py")]
}

impl Modules for ProjectModules<'_> {
    fn get(&self, name: &str) -> Option<Result<LocalModule, Diagnostic>> {
        paths(name).into_iter().find_map(|path| self.read(path))
    }

    fn all(&self) -> Result<Vec<LocalModule>, Diagnostic> {
        let walked = self.world.walk(self.root).map_err(|error| {
            let message = format!("the project's Python files can't be listed: {error}");
            Diagnostic::new("unreadable-module", message)
        })?;
        let inside = |path: &Path| path.strip_prefix(self.root).ok().map(|path| path.to_string_lossy().into_owned());
        let files: Vec<String> = walked.iter().filter_map(|file| inside(&file.path)).collect();
        let environments: Vec<&str> = files.iter().filter_map(|path| path.strip_suffix("pyvenv.cfg")).collect();
        let own = |path: &&String| {
            path.ends_with(".py")
                && !path.split('/').any(|part| FOREIGN.contains(&part))
                && !environments.iter().any(|environment| path.starts_with(environment))
        };
        files.iter().filter(own).filter_map(|path| self.read(path.clone())).collect()
    }
}

impl ProjectModules<'_> {
    /// The module at `path`, `None` where there is no such file.
    fn read(&self, path: String) -> Option<Result<LocalModule, Diagnostic>> {
        let unreadable = |why: String| {
            let message = format!("this Python module can't be read: {why}");
            Diagnostic::new("unreadable-module", message).at(Location::file(&path))
        };
        let bytes = match self.world.read(&self.root.join(&path)) {
            Ok(bytes) => bytes,
            Err(error)
                if [ErrorKind::NotFound, ErrorKind::NotADirectory, ErrorKind::IsADirectory].contains(&error.kind()) =>
            {
                return None;
            }
            Err(error) => return Some(Err(unreadable(error.to_string()))),
        };
        match String::from_utf8(bytes) {
            Ok(text) => Some(Ok(LocalModule { path, text: text.into() })),
            Err(_) => Some(Err(unreadable("it isn't UTF-8".into()).hint("save it as UTF-8"))),
        }
    }
}

/// The modules that a commit has.
struct CommittedModules<'a> {
    objects: RefCell<&'a mut Objects>,
    commit: &'a str,
}

impl Modules for CommittedModules<'_> {
    fn get(&self, name: &str) -> Option<Result<LocalModule, Diagnostic>> {
        let mut objects = self.objects.borrow_mut();
        let (path, text) = paths(name).into_iter().find_map(|path| {
            let place = (self.commit.to_string(), path);
            objects.file(&place).map(|text| (place.1, text))
        })?;
        Some(Ok(LocalModule { path, text: String::from_utf8(text).ok()?.into() }))
    }

    // Code that may load any of them has its whole file for a slice, whichever there are.
    fn all(&self) -> Result<Vec<LocalModule>, Diagnostic> {
        Ok(Vec::new())
    }
}

/// The slices of the models `function` in a file that a commit has: of each where there are several of one name, and none
/// where the file can't be read.
pub fn slices_at(objects: &mut Objects, (commit, path): &Place, text: &[u8], function: &str) -> Vec<Vec<u8>> {
    let modules = CommittedModules { objects: RefCell::new(objects), commit };
    let analysed = std::str::from_utf8(text).ok().and_then(|text| analyse(path, text, &modules).ok());
    let named = analysed.into_iter().flatten().filter(|model| model.function == function);
    named.map(|model| model.slice.into_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::MemoryWorld;

    fn found(world: &MemoryWorld, name: &str) -> Option<String> {
        let modules = ProjectModules { world, root: Path::new("/p") };
        modules.get(name).map(|module| module.map_or_else(|problem| problem.to_string(), |module| module.path))
    }

    #[test]
    fn modules_are_found_as_python_finds_them() {
        let world = MemoryWorld::new()
            .file("/p/a.py", "")
            .file("/p/a/__init__.py", "")
            .file("/p/b/c.py", "")
            .file("/p/latin.py", b"x = '\xe9'");
        assert_eq!(found(&world, "a").as_deref(), Some("a/__init__.py"));
        assert_eq!(found(&world, "b.c").as_deref(), Some("b/c.py"));
        assert_eq!(found(&world, "b"), None);
        let told = found(&world, "latin").expect("a problem");
        assert!(told.contains("latin.py") && told.contains("isn't UTF-8"), "{told}");
    }

    #[test]
    fn environments_and_caches_hold_no_modules_of_the_project() {
        let world = MemoryWorld::new()
            .file("/p/shared/a.py", "")
            .file("/p/env/pyvenv.cfg", "")
            .file("/p/env/lib/x.py", "")
            .file("/p/node_modules/y.py", "")
            .file("/p/notes.txt", "");
        let modules = ProjectModules { world: &world, root: Path::new("/p") };
        let paths: Vec<String> = modules.all().expect("listed").into_iter().map(|module| module.path).collect();
        assert_eq!(paths, ["shared/a.py"]);
    }
}
