//! All that is asked of git: the commit that is checked out, whether files differ from it, what is in others, and what has
//! changed since one.
//!
//! The commit is read from git's own files; for the rest git is started, here and nowhere else. Where it isn't there, or
//! takes the folder for none of its own, nothing is known, which is an error only where somebody named a commit.

use super::Failure;
use crate::artifact::results::Git;
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A commit and a file's path in the project's folder.
pub type Place = (String, String);

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

/// git in the project's folder. It starts no program of the repository's own settings, and leaves the index as it is.
#[expect(clippy::disallowed_methods, reason = "git alone knows its objects")]
fn git(root: &Path) -> Command {
    let mut command = Command::new("git");
    command.args(["-c", "core.fsmonitor=false", "--no-optional-locks"]).current_dir(root).stdin(Stdio::null());
    command
}

/// git that fetches. It asks nobody for a password, runs no hook, writes no link, and knows of no repository around.
#[expect(clippy::disallowed_methods, reason = "git alone knows its transports")]
pub fn fetching(root: &Path) -> Command {
    let mut command = Command::new("git");
    let settings = [
        "core.askPass=",
        "core.autocrlf=false",
        "core.fsmonitor=false",
        "core.hooksPath=/dev/null",
        "core.symlinks=false",
        "credential.interactive=false",
        "protocol.ext.allow=never",
    ];
    command.args(settings.into_iter().flat_map(|setting| ["-c", setting]));
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "SSH_ASKPASS"]
    {
        command.env_remove(name);
    }
    command.env("GIT_TERMINAL_PROMPT", "0").env("GIT_ASKPASS", "").env("GCM_INTERACTIVE", "never").env("LC_ALL", "C");
    command.current_dir(root).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    command
}

/// What a run's record tells of the commit: two questions that may be under way while the project is read and the
/// database opened.
pub struct Difference {
    /// Whether the project's files are those of the commit that is checked out.
    status: Option<Child>,
    describe: Option<Child>,
    /// The project's folder in the repository; none at its top.
    folder: Option<String>,
}

/// The answers; what can't be told is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Files that git knows and that differ.
    pub changed: Option<usize>,
    /// Files that git doesn't know.
    pub untracked: Option<usize>,
    pub describe: Option<String>,
    pub folder: Option<String>,
}

impl Told {
    /// Whether a file differs, or is unknown to git.
    pub fn dirty(&self) -> Option<bool> {
        Some(self.changed? + self.untracked? > 0)
    }
}

/// Begins to ask about everything in the project's folder but what is in the folders `written`, which fft writes itself.
pub fn differs(world: &dyn World, root: &Path, written: &[&str]) -> Difference {
    if commit(world, root).is_none() {
        return Difference { status: None, describe: None, folder: None };
    }
    let excluded = written.iter().map(|folder| format!(":(exclude){folder}"));
    let all = ["status", "--porcelain", "-z", "--untracked-files=all", "--", "."];
    let ask = |mut command: Command| command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok();
    let (mut status, mut describe) = (git(root), git(root));
    status.args(all).args(excluded);
    describe.args(["describe", "--tags"]);
    Difference { status: ask(status), describe: ask(describe), folder: folder(world, root) }
}

/// Where in the repository the project is; none at its top.
fn folder(world: &dyn World, root: &Path) -> Option<String> {
    let top = root.ancestors().find(|dir| world.exists(&dir.join(".git")))?;
    let parts: Option<Vec<&str>> = root.strip_prefix(top).ok()?.iter().map(|part| part.to_str()).collect();
    parts.filter(|parts| !parts.is_empty()).map(|parts| parts.join("/"))
}

impl Difference {
    /// Waits for the answers.
    pub fn told(self) -> Told {
        let answer = |child: Option<Child>| {
            let output = child?.wait_with_output().ok()?;
            output.status.success().then_some(output.stdout)
        };
        let counts = answer(self.status).map(|list| counted(&list));
        let describe = answer(self.describe).and_then(|text| String::from_utf8(text).ok());
        Told {
            changed: counts.map(|(changed, _)| changed),
            untracked: counts.map(|(_, untracked)| untracked),
            describe: describe.map(|text| text.trim().to_string()).filter(|text| !text.is_empty()),
            folder: self.folder,
        }
    }
}

/// Files of `git status --porcelain -z` that git knows, and those that it doesn't. A file that was moved has its old path
/// behind it.
fn counted(list: &[u8]) -> (usize, usize) {
    let (mut changed, mut untracked) = (0, 0);
    let mut entries = list.split(|byte| *byte == 0).filter(|entry| !entry.is_empty());
    while let Some(entry) = entries.next() {
        match entry {
            [b'?', b'?', ..] => untracked += 1,
            [b'R' | b'C', ..] | [_, b'R' | b'C', ..] => {
                changed += 1;
                entries.next();
            }
            _ => changed += 1,
        }
    }
    (changed, untracked)
}

impl From<&Told> for Git {
    fn from(told: &Told) -> Git {
        Git {
            changed: told.changed,
            commit: None,
            describe: told.describe.clone(),
            dirty: told.dirty(),
            folder: told.folder.clone(),
            untracked: told.untracked,
        }
    }
}

/// What the repository holds, asked of one process for as long as this lives.
pub struct Objects {
    git: Child,
    /// Closed before git is waited for, which ends with its questions.
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Objects {
    /// `None` where git can't be started.
    pub fn open(root: &Path) -> Option<Objects> {
        let mut command = git(root);
        command.args(["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut git = command.spawn().ok()?;
        let (questions, answers) = (git.stdin.take(), BufReader::new(git.stdout.take()?));
        Some(Objects { git, questions, answers })
    }

    /// The file that a commit has in this place.
    pub fn file(&mut self, (commit, path): &Place) -> Option<Vec<u8>> {
        // A line is a question: what can't be in one isn't asked.
        if path.contains(['\n', '\0']) {
            return None;
        }
        let questions = self.questions.as_mut()?;
        writeln!(questions, "{commit}:./{path}").ok()?;
        questions.flush().ok()?;
        let mut head = String::new();
        self.answers.read_line(&mut head).ok()?;
        // `OBJECT blob SIZE`, or `… missing`.
        let words: Vec<&str> = head.split_whitespace().collect();
        let size: usize = words.last()?.parse().ok()?;
        let mut content = vec![0; size + 1];
        self.answers.read_exact(&mut content).ok()?;
        content.pop();
        (words.get(1) == Some(&"blob")).then_some(content)
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        drop(self.questions.take());
        drop(self.git.wait());
    }
}

/// The tags of the repository around `root`, by the commit that each is of; none where git can't tell.
pub fn tags(world: &dyn World, root: &Path) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    if commit(world, root).is_none() {
        return found;
    }
    // Of an annotated tag the second one is the commit.
    let form = "--format=%(objectname) %(*objectname) %(refname:strip=2)";
    for line in said(root, &["for-each-ref", form, "refs/tags"]).unwrap_or_default().lines() {
        let words: Vec<&str> = line.splitn(3, ' ').collect();
        let [own, peeled, name] = words[..] else { continue };
        let commit = if peeled.is_empty() { own } else { peeled };
        found.entry(commit.to_string()).or_default().push(name.to_string());
    }
    found
}

/// Project-relative paths that differ from `reference`: commits since, the index, the work tree, and files that git
/// doesn't know yet.
pub fn changed_since(root: &Path, reference: &str) -> Result<BTreeSet<String>, Failure> {
    let commit = named(root, reference)?;
    let mut changed = said(root, &["diff", "--name-only", "--relative", "--no-renames", "-z", &commit])?;
    changed.push_str(&said(root, &["ls-files", "--others", "--exclude-standard", "-z"])?);
    Ok(changed.split('\0').filter(|path| !path.is_empty()).map(String::from).collect())
}

/// The commit that `reference` is in the repository around `root`, as hexadecimal digits.
pub fn named(root: &Path, reference: &str) -> Result<String, Failure> {
    // A name that begins with a dash would be an option.
    let commit = format!("{reference}^{{commit}}");
    let commit = said(root, &["rev-parse", "--verify", "--quiet", "--end-of-options", &commit]);
    let commit = commit.map_err(|failure| match failure {
        Failure::Usage(..) => unknown_reference(reference),
        other => other,
    })?;
    Ok(commit.trim().to_string())
}

fn unknown_reference(reference: &str) -> Failure {
    let message = format!("git doesn't know `{reference}` in this project's repository");
    Failure::Usage(message, vec!["name a commit, a branch or a tag; the project must be in a git repository".into()])
}

/// What git says to a question that it must be able to answer.
fn said(root: &Path, arguments: &[&str]) -> Result<String, Failure> {
    let output =
        git(root).args(arguments).output().map_err(|error| Failure::Io("git can't be started".into(), error))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr).trim().to_string();
        return Err(Failure::Usage(format!("git {} failed: {words}", arguments[0]), Vec::new()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
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

    #[test]
    fn files_that_differ_are_counted_a_moved_one_once() {
        assert_eq!(counted(b" M a.sql\0?? new one.sql\0R  to.sql\0from.sql\0D  gone\0?? x\0"), (3, 2));
        assert_eq!(counted(b""), (0, 0));
        let told = Told { changed: Some(0), untracked: Some(2), ..Told::default() };
        assert_eq!((told.dirty(), Told::default().dirty()), (Some(true), None));
    }

    #[test]
    fn the_folder_in_the_repository_is_told_below_its_top() {
        let world = MemoryWorld::new().file("/r/.git/HEAD", "x");
        assert_eq!(folder(&world, Path::new("/r/a/b")).as_deref(), Some("a/b"));
        assert_eq!(folder(&world, Path::new("/r")), None);
    }
}
