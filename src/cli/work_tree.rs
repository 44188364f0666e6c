//! Whether the project's files are those of the commit that is checked out, as git itself tells.
//!
//! It is asked while the project is read and the database opened. Where git isn't there, or takes the folder for none of
//! its own, nothing is known.

use super::prepare::Opened;
use crate::artifact::git;
use std::process::{Child, Command, Stdio};

/// A question to git that may be under way.
pub struct WorkTree(Option<Child>);

impl WorkTree {
    /// Begins to ask about everything in the project's folder but what fft itself writes.
    #[expect(clippy::disallowed_methods, reason = "git alone knows its index")]
    pub fn ask(opened: &Opened) -> WorkTree {
        let root = &opened.project.root;
        if git::commit(&*opened.world, root).is_none() {
            return WorkTree(None);
        }
        let written = [".fastflowtransform", ".local", &opened.project.settings.dag_dir];
        let excluded = written.map(|folder| format!(":(exclude){folder}"));
        // No program of the repository's own settings is started, and its index is left as it is.
        let status = ["-c", "core.fsmonitor=false", "--no-optional-locks", "status"];
        let all = ["--porcelain", "-z", "--untracked-files=all", "--", "."];
        let mut command = Command::new("git");
        command.args(status).args(all).args(excluded).current_dir(root);
        let asked = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        WorkTree(asked.ok())
    }

    /// Whether a file differs, or is unknown to git; `None` where that can't be told.
    pub fn differs(self) -> Option<bool> {
        let output = self.0?.wait_with_output().ok()?;
        output.status.success().then_some(!output.stdout.is_empty())
    }
}
