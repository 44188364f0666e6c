//! The commit that a project's folder is at, read from git's own files.

use crate::world::World;
use std::path::{Path, PathBuf};

/// The commit checked out around `dir`, as 40 or 64 hexadecimal digits.
pub fn commit(world: &dyn World, dir: &Path) -> Option<String> {
    let git = dir.ancestors().map(|dir| dir.join(".git")).find(|path| world.exists(path))?;
    let git = resolve(world, git)?;
    let head = text(world, &git.join("HEAD"))?;
    match head.strip_prefix("ref: ") {
        None => valid(&head),
        Some(name) => {
            // A linked work tree keeps its branches with the main one.
            let common = text(world, &git.join("commondir")).map_or(git.clone(), |path| git.join(path));
            let loose = text(world, &git.join(name)).or_else(|| text(world, &common.join(name)));
            loose.and_then(|commit| valid(&commit)).or_else(|| packed(world, &common, name))
        }
    }
}

/// A commit as people are told of it: `0123456789ab (with uncommitted changes)`.
pub fn words(commit: &str, dirty: Option<bool>) -> String {
    let changes = if dirty == Some(true) { " (with uncommitted changes)" } else { "" };
    format!("{}{changes}", commit.get(..12).unwrap_or(commit))
}

/// `.git` is a folder, or a file that names it.
fn resolve(world: &dyn World, git: PathBuf) -> Option<PathBuf> {
    match world.read(&git) {
        Err(_) => Some(git),
        Ok(bytes) => {
            let line = String::from_utf8(bytes).ok()?;
            let path = line.strip_prefix("gitdir: ")?.trim();
            Some(git.parent()?.join(path))
        }
    }
}

fn packed(world: &dyn World, git: &Path, name: &str) -> Option<String> {
    let refs = text(world, &git.join("packed-refs"))?;
    refs.lines().find_map(|line| line.strip_suffix(name)?.strip_suffix(' ').and_then(valid))
}

fn text(world: &dyn World, path: &Path) -> Option<String> {
    String::from_utf8(world.read(path).ok()?).ok().map(|text| text.trim().to_string())
}

fn valid(commit: &str) -> Option<String> {
    let right = matches!(commit.len(), 40 | 64) && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    right.then(|| commit.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::MemoryWorld;

    const COMMIT: &str = "0123456789012345678901234567890123456789";

    #[test]
    fn a_branch_is_followed_loose_and_packed() {
        let loose = MemoryWorld::new()
            .file("/r/.git/HEAD", "ref: refs/heads/main\n")
            .file("/r/.git/refs/heads/main", format!("{COMMIT}\n"));
        assert_eq!(commit(&loose, Path::new("/r/a/b")).as_deref(), Some(COMMIT));
        let packed = MemoryWorld::new()
            .file("/r/.git/HEAD", "ref: refs/heads/main\n")
            .file("/r/.git/packed-refs", format!("# pack\n{COMMIT} refs/heads/main\n"));
        assert_eq!(commit(&packed, Path::new("/r")).as_deref(), Some(COMMIT));
        assert_eq!(commit(&MemoryWorld::new(), Path::new("/r")), None);
    }
}
