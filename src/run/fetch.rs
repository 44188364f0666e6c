//! Repositories of packages, fetched: the only place of fft's that speaks to git's servers, for `fft deps` alone.
//!
//! Takes what is asked of a repository, gives the folder of one commit's files, named by the commit. Each repository is kept
//! beside them, so that a commit that was fetched before needs no network.

use super::git;
use crate::project::package::{GitAsked, Repository, Wanted};
use crate::project::{without_passwords, without_tokens};
use crate::world::World;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

/// How long one waits before one asks again whether git has ended.
const PAUSE: Duration = Duration::from_millis(20);
/// The repository itself, beside the folders of its commits.
const OBJECTS: &str = "git";

/// Fetches repositories into one folder.
pub struct Fetcher<'a> {
    pub world: &'a dyn World,
    /// The project's folder.
    pub root: &'a Path,
    /// The folder of what was fetched.
    pub packages: PathBuf,
    /// How long one call of git may take.
    pub timeout: Duration,
}

/// Why there are no files, and what to do.
pub struct Refused {
    pub message: String,
    pub hint: &'static str,
}

impl Fetcher<'_> {
    /// The files of what is asked for, at the commit `locked` where there is one.
    pub fn get(&self, asked: &GitAsked, locked: Option<&str>) -> Result<Repository, Refused> {
        let own = asked.folder(&self.packages);
        let one = Fetch { fetcher: self, asked, objects: own.join(OBJECTS) };
        one.make()?;
        let commit = match locked {
            Some(commit) if one.named(commit).is_some() => commit.to_string(),
            Some(commit) => one.commit(commit)?,
            None => one.wanted()?,
        };
        let folder = own.join(&commit);
        one.check_out(&commit, &folder)?;
        Ok(Repository { folder, commit })
    }
}

/// One repository.
struct Fetch<'a> {
    fetcher: &'a Fetcher<'a>,
    asked: &'a GitAsked,
    /// A bare repository.
    objects: PathBuf,
}

impl Fetch<'_> {
    fn make(&self) -> Result<(), Refused> {
        if self.fetcher.world.exists(&self.objects.join("HEAD")) {
            return Ok(());
        }
        let mut command = git::fetching(self.fetcher.root);
        command.args(["init", "--quiet", "--bare", "--template="]).arg(&self.objects);
        self.run(command).map(drop)
    }

    /// The state that is asked for, as it is now.
    fn wanted(&self) -> Result<String, Refused> {
        match &self.asked.wanted {
            None => self.fetch("HEAD"),
            Some(Wanted::Tag(name)) => self.fetch(&format!("refs/tags/{name}")),
            Some(Wanted::Branch(name)) => self.fetch(&format!("refs/heads/{name}")),
            Some(Wanted::Rev(name)) => self.commit(name),
            Some(Wanted::Ref(name)) if is_commit(name) => self.fetch(name).or_else(|_| self.commit(name)),
            Some(Wanted::Ref(name)) => self.fetch(name),
        }
    }

    /// Fetches one state of the repository by its name there; gives its commit.
    fn fetch(&self, name: &str) -> Result<String, Refused> {
        let mut command = self.git();
        command.args([
            "fetch",
            "--quiet",
            "--depth",
            "1",
            "--no-tags",
            "--no-recurse-submodules",
            &self.address(),
            name,
        ]);
        self.run(command)?;
        self.named("FETCH_HEAD")
            .ok_or_else(|| self.refused(&format!("`{name}` is no commit"), "name a branch, a tag or a commit"))
    }

    /// The commit of this name or of a name that begins so. Some servers give none but by branches and tags.
    fn commit(&self, name: &str) -> Result<String, Refused> {
        if let Some(commit) = is_whole(name).then(|| self.fetch(name).ok()).flatten() {
            return Ok(commit);
        }
        let mut command = self.git();
        command.args(["fetch", "--quiet", "--force", "--no-recurse-submodules"]);
        if self.fetcher.world.exists(&self.objects.join("shallow")) {
            command.arg("--unshallow");
        }
        command.args([&self.address(), "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"]);
        self.run(command)?;
        let hint = "name a commit that a branch or a tag of it has; `fft deps --upgrade` forgets what is locked";
        self.named(name).ok_or_else(|| self.refused(&format!("it has no commit `{name}`"), hint))
    }

    /// The commit of a name that is known here.
    fn named(&self, name: &str) -> Option<String> {
        let mut command = self.git();
        command.args(["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{name}^{{commit}}")]);
        let commit = self.run(command).ok()?.trim().to_string();
        is_whole(&commit).then_some(commit)
    }

    /// Writes a commit's files, and nothing else, into its folder.
    fn check_out(&self, commit: &str, folder: &Path) -> Result<(), Refused> {
        let world = self.fetcher.world;
        // A file makes the folder; it is there as long as the rest isn't whole.
        let begun = folder.join(".fft-unfinished");
        let made = world.remove(folder).and_then(|()| world.store(&begun, commit.as_bytes()));
        made.map_err(|error| {
            self.refused(&format!("its files can't be written: {error}"), "make room, or let fft write here")
        })?;
        let mut command = self.git();
        command.arg("--work-tree").arg(folder).args(["checkout", "--quiet", "--force", commit, "--", "."]);
        self.run(command)?;
        world
            .remove(&begun)
            .map_err(|error| self.refused(&format!("its files can't be written: {error}"), "let fft write here"))
    }

    fn git(&self) -> Command {
        let mut command = git::fetching(self.fetcher.root);
        command.arg("--git-dir").arg(&self.objects);
        command
    }

    /// A folder counts from the project's.
    fn address(&self) -> String {
        let address = &self.asked.address;
        let remote = address.contains("://") || address.split('/').next().is_some_and(|host| host.contains(':'));
        if remote { address.clone() } else { self.fetcher.root.join(address).to_string_lossy().into_owned() }
    }

    fn refused(&self, why: &str, hint: &'static str) -> Refused {
        let why = why.replace(&self.address(), &self.asked.shown());
        let why = without_tokens(&without_passwords(&why));
        Refused { message: format!("{} can't be fetched: {why}", self.asked.shown()), hint }
    }

    /// What git says, or why it failed. It isn't waited for longer than is allowed.
    fn run(&self, mut command: Command) -> Result<String, Refused> {
        let hint = "install git, and see that it is on the PATH";
        let child = command.spawn().map_err(|error| self.refused(&format!("git can't be started: {error}"), hint))?;
        let Ended { success, said, told } = match ended(child, self.fetcher) {
            Some(ended) => ended,
            None => {
                let seconds = self.fetcher.timeout.as_secs();
                return Err(self
                    .refused(&format!("git took longer than {seconds} s"), "give it longer with `--timeout SECONDS`"));
            }
        };
        if success {
            return Ok(said);
        }
        let line = |line: &&str| !line.is_empty();
        let told: Vec<&str> = told.lines().map(str::trim).filter(line).take(4).collect();
        Err(self.refused(&told.join("; "), hint_of(&told.join(" "))))
    }
}

struct Ended {
    success: bool,
    said: String,
    told: String,
}

/// Waits for a process with all that it starts; `None` where it took too long, and is no more.
fn ended(mut child: Child, fetcher: &Fetcher<'_>) -> Option<Ended> {
    let (mut said, mut told) = (child.stdout.take(), child.stderr.take());
    let said = std::thread::spawn(move || text(said.as_mut()));
    let told = std::thread::spawn(move || text(told.as_mut()));
    let end = fetcher.world.elapsed() + fetcher.timeout;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if fetcher.world.elapsed() < end => std::thread::sleep(PAUSE),
            Ok(None) | Err(_) => {
                // It leads a group of its own.
                let _ = i32::try_from(child.id()).map(|leader| killpg(Pid::from_raw(leader), Signal::SIGKILL));
                let _ = child.wait();
                return None;
            }
        }
    };
    Some(Ended { success: status.success(), said: said.join().ok()?, told: told.join().ok()? })
}

fn text(from: Option<&mut impl Read>) -> String {
    let mut bytes = Vec::new();
    // What can't be read any more says nothing.
    let _ = from.map(|from| from.read_to_end(&mut bytes));
    String::from_utf8_lossy(&bytes).into_owned()
}

/// How what git says is mended.
fn hint_of(told: &str) -> &'static str {
    let lower = told.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if says(&[
        "could not read username",
        "could not read password",
        "authentication failed",
        "permission denied",
        "access denied",
    ]) {
        "let git in with a credential helper or an SSH key: nobody is asked for a password here"
    } else if says(&["couldn't find remote ref", "not our ref", "unadvertised object"]) {
        "name a branch, a tag or a commit that the repository has"
    } else if says(&["could not resolve host", "unable to access", "connection", "timed out"]) {
        "see that the server can be reached from here"
    } else {
        "see that the address is that of a repository which you may read"
    }
}

/// Whether a name may be the beginning of a commit's.
fn is_commit(name: &str) -> bool {
    name.len() >= 7 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether it is a commit's whole name.
fn is_whole(name: &str) -> bool {
    is_commit(name) && matches!(name.len(), 40 | 64)
}
